"""Adaptive quadrature on the line and the plane, with an error estimate: Gauss-Kronrod with global bisection."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_in_interval, check_integer
from gamedyn.backend import to_host
from gamedyn.numerics._estimate import Estimate

__all__ = ["QuadratureWarning", "integrate", "integrate_2d"]

# The 21-point Kronrod rule on [-1, 1] from its outermost node to 0, and the weights of the 10-point Gauss rule that
# sits on every second node: Stieltjes polynomial and moment equations, solved to 60 digits.
_NODES = (
    0.9956571630258080807355273, 0.973906528517171720077964, 0.9301574913557082260012072, 0.8650633666889845107320967,
    0.7808177265864168970637176, 0.6794095682990244062343274, 0.5627571346686046833390001, 0.4333953941292471907992659,
    0.2943928627014601981311266, 0.148874338981631210884826, 0.0,
)  # fmt: skip
_WEIGHTS = (
    0.0116946388673718742780644, 0.03255816230796472747881897, 0.0547558965743519960313813, 0.0750396748109199527670431,
    0.09312545458369760553506547, 0.1093871588022976418992106, 0.1234919762620658510779581, 0.134709217311473325928054,
    0.1427759385770600807970943, 0.1477391049013384913748415, 0.1494455540029169056649365,
)  # fmt: skip
_GAUSS = (
    0.0, 0.06667134430868813759356881, 0.0, 0.1494513491505805931457763, 0.0, 0.2190863625159820439955349,
    0.0, 0.2692667193099963550912269, 0.0, 0.295524224714752870173893, 0.0,
)  # fmt: skip
_X = numpy.array([-x for x in _NODES[:-1]] + list(reversed(_NODES)))
_KRONROD = numpy.array([*_WEIGHTS[:-1], *reversed(_WEIGHTS)])
_DIFFERENCE = _KRONROD - numpy.array([*_GAUSS[:-1], *reversed(_GAUSS)])

_EPS = 2.0**-52


class QuadratureWarning(RuntimeWarning):
    """An adaptive quadrature stopped before its error estimate met the tolerance."""


def integrate(
    f: Callable[[Any], Any],
    lower: float,
    upper: float,
    *,
    breakpoints: Sequence[float] = (),
    tolerance: float = 1e-12,
    max_evaluations: int = 200_000,
) -> Estimate:
    """The integral of f from lower to upper.

    Parameters
    ----------
    f : callable
        Vectorised: takes a NumPy float64 array of shape (n,), gives an array (n,) or (n, ...) of any library; further
        axes are integrated side by side, each to the tolerance.
    lower, upper : float
        lower <= upper; infinite ends allowed.
    breakpoints : sequence of float
        Peaks, kinks and jumps, where the interval is cut first; those outside are ignored. A peak narrower than about a
        tenth of its piece can be missed otherwise. They also set the unit of length of an infinite tail.
    tolerance : float
        Bound for the error estimate, as a multiple of the integral of |f|; 1e-13 at least.
    max_evaluations : int
        Bound for the number of nodes.

    Returns
    -------
    Estimate
        Of the shape of one value of f; `standard_error` is the error estimate, `n` the number of nodes, and `level`
        nan: the interval is an estimate, not a proof. Where f is inf at a node, so is the value.

    Raises
    ------
    ValueError
        If f gives nan, or both inf and -inf, or the wrong shape.

    Warns
    -----
    QuadratureWarning
        If the error estimate stayed above the tolerance.

    Notes
    -----
    Pieces are judged by the difference between the 21-point Kronrod and the 10-point Gauss rule, sharpened as in
    QUADPACK; in every round those that hold most of the error are cut in two, and all new ones are evaluated by one
    call of f. A tail from b to infinity is mapped by x = b + s (1 - t) / t, 0 < t <= 1, s the distance of the outermost
    breakpoints (1 without any). The estimate cannot see that nodes far from 0 are themselves rounded. On the host.

    References
    ----------
    Piessens, de Doncker-Kapenga, Ueberhuber and Kahaner (1983), QUADPACK: A Subroutine Package for Automatic
    Integration.

    Examples
    --------
    >>> import numpy
    >>> estimate = integrate(lambda x: numpy.exp(-(x**2)), -numpy.inf, numpy.inf)
    >>> round(float(estimate) ** 2, 10)  # pi
    3.1415926536
    """
    axis = _Axis.cut(lower, upper, breakpoints, ("lower", "upper"))
    where = f"({lower:g}, {upper:g})"
    return _adapt(f, (axis,), tolerance, max_evaluations, f"integral of f over {where}")


def integrate_2d(
    f: Callable[[Any, Any], Any],
    x_limits: tuple[float, float],
    y_limits: tuple[float, float],
    *,
    x_breakpoints: Sequence[float] = (),
    y_breakpoints: Sequence[float] = (),
    tolerance: float = 1e-10,
    max_evaluations: int = 4_000_000,
) -> Estimate:
    """The integral of f over the rectangle x_limits x y_limits.

    Parameters
    ----------
    f : callable
        Vectorised: takes two NumPy float64 arrays of shape (n,), gives an array (n,) or (n, ...).
    x_limits, y_limits : tuple of float
        Lower and upper end of each axis; infinite ends allowed.
    x_breakpoints, y_breakpoints : sequence of float
        Where each axis is cut first.
    tolerance, max_evaluations
        As in `integrate`.

    Returns
    -------
    Estimate
        As of `integrate`; products of the 21-point rule, each rectangle halved across the axis with the larger error.

    Examples
    --------
    >>> import numpy
    >>> estimate = integrate_2d(lambda x, y: x * y**2, (0, 1), (0, 3))
    >>> round(float(estimate), 12)  # 1/2 * 9
    4.5
    """
    axes = (
        _Axis.cut(*x_limits, x_breakpoints, ("x_limits[0]", "x_limits[1]")),
        _Axis.cut(*y_limits, y_breakpoints, ("y_limits[0]", "y_limits[1]")),
    )
    return _adapt(f, axes, tolerance, max_evaluations, "integral of f over a rectangle")


@dataclass(frozen=True)
class _Axis:
    """Pieces of an axis in a parameter t: x = t between `first` and `last`, and t in (0, 1] along a tail.

    Infinity lies at t = 0, where floats are dense enough for any number of bisections.
    """

    left: numpy.ndarray
    right: numpy.ndarray
    tail: numpy.ndarray  # -1, 0 or 1 for each piece
    first: float
    last: float
    unit: float

    @classmethod
    def cut(cls, lower: float, upper: float, breakpoints: Sequence[float], names: tuple[str, str]) -> _Axis:
        lower, upper = float(lower), float(upper)
        if not lower <= upper:
            raise ValueError(f"`{names[0]}` must not exceed `{names[1]}`, got {lower:g} and {upper:g}.")
        points = {float(b) for b in breakpoints if lower < b < upper and math.isfinite(b)}
        points |= {end for end in (lower, upper) if math.isfinite(end)}
        cuts = numpy.array(sorted(points or {0.0}))
        left, right, tail = [*cuts[:-1]], [*cuts[1:]], [0.0] * (len(cuts) - 1)
        if lower == -math.inf:
            left, right, tail = [*left, 0.0], [*right, 1.0], [*tail, -1.0]
        if upper == math.inf:
            left, right, tail = [*left, 0.0], [*right, 1.0], [*tail, 1.0]
        span = float(cuts[-1] - cuts[0])
        unit = span if span > 0 else 1.0
        return cls(numpy.array(left), numpy.array(right), numpy.array(tail), float(cuts[0]), float(cuts[-1]), unit)

    def nodes(self, left: numpy.ndarray, right: numpy.ndarray, tail: numpy.ndarray) -> tuple[Any, Any]:
        """x and dx/ds at the 21 nodes s of [-1, 1] of each piece, both of shape (pieces, 21)."""
        half = 0.5 * (right - left)[:, None]
        t = (0.5 * left + 0.5 * right)[:, None] + half * _X
        tail = tail[:, None]
        # Outside tails t is replaced by 1, so that their map stays finite.
        r = numpy.where(tail == 0, 1.0, t)
        x = numpy.where(tail == 0, t, numpy.where(tail > 0, self.last, self.first) + tail * self.unit * (1 - r) / r)
        return x, half * numpy.where(tail == 0, 1.0, self.unit / r**2)


def _adapt(f: Any, axes: tuple[_Axis, ...], tolerance: float, max_evaluations: int, definition: str) -> Estimate:
    check_in_interval("tolerance", tolerance, 1e-13, 1.0)
    check_integer("max_evaluations", max_evaluations, 1)
    grids = numpy.meshgrid(*(numpy.arange(len(axis.left)) for axis in axes), indexing="ij")
    index = [grid.ravel() for grid in grids]
    left = numpy.stack([axis.left[i] for axis, i in zip(axes, index, strict=True)], axis=-1)  # (cells, axes)
    right = numpy.stack([axis.right[i] for axis, i in zip(axes, index, strict=True)], axis=-1)
    tail = numpy.stack([axis.tail[i] for axis, i in zip(axes, index, strict=True)], axis=-1)
    value, error, magnitude, blowup = _apply_rule(f, axes, left, right, tail)
    evaluations = len(left) * 21 ** len(axes)
    while True:
        goal = tolerance * magnitude.sum(axis=0) + numpy.finfo(float).tiny
        # Of each cell, the share of the allowed error that it takes, at the worst of the components.
        # A component that has been infinite at a node is settled.
        share = numpy.where(blowup == 0, error.sum(axis=1) / goal, 0.0)
        share = share.max(axis=tuple(range(1, share.ndim)), initial=0.0)
        if numpy.all((error.sum(axis=(0, 1)) <= goal) | (blowup != 0)):
            break
        room = (max_evaluations - evaluations) // (2 * 21 ** len(axes))
        chosen = _worst_cells(share, axes, left, right, tail)[: max(room, 0)]
        if len(chosen) == 0:
            warnings.warn(
                f"the quadrature stopped after {evaluations} evaluations with an error estimate of "
                f"{float(error.sum(axis=(0, 1)).max()):.1e}; pass breakpoints at peaks and jumps.",
                QuadratureWarning,
                stacklevel=3,
            )
            break
        worst_axis = error[chosen].reshape(len(chosen), len(axes), -1).max(axis=2).argmax(axis=1)
        new_left, new_right = _halve(left[chosen], right[chosen], worst_axis)
        new_tail = numpy.concatenate([tail[chosen], tail[chosen]])
        results = _apply_rule(f, axes, new_left, new_right, new_tail)
        evaluations += len(new_left) * 21 ** len(axes)
        blowup = blowup + results[3]
        left, right, tail, value, error, magnitude = (
            numpy.concatenate([numpy.delete(old, chosen, axis=0), new])
            for old, new in zip(
                (left, right, tail, value, error, magnitude),
                (new_left, new_right, new_tail, *results[:3]),
                strict=True,
            )
        )
    total = numpy.where(blowup == 0, value.sum(axis=0), numpy.copysign(numpy.inf, blowup))[()]
    bound = numpy.where(blowup == 0, error.sum(axis=(0, 1)), 0.0)[()]
    method = "adaptive Gauss-Kronrod quadrature"
    return Estimate(total, bound, total - bound, total + bound, math.nan, method, evaluations, definition)


def _apply_rule(f: Any, axes: tuple[_Axis, ...], left: Any, right: Any, tail: Any) -> tuple[Any, Any, Any, Any]:
    """Integral, error estimate for each axis, integral of |f|, of each cell; the signed count of infinite values."""
    count, dims = len(left), len(axes)
    points, jacobian = [], numpy.ones((count,) + (1,) * dims)
    for k, axis in enumerate(axes):
        x, dx = axis.nodes(left[:, k], right[:, k], tail[:, k])
        shape = (count, *(21 if j == k else 1 for j in range(dims)))
        points.append(numpy.broadcast_to(x.reshape(shape), (count,) + (21,) * dims).reshape(-1))
        jacobian = jacobian * dx.reshape(shape)
    raw = numpy.asarray(to_host(f(*points)), dtype="float64")
    if raw.shape[:1] != points[0].shape:
        raise ValueError(f"`f` must give one value for each of {len(points[0])} points, got shape {raw.shape}.")
    if numpy.isnan(raw).any():
        first = int(numpy.argwhere(numpy.isnan(raw))[0, 0])
        raise ValueError(f"`f` must not give nan, got it at {', '.join(f'{p[first]:.17g}' for p in points)}.")
    infinite = numpy.isinf(raw)
    if infinite.any() and numpy.any((raw == numpy.inf).any(axis=0) & (raw == -numpy.inf).any(axis=0)):
        raise ValueError("`f` must not give both inf and -inf: its integral is undefined.")
    components = raw.shape[1:]
    # Far out in a tail a finite value may overflow when weighted, and counts as infinite; sums of 21 must not either.
    with numpy.errstate(over="ignore"):
        values = raw.reshape((count,) + (21,) * dims + components)
        values = values * jacobian.reshape(jacobian.shape + (1,) * len(components))
    infinite = numpy.abs(values) > numpy.finfo(float).max / 1e6
    blowup = numpy.where(infinite, numpy.sign(values), 0.0).sum(axis=tuple(range(1 + dims)))
    values = numpy.where(infinite, 0.0, values)
    value, magnitude = _contract(values, dims, None), _contract(numpy.abs(values), dims, None)
    # Each rule is applied to f times half the width, on [-1, 1]^dims, whose volume is 2^dims.
    centre = (value / 2**dims).reshape((count,) + (1,) * dims + components)
    spread = _contract(numpy.abs(values - centre), dims, None)
    errors = [_sharpened(numpy.abs(_contract(values, dims, k)), spread, magnitude) for k in range(dims)]
    return value, numpy.stack(errors, axis=1), magnitude, blowup


def _contract(values: numpy.ndarray, dims: int, axis: int | None) -> numpy.ndarray:
    """The Kronrod rule along axes 1..dims; on `axis` the difference between Kronrod and Gauss instead."""
    for k in reversed(range(dims)):
        values = numpy.tensordot(values, _DIFFERENCE if k == axis else _KRONROD, axes=([k + 1], [0]))
    return values


def _sharpened(difference: numpy.ndarray, spread: numpy.ndarray, magnitude: numpy.ndarray) -> numpy.ndarray:
    """QUADPACK's error estimate from |Kronrod - Gauss|, with a floor for rounding."""
    ratio = numpy.where(spread > 0, 200 * difference / numpy.where(spread > 0, spread, 1.0), 0.0)
    sharpened = numpy.where(spread > 0, spread * numpy.minimum(1.0, ratio**1.5), difference)
    return numpy.maximum(sharpened, 50 * _EPS * magnitude)


def _worst_cells(share: numpy.ndarray, axes: tuple[_Axis, ...], left: Any, right: Any, tail: Any) -> numpy.ndarray:
    """Indices of the cells, worst first, without which half of the allowed error would not be used up."""
    order = numpy.argsort(-share, kind="stable")
    kept = numpy.cumsum(share[order][::-1])[::-1]  # error of a cell and all better ones
    width = right - left
    # Below this width the outermost nodes would round onto the ends.
    divisible = numpy.all(width > 1024 * _EPS * numpy.maximum(numpy.abs(left), numpy.abs(right)), axis=1)
    # Nor may dx / dt = unit / t^2 overflow next to infinity.
    closest = numpy.sqrt(numpy.array([axis.unit for axis in axes]) / numpy.finfo(float).max) / (0.5 - 0.5 * _X[-1])
    divisible &= numpy.all((tail == 0) | (left > 0) | (right > 4 * closest), axis=1)
    chosen: numpy.ndarray = order[(kept > 0.5) & divisible[order]]
    return chosen


def _halve(left: numpy.ndarray, right: numpy.ndarray, axis: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Both halves of each cell across its axis: all lower ones, then all upper ones."""
    rows = numpy.arange(len(left))
    middle = 0.5 * left[rows, axis] + 0.5 * right[rows, axis]
    lower_right, upper_left = right.copy(), left.copy()
    lower_right[rows, axis] = middle
    upper_left[rows, axis] = middle
    return numpy.concatenate([left, upper_left]), numpy.concatenate([lower_right, right])
