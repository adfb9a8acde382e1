"""Linear rules on affine games without stepping: powers of the iteration matrix, and blocks of records by doubling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of
from gamedyn.dynamics._affine_map import Powers
from gamedyn.dynamics._one_step import Layout, powers_of_step
from gamedyn.dynamics._records import Records
from gamedyn.dynamics._request import Request
from gamedyn.dynamics._state import leaves_of, map_leaves, with_leaves
from gamedyn.dynamics._trajectory import Status, Trajectory
from gamedyn.games import Game, Reals
from gamedyn.updates import LinearUpdateRule, UpdateRule

__all__ = ["has_many_matrices", "is_linear_everywhere", "play_by_powers", "works_by_powers"]

# Numbers in one block of records: what stays in a core's cache.
_BLOCK = 32768
_MOST_PER_BLOCK = 12288
# Numbers in matrices that are found and kept, rather than columns made anew.
_SMALL = 8192
# Matrices of their own are small products, which take longer to start than to do: larger blocks share the start.
_MANY = 32
# Beyond it a point, or an intermediate result, might overflow somewhere on the way.
_SAFE_SIZE = 1e250


def works_by_powers(request: Request) -> bool:
    """Whether the run is one linear map, repeated, with nothing to look at between records.

    Parameters
    ----------
    request : Request
    """
    game = request.game
    return (
        isinstance(game, Game)
        and isinstance(request.rule, LinearUpdateRule)
        and is_linear_everywhere(request.rule)
        and game.is_affine
        and isinstance(game.domain, Reals)
        and request.tolerance is None
        and request.max_norm is None
        and request.callback is None
        and request.steps > 0
        and math.prod(request.z.shape) > 0
    )


def has_many_matrices(rule: UpdateRule) -> bool:
    """Whether a hyper-parameter has one value per trajectory, so that each has a matrix of its own."""
    for value in _values(rule):
        parts = value if isinstance(value, (tuple, list)) else (value,)
        if any(
            has_many_matrices(part) if isinstance(part, UpdateRule) else getattr(part, "shape", ()) for part in parts
        ):
            return True
    return False


def is_linear_everywhere(rule: UpdateRule) -> bool:
    """Whether the rule and all that it wraps are linear, at every point.

    Parameters
    ----------
    rule : UpdateRule
    """
    if not (rule.is_linear and rule.is_linear_everywhere):
        return False
    return all(is_linear_everywhere(value) for value in _values(rule) if isinstance(value, UpdateRule))


def _values(rule: UpdateRule) -> list[Any]:
    return [getattr(rule, name, None) for name in getattr(rule, "__dataclass_fields__", ())]


def play_by_powers(request: Request) -> Trajectory | None:
    """The records by powers; None where the rule is not the map that it declares, or where a point might overflow.

    Parameters
    ----------
    request : Request

    Notes
    -----
    The rounding errors of T steps and of log2 T squarings are both up to T roundoffs of the largest |M^k| |w_0| on the
    way, times the condition of the eigenvectors of M; they are not the same errors.
    """
    with numpy.errstate(all="ignore"):
        return _play(request)


def _play(request: Request) -> Trajectory | None:
    game, rule, xp, dtype = request.game.full(), request.rule, array_namespace(request.z), request.z.dtype
    # Powers multiply rounding errors: a run in single precision is computed in double and rounded once.
    z = _doubled(request.z)
    state = rule.init(game, z) if request.state is None else map_leaves(_doubled, request.state)
    # Counters and numbers per trajectory are no part of a linear map.
    if any(leaf.shape != z.shape or leaf.dtype != z.dtype for leaf in leaves_of(state)):
        return None
    layout = Layout(z, has_many_matrices(rule))
    powers = powers_of_step(rule, game, z, state, layout)
    if powers is None:
        return None
    steps = request.steps
    records = Records(game, request.z, steps, request.record_every, request.observe, request.record_points)
    # Records before the last one.
    between, count = None, (steps - 1) // request.record_every if records.wants_points else 0
    if count:
        between = powers if request.record_every == 1 else Powers(powers.repeated(request.record_every))
    if not _bound(powers, z, state, steps) <= _SAFE_SIZE:
        return None
    if between is not None:
        for seen, taken in _blocks(between, count, layout.columns(z, state), layout.d):
            records.add_groups(xp.astype(layout.seen(seen), dtype, copy=False), taken)
            if request.progress is not None:
                request.progress((records.filled - 1) * request.record_every, steps)
    last = _advanced(powers, layout, z, state, steps)
    final = xp.astype(last[0], dtype, copy=False)
    if records.wants_points:
        records.add(final)
    if request.progress is not None:
        request.progress(steps, steps)
    memories = iter([xp.astype(part, dtype, copy=False) for part in last[1:]])
    options = {"dtype": xp.int64, "device": device_of(z)}
    ended = xp.full(layout.batch, int(Status.MAX_STEPS), **options)
    stop = xp.full(layout.batch, steps, **options)
    return records.finish(final, with_leaves(state, memories), ended, stop, rule.cost.gradients)


def _advanced(powers: Powers, layout: Layout, z: Array, state: Any, times: int) -> list[Array]:
    """Points and memories after `times` steps, each (..., d)."""
    parts = [layout.rows(part) for part in (z, *leaves_of(state))]
    d = layout.d
    if layout.many or layout.count <= d * len(parts):
        return layout.parts(powers.advanced(layout.columns(z, state), times))
    # Rows times blocks of the transposed matrix: nothing is transposed but the matrix.
    xp, whole, found = array_namespace(z), powers.repeated(times), []
    for i in range(len(parts)):
        matrix = whole.matrix[0, i * d : (i + 1) * d, :]
        moved = _rows_times(parts[0], matrix[:, :d])
        for j in range(1, len(parts)):
            moved += _rows_times(parts[j], matrix[:, j * d : (j + 1) * d])
        if whole.offset is not None:
            moved += whole.offset[0, i * d : (i + 1) * d, 0]
        found.append(xp.reshape(moved, (*layout.batch, d)))
    return found


def _rows_times(rows: Array, matrix: Array) -> Array:
    """rows @ matrix^T, as a fresh array."""
    if type(rows) is numpy.ndarray:
        # BLAS is up to three times as fast with rows that lie together.
        return numpy.matmul(rows, numpy.ascontiguousarray(matrix.T))
    return array_namespace(rows).matmul(rows, matrix.T)


def _bound(powers: Powers, z: Array, state: Any, steps: int) -> float:
    """A bound on the size of all points, and of all powers, on the way."""
    growth = powers.growth(steps)
    bound = growth * max(_largest(part) for part in (z, *leaves_of(state)))
    offset = powers.square(0).offset
    return bound if offset is None else bound + growth * steps * _largest(offset)


def _largest(values: Array) -> float:
    if type(values) is numpy.ndarray:
        return max(float(values.max()), -float(values.min()))
    xp = array_namespace(values)
    return float(xp.max(xp.abs(values)))


def _blocks(between: Powers, count: int, w: Array, d: int) -> Iterator[tuple[Array, int]]:
    """The points of `count` records after w, as blocks (G, J, d, K n) of J K records with how many of them to take.

    K records are made by doubling; they times the powers K, 2 K, ... of the map, as one product of which only the rows
    of points are taken, are J K records.

    Parameters
    ----------
    between : Powers
        Of the steps from one record to the next.
    count : int
    w : array, shape (G, D, n)
        The start.
    d : int
        Rows of w that are points.
    """
    xp, (groups, size, n) = array_namespace(w), w.shape
    room = _BLOCK * (_MANY if groups > 1 else 1) // (groups * d * n)
    records = max(1, min(count, room, _MOST_PER_BLOCK))
    # As many powers as records by doubling, unless powers cost more than an eighth of what is done with them.
    most = min(math.isqrt(records), count * n * d // (8 * size * size))
    doublings = (records // max(1, most)).bit_length() - 1
    many = -(-records >> doublings) if most > 1 else 1
    block, length = between.square(0).apply(w), 1 << doublings
    if length * size * size <= _SMALL:
        first = between.multiples(0, length)
        block = xp.reshape(xp.permute_dims(first.apply(block[:, None, ...]), (0, 2, 1, 3)), (groups, size, length * n))
    else:
        for k in range(doublings):
            block = xp.concat([block, between.square(k).apply(block)], axis=-1)
    ahead = between.multiples(doublings, many)
    rows = xp.reshape(ahead.matrix[:, :, :d, :], (groups, many * d, size))
    # Fresh arrays of this size cost as much as the products.
    place = {"out": numpy.empty((groups, many * d, length * n))} if xp is numpy else {}
    jump = between.repeated(many * length) if count > many * length else None
    while True:
        seen = block[:, None, :d, :]
        if many > 1:
            seen = xp.reshape(xp.matmul(rows, block, **place), (groups, many, d, length * n))
            if ahead.offset is not None:
                seen = seen + ahead.offset[:, :, :d, :]
        yield seen, min(count, many * length)
        count -= many * length
        if jump is None or count <= 0:
            return
        block = jump.apply(block)


def _doubled(values: Array) -> Array:
    xp = array_namespace(values)
    return xp.astype(values, xp.float64) if values.dtype == xp.float32 else values
