"""The gated recurrent unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace, as_generator
from gamedyn.nn._cell import Cell, joined, split
from gamedyn.nn._initializers import Initializer
from gamedyn.numerics import sigmoid

__all__ = ["GRUCell"]


@dataclass(frozen=True)
class GRUCell(Cell):
    """h' = z h + (1 - z) n, n = tanh([x, r h] V + d), r, z = sigmoid of the blocks of [x, h] W + b.

    The reset r acts on h before the matrix does, as in the final version of the paper; its first version, and PyTorch
    with it, lets r act behind the matrix, which is another function of the same sizes.

    Parameters
    ----------
    inputs, hidden : int
        Sizes of x and h.
    initializer : str or Initializer
        Law of W, with the fans of one block, and of V; biases are 0.

    References
    ----------
    Cho et al. (2014), Learning phrase representations using RNN encoder-decoder for statistical machine translation.

    Examples
    --------
    With zero weights both gates are 1/2 and n = 0: the state is halved.

    >>> import numpy
    >>> params = numpy.zeros((2, 2)), numpy.zeros(2), numpy.zeros((2, 1)), numpy.zeros(1)
    >>> float(GRUCell(1, 1).forward(params, numpy.array([[5.0, 4.0]]))[0][0, 0])
    2.0
    """

    inputs: int
    hidden: int
    initializer: str | Initializer = "glorot"

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """gate_weight (inputs + hidden, 2 hidden), gate_bias, weight (inputs + hidden, hidden), bias."""
        rows, n = self.inputs + self.hidden, self.hidden
        return {"gate_weight": (rows, 2 * n), "gate_bias": (2 * n,), "weight": (rows, n), "bias": (n,)}

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """W and V by the initialiser, biases 0."""
        rng = as_generator(rng)
        return self.draw(2, rng, xp, dtype, device) + self.draw(1, rng, xp, dtype, device)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(h', ([x, h], r, z, [x, r h], n))."""
        h = x[..., self.inputs :]
        r, z = split(sigmoid(self.affine(2).forward(params[:2], x)[0]), self.hidden)
        v = joined(x[..., : self.inputs], r * h)
        a, _ = self.affine(1).forward(params[2:], v)
        n = array_namespace(a).tanh(a)
        return n + z * (h - n), (x, r, z, v, n)

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """With [x_bar, q] the cotangent of [x, r h]: r_bar = q h, z_bar = y_bar (h - n), h_bar = y_bar z + q r + ..."""
        x, r, _, v, _ = tape
        n_bar, a_bar, _, v_bar = self._bars(params, tape, y_bar)
        _, own_bar = self.affine(1).backward(params[2:], v, n_bar)
        x_bar, gates_bar = self.affine(2).backward(params[:2], x, a_bar)
        q = v_bar[..., self.inputs :]
        return x_bar + joined(v_bar[..., : self.inputs], y_bar * tape[2] + q * r), gates_bar + own_bar

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """The product rule, line by line of forward."""
        x, r, z, v, n = tape
        h, h_dot = x[..., self.inputs :], x_dot[..., self.inputs :]
        a_dot, _ = self.affine(2).jvp(params[:2], x, x_dot, params_dot[:2])
        first, second = split(a_dot, self.hidden)
        r_dot, z_dot = r * (1 - r) * first, z * (1 - z) * second
        v_dot = joined(x_dot[..., : self.inputs], r_dot * h + r * h_dot)
        n_dot = (1 - n * n) * self.affine(1).jvp(params[2:], v, v_dot, params_dot[2:])[0]
        return n_dot + z_dot * (h - n) + z * (h_dot - n_dot), (x_dot, r_dot, z_dot, v_dot, n_dot)

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
        (x, r, z, v, n), (x_dot, r_dot, z_dot, v_dot, n_dot) = tape, tape_dot
        h, h_dot = x[..., self.inputs :], x_dot[..., self.inputs :]
        n_bar, a_bar, q, _ = self._bars(params, tape, y_bar)
        # n_bar is the cotangent in front of the tanh: (1 - n^2) (1 - z) y_bar.
        n_bar_dot = (1 - n * n) * (y_bar_dot * (1 - z) - y_bar * z_dot) - 2 * n * n_dot * (1 - z) * y_bar
        v_bar_dot, own_bar_dot = self.affine(1).backward_jvp(params[2:], v, v_dot, n_bar, n_bar_dot, params_dot[2:])
        q_dot = v_bar_dot[..., self.inputs :]
        r_bar, z_bar = q * h, y_bar * (h - n)
        r_bar_dot, z_bar_dot = q_dot * h + q * h_dot, y_bar_dot * (h - n) + y_bar * (h_dot - n_dot)
        a_bar_dot = joined(
            r_bar_dot * r * (1 - r) + r_bar * (1 - 2 * r) * r_dot,
            z_bar_dot * z * (1 - z) + z_bar * (1 - 2 * z) * z_dot,
        )
        x_bar_dot, gates_bar_dot = self.affine(2).backward_jvp(params[:2], x, x_dot, a_bar, a_bar_dot, params_dot[:2])
        h_bar_dot = y_bar_dot * z + y_bar * z_dot + q_dot * r + q * r_dot
        return x_bar_dot + joined(v_bar_dot[..., : self.inputs], h_bar_dot), gates_bar_dot + own_bar_dot

    def _bars(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, ...]:
        """Cotangents in front of the tanh and of the sigmoids, of r h, and of [x, r h]."""
        x, r, z, v, n = tape
        h = x[..., self.inputs :]
        n_bar = (1 - n * n) * (1 - z) * y_bar
        v_bar, _ = self.affine(1).backward(params[2:], v, n_bar)
        q = v_bar[..., self.inputs :]
        a_bar = joined(q * h * r * (1 - r), y_bar * (h - n) * z * (1 - z))
        return n_bar, a_bar, q, v_bar
