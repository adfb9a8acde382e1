"""simulate: the one loop that plays a game with an update rule, over a batch of starting points."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import (
    Array,
    array_namespace,
    as_generator,
    default_namespace,
    device_of,
    float_arrays,
    library_of,
    to_device,
    to_host,
)
from gamedyn.dynamics._trajectory import Status, Trajectory
from gamedyn.games import Game, StochasticGame
from gamedyn.updates import UpdateRule, check_players, map_hyper_parameters

__all__ = ["simulate"]

# Reading a status waits for the device, so it is done once per this many steps; a frozen trajectory costs no accuracy.
_STEPS_BETWEEN_READS = 64


def simulate(
    game: Game | StochasticGame,
    rule: UpdateRule,
    z0: Any,
    steps: int,
    *,
    rng: Any = None,
    record_every: int = 1,
    observe: Mapping[str, Callable[[Game, Array], Array]] | None = None,
    tolerance: float | None = None,
    callback: Callable[[int, Array, Any], object] | None = None,
    state: Any = None,
    progress: Callable[[int, int], object] | None = None,
) -> Trajectory:
    """Play `game` with `rule` from `z0`: (z, state) <- rule.step(game, z, state), `steps` times.

    Every starting point has its own status. A trajectory ends as DIVERGED at its first point that is not finite, as
    CONVERGED at its first point whose residual is within `tolerance`, else as MAX_STEPS; from then on its point and
    its state stand still, whatever the others do, and `points` repeats its last finite point.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is drawn once per step; all trajectories of the batch see the same draw.
    rule : UpdateRule
        Its hyper-parameters are numbers, or arrays that broadcast to the batch shape z0.shape[:-1].
    z0 : array_like, shape (..., d)
        Starting points. Python numbers go to the default backend; arrays stay in their library, device and precision.
    steps : int
        Number of steps, >= 0.
    rng : None, int or Generator
        For stochastic games only; a deterministic game draws nothing.
    record_every : int
        Records are kept at steps 0, k, 2k, ... and at the last step. What happens between them does not depend on k.
    observe : mapping of str to callable, optional
        Name -> f(game, z), an array that leads with the batch shape, evaluated at every record (on `full()` of a
        stochastic game).
    tolerance : float, optional
        Bound on the Euclidean norm of `rule.stationary_residual` (of `full()` for a stochastic game), tested at the
        start and after every step. The test costs about one gradient per step, which `gradient_calls` leaves out.
    callback : callable, optional
        callback(step, z, state) after every record; what it returns is ignored.
    state : optional
        `final_state` of an earlier trajectory of this rule, to continue from; None starts with `rule.init`.
    progress : callable, optional
        progress(step, steps), called now and then.

    Returns
    -------
    Trajectory

    Raises
    ------
    TypeError
        If `game` is no game, `rule` no rule, or `z0` holds no real numbers.
    ValueError
        If shapes do not fit, `z0` is not finite, or a number is out of its range.

    Notes
    -----
    Nothing in a step waits for the device: statuses are read every 64 steps, and when all trajectories have ended the
    rest of the records is filled in. Overflow on the way to divergence raises no warning.

    Examples
    --------
    Halving steps on x^2 / 2: the point is 2^-k after k steps.

    >>> from gamedyn.games import Game
    >>> from gamedyn.updates import Cost, UpdateRule
    >>> class Bowl(Game):
    ...     dims = (1,)
    ...
    ...     def losses(self, z):
    ...         return z**2 / 2
    >>> class Descent(UpdateRule):
    ...     cost = Cost(gradients=1)
    ...
    ...     def step(self, game, z, state):
    ...         return z - 0.5 * game.simultaneous_gradient(z), None
    >>> path = simulate(Bowl(), Descent(), [1.0], steps=3)
    >>> [float(x) for x in path.points[:, 0]]
    [1.0, 0.5, 0.25, 0.125]
    """
    z = _check_arguments(game, rule, z0, steps, record_every, tolerance)
    xp = array_namespace(z)
    full = game.full()
    generator = as_generator(rng) if isinstance(game, StochasticGame) else None
    played = game.draw(generator) if isinstance(game, StochasticGame) and steps > 0 else full
    _check_shapes(played, rule, z)
    observed: dict[str, list[Array]] = {name: [f(full, z)] for name, f in (observe or {}).items()}
    points, times = [z], [0]
    batch, device = z.shape[:-1], device_of(z)
    active = xp.ones(batch, dtype=xp.bool, device=device)
    ended = xp.full(batch, int(Status.MAX_STEPS), dtype=xp.int64, device=device)
    stop = xp.full(batch, steps, dtype=xp.int64, device=device)

    # Divergence is a result, not an accident: its overflows are not worth a warning.
    with numpy.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if state is None:
            state = rule.init(played, z)
        if tolerance is not None:
            small = _residual(rule, full, z) <= tolerance
            ended, stop, active = _end(small, Status.CONVERGED, 0, ended, stop, active)
        for step in range(1, steps + 1):
            if step > 1 and isinstance(game, StochasticGame):
                played = game.draw(generator)
            new, new_state = rule.step(played, z, state)
            if step == 1 and new.shape != z.shape:
                raise ValueError(
                    f"`rule` must keep the shape of `z0`, got {tuple(new.shape)} from {tuple(z.shape)} in one step."
                )
            finite = xp.all(xp.isfinite(new), axis=-1)
            ended, stop, active = _end(active & ~finite, Status.DIVERGED, step, ended, stop, active)
            z, state = _advance(active, (new, new_state), (z, state))
            if tolerance is not None:
                small = active & (_residual(rule, full, z) <= tolerance)
                ended, stop, active = _end(small, Status.CONVERGED, step, ended, stop, active)
            if step % record_every == 0 or step == steps:
                points.append(z)
                times.append(step)
                for name, values in observed.items():
                    values.append(observe[name](full, z))  # type: ignore[index]
                if callback is not None:
                    callback(step, z, state)
            if step % _STEPS_BETWEEN_READS == 0 or step == steps:
                if progress is not None:
                    progress(step, steps)
                if not bool(xp.any(active)):
                    break

    # All trajectories ended early: what is left to record stands still.
    rest = sorted({t for t in [*range(0, steps + 1, record_every), steps] if t > times[-1]})
    return Trajectory(
        points=xp.stack(points + [z] * len(rest)),
        times=numpy.asarray(times + rest),
        gradient_calls=numpy.asarray(times + rest) * float(rule.cost.gradients),
        status=to_host(ended),
        stop_step=to_host(stop),
        final=z,
        final_state=state,
        observed={name: xp.stack(values + [values[-1]] * len(rest)) for name, values in observed.items()},
    )


def _residual(rule: UpdateRule, game: Game, z: Array) -> Array:
    xp = array_namespace(z)
    return xp.sqrt(xp.sum(rule.stationary_residual(game, z) ** 2, axis=-1))


def _end(which: Array, status: Status, step: int, ended: Array, stop: Array, active: Array) -> tuple[Array, ...]:
    """`ended`, `stop` and `active` after the trajectories in `which` ended with `status` at `step`."""
    xp = array_namespace(active)
    return xp.where(which, int(status), ended), xp.where(which, step, stop), active & ~which


def _advance(moving: Array, new: Any, old: Any) -> Any:
    """`new` where a trajectory moves, else `old`, leaf by leaf; every leaf leads with the batch shape of `moving`."""
    if new is None:
        return None
    if isinstance(new, tuple):
        leaves = [_advance(moving, a, b) for a, b in zip(new, old, strict=True)]
        return type(new)(*leaves) if hasattr(new, "_fields") else tuple(leaves)
    xp = array_namespace(new)
    mask = xp.reshape(moving, moving.shape + (1,) * (new.ndim - moving.ndim))
    return xp.where(mask, new, old)


def _check_arguments(game: Any, rule: Any, z0: Any, steps: Any, record_every: Any, tolerance: Any) -> Array:
    """`z0` as a fresh floating array, after the checks that need no evaluation."""
    if not isinstance(game, (Game, StochasticGame)):
        hint = " Call it to make one." if isinstance(game, type) else ""
        raise TypeError(f"`game` must be a Game or a StochasticGame, got {_kind(game)}.{hint}")
    if not isinstance(rule, UpdateRule):
        hint = " Call it with its step size to make one." if isinstance(rule, type) else ""
        raise TypeError(f"`rule` must be an UpdateRule, got {_kind(rule)}.{hint}")
    check_integer("steps", steps, minimum=0)
    check_integer("record_every", record_every, minimum=1)
    if tolerance is not None:
        check_positive("tolerance", tolerance)
    for i, size in enumerate(game.dims):
        check_integer(f"game.dims[{i}]", size, minimum=1)
    xp, z = float_arrays(z0, names=("z0",))
    if library_of(z0) is None:
        xp = default_namespace()
        z = to_device(z, xp, dtype=xp.float64)
    d = sum(game.dims)
    if z.ndim == 0 or z.shape[-1] != d:
        raise ValueError(
            f"`z0` must have shape (..., {d}) for players of sizes {tuple(game.dims)}, got {tuple(z.shape)}."
        )
    if not bool(xp.all(xp.isfinite(z))):
        raise ValueError("`z0` must be finite, got infinite or NaN entries.")
    check_players(rule, game)  # type: ignore[arg-type]
    if dataclasses.is_dataclass(rule):
        map_hyper_parameters(rule, lambda name, value: _fitting(name, value, z.shape[:-1]))
    # The trajectory must not share memory with the caller's array.
    return xp.asarray(z, copy=True)


def _kind(value: Any) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def _fitting(name: str, value: Any, batch: tuple[int, ...]) -> Any:
    """The hyper-parameter, if it broadcasts to the batch."""
    shape = tuple(getattr(value, "shape", ()))
    fits = len(shape) <= len(batch) and all(a in (1, b) for a, b in zip(reversed(shape), reversed(batch), strict=False))
    if not fits:
        raise ValueError(
            f"`{name}` must be a number or have the batch shape {tuple(batch)} of `z0`, got shape {shape}. "
            "Give `z0` one row per value."
        )
    return value


def _check_shapes(game: Game, rule: UpdateRule, z: Array) -> None:
    """One evaluation of the losses and of xi, so that a game of the wrong shape fails here and not in a rule."""
    n, batch = len(game.dims), tuple(z.shape[:-1])
    with numpy.errstate(all="ignore"):
        losses = game.losses(z)
    if tuple(losses.shape) != (*batch, n):
        raise ValueError(
            f"`game.losses` must return one loss per player, shape {(*batch, n)} at points of shape {tuple(z.shape)}, "
            f"got {tuple(losses.shape)}."
        )
    with numpy.errstate(all="ignore"):
        xi = game.simultaneous_gradient(z)
    if tuple(xi.shape) != tuple(z.shape):
        raise ValueError(
            f"`game.simultaneous_gradient` must return the shape {tuple(z.shape)} of its points, got {tuple(xi.shape)}."
        )
