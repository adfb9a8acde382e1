"""F_a^p(u) = u in u and the parameter a: values, derivatives, tangents and Newton's method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.updates import StepMap

__all__ = ["CycleEquation", "NoFixedPointError"]

_STEPS = 30
_TOLERANCE = 1e-13


class NoFixedPointError(ValueError):
    """Newton's method found no solution nearby."""


class CycleEquation:
    """G(x) = F_a^p(u) - u for x = (u / s, (a - low) / (high - low)), in which all unknowns are of the order of 1.

    Parameters
    ----------
    family : callable
        a -> StepMap.
    period : int
        p.
    low, high : float
        Bounds of a.
    """

    def __init__(self, family: Callable[[float], StepMap], period: int, low: float, high: float) -> None:
        self.family, self.period, self.low, self.high = _remembering(family), period, low, high
        self.scale = 1.0
        self.dimension = 0

    def start(self, a: float, z: numpy.ndarray) -> Any:
        """u from z (d,), or from u (D,) itself; sets the unit of u."""
        step = self.family(a)
        self.dimension = sum(step.game.dims)
        if z.shape == (self.dimension,):
            fresh = numpy.asarray(step.start(z), dtype=float)
        else:
            size = len(step.start(numpy.zeros(self.dimension) if z.ndim != 1 else z[: self.dimension]))
            if z.shape != (size,):
                raise ValueError(
                    f"`z` must have shape ({self.dimension},), or ({size},) with memories, got {tuple(z.shape)}."
                )
            fresh = z.astype(float)
        self.scale = 1 + float(numpy.max(numpy.abs(fresh)))
        return fresh

    def parameter(self, x: numpy.ndarray) -> float:
        """a."""
        return float(self.low + x[-1] * (self.high - self.low))

    def state(self, x: numpy.ndarray) -> Any:
        """u."""
        return numpy.asarray(self.scale * x[:-1])

    def join(self, u: numpy.ndarray, a: float) -> Any:
        """x."""
        return numpy.append(u / self.scale, (a - self.low) / (self.high - self.low))

    def orbit(self, u: numpy.ndarray, a: float) -> Any:
        """(p + 1, D): u, F(u), ..., F^p(u)."""
        step, points = self.family(a), [u]
        with numpy.errstate(all="ignore"):
            for _ in range(self.period):
                points.append(numpy.asarray(step(points[-1]), dtype=float))
        return numpy.stack(points)

    def derivative(self, u: numpy.ndarray, a: float) -> Any:
        """D F^p(u), (D, D)."""
        step = self.family(a)
        with numpy.errstate(all="ignore"):
            factors = numpy.asarray(step.jacobian(self.orbit(u, a)[:-1]), dtype=float)
            product = factors[0]
            for factor in factors[1:]:
                product = factor @ product
        return product

    def multipliers(self, u: numpy.ndarray, a: float) -> Any:
        """Eigenvalues of D F^p(u), largest modulus first."""
        values = numpy.linalg.eigvals(self.derivative(u, a)).astype(complex)
        return values[numpy.lexsort((-values.imag, -numpy.round(numpy.abs(values), 12)))]

    def value(self, x: numpy.ndarray) -> Any:
        """G(x) (D,), in units of u's."""
        u = self.state(x)
        with numpy.errstate(all="ignore"):
            return (self.orbit(u, self.parameter(x))[-1] - u) / self.scale

    def jacobian(self, x: numpy.ndarray) -> Any:
        """D G(x), (D, D + 1)."""
        in_state = self.derivative(self.state(x), self.parameter(x)) - numpy.eye(len(x) - 1)
        with numpy.errstate(all="ignore"):
            return numpy.column_stack([in_state, self._slope(x)])

    def tangent(self, x: numpy.ndarray, previous: numpy.ndarray | None) -> Any:
        """The unit vector (D + 1,) along the curve, on the side of the previous one."""
        return self.tangent_of(self.jacobian(x), previous)

    def tangent_of(self, matrix: numpy.ndarray, previous: numpy.ndarray | None) -> Any:
        """The tangent from D G (D, D + 1)."""
        if not numpy.all(numpy.isfinite(matrix)):
            raise NoFixedPointError("the step has no finite derivative there")
        t = numpy.linalg.svd(matrix)[2][-1]
        return t if previous is None or float(t @ previous) >= 0 else -t

    def correct(self, x: numpy.ndarray, normal: numpy.ndarray) -> Any:
        """The solution in the plane through x across `normal`, by Newton's method."""
        here, anchor = x, x
        last = numpy.inf
        for _ in range(_STEPS):
            residual = numpy.append(self.value(here), float(normal @ (here - anchor)))
            matrix = numpy.vstack([self.jacobian(here), normal])
            if not (numpy.all(numpy.isfinite(residual)) and numpy.all(numpy.isfinite(matrix))):
                raise NoFixedPointError("the step is not finite there")
            move = numpy.linalg.lstsq(matrix, residual, rcond=None)[0]
            here, size = here - move, float(numpy.max(numpy.abs(move)))
            # Steps that no longer shrink are rounding, which long cycles amplify.
            if size <= _TOLERANCE or (size <= 1e-8 and size >= last / 2):
                return here
            last = size
        raise NoFixedPointError("Newton's method does not converge there")

    def solve_at(self, u: numpy.ndarray, a: float) -> Any:
        """x for that a, from u nearby.

        Raises
        ------
        NoFixedPointError
            A ValueError that names a.
        """
        x = self.join(u, a)
        normal = numpy.zeros(len(x))
        normal[-1] = 1.0
        what = "fixed point" if self.period == 1 else f"cycle of period {self.period}"
        try:
            found = self.correct(x, normal)
        except NoFixedPointError as error:
            raise NoFixedPointError(f"`z` must be near a {what} for the parameter {a:g}: {error}.") from None
        residual = float(numpy.max(numpy.abs(self.value(found))))
        if residual > 1e-9:
            raise NoFixedPointError(
                f"`z` must be near a {what} for the parameter {a:g}, got a residual of {residual:.2g}."
            )
        found[-1] = x[-1]
        return found

    def crosses(self, x: numpy.ndarray) -> bool:
        """Whether D G has no full rank there, as where two curves cross; at a fold it has."""
        singular = numpy.linalg.svd(self.jacobian(x), compute_uv=False)
        return bool(singular[-1] < 1e-6 * max(1.0, float(singular[0])))

    def branch_point(self, x: numpy.ndarray) -> Any:
        """The point near x where two curves cross: G + b w = 0, D G^T w = 0, |w| = 1 in (x, b, w).

        Newton's method on a regular system: at the crossing itself D G has no full rank, and plain corrections lose
        half of the digits.

        Raises
        ------
        NoFixedPointError
            If there is none.
        """
        d = len(x) - 1
        w = numpy.linalg.svd(self.jacobian(x))[0][:, -1]
        y = numpy.concatenate([x, [0.0], w])

        def residual(y: numpy.ndarray) -> Any:
            here, b, w = y[: d + 1], y[d + 1], y[d + 2 :]
            return numpy.concatenate([self.value(here) + b * w, self.jacobian(here).T @ w, [w @ w - 1]])

        for _ in range(_STEPS):
            columns = []
            for k in range(len(y)):
                move = numpy.zeros(len(y))
                move[k] = 1e-4
                columns.append((residual(y + move) - residual(y - move)) / 2e-4)
            step = numpy.linalg.lstsq(numpy.stack(columns, axis=-1), residual(y), rcond=None)[0]
            y = y - step
            if not numpy.all(numpy.isfinite(y)):
                break
            if float(numpy.max(numpy.abs(step))) <= 1e-11:
                if abs(float(y[d + 1])) < 1e-9 and float(numpy.max(numpy.abs(y[: d + 1] - x))) < 0.05:
                    return y[: d + 1]
                break
        raise NoFixedPointError("no crossing of two branches is found there")

    def at_bound(self, inside: numpy.ndarray, outside: numpy.ndarray) -> Any:
        """The point of the curve on the bound that lies between two of its points."""
        bound = 0.0 if outside[-1] < 0 else 1.0
        share = (bound - inside[-1]) / (outside[-1] - inside[-1])
        guess = inside + share * (outside - inside)
        try:
            return self.solve_at(self.state(guess), self.low + bound * (self.high - self.low))
        except ValueError:
            return None

    def _slope(self, x: numpy.ndarray) -> Any:
        """dG / dx_{D+1}, by differences of order 4, or one-sided where the rule refuses the parameter on one side."""
        h = 7e-4
        move = numpy.zeros(len(x))
        move[-1] = h
        try:
            near, far = (self.value(x + m * move) - self.value(x - m * move) for m in (1, 2))
            return (8 * near - far) / (12 * h)
        except ValueError:
            here = self.value(x)
        for sign in (1, -1):
            try:
                return sign * (4 * self.value(x + sign * move) - self.value(x + 2 * sign * move) - 3 * here) / (2 * h)
            except ValueError:
                continue
        raise ValueError(f"the rule takes no parameters around {self.parameter(x):g}")


def _remembering(family: Callable[[float], StepMap]) -> Callable[[float], StepMap]:
    """The family, with its last few members at hand: games may take long to build."""
    known: dict[float, StepMap] = {}

    def member(a: float) -> StepMap:
        if a not in known:
            while len(known) >= 8:
                del known[next(iter(known))]
            known[a] = family(a)
        return known[a]

    return member
