"""Claims on the value of the original GAN game under the optimal discriminator and away from it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import pmf_pairs, pmfs, pmfs_with_gaps, within_rounding
from gamedyn.claims._oracles import jensen_shannon, kl, summed_logs
from gamedyn.numerics import logsumexp, sigmoid
from gamedyn.objectives import Minimax, optimal_discriminator, value_at_optimum, value_function

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_LOG4 = math.log(4)


def _direct_value(d: Any, p: Any, q: Any) -> Any:
    return (p * numpy.log(d) + q * numpy.log1p(-d)).sum(-1)


def _optimal(rng: Generator) -> Evidence:
    """Any p, q > 0. D* = p/(p+q) attains max V(D), and no perturbed D does better (upper bound, attained)."""
    p, q = pmf_pairs(rng)
    best, logit = _direct_value(p / (p + q), p, q), optimal_discriminator(p, q)
    noise = 10.0 ** rng.uniform(-4, 0, (20, 50, 1)) * rng.standard_normal((20, 50, 6))
    attained = value_function(logit, p, q)
    measured = numpy.concatenate([value_function(logit + noise, p, q), [attained, 2 * best - attained]])
    return within_rounding(best, measured, terms=16, size=summed_logs(p, q))


def _optimal_control(rng: Generator) -> Evidence:
    """D = q/(p+q) is called the best."""
    p, q = pmf_pairs(rng)
    best = _direct_value(q / (p + q), p, q)
    return within_rounding(best, value_function(optimal_discriminator(p, q), p, q), terms=16, size=summed_logs(p, q))


def _identity(rng: Generator) -> Evidence:
    """Any p, q, empty bins included. V(D*, G) = -log 4 + 2 JS(p, q) (equality)."""
    p, q = pmfs_with_gaps(rng)
    measured = numpy.stack([value_at_optimum(p, q), value_function(optimal_discriminator(p, q), p, q)])
    return within_rounding(2 * jensen_shannon(p, q) - _LOG4, measured, terms=16, size=summed_logs(p, q))


def _identity_control(rng: Generator) -> Evidence:
    """KL in place of 2 JS."""
    p, q = pmf_pairs(rng)
    return within_rounding(kl(p, q) - _LOG4, value_at_optimum(p, q), terms=16, size=summed_logs(p, q))


def _descend(p: Any, q: Any, logit: Any, steps: int) -> Any:
    """Multiplicative steps of q down the generator's loss, the discriminator found again by `logit` at each."""
    for _ in range(steps):
        q = q * numpy.exp(-Minimax().generator_loss(logit(p, q)))
        q = q / q.sum(-1, keepdims=True)
    return q


def _equilibrium(rng: Generator) -> Evidence:
    """q descends V(D*(q), q) in the space of laws. It ends at q = p, where V = -log 4 and D* = 1/2 (equality)."""
    p, q = pmf_pairs(rng, 10)
    q = _descend(p, q, optimal_discriminator, 200)
    measured = numpy.stack([value_at_optimum(p, q), sigmoid(optimal_discriminator(p, q)).mean(-1), abs(p - q).sum(-1)])
    predicted = numpy.array([[-_LOG4], [0.5], [0.0]])
    # Each step at least halves log p/q near the end, so 200 steps leave rounding alone.
    return within_rounding(predicted, measured, terms=4096)


def _equilibrium_control(rng: Generator) -> Evidence:
    """The discriminator is that of the exchanged pair: q runs away from p."""
    p, q = pmf_pairs(rng, 10)
    q = _descend(p, q, lambda p, q: optimal_discriminator(q, p), 20)
    return within_rounding(-_LOG4, value_at_optimum(p, q), terms=4096)


def _bernoulli_kl(d: Any, e: Any) -> Any:
    return d * numpy.log(d / e) + (1 - d) * numpy.log((1 - d) / (1 - e))


def _gap(rng: Generator) -> Evidence:
    """Any p, q and any logit. V(D*) - V(D) = sum (p + q) KL(Bernoulli D*, Bernoulli D) (equality)."""
    p, q, logit = *pmf_pairs(rng), rng.standard_normal((50, 6))
    predicted = ((p + q) * _bernoulli_kl(p / (p + q), 1 / (1 + numpy.exp(-logit)))).sum(-1)
    measured = value_at_optimum(p, q) - value_function(logit, p, q)
    return within_rounding(predicted, measured, terms=64, size=summed_logs(p, q))


def _gap_control(rng: Generator) -> Evidence:
    """The Bernoulli KL with its arguments exchanged."""
    p, q, logit = *pmf_pairs(rng), rng.standard_normal((50, 6))
    predicted = ((p + q) * _bernoulli_kl(1 / (1 + numpy.exp(-logit)), p / (p + q))).sum(-1)
    measured = value_at_optimum(p, q) - value_function(logit, p, q)
    return within_rounding(predicted, measured, terms=64, size=summed_logs(p, q))


def _conditional_laws(rng: Generator) -> tuple[Any, Any, Any]:
    """Labels of law w, and p(x|y), q(x|y) for 4 labels y and 5 outcomes x."""
    return pmfs(rng, 1, 4)[0], pmfs(rng, 4, 5), pmfs(rng, 4, 5)


def _conditional(rng: Generator) -> Evidence:
    """Labels shared by data and generator. V(D*) of the pairs (x, y) = -log 4 + 2 E_y JS(p(.|y), q(.|y)) (equality)."""
    w, p, q = _conditional_laws(rng)
    measured = value_at_optimum((w[:, None] * p).reshape(-1), (w[:, None] * q).reshape(-1))
    return within_rounding(2 * w @ jensen_shannon(p, q) - _LOG4, measured, terms=64, size=10.0)


def _conditional_control(rng: Generator) -> Evidence:
    """JS of the marginals of x: the label is ignored."""
    w, p, q = _conditional_laws(rng)
    measured = value_at_optimum((w[:, None] * p).reshape(-1), (w[:, None] * q).reshape(-1))
    return within_rounding(2 * jensen_shannon(w @ p, w @ q) - _LOG4, measured, terms=64, size=10.0)


def _probability_of_real(rng: Generator, fake_logit: float) -> tuple[Any, Any]:
    """1 - softmax(l_1 .. l_K, fake)_{K+1} summed directly, and the logits."""
    logits = 3 * rng.standard_normal((50, 10))
    weights = numpy.exp(logits)
    return weights.sum(-1) / (weights.sum(-1) + math.exp(fake_logit)), logits


def _semi_supervised(rng: Generator) -> Evidence:
    """K class logits and a fake logit fixed at 0. 1 - p_{K+1} = sigmoid(logsumexp of the class logits) (equality)."""
    predicted, logits = _probability_of_real(rng, 0.0)
    return within_rounding(predicted, sigmoid(logsumexp(logits)), terms=64)


def _semi_supervised_control(rng: Generator) -> Evidence:
    """The fake logit is 1 instead of 0."""
    predicted, logits = _probability_of_real(rng, 1.0)
    return within_rounding(predicted, sigmoid(logsumexp(logits)), terms=64)


CLAIMS = (
    Claim(
        id="gan.optimal-discriminator",
        statement="V(D) <= V(D*) for every D, with D* = p / (p + q)",
        source="Goodfellow et al. 2014, Proposition 1",
        relation="<=",
        check=_optimal,
        control=_optimal_control,
    ),
    Claim(
        id="gan.value-identity",
        statement="V(D*, G) = -log 4 + 2 JS(p, q)",
        source="Goodfellow et al. 2014, Theorem 1",
        relation="==",
        check=_identity,
        control=_identity_control,
    ),
    Claim(
        id="gan.equilibrium-value",
        statement="descent of max_D V in the space of laws ends at q = p, V = -log 4, D* = 1/2",
        source="Goodfellow et al. 2014, Theorem 1",
        relation="==",
        check=_equilibrium,
        control=_equilibrium_control,
    ),
    Claim(
        id="gan.suboptimal-gap",
        statement="V(D*, G) - V(D, G) = sum (p + q) KL(Bernoulli D*, Bernoulli D)",
        source="from Goodfellow et al. 2014, Prop. 1",
        relation="==",
        check=_gap,
        control=_gap_control,
    ),
    Claim(
        id="gan.conditional",
        statement="with labels y: V(D*) = -log 4 + 2 E_y JS(p(x|y), q(x|y))",
        source="Mirza & Osindero 2014",
        relation="==",
        check=_conditional,
        control=_conditional_control,
    ),
    Claim(
        id="gan.semi-supervised",
        statement="1 - p_{K+1} = sigmoid(logsumexp(l_1 .. l_K)) with the fake logit at 0",
        source="Salimans et al. 2016",
        relation="==",
        check=_semi_supervised,
        control=_semi_supervised_control,
    ),
)
