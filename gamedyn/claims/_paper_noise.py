"""Claims of papers on noise: extragradient, its double-step form, and variance reduction on bilinear games."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._noise import moment_error, noisy_moments, second_moments
from gamedyn.games import Bilinear, FiniteSum
from gamedyn.updates import (
    DoubleStepExtragradient,
    Extragradient,
    StochasticVarianceReducedExtragradient,
    UpdateRule,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_STEPS, _PLANES, _OFFSET, _LATER = 300, 200, 10.0, 20000


def _decreasing(rng: Generator, exponents: tuple[float, float], played: tuple[float, float], order: float) -> Evidence:
    """|z_k|^2 over its exact second moment in 300 steps, and the log-slope of that moment up to 20000 steps."""
    s, scale = rng.uniform(0.7, 1.3), rng.uniform(0.3, 1.0)
    # h_0 g_0 s^2 = 1/5, and h_k g_k s^2 about 2 / k where the exponents add up to 1.
    first = (0.67 / s, 0.3 / s)
    g, h = (size * _OFFSET**exponent for size, exponent in zip(first, exponents, strict=True))
    count = numpy.arange(_LATER) + _OFFSET
    factors, moments = second_moments(h / count ** exponents[1], g / count ** exponents[0], s, scale)
    rule = DoubleStepExtragradient(h, extrapolation_step=g, exponents=played, offset=_OFFSET)
    found = noisy_moments(rng, rule, s, scale, _STEPS, _PLANES)[1:]
    error = moment_error(factors[:_STEPS], moments[: _STEPS + 1], _PLANES)
    tenth = _LATER // 10
    slope = numpy.log(moments[-1] / moments[tenth]) / numpy.log((_LATER + _OFFSET) / (tenth + _OFFSET))
    measured = [(found / moments[1 : _STEPS + 1]).mean(), slope]
    return Evidence([1.0, -order], measured, [4.9 * error, 0.05], "4.9 standard errors; orders by 0.05")


def _double_step(rng: Generator) -> Evidence:
    """s x y, Gaussian noise, looks k^-1/3, moves k^-2/3: E|z_k|^2 follows its recursion, which falls like k^-1/3."""
    return _decreasing(rng, (1 / 3, 2 / 3), (1 / 3, 2 / 3), 1 / 3)


def _double_step_control(rng: Generator) -> Evidence:
    """Looks that shrink as fast as moves."""
    return _decreasing(rng, (1 / 3, 2 / 3), (2 / 3, 2 / 3), 1 / 3)


def _constant_look(rng: Generator) -> Evidence:
    """s x y, Gaussian noise, constant looks, moves 1 / k: E|z_k|^2 follows its recursion, which falls like 1 / k."""
    return _decreasing(rng, (0.0, 1.0), (0.0, 1.0), 1.0)


def _constant_look_control(rng: Generator) -> Evidence:
    """Looks that shrink like 1 / k, too."""
    return _decreasing(rng, (0.0, 1.0), (1.0, 1.0), 1.0)


def _same_steps(rng: Generator, played: tuple[float, float]) -> Evidence:
    """|z_k|^2 over its exact second moment, and that moment times s^2 / 2 c^2, from the solution on."""
    s, scale, r = rng.uniform(0.7, 1.3), rng.uniform(0.3, 1.0), rng.uniform(0.2, 0.4)
    h = 0.6 / s * _OFFSET**r
    steps = h / (numpy.arange(_LATER) + _OFFSET) ** r
    factors, moments = second_moments(steps, steps, s, scale)
    exponents = (r * played[0], r * played[1])
    rule = DoubleStepExtragradient(h, extrapolation_step=h, exponents=exponents, offset=_OFFSET)
    found = noisy_moments(rng, rule, s, scale, _STEPS, _PLANES)[1:]
    error = moment_error(factors[:_STEPS], moments[: _STEPS + 1], _PLANES)
    measured = [(found / moments[1 : _STEPS + 1]).mean(), moments[-1] * s**2 / (2 * scale**2)]
    # (1 + a^2) / (1 - a^2) with a = h_k s, and a lag of the order of 1 / k over a^2.
    return Evidence([1.0, 1.0], measured, [4.9 * error, 3 * (steps[-1] * s) ** 2], "4.9 standard errors; h_k^2 s^2")


def _no_step_will_do(rng: Generator) -> Evidence:
    """s x y, noise c, looks and moves both k^-r, 0.2 < r < 0.4: from 0, E|z_k|^2 rises to 2 c^2 / s^2 (equality)."""
    return _same_steps(rng, (1.0, 1.0))


def _no_step_will_do_control(rng: Generator) -> Evidence:
    """Looks that stay as long as they were."""
    return _same_steps(rng, (0.0, 1.0))


_DRAWS = 300


def _grown(rng: Generator, rule: UpdateRule, offset: float, epochs: int) -> tuple[int, float, float]:
    """(n, mean, standard error) of |z - z*|^2 after `epochs` steps over |z_0 - z*|^2 on a sum of n planes."""
    n = 4
    a, b = offset * rng.standard_normal((2, n, n))
    game = FiniteSum([Bilinear(numpy.diag(row), a[i], b[i]) for i, row in enumerate(numpy.eye(n))])
    rest = numpy.concatenate([-b.sum(0), -a.sum(0)])
    start = rest + rng.standard_normal(2 * n)
    ratios = []
    for _ in range(_DRAWS):
        z, state = start, rule.init(game.full(), start)
        for _ in range(epochs):
            z, state = rule.step(game.draw(rng), z, state)
        ratios.append(((z - rest) ** 2).sum() / ((start - rest) ** 2).sum())
    return n, float(numpy.mean(ratios)), float(numpy.std(ratios) / numpy.sqrt(_DRAWS))


def _diverging(rng: Generator, shared: bool) -> Evidence:
    h = float(rng.uniform(0.5, 0.9))
    rule = Extragradient(h) if shared else DoubleStepExtragradient(h, exponents=(0.0, 0.0))
    n, mean, error = _grown(rng, rule, 0.0, 1)
    # A plane moves where the second sample is its own, by 1 - i h, or 1 - h^2 - i h if the first one was, too.
    return Evidence(1 + h**2 / n * (1 - 2 / n + h**2 / n), mean, 4.9 * error, "4.9 standard errors")


def _noise_diverges(rng: Generator) -> Evidence:
    """Mean of n = 4 bilinear planes, one per sample, two samples a step: E|z|^2 grows by 1 + h^2/n (1 - 2/n + h^2/n).

    More than 1 for n > 2 and every h, where the whole sum converges for h < n.
    """
    return _diverging(rng, False)


def _noise_diverges_control(rng: Generator) -> Evidence:
    """One sample for both gradients, without linear terms."""
    return _diverging(rng, True)


def _epoch_factor(h: float, n: int) -> float:
    """E|z|^2 after n steps over |s|^2 at the snapshot s, by averaging over whether samples hit the plane.

    In the plane z = c s with a complex c: look = c - h (I i (c - 1) + i / n), c - h (J i (look - 1) + i / n).
    """
    mean, square = 1 + 0j, 1.0
    for _ in range(n):
        next_mean, next_square = 0j, 0.0
        for first, second in ((0, 0), (0, 1), (1, 0), (1, 1)):
            weight = (1 / n if first else 1 - 1 / n) * (1 / n if second else 1 - 1 / n)
            slope, shift = 1 - 1j * h * first, 1j * h * (first - 1 / n)
            slope, shift = 1 - 1j * h * second * slope, -1j * h * (second * (shift - 1) + 1 / n)
            next_mean += weight * (slope * mean + shift)
            cross = 2 * (slope * mean * shift.conjugate()).real
            next_square += weight * (abs(slope) ** 2 * square + cross + abs(shift) ** 2)
        mean, square = next_mean, next_square
    return square


def _reduced(rng: Generator, reduce: bool) -> Evidence:
    predicted, measured, tolerance = [], [], []
    # At the larger step an epoch whose samples were all the same would grow, by 1.1 or more.
    for h in (float(rng.uniform(0.3, 0.5)), float(rng.uniform(0.6, 0.68))):
        rule = StochasticVarianceReducedExtragradient(h, epoch_length=4)
        plain = DoubleStepExtragradient(h, exponents=(0.0, 0.0))
        n, mean, error = _grown(rng, rule if reduce else plain, 1.0, 1 if reduce else 4)
        factor = _epoch_factor(h, n)
        predicted += [factor, 1.0]
        measured += [mean, float(factor < 1)]
        tolerance += [4.9 * error, 0.0]
    return Evidence(predicted, measured, tolerance, "4.9 standard errors")


def _variance_reduction(rng: Generator) -> Evidence:
    """Mean of n = 4 planes with linear terms, h in (0.3, 0.68): an epoch of n steps shrinks E|z - z*|^2 (equality).

    By a factor below 1 that follows from averaging over the samples; no restart is needed at such steps.
    """
    return _reduced(rng, True)


def _variance_reduction_control(rng: Generator) -> Evidence:
    """As many steps of extragradient with two samples."""
    return _reduced(rng, False)


CLAIMS = (
    Claim(
        id="paper.hsieh-extragradient",
        statement="noise c on s x y, looks and moves both k^-r: E|z_k|^2 tends to 2 c^2 / s^2, for 0 < r <= 1/2",
        source="Hsieh et al. 2020; limit derived here",
        relation="==",
        check=_no_step_will_do,
        control=_no_step_will_do_control,
    ),
    Claim(
        id="paper.hsieh-double-step",
        statement="noise on s x y, looks k^-1/3 and moves k^-2/3: E|z_k|^2 follows its recursion, of order k^-1/3",
        source="Hsieh et al. 2020; orders derived here",
        relation="==",
        check=_double_step,
        control=_double_step_control,
    ),
    Claim(
        id="paper.hsieh-constant-look",
        statement="noise on s x y, constant looks and moves 1 / k: E|z_k|^2 follows its recursion, of order 1 / k",
        source="Hsieh et al. 2020; orders derived here",
        relation="==",
        check=_constant_look,
        control=_constant_look_control,
    ),
    Claim(
        id="paper.chavdarova-noise",
        statement="n planes, two samples a step: extragradient multiplies E|z|^2 by 1 + h^2/n (1 - 2/n + h^2/n) > 1",
        source="Chavdarova et al. 2019; derived here",
        relation="==",
        check=_noise_diverges,
        control=_noise_diverges_control,
    ),
    Claim(
        id="paper.chavdarova-svre",
        statement="n planes: an epoch of variance-reduced extragradient shrinks E|z - z*|^2, by the exact factor",
        source="Chavdarova et al. 2019; derived here",
        relation="==",
        check=_variance_reduction,
        control=_variance_reduction_control,
    ),
)
