"""Gauss rules against the moments that they integrate exactly."""

import math

import mpmath
import numpy
import pytest

from gamedyn.numerics import gauss_hermite, gauss_legendre


@pytest.mark.parametrize("n", [1, 2, 5, 20, 64])
def test_legendre_is_exact_to_degree_2n_minus_1(n):
    nodes, weights = gauss_legendre(n, -1.0, 1.0)
    for degree in range(2 * n):
        expected = 2 / (degree + 1) if degree % 2 == 0 else 0.0
        assert math.fsum(weights * nodes**degree) == pytest.approx(expected, abs=4e-15 * (1 + n / 10))
    # And not one degree further: the error of the monomial x^(2n) is that of the squared monic Legendre polynomial.
    if n <= 5:
        error = 2 / (2 * n + 1) - math.fsum(weights * nodes ** (2 * n))
        expected = 2 ** (2 * n + 1) * math.factorial(n) ** 4 / ((2 * n + 1) * math.factorial(2 * n) ** 2)
        assert error == pytest.approx(expected, rel=1e-10, abs=0.0)


def test_legendre_on_an_interval():
    nodes, weights = gauss_legendre(30, 2.0, 5.0)
    assert nodes.min() > 2.0
    assert nodes.max() < 5.0
    assert weights @ numpy.log(nodes) == pytest.approx(5 * math.log(5) - 2 * math.log(2) - 3, rel=1e-14, abs=0.0)


@pytest.mark.parametrize("n", [1, 2, 5, 20, 60, 200])
def test_hermite_gives_normal_moments(n):
    nodes, weights = gauss_hermite(n)
    # E Z^(2k) = (2k - 1)!!, odd moments vanish.
    for degree in range(0, min(2 * n, 40), 2):
        expected = float(mpmath.fac2(degree - 1)) if degree else 1.0
        assert math.fsum(weights * nodes**degree) == pytest.approx(expected, rel=1e-11, abs=0.0)
    numpy.testing.assert_allclose(nodes, -nodes[::-1], atol=1e-12)


def test_hermite_expectation_of_an_exponential():
    nodes, weights = gauss_hermite(40)
    assert weights @ numpy.exp(nodes) == pytest.approx(math.exp(0.5), rel=1e-14, abs=0.0)


def test_cached_nodes_cannot_be_changed():
    nodes, weights = gauss_hermite(7)
    for array in (nodes, weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0
    gauss_legendre(7)[0][0] = 5.0
    assert abs(gauss_legendre(7)[0][0]) < 1.0


@pytest.mark.parametrize("rule", [gauss_legendre, gauss_hermite])
def test_number_of_nodes_is_checked(rule):
    with pytest.raises(ValueError, match="`n` must be at least 1, got 0"):
        rule(0)
    with pytest.raises(TypeError, match="`n` must be an integer"):
        rule(2.5)
