"""Training plans of GANs drawn at random: architectures, labels, packs, penalties, rules, clips and averages."""

import math
from unittest.mock import patch

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.games import Regularized, WrappedDraws
from gamedyn.models import NeuralGAN, _training_plan
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_plan import plan_training
from gamedyn.nn import (
    BatchNormalization,
    Convolution,
    Dense,
    LeakyReLU,
    Maxout,
    Network,
    ReLU,
    Reshape,
    Softplus,
    Tanh,
    TransposedConvolution,
)
from gamedyn.objectives import Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from gamedyn.updates import Adam, AlternatingGradientDescent, InnerSteps, SimultaneousGradientDescent

ACTIVATIONS = [Tanh(), ReLU(), Softplus(), LeakyReLU(0.2), LeakyReLU(0.9)]
SMOOTH = [Tanh(), Softplus()]
OBJECTIVES = [Minimax(), NonSaturating(), Wasserstein(), Hinge(), LeastSquares(1.0, -0.5, 0.7)]
PENALTIES = [{}, {}, {"gradient_penalty": (20.0, 1.0)}, {"r1": 2.0}, {"r2": 3.0}, {"dragan": (5.0, 0.3)}]


def one_of(rng, items):
    return items[rng.integers(len(items))]


def drawn_convolution(rng, shape):
    """One that has an output on images of that shape."""
    while True:
        layer = one_of(rng, (Convolution, TransposedConvolution))(
            shape[-1],
            int(rng.integers(1, 4)),
            tuple(rng.integers(1, 4, size=2).tolist()),
            stride=tuple(rng.integers(1, 3, size=2).tolist()),
            padding=one_of(rng, (0, 1, "same", ((0, 1), (1, 0)))),
            dilation=(int(rng.integers(1, 3)), 1),
            bias=bool(rng.integers(2)),
        )
        try:
            size = math.prod(layer.output_shape(shape))
        except ValueError:
            continue
        if 1 <= size <= 60:
            return layer


def drawn_network(rng, inputs, outputs, is_convolutional, activations, is_normalized):
    layers, shape = [], (inputs,)
    for _ in range(rng.integers(3)):
        width, pieces = (int(rng.integers(1, n)) for n in (7, 4))
        if activations is ACTIVATIONS and rng.random() < 0.2:
            layers += [Dense(shape[0], width * pieces), Maxout(pieces)]
        else:
            norm = [BatchNormalization(width)] if is_normalized and rng.integers(2) else []
            layers += [Dense(shape[0], width, bias=bool(rng.integers(2))), *norm, one_of(rng, activations)]
        shape = (width,)
    if is_convolutional:
        image = one_of(rng, ((2, 2, 1), (3, 2, 1), (2, 2, 2), (3, 3, 1)))
        layers += [Dense(shape[0], math.prod(image)), one_of(rng, activations), Reshape(image)]
        for _ in range(rng.integers(1, 3)):
            layers += [drawn_convolution(rng, image), one_of(rng, activations)]
            image = layers[-2].output_shape(image)
        shape = (math.prod(image),)
        layers.append(Reshape(shape, inputs=image))
    return Network((*layers, Dense(shape[0], outputs)), input_size=inputs)


def drawn_rule(rng, critic):
    counts = tuple(rng.integers(1, 4, size=2).tolist())
    adam = Adam(0.02, first_decay=one_of(rng, (0.5, 0.9)), epsilon=0.01)
    rules = [
        adam,
        Adam(0.02, epsilon=0.01, schedule="alternating"),
        SimultaneousGradientDescent(0.02),
        AlternatingGradientDescent(0.02, inner_steps=counts, player_order=(1, 0)),
        InnerSteps(adam, counts, player_order=one_of(rng, ((0, 1), (1, 0)))),
    ]
    # Where several weights are at the clip, sums cancel to rounding, and a kink there is on either side.
    clip = one_of(rng, (None, 0.3)) if critic.is_smooth else None
    return TrainedRule(one_of(rng, rules), clip, one_of(rng, (None, None, 0.7)))


def drawn_game(rng):
    features, latent, packing, classes = (int(rng.integers(1, n)) for n in (4, 4, 4, 4))
    classes = 0 if classes == 1 else classes
    is_convolutional, activations = rng.random() < 0.5, one_of(rng, (ACTIVATIONS, SMOOTH))
    generator = drawn_network(rng, latent + classes, features, is_convolutional, activations, rng.random() < 0.3)
    is_convolutional = is_convolutional and rng.random() < 0.7
    options = one_of(rng, PENALTIES)
    # A penalty at each sample and a normalisation over all exclude each other.
    is_normalized = not options and rng.random() < 0.3
    width = packing * (features + classes)
    critic = drawn_network(rng, width, 1, is_convolutional, activations, is_normalized)
    count = int(rng.integers(max(packing, classes), 12))
    model = NeuralGAN(
        generator,
        critic,
        one_of(rng, OBJECTIVES),
        rng.standard_normal((count, features)),
        latent_dim=latent,
        batch_size=int(rng.integers(1 if generator.per_sample and critic.per_sample else 2, 9)),
        labels=numpy.arange(count) % classes if classes else None,
        packing=packing,
        instance_noise=one_of(rng, (0.0, 0.2)),
    )
    return WrappedDraws(model, lambda drawn: Regularized(drawn, **options)) if options else model


def leaves(state):
    if state is None or not isinstance(state, tuple):
        return [] if state is None else [numpy.asarray(state, dtype=float)]
    return [leaf for part in state for leaf in leaves(part)]


def assert_plan_plays_what_simulate_plays(seed):
    rng = numpy.random.default_rng(seed)
    game = drawn_game(rng)
    rule = drawn_rule(rng, getattr(game, "game", game).discriminator)
    z = 0.5 * rng.standard_normal(sum(game.dims))
    # Batches in one part or in several.
    with patch.object(_training_plan, "_LARGEST_PART", one_of(rng, (2, 3, 512))):
        found, state = plan_training(game, rule, z).run(z, None, seed, 4)
    path = simulate(game, rule, z, 4, rng=seed, engine="step")
    for measured, expected in zip([found, *leaves(state)], [path.final, *leaves(path.final_state)], strict=True):
        numpy.testing.assert_allclose(measured, expected, rtol=0, atol=1e-11 * (1 + abs(expected).max()))


def test_plans_of_drawn_gans():
    for seed in range(60):
        assert_plan_plays_what_simulate_plays(seed)


@pytest.mark.full
def test_plans_of_many_drawn_gans():
    for seed in range(60, 1500):
        assert_plan_plays_what_simulate_plays(seed)
