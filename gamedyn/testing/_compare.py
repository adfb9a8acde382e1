"""compare: two arrays that should be equal, or a sentence naming the worst entry."""

from __future__ import annotations

import numpy

from gamedyn.backend import Array

__all__ = ["compare"]


def compare(what: str, measured: Array, expected: Array, tolerance: float, oracle: str) -> None:
    """Raise unless `measured` is within `tolerance` of `expected`, relative to the largest entry of `expected`.

    Parameters
    ----------
    what : str
        Which array of which object, for the message.
    measured, expected : array
    tolerance : float
    oracle : str
        Where `expected` comes from.

    Raises
    ------
    AssertionError
        With the worst index and both values.
    """
    measured, expected = numpy.asarray(measured), numpy.asarray(expected)
    if measured.shape != expected.shape:
        raise AssertionError(f"{what} has shape {measured.shape}, expected {expected.shape}.")
    error = numpy.abs(measured - expected)
    if not numpy.all(error <= tolerance * numpy.max(numpy.abs(expected), initial=0.0)):
        # argmax takes the first nan, if there is one, for the largest.
        index = tuple(int(i) for i in numpy.unravel_index(numpy.argmax(error), error.shape))
        raise AssertionError(f"{what} at index {index} is {measured[index]!r}, {oracle} {expected[index]!r}.")
