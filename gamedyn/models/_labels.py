"""Labels of samples: whole numbers from 0 on, and their one-hot rows."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, to_device, to_host

__all__ = ["checked_labels", "one_hot"]


def checked_labels(labels: Any, n: int, classes: int) -> Any:
    """Labels as integers on the host, shape (n,), read-only.

    Parameters
    ----------
    labels : array_like, shape (n,)
        Whole numbers from 0 to classes - 1.
    n, classes : int

    Raises
    ------
    ValueError
        Naming the first row that breaks the rule.
    """
    host = numpy.asarray(to_host(labels))
    if host.shape != (n,):
        raise ValueError(f"`labels` must have shape ({n},), one label for each sample, got {host.shape}.")
    if host.dtype.kind not in "biuf":
        raise ValueError(f"`labels` must be whole numbers, got the dtype {host.dtype}; `numpy.unique` numbers others.")
    # NaN fails both comparisons.
    bad = ~((host == numpy.floor(host)) & (host >= 0) & (host < classes))
    if bad.any():
        row = int(numpy.argmax(bad))
        raise ValueError(f"`labels` must be whole numbers from 0 to {classes - 1}, got {host[row]} at row {row}.")
    found = host.astype(numpy.int64)
    found.flags.writeable = False
    return found


def one_hot(labels: Any, classes: int, xp: Any, *, dtype: Any, device: Any = None) -> Array:
    """(n, classes): row i has its one at labels[i].

    Parameters
    ----------
    labels : integer array of NumPy, shape (n,)
    classes : int
    xp, dtype, device
        Namespace, dtype and device of the result.
    """
    return to_device(numpy.eye(classes)[labels], xp, dtype=dtype, device=device)
