"""Claims on the Kullback-Leibler divergence: its sign, its asymmetry, its chain rule, and maximum likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import near_pairs, pmf_pairs, pmfs, within_rounding
from gamedyn.claims._oracles import entropy, kl, summed_logs
from gamedyn.divergences import kl_divergence

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _gibbs(rng: Generator) -> Evidence:
    """p, q far apart and close. KL(p, q) >= sum (sqrt p - sqrt q)^2, which vanishes only at p = q (lower bound)."""
    p, q = (numpy.concatenate(rows) for rows in zip(pmf_pairs(rng), near_pairs(rng), strict=True))
    bound = ((p - q) ** 2 / (numpy.sqrt(p) + numpy.sqrt(q)) ** 2).sum(-1)
    measured = numpy.concatenate([kl_divergence(p, q), -kl_divergence(p, p)])
    return within_rounding(numpy.concatenate([bound, 0 * bound]), measured, terms=16, size=numpy.tile(bound, 2))


def _gibbs_control(rng: Generator) -> Evidence:
    """The mean of log p/q is taken under q: it is -KL(q, p)."""
    p, q = pmf_pairs(rng)
    return within_rounding(0.0, (q * numpy.log(p / q)).sum(-1), terms=16)


def _difference_of_directions(rng: Generator) -> tuple[Any, Any, Any]:
    a, b = rng.uniform(0.02, 0.3, 50), rng.uniform(0.4, 0.6, 50)
    p, q = numpy.stack([a, 1 - a], -1), numpy.stack([b, 1 - b], -1)
    predicted = (a + b) * numpy.log(a / b) + (2 - a - b) * numpy.log((1 - a) / (1 - b))
    return predicted, kl_divergence(p, q) - kl_divergence(q, p), summed_logs(p, q)


def _asymmetric(rng: Generator) -> Evidence:
    """Bernoulli(a) and Bernoulli(b). The two directions differ by a closed form, not zero unless a = b or a + b = 1."""
    predicted, measured, size = _difference_of_directions(rng)
    return within_rounding(predicted, measured, terms=16, size=size)


def _asymmetric_control(rng: Generator) -> Evidence:
    """Predicts that both directions agree."""
    _, measured, size = _difference_of_directions(rng)
    return within_rounding(0.0, measured, terms=16, size=size)


def _joint_laws(rng: Generator) -> tuple[Any, Any, Any, Any]:
    """Laws of (x, y), and sum over x of the KL of the conditionals of y, not yet weighted."""
    p, q = (pmfs(rng, 1, 20).reshape(4, 5) for _ in range(2))
    p_x, q_x = p.sum(-1), q.sum(-1)
    return p, q, kl(p_x, q_x), kl(p / p_x[:, None], q / q_x[:, None])


def _chain_rule(rng: Generator) -> Evidence:
    """Joint laws of (x, y). KL of the joints = KL of the marginals of x + E_p KL of the conditionals (equality)."""
    p, q, marginal, conditional = _joint_laws(rng)
    measured = kl_divergence(p.reshape(-1), q.reshape(-1))
    return within_rounding(marginal + p.sum(-1) @ conditional, measured, terms=64, size=summed_logs(p, q).sum())


def _chain_rule_control(rng: Generator) -> Evidence:
    """The conditionals are averaged under q."""
    p, q, marginal, conditional = _joint_laws(rng)
    measured = kl_divergence(p.reshape(-1), q.reshape(-1))
    return within_rounding(marginal + q.sum(-1) @ conditional, measured, terms=64, size=summed_logs(p, q).sum())


def _binomial_fit(rng: Generator) -> tuple[Any, Any, Any]:
    """Counts of 60 draws on 0..4, and Binomial(4, theta) for several theta."""
    counts = rng.multinomial(60, pmfs(rng, 1, 5)[0])
    theta, k = rng.uniform(0.05, 0.95, (20, 1)), numpy.arange(5)
    model = numpy.array([1, 4, 6, 4, 1]) * theta**k * (1 - theta) ** (4 - k)
    return counts / 60, model, numpy.log(model)


def _maximum_likelihood(rng: Generator) -> Evidence:
    """Any model and sample. Mean negative log-likelihood - H(sample) = KL(sample, model): one minimiser (equality)."""
    sample, model, log_model = _binomial_fit(rng)
    predicted = -(log_model @ sample) - entropy(sample)
    return within_rounding(predicted, kl_divergence(sample, model), terms=64, size=1 + abs(log_model).max(-1))


def _maximum_likelihood_control(rng: Generator) -> Evidence:
    """KL with its arguments exchanged."""
    sample, model, log_model = _binomial_fit(rng)
    predicted = -(log_model @ sample) - entropy(sample)
    return within_rounding(predicted, kl_divergence(model, sample), terms=64, size=1 + abs(log_model).max(-1))


CLAIMS = (
    Claim(
        id="div.gibbs",
        statement="KL(p, q) >= sum (sqrt p - sqrt q)^2 >= 0, and KL(p, p) = 0",
        source="Gibbs' inequality; Cover & Thomas 2006",
        relation=">=",
        check=_gibbs,
        control=_gibbs_control,
    ),
    Claim(
        id="div.kl-asymmetric",
        statement="KL(p, q) - KL(q, p) = (a + b) log(a/b) + (2 - a - b) log((1-a)/(1-b)) for Bernoulli a, b",
        source="Kullback & Leibler 1951",
        relation="==",
        check=_asymmetric,
        control=_asymmetric_control,
    ),
    Claim(
        id="div.chain-rule",
        statement="KL(p(x,y), q(x,y)) = KL(p(x), q(x)) + E_p KL(p(y|x), q(y|x))",
        source="Cover & Thomas 2006",
        relation="==",
        check=_chain_rule,
        control=_chain_rule_control,
    ),
    Claim(
        id="div.ml-is-min-kl",
        statement="mean negative log-likelihood = KL(sample, model) + H(sample)",
        source="Akaike 1973",
        relation="==",
        check=_maximum_likelihood,
        control=_maximum_likelihood_control,
    ),
)
