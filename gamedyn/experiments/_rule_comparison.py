"""RuleComparison: what `compare_rules` found, as shares, a performance profile, a table and plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import numpy

from gamedyn.experiments._rule_pair import PairResult

__all__ = ["ReachedPoint", "RuleComparison"]

# Longer names of rules have a line of their own.
_WIDEST = 28
_LEGEND = """\
step         the best step size of a grid; * at an end of it, where a better one may lie beyond
per step     evaluations of the gradient in one step; a product with J is one, a dense solve d of them; ~ where they
             depend on the data, as counted on the way from one start
evaluations  to the tolerance, the median over all starts
to 0, ...    share of the starts that reached the point; others: one not listed; flat: at rest, no equilibrium;
             bounded: neither there nor away after all steps
predicted    factor per step at the point that most starts reached: the spectral radius; measured: fitted to a path"""


@dataclass(frozen=True)
class ReachedPoint:
    """A stationary point of a game that was given, or that some rule reached.

    Parameters
    ----------
    point : tuple of float
    kind : str
        As `equilibria.classify` names it, with the constraints that hold there.
    """

    point: tuple[float, ...]
    kind: str


@dataclass(frozen=True)
class RuleComparison:
    """Every rule on every game, each at its own best step size.

    Parameters
    ----------
    games, rules : tuple of str
        Names, in the order given.
    pairs : tuple of PairResult
        One for each game and rule, games outermost.
    points : mapping of str to tuple of ReachedPoint
        The stationary points of each game.
    settings : mapping of str to number
        Starts, steps, tolerance and seed of all pairs.
    """

    games: tuple[str, ...]
    rules: tuple[str, ...]
    pairs: tuple[PairResult, ...]
    points: Mapping[str, tuple[ReachedPoint, ...]]
    settings: Mapping[str, float]

    def pair(self, game: str, rule: str) -> PairResult:
        """The result of one rule on one game.

        Raises
        ------
        KeyError
            If there is none of these names.
        """
        for each in self.pairs:
            if (each.game, each.rule) == (game, rule):
                return each
        raise KeyError(f"no pair of game {game!r} and rule {rule!r}")

    def shares(self, game: str, rule: str) -> dict[str, float]:
        """Shares of the starts that reached each stationary point, stayed bounded, and left.

        Keys are "0", "1", ... in the order of `points[game]`; "others" (stationary points that are not listed), "flat"
        (the tolerance was met, but no stationary point or equilibrium is near), "bounded" and "left". They sum to 1.
        Empty where the rule cannot play the game.
        """
        pair = self.pair(game, rule)
        if pair.reason:
            return {}
        names = [
            _label(end, self.points[game]) if done else "flat" if flat else "left" if gone else "bounded"
            for end, done, flat, gone in zip(pair.final, pair.converged, pair.flat, pair.left, strict=True)
        ]
        keys = [*(str(k) for k in range(len(self.points[game]))), "others", "flat", "bounded", "left"]
        return {key: names.count(key) / len(names) for key in keys}

    def performance_profile(self) -> tuple[numpy.ndarray, dict[str, numpy.ndarray]]:
        """(ratios, rule -> share of problems solved within that many times the evaluations of the best rule).

        A problem is one start of one game that some rule solved; a rule that cannot play the game has not solved it.
        The first entry of a share is how often the rule was the best, the last how often it came to the tolerance at
        all (Dolan and More 2002).
        """
        ratios: dict[str, list[numpy.ndarray]] = {rule: [] for rule in self.rules}
        for game in self.games:
            rows = numpy.stack([self._evaluations(game, rule) for rule in self.rules])
            # Problems that nobody solved tell nothing.
            rows = rows[:, numpy.isfinite(rows).any(axis=0)]
            best = rows.min(axis=0)
            for rule, row in zip(self.rules, rows, strict=True):
                # Where the best takes no evaluation, its start being at rest, another rule may still have to move.
                ratios[rule].append(numpy.where(row == best, 1.0, row / numpy.where(best > 0, best, 1.0)))
        every = {rule: numpy.concatenate(parts) for rule, parts in ratios.items()}
        finite = numpy.concatenate([row[numpy.isfinite(row)] for row in every.values()])
        grid = numpy.unique(numpy.concatenate([[1.0], finite]))
        # A hair of slack: equal counts are equal whatever their quotient rounds to.
        return grid, {
            rule: numpy.asarray([(row <= x * (1 + 1e-12)).mean() if row.size else 0.0 for x in grid])
            for rule, row in every.items()
        }

    def _evaluations(self, game: str, rule: str) -> numpy.ndarray:
        pair = self.pair(game, rule)
        return pair.evaluations if not pair.reason else numpy.full(int(self.settings["starts"]), math.inf)

    def document(self) -> dict[str, Any]:
        """Plain values for JSON, unrounded; what is not finite becomes None."""
        grid, profile = self.performance_profile()
        return {
            "schema": "gamedyn.rank/1",
            "settings": dict(self.settings),
            "games": [
                {
                    "game": game,
                    "points": [{"point": list(p.point), "kind": p.kind} for p in self.points[game]],
                    "rules": [self._pair_document(game, rule) for rule in self.rules],
                }
                for game in self.games
            ],
            "profile": {
                "ratio": [float(x) for x in grid],
                "share": {rule: [float(x) for x in row] for rule, row in profile.items()},
            },
        }

    def _pair_document(self, game: str, rule: str) -> dict[str, Any]:
        pair = self.pair(game, rule)
        return {
            "rule": rule,
            "reason": pair.reason or None,
            "step_size_at_edge": pair.is_at_edge,
            "step_size": _finite(pair.step_size),
            "evaluations_per_step": _finite(pair.evaluations_per_step),
            "at_least": pair.at_least,
            "median_evaluations": _finite(_median(pair)),
            "evaluations": [_finite(x) for x in pair.evaluations],
            "shares": self.shares(game, rule),
            "predicted_rate": _finite(pair.predicted_rate),
            "measured_rate": _finite(pair.measured_rate),
            "grid": {
                "step_size": [float(x) for x in pair.step_sizes],
                "share_converged": [float(x) for x in pair.shares],
            },
        }

    def __str__(self) -> str:
        """A table for each game, then the order by the performance profile."""
        blocks = [self._table(game) for game in self.games]
        _, profile = self.performance_profile()
        order = sorted(self.rules, key=lambda rule: (-profile[rule][-1], -float(profile[rule].mean())))
        width = max(len(rule) for rule in self.rules)
        lines = ["all games: share of the problems solved, and solved with the fewest evaluations"]
        lines += [f"  {rule:<{width}}  {profile[rule][-1]:6.1%}  {profile[rule][0]:6.1%}" for rule in order]
        return "\n\n".join([*blocks, _LEGEND, "\n".join(lines)])

    def _table(self, game: str) -> str:
        width = min(_WIDEST, max(len("rule"), *(len(rule) for rule in self.rules)))
        points = self.points[game]
        shares = {rule: self.shares(game, rule) for rule in self.rules}
        # A column in which nothing happens is left out; what stays bounded or leaves is always told.
        keys = [str(k) for k in range(len(points))]
        keys += [key for key in ("others", "flat") if any(row.get(key) for row in shares.values())]
        keys += ["bounded", "left"]
        titles = [f"to {key}" if key.isdecimal() else key for key in keys]
        head = [game] + [f"  point {k}: {_shown(p.point)}, {p.kind}" for k, p in enumerate(points)]
        columns = "".join(f"{title:>{len(title) + 2}}" if len(title) > 4 else f"{title:>6}" for title in titles)
        head.append(
            f"  {'rule':<{width}} {'step':>9} {'per step':>9} {'evaluations':>12}{columns} {'predicted':>10} "
            f"{'measured':>9}"
        )
        rows = [self._row(game, rule, width, keys, titles, shares[rule]) for rule in self.rules]
        return "\n".join([*head, *rows])

    def _row(
        self, game: str, rule: str, width: int, keys: list[str], titles: list[str], shares: dict[str, float]
    ) -> str:
        pair = self.pair(game, rule)
        # A long name has a line of its own.
        name = f"  {rule}\n  {'':<{width}}" if len(rule) > width else f"  {rule:<{width}}"
        if pair.reason:
            # The document holds all of it.
            sentence = f"{pair.reason.partition('. ')[0].rstrip('.')}."
            return f"{name} cannot play: {shorten(sentence, 100, placeholder=' ...')}"
        cells = [
            f"{shares[key]:>{max(6, len(title) + 2) if len(title) > 4 else 6}.0%}"
            for key, title in zip(keys, titles, strict=True)
        ]
        step = f"{_number(pair.step_size, '.4g')}{'*' if pair.is_at_edge else ''}"
        per_step = f"{pair.evaluations_per_step:.4g}{'~' if pair.at_least else ''}"
        return (
            f"{name} {step:>9} {per_step:>9} {_number(_median(pair), '.0f'):>12}"
            f"{''.join(cells)} {_number(pair.predicted_rate, '.6f'):>10} {_number(pair.measured_rate, '.6f'):>9}"
        )


def _label(end: numpy.ndarray, points: tuple[ReachedPoint, ...]) -> str:
    for k, reached in enumerate(points):
        if numpy.linalg.norm(end - numpy.asarray(reached.point)) <= 1e-3 * (1 + numpy.linalg.norm(reached.point)):
            return str(k)
    return "others"


def _median(pair: PairResult) -> float:
    """The median over all starts; infinite where half of them do not converge."""
    values = numpy.sort(pair.evaluations)
    if not len(values):
        return math.nan
    middle = values[(len(values) - 1) // 2 : len(values) // 2 + 1]
    return float(middle.mean())


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _number(value: float, form: str) -> str:
    return format(value, form) if math.isfinite(value) else "-"


def _shown(point: tuple[float, ...]) -> str:
    shown = [f"{0.0 if abs(x) < 1e-9 else x:.6g}" for x in point[:6]] + (["..."] if len(point) > 6 else [])
    return f"({', '.join(shown)})"
