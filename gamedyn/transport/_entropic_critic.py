"""The critic of an entropic transport problem: its first potential, extended to all of space by the other one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, float_arrays, like
from gamedyn.transport._sinkhorn_log import log_masses

__all__ = ["EntropicCritic"]


@dataclass(frozen=True, eq=False)
class EntropicCritic:
    """f(x) = -eps log sum_j b_j exp((g_j - |x - y_j|^p) / eps), smooth wherever the cost is.

    Parameters
    ----------
    points : array, shape (m, d)
        The second sample y.
    masses : array, shape (m,)
        b.
    potential : array, shape (m,)
        g.
    order : float
        p.
    epsilon : float
        The temperature.
    """

    points: Array
    masses: Array
    potential: Array
    order: float
    epsilon: float

    def __call__(self, x: Array) -> Array:
        """f at x (..., d), shape (...)."""
        xp, _, _, exponent = self._exponents(x)
        peak = xp.max(exponent, axis=-1, keepdims=True)
        return -self.epsilon * (xp.log(xp.sum(xp.exp(exponent - peak), axis=-1)) + peak[..., 0])

    def gradient(self, x: Array) -> Array:
        """The gradient of f in x, shape of x: the mean of the cost's gradients, 0 where x is at a point y_j."""
        xp, gaps, lengths, exponent = self._exponents(x)
        weight = xp.exp(exponent - xp.max(exponent, axis=-1, keepdims=True))
        weight = weight / xp.sum(weight, axis=-1, keepdims=True)
        apart = lengths > 0
        power = xp.where(apart, lengths, xp.ones_like(lengths)) ** (self.order - 2)
        weight = xp.where(apart, self.order * power * weight, xp.zeros_like(weight))
        return xp.sum(weight[..., None] * gaps, axis=-2)

    def _exponents(self, x: Array) -> tuple[Any, Array, Array, Array]:
        xp, x = float_arrays(x, names=("x",))
        if x.ndim == 0 or x.shape[-1] != self.points.shape[-1]:
            raise ValueError(f"`x` must have shape (..., {self.points.shape[-1]}), got {tuple(x.shape)}.")
        gaps = x[..., None, :] - like(self.points, x)
        lengths = xp.sqrt(xp.sum(gaps * gaps, axis=-1))
        return xp, gaps, lengths, like(self._offsets(), x) - lengths**self.order / self.epsilon

    def _offsets(self) -> Array:
        return log_masses(self.masses) + self.potential / self.epsilon
