"""Kinds of divergence that samples can estimate: a functional of the log-ratio, and a monotone map of its value."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, describe
from gamedyn.numerics import Estimate, sigmoid, softplus

__all__ = ["KINDS", "Kind", "kind_of"]

_LOG_4 = math.log(4)


@dataclass(frozen=True)
class Kind:
    """A divergence as `of(F)`, F a functional of p and q with F >= E_p gain(v) - E_q loss(v), equal at v = log(p / q).

    For a decreasing map the inequality is the other way round, so that the divergence is never below its bound.

    Parameters
    ----------
    name : str
        The argument of `estimate_divergence`.
    definition : str
        What it is.
    functional : {"kl", "reverse_kl", "jeffreys", "label", "tv", "le_cam", "power"}
        KL(p, q), KL(q, p), their sum, E_p log D + E_q log(1 - D), TV(p, q), Le Cam's divergence, or the integral of
        p^alpha q^(1 - alpha).
    of : callable
        From the value of the functional to that of the divergence.
    alpha : float
        The power, for "power".
    """

    name: str
    definition: str
    functional: str
    of: Callable[[float], float]
    alpha: float = math.nan

    @property
    def bounds(self) -> tuple[float, float]:
        """The smallest and the largest value that the divergence of two laws can have."""
        ends = {"label": (-_LOG_4, 0.0), "tv": (0.0, 1.0), "le_cam": (0.0, 2.0)}.get(self.functional, (0.0, math.inf))
        if self.functional == "power" and 0 < self.alpha < 1:
            ends = (0.0, 1.0)
        elif self.functional == "power":
            ends = (1.0, math.inf)
        # 0 has no sign here.
        low, high = sorted(self.of(end) + 0.0 for end in ends)
        return low, high

    @property
    def shown_range(self) -> str:
        """The range, to six digits."""
        low, high = self.bounds
        return f"[{low:.6g}, {high:.6g}" + ("]" if math.isfinite(high) else ")")

    @property
    def unit(self) -> str:
        """ ", in nats" for divergences with a logarithm."""
        plain = ("tv", "le_cam", "squared_hellinger", "hellinger", "pearson", "neyman", "alpha", "tsallis")
        return "" if self.name in plain else ", in nats"

    def contributions(self, v_x: numpy.ndarray, v_y: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        """(gain, loss) at rows of x and of y, where v estimates log(p / q): F is about mean(gain) - mean(loss).

        The variational form, so that an error of v enters by its square alone, and the gain and the loss are, but for a
        constant, the influence functions of the functional: their variances give its standard error.
        """
        with numpy.errstate(over="ignore"):
            if self.functional == "kl":
                return 1 + v_x, numpy.exp(v_y)
            if self.functional == "reverse_kl":
                return 1 - numpy.exp(-v_x), v_y
            if self.functional == "jeffreys":
                return v_x - numpy.expm1(-v_x), v_y + numpy.expm1(v_y)
            if self.functional == "label":
                return -softplus(-v_x), softplus(v_y)
            if self.functional == "tv":
                return numpy.sign(v_x) / 2, numpy.sign(v_y) / 2
            if self.functional == "le_cam":
                s_x, s_y = 2 * sigmoid(-v_x), 2 * sigmoid(-v_y)
                return 1 - s_x**2, (1 - s_y) * (3 - s_y)
            a = self.alpha
            return a * numpy.exp((a - 1) * v_x), (a - 1) * numpy.exp(a * v_y)

    def best_shift(self, v_x: numpy.ndarray, v_y: numpy.ndarray) -> float:
        """The c that makes the bound at v + c the best on these rows; 0 where none is needed.

        With A = E_p e^((a - 1) v) and B = E_q e^(a v) it is log(A / B): for a = 1 the shift of Donsker and Varadhan.
        """
        if self.functional in ("label", "tv", "le_cam"):
            return 0.0
        if self.functional == "jeffreys":
            return (_log_mean_exp(-v_x) - _log_mean_exp(v_y)) / 2
        a = {"kl": 1.0, "reverse_kl": 0.0}.get(self.functional, self.alpha)
        return _log_mean_exp((a - 1) * v_x) - _log_mean_exp(a * v_y)

    def estimate(
        self,
        value: float,
        error: float,
        level: float,
        method: str,
        n: tuple[int, int],
        definition: str,
        *,
        is_bound: bool = True,
    ) -> Estimate:
        """The Estimate of `of(F)` from that of F: the ends of F's normal interval are mapped, and the standard error
        is half the interval over the quantile, which for a map without curvature is F's own times the slope. Value and
        interval are then cut to the range of the divergence, those of a lower bound at its upper end alone. An infinite
        F, of a bound that overflows, has no error, and ends where it is."""
        if math.isinf(value):
            return Estimate(self.of(value), math.nan, self.of(value), self.of(value), level, method, n, definition)
        quantile = statistics.NormalDist().inv_cdf((1 + level) / 2)
        ends = sorted(self.of(value + side * quantile * error) for side in (-1, 1))
        spread = (ends[1] - ends[0]) / (2 * quantile)
        low, high = self.bounds
        floor = -math.inf if is_bound else low
        # In this order nan stays.
        at, lower, upper = (min(max(x, floor), high) for x in (self.of(value), *ends))
        return Estimate(at, spread, lower, upper, level, method, n, definition)


def _log_mean_exp(values: numpy.ndarray) -> float:
    highest = float(values.max())
    return highest + math.log(float(numpy.mean(numpy.exp(values - highest))))


def _same(value: float) -> float:
    return value


def _hellinger(integral: float) -> float:
    return math.sqrt(max(1 - integral, 0.0))


def _renyi(alpha: float) -> Callable[[float], float]:
    def of(integral: float) -> float:
        # An estimate of the integral may leave its range, where the divergence ends at 0 or at inf.
        if integral <= 0:
            return math.inf if alpha < 1 else 0.0
        return max(math.log(integral) / (alpha - 1), 0.0)

    return of


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("kl", "KL(p, q)", "kl", _same),
        Kind("reverse_kl", "KL(q, p)", "reverse_kl", _same),
        Kind("jeffreys", "KL(p, q) + KL(q, p)", "jeffreys", _same),
        Kind("js", "JS(p, q)", "label", lambda value: (value + _LOG_4) / 2),
        Kind("gan", "the GAN value 2 JS(p, q) - log 4", "label", _same),
        Kind("tv", "TV(p, q)", "tv", _same),
        Kind("le_cam", "integral (p - q)^2 / (p + q)", "le_cam", _same),
        Kind("squared_hellinger", "1 - integral sqrt(p q)", "power", lambda value: 1 - value, 0.5),
        Kind("hellinger", "sqrt(1 - integral sqrt(p q))", "power", _hellinger, 0.5),
        Kind("bhattacharyya", "-log integral sqrt(p q)", "power", lambda value: _renyi(0.5)(value) / 2, 0.5),
        Kind("pearson", "integral (p - q)^2 / q", "power", lambda value: value - 1, 2.0),
        Kind("neyman", "integral (p - q)^2 / p", "power", lambda value: value - 1, -1.0),
    )
}
"""Kinds without a parameter, by name."""

_WITH_ALPHA = ("alpha", "renyi", "tsallis")


def kind_of(name: Any, alpha: Any) -> Kind:
    """The Kind of that name, with its `alpha` where it takes one; alpha = 1, and 0 for "alpha", are the limits KL.

    Raises
    ------
    ValueError
        For an unknown name, an `alpha` that is missing, not wanted, or out of range.
    """
    check_choice("kind", name, (*KINDS, *_WITH_ALPHA))
    if name in KINDS:
        if alpha is not None:
            raise ValueError(f"`alpha` belongs to the kinds 'alpha', 'renyi' and 'tsallis', got it for {name!r}.")
        return KINDS[name]
    if alpha is None:
        raise ValueError(f"`alpha` must be given for the kind {name!r}.")
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float, numpy.floating, numpy.integer)):
        raise TypeError(f"`alpha` must be a number, got {describe(alpha)} of type {type(alpha).__name__}.")
    alpha = float(alpha)
    if not math.isfinite(alpha) or (name != "alpha" and alpha <= 0):
        rule = "finite" if name == "alpha" else "positive and finite"
        raise ValueError(f"`alpha` must be {rule} for the kind {name!r}, got {alpha}.")
    if alpha == 1:
        return Kind(name, f"KL(p, q), the {name} divergence of order 1", "kl", _same)
    if alpha == 0:
        return Kind(name, "KL(q, p), the alpha divergence of order 0", "reverse_kl", _same)
    if name == "renyi":
        definition = f"log(integral p^a q^(1 - a)) / (a - 1), a = {alpha:g}"
        return Kind(name, definition, "power", _renyi(alpha), alpha)
    factor, denominator = ((alpha - 1), "(a - 1)") if name == "tsallis" else (alpha * (alpha - 1), "(a (a - 1))")
    definition = f"(integral p^a q^(1 - a) - 1) / {denominator}, a = {alpha:g}"
    return Kind(name, definition, "power", lambda value: (value - 1) / factor, alpha)
