"""Spectral normalisation: a layer whose weight is divided by its largest singular value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer
from gamedyn.nn._spectral_norm import spectral_norm

__all__ = ["SpectralNormalization"]


@dataclass(frozen=True)
class SpectralNormalization(Layer):
    """The layer with W / sigma(W) for W, sigma the largest singular value of W as a matrix (fan in, outputs).

    A weight of more axes, as a convolution's, becomes the matrix whose last axis is its own; a transposed convolution
    then has the norm of the convolution that it transposes. sigma takes part in all derivatives, and is the exact
    one, not that of some power iterations.

    Parameters
    ----------
    layer : Layer
        With a parameter named "weight".

    Raises
    ------
    TypeError
        If the layer has no weight, masks it, or has another matrix beside it.
    ValueError
        In `forward`, for a zero weight; in tangents that move the weight, where its largest singular value is repeated.

    Notes
    -----
    sigma has a kink where the largest singular value is repeated, as in an orthogonal matrix: `backward` takes the
    subgradient of one pair of singular vectors there, and second derivatives are refused. A convolution
    divided so is no contraction: its norm as an operator may reach the square root of the number of windows that see
    one entry of the input.

    References
    ----------
    Miyato, Kataoka, Koyama and Yoshida (2018), Spectral normalization for generative adversarial networks.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.nn import Dense
    >>> layer = SpectralNormalization(Dense(2, 1, bias=False))
    >>> y, _ = layer.forward((numpy.array([[3.0], [4.0]]),), numpy.array([[1.0, 0.0]]))
    >>> float(y[0, 0])  # 3 / 5
    0.6
    """

    layer: Layer

    def __post_init__(self) -> None:
        if not isinstance(self.layer, Layer) or "weight" not in self.layer.parameter_shapes:
            raise TypeError(f"`layer` must be a layer with a parameter `weight`, got {self.layer!r}.")
        if hasattr(self.layer, "mask"):
            raise TypeError(f"`layer` must use all of its weight, as the norm does; {self.layer!r} masks it.")
        others = [n for n, s in self.layer.parameter_shapes.items() if n != "weight" and len(s) > 1]
        if others:
            raise TypeError(
                f"`layer` must have one matrix of weights, the norm of {others[0]!r} of {self.layer!r} stays."
            )

    @property
    def per_sample(self) -> bool:
        """Whether the layer is."""
        return self.layer.per_sample

    @property
    def is_smooth(self) -> bool:
        """Not where singular values can meet: only for a matrix of one row or column."""
        return self.layer.is_smooth and min(self._matrix_shape) == 1

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """The layer's."""
        return self.layer.parameter_shapes

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """The layer's."""
        return self.layer.init(rng, xp, dtype, device)

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The layer's."""
        return self.layer.output_shape(shape)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(f(W / sigma, x), (sigma with its derivatives, the layer's parameters, its tape))."""
        norm = spectral_norm(self._matrix(self._weight(params)))
        inner = self._with_weight(params, norm.weight / norm.value[..., None, None])
        y, tape = self.layer.forward(inner, x)
        return y, (norm, inner, tape)

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """W_bar = (N_bar - <N_bar, N> u v^T) / sigma, N = W / sigma; the rest is the layer's."""
        norm, inner, layer_tape = tape
        x_bar, bars = self.layer.backward(inner, layer_tape, y_bar)
        n, n_bar = self._matrix(self._weight(inner)), self._matrix(self._weight(bars))
        weight_bar = (n_bar - _dot(n_bar, n) * norm.gradient) / norm.value[..., None, None]
        return x_bar, self._with_weight(bars, weight_bar)

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """The layer's along N_dot = (W_dot - sigma_dot N) / sigma."""
        norm, inner, layer_tape = tape
        step = self._matrix(self._weight(params_dot))
        n, rate = self._matrix(self._weight(inner)), norm.jvp(step)[..., None, None]
        inner_dot = self._with_weight(params_dot, (step - rate * n) / norm.value[..., None, None])
        y_dot, layer_dot = self.layer.jvp(inner, layer_tape, x_dot, inner_dot)
        return y_dot, (rate, inner_dot, layer_dot)

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """The product rule on every term of backward; that of u v^T is the Hessian of sigma."""
        (norm, inner, layer_tape), (rate, inner_dot, layer_dot) = tape, tape_dot
        _, bars = self.layer.backward(inner, layer_tape, y_bar)
        x_bar_dot, bars_dot = self.layer.backward_jvp(inner, layer_tape, layer_dot, y_bar, y_bar_dot, inner_dot)
        n, n_dot, n_bar, n_bar_dot = (self._matrix(self._weight(a)) for a in (inner, inner_dot, bars, bars_dot))
        turned = norm.hessian_product(self._matrix(self._weight(params_dot)))
        scale, along = norm.value[..., None, None], _dot(n_bar, n)
        along_dot = _dot(n_bar_dot, n) + _dot(n_bar, n_dot)
        weight_bar = (n_bar - along * norm.gradient) / scale
        moved = n_bar_dot - along_dot * norm.gradient - along * turned - rate * weight_bar
        return x_bar_dot, self._with_weight(bars_dot, moved / scale)

    @property
    def _position(self) -> int:
        return list(self.layer.parameter_shapes).index("weight")

    @property
    def _matrix_shape(self) -> tuple[int, int]:
        shape = self.layer.parameter_shapes["weight"]
        return math.prod(shape[:-1]), shape[-1]

    def _weight(self, params: tuple[Array, ...]) -> Array:
        return params[self._position]

    def _matrix(self, weight: Array) -> Array:
        """(..., fan in, outputs)."""
        lead = weight.shape[: weight.ndim - len(self.layer.parameter_shapes["weight"])]
        return array_namespace(weight).reshape(weight, (*lead, *self._matrix_shape))

    def _with_weight(self, params: tuple[Array, ...], matrix: Array) -> tuple[Array, ...]:
        """`params` with a matrix in the shape of the weight in its place."""
        shape = (*matrix.shape[:-2], *self.layer.parameter_shapes["weight"])
        weight = array_namespace(matrix).reshape(matrix, shape)
        return (*params[: self._position], weight, *params[self._position + 1 :])


def _dot(a: Array, b: Array) -> Array:
    """<a, b> of matrices (..., m, n), as (..., 1, 1)."""
    return array_namespace(a).sum(a * b, axis=(-2, -1), keepdims=True)
