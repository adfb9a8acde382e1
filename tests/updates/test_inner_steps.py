"""InnerSteps: known rounds, states of one's own, fresh samples, messages."""

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.equilibria import spectral_radius
from gamedyn.games import Bilinear, Box, Clipped, Counted, DiracGAN, FunctionGame, Regularized, Restricted
from gamedyn.objectives import Wasserstein
from gamedyn.updates import (
    Adam,
    AlternatingGradientDescent,
    Consensus,
    HeavyBall,
    InnerSteps,
    ProjectedGradient,
    SimultaneousGradientDescent,
    StackelbergGradient,
    TimescaleSeparation,
)
from tests.gan_games import neural_gan

GAME = Regularized(DiracGAN(), r1=0.4)


@pytest.mark.parametrize("order", [None, (1, 0)])
def test_around_descent_it_is_alternating_descent(order):
    model = neural_gan()
    rules = [
        InnerSteps(SimultaneousGradientDescent(0.1), (2, 3), player_order=order),
        AlternatingGradientDescent(0.1, inner_steps=(2, 3), player_order=order),
    ]
    paths = [simulate(model, rule, model.init(0, batch_shape=(2,)), 5, rng=3).points for rule in rules]
    numpy.testing.assert_allclose(paths[0], paths[1], rtol=1e-13, atol=1e-15)
    z = numpy.array([0.3, 0.7])
    numpy.testing.assert_allclose(rules[0].flow(GAME, z), rules[1].flow(GAME, z), rtol=1e-13)


def adam_by_hand(gradients, h, b1=0.9, b2=0.999):
    """The moves of Kingma and Ba's algorithm 1 for a list of numbers, as functions of the point before."""
    m = v = 0.0
    for t, gradient in enumerate(gradients, start=1):
        m, v = b1 * m + (1 - b1) * gradient, b2 * v + (1 - b2) * gradient**2
        yield -h * (m / (1 - b1**t)) / (numpy.sqrt(v / (1 - b2**t)) + 1e-8)


def test_two_rounds_of_adam_by_hand():
    # L_0 = x^2 y and L_1 = (y - x)^2: three steps of y, then one of x, with moments and counters of their own.
    rule = InnerSteps(Adam(0.01), (1, 3), player_order=(1, 0), step_factors=(1.0, 4.0))
    game = FunctionGame([lambda x, y: x**2 * y, lambda x, y: (y - x) ** 2], (1, 1))
    z = numpy.array([0.7, 0.2])
    state = rule.init(game, z)
    x, y, of_x, of_y = 0.7, 0.2, [], []
    for _ in range(2):
        for _ in range(3):
            of_y.append(2 * (y - x))
            y += list(adam_by_hand(of_y, 0.04))[-1]
        of_x.append(2 * x * y)
        x += list(adam_by_hand(of_x, 0.01))[-1]
        z, state = rule.step(game, z, state)
        numpy.testing.assert_allclose(z, [x, y], rtol=1e-10)
    assert state.steps.ravel().tolist() == [2, 6]


def test_steps_after_the_first_see_fresh_samples():
    seen = []

    class Watched(Bilinear):
        def player_gradient(self, z, player):
            seen.append((self.number, player))
            return super().player_gradient(z, player)

        def redraw(self):
            return watched(self.number + 1)

    def watched(number):
        game = Watched([[1.0]])
        game.number = number
        return game

    rule = InnerSteps(SimultaneousGradientDescent(0.1), (2, 3), player_order=(1, 0))
    rule.step(watched(0), numpy.array([1.0, 2.0]), None)
    assert seen == [(0, 1), (1, 1), (2, 1), (2, 0), (3, 0)]


def test_the_radius_is_that_of_the_product_of_block_matrices():
    # Heavy ball on each block: [z, z_-] -> [(1 + b) z - h xi - b z_-, z], one player after the other.
    rule, z = InnerSteps(HeavyBall(0.2, momentum=0.3), (1, 2)), numpy.zeros(2)
    jacobian = GAME.jacobian(z)
    matrix = numpy.eye(4)
    for player in (0, 1, 1):
        move = numpy.eye(4)
        move[player, :2] -= 0.2 * jacobian[player]
        move[player, player] += 0.3
        move[player, 2 + player] = -0.3
        move[2 + player] = numpy.eye(4)[player]
        matrix = move @ matrix
    radius = abs(numpy.linalg.eigvals(matrix)).max()
    assert spectral_radius(rule, GAME, z) == pytest.approx(radius, rel=1e-8)


def test_a_player_keeps_to_its_factor_of_the_domain():
    # A clipped critic climbs to the bound; the generator, without one, walks away.
    game = Clipped(DiracGAN(Wasserstein()), bound=0.5)
    assert isinstance(game.domain, Box)
    rule = InnerSteps(ProjectedGradient(1.0), (1, 4), player_order=(1, 0))
    z, _ = rule.step(game, numpy.array([-3.0, 0.0]), None)
    numpy.testing.assert_allclose(z, [-2.5, 0.5], rtol=1e-12)
    own = Restricted(game, numpy.array([-3.0, 0.0]), 1).domain
    assert own.contains(numpy.array([[0.4], [0.6]])).tolist() == [True, False]
    assert own.tangent_projection(numpy.array([0.5]), numpy.array([1.0])).tolist() == [0.0]


def test_products_with_a_players_symmetric_block_count_as_one_kind():
    counted, rule = Counted(GAME), InnerSteps(Consensus(0.1, gamma=0.4), (1, 3))
    rule.step(counted, numpy.array([0.3, 0.7]), None)
    assert (counted.gradients, counted.jvps, counted.vjps) == (rule.cost.gradients, rule.cost.jvps, rule.cost.vjps)
    assert rule.cost.jvps == 4


def test_wrappers_for_several_players_stand_outside():
    inner = InnerSteps(SimultaneousGradientDescent(0.1), (1, 2))
    rules = (
        TimescaleSeparation(inner, tau=3.0),
        InnerSteps(SimultaneousGradientDescent(0.1), (1, 2), step_factors=(1.0, 3.0)),
    )
    steps = [rule.step(GAME, numpy.array([0.3, 0.7]), None)[0] for rule in rules]
    numpy.testing.assert_allclose(steps[0], steps[1], rtol=1e-13)
    assert inner.with_step_size(0.5).rule.step_size == 0.5


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: InnerSteps(Adam), TypeError, "must be an UpdateRule, got the class Adam. Call it with its step size"),
        (lambda: InnerSteps(Adam(), (1, 0)), ValueError, "`inner_steps` must be at least 1, got 0."),
        (
            lambda: InnerSteps(Adam(), (1, 2), player_order=(1, 1)),
            ValueError,
            "`player_order` must be a permutation of the players 0 to 1, got (1, 1).",
        ),
        (
            lambda: InnerSteps(Adam(), (1, 2), step_factors=(1.0,)),
            ValueError,
            "`step_factors` must have one entry for each of the 2 players, got (1.0,).",
        ),
        (lambda: InnerSteps(Adam(), step_factors=(1.0, -1.0)), ValueError, "`step_factors` must be positive"),
        (
            lambda: InnerSteps(StackelbergGradient(0.1)),
            ValueError,
            "`rule` must be one that a single player can play, got StackelbergGradient, which needs 2 ",
        ),
        (lambda: Restricted(GAME, numpy.zeros(3), 0), ValueError, "must be arrays of shape (..., 2), got (3,)."),
        (lambda: Restricted(GAME, numpy.zeros(2), 2), ValueError, "`player` must be one of 0, 1, got 2."),
        (lambda: Restricted(neural_gan(), numpy.zeros(2), 0), TypeError, "Wrap its draws with WrappedDraws."),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
