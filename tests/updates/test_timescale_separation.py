"""TimescaleSeparation: the rule on the separated game, to the bit, and for every trajectory its own factor."""

import numpy
import pytest
import sympy

from gamedyn.dynamics import simulate
from gamedyn.dynamics._powers import has_many_matrices
from gamedyn.equilibria import iteration_matrix
from gamedyn.games import Bilinear, DiracGAN, Game, Quadratic, SymbolicGame, TimescaleSeparated
from gamedyn.updates import (
    AlternatingGradientDescent,
    Consensus,
    DoubleStepExtragradient,
    OptimisticGradient,
    ProximalPoint,
    SimultaneousGradientDescent,
    TimescaleSeparation,
    map_hyper_parameters,
)


@pytest.mark.parametrize(
    "rule", [OptimisticGradient(0.1), AlternatingGradientDescent(0.1), Consensus(0.1), ProximalPoint(0.1)], ids=repr
)
@pytest.mark.parametrize("tau", [3.0, (0.5, 2.0)])
def test_it_is_the_rule_on_the_separated_game(rule, tau, rng):
    z = rng.standard_normal((4, 2))
    wrapped = simulate(DiracGAN(), TimescaleSeparation(rule, tau), z, 20)
    direct = simulate(TimescaleSeparated(DiracGAN(), tau), rule, z, 20)
    numpy.testing.assert_array_equal(wrapped.points, direct.points)


def test_every_trajectory_may_have_a_factor_of_its_own(rng):
    taus, z = numpy.array([0.5, 2.0]), rng.standard_normal((2, 2))
    together = simulate(DiracGAN(), TimescaleSeparation(AlternatingGradientDescent(0.1), taus), z, 20).points
    for i in range(2):
        alone = simulate(DiracGAN(), TimescaleSeparation(AlternatingGradientDescent(0.1), float(taus[i])), z[i], 20)
        numpy.testing.assert_allclose(together[:, i], alone.points, rtol=1e-13, atol=1e-14)


class Counting(Game):
    """x^2 / 2 and y^2 / 2, with the number of points of every gradient."""

    dims = (1, 1)

    def __init__(self):
        self.rows = []

    def losses(self, z):
        return z**2 / 2

    def simultaneous_gradient(self, z):
        self.rows.append(z.shape[0])
        return z


def test_factors_in_a_sequence_go_with_their_trajectories(rng):
    # Coordinates are (1 - h tau_i)^k z: most trajectories are over at the start, and the others go on with their own.
    taus, z = rng.uniform(0.5, 2.0, 32), numpy.full((32, 2), 1e-9)
    z[::4] = rng.uniform(1.0, 2.0, (8, 2))
    rule, game = TimescaleSeparation(SimultaneousGradientDescent(0.01), (taus, 0.75)), Counting()
    path = simulate(game, rule, z, 200, tolerance=1e-6, engine="step")
    assert game.rows[-1] == 8
    expected = numpy.stack([(1 - 0.01 * taus) ** 200, numpy.full(32, 0.9925**200)], axis=-1)[::4] * z[::4]
    numpy.testing.assert_allclose(path.final[::4], expected, rtol=1e-12)
    with pytest.raises(ValueError, match=r"`tau` must be a number or have the batch shape \(5,\) of `z0`"):
        simulate(game, rule, numpy.ones((5, 2)), 3)


@pytest.mark.parametrize("steps", [40, 20_000])
def test_factors_in_a_sequence_have_a_matrix_for_each_trajectory(steps, rng):
    # Eigenvalues of J_tau are tau_i: whatever engine plays few steps, or many by powers.
    taus, z = rng.uniform(0.5, 2.0, 6), rng.uniform(1.0, 2.0, (6, 2))
    rule = TimescaleSeparation(SimultaneousGradientDescent(1e-4), (taus, 0.75))
    assert has_many_matrices(rule)
    path = simulate(Quadratic.from_jacobian(numpy.eye(2), (1, 1)), rule, z, steps, record_every=steps)
    expected = numpy.stack([(1 - 1e-4 * taus) ** steps, numpy.full(6, (1 - 0.75e-4) ** steps)], axis=-1) * z
    numpy.testing.assert_allclose(path.final, expected, rtol=1e-10)


def test_a_formula_is_that_of_its_sequence():
    # Whole numbers are part of the formula, others are its variables: one must not stand for another.
    x, y = sympy.symbols("x y")
    game = SymbolicGame([x**2 / 2 + x * y, y**2 / 2 - x * y], [x, y])
    z = numpy.array([[1.0, -0.5], [0.3, 0.4]])
    for tau in ((2.0, 1), (2.0, 3), (1, 2.0), [0.5, 2.0], (numpy.array([0.5, 2.0]), 1)):
        rule = TimescaleSeparation(SimultaneousGradientDescent(0.1), tau)
        stepped = simulate(game, rule, z, 10, engine="step").final
        numpy.testing.assert_allclose(simulate(game, rule, z, 10, engine="arrays").final, stepped, rtol=1e-13)


def test_entries_of_a_sequence_are_hyper_parameters_and_other_tuples_are_not():
    seen = []

    def double(name, value):
        seen.append(name)
        return 2 * value

    inner = AlternatingGradientDescent(0.25, inner_steps=(1, 2))
    rule = map_hyper_parameters(TimescaleSeparation(inner, [numpy.array([0.5, 1.5]), 3.0]), double)
    assert seen == ["step_size", "tau", "tau"]
    assert (rule.rule.step_size, rule.rule.inner_steps) == (0.5, (1, 2))
    assert (rule.tau[0].tolist(), rule.tau[1]) == ([1.0, 3.0], 6.0)
    exponents = map_hyper_parameters(DoubleStepExtragradient(0.1), double).exponents
    assert exponents == DoubleStepExtragradient(0.1).exponents


def test_the_spectrum_moves_as_in_theory():
    # L = (x^2 / 2 + x y, y^2 / 2 - x y): J_tau = [[1, 1], [-tau, tau]], trace 1 + tau and determinant 2 tau.
    game = Quadratic.from_blocks([[[[1.0]], [[1.0]]], [[[-1.0]], [[1.0]]]])
    taus, h = numpy.array([0.25, 1.0, 8.0]), 0.1
    rule = TimescaleSeparation(SimultaneousGradientDescent(h), taus)
    matrix = iteration_matrix(rule, game, numpy.zeros((3, 2)))
    numpy.testing.assert_allclose(numpy.trace(matrix, axis1=-2, axis2=-1), 2 - h * (1 + taus), rtol=1e-14)
    numpy.testing.assert_allclose(numpy.linalg.det(matrix), 1 - h * (1 + taus) + 2 * h * h * taus, rtol=1e-13)


def test_players_and_factors_must_fit():
    game = Quadratic.from_jacobian(numpy.eye(3), (1, 1, 1))
    with pytest.raises(ValueError, match="`TimescaleSeparation` needs a game of 2 players, got one of 3"):
        TimescaleSeparation(SimultaneousGradientDescent(0.1), 2.0).step(game, numpy.ones(3), None)
    three = TimescaleSeparation(SimultaneousGradientDescent(0.1), (1.0, 2.0, 3.0))
    assert three.players == 3
    numpy.testing.assert_allclose(three.step(game, numpy.ones(3), None)[0], [0.9, 0.8, 0.7], rtol=1e-15)
    with pytest.raises(ValueError, match="`TimescaleSeparation` needs a game of 3 players, got one of 2"):
        three.step(Bilinear([[1.0]]), numpy.ones(2), None)
    with pytest.raises(ValueError, match=r"`tau` must be positive and finite, got 0\.0"):
        TimescaleSeparation(SimultaneousGradientDescent(0.1), (1.0, 0.0))


def test_factors_of_single_players_have_the_batch_shape_too():
    rule = TimescaleSeparation(SimultaneousGradientDescent(0.1), tau=(1.0, numpy.ones(3)))
    message = r"`tau` must be a number or have the batch shape \(4,\) of `z0`, got shape \(3,\)"
    with pytest.raises(ValueError, match=message):
        simulate(Bilinear([[1.0]]), rule, numpy.ones((4, 2)), 2)
    factors = numpy.array([0.5, 1.0, 2.0, 4.0])
    rules = [TimescaleSeparation(SimultaneousGradientDescent(0.1), tau=tau) for tau in ((1.0, factors), factors)]
    pair, one = (simulate(Bilinear([[1.0]]), rule, numpy.ones((4, 2)), 5).points for rule in rules)
    numpy.testing.assert_allclose(pair, one, rtol=1e-14)
