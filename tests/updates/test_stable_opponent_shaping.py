"""Stable opponent shaping: how much of LOLA's term is kept."""

import numpy
import pytest

from gamedyn.games import Counted, DiracGAN, Quadratic
from gamedyn.updates import Lola, LookaheadOpponent, StableOpponentShaping
from tests.updates.second_order_games import random_jacobian, run, tandem


def share(rule, game, z):
    """p, from three rules' steps: SOS = LookAhead + p (LOLA - LookAhead)."""
    looked = run(LookaheadOpponent(rule.step_size, rule.alpha), game, z)[0]
    lola = run(Lola(rule.step_size, rule.alpha), game, z)[0]
    moved = run(rule, game, z)[0]
    p = numpy.sum((moved - looked) * (lola - looked)) / numpy.sum((lola - looked) ** 2)
    numpy.testing.assert_allclose(moved, looked + p * (lola - looked), rtol=1e-12, atol=1e-14)
    return p


def test_near_rest_shaping_fades_with_the_squared_gradient():
    # In tandem xi = (2 s - 2)(1, 1): for s = 1 + e, |xi|^2 = 8 e^2, below b^2 where e < b / sqrt(8).
    for e in (1e-2, -1e-2, 3e-3):
        z = numpy.array([0.2, 0.8 + e])
        assert share(StableOpponentShaping(0.05, alpha=0.1), tandem(), z) <= 8 * e**2 * (1 + 1e-6)
    # s < 1: chi = 4 s (1, 1) and xi_0 point opposite ways, p_1 = 1, and p is |xi|^2 itself.
    assert share(StableOpponentShaping(0.05, alpha=0.1), tandem(), numpy.array([0.2, 0.79])) == pytest.approx(
        8e-4, rel=1e-8, abs=0.0
    )


def test_the_threshold_is_one_of_the_gradient_not_of_its_square():
    # |xi| = sqrt(8) e on either side of b = 0.1; s < 1, so that p_1 = 1.
    for size, expected in ((0.2, 1.0), (0.1001, 1.0), (0.0999, 0.0999**2)):
        z = numpy.array([0.2, 0.8 - size / numpy.sqrt(8)])
        found = share(StableOpponentShaping(0.05, alpha=0.1), tandem(), z)
        assert found == pytest.approx(expected, rel=1e-9, abs=0.0)


def test_against_lookahead_it_goes_no_further_than_a():
    # s = 1.5, alpha = 0.1: xi_0 = 0.8 (1, 1), alpha chi = 0.6 (1, 1); a |xi_0|^2 / <alpha chi, xi_0> = 0.4 / 0.6.
    z = numpy.array([0.5, 1.0])
    assert share(StableOpponentShaping(0.05, alpha=0.1), tandem(), z) == pytest.approx(2 / 3, rel=1e-12, abs=0.0)
    assert share(StableOpponentShaping(0.05, alpha=0.1, a=0.25), tandem(), z) == pytest.approx(
        1 / 3, rel=1e-12, abs=0.0
    )
    assert share(StableOpponentShaping(0.05, alpha=0.1, a=0.9), tandem(), z) == pytest.approx(1, rel=1e-12, abs=0.0)


def test_with_lookahead_it_is_lola():
    # s = 0: chi = 0. s = 1/2: chi = 2 (1, 1) against xi_0 = -0.8 (1, 1), |xi| > b.
    z = numpy.array([0.25, 0.25])
    assert share(StableOpponentShaping(0.05, alpha=0.1), tandem(), z) == pytest.approx(1, rel=1e-12, abs=0.0)


def test_its_derivative_at_rest_is_lookahead_s(rng):
    game = DiracGAN()
    h = 1e-6
    rule, peer = StableOpponentShaping(0.1, alpha=0.4), LookaheadOpponent(0.1, alpha=0.4)
    stepped = numpy.stack([run(rule, game, h * e)[0] - run(rule, game, -h * e)[0] for e in numpy.eye(2)], -1) / (2 * h)
    jacobian = game.jacobian(numpy.zeros(2))
    numpy.testing.assert_allclose(rule.iteration_matrix(jacobian, (1, 1)), stepped, atol=1e-9)
    numpy.testing.assert_allclose(peer.iteration_matrix(jacobian, (1, 1)), stepped, atol=1e-9)


def test_it_costs_what_lola_does(rng):
    game = Counted(Quadratic.from_jacobian(random_jacobian(rng, (2, 3), zero_sum=False), (2, 3)))
    StableOpponentShaping(0.1).step(game, rng.standard_normal(5), None)
    assert (game.gradients, game.jvps, game.vjps, game.jacobians) == (2, 1, 2, 0)


@pytest.mark.parametrize("name", ["a", "b"])
def test_shares_lie_between_0_and_1(name):
    with pytest.raises(ValueError, match=rf"`{name}` must lie in \(0, 1\), got 1"):
        StableOpponentShaping(0.1, **{name: 1.0})
