"""The law that a sampler generates with the best denoiser of a Gaussian: mean and covariance, step by step."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval
from gamedyn.distributions import MultivariateNormal, Normal
from gamedyn.models._noise_schedule import NoiseSchedule
from gamedyn.models._noised_mixture import NoisedMixture
from gamedyn.models._reverse_diffusion import SAMPLERS, VARIANCES, Denoiser, check_times, reverse_step, step_deviation

__all__ = ["generated_gaussian"]


def generated_gaussian(
    noised: NoisedMixture,
    schedule: NoiseSchedule,
    *,
    sampler: str = "ancestral",
    variance: str = "small",
    eta: float = 0.0,
    times: Any = None,
) -> Normal | MultivariateNormal:
    """The law of the last x for x_T ~ N(0, I): every step maps x to A x + b and adds noise.

    Parameters
    ----------
    noised : NoisedMixture
        Of one component.
    schedule, sampler, variance, eta, times
        As for `reverse_diffusion`.
    """
    if len(noised.weights) != 1:
        raise ValueError(
            f"`law` must be one Gaussian for a generated law in closed form, got {len(noised.weights)} components. "
            "Take `sample`."
        )
    check_choice("sampler", sampler, SAMPLERS)
    check_choice("variance", variance, VARIANCES)
    check_in_interval("eta", eta, 0.0, 1.0)
    d = noised.dimension
    # The Gaussian moved to 0 has the same A, and its probes lose no digits to b.
    centred = dataclasses.replace(noised, means=numpy.zeros_like(noised.means))

    def denoiser(parts: NoisedMixture) -> Denoiser:
        return lambda x, t: parts.posterior_mean(x, numpy.sqrt(schedule.alpha_bar(t)), schedule.noise_variance(t))

    mean, covariance = numpy.zeros((1, d)), numpy.eye(d)
    times = check_times(schedule, times, from_end=True)
    for t, s in itertools.pairwise(times):
        deviation = step_deviation(schedule, t, s, sampler, variance, eta)
        mean = reverse_step(denoiser(noised), schedule, mean, t, s, sampler, deviation)
        rows = reverse_step(denoiser(centred), schedule, numpy.eye(d), t, s, sampler, deviation)
        covariance = rows.T @ covariance @ rows + deviation**2 * numpy.eye(d)
    if noised.on_line:
        return Normal(float(mean[0, 0]), math.sqrt(float(covariance[0, 0])))
    return MultivariateNormal(mean[0], 0.5 * (covariance + covariance.T))
