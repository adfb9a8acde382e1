"""The Layer protocol: forward, backward, and the tangents of both, as pure functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from gamedyn.backend import Array

__all__ = ["Layer", "as_layers"]


class Layer(ABC):
    """One differentiable map y = f(params, x) with hand-written derivatives.

    `params` is a tuple of arrays (empty for activations), `tape` what backward needs from forward. x has shape
    (..., batch, features); leading axes are an ensemble's and lead every parameter too, where they broadcast as in
    NumPy: one batch may serve many parameters. Tangents may have further leading axes, one set for each direction. A
    cotangent has the leading axes of the result that it belongs to. All methods are analytic in their inputs (pieces
    are chosen by the real part), so that complex step checks them.
    """

    @property
    def per_sample(self) -> bool:
        """Whether every sample's output depends on that sample alone; if not, there are no per-sample derivatives."""
        return True

    @property
    def is_smooth(self) -> bool:
        """Whether the map is twice differentiable everywhere; else derivatives at a kink are those of one piece."""
        return True

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of each parameter, in the order of `params`; empty for activations."""
        return {}

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """Initial parameters, drawn on the host; () for layers without.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
        xp, dtype, device
            Namespace, dtype and device of the result.
        """
        return ()

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of one output for one input of `shape`, batch axes excluded.

        Raises
        ------
        ValueError
            If the layer does not take such inputs; the message shows both shapes.
        """
        return shape

    def frozen(self, params: tuple[Array, ...], x: Array) -> Layer:
        """This layer with the statistics that it takes of the batch x held constant; itself where it takes none.

        The result has the same parameters and sees one sample at a time. A layer made of layers freezes each of them,
        at what comes out of those before it.

        Parameters
        ----------
        params : tuple of array
        x : array, shape (..., batch, *shape)
        """
        return self

    @abstractmethod
    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(y, tape)."""

    @abstractmethod
    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(x_bar, params_bar): the cotangents J^T y_bar, parameters summed over the batch axis."""

    def input_bar(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> Array:
        """x_bar of `backward` alone; layers whose parameters cost a product of their own leave that out."""
        return self.backward(params, tape, y_bar)[0]

    def params_bar(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, ...]:
        """params_bar of `backward` alone, which is all that the first layer of a row is asked for."""
        return self.backward(params, tape, y_bar)[1]

    @abstractmethod
    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(y_dot, tape_dot): the tangents of forward."""

    @abstractmethod
    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(x_bar_dot, params_bar_dot): the tangent of backward."""


def as_layers(name: str, layers: Any) -> tuple[Layer, ...]:
    """`layers` as a tuple; a TypeError that names the argument unless it holds layers and nothing else."""
    if not isinstance(layers, Iterable) or isinstance(layers, str):
        raise TypeError(f"`{name}` must be a tuple of layers, got {layers!r} of type {type(layers).__name__}.")
    row: tuple[Any, ...] = tuple(layers)
    for layer in row:
        if not isinstance(layer, Layer):
            hint = " Call it to make one." if isinstance(layer, type) else ""
            raise TypeError(f"`{name}` must hold layers, got {layer!r} of type {type(layer).__name__}.{hint}")
    return row
