"""Evaluation shared by all f-divergences: pmfs as sums of terms, Distributions handed on to their methods."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.backend import Array, float_arrays
from gamedyn.divergences._blocks import summed
from gamedyn.divergences._masses import common_shape, outcomes_last, unit_factor, validated
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._plain import plain_sum
from gamedyn.numerics import Estimate

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = [
    "at_most",
    "bound_of_masses",
    "evaluate",
    "finished",
    "gap_of_masses",
    "in_unit",
    "is_law",
    "masses_of",
    "pair_of_masses",
    "unit_of",
]


def masses_of(
    p: Array, q: Array, *, axis: int, normalize: bool | None, log: bool, check: bool
) -> tuple[Any, tuple[Array, ...], Callable[..., Pair]]:
    """The namespace, arrays of one batch with their outcomes last (p, q and, to be divided by, their sums), and what
    makes a Pair of them or of a block of them."""
    xp, p, q = float_arrays(p, q, names=("p", "q"))
    p, p_sum = validated(xp, p, "p", axis=axis, normalize=normalize, log=log, check=check)
    q, q_sum = validated(xp, q, "q", axis=axis, normalize=normalize, log=log, check=check)
    p, q = common_shape(xp, p, q, ("p", "q"))
    if not normalize:
        return xp, (p, q), functools.partial(Pair.of_logarithms if log else Pair, xp)
    sums = tuple(xp.broadcast_to(total, (*p.shape[:-1], 1)) for total in (p_sum, q_sum))
    if log:
        return xp, (p, q, *sums), functools.partial(Pair.of_unnormalized_logarithms, xp)
    excess = summed(xp, lambda a, b: a - b, (p, q))
    return xp, (p, q, *sums, excess[..., None]), functools.partial(Pair.of_proportions, xp)


def in_unit(estimate: Estimate, factor: float) -> Estimate:
    """An Estimate in nats, multiplied by `factor`."""
    if factor == 1.0:
        return estimate
    scaled = {name: getattr(estimate, name) * factor for name in ("value", "standard_error", "lower", "upper")}
    definition = f"{estimate.definition.removesuffix(', in nats')}, in units of {1 / factor:.9g} nats"
    return dataclasses.replace(estimate, **scaled, definition=definition)


def unit_of(divergence: FDivergence, base: float | None) -> float:
    """What turns the divergence from nats into logarithms to `base`; an error where there is no logarithm."""
    if base is not None and not divergence.in_nats:
        raise ValueError(f"{divergence.name} has no logarithm, so `base` must be None, got {base}.")
    return unit_factor(base)


def pair_of_masses(p: Array, q: Array, **options: Any) -> Pair:
    """The Pair of p and q, validated, in one piece."""
    _, arrays, make = masses_of(p, q, **options)
    return make(*arrays)


def is_law(value: Any) -> bool:
    """Whether `value` is a Distribution; their package is loaded only for what looks like one: pmfs do without."""
    if not hasattr(value, "log_prob"):
        return False
    from gamedyn.distributions import Distribution

    return isinstance(value, Distribution)


def evaluate(
    divergence: FDivergence,
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
    """The value of `divergence`; the arguments are documented at `FDivergence.__call__`."""
    factor = unit_of(divergence, base)
    if is_law(p) or is_law(q):
        from gamedyn.divergences._laws import between_laws

        estimate = in_unit(between_laws(divergence, p, q, method=method, n=n, rng=rng), factor)
        return estimate if return_estimate else estimate.value
    if divergence.plain_forms and normalize is False and not log and not return_estimate:
        value = plain_sum(divergence, p, q, axis=axis, check=check)
        if value is not None:
            value = value if factor == 1.0 else value * factor
            return numpy.expand_dims(value, axis=axis) if keepdims else value
    xp, arrays, make = masses_of(p, q, axis=axis, normalize=normalize, log=log, check=check)
    # Finite terms may have a sum that overflows: inf.
    with numpy.errstate(over="ignore"):
        value = summed(xp, lambda *block: divergence.terms(make(*block)), arrays)
    if normalize is not None and math.isfinite(divergence.supremum):
        value = at_most(xp, value, divergence.supremum)
    value = xp.expand_dims(value, axis=axis) if keepdims else value
    definition = f"{divergence.definition}{', in nats' if divergence.in_nats else ''}"
    return finished(xp, value, factor, definition, arrays[0].shape[-1], return_estimate)


def at_most(xp: Any, value: Array, bound: float) -> Array:
    """A sum that rounding must not carry past its bound, with the gradient of the sum there too."""
    kind = numpy.float64 if float(xp.finfo(value.dtype).eps) < 1e-9 else numpy.float32
    # Next to 0 the spacing is a subnormal number, which some libraries take for 0.
    bound, unit = float(kind(bound)), float(max(numpy.spacing(kind(bound)), numpy.finfo(kind).tiny))
    value = xp.where(value == math.inf, bound, value)
    over = xp.where(value > bound, value - bound, 0.0)
    # A whole number of units, whose derivative is 0.
    return value - xp.ceil(over / unit) * unit


def finished(xp: Any, value: Array, factor: float, definition: str, n: int, return_estimate: bool) -> Any:
    """An exact value in nats in the unit asked for, or the Estimate that says so."""
    if not return_estimate:
        return value if factor == 1.0 else value * factor
    estimate = Estimate(value, xp.zeros_like(value), value, value, 1.0, "sum", n, definition)
    return in_unit(estimate, factor)


def _with_logit(p: Array, q: Array, logit: Array, axis: int, check: bool) -> tuple[Pair, Array]:
    xp, p, q, logit = float_arrays(p, q, logit, names=("p", "q", "logit"))
    pair = pair_of_masses(p, q, axis=axis, normalize=False, log=False, check=check)
    if check and bool(xp.any(xp.isnan(logit))):
        raise ValueError("`logit` must not hold NaN.")
    logit = outcomes_last(xp, logit, "logit", axis) if logit.ndim > 0 else xp.broadcast_to(logit, pair.p.shape)
    p, logit_ = common_shape(xp, pair.p, logit, ("p", "logit"))
    return Pair(xp, p, xp.broadcast_to(pair.q, p.shape)), logit_


def bound_of_masses(divergence: FDivergence, p: Array, q: Array, logit: Array, *, axis: int, check: bool) -> Array:
    """The sum of p T - q f*(T), documented at `FDivergence.bound`."""
    pair, logit = _with_logit(p, q, logit, axis, check)
    xp = pair.xp
    # An outcome without mass adds nothing, though its critic may be infinite.
    gain = pair.p * xp.where(pair.p_positive, divergence.critic_from_logit(logit), 0.0)
    loss = pair.q * xp.where(pair.q_positive, divergence.conjugate_from_logit(logit), 0.0)
    # Where both are infinite, f* grows faster than T.
    clash = xp.isinf(gain) & xp.isinf(loss)
    return xp.sum(xp.where(clash, -math.inf, xp.where(clash, 0.0, gain) - xp.where(clash, 0.0, loss)), axis=-1)


def gap_of_masses(divergence: FDivergence, p: Array, q: Array, logit: Array, *, axis: int, check: bool) -> Array:
    """The sum of the gap's terms, documented at `FDivergence.gap`."""
    pair, logit = _with_logit(p, q, logit, axis, check)
    return pair.xp.sum(divergence.gap_terms(pair, logit), axis=-1)
