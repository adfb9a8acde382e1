"""Two samples at the public border: (n, d) float arrays, checked, with weights."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace, float_arrays, to_host

__all__ = ["check_spread", "sample_array", "sample_arrays", "sample_weights", "samples_on_host"]


def samples_on_host(x: Any, y: Any, *, at_least: int = 2) -> tuple[numpy.ndarray, numpy.ndarray]:
    """x of shape (n, d) and y of shape (m, d) as float64 on the host; a sample on the line may have shape (n,).

    Raises
    ------
    ValueError
        If a sample is too small, has a NaN or infinite entry (the message gives row and column), or the numbers of
        columns differ.
    """
    array_namespace(x, y)
    first, second = (
        _checked(_rows(to_host(float_arrays(values, names=(name,))[1]).astype("float64"), name, at_least), name)
        for values, name in ((x, "x"), (y, "y"))
    )
    _check_columns(first, second)
    return first, second


def check_spread(*samples: numpy.ndarray) -> None:
    """Raise a ValueError where squares of differences between rows would over- or underflow."""
    origin = samples[0][:1]
    with numpy.errstate(over="ignore"):
        largest = max(float(numpy.max(numpy.abs(rows - origin))) for rows in samples)
    if largest > 1e150 or 0 < largest < 1e-150:
        raise ValueError(
            f"`x` and `y` must spread over 1e-150 to 1e150, so that squares can be held, got a spread of {largest:g}. "
            "Rescale them."
        )


def sample_arrays(x: Any, y: Any, *, at_least: int = 2, check: bool = True) -> tuple[Any, Array, Array]:
    """The namespace, x of shape (n, d) and y of shape (m, d) in their own library and one precision.

    `check=False` looks at shapes only, so that traced arrays pass. Raises as `samples_on_host`.
    """
    xp, x, y = float_arrays(x, y, names=("x", "y"))
    x, y = _rows(x, "x", at_least), _rows(y, "y", at_least)
    _check_columns(x, y)
    if check:
        _checked(to_host(x), "x")
        _checked(to_host(y), "y")
    return xp, x, y


def sample_array(x: Any, *, at_least: int = 2, check: bool = True) -> tuple[Any, Array]:
    """One sample as `sample_arrays` gives two."""
    xp, x = float_arrays(x, names=("x",))
    x = _rows(x, "x", at_least)
    if check:
        _checked(to_host(x), "x")
    return xp, x


def sample_weights(weights: Any, name: str, sample: Array, *, check: bool = True) -> Array:
    """Weights of sum 1 for the rows of `sample`, in its library; equal where none are given.

    Raises
    ------
    ValueError
        Unless there is one finite, non-negative weight for each row, and one of them positive.
    """
    n = sample.shape[0]
    if weights is None:
        xp = array_namespace(sample)
        return xp.ones_like(sample[:, 0]) / n
    xp, weights, sample = float_arrays(weights, sample, names=(name, "x"))
    if tuple(weights.shape) != (n,):
        raise ValueError(f"`{name}` must have shape ({n},), one weight for each row, got {describe(weights)}.")
    if check:
        host = to_host(weights)
        wrong = numpy.flatnonzero(~(numpy.isfinite(host) & (host >= 0)))
        if len(wrong):
            raise ValueError(f"`{name}` must be finite and not negative, got {host[wrong[0]]} in row {wrong[0]}.")
        if not numpy.any(host > 0):
            raise ValueError(f"`{name}` must hold a positive weight, got only zeros.")
    return weights / xp.sum(weights)


def _rows(array: Array, name: str, at_least: int) -> Array:
    if array.ndim not in (1, 2) or (array.ndim == 2 and array.shape[1] == 0):
        raise ValueError(f"`{name}` must have shape (n,) or (n, d) with d >= 1, got {describe(array)}.")
    if array.ndim == 1:
        array = array[:, None]
    if array.shape[0] < at_least:
        raise ValueError(f"`{name}` must have at least {at_least} rows, got {array.shape[0]}.")
    return array


def _checked(host: numpy.ndarray, name: str) -> numpy.ndarray:
    # A sum is finite unless an entry is not, or it overflows: only then are the entries looked at one by one.
    with numpy.errstate(over="ignore", invalid="ignore"):
        suspicious = not numpy.isfinite(numpy.sum(host))
    if suspicious and len(wrong := numpy.argwhere(~numpy.isfinite(host))):
        row, column = wrong[0].tolist()
        raise ValueError(f"`{name}` must be finite, got {host[row, column]} in row {row}, column {column}.")
    return host


def _check_columns(first: Array, second: Array) -> None:
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"`x` and `y` must have the same number of columns, got {first.shape[1]} and {second.shape[1]}."
        )
