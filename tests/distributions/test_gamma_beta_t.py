"""Facts about Gamma, InverseGamma, Beta and StudentT: 50 digits, ends, huge and tiny parameters, moments."""

import math

import mpmath
import numpy
import pytest

from gamedyn.distributions import Beta, Exponential, Gamma, InverseGamma, Normal, StudentT

mpmath.mp.dps = 50


def log_gamma_density(x, a, rate):
    return a * mpmath.log(rate) + (a - 1) * mpmath.log(x) - rate * x - mpmath.loggamma(a)


def log_inverse_gamma_density(x, a, rate):
    return a * mpmath.log(rate) - (a + 1) * mpmath.log(x) - rate / x - mpmath.loggamma(a)


def log_beta_density(x, a, b):
    normaliser = mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)
    return (a - 1) * mpmath.log(x) + (b - 1) * mpmath.log1p(-x) - normaliser


def log_t_density(x, df, loc, scale):
    constant = mpmath.loggamma((df + 1) / 2) - mpmath.loggamma(df / 2) - mpmath.log(mpmath.pi * df) / 2
    return constant - mpmath.log(scale) - (df + 1) / 2 * mpmath.log1p(((x - loc) / scale) ** 2 / df)


def gamma_entropy(a, rate):
    return a - mpmath.log(rate) + mpmath.loggamma(a) + (1 - a) * mpmath.psi(0, a)


def inverse_gamma_entropy(a, rate):
    return a + mpmath.log(rate) + mpmath.loggamma(a) - (1 + a) * mpmath.psi(0, a)


def beta_entropy(a, b):
    slopes = (a + b - 2) * mpmath.psi(0, a + b) - (a - 1) * mpmath.psi(0, a) - (b - 1) * mpmath.psi(0, b)
    return mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b) + slopes


def t_entropy(df, loc, scale):
    half = (df + 1) / 2
    slopes = half * (mpmath.psi(0, half) - mpmath.psi(0, df / 2))
    return slopes + mpmath.log(df) / 2 + mpmath.log(mpmath.beta(df / 2, 0.5)) + mpmath.log(scale)


# The law; its log density and entropy; parameters; multiples of the mean, or offsets, where to look.
FIFTY_DIGITS = {
    "Gamma": (Gamma, log_gamma_density, gamma_entropy, [(1e-6, 2.0), (0.3, 1e5), (1.0, 7.0), (9.1, 0.1), (1e8, 1e-3)]),
    "InverseGamma": (
        InverseGamma,
        log_inverse_gamma_density,
        inverse_gamma_entropy,
        [(0.3, 2.0), (1.0, 1e-5), (7.99, 3.0), (8.01, 3.0), (1e8, 1e3)],
    ),
    "Beta": (
        Beta,
        log_beta_density,
        beta_entropy,
        [(1e-6, 1e-3), (0.5, 2.0), (3.0, 1e8), (10.0, 10.5), (1e8, 1e8), (1e8, 12.0)],
    ),
    "StudentT": (
        StudentT,
        log_t_density,
        t_entropy,
        [(0.1, 0.0, 1.0), (1.0, 2.0, 1e-3), (30.0, -1.0, 5.0), (1e8, 0.0, 1.0), (1e15, 0.0, 1.0)],
    ),
}


def places(law, parameters):
    """Points about the bulk of the law and far from it."""
    if law is StudentT:
        _, loc, scale = parameters
        return [loc + scale * z for z in (-1e200, -1e4, -40.0, -3.0, -1e-9, 0.5, 6.0, 1e9)]
    if law is Beta:
        a, b = parameters
        # With both parameters large, exact multiples of the mean would leave [0, 1].
        share = a / (a + b)
        return [share * t for t in (1e-6, 0.3, 1 - 1e-4, 1.0)] + [share + (1 - share) * t for t in (1e-4, 0.3, 0.999)]
    a, rate = parameters
    centre = a / rate if law is Gamma else rate / a
    return [centre * t for t in (1e-9, 0.1, 1 - 1e-4, 1.0, 1 + 1e-4, 3.0, 300.0)]


@pytest.mark.parametrize("name", FIFTY_DIGITS)
def test_log_prob_and_entropy_equal_fifty_digits(name, library):
    law, density, entropy, settings = FIFTY_DIGITS[name]
    for parameters in settings:
        there = law(*(library.asarray(p) for p in parameters))
        exact = [mpmath.mpf(p) for p in parameters]
        x = places(law, parameters)
        expected = [float(density(mpmath.mpf(point), *exact)) for point in x]
        result = there.log_prob(library.asarray(x))
        assert library.owns(result)
        # Terms of the order of log x, log a and 1 may cancel; those of the order of a must not.
        numpy.testing.assert_allclose(library.host(result), expected, rtol=1e-13, atol=2e-14)
        numpy.testing.assert_allclose(library.host(there.entropy), float(entropy(*exact)), rtol=1e-13, atol=1e-14)


def test_lower_tails_are_relative(library):
    x = library.asarray([1e-30, 1e-3])
    # x^a / (a Gamma(a)) (1 - a x / (a + 1) + ...) and its like.
    value = library.host(Gamma(library.asarray(2.0), library.asarray(1.0)).cdf(x))
    numpy.testing.assert_allclose(value, [5e-61, 1 - 1.001 * math.exp(-1e-3)], rtol=1e-9)
    assert value[0] == pytest.approx(5e-61, rel=1e-13, abs=0.0)
    value = library.host(Beta(library.asarray(2.0), library.asarray(1.0)).cdf(x))
    numpy.testing.assert_allclose(value, [1e-60, 1e-6], rtol=1e-14)
    value = library.host(InverseGamma(library.asarray(1.0), library.asarray(1.0)).cdf(library.asarray([0.002, 1e9])))
    numpy.testing.assert_allclose(value, [math.exp(-500), math.exp(-1e-9)], rtol=1e-13)
    # Two degrees of freedom: (1 + t / sqrt(2 + t^2)) / 2, 1 / (2 t^2) far below.
    value = library.host(StudentT(library.asarray(2.0)).cdf(library.asarray([-1e20, -1e-9, 1.0])))
    numpy.testing.assert_allclose(value, [5e-41, 0.5 - 0.5e-9 / math.sqrt(2), 0.5 + 0.5 / math.sqrt(3)], rtol=1e-14)
    value = library.host(StudentT(library.asarray(2.0)).icdf(library.asarray([5e-41, 0.5 - 2.0**-40, 0.5, 0.75])))
    numpy.testing.assert_allclose(value, [-1e20, -math.sqrt(2) * 2.0**-39, 0.0, math.sqrt(2 / 3)], rtol=1e-13)


def test_special_cases_are_other_laws():
    x = numpy.array([0.0, 1e-300, 0.3, 40.0])
    numpy.testing.assert_allclose(Gamma(1.0, 2.0).log_prob(x), Exponential(2.0).log_prob(x), rtol=1e-15)
    numpy.testing.assert_allclose(Beta(1.0, 1.0).log_prob([0.0, 1e-300, 0.2, 1.0]), 0.0, atol=1e-15)
    assert Beta(1.0, 1.0).entropy == pytest.approx(0.0, abs=1e-15)
    z = numpy.array([-5.0, 0.1, 3.0])
    numpy.testing.assert_allclose(StudentT(1e15).log_prob(z), Normal(0.0, 1.0).log_prob(z), rtol=1e-13)
    numpy.testing.assert_allclose(StudentT(1e15).cdf(z), Normal(0.0, 1.0).cdf(z), rtol=1e-11)
    # Arcsine law: cdf 2 asin(sqrt x) / pi.
    assert Beta(0.5, 0.5).cdf(0.25) == pytest.approx(1 / 3, rel=1e-14, abs=0.0)


def test_densities_at_and_beyond_the_ends(library):
    inf = numpy.inf
    shapes = library.asarray([0.5, 1.0, 2.0, 20.0])
    zero, below = library.asarray(0.0), library.asarray(-1e-300)
    law = Gamma(shapes, library.asarray(3.0))
    numpy.testing.assert_allclose(library.host(law.log_prob(zero)), [inf, math.log(3), -inf, -inf])
    numpy.testing.assert_array_equal(library.host(law.log_prob(below)), -inf)
    numpy.testing.assert_array_equal(library.host(law.score(zero)), [-inf, -3.0, inf, inf])
    assert numpy.all(numpy.isnan(library.host(law.score(below))))
    one = library.asarray(1.0)
    law = Beta(shapes, one)
    numpy.testing.assert_allclose(library.host(law.log_prob(zero)), [inf, 0.0, -inf, -inf], atol=1e-15)
    numpy.testing.assert_allclose(library.host(law.log_prob(one)), numpy.log([0.5, 1, 2, 20]), rtol=1e-14, atol=1e-15)
    law = Beta(one, shapes)
    numpy.testing.assert_allclose(library.host(law.log_prob(one)), [inf, 0.0, -inf, -inf], atol=1e-15)
    numpy.testing.assert_array_equal(library.host(law.log_prob(library.asarray(1 + 1e-15))), -inf)
    assert numpy.all(library.host(Beta(shapes, shapes).log_prob(library.asarray(2.0))) == -inf)
    both = library.asarray([0.0, 1.0])
    numpy.testing.assert_array_equal(library.host(Beta(shapes[3], shapes[3]).log_prob(both)), -inf)
    law = InverseGamma(shapes, library.asarray(3.0))
    numpy.testing.assert_array_equal(library.host(law.log_prob(zero)), -inf)
    numpy.testing.assert_array_equal(library.host(law.log_prob(library.asarray(1e-320))), -inf)
    numpy.testing.assert_array_equal(library.host(law.score(zero)), inf)
    assert numpy.all(numpy.isnan(library.host(law.score(below))))


def test_moments_that_do_not_exist():
    a = numpy.array([0.5, 1.0, 1.5, 2.0, 3.0])
    law = InverseGamma(a, 2.0)
    numpy.testing.assert_array_equal(law.mean, [numpy.inf, numpy.inf, 4.0, 2.0, 1.0])
    numpy.testing.assert_array_equal(law.variance, [numpy.inf] * 4 + [1.0])
    law = StudentT(a, 7.0, 2.0)
    numpy.testing.assert_array_equal(law.mean, [numpy.nan, numpy.nan, 7.0, 7.0, 7.0])
    numpy.testing.assert_array_equal(law.variance, [numpy.nan, numpy.nan, numpy.inf, numpy.inf, 12.0])


def test_huge_concentrations_are_normal():
    # A gamma variable of concentration 1e12 is normal up to 1e-6: its density at the mean is 1 / sqrt(2 pi a).
    assert Gamma(1e12, 1.0).log_prob(1e12) == pytest.approx(-0.5 * math.log(2 * math.pi * 1e12), rel=1e-12, abs=0.0)
    assert Beta(1e12, 1e12).log_prob(0.5) == pytest.approx(0.5 * math.log(4e12 / math.pi), rel=1e-11, abs=0.0)
    law = Gamma(numpy.float32(1e6), numpy.float32(1.0))
    assert float(law.log_prob(numpy.float32(1e6))) == pytest.approx(-0.5 * math.log(2 * math.pi * 1e6), rel=1e-6)
    assert Gamma(1e8, 1.0).cdf(1e8) == pytest.approx(0.5 + 1 / (3 * math.sqrt(2 * math.pi * 1e8)), rel=1e-10, abs=0.0)
    assert Gamma(1e8, 1.0).icdf(0.5) == pytest.approx(1e8 - 1 / 3, rel=1e-13, abs=0.0)


@pytest.mark.parametrize(
    ("law", "names"),
    [(Gamma, "concentration rate"), (InverseGamma, "concentration rate"), (Beta, "concentration1 concentration0")],
)
def test_parameters_must_be_positive(law, names):
    for name in names.split():
        for bad in (0.0, -1.0, numpy.inf, numpy.nan):
            values = dict.fromkeys(names.split(), 1.0) | {name: bad}
            with pytest.raises(ValueError, match=f"`{name}` must be positive and finite"):
                law(**values)


def test_student_t_refuses_bad_parameters():
    with pytest.raises(ValueError, match="`df` must be positive and finite"):
        StudentT(numpy.inf)
    with pytest.raises(ValueError, match="`scale` must be positive and finite"):
        StudentT(3.0, 0.0, -1.0)
    with pytest.raises(ValueError, match="`loc` must be finite"):
        StudentT(3.0, numpy.nan)
