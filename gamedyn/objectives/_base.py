"""The Objective protocol: per-sample losses of discriminator and generator on critic outputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gamedyn.backend import Array

__all__ = ["Objective"]


class Objective(ABC):
    """Losses of the two players on critic outputs s, as analytic functions; both players MINIMISE.

    The discriminator pays a(s) on real samples and b(s) on fake ones, the generator c(s) on fake ones. The mean over
    samples is taken by the game. All methods accept complex s, so that complex step works.
    """

    is_zero_sum: bool
    """Whether the generator's loss is minus the discriminator's, up to terms that the generator cannot move: c = -b."""

    @abstractmethod
    def discriminator_loss(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """(a(real), b(fake)), elementwise in nats (critic units for Wasserstein)."""

    @abstractmethod
    def discriminator_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """(a'(real), b'(fake)), elementwise."""

    @abstractmethod
    def discriminator_second_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """(a''(real), b''(fake)), elementwise."""

    @abstractmethod
    def generator_loss(self, fake: Array) -> Array:
        """c(fake), elementwise."""

    @abstractmethod
    def generator_derivative(self, fake: Array) -> Array:
        """c'(fake), elementwise."""

    @abstractmethod
    def generator_second_derivative(self, fake: Array) -> Array:
        """c''(fake), elementwise."""

    @abstractmethod
    def optimal_output(self, log_ratio: Array) -> Array:
        """The critic output that minimises p a(s) + q b(s) at log_ratio = log p - log q.

        Raises
        ------
        ValueError
            For integral probability metrics, whose optimum is not pointwise; the message names transport's potential.
        """

    @abstractmethod
    def divergence(self, p: Any, q: Any) -> Array:
        """The divergence of pmfs or Distributions that belongs to the optimum; each class says in what sense."""
