"""Claims on kinds of points: which equilibria attract, which attractors are no equilibria."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._game_instances import bilinear_modes, root_error, saddle, zero_sum_game
from gamedyn.claims._instances import within_rounding
from gamedyn.equilibria import check_differential_nash, classify, game_spectrum
from gamedyn.games import Game, Quadratic, TimescaleSeparated

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_ORIGIN = numpy.zeros(2)


def _spectra(rng: Generator, sign: float) -> Evidence:
    predicted, measured = [], []
    for _ in range(20):
        curvature = rng.uniform(0.1, 1.0, 5)
        game = zero_sum_game(rng, curvature, sign)
        kind = classify(game, numpy.zeros(5))
        predicted += [curvature.min(), 1.0, 1.0]
        lowest = game_spectrum(game, numpy.zeros(5)).real.min()
        measured += [lowest, float(kind.differential_nash.is_yes), float(kind.attracting.is_yes)]
    return within_rounding(numpy.array(predicted), numpy.array(measured), terms=1024, size=10.0)


def _attracts(rng: Generator) -> Evidence:
    """Zero-sum, own Hessians >= m > 0. Every eigenvalue of J has a real part of at least m (lower bound)."""
    return _spectra(rng, -1.0)


def _attracts_control(rng: Generator) -> Evidence:
    """The players' interests in each other's moves agree instead of being opposed."""
    return _spectra(rng, 1.0)


def _coupled(a: float) -> Quadratic:
    """L_1 = x^2 / 2 + a x y, L_2 = y^2 / 2 + a x y: J = [[1, a], [a, 1]], a differential Nash equilibrium at 0."""
    return Quadratic.from_jacobian([[1.0, a], [a, 1.0]], (1, 1))


def _attracts_in_general(rng: Generator) -> Evidence:
    """As if a point with own Hessians 1 attracted in every game. Refuted: J = [[1, 2], [2, 1]] has -1 (lower)."""
    couplings = (2.0, *rng.uniform(1.1, 3.0, 5))
    nash = [check_differential_nash(_coupled(a), _ORIGIN).is_yes for a in couplings]
    lowest = [game_spectrum(_coupled(a), _ORIGIN).real.min() for a in couplings]
    # Where the point were no equilibrium, nothing would be refuted.
    return within_rounding(0.0, numpy.where(nash, lowest, 0.0), terms=64)


def _attracts_in_general_control(rng: Generator) -> Evidence:
    """The bound of zero-sum games, Re l >= 1, on weakly coupled games whose equilibrium does attract."""
    lowest = [game_spectrum(_coupled(a), _ORIGIN).real.min() for a in rng.uniform(0.1, 0.9, 5)]
    return within_rounding(1.0, numpy.array(lowest), terms=64)


def _judged(game: Game, rng: Generator) -> Evidence:
    """What deviating from 0 gains either player of size 3, the least own curvature, and whether 0 passes as strict."""
    moves, still = rng.standard_normal((2, 50, 3)), numpy.zeros((50, 3))
    gains = [
        game.losses(numpy.concatenate([moves[0], still], axis=-1))[:, 0],
        game.losses(numpy.concatenate([still, moves[1]], axis=-1))[:, 1],
    ]
    verdict = check_differential_nash(game, numpy.zeros(6))
    measured = numpy.array([*gains[0], *gains[1], verdict.margin, float(verdict.is_yes)])
    return within_rounding(0.0, measured, terms=64)


def _no_strict(rng: Generator) -> Evidence:
    """x^T A y. At 0 no deviation pays, none costs, own Hessians are 0: Nash, not differentially so (equality)."""
    return _judged(bilinear_modes(rng)[0], rng)


def _no_strict_control(rng: Generator) -> Evidence:
    """Own Hessians 0.01 I."""
    matrix, own = bilinear_modes(rng)[0].matrix, 0.01 * numpy.eye(3)
    return _judged(Quadratic.from_blocks([[own, matrix], [-matrix.T, own]]), rng)


def _draw_saddle(rng: Generator) -> tuple[float, float, float]:
    """a < b and s^2 > 4 a b, apart from both limits."""
    a, ratio, excess = rng.uniform(0.2, 1.0), rng.uniform(1.2, 3.0), rng.uniform(1.1, 4.0)
    return a, float(numpy.sqrt(4 * a * a * ratio * excess)), a * ratio


def _answers(game: Quadratic) -> list[float]:
    """1 for yes: Nash, local minimax, attracting; then the margins of the last two."""
    kind = classify(game, _ORIGIN)
    verdicts = (kind.differential_nash, kind.local_minimax, kind.attracting)
    answers = [numpy.nan if v is None or v.is_undecided else float(v.is_yes) for v in verdicts]
    return [*answers, float(kind.attracting.margin)]


def _compared(predicted: Sequence[tuple[float, ...]], games: list[Quadratic]) -> Evidence:
    """Predicted (Nash, minimax, attracting, trace, determinant) of each game against its classification."""
    expected, tolerance = [], []
    for *answers, trace, determinant in predicted:
        root = numpy.sqrt(complex(trace**2 / 4 - determinant))
        expected += [*answers, trace / 2 - root.real]
        tolerance += [0.0, 0.0, 0.0, root_error(2 * abs(root), 1 + abs(trace) + numpy.sqrt(determinant))]
    measured = [value for game in games for value in _answers(game)]
    return Evidence(expected, measured, tolerance, "rounding, over the gap between the roots; answers are exact")


def _opposed(rng: Generator, sign: float) -> Evidence:
    """Attractors with own Hessians of both signs in games that are not zero-sum, and where the flow ends."""
    predicted, measured, tolerance = [], [], []
    for _ in range(10):
        a, ratio, excess, skew = (
            rng.uniform(0.2, 1.0),
            rng.uniform(1.5, 3.0),
            rng.uniform(1.5, 4.0),
            rng.uniform(0.3, 3),
        )
        s = float(numpy.sqrt(a * a * ratio * excess))
        # J = [[-a, s skew], [-s / skew, b]]: trace b - a > 0, determinant s^2 - a b > 0.
        game = Quadratic.from_jacobian([[sign * -a, s * skew], [-s / skew, a * ratio]], (1, 1))
        kind = classify(game, _ORIGIN)
        root = numpy.sqrt(complex((a * ratio - a) ** 2 / 4 - s * s + a * a * ratio))
        predicted += [0.0, 1.0, a * (ratio - 1) / 2 - root.real]
        measured += [float(kind.differential_nash.is_yes), float(kind.attracting.is_yes), kind.attracting.margin]
        tolerance += [0.0, 0.0, root_error(2 * abs(root), 1 + s * (skew + 1 / skew) + a * ratio)]
    return Evidence(predicted, measured, tolerance, "rounding, over the gap between the roots; answers are exact")


def _attractor_not_nash(rng: Generator) -> Evidence:
    """J = [[-a, p], [-q, b]], a < b, pq > ab: 0 attracts, and the first player is at its loss's maximum (equality)."""
    return _opposed(rng, 1.0)


def _attractor_not_nash_control(rng: Generator) -> Evidence:
    """The first player is at its minimum."""
    return _opposed(rng, -1.0)


def _hidden(rng: Generator, flip: float) -> Evidence:
    drawn = [_draw_saddle(rng) for _ in range(20)]
    # J = [[-2a, s], [-s, 2b]]
    predicted = [(0.0, 1.0, 1.0, 2 * (b - a), s**2 - 4 * a * b) for a, s, b in drawn]
    return _compared(predicted, [saddle(-a, s, -flip * b) for a, s, b in drawn])


def _minimax_not_nash(rng: Generator) -> Evidence:
    """-a x^2 + s x y - b y^2, a < b, s^2 > 4ab. 0 is local minimax, attracts, and is not Nash (equality)."""
    return _hidden(rng, 1.0)


def _minimax_not_nash_control(rng: Generator) -> Evidence:
    """The follower's curvature has the other sign."""
    return _hidden(rng, -1.0)


def _wrong(rng: Generator, flip: float) -> Evidence:
    drawn = [_draw_saddle(rng) for _ in range(20)]
    # J = [[2a, s], [-s, -2b]]
    predicted = [(0.0, 0.0, 1.0, 2 * (a - b), s**2 - 4 * a * b) for b, s, a in drawn]
    return _compared(predicted, [saddle(a, s, flip * b) for b, s, a in drawn])


def _stable_not_minimax(rng: Generator) -> Evidence:
    """a x^2 + s x y + b y^2, b < a, s^2 > 4ab. 0 attracts, and y sits at a minimum of what it maximises (equality)."""
    return _wrong(rng, 1.0)


def _stable_not_minimax_control(rng: Generator) -> Evidence:
    """y sits at a maximum."""
    return _wrong(rng, -1.0)


def _threshold(a: float, s: float, b: float) -> float:
    """The tau where 0 starts to attract the flow of -a x^2 + s x y - b y^2, by bisection of the spectrum."""
    lower, upper = 1e-3, 1e3
    for _ in range(100):
        middle = float(numpy.sqrt(lower * upper))
        game = TimescaleSeparated(saddle(-a, s, -b), tau=middle)
        attracts = game_spectrum(game, _ORIGIN).real.min() > 0
        lower, upper = (lower, middle) if attracts else (middle, upper)
    return upper


def _timescale(rng: Generator) -> Evidence:
    """-a x^2 + s x y - b y^2, s^2 > 4ab, y tau times as fast. 0 attracts the flow iff tau > a/b (equality)."""
    (b, s, a), (c, t, d) = _draw_saddle(rng), _draw_saddle(rng)
    predicted = numpy.array([a / b, c / d])
    return within_rounding(predicted, numpy.array([_threshold(a, s, b), _threshold(c, t, d)]), terms=1024)


def _timescale_control(rng: Generator) -> Evidence:
    """x is the faster one: b/a."""
    b, s, a = _draw_saddle(rng)
    return within_rounding(b / a, _threshold(a, s, b), terms=1024)


CLAIMS = (
    Claim(
        id="game.dne-attracts",
        statement="zero-sum, own Hessians >= m > 0: every eigenvalue of J has real part >= m; the point attracts",
        source="Mazumdar, Ratliff & Sastry 2020",
        relation=">=",
        check=_attracts,
        control=_attracts_control,
    ),
    Claim(
        id="game.dne-attracts-general",
        statement="a differential Nash equilibrium attracts the gradient flow, in general-sum games too",
        source="false: J = [[1, 2], [2, 1]] has -1",
        relation=">=",
        expected="refuted",
        check=_attracts_in_general,
        control=_attracts_in_general_control,
    ),
    Claim(
        id="game.bilinear-no-dne",
        statement="x^T A y has a Nash equilibrium at 0, where deviations change nothing, and none that is strict",
        source="definitions of Mazumdar & Ratliff 2020",
        relation="==",
        check=_no_strict,
        control=_no_strict_control,
    ),
    Claim(
        id="game.attractor-not-nash",
        statement="general-sum, J = [[-a, p], [-q, b]], a < b, pq > ab: 0 attracts the flow and is not Nash",
        source="Mazumdar, Ratliff & Sastry 2020",
        relation="==",
        check=_attractor_not_nash,
        control=_attractor_not_nash_control,
    ),
    Claim(
        id="game.minimax-not-nash",
        statement="-a x^2 + s x y - b y^2, a < b, s^2 > 4ab: 0 is local minimax, attracts the flow, and is not Nash",
        source="Jin, Netrapalli & Jordan 2020",
        relation="==",
        check=_minimax_not_nash,
        control=_minimax_not_nash_control,
    ),
    Claim(
        id="game.stable-not-minimax",
        statement="a x^2 + s x y + b y^2, b < a, s^2 > 4ab: 0 attracts the flow and is neither minimax nor Nash",
        source="Jin, Netrapalli & Jordan 2020",
        relation="==",
        check=_stable_not_minimax,
        control=_stable_not_minimax_control,
    ),
    Claim(
        id="game.tau-star",
        statement="-a x^2 + s x y - b y^2, s^2 > 4ab: 0 attracts iff y is faster than x by tau > a/b",
        source="Fiez & Ratliff 2021",
        relation="==",
        check=_timescale,
        control=_timescale_control,
    ),
)
