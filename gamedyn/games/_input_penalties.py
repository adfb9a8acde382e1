"""Penalties on a critic's input gradient at samples: its square, or the distance of its norm from a target."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy

from gamedyn.backend import Array, array_namespace, as_generator, like
from gamedyn.games._base import _complex_step
from gamedyn.games._gan import GANGame
from gamedyn.games._linear import over_batch
from gamedyn.numerics import analytic_norm

__all__ = ["InputPenalty", "Interpolated", "NormPenalty", "Perturbed", "SquarePenalty"]


@dataclass(frozen=True, eq=False)
class InputPenalty(ABC):
    """(weight / 2) E r(|g|) with g = grad_x s at samples(z).

    Parameters
    ----------
    game : GANGame
    weight : float
    samples : callable
        samples(z) of shape (..., n, features).
    depends_on_fake : bool
        Whether samples(z) moves with the generator.
    """

    game: GANGame
    weight: float
    samples: Callable[[Array], Array]
    depends_on_fake: bool

    @abstractmethod
    def value(self, z: Array) -> Array:
        """(...,): the penalty."""

    @abstractmethod
    def gradient(self, z: Array) -> Array:
        """(..., d): its gradient in the discriminator's block, with the samples held fixed; zero in the generator's."""

    def jvp(self, z: Array, v: Array) -> Array:
        """The derivative of `gradient` along v, samples included; by complex step on closed forms."""
        return _complex_step(self.gradient, z, v)


class SquarePenalty(InputPenalty):
    """(weight / 2) E |g|^2."""

    def value(self, z: Array) -> Array:
        """(weight / 2) E |g|^2."""
        return 0.5 * self.weight * self.game.penalty(z, self.samples(z))

    def gradient(self, z: Array) -> Array:
        """(weight / 2) grad E |g|^2."""
        return 0.5 * self.weight * self.game.penalty_gradient(z, self.samples(z))

    def jvp(self, z: Array, v: Array) -> Array:
        """By the game's own product where the samples are fixed."""
        if self.depends_on_fake:
            return super().jvp(z, v)
        return 0.5 * self.weight * self.game.penalty_jvp(z, self.samples(z), v)


@dataclass(frozen=True, eq=False)
class NormPenalty(InputPenalty):
    """(weight / 2) E (|g| - target)^2.

    Parameters
    ----------
    target : float
    """

    target: float

    def value(self, z: Array) -> Array:
        """(weight / 2) E (|g| - target)^2."""
        xp = array_namespace(z)
        norm = analytic_norm(self.game.critic_input_gradient(z, self.samples(z)))[0]
        return 0.5 * self.weight * xp.mean((norm - self.target) ** 2, axis=-1)

    def gradient(self, z: Array) -> Array:
        """Weight times E (1 - target / |g|) g . dg, with the factor 0 where g = 0."""
        xp = array_namespace(z)
        x = self.samples(z)
        g = self.game.critic_input_gradient(z, x)
        norm, positive = analytic_norm(g)
        factor = xp.where(positive, 1 - self.target / xp.where(positive, norm, xp.ones_like(norm)), xp.zeros_like(norm))
        return self.weight * self.game.input_gradient_pullback(z, x, factor[..., None] * g)

    def jvp(self, z: Array, v: Array) -> Array:
        """By complex step; the game's arrays may lack batch axes that v has."""
        return over_batch(super().jvp(z, v), z)


@dataclass(frozen=True, eq=False)
class Interpolated:
    """Pairs of real and fake samples, mixed with fixed equidistributed weights; those of one row have the same label.

    Parameters
    ----------
    game : GANGame
    """

    game: GANGame

    def __call__(self, z: Array) -> Array:
        """(..., n, features), n the smaller of the two numbers of samples."""
        xp = array_namespace(z)
        real, fake = self.game.real_inputs(z), self.game.fake_inputs(z)
        n = min(real.shape[-2], fake.shape[-2])
        # Multiples of the golden ratio modulo 1 fill the unit interval evenly for every n.
        share = like((numpy.arange(n) + 0.5) * (numpy.sqrt(5.0) - 1) / 2 % 1.0, z)[:, None]
        return xp.asarray(share * real[..., :n, :] + (1 - share) * fake[..., :n, :])


@dataclass(frozen=True, eq=False)
class Perturbed:
    """Real samples moved by Gaussian noise, always the same draw.

    Parameters
    ----------
    game : GANGame
    spread : float
        Standard deviation of the noise.
    """

    game: GANGame
    spread: float

    def __call__(self, z: Array) -> Array:
        """(..., n, features)."""
        real, mask = self.game.real_inputs(z), self.game.input_mask(z)
        # Any seed serves: the perturbations are part of the game's definition.
        noise = like(as_generator(0).standard_normal(tuple(real.shape[-2:])), z)
        return real + self.spread * (noise if mask is None else mask * noise)
