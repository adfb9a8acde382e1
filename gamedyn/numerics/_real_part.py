"""The part of a number that chooses the piece of a piecewise function."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace

__all__ = ["real_part"]


def real_part(x: Array) -> Array:
    """Re x; x itself where it is real, since the array standard's own `real` takes complex numbers alone.

    A piecewise function that compares this with its kinks is analytic off them, so that complex steps go through it.

    Parameters
    ----------
    x : array, any shape
        Numbers of any kind.

    Returns
    -------
    array, shape of x
        In the precision of x; not a copy.

    Examples
    --------
    >>> import numpy
    >>> x = numpy.array([-3.0 + 1e-20j, 2.0 + 1e-20j])
    >>> y = numpy.where(real_part(x) > 0, x, 0)  # max(x, 0), whose slopes are 0 and 1
    >>> (y.imag / 1e-20).tolist()
    [0.0, 1.0]
    """
    xp = array_namespace(x)
    return xp.real(x) if xp.isdtype(x.dtype, "complex floating") else x
