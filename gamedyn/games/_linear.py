"""Products of constant matrices with points, shared by the games whose gradient is linear."""

from __future__ import annotations

import numpy

from gamedyn.backend import Array, array_namespace

__all__ = ["over_batch", "times"]


def times(matrix: Array, v: Array) -> Array:
    """matrix @ v for every v of the batch.

    Parameters
    ----------
    matrix : array, shape (m, k)
    v : array, shape (..., k)
    """
    # One product of two matrices for the whole batch, instead of one product with a vector for each point.
    xp, transposed = array_namespace(v), matrix.T
    if xp is numpy and v.ndim > 1:
        # BLAS is up to three times as fast with rows that lie together.
        transposed = numpy.ascontiguousarray(transposed)
    return xp.matmul(v, transposed)


def over_batch(v: Array, z: Array) -> Array:
    """v (..., d) repeated over the batch axes of z where a constant Jacobian has left them out."""
    xp = array_namespace(v)
    ndim = max(v.ndim, z.ndim)
    shapes = [(1,) * (ndim - a.ndim) + tuple(a.shape) for a in (v, z)]
    shape = tuple(b if a == 1 else a for a, b in zip(*shapes, strict=True))
    return v if shape == tuple(v.shape) else xp.broadcast_to(v, shape)
