"""A row of layers and a way around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gamedyn.backend import Array
from gamedyn.nn._base import Layer, as_layers
from gamedyn.nn._sequential import Sequential

__all__ = ["Residual"]


@dataclass(frozen=True)
class Residual(Layer):
    """y = x + f_n(... f_1(x)), x_bar = y_bar + J^T y_bar, J the Jacobian of the row; parameters are the row's.

    Parameters
    ----------
    layers : tuple of Layer
        In the order in which x passes them; what comes out has the shape of x.

    References
    ----------
    He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.nn import ReLU
    >>> Residual((ReLU(),)).forward((), numpy.array([[-5.0, 3.0]]))[0]
    array([[-5.,  6.]])
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", as_layers("layers", self.layers))

    @cached_property
    def _row(self) -> Sequential:
        return Sequential(self.layers)

    @property
    def per_sample(self) -> bool:
        """Whether all layers are."""
        return self._row.per_sample

    @property
    def is_smooth(self) -> bool:
        """Whether all layers are."""
        return self._row.is_smooth

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Those of the row: "i.name" -> shape."""
        return self._row.parameter_shapes

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """Parameters of all layers, drawn in order."""
        return self._row.init(rng, xp, dtype, device)

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape itself."""
        inner = self._row.output_shape(shape)
        if inner != shape:
            raise ValueError(f"layers of a Residual must keep the shape of their input, got {inner} from {shape}.")
        return shape

    def frozen(self, params: tuple[Array, ...], x: Array) -> Residual:
        """The row frozen at x; itself where none of its layers changes."""
        row = self._row.frozen(params, x)
        return self if row is self._row else Residual(row.layers)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(x + f(x), the row's tape)."""
        y, tape = self._row.forward(params, x)
        return x + y, tape

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar + x_bar of the row, params_bar)."""
        x_bar, params_bar = self._row.backward(params, tape, y_bar)
        return y_bar + x_bar, params_bar

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(x_dot + y_dot of the row, its tape_dot)."""
        y_dot, tape_dot = self._row.jvp(params, tape, x_dot, params_dot)
        return x_dot + y_dot, tape_dot

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar_dot + x_bar_dot of the row, params_bar_dot)."""
        x_bar_dot, params_bar_dot = self._row.backward_jvp(params, tape, tape_dot, y_bar, y_bar_dot, params_dot)
        return y_bar_dot + x_bar_dot, params_bar_dot
