"""The field of values of a matrix, how fast it can grow at first, and how far it is from normal."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, device_of, real_dtype, to_device, to_host

__all__ = ["departure_from_normality", "numerical_abscissa", "numerical_range"]


def numerical_range(matrix: Any, *, n: int = 360) -> Array:
    """Points on the boundary of W(M) = {x* M x : |x| = 1}, a convex set that holds the eigenvalues.

    For every angle t the largest eigenvalue of the Hermitian part of e^{-i t} M is how far W reaches in the direction
    e^{i t}; its eigenvector x gives the boundary point x* M x. Of a normal matrix W is the convex hull of the
    eigenvalues; of [[0, 1], [0, 0]] the disk of radius 1/2. For J of a game, Re W are the rates at which |z - z*|^2 / 2
    can shrink at once: xi is monotone near z* where W lies in the right half plane.

    Parameters
    ----------
    matrix : array_like, shape (..., d, d)
        Real or complex.
    n : int
        Angles, equally spaced on the circle; at least 3.

    Returns
    -------
    complex array, shape (..., n)
        In counterclockwise order. The polygon lies within W; W lies within the half planes that its points touch.

    Raises
    ------
    ValueError
        If the matrix is not square or not finite.

    Notes
    -----
    Host-only: n Hermitian eigenproblems, O(n d^3).

    References
    ----------
    Johnson (1978), Numerical determination of the field of values of a general complex matrix, SIAM J. Numer. Anal. 15.

    Examples
    --------
    >>> points = numerical_range([[0.0, 1.0], [0.0, 0.0]], n=8)
    >>> numpy.abs(points).round(12).tolist()
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    """
    check_integer("n", n, minimum=3)
    host, put = _checked(matrix)
    turned = numpy.exp(-2j * numpy.pi * numpy.arange(n) / n)[:, None, None] * host[..., None, :, :]
    _, vectors = numpy.linalg.eigh((turned + _adjoint(turned)) / 2)
    x = vectors[..., -1]
    return put(numpy.einsum("...ni,...ij,...nj->...n", x.conj(), host, x), True)


def numerical_abscissa(matrix: Any) -> Array:
    """max Re W(M), the largest eigenvalue of (M + M*) / 2: |exp(t M)| grows at this rate at first.

    For the flow z' = -J z pass -J. At least the spectral abscissa, max Re of the eigenvalues, with equality for normal
    matrices: where one is positive and the other negative, trajectories move away before they converge.

    Parameters
    ----------
    matrix : array_like, shape (..., d, d)

    Returns
    -------
    array, shape (...)

    Raises
    ------
    ValueError
        If the matrix is not square or not finite.

    Notes
    -----
    Host-only.

    References
    ----------
    Trefethen and Embree (2005), Spectra and Pseudospectra.

    Examples
    --------
    >>> float(numerical_abscissa([[-1.0, 4.0], [0.0, -1.0]]))
    1.0
    """
    host, put = _checked(matrix)
    return put(numpy.linalg.eigvalsh((host + _adjoint(host)) / 2)[..., -1], False)


def departure_from_normality(matrix: Any) -> Array:
    """sqrt(|M|_F^2 - sum |l_i|^2), the norm of the strict triangle of M's Schur form: 0 exactly for normal matrices.

    Parameters
    ----------
    matrix : array_like, shape (..., d, d)

    Returns
    -------
    array, shape (...)
        In the units of the matrix.

    Raises
    ------
    ValueError
        If the matrix is not square or not finite.

    Notes
    -----
    Host-only. The triangle itself is summed: the difference of squares would leave sqrt(roundoff) |M|.

    References
    ----------
    Henrici (1962), Bounds for iterates, inverses, spectral variation and fields of values of non-normal matrices.

    Examples
    --------
    >>> float(departure_from_normality([[1.0, 3.0], [0.0, 2.0]]))
    3.0
    """
    from scipy.linalg import schur

    host, put = _checked(matrix)
    d = host.shape[-1]
    triangles = [numpy.triu(schur(m, output="complex")[0], 1) for m in host.reshape(-1, d, d)]
    norms = [numpy.linalg.norm(triangle) for triangle in triangles]
    return put(numpy.asarray(norms, dtype=float).reshape(host.shape[:-2]), False)


def _adjoint(matrix: numpy.ndarray) -> numpy.ndarray:
    return numpy.swapaxes(matrix, -1, -2).conj()


def _checked(matrix: Any) -> tuple[numpy.ndarray, Any]:
    """The matrix on the host in double precision, and what puts a result where the matrix was."""
    array = numpy.asarray(matrix, dtype=None) if isinstance(matrix, (list, tuple)) else matrix
    host = numpy.asarray(to_host(array))
    if host.ndim < 2 or host.shape[-1] != host.shape[-2] or host.shape[-1] == 0:
        raise ValueError(f"`matrix` must have shape (..., d, d) with d >= 1, got {tuple(host.shape)}.")
    host = host.astype(numpy.complex128 if numpy.iscomplexobj(host) else numpy.float64)
    if not numpy.all(numpy.isfinite(host)):
        raise ValueError("`matrix` must be finite, got infinite or NaN entries.")
    xp = array_namespace(array)
    floating = xp.isdtype(array.dtype, ("real floating", "complex floating"))
    single = floating and real_dtype(array) == xp.float32

    def put(values: Any, is_complex: bool) -> Array:
        kinds = (xp.complex64, xp.complex128) if is_complex else (xp.float32, xp.float64)
        return to_device(numpy.asarray(values), xp, dtype=kinds[0 if single else 1], device=device_of(array))

    return host, put
