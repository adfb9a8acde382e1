"""Sparse plans with given margins: the north-west corner, and the repair of a plan that nearly has them."""

from __future__ import annotations

import numpy

from gamedyn.transport._certificate import cut_to

__all__ = ["Entries", "north_west_corner", "with_margins"]

Entries = tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]
"""(rows, columns, masses) of a plan; no place stands twice."""


def north_west_corner(a: numpy.ndarray, b: numpy.ndarray) -> Entries:
    """The plan that fills rows and columns in their order: at most n + m - 1 entries.

    Parameters
    ----------
    a, b : array, shapes (n,) and (m,)
        Non-negative, of one sum.
    """
    below_a, below_b = numpy.cumsum(a), numpy.cumsum(b)
    levels = numpy.concatenate([below_a, below_b])
    # Two sums differ by rounding; what exceeds the smaller one has no place.
    levels = numpy.unique(numpy.minimum(levels, min(below_a[-1], below_b[-1])))
    masses = numpy.diff(levels, prepend=0.0)
    rows = numpy.minimum(numpy.searchsorted(below_a, levels), len(a) - 1)
    columns = numpy.minimum(numpy.searchsorted(below_b, levels), len(b) - 1)
    kept = masses > 0
    return rows[kept], columns[kept], masses[kept]


def with_margins(entries: Entries, a: numpy.ndarray, b: numpy.ndarray) -> Entries:
    """A plan with margins a and b near one without: cut to size, the missing mass laid out by the north-west corner.

    Parameters
    ----------
    entries : Entries
        Masses of any sign; those <= 0 are dropped.
    a, b : array, shapes (n,) and (m,)
        Non-negative, of one sum.
    """
    rows, columns, masses = (part[entries[2] > 0] for part in entries)
    masses = masses * cut_to(numpy, a, numpy.bincount(rows, masses, len(a)))[rows]
    masses = masses * cut_to(numpy, b, numpy.bincount(columns, masses, len(b)))[columns]
    short_rows, short_columns = (_short(a, rows, masses), _short(b, columns, masses))
    if not short_rows.any() or not short_columns.any():
        return rows, columns, masses
    added = north_west_corner(short_rows, short_columns)
    places = numpy.concatenate([rows * len(b) + columns, added[0] * len(b) + added[1]])
    unique, index = numpy.unique(places, return_inverse=True)
    masses = numpy.bincount(index, numpy.concatenate([masses, added[2]]), len(unique))
    rows, columns = numpy.divmod(unique, len(b))
    return rows, columns, masses


def _short(wanted: numpy.ndarray, index: numpy.ndarray, masses: numpy.ndarray) -> numpy.ndarray:
    """What is missing of each margin, 0 where no more than its rounding."""
    missing = wanted - numpy.bincount(index, masses, len(wanted))
    return numpy.asarray(numpy.where(missing > 8 * 2.0**-52 * wanted, missing, 0.0))
