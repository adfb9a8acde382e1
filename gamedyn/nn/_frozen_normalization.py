"""Batch normalisation with constants for the statistics, as networks are used after training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gamedyn.backend import Array, array_namespace, like, to_host
from gamedyn.nn._normalization import Normalization

__all__ = ["FrozenNormalization"]


class _Rescaled(NamedTuple):
    """n = (x - m) r with constant m and r: the methods of `Standardized` without the terms of moving statistics."""

    n: Array
    r: Array

    def product(self, g: Array) -> Array:
        return self.r * g

    def tangent(self, x_dot: Array) -> tuple[Array, None]:
        return self.r * x_dot, None

    def product_tangent(self, n_dot: Array, rate: None, g: Array, g_dot: Array) -> Array:
        return self.r * g_dot


@dataclass(frozen=True, eq=False)
class FrozenNormalization(Normalization):
    """y = scale (x - mean) / sqrt(variance + eps) + shift with constant statistics: one sample at a time.

    Parameters
    ----------
    shape : int or tuple of int
        Shape of one input, channels last; an integer stands for one axis.
    eps : float
        Added to the variance, positive.
    affine : bool
        Whether there are a scale, 1 at first, and a shift, 0 at first.
    mean, variance : array_like, shape (..., shape[-1])
        Statistics per channel, 0 and 1 where None; leading axes are an ensemble's.

    Raises
    ------
    ValueError
        If a statistic has another shape, is not finite, or a variance is negative.

    Notes
    -----
    `Network.frozen` makes these layers. The variance is the mean square deviation that batches were trained with;
    libraries that average n / (n - 1) times that over batches evaluate slightly another network than they trained.

    Examples
    --------
    >>> import numpy
    >>> layer = FrozenNormalization(1, eps=7.0, affine=False, mean=[4.0], variance=[9.0])
    >>> float(layer.forward((), numpy.array([[8.0]]))[0][0, 0])
    1.0
    """

    mean: Any = field(default=None, repr=False, kw_only=True)
    variance: Any = field(default=None, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, default in (("mean", 0.0), ("variance", 1.0)):
            value = getattr(self, name)
            value = [default] * self._channels if value is None else value
            if not hasattr(value, "shape"):
                value = like(value, to_host([0.0]))
                object.__setattr__(self, name, value)
            if tuple(value.shape[-1:]) != (self._channels,):
                raise ValueError(f"`{name}` must have shape (..., {self._channels}), got {tuple(value.shape)}.")
            xp = array_namespace(value)
            if not bool(xp.all(xp.isfinite(value))):
                raise ValueError(f"`{name}` must be finite, got {value}.")
        if not xp.isdtype(self.variance.dtype, "complex floating") and not bool(xp.all(self.variance >= 0)):
            raise ValueError(f"`variance` must be at least 0, got {self.variance}.")

    @property
    def _channels(self) -> int:
        return self.shape[-1]  # type: ignore[index]

    @property
    def _parameter_shape(self) -> tuple[int, ...]:
        return self.shape[-1:]  # type: ignore[index]

    def _standardized(self, x: Array) -> _Rescaled:
        mean, variance = (self._spread(like(value, x)) for value in (self.mean, self.variance))
        r = 1 / array_namespace(x).sqrt(variance + self.eps)
        return _Rescaled((x - mean) * r, r)
