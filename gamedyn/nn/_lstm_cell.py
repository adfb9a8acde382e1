"""The cell of long short-term memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._cell import Cell, joined, split
from gamedyn.nn._initializers import Initializer
from gamedyn.numerics import sigmoid

__all__ = ["LSTMCell"]


@dataclass(frozen=True)
class LSTMCell(Cell):
    """c' = f c + i g, h' = o tanh c'; i, f, o = sigmoid and g = tanh of the blocks of [x, h] W + b.

    The state is [h, c]; blocks stand in the order i, f, g, o, which is PyTorch's.

    Parameters
    ----------
    inputs, hidden : int
        Sizes of x and h.
    initializer : str or Initializer
        Law of W, with the fans of one block.
    forget_bias : float
        Initial bias of f, so that memories last from the start; other biases are 0.

    References
    ----------
    Hochreiter and Schmidhuber (1997), Long short-term memory. Gers, Schmidhuber and Cummins (2000), Learning to forget.

    Examples
    --------
    With zero weights all gates are 1/2 and g = 0: the memory is halved.

    >>> import numpy
    >>> y, _ = LSTMCell(1, 1).forward((numpy.zeros((2, 4)), numpy.zeros(4)), numpy.array([[5.0, 0.0, 4.0]]))
    >>> float(y[0, 1])
    2.0
    """

    inputs: int
    hidden: int
    initializer: str | Initializer = "glorot"
    forget_bias: float = 1.0

    @property
    def state(self) -> int:
        """2 hidden: h and c."""
        return 2 * self.hidden

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """weight (inputs + hidden, 4 hidden) and bias (4 hidden,)."""
        return {"weight": (self.inputs + self.hidden, 4 * self.hidden), "bias": (4 * self.hidden,)}

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """W by the initialiser, biases 0 but f's."""
        weight, bias = self.draw(4, rng, xp, dtype, device)
        zero = bias[: self.hidden]
        return weight, xp.concat([zero, zero + self.forget_bias, zero, zero])

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """([h', c'], ([x, h], c, gates, tanh c'))."""
        u, c = self._parts(x)
        a, _ = self.affine(4).forward(params, u)
        xp, blocks = array_namespace(a), split(a, self.hidden)
        i, f, o = (sigmoid(blocks[k]) for k in (0, 1, 3))
        g = xp.tanh(blocks[2])
        memory = f * c + i * g
        t = xp.tanh(memory)
        return joined(o * t, memory), (u, c, (i, f, g, o), t)

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """With m = c'_bar + h'_bar o (1 - t^2): cotangents m g, m c, m i, h'_bar t of the gates and m f of c."""
        u, _, (_, f, _, _), _ = tape
        m, bars = self._bars(tape, y_bar)
        a_bar = joined(*(bar * slope for bar, slope in zip(bars, self._slopes(tape), strict=True)))
        u_bar, params_bar = self.affine(4).backward(params, u, a_bar)
        return joined(u_bar, m * f), params_bar

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """The product rule: c'_dot = f_dot c + f c_dot + i_dot g + i g_dot, h'_dot = o_dot t + o t_dot."""
        u, c, (i, f, g, o), t = tape
        u_dot, c_dot = self._parts(x_dot)
        a_dot, _ = self.affine(4).jvp(params, u, u_dot, params_dot)
        pairs = zip(split(a_dot, self.hidden), self._slopes(tape), strict=True)
        i_dot, f_dot, g_dot, o_dot = gates_dot = tuple(block * slope for block, slope in pairs)
        memory_dot = f_dot * c + f * c_dot + i_dot * g + i * g_dot
        t_dot = (1 - t * t) * memory_dot
        return joined(o_dot * t + o * t_dot, memory_dot), (u_dot, c_dot, gates_dot, t_dot)

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """The product rule for every line of backward."""
        (u, c, (i, f, g, o), t), (u_dot, c_dot, gates_dot, t_dot) = tape, tape_dot
        i_dot, f_dot, g_dot, o_dot = gates_dot
        (h_bar, _), (h_bar_dot, c_bar_dot) = split(y_bar, self.hidden), split(y_bar_dot, self.hidden)
        m, bars = self._bars(tape, y_bar)
        slope = 1 - t * t
        m_dot = c_bar_dot + (h_bar_dot * o + h_bar * o_dot) * slope - 2 * h_bar * o * t * t_dot
        bars_dot = (
            m_dot * g + m * g_dot,
            m_dot * c + m * c_dot,
            m_dot * i + m * i_dot,
            h_bar_dot * t + h_bar * t_dot,
        )
        slopes = self._slopes(tape)
        slopes_dot = ((1 - 2 * i) * i_dot, (1 - 2 * f) * f_dot, -2 * g * g_dot, (1 - 2 * o) * o_dot)
        a_bar = joined(*(bar * slope for bar, slope in zip(bars, slopes, strict=True)))
        terms = zip(bars, bars_dot, slopes, slopes_dot, strict=True)
        a_bar_dot = joined(*(bar_dot * s + bar * s_dot for bar, bar_dot, s, s_dot in terms))
        u_bar_dot, params_bar_dot = self.affine(4).backward_jvp(params, u, u_dot, a_bar, a_bar_dot, params_dot)
        return joined(u_bar_dot, m_dot * f + m * f_dot), params_bar_dot

    def _parts(self, x: Array) -> tuple[Array, Array]:
        """[x, h] and c."""
        return x[..., : self.inputs + self.hidden], x[..., self.inputs + self.hidden :]

    def _bars(self, tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """The cotangent m of c', and those of i, f, g, o."""
        _, c, (i, _, g, o), t = tape
        h_bar, c_bar = split(y_bar, self.hidden)
        m = c_bar + h_bar * o * (1 - t * t)
        return m, (m * g, m * c, m * i, h_bar * t)

    def _slopes(self, tape: Any) -> tuple[Array, ...]:
        """Derivatives of the gates in their blocks."""
        i, f, g, o = tape[2]
        return i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)
