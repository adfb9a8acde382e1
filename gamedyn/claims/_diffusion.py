"""Claims on diffusion with a known law: marginals, the best denoiser, its score, the variational bound, likelihood."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.distributions import Mixture, Normal
from gamedyn.models import ExactDiffusion, NoiseSchedule, cosine_schedule

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_EPS = float(numpy.finfo(float).eps)


def _mixture(rng: Generator, count: int = 3) -> tuple[Any, Any, Any]:
    """(weights, means, standard deviations) of a mixture on the line."""
    weights = rng.uniform(0.2, 1.0, count)
    return weights / weights.sum(), rng.uniform(-2.0, 2.0, count), rng.uniform(0.2, 0.6, count)


def _law(parts: tuple[Any, Any, Any]) -> Mixture:
    weights, means, deviations = parts
    return Mixture(weights, [Normal(m, s) for m, s in zip(means, deviations, strict=True)])


def _density(parts: tuple[Any, Any, Any], x: Any, a: float = 1.0, v: float = 0.0) -> Any:
    """The density of a x_0 + sqrt(v) eps, by summing components; analytic in x."""
    weights, means, deviations = parts
    variance = a * a * deviations**2 + v
    z = (x[..., None] - a * means) ** 2 / variance
    return (weights * numpy.exp(-0.5 * z) / numpy.sqrt(2 * math.pi * variance)).sum(-1)


def _betas(rng: Generator, steps: int) -> Any:
    return rng.uniform(0.02, 0.5, steps)


def _chain(rng: Generator, *, shrinking: bool) -> Evidence:
    """Mean and variance of q_t for all t: by T steps of the chain, and from the marginals."""
    betas, m, s = _betas(rng, 20), rng.normal(), rng.uniform(0.2, 2.0)
    diffusion = ExactDiffusion(Normal(m, s), NoiseSchedule(betas, check=False))
    mean, variance, predicted, measured = m, s * s, [], []
    for t, beta in enumerate(betas, start=1):
        mean, variance = math.sqrt(1 - beta) * mean, ((1 - beta) if shrinking else 1.0) * variance + beta
        law = diffusion.marginal(t)
        predicted.append((mean, variance))
        measured.append((float(law.mean), float(law.variance)))
    size = numpy.abs(predicted) + 1.0
    return Evidence(predicted, measured, 64 * _EPS * size, "rounding: 64 ulp after 20 steps")


def _forward(rng: Generator) -> Evidence:
    """A Gaussian through 20 steps. x_t = sqrt(ab_t) x_0 + sqrt(1 - ab_t) eps in law, for every t (equality)."""
    return _chain(rng, shrinking=True)


def _forward_control(rng: Generator) -> Evidence:
    """Steps that add noise without shrinking x."""
    return _chain(rng, shrinking=False)


def _means(rng: Generator, *, other: int) -> Evidence:
    """E[x_0 | x_t] by the trapezoidal rule over x_0, and of the library at a step that is `other` steps off."""
    parts = _mixture(rng)
    betas = _betas(rng, 12)
    diffusion = ExactDiffusion(_law(parts), NoiseSchedule(betas, check=False))
    clean = numpy.linspace(-8.0, 8.0, 4001)
    predicted, measured = [], []
    for t in (1, 4, 10):
        kept = numpy.prod(1 - betas[:t])
        x = rng.uniform(-3.0, 3.0, 20)
        joint = _density(parts, clean) * numpy.exp(-0.5 * (x[:, None] - math.sqrt(kept) * clean) ** 2 / (1 - kept))
        predicted.append((joint * clean).sum(-1) / joint.sum(-1))
        measured.append(diffusion.posterior_mean(x, t + other))
    return Evidence(predicted, measured, 1e-13, "rounding: 1e-13; 4001 nodes of a spectrally exact rule")


def _posterior_mean(rng: Generator) -> Evidence:
    """Three modes, ab_t of 12 steps. The closed form of E[x_0 | x_t] is Bayes' rule by quadrature (equality)."""
    return _means(rng, other=0)


def _posterior_mean_control(rng: Generator) -> Evidence:
    """The denoiser of the next step."""
    return _means(rng, other=1)


def _scores(rng: Generator, power: float) -> Evidence:
    """The derivative of log q_t by complex step; from E[eps | x_t], from E[x_0 | x_t], and the score itself."""
    parts = _mixture(rng)
    betas = _betas(rng, 12)
    diffusion = ExactDiffusion(_law(parts), NoiseSchedule(betas, check=False))
    predicted, measured = [], []
    for t in (1, 4, 10):
        kept = numpy.prod(1 - betas[:t])
        x, noise = rng.uniform(-3.0, 3.0, 20), 1 - kept
        slope = numpy.log(_density(parts, x + 1e-30j, math.sqrt(kept), noise)).imag / 1e-30
        by_noise = -diffusion.predict(x, t, "eps") / noise**power
        by_mean = (math.sqrt(kept) * diffusion.posterior_mean(x, t) - x) / noise
        predicted.append(numpy.stack([slope] * 3))
        measured.append(numpy.stack([by_noise, by_mean, diffusion.score(x, t)]))
    return Evidence(predicted, measured, 1e-12, "rounding: 1e-12, slopes up to 100")


def _score_identity(rng: Generator) -> Evidence:
    """Three modes. grad log q_t = -E[eps | x_t] / sqrt(1 - ab) = (sqrt(ab) E[x_0 | x_t] - x) / (1 - ab) (equality)."""
    return _scores(rng, 0.5)


def _score_identity_control(rng: Generator) -> Evidence:
    """E[eps | x_t] divided by 1 - ab, without the root."""
    return _scores(rng, 1.0)


def _bounds(rng: Generator, *, prior: bool) -> Evidence:
    """E log q(x_1:T | x_0) / p(x_0:T) from the chain's own kernels, and the sum of the bound's terms."""
    parts, betas = _mixture(rng), _betas(rng, 6)
    weights, means, deviations = parts
    kept = numpy.concatenate([[1.0], numpy.cumprod(1 - betas)])
    second = kept * (weights @ (means**2 + deviations**2)) + 1 - kept  # E x_t^2
    posterior = betas * (1 - kept[:-1]) / (1 - kept[1:])
    schedule = NoiseSchedule(betas, check=False)
    diffusion = ExactDiffusion(_law(parts), schedule)
    x = numpy.linspace(-9.0, 9.0, 2001)
    predicted, measured = [], []
    for variance in ("large", "small"):
        reverse = betas if variance == "large" else numpy.concatenate([betas[:1], posterior[1:]])
        # -E log p(x_T) - sum E log p(x_(t-1) | x_t) + sum E log q(x_t | x_(t-1))
        total = 0.5 * (math.log(2 * math.pi) + second[-1]) - 0.5 * numpy.log(2 * math.pi * math.e * betas).sum()
        for t in range(1, 7):
            a, v = math.sqrt(kept[t]), 1 - kept[t]
            density = _density(parts, x, a, v) * (x[1] - x[0])
            score = numpy.log(_density(parts, x + 1e-30j, a, v)).imag / 1e-30
            # E[x_(t-1) | x_t] from the score of x_t; E (x_(t-1) - that)^2 = E x_(t-1)^2 - E that^2
            back = (x + betas[t - 1] * score) / math.sqrt(1 - betas[t - 1])
            gap = second[t - 1] - density @ back**2
            total += 0.5 * (math.log(2 * math.pi * reverse[t - 1]) + gap / reverse[t - 1])
        found = diffusion.bound(variance=variance)
        predicted.append(total)
        measured.append(found.total - (0.0 if prior else found.prior))
    return Evidence(predicted, measured, 1e-10, "quadrature: 1e-11 of each term")


def _vlb(rng: Generator) -> Evidence:
    """Three modes, 6 steps, the best denoiser, both variances. E log q / p = decoder + KLs of steps + prior (equality).

    The left side uses the kernels q(x_t | x_(t-1)), the right one the posteriors q(x_(t-1) | x_t, x_0).
    """
    return _bounds(rng, prior=True)


def _vlb_control(rng: Generator) -> Evidence:
    """Without the prior's term, which 6 steps leave large."""
    return _bounds(rng, prior=False)


def _flows(rng: Generator, *, complete: bool) -> Evidence:
    """log p by the flow against the sum of the components, at points in and between the modes."""
    parts = _mixture(rng)
    schedule = cosine_schedule(50) if complete else NoiseSchedule([0.3, 0.3], check=False)
    diffusion = ExactDiffusion(_law(parts), schedule)
    x = rng.uniform(-3.0, 3.0, 8)
    found = diffusion.log_prob(x, prior="exact" if complete else "normal", tolerance=1e-8)
    return Evidence(numpy.log(_density(parts, x)), found.value, 3e-6, "integrator: tolerance 1e-8 a step")


def _likelihood(rng: Generator) -> Evidence:
    """Three modes. log p(x_0) = log q_T(x_T) + integral of div v along the probability flow (equality)."""
    return _flows(rng, complete=True)


def _likelihood_control(rng: Generator) -> Evidence:
    """N(0, 1) at a last step that keeps 0.7 of the signal."""
    return _flows(rng, complete=False)


CLAIMS = (
    Claim(
        id="diff.forward-closed-form",
        statement="q(x_t | x_0) = N(sqrt(ab_t) x_0, (1 - ab_t) I), ab_t = prod (1 - beta_s)",
        source="Ho, Jain & Abbeel 2020",
        relation="==",
        check=_forward,
        control=_forward_control,
    ),
    Claim(
        id="diff.posterior-mean",
        statement="for a mixture E[x_0 | x_t] = sum r_i (m_i + a s_i^2 (x - a m_i) / (a^2 s_i^2 + v)), Bayes' rule",
        source="derived: Bayes' rule for Gaussians",
        relation="==",
        check=_posterior_mean,
        control=_posterior_mean_control,
    ),
    Claim(
        id="diff.score-identity",
        statement="grad log q_t(x) = -E[eps | x_t] / sqrt(1 - ab_t) = (sqrt(ab_t) E[x_0 | x_t] - x) / (1 - ab_t)",
        source="Tweedie's formula; Efron 2011",
        relation="==",
        check=_score_identity,
        control=_score_identity_control,
    ),
    Claim(
        id="diff.vlb-decomposition",
        statement="E log q(x_1:T | x_0) / p(x_0:T) = -E log p(x_0 | x_1) + sum KL(posterior, reverse step) + KL at T",
        source="Ho, Jain & Abbeel 2020",
        relation="==",
        check=_vlb,
        control=_vlb_control,
    ),
    Claim(
        id="diff.likelihood-ode",
        statement="log p(x_0) = log q_T(x_T) + integral of the divergence along the probability flow",
        source="Song et al. 2021",
        relation="==",
        check=_likelihood,
        control=_likelihood_control,
    ),
)
