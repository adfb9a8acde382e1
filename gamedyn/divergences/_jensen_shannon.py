"""The Jensen-Shannon divergence, KL(p, m) / 2 + KL(q, m) / 2 with m = (p + q) / 2, also weighted, and its root."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_in_interval
from gamedyn.backend import Array, float_arrays
from gamedyn.divergences._base import FDivergence
from gamedyn.divergences._mapped import root, rooted
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._plain import JENSEN_SHANNON
from gamedyn.divergences._quiet import logarithm
from gamedyn.divergences._terms import jensen_shannon_terms, relative_entropy_terms, tilted_entropy_terms
from gamedyn.numerics import sigmoid, softplus

__all__ = ["JensenShannon", "jensen_shannon_distance", "jensen_shannon_divergence"]


@dataclass(frozen=True, repr=False)
class JensenShannon(FDivergence):
    """JS_w(p, q) = w KL(p, m) + (1 - w) KL(q, m), m = w p + (1 - w) q; f(u) = w u log u - s log s, s = 1 - w + w u.

    At w = 1/2 f is [u log u - (u + 1) log((u + 1) / 2)] / 2, half of the generator that papers on f-GANs list under
    this name, so that the value is at most log 2.

    Parameters
    ----------
    weight : float
        w, strictly between 0 and 1: at both ends the divergence is 0.

    Raises
    ------
    ValueError, TypeError
        If `weight` is no number between 0 and 1.

    Examples
    --------
    >>> float(JensenShannon().critic_from_logit(0.0))  # log(2 D) / 2 at D = 1/2
    0.0
    """

    weight: float = 0.5

    name = "jensen_shannon_divergence"
    plain_forms = JENSEN_SHANNON

    def __post_init__(self) -> None:
        check_in_interval("weight", self.weight, 0.0, 1.0, closed="neither")
        object.__setattr__(self, "weight", float(self.weight))
        if self.weight != 0.5:
            object.__setattr__(self, "plain_forms", ())

    def __repr__(self) -> str:
        return "JensenShannon()" if self.weight == 0.5 else f"JensenShannon(weight={self.weight})"

    @property
    def definition(self) -> str:
        """The formula, for Estimates."""
        if self.weight == 0.5:
            return "sum p log(2p / (p + q)) / 2 + q log(2q / (p + q)) / 2"
        return f"sum w p log(p / m) + (1 - w) q log(q / m), m = w p + (1 - w) q, w = {self.weight:g}"

    @property
    def slope_at_infinity(self) -> float:
        """-w log w."""
        return -self.weight * math.log(self.weight)

    @property
    def slope_at_zero(self) -> float:
        """-(1 - w) log(1 - w)."""
        return -(1 - self.weight) * math.log1p(-self.weight)

    def generator(self, u: Array) -> Array:
        """w u log u - (1 - w + w u) log(1 - w + w u)."""
        xp, u = float_arrays(u, names=("u",))
        return self.terms(Pair(xp, u, xp.ones_like(u)))

    def derivative(self, u: Array) -> Array:
        """w log(u / (1 - w + w u))."""
        xp, u = float_arrays(u, names=("u",))
        # The ratio is 1 + (1 - w) (u - 1) / (1 - w + w u), which keeps the digits next to u = 1.
        mean = 1 - self.weight + self.weight * u
        rest = (1 - self.weight) * (u - 1) / mean
        near = rest > -0.5
        close = xp.log1p(xp.where(near, rest, 0.0))
        return self.weight * xp.where(near, close, logarithm(xp, u / mean))

    def conjugate(self, t: Array) -> Array:
        """(1 - w) log((1 - w) / (1 - w e^(t / w))) for t < -w log w, else inf."""
        xp, t = float_arrays(t, names=("t",))
        w = self.weight
        inside = t < self.slope_at_infinity
        rest = w * xp.expm1(xp.where(inside, t, 0.0) / w) / (1 - w)
        # Next to the end of the domain rounding may carry the argument to it.
        inside = inside & (rest < 1)
        return xp.where(inside, -(1 - w) * xp.log1p(-xp.where(inside, rest, 0.0)), math.inf)

    def output_activation(self, v: Array) -> Array:
        """-w log w - w softplus(-v)."""
        _, v = float_arrays(v, names=("v",))
        return self.slope_at_infinity - self.weight * softplus(-v)

    def critic_from_logit(self, v: Array) -> Array:
        """w log(e^v / (1 - w + w e^v)); at w = 1/2 log(2 sigmoid(v)) / 2."""
        return -self.weight * _log_mean(1 - self.weight, -v)

    def conjugate_from_logit(self, v: Array) -> Array:
        """(1 - w) log(1 - w + w e^v)."""
        return (1 - self.weight) * _log_mean(self.weight, v)

    def terms(self, pair: Pair) -> Array:
        """w times the term of KL(p, m) and 1 - w times that of KL(q, m); at w = 1/2 (p + q) psi(d) / 4."""
        if self.weight == 0.5:
            return jensen_shannon_terms(pair)
        w, xp = self.weight, pair.xp
        # p - m = (1 - w) (p - q) and q - m = w (q - p), exact where p - q is.
        middle, difference = w * pair.p + (1 - w) * pair.q, pair.difference
        real = relative_entropy_terms(Pair(xp, pair.p, middle, given_difference=(1 - w) * difference))
        fake = relative_entropy_terms(Pair(xp, pair.q, middle, given_difference=-w * difference))
        return w * real + (1 - w) * fake

    def gap_terms(self, pair: Pair, logit: Array) -> Array:
        """The terms of KL(w p, s D) + KL((1 - w) q, s (1 - D)), s = w p + (1 - w) q, logit D = logit + logit w."""
        xp, w = pair.xp, self.weight
        logit = logit + (math.log(w) - math.log1p(-w))
        p, q = w * pair.p, (1 - w) * pair.q
        real = tilted_entropy_terms(xp, p, p + q, sigmoid(logit), -softplus(-logit))
        return real + tilted_entropy_terms(xp, q, p + q, sigmoid(-logit), -softplus(logit))


def _log_mean(w: float, v: Array) -> Array:
    """log(1 - w + w e^v), to full relative precision at v = 0 too."""
    xp, v = float_arrays(v, names=("v",))
    fits = v < (700 if v.dtype == xp.float64 else 80)
    return xp.where(fits, xp.log1p(w * xp.expm1(xp.where(fits, v, 0.0))), v + math.log(w))


def jensen_shannon_divergence(
    p: Any,
    q: Any,
    *,
    weight: float = 0.5,
    axis: int = -1,
    base: float | None = None,
    keepdims: bool = False,
    normalize: bool | None = False,
    log: bool = False,
    check: bool = True,
    method: str = "auto",
    return_estimate: bool = False,
    n: int = 100_000,
    rng: Any = None,
) -> Any:
    """JS(p, q) = KL(p, m) / 2 + KL(q, m) / 2 with m = (p + q) / 2, in nats: between 0 and log 2.

    With another `weight` w, w KL(p, m) + (1 - w) KL(q, m) with m = w p + (1 - w) q, at most the entropy of (w, 1 - w).
    The divergence; `jensen_shannon_distance` is its square root.

    Parameters
    ----------
    p, q : array_like or Distribution
        Of one shape along `axis`, or two laws of one event shape.
    weight : float
        w of m = w p + (1 - w) q, strictly between 0 and 1.
    axis, base, keepdims, normalize, log, check, method, return_estimate, n, rng : see `FDivergence.__call__`

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        See `FDivergence.__call__`.

    Notes
    -----
    For weight 1/2 the sum of (p + q) psi(d) / 4 with d = (p - q) / (p + q) and psi(d) = (1 + d) log(1 + d) +
    (1 - d) log(1 - d), whose terms are non-negative; near d = 0 by the series sum d^(2k) / (k (2k - 1)). For others the
    non-negative terms of both KL. The relative error is a few ulp for every p and q, and the value never exceeds its
    bound.

    References
    ----------
    Lin (1991), Divergence measures based on the Shannon entropy.

    Examples
    --------
    >>> float(jensen_shannon_divergence([1.0, 0.0], [0.0, 1.0], base=2))
    1.0
    """
    return JensenShannon(weight)(
        p,
        q,
        axis,
        base=base,
        keepdims=keepdims,
        normalize=normalize,
        log=log,
        check=check,
        method=method,
        return_estimate=return_estimate,
        n=n,
        rng=rng,
    )


def jensen_shannon_distance(
    p: Any,
    q: Any,
    *,
    weight: float = 0.5,
    axis: int = -1,
    base: float | None = None,
    keepdims: bool = False,
    normalize: bool | None = False,
    log: bool = False,
    check: bool = True,
    method: str = "auto",
    return_estimate: bool = False,
    n: int = 100_000,
    rng: Any = None,
) -> Any:
    """The square root of the Jensen-Shannon divergence, a metric for weight 1/2; `base` is applied before the root.

    Parameters
    ----------
    p, q : array_like or Distribution
        Of one shape along `axis`, or two laws of one event shape.
    weight : float
        w of m = w p + (1 - w) q, strictly between 0 and 1.
    axis, base, keepdims, normalize, log, check, method, return_estimate, n, rng : see `FDivergence.__call__`

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        See `FDivergence.__call__`.

    References
    ----------
    Endres and Schindelin (2003), A new metric for probability distributions.

    Examples
    --------
    >>> float(jensen_shannon_distance([1.0, 0.0], [0.0, 1.0], base=2))
    1.0
    """
    squared = JensenShannon(weight)(
        p,
        q,
        axis,
        base=base,
        keepdims=keepdims,
        normalize=normalize,
        log=log,
        check=check,
        method=method,
        return_estimate=return_estimate,
        n=n,
        rng=rng,
    )
    return rooted(squared) if return_estimate else root(squared)
