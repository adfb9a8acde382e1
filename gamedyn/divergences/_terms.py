"""What one outcome adds to KL and JS: non-negative, without cancellation, with finite gradients."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array
from gamedyn.divergences._arrays import jensen_shannon_of_arrays, relative_entropy_of_arrays
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._series import NEAR, jensen_shannon_series, log_ratio_series, relative_entropy_series

__all__ = ["jensen_shannon_terms", "log_ratio", "relative_entropy_terms", "tilted_entropy_terms"]


def log_ratio(pair: Pair) -> Array:
    """log(p / q) to full relative precision next to p = q too, 0 where either is 0."""
    xp, d = pair.xp, pair.contrast
    near = xp.abs(d) < NEAR
    return xp.where(near, log_ratio_series(xp.where(near, d, 0.0)), pair.log_ratio)


def relative_entropy_terms(pair: Pair) -> Array:
    """p log(p / q) - p + q: q where p = 0, inf where p > 0 and q is 0 or infinite."""
    fast = relative_entropy_of_arrays(pair.p, pair.q, pair.difference) if pair.log_p is None else None
    if fast is not None:
        return fast
    xp, d = pair.xp, pair.contrast
    near = xp.abs(d) < NEAR
    close = relative_entropy_series(pair.difference, xp.where(near, d, 0.0))
    far = pair.p * pair.log_ratio - pair.difference
    one_sided = xp.where(pair.p_positive, math.inf, pair.q)
    return xp.where(near, close, xp.where(pair.p_positive & pair.q_positive, far, one_sided))


def tilted_entropy_terms(xp: Any, p: Array, q: Array, tilt: Array, log_tilt: Array) -> Array:
    """The terms of KL(p, q tilt) for a tilt >= 0 and its logarithm: inf where the tilt is, and q > 0."""
    tilted = q * xp.where(q > 0, tilt, 0.0)
    finite = tilted < float(xp.finfo(q.dtype).max) / 4
    value = xp.where(finite, relative_entropy_terms(Pair(xp, p, xp.where(finite, tilted, 1.0))), math.inf)
    # A tilt that underflows has a logarithm still, far from that of p.
    tiny = float(xp.finfo(q.dtype).smallest_normal)
    faint = (tilted < tiny) & (p > 4 * tilted) & (q > 0) & (log_tilt > -math.inf)
    one = xp.ones_like(p)
    size = Pair(xp, xp.where(faint, p, one), xp.where(faint, q, one)).log_ratio - xp.where(faint, log_tilt, 0.0)
    return xp.where(faint, p * size - p + tilted, value)


def jensen_shannon_terms(pair: Pair) -> Array:
    """[p log(2p / (p + q)) + q log(2q / (p + q))] / 2."""
    fast = jensen_shannon_of_arrays(pair.p, pair.q, pair.difference) if pair.log_p is None else None
    if fast is not None:
        return fast
    xp, d = pair.xp, pair.contrast
    near = xp.abs(d) < NEAR
    close = jensen_shannon_series(pair.difference, xp.where(near, d, 0.0))
    far = (_half(xp, pair.p, pair.total) + _half(xp, pair.q, pair.total)) / 2
    # An outcome without mass in one of them adds nothing to the derivative in that one, which is infinite.
    lone = xp.where(pair.p_positive, pair.p, pair.q) * (math.log(2) / 2)
    return xp.where(near, close, xp.where(pair.p_positive & pair.q_positive, far, lone))


def _half(xp: Any, mass: Array, total: Array) -> Array:
    """mass log(2 mass / total), 0 where there is no mass."""
    share = xp.where(mass > 0, mass, 1.0) / xp.where(mass > 0, total, 1.0)
    return mass * xp.log(2 * xp.where(share > 0, share, 1.0))
