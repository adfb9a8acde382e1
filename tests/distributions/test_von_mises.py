"""Facts about VonMises: 30 digits of both tails, the cut at -pi, no concentration and a huge one."""

import functools
import math

import mpmath
import numpy
import pytest

from gamedyn.distributions import Normal, VonMises


@pytest.mark.parametrize("concentration", [0.0, 1e-9, 0.7, 30.0, 1e4, 1e6])
def test_log_prob_and_entropy_equal_thirty_digits(concentration, library):
    loc = 0.4
    law = VonMises(library.asarray(loc), library.asarray(concentration))
    offsets = numpy.array([0.0, 1e-6, 1e-3, 0.1, 1.0, 2.5])
    with mpmath.workdps(30):
        k = mpmath.mpf(concentration)
        if k < 3000:
            log_i0 = mpmath.log(mpmath.besseli(0, k))
            ratio = mpmath.besseli(1, k) / mpmath.besseli(0, k)
        else:
            # Hankel's expansion: mpmath's series would need as many digits as k.
            log_i0 = k - mpmath.log(2 * mpmath.pi * k) / 2 + mpmath.log(1 + 1 / (8 * k) + 9 / (128 * k**2))
            ratio = 1 - 1 / (2 * k) - 1 / (8 * k**2) - 1 / (8 * k**3)
        constant = log_i0 + mpmath.log(2 * mpmath.pi)
        expected = [float(k * mpmath.cos(mpmath.mpf(loc + t) - mpmath.mpf(loc)) - constant) for t in offsets]
        entropy = float(constant - k * ratio)
    result = law.log_prob(library.asarray(loc + offsets))
    assert library.owns(result)
    # The angle itself is rounded: to 1e-16 of 1, which the slope of the density multiplies.
    atol = 1e-14 + 2e-16 * concentration * numpy.sin(offsets)
    assert numpy.all(numpy.abs(library.host(result) - expected) <= atol + 1e-13 * numpy.abs(expected))
    numpy.testing.assert_allclose(library.host(law.entropy), entropy, rtol=1e-12, atol=1e-14)


@functools.cache
def mass(loc, k, x):
    """The mass of [-pi, x], the ends as the floats they are, at 30 digits."""
    with mpmath.workdps(30):
        peaks = [loc - 2 * math.pi, loc, loc + 2 * math.pi]
        cuts = {p + s * t for p in peaks for s in (-1, 1) for t in (0, 0.05, 0.1, 0.2, 0.5, 1, 1.5, 2, 2.5, 2.8)}
        ends = [-math.pi, *sorted(c for c in cuts if -math.pi < c < x), x]
        # mpmath's quadrature is accurate absolutely: what is integrated must be of the order of 1.
        top = max(mpmath.cos(t - mpmath.mpf(loc)) for t in ends)
        density = lambda t: mpmath.exp(k * (mpmath.cos(t - mpmath.mpf(loc)) - top))  # noqa: E731
        scale = 2 * mpmath.pi * mpmath.besseli(0, k) * mpmath.exp(-k * top)
        return float(mpmath.quad(density, ends) / scale)


@pytest.mark.parametrize(("loc", "k"), [(0.0, 2.0), (3.0, 5.0), (-2.0, 40.0), (-math.pi, 1.0), (1.0, 200.0)])
def test_cdf_equals_thirty_digits_relatively(loc, k, library):
    x = numpy.array([-math.pi + 1e-9, -2.9, -1.0, 0.3, 2.0, 3.1])
    result = library.host(VonMises(library.asarray(loc), library.asarray(k)).cdf(library.asarray(x)))
    numpy.testing.assert_allclose(result, [mass(loc, k, t) for t in x], rtol=1e-13)


def test_cdf_ends_at_zero_and_one():
    law = VonMises([[0.0], [3.0], [-10.0]], [0.0, 0.3, 10.0, 1e6])
    numpy.testing.assert_array_equal(law.cdf(-math.pi), 0.0)
    numpy.testing.assert_allclose(law.cdf(math.pi), 1.0, rtol=1e-14)
    numpy.testing.assert_array_equal(law.cdf(-4.0), 0.0)
    numpy.testing.assert_allclose(law.cdf(4.0), 1.0, rtol=1e-14)
    numpy.testing.assert_array_equal(law.log_prob(4.0), -math.inf)
    assert numpy.all(numpy.isnan(law.score(4.0)))


def test_no_concentration_is_uniform(library):
    law = VonMises(library.asarray(1.3), library.asarray(0.0))
    x = numpy.array([-3.0, 0.0, 1.0, 3.0])
    numpy.testing.assert_allclose(library.host(law.log_prob(library.asarray(x))), -math.log(2 * math.pi), rtol=1e-15)
    numpy.testing.assert_allclose(library.host(law.cdf(library.asarray(x))), 0.5 + x / (2 * math.pi), rtol=1e-13)
    u = numpy.array([1e-6, 0.25, 0.5, 0.99])
    expected = 2 * math.pi * (u - 0.5)
    numpy.testing.assert_allclose(library.host(law.icdf(library.asarray(u))), expected, rtol=1e-13, atol=1e-15)
    assert float(law.entropy) == pytest.approx(math.log(2 * math.pi), rel=1e-15, abs=0.0)
    assert float(law.variance) == pytest.approx(1.0, rel=1e-15, abs=0.0)


def test_huge_concentration_is_normal():
    # To first order in 1 / k: k (1 - cos t) = k t^2 / 2 - k t^4 / 24.
    k = 1e12
    z = numpy.array([-6.0, -1.0, 0.0, 2.0])
    law, bell = VonMises(0.25, k), Normal(0.25, 1e-6)
    x = 0.25 + 1e-6 * z
    z = (x - 0.25) * 1e6
    numpy.testing.assert_allclose(law.log_prob(x), bell.log_prob(x), rtol=1e-10)
    numpy.testing.assert_allclose(law.cdf(x), bell.cdf(x), rtol=1e-9)
    numpy.testing.assert_allclose(law.icdf([1e-9, 0.3, 0.9]), bell.icdf([1e-9, 0.3, 0.9]), rtol=1e-11)
    assert law.variance == pytest.approx(0.5e-12, rel=1e-11, abs=0.0)


def test_loc_is_an_angle():
    turned = VonMises(0.5 + 6 * math.pi, 2.0)
    x = numpy.linspace(-3, 3, 7)
    numpy.testing.assert_allclose(turned.log_prob(x), VonMises(0.5, 2.0).log_prob(x), rtol=1e-13)
    assert turned.mean == pytest.approx(0.5, rel=1e-13, abs=0.0)
    assert VonMises(math.pi, 1.0).mean == -math.pi
    draws = VonMises([3.0, -3.0, 50.0], 3.0).sample(2000, rng=0)
    assert draws.min() >= -math.pi
    assert draws.max() < math.pi
    # The mean resultant of 2000 draws: A(3) = 0.80999, and its error at six deviations.
    resultant = numpy.abs(numpy.exp(1j * draws).mean(axis=0))
    numpy.testing.assert_allclose(
        resultant, float(mpmath.besseli(1, 3) / mpmath.besseli(0, 3)), atol=6 * 0.3 / 2000**0.5
    )


def test_bad_parameters_are_named():
    with pytest.raises(ValueError, match="`concentration` must be non-negative and finite"):
        VonMises(0.0, -1.0)
    with pytest.raises(ValueError, match="`loc` must be finite"):
        VonMises(math.inf, 1.0)
