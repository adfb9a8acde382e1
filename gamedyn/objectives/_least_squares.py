"""The least-squares objective: regression of critic outputs onto labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_in_interval
from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Distribution, Mixture
from gamedyn.divergences import pearson_divergence
from gamedyn.numerics import sigmoid
from gamedyn.objectives._base import Objective

__all__ = ["LeastSquares"]

_LARGEST_LABEL = 1e150  # a square above it overflows


@dataclass(frozen=True)
class LeastSquares(Objective):
    """a = (s - real)^2 / 2, b = (s - fake)^2 / 2, c = (s - target)^2 / 2.

    The best output is (real p + fake q) / (p + q). With it, the mean of (s - target)^2 / 2 over real samples plus that
    over fake ones is C = const + (real - fake)^2 / 4 chi^2(q, m), m = (p + q) / 2; for real - target = 1 and
    real - fake = 2 the constant is 0 and 2 C = sum (p - q)^2 / (p + q), Pearson's divergence of 2 q from p + q.

    Parameters
    ----------
    real_label, fake_label : float
        What the discriminator should answer on real and on fake samples; different numbers.
    generator_target : float
        What the generator wants it to answer on fake samples.

    References
    ----------
    Mao et al. (2017), Least squares generative adversarial networks.

    Examples
    --------
    >>> float(LeastSquares().optimal_output(0.0))  # p = q: halfway between the labels
    0.5
    """

    real_label: float = 1.0
    fake_label: float = 0.0
    generator_target: float = 1.0
    is_zero_sum = False

    def __post_init__(self) -> None:
        for name in ("real_label", "fake_label", "generator_target"):
            check_in_interval(name, getattr(self, name), -_LARGEST_LABEL, _LARGEST_LABEL)
        if self.real_label == self.fake_label:
            raise ValueError(f"`real_label` and `fake_label` must differ, got {self.real_label} for both.")

    def discriminator_loss(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """((real - real_label)^2 / 2, (fake - fake_label)^2 / 2)."""
        u, v = self.discriminator_derivative(real, fake)
        return u * u / 2, v * v / 2

    def discriminator_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """(real - real_label, fake - fake_label)."""
        _, real, fake = float_arrays(real, fake, names=("real", "fake"), allow_complex=True)
        return real - self.real_label, fake - self.fake_label

    def discriminator_second_derivative(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """Ones."""
        xp, real, fake = float_arrays(real, fake, names=("real", "fake"), allow_complex=True)
        return xp.ones_like(real), xp.ones_like(fake)

    def generator_loss(self, fake: Array) -> Array:
        """(fake - generator_target)^2 / 2."""
        u = self.generator_derivative(fake)
        return u * u / 2

    def generator_derivative(self, fake: Array) -> Array:
        """Fake - generator_target."""
        _, fake = float_arrays(fake, names=("fake",), allow_complex=True)
        return fake - self.generator_target

    def generator_second_derivative(self, fake: Array) -> Array:
        """Ones."""
        xp, fake = float_arrays(fake, names=("fake",), allow_complex=True)
        return xp.ones_like(fake)

    def optimal_output(self, log_ratio: Array) -> Array:
        """(real_label p + fake_label q) / (p + q)."""
        _, v = float_arrays(log_ratio, names=("log_ratio",), allow_complex=True)
        return self.real_label * sigmoid(v) + self.fake_label * sigmoid(-v)

    def divergence(self, p: Any, q: Any) -> Array:
        """(real_label - fake_label)^2 / 4 chi^2(q, (p + q) / 2): what C of the class has above its value at q = p.

        The generator's own loss lacks C's term over real samples, so that its gradient is not the gradient of this.
        """
        if isinstance(p, Distribution):
            middle: Any = Mixture([0.5, 0.5], [p, q])
        else:
            _, p, q = float_arrays(p, q, names=("p", "q"))
            middle = (p + q) / 2
        return (self.real_label - self.fake_label) ** 2 / 4 * pearson_divergence(q, middle)
