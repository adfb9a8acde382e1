"""Claims on steps and the flows they follow: modified equations, and cycles that steps keep or erase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.dynamics import flow, modified_field, simulate
from gamedyn.games import DiracGAN, Regularized, almost_bilinear
from gamedyn.updates import AlternatingGradientDescent, Extragradient, SimultaneousGradientDescent, UpdateRule

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _orders(rng: Generator, modified: bool) -> Evidence:
    """log2 of how much the error of one step against the flow of -xi, then of the modified field, falls at half h."""
    game, start = Regularized(DiracGAN(), r1=rng.uniform(0.2, 1.0)), rng.uniform(0.3, 1.0, (8, 2))
    steps = (0.04, 0.02)
    flows = [flow(game, start, [0.0, h], tolerance=1e-12)[-1] for h in steps]
    errors = []
    for make in (SimultaneousGradientDescent, AlternatingGradientDescent, Extragradient):
        moved = [make(h).step(game, start, None)[0] for h in steps]
        errors.append([moved[i] - flows[i] for i in (0, 1)])
        fields = [modified_field((make if modified else SimultaneousGradientDescent)(h)) for h in steps]
        better = [
            flow(game, start, [0.0, h], field=field, tolerance=1e-12)[-1]
            for h, field in zip(steps, fields, strict=True)
        ]
        errors.append([moved[i] - better[i] for i in (0, 1)])
    sizes = numpy.linalg.norm(numpy.array(errors), axis=(-2, -1))
    orders = numpy.log2(sizes[:, 0] / sizes[:, 1])
    # The next order's share of an error of h^p changes the measured p by a multiple of h.
    return Evidence([2.0, 3.0] * 3, orders, 10 * steps[1], "one order of the step: 10 h")


def _drift(rng: Generator) -> Evidence:
    """Dirac-GAN with R1. One step is off the flow by O(h^2), off that of the modified field by O(h^3) (equality)."""
    return _orders(rng, True)


def _drift_control(rng: Generator) -> Evidence:
    """The modified field of simultaneous descent, for every rule."""
    return _orders(rng, False)


def _circling(rng: Generator, rule: type[UpdateRule]) -> Evidence:
    """Radii where runs on x y + eps (y^2 / 2 - y^4 / 4) settle, for h below eps and for h above."""
    eps, turns = rng.uniform(0.12, 0.16), 8 * numpy.pi
    small, large = rng.uniform(0.4, 0.6) * eps, rng.uniform(1.5, 1.8) * eps
    game, radii = almost_bilinear(eps), []
    # Near its end a run approaches the cycle at the rate eps - h, or 0 at nearly (h - eps) / 2: 10 such times pass.
    for h, rate in ((small, eps - small), (large, (large - eps) / 2)):
        count = int((10 / rate + turns) / h)
        path = simulate(game, rule(h), rng.uniform(0.5, 1.0, 2), count).points  # type: ignore[call-arg]
        radii.append(numpy.linalg.norm(path[-int(turns / h) :], axis=-1).mean())
    # Averaged over a turn r' = (eps - h) r / 2 - 3 eps r^3 / 8. Reflecting y and time changes the signs of eps and h,
    # so that the mean radius is even in them, and off by two orders.
    predicted = [numpy.sqrt(4 / 3 * (1 - small / eps)), 0.0]
    return Evidence(predicted, radii, [eps**2, 0.01], "averaging: two orders of eps; what is left after 10 times")


def _cycle(rng: Generator) -> Evidence:
    """Extragradient keeps a cycle of radius sqrt(4/3 (1 - h / eps)) for h < eps; for h > eps it ends at 0."""
    return _circling(rng, Extragradient)


def _cycle_control(rng: Generator) -> Evidence:
    """Simultaneous descent, which widens the cycle."""
    return _circling(rng, SimultaneousGradientDescent)


CLAIMS = (
    Claim(
        id="game.discretisation-drift",
        statement="steps are O(h^2) off the flow, O(h^3) off the modified one: descent at once, in turn, extragradient",
        source="Rosca et al. 2021; EG derived here",
        relation="==",
        check=_drift,
        control=_drift_control,
    ),
    Claim(
        id="game.extragradient-cycle",
        statement="x y + e (y^2/2 - y^4/4): extragradient keeps a cycle at sqrt(4/3 (1 - h/e)), erases it for h > e",
        source="Hsieh et al. 2021, game; derived here",
        relation="==",
        check=_cycle,
        control=_cycle_control,
    ),
)
