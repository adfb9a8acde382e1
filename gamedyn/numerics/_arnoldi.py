"""Extreme eigenvalues of any real operator by Arnoldi's method with Krylov-Schur restarts, and their condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer, check_positive
from gamedyn.backend import Array, device_of, float_arrays, to_device, to_host
from gamedyn.numerics._krylov_schur import KrylovSchur

__all__ = ["ArnoldiResult", "arnoldi_eigenvalues"]


@dataclass(frozen=True, eq=False)
class ArnoldiResult:
    """Eigenvalues at one end of a spectrum, the outermost first; all arrays are NumPy's, on the host.

    Parameters
    ----------
    values : complex array, shape (m,)
        At least k of them where the operator has as many: conjugates stay together.
    vectors : complex array, shape (size, m)
        Right eigenvectors, of length 1.
    residuals : array, shape (m,)
        |A v - lambda v|, computed anew: lambda is an eigenvalue of a matrix that near to A.
    converged : bool array, shape (m,)
        Whether the residual is within the tolerance.
    products : int
        With A and with its transpose.
    left_vectors : complex array, shape (size, m), or None
        Of length 1, with w^H A = lambda w^H; nan where none was found.
    conditions : array, shape (m,), or None
        1 / |w^H v|; infinity where no left vector was found.
    """

    values: numpy.ndarray
    vectors: numpy.ndarray
    residuals: numpy.ndarray
    converged: numpy.ndarray
    products: int
    left_vectors: numpy.ndarray | None = None
    conditions: numpy.ndarray | None = None

    @property
    def error_bounds(self) -> numpy.ndarray | None:
        """To first order, how far an eigenvalue of A is from each value: condition times residual."""
        return None if self.conditions is None else self.conditions * self.residuals


def arnoldi_eigenvalues(
    matvec: Callable[[Array], Array],
    start: Array,
    *,
    k: int = 6,
    which: str = "LM",
    steps: int = 40,
    restarts: int = 100,
    tolerance: float = 1e-10,
    transpose: Callable[[Array], Array] | None = None,
) -> ArnoldiResult:
    """The k eigenvalues of largest modulus, or of largest or smallest real part, of a real A, symmetric or not.

    Parameters
    ----------
    matvec : callable
        v -> A v for real arrays of shape (size,).
    start : array, shape (size,)
        Starting vector, not zero; brings the array library, dtype and device of what `matvec` is given.
    k : int
        How many are wanted.
    which : {"LM", "LR", "SR"}
        Largest modulus, largest real part, smallest real part.
    steps : int
        Dimension of the Krylov space at which it is restarted, above k + 1.
    restarts : int
        At most.
    tolerance : float
        A pair has converged where |A v - lambda v| is at most this times the largest modulus seen.
    transpose : callable, optional
        v -> A^T v: then left vectors are found as well, and with them how sensitive each eigenvalue is.

    Returns
    -------
    ArnoldiResult
        Also where not all have converged; `converged` says which have.

    Raises
    ------
    ValueError
        If shapes do not fit, or the starting vector is 0 or not finite.

    Notes
    -----
    Host-only but for the products. Every new vector is made orthogonal to all others twice. A small residual proves an
    eigenvalue of a matrix nearby; that none lies further out is likely for a random start, and not proved. Memory:
    steps size numbers; each restart costs steps products and of order steps^2 size operations.

    References
    ----------
    Stewart (2002), A Krylov-Schur algorithm for large eigenproblems.
    Bai, Demmel, Dongarra, Ruhe and van der Vorst (2000), Templates for the Solution of Algebraic Eigenvalue Problems.

    Examples
    --------
    A turn by 90 degrees in the plane, beside a hundred eigenvalues in [0, 1).

    >>> import numpy
    >>> def product(v):
    ...     return numpy.concatenate([[-3 * v[1], 3 * v[0]], numpy.linspace(0, 0.99, 100) * v[2:]])
    >>> found = arnoldi_eigenvalues(product, numpy.ones(102), k=2)
    >>> found.values.imag.round(9).tolist()
    [3.0, -3.0]
    """
    check_integer("k", k, minimum=1)
    check_choice("which", which, ("LM", "LR", "SR"))
    check_integer("restarts", restarts, minimum=0)
    check_positive("tolerance", tolerance)
    xp, vector = float_arrays(start, names=("start",))
    host = to_host(vector)
    if host.ndim != 1 or not numpy.all(numpy.isfinite(host)) or not numpy.any(host):
        raise ValueError(f"`start` must be a finite vector of shape (size,), not 0, got shape {tuple(vector.shape)}.")
    size = len(host)
    k = min(k, size)
    check_integer("steps", steps, minimum=min(k + 2, size))

    def applied(operator: Callable[[Array], Array]) -> Callable[[numpy.ndarray], numpy.ndarray]:
        def product(v: numpy.ndarray) -> numpy.ndarray:
            image = operator(to_device(v, xp, dtype=vector.dtype, device=device_of(vector)))
            if tuple(image.shape) != (size,):
                raise ValueError(f"`matvec` must keep the shape {(size,)}, got {tuple(image.shape)}.")
            return numpy.asarray(to_host(image))

        return product

    solver = KrylovSchur(applied(matvec), host, k, which, min(steps, size), tolerance)
    values, vectors, residuals = solver.run(restarts)
    converged = residuals <= _bound(tolerance, solver.scale, host.dtype)
    order = _outermost_first(values, which)
    found = ArnoldiResult(values[order], vectors[:, order], residuals[order], converged[order], solver.products)
    if transpose is None:
        return found
    mirrored = KrylovSchur(applied(transpose), host, k, which, min(steps, size), tolerance)
    return _with_left_vectors(found, *mirrored.run(restarts), tolerance, mirrored)


def _bound(tolerance: float, scale: float, dtype: Any) -> float:
    """Residuals are computed with rounding themselves."""
    return max(tolerance, 100 * float(numpy.finfo(dtype).eps)) * scale


def _outermost_first(values: numpy.ndarray, which: str) -> numpy.ndarray:
    outer = {"LM": numpy.abs(values), "LR": values.real, "SR": -values.real}[which]
    # Conjugates stay together, the one above the real line first.
    return numpy.lexsort((-values.imag, -numpy.round(outer, 12)))


def _with_left_vectors(
    found: ArnoldiResult,
    values: numpy.ndarray,
    vectors: numpy.ndarray,
    residuals: numpy.ndarray,
    tolerance: float,
    mirrored: KrylovSchur,
) -> ArnoldiResult:
    """Each value with the vector of the transposed operator whose conjugate value is nearest, if it is its own."""
    left = numpy.full(found.vectors.shape, numpy.nan, dtype=complex)
    conditions = numpy.full(len(found.values), numpy.inf)
    free = list(range(len(values)))
    for j, value in enumerate(found.values):
        if not free:
            break
        # A^T u = mu u gives conj(u)^H A = mu conj(u)^H.
        i = min(free, key=lambda other: abs(values[other] - value))
        w = numpy.conj(vectors[:, i])
        overlap = abs(numpy.vdot(w, found.vectors[:, j]))
        if overlap == 0:
            continue
        near = (found.residuals[j] + residuals[i]) / overlap + _bound(tolerance, mirrored.scale, vectors.real.dtype)
        if abs(values[i] - value) <= 10 * near:
            free.remove(i)
            left[:, j], conditions[j] = w, 1 / overlap
    return ArnoldiResult(
        found.values,
        found.vectors,
        found.residuals,
        found.converged,
        found.products + mirrored.products,
        left,
        conditions,
    )
