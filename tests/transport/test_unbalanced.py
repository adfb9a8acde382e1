"""Facts about unbalanced entropic transport: closed forms, limits, and its value to 40 digits."""

import math

import mpmath
import numpy
import pytest

from gamedyn.transport import sinkhorn, unbalanced_sinkhorn
from tests.transport.entropic_oracle import solve
from tests.transport.test_sinkhorn import distances, problem


@pytest.mark.parametrize("tau", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("epsilon", [1.0, 0.05])
def test_agrees_with_newtons_method_in_40_digits(tau, epsilon, rng):
    x, y, a, b = problem(rng)
    b = 2.5 * b
    objective, paid, plan, f, g = solve(distances(x, y, 2), a, b, epsilon, tau)
    given = {"epsilon": epsilon, "marginal_penalty": tau, "x_weights": a, "y_weights": b, "tolerance": 1e-12}
    result = unbalanced_sinkhorn(x, y, return_result=True, **given)
    assert float(result.value) == pytest.approx(float(objective), rel=1e-12, abs=0.0)
    assert float(result.transport_cost) == pytest.approx(float(paid), rel=1e-9, abs=0.0)
    numpy.testing.assert_allclose(result.plan.dense(), numpy.array(plan, dtype=float), rtol=1e-8)
    for found, wanted in zip(result.potentials, (f, g), strict=True):
        numpy.testing.assert_allclose(found, numpy.array(wanted, dtype=float), rtol=1e-8, atol=1e-8)
    assert result.converged
    assert math.isnan(result.lower)
    cost = distances(x, y, 2)
    assert float(unbalanced_sinkhorn(cost=cost, **given)) == pytest.approx(float(objective), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("penalties", [(1.0, 1.0), (0.3, 4.0), (math.inf, 2.0), (0.5, math.inf)])
def test_two_diracs_have_a_closed_form(penalties):
    # One number p: c + eps log(p / ab) + tau_1 log(p / a) + tau_2 log(p / b) = 0, where inf fixes p.
    a, b, c, epsilon = 1.5, 0.4, 0.8, 0.2
    first, second = penalties
    if math.inf in penalties:
        p = a if first == math.inf else b
    else:
        top = epsilon * math.log(a * b) + first * math.log(a) + second * math.log(b) - c
        p = math.exp(top / (epsilon + first + second))

    def kl(q):
        return p * math.log(p / q) - p + q

    expected = p * c + epsilon * kl(a * b)
    expected += sum(tau * kl(q) for tau, q in ((first, a), (second, b)) if tau != math.inf)
    given = {"epsilon": epsilon, "marginal_penalty": penalties, "tolerance": 1e-13}
    result = unbalanced_sinkhorn(cost=[[c]], x_weights=[a], y_weights=[b], return_result=True, **given)
    assert float(result.value) == pytest.approx(expected, rel=1e-12, abs=0.0)
    assert float(result.plan.dense()[0, 0]) == pytest.approx(p, rel=1e-12, abs=0.0)
    assert float(result.transport_cost) == pytest.approx(p * c, rel=1e-12, abs=0.0)


def test_large_penalties_give_balanced_transport(rng):
    x, y, a, b = problem(rng, 10, 12)
    given = {"epsilon": 0.05, "x_weights": a, "y_weights": b}
    balanced = float(sinkhorn(x, y, tolerance=1e-10, **given))
    assert float(unbalanced_sinkhorn(x, y, marginal_penalty=math.inf, **given)) == pytest.approx(balanced, rel=1e-9)
    gaps = [
        balanced - float(unbalanced_sinkhorn(x, y, marginal_penalty=tau, tolerance=1e-10, **given))
        for tau in (10.0, 100.0, 1000.0)
    ]
    # The gap is |dual potentials|^2 / (2 tau) to first order.
    assert 0 < gaps[2] < gaps[1] < gaps[0]
    assert gaps[1] / gaps[2] == pytest.approx(10.0, rel=0.05)


def test_small_penalties_move_nothing(rng):
    x, y = rng.random((5, 2)), rng.random((4, 2)) + 10
    result = unbalanced_sinkhorn(x, y, epsilon=0.1, marginal_penalty=0.5, return_result=True)
    # Throwing everything away costs tau (1 + 1) and eps.
    assert float(result.value) == pytest.approx(0.5 * 2 + 0.1, rel=1e-9)
    assert float(result.plan.dense().sum()) < 1e-40


def test_few_sweeps_suffice_for_large_penalties(rng):
    # Alternate steps alone contract by (1 + eps / tau)^-2 = 1 - 2e-5 a sweep.
    x, y, a, b = problem(rng, 10, 12)
    given = {"x_weights": a, "y_weights": 3 * b, "return_result": True}
    assert unbalanced_sinkhorn(x, y, epsilon=0.1, marginal_penalty=1e4, **given).iterations < 100


def test_result_of_every_library(library, rng):
    x, y, a, b = problem(rng, 8, 6)
    given = {"epsilon": 0.1, "marginal_penalty": (0.5, 2.0)}
    expected = unbalanced_sinkhorn(x, y, x_weights=a, y_weights=2 * b, **given)
    native = [library.asarray(array) for array in (x, y, a, 2 * b)]
    value = unbalanced_sinkhorn(native[0], native[1], x_weights=native[2], y_weights=native[3], **given)
    assert library.owns(value)
    assert float(value) == pytest.approx(float(expected), rel=1e-12, abs=0.0)


def in_60_digits(cost, a, b, epsilon, tau):
    """The dual at the end of alternate steps in 60 digits, which hot problems reach in a few."""
    exp, log, expm1 = (numpy.frompyfunc(name, 1, 1) for name in (mpmath.exp, mpmath.log, mpmath.expm1))
    with mpmath.workdps(60):
        a, b, c = (numpy.vectorize(mpmath.mpf, otypes=[object])(array) for array in (a, b, cost))
        epsilon, tau = mpmath.mpf(epsilon), mpmath.mpf(tau)
        g, damp = 0 * b, tau * epsilon / (tau + epsilon)
        for _ in range(12):
            f = -damp * log(exp((g - c) / epsilon) @ b)
            g = -damp * log(a @ exp((f[:, None] - c) / epsilon))
        inner = a @ expm1((f[:, None] + g - c) / epsilon) @ b
        return float(-tau * (a @ expm1(-f / tau) + b @ expm1(-g / tau)) - epsilon * inner)


@pytest.mark.parametrize("masses", [(1.0, 1.0), (1.0, 2.5), (3.0, 1.0), (2.0, 2.5)])
@pytest.mark.parametrize("epsilon", [1e5, 1e13, 1e100, 1e300])
def test_no_digit_is_lost_at_high_temperatures(masses, epsilon, rng):
    x, y, a, b = problem(rng, 7, 5)
    a, b = masses[0] * a / a.sum(), masses[1] * b / b.sum()
    cost = distances(x, y, 2)
    given = {"x_weights": a, "y_weights": b, "epsilon": epsilon}
    for tau in (1e-3, 1.0):
        value = float(unbalanced_sinkhorn(cost=cost, marginal_penalty=tau, **given))
        assert value == pytest.approx(in_60_digits(cost, a, b, epsilon, tau), rel=1e-13, abs=0.0)
        assert float(unbalanced_sinkhorn(x, y, marginal_penalty=tau, max_bytes=1, **given)) == pytest.approx(
            value, rel=1e-13, abs=0.0
        )


@pytest.mark.parametrize("epsilon", [1e13, 1e100, 1e300])
@pytest.mark.parametrize("penalties", [(1.0, math.inf), (math.inf, 1.0), (math.inf, math.inf)])
def test_fixed_margins_at_high_temperatures(epsilon, penalties, library, rng):
    x, y, a, b = problem(rng, 7, 5)
    a, b = a / a.sum(), b / b.sum()
    native = [library.asarray(array) for array in (x, y, a, b)]
    given = {"epsilon": epsilon, "marginal_penalty": penalties, "x_weights": native[2], "y_weights": native[3]}
    # The plan is the product of the masses, up to c / eps.
    value = float(unbalanced_sinkhorn(native[0], native[1], **given))
    assert value == pytest.approx(a @ distances(x, y, 2) @ b, rel=1e-12, abs=0.0)


@pytest.mark.peers
def test_slopes_at_high_temperatures(rng):
    torch = pytest.importorskip("torch")
    x, y, a, b = (torch.asarray(array) for array in problem(rng, 7, 5))
    a, b = (3 * a / a.sum()).requires_grad_(), (b / b.sum()).requires_grad_()
    cost = torch.asarray(distances(x.numpy(), y.numpy(), 2))
    given = {"epsilon": 1e100, "marginal_penalty": 0.5, "y_weights": b}
    unbalanced_sinkhorn(cost=cost, x_weights=a, **given).backward()
    # Of sum a c b + tau (A (B log B - B + 1) + B (A log A - A + 1)) at A = 3, B = 1.
    by_a, by_b = (array.detach().numpy() for array in (cost @ b, a @ cost))
    numpy.testing.assert_allclose(a.grad.numpy(), by_a + 0.5 * math.log(3), rtol=1e-13)
    numpy.testing.assert_allclose(b.grad.numpy(), by_b + 0.5 * (3 * math.log(3) - 2), rtol=1e-13)


def test_blocks_at_high_temperatures_add_up(rng):
    x, y, a, b = problem(rng, 300, 280)  # two blocks
    a, b = 3 * a / a.sum(), b / b.sum()
    value = float(unbalanced_sinkhorn(x, y, epsilon=1e100, marginal_penalty=0.5, x_weights=a, y_weights=b))
    expected = a @ distances(x, y, 2) @ b + 0.5 * (3 * math.log(3) - 2)
    assert value == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_too_high_temperatures_are_named(rng):
    x, y, a, b = problem(rng, 7, 5)
    given = {"x_weights": 3 * a / a.sum(), "y_weights": b / b.sum()}
    with pytest.raises(ValueError, match=r"`epsilon` must be at most .*, beyond which a fixed margin .*, got 1e\+100"):
        unbalanced_sinkhorn(x, y, epsilon=1e100, marginal_penalty=(math.inf, 1.0), **given)
    with pytest.raises(ValueError, match=r"`epsilon` must be at most 4e\+297 for `marginal_penalty` = 1e-10"):
        unbalanced_sinkhorn(x, y, epsilon=1e300, marginal_penalty=1e-10, **given)
    with pytest.raises(ValueError, match=r"`epsilon` must be at most .*underflows, .* float32, got 1e\+100"):
        sinkhorn(x.astype("float32"), y.astype("float32"), epsilon=1e100)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"marginal_penalty": 0.0}, "`marginal_penalty` must be positive"),
        ({"marginal_penalty": math.nan}, "`marginal_penalty` must be positive"),
        ({"marginal_penalty": (1.0, 2.0, 3.0)}, "`marginal_penalty` must be one number or two, got 3"),
        ({"marginal_penalty": math.inf, "x_weights": [2.0]}, "`marginal_penalty` must be finite for one margin"),
        ({"marginal_penalty": 1.0, "x_weights": [-2.0]}, "`x_weights` must be >= 0"),
        ({"marginal_penalty": 1.0, "epsilon": 0.0}, "`epsilon` must be positive"),
    ],
)
def test_bad_input_is_one_sentence(given, message):
    with pytest.raises(ValueError, match=message):
        unbalanced_sinkhorn(**{"x": [1.0], "y": [2.0], "epsilon": 1.0, **given})
