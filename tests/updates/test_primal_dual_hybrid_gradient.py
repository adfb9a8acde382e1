"""The primal-dual hybrid gradient method."""

import numpy
import pytest

from gamedyn.games import Bilinear, Counted, Quadratic
from gamedyn.updates import PrimalDualHybridGradient


def test_the_second_player_answers_the_extrapolated_first():
    # xi = (x + y, y - x), h = 1/2 from (4, 2): x = 4 - 3 = 1, seen as 2 - 4 = -2; y = 2 - (2 + 2) / 2 = 0.
    game = Quadratic.from_jacobian([[1.0, 1.0], [-1.0, 1.0]], (1, 1))
    assert PrimalDualHybridGradient(0.5).step(game, numpy.array([4.0, 2.0]), None)[0].tolist() == [1.0, 0.0]


def test_it_is_a_proximal_point_method_in_a_norm_of_its_own(rng):
    # |x|^2 + |y|^2 - 2 h x^T A y, a norm for h |A| < 1, falls by at least its value at the move.
    matrix = rng.standard_normal((3, 2))
    h = 0.95 / numpy.linalg.norm(matrix, 2)

    def norm(z):
        return (z**2).sum(-1) - 2 * h * numpy.einsum("bi,ij,bj->b", z[:, :3], matrix, z[:, 3:])

    z = rng.standard_normal((10, 5))
    for _ in range(50):
        moved, _ = PrimalDualHybridGradient(h).step(Bilinear(matrix), z, None)
        assert (norm(moved) <= norm(z) - norm(moved - z) + 1e-12).all()
        z = moved


def test_it_takes_each_players_own_gradient_only():
    game = Counted(Bilinear([[1.0]]))
    PrimalDualHybridGradient(0.1).step(game, numpy.ones(2), None)
    assert game.gradients == 1


def test_it_is_for_two_players():
    with pytest.raises(ValueError, match="`PrimalDualHybridGradient` needs a game of 2 players, got one of 1"):
        PrimalDualHybridGradient(0.1).init(Quadratic([[[1.0]]], (1,)), numpy.ones(1))
