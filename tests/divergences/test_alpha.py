"""The alpha divergences: the members that they pass through, their poles, and orders that are none."""

import math

import mpmath
import numpy
import pytest

from gamedyn.divergences import (
    AlphaDivergence,
    alpha_divergence,
    kl_divergence,
    neyman_divergence,
    pearson_divergence,
    squared_hellinger_distance,
)
from tests.divergences.oracles import relative_error

P, Q = [0.5, 0.25, 0.25, 0.0], [0.25, 0.5, 0.0, 0.25]
R, S = [0.125, 0.375, 0.5], [0.25, 0.5, 0.25]


@pytest.mark.parametrize(
    ("alpha", "multiple", "function"),
    [
        (0.5, 4.0, squared_hellinger_distance),
        (1.0, 1.0, kl_divergence),
        (0.0, 1.0, lambda p, q: kl_divergence(q, p)),
        (2.0, 0.5, pearson_divergence),
        (-1.0, 0.5, neyman_divergence),
    ],
)
def test_members_of_the_family(alpha, multiple, function):
    assert float(alpha_divergence(R, S, alpha)) == pytest.approx(multiple * float(function(R, S)), rel=1e-14, abs=0.0)
    assert float(alpha_divergence(P, Q, alpha)) == pytest.approx(multiple * float(function(P, Q)), rel=1e-14, abs=0.0)


def test_by_hand():
    # a = 3, p = (1/2, 1/2), q = (1/4, 3/4): (8/4^2 ... ) sum p^3 q^-2 = 2 + 2/9, less 1, over 6.
    assert float(alpha_divergence([0.5, 0.5], [0.25, 0.75], 3)) == pytest.approx(
        (2 + 2 / 9 - 1) / 6, rel=1e-14, abs=0.0
    )


@pytest.mark.parametrize("offset", [1e-3, 1e-8, 1e-15, -1e-3, -1e-8, -1e-15, 5e-324])
@pytest.mark.parametrize("pole", [0.0, 1.0])
def test_next_to_the_poles(pole, offset):
    alpha = pole + offset
    with mpmath.workdps(400):
        a = mpmath.mpf(alpha)
        total = mpmath.fsum(mpmath.mpf(p) ** a * mpmath.mpf(q) ** (1 - a) for p, q in zip(R, S, strict=True))
        divisor = a * (a - 1)
        truth = (
            (total - 1) / divisor
            if divisor != 0
            else mpmath.fsum(mpmath.mpf(p) * mpmath.log(mpmath.mpf(p) / q) for p, q in zip(R, S, strict=True))
        )
    assert relative_error(alpha_divergence(R, S, alpha), truth) < 2e-15


def test_unequal_supports():
    for alpha in (1.0, 1.5):
        assert float(alpha_divergence([0.5, 0.5], [1.0, 0.0], alpha)) == math.inf
        assert float(alpha_divergence([1.0, 0.0], [0.5, 0.5], 1 - alpha)) == math.inf
        assert math.isfinite(float(alpha_divergence([1.0, 0.0], [0.5, 0.5], alpha)))
    assert float(alpha_divergence([1.0, 0.0], [0.0, 1.0], 0.25)) == pytest.approx(16 / 3, rel=1e-15)


def test_powers_of_subnormal_masses():
    # q (p / q)^a of masses whose ratio, or whose power, leaves the range of numbers.
    for p, q, alpha in (([1.0, 5e-324], [1.0, 0.25], 0.3), ([1.0, 0.25], [1.0, 5e-324], 1.3), ([1e150], [1e-150], 1.5)):
        with mpmath.workdps(700):
            a = mpmath.mpf(alpha)
            truth = mpmath.fsum(
                (mpmath.mpf(x) ** a * mpmath.mpf(y) ** (1 - a) - a * x - (1 - a) * y) / (a * (a - 1))
                for x, y in zip(p, q, strict=True)
            )
        assert relative_error(alpha_divergence(p, q, alpha, normalize=None), truth) < 2e-15


@pytest.mark.parametrize("logit", [-1000.0, -math.inf])
def test_gap_of_a_critic_that_sees_no_p_at_all(logit):
    # At T = -1 / (a - 1), f* = -1 / a, the gap is sum p^a q^(1 - a) / (a (a - 1)), though the tilted masses underflow.
    gap = float(AlphaDivergence(2.5).gap([0.5, 0.5], [0.25, 0.75], [logit, logit]))
    expected = (0.5**2.5 * 0.25**-1.5 + 0.5**2.5 * 0.75**-1.5) / 3.75
    assert gap == pytest.approx(expected, rel=1e-14, abs=0.0)


def test_large_orders():
    # A ratio of masses to the power 40 carries 40 roundings.
    for alpha in (40.0, -40.0):
        with mpmath.workdps(60):
            a = mpmath.mpf(alpha)
            total = mpmath.fsum(mpmath.mpf(p) ** a * mpmath.mpf(q) ** (1 - a) for p, q in zip(R, S, strict=True))
            truth = (total - 1) / (a * (a - 1))
        assert relative_error(alpha_divergence(R, S, alpha), truth) < 40 * 4e-16


@pytest.mark.parametrize("alpha", [-1.5, 0.0, 0.3, 1.0, 2.5])
def test_conjugate_next_to_zero_keeps_its_digits(alpha):
    # f*(t) = t + t^2 / 2 + (2 - alpha) t^3 / 6 + ..., since f'(1) = 0 and f''(1) = 1.
    assert float(AlphaDivergence(alpha).conjugate(1e-9)) == pytest.approx(1e-9 + 0.5e-18, rel=4e-16, abs=0.0)


@pytest.mark.parametrize(
    ("alpha", "error", "message"),
    [
        (numpy.nan, ValueError, "`alpha` must be finite, got nan"),
        (numpy.inf, ValueError, "`alpha` must be finite, got inf"),
        ("1", TypeError, "`alpha` must be a number, got '1' of type str"),
        (True, TypeError, "`alpha` must be a number"),
        (None, TypeError, "`alpha` must be a number"),
    ],
)
def test_orders_that_are_none(alpha, error, message):
    with pytest.raises(error, match=message):
        alpha_divergence(R, S, alpha)


def test_no_base():
    with pytest.raises(ValueError, match="alpha_divergence has no logarithm"):
        AlphaDivergence(0.5)(R, S, base=2)


def test_the_object_says_its_order():
    assert AlphaDivergence(numpy.float32(0.5)) == AlphaDivergence(0.5)
    assert repr(AlphaDivergence(2)) == "AlphaDivergence(alpha=2.0)"
    estimate = alpha_divergence(R, S, 0.5, return_estimate=True)
    assert estimate.definition == "sum (p^a q^(1 - a) - a p - (1 - a) q) / (a (a - 1)), a = 0.5"
    assert alpha_divergence(R, S, 1, return_estimate=True).definition == "sum p log(p / q) - p + q"
    assert alpha_divergence(R, S, 0, return_estimate=True).definition == "sum q log(q / p) - q + p"
