"""Renyi's divergence and its multiples: limits, monotone in the order, far and near, for pmfs and Distributions."""

import math

import mpmath
import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn.divergences import (
    alpha_divergence,
    bhattacharyya_distance,
    hellinger_distance,
    kl_divergence,
    renyi_divergence,
    squared_hellinger_distance,
    tsallis_divergence,
)
from tests.divergences.oracles import relative_error

P, Q = [0.5, 0.5, 0.0], [0.25, 0.25, 0.5]


def test_limits():
    # q(p > 0) = 1/2, KL = log 2, max p / q = 2: every order gives log 2.
    for alpha in (0.0, 0.3, 1.0, 2.0, 1000.0, math.inf):
        assert float(renyi_divergence(P, Q, alpha)) == pytest.approx(math.log(2), rel=1e-14, abs=0.0)
        assert float(renyi_divergence(P, Q, alpha, base=2)) == pytest.approx(1.0, rel=1e-14, abs=0.0)
    p, q = [0.5, 0.5], [0.25, 0.75]
    assert float(renyi_divergence(p, q, 0.0)) == 0.0
    assert float(renyi_divergence(p, q, 1.0)) == float(kl_divergence(p, q))
    assert float(renyi_divergence(p, q, math.inf)) == pytest.approx(math.log(2), rel=1e-15, abs=0.0)
    assert float(renyi_divergence(p, q, 1e6)) == pytest.approx(math.log(2), rel=2e-6, abs=0.0)


def test_unequal_supports():
    # p puts half its mass where q has none: sum p^a q^(1 - a) = 2^-a.
    assert float(renyi_divergence([0.5, 0.5], [1.0, 0.0], 0.25)) == pytest.approx(math.log(2) / 3, rel=1e-14, abs=0.0)
    for alpha in (1.0, 2.0, math.inf):
        assert float(renyi_divergence([0.5, 0.5], [1.0, 0.0], alpha)) == math.inf
    for alpha in (0.0, 0.5, 1.0, 3.0, math.inf):
        assert float(renyi_divergence([1.0, 0.0], [0.0, 1.0], alpha)) == math.inf
    assert float(bhattacharyya_distance([1.0, 0.0], [0.0, 1.0])) == math.inf
    assert float(hellinger_distance([1.0, 0.0], [0.0, 1.0])) == 1.0
    assert float(tsallis_divergence([1.0, 0.0], [0.25, 0.75], 0.0)) == 0.75


@pytest.mark.parametrize("alpha", [0.2, 0.5, 0.9])
def test_nearly_disjoint(alpha):
    # 1 - alpha (1 - alpha) D has no digit left here, and sums of powers may underflow.
    for tiny in (1e-20, 1e-200, 5e-324):
        p, q = [1.0, tiny], [tiny, 1.0]
        with mpmath.workdps(60):
            a, t = mpmath.mpf(alpha), mpmath.mpf(tiny)
            truth = mpmath.log(t ** (1 - a) + t**a) / (a - 1)
        assert relative_error(renyi_divergence(p, q, alpha), truth) < 1e-14
    log_p, log_q = [0.0, -2000.0], [-2000.0, 0.0]
    expected = -2000 * min(alpha, 1 - alpha) + (math.log(2) if alpha == 0.5 else 0.0)
    value = float(renyi_divergence(log_p, log_q, alpha, log=True))
    assert value == pytest.approx(expected / (alpha - 1), rel=1e-14, abs=0.0)


def test_sums_of_powers_that_overflow():
    # The first outcome's ratio is 4: log(4^999 ...) / 999, to the accuracy of what the second adds.
    value = float(renyi_divergence([1.0, 0.0], [0.25, 0.75], 1000.0))
    assert value == pytest.approx(math.log(4), rel=1e-14, abs=0.0)
    value = float(renyi_divergence([1.0, 0.0], [1e-300, 1.0], 3.0))
    assert value == pytest.approx(300 * math.log(10), rel=1e-14, abs=0.0)


def test_finite_powers_whose_sum_overflows():
    # Each p^3.8 q^-2.8 is 10^306.5, twenty thousand of them are not a number in double precision; no warning either.
    p, q = [1 / 20000] * 20000, [1e-111 / 20000] * 19999 + [1.0]
    value = renyi_divergence(p, q, 3.8)
    with mpmath.workdps(60):
        a, x, y = mpmath.mpf(3.8), mpmath.mpf(p[0]), mpmath.mpf(q[0])
        truth = mpmath.log(19999 * x**a * y ** (1 - a) + x**a) / (a - 1)
    assert relative_error(value, truth) < 1e-13
    assert float(alpha_divergence(p, q, 3.8)) == math.inf


def test_increases_with_the_order(rng):
    p, q = rng.dirichlet(numpy.ones(4), size=(2, 200))
    q[:100] = p[:100] * (1 + 1e-7 * rng.standard_normal((100, 4)))
    orders = [0.0, 1e-300, 1e-9, 0.1, 0.5, 1 - 1e-9, 1.0, 1 + 1e-9, 1.5, 3.0, 50.0, math.inf]
    values = numpy.stack([renyi_divergence(p, q, a, normalize=True) for a in orders])
    assert (values >= 0).all()
    assert (values[1:] >= values[:-1] * (1 - 1e-13)).all()


def test_relations():
    p, q = [0.125, 0.375, 0.5], [0.25, 0.5, 0.25]
    assert float(bhattacharyya_distance(p, q)) == pytest.approx(float(renyi_divergence(p, q, 0.5)) / 2, rel=1e-14)
    squared = float(squared_hellinger_distance(p, q))
    assert float(hellinger_distance(p, q)) ** 2 == pytest.approx(squared, rel=1e-15, abs=0.0)
    for alpha in (0.3, 1.0, 2.0):
        expected = alpha * float(alpha_divergence(p, q, alpha))
        assert float(tsallis_divergence(p, q, alpha)) == pytest.approx(expected, rel=1e-14, abs=0.0)
    # The order 1 - a with p and q exchanged: R_(1 - a)(q, p) = (1 - a) / a R_a(p, q).
    assert float(renyi_divergence(q, p, 0.75)) == pytest.approx(3 * float(renyi_divergence(p, q, 0.25)), rel=1e-14)


def test_unnormalised_masses():
    # sum p = 3, sum p^2 / q = 4 + 1 = 5; at order 1 sum p log(p / q) / sum p = 2 log 2 / 3; order 0: log(3 / 2).
    p, q = [2.0, 1.0], [1.0, 1.0]
    for alpha, expected in ((2.0, math.log(5 / 3)), (1.0, 2 * math.log(2) / 3), (0.0, math.log(1.5))):
        assert float(renyi_divergence(p, q, alpha, normalize=None)) == pytest.approx(expected, rel=1e-15, abs=0.0)
    assert float(renyi_divergence(p, q, math.inf, normalize=None)) == pytest.approx(math.log(2), rel=1e-15)
    assert float(renyi_divergence(q, p, math.inf, normalize=None)) == 0.0
    assert float(renyi_divergence([1.0], [4.0], math.inf, normalize=None)) == pytest.approx(-math.log(4), rel=1e-15)
    value = float(bhattacharyya_distance(p, q, normalize=None))
    assert value == pytest.approx(-math.log(1 + math.sqrt(2)), rel=1e-15, abs=0.0)
    assert float(renyi_divergence([1e10, 1.0], [1e10, 1.0], 0.5, normalize=None)) == 0.0


@pytest.mark.parametrize("function", [renyi_divergence, tsallis_divergence])
@pytest.mark.parametrize(
    ("alpha", "message"), [(-0.5, "at least 0, got -0.5"), (numpy.nan, "got nan"), (-numpy.inf, "got -inf")]
)
def test_orders_that_are_none(function, alpha, message):
    with pytest.raises(ValueError, match=f"`alpha` must be .*{message}"):
        function(P, Q, alpha)


def test_infinite_order_serves_renyi_alone():
    with pytest.raises(ValueError, match="`alpha` must be finite and at least 0, got inf"):
        tsallis_divergence(P, Q, math.inf)


def test_every_library(library):
    p, q = library.asarray([P, Q]), library.asarray([Q, P])
    for dtype in ("float64", "float32"):
        p, q = library.asarray([P, Q], dtype), library.asarray([Q, P], dtype)
        for value in (
            renyi_divergence(p, q, 0.5),
            renyi_divergence(p, q, 1.0),
            renyi_divergence(p, q, math.inf),
            tsallis_divergence(p, q, 0.0),
            bhattacharyya_distance(p, q),
            hellinger_distance(p, q),
        ):
            assert library.owns(value, dtype)
            assert value.shape == (2,)
    kept = renyi_divergence(p, q, 0.5, keepdims=True, return_estimate=True)
    assert kept.value.shape == (2, 1)
    assert kept.definition == "log(sum p^a q^(1 - a)) / (a - 1), a = 0.5, in nats"
    assert bhattacharyya_distance(p, q, axis=-1, keepdims=True).shape == (2, 1)


def test_nothing_at_equal_masses(library):
    p = library.asarray([0.25, 0.75, 0.0])
    for alpha in (0.0, 0.5, 1.0, 2.0, math.inf):
        assert float(library.host(renyi_divergence(p, p, alpha))) == 0.0
    assert str(float(library.host(bhattacharyya_distance(p, p)))) == "0.0"


@pytest.mark.parametrize("method", ["auto", "quadrature"])
def test_normal_laws(method):
    # N(0, 1) and N(m, 1): R_a = a m^2 / 2.
    for mean, rel in ((1.0, 1e-13), (1e-4, 1e-9), (40.0, 1e-13)):
        p, q = laws.Normal(0.0, 1.0), laws.Normal(mean, 1.0)
        for alpha in (0.3, 1.0, 2.0) if mean < 2 else (0.3, 0.5):
            value = renyi_divergence(p, q, alpha, method=method)
            assert float(value) == pytest.approx(alpha * mean**2 / 2, rel=rel, abs=0.0)
        assert float(bhattacharyya_distance(p, q, method=method)) == pytest.approx(mean**2 / 8, rel=rel, abs=0.0)
        expected = math.sqrt(-math.expm1(-(mean**2) / 8))
        assert float(hellinger_distance(p, q, method=method)) == pytest.approx(expected, rel=rel, abs=0.0)
        expected = -math.expm1(-0.7 * 0.3 * mean**2 / 2) / 0.7
        assert float(tsallis_divergence(p, q, 0.3, method=method)) == pytest.approx(expected, rel=rel, abs=0.0)


def test_a_batch_of_near_and_far_laws_keeps_both():
    p, q = laws.Normal(0.0, 1.0), laws.Normal([1e-4, 1.0, 40.0], 1.0)
    value = renyi_divergence(p, q, 0.5, method="quadrature")
    numpy.testing.assert_allclose(value, numpy.array([1e-4, 1.0, 40.0]) ** 2 / 4, rtol=1e-9)


def test_laws_of_other_kinds():
    assert float(renyi_divergence(laws.Categorical(P), laws.Categorical(Q), 0.0)) == pytest.approx(
        math.log(2), rel=1e-14
    )
    assert float(renyi_divergence(laws.Categorical(P), laws.Categorical(Q), 0.5)) == pytest.approx(
        math.log(2), rel=1e-14
    )
    uniform = laws.Uniform(0.0, 1.0), laws.Uniform(0.5, 2.0)
    assert float(renyi_divergence(*uniform, 0.0)) == pytest.approx(math.log(3), rel=1e-14)
    assert float(renyi_divergence(*uniform, 2.0)) == math.inf
    assert float(tsallis_divergence(*uniform, 0.0)) == pytest.approx(2 / 3, rel=1e-14)
    assert float(renyi_divergence(laws.Empirical([0.0]), laws.Normal(0.0, 1.0), 0.5)) == math.inf
    with pytest.raises(TypeError, match="`q` must be a Distribution"):
        renyi_divergence(laws.Normal(0.0, 1.0), [1.0], 0.5)


def test_draws_have_an_error_that_follows(rng):
    p, q = laws.Normal(0.0, 1.0), laws.Normal(1.0, 1.0)
    for alpha in (0.5, 1.5):
        options = {"method": "monte_carlo", "n": 20_000, "return_estimate": True}
        estimate = renyi_divergence(p, q, alpha, base=2, rng=1, **options)
        truth = alpha / 2 / math.log(2)
        assert abs(float(estimate.value) - truth) < 5 * float(estimate.standard_error)
        assert 0 < float(estimate.standard_error) < 0.05
        assert float(estimate.lower) < float(estimate.value) < float(estimate.upper)
        divergence = alpha_divergence(p, q, alpha, rng=1, **options)
        slope = alpha / (1 + alpha * (alpha - 1) * float(divergence.value)) / math.log(2)
        assert float(estimate.standard_error) == pytest.approx(slope * float(divergence.standard_error), rel=1e-12)
    far = renyi_divergence(p, laws.Normal(3.0, 1.0), 0.5, rng=1, **options)
    assert abs(float(far.value) - 9 / 4) < 5 * float(far.standard_error)
    assert float(far.lower) < float(far.value) < float(far.upper)


def test_infinite_order_is_not_negative_where_the_sums_are_rounded():
    # Sums may be 1 within 1.5e-8: every quotient is below 1 here.
    assert float(renyi_divergence([0.5 - 1e-9, 0.5 - 1e-9], [0.5, 0.5], numpy.inf)) == 0.0
    assert float(renyi_divergence([0.5 - 1e-9, 0.5 - 1e-9], [0.5, 0.5], numpy.inf, normalize=None)) < -1e-9
