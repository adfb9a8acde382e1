"""The Bhattacharyya distance, -log sum sqrt(p q)."""

from __future__ import annotations

from typing import Any

from gamedyn.divergences._evaluate import finished, is_law, masses_of
from gamedyn.divergences._mapped import mapped
from gamedyn.divergences._masses import unit_factor
from gamedyn.divergences._renyi import log_affinity, renyi_divergence
from gamedyn.numerics import Estimate

__all__ = ["bhattacharyya_distance"]


def bhattacharyya_distance(
    p: Any,
    q: Any,
    *,
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
    """B(p, q) = -log sum sqrt(p q) = -log(1 - H^2(p, q)), in nats: half of Renyi's divergence of order 1/2.

    inf for disjoint supports. No metric: it breaks the triangle inequality, which the Hellinger distance keeps.

    Parameters
    ----------
    p, q : array_like or Distribution
        Of one shape along `axis`, or two laws of one event shape.
    axis, base, keepdims, log, check, method, return_estimate, n, rng : see `FDivergence.__call__`
    normalize : bool or None
        False or True as there. None: -log sum sqrt(p q) for masses of any sum, which has either sign.

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        See `FDivergence.__call__`.

    References
    ----------
    Bhattacharyya (1943), On a measure of divergence between two statistical populations defined by their probability
    distributions.

    Examples
    --------
    >>> round(float(bhattacharyya_distance([1.0, 0.0], [0.25, 0.75])), 12)  # -log sqrt(1/4)
    0.69314718056
    """
    definition = "-log sum sqrt(p q), in nats"
    if is_law(p) or is_law(q):
        found: Estimate = renyi_divergence(p, q, 0.5, base=base, method=method, return_estimate=True, n=n, rng=rng)
        unit = found.definition.partition(", in ")[2]
        definition = f"-log integral of sqrt(p q), in {unit}"
        half = mapped(found, lambda r: r / 2, lambda r: 0.5 + 0 * r, definition)
        return half if return_estimate else half.value
    factor = unit_factor(base)
    xp, arrays, make = masses_of(p, q, axis=axis, normalize=normalize, log=log, check=check)
    value = -log_affinity(xp, arrays, make, 0.5, normalize is None)
    if normalize is None:
        value = value - xp.log(xp.sum(make(*arrays).p, axis=-1))
    # The logarithm of 1 is 0, not -0.
    value = xp.expand_dims(value + 0.0, axis=axis) if keepdims else value + 0.0
    return finished(xp, value, factor, definition, arrays[0].shape[-1], return_estimate)
