"""LOLA: descent through the others' step, and where that comes to rest."""

import numpy
import pytest

from gamedyn.equilibria import spectral_radius
from gamedyn.games import Counted, Quadratic, SymbolicGame
from gamedyn.updates import Lola, LookaheadOpponent, StableOpponentShaping
from tests.updates.second_order_games import expression_game, random_jacobian, run, tandem


def test_it_is_the_derivative_through_the_opponents_step(rng):
    # grad_i of L_i(z_i, z_j - alpha grad_j L_j(z)), to first order in alpha.
    sympy = pytest.importorskip("sympy")
    losses, players = expression_game()
    symbols = [s for player in players for s in player]
    alpha = sympy.Symbol("alpha")
    xi = {s: sympy.diff(loss, s) for loss, player in zip(losses, players, strict=True) for s in player}
    field = []
    for loss, player in zip(losses, players, strict=True):
        ahead = loss.subs({s: s - alpha * xi[s] for s in symbols if s not in player}, simultaneous=True)
        for s in player:
            slope = sympy.diff(ahead, s)
            field.append(slope.subs(alpha, 0) + alpha * sympy.diff(slope, alpha).subs(alpha, 0))
    for z in rng.standard_normal((3, 4)):
        at = {**dict(zip(symbols, map(float, z), strict=True)), alpha: 0.3}
        expected = z - 0.1 * numpy.array([float(entry.subs(at)) for entry in field])
        moved, state = run(Lola(0.1, alpha=0.3), SymbolicGame(losses, players), z)
        numpy.testing.assert_allclose(moved, expected, rtol=1e-12, atol=1e-13)
        assert state is None


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_in_tandem_it_rests_beyond_the_equilibria(alpha):
    # With s = x + y: (2 s - 2)(1 - 2 alpha) = 4 alpha s, so that s = (1 - 2 alpha) / (1 - 4 alpha) > 1.
    s = (1 - 2 * alpha) / (1 - 4 * alpha)
    game, rule = tandem(), Lola(0.05, alpha=alpha)
    for z in (numpy.array([s / 2, s / 2]), numpy.array([s + 3, -3.0])):
        numpy.testing.assert_allclose(rule.stationary_residual(game, z), 0, atol=1e-13)
        assert numpy.max(abs(game.simultaneous_gradient(z))) > 0.2
        numpy.testing.assert_allclose(run(rule, game, z)[0], z, rtol=1e-14)
    # Both lose by it: the sum of losses 2 s^2 - 2 s is 0 at the equilibria.
    far, _ = run(rule, game, numpy.array([0.3, 0.3]), steps=2000)
    numpy.testing.assert_allclose(far.sum(), s, rtol=1e-9)
    assert game.losses(far).sum() == pytest.approx(2 * s**2 - 2 * s, rel=1e-8, abs=0.0)
    assert game.losses(far).sum() > 0.1
    # At an equilibrium it is the one of the three rules that moves.
    nash = numpy.array([0.75, 0.25])
    assert numpy.max(abs(run(rule, game, nash)[0] - nash)) > 1e-3
    for other in (LookaheadOpponent(0.05, alpha=alpha), StableOpponentShaping(0.05, alpha=alpha)):
        assert run(other, game, nash)[0].tolist() == nash.tolist()


def test_spectra_are_taken_where_it_rests():
    # The field has the slope (2 - 8 alpha) (1, 1; 1, 1): multipliers 1 - h (4 - 16 alpha), and 1 along the line.
    z = numpy.array([2 / 3, 2 / 3])
    matrix_radius = spectral_radius(Lola(0.5, alpha=0.1), tandem(), z)
    assert float(matrix_radius) == pytest.approx(1.0, rel=1e-12, abs=0.0)
    with pytest.raises(ValueError, match="stationary"):
        spectral_radius(Lola(0.5, alpha=0.1), tandem(), numpy.array([0.5, 0.5]))


def test_zero_sum_games_need_no_hessians(rng):
    for dims in ((1, 1), (2, 3)):
        jacobian = random_jacobian(rng, dims, zero_sum=True)
        hessian = jacobian.copy()
        hessian[dims[0] :] *= -1
        given = Lola(0.1, alpha=0.3).iteration_matrix(jacobian, dims, numpy.stack([hessian, -hessian]))
        derived = Lola(0.1, alpha=0.3).iteration_matrix(jacobian, dims)
        numpy.testing.assert_allclose(derived, given, rtol=1e-13, atol=1e-14)
        assert numpy.allclose(hessian, hessian.T)


def test_other_games_do(rng):
    with pytest.raises(ValueError, match="`loss_hessians` must be given to `Lola` unless the game is zero-sum"):
        Lola(0.1).iteration_matrix(random_jacobian(rng, (2, 3), zero_sum=False), (2, 3))
    with pytest.raises(ValueError, match="`loss_hessians` must be given to `Lola`"):
        Lola(0.1).iteration_matrix(random_jacobian(rng, (1, 1, 2), zero_sum=True), (1, 1, 2))


@pytest.mark.parametrize("dims", [(2, 3), (1, 2, 2)])
def test_n_players_cost_n_gradients_a_jvp_and_n_vjps(dims, rng):
    n = len(dims)
    game = Counted(Quadratic.from_jacobian(random_jacobian(rng, dims, zero_sum=False), dims))
    rule = Lola(0.1)
    rule.step(game, rng.standard_normal((4, 5)), None)
    assert (game.gradients, game.jvps, game.vjps, game.jacobians) == (n, 1, n, 0)
    assert (rule.cost.gradients, rule.cost.jvps, rule.cost.vjps) == (2, 1, 2)
    assert rule.cost.at_least


def test_bad_numbers_are_named():
    with pytest.raises(ValueError, match="`alpha` must be non-negative and finite, got -1"):
        Lola(0.1, alpha=-1)
    with pytest.raises(ValueError, match="`step_size` must be positive and finite, got 0"):
        Lola(0.0)
