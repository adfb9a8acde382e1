"""Claims on leaders and followers, and on best replies: real multipliers of Follow-the-Ridge, Cournot's firms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._game_instances import orthogonal
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import simulate
from gamedyn.equilibria import classify, iteration_matrix
from gamedyn.games import Quadratic, cournot
from gamedyn.updates import FollowTheRidge, LinearUpdateRule, SimultaneousGradientDescent

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _ridges(rng: Generator, rule: type[LinearUpdateRule]) -> Evidence:
    predicted, measured, tolerance = [], [], []
    for _ in range(20):
        # f = x^T P x / 2 + x^T C y - y^T Q y / 2; the signs of Q and of the Schur complement P + C Q^-1 C^T vary.
        turns, c = (orthogonal(rng, 3), orthogonal(rng, 2)), rng.standard_normal((3, 2))
        schur, q = (
            (turn * (rng.uniform(0.5, 2.0, len(turn)) * rng.choice([1.0, 1.0, 1.0, -1.0], len(turn)))) @ turn.T
            for turn in turns
        )
        hessian = numpy.block([[schur - c @ numpy.linalg.solve(q, c.T), c], [c.T, -q]])
        hessian = (hessian + hessian.T) / 2
        game = Quadratic(numpy.stack([hessian, -hessian]), (3, 2))
        rates = numpy.concatenate([numpy.linalg.eigvalsh(schur), numpy.linalg.eigvalsh(q)])
        matrix = numpy.asarray(iteration_matrix(rule(0.1), game, numpy.zeros(5)))  # type: ignore[call-arg]
        found, vectors = numpy.linalg.eig(matrix)
        minimax = classify(game, numpy.zeros(5)).local_minimax
        predicted += [*numpy.sort(1 - 0.1 * rates), *numpy.zeros(5), float(rates.min() > 0)]
        measured += [*numpy.sort(found.real), *found.imag, float(minimax is not None and minimax.is_yes)]
        tolerance += [64 * numpy.finfo(float).eps * numpy.linalg.cond(vectors) * (1 + abs(matrix).max())] * 10 + [0.0]
    return Evidence(predicted, measured, tolerance, "rounding: 64 ulp times the condition of the eigenvectors")


def _ridge_real(rng: Generator) -> Evidence:
    """Zero-sum, sizes 3 and 2: multipliers 1 - h eig(Q), 1 - h eig(S), S the Schur complement; minimax iff all < 1."""
    return _ridges(rng, FollowTheRidge)


def _ridge_real_control(rng: Generator) -> Evidence:
    """Without the term along the ridge."""
    return _ridges(rng, SimultaneousGradientDescent)


def _replies(rng: Generator, n: int, extra: int = 0) -> Evidence:
    b, start = rng.uniform(0.5, 2.0), rng.uniform(-1.0, 1.0, n)
    costs = rng.uniform(5.0, 10.0, n)
    nash = (100.0 - (n + 1) * costs + costs.sum()) / ((n + 1) * b)
    # A step of 1 / (2 b) ends at the minimum of one's own loss, b q^2 + ...: it is the best reply to the others.
    game = cournot(tuple(costs), intercept=100.0, slope=b)
    points = simulate(game, SimultaneousGradientDescent(1 / (2 * b)), nash + start, 20, engine="step").points
    k = numpy.arange(21)[:, None]
    common = start.mean()
    predicted = nash + (-(n + extra - 1) / 2) ** k * common + 0.5**k * (start - common)
    return within_rounding(predicted, points, terms=256, size=1 + abs(predicted).max())


def _best_replies(rng: Generator) -> Evidence:
    """Three firms, linear demand: the common deviation changes its sign for ever, differences halve (equality)."""
    return _replies(rng, 3)


def _best_replies_control(rng: Generator) -> Evidence:
    """The multiplier -(n - 1) / 2 of four firms."""
    return _replies(rng, 3, extra=1)


CLAIMS = (
    Claim(
        id="game.ridge-real",
        statement="follow-the-ridge: multipliers 1 - h eig of -f_yy and its Schur complement, < 1 iff local minimax",
        source="Wang, Zhang & Ba 2020; derived here",
        relation="==",
        check=_ridge_real,
        control=_ridge_real_control,
    ),
    Claim(
        id="game.cournot-best-response",
        statement="three Cournot firms' simultaneous best replies: a common deviation d is -d, d, ...: neutral",
        source="Theocharis 1960; derived here",
        relation="==",
        check=_best_replies,
        control=_best_replies_control,
    ),
)
