"""Claims of papers on the game x y: averages and extrapolation, momentum of either sign, competitive descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import simulate
from gamedyn.equilibria import spectral_radius
from gamedyn.games import Bilinear, Quadratic
from gamedyn.updates import (
    AlternatingGradientDescent,
    Averaged,
    Competitive,
    Consensus,
    Extragradient,
    HeavyBall,
    LookaheadOpponent,
    Nesterov,
    OptimisticGradient,
    PastExtragradient,
    ProximalPoint,
    SimultaneousGradientDescent,
    SymplecticAdjustment,
    UpdateRule,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_PLAY = Bilinear([[1.0]])


def _ends(rule: UpdateRule, start: Any, steps: int) -> Any:
    return simulate(_PLAY, rule, start, steps, record_every=steps, engine="step").final


def _means(rng: Generator, rules: tuple[type[UpdateRule], type[UpdateRule]]) -> Evidence:
    """Squared norms of the last point and of the mean of t points, for the first rule and for the second."""
    h, start, counts = float(rng.uniform(0.1, 0.5)), rng.standard_normal((4, 2)), (20, 200)
    predicted, measured = [], []
    for t in counts:
        for make, matrix in zip(rules, ([[1, -h], [h, 1]], [[1, -h], [h, 1 - h**2]]), strict=True):
            powers = [numpy.eye(2)]
            for _ in range(t):
                powers.append(numpy.array(matrix) @ powers[-1])
            last, mean = start @ powers[-1].T, start @ numpy.mean(powers[:-1], axis=0).T
            predicted += [(last**2).sum(-1), (mean**2).sum(-1)]
            # The mean of t points is what `Averaged` shows after t - 1 steps.
            averaged = _ends(Averaged(make(h)), start, t - 1)  # type: ignore[call-arg]
            measured += [(_ends(make(h), start, t) ** 2).sum(-1), (averaged**2).sum(-1)]  # type: ignore[call-arg]
    growth = measured[4] / (start**2).sum(-1) / (1 + h**2) ** counts[1]
    bound = measured[7] * (h * counts[1]) ** 2 / (start**2).sum(-1)
    # Published: growth by 1 + h^2 exactly, and the order |z_0|^2 / (h t)^2 for the mean of alternating points, whose
    # factor two telescoping sums and the conserved |z|^2 - h x y bound by 8 (1 + h^2) / (1 - h / 2).
    predicted += [numpy.ones(4), numpy.ones(4)]
    measured += [growth, (bound < 8 * (1 + h**2) / (1 - h / 2)).astype(float)]
    expected = numpy.array(predicted)
    return within_rounding(expected, numpy.array(measured), terms=2**14, size=1 + expected)


def _averaging(rng: Generator) -> Evidence:
    """x y, h below 1/2, t = 20 and 200. Simultaneous points and their mean diverge; alternating ones are bounded.

    |z_t|^2 = (1 + h^2)^t |z_0|^2 and a mean of order (1 + h^2)^t / (h t)^2 for simultaneous descent, 1 / (h t)^2 for
    descent in turn, as published; ends and means equal those by powers of a 2 x 2 matrix.
    """
    return _means(rng, (SimultaneousGradientDescent, AlternatingGradientDescent))


def _averaging_control(rng: Generator) -> Evidence:
    """The two schedules exchanged."""
    return _means(rng, (AlternatingGradientDescent, SimultaneousGradientDescent))


def _vanishing(rng: Generator, h: float, period: int) -> Evidence:
    start, count = rng.standard_normal((4, 2)), 5 * period
    mean = _ends(Averaged(AlternatingGradientDescent(h)), start, count - 1)
    # Any positive share of |z_0|^2 / (h t)^2 would do.
    return Evidence(1e-6 * (start**2).sum(-1) / (h * count) ** 2, (mean**2).sum(-1), 0.0, "none needed: far from equal")


def _no_lower_bound(rng: Generator) -> Evidence:
    """x y in turn, h = 1, t = 30. |mean|^2 is at least c |z_0|^2 / (h t)^2 for some c > 0 (refuted).

    Six steps of h = 1 are a full turn: the mean of 6 k points is 0. The order 1 / (h t) of Gidel et al. (VI,
    proposition 1) bounds the mean from above, which paper.gidel-averaging checks; as Theta it would be false.
    """
    return _vanishing(rng, 1.0, 6)


def _no_lower_bound_control(rng: Generator) -> Evidence:
    """h = sqrt(2), with which four steps are a turn."""
    return _vanishing(rng, float(numpy.sqrt(2)), 4)


def _shrinking(rng: Generator, make: Callable[[Any], UpdateRule]) -> Evidence:
    h, start = rng.uniform(0.05, 0.3, 20), rng.standard_normal((20, 2))
    implicit = ProximalPoint(h, newton_steps=1)
    ratios = [(_ends(rule, start, 1) ** 2).sum(-1) / (start**2).sum(-1) for rule in (implicit, make(h))]
    stable = spectral_radius(make(numpy.array([0.999, 1.001])), _PLAY, numpy.zeros((2, 2))) < 1
    published = 1 - h**2 + h**4
    predicted = numpy.concatenate([published, 1 / (1 + h**2), published, [1.0, 0.0]])
    measured = numpy.concatenate([ratios[0], ratios[0], ratios[1], stable.astype(float)])
    eps = float(numpy.finfo(float).eps)
    tolerance = numpy.concatenate([h**6, numpy.full(42, 64 * eps)])
    return Evidence(predicted, measured, tolerance, "rounding: 64 ulp; h^6 for the expansion")


def _extrapolation(rng: Generator) -> Evidence:
    """x y. |z|^2 falls by 1 - h^2 + h^4 + O(h^6) with the implicit step, exactly without O(h^6) with extrapolation.

    Published for h < 1, which is also the range in which extrapolation converges; the implicit factor is 1 / (1 + h^2).
    """
    return _shrinking(rng, Extragradient)


def _extrapolation_control(rng: Generator) -> Evidence:
    """Extrapolation by half a step."""
    return _shrinking(rng, lambda h: Extragradient(h, extrapolation_step=h / 2))


def _from_the_past(rng: Generator, share: float) -> Evidence:
    """|z_t|^2 / |z_0|^2 for t = 1, ..., 40 in strongly monotone games of four scalar players."""
    predicted, measured = [], []
    for weight in (0.0, 0.3, 3.0):
        turn, modes = rng.standard_normal((4, 4)), numpy.linalg.qr(rng.standard_normal((4, 4)))[0]
        rates = 10 ** rng.uniform(-2, 0, 4)
        jacobian = (modes * rates) @ modes.T + weight * (turn - turn.T)
        jacobian = jacobian / numpy.linalg.norm(jacobian, 2)
        mu = numpy.linalg.eigvalsh((jacobian + jacobian.T) / 2).min()
        game, start = Quadratic.from_jacobian(jacobian, (1, 1, 1, 1)), rng.standard_normal(4)
        points = simulate(game, PastExtragradient(share), start, 40, engine="step").points
        predicted.append((1 - mu / 4) ** numpy.arange(1, 41))
        measured.append((points[1:] ** 2).sum(-1) / (start**2).sum())
    return within_rounding(numpy.array(predicted), numpy.array(measured), terms=64)


def _past(rng: Generator) -> Evidence:
    """mu-strongly monotone, L = 1, h = 1/4, first look along xi(z_0): |z_t|^2 <= (1 - mu / 4)^t |z_0|^2 (upper)."""
    return _from_the_past(rng, 0.25)


def _past_control(rng: Generator) -> Evidence:
    """h = 1 / L."""
    return _from_the_past(rng, 1.0)


def _accelerated(rng: Generator, make: Callable[[Any, Any], UpdateRule]) -> Evidence:
    h, b = rng.uniform(0.01, 2.0, 40), rng.uniform(0.0, 0.95, 40)
    found = spectral_radius(make(h, b), _PLAY, numpy.zeros((40, 2)))
    # r^2 - (1 + b) (1 - i h) r + b (1 - i h) = 0: the radius, from below and from above, beside the bound.
    quadratics = zip(-(1 + b) * (1 - 1j * h), b * (1 - 1j * h), strict=True)
    exact = numpy.array([abs(numpy.roots([1, *each])).max() for each in quadratics])
    predicted = numpy.concatenate([numpy.sqrt(1 + h**2), exact, -exact])
    return within_rounding(predicted, numpy.concatenate([found, found, -found]), terms=2**12)


def _nesterov(rng: Generator) -> Evidence:
    """x y. For every step size and momentum in [0, 1) the radius is at least the sqrt(1 + h^2) of descent (lower).

    The paper prints a step without a memory, which is descent with the step (1 + b) h and diverges as well.
    """
    return _accelerated(rng, lambda h, b: Nesterov(h, momentum=b))


def _nesterov_control(rng: Generator) -> Evidence:
    """Negative heavy-ball momentum in turn."""
    return _accelerated(rng, lambda h, b: HeavyBall(h, momentum=-b, schedule="alternating"))


def _momentum_table(rng: Generator, order: tuple[str, str]) -> Evidence:
    """Rates of log |z| over steps 200 to 400: rows simultaneous and alternating, columns b > 0, b = 0, b < 0."""
    a, b, start = rng.uniform(0.3, 0.6), rng.uniform(0.2, 0.4), rng.standard_normal((3, 2))
    momenta = numpy.array([b, 0.0, -b])
    predicted, measured = [], []
    for row, schedule in enumerate(order):
        rule = HeavyBall(numpy.full(3, a), momentum=momenta, schedule=schedule)
        norms = numpy.linalg.norm(simulate(_PLAY, rule, start, 400, record_every=200, engine="step").points, axis=-1)
        measured.append(numpy.log(norms[2] / norms[1]) / 200)
        # r^2 - (1 + b - i a) r + b = 0, or (r - 1)^2 (r - b)^2 + a^2 r^3 = 0.
        quartics = [numpy.poly([1, 1, m, m]) + a**2 * numpy.array([0, 1, 0, 0, 0]) for m in momenta]
        polynomials = quartics if row else [[1, 1j * a - 1 - m, m] for m in momenta]
        predicted.append([numpy.log(abs(numpy.roots(each)).max()) for each in polynomials])
    signs = numpy.array([[1, 1, 1], [1, 0, -1]])
    expected = numpy.array(predicted)
    verdicts = numpy.where(abs(expected) < 1e-9, 0, numpy.sign(expected))
    # The invariant of alternating descent, an ellipse, lets |z| change by (1 + a / 2) / (1 - a / 2) within a turn.
    tolerance = numpy.full((2, 3), numpy.log((1 + a) / (1 - a)) / 200)
    return Evidence(
        numpy.concatenate([expected, signs]),
        numpy.concatenate([measured, verdicts]),
        numpy.concatenate([tolerance, 0 * signs]),
        "a turn's change of |z| over 200 steps",
    )


def _momentum(rng: Generator) -> Evidence:
    """x y, 0.3 < h < 0.6, |b| in (0.2, 0.4). Simultaneous: grows for b > 0, b = 0, b < 0; in turn: grows, stays, falls.

    The rates are those of the roots of the characteristic polynomials. Published are the verdicts, for alternating
    steps with b < 0 as a linear rate; the last column's range is h s < 2 (1 + b), which game.momentum-negative checks.
    """
    return _momentum_table(rng, ("simultaneous", "alternating"))


def _momentum_control(rng: Generator) -> Evidence:
    """Both rows with the other schedule."""
    return _momentum_table(rng, ("alternating", "simultaneous"))


# Step, weight, start and number of steps are those of the authors' program (CGD, bilinear_strong.jl).
_STEP, _WEIGHT, _COUNT, _START = 0.2, 1.0, 50, (0.5, 0.5)


def _multipliers(a: float) -> dict[str, tuple[UpdateRule, Any]]:
    """Name -> the rule, and z_50 / z_0 as a complex number x + i y, for alpha x y with a = alpha h."""
    h, turn = _STEP, 1 + 1j * a
    root = numpy.sqrt(1 - 4 * a**2 + 0j)
    r, q = (1 + 2j * a + root) / 2, (1 + 2j * a - root) / 2
    share = (turn - q) / (r - q)
    agreeing = (turn - _WEIGHT * a**2 / h) ** _COUNT
    return {
        "GDA": (SimultaneousGradientDescent(h), turn**_COUNT),
        "LCGD": (LookaheadOpponent(h, alpha=h), (turn - a**2) ** _COUNT),
        "ConOpt": (Consensus(h, gamma=_WEIGHT), agreeing),
        "SGA": (SymplecticAdjustment(h, strength=_WEIGHT, align=False), agreeing),
        "OGDA": (OptimisticGradient(h), share * r**_COUNT + (1 - share) * q**_COUNT),
        "CGD": (Competitive(h), (turn / (1 + a**2)) ** _COUNT),
    }


_CONVERGES = {
    1.0: ("LCGD", "ConOpt", "SGA", "OGDA", "CGD"),
    3.0: ("LCGD", "CGD"),
    6.0: ("CGD",),
}


def _compared(rng: Generator, slip: float) -> Evidence:
    predicted, measured, tolerance = [], [], []
    for alpha, converging in _CONVERGES.items():
        game = Bilinear([[slip * alpha]])
        for name, (rule, multiplier) in _multipliers(alpha * _STEP).items():
            final = simulate(game, rule, numpy.array(_START), _COUNT, record_every=_COUNT, engine="step").final
            size = numpy.linalg.norm(final) / numpy.linalg.norm(_START)
            end = multiplier * complex(*_START)
            predicted += [end.real, end.imag, float(name in converging)]
            # |1 - h g a^2 - i h a| = 1 at alpha = 3: consensus and SGA oscillate, and |z_50| equals |z_0| to rounding.
            measured += [final[0], final[1], float(size < 1 - 1e-9)]
            tolerance += [2**12 * float(numpy.finfo(float).eps) * max(1.0, abs(end))] * 2 + [0.0]
    return Evidence(predicted, measured, tolerance, "rounding: 4096 ulp")


def _competitive(rng: Generator) -> Evidence:
    """alpha x y from (1/2, 1/2), h = 0.2, gamma = 1, 50 steps: points, and which rules come closer (equality).

    For alpha = 1 all but GDA do, for 3 CGD and LCGD (the first two terms of CGD's inverse), for 6 CGD alone.
    At alpha = 3 consensus and SGA, which agree on bilinear games, keep their distance exactly: |-4/5 - 3/5 i| = 1. The
    authors' program starts OGDA with a previous gradient of 0, a first step of 2 h; here it is a plain step, which
    changes points and not verdicts: h alpha < 1 / sqrt(3) only at alpha = 1. Their figure was not seen, only their
    settings: the verdicts are those of the multipliers.
    """
    return _compared(rng, 1.0)


def _competitive_control(rng: Generator) -> Evidence:
    """The coupling is one percent stronger than the multipliers know."""
    return _compared(rng, 1.01)


CLAIMS = (
    Claim(
        id="paper.gidel-averaging",
        statement="x y: points and mean diverge at once, by 1 + h^2; in turn |z| is bounded, |mean|^2 = O(1 / (h t)^2)",
        source="Gidel et al. 2019, VI, proposition 1",
        relation="==",
        check=_averaging,
        control=_averaging_control,
    ),
    Claim(
        id="paper.gidel-averaging-lower",
        statement="x y, alternating descent: |mean of t points| is at least c |z_0| / (h t), for some c > 0",
        source="false: O is not Theta; h = 1, t = 6 k",
        relation=">=",
        check=_no_lower_bound,
        control=_no_lower_bound_control,
        expected="refuted",
    ),
    Claim(
        id="paper.gidel-extrapolation",
        statement="x y: |z|^2 falls by 1 - h^2 + h^4 with extrapolation, by that + O(h^6) with the implicit step",
        source="Gidel et al. 2019, VI, proposition 2",
        relation="==",
        check=_extrapolation,
        control=_extrapolation_control,
    ),
    Claim(
        id="paper.gidel-past-extrapolation",
        statement="mu-strongly monotone, L-Lipschitz, h = 1 / (4 L): |z_t - z*|^2 <= (1 - mu / (4 L))^t |z_0 - z*|^2",
        source="Gidel et al. 2019, VI, theorem 1",
        relation="<=",
        check=_past,
        control=_past_control,
    ),
    Claim(
        id="paper.gidel-nesterov",
        statement="Nesterov's method does not converge on x y, whatever its step size and momentum in [0, 1)",
        source="Gidel et al. 2019, VI, section 3.2",
        relation=">=",
        check=_nesterov,
        control=_nesterov_control,
    ),
    Claim(
        id="paper.gidel-negative-momentum",
        statement="x y, momentum > 0, 0, < 0: steps at once always diverge; in turn diverge, stay bounded, converge",
        source="Gidel et al. 2019, Negative momentum",
        relation="==",
        check=_momentum,
        control=_momentum_control,
    ),
    Claim(
        id="paper.schaefer-bilinear",
        statement="a x y, h = 0.2: LCGD, ConOpt, SGA, OGDA, CGD, not GDA converge at a = 1; CGD, LCGD at 3; CGD at 6",
        source="Schaefer & Anandkumar 2019, program",
        relation="==",
        check=_competitive,
        control=_competitive_control,
    ),
)
