"""Divergences of many laws from one, with the gradients that the optimal discriminator gives a generator."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.distributions import Distribution
from gamedyn.divergences import jensen_shannon_divergence, kl_divergence
from gamedyn.dynamics._track_masses import Curve, bernoulli_gap
from gamedyn.numerics import integrate, sigmoid
from gamedyn.objectives import OptimalDiscriminator
from gamedyn.transport import wasserstein_between_laws

__all__ = ["measures_of_laws"]


def measures_of_laws(p: Distribution, laws: list[Distribution], logits: Any) -> dict[str, Curve]:
    """{measure: the function that computes its curve}.

    Parameters
    ----------
    p : Distribution
    laws : list of Distribution
    logits : list of callable, or None
    """
    pairs = [OptimalDiscriminator(p, q) for q in laws]  # names laws that do not go together
    js = functools.cache(lambda: _curve(lambda q: jensen_shannon_divergence(p, q), laws))
    signals = functools.cache(lambda: numpy.array([_signals(pair) for pair in pairs]))
    found: dict[str, Curve] = {
        "kl": lambda: _curve(lambda q: kl_divergence(p, q), laws),
        "reverse_kl": lambda: _curve(lambda q: kl_divergence(q, p), laws),
        "js": js,
        "gan_value": lambda: 2 * js() - math.log(4),
    }
    if p.event_shape != ():
        return found
    found["wasserstein"] = lambda: _curve(lambda q: wasserstein_between_laws(p, q), laws)
    if not p.is_discrete:
        found["saturating_gradient"] = lambda: signals()[:, 0]
        found["nonsaturating_gradient"] = lambda: signals()[:, 1]
    if logits is not None:
        found["discriminator_gap"] = lambda: numpy.array(
            [_gap(pair, logit) for pair, logit in zip(pairs, logits, strict=True)]
        )
    return found


def _curve(function: Any, laws: list[Distribution]) -> numpy.ndarray:
    return numpy.array([float(function(q)) for q in laws], dtype=float)


def _cuts(laws: tuple[Distribution, ...], lower: float, upper: float) -> tuple[float, ...]:
    ends = {x for law in laws for x in (*law.quadrature_points(), *law.support_bounds)}
    return tuple(sorted(x for x in ends if lower < x < upper))


def _signals(pair: OptimalDiscriminator) -> tuple[float, float]:
    """Root mean squares over q of d/dx log(1 - D) = -D v' and d/dx -log D = -(1 - D) v', v the optimal logit."""
    lower, upper = pair.q.support_bounds

    def squares(x: numpy.ndarray) -> numpy.ndarray:
        with numpy.errstate(all="ignore"):
            q, v = numpy.exp(to_host(pair.q.log_prob(x))), to_host(pair(x))
            slope = to_host(pair.input_gradient(x))
            inside = (q > 0) & numpy.isfinite(v)
            slope = numpy.where(inside, slope, 0.0)
            both = numpy.stack([sigmoid(v) * slope, sigmoid(-v) * slope], axis=-1) ** 2 * q[:, None]
        # Certainty is flat for log(1 - D), and has no finite slope for -log D.
        both[(q > 0) & (v == -math.inf), 1] = math.inf
        return numpy.asarray(both)

    found = integrate(squares, lower, upper, breakpoints=_cuts((pair.p, pair.q), lower, upper))
    saturating, other = numpy.sqrt(numpy.asarray(found.value))
    return float(saturating), float(other)


def _gap(pair: OptimalDiscriminator, logit: Any) -> float:
    """V(D*) - V(D) as the integral of (p + q) KL(D*, D), whose integrand is never negative."""

    def terms(x: numpy.ndarray) -> numpy.ndarray:
        logs = [to_host(law.log_prob(x)) for law in (pair.p, pair.q)]
        p, q = (numpy.exp(log) for log in logs)
        s = numpy.asarray(to_host(logit(x)), dtype=float)
        gap = numpy.where(p + q > 0, (p + q) * bernoulli_gap(to_host(pair(x)), s), 0.0)
        # What the rounding of two logarithms adds, which no quadrature could resolve.
        size = 1 + sum(numpy.where(numpy.isfinite(log), abs(log), 0.0) for log in logs)
        rounding = (p + q) * (4 * float(numpy.finfo(float).eps) * size) ** 2
        return numpy.where(gap > rounding, gap, 0.0)

    if pair.p.is_discrete:
        atoms = numpy.concatenate([to_host(law.support_points()) for law in (pair.p, pair.q)])
        return float(numpy.sum(terms(numpy.unique(atoms))))
    bounds = [law.support_bounds for law in (pair.p, pair.q)]
    lower, upper = min(b[0] for b in bounds), max(b[1] for b in bounds)
    return float(integrate(terms, lower, upper, breakpoints=_cuts((pair.p, pair.q), lower, upper)).value)
