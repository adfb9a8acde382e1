"""The ratio p / q of the densities of two samples, as a function."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval, check_positive, describe
from gamedyn.backend import Array, as_generator, float_arrays, like, to_host
from gamedyn.divergences._kliep import fit_kliep
from gamedyn.divergences._least_squares_ratio import fit_least_squares
from gamedyn.divergences._logistic import fit_log_ratio
from gamedyn.divergences._samples import check_spread, samples_on_host

__all__ = ["RATIO_METHODS", "DensityRatio", "density_ratio", "fit_density_ratio", "plain_log_ratio"]

RATIO_METHODS = ("ulsif", "rulsif", "kliep", "logistic")
"""The values of `method`."""

_ROWS = 2**14
"""Rows that are evaluated at a time."""


@dataclass(frozen=True, eq=False)
class DensityRatio:
    """An estimate of r = p / q, made by `density_ratio`, or of p / (b p + (1 - b) q) where `relative` is b > 0.

    Parameters
    ----------
    method : str
        "ulsif", "rulsif", "kliep" or "logistic".
    columns : int
        Of the samples.
    relative : float
        b.
    width, ridge : float
        Of the Gaussians, in pooled standard deviations, and the penalty; nan where the method has none.
    log_of : callable
        From rows (n, columns) on the host to log r.
    """

    method: str
    columns: int
    relative: float
    width: float
    ridge: float
    log_of: Callable[[numpy.ndarray], numpy.ndarray] = field(repr=False)

    def log_ratio(self, rows: Any) -> Array:
        """log r at rows of shape (n, d), or (n,) for d = 1; shape (n,), -inf where r is 0."""
        _, array = float_arrays(rows, names=("rows",))
        host = to_host(array).astype("float64")
        host = host[:, None] if host.ndim == 1 else host
        if host.ndim != 2 or host.shape[1] != self.columns:
            raise ValueError(f"`rows` must have shape (n, {self.columns}), got {describe(array)}.")
        if not numpy.all(numpy.isfinite(host)):
            raise ValueError("`rows` must be finite.")
        blocks = [self.log_of(host[start : start + _ROWS]) for start in range(0, len(host), _ROWS)]
        return like(numpy.concatenate(blocks or [numpy.zeros(0)]), array)

    def ratio(self, rows: Any) -> Array:
        """r at rows of shape (n, d), or (n,) for d = 1; shape (n,), >= 0."""
        xp, logarithm = float_arrays(self.log_ratio(rows), names=("rows",))
        return xp.exp(logarithm)

    def __call__(self, rows: Any) -> Array:
        """The same as `ratio`."""
        return self.ratio(rows)


def density_ratio(
    x: Any,
    y: Any,
    method: str = "ulsif",
    *,
    relative: float = 0.1,
    width: float | Sequence[float] | None = None,
    ridge: float | Sequence[float] | None = None,
    rng: Any = None,
) -> DensityRatio:
    """r = p / q from x drawn from p and y drawn from q, without estimating p or q; host-only work.

    Parameters
    ----------
    x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        Independent samples.
    method : {"ulsif", "rulsif", "kliep", "logistic"}
        "ulsif": least squares over sums of 100 Gaussians around rows of x, cut below 0. "rulsif": the same for the
        relative ratio p / (b p + (1 - b) q), which is never above 1 / b. "kliep": the sum of Gaussians with mean 1
        over y that makes x most likely. "logistic": the exponential of a quadratic function, by logistic regression.
    relative : float
        b, in (0, 1), for "rulsif".
    width : float or sequence of float, optional
        Of the Gaussians, in pooled standard deviations of the columns; of several, and of 0.2 to 2 median distances
        where none is given, the one that suits left-out rows. Not for "logistic".
    ridge : float or sequence of float, optional
        Penalty on the weights of "ulsif" and "rulsif", chosen like the width, from 1e-3 to 1 where it is not given.
    rng : None, int or numpy.random.Generator
        Draws the centres and the rows that are left out.

    Returns
    -------
    DensityRatio
        With methods `ratio(rows)` and `log_ratio(rows)`.

    Raises
    ------
    ValueError
        If samples do not fit, have fewer than 10 rows, or hold NaN or infinite entries; for options out of range.

    Notes
    -----
    The least-squares weights solve a linear system, so that the score of every pair of width and ridge with a pair of
    rows left out has a closed form; Kanamori, Hido and Sugiyama cut negative weights, where here the ratio is cut. The
    weights of "kliep" come from expectation maximisation, to within 1e-4 of the largest mean log-likelihood.

    References
    ----------
    Kanamori, Hido and Sugiyama (2009), A least-squares approach to direct importance estimation.
    Yamada, Suzuki, Kanamori, Hachiya and Sugiyama (2013), Relative density-ratio estimation for robust distribution
    comparison.
    Sugiyama, Suzuki, Nakajima, Kashima, von Buenau and Kawanabe (2008), Direct importance estimation for covariate
    shift adaptation.

    Examples
    --------
    >>> import numpy
    >>> rng = numpy.random.default_rng(0)
    >>> r = density_ratio(rng.normal(0.0, 1.0, 2000), rng.normal(1.0, 1.0, 2000), "logistic")
    >>> bool(abs(r.ratio([0.5])[0] - 1) < 0.1)  # r(t) = exp(1/2 - t)
    True
    """
    check_choice("method", method, RATIO_METHODS)
    first, second = samples_on_host(x, y, at_least=10)
    check_spread(first, second)
    if method == "rulsif":
        check_in_interval("relative", relative, 0.0, 1.0, closed="neither")
    for name, value, methods in (("width", width, RATIO_METHODS[:3]), ("ridge", ridge, RATIO_METHODS[:2])):
        if value is not None:
            if method not in methods:
                raise ValueError(f"`{name}` is not for the method {method!r}, got {value}.")
            check_positive(name, numpy.asarray(value, dtype="float64"))
    return fit_density_ratio(first, second, method, relative=relative, width=width, ridge=ridge, rng=as_generator(rng))


def fit_density_ratio(
    x: numpy.ndarray,
    y: numpy.ndarray,
    method: str,
    *,
    relative: float,
    width: float | Sequence[float] | None,
    ridge: float | Sequence[float] | None,
    rng: numpy.random.Generator,
) -> DensityRatio:
    """As `density_ratio`, for checked samples on the host."""
    if method == "logistic":
        return DensityRatio(method, x.shape[1], 0.0, numpy.nan, numpy.nan, fit_log_ratio(x, y))
    widths, ridges = (None if values is None else numpy.atleast_1d(values).tolist() for values in (width, ridge))
    chosen_ridge = numpy.nan
    if method == "kliep":
        basis, weights, chosen = fit_kliep(x, y, widths=widths, rng=rng)
    else:
        relative = relative if method == "rulsif" else 0.0
        basis, weights, chosen, chosen_ridge = fit_least_squares(
            x, y, relative=relative, widths=widths, ridges=ridges, rng=rng
        )

    def log_of(rows: numpy.ndarray) -> numpy.ndarray:
        value = numpy.maximum(basis.features(basis.squares(rows), chosen) @ weights, 0.0)
        with numpy.errstate(divide="ignore"):
            return numpy.asarray(numpy.log(value))

    return DensityRatio(method, x.shape[1], relative if method == "rulsif" else 0.0, chosen, chosen_ridge, log_of)


def plain_log_ratio(fitted: DensityRatio, x: numpy.ndarray) -> Callable[[numpy.ndarray], numpy.ndarray]:
    """log(p / q) for estimates of divergences, from a ratio that was fitted to the rows x of p.

    A relative ratio w of p to b p + (1 - b) q is turned into (1 - b) w / (1 - b w), with 1 - b w no smaller than
    1 / sqrt(n). The ratio is cut at its largest value on x, and mixed with the share 1 / sqrt(n) of the constant 1:
    what is 0 after a fit to n rows may be that much, and one logarithm of 0 would outweigh all other rows.
    """
    share, b = 1 / math.sqrt(len(x)), fitted.relative

    def ratio(rows: numpy.ndarray) -> numpy.ndarray:
        value = numpy.exp(fitted.log_of(rows))
        return value if b == 0 else numpy.asarray((1 - b) * value / numpy.maximum(1 - b * value, share))

    highest = float(ratio(x).max())
    return lambda rows: numpy.asarray(numpy.log((1 - share) * numpy.minimum(ratio(rows), highest) + share))
