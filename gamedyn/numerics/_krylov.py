"""Krylov solvers on callables, batched over leading axes: conjugate gradients and GMRES."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, array_namespace

__all__ = ["KrylovResult", "conjugate_gradient", "gmres"]

# Reading whether all systems are solved waits for the device, so it is done once per this many iterations.
_ITERATIONS_BETWEEN_READS = 8


class KrylovResult(NamedTuple):
    """What an iterative solver found, for every system of the batch."""

    solution: Array
    """(..., d): the last iterate."""
    residual: Array
    """(...,): |b - A x| / |b|, as the recurrence has it; 0 where b = 0."""
    iterations: int
    """Products with A that were made, the one for the start included."""


def conjugate_gradient(
    operator: Callable[[Array], Array],
    right: Array,
    *,
    start: Array | None = None,
    tolerance: float = 1e-12,
    max_iterations: int = 200,
) -> KrylovResult:
    """A x = b for symmetric positive definite A.

    Parameters
    ----------
    operator : callable
        v (..., d) -> A v (..., d), another A for every member of the batch if need be.
    right : array, shape (..., d)
        b.
    start : array, shape (..., d), optional
        First iterate; 0 by default.
    tolerance : float
        A system is left alone once |b - A x| <= tolerance |b|.
    max_iterations : int
        Products at most; a system that has not converged then says so by its residual.

    Returns
    -------
    KrylovResult

    Notes
    -----
    The host looks once every 8 iterations whether systems are left. A system that is solved stands still meanwhile.

    References
    ----------
    Hestenes, Stiefel (1952), Methods of conjugate gradients for solving linear systems.

    Examples
    --------
    Two eigenvalues take two iterations.

    >>> import numpy
    >>> found = conjugate_gradient(lambda v: numpy.array([1.0, 4.0]) * v, numpy.array([1.0, 8.0]))
    >>> found.solution.round(12).tolist()
    [1.0, 2.0]
    """
    check_positive("tolerance", tolerance)
    check_integer("max_iterations", max_iterations, minimum=1)
    xp = array_namespace(right)
    x = xp.zeros_like(right) if start is None else start
    residual = right if start is None else right - operator(start)
    products = 0 if start is None else 1
    scale = _dot(right, right)
    goal = tolerance**2 * scale
    direction, square = residual, _dot(residual, residual)
    for k in range(max_iterations):
        if k % _ITERATIONS_BETWEEN_READS == 0 and not bool(xp.any(square > goal)):
            break
        image = operator(direction)
        products += 1
        active = square > goal
        step = xp.where(active, _quotient(square, _dot(direction, image)), 0)
        x = x + step * direction
        residual = residual - step * image
        new = _dot(residual, residual)
        direction = xp.where(active, residual + _quotient(new, square) * direction, direction)
        square = xp.where(active, new, square)
    return KrylovResult(x, xp.sqrt(_quotient(square, scale))[..., 0], products)


def gmres(
    operator: Callable[[Array], Array],
    right: Array,
    *,
    start: Array | None = None,
    tolerance: float = 1e-12,
    restart: int = 40,
    max_iterations: int = 400,
) -> KrylovResult:
    """A x = b for any invertible A, by least residuals over Krylov spaces of at most `restart` dimensions.

    Parameters
    ----------
    operator, right, start, tolerance, max_iterations
        As for `conjugate_gradient`; A need not be symmetric.
    restart : int
        Vectors kept; with d of them, and exact arithmetic, one round suffices.

    Returns
    -------
    KrylovResult

    Notes
    -----
    The Krylov basis is orthogonalised twice. The host looks once every 8 iterations, and at every restart, whether
    systems are left.

    References
    ----------
    Saad, Schultz (1986), GMRES: a generalized minimal residual algorithm for solving nonsymmetric linear systems.

    Examples
    --------
    >>> import numpy
    >>> turn = numpy.array([[1.0, 2.0], [-2.0, 1.0]])
    >>> gmres(lambda v: turn @ v, numpy.array([5.0, 0.0])).solution.round(12).tolist()
    [1.0, 2.0]
    """
    check_positive("tolerance", tolerance)
    check_integer("restart", restart, minimum=1)
    check_integer("max_iterations", max_iterations, minimum=1)
    xp = array_namespace(right)
    x = xp.zeros_like(right) if start is None else start
    residual = right if start is None else right - operator(start)
    products = 0 if start is None else 1
    scale = xp.sqrt(_dot(right, right))
    goal = tolerance * scale
    while products < max_iterations:
        size = xp.sqrt(_dot(residual, residual))
        if not bool(xp.any(size > goal)):
            break
        budget = min(restart, max_iterations - products, right.shape[-1])
        correction, used = _arnoldi_round(operator, residual, size, goal, budget)
        # A system that is solved stands still: noise of its further directions must not move it.
        x = xp.where(size > goal, x + correction, x)
        residual = right - operator(x)
        products += used + 1
    size = xp.sqrt(_dot(residual, residual))
    return KrylovResult(x, _quotient(size, scale)[..., 0], products)


def _arnoldi_round(
    operator: Callable[[Array], Array], residual: Array, size: Array, goal: Array, budget: int
) -> tuple[Array, int]:
    """The correction of least residual over the Krylov space of `residual`, and the products made."""
    xp = array_namespace(residual)
    basis = [_quotient(residual, size)]
    columns: list[list[Array]] = []
    rotations: list[tuple[Array, Array]] = []
    heights = [size]
    for k in range(budget):
        image = operator(basis[k])
        column = [xp.zeros_like(size)] * (k + 1)
        for _ in range(2):
            parts = [_dot(v, image) for v in basis]
            for v, part in zip(basis, parts, strict=True):
                image = image - part * v
            column = [a + b for a, b in zip(column, parts, strict=True)]
        rest = xp.sqrt(_dot(image, image))
        # Where the space is exhausted what is left is rounding: taken for a direction it would spoil the least squares.
        total = xp.sqrt(sum((a * a for a in column), rest * rest))
        rest = xp.where(rest > 4 * xp.finfo(rest.dtype).eps * total, rest, xp.zeros_like(rest))
        basis.append(_quotient(image, rest))
        for j, (cosine, sine) in enumerate(rotations):
            column[j], column[j + 1] = _turned(column, j, cosine, sine)
        radius = xp.sqrt(column[k] * column[k] + rest * rest)
        cosine, sine = xp.where(radius == 0, 1, _quotient(column[k], radius)), _quotient(rest, radius)
        rotations.append((cosine, sine))
        column[k] = radius
        columns.append(column)
        heights.append(-sine * heights[k])
        heights[k] = cosine * heights[k]
        if (k + 1) % _ITERATIONS_BETWEEN_READS == 0 and not bool(xp.any(xp.abs(heights[-1]) > goal)):
            break
    # Back substitution; a direction that the operator maps to nothing new has weight 0.
    weights: list[Array] = []
    for i in range(len(columns) - 1, -1, -1):
        known = sum((columns[j][i] * w for j, w in zip(range(len(columns) - 1, i, -1), weights, strict=True)), 0)
        weights.append(_quotient(heights[i] - known, columns[i][i]))
    correction = xp.zeros_like(residual)
    for v, w in zip(basis, reversed(weights), strict=False):
        correction = correction + w * v
    return correction, len(columns)


def _turned(column: list[Array], j: int, cosine: Array, sine: Array) -> tuple[Array, Array]:
    """Rows j and j + 1 of a column after one Givens rotation."""
    return cosine * column[j] + sine * column[j + 1], cosine * column[j + 1] - sine * column[j]


def _dot(a: Array, b: Array) -> Array:
    """(..., 1): the inner product over the last axis."""
    return array_namespace(a).sum(a * b, axis=-1, keepdims=True)


def _quotient(a: Array, b: Array) -> Array:
    """a / b, and 0 where b = 0."""
    xp = array_namespace(b)
    zero = b == 0
    return xp.where(zero, 0, a / xp.where(zero, 1, b))
