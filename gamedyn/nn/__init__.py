"""Layers with hand-written forward, backward, jvp and backward_jvp, and networks with flat parameters.

=====================  ==================================================================================
class                  equation
=====================  ==================================================================================
Dense                  y = x W + b
Convolution            y[j] = sum over taps o of x[stride j + dilation o - pad] W[o] + b
TransposedConvolution  y = C^T x + b, C a convolution
Tanh                   y = tanh x
ReLU                   y = max(x, 0), derivative 0 at 0
Softplus               y = log(1 + e^x)
BatchNormalization     standardised over the batch, scaled and shifted; FrozenNormalization: by constants
LayerNormalization     standardised over a sample's features, scaled and shifted
SpectralNormalization  the layer with W / sigma(W) for its weight
spectral_norm          the largest singular value with its derivatives, a SpectralNorm
Sequential             y = f_n(... f_1(x)), as a layer
Network                y = f(theta, x), theta one flat vector
mlp                    dense layers with an activation between them, as a Network
Initializer            a law of a weight's first values; as_initializer: of a name; fans: of a shape
GlorotNormal           variance 2 gain^2 / (fan in + fan out); GlorotUniform
HeNormal               variance 2 / ((1 + slope^2) fan in); HeUniform
Orthogonal             gain Q, Q Q^T = I or Q^T Q = I
NormalInitializer      variance scale^2
ConstantInitializer    one value
=====================  ==================================================================================
"""

from gamedyn.nn._base import Layer
from gamedyn.nn._batch_normalization import BatchNormalization
from gamedyn.nn._convolution import Convolution
from gamedyn.nn._dense import Dense
from gamedyn.nn._frozen_normalization import FrozenNormalization
from gamedyn.nn._initializers import (
    ConstantInitializer,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Initializer,
    NormalInitializer,
    Orthogonal,
    as_initializer,
    fans,
)
from gamedyn.nn._layer_normalization import LayerNormalization
from gamedyn.nn._mlp import mlp
from gamedyn.nn._network import Network
from gamedyn.nn._relu import ReLU
from gamedyn.nn._sequential import Sequential
from gamedyn.nn._softplus import Softplus
from gamedyn.nn._spectral_norm import SpectralNorm, spectral_norm
from gamedyn.nn._spectral_normalization import SpectralNormalization
from gamedyn.nn._tanh import Tanh
from gamedyn.nn._transposed_convolution import TransposedConvolution

__all__ = [
    "BatchNormalization",
    "ConstantInitializer",
    "Convolution",
    "Dense",
    "FrozenNormalization",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "Layer",
    "LayerNormalization",
    "Network",
    "NormalInitializer",
    "Orthogonal",
    "ReLU",
    "Sequential",
    "Softplus",
    "SpectralNorm",
    "SpectralNormalization",
    "Tanh",
    "TransposedConvolution",
    "as_initializer",
    "fans",
    "mlp",
    "spectral_norm",
]
