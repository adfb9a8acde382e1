"""Stackelberg gradient descent: the leader sees the follower's answer."""

import numpy
import pytest

from gamedyn.equilibria import spectral_radius
from gamedyn.games import Bilinear, Quadratic, SymbolicGame
from gamedyn.updates import Lola, StackelbergGradient
from tests.updates.second_order_games import random_jacobian, run


def duopoly():
    """L_1 = -x (1 - x - y), L_2 = -y (1 - x - y): Cournot at (1/3, 1/3), Stackelberg at (1/2, 1/4)."""
    return Quadratic([[[2.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 2.0]]], (1, 1), [[-1.0, 0.0], [0.0, -1.0]])


@pytest.mark.parametrize(("leader", "rest"), [(0, (0.5, 0.25)), (1, (0.25, 0.5))])
def test_a_duopoly_goes_to_stackelberg_s_point_not_to_cournot_s(leader, rest):
    rule, game, rest = StackelbergGradient(0.4, leader=leader), duopoly(), numpy.array(rest)
    final, _ = run(rule, game, numpy.array([0.9, 0.1]), steps=200)
    numpy.testing.assert_allclose(final, rest, rtol=1e-12)
    numpy.testing.assert_allclose(rule.stationary_residual(game, rest), 0, atol=1e-15)
    assert numpy.max(abs(game.simultaneous_gradient(rest))) == pytest.approx(0.25, rel=1e-14, abs=0.0)
    cournot = numpy.array([1 / 3, 1 / 3])
    numpy.testing.assert_allclose(game.simultaneous_gradient(cournot), 0, atol=1e-15)
    assert numpy.max(abs(rule.stationary_residual(game, cournot))) > 0.1
    # The leader follows 3 x / 2 + y - 1, the follower x + 2 y - 1: eigenvalues (7 +- sqrt(17)) / 4.
    expected = 1 - 0.4 * (7 - numpy.sqrt(17)) / 4
    assert float(spectral_radius(rule, game, rest)) == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_the_leader_descends_its_loss_along_the_best_response():
    # On the follower's best response the leader's part is the derivative of L_1(x, y*(x)).
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y")
    loss, other = x**4 + x * y + sympy.sin(y), (y - x**2) ** 2 * (1 + x**2)
    along = sympy.diff(loss.subs(y, x**2), x)
    for game, leader, order in (
        (SymbolicGame([loss, other], [x, y]), 0, [0, 1]),
        (SymbolicGame([other, loss], [y, x]), 1, [1, 0]),
    ):
        for value in (0.7, -0.4):
            z = numpy.array([value, value**2])[order]
            moved, _ = run(StackelbergGradient(0.1, leader=leader), game, z)
            expected = value - 0.1 * float(along.subs(x, value))
            assert moved[order][0] == pytest.approx(expected, rel=1e-12, abs=0.0)
            assert moved[order][1] == pytest.approx(value**2, rel=1e-14, abs=0.0)


@pytest.mark.parametrize("leader", [0, 1])
def test_in_zero_sum_games_the_leader_does_not_see_the_follower(leader, rng):
    jacobian = random_jacobian(rng, (2, 3), zero_sum=True)
    matrix = StackelbergGradient(0.1, leader=leader).iteration_matrix(jacobian, (2, 3))
    x, y = (slice(0, 2), slice(2, 5)) if leader == 0 else (slice(2, 5), slice(0, 2))
    numpy.testing.assert_allclose(matrix[x, y], 0, atol=1e-15)
    schur = jacobian[x, x] - jacobian[x, y] @ numpy.linalg.solve(jacobian[y, y], jacobian[y, x])
    numpy.testing.assert_allclose(matrix[x, x], numpy.eye(len(schur)) - 0.1 * schur, rtol=1e-12, atol=1e-13)
    numpy.testing.assert_allclose(matrix[y], numpy.eye(5)[y] - 0.1 * jacobian[y], rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("leader", [0, 1])
@pytest.mark.parametrize("limit", [0, 256])
def test_bilinear_games_have_no_best_response(limit, leader):
    rule = StackelbergGradient(0.1, leader=leader, dense_limit=limit)
    z = numpy.array([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=f"`StackelbergGradient` divides by the Hessian of player {1 - leader}'s loss"):
        rule.init(Bilinear([[1.0, 2.0]]), z)
    assert numpy.isnan(rule.step(Bilinear([[1.0, 2.0]]), z, None)[0]).any()


def test_other_games_than_zero_sum_ones_need_hessians(rng):
    with pytest.raises(ValueError, match="`loss_hessians` must be given to `StackelbergGradient` unless"):
        StackelbergGradient(0.1).iteration_matrix(random_jacobian(rng, (2, 3), zero_sum=False), (2, 3))


def test_lola_rests_elsewhere_still():
    # Three rules, three points: xi = 0, the leader's and LOLA's are all different in the duopoly.
    rest = numpy.array([0.5, 0.25])
    assert numpy.max(abs(Lola(0.1, alpha=0.2).stationary_residual(duopoly(), rest))) > 0.05
    assert numpy.max(abs(Lola(0.1, alpha=0.2).stationary_residual(duopoly(), numpy.array([1 / 3, 1 / 3])))) > 0.05


def test_the_leader_is_one_of_two():
    with pytest.raises(ValueError, match="`leader` must be one of 0, 1, got 2"):
        StackelbergGradient(0.1, leader=2)
