"""check_game: right games pass, each wrong derivative is named."""

import numpy
import pytest

from gamedyn.games import Bilinear, DiracGAN, Game
from gamedyn.testing import check_game


class Product(Game):
    """L_0 = x^3 y, L_1 = -x^3 y + y^4, with one wrong method at a time."""

    dims = (1, 1)

    def __init__(self, wrong=""):
        self.wrong = wrong

    def losses(self, z):
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([x**3 * y, -(x**3) * y + y**4], axis=-1)

    def loss_gradients(self, z):
        x, y = z[..., 0], z[..., 1]
        rows = [[3 * x**2 * y, x**3], [-3 * x**2 * y, -(x**3) + 4 * y**3]]
        if self.wrong == "loss_gradients":
            rows[0][1] = -(x**3)
        return numpy.stack([numpy.stack(row, axis=-1) for row in rows], axis=-2)

    def simultaneous_gradient(self, z):
        xi = super().simultaneous_gradient(z)
        return -xi if self.wrong == "simultaneous_gradient" else xi

    def player_gradient(self, z, player):
        if self.wrong == "player_gradient":
            player = 0
        return super().player_gradient(z, player)

    def jvp(self, z, v):
        return super().jvp(z, v) * (1.001 if self.wrong == "jvp" else 1)

    def vjp(self, z, u):
        return self.jvp(z, u) if self.wrong == "vjp" else super().vjp(z, u)

    def jacobian(self, z):
        jacobian = super().jacobian(z)
        return numpy.swapaxes(jacobian, -1, -2) if self.wrong == "jacobian" else jacobian

    def own_hvp(self, z, v):
        return self.jvp(z, v) if self.wrong == "own_hvp" else super().own_hvp(z, v)


@pytest.mark.parametrize("game", [Product(), DiracGAN(), Bilinear([[2.0]])], ids=lambda g: type(g).__name__)
def test_right_games_pass(game):
    for seed in range(5):
        check_game(game, [0.7, -1.3], rng=seed)


@pytest.mark.parametrize(
    "wrong", ["loss_gradients", "simultaneous_gradient", "player_gradient", "jvp", "vjp", "jacobian", "own_hvp"]
)
def test_a_wrong_method_is_named(wrong):
    with pytest.raises(AssertionError, match=f"`{wrong}` of Product"):
        check_game(Product(wrong), [0.7, -1.3], rng=0)


def test_the_worst_index_is_named():
    with pytest.raises(AssertionError, match=r"`loss_gradients` of Product at index \(0, 1\) is .*, by differences"):
        check_game(Product("loss_gradients"), [0.7, -1.3], rng=0)


def test_a_game_that_writes_into_its_point_raises():
    class Writing(Product):
        def loss_gradients(self, z):
            z += 0
            return super().loss_gradients(z)

    with pytest.raises(ValueError, match="read-only"):
        check_game(Writing(), [0.7, -1.3], rng=0)
