"""Normal-form and matrix games against sums over all pure strategies."""

import itertools

import numpy
import pytest

from gamedyn.games import Bilinear, MatrixGame, NormalFormGame, player_slices


def enumerated(payoffs, z, sizes):
    """Expected payoffs as the sum over all pure strategies of probability times payoff."""
    blocks = [z[block] for block in player_slices(sizes)]
    total = numpy.zeros(len(sizes))
    for actions in itertools.product(*map(range, sizes)):
        chance = numpy.prod([x[k] for x, k in zip(blocks, actions, strict=True)])
        total += chance * payoffs[(slice(None), *actions)]
    return total


def mixed(rng, sizes):
    return numpy.concatenate([rng.dirichlet(numpy.ones(size)) for size in sizes])


@pytest.mark.parametrize("sizes", [(3,), (2, 3), (2, 3, 2), (2, 1, 3, 2)])
def test_losses_are_minus_the_expected_payoffs(sizes, rng):
    payoffs = rng.standard_normal((len(sizes), *sizes))
    game = NormalFormGame(payoffs)
    assert game.dims == sizes
    z = mixed(rng, sizes)
    assert bool(game.domain.contains(z))
    numpy.testing.assert_allclose(game.losses(z), -enumerated(payoffs, z, sizes), rtol=1e-13, atol=1e-13)
    # Every action's payoff: the player's own strategy replaced by a pure one.
    for player, block in enumerate(player_slices(sizes)):
        for action in range(sizes[player]):
            pure = z.copy()
            pure[block] = numpy.eye(sizes[player])[action]
            expected = -enumerated(payoffs, pure, sizes)[player]
            numpy.testing.assert_allclose(game.player_gradient(z, player)[action], expected, rtol=1e-13, atol=1e-13)


def test_two_tables_are_a_matrix_game(rng):
    A, B = rng.standard_normal((2, 3, 4))
    game, general = MatrixGame(A, B), NormalFormGame([A, B])
    z, v = rng.standard_normal((5, 7)), rng.standard_normal((2, 5, 7))
    for name in ("losses", "loss_gradients", "simultaneous_gradient", "jacobian", "loss_hessians"):
        numpy.testing.assert_allclose(getattr(game, name)(z), getattr(general, name)(z), rtol=1e-12, atol=1e-12)
    for name in ("jvp", "vjp", "cross_jvp", "own_hvp"):
        numpy.testing.assert_allclose(getattr(game, name)(z, v), getattr(general, name)(z, v), rtol=1e-12, atol=1e-12)
    numpy.testing.assert_allclose(game.losses(z)[:, 1], -numpy.einsum("bi,ij,bj->b", z[:, :3], B, z[:, 3:]), rtol=1e-12)


def test_one_table_is_zero_sum_and_maximised_by_the_row_player(rng):
    A = rng.standard_normal((3, 2))
    z = mixed(rng, (3, 2))
    # f = -x^T A y is what the row player minimises.
    numpy.testing.assert_allclose(MatrixGame(A).losses(z), Bilinear(-A).losses(z), rtol=1e-13, atol=1e-15)
    numpy.testing.assert_allclose(
        MatrixGame(A).simultaneous_gradient(z), Bilinear(-A).simultaneous_gradient(z), rtol=1e-13, atol=1e-15
    )


def test_the_prisoners_lose_by_trust():
    # Defection (action 1) pays more, whatever the other does.
    game = MatrixGame([[-1.0, -3.0], [0.0, -2.0]], [[-1.0, 0.0], [-3.0, -2.0]])
    assert game.losses(numpy.array([1.0, 0.0, 0.0, 1.0])).tolist() == [3.0, 0.0]
    xi = game.simultaneous_gradient(numpy.array([0.3, 0.7, 0.9, 0.1]))
    assert xi[1] < xi[0]
    assert xi[3] < xi[2]


def test_errors():
    with pytest.raises(ValueError, match=r"`payoffs` must have shape \(n, a_1, ..., a_n\).*got \(2, 3\)"):
        NormalFormGame(numpy.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"got \(3, 2, 2\)"):
        NormalFormGame(numpy.zeros((3, 2, 2)))
    with pytest.raises(ValueError, match="`payoffs` must be finite"):
        NormalFormGame([[0.0, numpy.inf]])
    with pytest.raises(ValueError, match=r"`A` must have shape \(m, k\) with m, k >= 1, got \(2,\)"):
        MatrixGame([1.0, 2.0])
    with pytest.raises(ValueError, match=r"`B` must have the shape \(1, 2\) of `A`.*got \(2, 1\)"):
        MatrixGame([[1.0, 2.0]], [[1.0], [2.0]])
    with pytest.raises(ValueError, match="`B` must be finite"):
        MatrixGame([[1.0]], [[numpy.nan]])
