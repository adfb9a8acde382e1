"""Margins of an entropic plan in the log domain, block by block: safe at any potentials, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace
from gamedyn.transport._cost import Cost

__all__ = ["LogMargins", "log_masses", "log_sums"]


def log_masses(masses: Array) -> Array:
    """log of non-negative masses, -inf at 0."""
    xp = array_namespace(masses)
    empty = masses == 0
    logarithm = xp.log(xp.where(empty, xp.ones_like(masses), masses))
    return xp.where(empty, xp.full_like(masses, -xp.inf), logarithm)


def log_sums(
    cost: Cost, weights: Array, epsilon: float, entries: int, tick: Callable[[float], None] | None = None
) -> Array:
    """log sum_j exp(weights_j - c_ij / eps), shape (n,).

    Parameters
    ----------
    cost : Cost
        Of shape (n, m).
    weights : array, shape (m,)
        Logarithms; -inf adds nothing.
    epsilon : float
        The temperature.
    entries : int
        How many numbers a block may hold.
    tick : callable, optional
        Told the share of rows that each block was.
    """
    xp: Any = array_namespace(weights)
    parts = []
    for rows, block in cost.blocks(entries):
        if xp is numpy:
            terms = numpy.multiply(block, -1 / epsilon)
            terms += weights
            peak = terms.max(axis=1)
            terms -= peak[:, None]
            total = numpy.exp(terms, out=terms).sum(axis=1)
        else:
            terms = weights - block / epsilon
            peak = xp.max(terms, axis=1)
            total = xp.sum(xp.exp(terms - peak[:, None]), axis=1)
        parts.append(xp.log(total) + peak)
        if tick is not None:
            tick((rows.stop - rows.start) / cost.shape[0])
    return parts[0] if len(parts) == 1 else xp.concat(parts)


class LogMargins:
    """Margins through sums of exponentials whose largest term is 1.

    Parameters
    ----------
    cost : Cost
        Of shape (n, m).
    a, b : array, shapes (n,) and (m,)
        Masses.
    epsilon : float
        The temperature.
    entries : int
        How many numbers a block may hold.
    tick : callable, optional
        Told the share of a sweep, which is a row and a column step, that each block was.
    """

    method = "sinkhorn, log domain"

    def __init__(
        self,
        cost: Cost,
        a: Array,
        b: Array,
        epsilon: float,
        entries: int,
        tick: Callable[[float], None] | None = None,
    ) -> None:
        self._cost, self._back, self._epsilon, self._entries = cost, cost.transposed(), epsilon, entries
        self._log_a, self._log_b = log_masses(a), log_masses(b)
        self._tick = None if tick is None else lambda share: tick(share / 2)

    def rows(self, phi: Array, psi: Array) -> Array:
        """log sum_j b_j exp(phi_i + psi_j - c_ij / eps), shape (n,)."""
        return phi + log_sums(self._cost, self._log_b + psi, self._epsilon, self._entries, self._tick)

    def columns(self, phi: Array, psi: Array) -> Array:
        """log sum_i a_i exp(phi_i + psi_j - c_ij / eps), shape (m,)."""
        return psi + log_sums(self._back, self._log_a + phi, self._epsilon, self._entries, self._tick)

    def absorb(self, phi: Array, psi: Array) -> None:
        """Nothing is held."""
