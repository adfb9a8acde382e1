"""Bars and stripes: binary images whose rows, or whose columns, are constant."""

from __future__ import annotations

import numpy

from gamedyn._checks import check_integer
from gamedyn.distributions import Empirical

__all__ = ["bars_and_stripes"]

_LARGEST = 12


def bars_and_stripes(side: int = 4) -> Empirical:
    """Binary images of side x side pixels: rows or columns with probability 1/2, then each is on or off with 1/2.

    Parameters
    ----------
    side : int
        1 to 12: all 2^(side + 1) draws are enumerated.

    Returns
    -------
    Empirical
        On vectors of side^2 pixels, row after row: 2^(side + 1) - 2 images. The empty and the full one, which rows and
        columns share, have twice the mass of the others.

    References
    ----------
    MacKay (2003), Information theory, inference, and learning algorithms.

    Examples
    --------
    >>> law = bars_and_stripes(2)
    >>> len(law.support_points()), round(float(law.log_prob([1.0, 1.0, 1.0, 1.0])), 12)  # log(2 / 8)
    (6, -1.38629436112)
    """
    check_integer("side", side, minimum=1)
    if side > _LARGEST:
        raise ValueError(f"`side` must be at most {_LARGEST}, since all 2^(side + 1) images are listed, got {side}.")
    lines = (numpy.arange(2**side)[:, None] >> numpy.arange(side)) & 1
    rows = numpy.repeat(lines, side, axis=1)
    columns = numpy.tile(lines, (1, side))
    return Empirical(numpy.concatenate([rows, columns]).astype(numpy.float64))
