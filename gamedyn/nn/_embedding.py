"""A table of vectors, one for each label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, device_of, real_dtype, to_host
from gamedyn.nn._base import Layer
from gamedyn.nn._dense import product, transpose
from gamedyn.nn._initializers import Initializer, as_initializer

__all__ = ["Embedding"]


@dataclass(frozen=True)
class Embedding(Layer):
    """y = (E_(x_1), ..., E_(x_k)), the rows of the table E that the labels x_1, ..., x_k name, as k * size features.

    x (..., batch, k) holds whole numbers of any dtype, from 0; as floats they travel with other features, and `Slice`
    takes them out of a row. `Reshape((k, size))` after the layer makes a sequence of y. Labels are no variables: all
    derivatives in x are 0. The tape is one-hot, (..., batch * k, count), which every product goes through.

    Parameters
    ----------
    count : int
        Number of labels.
    size : int
        Length of a vector.
    initializer : str or Initializer
        Law of E, see `as_initializer`; standard normal where "normal".

    Raises
    ------
    ValueError
        In `forward`, for the first entry of x that is no label: its value and index are in the message.

    Examples
    --------
    >>> import numpy
    >>> table = numpy.array([[0.0, 0.5], [1.0, 1.5], [2.0, 2.5]])
    >>> Embedding(3, 2).forward((table,), numpy.array([[2, 0]]))[0]
    array([[2. , 2.5, 0. , 0.5]])
    """

    count: int
    size: int
    initializer: str | Initializer = "normal"

    def __post_init__(self) -> None:
        check_integer("count", self.count, minimum=1)
        check_integer("size", self.size, minimum=1)
        as_initializer(self.initializer)

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """table (count, size)."""
        return {"table": (self.count, self.size)}

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """E by the initialiser."""
        return (as_initializer(self.initializer).draw(rng, (self.count, self.size), xp, dtype, device),)

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """(k * size,) for (k,)."""
        if len(shape) != 1:
            raise ValueError(f"{self!r} takes inputs of shape (labels,), got {shape}.")
        return (shape[0] * self.size,)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(the rows, which rows)."""
        one_hot = self._one_hot(x, params[0])
        return self._flat(product(one_hot, params[0]), x.shape[-2]), one_hot

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(0, (the sum of y_bar over all places of each label,))."""
        return self._no_slope(y_bar), (product(transpose(tape), self._rows(y_bar)),)

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(the rows of E_dot, None): the labels do not move."""
        y_dot = self._flat(product(tape, params_dot[0]), x_dot.shape[-2])
        return y_dot, None

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(0, (the sum of y_bar_dot over all places of each label,))."""
        return self._no_slope(y_bar_dot), (product(transpose(tape), self._rows(y_bar_dot)),)

    def _one_hot(self, x: Array, table: Array) -> Array:
        xp = array_namespace(x)
        if not xp.isdtype(x.dtype, "real floating"):
            # Every count fits, whatever the width of the given integers.
            x = xp.real(x) if xp.isdtype(x.dtype, "complex floating") else xp.astype(x, xp.int64)
        labels = xp.arange(self.count, dtype=x.dtype, device=device_of(x))
        hot = xp.reshape(x, (*x.shape[:-2], x.shape[-2] * x.shape[-1], 1)) == labels
        if not bool(xp.all(xp.any(hot, axis=-1))):
            self._refuse(to_host(x))
        return xp.astype(hot, real_dtype(table))

    def _refuse(self, x: Array) -> None:
        index = tuple(int(i) for i in numpy.argwhere(~numpy.isin(x, numpy.arange(self.count)))[0])
        raise ValueError(
            f"labels must be whole numbers from 0 to {self.count - 1}, got {x[index].item()!r} in row {index[-2]}, at "
            f"index {index} of an array of shape {x.shape}."
        )

    def _flat(self, rows: Array, batch: int) -> Array:
        """(..., batch * k, size) as (..., batch, k * size)."""
        return array_namespace(rows).reshape(rows, (*rows.shape[:-2], batch, rows.shape[-2] // batch * self.size))

    def _rows(self, y: Array) -> Array:
        """(..., batch, k * size) as (..., batch * k, size)."""
        k = y.shape[-1] // self.size
        return array_namespace(y).reshape(y, (*y.shape[:-2], y.shape[-2] * k, self.size))

    def _no_slope(self, y: Array) -> Array:
        shape = (*y.shape[:-1], y.shape[-1] // self.size)
        return array_namespace(y).zeros(shape, dtype=y.dtype, device=device_of(y))
