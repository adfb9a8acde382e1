"""Extreme eigenvalues of a symmetric operator by Lanczos' method, with residual bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, device_of, float_arrays, host_normal, to_device

__all__ = ["LanczosResult", "lanczos_extremes"]


@dataclass(frozen=True, eq=False)
class LanczosResult:
    """Ritz pairs at both ends of a spectrum: some eigenvalue lies within `residual` of each value.

    Parameters
    ----------
    smallest, largest : float
        Rayleigh quotients: the smallest eigenvalue is at most `smallest`, the largest at least `largest`.
    smallest_residual, largest_residual : float
        |A y - theta y| / |y|, computed anew from the Ritz vector y.
    smallest_vector, largest_vector : array, shape (size,)
        Unit Ritz vectors.
    steps : int
        Dimension of the Krylov space.
    """

    smallest: float
    largest: float
    smallest_residual: float
    largest_residual: float
    smallest_vector: Array
    largest_vector: Array
    steps: int


def lanczos_extremes(
    matvec: Callable[[Array], Array],
    size: int,
    *,
    steps: int = 50,
    rng: Any = None,
    start: Array | None = None,
) -> LanczosResult:
    """Ritz values theta at both ends of the spectrum of a symmetric A, and |A y - theta y|, which bounds their error.

    Parameters
    ----------
    matvec : callable
        v -> A v for arrays of shape (size,); A must be symmetric.
    size : int
        Dimension.
    steps : int
        Products with A at most; a Krylov space that closes earlier ends the iteration.
    rng : None, int or numpy.random.Generator
        For the starting vector, where none is given.
    start : array, shape (size,), optional
        Starting vector, not zero; brings the array library, dtype and device. NumPy float64 by default.

    Returns
    -------
    LanczosResult

    Raises
    ------
    ValueError
        If shapes do not fit, or the starting vector is 0 or not finite.

    Notes
    -----
    For symmetric A, some eigenvalue lies within |A y - theta y| of theta, for any unit vector y; that it is the extreme
    one is almost sure for a random start, and not proved. Every new vector is made orthogonal to all earlier ones
    twice, so that no spurious copies appear. Cost: steps products, steps^2 size operations, steps size memory.

    References
    ----------
    Parlett (1998), The Symmetric Eigenvalue Problem.

    Examples
    --------
    >>> import numpy
    >>> diagonal = numpy.arange(1.0, 101.0)
    >>> result = lanczos_extremes(lambda v: diagonal * v, 100, steps=100, rng=0)
    >>> round(result.smallest, 9), round(result.largest, 9)
    (1.0, 100.0)
    """
    check_integer("size", size, 1)
    check_integer("steps", steps, 1)
    if start is None:
        start = host_normal(rng, (size,), numpy)
    xp, vector = float_arrays(start, names=("start",))
    norm = float(xp.linalg.vector_norm(vector)) if tuple(vector.shape) == (size,) else 0.0
    if not 0 < norm < float("inf"):
        raise ValueError(f"`start` must be a finite vector of shape ({size},), not 0, got shape {tuple(vector.shape)}.")
    vector, limit = vector / norm, min(steps, size)
    basis = _Rows(vector, limit) if isinstance(vector, numpy.ndarray) else _Columns(vector, limit)
    alphas: list[float] = []
    betas: list[float] = []
    tiny = 100 * size**0.5 * float(xp.finfo(vector.dtype).eps)
    while True:
        basis.append(vector)
        image = _product(matvec, vector)
        scale = _norm(xp, image)
        alphas.append(float(xp.vecdot(vector, image)))
        for _ in range(2):
            image = basis.without(image)
        beta = _norm(xp, image)
        # What is left of a closed Krylov space is rounding.
        if len(alphas) == limit or beta <= tiny * max(scale, *map(abs, alphas), *betas, 0.0):
            break
        betas.append(beta)
        vector = image / beta
    tridiagonal = numpy.diag(alphas) + numpy.diag(betas, 1) + numpy.diag(betas, -1)
    coefficients = numpy.linalg.eigh(tridiagonal)[1]
    smallest = _ritz_pair(matvec, basis, coefficients[:, 0])
    largest = _ritz_pair(matvec, basis, coefficients[:, -1])
    return LanczosResult(
        smallest=smallest[0],
        largest=largest[0],
        smallest_residual=smallest[1],
        largest_residual=largest[1],
        smallest_vector=smallest[2],
        largest_vector=largest[2],
        steps=len(alphas),
    )


class _Columns:
    """Orthonormal vectors in a matrix of one shape throughout, columns still empty being 0.

    A growing one would be compiled anew by JAX at every step.
    """

    def __init__(self, like: Array, limit: int) -> None:
        self._xp = array_namespace(like)
        self._count, self._numbers = 0, self._xp.arange(limit, device=device_of(like))
        self._matrix = self._xp.zeros((like.shape[0], limit), dtype=like.dtype, device=device_of(like))

    def append(self, vector: Array) -> None:
        self._matrix = self._xp.where(self._numbers == self._count, vector[:, None], self._matrix)
        self._count += 1

    def without(self, vector: Array) -> Array:
        """The vector less its parts along these."""
        return vector - self._matrix @ (self._xp.matrix_transpose(self._matrix) @ vector)

    def combined(self, coefficients: numpy.ndarray) -> Array:
        """The sum of these with as many coefficients."""
        xp, matrix = self._xp, self._matrix[:, : self._count]
        return matrix @ to_device(coefficients, xp, dtype=matrix.dtype, device=device_of(matrix))


class _Rows:
    """The same in NumPy, where a row is written in place and products run through memory."""

    def __init__(self, like: numpy.ndarray, limit: int) -> None:
        self._matrix, self._count = numpy.empty((limit, len(like)), dtype=like.dtype), 0

    def append(self, vector: numpy.ndarray) -> None:
        self._matrix[self._count] = vector
        self._count += 1

    def without(self, vector: numpy.ndarray) -> numpy.ndarray:
        """The vector less its parts along these."""
        known = self._matrix[: self._count]
        return vector - (known @ vector) @ known  # type: ignore[no-any-return]

    def combined(self, coefficients: numpy.ndarray) -> numpy.ndarray:
        """The sum of these with as many coefficients."""
        return numpy.asarray(coefficients.astype(self._matrix.dtype) @ self._matrix[: self._count])


def _norm(xp: Any, x: Array) -> float:
    """Euclidean norm, also where squares would under- or overflow: a residual of 0 would claim too much."""
    peak = float(xp.max(xp.abs(x)))
    return peak * float(xp.linalg.vector_norm(x / peak)) if 0 < peak < float("inf") else peak


def _product(matvec: Callable[[Array], Array], v: Array) -> Array:
    image = matvec(v)
    if tuple(image.shape) != tuple(v.shape):
        raise ValueError(f"`matvec` must keep the shape {tuple(v.shape)}, got {tuple(image.shape)}.")
    return image


def _ritz_pair(
    matvec: Callable[[Array], Array], basis: _Rows | _Columns, coefficients: numpy.ndarray
) -> tuple[float, float, Array]:
    """Rayleigh quotient, residual and unit vector of a combination of the basis."""
    y = basis.combined(coefficients)
    xp = array_namespace(y)
    y = y / xp.linalg.vector_norm(y)
    image = _product(matvec, y)
    theta = xp.vecdot(y, image)
    return float(theta), _norm(xp, image - theta * y), y
