"""The LQ-GAN: a linear generator against a quadratic discriminator."""

from __future__ import annotations

from gamedyn.games._polynomial_gan import PolynomialGAN
from gamedyn.objectives import Objective, Wasserstein

__all__ = ["LQGAN"]


class LQGAN(PolynomialGAN):
    """G(e) = a e + b against D(x) = w1 x + w2 x^2 on data N(mean, deviation^2); z = (a, b, w1, w2).

    With a = +- deviation, b = mean and w = 0 the laws agree, and both players rest. For Wasserstein
    f = w1 (mean - b) + w2 (mean^2 + deviation^2 - a^2 - b^2), with imaginary eigenvalues there: simultaneous descent
    converges for no step size. For minimax a'' and b'' curve the discriminator's block, and the flow converges.

    Parameters
    ----------
    objective : Objective, optional
        Wasserstein by default.
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
    Feizi, Farnia, Ginart, Tse (2017), Understanding GANs: the LQG setting.
    Nagarajan, Kolter (2017), Gradient descent GAN optimization is locally stable.

    Examples
    --------
    >>> import numpy
    >>> LQGAN(mean=1.0, deviation=2.0).simultaneous_gradient(numpy.array([2.0, 1.0, 0.0, 0.0])).round(12).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """

    powers = (1, 2)
    offset_first = False

    def __init__(
        self, objective: Objective | None = None, *, mean: float = 0.0, deviation: float = 1.0, nodes: int = 32
    ) -> None:
        super().__init__(Wasserstein() if objective is None else objective, mean, deviation, nodes)
