"""Divergences between two Distributions: closed form, adaptive quadrature, a sum over atoms, or draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import Array, array_namespace, as_generator, device_of, float_arrays, to_device, to_host
from gamedyn.distributions import Distribution
from gamedyn.divergences._closed import closed_form
from gamedyn.divergences._pair import Pair
from gamedyn.numerics import Estimate, integrate

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["between_laws"]

_DIVERGENT = 1e250
_METHODS = ("auto", "closed", "quadrature", "monte_carlo")


def between_laws(divergence: FDivergence, p: Any, q: Any, *, method: str, n: int, rng: Any) -> Estimate:
    """The Estimate of a divergence between two laws in nats; the arguments are documented at `FDivergence.__call__`.

    Quadrature and draws are host-only work; the value comes back to the library and device of the laws.
    """
    check_choice("method", method, _METHODS)
    for name, law in (("p", p), ("q", q)):
        if not isinstance(law, Distribution):
            kind = type(law).__name__
            raise TypeError(f"`{name}` must be a Distribution where the other argument is one, got {kind}.")
    if p.event_shape != q.event_shape:
        raise ValueError(f"`p` and `q` must have one event shape, got {p.event_shape} and {q.event_shape}.")
    if method in ("auto", "closed"):
        value = closed_form(divergence, p, q)
        if value is not None:
            return _exact(divergence, value, "closed form", 0)
        if method == "closed":
            pair = f"{type(p).__name__} and {type(q).__name__}"
            raise ValueError(f"{divergence.name} of {pair} has no closed form. Pass method='quadrature'.")
    if p.is_discrete is not q.is_discrete:
        # Mutually singular: atoms have no density, and a density has no atoms.
        return _exact(divergence, _place(p, q, divergence.supremum), "disjoint supports", 0)
    if method == "monte_carlo":
        return _by_draws(divergence, p, q, n, rng)
    if p.is_discrete:
        return _by_sum(divergence, p, q)
    if p.event_shape == ():
        return _by_quadrature(divergence, p, q)
    if method == "quadrature":
        raise ValueError(f"quadrature serves laws on the line, got event shape {p.event_shape}. Pass 'monte_carlo'.")
    return _by_draws(divergence, p, q, n, rng)


def _batch(p: Distribution, q: Distribution) -> tuple[int, ...]:
    return numpy.broadcast_shapes(p.batch_shape, q.batch_shape)


def _place(p: Distribution, q: Distribution, value: Any) -> Array:
    """`value`, broadcast to the batch, in the library, dtype and device of the laws."""
    probe_p, probe_q = p.log_prob(_origin(p)), q.log_prob(_origin(q))
    xp = array_namespace(probe_p, probe_q)
    host = numpy.broadcast_to(numpy.asarray(value, dtype="float64"), _batch(p, q))
    dtype = xp.result_type(probe_p.dtype, probe_q.dtype)
    return to_device(host, xp, dtype=dtype, device=device_of(probe_p))


def _origin(law: Distribution) -> Any:
    return 0.0 if law.event_shape == () else numpy.zeros(law.event_shape).tolist()


def _exact(divergence: FDivergence, value: Array, method: str, n: int) -> Estimate:
    return Estimate(value, 0.0 * _finite(value), value, value, 1.0, method, n, _definition(divergence, "sum"))


def _definition(divergence: FDivergence, total: str) -> str:
    return divergence.definition.replace("sum", total, 1) + (", in nats" if divergence.in_nats else "")


def _finite(value: Array) -> Array:
    xp = array_namespace(value)
    return xp.where(xp.isfinite(value), value, 0.0)


def _pair(p: Distribution, q: Distribution, x: Array) -> Pair:
    xp, log_p, log_q = float_arrays(p.log_prob(x), q.log_prob(x), names=("p", "q"))
    return Pair.of_logarithms(xp, *xp.broadcast_arrays(log_p, log_q))


def _by_sum(divergence: FDivergence, p: Distribution, q: Distribution) -> Estimate:
    """The sum over all atoms of both laws, along a new first axis."""
    depth = len(_batch(p, q))
    points_p, points_q = to_host(p.support_points()), to_host(q.support_points())
    events = len(p.event_shape)
    flat = numpy.concatenate([points.reshape(-1, *p.event_shape) for points in (points_p, points_q)])
    atoms = numpy.unique(flat, axis=0)
    atoms = atoms.reshape(len(atoms), *(1,) * depth, *atoms.shape[atoms.ndim - events :])
    example = p.support_points()
    xp = array_namespace(example)
    pair = _pair(p, q, to_device(atoms, xp, dtype=example.dtype, device=device_of(example)))
    value = pair.xp.sum(pair.xp.broadcast_to(divergence.terms(pair), (len(atoms), *_batch(p, q))), axis=0)
    return _exact(divergence, value, "sum over atoms", len(atoms))


def _by_quadrature(divergence: FDivergence, p: Distribution, q: Distribution) -> Estimate:
    """The integral of the terms, which are non-negative, so that a small divergence keeps its digits."""
    batch = _batch(p, q)
    probe = p.log_prob(0.0)
    xp, device = array_namespace(probe), device_of(probe)

    def over_line(terms: Callable[[Pair], Array], chosen: numpy.ndarray, tolerance: float) -> Estimate:
        def integrand(x: numpy.ndarray) -> numpy.ndarray:
            points = to_device(x.reshape(-1, *(1,) * len(batch)), xp, device=device)
            values = to_host(terms(_pair(p, q, points)))
            # On its way to infinity the integrand of a divergent integral must not overflow when weighted.
            values = numpy.where(values > _DIVERGENT, numpy.inf, values)
            return numpy.broadcast_to(values, (len(x), *batch)).reshape(len(x), -1)[:, chosen]

        (low_p, high_p), (low_q, high_q) = p.support_bounds, q.support_bounds
        points = sorted({*p.quadrature_points(), *q.quadrature_points()})
        return integrate(integrand, min(low_p, low_q), max(high_p, high_q), breakpoints=points, tolerance=tolerance)

    everything = numpy.arange(math.prod(batch))
    double = probe.dtype == xp.float64 and q.log_prob(0.0).dtype == xp.float64
    variation = over_line(lambda pair: pair.xp.abs(pair.difference) / 2, everything, 1e-2).value
    # A log density carries a rounding of some eps: next to the diagonal, that share of a log-ratio of the size of the
    # total variation is noise, which no refinement removes. One run for each decade of it.
    noise = (1e-14 if double else 1e-5) / numpy.where(variation > 0, variation, 1.0)
    decade = numpy.ceil(numpy.log10(numpy.clip(noise, 1e-12, 0.1)))
    parts = numpy.empty((4, len(everything)))
    evaluations, method = 0, ""
    for exponent in numpy.unique(decade):
        chosen = numpy.flatnonzero(decade == exponent)
        part = over_line(divergence.terms, chosen, 10.0**exponent)
        parts[:, chosen] = part.value, part.standard_error, part.lower, part.upper
        evaluations, method = evaluations + part.n, part.method
    value, error, lower, upper = (_place(p, q, row.reshape(batch)) for row in parts)
    definition = _definition(divergence, "integral of")
    return Estimate(value, error, lower, upper, math.nan, method, evaluations, definition)


def _by_draws(divergence: FDivergence, p: Distribution, q: Distribution, n: int, rng: Any) -> Estimate:
    """The mean of terms / m under m = (p + q) / 2, over n draws of each law.

    Where p and q differ most one of them is drawn often, and for divergences of bounded slope the summands are bounded.
    """
    check_integer("n", n, 2)
    rng = as_generator(rng)
    means, variances = [], []
    for law in (p, q):
        x = law.sample(n, rng=rng)
        if len(law.batch_shape) < len(_batch(p, q)):
            missing = len(_batch(p, q)) - len(law.batch_shape)
            x = array_namespace(x).reshape(x, (n, *(1,) * missing, *x.shape[1:]))
        xp, log_p, log_q = float_arrays(p.log_prob(x), q.log_prob(x), names=("p", "q"))
        log_p, log_q = xp.broadcast_arrays(log_p, log_q)
        # Densities in many dimensions underflow; the ratio of terms to p + q does not change with their scale.
        scale = xp.where(log_p < log_q, log_q, log_p)
        pair = Pair.of_logarithms(xp, log_p - scale, log_q - scale)
        summand = to_host(2 * divergence.terms(pair) / pair.total)
        means.append(summand.mean(axis=0))
        finite = numpy.where(numpy.isfinite(summand), summand, 0.0)
        variances.append(numpy.where(numpy.isfinite(means[-1]), finite.var(axis=0, ddof=1) / n, 0.0))
    value = (means[0] + means[1]) / 2
    error = numpy.sqrt(variances[0] + variances[1]) / 2
    half = 1.959963984540054 * error
    definition = _definition(divergence, "integral of")
    value, error, half = _place(p, q, value), _place(p, q, error), _place(p, q, half)
    return Estimate(value, error, value - half, value + half, 0.95, "draws of both laws", (n, n), definition)
