"""PlanarLaw: what the laws in the plane share: one law, two coordinates, densities in the library of the points."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Distribution

__all__ = ["PlanarLaw"]


class PlanarLaw(Distribution):
    """One law in the plane, whose parameters are Python numbers.

    `log_prob` and `score` follow the library, precision and device of the points; samples are NumPy's float64.
    """

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return ()

    @property
    def event_shape(self) -> tuple[int, ...]:
        return (2,)

    @abstractmethod
    def _log_density(self, xp: Any, a: Array, b: Array) -> Array:
        """log p at the coordinates a and b, of their shape."""

    @abstractmethod
    def _gradient(self, xp: Any, a: Array, b: Array) -> tuple[Array, Array]:
        """The two derivatives of log p at the coordinates a and b; nan where the density is 0."""

    def log_prob(self, x: Array) -> Array:
        """Log density in nats, -inf outside the support; shape of x less its last axis, which has length 2."""
        return self._log_density(*_coordinates(x))

    def score(self, x: Array) -> Array:
        """Gradient of log_prob, of the shape of x; nan where the density is 0."""
        xp, a, b = _coordinates(x)
        return xp.stack(self._gradient(xp, a, b), axis=-1)


def _coordinates(x: Array) -> tuple[Any, Array, Array]:
    xp, x = float_arrays(x, names=("x",))
    if x.ndim == 0 or x.shape[-1] != 2:
        raise ValueError(f"`x` must have shape (..., 2), points in the plane, got {tuple(x.shape)}.")
    return xp, x[..., 0], x[..., 1]
