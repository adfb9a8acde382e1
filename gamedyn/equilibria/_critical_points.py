"""find_critical_points: the zeros of xi in a box that Newton's method finds from many starts, each with its kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import Array, as_generator, to_host
from gamedyn.equilibria._classification import Classification
from gamedyn.equilibria._classify import classify
from gamedyn.equilibria._deduplicate import deduplicate, on_continuum
from gamedyn.equilibria._multistart import ScaledField, latin_hypercube, run_newton
from gamedyn.equilibria._point import default_tolerance
from gamedyn.equilibria._search_box import SearchBox, as_search_box
from gamedyn.games import Game, StochasticGame

__all__ = ["CriticalPoints", "find_critical_points"]

_FATES = {
    "border": "stopped at the border",
    "not finite": "derivatives not finite",
    "stalled": "stopped where |xi| has a minimum that is not 0",
    "unfinished": "still on their way",
}


@dataclass(frozen=True)
class CriticalPoints:
    """What `find_critical_points` found; arrays but `points` are NumPy's.

    Parameters
    ----------
    points : array, shape (m, d)
        Sorted by their coordinates; in the library and precision of the box.
    residuals : array, shape (m,)
        max_i |xi_i| / (|J_i| (1 + |z|)), as `classify` has it.
    kinds : array of str, shape (m,)
        `Classification.kind` of each.
    counts : array of int, shape (m,)
        How many starts came to each.
    starts : int
        How many there were.
    lost : int
        How many came to no stationary point of the box.
    lost_to : dict of str to int
        The same by cause.
    degenerate : bool
        Whether stationary points fill a line or more, of which `points` holds one point alone.
    reason : str
        What `degenerate` and `complete` rest on.
    complete : bool
        Always False: starts prove nothing about what they did not find.
    classification : Classification or None
        Of all points, with verdicts and eigenvalues; None where there is no point.
    """

    points: Array
    residuals: numpy.ndarray
    kinds: numpy.ndarray
    counts: numpy.ndarray
    starts: int
    lost: int
    lost_to: dict[str, int]
    degenerate: bool
    reason: str
    complete: bool = False
    classification: Classification | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.kinds)

    def __str__(self) -> str:
        """A table: a row for each point, then what became of the other starts."""
        rows = [("kind", "starts", "residual", "point")]
        for kind, count, residual, point in zip(
            self.kinds, self.counts, self.residuals, to_host(self.points), strict=True
        ):
            shown = [f"{float(c):.6g}" for c in point[:6]] + ["..."] * (len(point) > 6)
            rows.append((str(kind), str(int(count)), f"{float(residual):.1e}", f"({', '.join(shown)})"))
        lines = [f"{a:<13} {b:>6}  {c:>8}  {e}" for a, b, c, e in rows] if len(rows) > 1 else ["no point found"]
        causes = ", ".join(f"{count} {_FATES[name]}" for name, count in self.lost_to.items())
        lines.append(f"lost {self.lost} of {self.starts} starts" + (f": {causes}" if causes else ""))
        lines.append(self.reason)
        return "\n".join(lines)


def find_critical_points(
    game: Game | StochasticGame,
    box: Any,
    *,
    starts: int = 256,
    rng: Any = None,
    tolerance: float | None = None,
    max_steps: int = 50,
) -> CriticalPoints:
    """The points of a box where xi(z) = 0, as far as damped Newton steps from many starts find them.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`. Starts outside of its domain are projected into it.
    box : array_like, shape (d, 2)
        ((low_1, high_1), ..., (low_d, high_d)), finite.
    starts : int
        A Latin hypercube of so many points, among them the centre of the box and, where they are few, its corners.
    rng : None, int or Generator
        For the starts.
    tolerance : float, optional
        On max_i |xi_i| / (|J_i| (1 + |z|)), |z| in widths of the box; default 1000 roundoffs.
    max_steps : int
        Of Newton's method.

    Returns
    -------
    CriticalPoints
        Print it for a table. `complete` is False: that there are no other points is proved by interval arithmetic only,
        see `certify_all`.

    Raises
    ------
    TypeError
        If `game` is no game.
    ValueError
        If the box is empty, not finite or has another shape.

    Notes
    -----
    Host-only, O(starts d^3) for each step. Steps are those of Levenberg and Marquardt,
    (J^T J + mu tr(J^T J) / d)^-1 J^T xi, with rows in units of each player's typical slope and columns in widths of the
    box; mu falls to roundoff where xi obeys its linearisation, so that the last steps are Newton's, and least squares'
    where J is singular. The game is never evaluated outside of the box and its domain. Points are told apart by
    Newton's steps and by how much J changes between them, not by a distance.

    References
    ----------
    Levenberg (1944), A method for the solution of certain non-linear problems in least squares. McKay, Beckman and
    Conover (1979), A comparison of three methods for selecting values of input variables in the analysis of output from
    a computer code (Latin hypercubes).

    Examples
    --------
    q(x) + x y - q(y) with the quartic q = t^4 - 10 t^2 + 9 has nine, four of them Nash equilibria.

    >>> from gamedyn.games import grimmer_quartic
    >>> found = find_critical_points(grimmer_quartic(1), [[-3, 3], [-3, 3]], rng=0)
    >>> len(found), sorted(found.kinds.tolist()).count("nash")
    (9, 4)
    """
    full = _as_game(game)
    search = as_search_box(box, sum(full.dims))
    check_integer("starts", starts, minimum=1)
    check_integer("max_steps", max_steps, minimum=1)
    bound = 1000 * float(numpy.finfo(search.low.dtype).eps)
    if tolerance is not None:
        bound = default_tolerance(search.source, tolerance)
    begin = search.project(full.domain, latin_hypercube(starts, search, as_generator(rng)))
    scaled = ScaledField(full, search, begin)
    ends = run_newton(scaled, begin, bound, max_steps)
    arrived = ends.points[ends.fates == "converged"]
    clusters = deduplicate(scaled, arrived)
    points, counts, many = _one_of_each_line(scaled, clusters.points, clusters.counts)
    order = _sorted(points, search)
    names, sizes = numpy.unique(ends.fates[ends.fates != "converged"], return_counts=True)
    lost_to = {str(name): int(size) for name, size in zip(names, sizes, strict=True)}
    return _result(full, search, points[order], counts[order], starts, lost_to, many)


def _result(
    game: Game,
    search: SearchBox,
    points: numpy.ndarray,
    counts: numpy.ndarray,
    starts: int,
    lost_to: dict[str, int],
    many: int,
) -> CriticalPoints:
    sent = search.send(points)
    found = classify(game, sent) if len(points) else None
    reason = "Newton's method from many starts proves nothing about points it did not find."
    if many:
        reason = f"J is singular along a line of stationary points ({many} found), of which one is shown. {reason}"
    return CriticalPoints(
        points=sent,
        residuals=numpy.zeros(0) if found is None else numpy.asarray(found.residual),
        kinds=numpy.zeros(0, dtype="<U13") if found is None else numpy.asarray(found.kind),
        counts=counts,
        starts=starts,
        lost=sum(lost_to.values()),
        lost_to=lost_to,
        degenerate=many > 0,
        reason=reason,
        classification=found,
    )


def _one_of_each_line(
    scaled: ScaledField, points: numpy.ndarray, counts: numpy.ndarray
) -> tuple[numpy.ndarray, numpy.ndarray, int]:
    """Isolated points, and of those on a line the one nearest to the centre; how many those were."""
    lies = on_continuum(scaled, points)
    if not numpy.any(lies):
        return points, counts, 0
    box = scaled.box
    off = numpy.max(numpy.abs(points - (box.low + box.high) / 2) / box.width, axis=-1)
    chosen = int(numpy.argmin(numpy.where(lies, off, numpy.inf)))
    keep = ~lies
    keep[chosen] = True
    merged = counts.copy()
    merged[chosen] = counts[lies].sum()
    return points[keep], merged[keep], int(lies.sum())


def _sorted(points: numpy.ndarray, box: SearchBox) -> numpy.ndarray:
    # Rounded, so that the noise of equal coordinates does not decide.
    keys = numpy.round((points - box.low) / box.width, 9)
    return numpy.lexsort(keys.T[::-1]) if len(points) else numpy.zeros(0, dtype=int)


def _as_game(game: Any) -> Game:
    if not isinstance(game, (Game, StochasticGame)):
        hint = " Call it to make one." if isinstance(game, type) else ""
        raise TypeError(f"`game` must be a Game or a StochasticGame, got {type(game).__name__}.{hint}")
    return game.full()
