"""Cell: one step of a recurrent network, as a layer on input and state side by side."""

from __future__ import annotations

import math
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer
from gamedyn.nn._dense import Dense
from gamedyn.nn._initializers import Initializer, as_initializer

__all__ = ["Cell", "joined", "split"]


class Cell(Layer):
    """One step [x, s] -> s' of `Recurrent`; the first `hidden` features of s' are what the step gives.

    A cell is a layer from inputs + state features to state features with the four methods of every layer; the state
    may hold more than is given. Members are frozen dataclasses with fields `inputs`, `hidden` and `initializer`.
    """

    inputs: int
    hidden: int
    initializer: str | Initializer

    @property
    def state(self) -> int:
        """Number of features of s."""
        return self.hidden

    def __post_init__(self) -> None:
        check_integer("inputs", self.inputs, minimum=1)
        check_integer("hidden", self.hidden, minimum=1)
        as_initializer(self.initializer)

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """(state,) for (inputs + state,)."""
        if tuple(shape) != (self.inputs + self.state,):
            raise ValueError(f"{self!r} takes inputs of shape {(self.inputs + self.state,)}, got {tuple(shape)}.")
        return (self.state,)

    def affine(self, gates: int) -> Dense:
        """[x, h] -> `gates` blocks of `hidden` features."""
        return Dense(self.inputs + self.hidden, gates * self.hidden)

    def draw(self, gates: int, rng: Any, xp: Any, dtype: Any, device: Any) -> tuple[Array, Array]:
        """Weight and bias of `affine`, the weight with the fans of one gate, the bias 0."""
        shape = (self.inputs + self.hidden, gates * self.hidden)
        law = as_initializer(self.initializer)
        weight = law.draw(rng, shape, xp, dtype, device, fans=(shape[0], self.hidden))
        return weight, xp.zeros(shape[1], dtype=dtype, device=device)


def joined(*arrays: Array) -> Array:
    """Features side by side, of arrays whose leading axes broadcast."""
    xp = array_namespace(*arrays)
    if any(array.shape[:-1] != arrays[0].shape[:-1] for array in arrays):
        lead = xp.broadcast_arrays(*(array[..., 0] for array in arrays))[0].shape
        arrays = tuple(xp.broadcast_to(array, (*lead, array.shape[-1])) for array in arrays)
    return xp.concat(arrays, axis=-1)


def split(x: Array, size: int) -> list[Array]:
    """Blocks of `size` features."""
    return [x[..., i * size : (i + 1) * size] for i in range(math.ceil(x.shape[-1] / size))]
