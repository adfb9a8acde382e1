"""Tsallis' relative entropy, (sum p^alpha q^(1 - alpha) - 1) / (alpha - 1)."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array
from gamedyn.divergences._alpha import AlphaDivergence, check_alpha
from gamedyn.divergences._evaluate import evaluate, is_law
from gamedyn.divergences._mapped import mapped
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._power_terms import alpha_terms, mean_gap_terms
from gamedyn.numerics import Estimate

__all__ = ["tsallis_divergence"]


class _Tsallis(AlphaDivergence):
    """alpha times the alpha divergence, finite at alpha = 0."""

    name = "tsallis_divergence"
    slope_at_zero = 1.0

    @property
    def definition(self) -> str:
        if self.alpha == 1:
            return "sum p log(p / q) - p + q"
        return f"sum (p^a q^(1 - a) - a p - (1 - a) q) / (a - 1), a = {self.alpha:g}"

    @property
    def slope_at_infinity(self) -> float:
        return self.alpha / (1 - self.alpha) if self.alpha < 1 else math.inf

    def terms(self, pair: Pair) -> Array:
        if self.alpha < 0.5:
            return mean_gap_terms(pair, self.alpha) / (1 - self.alpha)
        return self.alpha * alpha_terms(pair, self.alpha)


def tsallis_divergence(
    p: Any,
    q: Any,
    alpha: float,
    *,
    axis: int = -1,
    keepdims: bool = False,
    normalize: bool | None = False,
    log: bool = False,
    check: bool = True,
    method: str = "auto",
    return_estimate: bool = False,
    n: int = 100_000,
    rng: Any = None,
) -> Any:
    """T_alpha(p, q) = (sum p^alpha q^(1 - alpha) - 1) / (alpha - 1): alpha times the alpha divergence.

    The limits are q(p = 0) at alpha = 0 and KL(p, q), in nats, at 1.

    Parameters
    ----------
    p, q : array_like or Distribution
        Of one shape along `axis`, or two laws of one event shape.
    alpha : float
        The order, finite and not negative: negative orders give negative values and are refused.
    axis, keepdims, normalize, log, check, method, return_estimate, n, rng : see `FDivergence.__call__`

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        See `FDivergence.__call__`; if `alpha` is no number in [0, inf).

    References
    ----------
    Tsallis (1998), Generalized entropy-based criterion for consistent testing.

    Examples
    --------
    >>> round(float(tsallis_divergence([0.5, 0.5], [0.25, 0.75], 2.0)), 12)  # 1 + 1/3 - 1
    0.333333333333
    """
    divergence = _Tsallis(check_alpha(alpha, minimum=0.0))
    options: dict[str, Any] = {"method": method, "return_estimate": return_estimate, "n": n, "rng": rng}
    if (is_law(p) or is_law(q)) and alpha > 0:
        # Closed forms are known by the name of the alpha divergence.
        options["return_estimate"] = True
        found: Estimate = evaluate(AlphaDivergence(alpha), p, q, **options)
        scaled = mapped(found, lambda d: alpha * d, lambda d: alpha + 0 * d, f"{alpha:g} times {found.definition}")
        return scaled if return_estimate else scaled.value
    return divergence(p, q, axis, keepdims=keepdims, normalize=normalize, log=log, check=check, **options)
