"""KernelDensityModel: the mean of normal kernels about the training rows, their width by rule or by likelihood."""

from __future__ import annotations

import math
import warnings
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_positive
from gamedyn.backend import Array
from gamedyn.models._fitted_law import FittedLaw
from gamedyn.models._kernel_density_law import KernelDensityLaw

__all__ = ["KernelDensityModel"]

_BANDWIDTHS = ("scott", "silverman", "cross-validation")
# Multiples of Scott's rule between which the likelihood chooses, and rows that it is computed on.
_NARROWEST, _WIDEST, _GRID, _JUDGED = 0.02, 3.0, 15, 1000


@dataclass(eq=False, repr=False)
class KernelDensityModel(FittedLaw):
    """p(x) = mean_i N(x; x_i, h^2 S) over the training rows x_i.

    Parameters
    ----------
    bandwidth : {"scott", "silverman", "cross-validation"} or float
        h > 0: n^(-1 / (d + 4)) by Scott's rule, (n (d + 2) / 4)^(-1 / (d + 4)) by Silverman's, that which makes rows
        likeliest under the kernels of all others, or a number.
    kernel : {"covariance", "isotropic"}
        S is the covariance of the rows (over n - 1), or I times the mean of their variances.

    Attributes
    ----------
    law_ : Distribution
    bandwidth_ : float
        h.

    Notes
    -----
    A density costs O(n d) for each row: all kernels are summed, since trees that group them have been seen to err.
    Cross-validation leaves out each of up to 1,000 rows, evenly spaced, in turn; what is found for m rows is scaled to
    n by (m / n)^(1 / (d + 4)).

    References
    ----------
    Scott (1992), Multivariate density estimation.
    Silverman (1986), Density estimation for statistics and data analysis.

    Examples
    --------
    Two rows at -1 and 1, kernels N(., 1 / 2): p(0) is the density of N(1, 1 / 2) at 0.

    >>> model = KernelDensityModel(0.5).fit([[-1.0], [1.0]])
    >>> round(float(model.log_prob([[0.0]])[0]), 12)  # -log(pi) / 2 - 1
    -1.572364942925
    """

    bandwidth: float | str = "scott"
    _: KW_ONLY
    kernel: str = "covariance"

    def _learned(self, rows: Any) -> dict[str, Any]:
        n, d = rows.shape
        check_choice("kernel", self.kernel, ("covariance", "isotropic"))
        if isinstance(self.bandwidth, str):
            check_choice("bandwidth", self.bandwidth, _BANDWIDTHS)
        else:
            check_positive("bandwidth", self.bandwidth)
        if n < 2:
            raise ValueError(f"`X` must have at least 2 rows, got {n}.")
        root = self._root(rows)
        scott = float(n ** (-1 / (d + 4)))
        if self.bandwidth == "cross-validation":
            part = rows[:: -(-n // _JUDGED)]
            width = scott * _likeliest_factor(part, root * len(part) ** (-1 / (d + 4)))
        elif self.bandwidth == "silverman":
            width = scott * (4 / (d + 2)) ** (1 / (d + 4))
        else:
            width = scott if isinstance(self.bandwidth, str) else float(self.bandwidth)
        return {"rows": rows, "root": width * root, "bandwidth": numpy.array([width])}

    def _law(self, state: dict[str, Array]) -> KernelDensityLaw:
        self.bandwidth_ = float(state["bandwidth"][0])
        return KernelDensityLaw(state["rows"], state["root"])

    def _root(self, rows: numpy.ndarray) -> numpy.ndarray:
        """A lower triangle L with S = L L^T."""
        d = rows.shape[1]
        covariance = numpy.atleast_2d(numpy.cov(rows, rowvar=False))
        if self.kernel == "isotropic":
            spread = float(numpy.trace(covariance)) / d
            if not spread > 0:
                raise ValueError(f"`X` must have rows that differ, got {len(rows)} equal ones.")
            return numpy.asarray(math.sqrt(spread) * numpy.eye(d))
        deviation = numpy.sqrt(numpy.diagonal(covariance))
        correlation = covariance / numpy.outer(deviation, deviation) if numpy.all(deviation > 0) else None
        if correlation is None or numpy.linalg.eigvalsh(correlation)[0] < 1e-12:
            raise ValueError(
                "`X` must vary in every direction for the kernel 'covariance', got rows on a plane or a constant "
                "column. Take the kernel 'isotropic', or drop the column."
            )
        return numpy.asarray(numpy.linalg.cholesky(covariance))


def _likeliest_factor(rows: numpy.ndarray, root: numpy.ndarray) -> float:
    """The multiple of kernels under which each row is likeliest by the others: a grid, then golden sections."""

    def likelihood(log_factor: float) -> float:
        return KernelDensityLaw(rows, math.exp(log_factor) * root).leave_one_out()

    grid = numpy.linspace(math.log(_NARROWEST), math.log(_WIDEST), _GRID)
    best = int(numpy.argmax([likelihood(each) for each in grid]))
    if best in (0, _GRID - 1):
        warnings.warn(
            f"cross-validation found no best bandwidth within {_NARROWEST} to {_WIDEST} times Scott's rule, and took "
            f"the {'least' if best == 0 else 'largest'}. Rows that repeat make the least the best; drop them.",
            RuntimeWarning,
            stacklevel=4,
        )
        return math.exp(grid[best])
    low, high = grid[best - 1], grid[best + 1]
    golden = (math.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = likelihood(left), likelihood(right)
    while high - low > 1e-3:
        if at_left >= at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = likelihood(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = likelihood(right)
    return math.exp((low + high) / 2)
