"""Linear rules on affine games without stepping: powers of the iteration matrix, and blocks of records by doubling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

import numpy

from gamedyn.backend import Array, array_namespace, device_of
from gamedyn.dynamics._records import Records
from gamedyn.dynamics._request import Request
from gamedyn.dynamics._state import leaves_of, map_leaves, with_leaves
from gamedyn.dynamics._trajectory import Status, Trajectory
from gamedyn.games import Game, Reals
from gamedyn.updates import LinearUpdateRule, UpdateRule

__all__ = ["has_many_matrices", "is_linear_everywhere", "play_by_powers", "works_by_powers"]

# Numbers in one block of records: what stays in a core's cache.
_BLOCK = 32768
_MOST_PER_BLOCK = 16384
# Matrices of their own are small products, which take longer to start than to do: larger blocks share the start.
_MANY = 32
# Beyond it a point, or an intermediate result, might overflow somewhere on the way.
_SAFE_SIZE = 1e250
_ROUNDING = 1e-11
_PROBES = 8


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
    )


def has_many_matrices(rule: UpdateRule) -> bool:
    """Whether a hyper-parameter has one value per trajectory, so that each has a matrix of its own."""
    values = _values(rule)
    return any(has_many_matrices(v) if isinstance(v, UpdateRule) else bool(getattr(v, "shape", ())) for v in values)


def is_linear_everywhere(rule: UpdateRule) -> bool:
    """Whether the rule and all that it wraps are linear, at every point.

    Parameters
    ----------
    rule : UpdateRule
    """
    inner = [value for value in _values(rule) if isinstance(value, UpdateRule)]
    return rule.is_linear and rule.is_linear_everywhere and all(map(is_linear_everywhere, inner))


def _values(rule: UpdateRule) -> list[Any]:
    return [getattr(rule, field.name) for field in fields(rule)] if is_dataclass(rule) else []


class _Map(NamedTuple):
    """w <- matrix w + offset on columns w (G, D, n): one matrix for n columns, G of them."""

    matrix: Array
    offset: Array | None

    def apply(self, w: Array) -> Array:
        moved = array_namespace(w).matmul(self.matrix, w)
        return moved if self.offset is None else moved + self.offset

    def after(self, first: _Map) -> _Map:
        """This map after another."""
        matrix = array_namespace(self.matrix).matmul(self.matrix, first.matrix)
        return _Map(matrix, None if first.offset is None else self.apply(first.offset))


class _Layout:
    """Points (..., d) with their memories as columns (G, D, n), and back."""

    def __init__(self, z: Array, many: bool) -> None:
        self.batch, self.d, self.many = z.shape[:-1], z.shape[-1], many
        self.count = math.prod(self.batch)

    def columns(self, z: Array, state: Any) -> Array:
        xp = array_namespace(z)
        rows = [xp.reshape(part, (-1, self.d)) for part in (z, *leaves_of(state))]
        flat = rows[0] if len(rows) == 1 else xp.concat(rows, axis=-1)
        return flat[..., None] if self.many else flat.T[None, ...]

    def parts(self, w: Array, records: int) -> list[Array]:
        """The points and the memories of consecutive records, (records, ..., d) each."""
        xp = array_namespace(w)
        if self.many:
            # Columns are records.
            rows = xp.permute_dims(w, (2, 0, 1))
        else:
            rows = xp.permute_dims(xp.reshape(w[0, ...], (w.shape[1], records, self.count)), (1, 2, 0))
        shape, d = (records, *self.batch, self.d), self.d
        return [xp.reshape(rows[..., i : i + d], shape) for i in range(0, w.shape[1], d)]


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
    layout = _Layout(z, has_many_matrices(rule))
    w = layout.columns(z, state)
    one = _map_of(rule, game, z, state, layout)
    if one is None:
        return None
    records = Records(game, request.z, request.steps, request.record_every, request.observe, request.record_points)
    stride = min(request.record_every, request.steps) if records.wants_points else request.steps
    blocks = _Blocks(one, stride, request.steps, w)
    if blocks.bound > _SAFE_SIZE:
        return None
    for w, count in blocks:
        if records.wants_points:
            records.add_many(xp.astype(layout.parts(w, count)[0], dtype, copy=False))
        if request.progress is not None:
            request.progress(blocks.step, request.steps)
    last = [xp.astype(part[0, ...], dtype, copy=False) for part in layout.parts(blocks.last, 1)]
    options = {"dtype": xp.int64, "device": device_of(z)}
    ended = xp.full(layout.batch, int(Status.MAX_STEPS), **options)
    stop = xp.full(layout.batch, request.steps, **options)
    return records.finish(last[0], with_leaves(state, iter(last[1:])), ended, stop, rule.cost.gradients)


def _map_of(rule: Any, game: Game, z: Array, state: Any, layout: _Layout) -> _Map | None:
    """One step as a map of columns, found equal to a step from the start; None where it is not."""
    xp = array_namespace(z)
    if not layout.many and layout.count > _PROBES:
        # One matrix for all: a few of the points tell whether it is right.
        z, state = map_leaves(lambda leaf: xp.reshape(leaf, (-1, layout.d))[:_PROBES, :], (z, state))
        layout = _Layout(z, False)
    w = layout.columns(z, state)
    at = z if layout.many else xp.reshape(z, (-1, layout.d))[0, :]
    hessians = game.loss_hessians(at) if rule.needs_loss_hessians else None
    matrix = rule.iteration_matrix(game.jacobian(at), game.dims, hessians)
    matrix = xp.reshape(matrix, (-1, *matrix.shape[-2:]))
    if matrix.shape[-1] != w.shape[-2] or matrix.shape[0] != (w.shape[0] if layout.many else 1):
        return None
    zeros = map_leaves(xp.zeros_like, state)
    offset = layout.columns(*rule.step(game, xp.zeros_like(z), zeros))[..., :1]
    one = _Map(matrix, offset if bool(xp.any(offset != 0)) else None)
    stepped = layout.columns(*rule.step(game, z, state))
    scale = xp.max(xp.abs(matrix)) * xp.max(xp.abs(w)) + xp.max(xp.abs(offset))
    error = xp.max(xp.abs(one.apply(w) - stepped))
    return one if bool(error <= _ROUNDING * scale) else None


class _Blocks:
    """The columns w of all records but the first, many records at a time.

    Parameters
    ----------
    one : _Map
    stride : int
        Steps between records.
    steps : int
        Of which the last one is recorded, too.
    w : array, shape (G, D, n)
        The start.

    Attributes
    ----------
    bound : float
        On the size of all points and of all powers on the way.
    last : array, shape (G, D, n)
        The columns after all steps, known when all blocks have been taken.
    step : int
        Of the last record taken.
    """

    def __init__(self, one: _Map, stride: int, steps: int, w: Array) -> None:
        self.stride, self.steps, self.one, self.start = stride, steps, one, w
        self.step, self.last = 0, w
        xp = array_namespace(w)
        self.between, growth = _power(one, stride)
        count = steps // stride
        # The steps after the last whole stride may grow as much as any.
        growth *= growth if steps % stride else 1.0
        room = _BLOCK * (_MANY if w.shape[0] > 1 else 1) // math.prod(w.shape)
        self.length = 1 << max(0, min(count, room, _MOST_PER_BLOCK).bit_length() - 1)
        # Squarings of the map between records: the block takes the first ones, the bound all of them.
        self.squares, square, covered = [self.between], self.between, 1
        while covered < count:
            growth *= _size(square)
            square, covered = square.after(square), 2 * covered
            self.squares.append(square)
        self.bound = growth * _size(square) * float(xp.max(xp.abs(w)))
        if one.offset is not None:
            self.bound += growth * _size(square) * steps * float(xp.max(xp.abs(one.offset)))
        if not self.bound >= 0:
            self.bound = math.inf

    def __iter__(self) -> Iterator[tuple[Array, int]]:
        xp, n = array_namespace(self.start), self.start.shape[-1]
        block, length, doublings = self.between.apply(self.start), 1, 0
        while length < self.length:
            block = xp.concat([block, self.squares[doublings].apply(block)], axis=-1)
            length, doublings = 2 * length, doublings + 1
        jump, left = self.squares[doublings], self.steps // self.stride
        while left:
            count = min(left, length)
            w = block if count == length else block[..., : count * n]
            left -= count
            self.step = self.steps // self.stride * self.stride - left * self.stride
            self.last = w[..., (count - 1) * n :]
            yield w, count
            if left:
                block = jump.apply(block)
        if self.step < self.steps:
            self.last = _power(self.one, self.steps - self.step)[0].apply(self.last)
            self.step = self.steps
            yield self.last, 1


def _power(one: _Map, exponent: int) -> tuple[_Map, float]:
    """The map `exponent` times, and a bound on the growth by any number of times up to it."""
    result, growth = None, 1.0
    while True:
        growth *= _size(one)
        if exponent & 1:
            result = one if result is None else one.after(result)
        exponent >>= 1
        if not exponent:
            return result, growth  # type: ignore[return-value]
        one = one.after(one)


def _size(one: _Map) -> float:
    """The Frobenius norm of all matrices together, a bound on the growth of any point; at least 1."""
    matrix = one.matrix
    if type(matrix) is numpy.ndarray:
        flat = matrix.ravel()
        return max(1.0, math.sqrt(float(numpy.dot(flat, flat))))
    xp = array_namespace(matrix)
    return max(1.0, math.sqrt(float(xp.sum(matrix * matrix))))


def _doubled(values: Array) -> Array:
    xp = array_namespace(values)
    return xp.astype(values, xp.float64) if values.dtype == xp.float32 else values
