"""What trajectories come to, value by value of a hyper-parameter."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import to_host
from gamedyn.dynamics._simulate import simulate
from gamedyn.dynamics._trajectory import Status
from gamedyn.games import Game
from gamedyn.updates import UpdateRule

__all__ = ["BifurcationDiagram", "bifurcation_diagram"]


@dataclass(frozen=True, eq=False)
class BifurcationDiagram:
    """The last points of a trajectory for every value.

    Parameters
    ----------
    name : str
        Of the hyper-parameter.
    values : NumPy array, shape (n,)
    points : NumPy array, shape (n, keep, d)
        nan where the trajectory diverged.
    periods : NumPy array of int, shape (n,)
        The minimal period of the kept points, 1 for rest; 0 where they do not repeat, -1 where they diverged.
    """

    name: str
    values: Any
    points: Any
    periods: Any

    def __str__(self) -> str:
        found = ", ".join(f"{word} for {count}" for word, count in self._counts())
        return f"{self.name} from {self.values[0]:.6g} to {self.values[-1]:.6g}, {len(self.values)} values: {found}"

    def _counts(self) -> list[tuple[str, int]]:
        words = {-1: "divergence", 0: "no period", 1: "rest"}
        periods, counts = numpy.unique(self.periods, return_counts=True)
        return [(words.get(int(p), f"period {p}"), int(c)) for p, c in zip(periods, counts, strict=True)]


def bifurcation_diagram(
    game: Game,
    rule: UpdateRule,
    parameter: str,
    values: Any,
    z0: Any,
    *,
    transient: int = 1000,
    keep: int = 64,
    tolerance: float = 1e-6,
    sweep: str = "none",
) -> BifurcationDiagram:
    """Points of the attractor that z0 leads to, for every value of one hyper-parameter of `rule`.

    Parameters
    ----------
    game : Game
    rule : UpdateRule
        Its field `parameter` is replaced.
    parameter : str
    values : array_like, shape (n,)
    z0 : array_like, shape (d,)
    transient : int
        Steps that are not kept.
    keep : int
        Points that are, >= 2; periods up to half of it are recognised.
    tolerance : float
        How closely points must repeat, over 1 + their size. Close to a bifurcation approach is slow: then a longer
        transient is needed.
    sweep : {"none", "follow"}
        "none" starts every value at z0, as one batch; "follow" starts each value where the one before ended, in the
        order given: increasing and decreasing values then show hysteresis.

    Returns
    -------
    BifurcationDiagram

    Raises
    ------
    ValueError
        If the rule has no such hyper-parameter, or there are no values.
    """
    names: list[str] = [field.name for field in dataclasses.fields(rule)] if dataclasses.is_dataclass(rule) else []
    if parameter not in names:
        raise ValueError(f"`parameter` must be one of {', '.join(names)} of {type(rule).__name__}, got {parameter!r}.")
    host = numpy.asarray(to_host(values), dtype=float)
    if host.ndim != 1 or not len(host) or not numpy.all(numpy.isfinite(host)):
        raise ValueError(f"`values` must be finite numbers of shape (n,), got shape {host.shape}.")
    check_integer("transient", transient, minimum=0)
    check_integer("keep", keep, minimum=2)
    check_choice("sweep", sweep, ("none", "follow"))
    start = numpy.asarray(to_host(z0), dtype=float)
    if start.shape != (sum(game.dims),):
        raise ValueError(f"`z0` must have shape ({sum(game.dims)},), got {start.shape}.")
    frozen: Any = rule
    if sweep == "none":
        starts = numpy.broadcast_to(start, (len(host), len(start))).copy()
        points = _kept(game, dataclasses.replace(frozen, **{parameter: host}), starts, transient, keep)
    else:
        rows = []
        for value in host:
            rows.append(_kept(game, dataclasses.replace(frozen, **{parameter: float(value)}), start, transient, keep))
            start = rows[-1][-1] if numpy.all(numpy.isfinite(rows[-1])) else numpy.asarray(to_host(z0), dtype=float)
        points = numpy.stack(rows)
    return BifurcationDiagram(parameter, host, points, _periods(points, tolerance))


def _kept(game: Game, rule: UpdateRule, z: Any, transient: int, keep: int) -> numpy.ndarray:
    """(..., keep, d): the points after the transient; nan for trajectories that diverged."""
    first = simulate(game, rule, z, transient, record_every=max(transient, 1))
    gone = numpy.asarray(first.status) == Status.DIVERGED
    # Those that left start anew, for losses may overflow where they ended; what they do then is not kept.
    onward = numpy.where(gone[..., None], numpy.asarray(to_host(z), dtype=float), to_host(first.final))
    path = simulate(game, rule, onward, keep - 1, state=first.final_state)
    points = numpy.moveaxis(numpy.asarray(to_host(path.points), dtype=float), 0, -2)
    gone = gone | (numpy.asarray(path.status) == Status.DIVERGED)
    return numpy.where(gone[..., None, None], numpy.nan, points)


def _periods(points: numpy.ndarray, tolerance: float) -> numpy.ndarray:
    """(n,) from (n, keep, d)."""
    keep = points.shape[1]
    periods = numpy.zeros(len(points), dtype=int)
    size = 1 + numpy.max(numpy.abs(points), axis=(1, 2))
    for p in range(keep // 2, 0, -1):
        gaps = numpy.max(numpy.abs(points[:, p:] - points[:, :-p]), axis=(1, 2))
        # Downwards, so that the smallest period is written last.
        periods = numpy.where(gaps <= tolerance * size, p, periods)
    return numpy.where(numpy.all(numpy.isfinite(points), axis=(1, 2)), periods, -1)
