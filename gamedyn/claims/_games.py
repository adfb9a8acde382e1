"""Claims on games and rules in general: conserved quantities, the Dirac-GAN's spectrum, and rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._game_instances import orthogonal, root_error
from gamedyn.dynamics import flow
from gamedyn.equilibria import game_spectrum, spectral_radius
from gamedyn.games import DiracGAN, Quadratic, Regularized
from gamedyn.objectives import LeastSquares, Minimax, NonSaturating, Wasserstein
from gamedyn.updates import (
    AlternatingGradientDescent,
    SimultaneousGradientDescent,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


_TIMES = numpy.linspace(0.0, 2.0, 5)


def _flowing(rng: Generator, mixed: float) -> Evidence:
    """Sizes of xi in a game with J = A + mixed S, then potentials in the game with J = S."""
    a = rng.standard_normal((4, 4))
    symmetric, antisymmetric, start = (a + a.T) / 2, (a - a.T) / 2, rng.standard_normal(4)
    turning = Quadratic.from_jacobian(antisymmetric + mixed * symmetric, (1, 1, 1, 1))
    falling = Quadratic.from_jacobian(symmetric, (1, 1, 1, 1))
    sizes = (turning.simultaneous_gradient(flow(turning, start, _TIMES)) ** 2).sum(-1) / 2
    path = flow(falling, start, _TIMES)
    rates, modes = numpy.linalg.eigh(symmetric)
    potentials = (rates * numpy.exp(-2 * rates * _TIMES[:, None]) * (start @ modes) ** 2).sum(-1) / 2
    predicted = numpy.concatenate([numpy.full(5, ((antisymmetric @ start) ** 2).sum() / 2), potentials])
    measured = numpy.concatenate([sizes, numpy.einsum("ti,ij,tj->t", path, symmetric, path) / 2])
    return Evidence(predicted, measured, 1e-8 * (1 + abs(predicted)), "100 times the integrator's local tolerance")


def _helmholtz(rng: Generator) -> Evidence:
    """J = S + A. If S = 0 the flow conserves |xi|^2 / 2; if A = 0 it descends the potential, at -|xi|^2 (equality)."""
    return _flowing(rng, 0.0)


def _helmholtz_control(rng: Generator) -> Evidence:
    """A tenth of the symmetric part is left in the Hamiltonian game."""
    return _flowing(rng, 0.1)


def _slopes_at_zero() -> list[tuple[Any, float]]:
    """(objective, b'(0) c'(0)) from the published losses of D(fake) and of the generator, by SymPy."""
    import sympy

    s = sympy.Symbol("s")
    probability = 1 / (1 + sympy.exp(-s))
    published = (
        (Minimax(), -sympy.log(1 - probability), sympy.log(1 - probability)),
        (NonSaturating(), -sympy.log(1 - probability), -sympy.log(probability)),
        (Wasserstein(), s, -s),
        (LeastSquares(real_label=1.0, fake_label=-1.0, generator_target=1.0), (s + 1) ** 2 / 2, (s - 1) ** 2 / 2),
    )
    return [(objective, float((b.diff(s) * c.diff(s)).subs(s, 0))) for objective, b, c in published]


def _dirac(rng: Generator, sign: float) -> Evidence:
    predicted, measured, tolerance = [], [], []
    for objective, product in _slopes_at_zero():
        for r1 in (0.0, *rng.uniform(0.1, 3.0, 4)):
            # l^2 - r1 l - b'(0) c'(0) = 0
            root = numpy.sqrt(complex((r1 / 2) ** 2 + sign * product))
            exact = numpy.sort_complex([r1 / 2 - root, r1 / 2 + root])
            found = game_spectrum(Regularized(DiracGAN(objective), r1=r1), numpy.zeros(2))
            predicted += [*exact.real, *exact.imag]
            measured += [*found.real, *found.imag]
            tolerance += [root_error(2 * abs(root), 1 + r1)] * 4
    return Evidence(predicted, measured, tolerance, "rounding, over the gap between the roots")


def _dirac_eigenvalues(rng: Generator) -> Evidence:
    """At 0 they solve l^2 - r1 l = b'(0) c'(0): imaginary, and Re l > 0 under the penalty R1 (equality)."""
    return _dirac(rng, 1.0)


def _dirac_control(rng: Generator) -> Evidence:
    """A generator that helps the discriminator: a real pair of opposite signs."""
    return _dirac(rng, -1.0)


def _best_radii(rng: Generator, mu_played: float) -> Evidence:
    """Radii on a grid of step sizes, with minus the radius at the best step: no lower, and attained."""
    s = rng.uniform(0.5, 2.0, 3)
    a, mu = (orthogonal(rng, 3) * s) @ orthogonal(rng, 3), rng.uniform(0.05, 1.0)
    kappa, own = numpy.hypot(mu, s.max()) / mu, mu_played * mu * numpy.eye(3)
    game = Quadratic.from_blocks([[own, a], [-a.T, own]])
    best = {
        AlternatingGradientDescent: (2 / (mu * (kappa + 1)), (kappa - 1) / (kappa + 1)),
        SimultaneousGradientDescent: (1 / (mu * kappa**2), numpy.sqrt(1 - kappa**-2)),
    }
    predicted, measured = [], []
    for rule, (step, radius) in best.items():
        h = numpy.append(step * numpy.linspace(0.02, 3.0, 300), step)
        found = spectral_radius(rule(h), game, numpy.zeros((301, 6)))
        predicted += [*numpy.full(301, radius), -radius]
        measured += [*found, -found[-1]]
    # At the best step two multipliers coincide.
    return Evidence(predicted, measured, 16 * numpy.sqrt(numpy.finfo(float).eps), "16 square roots of an ulp")


def _optimal_rate(rng: Generator) -> Evidence:
    """mu |x|^2 / 2 + x^T A y - mu |y|^2 / 2. Radii over all h are no lower than stated, and attain it (lower)."""
    return _best_radii(rng, 1.0)


def _optimal_rate_control(rng: Generator) -> Evidence:
    """Twice the curvature that the prediction knows."""
    return _best_radii(rng, 2.0)


CLAIMS = (
    Claim(
        id="game.helmholtz",
        statement="J = S + A: the flow conserves |xi|^2 where S = 0 and descends a potential where A = 0",
        source="Balduzzi et al. 2018",
        relation="==",
        check=_helmholtz,
        control=_helmholtz_control,
    ),
    Claim(
        id="game.dirac-eigenvalues",
        statement="Dirac-GAN with penalty R1: l^2 - r1 l = b'(0) c'(0), imaginary for r1 = 0, for four objectives",
        source="Mescheder, Geiger & Nowozin 2018",
        relation="==",
        check=_dirac_eigenvalues,
        control=_dirac_control,
    ),
    Claim(
        id="game.altgda-optimal-rate",
        statement="zero-sum, own Hessians mu I, k = |J|/mu: best radius (k-1)/(k+1) in turn, sqrt(1 - 1/k^2) at once",
        source="Zhang et al. 2022; derived here",
        relation=">=",
        check=_optimal_rate,
        control=_optimal_rate_control,
    ),
)
