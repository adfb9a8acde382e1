"""Means and covariances of two Gaussian laws as arguments: their shapes, symmetry and definiteness."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, float_arrays
from gamedyn.transport._weights import check_finite

__all__ = ["check_covariance", "read_moments", "symmetric"]

_NAMES = ("loc_x", "covariance_x", "loc_y", "covariance_y")


def read_moments(
    loc_x: Any, covariance_x: Any, loc_y: Any, covariance_y: Any, check: bool
) -> tuple[Any, dict[str, Array]]:
    """The namespace, and the four arguments by name."""
    missing = [name for name, given in (("loc_y", loc_y), ("covariance_y", covariance_y)) if given is None]
    if missing:
        raise ValueError(f"`{missing[0]}` must be given, unless the first two arguments are laws.")
    xp, *arrays = float_arrays(loc_x, covariance_x, loc_y, covariance_y, names=_NAMES)
    given = dict(zip(_NAMES, arrays, strict=True))
    d = arrays[0].shape[-1] if arrays[0].ndim else None
    for name, array in given.items():
        tail = (d,) if name.startswith("loc") else (d, d)
        if d is None or d == 0 or tuple(array.shape[-len(tail) :]) != tail:
            raise ValueError(
                f"means must have shape (..., d) and covariances (..., d, d) with one d >= 1, got `{name}` of shape "
                f"{tuple(array.shape)}" + (f" for d = {d}." if d else ".")
            )
    batches = {n: tuple(a.shape[: a.ndim - (1 if n.startswith("loc") else 2)]) for n, a in given.items()}
    try:
        numpy.broadcast_shapes(*batches.values())
    except ValueError as error:
        listed = ", ".join(f"`{name}`: {batch}" for name, batch in batches.items())
        raise ValueError(f"batches of means and covariances must broadcast, got {listed}.") from error
    if check:
        for name, array in given.items():
            check_finite(xp, array, name)
            if name.startswith("cov"):
                check_covariance(xp, array, name)
    return xp, given


def check_covariance(xp: Any, covariance: Array, name: str) -> None:
    """Raise unless matrices are symmetric and positive semi-definite, up to the rounding of sums over data."""
    d = covariance.shape[-1]
    if covariance.size == 0:
        return
    largest = xp.max(xp.abs(covariance), axis=(-2, -1))
    slack = 100 * d * float(xp.finfo(covariance.dtype).eps) * largest
    skew = xp.max(xp.abs(covariance - xp.matrix_transpose(covariance)), axis=(-2, -1))
    if bool(xp.any(skew > slack)):
        raise ValueError(f"`{name}` must be symmetric, got entries that differ by {float(xp.max(skew)):g}.")
    if xp is numpy:
        # A tenth of the time of the eigenvalues, where it succeeds.
        try:
            numpy.linalg.cholesky(covariance)
        except numpy.linalg.LinAlgError:
            pass
        else:
            return
    values = xp.linalg.eigvalsh(symmetric(xp, covariance))
    if bool(xp.any(values[..., 0] < -slack)):
        smallest = float(xp.min(values))
        raise ValueError(f"`{name}` must be positive semi-definite, got a smallest eigenvalue of {smallest:g}.")


def symmetric(xp: Any, matrix: Array) -> Array:
    """The mean of a matrix and its transpose."""
    return (matrix + xp.matrix_transpose(matrix)) / 2
