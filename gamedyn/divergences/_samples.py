"""Two samples at the public border: (n, d) float arrays on the host, checked."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import array_namespace, float_arrays, to_host

__all__ = ["samples_on_host"]


def samples_on_host(x: Any, y: Any, *, at_least: int = 2) -> tuple[numpy.ndarray, numpy.ndarray]:
    """x of shape (n, d) and y of shape (m, d) as float64 on the host; a sample on the line may have shape (n,).

    Raises
    ------
    ValueError
        If a sample is too small, has a NaN or infinite entry (the message gives row and column), or the numbers of
        columns differ.
    """
    array_namespace(x, y)
    first, second = _sample(x, "x", at_least), _sample(y, "y", at_least)
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"`x` and `y` must have the same number of columns, got {first.shape[1]} and {second.shape[1]}."
        )
    return first, second


def _sample(values: Any, name: str, at_least: int) -> numpy.ndarray:
    _, array = float_arrays(values, names=(name,))
    host = to_host(array).astype("float64")
    if host.ndim not in (1, 2) or (host.ndim == 2 and host.shape[1] == 0):
        raise ValueError(f"`{name}` must have shape (n,) or (n, d) with d >= 1, got {describe(host)}.")
    host = host[:, None] if host.ndim == 1 else host
    if len(host) < at_least:
        raise ValueError(f"`{name}` must have at least {at_least} rows, got {len(host)}.")
    wrong = numpy.argwhere(~numpy.isfinite(host))
    if len(wrong):
        row, column = (int(i) for i in wrong[0])
        raise ValueError(f"`{name}` must be finite, got {host[row, column]} in row {row}, column {column}.")
    return host
