"""Ascent of the entropic dual by alternate, over-relaxed steps in its two potentials."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

from gamedyn.backend import Array, array_namespace

__all__ = ["Ascent", "Margins", "ascend", "ascend_symmetric"]

_CHECK = 2
"""Iterations between two looks at the error, each of which makes a device wait."""


class Margins(Protocol):
    """What an ascent asks of a plan exp(phi_i + psi_j - c_ij / eps) a_i b_j."""

    method: str

    def rows(self, phi: Array, psi: Array) -> Array:
        """log of row sums over a, shape (n,)."""

    def columns(self, phi: Array, psi: Array) -> Array:
        """log of column sums over b, shape (m,)."""

    def absorb(self, phi: Array, psi: Array) -> None:
        """A hint that the potentials may have moved far."""


@dataclass(frozen=True, eq=False)
class Ascent:
    """Where an ascent ended: potentials in units of epsilon, and the L1 error of the row margins, nan if unknown."""

    phi: Array
    psi: Array
    error: float
    iterations: int
    omega: float = 1.0

    @property
    def finite(self) -> bool:
        """Whether the margins could be represented."""
        return not math.isnan(self.error)


def ascend(
    margins: Margins,
    a: Array,
    b: Array,
    phi: Array,
    psi: Array,
    *,
    softness: tuple[float, float] = (0.0, 0.0),
    tolerance: float,
    max_iterations: int,
    rough: bool = False,
    impatient: bool = False,
    omega: float = 1.0,
) -> Ascent:
    """Step in phi and psi in turn until the row margins are right; the column margins are right at the end.

    Parameters
    ----------
    margins : Margins
        Of the plan at given potentials.
    a, b : array, shapes (n,) and (m,)
        Masses.
    phi, psi : array, shapes (n,) and (m,)
        Where to start, in units of epsilon.
    softness : tuple of float
        eps / tau for the penalties tau on each margin: margins are a exp(-phi eps / tau); 0 fixes them.
    tolerance : float
        Of sum_i |row sum - wanted|.
    max_iterations : int
        Of row and column steps together.
    rough : bool
        Whether to stop as soon as the row margins are within the tolerance, whatever the column margins are.
    impatient : bool
        Whether to stop as soon as the end is far off at the rate observed, for `newton` to take over.
    omega : float
        The relaxation to start from.

    Notes
    -----
    A step of 1 puts one margin right. Steps of omega in (1, 2) converge in the square root of the iterations; omega
    comes from the observed rate. An over-relaxed step ascends as long as the largest log excess s of a margin is below
    about 1 - omega / 2, hence the cap 2 - 2 max |s|, under which every step ascends.

    References
    ----------
    Thibault, Chizat, Dossal and Papadakis (2021), Overrelaxed Sinkhorn-Knopp algorithm for regularized optimal
    transport: the adaptive choice by ascent, and omega from the local rate.
    """
    xp = array_namespace(a)
    relaxation, closing, error = _Relaxation(omega), False, math.inf
    soft_a, soft_b = softness
    for k in range(max_iterations + 1):
        if soft_a + soft_b > 0 and not closing:
            phi, psi = _balance(xp, a, b, phi, psi, softness)
        excess = margins.rows(phi, psi)
        if closing or k % _CHECK == 0 or k == max_iterations:
            error = _error(xp, a, excess, soft_a * phi)
            if math.isnan(error) or k == max_iterations or ((closing or rough) and error <= tolerance):
                break
            # The last step before an end is plain, so that the column margins are right.
            closing = not (closing or rough) and error <= 10 * tolerance
            if k % 4 == 0 or k == 6:
                relaxation.observe(k, error)
                margins.absorb(phi, psi)
                if impatient and k >= 32 and relaxation.steps_to(tolerance) > 40:
                    break
        last = closing or k == max_iterations - 1
        phi = _step(xp, a, phi, excess + soft_a * phi, soft_a, relaxation.omega)
        excess = margins.columns(phi, psi)
        psi = _step(xp, b, psi, excess + soft_b * psi, soft_b, 1.0 if last else relaxation.omega)
    # Points without mass have had no say; their potentials are put right, which changes no column.
    phi = xp.where(a > 0, phi, phi - (excess + soft_a * phi) / (1 + soft_a))
    return Ascent(phi, psi, error, k, relaxation.omega)


def ascend_symmetric(margins: Margins, a: Array, phi: Array, *, tolerance: float, max_iterations: int) -> Ascent:
    """The one potential of a plan from a set to itself, by half steps.

    Parameters
    ----------
    margins, a, phi, tolerance, max_iterations
        As in `ascend`.

    Notes
    -----
    For a positive definite kernel a half step contracts by 1/2 or better near the solution.

    References
    ----------
    Feydy, Sejourne, Vialard, Amari, Trouve and Peyre (2019), Interpolating between optimal transport and MMD using
    Sinkhorn divergences.
    """
    xp = array_namespace(a)
    error = math.inf
    for k in range(max_iterations + 1):
        excess = margins.rows(phi, phi)
        if k % _CHECK == 0 or k == max_iterations:
            error = _error(xp, a, excess, xp.zeros_like(phi))
            if math.isnan(error) or error <= tolerance or k == max_iterations:
                break
            margins.absorb(phi, phi)
        phi = phi - excess / 2
    return Ascent(phi, phi, error, k)


def _error(xp: Any, a: Array, excess: Array, wanted: Array) -> float:
    """sum a |exp(excess) - exp(-wanted)|, which may overflow to inf; nan where an excess is none."""
    error = float(xp.sum(a * xp.abs(xp.exp(excess) - xp.exp(-wanted))))
    return error if bool(xp.all(xp.isfinite(excess))) else math.nan


class _Relaxation:
    """omega, from the rate at which the error falls."""

    def __init__(self, omega: float) -> None:
        self.omega = omega
        self._history: list[tuple[int, float]] = []

    def observe(self, iteration: int, error: float) -> None:
        self._history.append((iteration, error))
        if len(self._history) < 3 or not 0 < error < math.inf or self._history[-2][1] == math.inf:
            return
        # The latest pair: what went before is the transient of the last change.
        start, before = self._history[-2]
        rate = (error / before) ** (1 / (iteration - start))
        if rate >= 1:
            self.omega, self._history = 1 + (self.omega - 1) / 2, []
        elif self.omega == 1:
            self._take(rate)
        elif rate > self.omega - 1 + 0.02:
            # Slower than omega - 1, the rate of a relaxation past its best: Young's relation gives the plain rate.
            self._take((rate + self.omega - 1) ** 2 / (self.omega**2 * rate))

    def steps_to(self, tolerance: float) -> float:
        """How many more iterations the latest rate makes it."""
        if len(self._history) < 2 or not 0 < self._history[-1][1] < self._history[-2][1] < math.inf:
            return 0.0
        (start, before), (end, error) = self._history[-2:]
        return (end - start) * math.log(error / tolerance) / math.log(before / error)

    def _take(self, plain_rate: float) -> None:
        self.omega = min(1.99, 2 / (1 + math.sqrt(max(1 - plain_rate, 0.0))))
        self._history = []


def _step(xp: Any, masses: Array, potential: Array, excess: Array, softness: float, omega: float) -> Array:
    shift = excess / (1 + softness)
    if omega > 1:
        largest = xp.max(xp.where(masses > 0, xp.abs(shift), xp.zeros_like(shift)))
        shift = shift * xp.clip(2 - 2 * largest, 1.0, omega)
    return potential - shift


def _balance(xp: Any, a: Array, b: Array, phi: Array, psi: Array, softness: tuple[float, float]) -> tuple[Array, Array]:
    """(phi + t, psi - t), which leaves the plan as it is, at the best t: the slowest mode of the alternate steps.

    Sejourne, Vialard and Peyre (2022), Faster unbalanced optimal transport: translation invariant Sinkhorn.
    """
    masses = [xp.log(xp.sum(w * xp.exp(-s * p))) for w, s, p in zip((a, b), softness, (phi, psi), strict=True)]
    t = (masses[0] - masses[1]) / (softness[0] + softness[1])
    return phi + t, psi - t
