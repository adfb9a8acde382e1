"""The box that a search covers: its bounds, checked, and within the game's domain."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn.backend import Array, array_namespace, device_of, float_arrays, to_device, to_host
from gamedyn.games import Domain, Reals

__all__ = ["SearchBox", "as_search_box"]


class SearchBox(NamedTuple):
    """Bounds on the host, and the array that they came in."""

    low: numpy.ndarray
    """(d,)"""
    high: numpy.ndarray
    """(d,)"""
    source: Array

    @property
    def width(self) -> numpy.ndarray:
        """(d,)"""
        return numpy.asarray(self.high - self.low)

    def send(self, points: numpy.ndarray) -> Array:
        """Host points where the box came from."""
        source = self.source
        sent: Array = to_device(points, array_namespace(source), dtype=source.dtype, device=device_of(source))
        return sent

    def project(self, domain: Domain, points: numpy.ndarray) -> numpy.ndarray:
        """Into the box, then into the domain."""
        clipped = numpy.clip(points, self.low, self.high)
        return numpy.asarray(clipped if type(domain) is Reals else to_host(domain.project(self.send(clipped))))


def as_search_box(box: Any, d: int) -> SearchBox:
    """((low_1, high_1), ..., (low_d, high_d)) after checks.

    Parameters
    ----------
    box : array_like, shape (d, 2)
        Finite, low < high in every row.
    d : int
        Coordinates of a joint point.

    Raises
    ------
    ValueError
        If it has another shape, is not finite or is empty.
    """
    _, source = float_arrays(box, names=("box",))
    if tuple(source.shape) != (d, 2):
        raise ValueError(
            f"`box` must have shape ({d}, 2), a row (low, high) per coordinate, got {tuple(source.shape)}."
        )
    bounds = to_host(source)
    if not numpy.all(numpy.isfinite(bounds)):
        raise ValueError("`box` must be finite, got infinite or NaN bounds.")
    empty = numpy.nonzero(bounds[:, 0] >= bounds[:, 1])[0]
    if len(empty):
        k = int(empty[0])
        low, high = (float(bound) for bound in bounds[k])
        raise ValueError(f"`box` must have low < high in every row, got ({low:g}, {high:g}) in row {k}.")
    return SearchBox(bounds[:, 0], bounds[:, 1], source)
