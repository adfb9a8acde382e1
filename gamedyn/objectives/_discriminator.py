"""The optimal discriminator of two known laws, held as a logit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, float_arrays
from gamedyn.distributions import Distribution
from gamedyn.numerics import sigmoid
from gamedyn.objectives._masses import check_masses

__all__ = ["OptimalDiscriminator", "optimal_discriminator"]


@dataclass(frozen=True)
class OptimalDiscriminator:
    """x -> log p(x) - log q(x), the logit of D*(x) = p(x) / (p(x) + q(x)).

    Parameters
    ----------
    p, q : Distribution
        Real and fake law, both with densities or both discrete, of one event shape. Mixtures are laws like any other.

    Examples
    --------
    >>> from gamedyn.distributions import Normal
    >>> critic = OptimalDiscriminator(Normal(1.0, 1.0), Normal(0.0, 1.0))  # the logit is x - 1/2
    >>> round(float(critic(2.0)), 12)
    1.5
    """

    p: Distribution
    q: Distribution

    def __post_init__(self) -> None:
        for name in ("p", "q"):
            law = getattr(self, name)
            if not isinstance(law, Distribution):
                raise TypeError(f"`{name}` must be a Distribution like the other argument, got {type(law).__name__}.")
        if self.p.event_shape != self.q.event_shape:
            raise ValueError(
                f"`p` and `q` must have one event shape, got {self.p.event_shape} and {self.q.event_shape}."
            )
        if self.p.is_discrete != self.q.is_discrete:
            raise TypeError(
                "`p` and `q` must both have densities or both be discrete; a mass has no ratio to a density."
            )

    def __call__(self, x: Array) -> Array:
        """The logit at x, shape of log_prob(x); 0 where neither law can be."""
        a, b = self.p.log_prob(x), self.q.log_prob(x)
        xp = array_namespace(a, b)
        nowhere = (a == -xp.inf) & (b == -xp.inf)
        zero = xp.zeros_like(a)
        return xp.where(nowhere, zero, a) - xp.where(nowhere, zero, b)

    def probability(self, x: Array) -> Array:
        """D*(x) in [0, 1]: how likely x is real when real and fake are shown equally often."""
        return sigmoid(self(x))

    def input_gradient(self, x: Array) -> Array:
        """The gradient of the logit in x, the difference of the scores; shape of x."""
        return self.p.score(x) - self.q.score(x)


def optimal_discriminator(p: Any, q: Any, *, check: bool = True) -> Any:
    """The logit log p - log q of the discriminator that maximises E_p log D + E_q log(1 - D).

    Parameters
    ----------
    p, q : array_like, broadcastable, or Distribution
        Probabilities of the real and of the fake law, elementwise, so on any axis; or two Distributions.
    check : bool
        Whether to look for negative and non-finite entries; False inside jit and vmap.

    Returns
    -------
    array or OptimalDiscriminator
        For arrays, the logits: +inf where q = 0 < p, -inf where p = 0 < q, and 0 where both vanish, since no sample
        ever falls there and 0 claims nothing. For Distributions, a function of x with the methods `probability` and
        `input_gradient`.

    Raises
    ------
    ValueError
        For negative or non-finite probabilities, and for laws of different event shapes.
    TypeError
        Where one argument is a Distribution and the other is not, or one has a density and the other masses.

    Notes
    -----
    log1p((p - q) / q) between the ratios 1/2 and 2, where p - q is exact, and else the log of the ratio: full relative
    precision however close or far the two laws are.

    The probability is ``gamedyn.numerics.sigmoid`` of the logit; log D of it loses every digit once D
    rounds to 1, so keep the logit.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets, Proposition 1.

    Examples
    --------
    >>> optimal_discriminator([0.5, 0.5, 0.0], [0.5, 0.0, 0.5])
    array([  0.,  inf, -inf])
    """
    if isinstance(p, Distribution) or isinstance(q, Distribution):
        return OptimalDiscriminator(p, q)
    xp, p, q = float_arrays(p, q, names=("p", "q"))
    if check:
        check_masses(xp, p, "p")
        check_masses(xp, q, "q")
    p, q = xp.broadcast_arrays(p, q)
    inside = (p > 0) & (q > 0)
    one, zero = xp.ones_like(p), xp.zeros_like(p)
    a, b = xp.where(inside, p, one), xp.where(inside, q, one)
    # A ratio that over- or underflows is only compared here, never used.
    with numpy.errstate(over="ignore", under="ignore"):
        ratio = a / b
    near = (ratio > 0.5) & (ratio < 2)
    extreme = (ratio < xp.finfo(a.dtype).smallest_normal) | xp.isinf(ratio)
    close = xp.log1p(xp.where(near, a - b, zero) / b)
    far = xp.where(extreme, xp.log(a) - xp.log(b), xp.log(xp.where(extreme, one, ratio)))
    edge = xp.where(p > 0, zero + xp.inf, xp.where(q > 0, zero - xp.inf, zero))
    return xp.where(inside, xp.where(near, close, far), edge)
