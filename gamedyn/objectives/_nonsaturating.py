"""The non-saturating objective: the generator maximises log D instead of minimising log(1 - D)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.divergences import jensen_shannon_divergence, kl_divergence
from gamedyn.numerics import sigmoid, softplus
from gamedyn.objectives._base import Objective
from gamedyn.objectives._minimax import Minimax

__all__ = ["NonSaturating"]

_DISCRIMINATOR = Minimax()


@dataclass(frozen=True)
class NonSaturating(Objective):
    """a = softplus(-s) and b = softplus(s) as in `Minimax`, but c = -log D = softplus(-s): not zero-sum.

    With the optimal discriminator held fixed, the generator's gradient is that of KL(q||p) - 2 JS(p, q), which is also
    2 KL(m||p) with m = (p + q) / 2: non-negative, and zero iff q = p.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets.
    Arjovsky and Bottou (2017), Towards principled methods for training generative adversarial networks.
    Shannon et al. (2020), Non-saturating GAN training as divergence minimization.

    Examples
    --------
    >>> round(float(NonSaturating().generator_loss(0.0)), 12)  # log 2 where D = 1/2
    0.69314718056
    """

    is_zero_sum = False

    def discriminator_loss(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """(softplus(-real), softplus(fake))."""
        return _DISCRIMINATOR.discriminator_loss(real, fake)

    def discriminator_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """(-sigmoid(-real), sigmoid(fake))."""
        return _DISCRIMINATOR.discriminator_derivative(real, fake)

    def discriminator_second_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """sigmoid(s) sigmoid(-s) of each."""
        return _DISCRIMINATOR.discriminator_second_derivative(real, fake)

    def generator_loss(self, fake: Array) -> Array:
        """softplus(-fake), of slope -1 where the discriminator rejects the sample."""
        _, fake = float_arrays(fake, names=("fake",), allow_complex=True)
        return softplus(-fake)

    def generator_derivative(self, fake: Array) -> Array:
        """-sigmoid(-fake)."""
        _, fake = float_arrays(fake, names=("fake",), allow_complex=True)
        return -sigmoid(-fake)

    def generator_second_derivative(self, fake: Array) -> Array:
        """sigmoid(fake) sigmoid(-fake)."""
        _, fake = float_arrays(fake, names=("fake",), allow_complex=True)
        return sigmoid(fake) * sigmoid(-fake)

    def optimal_output(self, log_ratio: Array) -> Array:
        """The log-ratio itself."""
        return _DISCRIMINATOR.optimal_output(log_ratio)

    def divergence(self, p: Any, q: Any) -> Array:
        """KL(q||p) - 2 JS(p, q) in nats: its gradient in q is the generator's at the optimal discriminator."""
        return kl_divergence(q, p) - 2 * jensen_shannon_divergence(p, q)
