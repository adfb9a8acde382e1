"""phase_diagram: stability over two hyper-parameters, predicted and played."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer, check_positive
from gamedyn.backend import to_host
from gamedyn.dynamics._limit_set_kinds import LIMIT_SETS, kinds_of_limit_sets
from gamedyn.dynamics._observables import DistanceTo
from gamedyn.dynamics._simulate import simulate
from gamedyn.dynamics._trajectory import Status
from gamedyn.equilibria import find_stationary_point, iteration_matrix
from gamedyn.games import Game, StochasticGame
from gamedyn.numerics import level_curves
from gamedyn.updates import UpdateRule

__all__ = ["OUTCOMES", "PhaseDiagram", "phase_diagram"]

OUTCOMES = ("converged", "bounded", "diverged")
"""Words for the entries of `PhaseDiagram.outcome`."""

# Radii within this of 1 are taken for 1: a rule that conserves a distance is not stable.
_MARGIN = 1e-13
_RECORDS = 40
# A trajectory's distance, in units of its first: rounding spoils a rate below, leaving the neighbourhood above.
_LEAST, _MOST = 1e-9, 1e3
# Predictions are compared with runs where the distance changes at least by this factor.
_DECISIVE = 100.0


@dataclass(frozen=True)
class PhaseDiagram:
    """Stability of a rule's fixed point over two hyper-parameters.

    Parameters
    ----------
    x_name, y_name : str
    x, y : array, shapes (nx,) and (ny,)
    radius : array, shape (ny, nx)
        The spectral radius of a step at the fixed point; infinite where it is not defined.
    boundary : tuple of arrays, shape (n, 2)
        Curves of radius 1, points (x, y).
    rate : array, shape (ny, nx), or None
        Factor per step by which distances change, measured in the second half of the run; None without a run.
    outcome : array of int, shape (ny, nx), or None
        Index into `OUTCOMES`: the last distance is below the first, within 1000 times the first, or beyond.
    compared, agreeing : int
        Cells whose radius says that distances change by a factor of 100 or more within the run, and those of them whose
        run ended on the same side.
    limit_set : array of int, shape (ny, nx), or None
        Index into `LIMIT_SETS`, for `measure="limit set"`.
    """

    x_name: str
    y_name: str
    x: Any
    y: Any
    radius: Any
    boundary: tuple[Any, ...]
    rate: Any = None
    outcome: Any = None
    compared: int = 0
    agreeing: int = 0
    limit_set: Any = None

    def __str__(self) -> str:
        """Two to four lines."""
        curves = "curve" if len(self.boundary) == 1 else "curves"
        lines = [
            f"{self.x_name} in [{self.x[0]:.6g}, {self.x[-1]:.6g}], {self.y_name} in "
            f"[{self.y[0]:.6g}, {self.y[-1]:.6g}]: {len(self.x)} x {len(self.y)} cells",
            f"  stable in {int(numpy.sum(self.radius < 1 - _MARGIN))} of {self.radius.size}, within "
            f"{len(self.boundary)} {curves}; least radius {float(numpy.min(self.radius)):.6g}",
        ]
        if self.outcome is not None:
            counts = [f"{int(numpy.sum(self.outcome == k))} {word}" for k, word in enumerate(OUTCOMES)]
            lines.append(f"  played: {', '.join(counts)}; as predicted in {self.agreeing} of {self.compared}")
        if self.limit_set is not None:
            counted = ((int(numpy.sum(self.limit_set == k)), word) for k, word in enumerate(LIMIT_SETS))
            lines.append("  limit sets: " + ", ".join(f"{count} {word}" for count, word in counted if count))
        return "\n".join(lines)


def phase_diagram(
    game: Game | Callable[..., Game],
    rule: UpdateRule | Callable[..., UpdateRule],
    x: tuple[str, Sequence[float]],
    y: tuple[str, Sequence[float]],
    *,
    measure: str = "outcome",
    z: Any = None,
    steps: int = 1000,
    displacement: float = 1e-3,
) -> PhaseDiagram:
    """The spectral radius of `rule` at a stationary point, and what a run from nearby does, over two hyper-parameters.

    Parameters
    ----------
    game : Game or callable
        One game, or a function of one or both of the names in `x` and `y`, called with numbers.
    rule : UpdateRule or callable
        A rule whose fields of those names are replaced, or a function of one or both of the names, called with arrays
        that hold one value for each cell.
    x, y : (str, sequence of float)
        A name and its increasing values, 2 or more.
    measure : {"outcome", "radius", "limit set"}
        Whether the rule is played as well, and whether it is played on to the set that it nears.
    z : array_like, shape (d,), optional
        A point from which Newton's method finds the stationary point of every game; the origin by default.
    steps : int
        Length of a run.
    displacement : float
        Distance of the start from the stationary point.

    Returns
    -------
    PhaseDiagram

    Raises
    ------
    TypeError
        If `game` or `rule` is neither what it should be nor a function of the names.
    NotImplementedError
        If the rule has no matrix at the point, as for `iteration_matrix`.
    ValueError
        If values do not increase, a name is no hyper-parameter, or no stationary point is found.

    Notes
    -----
    Host-only. All cells of one game are one batch of matrices and one run; a function of the game costs one of each for
    every value of the hyper-parameters that it names. The curves are found by bisection on the lines of the grid, to
    rounding in the hyper-parameter divided by the slope of the radius. A window of stability narrower than a cell is
    missed.

    A limit set is looked at after `steps` steps, for 512 more: a point if they rest, or near one ever more closely; a
    cycle if they recur after up to 64 steps, or ever more closely; chaos if a neighbour 1e-10 of its extent away moves
    off to 1e-4 within 2048 steps; else, if its extent stays, a torus. What fits none is "undecided":
    `detect_limit_set` may say more.

    Examples
    --------
    Descent on s x^2 / 2 is stable for h s < 2:

    >>> from gamedyn.games import Quadratic
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> found = phase_diagram(
    ...     lambda s: Quadratic.from_jacobian([[s]], (1,)), SimultaneousGradientDescent(),
    ...     x=("s", [1.0, 2.0, 3.0]), y=("step_size", [0.25, 0.6, 0.9, 1.1]), steps=200,
    ... )
    >>> [round(float(s * h), 9) for s, h in found.boundary[0]], found.agreeing == found.compared
    ([2.0, 2.0, 2.0, 2.0], True)
    """
    check_choice("measure", measure, ("outcome", "radius", "limit set"))
    check_integer("steps", steps, minimum=10)
    check_positive("displacement", displacement)
    (x_name, xs), (y_name, ys) = _axis("x", x), _axis("y", y)
    if x_name == y_name:
        raise ValueError(f"`x` and `y` must be two hyper-parameters, got {x_name!r} twice.")
    plane = _Plane(game, rule, (x_name, y_name), z)
    curves, values = level_curves(lambda a, b: plane.radius(a, b) - (1 - _MARGIN), xs, ys)
    radius = values + (1 - _MARGIN)
    if measure == "radius":
        return PhaseDiagram(x_name, y_name, xs, ys, radius, curves)
    grid_x, grid_y = numpy.meshgrid(xs, ys)
    rate, outcome = plane.play(grid_x.ravel(), grid_y.ravel(), int(steps), float(displacement))
    rate, outcome = rate.reshape(radius.shape), outcome.reshape(radius.shape)
    with numpy.errstate(divide="ignore"):
        decisive = numpy.abs(steps * numpy.log(radius)) >= numpy.log(_DECISIVE)
    same = (radius < 1) == (outcome == OUTCOMES.index("converged"))
    compared, agreeing = int(decisive.sum()), int((decisive & same).sum())
    kinds = None
    if measure == "limit set":
        kinds = plane.limit_sets(grid_x.ravel(), grid_y.ravel(), int(steps), float(displacement)).reshape(radius.shape)
    return PhaseDiagram(x_name, y_name, xs, ys, radius, curves, rate, outcome, compared, agreeing, kinds)


class _Plane:
    """Games and rules by their two hyper-parameters."""

    def __init__(self, game: Any, rule: Any, names: tuple[str, str], z: Any) -> None:
        self.names, self.game, self.z = names, game, z
        self.game_names = () if isinstance(game, (Game, StochasticGame)) else _arguments("game", game, names)
        if isinstance(rule, UpdateRule):
            fields: set[str] = (
                {field.name for field in dataclasses.fields(rule)} if dataclasses.is_dataclass(rule) else set()
            )
            chosen = tuple(name for name in names if name in fields)
            self.make_rule: Callable[..., Any] = lambda **values: dataclasses.replace(rule, **values)  # type: ignore
        else:
            chosen, self.make_rule = _arguments("rule", rule, names), rule
        self.rule_names = chosen
        for name in names:
            if name not in (*self.game_names, *self.rule_names):
                whose = type(rule).__name__ if isinstance(rule, UpdateRule) else "`rule`"
                raise ValueError(f"`x` and `y` must name hyper-parameters, got {name!r}, which {whose} has not.")
        self.known: dict[tuple[float, ...], tuple[Game, numpy.ndarray]] = {}

    def radius(self, a: numpy.ndarray, b: numpy.ndarray) -> numpy.ndarray:
        """(n,) at pairs (a, b)."""
        found = numpy.full(len(a), numpy.inf)
        for cells, game, point, rule in self.parts(a, b):
            points = numpy.broadcast_to(point, (len(cells), len(point)))
            matrices = to_host(iteration_matrix(rule, game, points))
            found[cells] = numpy.abs(numpy.linalg.eigvals(matrices)).max(axis=-1)
        return found

    def play(
        self, a: numpy.ndarray, b: numpy.ndarray, steps: int, displacement: float
    ) -> tuple[numpy.ndarray, numpy.ndarray]:
        """(rates, outcomes), both (n,)."""
        rates, outcomes = numpy.full(len(a), numpy.nan), numpy.zeros(len(a), dtype=int)
        every = max(1, steps // _RECORDS)
        for cells, game, point, rule in self.parts(a, b):
            path = simulate(
                game,
                rule,
                _starts(point, displacement, len(cells)),
                steps,
                record_every=every,
                record_points=False,
                observe={"distance": DistanceTo(point)},
            )
            with numpy.errstate(over="ignore"):
                distance = to_host(path.observed["distance"]) / displacement
            left = (path.status == Status.DIVERGED) | (distance[-1] > _MOST)
            outcomes[cells] = numpy.where(left, 2, numpy.where(distance[-1] < 1, 0, 1))
            rates[cells] = _rates(distance, numpy.asarray(to_host(path.times), dtype=float))
        return rates, outcomes

    def limit_sets(self, a: numpy.ndarray, b: numpy.ndarray, steps: int, displacement: float) -> numpy.ndarray:
        """(n,): indices into `LIMIT_SETS`."""
        found = numpy.zeros(len(a), dtype=int)
        for cells, game, point, rule in self.parts(a, b):
            found[cells] = kinds_of_limit_sets(game, rule, _starts(point, displacement, len(cells)), steps)
        return found

    def parts(self, a: numpy.ndarray, b: numpy.ndarray) -> Any:
        """Cells, game, stationary point and rule, for every game among the pairs."""
        values = dict(zip(self.names, (a, b), strict=True))
        if self.game_names:
            keys = numpy.stack([values[name] for name in self.game_names], axis=-1)
            distinct, member = numpy.unique(keys, axis=0, return_inverse=True)
            groups = [(tuple(key), numpy.flatnonzero(member.ravel() == k)) for k, key in enumerate(distinct)]
        else:
            groups = [((), numpy.arange(len(a)))] if len(a) else []
        for key, cells in groups:
            game, point = self.game_at(tuple(float(value) for value in key))
            rule = self.make_rule(**{name: values[name][cells] for name in self.rule_names})
            if not isinstance(rule, UpdateRule):
                raise TypeError(f"`rule` must make an UpdateRule, got {type(rule).__name__}.")
            yield cells, game, point, rule

    def game_at(self, key: tuple[float, ...]) -> tuple[Game, numpy.ndarray]:
        """The game with these values, and its stationary point."""
        if key not in self.known:
            game = self.game(**dict(zip(self.game_names, key, strict=True))) if self.game_names else self.game
            if not isinstance(game, (Game, StochasticGame)):
                raise TypeError(f"`game` must make a Game, got {type(game).__name__}.")
            full = game.full()
            start = numpy.zeros(sum(full.dims)) if self.z is None else self.z
            found = find_stationary_point(full, start)
            if not found.converged:
                at = ", ".join(f"{name} = {value:g}" for name, value in zip(self.game_names, key, strict=True))
                raise ValueError(
                    f"`z` must lie near a stationary point of the game{' at ' + at if at else ''}, got a relative "
                    f"residual of {found.residual:.3g} at best."
                )
            self.known[key] = full, numpy.asarray(to_host(found.point), dtype=float)
        return self.known[key]


def _starts(point: numpy.ndarray, displacement: float, count: int) -> numpy.ndarray:
    # No symmetry of a game makes this direction special.
    direction = numpy.cos(1.0 + numpy.arange(len(point), dtype=float) ** 2)
    return numpy.tile(point + displacement * direction / numpy.linalg.norm(direction), (count, 1))


def _arguments(what: str, function: Any, names: tuple[str, str]) -> tuple[str, ...]:
    if not callable(function) or isinstance(function, type):
        raise TypeError(f"`{what}` must be one, or a function of {names[0]!r} or {names[1]!r}, got {function!r}.")
    taken = tuple(inspect.signature(function).parameters)
    if not taken or not set(taken) <= set(names):
        raise TypeError(
            f"`{what}` must be a function of {names[0]!r}, {names[1]!r} or both, got one of ({', '.join(taken)})."
        )
    return taken


def _axis(which: str, pair: Any) -> tuple[str, numpy.ndarray]:
    if not (isinstance(pair, (tuple, list)) and len(pair) == 2 and isinstance(pair[0], str)):
        raise TypeError(f"`{which}` must be a pair (name, values), got {type(pair).__name__}.")
    values = numpy.array(to_host(pair[1]) if hasattr(pair[1], "dtype") else pair[1], dtype=float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"`{which}` must have 2 values or more in one row, got shape {values.shape}.")
    if not (numpy.all(numpy.isfinite(values)) and numpy.all(numpy.diff(values) > 0)):
        raise ValueError(f"`{which}` must have finite values that increase.")
    return pair[0], values


def _rates(distance: numpy.ndarray, times: numpy.ndarray) -> numpy.ndarray:
    """(n,): exp of the slope of log distance over the second half of the records that tell; nan where 2 are left."""
    with numpy.errstate(divide="ignore", invalid="ignore"):
        good = numpy.cumprod((distance > _LEAST) & (distance < _MOST), axis=0).astype(bool)
    count = good.sum(axis=0)
    use = good & (numpy.arange(len(times))[:, None] >= count // 2)
    weight = use.astype(float)
    total = weight.sum(axis=0)
    logs = numpy.log(numpy.where(use, distance, 1.0))
    with numpy.errstate(invalid="ignore", divide="ignore"):
        t = times[:, None] - (weight * times[:, None]).sum(axis=0) / total
        slope = (weight * t * logs).sum(axis=0) / (weight * t**2).sum(axis=0)
        return numpy.where(total >= 3, numpy.exp(slope), numpy.nan)
