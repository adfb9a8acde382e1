"""Claims on dynamics of finite games from papers: Shapley's polygon, volumes of strategies, averages of chaos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.dynamics import simulate
from gamedyn.games import MatrixGame, congestion_game, shapley_game
from gamedyn.updates import FictitiousPlay, MultiplicativeWeights

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _turning(rng: Generator, game: MatrixGame) -> Evidence:
    """What each player has played on average when it turns for the last time, most recent action first."""
    steps, start = 1500, numpy.zeros(6)
    start[[0, 3 + int(rng.integers(2))]] = 1.0
    points = simulate(game, FictitiousPlay(), start, steps).points.reshape(-1, 2, 3)
    rounds = numpy.arange(1, steps + 2)[:, None, None]
    played = numpy.diff(points * rounds, axis=0).argmax(-1)
    r = float(numpy.real(max(numpy.roots([1, -1, 0, -1]), key=numpy.real)))
    # An action is held for two runs, and played again six runs later: the last three holds are as 1 to r^-2 to r^-4.
    predicted = numpy.array([r**4, r**2, 1.0]) / (r**4 + r**2 + 1)
    measured, tolerance = [], []
    for player in range(2):
        # The round before each turn, or the last one where there is none.
        last = numpy.append(steps - 1, numpy.flatnonzero(numpy.diff(played[:, player])))[-1]
        measured.append(-numpy.sort(-points[last + 1, player]))
        runs = 1 + numpy.count_nonzero(numpy.diff(played[: last + 1], axis=0))
        tolerance.append([runs / (last + 1)] * 3)
    return Evidence([predicted] * 2, measured, numpy.minimum(tolerance, 0.05), "rounds are whole: one for each run")


def _polygon(rng: Generator) -> Evidence:
    """In Shapley's game a player's average at its turns tends to (r^4, r^2, 1) / (r^4 + r^2 + 1), not to thirds."""
    return _turning(rng, shapley_game())


def _polygon_control(rng: Generator) -> Evidence:
    """The same payoffs to the column player, of opposite sign: a zero-sum game, in which averages tend to thirds."""
    return _turning(rng, MatrixGame(numpy.eye(3)))


def _whole_runs(row: int, column: int, rounds: int) -> list[int]:
    """How long each pair of actions lasts in Shapley's game, counted in integers; ties go to the lowest index."""
    counts, lengths, length = ([0, 0, 0], [0, 0, 0]), [], 0
    for _ in range(rounds):
        counts[0][row] += 1
        counts[1][column] += 1
        length += 1
        # The row player is paid for the column player's action, the column player for the one after the row player's.
        paid = counts[0][2:] + counts[0][:2]
        replies = (counts[1].index(max(counts[1])), paid.index(max(paid)))
        if replies != (row, column):
            lengths.append(length)
            length = 0
        row, column = replies
    return lengths


def _ratio(rng: Generator, game: MatrixGame) -> Evidence:
    rounds, start = 2500, numpy.zeros(6)
    row = int(rng.integers(3))
    column = (row + int(rng.integers(2))) % 3
    start[[row, 3 + column]] = 1.0
    points = simulate(game, FictitiousPlay(), start, rounds).points.reshape(-1, 2, 3)
    actions = numpy.diff(points * numpy.arange(1, rounds + 2)[:, None, None], axis=0).argmax(-1)
    actions = numpy.concatenate([[[row, column]], actions])
    turns = numpy.flatnonzero((actions[1:] != actions[:-1]).any(-1)) + 1
    exact = numpy.array(_whole_runs(row, column, rounds), float)
    lengths = numpy.zeros(len(exact))
    found = numpy.diff(turns, prepend=0)[: len(exact)]
    lengths[: len(found)] = found
    r = float(numpy.real(max(numpy.roots([1, -1, 0, -1]), key=numpy.real)))
    # Over six runs a player returns to its action; the shortest of these runs is known to a few rounds.
    growth = (lengths[-1] / max(lengths[-7], 1.0)) ** (1 / 6)
    tolerance = [*numpy.zeros(len(exact)), 3 * r / 6 / exact[-7]]
    return Evidence([*exact, r], [*lengths, growth], tolerance, "runs are exact; 3 rounds in excess of one, for r")


def _shapley(rng: Generator) -> Evidence:
    """From a cell that pays somebody: the runs of play in integers, and their growth by r with r^3 = r^2 + 1."""
    return _ratio(rng, shapley_game())


def _shapley_control(rng: Generator) -> Evidence:
    """The column player is paid for the row player's action: both stay."""
    return _ratio(rng, MatrixGame(numpy.eye(3), numpy.eye(3)))


def _expansion(rng: Generator, zero_sum: bool, predicted_zero_sum: bool) -> Evidence:
    """The determinant of one step in the logits of two players with two actions each, by differences."""
    h, e = rng.uniform(0.2, 1.0), 1e-4
    payoffs = rng.uniform(-1, 1, (20, 2, 2))
    predicted, measured = [], []
    for a in payoffs:
        logits = rng.normal(size=2)
        starts = _probabilities(logits + e * numpy.array([[1, 0], [-1, 0], [0, 1], [0, -1]]))
        ends = MultiplicativeWeights(h).step(MatrixGame(a, -a if zero_sum else a), starts, None)[0]
        odds = numpy.log(ends[:, [0, 2]] / ends[:, [1, 3]])
        measured.append(numpy.linalg.det([(odds[0] - odds[1]) / (2 * e), (odds[2] - odds[3]) / (2 * e)]))
        # The advantage of the first action moves by k = a_00 - a_01 - a_10 + a_11 with the other's probability.
        k, (p, q) = a[0, 0] - a[0, 1] - a[1, 0] + a[1, 1], 1 / (1 + numpy.exp(-logits))
        sign = 1 if predicted_zero_sum else -1
        predicted.append(1 + sign * h**2 * k**2 * p * (1 - p) * q * (1 - q))
    return Evidence(predicted, measured, 1e-7, "differences of order 1e-8")


def _probabilities(logits: Any) -> Any:
    """(4, 2) logits -> (4, 4): the probabilities of both actions, player by player."""
    p = 1 / (1 + numpy.exp(-logits))
    return numpy.stack([p[:, 0], 1 - p[:, 0], p[:, 1], 1 - p[:, 1]], axis=-1)


def _zero_sum_volume(rng: Generator) -> Evidence:
    """2 x 2, zero-sum: a step of multiplicative weights enlarges volumes of logits by 1 + h^2 k^2 p(1-p)q(1-q)."""
    return _expansion(rng, True, True)


def _zero_sum_volume_control(rng: Generator) -> Evidence:
    """Played by two who get the same."""
    return _expansion(rng, False, True)


def _coordination_volume(rng: Generator) -> Evidence:
    """2 x 2, the same payoffs for both: a step shrinks volumes of logits by 1 - h^2 k^2 p(1-p)q(1-q)."""
    return _expansion(rng, False, False)


def _coordination_volume_control(rng: Generator) -> Evidence:
    """Played in a zero-sum game."""
    return _expansion(rng, True, False)


def _average(rng: Generator, share: float) -> Evidence:
    # Far above 2 / (b (1 - b)) = 9.5 at b = 0.3 orbits wander.
    b, a, steps = 0.3, rng.uniform(16.0, 20.0), 2000
    game, rule, x = congestion_game(a, b), MultiplicativeWeights(1.0), [rng.uniform(0.2, 0.4)]
    for _ in range(steps):
        after = rule.step(game, numpy.array([x[-1], 1 - x[-1]] * 2), None)[0]
        x.append(float(after[0] + after[2]) / 2)
    orbit = numpy.array(x)
    # log(x / (1 - x)) falls by a (x - b) a step: the sum of all x - b is at most its range over a, below 2.
    spread = float(orbit[-200:].std())
    return Evidence([share * b, 1.0], [orbit[1:].mean(), float(spread > 0.05)], [2 / steps, 0.0], "the sum telescopes")


def _cesaro(rng: Generator) -> Evidence:
    """b = 0.3, a from 16 to 20: x does not settle, and its average is b up to 2 / steps (equality)."""
    return _average(rng, 1.0)


def _cesaro_control(rng: Generator) -> Evidence:
    """An average a hundredth larger."""
    return _average(rng, 1.01)


CLAIMS = (
    Claim(
        id="paper.shapley-ratio",
        statement="Shapley's game: runs of fictitious play last r = 1.46557 times as long as the last, r^3 = r^2 + 1",
        source="Shapley 1964; ratio derived here",
        relation="==",
        check=_shapley,
        control=_shapley_control,
    ),
    Claim(
        id="paper.gaunersdorfer-polygon",
        statement="Shapley's game: averages at turns tend to (r^4, r^2, 1)/(r^4 + r^2 + 1), r^3 = r^2 + 1, not to Nash",
        source="Gaunersdorfer & Hofbauer 1995; derived here",
        relation="==",
        check=_polygon,
        control=_polygon_control,
    ),
    Claim(
        id="paper.cheung-expansion",
        statement="2 x 2 zero-sum: multiplicative weights enlarge volumes of logits, by 1 + h^2 k^2 p(1-p) q(1-q)",
        source="Cheung & Piliouras 2020; derived here",
        relation="==",
        check=_zero_sum_volume,
        control=_zero_sum_volume_control,
    ),
    Claim(
        id="paper.cheung-contraction",
        statement="2 x 2 coordination: multiplicative weights shrink volumes of logits, by 1 - h^2 k^2 p(1-p) q(1-q)",
        source="Cheung & Piliouras 2020; derived here",
        relation="==",
        check=_coordination_volume,
        control=_coordination_volume_control,
    ),
    Claim(
        id="paper.chotibut-average",
        statement="congestion map where it does not settle: the average of N strategies is b up to 2/N",
        source="Chotibut et al. 2018",
        relation="==",
        check=_cesaro,
        control=_cesaro_control,
    ),
)
