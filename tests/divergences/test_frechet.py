"""The Frechet distance of samples against that of their moments, its bias, its intervals and its bad input."""

import math

import numpy
import pytest
import scipy.stats

from gamedyn.divergences import frechet_distance
from gamedyn.divergences._frechet import _Fit
from tests.numerics.test_bures import of_factors, trace_formula


@pytest.mark.parametrize("d", [1, 4])
def test_is_that_of_the_moments(d, rng):
    x, y = rng.standard_normal((30, d)), 2 * rng.standard_normal((25, d)) + 1
    a, b = (numpy.atleast_2d(numpy.cov(z.T)) for z in (x, y))
    expected = numpy.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2) + trace_formula(a, b)
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-13)
    assert frechet_distance(x, y, root=True) == pytest.approx(math.sqrt(expected), rel=1e-13)
    # Far from the origin the moments keep the digits that the samples have.
    assert frechet_distance(x + 1e6, y + 1e6) == pytest.approx(expected, rel=1e-8)


def test_fewer_rows_than_columns(rng):
    # Trap 21: a sample against itself, and singular covariances: never negative, complex or nan.
    x, y = rng.standard_normal((5, 12)), rng.standard_normal((6, 12))
    assert 0 <= frechet_distance(x, x) < 1e-25
    left, right = ((z - z.mean(axis=0)).T / math.sqrt(len(z) - 1) for z in (x, y))
    expected = numpy.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2) + of_factors(left, right)
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-13)
    wide = numpy.concatenate([x, numpy.zeros((5, 3))], axis=1)
    assert frechet_distance(wide, numpy.zeros((5, 15))) == pytest.approx(
        numpy.sum(x.mean(axis=0) ** 2) + numpy.sum(numpy.var(x, axis=0, ddof=1)), rel=1e-13
    )
    assert math.isnan(frechet_distance(x, y, return_estimate=True, rng=0).standard_error)
    assert frechet_distance(numpy.ones((4, 2)), numpy.ones((3, 2))) == 0.0


def test_bias_is_taken_off(rng):
    # Trap 22: the plug-in value of equal laws falls as 1 / n, and is not 0; the extrapolated one has mean 0.
    plain, taken = [], []
    for _ in range(150):
        x, y = rng.standard_normal((60, 3)), rng.standard_normal((60, 3))
        plain.append(frechet_distance(x, y))
        taken.append(float(frechet_distance(x, y, extrapolate=True, rng=rng)))
    error = numpy.std(taken) / math.sqrt(150)
    assert abs(numpy.mean(taken)) < 4.9 * error
    assert numpy.mean(plain) > 10 * error
    assert min(taken) < 0


def test_coverage(rng):
    # Nominal 95 %, for N(0, I) against N(1/2, diag(4, 1, 1/4)): 3/4 + 1 + 0 + 1/4. Two-sided level 1e-6.
    truth, hits = 2.0, 0
    for _ in range(200):
        x, y = rng.standard_normal((150, 3)), 0.5 + rng.standard_normal((200, 3)) * [2.0, 1.0, 0.5]
        found = frechet_distance(x, y, return_estimate=True, rng=rng)
        hits += found.lower <= truth <= found.upper
        assert found.value == frechet_distance(x, y)
    low, high = scipy.stats.binom.ppf([5e-7, 1 - 5e-7], 200, [0.92, 0.98])
    assert low <= hits <= high


def test_standard_error_is_that_of_repeated_draws(rng):
    values, errors = [], []
    for _ in range(200):
        x, y = rng.standard_normal((120, 2)), 1 + rng.standard_normal((90, 2)) @ [[1.5, 0.5], [0.0, 0.7]]
        found = frechet_distance(x, y, return_estimate=True, extrapolate=True, rng=rng)
        values.append(found.value)
        errors.append(found.standard_error)
    # The deviation of 200 draws is known to 5 %: five times that.
    assert numpy.mean(errors) == pytest.approx(numpy.std(values), rel=0.25)


@pytest.mark.parametrize("shift", [0.0, 0.7])
def test_linear_part_is_the_jackknifes(shift, rng):
    # Skewed samples, so that the linear and the quadratic part of the potentials are correlated.
    x = rng.standard_exponential((300, 2))
    y = rng.standard_exponential((200, 2)) @ [[1.5, 0.5], [0.0, 0.7]] + shift
    variance = 0.0
    for own, value in ((x, lambda z: frechet_distance(z, y)), (y, lambda z: frechet_distance(x, z))):
        left_out = [value(numpy.delete(own, i, axis=0)) for i in range(len(own))]
        variance += (len(own) - 1) * numpy.var(left_out)
    assert _Fit.of(x, y).standard_error() == pytest.approx(math.sqrt(variance), rel=0.05)


def test_offset_takes_no_digits(rng):
    # Multiples of 2^-20: the offset loses nothing of the samples, and must lose nothing of their means.
    x, y = (numpy.round(z * 2**20) / 2**20 for z in (rng.standard_normal((30, 3)), rng.standard_normal((40, 3)) + 1))
    assert frechet_distance(x + 2**24, y + 2**24) == pytest.approx(frechet_distance(x, y), rel=1e-12)


def test_libraries(library, rng):
    x, y = rng.standard_normal((20, 3)), rng.standard_normal((15, 3)) + 1
    expected = float(frechet_distance(x, y))
    found = frechet_distance(library.asarray(x), library.asarray(y))
    assert library.owns(found)
    assert found.shape == ()
    assert float(found) == pytest.approx(expected, rel=1e-13)
    single = frechet_distance(library.asarray(x, "float32"), library.asarray(y, "float32"))
    assert library.owns(single, "float32")
    assert float(single) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        ([1.0], [1.0, 2.0], {}, "`x` must have at least 2 rows, got 1"),
        ([1.0, 2.0], [1.0, 2.0, 3.0, 4.0], {"extrapolate": True}, "`x` must have at least 4 rows, got 2"),
        ([1.0, math.inf], [1.0, 2.0], {}, "`x` must be finite, got inf in row 1"),
        ([1.0, 2.0], [[1.0, 2.0]] * 2, {}, "same number of columns, got 1 and 2"),
        ([1.0, 2.0], [1.0, 2.0], {"root": True, "extrapolate": True}, "`root` needs extrapolate=False"),
    ],
)
def test_bad_input(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(x, y, **options)
