"""Powers of affine maps against the maps applied one by one."""

import numpy
import pytest

from gamedyn.dynamics._affine_map import AffineMap, Powers


def random_map(rng, groups, size, with_offset):
    offset = rng.standard_normal((groups, size, 1)) if with_offset else None
    matrix = rng.standard_normal((groups, size, size))
    # Of norm 1, so that nothing grows.
    return AffineMap(matrix / numpy.linalg.norm(matrix, 2, axis=(-2, -1), keepdims=True), offset)


def applied(one, w, times):
    for _ in range(times):
        w = one.matrix @ w + (0 if one.offset is None else one.offset)
    return w


@pytest.mark.parametrize("with_offset", [False, True])
@pytest.mark.parametrize(("groups", "columns"), [(1, 1), (1, 9), (4, 1)])
def test_repeated_maps_are_the_map_again_and_again(with_offset, groups, columns, rng):
    one = random_map(rng, groups, 3, with_offset)
    w = rng.standard_normal((groups, 3, columns))
    powers = Powers(one)
    for times in (1, 2, 3, 8, 13, 6):
        expected = applied(one, w, times)
        numpy.testing.assert_allclose(powers.advanced(w, times), expected, rtol=0, atol=1e-12)
        numpy.testing.assert_allclose(powers.repeated(times).apply(w), expected, rtol=0, atol=1e-12)
    for k in (0, 2):
        ahead = powers.multiples(k, 5)
        moved = ahead.apply(w[:, None, ...])
        for j in range(5):
            numpy.testing.assert_allclose(moved[:, j], applied(one, w, 2**k * j), rtol=0, atol=1e-12)
    assert powers.multiples(2, 5) is powers.multiples(2, 5)
    for k in range(30):
        assert powers.multiples(0, k + 1).matrix.shape[1] == k + 1


def test_growth_is_a_bound_on_every_power(rng):
    # For a shear, |M^t| grows with t; for a scaling by 2 it is 2^t, which a bound must reach.
    for matrix in ([[1.0, 1.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 0.5]], 2 * rng.standard_normal((2, 2))):
        powers, power = Powers(AffineMap(numpy.asarray(matrix)[None, ...], None)), numpy.eye(2)
        for times in range(1, 40):
            power = matrix @ power
            assert numpy.linalg.norm(power, 2) <= powers.growth(times) * (1 + 1e-12)
            assert powers.growth(times) <= powers.growth(times + 1)
    assert Powers(AffineMap(numpy.full((1, 2, 2), numpy.nan), None)).growth(1) == numpy.inf


def test_columns_stay_in_their_library(game_library, rng):
    one = random_map(rng, 1, 3, True)
    moved = [game_library.asarray(part, dtype="float64") for part in one]
    w = rng.standard_normal((1, 3, 2))
    found = Powers(AffineMap(*moved)).advanced(game_library.asarray(w, dtype="float64"), 5)
    assert game_library.owns(found, "float64")
    numpy.testing.assert_allclose(game_library.host(found), applied(one, w, 5), rtol=0, atol=1e-12)
