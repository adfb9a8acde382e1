"""linear_schedule and cosine_schedule: the two noise schedules in common use, for any number of steps."""

from __future__ import annotations

import math

import numpy

from gamedyn._checks import check_in_interval, check_integer, check_nonnegative
from gamedyn.models._noise_schedule import NoiseSchedule

__all__ = ["cosine_schedule", "linear_schedule"]

# Ho et al.: 1e-4 to 0.02 in 1000 steps. What decides is T beta, the rate in the time that runs from 0 to 1.
_FIRST, _LAST = 0.1, 20.0


def linear_schedule(steps: int, start: float | None = None, end: float | None = None) -> NoiseSchedule:
    """beta_t linear in t, from 0.1 / T to 20 / T: 1e-4 to 0.02 for T = 1000.

    Parameters
    ----------
    steps : int
        T. With the default ends more than 20: at 20 the last beta is 1.
    start, end : float, optional
        beta_1 and beta_T as they are, not rescaled; 0.1 / T and 20 / T by default, so that the final signal stays near
        0.0064 whatever T.

    Raises
    ------
    ValueError
        If a beta leaves (0, 1).

    Warns
    -----
    UserWarning
        If the final signal is not negligible, as with 1e-4 to 0.02 in 100 steps: sqrt(alpha_bar_T) = 0.60.

    References
    ----------
    Ho, Jain and Abbeel (2020), Denoising Diffusion Probabilistic Models: T = 1000, 1e-4 to 0.02.

    Examples
    --------
    >>> schedule = linear_schedule(1000)
    >>> schedule.betas[[0, -1]].tolist()
    [0.0001, 0.02]
    """
    check_integer("steps", steps, minimum=1)
    if end is None and steps <= _LAST:
        raise ValueError(
            f"`steps` must exceed 20 for a linear schedule whose beta ends at 20 / steps, got {steps}: the last beta "
            f"would be {_LAST / steps:g}. Take cosine_schedule({steps}), or give `start` and `end`."
        )
    first = _FIRST / steps if start is None else start
    last = _LAST / steps if end is None else end
    return NoiseSchedule(numpy.linspace(first, last, steps))


def cosine_schedule(steps: int, offset: float = 0.008, largest_beta: float = 0.999) -> NoiseSchedule:
    """alpha_bar_t = f(t) / f(0), f(t) = cos^2(pi / 2 (t / T + s) / (1 + s)), each beta at most 0.999.

    Parameters
    ----------
    steps : int
        T.
    offset : float
        s >= 0; keeps the first betas from being too small.
    largest_beta : float
        In (0, 1): f(T) = 0 would make the last beta 1.

    References
    ----------
    Nichol and Dhariwal (2021), Improved Denoising Diffusion Probabilistic Models: s = 0.008, beta clipped at 0.999.

    Examples
    --------
    >>> schedule = cosine_schedule(4, offset=0.0)
    >>> [round(float(ab), 12) for ab in schedule.alphas_bar[:4]]  # 1, (2 + sqrt 2) / 4, 1/2, (2 - sqrt 2) / 4
    [1.0, 0.853553390593, 0.5, 0.146446609407]
    """
    check_integer("steps", steps, minimum=1)
    check_nonnegative("offset", offset)
    check_in_interval("largest_beta", largest_beta, 0.0, 1.0, closed="neither")
    angle = 0.5 * math.pi * (numpy.arange(steps + 1) / steps + offset) / (1 + offset)
    # 1 - cos^2(b) / cos^2(a) = sin(b - a) sin(b + a) / cos^2(a), which keeps the digits of small betas.
    early, late = angle[:-1], angle[1:]
    betas = numpy.sin(late - early) * numpy.sin(late + early) / numpy.cos(early) ** 2
    return NoiseSchedule(numpy.minimum(betas, largest_beta))
