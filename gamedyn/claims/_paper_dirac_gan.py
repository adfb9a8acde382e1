"""Claims on the Dirac-GAN of Mescheder, Geiger and Nowozin (2018): which training methods converge, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.backend import Array
from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import flow, simulate
from gamedyn.equilibria import game_spectrum
from gamedyn.games import Clipped, ConsensusRegularized, DiracGAN, Game, Regularized
from gamedyn.objectives import NonSaturating, Wasserstein
from gamedyn.updates import AlternatingGradientDescent, Cost, SimultaneousGradientDescent, UpdateRule

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

# The step and the weights below are those of the authors' notebook (GAN_stability, DiracGAN.ipynb). Rates are read off
# after 75 steps, where the field is nearly linear, and before 225, where the fastest variant reaches rounding.
_STEP, _FROM, _TO = 0.2, 75, 225
_SOURCE = "Mescheder, Geiger & Nowozin 2018"


def _variants(weight: float = 1.0) -> dict[str, tuple[Game, tuple[float, float] | None]]:
    """Name -> the game with the authors' settings, and the damping (p, q) of J = [[p, -1/2], [1/2, q]] at 0.

    Damping None: published as not convergent. `weight` multiplies the regularisers of those that are.
    """
    gan, saved, critic = DiracGAN(), DiracGAN(NonSaturating()), DiracGAN(Wasserstein())
    return {
        "unregularized": (gan, None),
        "non-saturating": (saved, None),
        "WGAN, clipped at 1": (Clipped(critic, 1.0), None),
        "WGAN-GP, 0.7, target 1": (Regularized(critic, gradient_penalty=(0.7, 1.0)), None),
        # E e^2 (a''(0) + b''(0)) = sigma^2 / 2.
        "instance noise 0.7": (DiracGAN(instance_noise=0.7 * weight), (0.0, 0.245)),
        "R1 0.3": (Regularized(gan, r1=0.3 * weight), (0.0, 0.3)),
        "R1 1, critical": (Regularized(gan, r1=weight), (0.0, 1.0)),
        "R2 0.3": (Regularized(gan, r2=0.3 * weight), (0.0, 0.3)),
        # J^T J = I / 4 without damping.
        "consensus 1": (ConsensusRegularized(gan, weight), (0.25, 0.25)),
        "non-saturating, R1 0.3": (Regularized(saved, r1=0.3 * weight), (0.0, 0.3)),
    }


@dataclass(frozen=True, eq=False)
class _Projected(UpdateRule):
    """Weight clipping in practice: the game's projection after every step."""

    rule: UpdateRule
    cost = Cost()

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        z, state = self.rule.step(game, z, state)
        return game.domain.project(z), state


def _start(rng: Generator) -> Any:
    """Inside the circle that clipping leaves alone."""
    radius, angle = rng.uniform(0.7, 0.95), rng.uniform(0, 2 * numpy.pi)
    return radius * numpy.array([numpy.cos(angle), numpy.sin(angle)])


def _approach(ends: Any, span: float, covector: Any = None) -> float:
    """The rate at which the distance to 0, or |covector z|, falls between two points of a run; 0 where it does not."""
    sizes = numpy.linalg.norm(ends, axis=-1) if covector is None else abs(ends @ covector)
    return max(0.0, float(numpy.log(sizes[0] / sizes[1])) / span)


def _table(rng: Generator, schedule: str, weight: float = 1.0) -> Evidence:
    """Ten variants under one schedule: rates per step (per unit of time for the flow), with 0 for no convergence."""
    span = 24.0 if schedule == "continuous" else float(_TO - _FROM)
    predicted, measured, tolerance, start = [], [], [], _start(rng)
    for game, damping in _variants(weight).values():
        rate, covector = (0.0, None) if damping is None else _slowest(schedule, *damping)
        predicted.append(rate)
        if schedule == "continuous":
            ends = flow(game, start, [0.0, 12.0, 12.0 + span], tolerance=1e-8)[1:]
        else:
            path = simulate(game, _Projected(_RULES[schedule]), start, _TO, record_every=75)
            ends = path.points[[_FROM // 75, _TO // 75]]
        measured.append(_approach(ends, span, covector))
        # Along a left eigenvector the linear motion has one rate, whatever turns or double roots do to the distance.
        # What does not converge may change its distance by e^1.5 within a turn, or fall like a power of t.
        tolerance.append((1.5 if damping is None else 0.1) / span)
    return Evidence(predicted, measured, tolerance, "0.1 over the run for nonlinear terms; a turn's factor e^1.5")


_RULES: dict[str, UpdateRule] = {
    "simultaneous": SimultaneousGradientDescent(_STEP),
    "alternating": AlternatingGradientDescent(_STEP),
    "five to one": AlternatingGradientDescent(_STEP, inner_steps=(1, 5)),
}


def _slowest(schedule: str, p: float, q: float) -> tuple[float, Any]:
    """-log of the largest multiplier, or the smallest real part, of J = [[p, -1/2], [1/2, q]]; left eigenvector."""
    if schedule == "continuous":
        rates, covectors = numpy.linalg.eig(numpy.array([[p, -0.5], [0.5, q]]).T)
        return float(rates.real.min()), covectors[:, rates.real.argmin()]
    if schedule == "simultaneous":
        matrix = numpy.array([[1 - _STEP * p, _STEP / 2], [-_STEP / 2, 1 - _STEP * q]])
    else:
        first = numpy.array([[1 - _STEP * p, _STEP / 2], [0, 1]])
        second = numpy.array([[1, 0], [-_STEP / 2, 1 - _STEP * q]])
        matrix = numpy.linalg.matrix_power(second, 5 if schedule == "five to one" else 1) @ first
    multipliers, covectors = numpy.linalg.eig(matrix.T)
    return -float(numpy.log(abs(multipliers).max())), covectors[:, abs(multipliers).argmax()]


def _continuous(rng: Generator) -> Evidence:
    """The gradient flow from t = 12 to 36: six of ten variants approach 0 at the rate of their spectra."""
    return _table(rng, "continuous")


def _continuous_control(rng: Generator) -> Evidence:
    """Without the regularisers."""
    return _table(rng, "continuous", weight=0.0)


def _simultaneous(rng: Generator) -> Evidence:
    """225 simultaneous steps of 0.2: the same six converge, at the rate of I - h J."""
    return _table(rng, "simultaneous")


def _simultaneous_control(rng: Generator) -> Evidence:
    """Without the regularisers."""
    return _table(rng, "simultaneous", weight=0.0)


def _alternating(rng: Generator) -> Evidence:
    """225 rounds of alternating steps of 0.2: the same six converge, at the rate of the product of the block steps."""
    return _table(rng, "alternating")


def _alternating_control(rng: Generator) -> Evidence:
    """Without the regularisers."""
    return _table(rng, "alternating", weight=0.0)


def _five_to_one(rng: Generator) -> Evidence:
    """Five discriminator steps a round: still no convergence of WGAN and WGAN-GP, and faster damping of the others."""
    return _table(rng, "five to one")


def _five_to_one_control(rng: Generator) -> Evidence:
    """Without the regularisers."""
    return _table(rng, "five to one", weight=0.0)


def _spectra(weights: Any, make: Any) -> Evidence:
    roots = numpy.sqrt((weights**2 - 1).astype(complex))
    predicted = numpy.stack([(weights - roots) / 2, (weights + roots) / 2], axis=-1)
    measured = numpy.stack([game_spectrum(make(weight), numpy.zeros(2)) for weight in weights])
    pairs = [numpy.stack([numpy.sort(a.real, axis=-1), abs(a.imag)]) for a in (predicted, measured)]
    return within_rounding(*pairs, terms=64, size=1 + pairs[0].max())


def _critical_penalty(rng: Generator) -> Evidence:
    """R1 of weight g: eigenvalues (g +- sqrt(g^2 - 1)) / 2, turning while g < 1 and real above (equality)."""
    return _spectra(rng.uniform([0.1] * 4 + [1.1] * 4, [0.9] * 4 + [3.0] * 4), lambda g: Regularized(DiracGAN(), r1=g))


def _critical_penalty_control(rng: Generator) -> Evidence:
    """The penalty without its factor 1/2."""
    return _spectra(rng.uniform(0.1, 3.0, 8), lambda g: Regularized(DiracGAN(), r1=2 * g))


def _critical_noise(rng: Generator) -> Evidence:
    """Noise of variance v on real and fake samples acts at 0 like R1 of weight v / 2: critical at v = 2 (equality)."""
    weights = rng.uniform([0.1] * 4 + [1.1] * 4, [0.9] * 4 + [2.0] * 4)
    return _spectra(weights, lambda g: DiracGAN(instance_noise=float(numpy.sqrt(2 * g))))


def _critical_noise_control(rng: Generator) -> Evidence:
    """Half of the variance, as if only one of the two samples were noisy."""
    return _spectra(rng.uniform(0.1, 2.0, 8), lambda g: DiracGAN(instance_noise=float(numpy.sqrt(g))))


def _cycle(rng: Generator, kept: float) -> Evidence:
    weight, target, h = rng.uniform(0.05, 0.1), rng.uniform(0.5, 1.5), 0.05
    game = Regularized(DiracGAN(Wasserstein()), gradient_penalty=(weight, kept * target))
    start = 4 * target / numpy.pi * rng.uniform(0.8, 1.2) * numpy.array([1.0, 0.0])
    path = simulate(game, AlternatingGradientDescent(h), start, int(8 / weight / h), record_every=5).points
    # Two turns of 2 pi / h steps. Averaged over a turn r' = weight (2 target / pi - r / 2). Reflecting psi and time
    # changes the sign of the weight, so that the mean radius is even in it, as it is in the step.
    radii = numpy.linalg.norm(path[-int(4 * numpy.pi / h / 5) :], axis=-1)
    return Evidence(
        4 * target / numpy.pi, radii.mean(), (weight + h) ** 2 * target, "averaging: two orders of weight and step"
    )


def _gradient_penalty(rng: Generator) -> Evidence:
    """WGAN-GP of a small weight and target g0 settles on a circle of radius 4 g0 / pi around 0 (equality)."""
    return _cycle(rng, 1.0)


def _gradient_penalty_control(rng: Generator) -> Evidence:
    """Target 0."""
    return _cycle(rng, 0.0)


def _slow(rng: Generator, game: Game) -> Evidence:
    radius, angle, times = rng.uniform(0.2, 0.3), rng.uniform(0, 2 * numpy.pi), [0.0, 200.0, 400.0]
    points = flow(game, radius * numpy.array([numpy.cos(angle), numpy.sin(angle)]), times, tolerance=1e-9)
    measured = 1 / (points[1:] ** 2).sum(-1)
    # r' = -s tanh(s / 2) / r averages to -r^3 / 16 up to the relative size r^2, and a turn moves 1 / r^2 by about 1.
    predicted = 1 / radius**2 + numpy.array(times[1:]) / 8
    return Evidence(predicted, measured, 0.5 + 0.1 * radius**2 * predicted, "averaging: one order of r^2")


def _non_saturating(rng: Generator) -> Evidence:
    """The flow of the non-saturating Dirac-GAN has 1 / r^2 = 1 / r_0^2 + t / 8: slower than every exponential."""
    return _slow(rng, DiracGAN(NonSaturating()))


def _non_saturating_control(rng: Generator) -> Evidence:
    """The saturating one, which conserves r."""
    return _slow(rng, DiracGAN())


_TABLE = "noise, R1, R2, consensus converge linearly; GAN, NS-GAN, WGAN, WGAN-GP do not"
CLAIMS = (
    Claim(
        id="paper.mescheder-continuous",
        statement=f"Dirac-GAN, flow: {_TABLE}",
        source=_SOURCE,
        relation="==",
        check=_continuous,
        control=_continuous_control,
    ),
    Claim(
        id="paper.mescheder-simultaneous",
        statement=f"Dirac-GAN, simultaneous: {_TABLE}",
        source=_SOURCE,
        relation="==",
        check=_simultaneous,
        control=_simultaneous_control,
    ),
    Claim(
        id="paper.mescheder-alternating",
        statement=f"Dirac-GAN, alternating: {_TABLE}",
        source=_SOURCE,
        relation="==",
        check=_alternating,
        control=_alternating_control,
    ),
    Claim(
        id="paper.mescheder-alternating-5",
        statement=f"Dirac-GAN, 5 steps of D: {_TABLE}",
        source=_SOURCE,
        relation="==",
        check=_five_to_one,
        control=_five_to_one_control,
    ),
    Claim(
        id="paper.mescheder-critical-penalty",
        statement="Dirac-GAN with R1 of weight g: eigenvalues (g +- sqrt(g^2 - 1)) / 2, critical at g = 1",
        source=_SOURCE,
        relation="==",
        check=_critical_penalty,
        control=_critical_penalty_control,
    ),
    Claim(
        id="paper.mescheder-critical-noise",
        statement="Dirac-GAN with instance noise of variance v: eigenvalues of R1 of weight v / 2, critical at v = 2",
        source=_SOURCE,
        relation="==",
        check=_critical_noise,
        control=_critical_noise_control,
    ),
    Claim(
        id="paper.mescheder-wgan-gp",
        statement="Dirac-WGAN-GP with target g0 does not converge but cycles, at radius 4 g0 / pi for small weights",
        source="Mescheder et al. 2018; radius derived here",
        relation="==",
        check=_gradient_penalty,
        control=_gradient_penalty_control,
    ),
    Claim(
        id="paper.mescheder-non-saturating",
        statement="non-saturating Dirac-GAN, flow: 1 / r^2 grows like t / 8, so that no exponential bound holds",
        source="Mescheder et al. 2018; t / 8 derived here",
        relation="==",
        check=_non_saturating,
        control=_non_saturating_control,
    ),
)
