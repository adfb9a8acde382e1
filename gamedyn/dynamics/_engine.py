"""Which engine plays a request: the one place where it is chosen."""

from __future__ import annotations

import math
from collections.abc import Callable

from gamedyn.backend import array_namespace
from gamedyn.dynamics._powers import has_many_matrices, play_by_powers, works_by_powers
from gamedyn.dynamics._request import Request
from gamedyn.dynamics._state import leaves_of
from gamedyn.dynamics._stepping import play_by_steps
from gamedyn.dynamics._trajectory import Trajectory

__all__ = ["ENGINES", "play"]

ENGINES: dict[str, tuple[Callable[[Request], Trajectory | None], ...]] = {
    "auto": (play_by_powers, play_by_steps),
    "step": (play_by_steps,),
}
"""Names for `simulate(engine=...)` and what they try, in order; the last one plays whatever is asked."""


def play(request: Request, engine: str) -> Trajectory:
    """The trajectory by the first engine that takes the request and is not slower than stepping.

    An engine answers None where it does not apply, or where its result could differ from that of stepping.

    Parameters
    ----------
    request : Request
    engine : str
        A key of `ENGINES`.
    """
    for candidate in ENGINES[engine]:
        if candidate is play_by_powers and not (works_by_powers(request) and _powers_are_faster(request)):
            continue
        found = candidate(request)
        if found is not None:
            return found
    raise RuntimeError(f"no engine of {engine!r} took the request.")


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
