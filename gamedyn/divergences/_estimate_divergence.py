"""Divergences from two samples, each with its standard error, interval and definition."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval, check_integer
from gamedyn.backend import as_generator
from gamedyn.divergences._cross_fit import cross_fitted, mean_difference
from gamedyn.divergences._kinds import Kind, kind_of
from gamedyn.divergences._logistic import fit_log_ratio
from gamedyn.divergences._neighbours import check_neighbours, neighbour_functional
from gamedyn.divergences._samples import samples_on_host
from gamedyn.divergences._subsampling import subsampled_error
from gamedyn.numerics import Estimate

__all__ = ["estimate_divergence"]

_METHODS = ("knn", "classifier")


def estimate_divergence(
    x: Any,
    y: Any,
    kind: str = "kl",
    *,
    method: str = "knn",
    alpha: float | None = None,
    k: int = 5,
    folds: int = 5,
    subsamples: int = 30,
    level: float = 0.95,
    max_bytes: int = 2**28,
    rng: Any = None,
) -> Estimate:
    """A divergence between the laws of two samples; host-only work.

    Parameters
    ----------
    x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        Independent draws from p and from q.
    kind : str
        "kl", "reverse_kl", "jeffreys", "js", "gan" (the value 2 JS(p, q) - log 4 that a GAN has at its optimal
        discriminator), "bhattacharyya" and "renyi", in nats; "tv", "squared_hellinger", "hellinger", "pearson",
        "neyman", "alpha" and "tsallis".
    method : {"knn", "classifier"}
        "knn": an estimate by nearest neighbours, of densities; it may be negative. Not for "tv". "classifier": a lower
        bound from a cross-fitted discriminator, ridge logistic regression on standardised columns with their products
        (squares alone above 16 columns).
    alpha : float
        Order, for the kinds "alpha", "renyi" and "tsallis"; 1 is the limit KL, and 0, for "alpha", KL(q, p).
    k : int
        Number of neighbours for "knn", lowered for samples that have fewer; above |alpha - 1|.
    folds : int
        Parts of the rows, each of which is judged by a critic fitted to the others; not for "knn".
    subsamples : int
        Number of subsamples for the standard error of "knn"; 0 leaves it out, as nan, and halves the time.
    level : float
        Nominal coverage of the interval.
    max_bytes : int
        About how much memory blocks and features may take.
    rng : None, int or numpy.random.Generator
        Draws the subsamples ("knn") or the folds.

    Returns
    -------
    Estimate
        The interval covers, at `level`, what `definition` names: for "knn" the divergence, as far as its bias is small
        against its spread; for "classifier" the value of a lower bound. Intervals are symmetric about the value where
        the divergence is linear in an expectation; for "hellinger", "bhattacharyya" and "renyi" the ends of such an
        interval are mapped and cut to the range of the divergence, where the estimated integral may have left its own:
        no smaller than 0, and inf where an integral below 1 comes out below 0.

    Raises
    ------
    ValueError
        If samples do not fit, are too small, or hold NaN or infinite entries; if a method has no estimate of the kind.
    TypeError
        If x and y belong to different array libraries.

    Notes
    -----
    "knn" for KL follows Wang, Kulkarni and Verdu (2009), in whose equation (29) both densities at a point are taken
    from balls of about one radius. Here they are counts in one ball, the smallest that holds k points of each sample,
    with digammas that make the log-ratio unbiased where the densities are constant on the ball. Duplicates make balls
    of radius 0, in which they are counted like any other points: no logarithm of 0 can occur. In such an atom the
    estimate is that of its masses; where only one sample repeats values, a divergence of densities does not exist.
    Powers of the ratio, for the other divergences, are those of Poczos and Schneider (2011), whose multiplicative
    correction of the bias becomes a ratio of gamma functions of the same counts. JS is the information about the sample
    that a point came from, estimated as in Ross (2014) from equally many points of both: the longer sample is cut into
    pieces. Standard errors are spreads over subsamples of a quarter, or of n^(2/3) rows where that is less, divided by
    sqrt(1/share - 1), since they are drawn without replacement. They know nothing of bias, which grows with the number
    of columns.

    "classifier": with a discriminator D = sigmoid(s) fitted on the other folds, every row gives its part of the
    variational bound E_p T - E_q f*(T) of Nguyen, Wainwright and Jordan (2010) at T = f'(e^(s + c)), with c from the
    training rows; for "js" that is V = E_p log D + E_q log(1 - D) <= 2 JS - log 4. Held-out rows are independent of s,
    so the means have honest standard errors.

    The distances of "knn" depend on the units of the columns; the classifier standardises them.

    References
    ----------
    Wang, Kulkarni and Verdu (2009), Divergence estimation for multidimensional densities via k-nearest-neighbor
    distances.
    Poczos and Schneider (2011), On the estimation of alpha-divergences.
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
    chosen = kind_of(kind, alpha)
    check_choice("method", method, _METHODS)
    check_integer("k", k, 1)
    check_integer("folds", folds, 2)
    check_integer("subsamples", subsamples, 0)
    check_in_interval("level", level, 0.0, 1.0, closed="neither")
    check_integer("max_bytes", max_bytes, 2**20)
    rng = as_generator(rng)
    if method == "knn":
        first, second = samples_on_host(x, y, at_least=3)
        return _by_neighbours(first, second, chosen, k, subsamples, level, max_bytes, rng)
    first, second = samples_on_host(x, y, at_least=2 * folds)
    return _by_classifier(first, second, chosen, folds, level, max_bytes, rng)


def _by_neighbours(
    x: numpy.ndarray,
    y: numpy.ndarray,
    kind: Kind,
    k: int,
    subsamples: int,
    level: float,
    max_bytes: int,
    rng: numpy.random.Generator,
) -> Estimate:
    k = min(k, len(x) - 1, len(y) - 1)
    check_neighbours(kind, k)

    def functional(a: numpy.ndarray, b: numpy.ndarray) -> float:
        return neighbour_functional(a, b, kind, k, max_bytes)

    # The order of rows must not matter to the pieces of the longer sample.
    x, y = x[rng.permutation(len(x))], y[rng.permutation(len(y))]
    value = functional(x, y)
    error = subsampled_error(functional, x, y, smallest=2 * (k + 1), subsamples=subsamples, rng=rng)
    definition = f"estimate of {kind.definition}{kind.unit}, by {k} nearest neighbours"
    method = "nearest neighbours, standard error by subsampling"
    return kind.estimate(value, error, level, method, (len(x), len(y)), definition)


def _by_classifier(
    x: numpy.ndarray,
    y: numpy.ndarray,
    kind: Kind,
    folds: int,
    level: float,
    max_bytes: int,
    rng: numpy.random.Generator,
) -> Estimate:
    v = cross_fitted(x, y, kind, fit_log_ratio, folds=folds, max_bytes=max_bytes, rng=rng)
    value, error = mean_difference(*kind.contributions(*v))
    definition = f"lower bound of {kind.definition}{kind.unit}: E_p T - E_q f*(T) on rows that T was not fitted to"
    return kind.estimate(value, error, level, f"logistic regression, {folds} folds", (len(x), len(y)), definition)
