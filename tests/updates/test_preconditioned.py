"""Preconditioned: Adam without momentum around descent, and any first-order rule on a field rescaled for each step."""

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.equilibria import spectral_radius
from gamedyn.games import Bilinear, Counted, DiracGAN, FiniteSum, Quadratic
from gamedyn.updates import (
    Adam,
    AlternatingGradientDescent,
    Averaged,
    Extragradient,
    HeavyBall,
    Lola,
    Lookahead,
    LookaheadOpponent,
    OptimisticGradient,
    Preconditioned,
    SimultaneousGradientDescent,
    StableOpponentShaping,
    StackelbergGradient,
    StochasticVarianceReducedExtragradient,
)

START = numpy.array([1.0, -0.5])


def test_around_descent_it_is_adam_without_momentum():
    adam = simulate(DiracGAN(), Adam(0.05, first_decay=0.0, second_decay=0.9), START, 50).points
    rule = Preconditioned(SimultaneousGradientDescent(0.05), decay=0.9)
    numpy.testing.assert_allclose(simulate(DiracGAN(), rule, START, 50).points, adam, rtol=1e-13, atol=1e-15)


def test_momentum_of_preconditioned_directions():
    # Heavy ball by hand on directions divided by the corrected root mean square of all gradients so far (b close to 1).
    game, h, b = Bilinear([[1.0]]), 0.05, 0.3
    z, previous, square = START, START, numpy.zeros(2)
    for t in range(1, 31):
        xi = numpy.array([z[1], -z[0]])
        square = 0.9 * square + 0.1 * xi**2
        direction = xi / (numpy.sqrt(square / (1 - 0.9**t)) + 1e-8)
        z, previous = z - h * direction + b * (z - previous), z
    rule = Preconditioned(HeavyBall(h, momentum=b), decay=0.9)
    numpy.testing.assert_allclose(simulate(game, rule, START, 30).final, z, rtol=1e-12)


def test_weights_do_not_change_within_a_step():
    # Extragradient and alternating players: the second gradient is weighed like the first.
    game, z = Bilinear([[2.0]]), numpy.array([1.0, 4.0])
    weights = 1 / numpy.array([8.0, 2.0])
    ahead = z - 0.1 * weights * [8.0, -2.0]
    expected = z - 0.1 * weights * [2 * ahead[1], -2 * ahead[0]]
    rule = Preconditioned(Extragradient(0.1), epsilon=1e-30)
    numpy.testing.assert_allclose(rule.step(game, z, rule.init(game, z))[0], expected, rtol=1e-14)
    rule = Preconditioned(AlternatingGradientDescent(0.1), epsilon=1e-30)
    expected = [0.9, 4.0 + 0.1 * weights[1] * 2 * 0.9]
    numpy.testing.assert_allclose(rule.step(game, z, rule.init(game, z))[0], expected, rtol=1e-14)


def test_an_inner_memory_starts_on_the_weighted_field():
    # The first optimistic step is a plain one, of length h in every coordinate.
    rule = Preconditioned(OptimisticGradient(0.1), epsilon=1e-30)
    moved, _ = rule.step(Bilinear([[1.0]]), START, rule.init(Bilinear([[1.0]]), START))
    numpy.testing.assert_allclose(abs(moved - START), 0.1, rtol=1e-13)


def test_the_weighted_field_has_consistent_derivatives(rng):
    seen = []

    class Spy(SimultaneousGradientDescent):
        def step(self, game, z, state):
            seen.append(game)
            return super().step(game, z, state)

    rule, z = Preconditioned(Spy(0.1)), rng.standard_normal((3, 2))
    rule.step(DiracGAN(), z, rule.init(DiracGAN(), z))
    game, v = seen[0], rng.standard_normal((3, 2))
    jacobian = numpy.stack([game.simultaneous_gradient(z + e).imag / 1e-30 for e in 1e-30j * numpy.eye(2)], axis=-1)
    numpy.testing.assert_allclose(game.jacobian(z), jacobian, rtol=1e-12, atol=1e-13)
    own = jacobian * numpy.eye(2)
    for name, matrix in (
        ("jvp", jacobian),
        ("own_hvp", own),
        ("cross_jvp", jacobian - own),
        ("vjp", numpy.swapaxes(jacobian, -1, -2)),
        ("cross_vjp", numpy.swapaxes(jacobian - own, -1, -2)),
    ):
        expected = numpy.einsum("bij,bj->bi", matrix, v)
        numpy.testing.assert_allclose(getattr(game, name)(z, v), expected, rtol=1e-12, atol=1e-12, err_msg=name)
    for other in (game.redraw(), game.full()):
        numpy.testing.assert_array_equal(other.simultaneous_gradient(z), game.simultaneous_gradient(z))


def test_the_whole_sum_is_weighted_like_a_sample():
    # One epoch of one step: all of its gradients but that of the weights and of the start are corrected by the whole's.
    total = FiniteSum([Bilinear([[1.0]]), Bilinear([[3.0]])])
    inner = StochasticVarianceReducedExtragradient(0.1, epoch_length=1)
    sample = total.draw(0)
    weights = 1 / (abs(sample.simultaneous_gradient(START)) + 1e-8)
    rule = Preconditioned(inner)
    moved, _ = rule.step(sample, START, rule.init(sample, START))
    whole = weights * total.full().simultaneous_gradient(START)
    ahead, again = START - 0.1 * whole, sample.redraw()
    change = again.simultaneous_gradient(ahead) - again.simultaneous_gradient(START)
    numpy.testing.assert_allclose(moved, START - 0.1 * (whole + weights * change), rtol=1e-13)


@pytest.mark.parametrize("inner", [HeavyBall(0.1, momentum=0.3), Extragradient(0.1), OptimisticGradient(0.1)], ids=repr)
def test_with_frozen_averages_it_is_the_inner_rule_on_the_rescaled_game(inner):
    # b one roundoff below 1, after so many steps that the correction is 1: v stays where it is, D = (1/2, 1/8).
    jacobian = numpy.array([[1.0, 3.0], [-2.0, 0.5]])
    game = Quadratic.from_jacobian(jacobian, (1, 1))
    rescaled = Quadratic.from_jacobian(numpy.diag([0.5, 0.125]) @ jacobian, (1, 1))
    rule = Preconditioned(inner, decay=1 - 2.0**-53, epsilon=1e-300)
    averages = rule.init(game, START)._replace(second=numpy.array([4.0, 64.0]), steps=numpy.asarray(2**62))
    z, state = START, averages._replace(inner=inner.init(rescaled, START))
    for _ in range(20):
        z, state = rule.step(game, z, state)
    expected = simulate(rescaled, inner, START, 20).final
    assert numpy.linalg.norm(expected - START) > 0.1
    numpy.testing.assert_allclose(z, expected, rtol=0, atol=1e-14)  # one coordinate passes 0


def test_it_composes():
    rule = Lookahead(Averaged(Preconditioned(HeavyBall(0.1, momentum=0.2), epsilon=0.1), kind="ema"), k=2)
    path = simulate(DiracGAN(), rule, numpy.tile(START, (2, 1)), 5)
    assert numpy.all(numpy.isfinite(path.points))
    assert path.final_state.inner.steps.tolist() == [10, 10]
    with pytest.raises(NotImplementedError, match="`rule` Preconditioned in Averaged in Lookahead has no matrix"):
        spectral_radius(rule, DiracGAN(), numpy.zeros(2))
    assert rule.with_step_size(0.3).rule.rule.rule.step_size == 0.3
    counted = Counted(DiracGAN())
    rule.step(counted, path.final, path.final_state)
    assert counted.gradients == rule.cost.gradients == 4
    assert not rule.is_linear


def test_products_between_players_are_weighted_at_their_own_cost(rng):
    # z - h (D xi - alpha D H_o D xi), with one product for H_o as without weights.
    game, z = Bilinear([[2.0]]), numpy.array([1.0, 4.0])
    weights, xi, cross = numpy.array([1 / 8, 1 / 2]), numpy.array([8.0, -2.0]), numpy.array([[0.0, 2.0], [-2.0, 0.0]])
    rule, counted = Preconditioned(LookaheadOpponent(0.1, alpha=0.3), epsilon=1e-30), Counted(game)
    state = rule.init(counted, z)
    before = counted.jvps
    moved, _ = rule.step(counted, z, state)
    expected = z - 0.1 * (weights * xi - 0.3 * weights * (cross @ (weights * xi)))
    numpy.testing.assert_allclose(moved, expected, rtol=1e-14)
    assert counted.jvps - before == rule.cost.jvps == 1


@pytest.mark.parametrize("inner", [Lola(0.1), StackelbergGradient(0.1), StableOpponentShaping(0.1)], ids=repr)
def test_rules_that_differentiate_others_losses_are_refused(inner):
    game = Quadratic.from_jacobian([[2.0, 1.0], [-1.0, 3.0]], (1, 1))
    rule = Preconditioned(inner)
    with pytest.raises(TypeError, match="`rule` of `Preconditioned` must ask for the players' own gradients only"):
        rule.step(game, START, rule.init(game, START))


def test_what_does_not_fit_is_said():
    with pytest.raises(TypeError, match="`rule` of `Preconditioned` must be an UpdateRule, got DiracGAN"):
        Preconditioned(DiracGAN())
    with pytest.raises(ValueError, match=r"`decay` must lie in \[0, 1\), got 1"):
        Preconditioned(HeavyBall(0.1), decay=1)
    with pytest.raises(NotImplementedError, match="Preconditioned has no flow"):
        Preconditioned(HeavyBall(0.1)).flow(DiracGAN(), START)
