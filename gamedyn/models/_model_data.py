"""The data of a game that is trained: rows of numbers, or a law of which every draw is fresh."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, float_arrays, to_device, to_host
from gamedyn.distributions import Distribution

__all__ = ["checked_data", "features_of", "rows_of", "samples_of"]


def checked_data(data: Any) -> Any:
    """The law itself, or the rows as a floating array (n, features).

    Parameters
    ----------
    data : array_like, shape (n, features), or Distribution

    Raises
    ------
    ValueError
        If the rows have another shape, or hold what is not finite; the message names the place.
    """
    if isinstance(data, Distribution):
        return data
    _, data = float_arrays(data, names=("data",))
    if data.ndim != 2 or 0 in data.shape:
        hint = " Reshape samples of one feature to (n, 1)." if data.ndim == 1 else ""
        raise ValueError(f"`data` must have shape (n, features), got {tuple(data.shape)}.{hint}")
    bad = ~numpy.isfinite(to_host(data))
    if bad.any():
        row, column = (int(i) for i in numpy.argwhere(bad)[0])
        raise ValueError(f"`data` must be finite, got {to_host(data)[row, column]} at row {row}, column {column}.")
    return data


def features_of(data: Any) -> int:
    """How many features checked data have.

    Parameters
    ----------
    data : array, shape (n, features), or Distribution
    """
    if not isinstance(data, Distribution):
        return int(data.shape[1])
    batch, event = tuple(data.batch_shape), tuple(data.event_shape)
    if batch or len(event) > 1:
        raise ValueError(f"`data` must be one law of scalars or vectors, got batch shape {batch}, event shape {event}.")
    return event[0] if event else 1


def rows_of(data: Array, rows: Any) -> Array:
    """Some rows, by their numbers.

    Parameters
    ----------
    data : array, shape (n, features)
    rows : integer array of NumPy, shape (m,)
    """
    xp = array_namespace(data)
    return xp.take(data, to_device(rows, xp, device=device_of(data)), axis=0)


def samples_of(law: Distribution, n: int, rng: Any) -> Array:
    """(n, features): fresh samples of a law.

    Parameters
    ----------
    law : Distribution
    n : int
    rng : Generator
    """
    samples = law.sample(n, rng=rng)
    return array_namespace(samples).reshape(samples, (n, features_of(law)))
