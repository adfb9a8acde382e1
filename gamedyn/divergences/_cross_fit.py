"""Cross-fitting: a log-ratio at every row, from the rows of the other folds."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy

from gamedyn.divergences._kinds import Kind

__all__ = ["LogRatio", "cross_fitted", "mean_difference"]

LogRatio = Callable[[numpy.ndarray], numpy.ndarray]
"""An estimate of log(p / q), from rows (n, d) to (n,)."""

_BYTES_PER_ROW = 4800
"""About three copies of two hundred features of a row."""


def cross_fitted(
    x: numpy.ndarray,
    y: numpy.ndarray,
    kind: Kind,
    fit: Callable[[numpy.ndarray, numpy.ndarray], LogRatio],
    *,
    folds: int,
    max_bytes: int,
    rng: numpy.random.Generator,
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The log-ratio at rows of x and of y, each from a fit that did not see the row, shifted by its `kind.best_shift`.

    Every fit takes at most so many rows of each sample, drawn at random, that its features fit into half of
    `max_bytes`; rows are evaluated in blocks of as many.
    """
    most = max(64, max_bytes // (2 * _BYTES_PER_ROW))
    fold_x, fold_y = (rng.permutation(len(sample)) % folds for sample in (x, y))
    at_x, at_y = numpy.empty(len(x)), numpy.empty(len(y))
    for fold in range(folds):
        train_x = _some(x[fold_x != fold], most // 2, rng)
        train_y = _some(y[fold_y != fold], most // 2, rng)
        log_ratio = fit(train_x, train_y)
        shift = kind.best_shift(log_ratio(train_x), log_ratio(train_y))
        for rows, where, values in ((x, fold_x == fold, at_x), (y, fold_y == fold, at_y)):
            held = rows[where]
            blocks = [log_ratio(held[start : start + most]) for start in range(0, len(held), most)]
            values[where] = numpy.concatenate(blocks) + shift
    return at_x, at_y


def _some(rows: numpy.ndarray, most: int, rng: numpy.random.Generator) -> numpy.ndarray:
    """At most so many of the rows."""
    return rows if len(rows) <= most else rows[rng.choice(len(rows), most, replace=False)]


def mean_difference(gain: numpy.ndarray, loss: numpy.ndarray) -> tuple[float, float]:
    """mean(gain) - mean(loss) and its standard error; where a term is infinite, -inf or inf, and nan."""
    with numpy.errstate(over="ignore", invalid="ignore"):
        error = math.sqrt(float(gain.var(ddof=1)) / len(gain) + float(loss.var(ddof=1)) / len(loss))
        value = float(gain.mean() - loss.mean())
    # Where both overflow, what is lost grows faster than what is gained.
    return -math.inf if math.isnan(value) else value, error
