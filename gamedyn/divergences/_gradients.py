"""Values of f-divergences with hand-written gradients in both arguments, 0 where there is no finite derivative."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gamedyn.backend import Array
from gamedyn.divergences._evaluate import masses_of, unit_of
from gamedyn.divergences._terms import log_ratio

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["value_and_grad_of_masses"]


def value_and_grad_of_masses(
    divergence: FDivergence,
    p: Array,
    q: Array,
    *,
    axis: int,
    base: float | None,
    normalize: bool | None,
    log: bool,
    check: bool,
) -> tuple[Array, tuple[Array, Array]]:
    """Documented at `FDivergence.value_and_grad`."""
    factor = unit_of(divergence, base)
    xp, arrays, make = masses_of(p, q, axis=axis, normalize=normalize, log=log, check=check)
    pair = make(*arrays)
    value = factor * xp.sum(divergence.terms(pair), axis=-1)
    one_sided = xp.where(pair.p_positive, math.inf, xp.zeros_like(pair.p) - math.inf)
    present = pair.p_positive | pair.q_positive
    v = xp.where(pair.p_positive & pair.q_positive, log_ratio(pair), xp.where(present, one_sided, 0.0))
    gradients = [factor * _finite(xp, g, present) for g in divergence.gradients_from_logit(v)]
    if normalize:
        # d/dp D(p / s) = (g - <p / s, g>) / s, s = sum p.
        shares = (pair.p, pair.q)
        gradients = [g - xp.sum(s * g, axis=-1, keepdims=True) for g, s in zip(gradients, shares, strict=True)]
        if not log:
            gradients = [g / total for g, total in zip(gradients, arrays[2:4], strict=True)]
    if log:
        gradients = [g * mass for g, mass in zip(gradients, (pair.p, pair.q), strict=True)]
    first, second = (xp.moveaxis(g, -1, axis) if axis != -1 else g for g in gradients)
    return value, (first, second)


def _finite(xp: Any, gradient: Array, present: Array) -> Array:
    return xp.where(present & xp.isfinite(gradient), gradient, 0.0)
