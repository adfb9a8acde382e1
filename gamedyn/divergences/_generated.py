"""The f-divergence of any convex function; derivative and conjugate are found numerically where not given."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import Array, float_arrays
from gamedyn.divergences._base import FDivergence
from gamedyn.divergences._evaluate import is_law
from gamedyn.divergences._legendre import legendre_transform, slope_of
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._quiet import exponential

__all__ = ["GeneratedDivergence"]


@dataclass(frozen=True, eq=False, repr=False)
class GeneratedDivergence(FDivergence):
    """D_f(p, q) = sum q f(p / q) of a function f, convex on u >= 0.

    Parameters
    ----------
    f : callable
        Of an array u >= 0 of any shape; its value at 0 is its limit there, inf allowed, and f(1) = 0.
    f_prime : callable, optional
        f'(u). Where it is not given: complex step if f is analytic and takes complex arrays, to a few roundings; else
        differences of order 6, to about 1e-13 (|f(u)| / u + |f'(u)|), which blur a kink that is nearer than 2 % of u.
    f_star : callable, optional
        The conjugate, sup over u >= 0 of u t - f(u). Where it is not given: a search on the host over u from
        1e-154 to 1e154 (1e-19 to 1e19 in single precision), to about eps (|u t| + |f(u)|) at the maximiser u, and to
        sqrt(eps) at the end of the domain where the supremum is only a limit. 900 evaluations of f.
    slope_at_infinity : float, optional
        lim f(u) / u for u -> inf, inf allowed; nan says that it is not known. Needed where p > 0 = q.

    Raises
    ------
    TypeError
        If a function is not callable.

    Notes
    -----
    The terms q f(p / q) - f'(1) (p - q) cancel where p is close to q: the error is of the order of eps, so that values
    below that have no digits. So do `gap` and `conjugate_from_logit`. The named classes do not cancel. Logits count as
    at most 177 in size (22 in single precision).

    Examples
    --------
    >>> triangular = GeneratedDivergence(lambda u: (u - 1) ** 2 / (u + 1), slope_at_infinity=1.0)
    >>> round(float(triangular([1.0, 0.0], [0.0, 1.0])), 12)
    2.0
    >>> round(float(triangular.conjugate(0.75)), 12)  # 4 - t - 4 sqrt(1 - t)
    1.25
    """

    f: Callable[[Array], Array]
    f_prime: Callable[[Array], Array] | None = None
    f_star: Callable[[Array], Array] | None = None
    slope_at_infinity: float = math.nan

    name = "f_divergence"
    definition = "sum q f(p / q)"
    in_nats = False

    def __post_init__(self) -> None:
        for name in ("f", "f_prime", "f_star"):
            value = getattr(self, name)
            if not callable(value) and not (value is None and name != "f"):
                kind = type(value).__name__
                raise TypeError(f"`{name}` must be a callable, got {describe(value)} of type {kind}.")

    def __repr__(self) -> str:
        return f"GeneratedDivergence({getattr(self.f, '__name__', repr(self.f))})"

    @property
    def slope_at_zero(self) -> float:
        """f(0); inf, which bounds nothing, for a function that takes arrays of another library alone."""
        try:
            with numpy.errstate(all="ignore"):
                return float(self.generator(0.0))
        except TypeError:
            return math.inf

    def generator(self, u: Array) -> Array:
        """f(u), as given."""
        _, u = float_arrays(u, names=("u",))
        return self.f(u)

    def derivative(self, u: Array) -> Array:
        """f'(u), as given or found numerically."""
        xp, u = float_arrays(u, names=("u",))
        return slope_of(xp, self.f, u) if self.f_prime is None else self.f_prime(u)

    def conjugate(self, t: Array) -> Array:
        """f*(t), as given or found numerically."""
        xp, t = float_arrays(t, names=("t",))
        return legendre_transform(xp, self.f, t, self.slope_at_infinity) if self.f_star is None else self.f_star(t)

    def critic_from_logit(self, v: Array) -> Array:
        """f'(e^v)."""
        return self.derivative(_ratio(v))

    def conjugate_from_logit(self, v: Array) -> Array:
        """f*(f'(e^v)), or e^v f'(e^v) - f(e^v) where f* is not given."""
        u = _ratio(v)
        slope = self.derivative(u)
        return u * slope - self.generator(u) if self.f_star is None else self.f_star(slope)

    def gradients_from_logit(self, v: Array) -> tuple[Array, Array]:
        """f'(u) - f'(1) and f(u) - u f'(u) + f'(1)."""
        _, v = float_arrays(v, names=("v",))
        centre = self.derivative(0 * _ratio(v) + 1)
        return self.critic_from_logit(v) - centre, centre - self.conjugate_from_logit(v)

    def terms(self, pair: Pair) -> Array:
        """q f(p / q) - f'(1) (p - q); NaN where p > 0 = q and the slope at infinity is not known."""
        xp = pair.xp
        centre = self.derivative(xp.ones_like(pair.p[..., :1]))
        slope = self.slope_at_infinity
        # inf times a mass that is not there would be NaN.
        lone = pair.p * (slope - centre) if not math.isinf(slope) else slope
        u = _quotient(pair)
        large = u > _largest(xp, u)
        with numpy.errstate(divide="ignore", over="ignore", invalid="ignore"):
            value = pair.q * self.f(xp.where(large, 1.0, u)) - centre * pair.difference
            if math.isfinite(slope):
                # f(u) = slope u to all digits, where u^2 would already overflow.
                far = lone
            else:
                # p f(u) / u, since q may have underflowed.
                ratio = xp.where(xp.isfinite(u) & large, u, float(xp.finfo(u.dtype).max) / 4)
                far = xp.where(pair.p > 0, pair.p * (self.f(ratio) / ratio - centre), 0.0)
        value = xp.where(large, far, value)
        return xp.where(pair.q_positive, value, xp.where(pair.p_positive, lone, 0.0 * pair.p))

    def gap_terms(self, pair: Pair, logit: Array) -> Array:
        """q [f(u) - f(w) - f'(w) (u - w)] at u = p / q and w = e^logit."""
        xp, w = pair.xp, _ratio(logit)
        slope, u = self.derivative(w), _quotient(pair)
        value = pair.q * (self.f(u) - self.f(w) - slope * (u - w))
        lone = pair.p * (self.slope_at_infinity - slope)
        value = xp.where(pair.q_positive, value, xp.where(pair.p_positive, lone, 0.0 * pair.p))
        return xp.where(value < 0, 0.0, value)

    def __call__(self, p: Array, q: Array, axis: int = -1, **options: Any) -> Array:
        """As for every f-divergence; see `FDivergence.__call__`.

        Raises
        ------
        ValueError
            See `FDivergence.__call__`; if f returns NaN at a ratio, or the slope is needed and not given.
        """
        if math.isnan(self.slope_at_infinity) and (is_law(p) or is_law(q)):
            raise ValueError("`slope_at_infinity` must be given for Distributions: ratios of densities know no bound.")
        value = super().__call__(p, q, axis, **options)
        if options.get("check", True):
            xp, number = float_arrays(getattr(value, "value", value), names=("value",))
            if bool(xp.any(xp.isnan(number))):
                raise self._complaint()
        return value

    def _complaint(self) -> ValueError:
        if math.isnan(self.slope_at_infinity) and not math.isnan(self.slope_at_zero):
            return ValueError(
                "`slope_at_infinity` must be given, since p > 0 where q = 0 in some outcome, or `f` is not defined at "
                "every ratio p / q >= 0."
            )
        return ValueError("`f` must be defined at every ratio p / q >= 0, got NaN. Give it its limit at 0.")


def _largest(xp: Any, v: Array) -> float:
    """The fourth root of the largest number."""
    largest = float(xp.finfo(v.dtype).max)
    return math.sqrt(math.sqrt(largest))


def _ratio(v: Array) -> Array:
    """e^v, at most the fourth root of the largest number and at least its inverse."""
    xp, v = float_arrays(v, names=("v",))
    limit = math.log(_largest(xp, v))
    v = xp.where(v < limit, v, limit)
    return xp.exp(xp.where(v > -limit, v, -limit))


def _quotient(pair: Pair) -> Array:
    """p / q, 1 where q = 0."""
    xp = pair.xp
    if pair.log_p is not None:
        # Densities may underflow where their ratio does not.
        ratio = xp.where(pair.p_positive, exponential(xp, pair.log_ratio), 0.0)
        return xp.where(pair.q_positive, ratio, 1.0)
    with numpy.errstate(over="ignore"):
        return xp.where(pair.q_positive, pair.p / xp.where(pair.q_positive, pair.q, 1.0), 1.0)
