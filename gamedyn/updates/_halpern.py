"""Anchored resolvent steps: the iteration of Halpern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_in_interval, check_integer, check_positive
from gamedyn.backend import Array, like
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, no_steps
from gamedyn.updates._krasnoselskii_mann import KrasnoselskiiMann
from gamedyn.updates._proximal_point import ProximalState

__all__ = ["Halpern", "HalpernState"]


class HalpernState(NamedTuple):
    """What one step of `Halpern` hands to the next."""

    anchor: Array
    """(..., d): z_0."""
    count: Array
    """(...,): k, the number of steps taken."""
    solved: ProximalState
    """How well the last implicit equation was solved."""


@dataclass(frozen=True, eq=False)
class Halpern(UpdateRule):
    """Average an implicit step with the start: z <- z_0 / (k + 2) + (k + 1) / (k + 2) T z, T z = z + c (R z - z).

    w = R z solves w = z - h xi(w). On a monotone game T is non-expansive, and |z_k - T z_k| <= 2 |z_0 - z*| / (k + 1)
    for every h; with c = 2, where T reflects, this is the accelerated proximal point method.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    relaxation : float or array
        c in (0, 2].
    newton_steps : int
        As in `ProximalPoint`.

    Notes
    -----
    Cold start: the anchor is the point that `init` is given. The steps' weights change with k: there is no flow.

    References
    ----------
    Halpern (1967), Fixed points of nonexpanding maps. Lieder (2021), On the convergence rate of the Halpern-iteration,
    theorem 2.1 (the bound). Kim (2021), Accelerated proximal point method for maximally monotone operators.
    """

    step_size: Any = 0.1
    relaxation: Any = 1.0
    newton_steps: int = 5
    has_flow = False
    is_time_invariant = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_in_interval("relaxation", self.relaxation, 0, 2, closed="right")
        check_integer("newton_steps", self.newton_steps, minimum=1)

    @property
    def _map(self) -> KrasnoselskiiMann:
        return KrasnoselskiiMann(self.step_size, self.relaxation, self.newton_steps)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """That of `ProximalPoint`."""
        return self._map.cost

    def init(self, game: Game, z: Array) -> HalpernState:
        """Anchored at z."""
        return HalpernState(z, no_steps(z), self._map.init(game, z))

    def step(self, game: Game, z: Array, state: HalpernState) -> tuple[Array, HalpernState]:
        """One anchored step."""
        mapped, solved = self._map.step(game, z, state.solved)
        moved = mapped + (state.anchor - mapped) / (like(state.count, z) + 2)[..., None]
        return moved, HalpernState(state.anchor, state.count + 1, solved)
