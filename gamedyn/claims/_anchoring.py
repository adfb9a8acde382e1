"""The claim on anchored steps: the bound of the fast extragradient method, and where it is attained."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import simulate
from gamedyn.games import Bilinear, Game, Quadratic
from gamedyn.updates import Extragradient, FastExtragradient, UpdateRule

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_STEPS = 42


def _scaled(game: Game, rule: UpdateRule, start: Any, lipschitz: float) -> Any:
    """k |xi(z_k)| / (2 L |z_0|) for k = 1, ..., 42."""
    points = simulate(game, rule, start, _STEPS).points[1:]
    sizes = numpy.linalg.norm(game.simultaneous_gradient(points), axis=-1)
    return numpy.arange(1, _STEPS + 1) * sizes / (2 * lipschitz * numpy.linalg.norm(start))


def _bounded(rng: Generator, make: Callable[[float], UpdateRule]) -> Evidence:
    """A monotone game of four scalar players, and s x y, on which z_{k+1} (k + 1) = (1 - i) z_0 - i k z_k."""
    root, turn = rng.standard_normal((4, 2)), rng.standard_normal((4, 4))
    jacobian = rng.uniform(0.0, 0.5) * root @ root.T + turn - turn.T
    size, s = float(numpy.linalg.norm(jacobian, 2)), rng.uniform(0.2, 5.0)
    game = Quadratic.from_jacobian(jacobian, (1, 1, 1, 1))
    general = _scaled(game, make(size), rng.standard_normal(4), size)
    bilinear = _scaled(Bilinear([[s]]), make(s), rng.standard_normal(2), s)
    # k z_k runs through 1 - i, -2 i, -1 - i, 0: every fourth point attains the bound, every fourth is the equilibrium.
    exact = numpy.tile([numpy.sqrt(0.5), 1.0, numpy.sqrt(0.5), 0.0], _STEPS)[:_STEPS]
    predicted = numpy.concatenate([numpy.ones(_STEPS), exact, -exact])
    return within_rounding(predicted, numpy.concatenate([general, bilinear, -bilinear]), terms=64 * _STEPS)


def _anchored(rng: Generator) -> Evidence:
    """h = 1/L: k |xi(z_k)| <= 2 L |z_0| on monotone games, with equality on x y at k = 2, 6, 10, ... (upper)."""
    return _bounded(rng, lambda size: FastExtragradient(1 / size))


def _anchored_control(rng: Generator) -> Evidence:
    """Without the anchor."""
    return _bounded(rng, lambda size: Extragradient(0.7 / size))


CLAIMS = (
    Claim(
        id="game.anchored-bound",
        statement="fast extragradient, h = 1/L: k |xi(z_k)| <= 2 L |z_0 - z*|, attained on x y at k = 2, 6, 10, ...",
        source="Lee & Kim 2021; attainment derived here",
        relation="<=",
        check=_anchored,
        control=_anchored_control,
    ),
)
