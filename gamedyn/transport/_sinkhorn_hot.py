"""Margins of an entropic plan near the product of its masses, at temperatures far above the costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace
from gamedyn.transport._cost import Cost

__all__ = ["HotMargins"]


class HotMargins:
    """Margins by what the plan adds to the product: their logarithms keep the digits of c / eps, however small.

    Parameters
    ----------
    cost : Cost
        Of shape (n, m).
    a, b : array, shapes (n,) and (m,)
        Masses, each of sum 1.
    epsilon : float
        The temperature.
    entries : int
        How many numbers a block may hold.
    tick : callable, optional
        Told of every sweep, which is a row and a column step.
    """

    method = "sinkhorn, near the product"

    def __init__(
        self, cost: Cost, a: Array, b: Array, epsilon: float, entries: int, tick: Callable[[float], None] | None = None
    ) -> None:
        self._cost, self._back, self._epsilon, self._entries = cost, cost.transposed(), epsilon, entries
        self._a, self._b, self._tick = a, b, tick

    def rows(self, phi: Array, psi: Array) -> Array:
        """log1p sum_j b_j expm1(phi_i + psi_j - c_ij / eps), shape (n,)."""
        return self._excess(self._cost, self._b, phi, psi)

    def columns(self, phi: Array, psi: Array) -> Array:
        """log1p sum_i a_i expm1(phi_i + psi_j - c_ij / eps), shape (m,)."""
        if self._tick is not None:
            self._tick(1.0)
        return self._excess(self._back, self._a, psi, phi)

    def absorb(self, phi: Array, psi: Array) -> None:
        """Nothing is held."""

    def _excess(self, cost: Cost, masses: Array, own: Array, other: Array) -> Array:
        xp: Any = array_namespace(masses)
        parts = []
        # A subnormal quotient is as good as 0.
        with numpy.errstate(under="ignore"):
            for rows, block in cost.blocks(self._entries):
                parts.append(xp.log1p(xp.expm1(own[rows, None] + other - block / self._epsilon) @ masses))
        return parts[0] if len(parts) == 1 else xp.concat(parts)
