"""EntropicPlan: a plan given by potentials, whose entries are made block by block when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, like
from gamedyn.transport._cost import Cost, PointCost
from gamedyn.transport._sinkhorn_log import log_masses

__all__ = ["EntropicPlan"]


@dataclass(frozen=True, eq=False)
class EntropicPlan:
    """plan_ij = a_i b_j exp((f_i + g_j - c_ij) / eps).

    Parameters
    ----------
    cost : Cost
        c, a stored matrix or made from points.
    a, b : array, shapes (n,) and (m,)
        Masses.
    f, g : array, shapes (n,) and (m,)
        Potentials.
    epsilon : float
        The temperature.
    entries : int
        How many numbers are made at a time.
    """

    cost: Cost
    a: Array
    b: Array
    f: Array
    g: Array
    epsilon: float
    entries: int = 65_536

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m)."""
        return self.cost.shape

    def blocks(self) -> Iterator[tuple[slice, Array, Array]]:
        """(rows, cost, plan) of some rows at a time."""
        xp: Any = array_namespace(self.a)
        left, right = log_masses(self.a) + self.f / self.epsilon, log_masses(self.b) + self.g / self.epsilon
        for rows, cost in self.cost.blocks(self.entries):
            if xp is numpy:
                plan = numpy.multiply(cost, -1 / self.epsilon)
                plan += left[rows, None]
                plan += right
                yield rows, cost, numpy.exp(plan, out=plan)
            else:
                yield rows, cost, xp.exp(left[rows, None] + right - cost / self.epsilon)

    def dense(self) -> Array:
        """The plan as an array, shape (n, m)."""
        return _joined(self.a, [plan for _, _, plan in self.blocks()])

    def margins(self) -> tuple[Array, Array]:
        """The sums of its rows and of its columns, shapes (n,) and (m,)."""
        xp = array_namespace(self.a)
        columns, rows = xp.zeros_like(self.b), []
        for _, _, plan in self.blocks():
            rows.append(xp.sum(plan, axis=1))
            columns = columns + xp.sum(plan, axis=0)
        return _joined(self.a, rows), columns

    def apply(self, values: Array) -> Array:
        """sum_j plan_ij values_j, shape (n, ...) for values of shape (m, ...): divided by a, the mean image of x_i."""
        xp = array_namespace(self.a)
        values = like(values, self.a)
        if values.ndim == 0 or values.shape[0] != self.shape[1]:
            raise ValueError(f"`values` must have shape ({self.shape[1]}, ...), got {tuple(values.shape)}.")
        flat = xp.reshape(values, (self.shape[1], -1))
        moved = _joined(self.a, [plan @ flat for _, _, plan in self.blocks()])
        return xp.reshape(moved, (self.shape[0], *values.shape[1:]))

    def transposed(self) -> EntropicPlan:
        """The way back: the plan from y to x."""
        return EntropicPlan(self.cost.transposed(), self.b, self.a, self.g, self.f, self.epsilon, self.entries)

    def transport_cost(self) -> Array:
        """sum plan_ij c_ij, shape ()."""
        xp = array_namespace(self.a)
        total = xp.zeros_like(self.a[0])
        for _, cost, plan in self.blocks():
            total = total + xp.sum(plan * cost)
        return total

    def position_gradients(self) -> tuple[Array, Array]:
        """(sum_j plan_ij dc_ij/dx_i, sum_i plan_ij dc_ij/dy_j), shapes (n, d) and (m, d).

        By the envelope theorem, the gradients in the points of an entropic objective at its optimum.

        Raises
        ------
        TypeError
            If the cost was given as a matrix, which has no points.
        """
        xp = array_namespace(self.a)
        points = self.points
        if points is None:
            raise TypeError("gradients in positions need points, got a plan for a matrix of costs.")
        by_x, by_y = [], xp.zeros_like(points.y)
        for rows, cost, plan in self.blocks():
            part, share = points.gradient(rows, cost, plan)
            by_x.append(part)
            by_y = by_y + share
        return _joined(self.a, by_x), by_y

    @property
    def points(self) -> PointCost | None:
        """The points that the cost was made from, where there are any."""
        return self.cost if isinstance(self.cost, PointCost) else None


def _joined(like_this: Array, parts: list[Array]) -> Array:
    xp = array_namespace(like_this)
    return parts[0] if len(parts) == 1 else xp.concat(parts, axis=0)
