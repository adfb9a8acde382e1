"""rotation_number: the mean angle by which an orbit turns about a centre, by weighted Birkhoff averages."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import float_arrays, to_host
from gamedyn.dynamics._trajectory import Trajectory
from gamedyn.numerics import Estimate

__all__ = ["birkhoff_average", "rotation_number"]


def rotation_number(trajectory: Any, centre: Any, *, plane: Any = None) -> Estimate:
    """rho = lim (1/N) sum of the angles about `centre` between successive points, in turns per step.

    Averages are weighted by w(t) = exp(1 / (t (t - 1))), t = n / N: on smooth quasi-periodic orbits, and on those that
    spiral, the error vanishes faster than every power of 1/N.

    Parameters
    ----------
    trajectory : Trajectory or array_like, shape (T, d)
        One orbit, recorded at every step, at least 32 points; d >= 2.
    centre : array_like, shape (d,)
    plane : array_like, shape (2, d), optional
        Two independent vectors: angles are measured from the first to the second, in the plane of the inner products
        with them. By default the plane itself for d = 2, else the two principal axes of the points about the centre,
        the signs such that their largest 2 x 2 minor is positive.

    Returns
    -------
    Estimate
        In (-1/2, 1/2], positive where the orbit turns from the first axis to the second. The standard error is the
        difference between the averages over the two halves.

    Raises
    ------
    ValueError
        If there are too few points, shapes do not fit, records skip steps, or the orbit hits the centre.

    Notes
    -----
    Host-only. An angle is known up to whole turns; those between points are taken within half a turn of their circular
    mean. A flow's rotation per unit of time is that of points a time t apart, divided by t, if no angle is as large as
    a half turn.

    References
    ----------
    Das, Saiki, Sander, Yorke (2017), Quantitative quasiperiodicity.

    Examples
    --------
    >>> import numpy
    >>> angle = 2 * numpy.pi * 0.3 * numpy.arange(400)
    >>> orbit = numpy.stack([2 * numpy.cos(angle), numpy.sin(angle)], axis=-1)
    >>> round(float(rotation_number(orbit, [0.0, 0.0])), 12)
    0.3
    """
    points = _points_of(trajectory)
    d = points.shape[1]
    middle = _vector(centre, "centre")
    if middle.shape != (d,):
        raise ValueError(f"`centre` must have shape ({d},) like the points, got {middle.shape}.")
    arms = points - middle
    axes = _principal_axes(arms) if plane is None else _vector(plane, "plane")
    if axes.shape != (2, d):
        raise ValueError(f"`plane` must have shape (2, {d}), got {axes.shape}.")
    seen = arms @ axes.T
    radii = numpy.hypot(seen[:, 0], seen[:, 1])
    if not numpy.all(radii > 0):
        first = int(numpy.argmin(radii))
        raise ValueError(f"`trajectory` must not pass through `centre`, but its record {first} lies there.")
    # Unit vectors as complex numbers: quotients carry the angles.
    unit = (seen[:, 0] + 1j * seen[:, 1]) / radii
    turns = unit[1:] * unit[:-1].conj()
    mean = turns.sum()
    mean = mean / abs(mean) if abs(mean) > 0 else 1.0
    angles = (numpy.angle(mean) + numpy.angle(turns * numpy.conj(mean))) / (2 * numpy.pi)
    value, error = birkhoff_average(angles)
    rate = float(value) - float(numpy.ceil(float(value) - 0.5))
    width = float(error)
    return Estimate(
        rate,
        width,
        rate - width,
        rate + width,
        float("nan"),
        "weighted Birkhoff average; the error is the difference between its halves",
        len(angles),
        "mean angle about the centre from one record to the next, in turns",
    )


def birkhoff_average(values: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The weighted average of values (N, ...) along the first axis, and how much those over its halves differ."""
    half = len(values) // 2
    early, late = _weighted(values[:half]), _weighted(values[half:])
    return _weighted(values), numpy.abs(early - late)


def _weighted(values: numpy.ndarray) -> numpy.ndarray:
    t = numpy.arange(1, len(values) + 1) / (len(values) + 1)
    weights = numpy.exp(1 / (t * (t - 1)))
    return numpy.asarray(numpy.tensordot(weights / weights.sum(), values, axes=1))


def _points_of(trajectory: Any) -> numpy.ndarray:
    if isinstance(trajectory, Trajectory):
        times = to_host(trajectory.times)
        if numpy.any(numpy.diff(times) != 1):
            raise ValueError("`trajectory` must be recorded at every step, but its records skip some.")
        points = to_host(trajectory.points)
    else:
        points = _vector(trajectory, "trajectory")
    if points.ndim != 2 or points.shape[1] < 2 or len(points) < 32:
        raise ValueError(
            f"`trajectory` must be one orbit of shape (T, d), T >= 32 and d >= 2, got shape {tuple(points.shape)}."
        )
    if not numpy.all(numpy.isfinite(points)):
        raise ValueError("`trajectory` must be finite, got infinite or NaN points.")
    return points.astype(float)


def _vector(values: Any, name: str) -> numpy.ndarray:
    _, array = float_arrays(values, names=(name,))
    return numpy.asarray(to_host(array), dtype=float)


def _principal_axes(arms: numpy.ndarray) -> numpy.ndarray:
    if arms.shape[1] == 2:
        return numpy.eye(2)
    axes = numpy.linalg.svd(arms, full_matrices=False)[2][:2]
    minors = numpy.outer(axes[0], axes[1]) - numpy.outer(axes[1], axes[0])
    largest = numpy.unravel_index(numpy.argmax(numpy.abs(numpy.triu(minors))), minors.shape)
    return axes if minors[largest] > 0 else axes[::-1]
