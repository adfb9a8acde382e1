"""What simulate was asked for, checked: every engine gets one of these."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn._progress import Progress
from gamedyn.backend import Array, array_namespace, default_namespace, float_arrays, library_of, to_device
from gamedyn.games import Game, StochasticGame
from gamedyn.updates import UpdateRule, check_hyper_parameters, check_players

__all__ = ["Request", "check_arguments", "check_evaluations"]


class Request(NamedTuple):
    """The arguments of `simulate`, z as a fresh array."""

    game: Game | StochasticGame
    rule: UpdateRule
    z: Array
    steps: int
    rng: Any = None
    record_every: int = 1
    observe: Mapping[str, Callable[[Game, Array], Array]] = MappingProxyType({})
    record_points: bool = True
    tolerance: float | None = None
    max_norm: float | None = None
    callback: Callable[[int, Array, Any], object] | None = None
    state: Any = None
    progress: Progress | None = None


def check_arguments(
    game: Any, rule: Any, z0: Any, steps: Any, record_every: Any, tolerance: Any, max_norm: Any
) -> Array:
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
    if max_norm is not None:
        check_positive("max_norm", max_norm)
    for i, size in enumerate(game.dims):
        check_integer(f"game.dims[{i}]", size, minimum=1)
    xp, z = float_arrays(z0, names=("z0",))
    if z is not z0 and library_of(z0) is None:
        xp = default_namespace()
        z = to_device(z, xp, dtype=xp.float64)
    d = sum(game.dims)
    if z.ndim == 0 or z.shape[-1] != d:
        raise ValueError(
            f"`z0` must have shape (..., {d}) for players of sizes {tuple(game.dims)}, got {tuple(z.shape)}."
        )
    if not bool(xp.isfinite(z).all() if xp is numpy else xp.all(xp.isfinite(z))):
        raise ValueError("`z0` must be finite, got infinite or NaN entries.")
    check_players(rule, game)  # type: ignore[arg-type]
    check_hyper_parameters(rule, z)
    # The trajectory must not share memory with the caller's array.
    return z.copy() if xp is numpy else xp.asarray(z, copy=True)


def _kind(value: Any) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def check_evaluations(game: Game, z: Array) -> None:
    """One evaluation of the losses and of xi, so that a game of the wrong shape fails here and not in a rule.

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)
        The start.

    Raises
    ------
    ValueError
        If a shape does not fit, or a value is complex or NaN.
    """
    n, batch = len(game.dims), tuple(z.shape[:-1])
    with numpy.errstate(all="ignore"):
        losses = game.losses(z)
    if tuple(losses.shape) != (*batch, n):
        raise ValueError(
            f"`game.losses` must return one loss per player, shape {(*batch, n)} at points of shape {tuple(z.shape)}, "
            f"got {tuple(losses.shape)}."
        )
    _check_values("game.losses", losses)
    with numpy.errstate(all="ignore"):
        xi = game.simultaneous_gradient(z)
    if tuple(xi.shape) != tuple(z.shape):
        raise ValueError(
            f"`game.simultaneous_gradient` must return the shape {tuple(z.shape)} of its points, got {tuple(xi.shape)}."
        )
    _check_values("game.simultaneous_gradient", xi)


def _check_values(name: str, values: Array) -> None:
    xp = array_namespace(values)
    if xp.isdtype(values.dtype, "complex floating"):
        raise ValueError(f"`{name}` must be real at real points, got {values.dtype} at `z0`.")
    wrong = xp.any(xp.isnan(values), axis=-1)
    if bool(xp.any(wrong)):
        count = int(xp.sum(xp.astype(wrong, xp.int64)))
        raise ValueError(
            f"`{name}` must be a number at `z0`, got NaN for {count} of {math.prod(wrong.shape)} starting points. "
            "Start inside the domain of the losses."
        )
