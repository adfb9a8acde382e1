"""Random numbers: drawn on the host, so that every array library sees the same stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.backend._namespace import Array, to_device

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["as_generator", "host_normal", "host_uniform"]


def as_generator(rng: Any) -> Generator:
    """A NumPy Generator from `rng` as in the Scientific Python SPEC 7.

    Parameters
    ----------
    rng : None, int, sequence of int, SeedSequence, BitGenerator or Generator
        None draws fresh entropy; a Generator passes through and is advanced by its user.

    Raises
    ------
    TypeError
        For a legacy RandomState or anything else that cannot seed a Generator.
    ValueError
        For a negative seed.
    """
    if isinstance(rng, numpy.random.Generator):
        return rng
    try:
        if isinstance(rng, numpy.random.RandomState):
            raise TypeError
        return numpy.random.default_rng(rng)
    except TypeError as error:
        kind = type(rng).__name__
        raise TypeError(f"`rng` must be None, an integer seed or a numpy.random.Generator, got {kind}.") from error
    except ValueError as error:
        raise ValueError(f"`rng` must be a non-negative seed, got {rng!r}.") from error


def host_normal(rng: Any, shape: tuple[int, ...], xp: Any, *, dtype: Any = None, device: Any = None) -> Array:
    """Standard normal draws of `shape`, made on the host and moved into the namespace `xp`.

    Parameters
    ----------
    rng : see `as_generator`
    shape : tuple of int
    xp : module
    dtype, device : optional
        Of `xp`. The stream does not depend on them: float32 draws are rounded float64 draws.
    """
    return to_device(as_generator(rng).standard_normal(shape), xp, dtype=dtype or xp.float64, device=device)


def host_uniform(rng: Any, shape: tuple[int, ...], xp: Any, *, dtype: Any = None, device: Any = None) -> Array:
    """Draws from the uniform law on [0, 1), made on the host and moved into the namespace `xp`.

    Parameters
    ----------
    rng : see `as_generator`
    shape : tuple of int
    xp : module
    dtype, device : optional
        Of `xp`.
    """
    draws = as_generator(rng).random(shape)
    if dtype is not None and dtype != xp.float64:
        # Rounding to a shorter format could reach 1, once in 2^25 draws.
        draws = numpy.minimum(draws, 1 - 2.0**-24)
    return to_device(draws, xp, dtype=dtype or xp.float64, device=device)
