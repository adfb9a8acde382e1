"""What orbits are followed in: the map of a rule's step, or the flow of a field, on the host in double precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import Array, float_arrays, to_host
from gamedyn.dynamics._simulate import simulate
from gamedyn.games import Game, StochasticGame, on_simplices, player_slices
from gamedyn.updates import StepMap, UpdateRule

__all__ = ["FlowSystem", "MapSystem", "System", "system_of", "tangent_basis"]

# The fifth root of the roundoff balances the two errors of differences of order 4.
_STEP = float(numpy.finfo(float).eps) ** 0.2 / 4
_TINY = 2.0**-80


class MapSystem:
    """u -> F(u), one step of a rule on [z, memories]."""

    is_flow = False
    unit = "step"

    def __init__(self, rule: UpdateRule, game: Game | StochasticGame) -> None:
        self.step = StepMap(rule, game)
        self.game = self.step.game
        self.d = sum(self.game.dims)

    def start(self, z: numpy.ndarray) -> numpy.ndarray:
        """The state from which the rule starts at z."""
        return numpy.asarray(self.step.start(z), dtype=float)

    def evaluate(self, u: numpy.ndarray) -> numpy.ndarray:
        """F(u), (..., D)."""
        with numpy.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return numpy.asarray(self.step(u), dtype=float)

    def jacobian(self, u: numpy.ndarray) -> numpy.ndarray:
        """D F(u), (..., D, D); nan at the edge of what the rule accepts."""
        with numpy.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return numpy.asarray(self.step.jacobian(u), dtype=float)

    def follow(self, u: numpy.ndarray, steps: int) -> numpy.ndarray:
        """(T + 1, D): u and its images, up to the last finite one."""
        if len(u) == self.d:
            # Without memories `simulate` and its engines tell all.
            path = simulate(self.game, self.step.rule, u, steps)
            return to_host(path.points)[: int(path.stop_step) + (1 if int(path.stop_step) == steps else 0)]
        points = [u]
        for _ in range(steps):
            u = self.evaluate(u)
            if not numpy.all(numpy.isfinite(u)):
                break
            points.append(u)
        return numpy.asarray(points)


class FlowSystem:
    """z' = field(game, z), with dense output; the gradient flow -xi where no field is given."""

    is_flow = True
    unit = "unit of time"

    def __init__(self, field: Callable[[Game, Array], Array] | None, game: Game | StochasticGame) -> None:
        self.field, self.game = field, game.full()
        self.d = sum(self.game.dims)
        basis = tangent_basis(self, self.d)
        self._onto = None if basis.shape[1] == self.d else basis @ basis.T

    def start(self, z: numpy.ndarray) -> numpy.ndarray:
        """z itself, once the field has been seen to fit it."""
        shape = tuple(self.evaluate(z).shape)
        if shape != z.shape:
            raise ValueError(f"`rule_or_field` must return the shape {z.shape} of its points, got {shape}.")
        return z

    def evaluate(self, z: numpy.ndarray) -> numpy.ndarray:
        """The velocity, (..., d)."""
        return numpy.asarray(self._velocity(z), dtype=float)

    def _velocity(self, z: numpy.ndarray) -> Any:
        return -self.game.simultaneous_gradient(z) if self.field is None else self.field(self.game, z)

    def jacobian(self, z: numpy.ndarray) -> numpy.ndarray:
        """(..., d, d): that of the game, or by complex step where differences agree, else by differences."""
        if self.field is None:
            return -numpy.asarray(self.game.jacobian(z), dtype=float)
        scale = 1 + numpy.max(numpy.abs(z), axis=-1, keepdims=True)
        columns = []
        for e in numpy.eye(self.d):
            near, far = (
                self.evaluate(z + m * _STEP * scale * e) - self.evaluate(z - m * _STEP * scale * e) for m in (0.5, 1.0)
            )
            columns.append((8 * near - far) / (6 * _STEP * scale))
        slopes = numpy.stack(columns, axis=-1)
        try:
            exact = numpy.stack([self._velocity(z + 1j * _TINY * e).imag / _TINY for e in numpy.eye(self.d)], axis=-1)
        except (AttributeError, TypeError, ValueError):
            return slopes
        size = 1 + numpy.max(numpy.abs(slopes), axis=(-2, -1), keepdims=True)
        agree = numpy.all(numpy.abs(exact - slopes) <= 1e-8 * size, axis=(-2, -1))
        return numpy.where(agree[..., None, None], exact, slopes)

    def solve(self, z: numpy.ndarray, time: float, tolerance: float, bound: float = numpy.inf) -> Any:
        """SciPy's solution with dense output over [0, time], by DOP853; it ends where |z| passes `bound`.

        A batch (n, d) is one system of n d numbers, in C order.
        """
        from scipy.integrate import solve_ivp

        shape = z.shape

        def velocity(_: float, y: numpy.ndarray) -> numpy.ndarray:
            # Off the simplices fields may repel, so that rounding would grow: only the part along them moves a point.
            speed = self.evaluate(y.reshape(shape))
            return (speed if self._onto is None else speed @ self._onto).ravel()

        def leaves(_: float, y: numpy.ndarray) -> float:
            return float(numpy.max(numpy.abs(y))) - bound

        leaves.terminal = True  # type: ignore[attr-defined]
        events = leaves if numpy.isfinite(bound) else None
        with numpy.errstate(over="ignore", invalid="ignore"):
            return solve_ivp(
                velocity,
                (0.0, time),
                z.ravel(),
                method="DOP853",
                rtol=tolerance,
                atol=tolerance / 100,
                dense_output=True,
                events=events,
            )


System = MapSystem | FlowSystem


def system_of(game: Any, rule_or_field: Any, z0: Any) -> tuple[System, numpy.ndarray]:
    """The system, and the one state from which it starts at z0.

    Raises
    ------
    TypeError
        If `game` is no game, or what it follows is neither a rule nor callable nor None.
    ValueError
        If z0 is not one finite point of the game.
    NotImplementedError
        If the rule's step changes with time.
    """
    if not isinstance(game, Game | StochasticGame):
        raise TypeError(f"`game` must be a Game, got {describe(game)}.")
    system: System
    if isinstance(rule_or_field, UpdateRule):
        system = MapSystem(rule_or_field, game)
    elif rule_or_field is None or (callable(rule_or_field) and not isinstance(rule_or_field, type)):
        system = FlowSystem(rule_or_field, game)
    else:
        raise TypeError(
            f"`rule_or_field` must be an UpdateRule, a field(game, z) or None, got {describe(rule_or_field)}."
        )
    _, z = float_arrays(z0, names=("z0",))
    point = numpy.array(to_host(z), dtype=float)
    if point.shape != (system.d,):
        raise ValueError(f"`z0` must be one point, of shape ({system.d},) for {game!r}, got shape {point.shape}.")
    if not numpy.all(numpy.isfinite(point)):
        raise ValueError("`z0` must be finite, got infinite or NaN entries.")
    return system, system.start(point)


def tangent_basis(system: System, size: int) -> numpy.ndarray:
    """(D, m), orthonormal: the directions in which points of the game may move.

    On simplices masses keep their sum; elsewhere, for rules with memories and for gradient flows, all of R^D.
    """
    free = isinstance(system, FlowSystem) and system.field is None
    if free or size != system.d or not on_simplices(system.game, several=True):
        return numpy.eye(size)
    sizes = getattr(system.game.domain, "sizes", system.game.dims)
    normals = numpy.zeros((len(sizes), size))
    for row, block in zip(normals, player_slices(tuple(sizes)), strict=True):
        row[block] = 1.0
    # The last right singular vectors span the kernel.
    return numpy.asarray(numpy.linalg.svd(normals)[2][len(sizes) :].T)
