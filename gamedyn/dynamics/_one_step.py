"""One step of a linear rule on an affine game as a map of columns, found equal to a step before it is used."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, like
from gamedyn.dynamics._affine_map import AffineMap, Powers
from gamedyn.dynamics._state import leaves_of, map_leaves
from gamedyn.games import Game

__all__ = ["Layout", "powers_of_step"]

_ROUNDING = 1e-11
_PROBES = 8
_GENERIC = 2
# Beyond it, products cost more than what a memory of them saves.
_LARGEST_KEPT = 32
_MOST_KEPT = 64
_PLAIN = frozenset({float, int, bool, str, type(None), numpy.float64})

_kept: dict[Hashable, Powers] = {}


class Layout:
    """Points (..., d) with their memories as columns (G, D, n), and back.

    Parameters
    ----------
    z : array, shape (..., d)
    many : bool
        Whether each point has a matrix of its own: then G counts points and n is 1, else n counts points and G is 1.
    """

    def __init__(self, z: Array, many: bool) -> None:
        self.batch, self.d, self.many = z.shape[:-1], z.shape[-1], many
        self.count = math.prod(self.batch)

    def columns(self, z: Array, state: Any) -> Array:
        """(G, D, n)."""
        rows = [self.rows(part) for part in (z, *leaves_of(state))]
        flat = rows[0] if len(rows) == 1 else array_namespace(z).concat(rows, axis=-1)
        return flat[..., None] if self.many else flat.T[None, ...]

    def rows(self, part: Array) -> Array:
        """(count, d)."""
        if type(part) is numpy.ndarray:
            return part.reshape(self.count, self.d)
        return array_namespace(part).reshape(part, (self.count, self.d))

    def parts(self, w: Array) -> list[Array]:
        """The points and the memories, (..., d) each."""
        xp = array_namespace(w)
        rows = w[..., 0] if self.many else w[0, ...].T
        shape, d = (*self.batch, self.d), self.d
        return [xp.reshape(rows[..., i : i + d], shape) for i in range(0, w.shape[1], d)]

    def seen(self, w: Array) -> Array:
        """Points (G, J, d, K n) of J times K records as (J, K, ..., d)."""
        xp = array_namespace(w)
        groups, length = w.shape[1], w.shape[3]
        if self.many:
            return xp.reshape(xp.permute_dims(w, (1, 3, 0, 2)), (groups, length, *self.batch, self.d))
        each = xp.reshape(w[0, ...], (groups, self.d, length // self.count, *self.batch))
        return xp.permute_dims(each, (0, *range(2, each.ndim), 1))


def powers_of_step(rule: Any, game: Game, z: Array, state: Any, layout: Layout) -> Powers | None:
    """Powers of the map that is one step of the rule; None where a step is not the map that the rule declares.

    Parameters
    ----------
    rule : LinearUpdateRule
    game : Game
        Affine.
    z : array, shape (..., d)
        The start, in double precision.
    state : None or tuple of arrays like z
    layout : Layout
        Of z.

    Notes
    -----
    Rules and games of this library that hold nothing but numbers and small arrays are recognised by their values, so
    that one more run with them repeats neither the comparison nor the squarings.
    """
    key = None if layout.many or type(z) is not numpy.ndarray else _pair_value(rule, game)
    found = None if key is None else _kept.get(key)
    if found is not None:
        return found
    one = _compared(rule, game, z, state, layout)
    if one is None:
        return None
    found = Powers(one)
    if key is not None and one.matrix.shape[-1] <= _LARGEST_KEPT:
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = found
    return found


def _compared(rule: Any, game: Game, z: Array, state: Any, layout: Layout) -> AffineMap | None:
    xp = array_namespace(z)
    if layout.many:
        at, zeros = z, map_leaves(xp.zeros_like, (z, state))
        offset = layout.columns(*rule.step(game, *zeros))
    else:
        # One matrix for all: zero, generic points and a few of the start tell whether it is right.
        few = map_leaves(lambda leaf: layout.rows(leaf)[: min(_PROBES, layout.count), :], (z, state))
        size, phases = float(xp.max(xp.abs(few[0]))) or 1.0, itertools.count()

        def probes(leaf: Array) -> Array:
            angles = numpy.arange(1.0, 1 + _GENERIC * layout.d) + next(phases)
            generic = like(size * numpy.sin(angles).reshape(_GENERIC, layout.d), leaf)
            return xp.concat([xp.zeros_like(generic[:1, :]), generic, leaf], axis=0)

        z, state = map_leaves(probes, few)
        at, layout = z[0, :], Layout(z, False)
    hessians = game.loss_hessians(at) if rule.needs_loss_hessians else None
    matrix = rule.iteration_matrix(game.jacobian(at), game.dims, hessians)
    matrix = xp.reshape(matrix, (-1, *matrix.shape[-2:]))
    w = layout.columns(z, state)
    if matrix.shape[-1] != w.shape[-2] or matrix.shape[0] != w.shape[0]:
        return None
    stepped = layout.columns(*rule.step(game, z, state))
    if not layout.many:
        offset = stepped[..., :1]
    one = AffineMap(matrix, offset if bool(xp.any(offset != 0)) else None)
    scale = xp.max(xp.abs(matrix)) * xp.max(xp.abs(w)) + xp.max(xp.abs(offset))
    error = xp.max(xp.abs(one.apply(w) - stepped))
    return one if bool(error <= _ROUNDING * scale) else None


def _pair_value(rule: Any, game: Game) -> Hashable | None:
    """What a rule and a game are, as a value that changes whenever they do; None where that cannot be told."""
    try:
        return _value(rule), _value(game)
    except _NoValueError:
        return None


class _NoValueError(Exception):
    """An object that may behave differently at another time."""


def _value(thing: Any) -> Hashable:
    kind = type(thing)
    if kind in _PLAIN:
        return thing  # type: ignore[no-any-return]
    if kind is numpy.ndarray:
        if thing.dtype.kind != "f" or thing.size > _LARGEST_KEPT**3:
            raise _NoValueError
        return thing.dtype.char, thing.shape, thing.tobytes()
    if kind is tuple:
        return tuple([_value(part) for part in thing])
    held = getattr(thing, "__dict__", None)
    # Of other code it is not known what else its results depend on.
    if held is None or not kind.__module__.startswith("gamedyn."):
        raise _NoValueError
    return kind, tuple(held), tuple([_value(part) for part in held.values()])
