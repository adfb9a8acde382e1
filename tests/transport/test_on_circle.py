"""Facts about Wasserstein distances on a circle, against linear programs with the cost along the circle."""

import itertools
import math

import numpy
import pytest
from scipy.optimize import linprog

from gamedyn.transport import wasserstein_on_circle, wasserstein_on_line
from tests.conftest import PEERS

INF = math.inf


def along(x, y, period):
    """Distances along the circle, shape (n, m)."""
    gaps = numpy.abs(x[:, None] - y) % period
    return numpy.minimum(gaps, period - gaps)


def program(cost, v, w):
    """The least cost of a plan with margins v and w."""
    n, m = cost.shape
    margins = numpy.concatenate([numpy.kron(numpy.eye(n), numpy.ones(m)), numpy.kron(numpy.ones(n), numpy.eye(m))])
    wanted = numpy.concatenate([v / v.sum(), w / w.sum()])
    return max(linprog(cost.reshape(-1), A_eq=margins[:-1], b_eq=wanted[:-1]).fun, 0.0)


def oracle(x, y, order, period, v, w):
    distance = along(x, y, period)
    if order < INF:
        scale = distance.max() or 1.0
        return scale * program((distance / scale) ** order, v, w) ** (1 / order)
    # The smallest length such that no mass need go further.
    return next(t for t in numpy.unique(distance) if program(1.0 * (distance > t + 1e-9), v, w) < 1e-9)


@pytest.mark.parametrize("order", [1, 1.5, 2, 4, INF])
@pytest.mark.parametrize("period", [1.0, 24.0])
def test_agrees_with_the_linear_program(order, period, rng):
    for kind in range(8):
        n, m = rng.integers(1, 7, 2)
        x, y = rng.uniform(-2, 3, n) * period, rng.uniform(0, 0.3 if kind % 2 else 1, m) * period
        if kind == 2:
            x, y = x.round(), y.round()
        v, w = rng.integers(0, 4, n) + (numpy.arange(n) == 0), rng.integers(1, 4, m)
        plain = numpy.ones(n), numpy.ones(m)
        for weights, arguments in ((plain, ()), ((v, w), (v, w))):
            value = float(wasserstein_on_circle(x, y, order, period, *arguments))
            assert value == pytest.approx(oracle(x, y, order, period, *weights), rel=1e-6, abs=1e-9 * period)


@pytest.mark.parametrize("order", [1, 2, 7, 600, INF])
def test_equal_sizes_are_the_best_cyclic_shift(order, rng):
    # Mass of equal points moves as a shift of the sorted ones, over all shifts and turns.
    x, y = numpy.sort(rng.random(9)), numpy.sort(rng.random(9) ** 2)
    turned = numpy.concatenate([y - 1, y, y + 1])
    gaps = numpy.array([numpy.abs(x - turned[k : k + 9]) for k in range(19)])
    largest = gaps.max(axis=1)
    norms = largest if order == INF else largest * ((gaps / largest[:, None]) ** order).mean(axis=1) ** (1 / order)
    assert float(wasserstein_on_circle(x, y, order, 1.0)) == pytest.approx(norms.min(), rel=1e-13, abs=0.0)


@pytest.mark.parametrize("order", [1, 2, 3.5, INF])
def test_a_small_rotation_costs_itself(order, rng):
    x = rng.uniform(0, 2 * math.pi, 30)
    v = rng.random(30)
    for weights in ((), (v, v)):
        value = wasserstein_on_circle(x, x + 0.01 + 4 * math.pi, order, 2 * math.pi, *weights)
        assert float(value) == pytest.approx(0.01, rel=1e-11, abs=0.0)
        turned = [weight[::-1] for weight in weights]
        assert (
            float(wasserstein_on_circle(x[::-1], x - 2 * math.pi, order, 2 * math.pi, *turned[:1], *weights[1:]))
            < 1e-15
        )


def test_opposite_points_are_half_a_turn_apart_and_samples_in_an_arc_lie_on_a_line(rng):
    assert float(wasserstein_on_circle([0.0, 0.0], [math.pi, math.pi])) == math.pi
    assert float(wasserstein_on_circle([1.0], [13.0], 2, 24.0)) == 12.0
    x, y, v = rng.random(8), rng.random(6), rng.random(8)
    for order in (1, 2, INF):
        for weights in ((), (v, None)):
            line = float(wasserstein_on_line(x, y, order, *weights))
            assert float(wasserstein_on_circle(x, y, order, 4.0, *weights)) == pytest.approx(line, rel=1e-13, abs=0.0)


def test_power_and_batches(rng):
    x, y, v = rng.random((5, 3)), rng.random((7, 3)), rng.random((5, 3))
    batch = wasserstein_on_circle(x, y, 2, 1.0, x_weights=v, axis=0)
    one = [float(wasserstein_on_circle(x[:, k], y[:, k], 2, 1.0, v[:, k])) for k in range(3)]
    numpy.testing.assert_allclose(batch, one, rtol=1e-14)
    numpy.testing.assert_allclose(wasserstein_on_circle(x, y, 2, 1.0, v, axis=0, power=True), batch**2, rtol=1e-13)
    assert wasserstein_on_circle(x.T[:, None], y.T, 1, 1.0).shape == (3, 3)


@pytest.mark.parametrize("order", [1, 2, INF])
def test_levels_that_differ_by_rounding_cost_nothing(order):
    v, w = [0.1, 0.2, 0.7], [0.3, 0.7]
    value = wasserstein_on_circle([0.1, 0.1, 0.6], [0.1, 0.6], order, 1.0, v, w)
    assert float(value) <= (1e-16 if order == 1 else 0.0)


def test_keeps_library_and_dtype(library, rng):
    x, y, v = rng.random((2, 5)), rng.random(4), rng.random(5)
    for order, weights in itertools.product((1, 2), ({}, {"x_weights": v})):
        expected = wasserstein_on_circle(x, y, order, 1.0, **weights)
        for dtype, tolerance in (("float64", 1e-13), ("float32", 1e-5)):
            kept = {name: library.asarray(w, dtype) for name, w in weights.items()}
            value = wasserstein_on_circle(library.asarray(x, dtype), library.asarray(y, dtype), order, 1.0, **kept)
            assert library.owns(value, dtype)
            numpy.testing.assert_allclose(library.host(value), expected, rtol=tolerance)


@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
@pytest.mark.parametrize("order", [1, 2, 3])
def test_gradients_flow_and_are_finite_at_coincident_points(order):
    import jax
    import torch

    jax.config.update("jax_enable_x64", True)
    # 23 h goes to 2 h and 4 h to 5 h: gaps 3 and 1, W = ((3^p + 1) / 2)^(1/p).
    x, y = numpy.array([4.0, 23.0]), numpy.array([2.0, 5.0])
    w = ((3**order + 1) / 2) ** (1 / order)
    expected = [-(w ** (1 - order)) / 2, -(3 ** (order - 1)) * w ** (1 - order) / 2]
    by_jax = jax.grad(lambda u: wasserstein_on_circle(u, jax.numpy.asarray(y), order, 24.0, check=False))
    numpy.testing.assert_allclose(by_jax(jax.numpy.asarray(x)), expected, rtol=1e-12)
    u = torch.tensor(x, requires_grad=True)
    wasserstein_on_circle(u, torch.tensor(y), order, 24.0).backward()
    numpy.testing.assert_allclose(u.grad, expected, rtol=1e-12)
    assert numpy.isfinite(by_jax(jax.numpy.asarray(y))).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [1.0]), "`x` must hold at least one value"),
        (([1.0, math.nan], [1.0]), r"`x` must be finite, got x\[1\] = nan"),
        (([1.0], [1.0], 0.5), r"`order` must lie in \[1, inf\], got 0.5"),
        (([1.0], [1.0], 1, 0.0), "`period` must be positive and finite, got 0"),
        (([1.0, 2.0], [1.0], 1, 1.0, [1.0, -1.0]), "`x_weights` must be >= 0"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        wasserstein_on_circle(*arguments)
    with pytest.raises(ValueError, match="`power` must be False"):
        wasserstein_on_circle([1.0], [1.0], INF, power=True)
