"""simulate: the one loop that plays a game with an update rule, over a batch of starting points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gamedyn._checks import check_choice
from gamedyn._progress import reporting
from gamedyn.backend import Array
from gamedyn.dynamics._engine import ENGINES, play
from gamedyn.dynamics._options import check_functions, check_state
from gamedyn.dynamics._request import Request, check_arguments
from gamedyn.dynamics._trajectory import Trajectory
from gamedyn.games import Game, StochasticGame
from gamedyn.updates import UpdateRule

__all__ = ["simulate"]


def simulate(
    game: Game | StochasticGame,
    rule: UpdateRule,
    z0: Any,
    steps: int,
    *,
    rng: Any = None,
    record_every: int = 1,
    observe: Mapping[str, Callable[[Game, Array], Array]] | None = None,
    record_points: bool = True,
    tolerance: float | None = None,
    max_norm: float | None = None,
    callback: Callable[[int, Array, Any], object] | None = None,
    state: Any = None,
    progress: bool | Callable[[int, int], object] | None = None,
    engine: str = "auto",
) -> Trajectory:
    """Play `game` with `rule` from `z0`: (z, state) <- rule.step(game, z, state), `steps` times.

    Every starting point has its own status. A trajectory ends as DIVERGED at its first point that is not finite (or
    farther from 0 than `max_norm`), as CONVERGED at its first point whose residual is within `tolerance`, else as
    MAX_STEPS; from then on its point and its state stand still, whatever the others do, and `points` repeats its last
    good point.

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
        stochastic game). `DistanceTo` is one that costs little.
    record_points : bool
        Whether `points` are kept, too; if not, their shape is (0, ..., d).
    tolerance : float, optional
        Bound on the Euclidean norm of `rule.stationary_residual` (of `full()` for a stochastic game), tested at the
        start and after every step. The test costs about one gradient per step, which `gradient_calls` leaves out.
    max_norm : float, optional
        Largest Euclidean norm of a point that has not diverged; any finite one by default.
    callback : callable, optional
        callback(step, z, state) after every record but the first. If it returns something true, all trajectories stop
        there, those still moving as MAX_STEPS with a `stop_step` below `steps`.
    state : optional
        `final_state` of an earlier trajectory of this rule, to continue from; None starts with `rule.init`.
    progress : bool or callable, optional
        progress(step, steps), called now and then. True shows a bar where tqdm is installed, else lines on stderr.
    engine : {"auto", "step", "python", "arrays", "c"}
        "step" plays every step on arrays, with the rule as it is written; the others agree with it to rounding.
        "python", "arrays" and "c" trace a step once as a formula and play the formula: as scalars of Python, as
        operations of NumPy that write to arrays which are kept, or compiled by the system's `cc` (as a kernel, one
        thread for each trajectory, on CuPy). "auto" plays linear rules on affine games by powers of their matrix where
        that is faster, and the library's rules on a `SymbolicGame` by generated code: up to 30 trajectories as scalars,
        more as arrays, long runs compiled where there is a compiler; everything else step by step.

    Returns
    -------
    Trajectory

    Raises
    ------
    TypeError
        If `game` is no game, `rule` no rule, `z0` holds no real numbers, or what should be called is no function.
    ValueError
        If shapes do not fit, `z0` is not finite, a number is out of its range, `state` is not of this rule and batch, a
        loss or gradient at `z0` is complex or NaN, or an engine was asked for that cannot play the run.

    Notes
    -----
    Nothing in a step waits for the device: statuses are read every 64 steps, and when all trajectories have ended the
    rest of the records is filled in. Overflow on the way to divergence raises no warning. When half of a batch has
    ended, the other half goes on without it.

    Powers of the matrix need a game with `is_affine`, and neither `tolerance` nor `max_norm` nor `callback`; where they
    might overflow, every step is played. After T steps they differ from stepping by up to T roundoffs of the largest
    point on the way, times the condition of the matrix's eigenvectors. A game of single precision is computed in double
    and rounded once.

    Generated code needs double precision, no `callback`, a game and a rule that are the same at every step, and a step
    whose course depends on no value: solved systems and searches along a line are stepped. Compiled code is kept in the
    user's cache folder; compilation takes some 0.2 seconds, once for a game and a kind of rule.

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
    z = check_arguments(game, rule, z0, steps, record_every, tolerance, max_norm)
    if engine not in ENGINES:
        check_choice("engine", engine, ENGINES)
    check_functions(observe, callback, progress)
    if state is not None:
        check_state(rule, game.full(), z, state)
    request = Request(
        game=game,
        rule=rule,
        z=z,
        steps=int(steps),
        rng=rng,
        record_every=int(record_every),
        observe=observe or {},
        record_points=record_points,
        tolerance=tolerance,
        max_norm=max_norm,
        callback=callback,
        state=state,
    )
    if progress is None:
        return play(request, engine)
    with reporting(progress, steps) as report:
        return play(request._replace(progress=report), engine)
