"""Precision and recall of one discrete law for another, as a curve of trade-offs."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import float_arrays, to_host

__all__ = ["PrecisionRecallCurve", "precision_recall_curve"]


class PrecisionRecallCurve(NamedTuple):
    """sum_i min(slope p_i, q_i) against the same over the slope.

    Parameters
    ----------
    precision, recall : array, shape (angles,)
        In [0, 1]; precision rises and recall falls along the curve.
    real, generated : array, shape (k,)
        The masses p and q.
    """

    precision: numpy.ndarray
    recall: numpy.ndarray
    real: numpy.ndarray
    generated: numpy.ndarray

    def f_score(self, beta: float = 8.0) -> float:
        """max over all slopes of F_beta = (1 + beta^2) precision recall / (beta^2 precision + recall), exactly.

        Parameters
        ----------
        beta : float
            Above 1 recall weighs more, below 1 precision: 8 and 1/8 are the pair in use.

        Notes
        -----
        F_beta is (1 + beta^2) sum_i min(slope p_i, q_i) / (1 + beta^2 slope): between the slopes q_i / p_i a ratio of
        affine functions, so that one of these is the maximum, or an end of the curve.
        """
        check_positive("beta", beta)
        p, q, square = self.real, self.generated, float(beta) ** 2
        slopes = q[p > 0] / p[p > 0]
        shared = numpy.minimum(slopes[:, None] * p, q).sum(axis=1)
        inner = (1 + square) * shared / (1 + square * slopes)
        return float(inner.max())

    def __str__(self) -> str:
        return f"F_8 {self.f_score(8.0):.4g} (recall), F_1/8 {self.f_score(0.125):.4g} (precision)"


def precision_recall_curve(generated: Any, real: Any, *, angles: int = 1001) -> PrecisionRecallCurve:
    """The precisions and recalls that a discrete law q can have for p: sum_i min(s p_i, q_i), and that over s.

    Parameters
    ----------
    generated, real : array_like, shape (k,)
        Masses q and p, or counts, of the same k modes, bins or clusters; each is divided by its sum.
    angles : int
        Points of the curve, with slopes s = tan of equally spaced angles in (0, pi / 2).

    Returns
    -------
    PrecisionRecallCurve

    Raises
    ------
    ValueError
        For shapes that do not fit, and entries that are negative, not finite, or 0 throughout.

    Notes
    -----
    At s = 1 both are 1 less the total variation. Towards the ends of the curve precision is the share of q where p has
    mass, and recall the share of p where q has.

    References
    ----------
    Sajjadi, Bachem, Lucic, Bousquet and Gelly (2018), Assessing generative models via precision and recall, its code.

    Examples
    --------
    >>> curve = precision_recall_curve([1.0, 0.0], [0.5, 0.5])  # half of the modes, and nothing else
    >>> round(float(curve.precision.max()), 6), round(float(curve.recall.max()), 6)
    (1.0, 0.5)
    """
    check_integer("angles", angles, minimum=3)
    q, p = _masses("generated", generated), _masses("real", real)
    if q.shape != p.shape:
        raise ValueError(f"`generated` and `real` must have as many entries, got {len(q)} and {len(p)}.")
    slopes = numpy.tan(0.5 * math.pi * (numpy.arange(angles) + 0.5) / angles)
    precision = numpy.minimum(slopes[:, None] * p, q).sum(axis=1)
    recall = numpy.minimum(p, q / slopes[:, None]).sum(axis=1)
    return PrecisionRecallCurve(numpy.minimum(precision, 1.0), numpy.minimum(recall, 1.0), p, q)


def _masses(name: str, values: Any) -> numpy.ndarray:
    masses = to_host(float_arrays(values, names=(name,))[1]).astype(numpy.float64)
    if masses.ndim != 1 or masses.size == 0:
        raise ValueError(f"`{name}` must have shape (k,), got {masses.shape}.")
    bad = ~((masses >= 0) & (masses < math.inf))
    if bad.any():
        i = int(numpy.argmax(bad))
        raise ValueError(f"`{name}` must be non-negative and finite, got {masses[i]:g} at index {i}.")
    if masses.sum() == 0:
        raise ValueError(f"`{name}` must have a positive sum, got 0 throughout.")
    return numpy.asarray(masses / masses.sum())
