"""Clips and moving averages in training plans: `TrainedRule` under `simulate` is their reference."""

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.games import WrappedDraws
from gamedyn.models import NeuralGAN
from gamedyn.models._gan_fit import Fit
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_legs import Legs
from gamedyn.models._training_plan import NotFinite, plan_training
from gamedyn.nn import ReLU, mlp
from gamedyn.objectives import LeastSquares, NonSaturating
from gamedyn.updates import Adam, AlternatingGradientDescent, InnerSteps, SimultaneousGradientDescent
from tests.models.gan_runs import DATA, small

RULES = [
    Adam(0.02, epsilon=0.01, schedule="alternating"),
    InnerSteps(Adam(0.02, epsilon=0.01), (2, 3), player_order=(1, 0)),
    SimultaneousGradientDescent(0.3),
    AlternatingGradientDescent(0.3, player_order=(1, 0)),
]


def game_of(dtype="float64", objective=None, activation=None):
    data = numpy.random.default_rng(0).standard_normal((9, 2)).astype(dtype)
    networks = mlp((3, 5, 2)), mlp((2, 6, 1), activation)
    return NeuralGAN(*networks, objective or NonSaturating(), data, latent_dim=3, batch_size=7)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize(("clip", "decay"), [(None, None), (None, 0.6), (0.3, None), (0.3, 0.6)])
def test_plays_what_simulate_plays(rule, clip, decay):
    game, trained = game_of(), TrainedRule(rule, clip, decay)
    z = game.init(1)
    found, state = plan_training(game, trained, z).run(z, None, 3, 6)
    path = simulate(game, trained, z, 6, rng=3, engine="step")
    numpy.testing.assert_allclose(found, path.final, rtol=0, atol=1e-12)
    phi = found[game.dims[0] :]
    # The clip binds: some stand at the bound, and others do not.
    assert clip is None or 0 < (abs(phi) == clip).sum() < phi.size == (abs(phi) <= clip).sum()
    expected = path.final_state
    if decay is None:
        assert state.average is None
    else:
        numpy.testing.assert_allclose(state.average, expected.average, rtol=0, atol=1e-12)
        assert abs(state.average - found[: game.dims[0]]).max() > 1e-3
    for measured, wanted in zip(state.inner or (), expected.inner or (), strict=True):
        numpy.testing.assert_allclose(measured, wanted, rtol=0, atol=1e-12)


def test_averages_have_the_bits_of_the_formula():
    game, decay = game_of("float32"), 0.9
    z, rng = game.init(1), numpy.random.default_rng(5)
    expected, point, memory = z[: game.dims[0]], z, None
    plan = plan_training(game, RULES[0], z)
    for _ in range(70):
        point, memory = plan.run(point, memory, rng, 1)
        expected = decay * expected + (1 - decay) * point[: game.dims[0]]
    # In one run, and in several.
    rng, point, state = numpy.random.default_rng(5), z, None
    plan = plan_training(game, TrainedRule(RULES[0], None, decay), z)
    for steps in (1, 65, 0, 4):
        point, state = plan.run(point, state, rng, steps)
    whole = plan.run(z, None, numpy.random.default_rng(5), 70)[1].average
    # Another run leaves alone what the last ones gave.
    plan.run(z, None, 0, 3)
    for average in (state.average, whole):
        assert average.dtype == numpy.float32
        numpy.testing.assert_array_equal(average, expected)


@pytest.mark.parametrize("decay", [None, 0.5])
def test_a_clip_hides_no_infinity(decay):
    # The fakes are of the size of 1e200, and the critic's gradient of that of its square.
    game = game_of(objective=LeastSquares(), activation=ReLU())
    z = game.init(1)
    z[game.dims[0] - 1] = 1e200
    with pytest.raises(NotFinite) as caught:
        plan_training(game, TrainedRule(SimultaneousGradientDescent(0.1), 0.1, decay), z).run(z, None, 0, 5)
    assert (caught.value.step, caught.value.player) == (1, 1)
    numpy.testing.assert_array_equal(caught.value.z, z)
    assert decay is None or (caught.value.state.average == z[: game.dims[0]]).all()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"penalty": "clip"},
        {"penalty": "r1"},
        {"penalty": "dragan", "discriminator_steps": 3, "packing": 2},
        {"penalty": "gradient-penalty", "discriminator_steps": 2, "instance_noise": 0.1},
        {"unrolled_steps": 1},
    ],
    ids=str,
)
def test_a_fit_wraps_its_draws_only_where_something_changes_them(options):
    fit = Fit.of_data(small(**options).get_params(), DATA, None)
    fit.begin()
    training = fit.training()
    assert (training.legs.game is fit.model) == (options in ({}, {"penalty": "clip"}))
    if "unrolled_steps" not in options:
        # Its draws are rows of the data, with the same penalty whatever they are.
        assert (training.legs.plan.draws.shown is not None) == ("instance_noise" not in options)
    z, draws = fit.point.z, WrappedDraws(fit.model, lambda game: fit.wrap(game))
    both = training.legs, Legs(draws, fit.rule, z)
    played = [legs.play(z, None, numpy.random.default_rng(3), 5, None) for legs in both]
    assert played[0].steps == 5
    numpy.testing.assert_array_equal(played[0].z, played[1].z)
