"""What all normalisations share: standardised values, then one scale and one shift per feature."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer

__all__ = ["Normalization"]


@dataclass(frozen=True)
class Normalization(Layer):
    """y = scale n + shift, n the standardised x.

    Parameters
    ----------
    shape : int or tuple of int
        Shape of one input, channels last; an integer stands for one axis.
    eps : float
        Added to the variance, positive.
    affine : bool
        Whether there are a scale, 1 at first, and a shift, 0 at first.
    """

    shape: int | tuple[int, ...]
    eps: float = 1e-5
    affine: bool = True

    def __post_init__(self) -> None:
        shape = self.shape if isinstance(self.shape, tuple | list) else (self.shape,)
        if not shape:
            raise ValueError(f"`shape` must have one axis at least, got {self.shape!r}.")
        for size in shape:
            check_integer("shape", size, minimum=1)
        check_positive("eps", self.eps)
        object.__setattr__(self, "shape", tuple(shape))

    @property
    @abstractmethod
    def _parameter_shape(self) -> tuple[int, ...]:
        """The trailing axes of `shape` that scale and shift have."""

    @abstractmethod
    def _standardized(self, x: Array) -> Any:
        """n as `Standardized`, or what has its methods."""

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """scale and shift, where there are any."""
        return {"scale": self._parameter_shape, "shift": self._parameter_shape} if self.affine else {}

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """Scale 1, shift 0."""
        shapes = list(self.parameter_shapes.values())
        kinds = (xp.ones, xp.zeros)
        return tuple(make(shape, dtype=dtype, device=device) for make, shape in zip(kinds, shapes, strict=False))

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same."""
        if tuple(shape) != self.shape:
            raise ValueError(f"{self!r} takes inputs of shape {self.shape}, got {tuple(shape)}.")
        return tuple(shape)

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(scale n + shift, n with its standard deviation)."""
        at = self._standardized(x)
        return (self._scaled(params, at.n) + self._spread(params[1]) if self.affine else at.n), at

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(J^T (scale y_bar), (sum n y_bar, sum y_bar))."""
        x_bar = tape.product(self._scaled(params, y_bar))
        return x_bar, (self._summed(tape.n * y_bar), self._summed(y_bar)) if self.affine else ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(scale n_dot + scale_dot n + shift_dot, (n_dot, r_dot / r))."""
        n_dot, rate = tape.tangent(x_dot)
        y_dot = self._scaled(params, n_dot)
        if self.affine:
            y_dot = y_dot + self._scaled(params_dot, tape.n) + self._spread(params_dot[1])
        return y_dot, (n_dot, rate)

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """The product rule on each term of backward."""
        n_dot, rate = tape_dot
        g, g_dot = self._scaled(params, y_bar), self._scaled(params, y_bar_dot)
        if not self.affine:
            return tape.product_tangent(n_dot, rate, g, g_dot), ()
        g_dot = g_dot + self._scaled(params_dot, y_bar)
        scale_bar_dot = self._summed(n_dot * y_bar + tape.n * y_bar_dot)
        return tape.product_tangent(n_dot, rate, g, g_dot), (scale_bar_dot, self._summed(y_bar_dot))

    def _scaled(self, params: tuple[Array, ...], values: Array) -> Array:
        return self._spread(params[0]) * values if self.affine else values

    def _spread(self, parameter: Array) -> Array:
        """A parameter with axes of length 1 for the batch, and for the axes of `shape` that it lacks."""
        own = len(self._parameter_shape)
        between = (None,) * (1 + self._rank - own)
        return parameter[(..., *between, *(slice(None),) * own)]

    def _summed(self, values: Array) -> Array:
        """Summed over the batch, and the axes of `shape` that parameters lack."""
        axes = tuple(range(-1 - self._rank, -len(self._parameter_shape)))
        return array_namespace(values).sum(values, axis=axes)

    @property
    def _rank(self) -> int:
        return len(self.shape)  # type: ignore[arg-type]
