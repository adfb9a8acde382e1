"""Claims on finite games: the minimax theorem, multiplicative weights, the replicator's volume, fictitious play."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.dynamics import flow, replicator_field, simulate
from gamedyn.equilibria import exploitability, zero_sum_equilibrium
from gamedyn.games import MatrixGame, congestion_game, shapley_game
from gamedyn.updates import (
    FictitiousPlay,
    MultiplicativeWeights,
    OptimisticMultiplicativeWeights,
    UpdateRule,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _minimax(rng: Generator, changed: float) -> Evidence:
    m, k = rng.integers(2, 6, 2)
    x, y, value, noise = (
        rng.dirichlet(numpy.ones(m)),
        rng.dirichlet(numpy.ones(k)),
        rng.normal(),
        rng.normal(size=(m, k)),
    )
    # x^T A = value everywhere, and A y = value: neither player can do better.
    a = value + noise - (noise @ y)[:, None] - x @ noise + x @ noise @ y
    a[:, 0] += changed
    found = zero_sum_equilibrium(a)
    measured = [found.lower, found.upper, float(exploitability(MatrixGame(a), found.z))]
    return Evidence([value, value, 0.0], measured, 1e-7 * numpy.ptp(a), "the linear program's tolerance, 1e-7")


def _minimax_theorem(rng: Generator) -> Evidence:
    """Drawn A with an equalising pair of strategies: max min = min max = the value there (equality)."""
    return _minimax(rng, 0.0)


def _minimax_theorem_control(rng: Generator) -> Evidence:
    """One column costs the column player 5 less than the pair knows."""
    return _minimax(rng, -5.0)


def _cyclic(rng: Generator) -> tuple[MatrixGame, Any]:
    """Rock, paper, scissors with stakes: A p = 0 for the antisymmetric A of the vector p; and (p, p)."""
    p = rng.dirichlet((8.0, 8.0, 8.0))
    a, b, c = p
    return MatrixGame([[0, -c, b], [c, 0, -a], [-b, a, 0]]), numpy.tile(p, 2)


def _near(rng: Generator, nash: Any) -> Any:
    """A point close to the equilibrium."""
    z = (nash * numpy.exp(rng.uniform(-0.3, 0.3, 6))).reshape(2, 3)
    return (z / z.sum(-1, keepdims=True)).reshape(6)


def _divergence(nash: Any, points: Any) -> Any:
    """KL(nash, point), summed over the players."""
    return (nash * numpy.log(nash / points)).sum(-1)


def _growth(rng: Generator, rule: type[UpdateRule]) -> Evidence:
    (game, nash), h = _cyclic(rng), rng.uniform(0.2, 1.0)
    points = simulate(game, rule(h), _near(rng, nash), 200).points  # type: ignore[call-arg]
    strategies = points[:-1].reshape(-1, 2, 3)
    # The costs of the row player are -A y, those of the column player A^T x; A is antisymmetric.
    a = numpy.asarray(game.A)
    costs = numpy.stack([-strategies[:, 1] @ a.T, strategies[:, 0] @ a], axis=1)
    steps = numpy.log((strategies * numpy.exp(-h * costs)).sum(-1)).sum(-1)
    predicted = _divergence(nash, points[0]) + numpy.cumsum(steps)
    # By Jensen's inequality no step is negative: the value of the game is 0.
    grows = Evidence(predicted, _divergence(nash, points[1:]), 1e-12, "rounding: 200 steps")
    return grows if steps.min() >= 0 else Evidence(0.0, steps.min(), 0.0, "Jensen's inequality")


def _mwu_diverges(rng: Generator) -> Evidence:
    """KL(p, x) + KL(q, y), (p, q) the interior equilibrium, grows by log E_x e^(-h xi) + log E_y e^(-h xi) >= 0."""
    return _growth(rng, MultiplicativeWeights)


def _mwu_diverges_control(rng: Generator) -> Evidence:
    """The optimistic form."""
    return _growth(rng, OptimisticMultiplicativeWeights)


def _last_iterate(rng: Generator, rule: type[UpdateRule]) -> Evidence:
    (game, nash), h = _cyclic(rng), rng.uniform(0.5, 1.0)
    p = nash[:3]
    # At (p, p) the velocity is that of D A, D = diag p - p p^T, with eigenvalues 0 and +- i s.
    s = abs(numpy.linalg.eigvals(numpy.diag(p) @ numpy.asarray(game.A)).imag).max()
    rate = -numpy.log(abs(numpy.roots([1, -(1 - 2j * h * s), -1j * h * s])).max())
    # From e^-3 to e^-15: nonlinear terms are small, and rounding is smaller.
    steps = int(3 / rate)
    points = simulate(game, rule(h), _near(rng, nash), 5 * steps, record_every=steps).points  # type: ignore[call-arg]
    # In this norm, that of the divergence near p, the linear motion is a rotation.
    norms = numpy.sqrt(((points[[1, 5]] - nash) ** 2 / nash).sum(-1))
    found = numpy.log(norms[0] / norms[1]) / (4 * steps)
    return Evidence(rate, found, 0.003 * rate, "terms of the square of the distance, a tenth of e^-3")


def _mwu_optimistic(rng: Generator) -> Evidence:
    """Cyclic zero-sum 3 x 3: the distance falls at the rate of r^2 - (1 - 2ihs) r = ihs, +-is eigenvalues at (p, q)."""
    return _last_iterate(rng, OptimisticMultiplicativeWeights)


def _mwu_optimistic_control(rng: Generator) -> Evidence:
    """Without optimism."""
    return _last_iterate(rng, MultiplicativeWeights)


def _volume(rng: Generator, coordinates: Any, strategies: Any) -> Evidence:
    game = MatrixGame(*rng.uniform(-1, 1, (2, 3, 3)))
    start, e = rng.uniform(-1, 1, (2, 2)), 1e-3
    moved = start + e * numpy.concatenate([numpy.eye(4), -numpy.eye(4)]).reshape(8, 2, 2)
    probabilities = strategies(coordinates(_softmax(start)) + moved - start).reshape(8, 6)
    ends = flow(game, probabilities, [0.0, 3.0], field=replicator_field)[1]
    ends = coordinates(ends.reshape(8, 2, 3)).reshape(8, 4)
    derivative = (ends[:4] - ends[4:]) / (2 * e)
    # Third derivatives of a flow of speed 1 for 3 units of time, relative to its derivative.
    return Evidence(1.0, abs(numpy.linalg.det(derivative)), 1e-4, "differences: their error of order e^2 = 1e-6")


def _softmax(logits: Any) -> Any:
    weights = numpy.exp(numpy.concatenate([logits, numpy.zeros_like(logits[..., :1])], axis=-1))
    return weights / weights.sum(-1, keepdims=True)


def _replicator_volume(rng: Generator) -> Evidence:
    """Any two 3 x 3 payoffs. The replicator's flow map in log(x_a / x_3), log(y_b / y_3) has determinant 1."""
    return _volume(rng, lambda x: numpy.log(x[..., :2] / x[..., 2:]), _softmax)


def _replicator_volume_control(rng: Generator) -> Evidence:
    """In the probabilities themselves."""
    return _volume(rng, lambda x: x[..., :2], lambda x: numpy.concatenate([x, 1 - x.sum(-1, keepdims=True)], axis=-1))


def _runs(rng: Generator, game: MatrixGame) -> Evidence:
    """The growth of the runs over the last six, from a start in a cell that pays somebody."""
    row = int(rng.integers(3))
    column = (row + int(rng.integers(2))) % 3
    start, steps = numpy.zeros(6), 3000
    start[row] = start[3 + column] = 1.0
    points = simulate(game, FictitiousPlay(), start, steps).points
    totals = points * numpy.arange(1, steps + 2)[:, None]
    played = numpy.diff(totals, axis=0).reshape(steps, 2, 3).argmax(-1)
    switches = numpy.flatnonzero((played[1:] != played[:-1]).any(-1))
    lengths = numpy.diff(switches).astype(float)
    ratio = float(numpy.real(max(numpy.roots([1, -1, 0, -1]), key=numpy.real)))
    if len(lengths) < 7:
        return Evidence(ratio, 0.0, 0.0, "it stays")
    # Rounds in excess move the sixth root by ratio / 6 of their share.
    growth = (lengths[-1] / lengths[-7]) ** (1 / 6)
    return Evidence(ratio, growth, min(3 * ratio / 6 / lengths[-7], 0.1), "rounds are whole: 3 in excess of a run")


def _shapley_runs(rng: Generator) -> Evidence:
    """Runs of one profile last r times as long as the one before, r^3 = r^2 + 1 (equality).

    With runs 1, r, r^2, ... and the same action again every six of them, a player turns when r^2 and the rounds six
    runs before, r^-4 + r^-3, ..., make up for 1 + r: r^2 (1 - r^-6) + r^-4 + r^-3 = 1 + r, which is
    (r^3 - r^2 - 1)(r^2 - 1) = 0.
    """
    return _runs(rng, shapley_game())


def _shapley_runs_control(rng: Generator) -> Evidence:
    """Shapley's game of a column player who is paid for the row player's action, too."""
    return _runs(rng, MatrixGame(numpy.eye(3), numpy.eye(3)))


def _congestion(rng: Generator, threshold: float) -> Evidence:
    from scipy.optimize import brentq

    b = rng.uniform(0.35, 0.65)
    limit = threshold / (b * (1 - b))

    def image(x: Any, a: float) -> Any:
        return x / (x + (1 - x) * numpy.exp(a * (x - b)))

    below, above = rng.uniform(0.8, 0.9) * limit, rng.uniform(1.08, 1.15) * limit
    other = brentq(lambda x: image(image(x, above), above) - x, b + 0.01, 1 - 1e-9)
    cycle = numpy.sort([other, image(other, above)])
    measured = []
    for a in (below, above):
        game, rule, x = congestion_game(a, b), MultiplicativeWeights(1.0), [b + rng.uniform(0.01, 0.05)]
        for _ in range(400):
            after = rule.step(game, numpy.array([x[-1], 1 - x[-1]] * 2), None)[0]
            # Two agents who differ by rounding part at the multiplier 1 + a b (1 - b): they stay together by decree.
            x.append(float(after[0] + after[2]) / 2)
        measured += sorted(x[-2:])
    return Evidence([b, b, *cycle], measured, 1e-8, "400 steps at a multiplier of at most 0.9")


def _period_doubling(rng: Generator) -> Evidence:
    """Among common strategies (x, 1 - x) b attracts for a < 2 / (b (1 - b)), and a 2-cycle of x' above (equality)."""
    return _congestion(rng, 2.0)


def _period_doubling_control(rng: Generator) -> Evidence:
    """A threshold of 3 / (b (1 - b)): the point is left before."""
    return _congestion(rng, 3.0)


CLAIMS = (
    Claim(
        id="game.minimax-theorem",
        statement="max_x min_y x^T A y = min_y max_x x^T A y, at a pair of strategies that nobody exploits",
        source="von Neumann 1928",
        relation="==",
        check=_minimax_theorem,
        control=_minimax_theorem_control,
    ),
    Claim(
        id="game.mwu-diverges",
        statement="multiplicative weights, zero-sum: KL from an interior Nash point grows by sum log E e^(-h xi) >= 0",
        source="Bailey & Piliouras 2018; derived here",
        relation="==",
        check=_mwu_diverges,
        control=_mwu_diverges_control,
    ),
    Claim(
        id="game.mwu-optimistic",
        statement="optimistic multiplicative weights converge where plain ones diverge: r^2 - (1 - 2 i h s) r = i h s",
        source="Daskalakis & Panageas 2019; derived here",
        relation="==",
        check=_mwu_optimistic,
        control=_mwu_optimistic_control,
    ),
    Claim(
        id="game.replicator-volume",
        statement="the replicator's flow keeps the volume of log(x_a / x_b) in every bimatrix game",
        source="Cheung & Piliouras 2020; derived here",
        relation="==",
        check=_replicator_volume,
        control=_replicator_volume_control,
    ),
    Claim(
        id="game.fictitious-shapley",
        statement="fictitious play in Shapley's game cycles, in runs that grow by r = 1.46557, r^3 = r^2 + 1",
        source="Shapley 1964; ratio derived here",
        relation="==",
        check=_shapley_runs,
        control=_shapley_runs_control,
    ),
    Claim(
        id="game.mwu-chaos",
        statement="congestion map: multiplicative weights end at b for a < 2/(b (1-b)), and in a 2-cycle just above",
        source="Chotibut et al. 2018",
        relation="==",
        check=_period_doubling,
        control=_period_doubling_control,
    ),
)
