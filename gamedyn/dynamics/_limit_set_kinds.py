"""What many trajectories tend to, in a word each: a quick test for all at once, where `detect_limit_set` takes one."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.dynamics._simulate import simulate
from gamedyn.dynamics._trajectory import Status
from gamedyn.games import Game
from gamedyn.updates import UpdateRule

__all__ = ["LIMIT_SETS", "kinds_of_limit_sets"]

LIMIT_SETS = ("point", "cycle", "torus", "chaos", "divergence", "undecided")
"""Words for the entries of `PhaseDiagram.limit_set`."""

_POINT, _CYCLE, _TORUS, _CHAOS, _DIVERGENCE, _UNDECIDED = range(6)
_WINDOW, _LONGEST = 512, 64
_MAX_NORM = 1e6
# What moves less than this, over 1 + its size, rests; what recurs beside its extent, or nears that, is a cycle.
_STILL, _RECURS, _NEAR = 1e-9, 1e-6, 0.1
# A window's quarters shrink at least so much on the way to a point, and change at most so much on a set.
_SHRINKS, _KEEPS = 0.98, 0.1
# A neighbour's first distance, and the one that tells chaos, in extents: tori shear by less than the cube of the time,
# and chaos with an exponent above 0.007 gets there.
_APART, _FAR, _WATCHED = 1e-10, 1e-4, 2048


def kinds_of_limit_sets(game: Game, rule: UpdateRule, starts: numpy.ndarray, steps: int) -> numpy.ndarray:
    """Indices (n,) into `LIMIT_SETS` for starts (n, d), looked at after so many steps.

    Parameters
    ----------
    game : Game
    rule : UpdateRule
        Hyper-parameters may be arrays (n,).
    starts : array, shape (n, d)
    steps : int
    """
    found = numpy.full(len(starts), _UNDECIDED)
    before = simulate(game, rule, starts, steps, record_every=steps, record_points=False, max_norm=_MAX_NORM)
    window = simulate(game, rule, before.final, _WINDOW, state=before.final_state, max_norm=_MAX_NORM)
    path = to_host(window.points)
    scale = 1 + numpy.max(numpy.abs(path[-1]), axis=-1)
    quarters = numpy.stack([numpy.ptp(part, axis=0).max(axis=-1) for part in numpy.array_split(path, 4)])
    extent = numpy.ptp(path, axis=0).max(axis=-1)
    rests = quarters[-1] <= _STILL * scale
    nears = numpy.all(quarters[1:] <= _SHRINKS * quarters[:-1], axis=0)
    keeps = numpy.ptp(quarters, axis=0) <= _KEEPS * quarters.max(axis=0)
    recurs = numpy.zeros(len(starts), dtype=bool)
    for period in range(2, _LONGEST + 1):
        recurs |= _recurs(path, period, extent)
    gone = (before.status == Status.DIVERGED) | (window.status == Status.DIVERGED)
    strays = _strays(game, rule, window.final, window.final_state, extent)
    words = [_DIVERGENCE, _POINT, _CYCLE, _CHAOS, _TORUS]
    for word, holds in reversed(list(zip(words, [gone, rests | nears, recurs, strays, keeps], strict=True))):
        found[holds] = word
    return found


def _recurs(path: numpy.ndarray, period: int, extent: numpy.ndarray) -> numpy.ndarray:
    """(n,): whether points come back after so many steps, or miss by less and less, at a constant rate."""
    gaps = numpy.max(numpy.abs(path[period:] - path[:-period]), axis=-1)
    quarters = numpy.stack([part.max(axis=0) for part in numpy.array_split(gaps, 4)])
    with numpy.errstate(divide="ignore", invalid="ignore"):
        rates = numpy.diff(numpy.log(quarters), axis=0)
        # Past a bottleneck of slow motion misses fall and rise again: their rate is not constant.
        steady = numpy.all(rates <= numpy.log(_SHRINKS), axis=0) & (
            numpy.ptp(rates, axis=0) <= 0.1 * -rates.mean(axis=0)
        )
    return numpy.asarray((quarters[-1] <= _RECURS * extent) | (steady & (quarters[-1] <= _NEAR * extent)))


def _strays(game: Game, rule: UpdateRule, z: Any, state: Any, extent: numpy.ndarray) -> numpy.ndarray:
    """(n,): whether a neighbour with the same memories ever gets far away, beside the extent of the set."""
    direction = numpy.cos(1.0 + numpy.arange(z.shape[-1], dtype=float) ** 2)
    moved = z + _APART * extent[:, None] * direction / numpy.linalg.norm(direction)
    one, other = (
        simulate(game, rule, start, _WATCHED, state=state, max_norm=_MAX_NORM, record_every=16) for start in (z, moved)
    )
    gap = numpy.max(numpy.abs(to_host(one.points) - to_host(other.points)), axis=(0, 2))
    return numpy.asarray(gap >= _FAR * extent)
