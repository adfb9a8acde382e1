"""Rigorous positive definiteness: a floating-point Cholesky factorisation that is a proof."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_nonnegative
from gamedyn.backend import Array, float_arrays, to_host
from gamedyn.numerics._definiteness_together import LARGEST_TOGETHER, decide_together
from gamedyn.numerics._verdict import Verdict

__all__ = ["is_positive_definite"]


def is_positive_definite(matrix: Array, *, error_bound: Any = 0.0) -> Verdict:
    """Whether x^T A x > 0 for all x != 0, proved in floating point: "yes", "no" or "undecided".

    Parameters
    ----------
    matrix : array_like, shape (..., d, d)
        Real and exactly symmetric; taken as exact. Copied to the host.
    error_bound : float, or array_like that broadcasts to the leading axes
        Bound on the spectral norm of the error of `matrix`: "yes" and "no" then hold for every symmetric matrix that
        near.

    Returns
    -------
    Verdict
        Over the leading axes. `margin` is a bound on the smallest eigenvalue of D A D, with D the powers of two that
        bring the diagonal into [1/2, 2): a proved lower bound > 0 for "yes", a proved upper bound <= 0 for "no", the
        computed eigenvalue for "undecided". A diagonal entry <= 0 is its own margin.

    Raises
    ------
    ValueError
        If the matrix is not square and exactly symmetric, or not finite.

    Notes
    -----
    Scaling by powers of two is exact and keeps definiteness. Let u be the unit roundoff, B = D A D, and R the factor
    that Cholesky's method computes of B - c I without breaking down. In any order of summation
    |R^T R - (B - c I)| <= k u |R^T| |R| entrywise with k = d + 1 (Rump and Jeannerod 2014, Theorem 4.4), one more where
    division is by a reciprocal; since |R^T| |R| has entries below sqrt(b_ii b_jj) / (1 - k u), the error has spectral
    norm at most k u / (1 - k u) tr(B). So c above this bound, plus a term for underflow, makes success a proof
    (Rump 2006). "no" is proved by a vector x, with an upper bound on x^T B x that holds in spite of rounding. The test
    is run in the precision of the input. Cost: two factorisations and one symmetric eigenproblem for each matrix.

    References
    ----------
    Rump (2006), Verification of positive definiteness, BIT Numerical Mathematics 46.
    Rump and Jeannerod (2014), Improved backward error bounds for LU and Cholesky factorizations, SIAM J. Matrix Anal.
    Appl. 35, Theorem 4.4.

    Examples
    --------
    >>> is_positive_definite([[2.0, 1.0], [1.0, 2.0]]).answer
    'yes'
    >>> is_positive_definite([[1.0, 1.0], [1.0, 1.0]]).answer  # singular: beyond rounding
    'undecided'
    """
    _, array = float_arrays(matrix, names=("matrix",))
    host = numpy.asarray(to_host(array))
    _check_symmetric(host)
    batch, d = host.shape[:-2], host.shape[-1]
    radii = _radii(error_bound, batch)
    matrices = host.reshape(-1, d, d)
    if d <= LARGEST_TOGETHER:
        answers, margins, reasons = decide_together(matrices, radii)
    else:
        decided = [_decide(a, float(radius)) for a, radius in zip(matrices, radii, strict=True)]
        answers = numpy.array([answer for answer, _, _ in decided], dtype="<U9")
        margins = numpy.array([margin for _, margin, _ in decided], dtype=float)
        reasons = [reason for _, _, reason in decided]
    if not batch:
        return Verdict(str(answers[0]), float(margins[0]), reasons[0])
    return Verdict(answers.reshape(batch), margins.reshape(batch), " ".join(sorted(set(reasons))))


def _radii(error_bound: Any, batch: tuple[int, ...]) -> numpy.ndarray:
    """The error bound of each matrix, in one row."""
    if numpy.ndim(error_bound) == 0:
        check_nonnegative("error_bound", error_bound)
        return numpy.full(batch, float(error_bound)).reshape(-1)
    radii = numpy.asarray(error_bound, dtype=float)
    if not numpy.all(radii >= 0):
        raise ValueError(f"`error_bound` must be non-negative, got {error_bound!r}.")
    try:
        return numpy.broadcast_to(radii, batch).reshape(-1)
    except ValueError:
        raise ValueError(f"`error_bound` must broadcast to the shape {batch}, got {radii.shape}.") from None


def _check_symmetric(host: numpy.ndarray) -> None:
    if host.ndim < 2 or host.shape[-1] != host.shape[-2] or host.shape[-1] == 0:
        raise ValueError(f"`matrix` must have shape (..., d, d) with d >= 1, got {host.shape}.")
    if not numpy.all(numpy.isfinite(host)):
        index = tuple(int(i) for i in numpy.argwhere(~numpy.isfinite(host))[0])
        raise ValueError(f"`matrix` must be finite, got {host[index]} at index {index}.")
    gap = numpy.abs(0.5 * host - 0.5 * numpy.swapaxes(host, -1, -2))
    if numpy.any(gap > 0):
        raise ValueError(
            f"`matrix` must be symmetric, got entries that differ from their mirror by up to {2 * float(gap.max()):g}. "
            "Pass the mean of the matrix and its transpose."
        )


def _decide(a: numpy.ndarray, radius: float) -> tuple[str, Any, str]:
    """(answer, margin, reason) for one matrix."""
    diagonal = numpy.diagonal(a)
    # x^T (A + E) x lies within radius |x|^2 of x^T A x: "yes" must hold for A - radius I, "no" for A + radius I.
    lowered, raised = _shifted_down(diagonal, radius), -_shifted_down(-diagonal, radius)
    if raised.min() <= 0:
        return "no", float(raised.min()), "A diagonal entry is not positive."
    if lowered.min() <= 0:
        return "undecided", float(lowered.min()), "The error bound reaches a diagonal entry."
    exponents = -(numpy.frexp(lowered)[1] // 2)
    with numpy.errstate(over="ignore", under="ignore", invalid="ignore"):
        b = numpy.ldexp(a, exponents[:, None] + exponents[None, :])
        numpy.fill_diagonal(b, numpy.ldexp(lowered, 2 * exponents))
        return _decide_scaled(b, numpy.ldexp(raised, 2 * exponents))


def _decide_scaled(b: numpy.ndarray, upper_diagonal: numpy.ndarray) -> tuple[str, Any, str]:
    """As `_decide`, for the lower matrix b with diagonal in [1/2, 2), and the diagonal of the upper matrix."""
    off = numpy.abs(b)
    numpy.fill_diagonal(off, 0)
    i, j = numpy.unravel_index(int(numpy.argmax(off)), off.shape)
    largest = max(upper_diagonal[i], upper_diagonal[j])
    if off[i, j] > largest:
        # With x = e_i - sign(b_ij) e_j, x^T B x / x^T x = (b_ii + b_jj) / 2 - |b_ij|.
        margin = float(numpy.nextafter(largest - off[i, j], numpy.inf))
        return "no", margin, "An off-diagonal entry exceeds its diagonal entries."
    if not numpy.all(numpy.isfinite(b)):
        return "undecided", float("nan"), "The error bound exceeds a diagonal entry by too much to scale."
    values, vectors = numpy.linalg.eigh(b)
    c = _backward_error(b)
    if _factorizes(b, 2 * c):
        # A second factorisation with a larger shift turns the computed eigenvalue into a proved bound.
        larger = 0.99 * float(values[0]) - 2 * c
        margin = larger - c if larger > 2 * c and _factorizes(b, larger) else c
        return "yes", margin, "The Cholesky factorisation of the shifted matrix succeeded."
    quotient = _rayleigh_upper_bound(b, upper_diagonal, vectors[:, 0])
    if quotient < 0:
        return "no", quotient, "The quadratic form is negative at a computed eigenvector."
    return "undecided", float(values[0]), "The smallest eigenvalue is 0 within rounding."


def _shifted_down(values: numpy.ndarray, shift: float) -> numpy.ndarray:
    """Floats of the dtype of `values` that are at most values - shift; the values themselves for shift 0."""
    if shift == 0:
        return values
    return numpy.nextafter((values.astype("float64") - shift).astype(values.dtype), -numpy.inf)  # type: ignore[no-any-return]


def _backward_error(b: numpy.ndarray) -> float:
    """A bound on the spectral norm of R^T R - (B - s I), for the computed factor R of any shift 0 <= s."""
    d, info = len(b), numpy.finfo(b.dtype)
    # Unit roundoff eps / 2; d + 4 instead of d + 2 and the factor 1.01 cover the rounding of this bound itself.
    k = (d + 4) * float(info.eps) / 2
    # Each of the at most d + 3 operations on an entry loses at most the smallest normal number by underflow, gradual
    # or not, amplified by at most the largest |R| < 2.
    underflow = 4 * d * (d + 3) * float(info.smallest_normal)
    return 1.01 * (k / (1 - k) * float(numpy.sum(numpy.diagonal(b).astype(float))) + underflow)


def _factorizes(b: numpy.ndarray, shift: float) -> bool:
    """Whether Cholesky's method runs through on a matrix whose diagonal is at most that of b - shift I."""
    shifted = b.copy()
    numpy.fill_diagonal(shifted, _shifted_down(numpy.diagonal(b), shift))
    if numpy.diagonal(shifted).min() <= 0:
        return False
    try:
        factor = numpy.linalg.cholesky(shifted)
    except numpy.linalg.LinAlgError:
        return False
    return bool(numpy.all(numpy.isfinite(factor)) and numpy.all(numpy.diagonal(factor) > 0))


def _rayleigh_upper_bound(b: numpy.ndarray, upper_diagonal: numpy.ndarray, x: numpy.ndarray) -> float:
    """An upper bound on x^T B x / x^T x for the matrix with the upper diagonal, in spite of rounding."""
    upper = b.copy()
    numpy.fill_diagonal(upper, upper_diagonal)
    d, info = len(b), numpy.finfo(b.dtype)
    k = (2 * d + 4) * float(info.eps) / 2
    form = float(x @ (upper @ x))
    # |fl(x^T B x) - x^T B x| <= gamma_2d |x|^T |B| |x|, any order of summation; plus underflow.
    magnitude = float(numpy.abs(x) @ (numpy.abs(upper) @ numpy.abs(x)))
    slack = 1.01 * (k / (1 - k) * magnitude + 4 * d * (d + 3) * float(info.smallest_normal))
    squared_norm = float(x @ x)
    return (form + slack) * 0.99 / squared_norm if form + slack < 0 else form + slack
