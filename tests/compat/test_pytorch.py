"""kl_div against its formula, and against PyTorch where it is installed."""

import math

import numpy
import pytest

from gamedyn import compat
from gamedyn.divergences import kl_divergence


@pytest.mark.parametrize("log_target", [False, True])
def test_reductions(log_target, library, rng):
    p, q = rng.dirichlet(numpy.ones(4), size=(2, 5))
    p[0] = [0.5, 0.5, 0.0, 0.0]
    q[0] = [0.25, 0.75, 0.0, 0.0]
    with numpy.errstate(divide="ignore"):
        arguments = library.asarray(numpy.log(q)), library.asarray(numpy.log(p) if log_target else p)
    rows = kl_divergence(p, q)
    for reduction, expected in (("sum", rows.sum()), ("batchmean", rows.mean()), ("mean", rows.sum() / 20)):
        found = compat.pytorch.kl_div(*arguments, reduction, log_target)
        assert library.owns(found)
        assert float(found) == pytest.approx(expected, rel=1e-13, abs=0.0)
    terms = library.host(compat.pytorch.kl_div(*arguments, "none", log_target))
    numpy.testing.assert_allclose(terms.sum(axis=1), rows, rtol=1e-13)
    numpy.testing.assert_array_equal(terms[0, 2:], 0.0)
    if not log_target:
        assert float(compat.pytorch.kl_div(*arguments)) == float(compat.pytorch.kl_div(*arguments, "mean", False))


def test_wrong_reduction():
    with pytest.raises(ValueError, match="`reduction` must be one of 'mean', 'batchmean', 'sum', 'none', got 'max'"):
        compat.pytorch.kl_div([math.log(0.5)], [1.0], "max")


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore:reduction")
@pytest.mark.parametrize("reduction", ["mean", "batchmean", "sum", "none"])
@pytest.mark.parametrize("log_target", [False, True])
def test_against_pytorch(reduction, log_target, rng):
    import torch

    p, q = rng.dirichlet(numpy.ones(4), size=(2, 5))
    target = numpy.log(p) if log_target else p
    expected = torch.nn.functional.kl_div(
        torch.asarray(numpy.log(q)), torch.asarray(target), reduction=reduction, log_target=log_target
    )
    found = compat.pytorch.kl_div(numpy.log(q), target, reduction, log_target)
    numpy.testing.assert_allclose(found, expected.numpy(), rtol=1e-13)
