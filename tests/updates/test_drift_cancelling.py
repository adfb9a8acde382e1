"""Drift cancelling: against the exact flow, and the modified flows of Rosca et al. (2021)."""

import numpy
import pytest

from gamedyn.games import DiracGAN
from gamedyn.objectives import NonSaturating
from gamedyn.updates import DriftCancelling, LookaheadOpponent, SimultaneousGradientDescent
from tests.updates.second_order_games import Wavy, random_jacobian, run


def flowed(field, z, time):
    """z after `time` along the field, by SciPy at tight tolerance."""
    from scipy.integrate import solve_ivp

    return solve_ivp(lambda t, w: field(w), (0, time), z, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]


def games(rng):
    yield Wavy(random_jacobian(rng, (2, 3), zero_sum=False), (2, 3)), rng.standard_normal(5)
    yield DiracGAN(NonSaturating()), numpy.array([0.8, -0.6])


def order(rule, game, z, field_of):
    """log2 of how the error of one step falls when the step is halved."""
    errors = []
    for h in (0.04, 0.02):
        stepped, _ = run(rule.with_step_size(h), game, z)
        errors.append(numpy.linalg.norm(stepped - flowed(field_of(h), z, h)))
    return numpy.log2(errors[0] / errors[1])


@pytest.mark.parametrize("schedule", ["simultaneous", "alternating"])
def test_a_step_without_drift_is_the_flow_to_third_order(schedule, rng):
    for game, z in games(rng):

        def plain(h, game=game):
            return lambda w: -game.simultaneous_gradient(w)

        assert order(DriftCancelling(0.1, schedule=schedule), game, z, plain) == pytest.approx(3, abs=0.15)
        assert order(SimultaneousGradientDescent(0.1), game, z, plain) == pytest.approx(2, abs=0.15)
        kept = DriftCancelling(0.1, terms="interaction", schedule=schedule)
        assert order(kept, game, z, plain) == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize("schedule", ["simultaneous", "alternating"])
def test_without_interaction_each_player_s_own_drift_is_left(schedule, rng):
    # The modified flow that is left: -xi_i - (h / 2) D_ii L_i xi_i, from (h / 4) |grad_i L_i|^2 added to L_i.
    for game, z in games(rng):

        def modified(h, game=game):
            def field(w):
                xi = game.simultaneous_gradient(w)
                return -xi - h / 2 * game.own_hvp(w, xi)

            return field

        rule = DriftCancelling(0.1, terms="interaction", schedule=schedule)
        assert order(rule, game, z, modified) == pytest.approx(3, abs=0.15)


def test_of_the_interaction_alone_it_is_lookahead_by_half_a_step(rng):
    for game, z in games(rng):
        numpy.testing.assert_allclose(
            run(DriftCancelling(0.3, terms="interaction"), game, z)[0],
            run(LookaheadOpponent(0.3, alpha=0.15), game, z)[0],
            rtol=1e-13,
        )


def test_its_symbol_is_the_exponential_to_second_order(rng):
    values = rng.standard_normal(4) + 1j * rng.standard_normal(4)
    for h in (1e-2, 1e-3):
        defect = DriftCancelling(h).symbol(values)[:, 0] - numpy.exp(-h * values)
        numpy.testing.assert_allclose(defect / h**3, values**3 / 6, rtol=20 * h)


@pytest.mark.parametrize(
    ("terms", "schedule"), [("interaction", "simultaneous"), ("all", "alternating"), ("interaction", "alternating")]
)
def test_other_variants_have_no_symbol(terms, schedule):
    with pytest.raises(NotImplementedError, match="DriftCancelling has no symbol"):
        DriftCancelling(0.1, terms=terms, schedule=schedule).symbol(1.0)


def test_words_are_checked():
    with pytest.raises(ValueError, match="`terms` must be one of 'all', 'interaction', got 'own'"):
        DriftCancelling(0.1, terms="own")
    with pytest.raises(ValueError, match="`schedule` must be one of 'simultaneous', 'alternating', got 'both'"):
        DriftCancelling(0.1, schedule="both")
