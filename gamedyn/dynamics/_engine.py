"""Which engine plays a request: the one place where it is chosen."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.backend import array_namespace, takes_kernels
from gamedyn.dynamics._powers import has_many_matrices, play_by_powers, works_by_powers
from gamedyn.dynamics._request import Request
from gamedyn.dynamics._state import leaves_of
from gamedyn.dynamics._stepping import play_by_steps
from gamedyn.dynamics._trajectory import Trajectory
from gamedyn.games import SymbolicGame
from gamedyn.updates import UpdateRule

__all__ = ["ENGINES", "compiles", "play"]

ENGINES = ("auto", "step", "python", "arrays", "c")
"""Names for `simulate(engine=...)`."""

# A compiled run pays for the compiler from here on.
_SECONDS_TO_COMPILE = 1.0
# Where a tolerance is tested in each step as well.
_SECONDS_OF_PARTS = 0.2
# The most trajectories that are faster one by one than as arrays.
_MOST_SCALARS = 30


def play(request: Request, engine: str) -> Trajectory:
    """The trajectory by the engine that was asked for; "auto" takes the first that applies and is fast.

    Matrix powers for linear rules on affine games; generated code for the library's rules on symbolic games, Python's
    scalars for few trajectories, C for long runs and operations on kept arrays for the rest; else, and wherever these
    say no, the loop over steps.

    Parameters
    ----------
    request : Request
    engine : str
        One of `ENGINES`.

    Raises
    ------
    ValueError
        If "python", "arrays" or "c" is asked for and cannot play the run; the message says why.
    """
    if engine in ("python", "arrays", "c"):
        # Imported where it is used: compilers and their helpers would slow down every start.
        from gamedyn.dynamics._by_code import play_by_arrays, play_by_compiler, play_by_scalars

        engines = {"python": play_by_scalars, "arrays": play_by_arrays, "c": play_by_compiler}
        found = engines[engine](request)
        if isinstance(found, str):
            raise ValueError(f'`engine` "{engine}" cannot play this run: {found}.')
        return found
    if engine == "auto":
        if works_by_powers(request) and _powers_are_faster(request):
            by_powers = play_by_powers(request)
            if by_powers is not None:
                return by_powers
        coded = _coded(request)
        if coded is not None:
            return coded
    return play_by_steps(request)


def _coded(request: Request) -> Trajectory | None:
    """The run by generated code, where that is surely the same run and faster.

    A step of arrays costs 15 microseconds, and as much for every gradient, and 20 nanoseconds per coordinate; tracing
    costs what 200 steps do.
    """
    if not _may_be_code(request.game, request.rule):
        return None
    from gamedyn.dynamics._by_code import play_by_arrays, play_by_compiler, play_by_scalars, reason_against_code
    from gamedyn.dynamics._compiler import compiler

    if reason_against_code(request) is not None:
        return None
    batch, d = max(1, math.prod(request.z.shape[:-1])), request.z.shape[-1]
    seconds = _seconds_of_arrays(request.rule, batch, d, request.steps)
    found: Trajectory | str = ""
    if takes_kernels(request.z) or (seconds >= _SECONDS_TO_COMPILE and compiler() is not None):
        found = play_by_compiler(request)
    if isinstance(found, str) and request.steps >= 200:
        if batch <= _MOST_SCALARS:
            found = play_by_scalars(request)
        elif request.tolerance is None:
            # The loop over steps leaves out those that have converged.
            found = play_by_arrays(request)
    return None if isinstance(found, str) else found


def compiles(game: Any, rule: UpdateRule, batch: int, steps: int) -> bool:
    """Whether a run of so many trajectories and steps, with a tolerance and played in parts, should be compiled.

    Parameters
    ----------
    game : Game
    rule : UpdateRule
    batch, steps : int
    """
    if not _may_be_code(game, rule):
        return False
    from gamedyn.dynamics._compiler import compiler

    return _seconds_of_arrays(rule, batch, sum(game.dims), steps) >= _SECONDS_OF_PARTS and compiler() is not None


def _may_be_code(game: Any, rule: UpdateRule) -> bool:
    return type(game) is SymbolicGame and type(rule).__module__.startswith("gamedyn.")


def _seconds_of_arrays(rule: UpdateRule, batch: int, d: int, steps: int) -> float:
    gradients = rule.cost.gradients
    return float(steps * (15e-6 * (1 + gradients) + 20e-9 * d * batch * gradients))


def _powers_are_faster(request: Request) -> bool:
    """The rule of choice: estimated seconds of matrix powers against those of stepping, on one core.

    A step costs 15 microseconds, and as much for every gradient; for each trajectory 4 nanoseconds per coordinate, and
    0.06 per entry of J and gradient. Matrices cost 2 D^3 operations for every squaring, multiplied by their number
    where hyper-parameters differ between trajectories, and a record 2 D^2 per trajectory, D counting memories, at 40
    billion a second; every product of a small matrix 0.2 microseconds.
    """
    rule, z, d = request.rule, request.z, request.z.shape[-1]
    batch, gradients = math.prod(z.shape[:-1]), rule.cost.gradients
    stepping = request.steps * (15e-6 * (1 + gradients) + batch * (4e-9 * d + 0.06e-9 * d * d * gradients))
    if stepping < 100e-6:
        return False
    many, state = has_many_matrices(rule), request.state
    if state is None:
        # One point has as many memories as all of them, but for hyper-parameters that need the batch.
        state = rule.init(request.game, z if many else array_namespace(z).reshape(z, (batch, d))[:1, :])  # type: ignore
    size = d * (1 + len(leaves_of(state)))
    between = request.record_every if request.record_points or request.observe else request.steps
    records = max(1, request.steps // between)
    squarings = 2 + 2 * math.log2(min(between, request.steps)) + math.log2(records)
    matrices = batch if many else 1
    building = matrices * squarings * (0.2e-6 + 0.05e-9 * size**3)
    advancing = records * (0.05e-9 * batch * size**2 + (20e-9 * matrices if matrices > 1 else 0.0))
    return bool(100e-6 + building + advancing < stepping)
