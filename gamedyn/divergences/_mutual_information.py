"""Mutual information of a joint pmf, KL of it against the product of its margins."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import Array, float_arrays
from gamedyn.divergences._evaluate import finished
from gamedyn.divergences._masses import unit_factor, validated
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._quiet import exponential
from gamedyn.divergences._terms import relative_entropy_terms

__all__ = ["mutual_information"]


def mutual_information(
    joint: Any,
    *,
    axes: tuple[int, int] = (-2, -1),
    base: float | None = None,
    keepdims: bool = False,
    normalize: bool | None = False,
    log: bool = False,
    check: bool = True,
    return_estimate: bool = False,
) -> Any:
    """I(X; Y) = sum p(x, y) log(p(x, y) / (p(x) p(y))), in nats: 0 for independent, at most the smaller entropy.

    Parameters
    ----------
    joint : array_like
        Probabilities of the pairs of outcomes along both `axes`.
    axes : (int, int)
        Axes of the outcomes of X and of Y.
    base, log, check, return_estimate : see `FDivergence.__call__`
    keepdims : bool
        Whether both axes stay, with length 1.
    normalize : bool or None
        False or True as there. None: sum p log(p s / (r c)) for masses p of any sum s, with row and column sums r, c.

    Returns
    -------
    array, shape of the batch

    Raises
    ------
    ValueError, TypeError
        If `joint` is no pmf over both axes, or the axes are not two different ones.

    Notes
    -----
    The non-negative terms of KL. Their differences p s - r c are found with the rounding errors of the products, and of
    the margins, added back, so that masses that are nearly independent keep their digits: the relative error is a few
    ulp for every table in double precision.

    References
    ----------
    Dekker (1971), A floating-point technique for extending the available precision: the exact product.

    Examples
    --------
    >>> float(mutual_information([[0.5, 0.0], [0.0, 0.5]], base=2))
    1.0
    >>> float(mutual_information([[0.25, 0.25], [0.25, 0.25]]))
    0.0
    """
    factor = unit_factor(base)
    xp, joint = float_arrays(joint, names=("joint",))
    first, second = _two_axes(joint, axes)
    table = xp.moveaxis(joint, (first, second), (-2, -1))
    shape = table.shape
    size = shape[-2] * shape[-1]
    flat, total = validated(
        xp, xp.reshape(table, (*shape[:-2], size)), "joint", axis=-1, normalize=normalize, log=log, check=check
    )
    if log:
        # The largest of the logarithms may be out of range; the shift comes back as the sum where it counts.
        flat = exponential(xp, flat - total) if normalize else exponential(xp, flat)
    mass = xp.sum(flat, axis=-1, keepdims=True)
    value = xp.sum(_terms(xp, xp.reshape(flat, shape)), axis=(-2, -1))
    if normalize:
        value = value / mass[..., 0]
    if keepdims:
        for axis in sorted((first, second)):
            value = xp.expand_dims(value, axis=axis)
    return finished(xp, value, factor, "sum p log(p / (r c)), in nats", size, return_estimate)


def _two_axes(joint: Array, axes: Any) -> tuple[int, int]:
    if not (isinstance(axes, (tuple, list)) and len(axes) == 2 and all(type(axis) is int for axis in axes)):
        raise TypeError(f"`axes` must be two integers, got {describe(axes)}.")
    if not all(-joint.ndim <= axis < joint.ndim for axis in axes) or (axes[0] - axes[1]) % joint.ndim == 0:
        raise ValueError(f"`axes` must be two different axes of `joint`, got {axes} for shape {tuple(joint.shape)}.")
    first, second = (axis % joint.ndim for axis in axes)
    if 0 in (joint.shape[first], joint.shape[second]):
        raise ValueError(f"`joint` must have at least one pair of outcomes, got shape {tuple(joint.shape)}.")
    return first, second


def _terms(xp: Any, p: Array) -> Array:
    """p log(p s / (r c)) - p + r c / s, with the difference of p and r c / s free of cancellation."""
    s = xp.sum(p, axis=(-2, -1), keepdims=True)
    s = xp.where(s > 0, s, 1.0)
    r, c = xp.sum(p, axis=-1, keepdims=True), xp.sum(p, axis=-2, keepdims=True)
    high, low = _exact_product(xp, *xp.broadcast_arrays(p, s))
    product_high, product_low = _exact_product(xp, *xp.broadcast_arrays(r, c))
    difference = ((high - product_high) + (low - product_low)) / s
    # With exact margins its rows and columns sum to 0: what they sum to is the rounding of r and of c.
    rows, columns = xp.sum(difference, axis=-1, keepdims=True), xp.sum(difference, axis=-2, keepdims=True)
    both = xp.sum(difference, axis=(-2, -1), keepdims=True)
    difference = difference - (rows * c + r * columns - both * r * (c / s)) / s
    # The same in the masses: a correction of their last digit.
    product = r * (c / s)
    terms = relative_entropy_terms(Pair(xp, p, product, given_difference=difference))
    # The product of two faint margins underflows, where the logarithms of its factors do not.
    faint = (product < float(xp.finfo(p.dtype).smallest_normal)) & (p > 4 * product)
    # The rare rest needs a pass of its own, which NumPy can do without: it knows the values.
    if xp is numpy and not faint.any():
        return terms
    r, c, s = xp.broadcast_to(r, p.shape), xp.broadcast_to(c, p.shape), xp.broadcast_to(s, p.shape)
    size = Pair(xp, p, r).log_ratio - Pair(xp, c, s).log_ratio
    return xp.where(faint, p * size - p + product, terms)


def _exact_product(xp: Any, a: Array, b: Array) -> tuple[Array, Array]:
    """a b rounded, and what rounding took away (unless it underflows)."""
    split = 2.0**27 + 1 if a.dtype == xp.float64 else 2.0**12 + 1

    def halves(x: Array) -> tuple[Array, Array]:
        high = split * x - (split * x - x)
        return high, x - high

    (a_high, a_low), (b_high, b_low) = halves(a), halves(b)
    product = a * b
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
