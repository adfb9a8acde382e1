"""Lookahead: several steps of a rule, then part of the way back."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_in_interval, check_integer
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game
from gamedyn.updates._base import Cost, UpdateRule, as_linear, check_players, identity_like, per_matrix, per_point
from gamedyn.updates._wrapper import LinearWrapper, check_wrapped

__all__ = ["Lookahead"]


@dataclass(frozen=True, eq=False)
class Lookahead(LinearWrapper):
    """k steps of a rule, then z <- z_old + alpha (z - z_old): all players step back together.

    On [z, memories] the matrix is diag(alpha, 1) M^k + diag(1 - alpha, 0), M the rule's own; without memories the
    symbol is (1 - alpha) + alpha r^k. One step of this rule is k steps of the other one, and costs as much.

    Parameters
    ----------
    rule : UpdateRule
        The inner rule, any.
    k : int
        Inner steps, >= 1.
    alpha : float or array
        The part of the way that is kept, in (0, 1]; 1 is the inner rule, k steps at a time.

    Notes
    -----
    The inner rule's memory goes on from one round to the next, as in the authors' programs: only z steps back. Each
    inner step after the first is taken on a fresh sample of a stochastic game. The start is the inner rule's.

    References
    ----------
    Chavdarova, Pagliardini, Stich, Fleuret, Jaggi (2021), Taming GANs with Lookahead-Minmax. Zhang, Lucas, Hinton, Ba
    (2019), Lookahead optimizer: k steps forward, 1 step back.

    Examples
    --------
    Simultaneous descent spirals outwards on x y, r = 1 - i h. Four steps with h = 1 turn by half a circle, r^4 = -4,
    and a fifth of that way ends at the equilibrium: 4/5 - 4/5 = 0.

    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> multiplier = Lookahead(SimultaneousGradientDescent(1.0), k=4, alpha=0.2).symbol(1j)
    >>> bool(abs(multiplier[0]) < 1e-15)
    True
    """

    rule: UpdateRule
    k: int = 5
    alpha: Any = 0.5

    def __post_init__(self) -> None:
        check_wrapped(self, self.rule)
        check_integer("k", self.k, minimum=1)
        check_in_interval("alpha", self.alpha, 0, 1, closed="right")

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """k inner steps."""
        inner = self.rule.cost
        return dataclasses.replace(
            inner,
            gradients=self.k * inner.gradients,
            jvps=self.k * inner.jvps,
            vjps=self.k * inner.vjps,
            solves=self.k * inner.solves,
        )

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """k inner steps and the way back."""
        check_players(self, game)
        moved = z
        for i in range(self.k):
            if i:
                game = game.redraw()
            moved, state = self.rule.step(game, moved, state)
        return z + per_point(self.alpha, z) * (moved - z), state

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """diag(alpha, 1) M^k + diag(1 - alpha, 0) on the inner rule's extended state."""
        xp = array_namespace(jacobian)
        matrix = as_linear(self.rule).iteration_matrix(jacobian, dims, loss_hessians)
        power = matrix
        for _ in range(self.k - 1):
            power = matrix @ power
        d = jacobian.shape[-1]
        start = identity_like(matrix)[:d, :]
        top = power[..., :d, :]
        return xp.concat([start + per_matrix(self.alpha, matrix) * (top - start), power[..., d:, :]], axis=-2)

    def symbol(self, eigenvalue: Any) -> Any:
        """(1 - alpha) + alpha r^k, where the inner rule has no memory.

        Raises
        ------
        NotImplementedError
            Where the inner rule has a memory, which does not step back, or no symbol.
        """
        multipliers = as_linear(self.rule).symbol(eigenvalue)
        if multipliers.shape[-1] != 1:
            return super().symbol(eigenvalue)
        alpha = per_matrix(self.alpha, multipliers)
        return 1 - alpha + alpha * multipliers**self.k

    def flow(self, game: Game, z: Array) -> Array:
        """alpha k times the inner rule's."""
        return per_point(self.alpha, z) * self.k * self.rule.flow(game, z)
