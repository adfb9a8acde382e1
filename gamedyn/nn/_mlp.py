"""The multilayer perceptron, built from dense layers and one activation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gamedyn.nn._base import Layer
from gamedyn.nn._dense import Dense
from gamedyn.nn._initializers import HeNormal, Initializer
from gamedyn.nn._leaky_relu import LeakyReLU
from gamedyn.nn._network import Network
from gamedyn.nn._relu import ReLU
from gamedyn.nn._tanh import Tanh

__all__ = ["mlp"]


def mlp(
    sizes: Sequence[int],
    activation: Layer | None = None,
    *,
    initializer: str | Initializer | None = None,
    output_activation: Layer | None = None,
) -> Network:
    """A network of dense layers with an activation between them.

    Parameters
    ----------
    sizes : sequence of int
        Sizes of input, hidden layers and output, two at least.
    activation : Layer, optional
        Between dense layers; Tanh where None.
    initializer : str or Initializer, optional
        Of all weights; where None, He's for ReLU and, with its slope, for LeakyReLU, Glorot's for all others.
    output_activation : Layer, optional
        After the last dense layer; nothing where None, as logits want it.

    Raises
    ------
    TypeError
        If an activation is no Layer.
    ValueError
        For fewer than two sizes.

    Examples
    --------
    >>> mlp((2, 16, 1)).size  # 2 * 16 + 16 + 16 + 1
    65
    """
    sizes = tuple(sizes)
    if len(sizes) < 2:
        raise ValueError(f"`sizes` must hold the sizes of input and output at least, got {sizes}.")
    activation = Tanh() if activation is None else activation
    for name, layer in (("activation", activation), ("output_activation", output_activation)):
        if layer is not None and not isinstance(layer, Layer):
            hint = " Call it to make one." if isinstance(layer, type) else ""
            raise TypeError(f"`{name}` must be a Layer, got {layer!r} of type {type(layer).__name__}.{hint}")
    if initializer is None:
        initializer = "he" if isinstance(activation, ReLU) else "glorot"
        if isinstance(activation, LeakyReLU):
            initializer = HeNormal(activation.slope)
    layers: list[Layer] = []
    for inputs, outputs in pairwise(sizes):
        layers += [Dense(inputs, outputs, initializer=initializer), activation]
    last = () if output_activation is None else (output_activation,)
    return Network((*layers[:-1], *last), input_size=sizes[0])
