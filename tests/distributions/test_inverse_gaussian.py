"""Facts about InverseGaussian and the tail ratios that it rests on."""

import math

import mpmath
import numpy
import pytest

from gamedyn.distributions import InverseGaussian
from gamedyn.distributions._tail_ratios import mills_difference, mills_ratio, scaled_exponential_integral
from gamedyn.numerics import integrate


def test_at_zero_and_outside(library):
    law = InverseGaussian(library.asarray(2.0), library.asarray(3.0))
    x = library.asarray([0.0, -1.0, -math.inf, math.inf, math.nan, 2.0, 1e-320, 1e300])
    host = library.host(law.log_prob(x))
    numpy.testing.assert_array_equal(host[:5], [-math.inf] * 4 + [math.nan])
    # At the mean: sqrt(3 / (16 pi)).
    assert host[5] == pytest.approx(math.log(3 / (16 * math.pi)) / 2)
    assert host[7] == pytest.approx(-3 * 1e300 / 8)
    # -3 / (2 x) + concentration / 2 (1 / x^2 - 1 / loc^2)
    numpy.testing.assert_array_equal(
        library.host(law.score(x))[:6], [math.inf, *[math.nan] * 2, -3 / 8, math.nan, -0.75]
    )
    cdf = library.host(law.cdf(x))
    numpy.testing.assert_array_equal(cdf[[0, 1, 2, 3, 4, 6, 7]], [0.0, 0.0, 0.0, 1.0, math.nan, 0.0, 1.0])
    ends = library.host(law.icdf(library.asarray([0.0, 1.0])))
    numpy.testing.assert_array_equal(ends, [0.0, math.inf])


def test_a_large_ratio_is_normal():
    # cdf of a law of deviation 1e-6 around 1, in which e^(2 concentration / loc) overflows.
    law = InverseGaussian(1.0, 1e12)
    z = numpy.array([-5.0, -1.0, 0.0, 2.0])
    expected = [float(mpmath.ncdf(value)) for value in z]
    numpy.testing.assert_allclose(law.cdf(1 + 1e-6 * z), expected, rtol=1e-4)
    assert float(law.entropy) == pytest.approx(0.5 * math.log(2 * math.pi * math.e * 1e-12), rel=1e-11)


def test_a_small_ratio_is_the_law_of_levy():
    # Without drift the first passage has the cdf erfc(sqrt(concentration / (2 x))), and no mean.
    law = InverseGaussian(1e30, 3.0)
    x = numpy.array([0.1, 1.0, 30.0, 1e9])
    expected = [float(mpmath.erfc(mpmath.sqrt(3 / (2 * mpmath.mpf(value))))) for value in x]
    numpy.testing.assert_allclose(law.cdf(x), expected, rtol=1e-13)
    numpy.testing.assert_allclose(law.icdf(expected), x, rtol=1e-11)


def test_quantiles_in_float32():
    law = InverseGaussian(numpy.array([1.0, 2.0], "float32"), 0.7)
    u = numpy.array([[0.0], [1e-30], [0.3], [0.5], [0.9999]], "float32")
    x = law.icdf(u)
    assert x.dtype == "float32"
    double = InverseGaussian([1.0, 2.0], float(numpy.float32(0.7))).icdf(u.astype(float))
    numpy.testing.assert_allclose(x, double, rtol=3e-6)


def test_a_narrow_law_next_to_its_mean():
    # x / loc - 1 would be off by 1e-16, a thousandth of a deviation 3e-14 of x / loc; x - loc is exact.
    loc, shape = 3.0, 3e27
    law, x = InverseGaussian(loc, shape), loc + numpy.arange(-300, 301, 100) * 2.0**-51
    with mpmath.workdps(50):
        z = [(mpmath.mpf(point) - loc) / mpmath.sqrt(mpmath.mpf(loc) ** 3 / shape) for point in x]
        exact = [float(mpmath.ncdf(value)) for value in z]
        densities = [float(mpmath.log(mpmath.npdf(v) / mpmath.sqrt(mpmath.mpf(loc) ** 3 / shape))) for v in z]
    numpy.testing.assert_allclose(law.cdf(x), exact, rtol=1e-11)
    numpy.testing.assert_allclose(law.log_prob(x), densities, rtol=1e-13)


@pytest.mark.parametrize("ratio", [1e-30, 1e-6, 1.0, 1e4, 1e30])
def test_quantiles_have_converged(ratio):
    # Back through the cdf, to a rounding of x, at many levels.
    law = InverseGaussian(1.0, ratio)
    u = numpy.concatenate([numpy.geomspace(1e-300, 0.5, 200), 1 - numpy.geomspace(1e-6, 0.5, 100)])
    x = law.icdf(u)
    moved = x * numpy.exp(law.log_prob(x)) * (1 + numpy.abs(numpy.log(x)))
    assert numpy.all(numpy.diff(x[:200]) >= 0)
    assert numpy.max(numpy.abs(law.cdf(x) - u) / (u + moved)) < 1e-14


def test_moments_of_draws():
    law = InverseGaussian(1.5, 2.0)
    draws = law.sample(200_000, rng=5)
    assert abs(draws.mean() - 1.5) < 4.9 * math.sqrt(1.5**3 / 2 / len(draws))


def test_draws_of_skew_laws():
    # E min(X, 1) = integral of 1 - cdf over [0, 1], for a law whose mean 1e6 no sample would find.
    law = InverseGaussian(1e6, 1e-2)
    draws = law.sample(200_000, rng=3)
    assert numpy.all(draws > 0)
    capped = numpy.minimum(draws, 1.0)
    exact = float(integrate(lambda x: 1 - law.cdf(x), 0.0, 1.0, breakpoints=(1e-4, 1e-3, 1e-2, 0.1)).value)
    assert abs(capped.mean() - exact) < 4.9 * capped.std() / math.sqrt(len(draws))


@pytest.mark.parametrize("ratio", [1e-9, 1e-3, 1e9])
def test_quadrature_sees_extreme_shapes(ratio):
    law = InverseGaussian(3.0, 3.0 * ratio)
    points = law.quadrature_points()
    estimate = integrate(lambda x: numpy.exp(law.log_prob(x)), 0.0, math.inf, breakpoints=points)
    assert float(estimate.value) == pytest.approx(1.0, abs=1e-11)


def test_bad_parameters_are_refused():
    for name in ("loc", "concentration"):
        for value in (0.0, -1.0, math.inf, math.nan):
            with pytest.raises(ValueError, match=f"`{name}` must be positive and finite"):
                InverseGaussian(**{"loc": 1.0, "concentration": 1.0, name: value})


def test_mills_ratio():
    b = numpy.array([-5.0, 0.0, 0.5, 3.9999, 4.0, 4.5, 8.0, 40.0, 1e10, 1e300, math.inf])
    with mpmath.workdps(40):
        exact = [float(mpmath.ncdf(-mpmath.mpf(v)) / mpmath.npdf(mpmath.mpf(v))) for v in b[:-3]] + [1e-10, 1e-300, 0.0]
    numpy.testing.assert_allclose(mills_ratio(numpy, b), exact, rtol=3e-15)


@pytest.mark.parametrize("length", [0.0, 1e-12, 1e-3, 0.3, 0.999, 1.0, 5.0])
def test_differences_of_mills_ratios(length):
    a = numpy.array([-0.9, -0.2, 0.0, 1.5, 3.9, 4.1, 9.0])
    with mpmath.workdps(60):
        ratio = lambda v: mpmath.ncdf(-v) / mpmath.npdf(v)  # noqa: E731
        exact = [float(ratio(mpmath.mpf(v)) - ratio(mpmath.mpf(v) + mpmath.mpf(length))) for v in a]
    result = mills_difference(numpy, a, numpy.full_like(a, length))
    # Just below 4, 1 - b R(b) is 1/17.
    numpy.testing.assert_allclose(result, exact, rtol=3e-14)


def test_scaled_exponential_integral():
    y = numpy.array([1e-300, 1e-8, 0.3, 1.0, 1.9999, 2.0, 2.5, 30.0, 1e10, 1e300])
    with mpmath.workdps(40):
        exact = [float(mpmath.exp(v) * mpmath.e1(v)) for v in map(mpmath.mpf, y[:-2])]
    # 1 / (y + 1 - 1 / (y + 3 - ...))
    exact += [1 / (1 + 1e10), 1e-300]
    numpy.testing.assert_allclose(scaled_exponential_integral(numpy, y), exact, rtol=1e-14)
