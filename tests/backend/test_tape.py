"""Facts about gradient tapes."""

import numpy
import pytest

from gamedyn.backend import off_tape, on_tape
from tests.conftest import PEERS


def test_arrays_without_a_tape_are_constants(library):
    array = library.asarray([1.0, 2.0])
    assert not on_tape(array)
    numpy.testing.assert_array_equal(library.host(off_tape(array)), [1.0, 2.0])
    assert library.owns(off_tape(array))


@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
def test_tapes_are_seen_and_left():
    import jax
    import torch

    array = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    assert on_tape(array)
    assert not on_tape(off_tape(array))
    with torch.no_grad():
        assert not on_tape(array)

    def product(x):
        assert on_tape(x)
        assert not on_tape(off_tape(x))
        return (x * off_tape(x)).sum()

    numpy.testing.assert_array_equal(jax.grad(product)(jax.numpy.asarray([1.0, 2.0])), [1.0, 2.0])
