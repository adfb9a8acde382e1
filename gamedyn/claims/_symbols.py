"""The claim on symbols: along an eigenvector of J every rule obeys the recurrence of the multipliers it declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.games import Quadratic
from gamedyn.updates import (
    Averaged,
    DoubleStepExtragradient,
    DriftCancelling,
    Extragradient,
    ExtragradientPlus,
    ForwardBackwardForward,
    ForwardReflectedBackward,
    HeavyBall,
    KrasnoselskiiMann,
    LinearUpdateRule,
    Lookahead,
    MirrorProx,
    Nesterov,
    OptimisticGradient,
    PastExtragradient,
    ProjectedGradient,
    ProximalPoint,
    ReflectedGradient,
    RungeKutta,
    SimultaneousGradientDescent,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _rules(rng: Generator) -> Iterator[LinearUpdateRule]:
    """Every rule with a symbol, at drawn steps and weights."""
    h, g, share, momentum = rng.uniform(0.1, 0.4, 4)
    yield from (rule(h) for rule in (SimultaneousGradientDescent, ProjectedGradient, ProximalPoint, MirrorProx))
    yield from (rule(h) for rule in (ForwardBackwardForward, PastExtragradient, ReflectedGradient))
    yield ForwardReflectedBackward(h)
    yield KrasnoselskiiMann(h, relaxation=2 * share)
    yield from (Extragradient(h, g), ExtragradientPlus(h, alpha=share), OptimisticGradient(h, g))
    yield DoubleStepExtragradient(h, g, exponents=(0, 0))
    yield from (HeavyBall(h, momentum=-momentum), Nesterov(h, momentum=momentum))
    yield from (RungeKutta(h, order=2), RungeKutta(h, order=4), DriftCancelling(h))
    yield Lookahead(Extragradient(h), k=3, alpha=share)
    yield Averaged(OptimisticGradient(h), kind="ema", decay=share)


def _along(rule: LinearUpdateRule, jacobian: Any, slip: float) -> tuple[Any, Any]:
    """(what the symbol's recurrence makes of the first points, the next point), along every eigenvector."""
    size = rule.players or len(jacobian)
    jacobian = jacobian[:size, :size]
    game = Quadratic.from_jacobian(jacobian, (1,) * size)
    eigenvalues, vectors = numpy.linalg.eig(jacobian)
    points = [vectors.T.astype(complex)]
    state = rule.init(game, points[0])
    multipliers = rule.symbol(slip * eigenvalues)
    for _ in range(multipliers.shape[-1]):
        z, state = rule.step(game, points[-1], state)
        points.append(z)
    # With the multipliers r_j as roots: sum over j of c_j z_{k+j} = 0, whatever the memory was to begin with.
    weights = numpy.array([numpy.poly(each)[::-1] for each in multipliers])
    return -sum(weights[:, j, None] * points[j] for j in range(len(points) - 1)), points[-1]


def _stepped(rng: Generator, slip: float) -> Evidence:
    jacobian = rng.standard_normal((4, 4))
    pairs = [_along(rule, jacobian, slip) for rule in _rules(rng)]
    flat = [numpy.concatenate([pair[i].ravel() for pair in pairs]) for i in (0, 1)]
    parts = [numpy.stack([each.real, each.imag]) for each in flat]
    return within_rounding(*parts, terms=4096, size=(1 + abs(jacobian).max()) ** 2)


def _symbol(rng: Generator) -> Evidence:
    """Four scalar players, any J, 20 rules. Steps from an eigenvector obey the symbol's recurrence (equality)."""
    return _stepped(rng, 1.0)


def _symbol_control(rng: Generator) -> Evidence:
    """The symbol of an eigenvalue that is one percent larger."""
    return _stepped(rng, 1.01)


CLAIMS = (
    Claim(
        id="game.symbol",
        statement="from an eigenvector of J, steps obey the recurrence whose roots are the rule's symbol: 20 rules",
        source="linear algebra; Zhang & Yu 2020, bilinear",
        relation="==",
        check=_symbol,
        control=_symbol_control,
    ),
)
