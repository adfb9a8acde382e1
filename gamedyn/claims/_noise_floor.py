"""Claims on noise in the plane: the floor that constant steps reach, and what decreasing ones make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._noise import moment_error, noisy_moments, second_moments
from gamedyn.updates import DoubleStepExtragradient, Extragradient

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_STEPS, _PLANES = 300, 60


def _floors(rng: Generator, kept: float) -> Evidence:
    """Constant steps with one draw of noise, then with two and a longer look ahead: means of |z_k|^2 / V_k and V."""
    s, scale = rng.uniform(0.5, 2.0), rng.uniform(0.1, 2.0)
    h = rng.uniform(0.4, 0.7) / s
    g = rng.uniform(1.0, 1.5) * h
    predicted, measured, tolerance = [], [], []
    twice = DoubleStepExtragradient(h, extrapolation_step=g, exponents=(0.0, 0.0))
    for rule, ahead in ((Extragradient(h), h), (twice, g)):
        factors, moments = second_moments(numpy.full(_STEPS, h), numpy.full(_STEPS, ahead), s, scale)
        floor = 2 * scale**2 * (1 + (ahead * s) ** 2) * h / (s**2 * (2 * ahead - h - h * (ahead * s) ** 2))
        found = noisy_moments(rng, rule, s, kept * scale, _STEPS, _PLANES)[1:]
        error = moment_error(factors, moments, _PLANES)
        predicted += [1.0, floor]
        measured += [(found / moments[1:]).mean(), found[_STEPS // 2 :].mean()]
        tolerance += [4.9 * error, 4.9 * numpy.sqrt(2) * error * floor]
    return Evidence(predicted, measured, tolerance, "4.9 standard errors, of independent planes and correlated steps")


def _floor(rng: Generator) -> Evidence:
    """From 0, noise of deviation c: E|z|^2 rises to 2 c^2 (1 + g^2 s^2) h / (s^2 (2 g - h - h g^2 s^2)) (equality)."""
    return _floors(rng, 1.0)


def _floor_control(rng: Generator) -> Evidence:
    """Half of the variance."""
    return _floors(rng, float(numpy.sqrt(0.5)))


CLAIMS = (
    Claim(
        id="game.stochastic-floor",
        statement="noise c on s x y, steps h, looks g: E|z|^2 -> 2 c^2 h (1 + g^2 s^2) / (s^2 (2 g - h - h g^2 s^2))",
        source="Hsieh et al. 2020, setting; derived here",
        relation="==",
        check=_floor,
        control=_floor_control,
    ),
)
