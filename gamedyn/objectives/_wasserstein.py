"""The Wasserstein objective: a critic that is free up to a Lipschitz constraint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Distribution
from gamedyn.objectives._base import Objective
from gamedyn.objectives._masses import check_masses
from gamedyn.transport import wasserstein_between_laws

__all__ = ["Wasserstein"]


@dataclass(frozen=True)
class Wasserstein(Objective):
    """a = -s, b = s, c = -s: E_p s - E_q s, to be maximised over 1-Lipschitz critics only.

    The critic's optimum is a Kantorovich potential, not a function of p(x) and q(x) alone. The constraint (clipping, a
    gradient penalty) is the game's affair.

    References
    ----------
    Arjovsky, Chintala and Bottou (2017), Wasserstein GAN.

    Examples
    --------
    >>> float(Wasserstein().divergence([1.0, 0.0, 0.0], [0.0, 0.0, 1.0]))  # a unit of mass, two steps
    2.0
    """

    is_zero_sum = True

    def discriminator_loss(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """(-real, fake)."""
        _, real, fake = float_arrays(real, fake, names=("real", "fake"), allow_complex=True)
        return -real, +fake

    def discriminator_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """Minus ones and ones."""
        xp, real, fake = float_arrays(real, fake, names=("real", "fake"), allow_complex=True)
        return -xp.ones_like(real), xp.ones_like(fake)

    def discriminator_second_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """Zeros."""
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
        """Refuse: the optimal critic depends on where the mass lies, not on the ratio of densities."""
        raise ValueError(
            "the optimal critic of the Wasserstein objective is not a function of the log-ratio. Take the potential: "
            "`gamedyn.transport.wasserstein_distance(x, y, return_result=True).critic`."
        )

    def divergence(self, p: Any, q: Any) -> Array:
        """W_1 = integral |F - G|: of two Distributions on the line, or of pmfs on the atoms 0, 1, 2, ... (last axis).

        For Distributions as `gamedyn.transport.wasserstein_between_laws`: infinite where tails are too heavy; in the
        unit of x.
        """
        if isinstance(p, Distribution) and isinstance(q, Distribution):
            return wasserstein_between_laws(p, q)
        xp, p, q = float_arrays(p, q, names=("p", "q"))
        check_masses(xp, p, "p")
        check_masses(xp, q, "q")
        return xp.sum(xp.abs(xp.cumulative_sum(p - q, axis=-1)), axis=-1)
