"""The Gaussian GAN: mean and deviation of a normal law against a discriminator that can be optimal."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace
from gamedyn.games._polynomial_gan import PolynomialGAN
from gamedyn.objectives import Minimax, Objective

__all__ = ["GaussianGAN"]


class GaussianGAN(PolynomialGAN):
    """N(m, s^2) against data N(mean, deviation^2) under D(x) = w0 + w1 x + w2 x^2; z = (m, s, w0, w1, w2).

    The log-ratio of two normal laws is a quadratic polynomial, so that the optimal discriminator is in the family. The
    law N(m, s^2) does not see the sign of s.

    Parameters
    ----------
    objective : Objective, optional
        Minimax by default.
    mean, deviation : float
        Of the data; the deviation positive.
    nodes : int
        Of the Gauss-Hermite rule for the expectations.

    Raises
    ------
    TypeError
        If the objective is none.
    ValueError
        If the deviation is not positive.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets.

    Examples
    --------
    >>> import numpy
    >>> game = GaussianGAN(mean=1.0)
    >>> game.optimal_discriminator(numpy.array([0.0, 1.0])).tolist()  # log N(x; 1, 1) - log N(x; 0, 1) = x - 1/2
    [-0.5, 1.0, 0.0]
    """

    powers = (0, 1, 2)
    offset_first = True

    def __init__(
        self, objective: Objective | None = None, *, mean: float = 0.0, deviation: float = 1.0, nodes: int = 32
    ) -> None:
        super().__init__(Minimax() if objective is None else objective, mean, deviation, nodes)

    def optimal_discriminator(self, z: Array) -> Array:
        """(..., 3): the weights of log p - log q, the best outputs of objectives on logits.

        Parameters
        ----------
        z : array, shape (..., d)
            Joint points, or the generator's (m, s) alone; s not 0.
        """
        xp = array_namespace(z)
        m, s = z[..., :1], z[..., 1:2]
        mean, variance = self.mean, self.deviation**2
        constant = (m / s) ** 2 / 2 - mean**2 / variance / 2 + xp.log(s**2) / 2 - xp.log(0 * s + variance) / 2
        return xp.concat([constant, mean / variance - m / s**2, (1 / s**2 - 1 / variance) / 2], axis=-1)
