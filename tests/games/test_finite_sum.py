"""FiniteSum: minibatches are means, unbiased, frozen, and each has a seed of its own."""

import itertools

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.games import Bilinear, DiracGAN, FiniteSum, Quadratic
from gamedyn.updates import AlternatingGradientDescent, SimultaneousGradientDescent

ORIGIN, POINT = numpy.zeros(2), numpy.array([0.5, -0.25])


def rates(n):
    """Components whose coupling tells them apart: 1, 2, 4, ..."""
    return [Bilinear([[2.0**i]]) for i in range(n)]


def test_a_minibatch_is_a_mean_and_no_sum():
    game = DiracGAN()
    for size in (1, 2, 3):
        draw = FiniteSum([game, game, game], batch_size=size).draw(0)
        numpy.testing.assert_allclose(draw.losses(POINT), game.losses(POINT), rtol=1e-15)
        numpy.testing.assert_allclose(draw.jacobian(POINT), game.jacobian(POINT), rtol=1e-15)
    whole = FiniteSum(rates(3), batch_size=3, replace=False).draw(1)
    assert whole.jacobian(ORIGIN)[0, 1] == 7 / 3


@pytest.mark.parametrize("replace", [True, False])
def test_every_minibatch_is_equally_likely(replace):
    game, rng, count = FiniteSum(rates(3), batch_size=2, replace=replace), numpy.random.default_rng(5), 3000
    seen = [2 * game.draw(rng).jacobian(ORIGIN)[0, 1] for _ in range(count)]
    pairs = itertools.product(range(3), repeat=2) if replace else itertools.permutations(range(3), 2)
    possible = [2.0**i + 2.0**j for i, j in pairs]
    assert set(seen) == set(possible)
    for value in set(possible):
        share = possible.count(value) / len(possible)
        # Five standard deviations of a binomial share.
        assert abs(seen.count(value) / count - share) < 5 * (share * (1 - share) / count) ** 0.5


def test_a_draw_is_frozen_and_redraws_by_a_seed_of_its_own():
    game = FiniteSum(rates(12))
    draw = game.draw(3)
    assert draw.jacobian(ORIGIN)[0, 1] == game.draw(3).jacobian(ORIGIN)[0, 1]
    chain = [draw]
    for _ in range(20):
        chain.append(chain[-1].redraw())
    values = [one.jacobian(ORIGIN)[0, 1] for one in chain]
    assert len(set(values)) > 5
    assert draw.redraw().jacobian(ORIGIN)[0, 1] == values[1]
    # The whole is no sample: a rule that redraws within a step keeps it.
    assert draw.full().redraw().jacobian(ORIGIN)[0, 1] == draw.full().jacobian(ORIGIN)[0, 1]
    assert draw.full().jacobian(ORIGIN)[0, 1] == pytest.approx((2**12 - 1) / 12, rel=1e-15, abs=0.0)


def test_simulation_plays_one_component_after_another():
    # Commuting rotations: the order does not matter, the counts do.
    h, steps = 0.1, 40
    path = simulate(FiniteSum(rates(2)), SimultaneousGradientDescent(h), [1.0, 0.0], steps, rng=1)
    size = numpy.linalg.norm(path.final)
    possible = [(1 + h * h) ** (k / 2) * (1 + 4 * h * h) ** ((steps - k) / 2) for k in range(steps + 1)]
    k = int(numpy.argmin(abs(numpy.array(possible) - size)))
    assert size == pytest.approx(possible[k], rel=1e-12, abs=0.0)
    assert 5 < k < 35
    # Inner steps of a rule take fresh components: with three of them per step, not all are alike.
    rule = AlternatingGradientDescent(h, inner_steps=(1, 8))
    assert numpy.all(numpy.isfinite(simulate(FiniteSum(rates(2)), rule, [1.0, 0.0], 3, rng=1).points))


def test_what_does_not_fit_is_said():
    with pytest.raises(ValueError, match="`games` must hold at least one game"):
        FiniteSum([])
    with pytest.raises(TypeError, match=r"`games\[1\]` must be a Game, got int"):
        FiniteSum([DiracGAN(), 3])
    with pytest.raises(ValueError, match=r"`games` must have the same players, got sizes \(1, 1\) and, at 1, \(2,\)"):
        FiniteSum([DiracGAN(), Quadratic([numpy.eye(2)], (2,))])
    with pytest.raises(ValueError, match="`batch_size` must be at most 2, the number of games, without replacement"):
        FiniteSum(rates(2), batch_size=3, replace=False)
    with pytest.raises(ValueError, match="`batch_size` must be at least 1, got 0"):
        FiniteSum(rates(2), batch_size=0)
