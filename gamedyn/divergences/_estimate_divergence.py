"""Divergences from two samples, each with its standard error, interval and definition."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval, check_integer
from gamedyn.backend import as_generator
from gamedyn.divergences._critic import donsker_varadhan, fit_critic
from gamedyn.divergences._cross_fit import LogRatio, cross_fitted, mean_difference
from gamedyn.divergences._density_ratio import RATIO_METHODS, fit_density_ratio, plain_log_ratio
from gamedyn.divergences._kernel_density import check_bandwidth, check_kernels, kernel_log_ratios, resubstitution
from gamedyn.divergences._kinds import Kind, kind_of
from gamedyn.divergences._logistic import fit_log_ratio
from gamedyn.divergences._neighbours import check_neighbours, neighbour_functional
from gamedyn.divergences._samples import check_spread, samples_on_host
from gamedyn.divergences._subsampling import subsampled_error
from gamedyn.numerics import Estimate

__all__ = ["estimate_divergence"]

_METHODS = ("knn", "kde", "ratio", "variational", "classifier")
_BOUNDS = ("f_gan", "nwj", "donsker_varadhan")


def estimate_divergence(
    x: Any,
    y: Any,
    kind: str = "kl",
    *,
    method: str = "knn",
    alpha: float | None = None,
    k: int = 5,
    bandwidth: float | str | None = None,
    ratio: str | None = None,
    bound: str | None = None,
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
        discriminator), "bhattacharyya" and "renyi", in nats; "tv", "squared_hellinger", "hellinger", "le_cam",
        "pearson", "neyman", "alpha" and "tsallis".
    method : {"knn", "kde", "ratio", "variational", "classifier"}
        "knn": nearest neighbours; not for "tv" and "le_cam". "kde": Gaussian kernel densities, each row left out of its
        own; not for powers outside (0, 1). The others are lower bounds by cross-fitted critics, for all kinds. "ratio":
        the density ratio of `density_ratio`. "variational": a critic that maximises the bound of the kind itself.
        "classifier": ridge logistic regression on standardised columns with their products (squares alone above 16
        columns).
    alpha : float
        Order, for the kinds "alpha", "renyi" and "tsallis"; 1 is the limit KL, and 0, for "alpha", KL(q, p).
    k : int
        Number of neighbours for "knn", lowered for samples that have fewer; above |alpha - 1|.
    bandwidth : {"scott", "silverman", "likelihood"} or float
        For "kde": the rule, or the deviation of the kernel over that of its sample. "likelihood" is the multiple of
        Scott's rule under which rows that are left out are most likely.
    ratio : {"ulsif", "rulsif", "kliep", "logistic"}
        For "ratio": the method of `density_ratio`, "kliep" where none is given.
    bound : {"f_gan", "nwj", "donsker_varadhan"}
        For "variational": E_p T - E_q f*(T), which for KL is the bound of Nguyen, Wainwright and Jordan and then also
        called "nwj", or, for "kl" and "reverse_kl", E_p T - log E_q e^T.
    folds : int
        Parts of the rows, each of which is judged by a critic fitted to the others.
    subsamples : int
        Number of subsamples for the standard error of "knn"; 0 leaves it out, as nan, and halves the time.
    level : float
        Nominal coverage of the interval.
    max_bytes : int
        About how much memory blocks and features may take.
    rng : None, int or numpy.random.Generator
        Draws the subsamples ("knn"), or folds and centres.

    Returns
    -------
    Estimate
        The interval covers, at `level`, what `definition` names: for "knn" and "kde" the divergence, as far as their
        bias is small against their spread; for the others the value of a lower bound. Value and interval are cut to the
        range of the divergence, [0, log 2] for "js" and [0, inf) for "kl", which estimates leave by their finite-sample
        terms: where no ball holds points of both samples, n of each, JS would be psi(2n) - psi(n), about log 2 + 1 /
        (4n), and for one law estimates scatter about 0. An average of many is then too large. Lower bounds are cut at
        the upper end alone. The standard error is that before the cut. Intervals are symmetric about the value before
        the cut where the divergence is linear in an expectation; for "hellinger", "bhattacharyya" and "renyi" the ends
        of such an interval are mapped, to inf where an integral below 1 comes out below 0. A bound that overflows is
        -inf, with both ends there and a standard error of nan. Where the standard error of "knn" is left out, or the
        samples are too small for subsamples, it and both ends are nan.

    Raises
    ------
    ValueError
        If samples do not fit, are too small, or hold NaN or infinite entries; if a method has no estimate of the kind.
    TypeError
        If x and y belong to different array libraries.

    Notes
    -----
    "knn" for KL follows Wang, Kulkarni and Verdu (2009), who lower the bias by taking both densities at a point from
    balls of about one radius. Here they are counts in one ball, the smallest that holds k points of each sample,
    with digammas that make the log-ratio unbiased where the densities are constant on the ball. Duplicates make balls
    of radius 0, in which they are counted like any other points: no logarithm of 0 can occur. In such an atom the
    estimate is that of its masses; where only one sample repeats values, a divergence of densities does not exist.
    Powers of the ratio, for the other divergences, are those of Poczos and Schneider (2011), whose multiplicative
    correction of the bias becomes a ratio of gamma functions of the same counts. JS is the information about the sample
    that a point came from, estimated as in Ross (2014) from equally many points of both: the longer sample is cut into
    pieces. Standard errors are spreads over subsamples of a quarter, or of n^(2/3) rows where that is less, divided by
    sqrt(1/share - 1), since they are drawn without replacement. They know nothing of bias, which grows with the number
    of columns, nor of an overlap that the samples do not show: for JS of samples that lie apart they are 0.

    "kde": for "kl", "reverse_kl" and "jeffreys" the mean log-ratio of the densities, with the variance of its influence
    function; for other kinds the bound below, at the log-ratio of the densities. Kernels widen both laws, which makes
    estimates too small, the more so the more columns: by half a standard error and more where a few hundred rows have
    two columns. O((n + m)^2).

    The others: with a logit s fitted on the other folds, every row gives its part of the variational bound
    E_p T - E_q f*(T) of Nguyen, Wainwright and Jordan (2010) at T = f'(e^(s + c)), with c from the training rows; for
    "js" that is V = E_p log D + E_q log(1 - D) <= 2 JS - log 4 at the discriminator D = sigmoid(s). Held-out rows are
    independent of s, so the means have honest standard errors, and are below the divergence on average. That of
    Donsker and Varadhan has a logarithm of a mean over m rows, too small by var(e^T) / (2 m (E_q e^T)^2) to first
    order: it is added, and the value is a lower bound on average up to the second.

    The distances of "knn" depend on the units of the columns; the other methods standardise them.

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
    for name, value, owner in (
        ("bandwidth", bandwidth, "kde"),
        ("ratio", ratio, "ratio"),
        ("bound", bound, "variational"),
    ):
        if value is not None and method != owner:
            raise ValueError(f"`{name}` belongs to the method {owner!r}, got it for {method!r}.")
    check_integer("k", k, 1)
    check_integer("folds", folds, 2)
    check_integer("subsamples", subsamples, 0)
    check_in_interval("level", level, 0.0, 1.0, closed="neither")
    check_integer("max_bytes", max_bytes, 2**20)
    generator = as_generator(rng)
    least = {"knn": 3, "kde": 3}.get(method, 4 * folds if method in ("ratio", "variational") else 2 * folds)
    pair = samples_on_host(x, y, at_least=least)
    check_spread(*pair)
    if method == "knn":
        found = _by_neighbours(*pair, chosen, k, subsamples, max_bytes, generator)
    elif method == "kde":
        found = _by_kernels(*pair, chosen, "scott" if bandwidth is None else bandwidth, max_bytes)
    elif method == "ratio":
        found = _by_ratio(*pair, chosen, "kliep" if ratio is None else ratio, folds, max_bytes, generator)
    elif method == "variational":
        found = _by_critic(*pair, chosen, "f_gan" if bound is None else bound, folds, max_bytes, generator)
    else:
        found = _by_classifier(*pair, chosen, folds, max_bytes, generator)
    value, error, how, definition = found
    sizes, is_bound = (len(pair[0]), len(pair[1])), method not in ("knn", "kde")
    return chosen.estimate(value, error, level, how, sizes, definition, is_bound=is_bound)


_Found = tuple[float, float, str, str]
"""The functional of a kind, its standard error, the method in words and the definition."""


def _by_neighbours(
    x: numpy.ndarray,
    y: numpy.ndarray,
    kind: Kind,
    k: int,
    subsamples: int,
    max_bytes: int,
    rng: numpy.random.Generator,
) -> _Found:
    k = min(k, len(x) - 1, len(y) - 1)
    check_neighbours(kind, k)

    def functional(a: numpy.ndarray, b: numpy.ndarray) -> float:
        return neighbour_functional(a, b, kind, k, max_bytes)

    # The order of rows must not matter to the pieces of the longer sample.
    x, y = x[rng.permutation(len(x))], y[rng.permutation(len(y))]
    value = functional(x, y)
    error = subsampled_error(functional, x, y, smallest=2 * (k + 1), subsamples=subsamples, rng=rng)
    definition = f"estimate of {kind.definition}{kind.unit}, by {k} nearest neighbours, cut to {kind.shown_range}"
    return value, error, "nearest neighbours, standard error by subsampling", definition


def _by_kernels(x: numpy.ndarray, y: numpy.ndarray, kind: Kind, bandwidth: float | str, max_bytes: int) -> _Found:
    check_bandwidth(bandwidth)
    check_kernels(kind)
    v_x, v_y = kernel_log_ratios(x, y, bandwidth, max_bytes)
    value, error = resubstitution(kind, v_x, v_y)
    rule = bandwidth if isinstance(bandwidth, str) else f"{bandwidth:g} deviations"
    definition = (
        f"estimate of {kind.definition}{kind.unit}, by kernel densities without the row that they are taken at, cut to "
        f"{kind.shown_range}"
    )
    return value, error, f"Gaussian kernels, bandwidth: {rule}", definition


def _by_ratio(
    x: numpy.ndarray,
    y: numpy.ndarray,
    kind: Kind,
    method: str,
    folds: int,
    max_bytes: int,
    rng: numpy.random.Generator,
) -> _Found:
    check_choice("ratio", method, RATIO_METHODS)

    def fit(a: numpy.ndarray, b: numpy.ndarray) -> LogRatio:
        return plain_log_ratio(fit_density_ratio(a, b, method, relative=0.1, width=None, ridge=None, rng=rng), a)

    v = cross_fitted(x, y, kind, fit, folds=folds, max_bytes=max_bytes, rng=rng)
    definition = f"lower bound of {kind.definition}{kind.unit}: E_p T - E_q f*(T) on rows that T was not fitted to"
    return *mean_difference(*kind.contributions(*v)), f"density ratio by {method}, {folds} folds", definition


def _by_critic(
    x: numpy.ndarray,
    y: numpy.ndarray,
    kind: Kind,
    bound: str,
    folds: int,
    max_bytes: int,
    rng: numpy.random.Generator,
) -> _Found:
    check_choice("bound", bound, _BOUNDS)
    if bound != "f_gan" and kind.functional not in ("kl", "reverse_kl"):
        raise ValueError(f"`bound` {bound!r} is one of KL, got the kind {kind.name!r}. Take 'f_gan'.")
    v_x, v_y = cross_fitted(
        x, y, kind, lambda a, b: fit_critic(a, b, kind, rng), folds=folds, max_bytes=max_bytes, rng=rng
    )
    how = f"critic of a quadratic logit and Gaussians, {folds} folds"
    if bound == "donsker_varadhan":
        forward = kind.functional == "kl"
        value, error = donsker_varadhan(*((v_x, v_y) if forward else (-v_y, -v_x)))
        form = "E_p T - log E_q e^T" if forward else "E_q T - log E_p e^T"
        definition = (
            f"lower bound of {kind.definition}, in nats: {form} on rows that T was not fitted to, less the first order "
            "of the bias of the logarithm of a mean"
        )
        return value, error, how, definition
    definition = f"lower bound of {kind.definition}{kind.unit}: E_p T - E_q f*(T) on rows that T was not fitted to"
    return *mean_difference(*kind.contributions(v_x, v_y)), how, definition


def _by_classifier(
    x: numpy.ndarray,
    y: numpy.ndarray,
    kind: Kind,
    folds: int,
    max_bytes: int,
    rng: numpy.random.Generator,
) -> _Found:
    v = cross_fitted(x, y, kind, fit_log_ratio, folds=folds, max_bytes=max_bytes, rng=rng)
    definition = f"lower bound of {kind.definition}{kind.unit}: E_p T - E_q f*(T) on rows that T was not fitted to"
    return *mean_difference(*kind.contributions(*v)), f"logistic regression, {folds} folds", definition
