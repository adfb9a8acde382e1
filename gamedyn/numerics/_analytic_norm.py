"""The Euclidean norm as an analytic function, for complex steps through it."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace
from gamedyn.numerics._real_part import real_part

__all__ = ["analytic_norm"]


def analytic_norm(x: Array) -> tuple[Array, Array]:
    """(sum x^2)^(1/2) over the last axis, with squares and not moduli, and where it is not at its kink.

    Parameters
    ----------
    x : array, shape (..., n)
        Real or complex.

    Returns
    -------
    norm : array, shape (...)
        0 at x = 0.
    positive : array of bool, shape (...)
        Whether the real part of sum x^2 is positive; elsewhere the norm has no derivative.

    Examples
    --------
    >>> import numpy
    >>> norm, positive = analytic_norm(numpy.array([[3.0 + 1e-20j, 4.0], [0.0, 0.0]]))
    >>> norm.real.tolist(), positive.tolist(), float(norm[0].imag / 1e-20)  # d|x| = x . dx / |x|
    ([5.0, 0.0], [True, False], 0.6)
    """
    xp = array_namespace(x)
    square = xp.sum(x * x, axis=-1)
    positive = real_part(square) > 0
    root = xp.sqrt(xp.where(positive, square, xp.ones_like(square)))
    return xp.where(positive, root, xp.zeros_like(root)), positive
