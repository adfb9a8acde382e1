"""The variational bound of a diffusion with the best denoiser, term by term."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.models._diffusion_floor import expectation
from gamedyn.models._noise_schedule import NoiseSchedule
from gamedyn.models._noised_mixture import NoisedMixture
from gamedyn.numerics import Estimate

__all__ = ["DiffusionBound", "exact_bound"]


@dataclass(frozen=True, eq=False)
class DiffusionBound:
    """-E log p(x_0) <= decoder + sum of steps + prior, in nats.

    Parameters
    ----------
    decoder : float
        -E log p(x_0 | x_1).
    steps : array, shape (T - 1,)
        E KL(q(x_(t-1) | x_t, x_0), p(x_(t-1) | x_t)) for t = 2, ..., T.
    prior : float
        E KL(q(x_T | x_0), N(0, I)).
    entropy : float
        Of the data, the least that any model can reach; -inf for atoms.
    error : float
        Sum of the error estimates of the quadratures, or of the standard errors.
    """

    decoder: float
    steps: numpy.ndarray
    prior: float
    entropy: float
    error: float

    @property
    def total(self) -> float:
        """The bound."""
        return self.decoder + math.fsum(self.steps) + self.prior

    @property
    def excess(self) -> float:
        """The bound less the entropy: KL of the chains, at least the KL of what is generated."""
        return self.total - self.entropy

    def __str__(self) -> str:
        """One line with the parts."""
        return (
            f"bound {self.total:.6g} nats = decoder {self.decoder:.6g} + {len(self.steps)} steps "
            f"{math.fsum(self.steps):.6g} + prior {self.prior:.3g}; {self.excess:.6g} above the entropy "
            f"{self.entropy:.6g}, error {self.error:.1g}"
        )


def exact_bound(
    noised: NoisedMixture,
    schedule: NoiseSchedule,
    error: Estimate,
    variance: str,
    n: int,
    rng: numpy.random.Generator,
) -> DiffusionBound:
    """The terms from the errors E|x_0 - E[x_0 | x_t]|^2 at t = 1, ..., T.

    Parameters
    ----------
    noised : NoisedMixture
    schedule : NoiseSchedule
    error : Estimate
        Of shape (T,).
    variance : {"large", "small"}
    n : int
        Samples, where the entropy needs them.
    rng : numpy.random.Generator
    """
    d, betas = noised.dimension, schedule.betas
    v = schedule.noise_variance(numpy.arange(schedule.steps + 1))
    posterior = schedule.posterior_variances[1:]
    reverse = betas[1:] if variance == "large" else posterior
    # The means differ by sqrt(ab_(t-1)) beta_t / (1 - ab_t) times the error of x_0.
    weight = schedule.alphas_bar[1:-1] * (betas[1:] / v[2:]) ** 2 / reverse
    ratio = posterior / reverse
    steps = 0.5 * (d * (ratio - 1 - numpy.log(ratio)) + weight * error.value[1:])
    # E[x_0 | x_1] is the mean of step 1, whose posterior has variance 0: its noise is a choice, beta_1.
    decoder = 0.5 * (d * math.log(2 * math.pi * betas[0]) + float(error.value[0]) / betas[0])
    entropy, uncertain = _entropy(noised, n, rng)
    slack = 0.5 * (float(weight @ error.standard_error[1:]) + float(error.standard_error[0]) / betas[0]) + uncertain
    prior = schedule.prior_divergence(noised.second_moment, d)
    return DiffusionBound(decoder, steps, prior, entropy, slack)


def _entropy(noised: NoisedMixture, n: int, rng: Any) -> tuple[float, float]:
    if noised.singular:
        return -math.inf, 0.0
    if len(noised.weights) == 1:
        return 0.5 * float(numpy.log(2 * math.pi * math.e * noised.spreads).sum()), 0.0
    found = expectation(noised, 1.0, 0.0, lambda x, a, v: -noised.log_density(x, a, v), n, rng)
    return float(found.value), float(found.standard_error)
