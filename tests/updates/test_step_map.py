"""StepMap: the same points as the rule's own steps, and the derivative that linear rules declare."""

import numpy
import pytest
import sympy

from gamedyn import games, updates
from gamedyn.equilibria import iteration_matrix
from gamedyn.games import SymbolicGame
from gamedyn.updates import StepMap
from tests.cases import RULES

INVARIANT = [rule for rule in RULES if rule.is_time_invariant]
SMOOTH = [rule for rule in INVARIANT if rule.is_smooth_at_rest]
NAMES = [f"{type(rule).__name__}-{i}" for i, rule in enumerate(INVARIANT)]


def curved():
    x, y = sympy.symbols("x y")
    f = x**2 / 2 + x * y - y**2 / 2 + x**3 / 10 + x * y**2 / 7
    return SymbolicGame([f, -f], [x, y])


@pytest.mark.parametrize("rule", INVARIANT, ids=NAMES)
def test_a_map_goes_where_the_rule_goes(rule):
    game, z = curved(), numpy.array([[0.3, -0.2], [0.1, 0.4]])
    step, state = StepMap(rule, game), rule.init(curved(), z)
    u = step.start(z)
    for _ in range(3):
        u = step(u)
        z, state = rule.step(game, z, state)
        numpy.testing.assert_allclose(step.point(u), z, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("rule", SMOOTH, ids=[f"{type(rule).__name__}-{i}" for i, rule in enumerate(SMOOTH)])
def test_the_derivative_at_rest_is_the_iteration_matrix(rule):
    game = games.Quadratic([[[1.0, 2.0], [2.0, 0.5]], [[-0.5, -2.0], [-2.0, 1.5]]], dims=(1, 1))
    rest = numpy.zeros(2)
    step = StepMap(rule, game)
    expected = iteration_matrix(rule, game, rest)
    numpy.testing.assert_allclose(step.jacobian(step.start(rest)), expected, atol=1e-8)


def test_the_derivative_elsewhere_is_exact_for_an_analytic_step():
    game, h = curved(), 0.1
    step = StepMap(updates.Extragradient(h), game)
    x, y = game.symbols
    ahead = sympy.Matrix(game.symbols) - sympy.Rational(1, 10) * game.gradient_expressions
    swap = dict(zip(game.symbols, ahead, strict=True))
    image = sympy.Matrix(game.symbols) - sympy.Rational(1, 10) * game.gradient_expressions.subs(swap, simultaneous=True)
    at = {x: sympy.Rational(3, 10), y: -sympy.Rational(1, 5)}
    expected = numpy.array(image.jacobian(game.symbols).subs(at).evalf(20), dtype=float)
    numpy.testing.assert_allclose(step.jacobian(numpy.array([0.3, -0.2])), expected, rtol=1e-14, atol=1e-15)


def test_batches_have_one_derivative_each():
    step = StepMap(updates.HeavyBall(0.1, momentum=0.3), curved())
    u = step.start(numpy.array([[0.3, -0.2], [0.1, 0.4], [0.0, 0.0]]))
    together = step.jacobian(u)
    assert together.shape == (3, 4, 4)
    for k in range(3):
        numpy.testing.assert_allclose(together[k], step.jacobian(u[k]), rtol=1e-13, atol=1e-15)


def test_where_no_complex_numbers_are_taken_differences_serve():
    game = games.MatrixGame([[0.0, 1.0], [1.0, 0.0]])
    step = StepMap(updates.ProjectedGradient(0.1), game)
    inside = numpy.array([0.4, 0.6, 0.7, 0.3])
    # On the simplex the projection takes away the mean: I - 11^T / 2, and A moves the other player.
    centre = numpy.eye(2) - 0.5
    payoffs = numpy.array([[0.0, 1.0], [1.0, 0.0]])
    blocks = game.jacobian(inside)
    expected = numpy.kron(numpy.eye(2), centre) @ (numpy.eye(4) - 0.1 * blocks)
    assert abs(blocks[0, 2:]).max() == abs(payoffs).max()
    numpy.testing.assert_allclose(step.jacobian(inside), expected, atol=1e-9)


def test_rules_that_change_with_time_are_refused():
    with pytest.raises(NotImplementedError, match="Halpern"):
        StepMap(updates.Halpern(0.1), curved())
