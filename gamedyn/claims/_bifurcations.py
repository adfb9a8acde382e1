"""Claims on where fixed points of rules lose stability, what is born there, and on the numbers that orbits carry."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.dynamics import (
    Cascade,
    continue_fixed_points,
    find_bifurcations,
    lyapunov_spectrum,
    period_doubling_cascade,
    rotation_number,
    rule_family,
    simulate,
)
from gamedyn.games import Bilinear, FunctionGame, Quadratic, congestion_game
from gamedyn.updates import (
    AlternatingGradientDescent,
    MultiplicativeWeights,
    SimultaneousGradientDescent,
    StepMap,
    UpdateRule,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


@functools.cache
def _flips_of_congestion(b: float) -> tuple[float, ...]:
    def family(a: float) -> StepMap:
        return StepMap(MultiplicativeWeights(1.0), congestion_game(a, b))

    scale = 2 / (b * (1 - b))
    branch = continue_fixed_points(family, [b, 1 - b, b, 1 - b], (0.8 * scale, 1.3 * scale), step=0.1)
    return tuple(each.parameter for each in find_bifurcations(family, branch) if each.kind == "flip")


def _congestion(rng: Generator, shift: float) -> Evidence:
    b = rng.uniform(0.15, 0.85)
    scale, flips = 2 / (b * (1 - b)), _flips_of_congestion(b)
    measured = numpy.array([len(flips), *flips[:1], *[numpy.nan] * (1 - len(flips))])
    predicted = numpy.array([1.0, scale * (1 + shift)])
    return Evidence(predicted, measured, 1e-10 * (1 + scale), "points of a branch are good to 1e-13")


def _congestion_flip(rng: Generator) -> Evidence:
    """Multiplicative weights of step 1: the only flip of (b, 1 - b) lies at a = 2 / (b (1 - b)) (equality)."""
    return _congestion(rng, 0.0)


def _congestion_flip_control(rng: Generator) -> Evidence:
    """A place off by a millionth."""
    return _congestion(rng, 1e-6)


def _rotating(k: float) -> FunctionGame:
    """Losses k x^2 / 2 - x y + x^4 / 4 and k y^2 / 2 + x y + y^4 / 4: J(0) = [[k, -1], [1, k]]."""

    def gradient(z: Any) -> Any:
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([k * x - y + x**3, k * y + x + y**3], axis=-1)

    def jacobian(z: Any) -> Any:
        x, y = z[..., 0], z[..., 1]
        one = numpy.ones_like(x)
        rows = [numpy.stack([k + 3 * x**2, -one], axis=-1), numpy.stack([one, k + 3 * y**2], axis=-1)]
        return numpy.stack(rows, axis=-2)

    losses = [
        lambda x, y: k * x**2 / 2 - x * y + x**4 / 4,
        lambda x, y: k * y**2 / 2 + x * y + y**4 / 4,
    ]
    return FunctionGame(losses, (1, 1), gradient=gradient, jacobian=jacobian, check=False)


def _neimark(rng: Generator, cubic: float) -> Evidence:
    k = rng.uniform(0.2, 0.5)
    h = 2 * k / (1 + k * k)
    game = _rotating(k)
    family = rule_family(SimultaneousGradientDescent(h), game)
    branch = continue_fixed_points(family, [0.0, 0.0], (0.9 * h, 1.1 * h), step=0.1)
    found = [each for each in find_bifurcations(family, branch) if each.kind == "Neimark-Sacker"]
    place = [(each.parameter, each.turns, each.coefficient) for each in found] or [(numpy.nan,) * 3]
    # w = x + i y moves to (1 - h (k + i)) w - 3 h |w|^2 w / 4 and terms that average out; |w|^2 is twice the square of
    # the coordinate along a unit eigenvector.
    decay = cubic * 0.75 * h * (1 - h * k)
    # A little beyond, orbits settle on the closed curve where the multiplier's excess balances the cubic term.
    beyond = 1.01 * h
    excess = abs(1 - beyond * (k + 1j)) - 1
    radius = excess / (cubic * 0.75 * beyond * (1 - beyond * k))
    start = numpy.sqrt(radius) * rng.uniform(0.8, 1.2) * numpy.array([1.0, 0.0])
    path = simulate(game, SimultaneousGradientDescent(beyond), start, int(8 / excess)).points
    square = float((path[len(path) // 2 :] ** 2).sum(-1).mean())
    predicted = [h, numpy.arctan2(h, 1 - h * k) / (2 * numpy.pi), -2 * decay, radius]
    measured = [*place[0], square]
    tolerance = [1e-11, 1e-10, 1e-6, 3 * radius**2 + 4 * excess * radius]
    return Evidence(predicted, measured, tolerance, "differences of order h^4; the next order of the radius")


def _neimark_sacker(rng: Generator) -> Evidence:
    """J(0) = [[k, -1], [1, k]], cubic terms x^3, y^3: place, angle, first Lyapunov coefficient, radius (equality)."""
    return _neimark(rng, 1.0)


def _neimark_sacker_control(rng: Generator) -> Evidence:
    """The coefficient of the cubic term as if it did not average to 3/4 of itself."""
    return _neimark(rng, 4 / 3)


def _logistic(r: float) -> StepMap:
    """r x (1 - x) as descent of step 1 on (1 - r) x^2 / 2 + r x^3 / 3."""
    game = FunctionGame(
        [lambda x: (1 - r) * x**2 / 2 + r * x**3 / 3],
        (1,),
        gradient=lambda z: (1 - r) * z + r * z**2,
        jacobian=lambda z: ((1 - r) + 2 * r * z)[..., None],
        check=False,
    )
    return StepMap(SimultaneousGradientDescent(1.0), game)


# Its root 3.544... is where the cycle of period 4 flips: the resultant of its equation and of its multiplier + 1.
_THIRD = (1, -12, 48, -40, -193, 392, 44, 8, -977, -604, 2108, 0, 4913)


@functools.cache
def _cascade(scale: float) -> Cascade:
    branch = continue_fixed_points(lambda r: _logistic(r / scale), [0.6], (2.9 * scale, 3.56 * scale), step=0.1)
    return period_doubling_cascade(lambda r: _logistic(r / scale), branch, doublings=3)


def _cascades(rng: Generator, tilt: float) -> Evidence:
    scale = rng.uniform(0.7, 1.4)
    found = _cascade(scale)
    # The fixed point flips at r = 3, its doubled cycle where 4 + 2 r - r^2 = -1, the next one at a root of _THIRD.
    roots = numpy.roots(_THIRD)
    third = float(roots[numpy.argmin(abs(roots - 3.54))].real)
    predicted = scale * numpy.array([3.0, 1 + numpy.sqrt(6), third]) * (1 + tilt)
    measured = numpy.full(3, numpy.nan)
    measured[: len(found.parameters)] = found.parameters
    return Evidence(predicted, measured, scale * 1e-9, "rounding of the polynomial's root, 1e-11, and of flips")


def _doublings(rng: Generator) -> Evidence:
    """Descent of step 1 on (1 - r) x^2 / 2 + r x^3 / 3, the logistic map: its first flips, r scaled (equality)."""
    return _cascades(rng, 0.0)


def _doublings_control(rng: Generator) -> Evidence:
    """Places off by a millionth."""
    return _cascades(rng, 1e-6)


def _exponents(rng: Generator, share: float) -> Evidence:
    factors = numpy.array([rng.uniform(0.8, 0.95), -rng.uniform(0.4, 0.6), rng.uniform(0.1, 0.2)])
    h = rng.uniform(0.3, 1.0)
    vectors = numpy.eye(3) + rng.uniform(-0.25, 0.25, (3, 3))
    jacobian = vectors @ numpy.diag((1 - factors) / h) @ numpy.linalg.inv(vectors)
    game = Quadratic.from_jacobian(jacobian, (1, 1, 1))
    found = lyapunov_spectrum(
        game, SimultaneousGradientDescent(share * h), rng.standard_normal(3), steps=200, transient=100
    )
    error = 1e-11 + 200 * 0.75**100
    return Evidence(numpy.log(abs(factors)), found.exponents, error, "rounding; the frame aligns like 0.75^100")


def _linear_exponents(rng: Generator) -> Evidence:
    """Multipliers r_i, real and apart: the exponents are log |r_i| (equality)."""
    return _exponents(rng, 1.0)


def _linear_exponents_control(rng: Generator) -> Evidence:
    """Half of the step."""
    return _exponents(rng, 0.5)


def _turns(rng: Generator, rule: Callable[[float], UpdateRule]) -> Evidence:
    h, s = rng.uniform(0.1, 0.9), rng.uniform(0.7, 1.4)
    path = simulate(Bilinear([[s]]), rule(h / s), rng.uniform(0.5, 1.5, 2), 500)
    # Steps in turn keep x^2 + y^2 - h x y: in these coordinates a circle, where nothing is left to average out.
    plane = numpy.linalg.cholesky(numpy.array([[1.0, -h / 2], [-h / 2, 1.0]])).T
    found = rotation_number(path, [0.0, 0.0], plane=plane)
    predicted = numpy.arccos(1 - h * h / 2) / (2 * numpy.pi)
    return Evidence(predicted, abs(found.value), 1e-12, "rounding of 500 angles")


def _alternating_turns(rng: Generator) -> Evidence:
    """s x y, steps h / s in turn: the multipliers are exp(+-i arccos(1 - h^2 / 2)) (equality)."""
    return _turns(rng, AlternatingGradientDescent)


def _alternating_turns_control(rng: Generator) -> Evidence:
    """Steps at once, which turn by arctan h."""
    return _turns(rng, SimultaneousGradientDescent)


CLAIMS = (
    Claim(
        id="game.flip-congestion",
        statement="congestion game: multiplicative weights double their period at a = 2 / (b (1 - b)) and nowhere else",
        source="Chotibut et al. 2018; derived here",
        relation="==",
        check=_congestion_flip,
        control=_congestion_flip_control,
    ),
    Claim(
        id="game.neimark-sacker",
        statement="J = [[k, -1], [1, k]]: descent sheds a closed curve at h = 2 k/(1 + k^2), as its normal form says",
        source="derived here; Kuznetsov's normal form",
        relation="==",
        check=_neimark_sacker,
        control=_neimark_sacker_control,
    ),
    Claim(
        id="game.period-doubling",
        statement="descent that is the logistic map doubles at r = 3, 1 + sqrt(6) and 3.54409..., a root of degree 12",
        source="derived here, by resultants",
        relation="==",
        check=_doublings,
        control=_doublings_control,
    ),
    Claim(
        id="game.lyapunov-linear",
        statement="the Lyapunov exponents of a linear rule are the logarithms of its multipliers' moduli",
        source="derived here",
        relation="==",
        check=_linear_exponents,
        control=_linear_exponents_control,
    ),
    Claim(
        id="game.rotation-number",
        statement="s x y: alternating descent with step h/s turns by arccos(1 - h^2/2)/(2 pi) of a turn per step",
        source="derived here",
        relation="==",
        check=_alternating_turns,
        control=_alternating_turns_control,
    ),
)
