"""The affine layer some of whose weights are held at 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_device
from gamedyn.nn._base import Layer
from gamedyn.nn._dense import Dense
from gamedyn.nn._initializers import Initializer, as_initializer

__all__ = ["MaskedDense"]


@dataclass(frozen=True, repr=False)
class MaskedDense(Layer):
    """y = x (M o W) + b, M of zeros and ones: output j sees input i where M_ij = 1.

    Gradients of masked entries of W are exactly 0, and so are their initial values; what an optimiser remembers of them
    stays 0 with them, and a weight that is not 0 there has no effect.

    Parameters
    ----------
    mask : array_like, shape (inputs, outputs)
        Zeros and ones, or booleans; kept as a tuple of rows.
    bias : bool
        Whether there is a b.
    initializer : str or Initializer
        Law of W, see `as_initializer`; the fans are the mean numbers of entries kept in a column and in a row.

    Raises
    ------
    ValueError
        If `mask` is no matrix of zeros and ones.

    References
    ----------
    Germain, Gregor, Murray and Larochelle (2015), MADE: masked autoencoder for distribution estimation.

    Examples
    --------
    >>> import numpy
    >>> layer = MaskedDense([[0, 1], [0, 0]], bias=False)  # y_1 sees nothing, y_2 sees x_1
    >>> layer.forward((numpy.full((2, 2), 3.0),), numpy.array([[1.0, 10.0]]))[0]
    array([[0., 3.]])
    """

    mask: Sequence[Sequence[int]]
    bias: bool = True
    initializer: str | Initializer = "glorot"

    def __post_init__(self) -> None:
        try:
            rows = numpy.asarray(self.mask)
        except ValueError:
            rows = numpy.zeros(0)  # rows of different lengths
        if rows.ndim != 2 or not rows.size or not numpy.all((rows == 0) | (rows == 1)):
            raise ValueError(f"`mask` must be a matrix (inputs, outputs) of zeros and ones, got {self.mask!r}.")
        object.__setattr__(self, "mask", tuple(tuple(int(entry) for entry in row) for row in rows))
        as_initializer(self.initializer)

    def __repr__(self) -> str:
        """With the size of the mask and the number of its ones."""
        inputs, outputs = self._kept.shape
        return (
            f"MaskedDense(mask=<{inputs} x {outputs}, {int(self._kept.sum())} kept>, bias={self.bias!r}, "
            f"initializer={self.initializer!r})"
        )

    @cached_property
    def _kept(self) -> Array:
        return numpy.asarray(self.mask, dtype=bool)

    @cached_property
    def _dense(self) -> Dense:
        inputs, outputs = self._kept.shape
        return Dense(inputs, outputs, self.bias, self.initializer)

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """weight (inputs, outputs), and bias (outputs,) where there is one."""
        return self._dense.parameter_shapes

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """W by the initialiser under the mask, b = 0."""
        (inputs, outputs), kept = self._kept.shape, max(int(self._kept.sum()), 1)
        weight = as_initializer(self.initializer).draw(
            rng, (inputs, outputs), xp, dtype, device, fans=(kept / outputs, kept / inputs)
        )
        bias = (xp.zeros(outputs, dtype=dtype, device=device),) if self.bias else ()
        return self._masked((weight, *bias))

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """(outputs,) for (inputs,)."""
        inputs, outputs = self._kept.shape
        if shape != (inputs,):
            raise ValueError(f"{self!r} takes inputs of shape {(inputs,)}, got {shape}.")
        return (outputs,)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(x (M o W) + b, x)."""
        return self._dense.forward(self._masked(params), x)

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar (M o W)^T, (M o x^T y_bar, sum y_bar))."""
        x_bar, params_bar = self._dense.backward(self._masked(params), tape, y_bar)
        return x_bar, self._masked(params_bar)

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(x_dot (M o W) + x (M o W_dot) + b_dot, x_dot)."""
        return self._dense.jvp(self._masked(params), tape, x_dot, self._masked(params_dot))

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """Those of the dense layer with the weights M o W and M o W_dot, W_bar_dot under the mask."""
        x_bar_dot, params_bar_dot = self._dense.backward_jvp(
            self._masked(params), tape, tape_dot, y_bar, y_bar_dot, self._masked(params_dot)
        )
        return x_bar_dot, self._masked(params_bar_dot)

    def _masked(self, params: tuple[Array, ...]) -> tuple[Array, ...]:
        """The weight under the mask; a product would turn an infinite entry into nan."""
        weight, xp = params[0], array_namespace(params[0])
        kept = to_device(self._kept, xp, device=device_of(weight))
        return (xp.where(kept, weight, 0.0), *params[1:])
