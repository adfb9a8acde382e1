"""The two witnesses for chaos: growth of separations, and how fast weighted averages converge."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy

from gamedyn.dynamics._lyapunov import LyapunovSpectrum
from gamedyn.dynamics._rotation_number import birkhoff_average

__all__ = ["Witnesses", "question"]


@dataclass(frozen=True)
class Witnesses:
    """The verdict, "torus", "chaos" or "undecided", with evidence and reason."""

    kind: str
    evidence: dict[str, float]
    reason: str


def question(spectrum: LyapunovSpectrum, samples: numpy.ndarray, turns: float, directions: int) -> Witnesses:
    """Torus or chaos, from the largest exponent and from samples (n, d) of the orbit in so many directions.

    Growth by more than the cube of the time is exponential: tori shear, and separations on them grow like the time. Of
    a smooth function on a torus the weighted averages over halves of an orbit agree to many digits, on a chaotic orbit
    to about half of those of the number of turns. The functions are the coordinates and their squares about the mean:
    the squares of what still spirals drift.
    """
    largest, error = float(spectrum.exponents[0]), float(spectrum.standard_error[0])
    growth, threshold = largest * spectrum.steps, 3 * math.log(max(turns, 2.0))
    mean, _ = birkhoff_average(samples)
    variance = numpy.maximum(numpy.var(samples, axis=0), 1e-24 * (1 + numpy.max(samples**2)))
    moments = numpy.concatenate([(samples - mean) / numpy.sqrt(variance), (samples - mean) ** 2 / variance], axis=1)
    _, gaps = birkhoff_average(moments)
    digits = -math.log10(max(float(numpy.max(gaps)), 1e-16))
    evidence = {"exponent": largest, "error": error, "digits": digits}
    chance = 0.5 * math.log10(max(turns, 2.0))
    if growth > threshold and largest > 5 * error and digits < chance + 2.0:
        return Witnesses("chaos", evidence, "separations grow exponentially and averages converge slowly")
    # Narrow bands of chaos visited in turn look regular to averages: on tori growth, errors included, stays small.
    if growth + error * spectrum.steps > threshold / 2 or digits < chance + 2.5:
        return Witnesses(
            "undecided", evidence, "exponent and averages agree on neither chaos nor a torus: more steps may tell"
        )
    if growth < -threshold:
        return Witnesses(
            "undecided",
            evidence,
            "nearby orbits approach: a cycle that is too long, or more steps are needed to near it",
        )
    if directions == 1:
        return Witnesses("undecided", evidence, "motion on a line has no tori: more steps may tell")
    return Witnesses("torus", evidence, "separations do not grow exponentially and averages converge fast")
