"""Convolutions in training plans: the layers themselves, and `simulate` on them, are the reference."""

import numpy
import pytest

from gamedyn.dynamics import Status, simulate
from gamedyn.games import Regularized, WrappedDraws
from gamedyn.models import NeuralGAN, _training_plan
from gamedyn.models._plan_tied import TiedWeights, is_tied
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_plan import NotFinite, plan_training
from gamedyn.nn import (
    Convolution,
    Dense,
    LeakyReLU,
    MaskedConvolution,
    Network,
    ReLU,
    Reshape,
    Softplus,
    SpectralNormalization,
    Tanh,
    TransposedConvolution,
)
from gamedyn.objectives import NonSaturating, Wasserstein
from gamedyn.updates import Adam, AlternatingGradientDescent, SimultaneousGradientDescent
from tests.models import test_ensemble_plan
from tests.models.test_training_plan import assert_plays

# Layer, shape of one input. Among them taps that meet nothing but padding, one axis and three.
LAYERS = [
    (Convolution(2, 3, 4, stride=2, padding=1), (4, 4, 2)),
    (Convolution(1, 2, (3, 2), stride=(1, 2), padding=((0, 2), (1, 0)), dilation=(2, 1)), (6, 5, 1)),
    (Convolution(2, 2, 3, stride=3, padding="same", bias=False), (4, 7, 2)),
    (Convolution(1, 3, (5,), padding=2), (2, 1)),
    (Convolution(1, 2, (2, 2, 1), stride=2), (3, 2, 2, 1)),
    (TransposedConvolution(3, 2, 4, stride=2, padding=1), (2, 2, 3)),
    (TransposedConvolution(1, 2, (3, 2), stride=(2, 3), padding=((1, 0), (0, 1)), output_padding=(1, 2)), (3, 2, 1)),
    (TransposedConvolution(2, 3, 3, stride=2, padding="same", dilation=2, bias=False), (2, 3, 2)),
    (TransposedConvolution(2, 1, (4,), padding=((0, 3),)), (2, 2)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda each: type(each).__name__)
def test_matrices_do_what_layers_do(layer, shape):
    for lead in ((), (2,)):
        assert_matrix_does_what_the_layer_does(layer, shape, lead)


def assert_matrix_does_what_the_layer_does(layer, shape, lead):
    rng = numpy.random.default_rng(0)
    params = [rng.standard_normal((*lead, *size)) for size in layer.parameter_shapes.values()]
    flat = numpy.concatenate([part.reshape(*lead, -1) for part in params], axis=-1)
    x = rng.standard_normal((*lead, 5, *shape))
    y, tape = layer.forward(tuple(params), x)
    y_bar = rng.standard_normal(y.shape)
    assert is_tied(layer, shape)
    tied, calls, gradient = TiedWeights(layer, shape, lead, numpy.float64), [], numpy.full_like(flat, numpy.nan)
    rows, bars = x.reshape(*lead, 5, -1), y_bar.reshape(*lead, 5, -1)
    found, without, x_bar = (numpy.full(each.shape, numpy.nan) for each in (bars, bars, rows))
    tied.expand(calls, flat)
    tied.push(calls, rows, found, biased=True)
    tied.push(calls, rows, without, biased=False)
    tied.pull(calls, bars, x_bar)
    tied.meet(calls, numpy.concatenate([rows, numpy.ones((*lead, 5, 1))], axis=-1), bars)
    tied.fold(calls, gradient)
    for function, arguments in calls:
        function(*arguments)
    numpy.testing.assert_allclose(found, y.reshape(found.shape), atol=1e-13)
    bias = (found - without).reshape(*lead, 5, -1, layer.outputs)
    expected_bias = params[1][..., None, None, :] if layer.bias else 0
    numpy.testing.assert_allclose(bias, numpy.broadcast_to(expected_bias, bias.shape), atol=1e-13)
    expected_x, expected = layer.backward(tuple(params), tape, y_bar)
    numpy.testing.assert_allclose(x_bar, expected_x.reshape(x_bar.shape), atol=1e-13)
    expected = [part.reshape(*lead, -1) for part in expected]
    numpy.testing.assert_allclose(gradient, numpy.concatenate(expected, axis=-1), atol=1e-12)


def images(activation, objective=None, batch_size=6, dtype="float64", **options):
    """A GAN of convolutions on 4 x 4 images."""
    generator = Network(
        (
            Dense(3, 8),
            activation,
            Reshape((2, 2, 2)),
            TransposedConvolution(2, 3, 4, 2, 1, bias=False),
            activation,
            Convolution(3, 1, 3, padding="same"),
            Reshape((16,), inputs=(4, 4, 1)),
        ),
        input_size=3,
    )
    critic = Network(
        (
            Reshape((4, 4, 1)),
            Convolution(1, 4, 4, 2, 1),
            activation,
            Reshape((16,), inputs=(2, 2, 4)),
            Dense(16, 5),
            activation,
            Dense(5, 1),
        ),
        input_size=16,
    )
    data = numpy.random.default_rng(0).standard_normal((9, 16)).astype(dtype)
    networks = generator, critic
    return NeuralGAN(*networks, objective or NonSaturating(), data, latent_dim=3, batch_size=batch_size, **options)


RULES = [
    Adam(0.02, first_decay=0.5, epsilon=0.01, schedule="alternating"),
    SimultaneousGradientDescent(0.05),
    AlternatingGradientDescent(0.05, inner_steps=(2, 3), player_order=(1, 0)),
]


@pytest.mark.parametrize(
    "activation", [Tanh(), ReLU(), Softplus(), LeakyReLU(0.3)], ids=lambda layer: type(layer).__name__
)
@pytest.mark.parametrize("penalty", [{}, {"gradient_penalty": (20.0, 1.0)}, {"r1": 2.0}], ids=str)
def test_plays_what_simulate_plays(activation, penalty):
    model = images(activation)
    game = WrappedDraws(model, lambda drawn: Regularized(drawn, **penalty)) if penalty else model
    for rule in RULES:
        assert_plays(game, rule, model.init(1), steps=3)


def test_batches_in_parts(monkeypatch):
    monkeypatch.setattr(_training_plan, "_LARGEST_PART", 4)
    for rule in RULES:
        model = images(Tanh(), batch_size=7, instance_noise=0.2)
        assert_plays(model, rule, model.init(1), steps=3)


def test_many_at_once_have_the_bits_of_each_alone():
    model = images(ReLU(), dtype="float32")
    for rule in RULES:
        test_ensemble_plan.assert_plays(model, model, TrainedRule(rule, None, 0.9), 3, parts=(3, 1))


def test_a_clip_is_seen_by_the_next_step():
    model = images(Tanh())
    for rule in RULES:
        trained = TrainedRule(rule, 0.2, 0.5)
        found, _ = plan_training(model, trained, model.init(1)).run(model.init(1), None, 3, 4)
        expected = simulate(model, trained, model.init(1), 4, rng=3, engine="step").final
        numpy.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
        assert (abs(found) == 0.2).sum() > 1


def test_every_run_starts_from_its_own_point():
    model = images(ReLU(), dtype="float32")
    z = [model.init(seed) for seed in (1, 2)]
    plan = plan_training(model, RULES[0], z[0])
    plan.run(z[0], None, 3, 2)
    found, _ = plan.run(z[1], None, 3, 2)
    expected, _ = plan_training(model, RULES[0], z[1]).run(z[1], None, 3, 2)
    numpy.testing.assert_array_equal(found, expected)
    assert_plays(model, RULES[0], z[0], tolerance=3e-6)


@pytest.mark.parametrize("player", [0, 1])
def test_the_last_good_point_before_a_divergence(player):
    # It is found by playing again from the last look at whether all is finite, which is the start.
    rule = AlternatingGradientDescent(0.3, player_order=(player, 1 - player))
    model = images(LeakyReLU(0.3), Wasserstein())
    path = simulate(model, rule, model.init(1), 40, rng=3, engine="step")
    assert path.status == Status.DIVERGED
    assert path.stop_step > 5
    with pytest.raises(NotFinite) as caught:
        plan_training(model, rule, model.init(1)).run(model.init(1), None, 3, 40)
    assert caught.value.step == path.stop_step
    numpy.testing.assert_allclose(caught.value.z, path.final, rtol=1e-9, atol=1e-12)


def test_no_plan_for_other_convolutions():
    assert not is_tied(Convolution(32, 64, 4, 2, 1), (14, 14, 32))
    assert is_tied(Convolution(32, 64, 4, 2, 1), (4, 4, 32))
    assert is_tied(Convolution(1, 32, 4, 2, 1), (8, 8, 1))
    assert not is_tied(TransposedConvolution(32, 3, 4, 2, 1), (8, 8, 32))
    assert not is_tied(Dense(3, 3), (3,))
    first = Convolution(1, 4, 4, 2, 1)
    for layer in (SpectralNormalization(first), MaskedConvolution(1, 4, 3, "B")):
        head = (Reshape((4, 4, 1)), layer)
        size = numpy.prod(layer.output_shape((4, 4, 1)))
        tail = (Reshape((size,), inputs=layer.output_shape((4, 4, 1))), ReLU(), Dense(int(size), 1))
        model = images(ReLU())
        critic = Network((*head, *tail), input_size=16)
        other = NeuralGAN(model.generator, critic, NonSaturating(), model.data, latent_dim=3, batch_size=2)
        assert plan_training(other, RULES[0], other.init(0)) is None
