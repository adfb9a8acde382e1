"""Extragradient with an anchor at the starting point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_choice, check_positive, describe
from gamedyn.backend import Array, array_namespace, like
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, no_steps

__all__ = ["AnchoredExtragradient", "AnchoredState"]

# The first step times R that Yoon and Ryu take for the varying variant; its bound on |xi|^2 holds below 3/4.
_FIRST_STEP = 0.618


class AnchoredState(NamedTuple):
    """What one step of `AnchoredExtragradient` hands to the next."""

    anchor: Array
    """(..., d): z_0."""
    count: Array
    """(...,): k, the number of steps taken."""
    step: Array
    """(...,): a_k."""


@dataclass(frozen=True, eq=False)
class AnchoredExtragradient(UpdateRule):
    """Two gradients, both drawn to the start: c = z + (z_0 - z) / (k + 2), z~ = c - a_k xi(z), z <- c - a_k xi(z~).

    On a monotone game with an R-Lipschitz xi, |xi(z_k)|^2 = O(1 / k^2), which is optimal. Constant: a_k = h, and
    |xi(z_k)|^2 <= 260 R^2 |z_0 - z*|^2 / (k + 1)^2 for h = 1 / (8 R). Varying: a_0 = h and
    a_{k+1} = a_k (1 - a_k^2 R^2 / ((k + 1) (k + 3) (1 - a_k^2 R^2))), which falls to a positive limit, and
    |xi(z_k)|^2 <= 27 R^2 |z_0 - z*|^2 / ((k + 1) (k + 2)) for h = 0.618 / R.

    Parameters
    ----------
    step_size : float or array
        h > 0.
    variant : {"constant", "varying"}
    lipschitz : float or array, optional
        R of the varying variant, with h R < 3/4; 0.618 / h by default.

    Notes
    -----
    Cold start: the anchor is the point that `init` is given. The steps' weights change with k: there is no flow.

    References
    ----------
    Yoon, Ryu (2021), Accelerated algorithms for smooth convex-concave minimax problems with O(1/k^2) rate on squared
    gradient norm. Both bounds and the recursion as in Lee, Kim (2021), Fast extra gradient methods for smooth
    structured nonconvex-nonconcave minimax problems, section 4.2.
    """

    step_size: Any = 0.1
    variant: str = "constant"
    lipschitz: Any = None
    cost = Cost(gradients=2)
    has_flow = False
    is_time_invariant = False

    def __post_init__(self) -> None:
        check_positive("step_size", self.step_size)
        check_choice("variant", self.variant, ("constant", "varying"))
        if self.lipschitz is None:
            return
        check_positive("lipschitz", self.lipschitz)
        if self.variant == "constant":
            raise ValueError('`lipschitz` is used by the variant "varying" only, got it with "constant".')
        try:
            check_positive("", 0.75 - self.step_size * self.lipschitz)
        except ValueError:
            given = f"{describe(self.step_size)} and {describe(self.lipschitz)}"
            raise ValueError(f"`step_size` times `lipschitz` must be less than 3/4, got {given}.") from None

    def init(self, game: Game, z: Array) -> AnchoredState:
        """Anchored at z."""
        step = array_namespace(z).broadcast_to(like(self.step_size, z), z.shape[:-1])
        return AnchoredState(z, no_steps(z), step)

    def step(self, game: Game, z: Array, state: AnchoredState) -> tuple[Array, AnchoredState]:
        """One step, both gradients on one sample."""
        k = like(state.count, z)
        drawn = z + (state.anchor - z) / (k + 2)[..., None]
        step = state.step[..., None]
        ahead = drawn - step * game.simultaneous_gradient(z)
        moved = drawn - step * game.simultaneous_gradient(ahead)
        return moved, AnchoredState(state.anchor, state.count + 1, self._next(state.step, k))

    def _next(self, step: Array, k: Array) -> Array:
        """a_{k+1}."""
        if self.variant == "constant":
            return step
        if self.lipschitz is None:
            ratio = _FIRST_STEP * step / like(self.step_size, step)
        else:
            ratio = step * like(self.lipschitz, step)
        square = ratio * ratio
        return step * (1 - square / ((k + 1) * (k + 3) * (1 - square)))
