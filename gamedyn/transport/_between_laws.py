"""Wasserstein distances between laws on the line, by the integral of the difference of their quantile functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_in_interval
from gamedyn.backend import Array, array_namespace, device_of, float_arrays, special, to_device, to_host
from gamedyn.distributions import Distribution, Normal
from gamedyn.numerics import Estimate, integrate
from gamedyn.transport._gaussian import gaussian_wasserstein
from gamedyn.transport._location_scale import LocationScale, as_location_scale, second_order_between
from gamedyn.transport._on_line import wasserstein_on_line
from gamedyn.transport._sample_and_mixture import area_between
from gamedyn.transport._upper_quantiles import has_upper_quantile, upper_quantile

__all__ = ["wasserstein_between_laws"]

_DEPTHS = (690.0, 345.0, 172.0, 86.0, 42 * math.log(2))
"""How far down tails are followed, t = exp(-depth): to the smallest double, or to where 1 - t still resolves t."""

_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 64.0, 128.0, 256.0, 512.0)

_METHOD = "adaptive Gauss-Kronrod quadrature of quantiles"

_DIVERGENT = {True: 1e-6, False: 1e-3}
"""A tail counts as the power 1 / t within this, whether or not its quantiles are free of the rounding of 1 - t."""


def wasserstein_between_laws(
    p: Distribution,
    q: Distribution,
    order: float = 1,
    *,
    power: bool = False,
    tolerance: float = 1e-10,
    return_estimate: bool = False,
) -> Any:
    """W_p = (integral over (0, 1) of |F^-1(u) - G^-1(u)|^p du)^(1/p), between two laws on the line.

    Parameters
    ----------
    p, q : Distribution
        Laws on the line with quantile functions, of batch shapes that broadcast; discrete or with densities. For
        `order` = 2 also normal laws in d dimensions.
    order : float
        p >= 1, finite.
    power : bool
        Whether to return W_p^p.
    tolerance : float
        Bound of the relative error that the quadrature estimates.
    return_estimate : bool
        Whether to return the Estimate, with the quadrature's error estimate.

    Returns
    -------
    array, batch shape, or Estimate
        In the unit of x; inf where the integral diverges, as between Cauchy laws of different scales.

    Raises
    ------
    TypeError
        If an argument is no law.
    ValueError
        For laws in several dimensions, except normal laws and `order` = 2.
    NotImplementedError
        For a law without a quantile function.

    Notes
    -----
    Closed forms: W_2 of laws of one family that differ in location and scale only, W_1 of normal laws; two discrete
    laws are summed over their atoms. W_1 between an Empirical and a Mixture of Normal and Laplace laws is the area
    between their distribution functions, on the host. Else the integral is taken in s = -log t from both ends, u = t
    and u = 1 - t, on the host, each tail followed to t = 1e-300 where both laws have upper quantiles of their own
    (normal, Laplace, Cauchy, Student, uniform, Gumbel, exponential, Weibull, Rayleigh, half-normal, log-normal, Pareto,
    gamma, inverse gamma and beta laws), and to 2^-42 otherwise; what lies beyond is the integral of the power of t that
    the integrand follows there, whose change of exponent enters the error estimate. Gradients flow through closed forms
    only.

    References
    ----------
    Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line.

    Examples
    --------
    >>> from gamedyn.distributions import Cauchy, Exponential
    >>> round(float(wasserstein_between_laws(Exponential(2.0), Exponential(0.5))), 9)  # ordered: 2 - 1/2
    1.5
    >>> float(wasserstein_between_laws(Cauchy(0.0, 1.0), Cauchy(0.0, 2.0)))
    inf
    """
    check_in_interval("order", order, 1, math.inf, closed="left")
    for name, law in (("p", p), ("q", q)):
        if not isinstance(law, Distribution):
            raise TypeError(f"`{name}` must be a Distribution, got {type(law).__name__}.")
    order = float(order)
    found = _closed(p, q, order, power)
    if found is None and order == 1:
        found = _by_area(p, q, power, tolerance)
    if found is None:
        found = _by_quantiles(p, q, order, power, tolerance)
    return found if return_estimate else found.value


def _closed(p: Distribution, q: Distribution, order: float, power: bool) -> Estimate | None:
    if p.event_shape or q.event_shape:
        if order != 2:
            raise ValueError(
                f"`p` and `q` must be laws on the line unless `order` is 2, got event shapes {p.event_shape} and "
                f"{q.event_shape}. Draw samples and use `wasserstein_distance`."
            )
        return _exact(gaussian_wasserstein(p, q, power=power), order, power)
    if p.is_discrete and q.is_discrete:
        return _exact(_between_atoms(p, q, order, power), order, power)
    pair = as_location_scale(p, q)
    if pair is None:
        return None
    if order == 2:
        return _exact(second_order_between(p, q, power), order, power)
    if order == 1 and isinstance(pair.standard, Normal):
        return _exact(_folded_mean(pair), order, power)
    return None


def _by_area(p: Distribution, q: Distribution, power: bool, tolerance: float) -> Estimate | None:
    found = area_between(p, q, tolerance)
    if found is None:
        return None
    value, error, n = found
    place = p.cdf(0.0)
    return _placed(value, error, 1.0, power, n, place, "adaptive Gauss-Kronrod quadrature of distribution functions")


def _exact(value: Array, order: float, power: bool) -> Estimate:
    return Estimate(value, 0 * value, value, value, 1.0, "closed form", 0, _definition(order, power))


def _definition(order: float, power: bool) -> str:
    root = "" if power else f"^(1/{order:g})"
    return f"(integral over (0, 1) of |F^-1(u) - G^-1(u)|^{order:g} du){root}"


def _folded_mean(pair: LocationScale) -> Array:
    """E |shift + stretch Z| = s sqrt(2 / pi) exp(-m^2 / (2 s^2)) + m erf(m / (s sqrt 2)), m and s their magnitudes."""
    xp, shift, stretch = float_arrays(pair.shift, pair.stretch, names=("shift", "stretch"))
    m, s = xp.abs(shift), xp.abs(stretch)
    none = s == 0
    with numpy.errstate(over="ignore"):
        z = m / xp.where(none, xp.ones_like(s), s) / math.sqrt(2)
        spread = s * math.sqrt(2 / math.pi) * xp.exp(-z * z) + m * special(xp).erf(z)
    return xp.where(none, m, spread)


def _between_atoms(p: Distribution, q: Distribution, order: float, power: bool) -> Array:
    batch = numpy.broadcast_shapes(p.batch_shape, q.batch_shape)
    values, masses = [], []
    for law in (p, q):
        points = law.support_points()
        xp = array_namespace(points)
        mass = xp.moveaxis(xp.broadcast_to(xp.exp(law.log_prob(points)), (points.shape[0], *batch)), 0, -1)
        masses.append(mass)
        values.append(xp.broadcast_to(xp.astype(xp.reshape(points, (-1,)), mass.dtype), mass.shape))
    return wasserstein_on_line(values[0], values[1], order, masses[0], masses[1], power=power)


@dataclass(frozen=True)
class _Tails:
    """F^-1 - G^-1 at u = t and at u = 1 - t, for t = exp(-s), on the host."""

    p: Distribution
    q: Distribution
    pair: LocationScale | None
    batch: tuple[int, ...]
    place: tuple[Any, Any]

    def __call__(self, s: numpy.ndarray) -> numpy.ndarray:
        """Shape (n, 2, *batch) for s of shape (n,)."""
        xp, device = self.place
        t = to_device(numpy.exp(-s).reshape(-1, *(1,) * len(self.batch)), xp, device=device)
        with numpy.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return numpy.stack([self._differences(quantile, t) for quantile in (_lower, upper_quantile)], axis=1)

    def _differences(self, quantile: Callable[[Distribution, Array], Array], t: Array) -> numpy.ndarray:
        if self.pair is None:
            found = to_host(quantile(self.p, t)) - to_host(quantile(self.q, t))
        else:
            z = to_host(quantile(self.pair.standard, t))
            found = to_host(self.pair.shift) + to_host(self.pair.stretch) * z
        return numpy.broadcast_to(found, (t.shape[0], *self.batch)).astype(float)


def _lower(law: Distribution, t: Array) -> Array:
    return law.icdf(t)


def _by_quantiles(p: Distribution, q: Distribution, order: float, power: bool, tolerance: float) -> Estimate:
    batch = numpy.broadcast_shapes(p.batch_shape, q.batch_shape)
    pair = as_location_scale(p, q)
    probe = p.icdf(0.5)
    xp, device = array_namespace(probe), device_of(probe)
    tails = _Tails(p, q, pair, batch, (xp, device))
    resolved = has_upper_quantile(p) and has_upper_quantile(q)
    depth, s, size = _followed(tails, _DEPTHS if resolved else _DEPTHS[-1:])
    # In units of the largest share of the root of the integral no power overflows.
    shares = numpy.exp(-s / order).reshape(-1, *(1,) * (size.ndim - 1))
    unit = numpy.max(size * shares, axis=(0, 1))
    unit = numpy.where((unit > 0) & (unit < math.inf), unit, 1.0)
    rest, doubt = _beyond(size[-3:], unit, depth, order, _DIVERGENT[resolved])
    finite = numpy.isfinite(rest)

    def integrand(s: numpy.ndarray) -> numpy.ndarray:
        shares = numpy.exp(-s / order).reshape(-1, *(1,) * (len(batch) + 1))
        return numpy.where(finite, numpy.sum((numpy.abs(tails(s)) / unit * shares) ** order, axis=1), 0.0)

    n = 0
    if finite.any():
        cuts = (*_STEPS, *_jumps(p, q, depth))
        body = integrate(integrand, math.log(2), depth, breakpoints=cuts, tolerance=max(tolerance, 1e-13))
        rest, doubt, n = rest + body.value, doubt + body.standard_error, body.n
    if power:
        return _placed(unit**order * rest, unit**order * doubt, order, power, n, probe)
    known = finite & (rest > 0)
    safe = numpy.where(known, rest, 1.0)
    value = numpy.where(known, unit * safe ** (1 / order), rest)
    return _placed(value, numpy.where(finite, value, 0.0) * doubt / safe / order, order, power, n, probe)


def _followed(tails: _Tails, depths: tuple[float, ...]) -> tuple[float, numpy.ndarray, numpy.ndarray]:
    """The first depth at which no quantile overflows, places s down to it, and |F^-1 - G^-1| there."""
    for depth in depths:
        s = numpy.array([*(x for x in _STEPS if x < depth - 8), depth - 8, depth - 4, depth])
        size = numpy.abs(tails(s))
        if numpy.isfinite(size).all():
            break
    return depth, s, size


def _beyond(size: numpy.ndarray, unit: Any, depth: float, order: float, margin: float) -> tuple[Any, Any]:
    """The integral over t < exp(-depth) of a power of t, by sizes at depth - 8, depth - 4, depth; and its error."""
    with numpy.errstate(divide="ignore", invalid="ignore"):
        slopes = order * numpy.diff(numpy.log(size), axis=0) / 4
        before, last = numpy.where(numpy.isfinite(slopes), slopes, 0.0)
        # A quantile beyond the range of floats counts as infinite.
        steep = last >= 1 - margin
        # A difference that has just passed through zero grows as fast for a moment; before, it shrank.
        diverges = (steep & (before > 0.5)) | ~numpy.isfinite(size[-1])
        room = numpy.where(steep, 1.0, 1 - last)
        last = numpy.where(steep, 0.0, last)
        tail = (size[-1] / unit * math.exp(-depth / order)) ** order / room
        # The exponent goes on changing as it did, over the length 1 / room in which the tail decays.
        doubt = tail * (2 * numpy.abs(last - before) / room * (1 + 1 / room) + margin)
    tail, doubt = numpy.where(diverges, math.inf, tail), numpy.where(diverges, 0.0, doubt)
    return numpy.sum(tail, axis=0), numpy.sum(doubt, axis=0)


def _jumps(p: Distribution, q: Distribution, depth: float) -> list[float]:
    """-log t at the levels where the quantile function of a discrete law jumps."""
    levels: list[float] = []
    for law in (p, q):
        if law.is_discrete:
            points = law.support_points()
            masses = to_host(array_namespace(points).exp(law.log_prob(points)))
            below = numpy.cumsum(masses, axis=0)[:-1]
            above = numpy.cumsum(masses[::-1], axis=0)[:-1]
            levels += [float(x) for side in (below, above) for x in side.ravel() if math.exp(-depth) < x < 0.5]
    return [-math.log(x) for x in levels]


def _placed(
    value: Any, error: Any, order: float, power: bool, n: int, like_this: Array, method: str = _METHOD
) -> Estimate:
    xp, dtype, device = array_namespace(like_this), like_this.dtype, device_of(like_this)
    bounds = numpy.maximum(value - error, 0.0), value + error
    value, error, lower, upper = (
        numpy.asarray(a, dtype=dtype)[()] if xp is numpy else to_device(a, xp, dtype=dtype, device=device)
        for a in (value, error, *bounds)
    )
    return Estimate(value, error, lower, upper, math.nan, method, n, _definition(order, power))
