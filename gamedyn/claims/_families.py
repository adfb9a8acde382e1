"""Claims on divergences of parametric laws: exponential families, Cauchy laws, mixtures of normal laws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn import distributions
from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.divergences import kl_divergence, variational_kl

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _families() -> dict[str, tuple[Any, Any, Any]]:
    """Law -> natural parameters of its two parameters, log-partition A, and its gradient, from textbooks."""
    from scipy.special import digamma, gammaln, i0, i1

    return {
        "Poisson": (lambda a, _: [numpy.log(a)], lambda t: numpy.exp(t), lambda t: [numpy.exp(t)]),
        "Exponential": (lambda a, _: [-a], lambda t: -numpy.log(-t), lambda t: [-1 / t]),
        "Normal": (
            lambda a, b: [a / b**2, -1 / (2 * b**2)],
            lambda s, t: -(s**2) / (4 * t) - numpy.log(-2 * t) / 2,
            lambda s, t: [-s / (2 * t), (s / t) ** 2 / 4 - 1 / (2 * t)],
        ),
        "Gamma": (
            lambda a, b: [a - 1, -b],
            lambda s, t: gammaln(s + 1) - (s + 1) * numpy.log(-t),
            lambda s, t: [digamma(s + 1) - numpy.log(-t), -(s + 1) / t],
        ),
        "Beta": (
            lambda a, b: [a, b],
            lambda s, t: gammaln(s) + gammaln(t) - gammaln(s + t),
            lambda s, t: [digamma(s) - digamma(s + t), digamma(t) - digamma(s + t)],
        ),
        "VonMises": (
            lambda a, b: [b * numpy.cos(a), b * numpy.sin(a)],
            lambda s, t: numpy.log(i0(numpy.hypot(s, t))),
            lambda s, t: [x / (r := numpy.hypot(s, t)) * i1(r) / i0(r) for x in (s, t)],
        ),
    }


def _bregman_evidence(rng: Generator, *, tangent_at: int) -> Evidence:
    """KL against the gap between A and its tangent at the first (0) or the second (1) law, 20 pairs a family."""
    predicted, measured, sizes = [], [], []
    for name, (natural, log_partition, gradient) in _families().items():
        first, second = rng.uniform(0.3, 3.0, (2, 2, 20))
        law = getattr(distributions, name)
        one = name in ("Poisson", "Exponential")
        p, q = (law(pair[0]) if one else law(*pair) for pair in (first, second))
        start, end = natural(*first), natural(*second)
        slopes = gradient(*(start, end)[tangent_at])
        parts = [log_partition(*end), -log_partition(*start)]
        parts += [-(b - a) * slope for a, b, slope in zip(start, end, slopes, strict=True)]
        predicted.append(sum(parts))
        sizes.append(sum(abs(part) for part in parts))
        measured.append(kl_divergence(p, q))
    return within_rounding(numpy.stack(predicted), numpy.stack(measured), terms=32, size=1 + numpy.stack(sizes))


def _bregman(rng: Generator) -> Evidence:
    """Six families. KL(p, q) = A(t_q) - A(t_p) - <t_q - t_p, grad A(t_p)>, t the natural parameters (equality)."""
    return _bregman_evidence(rng, tangent_at=0)


def _bregman_control(rng: Generator) -> Evidence:
    """The tangent at the other law: -KL(q, p)."""
    return _bregman_evidence(rng, tangent_at=1)


def _cauchy_pair(rng: Generator) -> tuple[Any, Any, float]:
    """Two Cauchy laws and log(((s + t)^2 + (m - n)^2) / (4 s t))."""
    (m, n), (s, t) = rng.normal(size=2), rng.uniform(0.3, 3.0, 2)
    closed = numpy.log(((s + t) ** 2 + (m - n) ** 2) / (4 * s * t))
    return distributions.Cauchy(m, s), distributions.Cauchy(n, t), float(closed)


def _both_ways(p: Any, q: Any, predicted: Any) -> Evidence:
    """Both directions, by closed form and by quadrature."""
    exact = [kl_divergence(p, q), kl_divergence(q, p)]
    found = [kl_divergence(a, b, method="quadrature", return_estimate=True) for a, b in ((p, q), (q, p))]
    error = [float(each.upper - each.lower) for each in found]
    measured = [float(each) for each in (*exact, *(each.value for each in found))]
    source = "16 ulp, and the width of the quadrature's bracket"
    return Evidence(predicted, measured, numpy.array([0.0, 0.0, *error]) + 16 * 2.3e-16 * (1 + measured[0]), source)


def _cauchy(rng: Generator) -> Evidence:
    """Cauchy laws. KL(p, q) = KL(q, p) = log(((s + t)^2 + (m - n)^2) / (4 s t)), by quadrature too (equality)."""
    return _both_ways(*_cauchy_pair(rng))


def _cauchy_control(rng: Generator) -> Evidence:
    """Normal laws of these places and scales."""
    p, q, predicted = _cauchy_pair(rng)
    p, q = (distributions.Normal(each.loc, each.scale) for each in (p, q))
    return _both_ways(p, q, predicted)


def _only_equal(rng: Generator) -> Evidence:
    """As if KL(p, q) and KL(q, p) differed by a thousandth of their mean at least, unless p = q.

    Refuted: between two Cauchy laws they are equal.
    """
    p, q, _ = _cauchy_pair(rng)
    there, back = float(kl_divergence(p, q)), float(kl_divergence(q, p))
    return Evidence(1e-3 * (there + back) / 2, abs(there - back), 1e-12, "far above rounding")


def _only_equal_control(rng: Generator) -> Evidence:
    """Bernoulli laws with a + b = 1, which are each other's mirror images: symmetric as well."""
    a = rng.uniform(0.05, 0.4)
    p, q = distributions.Bernoulli(a), distributions.Bernoulli(1 - a)
    there, back = float(kl_divergence(p, q)), float(kl_divergence(q, p))
    return Evidence(1e-3 * (there + back) / 2, abs(there - back), 1e-12, "far above rounding")


def _mixtures(rng: Generator, *, close: bool) -> tuple[Any, Any, float, float]:
    """Two mixtures of normal laws, KL(p, q) by the trapezoidal rule, and a bound of its error."""
    shift = rng.uniform(0.5, 1.0) if close else rng.uniform(5.0, 6.0)
    normals = [distributions.Normal(-shift, 1.0), distributions.Normal(shift, 1.0)]
    p = distributions.Mixture([0.5, 0.5], normals)
    q = distributions.Mixture([0.3, 0.7], [distributions.Normal(0.0, 1.0), distributions.Normal(0.5, 2.0)])
    x = numpy.linspace(-18, 18, 2881)
    log_p, log_q = (_log_density(law, x) for law in (p, q))
    terms = numpy.exp(log_p) * (log_p - log_q)
    fine, coarse = terms.sum() * (x[1] - x[0]), terms[::2].sum() * (x[2] - x[0])
    return p, q, float(fine), float(abs(fine - coarse)) + 1e-12


def _log_density(mixture: Any, x: Any) -> Any:
    weights = numpy.asarray(mixture.weights)
    parts = [-(((x - c.loc) / c.scale) ** 2) / 2 - numpy.log(c.scale) for c in mixture.components]
    return numpy.log(weights @ numpy.exp(parts)) - numpy.log(2 * numpy.pi) / 2


def _variational_bound(rng: Generator) -> Evidence:
    """As if Hershey and Olsen's approximation lay below KL. Refuted: it is above for modes far apart (lower bound)."""
    p, q, kl, error = _mixtures(rng, close=False)
    return Evidence(kl, float(variational_kl(p, q)), error, "trapezoidal rule: halved step, and 1e-12")


def _variational_bound_control(rng: Generator) -> Evidence:
    """As if it lay above KL. Where the modes overlap it is below, and may be negative."""
    p, q, kl, error = _mixtures(rng, close=True)
    return Evidence(-kl, -float(variational_kl(p, q)), error, "trapezoidal rule: halved step, and 1e-12")


CLAIMS = (
    Claim(
        id="div.bregman",
        statement="KL(p, q) = A(t_q) - A(t_p) - <t_q - t_p, grad A(t_p)> in exponential families",
        source="Banerjee et al. 2005",
        relation="==",
        check=_bregman,
        control=_bregman_control,
    ),
    Claim(
        id="div.cauchy-symmetric",
        statement="KL of Cauchy laws = log(((s + t)^2 + (m - n)^2) / (4 s t)) in both directions",
        source="Chyzak & Nielsen 2019",
        relation="==",
        check=_cauchy,
        control=_cauchy_control,
    ),
    Claim(
        id="div.kl-symmetric-only-at-equality",
        statement="KL(p, q) = KL(q, p) only where p = q",
        source="often said; false for Cauchy laws",
        relation=">=",
        expected="refuted",
        check=_only_equal,
        control=_only_equal_control,
    ),
    Claim(
        id="div.variational-kl-bound",
        statement="the variational approximation of KL between mixtures is a lower bound of KL",
        source="false for Hershey & Olsen 2007",
        relation="<=",
        expected="refuted",
        check=_variational_bound,
        control=_variational_bound_control,
    ),
)
