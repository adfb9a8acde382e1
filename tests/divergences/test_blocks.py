"""Large batches are cut into blocks, and positive masses take a faster form: the numbers are the same."""

import numpy
import pytest

from gamedyn import divergences
from gamedyn.divergences import _blocks
from tests.cases import DIVERGENCES

every_divergence = pytest.mark.parametrize("divergence", DIVERGENCES, ids=lambda d: type(d).__name__)


@every_divergence
@pytest.mark.parametrize("shape", [(70, 1000), (3, 40, 500), (2, 40000), (2, 2, 40000)])
@pytest.mark.parametrize("normalize", [False, True])
def test_blocks_change_nothing(divergence, shape, normalize, rng, monkeypatch):
    p, q = rng.random((2, *shape))
    q[0] = p[0] * (1 + 1e-5 * q[0])
    p[-1, ..., 0] = 0.0
    p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
    assert p.size > _blocks._ENTRIES
    blocked = divergence(p, q, normalize=normalize)
    monkeypatch.setattr(_blocks, "_ENTRIES", 10**9)
    # A row is summed as before; only the choice between two equal forms of its terms may differ.
    numpy.testing.assert_allclose(blocked, divergence(p, q, normalize=normalize), rtol=1e-13)


@pytest.mark.parametrize("name", ["kl_divergence", "jensen_shannon_divergence"])
@pytest.mark.parametrize("step", [2.0, 0.3, 1e-6])
@pytest.mark.parametrize("order", ["C", "F"])
def test_positive_form_equals_the_other(name, step, order, rng):
    # One empty outcome more sends the same masses through the general form.
    p = rng.random((40, 300)) + 1e-3
    q = p * (1 + step * rng.random((40, 300)))
    p, q = (numpy.asarray(a / a.sum(axis=-1, keepdims=True), order=order) for a in (p, q))
    empty = numpy.zeros((40, 1))
    general = getattr(divergences, name)(numpy.hstack([p, empty]), numpy.hstack([q, empty]))
    before = p.copy(), q.copy()
    numpy.testing.assert_allclose(getattr(divergences, name)(p, q), general, rtol=2e-14)
    numpy.testing.assert_array_equal(p, before[0])
    numpy.testing.assert_array_equal(q, before[1])
