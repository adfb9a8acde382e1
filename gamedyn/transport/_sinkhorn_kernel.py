"""Margins of an entropic plan by products with a stored kernel, which takes in the potentials it was made at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace
from gamedyn.transport._cost import MatrixCost

__all__ = ["KernelMargins"]

_FAINT = 1e-26
"""Entries of a kernel in single precision that are dropped: 1e-13 of the largest at the limits of its potentials."""


class KernelMargins:
    """Margins through K_ij = exp(phi0_i + psi0_j - c_ij / eps), made anew when the potentials have moved far from it.

    Parameters
    ----------
    cost : MatrixCost
        Of shape (n, m).
    a, b : array, shapes (n,) and (m,)
        Masses.
    epsilon : float
        The temperature.
    phi, psi : array, shapes (n,) and (m,)
        Potentials in units of epsilon at which to start. Rows or columns of K that underflow there give log margins
        of -inf, and the caller takes `LogMargins`.
    tick : callable, optional
        Told of every sweep, which is a row and a column step.
    single : bool
        Whether the kernel and its products are in single precision, which halves their time and leaves margins an
        error of about 1e-7.
    room : array, optional, shape (n, m)
        Memory for the kernel, where NumPy's arrays are written in place.

    References
    ----------
    Schmitzer (2019), Stabilized sparse scaling algorithms for entropy regularized transport problems: absorption of
    the scalings into the kernel.
    """

    method = "sinkhorn, kernel"

    def __init__(
        self,
        cost: MatrixCost,
        a: Array,
        b: Array,
        epsilon: float,
        phi: Array,
        psi: Array,
        tick: Callable[[float], None] | None = None,
        *,
        single: bool = False,
        room: Array | None = None,
    ) -> None:
        self._xp, self._tick = array_namespace(a), tick
        xp = self._xp
        single = single or a.dtype == xp.float32
        self._wide, self._narrow = a.dtype, xp.float32 if single else a.dtype
        self._cost, self._a, self._b, self._epsilon = cost.matrix, a, b, epsilon
        # exp(-limit) K must not underflow where K is of size 1.
        self._limit = 15.0 if single else 100.0
        self._kernel: Any = None
        if xp is numpy:
            room = numpy.empty(cost.shape, self._wide) if room is None else room
            size = cost.shape[0] * cost.shape[1]
            self._kernel = room.reshape(-1).view(self._narrow)[:size].reshape(cost.shape)
        self._make(phi, psi)

    def rows(self, phi: Array, psi: Array) -> Array:
        """log sum_j b_j exp(phi_i + psi_j - c_ij / eps), shape (n,)."""
        product = self._times(self._kernel, self._b * self._xp.exp(psi - self._psi))
        return self._xp.log(product) + (phi - self._phi)

    def columns(self, phi: Array, psi: Array) -> Array:
        """log sum_i a_i exp(phi_i + psi_j - c_ij / eps), shape (m,)."""
        if self._tick is not None:
            self._tick(1.0)
        product = self._times(self._transposed, self._a * self._xp.exp(phi - self._phi))
        return self._xp.log(product) + (psi - self._psi)

    def products(self, phi: Array, psi: Array) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
        """Products of the plan with vectors (m,), and of its transpose with vectors (n,)."""
        u, v = self._a * self._xp.exp(phi - self._phi), self._b * self._xp.exp(psi - self._psi)
        return lambda w: u * self._times(self._kernel, v * w), lambda w: v * self._times(self._transposed, u * w)

    def _times(self, kernel: Array, vector: Array) -> Array:
        if self._narrow == self._wide:
            return kernel @ vector
        return self._xp.astype(kernel @ self._xp.astype(vector, self._narrow), self._wide)

    def absorb(self, phi: Array, psi: Array) -> None:
        """Make the kernel anew if the potentials are far from those it holds."""
        xp = self._xp
        far = xp.maximum(xp.max(xp.abs(phi - self._phi)), xp.max(xp.abs(psi - self._psi)))
        if float(far) > self._limit:
            self._make(phi, psi)

    def _make(self, phi: Array, psi: Array) -> None:
        xp: Any = self._xp
        self._phi, self._psi = phi, psi
        if xp is not numpy:
            exponents = phi[:, None] + psi - self._cost / self._epsilon
            self._kernel = xp.exp(xp.astype(exponents, self._narrow, copy=False))
        else:
            # In place and by rows that fit the cache: a temporary of the whole matrix costs more than its exponentials.
            step = max(1, 32_768 // self._cost.shape[1])
            exponents = numpy.empty((step, self._cost.shape[1]), dtype=self._wide)
            for start in range(0, len(phi), step):
                part = self._kernel[start : start + step]
                # Exponents are differences of large numbers, which single precision would round too much.
                terms = exponents[: len(part)] if self._narrow != self._wide else part
                numpy.multiply(self._cost[start : start + step], -1 / self._epsilon, out=terms)
                numpy.add(terms, phi[start : start + step, None], out=terms)
                numpy.add(terms, psi, out=terms)
                if terms is not part:
                    part[...] = terms
                numpy.exp(part, out=part)
                if self._narrow == numpy.float32:
                    # Products with numbers next to the smallest take a hundred times as long.
                    numpy.multiply(part, part > _FAINT, out=part)
        self._transposed = xp.matrix_transpose(self._kernel)
