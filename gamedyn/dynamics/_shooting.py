"""Cycles as the solution for all of their points at once, parametrised by the amplitude of a period doubling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.dynamics._cycle_equation import NoFixedPointError
from gamedyn.updates import StepMap

__all__ = ["DoubledCycle"]

_STEPS = 20


class DoubledCycle:
    """The cycles of period 2 p born at the flip of a cycle of period p, by their amplitude s in its direction.

    Unknowns are all 2 p points u_i and the parameter a, in F_a(u_i) = u_{i+1} and <U - U*, Q> / |Q|^2 = s: regular at
    the flip itself, where s = 0, and as well conditioned for long cycles as for short ones.

    Parameters
    ----------
    family : callable
        a -> StepMap.
    orbit : NumPy array, shape (p, D)
        The cycle at its flip.
    parameter : float
        Where it flips.
    """

    def __init__(self, family: Callable[[float], StepMap], orbit: numpy.ndarray, parameter: float) -> None:
        self.family, self.parameter = family, parameter
        self.rest = numpy.concatenate([orbit, orbit])
        factors = self._factors(orbit, parameter)
        matrix = _product(factors)
        values, vectors = numpy.linalg.eig(matrix)
        direction = vectors[:, int(numpy.argmin(numpy.abs(values + 1)))].real
        rows = [direction]
        for factor in factors[:-1]:
            rows.append(factor @ rows[-1])
        half = numpy.stack(rows)
        half = half / float(numpy.max(numpy.abs(half)))
        self.direction = numpy.concatenate([half, -half])
        self._span = float(numpy.sum(self.direction**2))

    def guess(self, s: float, known: tuple[float, numpy.ndarray, float] | None) -> tuple[numpy.ndarray, float]:
        """Points and parameter for that amplitude: odd parts grow like s, even ones like s^2, from a known solution."""
        if known is None:
            return self.rest + s * self.direction, self.parameter
        before, points, a = known
        gone, p, ratio = points - self.rest, len(points) // 2, s / before
        odd = (gone - numpy.roll(gone, p, axis=0)) / 2
        return self.rest + ratio * odd + ratio**2 * (gone - odd), self.parameter + ratio**2 * (a - self.parameter)

    def solve(self, s: float, points: numpy.ndarray, a: float) -> tuple[numpy.ndarray, float]:
        """The cycle (2 p, D) with that amplitude and its parameter, by Newton's method.

        Raises
        ------
        NoFixedPointError
            If it does not converge.
        """
        count, size = points.shape
        scale, last = 1 + float(numpy.max(numpy.abs(self.rest))), numpy.inf
        matrix = numpy.zeros((count * size + 1, count * size + 1))
        for _ in range(_STEPS):
            residual = self._ahead(points, a) - numpy.roll(points, -1, axis=0)
            amplitude = float(numpy.sum((points - self.rest) * self.direction)) / self._span - s
            factors, slope = self._factors(points, a), self._slope(points, a)
            if not all(numpy.all(numpy.isfinite(part)) for part in (residual, factors, slope)):
                raise NoFixedPointError("the step is not finite there")
            matrix[:-1, :-1] = _once_round(factors, 1.0)
            matrix[:-1, -1] = slope.ravel()
            matrix[-1, :-1] = self.direction.ravel() / self._span
            try:
                move = numpy.linalg.solve(matrix, numpy.append(residual.ravel(), amplitude))
            except numpy.linalg.LinAlgError:
                raise NoFixedPointError("the equations of the cycle are singular there") from None
            points, a = points - move[:-1].reshape(points.shape), a - float(move[-1])
            far = float(numpy.max(numpy.abs(move)))
            if far <= 1e-15 * scale or (far <= 1e-11 * scale and far >= last / 4):
                return points, a
            last = far
        raise NoFixedPointError("Newton's method does not converge there")

    def distance(self, points: numpy.ndarray, a: float, multiplier: float) -> float:
        """A signed number that is 0 where the cycle has that multiplier, 1 or -1.

        The smallest singular value, with the sign of the determinant, of the linear equations F'(u_i) v_i = v_{i+1} in
        all v_i, closed by v_{2p} = multiplier v_0. In the product of the F'(u_i) rounding of the large multipliers of
        long cycles would hide the others.
        """
        matrix = _once_round(self._factors(points, a), multiplier)
        if not numpy.all(numpy.isfinite(matrix)):
            raise NoFixedPointError("the step has no finite derivative there")
        sign = float(numpy.linalg.slogdet(matrix)[0])
        return sign * float(numpy.linalg.svd(matrix, compute_uv=False)[-1])

    def _ahead(self, points: numpy.ndarray, a: float) -> Any:
        with numpy.errstate(all="ignore"):
            return numpy.asarray(self.family(a)(points), dtype=float)

    def _factors(self, points: numpy.ndarray, a: float) -> Any:
        with numpy.errstate(all="ignore"):
            return numpy.asarray(self.family(a).jacobian(points), dtype=float)

    def _slope(self, points: numpy.ndarray, a: float) -> Any:
        """dF/da (2 p, D) of one step, by differences of order 4."""
        h = 1e-3 * (abs(a) or 1.0)
        near, far = (self._ahead(points, a + m * h) - self._ahead(points, a - m * h) for m in (1, 2))
        return (8 * near - far) / (12 * h)


def _once_round(factors: numpy.ndarray, multiplier: float) -> Any:
    """The block matrix of v -> (F'(u_i) v_i - v_{i+1}), with v_{2p} = multiplier v_0."""
    count, size = factors.shape[:2]
    matrix = numpy.zeros((count * size, count * size))
    for i, factor in enumerate(factors):
        row, after = slice(i * size, (i + 1) * size), (i + 1) % count
        matrix[row, row] += factor
        matrix[row, after * size : (after + 1) * size] -= (1.0 if after else multiplier) * numpy.eye(size)
    return matrix


def _product(factors: numpy.ndarray) -> Any:
    with numpy.errstate(all="ignore"):
        product = factors[0]
        for factor in factors[1:]:
            product = factor @ product
    return product
