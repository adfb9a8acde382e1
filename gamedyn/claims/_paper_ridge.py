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


def _matrices(xx: float, xy: float, yy: float) -> list[Any]:
    """One step of each rule around 0, from the second derivatives of f; on (z, z before) for the optimistic one."""
    j, one, h = numpy.array([[xx, xy], [-xy, -yy]]), numpy.eye(2), 0.05
    turn = (j.T - j) / 2
    return [
        one - h * numpy.array([[1.0, 0.0], [-xy / yy, 1.0]]) @ j,
        one - h * j,
        numpy.block([[one - 2 * h * j, h * j], [one, 0 * one]]),
        one - h * j + h * h * j @ j,
        one - 0.01 * (one + turn) @ j,
        one - h * (one + 0.1 * j.T) @ j,
    ]


def _ends(start: Any, game: Game, only: str | None = None) -> Any:
    """Where each rule is after 600 steps; or one rule, six times."""
    rules = [_RULES[only or name] for name in _RULES]
    return numpy.stack([simulate(game, rule, start, 600, record_every=600, engine="step").points[-1] for rule in rules])


def _near(rng: Generator, start: tuple[float, float]) -> Any:
    """A point close to the authors' start."""
    return numpy.array(start) + rng.uniform(-0.5, 0.5, 2)


def _linear(rng: Generator, game: Game, known: tuple[Any, Any], only: str | None = None) -> Evidence:
    """Ends against powers of matrices, in units of the predicted distance; and who comes closer than 1."""
    start = _near(rng, known[1])
    powers = [numpy.linalg.matrix_power(matrix, 600) for matrix in _matrices(*known[0])]
    predicted = numpy.stack([(power @ numpy.tile(start, len(power) // 2))[:2] for power in powers])
    size, measured = numpy.linalg.norm(predicted, axis=-1, keepdims=True), _ends(start, game, only)
    with numpy.errstate(over="ignore"):
        scaled = (measured / size).reshape(-1)
    arrived = numpy.linalg.norm(measured, axis=-1) < 1
    return Evidence(
        [*(predicted / size).reshape(-1), *(size[:, 0] < 1)], [*scaled, *arrived], 1e-9, "rounding in 600 steps"
    )


_MINIMAX, _SPURIOUS = ((-6.0, 4.0, -2.0), (5.0, 7.0)), ((6.0, 4.0, 2.0), (6.0, 5.0))


def _minimax(rng: Generator) -> Evidence:
    """-3 x^2 + 4 x y - y^2: FR, symplectic and consensus converge to the minimax point; GDA, OGDA, EG diverge."""
    return _linear(rng, wang_local_minimax(), _MINIMAX)


def _minimax_control(rng: Generator) -> Evidence:
    """All six as if they were follow-the-ridge."""
    return _linear(rng, wang_local_minimax(), _MINIMAX, "follow-the-ridge")


def _spurious(rng: Generator) -> Evidence:
    """3 x^2 + 4 x y + y^2: five rules converge to a point that is no minimax point, follow-the-ridge leaves it."""
    return _linear(rng, wang_spurious_attractor(), _SPURIOUS)


def _spurious_control(rng: Generator) -> Evidence:
    """All six as if they were simultaneous descent."""
    return _linear(rng, wang_spurious_attractor(), _SPURIOUS, "simultaneous")


def _sixth_order(rng: Generator, only: str | None = None) -> Evidence:
    game = wang_sixth_order()
    # 2 x^2 / 5 - (y - 3 x)^2 / 10 to second order.
    predicted = numpy.array([abs(numpy.linalg.eigvals(matrix)).max() for matrix in _matrices(-1.0, 0.6, -0.2)])
    at_zero = [float(spectral_radius(_RULES[only or name], game, numpy.zeros(2))) for name in _RULES]
    distances = numpy.linalg.norm(_ends(_near(rng, (7.0, 5.0)), game, only), axis=-1)
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
        statement="-3x^2 + 4xy - y^2: FtR, SGA, ConOpt converge to the minimax point 0; GDA, OGDA, EG diverge",
        source=_SOURCE,
        relation="==",
        check=_minimax,
        control=_minimax_control,
    ),
    Claim(
        id="paper.wang-spurious",
        statement="3x^2 + 4xy + y^2: GDA, OGDA, EG, SGA, ConOpt converge to 0, no minimax point; FtR leaves it",
        source=_SOURCE,
        relation="==",
        check=_spurious,
        control=_spurious_control,
    ),
    Claim(
        id="paper.wang-sixth-order",
        statement="sixth-order function: follow-the-ridge alone, of six rules, converges to the minimax point 0",
        source=_SOURCE,
        relation="==",
        check=_sixth,
        control=_sixth_control,
    ),
)
