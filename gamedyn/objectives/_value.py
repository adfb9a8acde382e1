"""The value function of the original GAN, for any discriminator and at the optimal one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import Array, as_generator, float_arrays, to_host
from gamedyn.distributions import Distribution
from gamedyn.numerics import Estimate, integrate, softplus
from gamedyn.objectives._discriminator import OptimalDiscriminator
from gamedyn.objectives._masses import check_masses

__all__ = ["value_at_optimum", "value_function"]

_DEFINITION = "E_p log D + E_q log(1 - D), D = sigmoid(logit), in nats"


def value_function(
    logit: Any,
    p: Any,
    q: Any,
    *,
    axis: int = -1,
    check: bool = True,
    return_estimate: bool = False,
    samples: int = 100_000,
    rng: Any = None,
) -> Any:
    """V(D) = E_p log D + E_q log(1 - D) with D = sigmoid(logit), which the discriminator maximises.

    Parameters
    ----------
    logit : array_like, or callable for Distributions
        The discriminator's output: at every atom, or as a function of x. +inf and -inf are certainty.
    p, q : array_like, broadcastable, or Distribution
        Probabilities of the real and of the fake law along `axis`; or two Distributions.
    axis : int
        Axis of the atoms, for arrays.
    check : bool
        Whether to look for negative and non-finite probabilities and nan logits; False inside jit and vmap.
    return_estimate : bool
        For Distributions, the `Estimate` with its error instead of the number.
    samples : int
        Draws from each law in several dimensions.
    rng : None, int or numpy.random.Generator
        Source of those draws.

    Returns
    -------
    array, float or Estimate
        In nats, never positive; -inf where D is certain of the wrong answer on positive mass. Atoms without mass add
        nothing, whatever D says there.

    Raises
    ------
    ValueError
        For negative or non-finite probabilities, nan logits, or laws of different event shapes.
    TypeError
        Where `logit` is no function although p and q are Distributions.

    Notes
    -----
    log D = -softplus(-logit), exact in both tails. Discrete laws are summed, laws on the line integrated by adaptive
    quadrature on the host, laws in several dimensions averaged over draws.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets.

    Examples
    --------
    >>> round(float(value_function([0.0, 0.0], [0.5, 0.5], [0.9, 0.1])), 12)  # D = 1/2: -log 4
    -1.38629436112
    """
    if isinstance(p, Distribution) or isinstance(q, Distribution):
        estimate = _of_distributions(logit, OptimalDiscriminator(p, q), samples, rng)
        return estimate if return_estimate else estimate.value
    xp, s, p, q = float_arrays(logit, p, q, names=("logit", "p", "q"))
    if check:
        check_masses(xp, p, "p")
        check_masses(xp, q, "q")
        if bool(xp.any(xp.isnan(s))):
            raise ValueError("`logit` must not hold nan.")
    return xp.sum(_pointwise(xp, s, p, q), axis=axis)


def value_at_optimum(p: Any, q: Any, *, axis: int = -1, check: bool = True, return_estimate: bool = False) -> Any:
    """max over D of V(D) = -log 4 + 2 JS(p, q), attained at the logit log p - log q.

    Parameters
    ----------
    p, q : array_like, broadcastable, or Distribution
        Probabilities of the real and of the fake law along `axis`; or two Distributions.
    axis : int
        Axis of the atoms, for arrays.
    check : bool
        Whether to look for negative and non-finite entries; False inside jit and vmap.
    return_estimate : bool
        For Distributions, the `Estimate` with its error instead of the number.

    Returns
    -------
    array, float or Estimate
        In nats, between -log 4 (p = q) and 0 (disjoint supports).

    Raises
    ------
    ValueError
        For negative or non-finite probabilities, or laws of different event shapes.

    Notes
    -----
    -sum p log1p(q / p) + q log1p(p / q): all terms have one sign and a few ulp of error, so the sum has too. Through
    D itself, log(1 - D) is wrong wherever D rounds to 1.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets, Theorem 1.

    Examples
    --------
    >>> float(value_at_optimum([1.0, 0.0], [0.0, 1.0]))  # disjoint: D is perfect
    0.0
    """
    if isinstance(p, Distribution) or isinstance(q, Distribution):
        return value_function(OptimalDiscriminator(p, q), p, q, return_estimate=return_estimate)
    xp, p, q = float_arrays(p, q, names=("p", "q"))
    if check:
        check_masses(xp, p, "p")
        check_masses(xp, q, "q")
    p, q = xp.broadcast_arrays(p, q)
    return 0.0 - xp.sum(_log1p_ratio(xp, p, q) + _log1p_ratio(xp, q, p), axis=axis)


def _pointwise(xp: Any, s: Array, p: Array, q: Array) -> Array:
    """p log sigmoid(s) + q log sigmoid(-s), with 0 inf = 0."""
    zero = xp.zeros_like(s)
    with numpy.errstate(invalid="ignore"):
        on_real = p * xp.where(p > 0, softplus(-s), zero)
        on_fake = q * xp.where(q > 0, softplus(s), zero)
    return 0.0 - (on_real + on_fake)


def _log1p_ratio(xp: Any, p: Array, q: Array) -> Array:
    """p log1p(q / p), 0 where p = 0; the difference of logs where the ratio overflows."""
    one, zero = xp.ones_like(p), xp.zeros_like(p)
    a = xp.where(p > 0, p, one)
    with numpy.errstate(over="ignore", under="ignore"):
        ratio = xp.where(p > 0, q, zero) / a
        over = xp.isinf(ratio)
        logarithm = xp.where(over, xp.log(xp.where(over, q, one)) - xp.log(a), xp.log1p(xp.where(over, zero, ratio)))
        return p * logarithm


def _of_distributions(logit: Any, pair: OptimalDiscriminator, samples: int, rng: Any) -> Estimate:
    if not callable(logit):
        raise TypeError(f"`logit` must be a function of x where p and q are Distributions, got {type(logit).__name__}.")
    if pair.p.batch_shape != () or pair.q.batch_shape != ():
        raise ValueError(
            f"`p` and `q` must be single laws, got batch shapes {pair.p.batch_shape} and {pair.q.batch_shape}."
        )
    if pair.p.is_discrete:
        return _by_summation(logit, pair)
    return _by_quadrature(logit, pair) if pair.p.event_shape == () else _by_sampling(logit, pair, samples, rng)


def _on_host(logit: Callable[[Any], Any], pair: OptimalDiscriminator, x: Array) -> numpy.ndarray:
    p, q = (numpy.exp(to_host(law.log_prob(x))) for law in (pair.p, pair.q))
    s = numpy.asarray(to_host(logit(x)), dtype=float)
    return numpy.asarray(_pointwise(numpy, s, p, q))


def _by_summation(logit: Callable[[Any], Any], pair: OptimalDiscriminator) -> Estimate:
    points = numpy.concatenate([to_host(law.support_points()) for law in (pair.p, pair.q)])
    terms = _on_host(logit, pair, numpy.unique(points, axis=0))
    value = float(numpy.sum(terms))
    rounding = 4 * float(numpy.finfo(float).eps) * abs(value)
    return Estimate(value, rounding, value - rounding, value + rounding, 1.0, "summation", terms.size, _DEFINITION)


def _by_quadrature(logit: Callable[[Any], Any], pair: OptimalDiscriminator) -> Estimate:
    bounds = [law.support_bounds for law in (pair.p, pair.q)]
    lower, upper = min(b[0] for b in bounds), max(b[1] for b in bounds)
    cuts = sorted({x for law in (pair.p, pair.q) for x in law.quadrature_points() if lower < x < upper})
    found = integrate(lambda x: _on_host(logit, pair, x), lower, upper, breakpoints=tuple(cuts))
    estimate: Estimate = replace(found, definition=_DEFINITION)
    return estimate


def _by_sampling(logit: Callable[[Any], Any], pair: OptimalDiscriminator, samples: int, rng: Any) -> Estimate:
    check_integer("samples", samples, minimum=2)
    generator = as_generator(rng)
    real = to_host(-softplus(-logit(pair.p.sample(samples, rng=generator))))
    fake = to_host(-softplus(logit(pair.q.sample(samples, rng=generator))))
    value = float(numpy.mean(real) + numpy.mean(fake))
    error = math.sqrt(float(numpy.var(real, ddof=1) + numpy.var(fake, ddof=1)) / samples)
    # 1.96: the 97.5 % quantile of the normal law.
    return Estimate(value, error, value - 1.96 * error, value + 1.96 * error, 0.95, "monte carlo", samples, _DEFINITION)
