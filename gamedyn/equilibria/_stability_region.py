"""stability_region: the eigenvalues of J for which a rule contracts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import to_host
from gamedyn.numerics import level_curves
from gamedyn.updates import LinearUpdateRule, UpdateRule, as_linear

__all__ = ["StabilityRegion", "stability_region"]

# Radii within this of 1 say nothing of the side on which a short step lies.
_UNDECIDED = 1e-12
_DECADES, _PER_DECADE = 6, 64


@dataclass(frozen=True)
class StabilityRegion:
    """The eigenvalues with all multipliers of a rule inside the unit circle, in a window of the complex plane.

    Parameters
    ----------
    rule : UpdateRule
    x : array, shape (nx,)
        Real parts of the grid.
    y : array, shape (ny,)
        Imaginary parts of the grid.
    radius : array, shape (ny, nx)
        The largest absolute multiplier; infinite where there is none.
    boundary : tuple of arrays, shape (n, 2)
        Curves (real part, imaginary part) of radius 1.
    """

    rule: UpdateRule
    x: Any
    y: Any
    radius: Any
    boundary: tuple[Any, ...]

    def radius_at(self, eigenvalue: Any) -> Any:
        """The largest absolute multiplier there, by the rule's symbol; the shape of `eigenvalue`, on the host."""
        return _radius(self.rule, eigenvalue)

    def contains(self, eigenvalue: Any) -> Any:
        """Whether all multipliers there are below 1, by the rule's symbol; a bool, or an array of them."""
        inside = self.radius_at(eigenvalue) < 1
        return bool(inside) if numpy.ndim(inside) == 0 else inside

    def largest_step_along(self, eigenvalue: Any) -> float:
        """The supremum of the s with t `eigenvalue` inside for all 0 < t < s: 0 where short steps are not stable.

        Parameters
        ----------
        eigenvalue : complex
            A direction, other than 0.

        Raises
        ------
        ValueError
            If it is 0, not finite, or more than one number.

        Notes
        -----
        Looked for at 64 steps per decade, so that a gap narrower than a factor 1.04 may be missed; its end is found by
        bisection.
        """
        direction = complex(_one(eigenvalue))
        scale = _scale(self.rule) / abs(direction)
        steps = scale * numpy.logspace(-_DECADES, _DECADES, 2 * _DECADES * _PER_DECADE + 1)
        radii = _radius(self.rule, steps * direction)
        decided = numpy.flatnonzero(~(numpy.abs(radii - 1) <= _UNDECIDED))
        if not len(decided) or radii[decided[0]] > 1:
            return 0.0
        out = numpy.flatnonzero(~(radii[decided[0] :] < 1))
        if not len(out):
            return float("inf")
        k = int(decided[0] + out[0])
        lower, upper = float(steps[k - 1]), float(steps[k])
        while (middle := (lower + upper) / 2) not in (lower, upper):
            lower, upper = (middle, upper) if _radius(self.rule, middle * direction) < 1 else (lower, middle)
        return upper

    def __str__(self) -> str:
        """Two lines."""
        share = float(numpy.mean(self.radius < 1))
        curves = "curve" if len(self.boundary) == 1 else "curves"
        real, imaginary = (self.largest_step_along(direction) for direction in (1.0, 1.0j))
        return (
            f"{type(self.rule).__name__}: {share:.1%} of [{self.x[0]:.4g}, {self.x[-1]:.4g}] x "
            f"[{self.y[0]:.4g}, {self.y[-1]:.4g}]i is stable, within {len(self.boundary)} {curves}\n"
            f"from 0, stable up to {real:.8g} along the real axis and {imaginary:.8g} along the imaginary axis"
        )


def stability_region(
    rule: UpdateRule, *, bounds: Any = None, resolution: int | tuple[int, int] = 201
) -> StabilityRegion:
    """The set of eigenvalues lambda of J for which every multiplier r of the rule's symbol has |r| < 1.

    A rule with a symbol converges from nearby exactly where all eigenvalues of J lie in this set: J alone decides, not
    how it is shared among the players.

    Parameters
    ----------
    rule : LinearUpdateRule
        With numbers as hyper-parameters, and a symbol.
    bounds : array_like, shape (2, 2), optional
        ((lowest, highest real part), (lowest, highest imaginary part)) of the window; by default around all of the
        boundary.
    resolution : int or (nx, ny)
        Points of the grid along each axis, >= 2.

    Returns
    -------
    StabilityRegion

    Raises
    ------
    TypeError
        If `rule` is no rule.
    ValueError
        If it has no symbol, its hyper-parameters are arrays, the window is empty or a resolution is below 2.

    Notes
    -----
    Host-only. The boundary is followed on the grid and found by bisection on its lines, where a radius is 1 to
    rounding. Parts narrower than a cell are missed; `contains` is exact.

    Examples
    --------
    Descent with h = 1/2 contracts in the disc |1 - lambda / 2| < 1:

    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> region = stability_region(SimultaneousGradientDescent(0.5))
    >>> region.contains([2.0, 2.0 + 1.9j, -0.1]).tolist(), round(region.largest_step_along(1.0), 9)
    ([True, True, False], 4.0)
    """
    if not isinstance(rule, UpdateRule):
        raise TypeError(f"`rule` must be an UpdateRule, got {type(rule).__name__}.")
    _check_symbol(rule)
    nx, ny = _points(resolution)
    (left, right), (low, high) = _window(rule) if bounds is None else _checked(bounds)
    x, y = numpy.linspace(left, right, nx), numpy.linspace(low, high, ny)
    curves, values = level_curves(lambda a, b: _radius(rule, a + 1j * b) - 1, x, y)
    return StabilityRegion(rule, x, y, values + 1, curves)


def _radius(rule: UpdateRule, eigenvalue: Any) -> Any:
    host = numpy.asarray(to_host(eigenvalue) if hasattr(eigenvalue, "dtype") else eigenvalue, dtype=complex)
    with numpy.errstate(all="ignore"):
        radii = numpy.abs(to_host(as_linear(rule).symbol(host))).max(axis=-1)
    return numpy.where(numpy.isfinite(radii), radii, numpy.inf)


def _check_symbol(rule: UpdateRule) -> None:
    name = type(rule).__name__
    refusal = (
        f"`rule` {name} has no stability region in the plane of eigenvalues: its step is no function of J "
        "alone, or has no symbol; use `gamedyn.dynamics.phase_diagram` over the entries of a game instead."
    )
    if not (isinstance(rule, LinearUpdateRule) and rule.is_linear):
        raise ValueError(refusal)
    try:
        with numpy.errstate(all="ignore"):
            shape = numpy.shape(rule.symbol(numpy.asarray(0.5 + 0.5j)))
    except NotImplementedError:
        raise ValueError(refusal) from None
    if len(shape) != 1:
        raise ValueError(f"`rule` {name} must have numbers as hyper-parameters, got arrays.")


def _scale(rule: UpdateRule) -> float:
    """The unit of eigenvalues: 1 / h."""
    inner: Any = rule
    while not hasattr(inner, "step_size") and isinstance(getattr(inner, "rule", None), UpdateRule):
        inner = inner.rule
    step = getattr(inner, "step_size", 1.0)
    return 1 / float(step)


def _window(rule: UpdateRule) -> tuple[tuple[float, float], tuple[float, float]]:
    """Around all changes of stability on 128 rays."""
    moduli = _scale(rule) * numpy.logspace(-3, 4, 7 * _PER_DECADE + 1)
    angles = numpy.exp(1j * numpy.linspace(-numpy.pi, numpy.pi, 129))
    where = angles[:, None] * moduli
    inside = _radius(rule, where) < 1
    changes = where[:, 1:][inside[:, 1:] != inside[:, :-1]]
    if not len(changes):
        reach = 4 * _scale(rule)
        return (-reach, reach), (-reach, reach)
    left, right = min(0.0, float(changes.real.min())), max(0.0, float(changes.real.max()))
    high = float(numpy.abs(changes.imag).max())
    margin = 0.1 * max(right - left, 2 * high)
    return (left - margin, right + margin), (-high - margin, high + margin)


def _points(resolution: Any) -> tuple[int, int]:
    pair = tuple(resolution) if isinstance(resolution, (tuple, list)) else (resolution, resolution)
    if len(pair) != 2:
        raise ValueError(f"`resolution` must be a number or a pair (nx, ny), got {len(pair)} numbers.")
    for size in pair:
        check_integer("resolution", size, minimum=2)
    return int(pair[0]), int(pair[1])


def _checked(bounds: Any) -> Any:
    window = numpy.asarray(to_host(bounds) if hasattr(bounds, "dtype") else bounds, dtype=float)
    if window.shape != (2, 2):
        raise ValueError(f"`bounds` must have shape (2, 2), got {window.shape}.")
    if not (numpy.all(numpy.isfinite(window)) and numpy.all(window[:, 0] < window[:, 1])):
        raise ValueError(f"`bounds` must be finite with low < high in both rows, got {window.tolist()}.")
    return window.tolist()


def _one(eigenvalue: Any) -> Any:
    value = numpy.asarray(to_host(eigenvalue) if hasattr(eigenvalue, "dtype") else eigenvalue)
    if value.ndim or not numpy.isfinite(value) or value == 0:
        raise ValueError("`eigenvalue` must be one finite number other than 0.")
    return value
