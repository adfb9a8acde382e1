"""Newton steps in the first potential of an entropic dual, for problems on which alternate steps crawl."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.transport._sinkhorn_kernel import KernelMargins

__all__ = ["newton"]


def newton(
    margins: KernelMargins,
    a: Array,
    b: Array,
    phi: Array,
    psi: Array,
    *,
    softness: tuple[float, float],
    tolerance: float,
    max_iterations: int,
) -> tuple[Array, Array, float, int]:
    """(phi, psi, error, sweeps) after Newton steps on max over psi of the dual, whose slope is that of the row margins.

    Parameters
    ----------
    margins, a, b, phi, psi, softness, tolerance, max_iterations
        As in `ascend`. A conjugate gradient step costs as much as a sweep and counts as one.

    Notes
    -----
    Where clusters hardly exchange mass, alternate steps equalise them at the rate of that exchange; the Hessian
    diag(rows) - P diag(1 / columns) P^T then has as many small eigenvalues as there are clusters, which conjugate
    gradients find one by one. Steps are halved until the slope along them no longer turns by more than a half.
    """
    xp: Any = array_namespace(a)
    soft_a, soft_b = softness

    def column_step(phi: Array, psi: Array) -> Array:
        return psi - (margins.columns(phi, psi) + soft_b * psi) / (1 + soft_b)

    def slope(phi: Array, psi: Array) -> tuple[Array, Array, float]:
        rows = a * xp.exp(margins.rows(phi, psi))
        lacking = a * xp.exp(-soft_a * phi) - rows
        return rows, lacking, float(xp.sum(xp.abs(lacking)))

    psi = column_step(phi, psi)
    rows, lacking, error = slope(phi, psi)
    used = 1
    while error > tolerance and used < max_iterations:
        margins.absorb(phi, psi)
        forward, backward = margins.products(phi, psi)
        wanted_columns = b * xp.exp(-soft_b * psi)
        diagonal = rows + soft_a * (lacking + rows)
        inverse = 1 / xp.where(b > 0, (1 + soft_b) * wanted_columns, xp.ones_like(b))

        def hessian(v: Array) -> Array:
            return diagonal * v - forward(inverse * backward(v))  # noqa: B023

        reduction, most = min(0.1, math.sqrt(error)), min(300, max_iterations - used)
        step, sweeps = _conjugate_gradients(hessian, lacking, diagonal, reduction, most)
        used += sweeps
        along, length = float(xp.sum(step * lacking)), 1.0
        # Where clusters exchange less than rounding nothing curves; alternate steps still drift towards the end.
        if not along > 0:
            break
        for _ in range(12):
            trial = phi + length * step
            moved = column_step(trial, psi)
            found = slope(trial, moved)
            used += 1
            if float(xp.sum(step * found[1])) >= -along / 2 and found[2] <= 1.5 * error:
                break
            length /= 2
        else:
            break
        phi, psi = trial, moved
        rows, lacking, error = found
    return phi, psi, error, used


def _conjugate_gradients(
    product: Callable[[Array], Array], right: Array, diagonal: Array, reduction: float, most: int
) -> tuple[Array, int]:
    """(x, steps) with product(x) near `right`, preconditioned by the diagonal."""
    xp: Any = array_namespace(right)
    scale = 1 / xp.where(diagonal > 0, diagonal, xp.ones_like(diagonal))
    x, residual = xp.zeros_like(right), right
    direction = scale * residual
    inner = xp.sum(residual * direction)
    goal, step = reduction**2 * float(inner), 0
    while step < most and float(inner) > goal:
        step += 1
        image = product(direction)
        curvature = xp.sum(direction * image)
        # Past the last digit of the right side directions are noise, along which nothing curves.
        if float(curvature) <= 0:
            break
        rate = inner / curvature
        x, residual = x + rate * direction, residual - rate * image
        scaled = scale * residual
        before, inner = inner, xp.sum(residual * scaled)
        direction = scaled + inner / before * direction
    return x, step
