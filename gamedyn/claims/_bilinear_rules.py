"""Claims on more rules on x^T A y: primal-dual, competitive, Runge-Kutta, LOLA, Lookahead, momentum, surgery."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._bilinear_play import STEPS, largest_stable_step, played
from gamedyn.claims._game_instances import bilinear_modes
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import simulate
from gamedyn.equilibria import spectral_radius
from gamedyn.updates import (
    AlternatingGradientDescent,
    Competitive,
    ExtragradientPlus,
    HeavyBall,
    LocalSymplecticSurgery,
    Lola,
    Lookahead,
    LookaheadOpponent,
    PrimalDualHybridGradient,
    RungeKutta,
    SimultaneousGradientDescent,
    UpdateRule,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _in_turn(rng: Generator, make: Callable[[Any], UpdateRule]) -> Evidence:
    """Ends by powers of a mode's matrix, radii by the roots of its polynomial, and the limit 2 / sqrt(3)."""
    game, s, u, v = bilinear_modes(rng)
    h, start = rng.uniform(0.1, 0.9, 8) / s.max(), rng.standard_normal((8, 6))
    a = h[:, None] * s
    modes = numpy.moveaxis(numpy.array([[1 + 0 * a, -a], [a, 1 - 2 * a**2]]), (0, 1), (-2, -1))
    ends = (
        numpy.linalg.matrix_power(modes, STEPS) @ numpy.stack([start[:, :3] @ u, start[:, 3:] @ v], axis=-1)[..., None]
    )
    final = simulate(game, make(h), start, STEPS, record_every=STEPS, engine="step").final
    predicted = [*(ends[..., 0, 0] @ u.T).ravel(), *(ends[..., 1, 0] @ v.T).ravel()]
    measured = [*final[:, :3].ravel(), *final[:, 3:].ravel()]
    predicted += [*numpy.sqrt(1 - a**2).max(-1), 2 / (numpy.sqrt(3) * s.max())]
    measured += [*spectral_radius(make(h), game, numpy.zeros((8, 6))), largest_stable_step(make, game)]
    return within_rounding(predicted, measured, terms=4096, size=1 + abs(numpy.array(predicted)))


def _primal_dual(rng: Generator) -> Evidence:
    """x moves, y answers 2 x+ - x. Up to h s = 1 a mode's radius is sqrt(1 - h^2 s^2); stable up to 2 / sqrt(3)."""
    return _in_turn(rng, PrimalDualHybridGradient)


def _primal_dual_control(rng: Generator) -> Evidence:
    """y answers x+ itself."""
    return _in_turn(rng, AlternatingGradientDescent)


def _implicit(h: Any, s: Any) -> Any:
    return 1 / numpy.sqrt(1 + (h * s) ** 2)


def _competitive(rng: Generator) -> Evidence:
    """The local game's equilibrium: a mode shrinks by 1 / sqrt(1 + h^2 s^2), for every step size (equality)."""
    return played(rng, Competitive, _implicit, reach=30.0)


def _competitive_control(rng: Generator) -> Evidence:
    """The inverse's first two terms only."""
    return played(rng, lambda h: LookaheadOpponent(h, alpha=h), _implicit)


def _fourth_order(h: Any, s: Any) -> Any:
    return numpy.sqrt(1 - (h * s) ** 6 / 72 + (h * s) ** 8 / 576)


def _runge_kutta(rng: Generator) -> Evidence:
    """A mode is multiplied by sqrt(1 - (h s)^6 / 72 + (h s)^8 / 576): stable up to h s = 2 sqrt(2) (equality)."""
    return played(rng, RungeKutta, _fourth_order, lambda s: numpy.sqrt(8) / s, 3.0)


def _runge_kutta_control(rng: Generator) -> Evidence:
    """Heun's method, which is never stable."""
    return played(rng, lambda h: RungeKutta(h, order=2), _fourth_order, lambda s: numpy.sqrt(8) / s, 3.0)


def _shaping(rng: Generator, make: Callable[[Any, float], UpdateRule]) -> Evidence:
    alpha = rng.uniform(0.1, 1.0)
    return played(
        rng,
        lambda h: make(h, alpha),
        lambda h, s: numpy.hypot(1 - 2 * h * alpha * s**2, h * s),
        lambda s: 4 * alpha / (1 + 4 * alpha**2 * s**2),
    )


def _lola(rng: Generator) -> Evidence:
    """Looking and shaping pull alike: factor |1 - 2 h alpha s^2 - i h s|, as consensus with gamma = 2 alpha."""
    return _shaping(rng, Lola)


def _lola_control(rng: Generator) -> Evidence:
    """Without the shaping term."""
    return _shaping(rng, LookaheadOpponent)


def _looking_back(rng: Generator, make: Callable[[Any], UpdateRule]) -> Evidence:
    """k = 3. |1 - alpha + alpha (1 - i a)^3|^2 = 1 + a^2 alpha^2 (9 - 6 / alpha + 3 a^2 + a^4), a = h s."""
    alpha = rng.uniform(0.2, 0.6)
    limit = numpy.sqrt((numpy.sqrt(24 / alpha - 27) - 3) / 2)
    return played(
        rng,
        lambda h: Lookahead(make(h), k=3, alpha=alpha),
        lambda h, s: abs(1 - alpha + alpha * (1 - 1j * h * s) ** 3),
        lambda s: limit / s,
    )


def _lookahead(rng: Generator) -> Evidence:
    """Three steps of descent, the share c < 2/3 of the way kept: stable up to 2 (h s)^2 = sqrt(24 / c - 27) - 3."""
    return _looking_back(rng, SimultaneousGradientDescent)


def _lookahead_control(rng: Generator) -> Evidence:
    """The inner steps are taken in turn."""
    return _looking_back(rng, AlternatingGradientDescent)


def _short_moves(rng: Generator, slip: float) -> Evidence:
    alpha = rng.uniform(0.3, 0.9)
    return played(
        rng,
        lambda h: ExtragradientPlus(h, alpha=slip * alpha),
        lambda h, s: numpy.hypot(1 - alpha * (h * s) ** 2, alpha * h * s),
        lambda s: numpy.sqrt(2 / alpha - 1) / s,
    )


def _extragradient_plus(rng: Generator) -> Evidence:
    """A mode is multiplied by |1 - alpha a^2 - i alpha a|, a = h s: stable up to a^2 = 2 / alpha - 1 (equality)."""
    return _short_moves(rng, 1.0)


def _extragradient_plus_control(rng: Generator) -> Evidence:
    """Moves that are one percent longer."""
    return _short_moves(rng, 1.01)


def _radius(polynomials: list[Any]) -> float:
    return max(float(abs(numpy.roots(each)).max()) for each in polynomials)


def _momentum(rng: Generator, sign: float) -> Evidence:
    """Alternating: radii and limits for b < 0, radii above 1 for b > 0; simultaneous: radii above 1 for every b."""
    game, s, _, _ = bilinear_modes(rng)
    b, h, every = -rng.uniform(0.2, 0.8, 6), rng.uniform(0.1, 3.0, 6) / s.max(), rng.uniform(-0.9, 0.9, 6)
    zeros, cubic = numpy.zeros((6, 6)), numpy.array([0, 1, 0, 0, 0])
    in_turn = [_radius([numpy.poly([1, 1, m, m]) + (k * a) ** 2 * cubic for a in s]) for k, m in zip(h, b, strict=True)]
    at_once = [_radius([[1, 1j * k * a - 1 - m, m] for a in s]) for k, m in zip(h, every, strict=True)]
    turning = HeavyBall(h, momentum=sign * b, schedule="alternating")
    found = [spectral_radius(turning, game, zeros), spectral_radius(HeavyBall(h, momentum=every), game, zeros)]
    limit = largest_stable_step(lambda h: HeavyBall(h, momentum=sign * float(b[0]), schedule="alternating"), game)
    growing = spectral_radius(HeavyBall(h, momentum=-sign * b, schedule="alternating"), game, zeros)
    predicted = numpy.array([*in_turn, *at_once, *numpy.ones(12), 2 * (1 + b[0]) / s.max()])
    measured = numpy.array([*found[0], *found[1], *(found[1] > 1), *(growing > 1), limit])
    return within_rounding(predicted, measured, terms=2**16, size=1 + predicted)


def _negative_momentum(rng: Generator) -> Evidence:
    """In turn: (r - 1)^2 (r - b)^2 + (h s)^2 r^3 = 0, stable iff b < 0 and h s < 2 (1 + b). At once: never stable."""
    return _momentum(rng, 1.0)


def _negative_momentum_control(rng: Generator) -> Evidence:
    """As much positive momentum."""
    return _momentum(rng, -1.0)


def _operated(rng: Generator, regularisation: float) -> Evidence:
    game, s, _, _ = bilinear_modes(rng)
    h, start = rng.uniform(0.1, 10.0, 8), rng.standard_normal((8, 6))
    rule = LocalSymplecticSurgery(h, regularisation=regularisation)
    final = simulate(game, rule, start, STEPS, record_every=STEPS, engine="step").final
    # Every step solves with J to 64 ulp of its condition number, and moves by h J of the error.
    return within_rounding(start, final, terms=64 * STEPS, size=(1 + h[:, None] * s.max()) * s.max() / s.min() * 4)


def _surgery(rng: Generator) -> Evidence:
    """xi + J^T J^-1 xi = 0 where J^T = -J is invertible: nothing moves, whatever the step size (equality)."""
    return _operated(rng, 0)


def _surgery_control(rng: Generator) -> Evidence:
    """A regularised solve."""
    return _operated(rng, 0.5)


CLAIMS = (
    Claim(
        id="game.bilinear-pdhg",
        statement="primal-dual steps on x^T A y: radius sqrt(1 - h^2 s^2) for h s <= 1, stable up to h s = 2 / sqrt(3)",
        source="Chambolle & Pock 2011; derived here",
        relation="==",
        check=_primal_dual,
        control=_primal_dual_control,
    ),
    Claim(
        id="game.bilinear-competitive",
        statement="competitive descent on x^T A y: modes shrink by 1 / sqrt(1 + h^2 s^2) for every step size",
        source="Schaefer & Anandkumar 2019",
        relation="==",
        check=_competitive,
        control=_competitive_control,
    ),
    Claim(
        id="game.bilinear-rk4",
        statement="RK4 on x^T A y: factor sqrt(1 - (h s)^6 / 72 + (h s)^8 / 576), stable up to h s = 2 sqrt(2)",
        source="Qin et al. 2020; derived here",
        relation="==",
        check=_runge_kutta,
        control=_runge_kutta_control,
    ),
    Claim(
        id="game.bilinear-lola",
        statement="LOLA on x^T A y: factor |1 - 2 h c s^2 - i h s|, stable up to h = 4 c / (1 + 4 c^2 s^2)",
        source="Foerster et al. 2018; derived here",
        relation="==",
        check=_lola,
        control=_lola_control,
    ),
    Claim(
        id="game.bilinear-lookahead",
        statement="Lookahead (k = 3, share c < 2/3) on x^T A y: stable up to 2 (h s)^2 = sqrt(24 / c - 27) - 3",
        source="Chavdarova et al. 2021; derived here",
        relation="==",
        check=_lookahead,
        control=_lookahead_control,
    ),
    Claim(
        id="game.bilinear-extragradient-plus",
        statement="extragradient+ on x^T A y: factor |1 - c a^2 - i c a|, a = h s, stable up to a^2 = 2 / c - 1",
        source="Diakonikolas et al. 2021; derived here",
        relation="==",
        check=_extragradient_plus,
        control=_extragradient_plus_control,
    ),
    Claim(
        id="game.momentum-negative",
        statement="heavy ball on x^T A y: in turn stable iff b < 0 and h s < 2 (1 + b), simultaneous for no b",
        source="Gidel et al. 2019; derived here",
        relation="==",
        check=_negative_momentum,
        control=_negative_momentum_control,
    ),
    Claim(
        id="game.surgery-no-op",
        statement="unregularised local symplectic surgery on x^T A y with an invertible A moves nothing",
        source="Mazumdar, Jordan & Sastry 2019",
        relation="==",
        check=_surgery,
        control=_surgery_control,
    ),
)
