"""Layers with hand-written forward, backward, jvp and backward_jvp, and networks with flat parameters.

=============================  ==================================================================================
class                          equation
=============================  ==================================================================================
Dense                          y = x W + b
MaskedDense                    y = x (M o W) + b, M a fixed mask
Convolution                    y[j] = sum over taps o of x[stride j + dilation o - pad] W[o] + b
TransposedConvolution          y = C^T x + b, C a convolution
CausalConvolution              y[t] = sum over taps of x[t - dilation (kernel - 1 - o)] W[o] + b
MaskedConvolution              a convolution that sees only what comes before, in raster order or a part of it
Recurrent                      s[t] = cell(x[t], s[t - 1]), y[t] the first of s[t]
Cell                           one step [x, s] -> s' of a recurrent network, as a layer
ElmanCell                      h' = tanh([x, h] W + b)
GRUCell                        h' = z h + (1 - z) n
LSTMCell                       c' = f c + i g, h' = o tanh(c')
Tanh                           y = tanh x
ReLU                           y = max(x, 0), derivative 0 at 0
LeakyReLU                      y = x where x > 0, slope x elsewhere
SiLU                           y = x sigmoid(x)
Sigmoid                        y = 1 / (1 + e^-x)
Softplus                       y = log(1 + e^x)
LogSumExp                      y = log sum e^x of the features, or log(1 + sum e^x)
Maxout                         y = the largest of each group of features
Slice                          y = x[start:stop]
Reshape                        y = x in another shape
Embedding                      y = rows of a table, x the labels
SinusoidalEmbedding            y = (sin w t, cos w t) at fixed frequencies w
BatchNormalization             standardised over the batch, scaled and shifted; FrozenNormalization: by constants
LayerNormalization             standardised over a sample's features, scaled and shifted
SpectralNormalization          the layer with W / sigma(W) for its weight
gradient_penalty               mean of (|grad_x f| - target)^2 with its derivatives, a GradientPenalty
spectral_norm                  the largest singular value with its derivatives, a SpectralNorm
Sequential                     y = f_n(... f_1(x)), as a layer
Residual                       y = x + f(x)
Concatenate                    y = (f_1(x), ..., f_n(x))
Network                        y = f(theta, x), theta one flat vector
mlp                            dense layers with an activation between them, as a Network
Initializer                    a law of a weight's first values; as_initializer: of a name; fans: of a shape
GlorotNormal                   variance 2 gain^2 / (fan in + fan out); GlorotUniform
HeNormal                       variance 2 / ((1 + slope^2) fan in); HeUniform
Orthogonal                     gain Q, Q Q^T = I or Q^T Q = I
NormalInitializer              variance scale^2
ConstantInitializer            one value
Loss                           l(a, target), summed over features; ElementwiseLoss: entry by entry
BinaryCrossEntropy             softplus(a) - y a
SoftmaxCrossEntropy            log sum e^a - <y, a>
BernoulliKL                    KL of sigmoid(a) to sigmoid(b)
SquaredError                   (a - y)^2 / 2
UnitNormalKL                   (m^2 + e^v - 1 - v) / 2
DiscretizedLogistic            -log(sigmoid(u) - sigmoid(l)), u and l the ends of a cell
GaussianNegativeLogLikelihood  (log 2 pi + v + (x - m)^2 e^-v) / 2
gradient_check                 every derivative against complex step, as a GradientReport of GradientChecks
=============================  ==================================================================================
"""

from gamedyn.nn._base import Layer
from gamedyn.nn._batch_normalization import BatchNormalization
from gamedyn.nn._bernoulli_kl import BernoulliKL
from gamedyn.nn._causal_convolution import CausalConvolution
from gamedyn.nn._cell import Cell
from gamedyn.nn._concatenate import Concatenate
from gamedyn.nn._convolution import Convolution
from gamedyn.nn._cross_entropies import BinaryCrossEntropy, SoftmaxCrossEntropy
from gamedyn.nn._dense import Dense
from gamedyn.nn._discretized_logistic import DiscretizedLogistic
from gamedyn.nn._elman_cell import ElmanCell
from gamedyn.nn._embedding import Embedding
from gamedyn.nn._frozen_normalization import FrozenNormalization
from gamedyn.nn._gaussian_losses import GaussianNegativeLogLikelihood, SquaredError, UnitNormalKL
from gamedyn.nn._gradient_check import gradient_check
from gamedyn.nn._gradient_penalty import GradientPenalty, gradient_penalty
from gamedyn.nn._gradient_report import GradientCheck, GradientReport
from gamedyn.nn._gru_cell import GRUCell
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
from gamedyn.nn._leaky_relu import LeakyReLU
from gamedyn.nn._log_sum_exp import LogSumExp
from gamedyn.nn._loss import ElementwiseLoss, Loss
from gamedyn.nn._lstm_cell import LSTMCell
from gamedyn.nn._masked_convolution import MaskedConvolution
from gamedyn.nn._masked_dense import MaskedDense
from gamedyn.nn._maxout import Maxout
from gamedyn.nn._mlp import mlp
from gamedyn.nn._network import Network
from gamedyn.nn._recurrent import Recurrent
from gamedyn.nn._relu import ReLU
from gamedyn.nn._reshape import Reshape
from gamedyn.nn._residual import Residual
from gamedyn.nn._sequential import Sequential
from gamedyn.nn._sigmoid import Sigmoid
from gamedyn.nn._silu import SiLU
from gamedyn.nn._sinusoidal_embedding import SinusoidalEmbedding
from gamedyn.nn._slice import Slice
from gamedyn.nn._softplus import Softplus
from gamedyn.nn._spectral_norm import SpectralNorm, spectral_norm
from gamedyn.nn._spectral_normalization import SpectralNormalization
from gamedyn.nn._tanh import Tanh
from gamedyn.nn._transposed_convolution import TransposedConvolution

__all__ = [
    "BatchNormalization",
    "BernoulliKL",
    "BinaryCrossEntropy",
    "CausalConvolution",
    "Cell",
    "Concatenate",
    "ConstantInitializer",
    "Convolution",
    "Dense",
    "DiscretizedLogistic",
    "ElementwiseLoss",
    "ElmanCell",
    "Embedding",
    "FrozenNormalization",
    "GRUCell",
    "GaussianNegativeLogLikelihood",
    "GlorotNormal",
    "GlorotUniform",
    "GradientCheck",
    "GradientPenalty",
    "GradientReport",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LSTMCell",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "LogSumExp",
    "Loss",
    "MaskedConvolution",
    "MaskedDense",
    "Maxout",
    "Network",
    "NormalInitializer",
    "Orthogonal",
    "ReLU",
    "Recurrent",
    "Reshape",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SinusoidalEmbedding",
    "Slice",
    "SoftmaxCrossEntropy",
    "Softplus",
    "SpectralNorm",
    "SpectralNormalization",
    "SquaredError",
    "Tanh",
    "TransposedConvolution",
    "UnitNormalKL",
    "as_initializer",
    "fans",
    "gradient_check",
    "gradient_penalty",
    "mlp",
    "spectral_norm",
]
