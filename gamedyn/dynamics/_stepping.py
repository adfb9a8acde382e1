"""The reference loop: (z, state) <- rule.step(game, z, state), one step after the other, for a batch at once."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple

import numpy

from gamedyn.backend import Array, array_namespace, as_generator, device_of, like
from gamedyn.dynamics._records import Records
from gamedyn.dynamics._request import Request, check_evaluations
from gamedyn.dynamics._state import map_leaves
from gamedyn.dynamics._trajectory import Status, Trajectory
from gamedyn.games import Game, StochasticGame
from gamedyn.updates import UpdateRule, map_hyper_parameters

__all__ = ["play_by_steps"]

# Reading a status waits for the device, so it is done once per this many steps; a frozen trajectory costs no accuracy.
_STEPS_BETWEEN_READS = 64
# Smaller batches cost as much as single trajectories.
_SMALLEST_TO_COMPACT = 16
# Up to this many coordinates, points are held coordinate by coordinate where the game evaluates them so.
_COORDINATES_TURNED = 8


class _Carry(NamedTuple):
    """All that belongs to a trajectory; every leaf leads with the batch shape."""

    z: Array
    state: Any
    ended: Array
    stop: Array


def play_by_steps(request: Request) -> Trajectory:
    """Every step in turn; the definition that other engines are tested against.

    Parameters
    ----------
    request : Request
    """
    # Divergence is a result, not an accident: its overflows are not worth a warning.
    with numpy.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        return _Loop(request).run()


class _Loop:
    def __init__(self, request: Request) -> None:
        self.request, game = request, request.game
        self.full = game.full()
        self.generator = as_generator(request.rng) if isinstance(game, StochasticGame) else None
        self.played = game.draw(self.generator) if isinstance(game, StochasticGame) and request.steps else self.full
        z = request.z
        check_evaluations(self.played, z)
        if type(z) is numpy.ndarray:
            z = _turned(self.played, z)
        self.xp, self.batch = array_namespace(z), z.shape[:-1]
        self.on_host = self.xp is numpy
        self.records = Records(
            self.full, z, request.steps, request.record_every, request.observe, request.record_points
        )
        options = {"dtype": self.xp.int64, "device": device_of(z)}
        state = request.rule.init(self.played, z) if request.state is None else request.state
        ended = self.xp.full(self.batch, int(Status.MAX_STEPS), **options)
        self.carry = _Carry(z, state, ended, self.xp.full(self.batch, request.steps, **options))
        self.moving = self.xp.ones(self.batch, dtype=self.xp.bool, device=device_of(z))
        self.all_moving = True
        self.rule: UpdateRule = request.rule
        self.may_compact = dataclasses.is_dataclass(request.rule) and len(self.batch) > 0
        # Of all trajectories, flat, as they were when those that had ended were left out; and where the rest is now.
        self.frozen: tuple[_Carry, Array, Array] | None = None

    def run(self) -> Trajectory:
        request = self.request
        if request.max_norm is not None:
            self.end(~self.within(self.carry.z), Status.DIVERGED, 0)
        if request.tolerance is not None:
            self.end_converged(0)
        for step in range(1, request.steps + 1):
            if step > 1 and isinstance(request.game, StochasticGame):
                self.played = request.game.draw(self.generator)
            self.advance(step)
            if step % request.record_every == 0 or step == request.steps:
                self.records.add(self.everyone().z if self.records.wants_points else self.carry.z)
                if request.callback is not None:
                    everyone = self.everyone()
                    if request.callback(step, everyone.z, everyone.state):
                        self.end(self.moving, Status.MAX_STEPS, step)
                        break
            if step % _STEPS_BETWEEN_READS == 0 or step == request.steps:
                if request.progress is not None:
                    request.progress(step, request.steps)
                count = int(self.xp.count_nonzero(self.moving))
                if count == 0:
                    break
                if self.may_compact and 2 * count <= self.moving.size and self.moving.size >= _SMALLEST_TO_COMPACT:
                    self.compact()
        z, state, ended, stop = self.everyone()
        return self.records.finish(z, state, ended, stop, request.rule.cost.gradients)

    def advance(self, step: int) -> None:
        """One step of all that still move."""
        z, state = self.carry.z, self.carry.state
        new, new_state = self.rule.step(self.played, z, state)
        if step == 1 and new.shape != z.shape:
            raise ValueError(
                f"`rule` must keep the shape of `z0`, got {tuple(new.shape)} from {tuple(z.shape)} in one step."
            )
        if self.on_host and self.all_moving and self.surely_within(new):
            self.carry = self.carry._replace(z=new, state=new_state)
        else:
            self.end(~self.within(new), Status.DIVERGED, step)
            moved = map_leaves(lambda a, b: _choose(self.moving, a, b), (new, new_state), (z, state))
            self.carry = self.carry._replace(z=moved[0], state=moved[1])
        if self.request.tolerance is not None:
            self.end_converged(step)

    def surely_within(self, z: Array) -> bool:
        """Whether all points are finite and within the bound, by one sum of squares."""
        flat = z.ravel(order="K")
        square = float(numpy.dot(flat, flat))
        bound = self.request.max_norm
        # Half of the bound leaves room for rounding; a sum that overflows decides nothing.
        return math.isfinite(square) and (bound is None or math.sqrt(square) <= bound / 2)

    def within(self, z: Array) -> Array:
        finite = self.xp.all(self.xp.isfinite(z), axis=-1)
        if self.request.max_norm is None:
            return finite
        return finite & (_norm(z) <= self.request.max_norm)

    def end_converged(self, step: int) -> None:
        residual = _norm(self.rule.stationary_residual(self.full, self.carry.z))
        small = residual <= self.request.tolerance
        if not self.on_host or small.any():
            self.end(small, Status.CONVERGED, step)

    def end(self, which: Array, status: Status, step: int) -> None:
        """Trajectories in `which` that still move have ended with `status` at `step`."""
        xp, which = self.xp, which & self.moving
        ended = xp.where(which, int(status), self.carry.ended)
        self.carry = self.carry._replace(ended=ended, stop=xp.where(which, step, self.carry.stop))
        self.moving = self.moving & ~which
        if self.on_host:
            self.all_moving = bool(self.moving.all())

    def everyone(self) -> _Carry:
        """The points, states and statuses of the whole batch, of those left out too."""
        if self.frozen is None:
            return self.carry
        return map_leaves(  # type: ignore[no-any-return]
            lambda leaf: self.xp.reshape(leaf, (*self.batch, *leaf.shape[1:])), self.flat_everyone()
        )

    def flat_everyone(self) -> _Carry:
        if self.frozen is None:
            count = len(self.batch)
            return map_leaves(  # type: ignore[no-any-return]
                lambda leaf: self.xp.reshape(leaf, (math.prod(self.batch), *leaf.shape[count:])), self.carry
            )
        old, inside, position = self.frozen
        # Gathering, unlike scattering, is in every library.
        return map_leaves(  # type: ignore[no-any-return]
            lambda a, b: _choose(inside, self.xp.take(a, position, axis=0), b), self.carry, old
        )

    def compact(self) -> None:
        """Leave out the trajectories that have ended, with their states and hyper-parameters."""
        xp, full = self.xp, self.flat_everyone()
        if self.frozen is None:
            inside = xp.reshape(self.moving, (-1,))
        else:
            inside = self.frozen[1] & xp.take(self.moving, self.frozen[2], axis=0)
        (index,) = xp.nonzero(inside)
        position = xp.where(inside, xp.cumulative_sum(xp.astype(inside, xp.int64)) - 1, 0)
        carry = map_leaves(lambda leaf: xp.take(leaf, index, axis=0), full)

        def taken(name: str, value: Any) -> Any:
            if not getattr(value, "shape", ()):
                return value
            spread = xp.broadcast_to(like(value, carry.z), self.batch)
            return xp.take(xp.reshape(spread, (-1,)), index, axis=0)

        rule = map_hyper_parameters(self.request.rule, taken)
        if not _plays_compacted(rule, self.played, carry):
            self.may_compact = False
            return
        self.frozen, self.carry, self.rule = (full, inside, position), carry, rule
        self.moving = xp.ones(index.shape, dtype=xp.bool, device=device_of(carry.z))
        self.all_moving = True


def _plays_compacted(rule: UpdateRule, game: Game, carry: _Carry) -> bool:
    """Whether a step works on part of the batch: a game may hold arrays of the whole batch's shape."""
    try:
        new, _ = rule.step(game, carry.z, carry.state)
    except (ValueError, TypeError, IndexError):
        return False
    return tuple(new.shape) == tuple(carry.z.shape)


def _turned(game: Game, z: numpy.ndarray) -> numpy.ndarray:
    """z, held coordinate by coordinate if the game evaluates it so: then every operation runs over whole columns."""
    if z.ndim != 2 or z.shape[1] > _COORDINATES_TURNED:
        return z
    turned = numpy.asfortranarray(z)
    return turned if game.simultaneous_gradient(turned).flags.f_contiguous else z


def _norm(v: Array) -> Array:
    xp = array_namespace(v)
    return xp.sqrt(xp.sum(v * v, axis=-1))


def _choose(moving: Array, new: Array, old: Array) -> Array:
    """`new` where a trajectory moves, else `old`; both lead with the batch shape of `moving`."""
    xp = array_namespace(new)
    return xp.where(xp.reshape(moving, moving.shape + (1,) * (new.ndim - moving.ndim)), new, old)
