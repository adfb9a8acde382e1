"""Alternating descent: turns, inner steps and fresh samples."""

import numpy
import pytest

from gamedyn.games import Bilinear, Game, Quadratic
from gamedyn.updates import AlternatingGradientDescent, Cost


def coupled(n=3):
    """xi_i = z_i + sum over the others: integers stay readable."""
    return Quadratic.from_jacobian(numpy.ones((n, n)), (1,) * n)


def test_each_player_sees_the_newest_blocks():
    # z = (1, 1, 1), h = 1: z_0 = 1 - 3 = -2; z_1 = 1 - (-2 + 1 + 1) = 1; z_2 = 1 - (-2 + 1 + 1) = 1.
    z, _ = AlternatingGradientDescent(1.0).step(coupled(), numpy.ones(3), None)
    assert z.tolist() == [-2.0, 1.0, 1.0]
    # The other way round: z_2 = -2; z_1 = 1 - (1 + 1 - 2) = 1; z_0 = 1 - (1 + 1 - 2) = 1.
    z, _ = AlternatingGradientDescent(1.0, player_order=(2, 1, 0)).step(coupled(), numpy.ones(3), None)
    assert z.tolist() == [1.0, 1.0, -2.0]


def test_bilinear_games_keep_a_quadratic_form(rng):
    matrix = rng.standard_normal((3, 2))
    h = 1.9 / numpy.linalg.norm(matrix, 2)
    z = start = rng.standard_normal((4, 5))
    rule, game = AlternatingGradientDescent(h), Bilinear(matrix)

    def form(z):
        # |x|^2 + |y|^2 - h x^T A y, positive definite for h |A| < 2.
        return (z**2).sum(-1) - h * numpy.einsum("bi,ij,bj->b", z[:, :3], matrix, z[:, 3:])

    for _ in range(1000):
        z, _ = rule.step(game, z, None)
    numpy.testing.assert_allclose(form(z), form(start), rtol=1e-11)
    assert not numpy.allclose((z**2).sum(-1), (start**2).sum(-1), rtol=1e-2)


@pytest.mark.parametrize(("part", "inside"), [(1 - 1e-6, True), (1 + 1e-6, False)])
def test_bilinear_games_stay_bounded_up_to_twice_the_inverse_frequency(part, inside):
    matrix = AlternatingGradientDescent(2 / 1.5 * part).iteration_matrix(numpy.array([[0.0, 1.5], [-1.5, 0.0]]), (1, 1))
    radius = max(abs(numpy.linalg.eigvals(matrix)))
    assert radius == pytest.approx(1, abs=1e-9) if inside else radius > 1 + 1e-9


def test_inner_steps_belong_to_players_and_not_to_places():
    # Player 1 moves first and twice, h = 1/2: y = 1 - 1 = 0, then 0 - 1/2 = -1/2; x = 1 - (1 - 1/2) / 2 = 3/4.
    rule = AlternatingGradientDescent(0.5, inner_steps=(1, 2), player_order=(1, 0))
    z, _ = rule.step(coupled(2), numpy.ones(2), None)
    assert z.tolist() == [0.75, -0.5]
    assert rule.cost == Cost(gradients=1.5)


class Noted(Game):
    """A bowl that notes on which sample, numbered by redraws, each gradient was taken."""

    dims = (1, 1)

    def __init__(self, notes, sample=0):
        self.notes, self.sample = notes, sample

    def losses(self, z):
        return z**2 / 2

    def player_gradient(self, z, player):
        self.notes.append((player, self.sample))
        return z[..., player : player + 1]

    def redraw(self):
        return Noted(self.notes, self.sample + 1)


def test_further_inner_steps_take_fresh_samples():
    notes = []
    rule = AlternatingGradientDescent(0.1, inner_steps=(1, 3), player_order=(1, 0))
    rule.step(Noted(notes), numpy.ones(2), None)
    assert notes == [(1, 0), (1, 1), (1, 2), (0, 2)]
    notes = []
    AlternatingGradientDescent(0.1).step(Noted(notes), numpy.ones(2), None)
    assert notes == [(0, 0), (1, 0)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inner_steps": (1, 0)}, "`inner_steps` must be at least 1, got 0"),
        ({"player_order": (0, 0)}, r"`player_order` must be a permutation of the players 0 to n - 1, got \(0, 0\)"),
        ({"player_order": (1, 2)}, r"got \(1, 2\)"),
        ({"inner_steps": (1, 1), "player_order": (0, 1, 2)}, "must have one entry per player"),
    ],
)
def test_turns_must_make_sense(arguments, message):
    with pytest.raises(ValueError, match=message):
        AlternatingGradientDescent(0.1, **arguments)


def test_turns_must_fit_the_game():
    with pytest.raises(ValueError, match=r"`player_order` must have one entry for each of the 3 players, got \(1, 0\)"):
        AlternatingGradientDescent(0.1, player_order=(1, 0)).step(coupled(), numpy.ones(3), None)
    with pytest.raises(ValueError, match=r"`inner_steps` must have one entry for each of the 3 players, got \(1, 2\)"):
        AlternatingGradientDescent(0.1, inner_steps=(1, 2)).iteration_matrix(numpy.eye(3), (1, 1, 1))
