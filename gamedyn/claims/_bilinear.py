"""Claims on the bilinear game x^T A y: what each update rule and the flow do to its singular modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._bilinear_play import STEPS, largest_stable_step, played
from gamedyn.claims._game_instances import bilinear_modes
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import flow, simulate
from gamedyn.equilibria import spectral_radius
from gamedyn.games import TimescaleSeparated
from gamedyn.updates import (
    AlternatingGradientDescent,
    Consensus,
    Extragradient,
    OptimisticGradient,
    ProximalPoint,
    SimultaneousGradientDescent,
)

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _explicit(h: Any, s: Any) -> Any:
    return numpy.sqrt(1 + (h * s) ** 2)


def _implicit(h: Any, s: Any) -> Any:
    return 1 / numpy.sqrt(1 + (h * s) ** 2)


def _twice(h: Any, s: Any) -> Any:
    return numpy.sqrt(1 - (h * s) ** 2 + (h * s) ** 4)


def _simultaneous(rng: Generator) -> Evidence:
    """Step size h. A mode of singular value s grows by sqrt(1 + h^2 s^2) per step (equality)."""
    return played(rng, SimultaneousGradientDescent, _explicit)


def _simultaneous_control(rng: Generator) -> Evidence:
    """The players move in turn instead."""
    return played(rng, AlternatingGradientDescent, _explicit)


def _invariant(rng: Generator, sign: float) -> Evidence:
    game, s, _, _ = bilinear_modes(rng)
    h, start = rng.uniform(0.1, 1.9, 8) / s.max(), rng.standard_normal((8, 6))
    end = simulate(game, AlternatingGradientDescent(h), start, 1000, record_every=1000, engine="step").final

    def form(z: Any) -> Any:
        return (z**2).sum(-1) + sign * h * numpy.einsum("bi,ij,bj->b", z[:, :3], game.matrix, z[:, 3:])

    radii = spectral_radius(AlternatingGradientDescent(h), game, numpy.zeros((8, 6)))
    predicted = numpy.concatenate([form(start), numpy.ones(8), [2 / s.max()]])
    # At the limit two multipliers meet at -1, and rounding moves them by the square root of an ulp.
    limit = largest_stable_step(AlternatingGradientDescent, game, slack=1e-9)
    measured = numpy.concatenate([form(end), radii, [limit]])
    return within_rounding(predicted, measured, terms=4096, size=1 + abs(predicted))


def _alternating(rng: Generator) -> Evidence:
    """h s < 2. |x|^2 + |y|^2 - h x^T A y is conserved and positive definite: trajectories stay bounded (equality)."""
    return _invariant(rng, -1.0)


def _alternating_control(rng: Generator) -> Evidence:
    """The invariant of the other player order."""
    return _invariant(rng, 1.0)


def _turned(rng: Generator, tau: float) -> Evidence:
    game, s, u, v = bilinear_modes(rng)
    start, times = rng.standard_normal(6), numpy.array([0.0, 1.0, 3.0, 10.0])
    a, b, angle = start[:3] @ u, start[3:] @ v, times[:, None] * s
    x = (numpy.cos(angle) * a - numpy.sin(angle) * b) @ u.T
    y = (numpy.sin(angle) * a + numpy.cos(angle) * b) @ v.T
    path = flow(TimescaleSeparated(game, tau), start, times)
    predicted = numpy.concatenate([x, y, numpy.full((4, 1), numpy.linalg.norm(start))], axis=-1)
    measured = numpy.concatenate([path, numpy.linalg.norm(path, axis=-1, keepdims=True)], axis=-1)
    return Evidence(predicted, measured, 1e-8, "100 times the integrator's local tolerance")


def _flow(rng: Generator) -> Evidence:
    """z' = -xi(z). A mode of singular value s turns with angular speed s, and |z| is conserved (equality)."""
    return _turned(rng, 1.0)


def _flow_control(rng: Generator) -> Evidence:
    """The second player is twice as fast: ellipses."""
    return _turned(rng, 2.0)


def _proximal(rng: Generator) -> Evidence:
    """Implicit step. A mode shrinks by 1 / sqrt(1 + h^2 s^2), for every step size (equality)."""
    return played(rng, lambda h: ProximalPoint(h, newton_steps=1), _implicit, reach=30.0)


def _proximal_control(rng: Generator) -> Evidence:
    """One fixed-point iteration in place of the solution: the extragradient step."""
    return played(rng, Extragradient, _implicit)


def _extragradient(rng: Generator) -> Evidence:
    """A mode is multiplied by sqrt(1 - h^2 s^2 + h^4 s^4): stable up to h s = 1 (equality)."""
    return played(rng, Extragradient, _twice, lambda s: 1 / s, 1.5)


def _extragradient_control(rng: Generator) -> Evidence:
    """Half the extrapolation: sqrt(1 + h^4 s^4 / 4), never stable."""
    return played(rng, lambda h: Extragradient(h, extrapolation_step=h / 2), _twice, lambda s: 1 / s, 1.5)


def _two_roots(h: Any, s: Any) -> tuple[Any, Any]:
    """Of r^2 - (1 - 2 i h s) r - i h s = 0, the larger first."""
    root = numpy.sqrt(1 - 4 * (h * s) ** 2 + 0j)
    # Where the root is imaginary its conjugate points the way that -2 i h s does, so that the first is the larger.
    return (1 - 2j * h * s + root.conj()) / 2, (1 - 2j * h * s - root.conj()) / 2


def _larger_root(h: Any, s: Any) -> Any:
    return abs(_two_roots(h, s)[0])


def _after_a_plain_step(h: Any, s: Any) -> Any:
    """|A r^20 + B q^20| from w_0 = 1 and w_1 = 1 - i h s."""
    r, q = _two_roots(h, s)
    share = (1 - 1j * h * s - q) / (r - q)
    return abs(share * r**STEPS + (1 - share) * q**STEPS)


def _end_of_optimism(s: Any) -> Any:
    return 1 / (numpy.sqrt(3) * s)


def _optimistic(rng: Generator) -> Evidence:
    """Multipliers solve r^2 - (1 - 2 i h s) r - i h s = 0: stable up to h s = 1 / sqrt(3) (equality)."""
    return played(rng, OptimisticGradient, _larger_root, _end_of_optimism, 0.9, _after_a_plain_step)


def _optimistic_control(rng: Generator) -> Evidence:
    """Half the optimism."""

    def half(h: Any) -> OptimisticGradient:
        return OptimisticGradient(h, optimism=h / 2)

    return played(rng, half, _larger_root, _end_of_optimism, 0.9, _after_a_plain_step)


def _agreeing(rng: Generator, factor: float) -> Evidence:
    gamma = rng.uniform(0.1, 1.0)
    return played(
        rng,
        lambda h: Consensus(h, gamma=factor * gamma),
        lambda h, s: numpy.hypot(1 - h * gamma * s**2, h * s),
        lambda s: 2 * gamma / (1 + gamma**2 * s**2),
    )


def _consensus(rng: Generator) -> Evidence:
    """A mode is multiplied by |1 - h gamma s^2 - i h s|: stable up to h = 2 gamma / (1 + gamma^2 s^2) (equality)."""
    return _agreeing(rng, 1.0)


def _consensus_control(rng: Generator) -> Evidence:
    """The gradient of |xi|^2 in place of |xi|^2 / 2."""
    return _agreeing(rng, 2.0)


def _averaged(rng: Generator, step_size: Callable[[int], float]) -> Evidence:
    game, s, u, v = bilinear_modes(rng)
    start, counts = rng.standard_normal(6), (10, 100, 1000)
    means, ends, bounds = [], [], []
    for count in counts:
        path = simulate(game, SimultaneousGradientDescent(step_size(count)), start, count, engine="step").points
        means.append(numpy.linalg.norm(path[:-1].mean(0)))
        ends.append(-numpy.linalg.norm(path[-1]))
        # (z_K - z_0) / (h K) = -J mean(z), and a mode's norm grows to at most exp(s^2 / 2).
        modes = numpy.sqrt((start[:3] @ u) ** 2 + (start[3:] @ v) ** 2) * (1 + numpy.exp(s**2 / 2)) / s
        bounds.append(numpy.linalg.norm(modes) / numpy.sqrt(count))
    predicted = numpy.array([*bounds, *[-numpy.linalg.norm(start)] * 3])
    return within_rounding(predicted, numpy.array([*means, *ends]), terms=1024, size=1 + abs(predicted))


def _averaging(rng: Generator) -> Evidence:
    """K simultaneous steps of size K^-1/2. Their mean is within c K^-1/2 of 0, the last point no nearer (upper)."""
    return _averaged(rng, lambda count: count**-0.5)


def _averaging_control(rng: Generator) -> Evidence:
    """Constant steps (1, and 1/2 for the largest K, against overflow): the mean diverges with the last point."""
    return _averaged(rng, lambda count: 1.0 if count < 1000 else 0.5)


CLAIMS = (
    Claim(
        id="game.bilinear-simultaneous",
        statement="simultaneous descent on x^T A y: modes grow by sqrt(1 + h^2 s^2) per step, s singular values of A",
        source="Gidel et al. 2019",
        relation="==",
        check=_simultaneous,
        control=_simultaneous_control,
    ),
    Claim(
        id="game.bilinear-alternating",
        statement="alternating descent on x^T A y conserves |x|^2 + |y|^2 - h x^T A y: bounded for h s < 2",
        source="Gidel et al. 2019; Zhang & Yu 2020",
        relation="==",
        check=_alternating,
        control=_alternating_control,
    ),
    Claim(
        id="game.bilinear-flow",
        statement="the flow of x^T A y turns every singular mode with angular speed s and conserves |z|",
        source="Balduzzi et al. 2018",
        relation="==",
        check=_flow,
        control=_flow_control,
    ),
    Claim(
        id="game.bilinear-proximal",
        statement="proximal point on x^T A y: modes shrink by 1 / sqrt(1 + h^2 s^2) for every step size",
        source="Rockafellar 1976",
        relation="==",
        check=_proximal,
        control=_proximal_control,
    ),
    Claim(
        id="game.bilinear-extragradient",
        statement="extragradient on x^T A y: factor sqrt(1 - h^2 s^2 + h^4 s^4), stable up to h s = 1",
        source="Korpelevich 1976; Zhang & Yu 2020",
        relation="==",
        check=_extragradient,
        control=_extragradient_control,
    ),
    Claim(
        id="game.bilinear-optimistic",
        statement="optimistic descent on x^T A y: r^2 - (1 - 2 i h s) r = i h s, stable up to h s = 1 / sqrt(3)",
        source="Daskalakis et al. 2018; Zhang & Yu 2020",
        relation="==",
        check=_optimistic,
        control=_optimistic_control,
    ),
    Claim(
        id="game.bilinear-consensus",
        statement="consensus on x^T A y: factor |1 - h g s^2 - i h s|, stable up to h = 2 g / (1 + g^2 s^2)",
        source="Mescheder, Nowozin & Geiger 2017",
        relation="==",
        check=_consensus,
        control=_consensus_control,
    ),
    Claim(
        id="game.averaging",
        statement="the mean of K simultaneous steps of size K^-1/2 on x^T A y is O(K^-1/2), the last point is not",
        source="Bruck 1977",
        relation="<=",
        check=_averaging,
        control=_averaging_control,
    ),
)
