"""Claims on flows and landscapes: chaos of learning, shapes of path angles, fields of steps, shares of basins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import (
    basins,
    flow,
    gradient_field,
    lyapunov_spectrum,
    modified_field,
    path_angle,
    replicator_field,
    simulate,
)
from gamedyn.games import FunctionGame, Quadratic, rock_paper_scissors
from gamedyn.updates import OptimisticGradient, SimultaneousGradientDescent, UpdateRule

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _angles(rng: Generator, swapped: bool) -> Evidence:
    miss, size = rng.uniform(0.05, 0.3), rng.uniform(0.5, 2.0)
    turning, pulling = [[0.0, size], [-size, 0.0]], [[size, 0.0], [0.0, size]]
    if swapped:
        turning, pulling = pulling, turning
    start, end = [1.0, miss], [0.0, miss]
    rotation = path_angle(Quadratic.from_jacobian(turning, (1, 1)), start, end)
    attraction = path_angle(Quadratic.from_jacobian(pulling, (1, 1)), start, end)
    # Along (1 - a, miss) both cosines are those of a right-angled triangle with legs 1 - a and miss.
    side = numpy.hypot(1.0, miss)
    predicted = [0.0, miss / side - 1, 1 / side, 0.0, 1.0, 1.0]
    shapes = [rotation.shape == "bump", attraction.shape == "sign switch"]
    measured = [rotation.switch, rotation.bump, attraction.switch, attraction.bump, *shapes]
    return within_rounding(numpy.array(predicted), numpy.array(measured, float), terms=64)


def _path_angles(rng: Generator) -> Evidence:
    """Paths that pass 0 at a distance m: J turning gives a bump m / sqrt(1 + m^2) - 1, J = I a switch (equality)."""
    return _angles(rng, False)


def _path_angles_control(rng: Generator) -> Evidence:
    """The two games exchanged."""
    return _angles(rng, True)


def _pendulum(s: float) -> FunctionGame:
    """Losses s x y + x^4 / 4 and -s x y + y^2 / 2 - cos y."""

    def gradient(z: Any) -> Any:
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([s * y + x**3, -s * x + y + numpy.sin(y)], axis=-1)

    def losses(z: Any) -> Any:
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([s * x * y + x**4 / 4, -s * x * y + y**2 / 2 - numpy.cos(y)], axis=-1)

    return FunctionGame(losses, (1, 1), gradient=gradient, check=False)


def _orders(rng: Generator, other: bool) -> Evidence:
    game, start = _pendulum(rng.uniform(0.8, 1.2)), rng.uniform(0.5, 1.0, 2)
    errors = []
    for h in (0.04, 0.02):
        rule = SimultaneousGradientDescent(h)
        end = simulate(game, rule, start, round(1 / h), record_every=round(1 / h)).points[-1]
        source: UpdateRule = OptimisticGradient(h) if other else rule
        fields = (gradient_field, modified_field(source), modified_field(source, order=2))
        ends = [flow(game, start, [0.0, 1.0], field=field, tolerance=1e-11)[-1] for field in fields]
        errors.append([float(numpy.linalg.norm(end - each)) for each in ends])
    slopes = numpy.log2(numpy.array(errors[0]) / numpy.array(errors[1]))
    return Evidence([1.0, 2.0, 3.0], slopes, 0.2, "the next order of h: a share of some h of the error")


def _modified(rng: Generator) -> Evidence:
    """Time 1 by steps h and h / 2: the distance from the field with no, one and two corrections falls by 2, 4 and 8."""
    return _orders(rng, False)


def _modified_control(rng: Generator) -> Evidence:
    """The corrections of another rule."""
    return _orders(rng, True)


def _learning(rng: Generator, ties: float) -> Evidence:
    start = numpy.array([0.5, 0.01, 0.49, 0.5, 0.25, 0.25])
    exponents = [
        float(
            lyapunov_spectrum(
                rock_paper_scissors(e, -e), replicator_field, start, steps=1500.0, k=1, tolerance=1e-7
            ).exponents[0]
        )
        for e in (ties * rng.uniform(0.45, 0.5), 0.0)
    ]
    # Separations that grow linearly leave log(1500) / 1500 = 0.005.
    return Evidence([0.02, -0.01], [exponents[0], -exponents[1]], 0.0, "none: both are bounds with room")


def _learning_chaos(rng: Generator) -> Evidence:
    """Zero-sum replicator flow from (0.5, 0.01, 0.49), (0.5, 0.25, 0.25): exponent, ties paid or not (lower bounds)."""
    return _learning(rng, 1.0)


def _learning_chaos_control(rng: Generator) -> Evidence:
    """Ties pay nothing."""
    return _learning(rng, 0.0)


def _shares(rng: Generator, moved: float) -> Evidence:
    a, b, c, d = rng.uniform(0.5, 1.0, 4)

    def gradient(z: Any) -> Any:
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([x * (x - a) * (x + b), y + c * x], axis=-1)

    def losses(z: Any) -> Any:
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([x**4 / 4 - (a - b) * x**3 / 3 - a * b * x**2 / 2, y**2 / 2 + c * x * y], axis=-1)

    # x moves by itself and small steps keep its sign: the share of the well at a is that of positive x.
    game = FunctionGame(losses, (1, 1), gradient=gradient, check=False)
    low, runs = -0.5 - d, 1500
    box = [(low, 1.2), (-1.0, 1.0)]
    found = basins(game, SimultaneousGradientDescent(0.2), box, samples=runs, rng=rng, steps=2000)
    share = 1.2 / (1.2 - low) * (1 - moved)
    right = [k for k, limit in enumerate(found.limits) if numpy.ravel(limit.point)[0] > 0]
    measured = float(numpy.isin(found.labels, right).mean())
    error = 4.9 * numpy.sqrt(share * (1 - share) / runs)
    return Evidence([share, 2.0], [measured, len(found.limits)], [error, 0.0], "4.9 standard errors of 1500 starts")


def _basin_shares(rng: Generator) -> Evidence:
    """Own slope x (x - a) (x + b), starts uniform on [l, u]: the well at a gets u / (u - l) of them (equality)."""
    return _shares(rng, 0.0)


def _basin_shares_control(rng: Generator) -> Evidence:
    """A share smaller by a quarter."""
    return _shares(rng, 0.25)


CLAIMS = (
    Claim(
        id="game.path-angle",
        statement="path angle past 0 at distance m: a bump of 1 - m/sqrt(1 + m^2) if J turns, a switch if J = s I",
        source="Berard et al. 2020, shapes; derived here",
        relation="==",
        check=_path_angles,
        control=_path_angles_control,
    ),
    Claim(
        id="game.modified-order-2",
        statement="descent follows -xi, and the fields with one and two corrections, up to O(h), O(h^2) and O(h^3)",
        source="Rosca et al. 2021; order 2 derived here",
        relation="==",
        check=_modified,
        control=_modified_control,
    ),
    Claim(
        id="game.basin-shares",
        statement="two wells split at 0, random starts on [l, u]: the share of the upper basin is u / (u - l)",
        source="derived here",
        relation="==",
        check=_basin_shares,
        control=_basin_shares_control,
    ),
    Claim(
        id="game.learning-chaos",
        statement="rock-paper-scissors, ties near (1/2, -1/2): the replicator has an exponent > 0; 0 without ties",
        source="Sato, Akiyama & Farmer 2002",
        relation=">=",
        full=True,
        check=_learning_chaos,
        control=_learning_chaos_control,
    ),
)
