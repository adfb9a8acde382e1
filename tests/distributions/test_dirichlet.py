"""Facts about Dirichlet: total mass, 50 digits, the boundary, huge and tiny concentrations."""

import itertools
import math

import mpmath
import numpy
import pytest

from gamedyn.distributions import Beta, Dirichlet


def exact(x, a):
    with mpmath.workdps(50):
        x, a = [mpmath.mpf(v) for v in x], [mpmath.mpf(v) for v in a]
        normaliser = mpmath.loggamma(sum(a)) - sum(mpmath.loggamma(v) for v in a)
        log_prob = normaliser + sum((b - 1) * mpmath.log(y) for b, y in zip(a, x, strict=True))
        slopes = (sum(a) - len(a)) * mpmath.psi(0, sum(a)) - sum((v - 1) * mpmath.psi(0, v) for v in a)
        return float(log_prob), float(slopes - normaliser)


# Points whose floats sum to 1 exactly, and one that does so within the tolerance.
POINTS = [[0.25, 0.5, 0.25], [0.25, 0.5, 0.25 + 2.0**-30], [2.0**-40, 0.5 - 2.0**-40, 0.5], [0.125, 0.75, 0.125]]


@pytest.mark.parametrize(
    "a",
    [[1.0, 1.0, 1.0], [1e-6, 0.3, 2.0], [9.0, 11.0, 10.0], [1e8, 2e8, 1e8 + 5], [1e8, 0.5, 3.0], [40.0, 1e-3, 1e5]],
)
def test_log_prob_and_entropy_equal_fifty_digits(a, library):
    law = Dirichlet(library.asarray(a))
    result = law.log_prob(library.asarray(POINTS))
    assert library.owns(result)
    expected = [exact(x, a)[0] for x in POINTS]
    numpy.testing.assert_allclose(library.host(result), expected, rtol=2e-13, atol=1e-14)
    numpy.testing.assert_allclose(library.host(law.entropy), exact(POINTS[0], a)[1], rtol=2e-13, atol=1e-14)


def test_total_mass_of_a_polynomial_density():
    # x = (s, t (1 - s), (1 - t)(1 - s)) with Jacobian 1 - s: Gauss-Legendre is exact for it.
    nodes, weights = numpy.polynomial.legendre.leggauss(12)
    nodes, weights = 0.5 * (nodes + 1), 0.5 * weights
    s, t = nodes[:, None], nodes
    x = numpy.stack(numpy.broadcast_arrays(s, t * (1 - s), (1 - t) * (1 - s)), axis=-1)
    density = numpy.exp(Dirichlet([3.0, 4.0, 2.0]).log_prob(x)) * (1 - s)
    assert weights @ density @ weights == pytest.approx(1.0, rel=1e-13)


def test_two_categories_are_beta(rng):
    x = rng.random(20)
    for a, b in itertools.product((0.3, 1.0, 15.0, 400.0), repeat=2):
        law, pair = Beta(a, b), Dirichlet([a, b])
        numpy.testing.assert_allclose(
            pair.log_prob(numpy.stack([x, 1 - x], axis=-1)), law.log_prob(x), rtol=1e-12, atol=1e-12
        )
        assert pair.entropy == pytest.approx(float(law.entropy), rel=1e-13, abs=1e-14)
        assert pair.variance[0] == pytest.approx(float(law.variance), rel=1e-14)


def test_on_the_boundary_and_off_the_simplex(library):
    inf = math.inf
    law = Dirichlet(library.asarray([[0.5, 1.0, 2.0], [0.5, 1.0, 20.0]]))
    x = library.asarray([[[0.0, 0.5, 0.5]], [[0.5, 0.0, 0.5]], [[0.5, 0.5, 0.0]], [[0.0, 1.0, 0.0]]])
    result = library.host(law.log_prob(x))
    assert numpy.all(numpy.isfinite(result[1]))
    numpy.testing.assert_array_equal(result[[0, 2, 3]], [[inf, inf], [-inf, -inf], [-inf, -inf]])
    off = library.asarray([[0.3, 0.3, 0.3], [-0.1, 0.6, 0.5], [1.0, 1.0, -1.0], [inf, 0.0, 0.0]])
    numpy.testing.assert_array_equal(library.host(law.log_prob(off[:, None, :])), -inf)
    assert numpy.all(numpy.isnan(library.host(law.score(off[:, None, :]))))
    numpy.testing.assert_array_equal(library.host(law.score(x[1, ...]))[0], [-1.0, 0.0, 2.0])


def test_tiny_concentrations_do_not_underflow():
    draws = Dirichlet(numpy.full(5, 1e-4)).sample(4000, rng=0)
    assert numpy.all(numpy.isfinite(draws))
    numpy.testing.assert_allclose(draws.sum(axis=-1), 1.0, rtol=1e-15)
    # Nearly all draws are corners, each with chance 1/5.
    corners = (draws > 0.999).mean(axis=0)
    numpy.testing.assert_allclose(corners, 0.2, atol=5 * (0.16 / 4000) ** 0.5)


def test_bad_parameters_are_named():
    with pytest.raises(ValueError, match="`concentration` must be positive and finite"):
        Dirichlet([1.0, 0.0])
    for bad in (2.0, [1.0]):
        with pytest.raises(ValueError, match="`concentration` must have at least two entries along its last axis"):
            Dirichlet(bad)
    with pytest.raises(ValueError, match=r"`x` must have shape \(..., 2\), got \(3,\)"):
        Dirichlet([1.0, 2.0]).log_prob([0.2, 0.3, 0.5])
