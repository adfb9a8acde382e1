"""Claims on three functions of Wang, Zhang and Ba (2020), on which six rules look for a local minimax point.

Steps and starts are those of the authors' code (Follow-the-Ridge, quadratic.py). It says that (0, 0) is a local and
global minimax point of the first function, neither of the second, and a local minimax point of the third.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.dynamics import simulate
from gamedyn.equilibria import spectral_radius
from gamedyn.games import Game, wang_local_minimax, wang_sixth_order, wang_spurious_attractor
from gamedyn.updates import (
    Consensus,
    Extragradient,
    FollowTheRidge,
    OptimisticGradient,
    SimultaneousGradientDescent,
    SymplecticAdjustment,
    UpdateRule,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_SOURCE = "Wang, Zhang & Ba 2020, and their code"
_RULES: dict[str, UpdateRule] = {
    "follow-the-ridge": FollowTheRidge(0.05),
    "simultaneous": SimultaneousGradientDescent(0.05),
    "optimistic": OptimisticGradient(0.05),
    "extragradient": Extragradient(0.05),
    "symplectic": SymplecticAdjustment(0.01, strength=1.0, align=False),
    "consensus": Consensus(0.05, gamma=0.1),
}


def _radii(xx: float, xy: float, yy: float) -> Any:
    """The largest multiplier of each rule at 0, from the second derivatives of f there."""
    j, one, h = numpy.array([[xx, xy], [-xy, -yy]]), numpy.eye(2), 0.05
    turn = (j.T - j) / 2
    matrices = {
        "follow-the-ridge": one - h * numpy.array([[1.0, 0.0], [-xy / yy, 1.0]]) @ j,
        "simultaneous": one - h * j,
        "optimistic": numpy.block([[one - 2 * h * j, h * j], [one, 0 * one]]),
        "extragradient": one - h * j + h * h * j @ j,
        "symplectic": one - 0.01 * (one + turn) @ j,
        "consensus": one - h * (one + 0.1 * j.T) @ j,
    }
    return numpy.array([abs(numpy.linalg.eigvals(matrix)).max() for matrix in matrices.values()])


def _ends(rng: Generator, game: Game, start: tuple[float, float], only: str | None = None) -> Any:
    """Distances from 0 after 300 and 600 steps of each rule, from close to the authors' start; or of one rule."""
    z = numpy.array(start) + rng.uniform(-0.5, 0.5, 2)
    rules = [_RULES[only or name] for name in _RULES]
    paths = [simulate(game, rule, z, 600, record_every=300, engine="step").points for rule in rules]
    return numpy.linalg.norm(numpy.stack(paths)[:, 1:], axis=-1)


def _rates(predicted: Any, distances: Any) -> Evidence:
    measured = numpy.log(distances[:, 1] / distances[:, 0]) / 300
    # A double multiplier adds a factor of 600 / 300, a turn one of at most e^1.5.
    return Evidence(numpy.log(predicted), measured, (1.5 + numpy.log(2)) / 300, "a turn and a double root in 300 steps")


_MINIMAX, _SPURIOUS = ((-6.0, 4.0, -2.0), (5.0, 7.0)), ((6.0, 4.0, 2.0), (6.0, 5.0))


def _minimax(rng: Generator) -> Evidence:
    """-3 x^2 + 4 x y - y^2: FR, symplectic and consensus converge to the minimax point; GDA, OGDA, EG diverge."""
    return _rates(_radii(*_MINIMAX[0]), _ends(rng, wang_local_minimax(), _MINIMAX[1]))


def _minimax_control(rng: Generator) -> Evidence:
    """All six as if they were follow-the-ridge."""
    return _rates(_radii(*_MINIMAX[0]), _ends(rng, wang_local_minimax(), _MINIMAX[1], "follow-the-ridge"))


def _spurious(rng: Generator) -> Evidence:
    """3 x^2 + 4 x y + y^2: five rules converge to a point that is no minimax point, follow-the-ridge leaves it."""
    return _rates(_radii(*_SPURIOUS[0]), _ends(rng, wang_spurious_attractor(), _SPURIOUS[1]))


def _spurious_control(rng: Generator) -> Evidence:
    """All six as if they were simultaneous descent."""
    return _rates(_radii(*_SPURIOUS[0]), _ends(rng, wang_spurious_attractor(), _SPURIOUS[1], "simultaneous"))


def _sixth_order(rng: Generator, only: str | None = None) -> Evidence:
    game = wang_sixth_order()
    # 2 x^2 / 5 - (y - 3 x)^2 / 10 to second order.
    predicted = _radii(-1.0, 0.6, -0.2)
    at_zero = [float(spectral_radius(_RULES[only or name], game, numpy.zeros(2))) for name in _RULES]
    distances = _ends(rng, game, (7.0, 5.0), only)[:, 1]
    return Evidence(
        [*predicted, *(predicted < 1)],
        [*at_zero, *(distances < 0.5)],
        1e-7,
        "rounding near double multipliers; who arrives is exact",
    )


def _sixth(rng: Generator) -> Evidence:
    """The third function: only follow-the-ridge has multipliers below 1 at 0, and only it comes closer than 0.5."""
    return _sixth_order(rng)


def _sixth_control(rng: Generator) -> Evidence:
    """All six as if they were simultaneous descent."""
    return _sixth_order(rng, "simultaneous")


CLAIMS = (
    Claim(
        id="paper.wang-minimax",
        statement="-3x^2 + 4xy - y^2: FR, SGA, CO converge to the minimax point 0; GDA, OGDA, EG diverge; rates",
        source=_SOURCE,
        relation="==",
        check=_minimax,
        control=_minimax_control,
    ),
    Claim(
        id="paper.wang-spurious",
        statement="3x^2 + 4xy + y^2: GDA, OGDA, EG, SGA, CO converge to 0, no minimax point; FR leaves it; rates",
        source=_SOURCE,
        relation="==",
        check=_spurious,
        control=_spurious_control,
    ),
    Claim(
        id="paper.wang-sixth-order",
        statement="sixth-order function: of FR, GDA, OGDA, EG, SGA, CO only FR converges to the minimax point 0",
        source=_SOURCE,
        relation="==",
        check=_sixth,
        control=_sixth_control,
    ),
)
