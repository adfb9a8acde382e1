"""Facts about exact transport for a matrix of costs."""

import itertools
import math

import numpy
import pytest

from gamedyn.transport import optimal_transport, wasserstein_distance
from tests.conftest import PEERS


def test_is_the_best_permutation(rng):
    for _ in range(5):
        cost = rng.random((5, 5))
        best = min(sum(cost[i, s[i]] for i in range(5)) / 5 for s in itertools.permutations(range(5)))
        for method in ("auto", "lp"):
            assert float(optimal_transport(cost, method=method)) == pytest.approx(best, rel=1e-12, abs=0.0)


def test_agrees_with_points(rng):
    x, y, v = rng.standard_normal((9, 2)), rng.standard_normal((7, 2)), rng.random(9)
    cost = numpy.linalg.norm(x[:, None] - y, axis=-1) ** 2
    result = optimal_transport(cost, v, return_result=True)
    points = wasserstein_distance(x, y, 2, v, return_result=True)
    assert float(result.value) == pytest.approx(float(points.value) ** 2, rel=1e-12, abs=0.0)
    numpy.testing.assert_allclose(result.plan.dense(), points.plan.dense(), atol=1e-12)
    assert result.critic is None
    assert result.lower <= float(result.value) <= result.upper
    f, g = result.potentials
    assert (f[:, None] + g <= cost + 1e-13).all()
    assert f @ v / v.sum() + g.mean() == pytest.approx(float(result.value), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("scale", [1e32, 1e300, 1e-300])
def test_costs_of_any_scale_are_solved(scale, rng):
    cost = numpy.array([[1.0, 2.0, 9.0], [4.0, 3.0, 9.0], [9.0, 9.0, 1.0]]) * scale
    for weights in (None, [1.0, 1.0, 2.0]):
        result = optimal_transport(cost, weights, weights, return_result=True)
        best = (1 + 3 + 1) / 3 if weights is None else (1 + 3 + 2) / 4
        assert float(result.value) == pytest.approx(best * scale, rel=1e-12, abs=0.0)
        assert result.converged


def test_keeps_library_and_dtype(library, rng):
    cost, v = rng.random((4, 5)), rng.random(4)
    expected = optimal_transport(cost, v)
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
        result = optimal_transport(library.asarray(cost, dtype), library.asarray(v, dtype), return_result=True)
        for array in (result.value, result.plan.dense(), *result.potentials):
            assert library.owns(array, dtype)
        numpy.testing.assert_allclose(library.host(result.value), expected, rtol=tolerance)


@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
def test_gradients_are_plan_and_potentials(rng):
    import jax
    import torch

    jax.config.update("jax_enable_x64", True)
    cost, v = rng.random((4, 5)), rng.random(4)
    result = optimal_transport(cost, v, return_result=True)
    by_cost = jax.grad(optimal_transport)(jax.numpy.asarray(cost), jax.numpy.asarray(v))
    numpy.testing.assert_allclose(by_cost, result.plan.dense(), atol=1e-12)
    t, w = torch.tensor(cost, requires_grad=True), torch.tensor(v, requires_grad=True)
    optimal_transport(t, w).backward()
    numpy.testing.assert_allclose(t.grad, by_cost, atol=1e-12)
    h = 1e-6
    for k in range(4):
        step = h * numpy.eye(4)[k]
        difference = (optimal_transport(cost, v + step) - optimal_transport(cost, v - step)) / (2 * h)
        assert float(w.grad[k]) == pytest.approx(float(difference), abs=1e-7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[math.nan, 1.0]],), r"`cost` must be finite, got cost\[0, 0\] = nan"),
        (([[1.0, math.inf]],), r"`cost` must be finite, got cost\[0, 1\] = inf"),
        (([[1.0, -2.0]],), "`cost` must be >= 0, got a smallest entry of -2"),
        (([1.0, 2.0],), r"`cost` must have shape \(n, m\)"),
        ((numpy.zeros((0, 3)),), r"`cost` must have shape \(n, m\) and hold a number"),
        (([[1.0, 2.0]], [1.0], [1.0]), "`y_weights` must have one weight for each of 2"),
        (([[1.0, 2.0]], [1.0], [1.0, -1.0]), "`y_weights` must be >= 0"),
        (([[1.0, 2.0]], [1.0], [0.0, 0.0]), "`y_weights` must have a positive sum"),
        (([[1.0, 2.0]], None, None, "sinkhorn"), "`method` must be one of"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        optimal_transport(*arguments)
