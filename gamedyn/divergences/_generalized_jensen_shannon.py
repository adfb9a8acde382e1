"""The Jensen-Shannon divergence of any number of pmfs, sum w_i KL(p_i, m) with m = sum w_i p_i."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import Array, float_arrays, to_host
from gamedyn.divergences._evaluate import at_most, finished
from gamedyn.divergences._masses import unit_factor, validated
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._terms import relative_entropy_terms

__all__ = ["generalized_jensen_shannon_divergence"]


def generalized_jensen_shannon_divergence(
    masses: Sequence[Any],
    weights: Any = None,
    *,
    axis: int = -1,
    base: float | None = None,
    keepdims: bool = False,
    normalize: bool | None = False,
    log: bool = False,
    check: bool = True,
    return_estimate: bool = False,
) -> Any:
    """JS(p_1, ..., p_k) = sum w_i KL(p_i, m) = H(m) - sum w_i H(p_i) with m = sum w_i p_i, in nats.

    Between 0, where all are equal, and the entropy of the weights, where all supports are disjoint; of two pmfs with
    equal weights the Jensen-Shannon divergence.

    Parameters
    ----------
    masses : sequence of array_like
        p_1, ..., p_k: probabilities along `axis`, broadcast over the other axes.
    weights : array_like, shape (k,), optional
        w_i >= 0 of sum 1; equal ones where not given.
    axis, base, keepdims, normalize, log, check, return_estimate : see `FDivergence.__call__`

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        See `FDivergence.__call__`; if there are no masses, or `weights` are no pmf of k entries.

    Notes
    -----
    Non-negative terms, from the differences p_i - p_j of every pair of masses, so that nothing cancels where all are
    close: k (k - 1) / 2 passes.

    References
    ----------
    Lin (1991), Divergence measures based on the Shannon entropy.

    Examples
    --------
    >>> p = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    >>> round(float(generalized_jensen_shannon_divergence(p, base=3)), 12)
    1.0
    """
    factor = unit_factor(base)
    masses = list(masses)
    shares = _weights(weights, len(masses))
    names = tuple(f"masses[{i}]" for i in range(len(masses)))
    xp, *arrays = float_arrays(*masses, names=names)
    options: dict[str, Any] = {"axis": axis, "normalize": normalize, "log": log, "check": check}
    checked = [validated(xp, array, name, **options) for array, name in zip(arrays, names, strict=True)]
    shapes = [tuple(array.shape) for array, _ in checked]
    if len({shape[-1] for shape in shapes}) > 1:
        raise ValueError(f"`masses` must have one number of outcomes, got shapes {shapes} with the outcomes last.")
    try:
        batch = numpy.broadcast_shapes(*shapes)
    except ValueError as error:
        raise ValueError(f"`masses` must have shapes that broadcast, got {shapes} with the outcomes last.") from error
    # A weight of 0 takes its pmf out.
    kept = [(share, *parts) for share, parts in zip(shares, checked, strict=True) if share > 0]
    terms = _terms(xp, [share for share, _, _ in kept], [part[1:] for part in kept], bool(normalize), log, batch)
    value = xp.sum(terms, axis=-1)
    if normalize is not None:
        value = at_most(xp, value, -math.fsum(share * math.log(share) for share, _, _ in kept))
    value = xp.expand_dims(value, axis=axis) if keepdims else value
    return finished(xp, value, factor, "sum w_i p_i log(p_i / m), in nats", batch[-1], return_estimate)


def _weights(weights: Any, count: int) -> list[float]:
    if count == 0:
        raise ValueError("`masses` must hold at least one pmf, got none.")
    if weights is None:
        return [1 / count] * count
    host = numpy.asarray(to_host(weights), dtype="float64")
    if host.shape != (count,):
        raise ValueError(f"`weights` must have one entry for each of {count} pmfs, got shape {host.shape}.")
    if not (host >= 0).all():
        raise ValueError(f"`weights` must be non-negative, got {describe(float(host[~(host >= 0)][0]))}.")
    if not abs(float(host.sum()) - 1) <= 1e-8:
        raise ValueError(f"`weights` must sum to 1, got {float(host.sum()):.9g}.")
    return [float(share) for share in host / host.sum()]


def _terms(xp: Any, shares: list[float], parts: list[Any], proportions: bool, log: bool, batch: Any) -> Array:
    """What each outcome adds: the weighted terms of KL(p_i, m)."""

    def pair(i: int, j: int) -> Pair:
        (p, p_sum), (q, q_sum) = parts[i], parts[j]
        p, q = xp.broadcast_to(p, batch), xp.broadcast_to(q, batch)
        if log:
            return (
                Pair.of_unnormalized_logarithms(xp, p, q, p_sum, q_sum) if proportions else Pair.of_logarithms(xp, p, q)
            )
        if not proportions:
            return Pair(xp, p, q)
        return Pair.of_proportions(xp, p, q, p_sum, q_sum, xp.sum(p - q, axis=-1, keepdims=True))

    count = len(shares)
    found = [pair(i, i).p for i in range(count)]
    middle = sum((share * p for share, p in zip(shares, found, strict=True)), start=xp.zeros_like(found[0]))
    # p_i - m = sum_j w_j (p_i - p_j)
    away = [xp.zeros_like(middle) for _ in range(count)]
    for i in range(count):
        for j in range(i):
            difference = pair(i, j).difference
            away[i] = away[i] + shares[j] * difference
            away[j] = away[j] - shares[i] * difference
    total = xp.zeros_like(middle)
    for share, p, difference in zip(shares, found, away, strict=True):
        total = total + share * relative_entropy_terms(Pair(xp, p, middle, given_difference=difference))
    return total
