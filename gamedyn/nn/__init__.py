"""Layers with hand-written forward, backward, jvp and backward_jvp, and networks with flat parameters.

===================  =====================================================================
class                equation
===================  =====================================================================
Dense                y = x W + b
Tanh                 y = tanh x
ReLU                 y = max(x, 0), derivative 0 at 0
Softplus             y = log(1 + e^x)
Sequential           y = f_n(... f_1(x)), as a layer
Network              y = f(theta, x), theta one flat vector
mlp                  dense layers with an activation between them, as a Network
Initializer          a law of a weight's first values; as_initializer: of a name; fans: of a shape
GlorotNormal         variance 2 gain^2 / (fan in + fan out); GlorotUniform
HeNormal             variance 2 / ((1 + slope^2) fan in); HeUniform
Orthogonal           gain Q, Q Q^T = I or Q^T Q = I
NormalInitializer    variance scale^2
ConstantInitializer  one value
===================  =====================================================================
"""

from gamedyn.nn._base import Layer
from gamedyn.nn._dense import Dense
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
from gamedyn.nn._mlp import mlp
from gamedyn.nn._network import Network
from gamedyn.nn._relu import ReLU
from gamedyn.nn._sequential import Sequential
from gamedyn.nn._softplus import Softplus
from gamedyn.nn._tanh import Tanh

__all__ = [
    "ConstantInitializer",
    "Dense",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "Layer",
    "Network",
    "NormalInitializer",
    "Orthogonal",
    "ReLU",
    "Sequential",
    "Softplus",
    "Tanh",
    "as_initializer",
    "fans",
    "mlp",
]
