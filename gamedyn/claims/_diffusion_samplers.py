"""Claims on what samplers of a diffusion generate with a perfect network: variance, order, guidance, in-painting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.distributions import Empirical, Mixture, MultivariateNormal, Normal
from gamedyn.models import ExactDiffusion, cosine_schedule, linear_schedule, reverse_diffusion

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_EPS = float(numpy.finfo(float).eps)


def _variances(rng: Generator, *, faithful: bool) -> Evidence:
    """Generated variances of N(0, s^2) by DDIM, of N(0, 1) by ancestral steps of variance beta, and of a point."""
    s = rng.uniform(0.3, 2.0)
    predicted, measured = [], []
    for schedule in (linear_schedule(25), linear_schedule(60), cosine_schedule(15)):
        kept = numpy.concatenate([[1.0], numpy.cumprod(1 - schedule.betas)])
        level = numpy.sqrt((1 - kept) / kept)
        late, early = level[1:], level[:-1]
        by_levels = numpy.prod(((s * s + late * early) / (s * s + late**2)) ** 2) / kept[-1]
        found = ExactDiffusion(Normal(0.0, s), schedule).generated_law(sampler="ddim")
        predicted.append(s * s if faithful else by_levels)
        measured.append(float(found.variance))
        unit = ExactDiffusion(Normal(0.0, 1.0), schedule).generated_law(sampler="ancestral", variance="large")
        predicted.append(1.0 if faithful else 1 - schedule.betas[0])
        measured.append(float(unit.variance))
        # Of a point, stopped at step 5: its marginal, and what N(0, 1) has too much at T.
        times = numpy.arange(schedule.steps, 4, -1)
        point = ExactDiffusion(Empirical([s]), schedule).generated_law(variance="small", times=times)
        rest = kept[-1] / kept[5] * ((1 - kept[5]) / (1 - kept[-1])) ** 2 * kept[-1]
        predicted.append(0.0 if faithful else 1 - kept[5] + rest)
        measured.append(float(point.variance))
    return Evidence(predicted, measured, 1e-12, "rounding: 1e-12 after 60 steps")


def _schedule_error(rng: Generator) -> Evidence:
    """Linear, T = 25 and 60, cosine, 15; levels l. DDIM: prod ((s^2 + l l') / (s^2 + l^2))^2 / ab_T (equality).

    Ancestral steps of variance beta make 1 - beta_1 of N(0, 1), those of the posterior variance keep a point's q_t.
    """
    return _variances(rng, faithful=False)


def _schedule_error_control(rng: Generator) -> Evidence:
    """The variance of the data, as if a perfect network were enough."""
    return _variances(rng, faithful=True)


def _orders(rng: Generator, samplers: tuple[str, ...]) -> Evidence:
    """log2 of the ratio of errors (rms) at 80 and 160 steps between two noise levels; the exact map by quantiles."""
    m, s = rng.uniform(0.6, 1.2), rng.uniform(0.4, 0.8)
    diffusion = ExactDiffusion(Mixture([0.4, 0.6], [Normal(-m, s), Normal(m, s)]), cosine_schedule(100))
    schedule = diffusion.schedule
    first, last = (float(t) for t in schedule.time([5.0, 0.2]))
    x = math.sqrt(float(schedule.alpha_bar(first))) * rng.uniform(-5.0, 5.0, 24)
    # On the line the flow is monotone, and carries quantiles to quantiles.
    exact = diffusion.marginal(last).icdf(diffusion.marginal(first).cdf(x))
    measured = []
    for sampler in samplers:
        errors = []
        for steps in (80, 160):
            levels = numpy.linspace(5.0**0.25, 0.2**0.25, steps + 1) ** 4
            times = numpy.minimum(schedule.time(levels), first)
            found = reverse_diffusion(diffusion.posterior_mean, schedule, x, sampler=sampler, times=times)
            errors.append(numpy.sqrt(((found - exact) ** 2).mean()))
        measured.append(math.log2(errors[0] / errors[1]))
    return Evidence([1.0, 2.0], measured, 0.1, "0.1: errors at 80 and 160 steps")


def _sampler_order(rng: Generator) -> Evidence:
    """Two modes, noise levels 5 to 0.2. Euler's error is of order 1 in the step, Heun's of order 2 (equality)."""
    return _orders(rng, ("euler", "heun"))


def _sampler_order_control(rng: Generator) -> Evidence:
    """Euler's method in both places."""
    return _orders(rng, ("euler", "euler"))


def _implicit(rng: Generator, eta: float) -> Evidence:
    """x_0 by two runs of DDIM with different draws, and by Euler's method for dy / dl = (y - D) / l, y = x / a."""
    atoms = rng.normal(size=5)
    diffusion = ExactDiffusion(Empirical(atoms), cosine_schedule(30))
    kept = numpy.concatenate([[1.0], numpy.cumprod(1 - diffusion.schedule.betas)])
    level = numpy.sqrt((1 - kept) / kept)
    start = rng.normal(size=12)
    y = start / math.sqrt(kept[-1])
    for t in range(30, 0, -1):
        a, v = math.sqrt(kept[t]), 1 - kept[t]
        logits = -0.5 * (a * y[:, None] - a * atoms) ** 2 / v
        shares = numpy.exp(logits - logits.max(-1, keepdims=True))
        clean = (shares * atoms).sum(-1) / shares.sum(-1)
        y = y + (level[t - 1] - level[t]) * (y - clean) / level[t]
    runs = [
        reverse_diffusion(diffusion.posterior_mean, diffusion.schedule, start, sampler="ddim", eta=eta, rng=rng)
        for _ in range(2)
    ]
    return Evidence(numpy.stack([y, y]), numpy.stack(runs), 1e-12, "rounding: 1e-12 after 30 steps")


def _ddim(rng: Generator) -> Evidence:
    """Five atoms, 30 steps. DDIM without noise is one map of x_T, Euler's in the noise level (equality)."""
    return _implicit(rng, 0.0)


def _ddim_control(rng: Generator) -> Evidence:
    """Half of the noise, eta = 0.5."""
    return _implicit(rng, 0.5)


def _guided(rng: Generator) -> tuple[float, float, float, float, float]:
    """(s, m, c, mean and variance that guidance of weight 2 generates) for p(x) = N(0, s^2), p(x | c) = N(m, c^2)."""
    s, weight = rng.uniform(1.0, 1.5), 2.0
    m, c = rng.uniform(0.5, 1.0), s * rng.uniform(0.75, 0.85)
    schedule = cosine_schedule(100)
    every, one = ExactDiffusion(Normal(0.0, s), schedule), ExactDiffusion(Normal(m, c), schedule)

    def denoise(x: Any, t: float) -> Any:
        return (1 - weight) * every.posterior_mean(x, t) + weight * one.posterior_mean(x, t)

    times = schedule.times(150, spacing="level", least=0.02)
    # The map is affine: two points show it.
    ends = reverse_diffusion(denoise, schedule, numpy.array([0.0, 1.0]), sampler="heun", times=times)
    return s, m, c, float(ends[0]), float((ends[1] - ends[0]) ** 2)


def _tempering(rng: Generator) -> Evidence:
    """p(x) = N(0, s^2), p(x | c) = N(m, c^2), w = 2. As if x_0 had the variance of p(x | c)^w p(x)^(1 - w).

    Refuted: the tilted density has the weighted harmonic mean of the variances, guided samples the geometric one.
    """
    s, _, c, _, variance = _guided(rng)
    return Evidence(1 / (2 / c**2 - 1 / s**2), variance, 5e-3, "Heun's method, 150 steps")


def _tempering_control(rng: Generator) -> Evidence:
    """Also as if guidance left the variance of p(x | c)."""
    _, _, c, _, variance = _guided(rng)
    return Evidence(c**2, variance, 5e-3, "Heun's method, 150 steps")


def _geometric(rng: Generator) -> Evidence:
    """p(x) = N(0, s^2), p(x | c) = N(m, c^2), w = 2. Guided flow generates the variance c^4 / s^2 (equality)."""
    s, _, c, _, variance = _guided(rng)
    return Evidence(c**4 / s**2, variance, 5e-3, "Heun's method, 150 steps")


def _geometric_control(rng: Generator) -> Evidence:
    """The harmonic mean, that of the tilted density."""
    s, _, c, _, variance = _guided(rng)
    return Evidence(1 / (2 / c**2 - 1 / s**2), variance, 5e-3, "Heun's method, 150 steps")


def _painted(rng: Generator) -> tuple[float, float, float]:
    """(mean given x_1, mean of the in-painted x_2, its standard error) for a correlated Gaussian and x_1 known."""
    correlation, value, n = rng.uniform(0.6, 0.9), rng.uniform(1.0, 2.0), 4000
    law = MultivariateNormal([0.0, 0.0], [[1.0, correlation], [correlation, 1.0]])
    diffusion = ExactDiffusion(law, cosine_schedule(40))
    found = reverse_diffusion(
        diffusion.posterior_mean,
        diffusion.schedule,
        rng.normal(size=(n, 2)),
        variance="large",
        known=[value, math.nan],
        rng=rng,
    )
    return correlation * value, found[:, 1].mean(), found[:, 1].std() / math.sqrt(n)


def _replacement(rng: Generator) -> Evidence:
    """x_1 of a correlated Gaussian is known. As if x_2 had its mean given x_1 where noised x_1 replace those of x.

    Refuted: x_2 hears of x_1 only through the noise, and its mean stays short of the conditional one for any T.
    """
    exact, mean, error = _painted(rng)
    return Evidence(exact, mean, 4.9 * error, "4.9 standard errors of 4000 draws")


def _replacement_control(rng: Generator) -> Evidence:
    """Also as if x_2 heard nothing of x_1."""
    _, mean, error = _painted(rng)
    return Evidence(0.0, mean, 4.9 * error, "4.9 standard errors of 4000 draws")


CLAIMS = (
    Claim(
        id="diff.schedule-error",
        statement="a perfect network's DDIM makes N(0, s^2) of variance prod ((s^2 + l l') / (s^2 + l^2))^2 / ab_T",
        source="derived; Ho, Jain & Abbeel 2020 (variances)",
        relation="==",
        check=_schedule_error,
        control=_schedule_error_control,
    ),
    Claim(
        id="diff.sampler-order",
        statement="with the exact score Euler's sampler has order 1 in the step of noise level, Heun's order 2",
        source="Karras et al. 2022",
        relation="==",
        check=_sampler_order,
        control=_sampler_order_control,
    ),
    Claim(
        id="diff.ddim-deterministic",
        statement="DDIM with eta = 0 is one map from x_T to x_0: Euler's method for dy/dl = (y - D)/l, y = x/sqrt(ab)",
        source="Song, Meng & Ermon 2021",
        relation="==",
        check=_ddim,
        control=_ddim_control,
    ),
    Claim(
        id="diff.guidance-not-tempering",
        statement="classifier-free guidance of weight w samples p(x | c)^w p(x)^(1 - w)",
        source="refuted by Bradley & Nakkiran 2024",
        relation="==",
        expected="refuted",
        check=_tempering,
        control=_tempering_control,
    ),
    Claim(
        id="diff.guidance-variance",
        statement="guided flow between N(0, s^2) and N(m, c^2) generates the variance c^(2w) s^(2 - 2w)",
        source="derived; cf. Bradley & Nakkiran 2024",
        relation="==",
        check=_geometric,
        control=_geometric_control,
    ),
    Claim(
        id="diff.inpainting-replacement",
        statement="replacing the known values by noised ones at every step samples the others given these",
        source="a common use; cf. Lugmayr et al. 2022",
        relation="==",
        expected="refuted",
        check=_replacement,
        control=_replacement_control,
    ),
)
