"""Labels and packs in training plans: the functional game under `simulate` is their reference."""

import numpy
import pytest

from gamedyn.distributions import MultivariateNormal
from gamedyn.games import Regularized, WrappedDraws
from gamedyn.models import NeuralGAN, _training_plan
from gamedyn.models._plan_draws import Draws
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_plan import plan_training
from gamedyn.nn import LeakyReLU, ReLU, Tanh, mlp
from gamedyn.objectives import Minimax, NonSaturating
from gamedyn.updates import Adam, AlternatingGradientDescent, InnerSteps, SimultaneousGradientDescent
from tests.models import test_ensemble_plan
from tests.models.test_training_plan import assert_plays

LABELS = [0, 2, 1, 1, 0, 2, 2, 0, 0]
RULES = [
    Adam(0.02, epsilon=0.01, schedule="alternating"),
    SimultaneousGradientDescent(0.05),
    InnerSteps(Adam(0.02, epsilon=0.01), (2, 3), player_order=(1, 0)),
]
PENALTIES = [{"gradient_penalty": (20.0, 1.0)}, {"r1": 2.0}, {"r2": 3.0}, {"dragan": (5.0, 0.3)}]
SHAPES = [(True, 1), (False, 3), (True, 2)]


def model_of(labelled, packing, activation=None, dtype="float64", data=None, **options):
    classes = 3 if labelled else 0
    data = numpy.random.default_rng(0).standard_normal((9, 2)).astype(dtype) if data is None else data
    networks = mlp((3 + classes, 5, 2), activation), mlp((packing * (2 + classes), 6, 5, 1), activation)
    options = {"latent_dim": 3, "batch_size": 5, "labels": LABELS if labelled else None, "packing": packing} | options
    return NeuralGAN(*networks, Minimax(), data, **options)


@pytest.mark.parametrize(("labelled", "packing"), SHAPES)
@pytest.mark.parametrize("activation", [Tanh(), LeakyReLU(0.3)], ids=lambda layer: type(layer).__name__)
def test_plays_what_simulate_plays(labelled, packing, activation):
    for noise in (0.0, 0.2):
        model = model_of(labelled, packing, activation, instance_noise=noise)
        for rule in RULES:
            assert_plays(model, rule, model.init(1), steps=3)
    model = model_of(labelled, packing, activation, "float32")
    assert_plays(model, RULES[0], model.init(1), tolerance=3e-6)


@pytest.mark.parametrize(("labelled", "packing"), SHAPES)
@pytest.mark.parametrize("options", PENALTIES, ids=str)
def test_labels_carry_no_penalty(labelled, packing, options):
    for activation in (Tanh(), ReLU()):
        model = model_of(labelled, packing, activation)
        game = WrappedDraws(model, lambda drawn: Regularized(drawn, **options))
        for rule in RULES[:2]:
            assert_plays(game, rule, model.init(1), steps=3)


def test_packs_in_parts(monkeypatch):
    monkeypatch.setattr(_training_plan, "_LARGEST_PART", 2)
    for labelled, packing in SHAPES:
        model = model_of(labelled, packing, instance_noise=0.1)
        for game in (model, WrappedDraws(model, lambda drawn: Regularized(drawn, r2=1.0))):
            assert_plays(game, RULES[0], model.init(1), steps=3)


@pytest.mark.parametrize(("labelled", "packing"), SHAPES)
def test_many_at_once_have_the_bits_of_each_alone(labelled, packing):
    model = model_of(labelled, packing, dtype="float32")
    for rule in RULES:
        test_ensemble_plan.assert_plays(model, model, TrainedRule(rule), 3, parts=(3, 1))


def test_packs_of_a_law():
    law = MultivariateNormal([1.0, 2.0], [[1.0, 0.5], [0.5, 2.0]])
    model = model_of(False, 3, data=law)
    assert_plays(model, AlternatingGradientDescent(0.05, inner_steps=(2, 3)), model.init(1))


@pytest.mark.parametrize(("labelled", "packing"), SHAPES)
def test_draws_have_the_numbers_of_the_game(labelled, packing):
    # By rows of the data, and by way of the game: the same batch.
    model = model_of(labelled, packing)
    found = []
    for game in (model, WrappedDraws(model, lambda drawn: drawn)):
        plan = plan_training(game, RULES[0], model.init(1))
        assert isinstance(plan.draws, Draws)
        assert (plan.draws.shown is None) == (game is not model)
        rng = numpy.random.default_rng(4)
        plan.draws.draw(rng)
        plan.draws.redraw()
        found.append((plan.batch.real.copy(), plan.batch.latent.copy(), rng.bit_generator.state))
    for first, second in zip(found[0][:2], found[1][:2], strict=True):
        numpy.testing.assert_array_equal(first, second)
    assert found[0][2] == found[1][2]
    drawn = model.draw(numpy.random.default_rng(4)).redraw()
    numpy.testing.assert_array_equal(found[0][0], drawn.real_inputs(model.init(1)))


def test_a_labelled_gan_of_one_sample():
    model = NeuralGAN(mlp((3, 1)), mlp((3, 1)), NonSaturating(), [[0.5]], latent_dim=1, batch_size=1, labels=[1])
    assert_plays(model, RULES[0], model.init(1))
