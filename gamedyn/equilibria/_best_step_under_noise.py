"""best_step_under_noise: the constant step that is nearest to a stationary point after a given number of steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, like, to_host
from gamedyn.equilibria._noise import check_covariance, stationary_covariance
from gamedyn.equilibria._noise_inputs import noise_inputs
from gamedyn.equilibria._point import as_game_and_points, default_tolerance
from gamedyn.equilibria._spectrum import check_rule_at, matrix_at
from gamedyn.games import Game, StochasticGame
from gamedyn.updates import UpdateRule, extended_point, takes_step_size

__all__ = ["BestStep", "best_step_under_noise"]

# Step sizes tried, in units of 1 / |J|.
_FROM, _TO, _PER_DECADE = -6, 3, 12
# Of the step at which the floor's order is read off, in the same units.
_SMALL = 2.0**-10


@dataclass(frozen=True)
class BestStep:
    """The constant step size with the smallest E |z_k - z*|^2 = bias + variance.

    Parameters
    ----------
    step_size : float
        0.0 where not moving at all is best, inf where the error still falls at the largest step tried.
    error : float
        bias + variance.
    bias : float
        |E z_k - z*|^2, what is left of the start.
    variance : float
        What the noise of k steps has added.
    floor : float
        E |z - z*|^2 in the long run at this step size; inf where the rule does not contract at it.
    order : float
        p of floor ~ coefficient h^p as h vanishes; nan where small steps do not contract or p is no integer.
    coefficient : float
    """

    step_size: float
    error: float
    bias: float
    variance: float
    floor: float
    order: float
    coefficient: float

    def __str__(self) -> str:
        """One sentence."""
        return (
            f"best step {self.step_size:.8g}: E |z - z*|^2 = {self.error:.6g} (bias {self.bias:.3g}, variance "
            f"{self.variance:.3g})"
        )


def best_step_under_noise(
    rule: UpdateRule,
    game: Game | StochasticGame,
    z: Any,
    noise_covariance: Any,
    distance: Any,
    steps: int,
    *,
    tolerance: float | None = None,
) -> BestStep:
    """The constant step size that minimises E |z_k - z*|^2 after k = `steps` steps from `distance` away.

    With M the rule's matrix, E z_k - z* = M^k (z_0 - z*) and V_{k+1} = M V_k M^T + sum_j B_j C B_j^T, as in
    `stationary_covariance`; the first step knows that the rule's state was made on the same sample, as in `simulate`.
    Exact for affine games and rules that are linear on them, to first order in distance and noise elsewhere.

    Parameters
    ----------
    rule : UpdateRule
        With a step size, whose value does not matter.
    game, z, noise_covariance, tolerance
        As for `stationary_covariance`.
    distance : float, or array_like of shape (d,)
        |z_0 - z*| > 0, in the direction that is worst for each step size; or z_0 - z* itself.
    steps : int
        k >= 1.

    Returns
    -------
    BestStep

    Raises
    ------
    TypeError
        If the rule has no step size.
    NotImplementedError
        If the rule has no matrix, as for `iteration_matrix`.
    ValueError
        If J = 0 at z, or as for `stationary_covariance`.

    Notes
    -----
    Host-only. Errors are found at 12 step sizes per decade from 1e-6 to 1e3 in units of 1 / |J|, and the least of them
    is refined by Brent's method to about eight digits of the step.

    Examples
    --------
    One step of descent on x^2 / 2 from 1 under noise of variance 1: (1 - h)^2 + h^2 is least at 1/2.

    >>> from gamedyn.games import Quadratic
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> game = Quadratic([[[1.0]]], dims=(1,))
    >>> found = best_step_under_noise(SimultaneousGradientDescent(), game, [0.0], 1.0, distance=1.0, steps=1)
    >>> round(found.step_size, 6), round(found.error, 6)
    (0.5, 0.5)
    """
    from scipy.optimize import minimize_scalar

    full, points = as_game_and_points(game, z)
    if points.ndim != 1:
        raise ValueError(f"`z` must be one point of shape ({points.shape[-1]},), got shape {tuple(points.shape)}.")
    check_rule_at(rule, full, points)
    if not hasattr(rule, "step_size") and not hasattr(rule, "rule"):
        raise TypeError(f"`rule` must have a step size to vary, got {type(rule).__name__}.")
    check_integer("steps", steps, minimum=1)
    d = points.shape[-1]
    covariance, start = check_covariance(noise_covariance, d), _checked_start(distance, d)
    size = float(numpy.linalg.norm(to_host(full.jacobian(points)), 2))
    if size == 0:
        raise ValueError("`game` must have a Jacobian that is not 0 at `z`: steps have no scale there.")
    predict = _predictor(rule, full, points, covariance, start, steps, default_tolerance(points, tolerance))
    count = (_TO - _FROM) * _PER_DECADE + 1
    tried = [float(h) / size for h in numpy.logspace(_FROM, _TO, count) if takes_step_size(rule, float(h) / size)]
    errors = [sum(predict(h)) for h in tried]
    k = int(numpy.argmin(errors))
    if 0 < k < len(tried) - 1:
        found = minimize_scalar(
            lambda log_h: sum(predict(math.exp(log_h))),
            bounds=(math.log(tried[k - 1]), math.log(tried[k + 1])),
            method="bounded",
            options={"xatol": 1e-12},
        )
        best = math.exp(float(found.x)) if found.fun <= errors[k] else tried[k]
    else:
        best = tried[k]
    floor = _floors(rule, full, points, covariance, tolerance)
    order, coefficient = _leading_order(floor, _SMALL / size)
    if k == 0:
        stay = start**2 if isinstance(start, float) else float(start @ start)
        if stay <= errors[0]:
            return BestStep(0.0, stay, stay, 0.0, 0.0, order, coefficient)
    bias, variance = predict(best)
    step = math.inf if k == len(tried) - 1 else best
    return BestStep(step, bias + variance, bias, variance, floor(best), order, coefficient)


def _checked_start(distance: Any, d: int) -> Any:
    """The distance as a float, or z_0 - z* as a vector (d,) on the host."""
    if isinstance(distance, (int, float)):
        check_positive("distance", distance)
        return float(distance)
    host = numpy.asarray(distance if isinstance(distance, (list, tuple)) else to_host(distance), dtype=float)
    if host.shape == ():
        return _checked_start(float(host), d)
    if host.shape != (d,) or not numpy.all(numpy.isfinite(host)):
        raise ValueError(f"`distance` must be a number or a finite vector of shape ({d},), got shape {host.shape}.")
    return host


def _predictor(
    rule: UpdateRule, game: Game, z: Array, covariance: numpy.ndarray, start: Any, steps: int, tolerance: float
) -> Callable[[float], tuple[float, float]]:
    """h -> (bias, variance) after `steps` steps; inf where the rule has no finite matrix."""
    d = z.shape[-1]

    def predict(step_size: float) -> tuple[float, float]:
        varied = rule.with_step_size(step_size)
        matrix = to_host(matrix_at(varied, game, z, tolerance, strict=False)).astype(float)
        if not numpy.all(numpy.isfinite(matrix)):
            return math.inf, 0.0
        forcing, first = (
            numpy.einsum("jak,kl,jbl->ab", inputs, covariance, inputs)
            for inputs in (noise_inputs(varied, game, z, start=begins).astype(float) for begins in (False, True))
        )
        with numpy.errstate(over="ignore", invalid="ignore", under="ignore"):
            power, added = _powers_and_sum(matrix, forcing, steps - 1)
            spread = (added + power @ first @ power.T)[:d, :d]
            moved = (power @ matrix)[:d] @ _starts(varied, game, z)
            if not numpy.all(numpy.isfinite(moved)) or not numpy.all(numpy.isfinite(spread)):
                return math.inf, 0.0
            far = start * numpy.linalg.norm(moved, 2) if isinstance(start, float) else numpy.linalg.norm(moved @ start)
            return float(far) ** 2, float(numpy.trace(spread))

    return predict


def _starts(rule: UpdateRule, game: Game, z: Array) -> numpy.ndarray:
    """(D, d): how the extended state before the first step follows z."""
    d = z.shape[-1]
    h = 1.0 if game.is_affine else float(numpy.finfo(float).eps) ** (1 / 3)
    points = z + like(h * numpy.concatenate([numpy.eye(d), -numpy.eye(d)]), z)
    ahead, behind = to_host(extended_point(points, rule.init(game, points))).reshape(2, d, -1)
    return numpy.asarray((ahead - behind) / (2 * h)).T


def _powers_and_sum(matrix: numpy.ndarray, forcing: numpy.ndarray, count: int) -> tuple[Any, Any]:
    """M^n and sum_{i < n} M^i Q (M^T)^i, by the binary digits of n."""
    power, total = numpy.eye(len(matrix)), numpy.zeros_like(forcing)
    for digit in bin(count)[2:]:
        total = total + power @ total @ power.T
        power = power @ power
        if digit == "1":
            total = forcing + matrix @ total @ matrix.T
            power = matrix @ power
    return power, total


def _floors(rule: UpdateRule, game: Game, z: Array, covariance: Any, tolerance: Any) -> Callable[[float], float]:
    def floor(step_size: float) -> float:
        try:
            return stationary_covariance(rule.with_step_size(step_size), game, z, covariance, tolerance=tolerance).floor
        except ValueError:
            return math.inf

    return floor


def _leading_order(floor: Callable[[float], float], h: float) -> tuple[float, float]:
    """(p, c) of floor(h) = c h^p (1 + O(h)), by two rounds of extrapolation."""
    values = [floor(h / 2**k) for k in range(3)]
    if not all(0 < value < math.inf for value in values):
        return math.nan, math.nan
    power = math.log2(values[1] / values[2])
    order = float(round(power))
    if abs(power - order) > 0.05:
        return math.nan, math.nan
    scaled = [value / (h / 2**k) ** order for k, value in enumerate(values)]
    once = [2 * scaled[1] - scaled[0], 2 * scaled[2] - scaled[1]]
    return order, (4 * once[1] - once[0]) / 3
