"""KL between two laws of extreme values: Gumbel, and of the Weibull type, which the logarithm turns into it."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.distributions import Exponential, Rayleigh, Weibull
from gamedyn.divergences._excess import log_ratio
from gamedyn.numerics import expm1_gap, gammaln_bregman, gammaln_difference

__all__ = ["kl_between_gumbels", "kl_between_weibulls"]


def _kl(ratio_change: Array, shift: Array) -> Array:
    """[log Gamma(r) - psi(1) (r - 1)] + [e^u - 1 - u], u = shift + log Gamma(1 + r).

    r is the ratio of the scales of p and q, shift the location of q less that of p over the scale of q. The first part
    is the excess of log Gamma over its tangent at 1, the second what the best location leaves.
    """
    return gammaln_bregman(1.0, ratio_change) + expm1_gap(shift + gammaln_difference(2.0, ratio_change))


def kl_between_gumbels(p: Any, q: Any) -> Array:
    """log(b2 / b1) + gamma (r - 1) + e^d Gamma(1 + r) - 1 - d with r = b1 / b2 and d = (m2 - m1) / b2."""
    _, m1, b1, m2, b2 = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    return _kl((b1 - b2) / b2, (m2 - m1) / b2)


def _scale_and_shape(law: Any) -> tuple[Any, Any]:
    if isinstance(law, Weibull):
        return law.scale, law.concentration
    return (math.sqrt(2) * law.scale, 2.0) if isinstance(law, Rayleigh) else (1 / law.rate, 1.0)


def kl_between_weibulls(p: Weibull | Rayleigh | Exponential, q: Weibull | Rayleigh | Exponential) -> Array:
    """That of the Gumbel laws of -log x, with location -log scale and scale 1 / shape."""
    names = ("p.scale", "p.concentration", "q.scale", "q.concentration")
    xp, l1, k1, l2, k2 = float_arrays(*_scale_and_shape(p), *_scale_and_shape(q), names=names)
    return _kl((k2 - k1) / k1, k2 * log_ratio(xp, l1, l2))
