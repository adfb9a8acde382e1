"""One game under one rule: the best step size of a grid, what it costs, and where the starting points end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy

from gamedyn.backend import to_host
from gamedyn.dynamics import Status, fit_rate, simulate
from gamedyn.equilibria import spectral_radius
from gamedyn.games import Box, Counted, Game, Reals, StochasticGame
from gamedyn.updates import UpdateRule, natural_residual, takes_step_size

__all__ = ["PairResult", "PairTask", "evaluations_per_step", "run_pair"]

# Steps on which the work of a rule is counted where it depends on the data.
_MOST_COUNTED = 200


@dataclass(frozen=True)
class PairTask:
    """What `run_pair` is asked; picklable where the game and the rule are."""

    game_name: str
    rule_name: str
    game: Game | StochasticGame
    rule: UpdateRule
    starts: numpy.ndarray
    """(B, d)"""
    step_sizes: numpy.ndarray | None
    """(K,), or None for the default grid."""
    steps: int
    tolerance: float
    escape: float
    """A point whose norm is above this has left."""
    seed: int


@dataclass(frozen=True)
class PairResult:
    """One game under one rule at its best step size; arrays are NumPy's, with one entry per starting point.

    Parameters
    ----------
    game, rule : str
        Names.
    reason : str
        Why the rule cannot play the game; empty where it can. All that follows is empty or nan otherwise.
    step_size : float
        The best of the grid: the largest share that converged, then the fewest evaluations; nan for a rule without one.
    evaluations_per_step : float
        Gradient evaluations, products with J counted as one each and a dense solve as d of them.
    at_least : bool
        Whether that number depends on the data, and was counted on the way from one start.
    evaluations : array, shape (B,)
        To the tolerance; inf where it was not reached.
    converged, flat, left : boolean arrays, shape (B,)
        Whether the tolerance was met next to a stationary point; met elsewhere, on a plateau where the gradient
        vanishes or in a corner where the rule rests and nobody should; or whether the point blew up or went a thousand
        times as far as the starts. None: it stayed bounded.
    final : array, shape (B, d)
        Last points; next to a stationary point of an unconstrained game, moved onto it by Newton's method.
    predicted_rate, measured_rate : float
        Factor per step at the point that most starts reached: spectral radius, and fit to one trajectory; nan where
        there is none.
    step_sizes, shares : arrays, shape (K,)
        The grid, and the share of starts that converged at each.
    """

    game: str
    rule: str
    reason: str
    step_size: float
    evaluations_per_step: float
    at_least: bool
    evaluations: numpy.ndarray
    converged: numpy.ndarray
    flat: numpy.ndarray
    left: numpy.ndarray
    final: numpy.ndarray
    predicted_rate: float
    measured_rate: float
    step_sizes: numpy.ndarray
    shares: numpy.ndarray

    @property
    def is_at_edge(self) -> bool:
        """Whether the step size is the first or the last of several tried, so that a better one may lie beyond."""
        return len(self.step_sizes) > 1 and self.step_size in (self.step_sizes[0], self.step_sizes[-1])


def evaluations_per_step(rule: UpdateRule, size: int) -> float:
    """Evaluations of xi in one step of the rule in a game of `size` coordinates, by the rule's own word.

    Parameters
    ----------
    rule : UpdateRule
    size : int
        d; a dense solve takes one Jacobian, counted as d products.
    """
    cost = rule.cost
    return float(cost.gradients + cost.jvps + cost.vjps + size * cost.solves)


def run_pair(task: PairTask) -> PairResult:
    """Play the game from every start with every step size at once, and keep the best step size.

    Parameters
    ----------
    task : PairTask
    """
    reason = _refusal(task)
    if reason:
        return _empty(task, reason)
    steps, count = _grid(task), len(task.starts)
    if not len(steps) and hasattr(task.rule, "step_size"):
        return _empty(task, f"`{type(task.rule).__name__}` takes none of the step sizes to be tried.")
    rule, start = task.rule, task.starts
    if len(steps):
        # One long batch: every step size with every start.
        rule = task.rule.with_step_size(numpy.repeat(steps, count))
        start = numpy.tile(task.starts, (len(steps), 1))
    path = simulate(
        task.game, rule, start, task.steps, rng=task.seed, record_every=max(task.steps, 1), tolerance=task.tolerance
    )
    per_step = evaluations_per_step(task.rule, task.starts.shape[-1])
    shape = (max(len(steps), 1), count)
    ends, near = _settled(task, to_host(path.final))
    met = path.status == Status.CONVERGED
    converged = (met & near).reshape(shape)
    left = ((path.status == Status.DIVERGED) | (_norms(to_host(path.final)) > task.escape)).reshape(shape) & ~converged
    flat = met.reshape(shape) & ~converged & ~left
    calls = numpy.where(converged, path.stop_step.reshape(shape) * per_step, math.inf)
    points = ends.reshape(*shape, -1)
    best, predicted, measured = _tune(task, steps, _ranked(converged, left | flat, calls), points, converged)
    tuned = task.rule.with_step_size(float(steps[best])) if len(steps) else task.rule
    if task.rule.cost.at_least:
        taken = min(_MOST_COUNTED, int(path.stop_step.reshape(shape)[best].max()))
        nominal, per_step = per_step, _counted_per_step(task, tuned, task.starts[0], taken)
        calls = calls * (per_step / nominal) if nominal > 0 else calls
    return PairResult(
        game=task.game_name,
        rule=task.rule_name,
        reason="",
        step_size=float(steps[best]) if len(steps) else math.nan,
        evaluations_per_step=per_step,
        at_least=task.rule.cost.at_least,
        evaluations=calls[best],
        converged=converged[best],
        flat=flat[best],
        left=left[best],
        final=points[best],
        predicted_rate=predicted,
        measured_rate=measured,
        step_sizes=steps,
        shares=converged.mean(axis=-1),
    )


def _counted_per_step(task: PairTask, rule: UpdateRule, start: numpy.ndarray, steps: int) -> float:
    """Evaluations in one step of a rule whose work depends on the data, on its way from one start."""
    game = task.game.full()
    z, state, work = start, rule.init(game, start), 0.0
    with numpy.errstate(all="ignore"):
        for _ in range(max(1, steps)):
            counted = Counted(game)
            z, state = rule.step(counted, z, state)
            work += counted.gradients + counted.jvps + counted.vjps + len(start) * counted.jacobians
    return work / max(1, steps)


def _refusal(task: PairTask) -> str:
    """Why the rule cannot play the game, from one step of it; empty where it can."""
    point = task.starts[:1]
    try:
        with numpy.errstate(all="ignore"):
            full = task.game.full()
            task.rule.step(full, point, task.rule.init(full, point))
    except (ValueError, TypeError, NotImplementedError) as error:
        return " ".join(str(error).split())
    return ""


def _empty(task: PairTask, reason: str) -> PairResult:
    nothing, none = numpy.zeros(0), numpy.zeros(0, dtype=bool)
    final = numpy.zeros((0, task.starts.shape[-1]))
    nan = math.nan
    return PairResult(
        task.game_name,
        task.rule_name,
        reason,
        nan,
        nan,
        False,
        nothing,
        none,
        none,
        none,
        final,
        nan,
        nan,
        nothing,
        nothing,
    )


def _grid(task: PairTask) -> numpy.ndarray:
    """The step sizes to try; none for a rule that has no step size."""
    if not hasattr(task.rule, "step_size"):
        return numpy.zeros(0)
    grid, slope = task.step_sizes, _slope(task)
    if grid is None:
        grid = numpy.asarray(2.0 ** numpy.arange(-8, 3.5, 0.5) / (slope if slope > 0 else 1.0))
    return grid[[takes_step_size(task.rule, float(h)) for h in grid]]


def _slope(task: PairTask) -> float:
    """|J| at a typical start, the fastest motion that a step has to follow; a few wild ones do not set it for all."""
    with numpy.errstate(all="ignore"):
        jacobians = to_host(task.game.full().jacobian(task.starts))
    finite = jacobians[numpy.isfinite(jacobians).all(axis=(-2, -1))]
    return float(numpy.median(numpy.linalg.norm(finite, 2, axis=(-2, -1)))) if len(finite) else 0.0


def _ranked(converged: numpy.ndarray, lost: numpy.ndarray, calls: numpy.ndarray) -> list[int]:
    """Rows, best first: most starts converged, then fewest lost, then the fewest evaluations, then the largest step."""
    totals = numpy.where(converged, calls, 0.0).sum(axis=-1)
    rows = numpy.arange(len(converged))
    return [int(row) for row in numpy.lexsort((-rows, totals, lost.sum(axis=-1), -converged.sum(axis=-1)))]


def _tune(
    task: PairTask, steps: numpy.ndarray, ranked: list[int], ends: numpy.ndarray, converged: numpy.ndarray
) -> tuple[int, float, float]:
    """(row, predicted rate, measured rate) of the best step size that holds the point that it reached.

    A rule with a memory can pass through an equilibrium and leave it again; there its residual is below any tolerance,
    and its radius above 1.
    """
    found = None
    for row in ranked:
        rule = task.rule.with_step_size(float(steps[row])) if len(steps) else task.rule
        chosen = _most_reached(ends[row], converged[row]) if not isinstance(task.game, StochasticGame) else None
        if chosen is None:
            return found or (row, math.nan, math.nan)
        predicted = _predicted(task, rule, ends[row][chosen])
        if found is None or not predicted > 1 + 1e-6:
            found = (row, predicted, _measured(task, rule, chosen, ends[row][chosen]))
        if not predicted > 1 + 1e-6:
            return found
    return found or (ranked[0], math.nan, math.nan)


def _norms(points: numpy.ndarray) -> numpy.ndarray:
    with numpy.errstate(over="ignore"):
        return numpy.asarray(numpy.linalg.norm(points, axis=-1))


def _settled(task: PairTask, final: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(points, near): the points moved by Newton's method, and whether a stationary point is next to them.

    A small gradient alone does not tell: on a plateau the nearest stationary point may be at infinity, and Newton's
    steps stay as long as they are, or J vanishes too; next to a point they shrink, if only by a half where J is
    singular there. In a constrained game only points where no constraint holds them are moved; next to an equilibrium
    z - P(z - xi) is small, but not in a face that a rule on mixed strategies cannot leave.
    """
    full = task.game.full()
    points, near = _newton(task, full, final)
    if isinstance(full.domain, Reals):
        return points, near
    with numpy.errstate(all="ignore"):
        free = near & to_host(full.domain.contains(points))
        residual = _norms(to_host(natural_residual(full, final)))
    return numpy.where(free[:, None], points, final), residual <= math.sqrt(task.tolerance)


def _newton(task: PairTask, full: Game, final: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Two steps of Newton's method from every point, and whether they shrink as they do next to a zero of xi."""
    flat = 1e-8 * _slope(task)
    # A loose tolerance is met far from the point.
    reach = max(1e-2, 100 * task.tolerance * 1e-8 / flat) if flat > 0 else 1e-2
    with numpy.errstate(all="ignore"):
        points, near, last = final, numpy.ones(len(final), dtype=bool), numpy.full(len(final), math.inf)
        for _ in range(2):
            jacobian, xi = to_host(full.jacobian(points)), to_host(full.simultaneous_gradient(points))
            good = numpy.isfinite(jacobian).all(axis=(-2, -1)) & numpy.isfinite(xi).all(axis=-1)
            # The pseudo-inverse finds the nearest point of a line of equilibria.
            inverse = numpy.linalg.pinv(numpy.where(good[:, None, None], jacobian, 0.0))
            step = (inverse @ numpy.where(good[:, None], xi, 0.0)[..., None])[..., 0]
            length, scale = _norms(step), 1 + _norms(points)
            near = near & good & (numpy.abs(jacobian).max(axis=(-2, -1)) >= flat)
            near = near & (length <= reach * scale) & ((length <= 0.6 * last) | (length <= 1e-12 * scale))
            last = length
            points = numpy.where(near[:, None], points - step, points)
    return numpy.where(near[:, None], points, final), near


def _near(a: numpy.ndarray, b: numpy.ndarray) -> numpy.ndarray:
    """Whether points are one and the same, to the accuracy of a comparison."""
    return numpy.asarray(_norms(a - b) <= 1e-3 * (1 + _norms(a)))


def _most_reached(ends: numpy.ndarray, converged: numpy.ndarray) -> int | None:
    """A start that reached the point that most starts reached."""
    reached = numpy.flatnonzero(converged)
    if not len(reached):
        return None
    votes = [numpy.sum(_near(ends[reached], ends[k])) for k in reached]
    return int(reached[int(numpy.argmax(votes))])


def _predicted(task: PairTask, rule: UpdateRule, end: numpy.ndarray) -> float:
    if not isinstance(task.game, Game) or not _is_inside(task.game, end):
        return math.nan
    try:
        radius = float(spectral_radius(rule, task.game, end, tolerance=1e-6))
    except (ValueError, NotImplementedError, RuntimeError):
        return math.nan
    # Adam's map at rest, where it divides by epsilon alone, tells nothing of a path that comes there.
    return math.nan if radius > 1 + 1e-6 and not rule.is_linear else radius


def _is_inside(game: Game, point: numpy.ndarray) -> bool:
    """Whether the rule's map is free around the point: on a boundary, and across a simplex, it is not."""
    if isinstance(game.domain, Box):
        return bool(numpy.all((point > game.domain.lower) & (point < game.domain.upper)))
    return isinstance(game.domain, Reals)


def _measured(task: PairTask, rule: UpdateRule, start: int, end: numpy.ndarray) -> float:
    """The rate of one path on its last stretch: within a thousandth of its largest distance, and above rounding."""
    path = simulate(task.game, rule, task.starts[start], task.steps)
    distances = to_host(path.distance_to(end))
    # A path that first wanders through the curved part of a game shows no rate there.
    begin, end_of_decay = (
        int(numpy.flatnonzero(distances > share * distances.max(initial=0.0))[-1:].sum()) for share in (1e-3, 1e-11)
    )
    for stretch, tail in ((slice(begin, end_of_decay), 1.0), (slice(None), 0.5)):
        try:
            return float(fit_rate(distances[stretch], path.times[stretch], tail=tail).value)
        except ValueError:
            continue
    return math.nan
