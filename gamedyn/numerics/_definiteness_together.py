"""The test of `is_positive_definite` on many small matrices at once: the same steps, in arrays over the matrices."""

from __future__ import annotations

from typing import Any

import numpy

__all__ = ["LARGEST_TOGETHER", "decide_together"]

LARGEST_TOGETHER = 16
"""Rows up to which matrices are judged together: the factorisation here has a Python step for each."""

_REASONS = (
    "A diagonal entry is not positive.",
    "The error bound reaches a diagonal entry.",
    "An off-diagonal entry exceeds its diagonal entries.",
    "The error bound exceeds a diagonal entry by too much to scale.",
    "The Cholesky factorisation of the shifted matrix succeeded.",
    "The quadratic form is negative at a computed eigenvector.",
    "The smallest eigenvalue is 0 within rounding.",
)
_DIAGONAL, _REACHED, _OFF, _WIDE, _FACTORIZED, _NEGATIVE, _OPEN = range(7)
_ANSWERS = numpy.array(["no", "undecided", "no", "undecided", "yes", "no", "undecided"], dtype="<U9")


def decide_together(a: numpy.ndarray, radii: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray, list[str]]:
    """Answers (N,), margins (N,) and N reasons for matrices (N, d, d), each within its radius (N,)."""
    count, d, _ = a.shape
    codes, margins = numpy.full(count, _OPEN), numpy.full(count, numpy.nan)
    diagonal = numpy.diagonal(a, axis1=-2, axis2=-1)
    lowered, raised = _shifted_down(diagonal, radii), -_shifted_down(-diagonal, radii)
    smallest, lowest = raised.min(axis=-1), lowered.min(axis=-1)
    codes[lowest <= 0] = _REACHED
    codes[smallest <= 0] = _DIAGONAL
    margins[lowest <= 0] = lowest[lowest <= 0]
    margins[smallest <= 0] = smallest[smallest <= 0]
    left = numpy.flatnonzero(lowest > 0)
    if len(left):
        exponents = -(numpy.frexp(lowered[left])[1] // 2)
        with numpy.errstate(over="ignore", under="ignore", invalid="ignore"):
            b = numpy.ldexp(a[left], exponents[:, :, None] + exponents[:, None, :])
            b[:, range(d), range(d)] = numpy.ldexp(lowered[left], 2 * exponents)
            codes[left], margins[left] = _decide_scaled(b, numpy.ldexp(raised[left], 2 * exponents))
    return _ANSWERS[codes], margins, [_REASONS[code] for code in codes]


def _decide_scaled(b: numpy.ndarray, upper_diagonal: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Codes and margins for lower matrices b (N, d, d) with diagonals in [1/2, 2), and the upper ones' diagonals."""
    count, d, _ = b.shape
    rows = numpy.arange(count)
    codes, margins = numpy.full(count, _OPEN), numpy.full(count, numpy.nan)
    off = numpy.abs(b)
    off[:, range(d), range(d)] = 0
    i, j = numpy.unravel_index(numpy.argmax(off.reshape(count, -1), axis=-1), (d, d))
    peak, largest = off[rows, i, j], numpy.maximum(upper_diagonal[rows, i], upper_diagonal[rows, j])
    # With x = e_i - sign(b_ij) e_j, x^T B x / x^T x = (b_ii + b_jj) / 2 - |b_ij|.
    beyond = peak > largest
    codes[beyond], margins[beyond] = _OFF, numpy.nextafter(largest - peak, numpy.inf)[beyond]
    finite = numpy.all(numpy.isfinite(b), axis=(-2, -1))
    codes[~beyond & ~finite] = _WIDE
    left = numpy.flatnonzero(~beyond & finite)
    if not len(left):
        return codes, margins
    b, upper_diagonal = b[left], upper_diagonal[left]
    values, vectors = numpy.linalg.eigh(b)
    c = _backward_errors(b)
    with numpy.errstate(over="ignore", invalid="ignore"):
        proved = _factorize(b, 2 * c)
    # A second factorisation with a larger shift turns the computed eigenvalue into a proved bound.
    larger = 0.99 * values[:, 0].astype(float) - 2 * c
    more = proved & (larger > 2 * c)
    more[more] = _factorize(b[more], larger[more])
    quotient = _rayleigh_upper_bounds(b, upper_diagonal, vectors[..., 0])
    negative = ~proved & (quotient < 0)
    codes[left] = numpy.where(proved, _FACTORIZED, numpy.where(negative, _NEGATIVE, _OPEN))
    bound = numpy.where(more, larger - c, c)
    margins[left] = numpy.where(proved, bound, numpy.where(negative, quotient, values[:, 0]))
    return codes, margins


def _shifted_down(values: numpy.ndarray, shift: numpy.ndarray) -> numpy.ndarray:
    """Floats (N, d) of the dtype of `values` that are at most values - shift (N,); the values for shift 0."""
    with numpy.errstate(over="ignore"):
        moved = numpy.nextafter((values.astype("float64") - shift[:, None]).astype(values.dtype), -numpy.inf)
    return numpy.where(shift[:, None] == 0, values, moved)


def _backward_errors(b: numpy.ndarray) -> Any:
    """(N,): bounds on the spectral norm of R^T R - (B - s I), for the computed factor R of any shift 0 <= s."""
    d, info = b.shape[-1], numpy.finfo(b.dtype)
    # Unit roundoff eps / 2; d + 4 instead of d + 2 and the factor 1.01 cover the rounding of this bound itself.
    k = (d + 4) * float(info.eps) / 2
    # Each of the at most d + 3 operations on an entry loses at most the smallest normal number by underflow, gradual
    # or not, amplified by at most the largest |R| < 2.
    underflow = 4 * d * (d + 3) * float(info.smallest_normal)
    trace = numpy.sum(numpy.diagonal(b, axis1=-2, axis2=-1).astype(float), axis=-1)
    return 1.01 * (k / (1 - k) * trace + underflow)


def _factorize(b: numpy.ndarray, shift: numpy.ndarray) -> numpy.ndarray:
    """(N,): whether Cholesky's method runs through on matrices with diagonals at most those of b - shift I."""
    d = b.shape[-1]
    diagonal = _shifted_down(numpy.diagonal(b, axis1=-2, axis2=-1), shift)
    runs = numpy.ones(len(b), dtype=bool)
    factor = numpy.zeros_like(b)
    for j in range(d):
        pivot = diagonal[:, j] - numpy.sum(factor[:, j, :j] ** 2, axis=-1)
        runs &= pivot > 0
        # Where it has broken down the rest does not matter.
        root = numpy.sqrt(numpy.where(runs, pivot, 1))
        factor[:, j, j] = root
        known = numpy.sum(factor[:, j + 1 :, :j] * factor[:, j, None, :j], axis=-1)
        factor[:, j + 1 :, j] = (b[:, j + 1 :, j] - known) / root[:, None]
    return runs & numpy.all(numpy.isfinite(factor), axis=(-2, -1))  # type: ignore[no-any-return]


def _rayleigh_upper_bounds(b: numpy.ndarray, upper_diagonal: numpy.ndarray, x: numpy.ndarray) -> Any:
    """(N,): upper bounds on x^T B x / x^T x for the matrices with the upper diagonals, in spite of rounding."""
    d, info = b.shape[-1], numpy.finfo(b.dtype)
    upper = b.copy()
    upper[:, range(d), range(d)] = upper_diagonal
    k = (2 * d + 4) * float(info.eps) / 2
    form = _form(upper, x).astype(float)
    # |fl(x^T B x) - x^T B x| <= gamma_2d |x|^T |B| |x|, any order of summation; plus underflow.
    magnitude = _form(numpy.abs(upper), numpy.abs(x)).astype(float)
    slack = 1.01 * (k / (1 - k) * magnitude + 4 * d * (d + 3) * float(info.smallest_normal))
    squared_norm = numpy.sum(x * x, axis=-1).astype(float)
    bound = form + slack
    return numpy.where(bound < 0, bound * 0.99 / squared_norm, bound)


def _form(matrix: numpy.ndarray, x: numpy.ndarray) -> numpy.ndarray:
    """x^T M x for each of N."""
    return numpy.sum(x * numpy.sum(matrix * x[:, None, :], axis=-1), axis=-1)  # type: ignore[no-any-return]
