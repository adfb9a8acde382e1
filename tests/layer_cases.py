"""Layers and losses for the laws, one line each."""

from collections.abc import Callable
from typing import NamedTuple

import numpy

from gamedyn import nn


class LayerCase(NamedTuple):
    """A layer, the shape of one input, and what is special about its inputs."""

    layer: nn.Layer
    shape: tuple[int, ...]
    draw: Callable = numpy.random.Generator.standard_normal  # (rng, shape) -> x
    far: bool = True  # whether it takes |x| = 1000
    float32: float = 3e-6  # a few dozen additions and multiplications of numbers of order 1, at 2^-24 each


def labels(rng, shape):
    """Whole numbers from 0 to 3."""
    return rng.integers(4, size=shape).astype(float)


# The last of three features is a label.
LABELLED = nn.Concatenate((nn.Dense(3, 2), nn.Sequential((nn.Slice(2, 3), nn.Embedding(2, 3), nn.Tanh()))))

# (layer, input shape without the batch axis), or a LayerCase
LAYERS = [
    (nn.Dense(3, 2), (3,)),
    (nn.Dense(2, 4, bias=False, initializer="he"), (2,)),
    (nn.BatchNormalization(3), (3,)),
    (nn.BatchNormalization((2, 2, 3), eps=0.1, affine=False), (2, 2, 3)),
    (nn.FrozenNormalization(3, mean=numpy.array([0.5, -1.0, 2.0]), variance=numpy.array([0.25, 4.0, 1.0])), (3,)),
    (nn.LayerNormalization(5), (5,)),
    (nn.LayerNormalization((2, 3), affine=False), (2, 3)),
    (nn.SpectralNormalization(nn.Dense(3, 2)), (3,)),
    (nn.SpectralNormalization(nn.Dense(2, 4, bias=False)), (2,)),
    (nn.SpectralNormalization(nn.Convolution(2, 3, kernel=(2,))), (4, 2)),
    (nn.Convolution(2, 3, kernel=3, stride=2, padding=1), (5, 4, 2)),
    (nn.Convolution(1, 2, kernel=(2,), padding="same", dilation=2, bias=False, initializer="he"), (4, 1)),
    (nn.TransposedConvolution(2, 1, kernel=(4, 3), stride=2, padding=1, output_padding=(0, 1)), (2, 2, 2)),
    (nn.TransposedConvolution(1, 2, (2,), padding="same", dilation=2, bias=False, initializer="he"), (4, 1)),
    (nn.CausalConvolution(2, 3, kernel=2, dilation=2), (5, 2)),
    (nn.CausalConvolution(1, 2, kernel=3, bias=False, initializer="he"), (4, 1)),
    (nn.MaskedConvolution(3, 3, kernel=3, mask="B", colors=3), (3, 4, 3)),
    (nn.MaskedConvolution(1, 2, kernel=3, mask="A", order="vertical", bias=False), (3, 3, 1)),
    (nn.MaskedConvolution(2, 1, kernel=3, mask="B", order="horizontal"), (2, 4, 2)),
    (nn.ElmanCell(2, 3), (5,)),
    (nn.GRUCell(2, 3), (5,)),
    (nn.LSTMCell(2, 3), (8,)),
    (nn.Recurrent(nn.ElmanCell(2, 3)), (4, 2)),
    (nn.Recurrent(nn.GRUCell(1, 2)), (3, 1)),
    (nn.Recurrent(nn.LSTMCell(2, 2)), (3, 2)),
    (nn.Tanh(), (3,)),
    (nn.ReLU(), (3,)),
    (nn.Softplus(), (3,)),
    (nn.MaskedDense([[1, 0], [1, 1], [0, 1]]), (3,)),
    (nn.MaskedDense([[0, 1, 1], [0, 0, 1]], bias=False), (2,)),
    (nn.LeakyReLU(0.3), (3,)),
    (nn.SiLU(), (3,)),
    (nn.Sigmoid(), (3,)),
    (nn.LogSumExp(), (4,)),
    (nn.LogSumExp(extra=True), (2, 3)),
    (nn.Maxout(3), (6,)),
    (nn.Slice(1, 3), (4,)),
    (nn.Slice(0, 2), (3, 2)),
    (nn.Reshape((2, 3)), (6,)),
    (nn.Reshape((12,), inputs=(3, 2, 2)), (3, 2, 2)),
    (nn.Residual((nn.Dense(3, 3), nn.SiLU())), (3,)),
    (nn.Concatenate((nn.Slice(0, 2), nn.Dense(3, 2), nn.Tanh(), nn.Sequential(()))), (3,)),
    (nn.Residual((nn.Dense(3, 3, bias=False), nn.BatchNormalization(3, eps=0.1, affine=False))), (3,)),
    (nn.Concatenate((nn.BatchNormalization(3), nn.SiLU())), (3,)),
    LayerCase(nn.Embedding(4, 2), (3,), draw=labels, far=False),
    LayerCase(LABELLED, (3,), draw=lambda rng, shape: rng.standard_normal(shape).round() % 2, far=False),
    (nn.SinusoidalEmbedding(6, base=50.0), (1,)),
    (nn.Sequential((nn.Dense(3, 4), nn.Tanh(), nn.Dense(4, 3), nn.Softplus(), nn.Dense(3, 2), nn.ReLU())), (3,)),
]


def normal_and(target):
    """(rng, shape) -> (a, target), a standard normal."""
    return lambda rng, shape: (rng.standard_normal(shape), target(rng, shape))


def on_grid(rng, shape):
    """One of five grid points of [-1, 1] for each mean and log-scale."""
    return rng.integers(5, size=(*shape[:-1], shape[-1] // 2)) / 2 - 1


# (loss, a draw of (a, target), |a| up to which both signs are within range)
LOSSES = [
    (nn.BinaryCrossEntropy(), normal_and(lambda rng, shape: rng.random(shape)), 1000.0),
    (nn.SoftmaxCrossEntropy(), normal_and(lambda rng, shape: rng.dirichlet(numpy.ones(shape[-1]), shape[:-1])), 1000.0),
    (nn.BernoulliKL(), normal_and(numpy.random.Generator.standard_normal), 1000.0),
    (nn.SquaredError(), normal_and(numpy.random.Generator.standard_normal), 1000.0),
    (nn.GaussianNegativeLogLikelihood(), normal_and(lambda rng, s: rng.standard_normal((*s[:-1], s[-1] // 2))), 40.0),
    (nn.UnitNormalKL(), normal_and(lambda rng, shape: numpy.zeros(shape)), 80.0),
    (nn.DiscretizedLogistic(levels=5), normal_and(on_grid), 40.0),
]

LAYER_CASES = [LayerCase(*entry) for entry in LAYERS]
