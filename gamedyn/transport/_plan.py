"""SparsePlan: a transport plan by its non-zero entries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host

__all__ = ["SparsePlan"]


@dataclass(frozen=True, eq=False)
class SparsePlan:
    """plan[rows[k], columns[k]] = masses[k], and 0 elsewhere; no entry stands twice.

    Parameters
    ----------
    rows, columns : array of integers, shape (k,)
        At most n + m - 1 entries for a vertex of the transport polytope.
    masses : array, shape (k,)
        Non-negative.
    shape : tuple of int
        (n, m).

    Examples
    --------
    >>> import numpy
    >>> plan = SparsePlan(numpy.array([0, 1]), numpy.array([1, 0]), numpy.array([0.25, 0.75]), (2, 2))
    >>> plan.dense().tolist()
    [[0.0, 0.25], [0.75, 0.0]]
    """

    rows: Array
    columns: Array
    masses: Array
    shape: tuple[int, int]

    def dense(self) -> Array:
        """The plan as an array, shape (n, m)."""
        rows, columns, masses = (to_host(part) for part in (self.rows, self.columns, self.masses))
        plan = numpy.zeros(self.shape, masses.dtype)
        plan[rows, columns] = masses
        return self._back(plan)

    def margins(self) -> tuple[Array, Array]:
        """The sums of its rows and of its columns, shapes (n,) and (m,)."""
        rows, columns, masses = (to_host(part) for part in (self.rows, self.columns, self.masses))
        sums = numpy.bincount(rows, masses, self.shape[0]), numpy.bincount(columns, masses, self.shape[1])
        return self._back(sums[0].astype(masses.dtype)), self._back(sums[1].astype(masses.dtype))

    def apply(self, values: Array) -> Array:
        """sum_j plan_ij values_j, shape (n, ...) for values of shape (m, ...): divided by a, the mean image of x_i."""
        rows, columns, masses = (to_host(part) for part in (self.rows, self.columns, self.masses))
        given = to_host(values)
        moved = numpy.zeros((self.shape[0], *given.shape[1:]), masses.dtype)
        numpy.add.at(moved, rows, masses.reshape(-1, *(1,) * (given.ndim - 1)) * given[columns])
        return self._back(moved)

    def _back(self, host: Array) -> Array:
        masses = self.masses
        return to_device(host, array_namespace(masses), dtype=masses.dtype, device=device_of(masses))
