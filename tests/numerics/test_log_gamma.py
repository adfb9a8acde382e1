"""Differences and gaps of log Gamma against mpmath at 50 digits and more, on random and edge values."""

import mpmath
import numpy
import pytest

from gamedyn import numerics
from tests.conftest import Library

mpmath.mp.dps = 50


def pairs(rng, count):
    """(a, h) with a from 1e-9 to 1e9 and h near 0, near -a, or anything."""
    a = 10 ** rng.uniform(-9, 9, count)
    tiny = a * 10 ** rng.uniform(-12, 0, count) * rng.choice([-0.999, 0.999], count)
    down = -a * (1 - 10 ** rng.uniform(-9, -0.1, count))
    h = numpy.choose(numpy.arange(count) % 3, [tiny, 10 ** rng.uniform(-9, 9, count), down])
    edges = [(1e8, 1.0), (1e5, 1.0), (1.0, 1.0), (1e-8, 1e-20), (1e-8, 1e8), (1e15, -1e15 + 1), (9.0, 2.0), (10.0, 0.0)]
    edges += [(1.4616321449683623, 1e-9), (1e-300, 1e-300), (3.0, 1e-150)]
    extra = numpy.array(edges)
    return numpy.append(a, extra[:, 0]), numpy.append(h, extra[:, 1])


def exact(a, h):
    """log Gamma(a + h) - log Gamma(a), the Bregman gap and the difference of digammas."""
    # The gap is of the order (h / a)^2, so three times its digits cover the cancellation.
    with mpmath.workdps(50 + 3 * max(0, int(mpmath.log10(a / abs(h))) if h else 0)):
        a, h = mpmath.mpf(a), mpmath.mpf(h)
        difference = mpmath.loggamma(a + h) - mpmath.loggamma(a)
        return difference, difference - h * mpmath.psi(0, a), mpmath.psi(0, a + h) - mpmath.psi(0, a)


def check(library, rng, count):
    a, h = pairs(rng, count)
    expected = numpy.array([[float(v) for v in exact(float(x), float(d))] for x, d in zip(a, h, strict=True)]).T
    there = library.asarray(a), library.asarray(h)
    gap, slopes = numerics.gammaln_bregman(*there), numerics.digamma_difference(*there)
    difference = numerics.gammaln_difference(*there)
    assert library.owns(gap)
    assert library.owns(slopes)
    assert library.owns(difference)
    numpy.testing.assert_allclose(library.host(gap), expected[1], rtol=3e-15)
    numpy.testing.assert_allclose(library.host(slopes), expected[2], rtol=3e-15)
    error = numpy.abs(library.host(difference) - expected[0])
    assert numpy.all(error <= 3e-15 * (numpy.abs(expected[0]) + numpy.abs(h)))


def test_equal_fifty_digits(library, rng):
    check(library, rng, 90)


@pytest.mark.full
def test_equal_fifty_digits_on_many(rng):
    check(Library("numpy"), rng, 20_000)


def test_known_values():
    # Gamma(n + 1) / Gamma(n) = n, and psi(n + 1) - psi(n) = 1 / n.
    n = numpy.array([1.0, 2.0, 9.5, 10.0, 1e3, 1e10, 1e17])
    numpy.testing.assert_allclose(numerics.gammaln_difference(n, 1.0), numpy.log(n), rtol=1e-15, atol=1e-15)
    numpy.testing.assert_allclose(numerics.digamma_difference(n[:-1], 1.0), 1 / n[:-1], rtol=2e-15)
    assert numerics.gammaln_bregman(7.3, 0.0) == 0.0


def test_outside_the_domain_is_nan(library):
    a, h = library.asarray([-1.0, 1.0, 2.0]), library.asarray([3.0, -1.5, 1.0])
    for name in ("gammaln_bregman", "gammaln_difference", "digamma_difference"):
        result = library.host(getattr(numerics, name)(a, h))
        numpy.testing.assert_array_equal(numpy.isnan(result), [True, True, False])


def test_float32_keeps_its_digits(library):
    # KL of Gamma(1e5, 1) from Gamma(1e5 + 1, 1), where differences of log Gamma give -0.01.
    gap = numerics.gammaln_bregman(library.asarray(1e5, "float32"), library.asarray(1.0, "float32"))
    assert library.owns(gap, "float32")
    assert float(gap) == pytest.approx(float(exact(1e5, 1.0)[1]), rel=1e-6, abs=0.0)


def test_stirling_remainder(library):
    x = numpy.array([1e-300, 1e-8, 0.1, 1.0, 2.0, 5.0, 9.99, 10.0, 10.01, 37.0, 1e4, 1e8, 1e200])
    result = numerics.stirling_remainder(library.asarray(x))
    assert library.owns(result)
    with mpmath.workdps(500):
        formula = [
            float(mpmath.loggamma(v) - (v - 0.5) * mpmath.log(v) + v - mpmath.log(2 * mpmath.pi) / 2)
            for v in map(mpmath.mpf, x)
        ]
    numpy.testing.assert_allclose(library.host(result), formula, rtol=1e-15, atol=1e-14)
    numpy.testing.assert_allclose(library.host(result)[7:], formula[7:], rtol=1e-15)


def test_digamma_remainder(library):
    x = numpy.array([1e-8, 0.1, 1.0, 2.0, 9.99, 10.0, 10.01, 37.0, 1e4, 1e8, 1e200])
    result = numerics.digamma_remainder(library.asarray(x))
    assert library.owns(result)
    with mpmath.workdps(300):
        formula = [float(mpmath.log(v) - mpmath.psi(0, v)) for v in map(mpmath.mpf, x)]
    numpy.testing.assert_allclose(library.host(result), formula, rtol=1e-15, atol=2e-15)
    numpy.testing.assert_allclose(library.host(result)[5:], formula[5:], rtol=1e-15)


def test_betaln(library, rng):
    a, b = 10 ** rng.uniform(-9, 9, 60), 10 ** rng.uniform(-9, 9, 60)
    result = numerics.betaln(library.asarray(a), library.asarray(b))
    assert library.owns(result)
    expected = [
        float(mpmath.loggamma(x) + mpmath.loggamma(y) - mpmath.loggamma(x + y))
        for x, y in zip(map(mpmath.mpf, a), map(mpmath.mpf, b), strict=True)
    ]
    numpy.testing.assert_allclose(library.host(result), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.peers
def test_gradients_flow_and_vanish_at_equality():
    import jax
    import torch

    jax.config.update("jax_enable_x64", True)
    steps = numpy.array([-0.9, -1e-9, 0.0, 1e-9, 2.0, 1e3])
    expected = numerics.digamma_difference(1.7, steps)
    h = torch.tensor(steps, requires_grad=True)
    numerics.gammaln_bregman(torch.tensor(1.7, dtype=torch.float64), h).sum().backward()
    numpy.testing.assert_allclose(h.grad.numpy(), expected, rtol=1e-12)
    gradient = jax.grad(lambda x: jax.numpy.sum(numerics.gammaln_bregman(jax.numpy.asarray(1.7), x)))
    numpy.testing.assert_allclose(gradient(jax.numpy.asarray(steps)), expected, rtol=1e-12)
