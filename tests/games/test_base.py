"""The Game protocol's defaults: a game that gives nothing but its losses."""

import numpy
import pytest

from gamedyn.games import Game, player_slices, replace_block


class Cubic(Game):
    """L_1 = x^2 y + u^3, L_2 = x y^2, player 1 owning (x, u); derivatives written out in the tests."""

    dims = (2, 1)

    def losses(self, z):
        x, u, y = z[..., 0], z[..., 1], z[..., 2]
        return numpy.stack([x**2 * y + u**3, x * y**2], axis=-1)


Z = numpy.array([[2.0, 3.0, 5.0], [-1.0, 0.5, 2.0]])


def rows(formula, z=Z):
    return numpy.array([formula(*point) for point in z])


def test_gradients_come_from_complex_step():
    gradients = rows(lambda x, u, y: [[2 * x * y, 3 * u**2, x**2], [y**2, 0, 2 * x * y]])
    numpy.testing.assert_allclose(Cubic().loss_gradients(Z), gradients, rtol=1e-15)
    xi = rows(lambda x, u, y: [2 * x * y, 3 * u**2, 2 * x * y])
    numpy.testing.assert_allclose(Cubic().simultaneous_gradient(Z), xi, rtol=1e-15)
    numpy.testing.assert_allclose(Cubic().player_gradient(Z, 1), xi[:, 2:], rtol=1e-15)


def test_jacobians_of_bare_games_are_good_to_ten_digits():
    # A complex step inside a complex step is a difference: the error is the cube root of the roundoff, squared.
    jacobian = rows(lambda x, u, y: [[2 * y, 0, 2 * x], [0, 6 * u, 0], [2 * y, 0, 2 * x]])
    numpy.testing.assert_allclose(Cubic().jacobian(Z), jacobian, atol=1e-9)
    numpy.testing.assert_allclose(Cubic().own_hessian(Z, 0), jacobian[:, :2, :2], atol=1e-9)
    v = numpy.array([1.0, -1.0, 2.0])
    numpy.testing.assert_allclose(Cubic().jvp(Z, v), jacobian @ v, atol=1e-8)
    numpy.testing.assert_allclose(Cubic().vjp(Z, v), v @ jacobian, atol=1e-8)
    own = rows(lambda x, u, y: [2 * y, -6 * u, 4 * x])
    numpy.testing.assert_allclose(Cubic().own_hvp(Z, v), own, atol=1e-8)
    numpy.testing.assert_allclose(Cubic().cross_jvp(Z, v), jacobian @ v - own, atol=1e-8)
    numpy.testing.assert_allclose(Cubic().cross_vjp(Z, v), v @ jacobian - own, atol=1e-8)


def test_loss_hessians_of_bare_games():
    hessians = rows(
        lambda x, u, y: [
            [[2 * y, 0, 2 * x], [0, 6 * u, 0], [2 * x, 0, 0]],
            [[0, 0, 2 * y], [0, 0, 0], [2 * y, 0, 2 * x]],
        ]
    )
    numpy.testing.assert_allclose(Cubic().loss_hessians(Z), hessians, atol=1e-8)


def test_deterministic_games_are_their_own_samples():
    game = Cubic()
    assert game.redraw() is game
    assert game.full() is game


@pytest.mark.parametrize(("dims", "ends"), [((3,), [3]), ((1, 2), [1, 3]), ((2, 1, 4), [2, 3, 7])])
def test_players_own_consecutive_slices(dims, ends):
    slices = player_slices(dims)
    assert [block.stop for block in slices] == ends
    assert [block.stop - block.start for block in slices] == list(dims)


def test_a_block_is_replaced_in_a_new_array():
    z = numpy.arange(6.0).reshape(2, 3)
    z.flags.writeable = False
    replaced = replace_block(z, slice(1, 2), numpy.array([[-1.0], [-2.0]]))
    assert replaced.tolist() == [[0.0, -1.0, 2.0], [3.0, -2.0, 5.0]]
    assert z[0, 1] == 1.0
