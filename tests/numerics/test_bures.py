"""The Bures distance against its trace formula in 60 digits, near, far and singular."""

import math

import mpmath
import numpy
import pytest

from gamedyn.numerics import squared_bures_distance, squared_bures_of_factors


def trace_formula(a, b):
    with mpmath.workdps(60):
        a, b = mpmath.matrix(a.tolist()), mpmath.matrix(b.tolist())
        values, vectors = mpmath.eigsy(a)
        root = vectors * mpmath.diag([mpmath.sqrt(max(e, 0)) for e in values]) * vectors.T
        inner = root * b * root
        inner = mpmath.eigsy((inner + inner.T) / 2, eigvals_only=True)
        trace = sum(a[i, i] + b[i, i] for i in range(a.rows))
        return float(trace - 2 * sum(mpmath.sqrt(max(e, 0)) for e in inner))


def of_factors(left, right):
    """|L|^2 + |M|^2 - 2 (the sum of the singular values of M^T L) with 60 digits."""
    with mpmath.workdps(60):
        left, right = mpmath.matrix(left.tolist()), mpmath.matrix(right.tolist())
        singular = mpmath.svd_r(right.T * left, compute_uv=False)
        squares = sum(x**2 for m in (left, right) for x in m)
        return float(squares - 2 * sum(singular))


def covariance(rng, d, rank=None):
    factor = rng.standard_normal((d, rank or d))
    return factor @ factor.T


@pytest.mark.parametrize("d", [1, 2, 6])
@pytest.mark.parametrize("apart", [3.0, 0.3, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12])
def test_keeps_all_digits_however_close(apart, d, rng):
    # Trap 21: at W = 6e-11 factors have an error of 1e-5, and square roots of matrices are lost long before.
    for _ in range(2):
        a = covariance(rng, d) + numpy.eye(d)
        b = a + apart * covariance(rng, d)
        b = (b + b.T) / 2
        assert squared_bures_distance(a, b) == pytest.approx(trace_formula(a, b), rel=3e-14, abs=0.0)
        assert squared_bures_distance(b, a) == pytest.approx(trace_formula(a, b), rel=3e-14, abs=0.0)


@pytest.mark.parametrize(("apart", "tolerance"), [(1e-2, 1e-11), (1e-4, 1e-10), (1e-6, 1e-7), (1e-8, 1e-5)])
def test_factors_know_the_distance_to_1e_16_of_the_trace(apart, tolerance, rng):
    # The figures of trap 21, squared: 2e-11 of W at W = 3e-5, 9e-10 at 4e-7, 9e-9 at 5e-9.
    a = covariance(rng, 6) + numpy.eye(6)
    b = a + apart * covariance(rng, 6)
    left, right = numpy.linalg.cholesky(a), numpy.linalg.cholesky(b)
    assert squared_bures_of_factors(left, right) == pytest.approx(trace_formula(a, b), rel=tolerance, abs=0.0)


def test_ill_conditioned_covariances(rng):
    # Conditions to 1e10; the error is at most about the condition times eps, or eps of the root of the trace.
    for exponent in (4, 7, 10):
        rotation = numpy.linalg.qr(rng.standard_normal((5, 5)))[0]
        a = (rotation * 10.0 ** numpy.linspace(0, -exponent, 5)) @ rotation.T
        a = (a + a.T) / 2
        for apart in (1e-1, 1e-3, 1e-8):
            b = a * (1 + apart)
            # W = (sqrt(1 + t) - 1) sqrt(tr A) for proportional covariances.
            exact = (apart / (1 + math.sqrt(1 + apart))) ** 2 * numpy.trace(a)
            assert squared_bures_distance(a, b) == pytest.approx(exact, rel=1e-15 * 10**exponent)


@pytest.mark.parametrize("condition", [1e3, 1e8])
@pytest.mark.parametrize("apart", [0.1, 1e-3, 1e-6])
def test_ill_conditioned_and_close_in_every_direction(condition, apart, rng):
    values, rotation = condition ** -numpy.linspace(0, 1, 4), numpy.linalg.qr(rng.standard_normal((4, 4)))[0]
    root, change = rotation * numpy.sqrt(values), rng.standard_normal((4, 4)) / 4
    a, b = root @ root.T, root @ (numpy.eye(4) + apart * (change + change.T)) @ root.T
    a, b = (a + a.T) / 2, (b + b.T) / 2
    assert squared_bures_distance(a, b) == pytest.approx(trace_formula(a, b), rel=3e-14, abs=0.0)


def test_close_in_some_directions_only():
    # Commuting: the sum of squared differences of deviations, of which the last is all.
    a, b = numpy.diag([1.0, 1e-12]), numpy.diag([1.0, 1e-3])
    exact = (math.sqrt(1e-3) - 1e-6) ** 2
    assert squared_bures_distance(a, b) == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize("rank", [1, 3, 8])
def test_equal_and_singular(rank, rng):
    a = covariance(rng, 8, rank)
    assert 0 <= squared_bures_distance(a, a) < 1e-28 * numpy.trace(a)
    assert squared_bures_distance(a, numpy.zeros((8, 8))) == pytest.approx(numpy.trace(a), rel=1e-14)
    assert squared_bures_distance(numpy.zeros((8, 8)), a) == pytest.approx(numpy.trace(a), rel=1e-14)


def test_closed_forms():
    # Commuting: the sum of squared differences of deviations. Orthogonal lines: the sum of both traces.
    s, t = numpy.array([1.0, 0.0, 2.0]), numpy.array([0.0, 0.0, 2.5])
    assert squared_bures_distance(numpy.diag(s**2), numpy.diag(t**2)) == pytest.approx(1.25, rel=1e-15)
    assert squared_bures_distance(numpy.diag([1.0, 0.0]), numpy.diag([0.0, 4.0])) == pytest.approx(5.0, rel=1e-15)


def test_factors_of_different_widths(rng):
    left, right = rng.standard_normal((4, 2)), rng.standard_normal((4, 5))
    expected = of_factors(left, right)
    for pair in ((left, right), (right, left)):
        assert squared_bures_of_factors(*pair) == pytest.approx(expected, rel=1e-13)


def test_libraries_and_batches(library, rng):
    a = numpy.stack([covariance(rng, 3) + numpy.eye(3) for _ in range(2)])
    b = numpy.stack([covariance(rng, 3) + numpy.eye(3) for _ in range(2)])
    expected = [trace_formula(p, q) for p, q in zip(a, b, strict=True)]
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-4)):
        found = squared_bures_distance(library.asarray(a, dtype), library.asarray(b, dtype))
        assert library.owns(found, dtype)
        numpy.testing.assert_allclose(library.host(found), expected, rtol=tolerance)
    factors = [library.asarray(numpy.linalg.cholesky(z)) for z in (a, b)]
    numpy.testing.assert_allclose(library.host(squared_bures_of_factors(*factors)), expected, rtol=1e-12)
    wide = library.asarray(numpy.concatenate([numpy.linalg.cholesky(a), numpy.zeros((2, 3, 2))], axis=-1))
    numpy.testing.assert_allclose(library.host(squared_bures_of_factors(wide, factors[1])), expected, rtol=1e-12)


def test_broadcasting_and_scalars(rng):
    a, b = numpy.stack([numpy.eye(2), 4 * numpy.eye(2)]), 9 * numpy.eye(2)
    numpy.testing.assert_allclose(squared_bures_distance(a, b), [8.0, 2.0], rtol=1e-14)
    assert squared_bures_distance(a[0], b).shape == ()
