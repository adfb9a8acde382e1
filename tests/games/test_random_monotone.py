"""Random general-sum games with given constants."""

import numpy
import pytest

from gamedyn.equilibria import classify
from gamedyn.games import player_slices, random_monotone_game


def test_both_constants_are_attained(rng):
    for dims in ((1, 1), (2, 3), (2, 1, 3)):
        game = random_monotone_game(dims, mu=0.3, L=2.0, rng=rng)
        jacobian = game.jacobian(numpy.zeros(sum(dims)))
        symmetric = numpy.linalg.eigvalsh((jacobian + jacobian.T) / 2)
        assert symmetric[0] == pytest.approx(0.3, rel=1e-12)
        assert numpy.linalg.norm(jacobian, 2) == pytest.approx(2.0, rel=1e-12)
        for block in player_slices(dims):
            numpy.testing.assert_array_equal(jacobian[block, block], jacobian[block, block].T)
        assert classify(game, numpy.zeros(sum(dims))).kind == "nash"


def test_the_game_is_general_sum_and_not_normal(rng):
    jacobian = random_monotone_game((2, 2), rng=rng).jacobian(numpy.zeros(4))
    assert numpy.max(abs(jacobian[:2, 2:] + jacobian[2:, :2].T)) > 1e-3
    assert numpy.max(abs(jacobian @ jacobian.T - jacobian.T @ jacobian)) > 1e-3


def test_a_seed_makes_the_same_game():
    first, second, third = (random_monotone_game((1, 2), rng=seed).jacobian(numpy.zeros(3)) for seed in (3, 3, 4))
    numpy.testing.assert_array_equal(first, second)
    assert not numpy.array_equal(first, third)


def test_equal_constants_make_a_multiple_of_the_identity():
    jacobian = random_monotone_game((1, 1), mu=1.0, L=1.0, rng=0).jacobian(numpy.zeros(2))
    numpy.testing.assert_allclose(jacobian, numpy.eye(2), atol=1e-7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dims": (2,)}, r"`dims` must hold the sizes of at least two players, got \(2,\)"),
        ({"dims": (2, 0)}, "`dims` must be at least 1, got 0"),
        ({"dims": (1, 1), "mu": 0.0}, "`mu` must be positive and finite, got 0.0"),
        ({"dims": (1, 1), "mu": 2.0}, "`L` must be finite and at least `mu`, got L = 1.0 and mu = 2.0"),
    ],
)
def test_impossible_constants_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        random_monotone_game(**arguments)
