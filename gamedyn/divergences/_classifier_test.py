"""The classifier two-sample test: whether a discriminator tells held-out rows of two samples apart."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval, check_integer
from gamedyn.backend import as_generator
from gamedyn.divergences._logistic import fit_log_ratio
from gamedyn.divergences._samples import check_spread, samples_on_host
from gamedyn.divergences._two_sample_test import TwoSampleTest

__all__ = ["classifier_two_sample_test"]


def classifier_two_sample_test(
    x: Any,
    y: Any,
    *,
    statistic: str = "accuracy",
    share: float = 0.5,
    permutations: int = 999,
    rng: Any = None,
) -> TwoSampleTest:
    """Whether two samples come from one law: the accuracy of a classifier on rows that it was not fitted to.

    Parameters
    ----------
    x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        Independent samples, exchangeable under the hypothesis.
    statistic : {"accuracy", "logit"}
        "accuracy": the mean of the shares of held-out rows of x and of y that are told right, 1/2 under the hypothesis.
        "logit": the difference of the mean logits, which says more than their signs.
    share : float
        Of the rows, to fit the classifier to: ridge logistic regression on standardised columns and their products
        (squares alone above 16 columns).
    permutations : int
        Number of random relabellings of held-out rows.
    rng : None, int or numpy.random.Generator
        Divides the rows, and draws the relabellings.

    Returns
    -------
    TwoSampleTest
        (statistic, pvalue, null). For "accuracy" the p-value is exact: given how many held-out rows are called x, the
        number of rows of x among them is hypergeometric. For "logit" it is (b + 1) / (permutations + 1), b the number
        of relabellings that are at least as far apart.

    Raises
    ------
    ValueError
        If samples do not fit, hold NaN or infinite entries, or have fewer than 5 rows to fit or to hold out.

    References
    ----------
    Lopez-Paz and Oquab (2017), Revisiting classifier two-sample tests.

    Examples
    --------
    >>> import numpy
    >>> rng = numpy.random.default_rng(0)
    >>> test = classifier_two_sample_test(rng.normal(0.0, 1.0, 200), rng.normal(0.0, 3.0, 200), rng=0)
    >>> test.pvalue < 1e-3
    True
    """
    check_choice("statistic", statistic, ("accuracy", "logit"))
    check_in_interval("share", share, 0.0, 1.0, closed="neither")
    check_integer("permutations", permutations, 1)
    x, y = samples_on_host(x, y)
    check_spread(x, y)
    rng = as_generator(rng)
    cuts = [int(share * len(sample)) for sample in (x, y)]
    least = min(min(cut, len(sample) - cut) for cut, sample in zip(cuts, (x, y), strict=True))
    if least < 5:
        raise ValueError(
            f"`share` must leave at least 5 rows of each sample to fit and to hold out, got {share} of {len(x)} and "
            f"{len(y)} rows."
        )
    (fit_x, held_x), (fit_y, held_y) = (
        numpy.split(sample[rng.permutation(len(sample))], [cut]) for cut, sample in zip(cuts, (x, y), strict=True)
    )
    log_ratio = fit_log_ratio(fit_x, fit_y)
    at_x, at_y = log_ratio(held_x), log_ratio(held_y)
    if statistic == "accuracy":
        return _by_accuracy(at_x, at_y, permutations, rng)
    return _by_logit(at_x, at_y, permutations, rng)


def _by_accuracy(
    at_x: numpy.ndarray, at_y: numpy.ndarray, permutations: int, rng: numpy.random.Generator
) -> TwoSampleTest:
    n, m = len(at_x), len(at_y)
    right = int(numpy.count_nonzero(at_x > 0))
    called = right + int(numpy.count_nonzero(at_y > 0))

    def accuracy(hits: Any) -> Any:
        return (hits / n + (m - called + hits) / m) / 2

    # Under the hypothesis every choice of n of the held-out rows is as likely to be x.
    pvalue = _hypergeometric_tail(right, n, m, called)
    null = accuracy(rng.hypergeometric(called, n + m - called, n, size=permutations))
    return TwoSampleTest(float(accuracy(right)), pvalue, null)


def _hypergeometric_tail(hits: int, n: int, m: int, called: int) -> float:
    """The probability that at least so many of n rows, drawn from n + m, are among `called` of them."""
    from scipy.special import gammaln

    def choices(size: Any, part: Any) -> Any:
        return gammaln(size + 1) - gammaln(part + 1) - gammaln(size - part + 1)

    h = numpy.arange(hits, min(n, called) + 1)
    logarithms = choices(called, h) + choices(n + m - called, n - h) - choices(n + m, n)
    return min(float(numpy.exp(logarithms).sum()), 1.0)


def _by_logit(
    at_x: numpy.ndarray, at_y: numpy.ndarray, permutations: int, rng: numpy.random.Generator
) -> TwoSampleTest:
    n, logits = len(at_x), numpy.concatenate([at_x, at_y])

    def difference(order: numpy.ndarray) -> float:
        return float(logits[order[:n]].mean() - logits[order[n:]].mean())

    observed = difference(numpy.arange(len(logits)))
    null = numpy.array([difference(rng.permutation(len(logits))) for _ in range(permutations)])
    # Relabellings that give the same number count, whatever the rounding.
    reached = int(numpy.count_nonzero(null >= observed - 1e-10 * numpy.abs(logits).max()))
    return TwoSampleTest(observed, (reached + 1) / (permutations + 1), null)
