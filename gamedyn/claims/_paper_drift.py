"""Claims on x' = y - e1 x, y' = -x - e2 y, an example of drift: steps at which descent loses what its flow keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import modified_field
from gamedyn.equilibria import spectral_radius
from gamedyn.games import Quadratic
from gamedyn.updates import AlternatingGradientDescent, SimultaneousGradientDescent, UpdateRule

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _game(e1: float, e2: float) -> Quadratic:
    return Quadratic.from_jacobian([[e1, -1.0], [1.0, e2]], (1, 1))


def _threshold(stable: Callable[[float], bool]) -> float:
    """Where a range of stable steps from 0 on ends, below 4, by bisection."""
    lower, upper = 1e-3, 4.0
    for _ in range(50):
        middle = (lower + upper) / 2
        lower, upper = (middle, upper) if stable(middle) else (lower, middle)
    return lower


def _steps(rng: Generator, rules: tuple[type[UpdateRule], type[UpdateRule]]) -> Evidence:
    e1, e2 = rng.uniform(0.05, 0.5, 2)
    game, total, product = _game(e1, e2), e1 + e2, e1 * e2
    # At once det(I - h J) = 1, in turn a multiplier of -1: (1 - e1 e2) h^2 + 2 (e1 + e2) h = 4.
    predicted = [total / (1 + product), (numpy.sqrt(total**2 + 4 * (1 - product)) - total) / (1 - product)]
    measured = [
        _threshold(lambda h, make=make: spectral_radius(make(h), game, numpy.zeros(2)) < 1)  # type: ignore[misc]
        for make in rules
    ]
    return within_rounding(predicted, measured, terms=2**12)


def _thresholds(rng: Generator) -> Evidence:
    """e in (0.05, 0.5). Largest stable steps: (e1 + e2) / (1 + e1 e2) at once, about 2 - (e1 + e2) in turn (equality).

    With e1 = e2 = e they are 2 e / (1 + e^2) and 2 / (1 + e).
    """
    return _steps(rng, (SimultaneousGradientDescent, AlternatingGradientDescent))


def _thresholds_control(rng: Generator) -> Evidence:
    """The two schedules exchanged."""
    return _steps(rng, (AlternatingGradientDescent, SimultaneousGradientDescent))


def _abscissa(game: Quadratic, rule: UpdateRule) -> float:
    """The largest real part of the modified field's eigenvalues; it is linear, so that its matrix is its values."""
    return float(numpy.linalg.eigvals(modified_field(rule)(game, numpy.eye(2)).T).real.max())


def _modified(rng: Generator, kept: float) -> Evidence:
    """Thresholds of the modified fields, and how far they are from those of the steps."""
    e1, e2 = rng.uniform(0.05, 0.3, 2)
    game, total, product = _game(e1, e2), e1 + e2, e1 * e2
    at_once, in_turn = (
        _threshold(lambda h, make=make: _abscissa(game, make(kept * h)) < 0)  # type: ignore[misc]
        for make in (SimultaneousGradientDescent, AlternatingGradientDescent)
    )
    # The trace h (2 - e1^2 - e2^2) / 2 - e1 - e2 vanishes; in turn the trace is negative for every h, and the
    # determinant (1 + e1 e2) (1 + h (e1 + e2) / 2 - h^2 (1 - e1 e2) / 4) vanishes.
    trace, root = 2 * total / (2 - e1**2 - e2**2), numpy.sqrt(total**2 + 4 * (1 - product))
    predicted = [trace, (root + total) / (1 - product), total / (1 + product)]
    rounding = 2.0**12 * float(numpy.finfo(float).eps)
    tolerance = [rounding, rounding, total**3]
    return Evidence(predicted, [at_once, in_turn, at_once], tolerance, "rounding; (e1 + e2)^3 for the steps' own limit")


def _modified_flow(rng: Generator) -> Evidence:
    """e in (0.05, 0.3). The modified field turns unstable at 2 (e1 + e2) / (2 - e1^2 - e2^2), in turn beyond h = 2.

    At once that is the limit of the steps up to the order e^3. In turn, with p = e1 e2 and r^2 = (e1 + e2)^2 + 4 - 4 p,
    it is (r + e1 + e2) / (1 - p), where steps end at (r - e1 - e2) / (1 - p): an expansion in h says less of h near 2.
    """
    return _modified(rng, 1.0)


def _modified_flow_control(rng: Generator) -> Evidence:
    """Twice the drift."""
    return _modified(rng, 2.0)


CLAIMS = (
    Claim(
        id="paper.rosca-thresholds",
        statement="x' = y - e x, y' = -x - d y: stable for h < (e + d)/(1 + e d); in turn, e = d, for h < 2/(1 + e)",
        source="Rosca et al. 2021, setting; derived here",
        relation="==",
        check=_thresholds,
        control=_thresholds_control,
    ),
    Claim(
        id="paper.rosca-modified-flow",
        statement="x' = y - e x, y' = -x - d y: the modified flow is stable for h < 2 (e + d) / (2 - e^2 - d^2)",
        source="Rosca et al. 2021, setting; derived here",
        relation="==",
        check=_modified_flow,
        control=_modified_flow_control,
    ),
)
