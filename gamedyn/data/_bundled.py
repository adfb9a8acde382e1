"""Real data without a download: the small tables that scikit-learn brings along."""

from __future__ import annotations

from typing import NamedTuple

import numpy

from gamedyn.backend import require

__all__ = ["LabelledData", "breast_cancer", "digits", "iris", "wine"]


class LabelledData(NamedTuple):
    """Rows with labels; unpacks as (X, y).

    Parameters
    ----------
    X : array, shape (n, ...)
        float64.
    y : array, shape (n,)
        Labels 0, ..., classes - 1, int64.
    """

    X: numpy.ndarray
    y: numpy.ndarray

    def __str__(self) -> str:
        shape = " x ".join(str(size) for size in self.X.shape[1:])
        return f"{len(self.y)} rows of {shape}, {len(numpy.unique(self.y))} classes"


def digits(*, binarized: bool = False, flat: bool = True) -> LabelledData:
    """1,797 handwritten digits of 8 x 8 pixels, with labels 0 to 9, from scikit-learn's own files.

    Parameters
    ----------
    binarized : bool
        Whether pixels are 0 or 1 (grey 8 of 16 and more is 1) instead of grey / 16.
    flat : bool
        Whether X has shape (1797, 64), row after row, else (1797, 8, 8, 1), height, width, channels.

    Returns
    -------
    LabelledData
        X in [0, 1], and y.

    Raises
    ------
    MissingExtraError
        Without scikit-learn, which the extra `data` installs.
    """
    grey, labels = _load("digits")
    pixels = numpy.asarray(grey >= 8, dtype=numpy.float64) if binarized else grey / 16
    return LabelledData(pixels if flat else pixels.reshape(-1, 8, 8, 1), labels)


def iris() -> LabelledData:
    """150 irises: lengths and widths of sepals and petals in centimetres, (150, 4), of 3 kinds."""
    return LabelledData(*_load("iris"))


def wine() -> LabelledData:
    """178 wines: 13 chemical measurements in units of their own, (178, 13), from 3 growers."""
    return LabelledData(*_load("wine"))


def breast_cancer() -> LabelledData:
    """569 tumours: 30 measurements of cell nuclei, (569, 30); 0 is malignant, 1 benign."""
    return LabelledData(*_load("breast_cancer"))


def _load(name: str) -> tuple[numpy.ndarray, numpy.ndarray]:
    X, y = getattr(require("sklearn.datasets"), f"load_{name}")(return_X_y=True)
    return numpy.asarray(X, dtype=numpy.float64), numpy.asarray(y, dtype=numpy.int64)
