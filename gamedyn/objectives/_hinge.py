"""The hinge objective: a discriminator with a margin, a critic for the generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.divergences import total_variation_distance
from gamedyn.numerics import real_part
from gamedyn.objectives._base import Objective

__all__ = ["Hinge"]


@dataclass(frozen=True)
class Hinge(Objective):
    """a = max(0, 1 - s), b = max(0, 1 + s), c = -s: samples beyond the margin cost the discriminator nothing.

    The best output is sign(p - q), where the discriminator pays 2 - 2 TV(p, q). Second derivatives are zero off the
    kinks s = 1 of a and s = -1 of b; there the code takes the flat side. A second-order method sees no curvature.

    References
    ----------
    Lim and Ye (2017), Geometric GAN.
    Miyato et al. (2018), Spectral normalization for generative adversarial networks.

    Examples
    --------
    >>> loss_on_real, loss_on_fake = Hinge().discriminator_loss(0.0, 0.0)
    >>> float(loss_on_real + loss_on_fake)
    2.0
    """

    is_zero_sum = False

    def discriminator_loss(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """(max(0, 1 - real), max(0, 1 + fake))."""
        xp, real, fake = float_arrays(real, fake, names=("real", "fake"), allow_complex=True)
        return _positive_part(xp, 1 - real), _positive_part(xp, 1 + fake)

    def discriminator_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """-1 where real < 1, and 1 where fake > -1; else 0."""
        xp, real, fake = float_arrays(real, fake, names=("real", "fake"), allow_complex=True)
        return -_step(xp, 1 - real), _step(xp, 1 + fake)

    def discriminator_second_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """Zeros, also at the kinks."""
        xp, real, fake = float_arrays(real, fake, names=("real", "fake"), allow_complex=True)
        return xp.zeros_like(real), xp.zeros_like(fake)

    def generator_loss(self, fake: Array) -> Array:
        """Minus the critic's output."""
        return -float_arrays(fake, names=("fake",), allow_complex=True)[1]

    def generator_derivative(self, fake: Array) -> Array:
        """Minus ones."""
        xp, fake = float_arrays(fake, names=("fake",), allow_complex=True)
        return -xp.ones_like(fake)

    def generator_second_derivative(self, fake: Array) -> Array:
        """Zeros."""
        xp, fake = float_arrays(fake, names=("fake",), allow_complex=True)
        return xp.zeros_like(fake)

    def optimal_output(self, log_ratio: Array) -> Array:
        """sign(p - q); 0 at p = q, where every output between the margins is best."""
        xp, v = float_arrays(log_ratio, names=("log_ratio",))
        return xp.sign(v)

    def divergence(self, p: Any, q: Any) -> Array:
        """2 TV(p, q) = sum |p - q|: the generator's loss at the best outputs, plus E_p of them."""
        return 2 * total_variation_distance(p, q)


def _positive_part(xp: Any, x: Array) -> Array:
    return xp.where(real_part(x) > 0, x, xp.zeros_like(x))


def _step(xp: Any, x: Array) -> Array:
    return xp.where(real_part(x) > 0, xp.ones_like(x), xp.zeros_like(x))
