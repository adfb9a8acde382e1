"""Shannon entropy and cross-entropy."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.divergences._evaluate import is_law, masses_of
from gamedyn.divergences._kullback_leibler import kl_divergence
from gamedyn.divergences._masses import unit_factor, validated
from gamedyn.divergences._quiet import exponential, logarithm

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
        Logits are log=True, normalize=True.

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
    log_p = _logarithms(xp, p, total if normalize else None, log)
    present = log_p > -math.inf
    mass = exponential(xp, log_p) if log else p / total if normalize else p
    value = xp.sum(xp.where(present, -mass * xp.where(present, log_p, 0.0), 0.0), axis=-1) * factor
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
    p, q : array_like or Distribution
        Probabilities along `axis`, or two laws of one event shape.
    axis, base, keepdims, normalize, log, check : see `FDivergence.__call__`
        Logits are log=True, normalize=True.

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        See `FDivergence.__call__`.

    Examples
    --------
    >>> float(cross_entropy([0.5, 0.5, 0.0], [0.25, 0.5, 0.25], base=2))  # (2 + 1) / 2
    1.5
    """
    factor = unit_factor(base)
    if is_law(p) or is_law(q):
        return (entropy(p) + kl_divergence(p, q)) * factor
    xp, arrays, make = masses_of(p, q, axis=axis, normalize=normalize, log=log, check=check)
    pair = make(*arrays)
    log_q = _logarithms(xp, arrays[1], arrays[3] if normalize else None, log)
    both = pair.p_positive & pair.q_positive
    terms = xp.where(both, -pair.p * xp.where(both, log_q, 0.0), xp.where(pair.p_positive, math.inf, 0.0 * pair.p))
    value = xp.sum(terms, axis=-1) * factor
    return xp.expand_dims(value, axis=axis) if keepdims else value


def _logarithms(xp: Any, masses: Array, total: Array | None, log: bool) -> Array:
    """log(masses / total), -inf for empty outcomes; `masses` are logarithms already where `log`, and so is `total`."""
    if log:
        return masses if total is None else masses - total
    if total is None:
        return logarithm(xp, masses)
    # The share of an outcome that has nearly everything rounds to 1; what the others have does not.
    heavy = masses > total / 2
    rest = xp.sum(xp.where(heavy, 0.0, masses), axis=-1, keepdims=True)
    close = xp.log1p(-xp.where(heavy, rest / total, 0.0))
    return xp.where(heavy, close, logarithm(xp, masses / total))
