"""The law of a kernel density: a normal kernel about every row of a sample, all of one covariance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, as_generator, device_of, float_arrays, to_device, to_host
from gamedyn.distributions import Distribution
from gamedyn.numerics import logsumexp

__all__ = ["KernelDensityLaw"]

# Entries of a block of differences that stay in the cache.
_BLOCK = 1 << 18


class KernelDensityLaw(Distribution):
    """p(x) = mean_i N(x; x_i, K).

    Parameters
    ----------
    points : array, shape (n, d)
    root : array, shape (d, d)
        A lower triangle L with K = L L^T.
    """

    def __init__(self, points: Array, root: Array) -> None:
        self.points, self.root = points, root
        xp, host = array_namespace(points), to_host(root)
        self._whitening = to_device(numpy.linalg.inv(host), xp, dtype=points.dtype, device=device_of(points))
        # log det(2 pi K) / 2
        self._half_log_det = float(numpy.log(numpy.diagonal(host)).sum()) + len(host) / 2 * math.log(2 * math.pi)
        # Rows about their center, in which kernels are standard normal.
        self._center = xp.mean(points, axis=0)
        self._white = (points - self._center) @ xp.matrix_transpose(self._whitening)
        self._squares = 0.5 * xp.sum(self._white * self._white, axis=-1)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return ()

    @property
    def event_shape(self) -> tuple[int, ...]:
        return (int(self.points.shape[1]),)

    def _checked(self, x: Array) -> tuple[Any, Array]:
        xp, x, _ = float_arrays(x, self.points, names=("x", "points"))
        if x.ndim == 0 or tuple(x.shape[-1:]) != self.event_shape:
            raise ValueError(f"`x` must have shape (..., {self.event_shape[0]}), got {tuple(x.shape)}.")
        return xp, x

    def _blocks(self, x: Array) -> Iterator[tuple[Array, Array]]:
        """(white rows, log kernels of every point but for their constant and the square of the row) of blocks."""
        xp = array_namespace(x)
        n, d = self.points.shape
        flat = (xp.reshape(x, (-1, d)) - self._center) @ xp.matrix_transpose(self._whitening)
        step = max(1, _BLOCK // n)
        for begin in range(0, max(1, flat.shape[0]), step):
            rows = flat[begin : min(begin + step, flat.shape[0]), :]
            yield rows, rows @ xp.matrix_transpose(self._white) - self._squares

    def log_prob(self, x: Array) -> Array:
        xp, x = self._checked(x)
        parts = []
        for rows, exponents in self._blocks(x):
            parts.append(logsumexp(exponents, axis=-1) - 0.5 * xp.sum(rows * rows, axis=-1))
        constant = self._half_log_det + math.log(self.points.shape[0])
        return xp.reshape(xp.concat(parts) - constant, tuple(x.shape[:-1]))

    def score(self, x: Array) -> Array:
        xp, x = self._checked(x)
        parts = []
        for rows, exponents in self._blocks(x):
            shares = xp.exp(exponents - logsumexp(exponents, axis=-1, keepdims=True))
            parts.append((shares @ self._white - rows) @ self._whitening)
        return xp.reshape(xp.concat(parts), tuple(x.shape))

    def sample(self, n: int, *, rng: Any = None) -> Array:
        generator = as_generator(rng)
        xp, place = array_namespace(self.points), device_of(self.points)
        index = to_device(generator.integers(self.points.shape[0], size=n), xp, device=place)
        noise = to_device(generator.standard_normal((n, self.points.shape[1])), xp, dtype=xp.float64, device=place)
        return xp.take(self.points, index, axis=0) + noise @ xp.matrix_transpose(self.root)

    @property
    def mean(self) -> Array:
        return self._center

    @property
    def variance(self) -> Array:
        """The variance of the points plus that of the kernel."""
        xp = array_namespace(self.points)
        return xp.var(self.points, axis=0) + xp.sum(self.root * self.root, axis=-1)

    def leave_one_out(self) -> float:
        """The mean over the points of the log density that all other points make there."""
        n = self.points.shape[0]
        total, begin = 0.0, 0
        for rows, exponents in self._blocks(self.points):
            host = to_host(exponents).copy()
            index = numpy.arange(len(host))
            host[index, begin + index] = -numpy.inf
            begin += len(host)
            white = to_host(rows)
            total += float((logsumexp(host, axis=-1) - 0.5 * (white * white).sum(axis=-1)).sum())
        return float(total / n - self._half_log_det - math.log(n - 1))
