"""basins: where every start of a box ends under an update rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_in_interval, check_integer, check_positive
from gamedyn.backend import as_generator, to_host
from gamedyn.dynamics._basin_limits import Limit, Limits
from gamedyn.dynamics._basin_play import Ends, Player
from gamedyn.dynamics._trajectory import Status
from gamedyn.dynamics._wilson import Share, wilson_interval
from gamedyn.games import Game, StochasticGame
from gamedyn.updates import UpdateRule

__all__ = ["DIVERGED", "UNFINISHED", "Basins", "basins"]

DIVERGED = -1
UNFINISHED = -2
_SCOUTS = 256
_WINDOW = 6000


@dataclass(frozen=True)
class Basins:
    """Where the starts of a box end.

    Parameters
    ----------
    x, y : array, shapes (nx,) and (ny,), or None
        The grid's values of the two coordinates; None for random starts.
    starts : array, shape (n, d)
        The starts, in the order of the flattened labels.
    labels : array of int, shape (ny, nx), or (n,) for random starts
        Index into `limits`; -1 where it diverged, -2 where the budget ran out before it could be said.
    stop_step : array of int, the shape of labels
        The step with which each was decided or its budget spent; those caught near a known limit are looked at after
        64, 128, 256, ... steps.
    limits : tuple of Limit
        Points with the word of `classify`, and cycles; those with the largest basins first.
    level : float
        Of the intervals.
    """

    x: Any
    y: Any
    starts: Any
    labels: Any
    stop_step: Any
    limits: tuple[Limit, ...]
    level: float

    @property
    def complete(self) -> bool:
        """Whether every start is decided."""
        return not bool(numpy.any(self.labels == UNFINISHED))

    @property
    def diverged(self) -> int:
        """How many starts diverge."""
        return int(numpy.sum(self.labels == DIVERGED))

    @property
    def unfinished(self) -> int:
        """How many are undecided."""
        return int(numpy.sum(self.labels == UNFINISHED))

    def share(self, label: int) -> Share:
        """The share of the starts with this label, with Wilson's interval."""
        return wilson_interval(int(numpy.sum(self.labels == label)), self.labels.size, self.level)

    @property
    def shares(self) -> dict[str, Share]:
        """Word -> share: of every kind of limit, of "diverged" and "unfinished" where there are any.

        For random starts the interval is one for the part of the box. A grid's count is exact for the grid; its
        interval is the one that as many random starts would have.
        """
        counts: dict[str, int] = {}
        for label, limit in enumerate(self.limits):
            counts[limit.kind] = counts.get(limit.kind, 0) + int(numpy.sum(self.labels == label))
        for word, count in (("diverged", self.diverged), ("unfinished", self.unfinished)):
            if count:
                counts[word] = count
        return {word: wilson_interval(count, self.labels.size, self.level) for word, count in counts.items()}

    def __str__(self) -> str:
        """A line for every limit."""
        shape = " x ".join(str(size) for size in self.labels.shape[::-1])
        lines = [f"{shape} starts" + ("" if self.complete else ", incomplete")]
        for label, limit in enumerate(self.limits):
            name = "through" if limit.orbit is not None else "at"
            # Of what is 0 but for rounding, no digits.
            extent = 1e-12 * float(numpy.max(numpy.abs(self.starts)))
            shown = [float(c) if abs(c) > extent else 0.0 for c in limit.point[:4]]
            point = ", ".join(f"{c:.6g}" for c in shown) + (", ..." if len(limit.point) > 4 else "")
            lines.append(f"  {limit.kind + f' {name} ({point})':<44}{self.share(label)}")
        for label, word in ((DIVERGED, "diverged"), (UNFINISHED, "unfinished")):
            if numpy.any(self.labels == label):
                lines.append(f"  {word:<44}{self.share(label)}")
        return "\n".join(lines)


def basins(
    game: Game,
    rule: UpdateRule,
    box: Any,
    resolution: int | tuple[int, int] = 200,
    *,
    steps: int = 10_000,
    coordinates: tuple[int, int] = (0, 1),
    base: Any = None,
    samples: int | None = None,
    rng: Any = None,
    tolerance: float = 1e-8,
    max_norm: float | None = None,
    level: float = 0.95,
    workers: int = 1,
) -> Basins:
    """Play `rule` from every point of a grid, or from random points of a box, and say where each ends.

    Parameters
    ----------
    game : Game
    rule : UpdateRule
        With numbers as hyper-parameters.
    box : array_like, shape (2, 2), or (d, 2) with `samples`
        A row (low, high) for each of the two coordinates, or for every one.
    resolution : int or (nx, ny)
        Starts along each side, ends included; >= 2.
    steps : int
        The budget of every trajectory.
    coordinates : (int, int)
        Which coordinates of z the grid's two axes are.
    base : array_like, shape (d,), optional
        The values of all others; 0 by default.
    samples : int, optional
        That many starts, drawn uniformly from the box, instead of a grid.
    rng : None, int or Generator
        For `samples`.
    tolerance : float
        A trajectory has converged when the norm of the rule's stationary residual is within it.
    max_norm : float, optional
        A point farther from 0 has diverged; by default 1000 times as far as the box's farthest corner, but at least
        1000.
    level : float
        Of the intervals.
    workers : int
        Threads.

    Returns
    -------
    Basins
        With `complete` false where the budget ran out before a start was decided.

    Raises
    ------
    TypeError, ValueError
        If the box is empty, not aligned with the coordinates or leaves the game's domain, if a resolution is below 2,
        or as for `simulate`.

    Notes
    -----
    Host-only. 256 starts, or all if there are fewer, find limits. The others stop once they are in a neighbourhood of
    one of these that is known to attract, by samples: for a point, a ball in the norm in which the linearisation
    contracts, on which the step itself, memories included, brings 64 samples per coordinate and shell nearer; for a
    cycle, the largest tube of up to half a percent of its diameter whose points on all sides come back. Cycles are told
    apart where the tubes are: down to 2e-4 of the diameter. Those who stop so, or at the end of their budget, need not
    have converged to `tolerance`. Where a rule's step changes with time, there are no balls.

    Limit points are refined by Newton's method where that moves them by less than 1e-3 of the starts' extent, and are
    one if nearer than 1e-7 of it, singular ones 1e-2. A singular point is part of a continuum if Newton's method finds
    another beside it, 1e-2 of the extent away along the null direction of J. Of the trajectories that neither rest nor
    are in a neighbourhood, one after the other is followed to the set that it comes back to. After 16 of them that come
    back to nothing, or 8 that come back to sets which do not attract, such as circles around a centre, the rest is
    unfinished.

    Examples
    --------
    Descent on (x^2 - 1)^2 / 4 + y^2 / 2 goes to -1 from the left and to 1 from the right.

    >>> from gamedyn.games import Game
    >>> class Wells(Game):
    ...     dims = (2,)
    ...
    ...     def losses(self, z):
    ...         return (z[..., :1] ** 2 - 1) ** 2 / 4 + z[..., 1:] ** 2 / 2
    ...
    ...     def loss_gradients(self, z):
    ...         x, y = z[..., 0], z[..., 1]
    ...         return numpy.stack([x * (x**2 - 1), y], axis=-1)[..., None, :]
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> found = basins(Wells(), SimultaneousGradientDescent(0.1), [(-2, 2), (-1, 1)], 10)
    >>> [limit.kind for limit in found.limits], found.labels[0].tolist(), found.complete
    (['nash', 'nash'], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], True)
    """
    _check_game(game, rule)
    check_positive("tolerance", tolerance)
    check_in_interval("level", level, 0, 1, closed="neither")
    check_integer("workers", workers, minimum=1)
    check_integer("steps", steps, minimum=1)
    d = sum(game.dims)
    bounds = _checked_box(box, 2 if samples is None else d)
    x = y = None
    shape: tuple[int, ...]
    if samples is None:
        x, y, starts = _grid(bounds, resolution, coordinates, base, d)
        shape = (len(y), len(x))
    else:
        check_integer("samples", samples, minimum=1)
        starts = as_generator(rng).uniform(bounds[:, 0], bounds[:, 1], (samples, d))
        shape = (samples,)
    if not bool(numpy.all(to_host(game.domain.contains(starts)))):
        raise ValueError(f"`box` must lie in the game's domain {game.domain!r}, got {bounds.tolist()}.")
    if max_norm is None:
        max_norm = 1e3 * max(1.0, float(numpy.linalg.norm(numpy.max(numpy.abs(starts), axis=0))))
    extent = numpy.ptp(starts, axis=0)
    extent[extent == 0] = numpy.max(extent) or 1.0
    limits = Limits(game, rule, extent, tolerance, min(_WINDOW, max(100, steps)), max_norm)
    player = Player(game, rule, steps, tolerance, max_norm, workers, len(starts))
    labels, stop = numpy.full(len(starts), UNFINISHED), numpy.zeros(len(starts), dtype=int)
    # A few find the limits, near which the others are caught.
    scouts = numpy.unique(numpy.linspace(0, len(starts) - 1, min(len(starts), _SCOUTS)).round().astype(int))
    others = numpy.setdiff1d(numpy.arange(len(starts)), scouts)
    for part in (scouts, others) if len(others) else (scouts,):
        ends = player.play(starts[part], limits.catchers)
        stop[part] = ends.stop
        labels[part] = _labels(ends, limits)
    found = limits.found
    order = sorted(range(len(found)), key=lambda k: (-int(numpy.sum(labels == k)), k))
    renamed = numpy.asarray([*numpy.argsort(order), UNFINISHED, DIVERGED], dtype=int)
    return Basins(
        x, y, starts, renamed[labels].reshape(shape), stop.reshape(shape), tuple(found[k] for k in order), level
    )


def _labels(ends: Ends, limits: Limits) -> numpy.ndarray:
    labels = numpy.where(ends.status == Status.DIVERGED, DIVERGED, ends.caught)
    rest = ends.status == Status.CONVERGED
    moving = (ends.status == Status.MAX_STEPS) & (ends.caught < 0)
    if rest.any():
        labels[rest] = limits.of_resting(ends.states[rest][:, : limits.d])
    if moving.any():
        labels[moving] = limits.of_moving(ends.states[moving])
    return labels


def _check_game(game: Any, rule: Any) -> None:
    if isinstance(game, StochasticGame) or not isinstance(game, Game):
        raise TypeError(f"`game` must be a deterministic Game, got {type(game).__name__}; `full()` makes one of draws.")
    if not isinstance(rule, UpdateRule):
        raise TypeError(f"`rule` must be an UpdateRule, got {type(rule).__name__}.")


def _checked_box(box: Any, rows: int) -> numpy.ndarray:
    bounds = numpy.asarray(to_host(box) if hasattr(box, "dtype") else box, dtype=float)
    if bounds.shape != (rows, 2):
        raise ValueError(f"`box` must have shape ({rows}, 2), a row (low, high) per coordinate, got {bounds.shape}.")
    if not numpy.all(numpy.isfinite(bounds)):
        raise ValueError("`box` must be finite, got infinite or NaN bounds.")
    empty = numpy.flatnonzero(bounds[:, 0] >= bounds[:, 1])
    if len(empty):
        low, high = bounds[empty[0]]
        raise ValueError(f"`box` must have low < high in every row, got ({low:g}, {high:g}) in row {empty[0]}.")
    return bounds


def _grid(
    bounds: numpy.ndarray, resolution: Any, coordinates: Any, base: Any, d: int
) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    pair = tuple(resolution) if isinstance(resolution, (tuple, list)) else (resolution, resolution)
    if len(pair) != 2:
        raise ValueError(f"`resolution` must be a number or a pair (nx, ny), got {len(pair)} numbers.")
    for size in pair:
        check_integer("resolution", size, minimum=2)
    axes = tuple(coordinates)
    if len(axes) != 2 or len(set(axes)) != 2 or not all(isinstance(k, int) and 0 <= k < d for k in axes):
        raise ValueError(f"`coordinates` must be two different ones of 0 to {d - 1}, got {coordinates!r}.")
    rest = numpy.zeros(d) if base is None else numpy.asarray(to_host(base) if hasattr(base, "dtype") else base, float)
    if rest.shape != (d,) or not numpy.all(numpy.isfinite(rest)):
        raise ValueError(f"`base` must be one finite point of shape ({d},), got shape {rest.shape}.")
    x, y = (numpy.linspace(low, high, size) for (low, high), size in zip(bounds, pair, strict=True))
    starts = numpy.tile(rest, (len(x) * len(y), 1))
    starts[:, axes[0]], starts[:, axes[1]] = numpy.tile(x, len(y)), numpy.repeat(y, len(x))
    return x, y, starts
