"""Claims on cycles: limit cycles of flows with their periods and Floquet multipliers, and one that descent adds."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.dynamics import flow, simulate
from gamedyn.games import DiracGAN, Game, forsaken, polar_game
from gamedyn.objectives import Minimax, NonSaturating
from gamedyn.updates import SimultaneousGradientDescent

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _returned(game: Game, x: float, y: float, period: float) -> tuple[float, float, float]:
    """Newton on the return map to the line of ordinate y, around the cycle through (x, y) of about this period.

    The point's abscissa, the period, and the multiplier, which is the derivative of the map.
    """
    e = 5e-5
    slope = 0.0
    for _ in range(2):
        starts = numpy.array([[x - e, y], [x, y], [x + e, y]])
        ends = flow(game, starts, [0.0, period], tolerance=1e-11)[1]
        # What is left of the way to the line is passed at the field's speed, in two steps of Newton's method.
        late = numpy.zeros(3)
        for _ in range(2):
            velocity = -numpy.asarray(game.simultaneous_gradient(ends))
            spent = (y - ends[:, 1]) / velocity[:, 1]
            middle = ends + velocity * spent[:, None] / 2
            ends = ends - spent[:, None] * numpy.asarray(game.simultaneous_gradient(middle))
            late += spent
        slope = (ends[2, 0] - ends[0, 0]) / (2 * e)
        x += (ends[1, 0] - x) / (1 - slope)
        period += late[1]
    return x, period, slope


def _polar(rng: Generator, share: float) -> Evidence:
    a, b = rng.uniform(0.2, 0.5), rng.uniform(0.8, 1.5)
    predicted: list[float] = []
    measured: list[float] = []
    # The rate of r' = -r g(r), minus its derivative r g'(r), over one turn of 2 pi / b.
    for radius, rate in ((1.0, -7 * a / 8), (0.75, 63 * a / 128)):
        period = 2 * numpy.pi / b
        predicted += [radius, period, numpy.exp(share * rate * period)]
        measured += _returned(polar_game(a, b), radius + rng.uniform(-2e-5, 2e-5), 0.0, period)
    return Evidence(predicted, measured, 1e-5, "differences of order 1e-8, and the integrator's 1e-11")


def _polar_cycles(rng: Generator) -> Evidence:
    """Cycles of radius 1 and 3/4, period 2 pi / b, multipliers exp(-7 a pi / (4 b)) and exp(63 a pi / (64 b))."""
    return _polar(rng, 1.0)


def _polar_cycles_control(rng: Generator) -> Evidence:
    """Multipliers as of half a turn."""
    return _polar(rng, 0.5)


@functools.cache
def _forsaken_cycle(start: float, span: float) -> tuple[float, float, float]:
    """The cycle that a run from (start, 0.45) ends at, by SciPy alone: abscissa at y = 0.45, period, log multiplier.

    A negative span runs backwards. The multiplier is exp of the integral of the divergence of z' = -xi (Liouville).
    """
    from scipy.integrate import solve_ivp

    def rate(_: float, z: Any) -> list[float]:
        x, y = float(z[0]), float(z[1])
        slopes = [t / 2 - 2 * t**3 + t**5 for t in (x, y)]
        curvatures = [0.5 - 6 * t**2 + 5 * t**4 for t in (x, y)]
        # f = x (y - 0.45) + phi(x) - phi(y): x descends, y ascends, and the divergence is -phi''(x) - phi''(y).
        return [-(y - 0.45) - slopes[0], x - slopes[1], -sum(curvatures)]

    def crossing(_: float, z: Any) -> float:
        return float(z[1] - 0.45)

    crossing.direction = numpy.sign(span)  # type: ignore[attr-defined]
    run = solve_ivp(rate, (0.0, span), [start, 0.45, 0.0], method="DOP853", rtol=1e-11, atol=1e-12, events=crossing)
    times, points = run.t_events[0][-2:], run.y_events[0][-2:]
    period = float(times[1] - times[0])
    return float(points[1][0]), abs(period), float(points[1][2] - points[0][2]) * float(numpy.sign(period))


def _forsaken(rng: Generator, offset: float) -> Evidence:
    predicted: list[float] = []
    measured: list[float] = []
    # The outer cycle attracts, the inner one attracts backwards: its multiplier is above 1.
    for start, span in ((1.0, 60.0), (0.2, -150.0)):
        x, period, logarithm = _forsaken_cycle(start, span)
        predicted += [x, period, numpy.exp(logarithm)]
        measured += _returned(forsaken(offset), x + rng.uniform(-2e-5, 2e-5), 0.45, period)
    return Evidence(predicted, measured, 1e-5, "differences of order 1e-8, the integrators' 1e-11")


def _forsaken_claim(rng: Generator) -> Evidence:
    """Fixed points and slopes of the return map, against two runs and exp of the divergence's integrals (equality)."""
    return _forsaken(rng, 0.45)


def _forsaken_control(rng: Generator) -> Evidence:
    """Another offset, 0.44."""
    return _forsaken(rng, 0.44)


def _circle(rng: Generator, objective: Any) -> Evidence:
    h, angle = rng.uniform(0.08, 0.12), rng.uniform(0, 2 * numpy.pi)
    start = numpy.sqrt(2 * h) * rng.uniform(0.8, 1.2) * numpy.array([numpy.cos(angle), numpy.sin(angle)])
    # Around the circle r - sqrt(2 h) falls at the rate h / 4 per unit of time, h^2 / 4 per step.
    steps = int(4 * 6 / h**2)
    path = simulate(DiracGAN(objective), SimultaneousGradientDescent(h), start, steps, record_every=10).points
    turn = path[-int(4 * numpy.pi / h / 10) :]
    return Evidence(2 * h, float((turn**2).sum(-1).mean()), 0.2 * h * h, "averaging: a tenth of the next order of h")


def _nonsaturating_cycle(rng: Generator) -> Evidence:
    """Step h: the flow's r' = -r^3 / 16 and the step's h r / 8, averaged over a turn, balance at r^2 = 2h."""
    return _circle(rng, NonSaturating())


def _nonsaturating_cycle_control(rng: Generator) -> Evidence:
    """The saturating losses, whose flow conserves r."""
    return _circle(rng, Minimax())


_Check = Callable[["Generator"], Evidence]
CLAIMS = (
    Claim(
        id="game.limit-cycle",
        statement="polar game: cycles r = 1 and 3/4, period 2 pi/b, multipliers exp(-7 a pi/(4b)), exp(63 a pi/(64b))",
        source="derived here; Pethick et al. 2022",
        relation="==",
        check=_polar_cycles,
        control=_polar_cycles_control,
    ),
    Claim(
        id="game.limit-cycle-forsaken",
        statement="Forsaken: a stable cycle around an unstable one; multipliers exp of the integral of -tr J",
        source="Hsieh et al. 2021; Liouville's formula",
        relation="==",
        check=_forsaken_claim,
        control=_forsaken_control,
    ),
    Claim(
        id="game.dirac-nonsaturating-cycle",
        statement="non-saturating Dirac-GAN, simultaneous descent with step h settles on a circle r^2 = 2 h + O(h^2)",
        source="derived here by averaging",
        relation="==",
        check=_nonsaturating_cycle,
        control=_nonsaturating_cycle_control,
    ),
)
