"""The spectral radius of a rule in a large game, from steps alone: no Jacobian and no matrix is ever formed."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.backend import array_namespace, device_of, to_device, to_host
from gamedyn.equilibria._point import norm_of, roundoff_of
from gamedyn.games import Game, player_slices
from gamedyn.numerics import arnoldi_eigenvalues
from gamedyn.updates import UpdateRule, extended_point, step_extended

__all__ = ["large_radius", "probed_residual"]

_PROBES = 8
_WANTED, _STEPS = 6, 80


def probed_residual(rule: UpdateRule, game: Game, z: Any) -> float:
    """max_i |r_i| / (|J_i| (1 + |z|)) as for small games, |J_i| in Frobenius norm from J v on random directions v."""
    rng = numpy.random.default_rng(0)
    xp, d = array_namespace(z), z.shape[-1]
    directions = to_device(rng.standard_normal((_PROBES, d)), xp, dtype=z.dtype, device=device_of(z))
    # E |J_i v|^2 = |J_i|^2 for standard normal v.
    products = numpy.stack([to_host(game.jvp(z, directions[k, :])) for k in range(_PROBES)])
    residual, size = to_host(rule.stationary_residual(game, z)), norm_of(to_host(z))
    worst = 0.0
    for block in player_slices(game.dims):
        slope = math.sqrt(float(numpy.mean(numpy.sum(products[:, block] ** 2, axis=-1))))
        error = norm_of(residual[block])
        if error > 0:
            worst = max(worst, error / slope / (1 + size) if slope > 0 else math.inf)
    return worst


def large_radius(rule: UpdateRule, game: Game, z: Any, *, tolerance: float = 1e-8) -> float:
    """The largest modulus of an eigenvalue of one step's derivative at z (d,), by Arnoldi on differences of steps.

    Raises
    ------
    RuntimeError
        If the iteration has not converged: near a crowded largest modulus it may not.
    """
    xp, device = array_namespace(z), device_of(z)
    state = rule.init(game, z)
    start = extended_point(z, state)
    size, scale = start.shape[-1], 1 + norm_of(to_host(start))
    # The cube root of the roundoff balances the errors of truncation and of rounding.
    h = roundoff_of(z) ** (1 / 3) * scale

    def derivative(v: numpy.ndarray) -> numpy.ndarray:
        length = norm_of(v)
        if length == 0:
            return numpy.zeros_like(v)
        step = to_device(v.reshape(size) * (h / length), xp, dtype=z.dtype, device=device)
        ends = [step_extended(rule, game, start + sign * step, state, z.shape) for sign in (1, -1)]
        slope: numpy.ndarray = numpy.asarray(to_host(ends[0] - ends[1]), dtype=float) * (length / (2 * h))
        return slope

    # A fixed start: the same question has the same answer.
    first = numpy.random.default_rng(0).standard_normal(size)
    found = arnoldi_eigenvalues(
        derivative, first, k=_WANTED, steps=min(size, _STEPS), restarts=300, tolerance=tolerance
    )
    moduli = numpy.abs(found.values)
    # What has not converged may hide something larger.
    if not found.converged[int(numpy.argmax(moduli))]:
        raise RuntimeError(
            f"the largest eigenvalues of a step of {type(rule).__name__} were not found in {size} dimensions: their "
            "moduli are too close to each other."
        )
    return float(moduli.max())
