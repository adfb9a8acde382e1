"""Blocks of squared distances: all digits where a root needs them, and the same sums however they are cut."""

import numpy
import pytest

from gamedyn.divergences import LaplaceKernel, RBFKernel, _pairwise
from gamedyn.divergences._energy import negative_distance_tile
from gamedyn.divergences._mmd import kernel_tile
from gamedyn.divergences._pairwise import (
    SquaredDistances,
    line_energy,
    line_forms,
    line_products,
    matrix_forms,
    matrix_products,
)


def _by_differences(x):
    return ((x[:, None] - x[None, :]) ** 2).sum(axis=-1)


def _whole(tile, n, max_bytes=2**20):
    found = numpy.full((n, n), numpy.nan)
    for rows, columns in _pairwise._upper(n, max_bytes, False):
        found[rows, columns] = tile(rows, columns)
        found[columns, rows] = found[rows, columns].T
    return found


@pytest.mark.parametrize("d", [2, 9])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_squared_distances_keep_their_digits(d, offset, rng):
    # Duplicates, and pairs that are 1e-7 apart: a product of norms leaves nothing of their distance.
    x = rng.standard_normal((150, d))
    x[100] = x[3]
    x[101] = x[5] + 1e-7
    x[102:150] = x[:48] * (1 + 1e-5)
    x = x + offset
    tile = SquaredDistances(x, 1.0, max_bytes=2**20)
    numpy.testing.assert_allclose(_whole(tile, len(x)), _by_differences(x), rtol=1e-12)


def test_many_close_pairs_are_found(rng):
    # Two tight clusters far apart: every pair within one is close.
    x = numpy.concatenate([rng.standard_normal((100, 8)), 1e5 + rng.standard_normal((100, 8))])
    tile = SquaredDistances(x, 1.0, max_bytes=2**20)
    numpy.testing.assert_allclose(_whole(tile, 200), _by_differences(x), rtol=1e-12)


@pytest.mark.parametrize("spread", [1.0, 1e3])
def test_smooth_functions_get_absolute_precision(spread, rng):
    # Exponents of a kernel: where the spread is far beyond the bandwidth, differences take over.
    x = spread * rng.standard_normal((150, 8))
    x[100:] = x[:50] + rng.standard_normal((50, 8))
    tile = SquaredDistances(x, -0.5, steepness=1.0, max_bytes=2**20)
    found, exact = _whole(tile, 150), -0.5 * _by_differences(x)
    assert numpy.max(numpy.abs(numpy.exp(found) - numpy.exp(exact))) < 3e-14
    near = exact > -30
    assert numpy.max(numpy.abs(found - exact)[near]) < 3e-14


def test_an_offset_does_not_cost_the_product(rng):
    tile = SquaredDistances(rng.standard_normal((70, 8)) + 1e6, -0.5, steepness=1.0, max_bytes=2**20)
    assert tile._by_product


def test_scaled_and_repaired(rng):
    x = rng.standard_normal((150, 8))
    x[100] = x[3] + 1e-7
    tile = SquaredDistances(x, 3.0, max_bytes=2**20)
    numpy.testing.assert_allclose(_whole(tile, 150), 3 * _by_differences(x), rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "function"),
    [
        (lambda x: kernel_tile(LaplaceKernel(1.0), x, 2**20), lambda r2: numpy.exp(-numpy.sqrt(r2))),
        (lambda x: negative_distance_tile(x, 2**20), lambda r2: -numpy.sqrt(r2)),
        (
            lambda x: kernel_tile(RBFKernel(100.0) + RBFKernel(0.01), x, 2**20),
            lambda r2: numpy.exp(-r2 / 2e4) + numpy.exp(-r2 / 2e-4),
        ),
    ],
)
def test_kernels_of_close_pairs(make, function, rng):
    # Roots, and kernels that are narrow against the spread, need more than the product has.
    x = rng.standard_normal((150, 8))
    x[100:] = x[:50] + 0.003 * rng.standard_normal((50, 8))
    x[120:] = x[:30] + 1e-8 * rng.standard_normal((30, 8))
    assert numpy.max(numpy.abs(_whole(make(x), 150) - function(_by_differences(x)))) < 3e-14


def test_matrix_sums(rng):
    a = rng.standard_normal((200, 200))
    a = a + a.T
    signs = rng.standard_normal((200, 3))
    forms = matrix_forms(lambda r, c: a[r, c], signs, max_bytes=2**16)
    numpy.testing.assert_allclose(forms, numpy.diag(signs.T @ a @ signs), rtol=1e-11)
    products, diagonal = matrix_products(lambda r, c: a[r, c], signs, max_bytes=2**16)
    numpy.testing.assert_allclose(products, a @ signs, rtol=1e-11)
    numpy.testing.assert_array_equal(diagonal, numpy.diag(a))


def test_sums_on_the_line(rng):
    z = numpy.concatenate([rng.standard_normal(30), numpy.zeros(4), [2.0, 2.0]])
    distances = numpy.abs(z[:, None] - z[None, :])
    signs = rng.standard_normal((36, 2))
    numpy.testing.assert_allclose(line_products(z, signs), distances @ signs, rtol=1e-12, atol=1e-13)
    dyadic = numpy.round(z * 2**20) / 2**20
    numpy.testing.assert_allclose(line_products(dyadic + 2**24, signs), line_products(dyadic, signs), rtol=1e-11)
    signs = signs - signs.mean(axis=0)
    numpy.testing.assert_allclose(line_forms(z, signs), -numpy.diag(signs.T @ distances @ signs), rtol=1e-12)


def test_energy_on_the_line_with_ties(rng):
    # Rounded values tie within and between the samples.
    x, y = numpy.round(rng.standard_normal(50), 1), numpy.round(rng.standard_normal(30) + 0.4, 1)
    signs = numpy.repeat([1 / 50, -1 / 30], [50, 30])
    z = numpy.concatenate([x, y])
    expected = -signs @ numpy.abs(z[:, None] - z[None, :]) @ signs
    assert line_energy(x, y) == pytest.approx(expected, rel=1e-12)
    assert line_energy(x, x[::-1]) == 0.0


def test_squares_beyond_range_are_refused():
    for spread in (1e200, 1e-200):
        with pytest.raises(ValueError, match="must spread over 1e-150 to 1e150"):
            SquaredDistances(spread * numpy.eye(3), 1.0, max_bytes=2**20)
