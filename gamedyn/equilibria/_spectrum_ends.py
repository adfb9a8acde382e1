"""The ends of the spectrum of a large symmetric operator by Lanczos' method, and what is certain of their signs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy

from gamedyn.equilibria._answers import Answers, answers_of
from gamedyn.numerics import lanczos_extremes

__all__ = ["SpectrumEnds", "find_ends"]

_STEPS = (40, 160)
_RISK = 1e-6


class SpectrumEnds(NamedTuple):
    """What is known of the smallest and the largest eigenvalue."""

    positive: Answers
    """(1,): whether the operator is positive definite."""
    lowest: float
    """The smallest Rayleigh quotient seen, which the smallest eigenvalue does not exceed."""
    highest: float
    floor: float
    """Below all eigenvalues but for a probability of `risk`."""
    ceiling: float
    risk: float


def find_ends(
    product: Callable[[numpy.ndarray], numpy.ndarray],
    size: int,
    error: float,
    name: str,
    rng: numpy.random.Generator,
) -> SpectrumEnds:
    """Judge a symmetric operator on vectors (size,).

    Parameters
    ----------
    product : callable
    size : int
    error : float
        Bound on the spectral norm of its error.
    name : str
        For the reason.
    rng : numpy.random.Generator

    Notes
    -----
    For a start drawn uniformly from the sphere, the probability that k steps of Lanczos' method leave an end of the
    spectrum further away than the share s of its whole length is at most 1.648 sqrt(size) exp(-(2 k - 1) sqrt(s))
    (Kuczynski and Wozniakowski 1992, for exact arithmetic).
    """
    eps = float(numpy.finfo(float).eps)
    for steps in _STEPS:
        start: numpy.ndarray = rng.standard_normal(size)
        images = product(start)
        if _has_zero_row(product, images, rng):
            zero = answers_of("no", numpy.zeros(1), f"{name} has a row of zeros")
            return SpectrumEnds(zero, 0.0, math.inf, -math.inf, math.inf, 0.0)
        found = lanczos_extremes(product, size, steps=steps, start=start)
        # The rounding of a Rayleigh quotient.
        bound = error + size * eps * max(abs(found.smallest), abs(found.largest))
        share = _share(size, found.steps)
        length = (found.largest - found.smallest) / (1 - 2 * share) if share < 0.25 else math.inf
        slack = share * length
        if found.steps < steps:
            # The Krylov space has closed, and would stay the same however many steps were made.
            rounding = 1e3 * math.sqrt(size) * eps * max(abs(found.smallest), abs(found.largest))
            slack = found.smallest_residual + found.largest_residual + rounding
        floor, ceiling = found.smallest - slack - bound + error, found.largest + slack + bound - error
        ends = (found.smallest, found.largest, floor, ceiling, 4 * _RISK)
        margin = numpy.array([found.smallest])
        if found.smallest + bound < 0:
            return SpectrumEnds(answers_of("no", margin, f"{name} is not positive definite"), *ends)
        if floor > error:
            reason = f"{name} is positive definite, but for a probability of {4 * _RISK:.1g}"
            return SpectrumEnds(answers_of("yes", margin, reason), *ends)
        if found.smallest - bound < 0:
            break
    return SpectrumEnds(
        answers_of("undecided", margin, f"{name} is nearly singular, as far as {steps} steps show"), *ends
    )


def _share(size: int, steps: int) -> float:
    """The share of the spectrum's length that an end may be off, but for the probability _RISK."""
    return (math.log(1.648 * math.sqrt(size) / _RISK) / (2 * steps - 1)) ** 2


def _has_zero_row(
    product: Callable[[numpy.ndarray], numpy.ndarray], image: numpy.ndarray, rng: numpy.random.Generator
) -> bool:
    """Exactly zero curvature along a coordinate is structure (a bilinear game, a dead unit), not rounding."""
    if numpy.all(image != 0):
        return False
    again = product(rng.standard_normal(len(image)).astype(image.dtype))
    return bool(numpy.any((image == 0) & (again == 0)))
