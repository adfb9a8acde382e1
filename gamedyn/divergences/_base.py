"""The FDivergence protocol: D_f(p, q) = sum q f(p / q), with its dual objects in the log-ratio v = log p / q."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gamedyn.backend import Array

__all__ = ["FDivergence"]


class FDivergence(ABC):
    """D_f(p, q) = sum q f(p / q), f convex with f(1) = 0.

    A member gives the generator, its derivative, its conjugate and two slopes; the sum over pmfs, the critic, the
    variational bound and the gap follow.
    """

    name: str
    """The function of `gamedyn.divergences` that it equals, such as "kl_divergence"."""

    @abstractmethod
    def generator(self, u: Array) -> Array:
        """f(u) for u >= 0, any shape; f(0) is the limit, and may be inf."""

    @abstractmethod
    def derivative(self, u: Array) -> Array:
        """f'(u) for u > 0, any shape: the optimal critic at the ratio u = p / q."""

    @abstractmethod
    def conjugate(self, t: Array) -> Array:
        """f*(t) = sup over u >= 0 of u t - f(u), any shape; inf outside its domain."""

    @property
    @abstractmethod
    def slope_at_infinity(self) -> float:
        """lim f(u) / u for u -> inf: the weight of p's mass where q = 0."""

    @property
    @abstractmethod
    def slope_at_zero(self) -> float:
        """lim f(u) for u -> 0: the weight of q's mass where p = 0."""

    @abstractmethod
    def critic_from_logit(self, v: Array) -> Array:
        """T = f'(e^v), stable for every v, any shape."""

    @abstractmethod
    def conjugate_from_logit(self, v: Array) -> Array:
        """f*(f'(e^v)) = e^v f'(e^v) - f(e^v), fused and stable for every v, any shape."""

    @abstractmethod
    def __call__(self, p: Array, q: Array, axis: int = -1, **options: Any) -> Array:
        """The divergence of pmfs along `axis`, or of two Distributions."""
