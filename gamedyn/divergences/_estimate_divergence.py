"""Divergences from two samples, each with its standard error, interval and definition."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import as_generator
from gamedyn.divergences._logistic import fit_log_ratio
from gamedyn.divergences._neighbours import neighbour_jensen_shannon, neighbour_kl
from gamedyn.divergences._samples import samples_on_host
from gamedyn.numerics import Estimate, log_sigmoid

__all__ = ["estimate_divergence"]

_KINDS = {"kl": "KL(p, q)", "js": "JS(p, q)", "gan": "the GAN value 2 JS(p, q) - log 4"}
_LEVEL = 0.95
_QUANTILE = 1.959963984540054
_FOLDS = 5
_SUBSAMPLES = 30


def estimate_divergence(
    x: Any, y: Any, kind: str = "kl", *, method: str = "knn", k: int = 5, rng: Any = None
) -> Estimate:
    """A divergence between the laws of two samples, in nats; host-only work.

    Parameters
    ----------
    x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        Independent draws from p and from q.
    kind : {"kl", "js", "gan"}
        KL(p, q), JS(p, q), or the value 2 JS(p, q) - log 4 that a GAN has at its optimal discriminator.
    method : {"knn", "classifier"}
        "knn": an estimate by nearest neighbours, of densities; it may be negative. "classifier": a lower bound from a
        cross-fitted discriminator, ridge logistic regression on standardised columns with their products (squares
        alone above 16 columns).
    k : int
        Number of neighbours for "knn", lowered for samples that have fewer.
    rng : None, int or numpy.random.Generator
        Draws the subsamples ("knn") or the folds ("classifier").

    Returns
    -------
    Estimate
        The interval covers, at 95 %, what `definition` names: for "knn" the divergence, as far as its bias is small
        against its spread; for "classifier" the value of a lower bound. Both are symmetric about the value.

    Raises
    ------
    ValueError
        If samples do not fit, are too small, or hold NaN or infinite entries.

    Notes
    -----
    "knn" for KL follows Wang, Kulkarni and Verdu (2009), in whose equation (29) both densities at a point are taken
    from balls of about one radius. Here they are counts in one ball, the smallest that holds k points of each sample,
    with digammas that make the log-ratio unbiased where the densities are constant on the ball. Duplicates make balls
    of radius 0, in which they are counted like any other points: no logarithm of 0 can occur. In such an atom the
    estimate is that of its masses; where only one sample repeats values, a divergence of densities does not exist. JS
    is the information about the sample that a point came from, estimated as in Ross (2014) from equally many points of
    both: the longer sample is cut into pieces. Standard errors are spreads over 30 subsamples of a quarter, divided
    by sqrt(1/share - 1) = sqrt(3), since they are drawn without replacement.

    "classifier": with a discriminator D = sigmoid(s) fitted on four fifths of the rows, the other fifth gives
    V = E_p log D + E_q log(1 - D) <= 2 JS - log 4, hence JS >= (V + log 4) / 2, and for KL the bound
    E_p T - E_q e^(T - 1) of Nguyen, Wainwright and Jordan (2010) at T = 1 + s + c, with c from the training rows.
    Held-out rows are independent of s, so the means have honest standard errors.

    The distances of "knn" depend on the units of the columns; the classifier standardises them.

    References
    ----------
    Wang, Kulkarni and Verdu (2009), Divergence estimation for multidimensional densities via k-nearest-neighbor
    distances.
    Ross (2014), Mutual information between discrete and continuous data sets.
    Nguyen, Wainwright and Jordan (2010), Estimating divergence functionals and the likelihood ratio by convex risk
    minimization.

    Examples
    --------
    >>> import numpy
    >>> rng = numpy.random.default_rng(0)
    >>> x, y = rng.normal(0.0, 1.0, 2000), rng.normal(1.0, 1.0, 2000)
    >>> estimate = estimate_divergence(x, y, "kl", rng=0)  # KL = 1/2
    >>> estimate.lower < 0.5 < estimate.upper
    True
    """
    check_choice("kind", kind, _KINDS)
    check_choice("method", method, ("knn", "classifier"))
    check_integer("k", k, 1)
    rng = as_generator(rng)
    if method == "classifier":
        return _by_classifier(*samples_on_host(x, y, at_least=2 * _FOLDS), kind, rng)
    return _by_neighbours(*samples_on_host(x, y, at_least=3), kind, k, rng)


def _by_neighbours(x: numpy.ndarray, y: numpy.ndarray, kind: str, k: int, rng: numpy.random.Generator) -> Estimate:
    k = min(k, len(x) - 1, len(y) - 1)
    statistic: Callable[..., float] = neighbour_kl if kind == "kl" else neighbour_jensen_shannon
    # The order of rows must not matter to the pieces of the longer sample.
    x, y = x[rng.permutation(len(x))], y[rng.permutation(len(y))]
    value = statistic(x, y, k)
    error = _subsampled_error(lambda a, b: statistic(a, b, k), x, y, 2 * (k + 1), rng)
    if kind == "gan":
        value, error = 2 * value - math.log(4), 2 * error
    definition = f"estimate of {_KINDS[kind]}, in nats, by {k} nearest neighbours"
    return _estimate(value, error, "nearest neighbours, standard error by subsampling", (len(x), len(y)), definition)


def _subsampled_error(
    statistic: Callable[[numpy.ndarray, numpy.ndarray], float],
    x: numpy.ndarray,
    y: numpy.ndarray,
    smallest: int,
    rng: numpy.random.Generator,
) -> float:
    """The spread over subsamples of the share 1/4, of variance about (1/share - 1) times that of the whole.

    Drawn without replacement, they share data: the factor is 1/share for independent samples, less 1 for the whole.
    nan for samples too small to be divided.
    """
    share = 0.25
    sizes = [int(share * len(sample)) for sample in (x, y)]
    if min(sizes) < smallest:
        return math.nan
    values = []
    for _ in range(_SUBSAMPLES):
        rows = [rng.choice(len(sample), size, replace=False) for sample, size in zip((x, y), sizes, strict=True)]
        values.append(statistic(x[rows[0]], y[rows[1]]))
    return float(numpy.std(values, ddof=1) / math.sqrt(1 / share - 1))


def _by_classifier(x: numpy.ndarray, y: numpy.ndarray, kind: str, rng: numpy.random.Generator) -> Estimate:
    fold_x, fold_y = _folds(len(x), rng), _folds(len(y), rng)
    gain, loss = numpy.empty(len(x)), numpy.empty(len(y))
    for fold in range(_FOLDS):
        train_x, train_y = x[fold_x != fold], y[fold_y != fold]
        log_ratio = fit_log_ratio(train_x, train_y)
        s_x, s_y = log_ratio(x[fold_x == fold]), log_ratio(y[fold_y == fold])
        if kind == "kl":
            # E_q e^(s + c) = 1 on the training rows, where the bound would be that of Donsker and Varadhan.
            fitted = log_ratio(train_y)
            c = -(fitted.max() + math.log(float(numpy.mean(numpy.exp(fitted - fitted.max())))))
            gain[fold_x == fold], loss[fold_y == fold] = 1 + s_x + c, numpy.exp(s_y + c)
        else:
            gain[fold_x == fold], loss[fold_y == fold] = log_sigmoid(s_x), -log_sigmoid(-s_y)
    value = float(gain.mean() - loss.mean())
    error = math.sqrt(float(gain.var(ddof=1)) / len(x) + float(loss.var(ddof=1)) / len(y))
    if kind == "js":
        value, error = (value + math.log(4)) / 2, error / 2
    bound = "E_p T - E_q e^(T - 1)" if kind == "kl" else "E_p log D + E_q log(1 - D)"
    half = ", plus log 4, halved" if kind == "js" else ""
    definition = f"lower bound of {_KINDS[kind]}, in nats: {bound}{half}, on rows that the critic was not fitted to"
    return _estimate(value, error, f"logistic regression, {_FOLDS} folds", (len(x), len(y)), definition)


def _folds(size: int, rng: numpy.random.Generator) -> numpy.ndarray:
    return rng.permutation(size) % _FOLDS


def _estimate(value: float, error: float, method: str, n: tuple[int, int], definition: str) -> Estimate:
    half = _QUANTILE * error
    return Estimate(value, error, value - half, value + half, _LEVEL, method, n, definition)
