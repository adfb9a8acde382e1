"""Claims on markets and places: Cournot and Stackelberg duopolies, Theocharis' firms, Kelly's auction, a torus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import simulate
from gamedyn.equilibria import find_stationary_point, spectral_radius
from gamedyn.games import KellyAuction, cournot, torus_location_game
from gamedyn.updates import Extragradient, SimultaneousGradientDescent, StackelbergGradient

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _firms(rng: Generator, n: int) -> tuple[Any, float, float, Any]:
    """Marginal costs, intercept and slope of the demand, and Cournot's quantities (a - (n+1) c_i + sum c) / ((n+1) b).

    They solve 2 b q_i + b sum of the others = a - c_i; costs are so close that all firms sell.
    """
    costs, a, b = rng.uniform(1.0, 6.0, n), rng.uniform(80.0, 120.0), rng.uniform(0.5, 2.0)
    return costs, a, b, (a - (n + 1) * costs + costs.sum()) / ((n + 1) * b)


def _duopoly(rng: Generator, leader: int) -> Evidence:
    costs, a, b, nash = _firms(rng, 2)
    game = cournot(tuple(costs), intercept=a, slope=b)
    rules = (SimultaneousGradientDescent(0.2 / b), StackelbergGradient(0.2 / b, leader=leader))
    ends = numpy.stack(
        [simulate(game, rule, [1.0, 1.0], 400, record_every=400, engine="step").points[-1] for rule in rules]
    )
    # With q_1 = (a - c_1 - b q_0) / (2 b), the leader's profit is q_0 (a - 2 c_0 + c_1 - b q_0) / 2.
    led = (a - 2 * costs[0] + costs[1]) / (2 * b)
    points = numpy.array([nash, [led, (a - costs[1] - b * led) / (2 * b)]])
    profits = (a - b * points.sum(-1) - costs[0]) * points[:, 0]
    predicted = numpy.array([*points.reshape(-1), *profits, 9 / 8])
    gains = -numpy.asarray(game.losses(ends))[:, 0]
    return within_rounding(
        predicted, numpy.array([*ends.reshape(-1), *gains, gains[1] / gains[0]]), terms=256, size=abs(predicted) + a
    )


def _leader(rng: Generator) -> Evidence:
    """Descent ends at (a - 2 c_i + c_j) / (3b), the Stackelberg gradient at q_0 = (a - 2 c_0 + c_1) / (2b)."""
    return _duopoly(rng, 0)


def _leader_control(rng: Generator) -> Evidence:
    """The other firm leads."""
    return _duopoly(rng, 1)


def _instability(rng: Generator, pace: float) -> Evidence:
    predicted, measured = [], []
    for n in range(2, 9):
        costs, a, b, nash = _firms(rng, n)
        # A step of 1 / (2 b) is the best reply to the others' quantities.
        rule = SimultaneousGradientDescent(pace / (2 * b))
        game = cournot(tuple(costs), intercept=a, slope=b)
        predicted.append((n - 1) / 2)
        measured.append(float(spectral_radius(rule, game, nash)))
    return within_rounding(numpy.array(predicted), numpy.array(measured), terms=256, size=9.0)


def _theocharis(rng: Generator) -> Evidence:
    """2 to 8 firms: best replies by all at once have the radius (n - 1) / 2: stable, neutral for 3, unstable from 4."""
    return _instability(rng, 1.0)


def _theocharis_control(rng: Generator) -> Evidence:
    """Half of the way to the best reply."""
    return _instability(rng, 0.5)


def _auction(rng: Generator, missing: int) -> Evidence:
    gains, quantity, reserve = rng.uniform(1.8, 2.4, 4), rng.uniform(500.0, 2000.0), rng.uniform(50.0, 200.0)
    # B = Z + W: z_i = B - B^2 / (G_i Q) for all i, so that S B^2 - (n - 1) B - Z = 0 with S the sum of 1 / (G_i Q).
    s, n = (1 / (gains * quantity)).sum(), len(gains) - missing
    total = (n - 1 + numpy.sqrt((n - 1) ** 2 + 4 * s * reserve)) / (2 * s)
    bids = total - total**2 / (gains * quantity)
    game = KellyAuction(tuple(gains), quantity=quantity, reserve=reserve)
    start = quantity * rng.uniform(0.2, 0.4, 4)
    played = simulate(game, Extragradient(0.2 * quantity), start, 1000, record_every=1000).points[-1]
    found = find_stationary_point(game, bids * rng.uniform(0.95, 1.05, 4)).point
    return Evidence([bids, bids], [played, found], 1e-10 * total, "rounding, over the field's slope of 1e-3")


def _kelly(rng: Generator) -> Evidence:
    """Four bidders: z_i = B - B^2 / (G_i Q), B by a quadratic equation; by Newton's method and extragradient."""
    return _auction(rng, 0)


def _kelly_control(rng: Generator) -> Evidence:
    """The quadratic equation of three bidders."""
    return _auction(rng, 1)


def _places(rng: Generator, leader: int) -> Evidence:
    from scipy.optimize import minimize_scalar

    a = numpy.array([1.0, 1.3])
    game = torus_location_game(tuple(a), (0.0, 0.0))
    starts = rng.uniform(-numpy.pi, numpy.pi, (8, 2))
    nash, led = (
        simulate(game, rule, starts, 600, record_every=600).points[-1]
        for rule in (SimultaneousGradientDescent(0.1), StackelbergGradient(0.05, leader=leader))
    )
    # a_1 sin t_1 = sin(t_1 - t_2) = -a_2 sin t_2, squared and summed up, give cos t_1.
    first = numpy.arccos(a[1] * (a[0] ** 2 + (a[0] / a[1]) ** 2 - 1) / (2 * a[0] ** 2))

    def reply(t: Any) -> Any:
        """-a_2 cos u + cos(t - u) = Re e^(iu) w, least where e^(iu) w is negative."""
        return numpy.angle(-1 / (-a[1] + numpy.exp(-1j * t)))

    def loss(t: Any) -> Any:
        return -a[0] * numpy.cos(t) + numpy.cos(t - reply(t))

    best = minimize_scalar(loss, bounds=(0.0, numpy.pi), method="bounded", options={"xatol": 1e-12})
    predicted = numpy.abs([first, numpy.arcsin(a[0] / a[1] * numpy.sin(first)), best.x, reply(best.x)])
    ends = numpy.abs((numpy.stack([nash, led], axis=1).reshape(-1, 4) + numpy.pi) % (2 * numpy.pi) - numpy.pi)
    return Evidence(predicted, ends, 1e-6, "SciPy's search for a minimum: the square root of an ulp, enlarged")


def _torus(rng: Generator) -> Evidence:
    """Weights 1, 1.3, places 0: descent ends at +-Nash, the leader at the minimum along the other's best reply."""
    return _places(rng, 0)


def _torus_control(rng: Generator) -> Evidence:
    """The other player leads."""
    return _places(rng, 1)


CLAIMS = (
    Claim(
        id="paper.fiez-duopoly",
        statement="duopoly: descent ends at Cournot's point, Stackelberg gradient where the leader earns 9/8 of that",
        source="Fiez et al. 2020; derived here",
        relation="==",
        check=_leader,
        control=_leader_control,
    ),
    Claim(
        id="paper.theocharis-instability",
        statement="n Cournot firms' best replies have the radius (n - 1)/2: neutral for 3 firms, unstable from 4 on",
        source="Theocharis 1960; derived here",
        relation="==",
        check=_theocharis,
        control=_theocharis_control,
    ),
    Claim(
        id="paper.kelly-equilibrium",
        statement="Kelly auction, B = Z + sum of bids: z_i = B - B^2/(G_i Q), S B^2 - (n-1) B = Z, S = sum 1/(G_i Q)",
        source="Kelly et al. 1998, auction; derived here",
        relation="==",
        check=_kelly,
        control=_kelly_control,
    ),
    Claim(
        id="paper.fiez-torus",
        statement="torus: descent ends at cos t_1 = a_2 (a_1^2 + (a_1/a_2)^2 - 1)/(2 a_1^2), a leader at a lower loss",
        source="Fiez et al. 2020; derived here",
        relation="==",
        check=_torus,
        control=_torus_control,
    ),
)
