"""Facts about LowRankMultivariateNormal: the full law, nearly singular covariances at 50 digits, many dimensions."""

import math

import mpmath
import numpy
import pytest

from gamedyn.distributions import LowRankMultivariateNormal, MultivariateNormal


def test_equals_the_full_law(library, rng):
    loc, factor, diagonal = rng.standard_normal((3, 4)), rng.standard_normal((3, 4, 2)), rng.random(4) + 0.1
    covariance = factor @ numpy.swapaxes(factor, -1, -2) + numpy.diag(diagonal)
    law = LowRankMultivariateNormal(library.asarray(loc), library.asarray(factor), library.asarray(diagonal))
    full = MultivariateNormal(loc, (covariance + numpy.swapaxes(covariance, -1, -2)) / 2)
    x = rng.standard_normal((5, 3, 4))
    numpy.testing.assert_allclose(library.host(law.log_prob(library.asarray(x))), full.log_prob(x), rtol=1e-12)
    numpy.testing.assert_allclose(library.host(law.score(library.asarray(x))), full.score(x), rtol=1e-10, atol=1e-12)
    numpy.testing.assert_allclose(library.host(law.entropy), full.entropy, rtol=1e-13)
    numpy.testing.assert_allclose(library.host(law.variance), full.variance, rtol=1e-14)
    assert library.owns(law.covariance_matrix)
    numpy.testing.assert_allclose(library.host(law.covariance_matrix), covariance, rtol=1e-14)


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e5, 1e7])
def test_large_factors_do_not_cancel(size):
    # y^T S^-1 y by Woodbury is a difference of terms of the order size^2, and det(I + U^T U) loses its small factor.
    factor = size * numpy.array([[1.0, 1.0], [1.0, 1.0 + 2.0**-10], [1.0, -1.0]])
    diagonal, x = numpy.array([1.0, 0.25, 4.0]), numpy.array([[0.3, -0.2, 1.0], [size, size, 2 * size]])
    law = LowRankMultivariateNormal(numpy.zeros(3), factor, diagonal)
    with mpmath.workdps(60):
        w = mpmath.matrix(factor.tolist())
        covariance = w * w.T + mpmath.diag([mpmath.mpf(v) for v in diagonal])
        half_log_det = mpmath.log(mpmath.det(2 * mpmath.pi * covariance)) / 2
        points = [mpmath.matrix(row.tolist()) for row in x]
        solved = [mpmath.lu_solve(covariance, point) for point in points]
        expected = [float(-(p.T * s)[0] / 2 - half_log_det) for p, s in zip(points, solved, strict=True)]
        score = numpy.array([[-float(v) for v in s] for s in solved])
        entropy = float(half_log_det + mpmath.mpf(3) / 2)
    numpy.testing.assert_allclose(law.log_prob(x), expected, rtol=1e-12)
    numpy.testing.assert_allclose(law.entropy, entropy, rtol=1e-13)
    # The score is as good as the residual: to rounding of the point.
    assert numpy.all(numpy.abs(law.score(x) - score) <= 1e-14 * numpy.abs(x).max(axis=-1, keepdims=True) + 1e-12)


def test_many_dimensions_without_their_square():
    # A matrix of 10^10 entries would not fit.
    d = 100_000
    law = LowRankMultivariateNormal(numpy.zeros(d), numpy.ones((d, 1)), numpy.ones(d))
    x = numpy.ones(d)
    # S = I + 1 1^T: x^T S^-1 x = d / (1 + d), det S = 1 + d.
    expected = -0.5 * d / (1 + d) - 0.5 * math.log(1 + d) - 0.5 * d * math.log(2 * math.pi)
    assert law.log_prob(x) == pytest.approx(expected, rel=1e-13)
    assert law.sample(2, rng=0).shape == (2, d)


def test_bad_parameters_are_named():
    shapes = r"must have shapes \(..., d\), \(..., d, k\) and \(..., d\), got \(2,\), \(3, 1\) and \(2,\)"
    with pytest.raises(ValueError, match=shapes):
        LowRankMultivariateNormal([0.0, 0.0], [[1.0]] * 3, [1.0, 1.0])
    with pytest.raises(ValueError, match="must have shapes"):
        LowRankMultivariateNormal([0.0, 0.0], [1.0, 2.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="`cov_diag` must be positive and finite"):
        LowRankMultivariateNormal([0.0, 0.0], [[1.0], [1.0]], [1.0, 0.0])
    with pytest.raises(ValueError, match="`cov_factor` must be finite"):
        LowRankMultivariateNormal([0.0, 0.0], [[1.0], [math.inf]], [1.0, 1.0])
    with pytest.raises(ValueError, match=r"`x` must have shape \(..., 2\), got \(3,\)"):
        LowRankMultivariateNormal([0.0, 0.0], [[1.0], [1.0]], [1.0, 1.0]).log_prob([0.0, 0.0, 0.0])
