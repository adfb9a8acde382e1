"""Which modes samples reach: modes captured, the share of high-quality samples, KL of the mode histogram."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer, check_nonnegative, check_positive
from gamedyn.backend import float_arrays, to_host
from gamedyn.data import Modes, target_modes
from gamedyn.distributions import Distribution
from gamedyn.numerics import Estimate, relative_entropy

__all__ = ["captured_modes", "high_quality_share", "mode_kl", "nearest_modes", "sample_rows", "share_estimate"]

_NORMAL_95 = 1.959963984540054


def captured_modes(samples: Any, modes: Any, scale: Any = None, *, deviations: float = 3.0, least: int = 1) -> int:
    """How many modes have at least `least` high-quality samples: samples within 3 deviations of the nearest mode.

    Parameters
    ----------
    samples : array_like, shape (n, d), or (n,) on the line
        Finite.
    modes : Distribution, Modes, or array_like of shape (k, d), or (k,) on the line
        The centres, or a law whose modes `gamedyn.data.target_modes` knows.
    scale : float or array_like of shape (k,), optional
        Standard deviation of the modes along every axis, non-negative; given with centres only.
    deviations : float
        How far from the nearest mode, in units of `scale`, a sample is of high quality.
    least : int
        Samples that make a mode captured.

    Returns
    -------
    int
        From 0 to k.

    Raises
    ------
    ValueError
        For shapes that do not fit, or values that are not finite.

    Notes
    -----
    The published tables (VEEGAN, PacGAN) draw 2,500 samples, and call a mode captured that has one sample within 3
    deviations. The chance to miss a mode of weight w altogether is (1 - w)^n, 1e-145 for 8 modes; with fewer samples
    compare only counts of the same n. Nearest is by the distance in units of each mode's deviation.

    References
    ----------
    Srivastava, Valkov, Russell, Gutmann and Sutton (2017), VEEGAN.
    Lin, Khetan, Fanti and Oh (2018), PacGAN, and its code.

    Examples
    --------
    >>> captured_modes([[0.0, 0.1], [4.0, 0.0], [9.0, 9.0]], [[0.0, 0.0], [4.0, 0.0], [8.0, 0.0]], 0.1)
    2
    """
    check_integer("least", least, minimum=1)
    label, distance, modes = nearest_modes(samples, modes, scale, deviations)
    counts = numpy.bincount(label[distance <= deviations], minlength=len(modes.centers))
    return int((counts >= least).sum())


def high_quality_share(samples: Any, modes: Any, scale: Any = None, *, deviations: float = 3.0) -> Estimate:
    """The share of samples within `deviations` standard deviations of the nearest mode.

    Parameters
    ----------
    samples : array_like, shape (n, d), or (n,) on the line
    modes, scale, deviations
        As for `captured_modes`.

    Returns
    -------
    Estimate
        With the binomial standard error, and Wilson's 95 % interval.

    Notes
    -----
    Samples of the target itself do not reach 1: of round Gaussians far apart, the share is P(chi^2_d <= 9), in the
    plane 1 - e^(-9/2) = 0.9889. A generator that has shrunk its modes exceeds that.

    Examples
    --------
    >>> share = high_quality_share([0.0, 0.2, 5.0, 0.1], [0.0], 0.1)
    >>> share.value
    0.75
    """
    _, distance, _ = nearest_modes(samples, modes, scale, deviations)
    return share_estimate(
        int((distance <= deviations).sum()),
        len(distance),
        f"share of samples within {deviations:g} standard deviations of the nearest mode",
    )


def mode_kl(
    samples: Any,
    modes: Any,
    scale: Any = None,
    *,
    counted: str = "high_quality",
    direction: str = "reverse",
    deviations: float = 3.0,
) -> Estimate:
    """KL of the histogram of samples over their nearest modes to the weights of the modes, in nats.

    Parameters
    ----------
    samples : array_like, shape (n, d), or (n,) on the line
    modes, scale, deviations
        As for `captured_modes`. Weights are those of a law or of `Modes`; equal for centres.
    counted : {"high_quality", "all"}
        Both are in use: the histogram of the high-quality samples alone, as in PacGAN's code, or of all samples.
        The second needs no threshold, and puts samples between modes with one of them.
    direction : {"reverse", "forward"}
        "reverse": KL(histogram, weights), at most log k for equal weights; "forward": KL(weights, histogram), inf where
        a mode has no sample.

    Returns
    -------
    Estimate
        nan where no sample counts; `n` is how many do. The standard error is of first order, with the second-order
        part that remains where the histogram meets the weights.

    Notes
    -----
    The plug-in value is biased upwards, by about (k - 1) / (2 n) for the target itself: 0.0014 for 8 modes and 2,500
    samples. With equal weights the reverse KL is log k less the entropy of the histogram, which PacGAN's code writes
    beside a Jensen-Shannon divergence; its published 0.70 exceeds log 2, and is of the former.

    References
    ----------
    Lin, Khetan, Fanti and Oh (2018), PacGAN, and its code.

    Examples
    --------
    >>> round(float(mode_kl([0.0, 0.0, 0.0], [0.0, 1.0], 0.1)), 12)  # one of two modes: log 2
    0.69314718056
    """
    check_choice("counted", counted, ("high_quality", "all"))
    check_choice("direction", direction, ("reverse", "forward"))
    label, distance, modes = nearest_modes(samples, modes, scale, deviations)
    kept = label[distance <= deviations] if counted == "high_quality" else label
    n, k = len(kept), len(modes.centers)
    which = "samples of high quality" if counted == "high_quality" else "all samples"
    pair = "(histogram, weights)" if direction == "reverse" else "(weights, histogram)"
    definition = f"KL{pair} of {which} over their nearest modes, in nats"
    if n == 0:
        nan = math.nan
        return Estimate(nan, nan, nan, nan, 0.95, "no sample counts", 0, definition)
    share = numpy.bincount(kept, minlength=k) / n
    p, q = (share, modes.weights) if direction == "reverse" else (modes.weights, share)
    with numpy.errstate(divide="ignore"):
        value = float(numpy.sum(relative_entropy(p, q)))
    if not math.isfinite(value):
        return Estimate(value, math.nan, value, value, 0.95, "a mode has no sample", n, definition)
    # The derivative of the value in the shares: log(share / weight), or -weight / share.
    seen = share > 0
    slope = numpy.zeros(k)
    ratio = share[seen] / modes.weights[seen]
    slope[seen] = numpy.log(ratio) if direction == "reverse" else -1 / ratio
    first = float(share @ slope**2 - (share @ slope) ** 2) / n
    # At equality the first order is 0, yet its own estimate (k - 1) / n^2 on average; the second order is half of that.
    error = math.sqrt(max(first - (k - 1) / n**2, 0.0) + 0.5 * (k - 1) / n**2)
    lower, upper = max(value - _NORMAL_95 * error, 0.0), value + _NORMAL_95 * error
    return Estimate(value, error, lower, upper, 0.95, "plug-in, delta method", n, definition)


def nearest_modes(
    samples: Any, modes: Any, scale: Any, deviations: float
) -> tuple[numpy.ndarray, numpy.ndarray, Modes]:
    """(index of the nearest mode, distance to it in its standard deviations, the modes) of each sample."""
    check_positive("deviations", deviations)
    rows = sample_rows("samples", samples)
    modes = _as_modes(modes, scale)
    if modes.centers.shape[1] != rows.shape[1]:
        raise ValueError(
            f"`samples` and `modes` must have as many coordinates, got {rows.shape[1]} and {modes.centers.shape[1]}."
        )
    from scipy.spatial.distance import cdist

    distance = cdist(rows, modes.centers)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        in_deviations = numpy.where(distance > 0, distance / modes.scale, 0.0)
    # From atoms everything but themselves is infinitely many deviations away; where all modes are such, by distance.
    by = distance if numpy.all(modes.scale == modes.scale[0]) else in_deviations
    label = numpy.argmin(by, axis=1)
    return label, in_deviations[numpy.arange(len(rows)), label], modes


def sample_rows(name: str, samples: Any, at_least: int = 1) -> numpy.ndarray:
    """Samples as float64 rows on the host, (n, d); a sample on the line may have shape (n,)."""
    rows = to_host(float_arrays(samples, names=(name,))[1]).astype(numpy.float64)
    rows = rows[:, None] if rows.ndim == 1 else rows
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(f"`{name}` must have shape (n, d), or (n,) on the line, got {rows.shape}.")
    if len(rows) < at_least:
        raise ValueError(f"`{name}` must hold at least {at_least} rows, got {len(rows)}.")
    bad = ~numpy.isfinite(rows)
    if bad.any():
        row, column = (int(i[0]) for i in bad.nonzero())
        raise ValueError(f"`{name}` must be finite, got {rows[row, column]:g} at row {row}, column {column}.")
    return rows


def share_estimate(count: int, n: int, definition: str) -> Estimate:
    """count / n with the binomial standard error, and Wilson's interval, which is not a point at 0 and 1."""
    share, z = count / n, _NORMAL_95
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2) / (1 + z * z / n)
    error = math.sqrt(share * (1 - share) / n)
    lower, upper = max(middle - half, 0.0), min(middle + half, 1.0)
    return Estimate(share, error, lower, upper, 0.95, "binomial", n, definition)


def _as_modes(modes: Any, scale: Any) -> Modes:
    if isinstance(modes, (Distribution, Modes)):
        if scale is not None:
            raise ValueError("`scale` must be left out where `modes` is a law or Modes, which bring their own.")
        return target_modes(modes) if isinstance(modes, Distribution) else modes
    if scale is None:
        raise ValueError("`scale` must be given with the centres of modes: their standard deviation.")
    centers = sample_rows("modes", modes)
    deviations = to_host(float_arrays(scale, names=("scale",))[1]).astype(numpy.float64)
    if deviations.ndim > 1 or deviations.size not in (1, len(centers)):
        raise ValueError(f"`scale` must be a number or have shape ({len(centers)},), got shape {deviations.shape}.")
    check_nonnegative("scale", deviations if deviations.ndim else float(deviations))
    k = len(centers)
    return Modes(centers, numpy.broadcast_to(deviations.reshape(-1), (k,)), numpy.full(k, 1 / k))
