"""Precision, recall, density and coverage by balls that reach to the k-th nearest neighbour."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_integer
from gamedyn.models._mode_measures import sample_rows, share_estimate
from gamedyn.numerics import Estimate

__all__ = ["PrecisionRecall", "precision_recall"]

_ENTRIES = 2**22  # distances held at a time, 32 MB


class PrecisionRecall(NamedTuple):
    """How far two samples lie within each other's neighbourhoods.

    Parameters
    ----------
    precision : Estimate
        Share of generated rows in a ball of the real ones.
    recall : Estimate
        Share of real rows in a ball of the generated ones.
    density : float
        Mean number of real balls that hold a generated row, over k; may exceed 1.
    coverage : Estimate
        Share of real rows whose ball holds a generated row.
    k : int
        The balls reach to the k-th nearest neighbour.
    """

    precision: Estimate
    recall: Estimate
    density: float
    coverage: Estimate
    k: int

    def __str__(self) -> str:
        named = ("precision", "recall", "coverage")
        shares = [
            f"{name} {getattr(self, name).value:.4g} ± {getattr(self, name).standard_error:.2g}" for name in named
        ]
        return f"{', '.join(shares)}, density {self.density:.4g} (k = {self.k})"


def precision_recall(samples: Any, real: Any, *, k: int = 3) -> PrecisionRecall:
    """Precision and recall of generated samples by k-nearest-neighbour balls, with density and coverage.

    Parameters
    ----------
    samples : array_like, shape (n, d), or (n,) on the line
        Generated rows.
    real : array_like, shape (m, d), or (m,)
        Rows of the data, or draws from the target. Balls shrink as samples grow: take n = m.
    k : int
        The ball of a row reaches to its k-th nearest neighbour among the other rows of its own sample; ends count as
        inside.

    Returns
    -------
    PrecisionRecall
        Standard errors are binomial, with the balls taken as given.

    Raises
    ------
    ValueError
        For shapes that do not fit, values that are not finite, or samples of k rows and fewer.

    Notes
    -----
    For samples of one law none of the four is 1 for certain. On the line a point of the law lies in a ball with
    probability 1 - 4^-k in the limit of many rows: precision and recall are 63/64 for k = 3. In any dimension n rows
    miss the ball of a real row, of m, with probability prod_{i < k} (m - 1 - i) / (m - 1 - i + n): the coverage to
    expect is 1 less that, 7/8 for k = 3 and many rows. Distances are taken from differences of all pairs, so that near
    rows keep their digits.

    References
    ----------
    Kynkäänniemi, Karras, Laine, Lehtinen and Aila (2019), Improved precision and recall metric, and its code.
    Naeem, Oh, Uh, Choi and Yoo (2020), Reliable fidelity and diversity metrics: density and coverage.

    Examples
    --------
    >>> result = precision_recall([0.0, 1.0, 2.0, 9.0], [0.0, 1.0, 2.0, 3.0], k=1)
    >>> result.precision.value, result.recall.value
    (0.75, 1.0)
    """
    check_integer("k", k, minimum=1)
    fake, true = sample_rows("samples", samples, k + 1), sample_rows("real", real, k + 1)
    if fake.shape[1] != true.shape[1]:
        raise ValueError(
            f"`samples` and `real` must have as many coordinates, got {fake.shape[1]} and {true.shape[1]}."
        )
    from scipy.spatial.distance import cdist

    of_true, of_fake = _radii(true, k), _radii(fake, k)
    held = numpy.zeros(len(fake), dtype=numpy.int64)
    recalled, covered = numpy.zeros(len(true), dtype=bool), numpy.zeros(len(true), dtype=bool)
    step = max(1, _ENTRIES // len(fake))
    for start in range(0, len(true), step):
        piece = slice(start, start + step)
        distance = cdist(true[piece], fake)
        inside = distance <= of_true[piece, None]
        held += inside.sum(axis=0)
        covered[piece] = inside.any(axis=1)
        recalled[piece] = (distance <= of_fake).any(axis=1)
    return PrecisionRecall(
        share_estimate(int((held > 0).sum()), len(fake), f"share of samples in a {k}-neighbour ball of real rows"),
        share_estimate(int(recalled.sum()), len(true), f"share of real rows in a {k}-neighbour ball of samples"),
        float(held.mean()) / k,
        share_estimate(
            int(covered.sum()), len(true), f"share of {k}-neighbour balls of real rows with a sample inside"
        ),
        int(k),
    )


def _radii(rows: numpy.ndarray, k: int) -> numpy.ndarray:
    """Distance of every row to its k-th nearest neighbour, itself not counted."""
    from scipy.spatial.distance import cdist

    step = max(1, _ENTRIES // len(rows))
    parts = []
    for start in range(0, len(rows), step):
        # A row is at distance 0 from itself, so that its k-th neighbour is the entry k of the sorted distances.
        distance = cdist(rows[start : start + step], rows)
        parts.append(numpy.partition(distance, k, axis=1)[:, k])
    return numpy.concatenate(parts)
