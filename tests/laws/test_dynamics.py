"""Dynamics: batches are trajectories, runs continue, and the rate that shows is the radius predicted."""

import numpy
import pytest

from gamedyn.dynamics import Status, fit_rate, simulate
from gamedyn.equilibria import spectral_radius
from gamedyn.games import DiracGAN, random_quadratic_game
from gamedyn.updates import Extragradient, SimultaneousGradientDescent
from tests.cases import GAMES, RULES
from tests.laws import rate_audit

resting = [
    (game, rest)
    for game, _, rest in GAMES
    if rest is not None and game.full().domain.contains(numpy.asarray(rest, float))
]
every_resting_game = pytest.mark.parametrize(("game", "rest"), resting, ids=lambda value: repr(value)[:40])
every_rule = pytest.mark.parametrize("rule", RULES, ids=repr)


def accepts(rule, game, z):
    """Whether the rule can start there: some need a curvature that is not zero."""
    try:
        rule.init(game, z)
    except ValueError:
        return False
    return True


@every_rule
def test_a_batch_equals_its_trajectories_one_by_one(rule, rng):
    game = DiracGAN()
    start = rng.standard_normal((2, 2))
    far = start * numpy.array([[60.0], [1.0]])  # where softplus is flat
    start = far if accepts(rule, game, far[0]) else start
    step_sizes = numpy.array([0.4, 0.05])
    together = simulate(game, rule.with_step_size(step_sizes), start, 100, tolerance=1e-2)
    for i in range(2):
        alone = simulate(game, rule.with_step_size(float(step_sizes[i])), start[i], 100, tolerance=1e-2)
        numpy.testing.assert_allclose(together.points[:, i], alone.points, rtol=1e-12, atol=1e-14)
        assert (together.status[i], together.stop_step[i]) == (alone.status, alone.stop_step)


@every_rule
def test_a_run_in_two_parts_is_the_run(rule, game_library):
    game = DiracGAN()
    start = game_library.asarray([[0.5, -0.4], [1.0, 0.2]])
    whole = simulate(game, rule, start, 7)
    first = simulate(game, rule, start, 3)
    second = simulate(game, rule, first.final, 4, state=first.final_state)
    assert game_library.owns(whole.points)
    numpy.testing.assert_array_equal(game_library.host(second.points), game_library.host(whole.points)[3:])


@every_resting_game
def test_a_stationary_start_has_converged(game, rest):
    path = simulate(game, Extragradient(0.05), rest, 3, tolerance=1e-12)
    assert path.status == Status.CONVERGED
    assert path.stop_step == 0


def assert_rates_agree(rows):
    assert rows
    for row in rows:
        assert 0 < row.predicted < 1
        assert row.disagreement < 0.01, row


@pytest.mark.parametrize("rule", rate_audit.FREE_RULES, ids=repr)
def test_the_rate_that_shows_is_the_radius_predicted(rule, rng):
    shapes = [((2, 2), 0.0), ((2, 1), 0.3)]
    for game, rest in rate_audit.problems(rng, rule, 1, shapes):
        assert_rates_agree(rate_audit.audit(rule, game, rest, rng))


@pytest.mark.parametrize("rule", rate_audit.STRATEGIC_RULES, ids=repr)
def test_the_rate_that_shows_on_mixed_strategies_is_the_radius_predicted(rule, rng):
    game, rest = rate_audit.strategic_game(rng, (3, 2))
    assert_rates_agree(rate_audit.audit(rule, game, rest, rng))


@pytest.mark.full
@pytest.mark.parametrize("rule", rate_audit.FREE_RULES, ids=repr)
def test_rates_agree_on_many_games(rule, rng):
    for game, rest in rate_audit.problems(rng, rule, 5):
        assert_rates_agree(rate_audit.audit(rule, game, rest, rng))


def test_divergence_is_where_the_radius_exceeds_one(rng):
    game = random_quadratic_game([0.01 + 1j], rng=rng)
    # |1 - h (0.01 + i)| > 1 exactly for h > 2 * 0.01 / (0.01^2 + 1).
    for step_size in (0.015, 0.03):
        rule = SimultaneousGradientDescent(step_size)
        fitted = fit_rate(simulate(game, rule, [1.0, 0.0], 2000).distance_to(0.0))
        assert (fitted.value > 1) == (step_size > 2 * 0.01 / 1.0001)
        assert float(spectral_radius(rule, game, [0.0, 0.0])) == pytest.approx(float(fitted.value), rel=1e-7, abs=0.0)
