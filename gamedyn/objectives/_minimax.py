"""The minimax (saturating) objective of the original GAN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.divergences import jensen_shannon_divergence
from gamedyn.numerics import sigmoid, softplus
from gamedyn.objectives._base import Objective

__all__ = ["Minimax"]


@dataclass(frozen=True)
class Minimax(Objective):
    """a = -log D = softplus(-s), b = -log(1 - D) = softplus(s), c = log(1 - D) = -softplus(s), with D = sigmoid(s).

    The critic output is a logit. The best one is log p - log q, where the generator's loss plus E_p log D is
    V = -log 4 + 2 JS(p, q).

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets, Proposition 1 and Theorem 1.

    Examples
    --------
    >>> loss_on_real, loss_on_fake = Minimax().discriminator_loss(0.0, 0.0)
    >>> round(float(loss_on_real + loss_on_fake), 12)  # D = 1/2 pays log 4
    1.38629436112
    """

    is_zero_sum = True

    def discriminator_loss(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """(softplus(-real), softplus(fake)), the cross-entropy of a classifier with these logits."""
        _, real, fake = float_arrays(real, fake, names=("real", "fake"), allow_complex=True)
        return softplus(-real), softplus(fake)

    def discriminator_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """(-sigmoid(-real), sigmoid(fake))."""
        _, real, fake = float_arrays(real, fake, names=("real", "fake"), allow_complex=True)
        return -sigmoid(-real), sigmoid(fake)

    def discriminator_second_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """sigmoid(s) sigmoid(-s) of each, to full relative precision in both tails."""
        _, real, fake = float_arrays(real, fake, names=("real", "fake"), allow_complex=True)
        return sigmoid(real) * sigmoid(-real), sigmoid(fake) * sigmoid(-fake)

    def generator_loss(self, fake: Array) -> Array:
        """-softplus(fake), flat where the discriminator rejects the sample."""
        _, fake = float_arrays(fake, names=("fake",), allow_complex=True)
        return -softplus(fake)

    def generator_derivative(self, fake: Array) -> Array:
        """-sigmoid(fake)."""
        _, fake = float_arrays(fake, names=("fake",), allow_complex=True)
        return -sigmoid(fake)

    def generator_second_derivative(self, fake: Array) -> Array:
        """-sigmoid(fake) sigmoid(-fake)."""
        _, fake = float_arrays(fake, names=("fake",), allow_complex=True)
        return -sigmoid(fake) * sigmoid(-fake)

    def optimal_output(self, log_ratio: Array) -> Array:
        """The log-ratio itself."""
        return float_arrays(log_ratio, names=("log_ratio",), allow_complex=True)[1]

    def divergence(self, p: Any, q: Any) -> Array:
        """2 JS(p, q) in nats: the generator's loss, with D optimal, above its value at q = p."""
        return 2 * jensen_shannon_divergence(p, q)
