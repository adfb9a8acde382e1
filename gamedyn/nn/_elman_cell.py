"""The simplest recurrent cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._cell import Cell
from gamedyn.nn._initializers import Initializer

__all__ = ["ElmanCell"]


@dataclass(frozen=True)
class ElmanCell(Cell):
    """h' = tanh([x, h] W + b).

    Parameters
    ----------
    inputs, hidden : int
        Sizes of x and h.
    initializer : str or Initializer
        Law of W; b = 0.

    References
    ----------
    Elman (1990), Finding structure in time.

    Examples
    --------
    >>> import numpy
    >>> y, _ = ElmanCell(1, 1).forward((numpy.array([[1.0], [2.0]]), numpy.array([-7.0])), numpy.array([[3.0, 2.0]]))
    >>> float(y[0, 0])  # tanh(3 + 4 - 7)
    0.0
    """

    inputs: int
    hidden: int
    initializer: str | Initializer = "glorot"

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """weight (inputs + hidden, hidden) and bias (hidden,)."""
        return {"weight": (self.inputs + self.hidden, self.hidden), "bias": (self.hidden,)}

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """W by the initialiser, b = 0."""
        return self.draw(1, rng, xp, dtype, device)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(h', ([x, h], h'))."""
        a, _ = self.affine(1).forward(params, x)
        y = array_namespace(a).tanh(a)
        return y, (x, y)

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """Those of Dense for the cotangent (1 - h'^2) y_bar."""
        x, y = tape
        return self.affine(1).backward(params, x, (1 - y * y) * y_bar)

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """((1 - h'^2) a_dot, ([x, h]_dot, h'_dot))."""
        x, y = tape
        a_dot, _ = self.affine(1).jvp(params, x, x_dot, params_dot)
        y_dot = (1 - y * y) * a_dot
        return y_dot, (x_dot, y_dot)

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """The tangent of backward; the cotangent moves by (1 - h'^2) y_bar_dot - 2 h' h'_dot y_bar."""
        (x, y), (x_dot, y_dot) = tape, tape_dot
        a_bar = (1 - y * y) * y_bar
        a_bar_dot = (1 - y * y) * y_bar_dot - 2 * y * y_dot * y_bar
        return self.affine(1).backward_jvp(params, x, x_dot, a_bar, a_bar_dot, params_dot)
