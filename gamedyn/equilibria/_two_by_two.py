"""Eigenvalues of many matrices, in closed form where they have two rows."""

from __future__ import annotations

from typing import Any

import numpy

__all__ = ["eigenvalues", "eigenvalues_two_by_two"]

# Below it, one call of LAPACK is as fast.
_FEWEST_MATRICES = 8
_BLOCK = 2048
_CANCELLED = 1 / 64
_TINY = 1e-290
_SPLITTER = 2.0**27 + 1


def eigenvalues(matrices: numpy.ndarray) -> numpy.ndarray:
    """The eigenvalues of each matrix, sorted by real part, then by imaginary part.

    Parameters
    ----------
    matrices : array, shape (..., d, d)
        Real, finite. Batches of 2 x 2 matrices take the closed form.

    Returns
    -------
    complex array, shape (..., d)
    """
    if matrices.shape[-1] == 2 and matrices.size >= 4 * _FEWEST_MATRICES and matrices.dtype.kind == "f":
        found = eigenvalues_two_by_two(matrices)
        # LAPACK says what is wrong with entries that are not finite.
        if numpy.isfinite(found.view(float).sum()):
            return found
    return numpy.sort(numpy.linalg.eigvals(matrices).astype(numpy.complex128, copy=False), axis=-1)


def eigenvalues_two_by_two(matrices: numpy.ndarray) -> numpy.ndarray:
    """Eigenvalues of 2 x 2 matrices, each to about a hundred roundoffs, however close or small they are.

    With m = (a + d) / 2 and s^2 = ((a - d) / 2)^2 + b c they are m + s and m - s; of two real ones the smaller is the
    determinant over the larger. Where s^2 or the determinant cancels, or might leave the range of numbers, it is
    scaled and summed in twice the working precision.

    Parameters
    ----------
    matrices : array, shape (..., 2, 2)
        Real.

    Returns
    -------
    complex array, shape (..., 2)
        Sorted by real part, then by imaginary part.

    References
    ----------
    Dekker (1971), A floating-point technique for extending the available precision.
    """
    flat = numpy.asarray(matrices, dtype=float).reshape(-1, 4)
    found = numpy.empty((len(flat), 2), dtype=complex)
    trusted = numpy.empty(len(flat), dtype=bool)
    work = numpy.empty((9, min(_BLOCK, len(flat))))
    with numpy.errstate(all="ignore"):
        # In blocks whose temporaries stay in a core's cache.
        for start in range(0, len(flat), _BLOCK):
            part, out = flat[start : start + _BLOCK], found[start : start + _BLOCK]
            trusted[start : start + _BLOCK] = _plain(numpy.ascontiguousarray(part.T), out.view(float), work)
        # Indices of the few cost less than masks.
        rest = numpy.flatnonzero(numpy.logical_not(trusted, out=trusted))
        if rest.size:
            found[rest] = _scaled_and_summed(flat[rest])
    return found.reshape(*matrices.shape[:-2], 2)


def _plain(entries: numpy.ndarray, out: numpy.ndarray, work: numpy.ndarray) -> numpy.ndarray:
    """Eigenvalues in working precision, written as (re, im, re, im); where they can be trusted."""
    # Every result has its place: fresh arrays would cost as much as the arithmetic.
    a, b, c, d = entries
    half, cross, square, discriminant, product, determinant, middle, root, large = work[:, : a.size]
    numpy.multiply(numpy.subtract(a, d, out=half), 0.5, out=half)
    numpy.multiply(half, half, out=square)
    numpy.multiply(b, c, out=cross)
    numpy.add(square, cross, out=discriminant)
    numpy.multiply(a, d, out=product)
    numpy.subtract(product, cross, out=determinant)
    numpy.multiply(numpy.add(a, d, out=middle), 0.5, out=middle)
    numpy.sqrt(numpy.abs(discriminant, out=root), out=root)
    is_complex = discriminant < 0
    turn = numpy.multiply(root, is_complex, out=half)
    numpy.subtract(root, turn, out=root)
    numpy.add(middle, numpy.copysign(root, middle, out=large), out=large)
    small = numpy.divide(determinant, large, out=root)
    # Of a complex pair both real parts are the middle.
    numpy.copyto(small, middle, where=is_complex)
    numpy.minimum(small, large, out=out[:, 0])
    numpy.negative(turn, out=out[:, 1])
    numpy.maximum(small, large, out=out[:, 2])
    out[:, 3] = turn
    numpy.abs(cross, out=cross)
    numpy.add(square, cross, out=square)
    trusted = _kept(discriminant, square)
    numpy.add(numpy.abs(product, out=product), cross, out=product)
    trusted &= _kept(determinant, product) | is_complex
    return trusted


def _kept(value: numpy.ndarray, size: numpy.ndarray) -> numpy.ndarray:
    """Whether a sum of terms of that size has kept its digits; both arrays are used up."""
    numpy.multiply(size, _CANCELLED, out=size)
    numpy.add(size, _TINY, out=size)
    return numpy.asarray(numpy.abs(value, out=value) > size)


def _scaled_and_summed(flat: numpy.ndarray) -> numpy.ndarray:
    """Eigenvalues (n, 2) of rows (a, b, c, d), with sums of products in twice the precision."""
    a, b, c, d = flat.T
    largest = numpy.maximum(numpy.maximum(abs(a), abs(b)), numpy.maximum(abs(c), abs(d)))
    exponent = numpy.frexp(largest)[1]
    # A power of two scales without rounding, and keeps products from overflow.
    a, b, c, d = (numpy.ldexp(x, -exponent) for x in (a, b, c, d))
    half, half_error = _sum(a, -d)
    square, square_error = _product(half, half)
    cross, cross_error = _product(b, c)
    # 4 s^2 = (a - d)^2 + 4 b c
    head, tail = _sum(square, 4 * cross)
    discriminant = head + (tail + square_error + 4 * cross_error + 2 * half * half_error)
    trace = a + d
    root = numpy.sqrt(abs(discriminant))
    is_real = discriminant >= 0
    product, product_error = _product(a, d)
    head, tail = _sum(product, -cross)
    determinant = head + (tail + product_error - cross_error)
    large = (trace + numpy.copysign(root, trace)) / 2
    small = numpy.divide(determinant, large, out=numpy.zeros_like(large), where=large != 0)
    found = numpy.empty((*a.shape, 2), dtype=complex)
    low, high = numpy.minimum(large, small), numpy.maximum(large, small)
    middle, turn = trace / 2, numpy.where(is_real, 0.0, root / 2)
    for k, (value, sign) in enumerate(((low, -1), (high, 1))):
        found.real[..., k] = numpy.ldexp(numpy.where(is_real, value, middle), exponent)
        found.imag[..., k] = numpy.ldexp(sign * turn, exponent)
    return found


def _sum(x: Any, y: Any) -> tuple[Any, Any]:
    """x + y, rounded, and what rounding took off (Knuth)."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


def _product(x: Any, y: Any) -> tuple[Any, Any]:
    """x y, rounded, and what rounding took off (Dekker)."""
    product = x * y
    (x1, x2), (y1, y2) = _halves(x), _halves(y)
    return product, ((x1 * y1 - product) + x1 * y2 + x2 * y1) + x2 * y2


def _halves(x: Any) -> tuple[Any, Any]:
    """x as a sum of two numbers of 26 bits."""
    scaled = _SPLITTER * x
    high = scaled - (scaled - x)
    return high, x - high
