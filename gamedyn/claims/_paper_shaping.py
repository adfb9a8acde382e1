"""Claims on opponent shaping: LOLA (Foerster et al. 2018) and its stable forms (Letcher et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import simulate
from gamedyn.games import IteratedPrisonersDilemma, tandem
from gamedyn.updates import (
    Lola,
    LookaheadOpponent,
    SimultaneousGradientDescent,
    StableOpponentShaping,
    UpdateRule,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

# With s = x + y, xi_i = 2 (s - 1), the others' coupling is 2, and each loss has slope 2 s in the other's variable.
# Looking ahead makes this 2 (1 - 2 a) (s - 1), shaping takes 4 a s off: s rests at (1 - 2 a) / (1 - 4 a).


def _tandem(rng: Generator, lola: Any) -> Evidence:
    h, alpha, start = 0.1, rng.uniform(0.05, 0.15), rng.standard_normal(2)
    rules = (
        SimultaneousGradientDescent(h),
        LookaheadOpponent(h, alpha),
        StableOpponentShaping(h, alpha),
        lola(h, alpha),
    )
    ends = numpy.stack([simulate(tandem(), rule, start, 500, record_every=500).points[-1] for rule in rules])
    sums = numpy.array([1.0, 1.0, 1.0, (1 - 2 * alpha) / (1 - 4 * alpha)])
    # Both losses together are 2 s^2 - 2 s.
    predicted = numpy.concatenate([sums, sums**2 - sums])
    measured = numpy.concatenate([ends.sum(-1), tandem().losses(ends).mean(-1)])
    # 1 - 4 h (1 - 4 alpha) <= 0.84 to the power 500 is below rounding.
    return within_rounding(predicted, measured, terms=4096)


def _fixed_points(rng: Generator) -> Evidence:
    """Descent, look-ahead and SOS rest where x + y = 1 at loss 0, LOLA at (1-2a)/(1-4a) at a higher one (equality)."""
    return _tandem(rng, Lola)


def _fixed_points_control(rng: Generator) -> Evidence:
    """LOLA without its shaping term."""
    return _tandem(rng, LookaheadOpponent)


def _arrogance(rng: Generator, slip: float) -> Evidence:
    h, start = 0.1, rng.standard_normal(2)
    predicted, measured = [], []
    for alpha in (*rng.uniform(0.05, 0.24, 2), *rng.uniform(0.26, 0.45, 2), *rng.uniform(0.55, 0.8, 2)):
        for rule, pull in ((Lola(h, alpha), 4 * alpha), (LookaheadOpponent(h, alpha), 2 * alpha)):
            rest = (1 - 2 * alpha) / (1 - pull)
            deviations = simulate(tandem(), rule, start, 20).points.sum(-1) - rest
            predicted += list(deviations[0] * (1 - 4 * h * (1 - slip * pull)) ** numpy.arange(21))
            measured += list(deviations)
    return within_rounding(predicted, measured, terms=4096, size=1 + abs(numpy.array(predicted)))


def _threshold(rng: Generator) -> Evidence:
    """x + y deviates from its rest by the factor 1 - 4h(1 - 4a) a step under LOLA, 1 - 4h(1 - 2a) under look-ahead."""
    return _arrogance(rng, 1.0)


def _threshold_control(rng: Generator) -> Evidence:
    """Half of the look-ahead."""
    return _arrogance(rng, 0.5)


def _dilemma(rng: Generator, shaping: float) -> Evidence:
    """Medians over runs and players: losses a round of naive learners, LOLA and SOS; cooperation after CC, CD, DD."""
    game = IteratedPrisonersDilemma(0.96)
    start = rng.standard_normal((40, 10))
    rules: tuple[UpdateRule, ...] = (
        SimultaneousGradientDescent(1.0),
        Lola(1.0, shaping),
        StableOpponentShaping(1.0, shaping),
    )
    ends = [simulate(game, rule, start, 200, record_every=200).points[-1] for rule in rules]
    losses = [float(numpy.median(game.losses(end))) * (1 - 0.96) for end in ends]
    replies = [numpy.median((1 / (1 + numpy.exp(-end))).reshape(-1, 5), axis=0)[[1, 2, 4]] for end in ends[1:]]
    predicted = [2.0, 1.0, 1.0, *[1.0, 0.0, 0.0] * 2]
    # Some four runs in five end there: medians do not see the others. Logits grow for ever.
    return Evidence(predicted, [*losses, *numpy.concatenate(replies)], 0.05, "what 200 steps leave of the way")


def _cooperation(rng: Generator) -> Evidence:
    """Discount 0.96, step and look-ahead 1, 40 starts of N(0, 1): naive learners lose 2 a round, LOLA and SOS 1.

    They end at policies that repay: cooperation after CC, none after CD and DD. Step, discount and the law of the
    starts are those of the authors' notebook (stable-opponent-shaping).
    """
    return _dilemma(rng, 1.0)


def _cooperation_control(rng: Generator) -> Evidence:
    """Learners who do not look ahead."""
    return _dilemma(rng, 0.0)


CLAIMS = (
    Claim(
        id="paper.letcher-tandem",
        statement="Tandem: descent, look-ahead and SOS rest at x + y = 1, LOLA at (1-2a)/(1-4a), where both lose more",
        source="Letcher et al. 2019; derived here",
        relation="==",
        check=_fixed_points,
        control=_fixed_points_control,
    ),
    Claim(
        id="paper.letcher-tandem-arrogance",
        statement="Tandem, factors 1 - 4h(1 - 4a), 1 - 4h(1 - 2a): LOLA diverges for a > 1/4, LookAhead for a > 1/2",
        source="Letcher et al. 2019; derived here",
        relation="==",
        check=_threshold,
        control=_threshold_control,
    ),
    Claim(
        id="paper.foerster-dilemma",
        statement="prisoner's dilemma, iterated, median: naive learners lose 2 a round; LOLA, SOS 1, repay defection",
        source="Foerster et al. 2018; Letcher et al. 2019",
        relation="==",
        check=_cooperation,
        control=_cooperation_control,
    ),
)
