"""reverse_diffusion: from noise to data with any denoiser, by ancestral sampling, DDIM, Euler's or Heun's method."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval, check_integer
from gamedyn.backend import as_generator, float_arrays, to_host
from gamedyn.models._noise_schedule import NoiseSchedule

__all__ = ["SAMPLERS", "VARIANCES", "Denoiser", "check_times", "reverse_diffusion", "reverse_step", "step_deviation"]

SAMPLERS = ("ancestral", "ddim", "euler", "heun")
VARIANCES = ("large", "small")

Denoiser = Callable[[Any, float], Any]


def reverse_diffusion(
    denoise: Denoiser,
    schedule: NoiseSchedule,
    x: Any,
    *,
    sampler: str = "ancestral",
    variance: str = "small",
    eta: float = 0.0,
    times: Any = None,
    known: Any = None,
    repeats: int = 1,
    rng: Any = None,
) -> Any:
    """x_0 from x_T: one step for each pair of neighbouring times, by a denoiser D(x, t), an estimate of E[x_0 | x_t].

    Parameters
    ----------
    denoise : callable
        denoise(x, t) -> array of the shape of x, for a time t > 0.
    schedule : NoiseSchedule
        Whose times t are.
    x : array_like
        x_T, of any shape: N(0, I) as a rule.
    sampler : {"ancestral", "ddim", "euler", "heun"}
        "ancestral" draws x_s ~ N(mean of q(x_s | x_t, x_0 = D), variance). "ddim" puts the noise that D leaves back,
        all but a share `eta`. "euler" and "heun" follow dy / dsigma = (y - D) / sigma, y = x / sqrt(ab), from noise
        level to noise level; Heun's last step, to level 0, is Euler's.
    variance : {"large", "small"}
        Of an ancestral step from t to s: 1 - ab_t / ab_s (beta_t for neighbouring steps), or that times
        (1 - ab_s) / (1 - ab_t), the posterior variance. The step to time 0 adds none.
    eta : float
        In [0, 1], for "ddim": 0 is deterministic, 1 the ancestral step of small variance.
    times : array_like, optional
        Decreasing times, real or whole, from that of x; all steps T, ..., 1, 0 by default.
    known : array_like, optional
        In-painting: values of x_0 that are known, nan where they are not; broadcast against x. At every time they are
        noised anew and put in place of those of x.
    repeats : int
        How often each step is taken when in-painting; between two of them x_s is noised back to time t, so that the
        unknown values hear of the known ones.
    rng : None, int or numpy.random.Generator
        Of the noise of the steps.

    Returns
    -------
    array, shape of x, float64

    Raises
    ------
    ValueError
        For an unknown sampler, times that do not decrease within [0, T], or repeats without known values.

    Notes
    -----
    With `eta` = 0 DDIM's step is Euler's: both are tested equal, and differ in rounding alone. In-painting by
    replacement does not draw from the law of the unknown values given the known ones, however small the steps; repeats
    bring it closer.

    References
    ----------
    Ho, Jain and Abbeel (2020), Denoising Diffusion Probabilistic Models.
    Song, Meng and Ermon (2021), Denoising Diffusion Implicit Models.
    Karras, Aittala, Aila and Laine (2022), Elucidating the Design Space of Diffusion-Based Generative Models.
    Lugmayr, Danelljan, Romero, Yu, Timofte and Van Gool (2022), RePaint: Inpainting using Denoising Diffusion
    Probabilistic Models.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.models import linear_schedule
    >>> at_three = reverse_diffusion(lambda x, t: 0 * x + 3.0, linear_schedule(100), numpy.zeros(2), sampler="ddim")
    >>> at_three.tolist()  # a denoiser that knows the data
    [3.0, 3.0]
    """
    check_choice("sampler", sampler, SAMPLERS)
    check_choice("variance", variance, VARIANCES)
    check_in_interval("eta", eta, 0.0, 1.0)
    times = check_times(schedule, times)
    x = to_host(float_arrays(x, names=("x",))[1]).astype(numpy.float64)
    rng = as_generator(rng)
    known = _known(known, x, repeats)
    x = _replaced(x, known, schedule, times[0], rng)
    for t, s in itertools.pairwise(times):
        deviation = step_deviation(schedule, t, s, sampler, variance, eta)
        for repeat in range(repeats):
            if repeat:
                added = schedule.added_variance(t, s)
                x = numpy.sqrt(1 - added) * x + numpy.sqrt(added) * rng.standard_normal(x.shape)
            x = reverse_step(denoise, schedule, x, t, s, sampler, deviation)
            if deviation > 0:
                x = x + deviation * rng.standard_normal(x.shape)
            x = _replaced(x, known, schedule, s, rng)
    return x


def _known(known: Any, x: Any, repeats: int) -> Any:
    """The known values in the shape of x, nan elsewhere; None where nothing is known."""
    check_integer("repeats", repeats, minimum=1)
    if known is None:
        if repeats > 1:
            raise ValueError(f"`repeats` must be 1 where `known` is not given, got {repeats}.")
        return None
    values = to_host(float_arrays(known, names=("known",))[1]).astype(numpy.float64)
    try:
        return numpy.broadcast_to(values, x.shape)
    except ValueError:
        raise ValueError(f"`known` must broadcast to the shape of `x`, {x.shape}, got {values.shape}.") from None


def _replaced(x: Any, known: Any, schedule: NoiseSchedule, s: float, rng: numpy.random.Generator) -> Any:
    """x_s with the known values, noised to time s, in place of its own."""
    if known is None:
        return x
    return numpy.where(numpy.isnan(known), x, schedule.noised(known, rng.standard_normal(x.shape), s))


def reverse_step(
    denoise: Denoiser, schedule: NoiseSchedule, x: Any, t: float, s: float, sampler: str, deviation: float
) -> Any:
    """The mean of x_s given x_t = x; `deviation` is that of the noise to be added to it."""
    if sampler == "ancestral":
        return _ancestral(denoise, schedule, x, t, s)
    if sampler == "ddim":
        return _implicit(denoise, schedule, x, t, s, deviation)
    return _flow(denoise, schedule, x, t, s, corrected=sampler == "heun")


def step_deviation(schedule: NoiseSchedule, t: float, s: float, sampler: str, variance: str, eta: float) -> float:
    """Standard deviation of the noise of a step from t to s."""
    if sampler in ("euler", "heun") or s == 0:
        return 0.0
    v_t, v_s = schedule.noise_variance(t), schedule.noise_variance(s)
    added = schedule.added_variance(t, s)
    if sampler == "ancestral":
        return float(numpy.sqrt(added if variance == "large" else added * v_s / v_t))
    return float(eta * numpy.sqrt(added * v_s / v_t))


def check_times(schedule: NoiseSchedule, times: Any, *, from_end: bool = False) -> list[float]:
    """Decreasing times within the schedule; `from_end` where they start from noise, and so at T."""
    if times is None:
        return [float(t) for t in range(schedule.steps, -1, -1)]
    values = numpy.asarray(to_host(times), dtype=numpy.float64)
    inside = values.ndim == 1 and len(values) > 1 and values[0] <= schedule.steps and values[-1] >= 0
    if not inside or not numpy.all(numpy.diff(values) < 0):
        raise ValueError(
            f"`times` must be two or more decreasing times in [0, {schedule.steps}], got {numpy.array2string(values)}."
        )
    if from_end and values[0] < schedule.steps:
        raise ValueError(
            f"`times` must begin at T = {schedule.steps}, the only time whose x is close to N(0, I), got {values[0]:g}."
        )
    return [float(t) for t in values]


def _ancestral(denoise: Denoiser, schedule: NoiseSchedule, x: Any, t: float, s: float) -> Any:
    v_t, v_s = schedule.noise_variance(t), schedule.noise_variance(s)
    added = schedule.added_variance(t, s)
    # E[x_s | x_t, x_0] = sqrt(ab_s) added / (1 - ab_t) x_0 + sqrt(ab_t / ab_s) (1 - ab_s) / (1 - ab_t) x_t
    kept = numpy.sqrt(schedule.alpha_bar(s))
    return kept * (added / v_t) * denoise(x, t) + numpy.sqrt(1 - added) * (v_s / v_t) * x


def _implicit(denoise: Denoiser, schedule: NoiseSchedule, x: Any, t: float, s: float, deviation: float) -> Any:
    v_t, v_s = schedule.noise_variance(t), schedule.noise_variance(s)
    clean = denoise(x, t)
    noise = (x - numpy.sqrt(schedule.alpha_bar(t)) * clean) / numpy.sqrt(v_t)
    return numpy.sqrt(schedule.alpha_bar(s)) * clean + numpy.sqrt(numpy.maximum(v_s - deviation**2, 0.0)) * noise


def _flow(denoise: Denoiser, schedule: NoiseSchedule, x: Any, t: float, s: float, *, corrected: bool) -> Any:
    level, next_level = schedule.noise_level(t), schedule.noise_level(s)
    scale, next_scale = numpy.sqrt(schedule.alpha_bar(t)), numpy.sqrt(schedule.alpha_bar(s))
    y = x / scale
    slope = (y - denoise(x, t)) / level
    forward = y + (next_level - level) * slope
    if corrected and next_level > 0:
        next_slope = (forward - denoise(next_scale * forward, s)) / next_level
        forward = y + (next_level - level) * 0.5 * (slope + next_slope)
    return next_scale * forward
