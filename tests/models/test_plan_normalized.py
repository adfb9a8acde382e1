"""Batch normalisation, maxout and dense layers without biases in training plans; `simulate` is the reference."""

import itertools

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.experiments import gan_preset
from gamedyn.games import Regularized, WrappedDraws
from gamedyn.models import NeuralGAN, _plan_maxout, _training_plan
from gamedyn.models._ensemble_legs import EnsembleLegs
from gamedyn.models._gan_fit import Fit
from gamedyn.models._plan_maxout import PlannedMaxout
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_plan import plan_training
from gamedyn.nn import (
    BatchNormalization,
    Convolution,
    Dense,
    LayerNormalization,
    LeakyReLU,
    Maxout,
    Network,
    ReLU,
    Reshape,
    Softplus,
    Tanh,
    TransposedConvolution,
)
from gamedyn.objectives import Hinge, Minimax, NonSaturating
from gamedyn.updates import Adam, AlternatingGradientDescent, InnerSteps, SimultaneousGradientDescent
from tests.models import test_ensemble_plan
from tests.models.test_training_plan import assert_plays

RULES = [
    Adam(0.02, epsilon=0.01, schedule="alternating"),
    SimultaneousGradientDescent(0.05),
    InnerSteps(Adam(0.02, epsilon=0.01), (2, 3), player_order=(1, 0)),
]
LABELS = [0, 2, 1, 1, 0, 2, 2, 0, 0]
PENALTIES = [{"gradient_penalty": (20.0, 1.0)}, {"r1": 2.0}, {"r2": 3.0}, {"dragan": (5.0, 0.3)}]


def generator(inputs=3, activation=None, eps=0.1):
    """Both sorts of layers before a normalisation, and both sorts of it."""
    layers = (
        Dense(inputs, 4, bias=False),
        BatchNormalization(4, eps=eps),
        activation or ReLU(),
        Dense(4, 5),
        BatchNormalization(5, affine=False),
        Tanh(),
        Dense(5, 2, bias=False),
    )
    return Network(layers, inputs)


def maxouts(inputs=2, activation=None):
    """Maxouts of 3 and 1 pieces, and where an activation is given, layers with and without biases around one."""
    middle = () if activation is None else (Dense(4, 5, bias=False), activation, Dense(5, 12), Maxout(3))
    row = (Dense(inputs, 12), Maxout(3), *middle, Dense(4, 6, bias=False), Maxout(2), Dense(3, 2), Maxout(1))
    return Network((*row, Dense(2, 1)), inputs)


def normalized(inputs=2):
    layers = (Dense(inputs, 6, bias=False), BatchNormalization(6), LeakyReLU(0.3), Dense(6, 4), Tanh(), Dense(4, 1))
    return Network(layers, inputs)


def model_of(critic=maxouts, labelled=False, packing=1, objective=None, dtype="float64", **options):
    classes = 3 if labelled else 0
    data = numpy.random.default_rng(0).standard_normal((9, 2)).astype(dtype)
    networks = generator(3 + classes), critic(packing * (2 + classes))
    options = {"latent_dim": 3, "batch_size": 5, "labels": LABELS if labelled else None, "packing": packing} | options
    return NeuralGAN(*networks, objective or Minimax(), data, **options)


def start(model, dtype="float64"):
    """A point whose scales and shifts differ from 1 and 0."""
    return (model.init(1) + 0.3 * numpy.random.default_rng(1).standard_normal(sum(model.dims))).astype(dtype)


@pytest.mark.parametrize("critic", [maxouts, normalized])
@pytest.mark.parametrize(("labelled", "packing"), [(False, 1), (True, 1), (False, 2), (True, 3)])
def test_plays_what_simulate_plays(critic, labelled, packing):
    for rule, noise in ((RULES[0], 0.0), (RULES[1], 0.2), (RULES[2], 0.0)):
        model = model_of(critic, labelled, packing, instance_noise=noise)
        assert_plays(model, rule, start(model), steps=3)
    model = model_of(critic, labelled, packing, NonSaturating(), "float32")
    assert_plays(model, RULES[0], start(model, "float32"), tolerance=1e-5)


@pytest.mark.parametrize("options", PENALTIES, ids=str)
@pytest.mark.parametrize("activation", [None, Softplus()], ids=["piecewise linear", "smooth"])
def test_penalties_on_maxouts_beside_normalised_generators(options, activation):
    for rule, (labelled, packing) in itertools.product(RULES[:2], [(False, 1), (True, 2)]):
        model = model_of(lambda inputs: maxouts(inputs, activation), labelled, packing)
        game = WrappedDraws(model, lambda drawn: Regularized(drawn, **options))
        assert_plays(game, rule, start(model), steps=3)


@pytest.mark.parametrize("turned", [range(1), range(1, 99)])
def test_transposes_of_pieces(monkeypatch, turned):
    monkeypatch.setattr(_plan_maxout, "_TURNED", turned)
    model = model_of()
    assert_plays(model, RULES[2], start(model), steps=2)
    game = WrappedDraws(model, lambda drawn: Regularized(drawn, r1=1.0))
    assert_plays(game, RULES[1], start(model), steps=2)


def test_clip_average_and_ensembles():
    for critic, packing in ((maxouts, 2), (normalized, 1)):
        model = model_of(critic, packing=packing)
        rule = TrainedRule(RULES[0], 0.4, 0.7)
        z = start(model)
        found, state = plan_training(model, rule, z).run(z, None, 3, 4)
        path = simulate(model, rule, z, 4, rng=3, engine="step")
        numpy.testing.assert_allclose(found, path.final, rtol=0, atol=1e-12)
        numpy.testing.assert_allclose(state.average, path.final_state.average, rtol=0, atol=1e-12)
        for dtype in ("float32", "float64"):
            model = model_of(critic, True, packing, dtype=dtype)
            test_ensemble_plan.assert_plays(model, model, rule, 3, parts=(3, 1))
    game = WrappedDraws(model_of(), lambda drawn: Regularized(drawn, r1=1.0))
    test_ensemble_plan.assert_plays(game.game, game, TrainedRule(RULES[0]), 2, parts=(3,))


def test_groups_of_ensembles_count_pieces_and_deviations():
    """Pieces, and what is normalised, are the larger part of what a step of these members works on."""
    wide = Dense(2, 3000), Maxout(1000), Dense(3, 1)
    tall = Dense(2, 1000), BatchNormalization(1000), ReLU(), Dense(1000, 1)
    for layers, most in ((wide, 1), (tall, 1), ((Dense(2, 1000), ReLU(), Dense(1000, 1)), 2)):
        model = model_of(lambda _, layers=layers: Network(layers, 2), dtype="float32", batch_size=64)
        assert EnsembleLegs(model, model, TrainedRule(RULES[0]), start(model, "float32")).most == most


def test_normalised_batches_are_not_divided(monkeypatch):
    monkeypatch.setattr(_training_plan, "_LARGEST_PART", 2)
    for critic in (maxouts, normalized):
        model = model_of(critic, objective=Hinge())
        assert_plays(model, AlternatingGradientDescent(0.05), start(model), steps=2)
    plain = Network((Dense(3, 2),), 3)
    model = NeuralGAN(plain, normalized(), Hinge(), numpy.eye(2), latent_dim=3, batch_size=6)
    assert_plays(model, RULES[1], start(model), steps=2)
    # But those of maxouts are.
    model = NeuralGAN(plain, maxouts(), Hinge(), numpy.eye(2), latent_dim=3, batch_size=6)
    assert len(plan_training(model, RULES[1], start(model)).parts) == 3
    assert_plays(model, RULES[1], start(model), steps=2)


def test_images():
    up = (Dense(3, 8, bias=False), Reshape((2, 2, 2)), BatchNormalization((2, 2, 2)), ReLU())
    row = (*up, TransposedConvolution(2, 3, 4, 2, 1, bias=False), BatchNormalization((4, 4, 3)), ReLU())
    made = Network((*row, Convolution(3, 1, 3, padding="same"), Reshape((16,), inputs=(4, 4, 1))), 3)
    seen = (Convolution(1, 4, 4, 2, 1), BatchNormalization((2, 2, 4), affine=False), Tanh())
    critic = Network((Reshape((4, 4, 1)), *seen, Reshape((16,), inputs=(2, 2, 4)), Dense(16, 1)), 16)
    data = numpy.random.default_rng(0).standard_normal((9, 16))
    model = NeuralGAN(made, critic, NonSaturating(), data, latent_dim=3, batch_size=4)
    for rule in RULES[:2]:
        assert_plays(model, rule, start(model), steps=3)


@pytest.mark.parametrize("lead", [(), (2,)])
def test_the_first_of_equal_pieces_is_taken(lead):
    layer = PlannedMaxout(Dense(1, 6), 3, lead, 2, False, numpy.dtype(float))
    calls, out = [], numpy.empty((*lead, 2, 2))
    values = [[[3.0, 1], [0, 0]], [[3.0, 2], [0, -1]], [[1.0, 2], [0, 0]]]
    layer.a[...] = values
    layer.forward(calls, slice(0, 2), out)
    layer.mark(calls, slice(0, 2))
    for function, arguments in calls:
        function(*arguments)
    assert (out == [[3, 2], [0, 0]]).all()
    expected = numpy.argmax(values, axis=0) == numpy.arange(3)[:, None, None]
    assert (layer.mask == expected).all()


def test_no_plan_for_what_normalisation_refuses_and_for_other_rows():
    model = model_of(normalized)
    game = WrappedDraws(model, lambda drawn: Regularized(drawn, r1=1.0))
    assert plan_training(game, RULES[0], start(model)) is None
    with pytest.raises(ValueError, match="mixes the batch"):
        simulate(game, RULES[0], start(model), 1, rng=0)
    for critic in (maxouts, normalized):
        single = model_of(critic, batch_size=1)
        assert plan_training(single, RULES[0], start(single)) is None
    others = [
        (Dense(2, 4), BatchNormalization(4), Maxout(2), Dense(2, 1)),
        (Dense(2, 4), Tanh(), BatchNormalization(4), Dense(4, 1)),
        (Dense(2, 4), BatchNormalization(4), Dense(4, 1)),
        (Dense(2, 4), LayerNormalization(4), Tanh(), Dense(4, 1)),
        (Reshape((2, 1)), Convolution(1, 2, (1,)), Maxout(2), Reshape((2,), inputs=(2, 1)), Dense(2, 1)),
        (Dense(2, 4), BatchNormalization(4), Tanh(), Dense(4, 1), BatchNormalization(1)),
    ]
    for layers in others:
        other = model_of(lambda _, layers=layers: Network(layers, 2))
        assert plan_training(other, RULES[0], start(other)) is None


@pytest.mark.parametrize("name", ["pacgan-ring", "pacgan-grid-4", "pacgan-grid-1"])
def test_presets_have_plans(name):
    preset = gan_preset(name, rng=0)
    rows = numpy.random.default_rng(0).standard_normal((500, 2))
    fit = Fit.of_data(preset.gan.get_params() | {"dtype": "float64"}, rows, None)
    fit.begin()
    z = fit.point.z
    found, _ = fit.training().legs.plan.run(z, None, 0, 1)
    path = simulate(fit.model, fit.rule, z, 1, rng=0, engine="step")
    assert abs(found - path.final).max() < 1e-8 * abs(found - z).max()
