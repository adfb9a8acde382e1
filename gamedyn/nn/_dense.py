"""The affine layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer
from gamedyn.nn._initializers import Initializer, as_initializer

__all__ = ["Dense", "product", "transpose"]


@dataclass(frozen=True)
class Dense(Layer):
    """y = x W + b, with x_bar = y_bar W^T, W_bar = x^T y_bar, b_bar = sum of y_bar over the batch.

    Parameters
    ----------
    inputs, outputs : int
        Sizes of x and y.
    bias : bool
        Whether there is a b.
    initializer : str or Initializer
        Law of W, see `as_initializer`: "glorot" is uniform on +-sqrt(6 / (inputs + outputs)), "he" normal with variance
        2 / inputs; b = 0.

    Examples
    --------
    >>> import numpy
    >>> y, _ = Dense(2, 1).forward((numpy.array([[2.0], [3.0]]), numpy.array([1.0])), numpy.array([[10.0, 1.0]]))
    >>> float(y[0, 0])
    24.0
    """

    inputs: int
    outputs: int
    bias: bool = True
    initializer: str | Initializer = "glorot"

    def __post_init__(self) -> None:
        check_integer("inputs", self.inputs, minimum=1)
        check_integer("outputs", self.outputs, minimum=1)
        as_initializer(self.initializer)

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """weight (inputs, outputs), and bias (outputs,) where there is one."""
        weight: dict[str, tuple[int, ...]] = {"weight": (self.inputs, self.outputs)}
        return weight | ({"bias": (self.outputs,)} if self.bias else {})

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """W by the initialiser, b = 0."""
        weight = as_initializer(self.initializer).draw(rng, (self.inputs, self.outputs), xp, dtype, device)
        return (weight, xp.zeros(self.outputs, dtype=dtype, device=device)) if self.bias else (weight,)

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """(outputs,) for (inputs,)."""
        if shape != (self.inputs,):
            raise ValueError(f"{self!r} takes inputs of shape {(self.inputs,)}, got {shape}.")
        return (self.outputs,)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(x W + b, x)."""
        return self._affine(product(x, params[0]), params), x

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar W^T, (x^T y_bar, sum y_bar))."""
        return self.input_bar(params, tape, y_bar), self.params_bar(params, tape, y_bar)

    def input_bar(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> Array:
        """y_bar W^T."""
        return product(y_bar, transpose(params[0]))

    def params_bar(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, ...]:
        """(x^T y_bar, sum y_bar)."""
        return self._with_bias(product(transpose(tape), y_bar), y_bar)

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(x_dot W + x W_dot + b_dot, x_dot)."""
        y_dot = product(x_dot, params[0]) + product(tape, params_dot[0])
        return self._affine(y_dot, params_dot), x_dot

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar_dot W^T + y_bar W_dot^T, (x_dot^T y_bar + x^T y_bar_dot, sum y_bar_dot))."""
        x_bar_dot = product(y_bar_dot, transpose(params[0])) + product(y_bar, transpose(params_dot[0]))
        weight_bar_dot = product(transpose(tape_dot), y_bar) + product(transpose(tape), y_bar_dot)
        return x_bar_dot, self._with_bias(weight_bar_dot, y_bar_dot)

    def _affine(self, product: Array, params: tuple[Array, ...]) -> Array:
        return product + params[1][..., None, :] if self.bias else product

    def _with_bias(self, weight_bar: Array, y_bar: Array) -> tuple[Array, ...]:
        return (weight_bar, array_namespace(y_bar).sum(y_bar, axis=-2)) if self.bias else (weight_bar,)


def transpose(x: Array) -> Array:
    """x^T, of the last two axes."""
    return array_namespace(x).matrix_transpose(x)


def product(x: Array, y: Array) -> Array:
    """x y; PyTorch multiplies no real matrix by a complex one, so both take on one dtype first."""
    if x.dtype != y.dtype:
        xp = array_namespace(x, y)
        dtype = xp.result_type(x, y)
        x, y = xp.astype(x, dtype), xp.astype(y, dtype)
    return x @ y
