"""Shannon entropy and cross-entropy."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.divergences._evaluate import is_law, pair_of_masses
from gamedyn.divergences._masses import unit_factor, validated
from gamedyn.numerics import xlogy

__all__ = ["cross_entropy", "entropy"]


def entropy(
    p: Any,
    *,
    axis: int = -1,
    base: float | None = None,
    keepdims: bool = False,
    normalize: bool | None = False,
    log: bool = False,
    check: bool = True,
) -> Array:
    """H(p) = -sum p log p, in nats; of a Distribution, its own entropy (differential for a density).

    Parameters
    ----------
    p : array_like or Distribution
        Probabilities along `axis`.
    axis, base, keepdims, normalize, log, check : see `FDivergence.__call__`

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        See `FDivergence.__call__`.

    Examples
    --------
    >>> float(entropy([0.25, 0.25, 0.25, 0.25], base=2))
    2.0
    """
    factor = unit_factor(base)
    if is_law(p):
        return p.entropy * factor
    xp, p = float_arrays(p, names=("p",))
    p, total = validated(xp, p, "p", axis=axis, normalize=normalize, log=log, check=check)
    if normalize:
        p = p - total if log else p / total
    if log:
        present = p > -math.inf
        log_p = xp.where(present, p, 0.0)
        terms = xp.where(present, -xp.exp(log_p) * log_p, 0.0)
    else:
        terms = -xlogy(p, xp.where(p > 0, p, 1.0))
    value = xp.sum(terms, axis=-1) * factor
    return xp.expand_dims(value, axis=axis) if keepdims else value


def cross_entropy(
    p: Any,
    q: Any,
    *,
    axis: int = -1,
    base: float | None = None,
    keepdims: bool = False,
    normalize: bool | None = False,
    log: bool = False,
    check: bool = True,
) -> Array:
    """H(p, q) = -sum p log q = H(p) + KL(p, q), in nats; inf where p > 0 and q = 0.

    Parameters
    ----------
    p, q : array_like
        Probabilities along `axis`.
    axis, base, keepdims, normalize, log, check : see `FDivergence.__call__`

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        See `FDivergence.__call__`.

    Examples
    --------
    >>> float(cross_entropy([0.5, 0.5], [0.25, 0.25 + 0.5], base=2)) > 1.0
    True
    """
    factor = unit_factor(base)
    pair = pair_of_masses(p, q, axis=axis, normalize=normalize, log=log, check=check)
    xp = pair.xp
    log_q = pair.log_q if log else xp.log(xp.where(pair.q_positive, pair.q, 1.0))
    both = pair.p_positive & pair.q_positive
    terms = xp.where(both, -pair.p * xp.where(both, log_q, 0.0), xp.where(pair.p_positive, math.inf, 0.0 * pair.p))
    value = xp.sum(terms, axis=-1) * factor
    return xp.expand_dims(value, axis=axis) if keepdims else value
