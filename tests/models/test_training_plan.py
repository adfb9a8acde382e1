"""Training plans: the functional game, rule and `simulate` are their reference."""

import functools
import itertools
import tracemalloc

import numpy
import pytest

from gamedyn.distributions import MultivariateNormal
from gamedyn.divergences import KullbackLeibler
from gamedyn.dynamics import Status, simulate
from gamedyn.games import Regularized, TimescaleSeparated, WrappedDraws
from gamedyn.models import NeuralGAN, _plan_network, _training_plan
from gamedyn.models._training_plan import NotFinite, plan_training
from gamedyn.nn import Dense, LeakyReLU, Network, ReLU, Softplus, Tanh, mlp
from gamedyn.objectives import FGAN, Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from gamedyn.updates import (
    Adam,
    AlternatingGradientDescent,
    Extragradient,
    InnerSteps,
    PastExtragradient,
    SimultaneousGradientDescent,
)

OBJECTIVES = [
    Minimax(),
    NonSaturating(),
    Wasserstein(),
    Hinge(),
    LeastSquares(1.0, -0.5, 0.7),
    FGAN(KullbackLeibler()),
]
# A large epsilon, as Adam would make steps of the rounding of a gradient that vanishes, of the Wasserstein critic's
# last bias for one.
RULES = [
    Adam(0.02, epsilon=0.01),
    Adam(0.02, first_decay=0.5, second_decay=0.9, epsilon=0.01, schedule="alternating"),
    Adam(0.02, first_decay=0, epsilon=0.01),
    SimultaneousGradientDescent(0.05),
    AlternatingGradientDescent(0.05),
    AlternatingGradientDescent(0.05, inner_steps=(2, 3), player_order=(1, 0)),
    InnerSteps(Adam(0.02, epsilon=0.01), (2, 3), player_order=(1, 0), step_factors=(1.5, 0.5)),
    InnerSteps(Adam(0.02, first_decay=0.5, epsilon=0.01), (1, 2)),
]
PENALTIES = [
    {"gradient_penalty": (20.0, 1.0)},
    {"gradient_penalty": (2.0, 0.0)},
    {"r1": 2.0},
    {"r2": 3.0},
    {"dragan": (5.0, 0.3)},
    {},
]
# Among them layers of one width, no hidden layer, and a hidden layer of one unit.
SIZES = [((3, 5, 4, 2), (2, 6, 5, 1)), ((3, 2), (2, 1)), ((3, 1, 2), (2, 1, 4, 1)), ((3, 4, 4, 2), (2, 5, 5, 1))]
MIXED = Network(
    (Dense(2, 3), LeakyReLU(), Dense(3, 4), ReLU(), Dense(4, 5), Softplus(), Dense(5, 4), Tanh(), Dense(4, 1)),
    input_size=2,
)


def model_of(objective=None, activation=None, sizes=SIZES[0], dtype="float64", **options):
    data = numpy.random.default_rng(0).standard_normal((9, 2)).astype(dtype)
    networks = mlp(sizes[0], activation), mlp(sizes[1], activation)
    return NeuralGAN(*networks, objective or NonSaturating(), data, latent_dim=3, batch_size=7, **options)


def penalised(model, options):
    return WrappedDraws(model, lambda game: Regularized(game, **options))


def start(game, dtype="float64"):
    d = sum(game.dims)
    z = (0.6 * numpy.random.default_rng(1).standard_normal(d)).astype(dtype)
    z.flags.writeable = False
    return z


def assert_plays(game, rule, z, steps=5, tolerance=1e-12):
    """The plan's points and averages are those of `simulate` on the same random numbers."""
    plan = plan_training(game, rule, z)
    found, state = plan.run(z, None, 3, steps)
    path = simulate(game, rule, z, steps, rng=3, engine="step")
    assert found.dtype == z.dtype
    pairs = [(found, path.final), *(zip(state, path.final_state, strict=True) if state else [])]
    for measured, expected in pairs:
        assert measured.shape == expected.shape
        numpy.testing.assert_allclose(measured, expected, rtol=0, atol=tolerance * abs(expected).max())
    assert abs(found - z).max() > 1e-3


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{type(rule).__name__} {rule.cost.gradients}")
@pytest.mark.parametrize(
    "activation", [Tanh(), ReLU(), Softplus(), LeakyReLU(0.3)], ids=lambda layer: type(layer).__name__
)
def test_plays_what_simulate_plays(rule, activation):
    for objective, sizes in itertools.product(OBJECTIVES, SIZES):
        game = model_of(objective, activation, sizes)
        assert_plays(game, rule, start(game), steps=3)


@pytest.mark.parametrize("options", PENALTIES, ids=str)
@pytest.mark.parametrize(
    "activation", [Tanh(), ReLU(), Softplus(), LeakyReLU(0.3)], ids=lambda layer: type(layer).__name__
)
def test_penalties(options, activation):
    for rule, sizes in itertools.product(RULES[:2], SIZES):
        game = penalised(model_of(Minimax(), activation, sizes), options)
        assert_plays(game, rule, start(game))


def test_a_critic_of_many_activations():
    networks = mlp((3, 4, 2), Softplus()), MIXED
    data = numpy.random.default_rng(0).standard_normal((9, 2))
    model = NeuralGAN(*networks, Wasserstein(), data, latent_dim=3, batch_size=6)
    for game, rule in itertools.product((model, penalised(model, PENALTIES[0])), RULES):
        assert_plays(game, rule, start(game))


@pytest.mark.parametrize("largest", [1, 3, 4])
def test_batches_in_parts_have_the_gradients_of_the_whole(monkeypatch, largest):
    monkeypatch.setattr(_training_plan, "_LARGEST_PART", largest)
    for activation, rule, options in itertools.product((Tanh(), ReLU()), RULES, ({}, *PENALTIES[:1], PENALTIES[4])):
        model = model_of(Hinge(), activation, instance_noise=0.2)
        game = penalised(model, options) if options else model
        assert_plays(game, rule, start(game), steps=3)


def test_products_over_one_unit_of_many_samples(monkeypatch):
    monkeypatch.setattr(_plan_network, "_SMALLEST_PRODUCT", 1)
    for sizes, options in itertools.product(SIZES, PENALTIES[:1] + PENALTIES[2:3]):
        model = model_of(Minimax(), Tanh(), sizes)
        for game, rule in itertools.product((model, penalised(model, options)), RULES[:2]):
            assert_plays(game, rule, start(game))


def test_noise_and_laws():
    law = MultivariateNormal([1.0, 2.0], [[1.0, 0.5], [0.5, 2.0]])
    networks = mlp((3, 4, 2)), mlp((2, 4, 1))
    for data, noise in ((law, 0.0), (law, 0.3), (numpy.eye(2), 0.3)):
        game = NeuralGAN(*networks, Minimax(), data, latent_dim=3, batch_size=5, instance_noise=noise)
        assert_plays(game, RULES[5], start(game))


@pytest.mark.parametrize("options", [None, PENALTIES[0]], ids=str)
def test_single_precision(options):
    for data, z in (("float32", "float32"), ("float64", "float32"), ("float32", "float64")):
        game = model_of(Minimax(), Tanh(), dtype=data)
        game = penalised(game, options) if options else game
        assert_plays(game, RULES[1], start(game, z), tolerance=1e-12 if z == "float64" else 3e-6)


def test_saturated_outputs_keep_their_digits():
    # The generator's gradient is about e^-40, and Adam's step does not depend on its size.
    game = model_of(Minimax())
    z = start(game).copy()
    z[-1] = -40
    assert_plays(game, Adam(0.02, epsilon=1e-30, schedule="alternating"), z, steps=1)


@pytest.mark.parametrize("rule", [RULES[1], RULES[6]], ids=["Adam", "InnerSteps"])
def test_runs_continue_bit_by_bit(rule):
    game = model_of(dtype="float32")
    z = start(game, "float32")
    plan = plan_training(game, rule, z)
    whole, state = plan.run(z, None, numpy.random.default_rng(5), 70)
    rng, point, memory = numpy.random.default_rng(5), z, None
    for steps in (1, 65, 0, 4):
        point, memory = plan_training(game, rule, z).run(point, memory, rng, steps)
    numpy.testing.assert_array_equal(point, whole)
    for measured, expected in zip(memory, state, strict=True):
        numpy.testing.assert_array_equal(measured, expected)


def test_another_run_does_not_change_what_the_last_one_gave():
    game = model_of()
    plan = plan_training(game, RULES[0], start(game))
    point, state = plan.run(start(game), None, 0, 3)
    kept = [point.copy(), *(part.copy() for part in state)]
    plan.run(point, state, 1, 3)
    for measured, expected in zip((point, *state), kept, strict=True):
        numpy.testing.assert_array_equal(measured, expected)
    again, _ = plan.run(start(game), None, 0, 3)
    numpy.testing.assert_array_equal(again, kept[0])


@pytest.mark.parametrize("player", [0, 1])
@pytest.mark.parametrize(("objective", "step_size", "late"), [(LeastSquares(), 1.0, 2), (Wasserstein(), 6.0, 130)])
def test_divergence_names_step_and_player_and_keeps_the_last_good_point(player, objective, step_size, late):
    game = model_of(objective, sizes=SIZES[1])
    z, rule = start(game), AlternatingGradientDescent(step_size, player_order=(player, 1 - player))
    path = simulate(game, rule, z, 300, rng=3, engine="step")
    assert path.status == Status.DIVERGED
    assert path.stop_step > late
    rng = numpy.random.default_rng(3)
    with pytest.raises(NotFinite, match=rf"^step {path.stop_step} took the \w+'s parameters out of") as caught:
        plan_training(game, rule, z).run(z, None, rng, 300)
    error = caught.value
    assert error.step == path.stop_step
    numpy.testing.assert_allclose(error.z, path.final, rtol=1e-9)
    # One more step from there, on its own: who moved first and left the finite numbers.
    played = numpy.random.default_rng(3)
    for _ in range(path.stop_step):
        drawn = game.draw(played)
    with numpy.errstate(all="ignore"):
        bad = ~numpy.isfinite(rule.step(drawn, error.z, None)[0])
    blocks = {0: bad[: game.dims[0]].any(), 1: bad[game.dims[0] :].any()}
    assert error.player == next(i for i in (player, 1 - player) if blocks[i])
    assert rng.bit_generator.state == played.bit_generator.state


def test_averages_are_watched_too():
    # The square of a gradient of 1e20 overflows in single precision, and its coordinate would stand still for good.
    game = model_of(LeastSquares(), dtype="float32")
    z = start(game, "float32").copy()
    z[-1] = 1e20
    with pytest.raises(NotFinite) as caught:
        plan_training(game, Adam(), z).run(z, None, 0, 5)
    assert (caught.value.step, caught.value.player, int(caught.value.state.steps)) == (1, 1, 0)
    numpy.testing.assert_array_equal(caught.value.z, z)


def test_memory_does_not_grow_with_steps():
    game = model_of()
    plan, z = plan_training(game, RULES[1], start(game)), start(game)
    peaks = []
    for steps in (10, 100, 1000):
        plan.run(z, None, 0, steps)
        tracemalloc.start()
        plan.run(z, None, 0, steps)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 1.2 * peaks[0]


def test_no_plan_for_what_is_not_known():
    game, rule = model_of(), RULES[0]
    z = start(game)
    assert plan_training(game, rule, z) is not None
    assert plan_training(game, PastExtragradient(0.1), z) is None
    assert plan_training(game, Adam(numpy.asarray([0.1])), z) is None
    assert plan_training(game, AlternatingGradientDescent(0.1, inner_steps=(1, 1, 1)), z) is None
    assert plan_training(game, InnerSteps(Extragradient(0.1), (1, 2)), z) is None
    assert plan_training(game, InnerSteps(Adam(), (1, 1), step_factors=(1.0, numpy.ones(1))), z) is None
    assert plan_training(model_of(activation=LeakyReLU(1.5)), rule, z) is None
    assert plan_training(game, rule, z[None]) is None
    assert plan_training(game, rule, z.tolist()) is None
    assert plan_training(game, rule, z.astype(complex)) is None
    assert plan_training(game.full(), rule, z) is None
    assert plan_training(WrappedDraws(game, lambda drawn: TimescaleSeparated(drawn, (1.0, 2.0))), rule, z) is None
    assert plan_training(penalised(game, {"r1": 1.0, "r2": 1.0}), rule, z) is None
    critic = Network((Dense(2, 1), Tanh()), input_size=2)
    other = NeuralGAN(mlp((3, 2)), critic, Minimax(), numpy.eye(2), latent_dim=3, batch_size=2)
    assert plan_training(other, rule, numpy.zeros(sum(other.dims))) is None


@pytest.mark.parametrize("kind", [lambda wrap: wrap, functools.partial])
def test_wrappers_that_change_their_mind_are_refused(kind):
    weights = iter([1.0, 1.0, 2.0])
    game = WrappedDraws(model_of(), kind(lambda drawn: Regularized(drawn, r1=next(weights))))
    plan = plan_training(game, RULES[0], start(game))
    with pytest.raises(ValueError, match=r"^`game` must have the same penalty in every draw, got Penalty"):
        plan.run(start(game), None, 0, 5)


def test_another_point_than_the_plans_is_refused():
    game = model_of()
    plan = plan_training(game, RULES[0], start(game))
    with pytest.raises(ValueError, match=r"^`z` must be a NumPy array of shape \(\d+,\) and float64"):
        plan.run(start(game, "float32"), None, 0, 5)
