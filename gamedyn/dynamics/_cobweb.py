"""The staircase between the graph of a one-dimensional step and the diagonal."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import to_host
from gamedyn.games import Game
from gamedyn.updates import StepMap, UpdateRule

__all__ = ["Cobweb", "cobweb"]


class Cobweb(NamedTuple):
    """What `cobweb` returns."""

    x: Any
    """(2 k + 1,): abscissas of the staircase x_0, x_0, x_1, x_1, ..."""
    y: Any
    """(2 k + 1,): its ordinates x_0, x_1, x_1, x_2, ..."""
    grid: Any
    """(m,): points over the range of the staircase and a tenth more."""
    graph: Any
    """(m,): one step from each of them."""


def cobweb(game: Game, rule: UpdateRule, z0: Any, steps: int = 50, *, box: tuple[float, float] | None = None) -> Cobweb:
    """x_0 -> x_1 = F(x_0) -> ... as a staircase, for a rule without memories on a game of one coordinate.

    Parameters
    ----------
    game : Game
    rule : UpdateRule
    z0 : array_like, shape (1,)
    steps : int
        k.
    box : (float, float), optional
        Range of the graph.

    Raises
    ------
    ValueError
        If z or the rule's memories make more than one dimension, or the box does not increase.

    Examples
    --------
    >>> from gamedyn.games import Quadratic
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> stairs = cobweb(Quadratic([[[1.0]]], dims=(1,)), SimultaneousGradientDescent(0.5), [1.0], 2)
    >>> stairs.x.tolist(), stairs.y.tolist()
    ([1.0, 1.0, 0.5, 0.5, 0.25], [1.0, 0.5, 0.5, 0.25, 0.25])
    """
    check_integer("steps", steps, minimum=1)
    step = StepMap(rule, game)
    u = numpy.asarray(to_host(step.start(z0)), dtype=float)
    if u.shape != (1,):
        raise ValueError(f"`game` and `rule` must move one number, got a state of shape {u.shape}.")
    path = [u]
    for _ in range(steps):
        path.append(numpy.asarray(step(path[-1]), dtype=float))
    values = numpy.concatenate(path)
    x = numpy.repeat(values, 2)[: 2 * steps + 1]
    y = numpy.concatenate([values[:1], numpy.repeat(values[1:], 2)])
    low, high = (float(values.min()), float(values.max())) if box is None else (float(end) for end in box)
    if box is not None and not (numpy.isfinite(low) and numpy.isfinite(high) and low < high):
        raise ValueError(f"`box` must be finite and increase, got ({low:g}, {high:g}).")
    # Where the path rests, the graph around it.
    margin = (0.1 * (high - low) or 0.1 * (1 + abs(high))) if box is None else 0.0
    grid = numpy.linspace(low - margin, high + margin, 400)
    return Cobweb(x, y, grid, numpy.asarray(step(grid[:, None]), dtype=float)[:, 0])
