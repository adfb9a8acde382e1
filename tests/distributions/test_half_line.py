"""Facts about Weibull, Pareto, Rayleigh, HalfNormal and LogNormal."""

import math

import mpmath
import numpy
import pytest

from gamedyn.distributions import HalfNormal, LogNormal, Pareto, Rayleigh, Weibull
from gamedyn.numerics import integrate

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("law", "log_density", "score"),
    [
        (Weibull(2.0, 0.5), INF, -INF),
        (Weibull(2.0, 1.0), -math.log(2), -0.5),
        (Weibull(2.0, 1.5), -INF, INF),
        (Weibull(2.0, 2.5), -INF, INF),
        (Rayleigh(2.0), -INF, INF),
        (HalfNormal(2.0), math.log(2 / math.pi) / 2 - math.log(2), 0.0),
        (LogNormal(0.5, 2.0), -INF, INF),
        (Pareto(2.0, 3.0), -INF, NAN),
    ],
)
def test_at_zero_and_outside(law, log_density, score, library):
    law = type(law)(**{name: library.asarray(getattr(law, name)) for name in list(vars(law))[:-1]})
    x = library.asarray([0.0, -1.0, -INF, INF, NAN])
    numpy.testing.assert_allclose(library.host(law.log_prob(x)), [log_density, -INF, -INF, -INF, NAN], rtol=1e-15)
    numpy.testing.assert_array_equal(library.host(law.score(x))[[0, 1, 2, 4]], [score, NAN, NAN, NAN])
    numpy.testing.assert_array_equal(library.host(law.cdf(x)), [0.0, 0.0, 0.0, 1.0, NAN])


def test_rounding_and_squares_that_overflow_are_silent():
    for law in (Weibull(1.0, 3.0), Rayleigh(1.0), HalfNormal(1.0), LogNormal(0.0, 1e-160)):
        assert law.log_prob(1e200) == -INF
        assert law.cdf(1e200) == 1.0
    # log p = log 3 - 4 log(x / scale), though x / scale overflows.
    assert Pareto(1e-200, 3.0).log_prob(1e200) == pytest.approx(math.log(3) + (200 - 4 * 400) * math.log(10))
    numpy.testing.assert_array_equal(Weibull(1.0, 1e-3).icdf([0.0, 0.9, 1.0]), [0.0, INF, INF])
    numpy.testing.assert_array_equal(Pareto(1.0, 1e-3).icdf([0.0, 0.9, 1.0]), [1.0, INF, INF])
    numpy.testing.assert_array_equal(LogNormal(0.0, 1e3).icdf([0.0, 0.1, 0.9, 1.0]), [0.0, 0.0, INF, INF])


def test_moments_of_power_laws():
    law = Pareto(2.0, [0.5, 1.0, 1.5, 2.0, 3.0])
    numpy.testing.assert_allclose(law.mean, [INF, INF, 6.0, 4.0, 3.0])
    # scale^2 alpha / ((alpha - 1)^2 (alpha - 2))
    numpy.testing.assert_allclose(law.variance, [INF, INF, INF, INF, 3.0])


def test_score_of_a_power_law(library):
    law = Pareto(library.asarray(2.0), library.asarray(3.0))
    x = library.asarray([2.0, 8.0, 1.999, INF])
    numpy.testing.assert_array_equal(library.host(law.score(x)), [-2.0, -0.5, NAN, 0.0])
    assert law.support_bounds == (2.0, INF)
    assert Pareto([3.0, 2.0], 1.0).support_bounds == (2.0, INF)


@pytest.mark.parametrize("concentration", [0.1, 1.0, 2.0, 8.0, 19.9, 20.1, 50.0, 1e3, 1e6])
def test_weibull_variance_keeps_its_digits(concentration):
    # Gamma(1 + 2/k) - Gamma(1 + 1/k)^2 is about pi^2 / (6 k^2): at k = 1e6 its terms agree in 12 digits.
    with mpmath.workdps(50):
        y = 1 / mpmath.mpf(concentration)
        exact = float(mpmath.gamma(1 + 2 * y) - mpmath.gamma(1 + y) ** 2)
        mean = float(mpmath.gamma(1 + y))
    law = Weibull(1.0, concentration)
    assert float(law.variance) == pytest.approx(exact, rel=2e-13, abs=0.0)
    assert float(law.mean) == pytest.approx(mean, rel=1e-14, abs=0.0)


def test_families_meet():
    x = numpy.array([0.1, 1.0, 3.0])
    # Weibull of concentration 2 is Rayleigh with scale / sqrt 2; the log of a Pareto variable is exponential.
    rayleigh = Rayleigh(2**0.5)
    numpy.testing.assert_allclose(Weibull(2.0, 2.0).log_prob(x), rayleigh.log_prob(x), rtol=1e-14)
    numpy.testing.assert_allclose(Weibull(2.0, 2.0).variance, rayleigh.variance, rtol=1e-14)
    numpy.testing.assert_allclose(Pareto(2.0, 1.0).cdf(2 * math.e), -math.expm1(-1.0), rtol=1e-15)
    # E X^k of a log-normal law is exp(k loc + k^2 scale^2 / 2).
    law = LogNormal(-1.0, 0.5)
    assert float(law.mean) == pytest.approx(math.exp(-1 + 1 / 8))
    assert float(law.variance) == pytest.approx(math.exp(-2 + 1 / 2) - math.exp(-2 + 1 / 4))


def test_small_variances_of_log_normal():
    assert float(LogNormal(0.0, 1e-9).variance) == pytest.approx(1e-18, rel=1e-14, abs=0.0)


@pytest.mark.parametrize(
    "law", [Weibull(1.0, 0.05), Weibull(2.0, 300.0), Pareto(1.0, 0.05), Pareto(3.0, 200.0), LogNormal(2.0, 6.0)]
)
def test_quadrature_sees_extreme_shapes(law):
    lower, upper = law.support_bounds
    points = law.quadrature_points()
    assert points[0] == lower
    estimate = integrate(lambda x: numpy.exp(law.log_prob(x)), lower, upper, breakpoints=points)
    assert float(estimate.value) == pytest.approx(1.0, abs=1e-11)


@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        (Weibull, {"scale": 1.0, "concentration": 2.0}),
        (Pareto, {"scale": 1.0, "alpha": 2.0}),
        (Rayleigh, {"scale": 1.0}),
        (HalfNormal, {"scale": 1.0}),
        (LogNormal, {"scale": 1.0, "loc": 0.0}),
    ],
)
def test_bad_parameters_are_refused(family, parameters):
    for name in parameters:
        rule = "finite" if name == "loc" else "positive and finite"
        for value in (INF, NAN, *([] if name == "loc" else [0.0, -1.0])):
            with pytest.raises(ValueError, match=f"`{name}` must be {rule}"):
                family(**{**parameters, name: [1.0, value]})
    assert family(**{**parameters, "scale": -1.0}, check=False).scale == -1.0


def test_quotients_that_leave_the_floats(library):
    def single(law, x):
        law = type(law)(**{name: library.asarray(getattr(law, name)) for name in list(vars(law))[:-1]})
        return float(library.host(law.log_prob(library.asarray(x))))

    # x / scale overflows: log k - log scale + (k - 1) log z - z^k, with log z = 309 log 10.
    z = 309 * math.log(10)
    expected = math.log(1e-3) + 2 * math.log(10) - 0.999 * z - math.exp(1e-3 * z)
    assert single(Weibull(0.01, 1e-3), 1e307) == pytest.approx(expected, rel=1e-13)
    assert single(Weibull(0.01, 2.5), 1e307) == -INF
    assert single(Rayleigh(0.01), 1e307) == -INF
    # It underflows: the density of Weibull(k = 1/2) is still large, and no infinity.
    expected = math.log(0.5) - 150 * math.log(10) + 0.5 * 400 * math.log(10)
    assert single(Weibull(1e150, 0.5), 1e-250) == pytest.approx(expected, rel=1e-13)


def test_quotients_that_overflow_are_silent():
    for law in (Weibull(0.01, 2.5), Rayleigh(0.01)):
        assert law.cdf(1e307) == 1.0
        assert law.score(1e307) == -INF
