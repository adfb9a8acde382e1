"""TimescaleSeparation: a rule whose players move at different speeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, TimescaleSeparated, player_slices
from gamedyn.updates._base import Cost, UpdateRule, as_linear, check_players, per_matrix
from gamedyn.updates._wrapper import LinearWrapper, check_wrapped

__all__ = ["TimescaleSeparation"]


@dataclass(frozen=True, eq=False)
class TimescaleSeparation(LinearWrapper):
    """The rule on `TimescaleSeparated(game, tau)`: player 1's gradient counts tau times.

    The matrix is the rule's own at J_tau, J with the rows of player i multiplied by its factor; that is no function of
    J, so that there is no symbol.

    Parameters
    ----------
    rule : UpdateRule
        The inner rule, any.
    tau : float, array, or sequence of n of either
        Positive. One number, or an array of the batch shape with one per trajectory, is the factor of player 1 in a
        game of two; a sequence has one factor per player.

    References
    ----------
    Heusel et al. (2017), GANs trained by a two time-scale update rule converge to a local Nash equilibrium. Fiez,
    Ratliff (2021), Local convergence analysis of gradient descent ascent with finite timescale separation.

    Examples
    --------
    On x y from (1, 2) with h = 1/10, x moves by 2/10 and y by 3/10:

    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> rule = TimescaleSeparation(SimultaneousGradientDescent(0.1), tau=3.0)
    >>> rule.step(Bilinear([[1.0]]), numpy.array([1.0, 2.0]), None)[0].round(12).tolist()
    [0.8, 2.3]
    """

    rule: UpdateRule
    tau: Any = 1.0
    per_player = ("tau",)

    def __post_init__(self) -> None:
        check_wrapped(self, self.rule)
        for factor in self._factors:
            check_positive("tau", factor)

    @property
    def _factors(self) -> tuple[Any, ...]:
        return tuple(self.tau) if isinstance(self.tau, (tuple, list)) else (1.0, self.tau)

    @property
    def players(self) -> int:  # type: ignore[override]
        """As many as there are factors."""
        return len(self._factors)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """The inner rule's."""
        return self.rule.cost

    def init(self, game: Game, z: Array) -> Any:
        """The inner rule's state on the separated game."""
        return self.rule.init(self._separated(game), z)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """The inner rule's step on the separated game."""
        return self.rule.step(self._separated(game), z, state)

    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """The inner rule's at T J, T the diagonal of factors."""
        xp = array_namespace(jacobian)
        factors = [per_matrix(factor, jacobian) for factor in self._factors]
        pairs = list(zip(factors, player_slices(dims), strict=True))
        rows = xp.broadcast_arrays(*(factor * jacobian for factor in factors))
        jacobian = xp.concat([row[..., block, :] for row, (_, block) in zip(rows, pairs, strict=True)], axis=-2)
        if loss_hessians is not None:
            hessians = [factor * loss_hessians[..., i, :, :] for i, factor in enumerate(factors)]
            loss_hessians = xp.stack(xp.broadcast_arrays(*hessians), axis=-3)
        return as_linear(self.rule).iteration_matrix(jacobian, dims, loss_hessians)

    def flow(self, game: Game, z: Array) -> Array:
        """The inner rule's on the separated game."""
        return self.rule.flow(self._separated(game), z)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """The inner rule's on the separated game."""
        return self.rule.stationary_residual(self._separated(game), z)

    def _separated(self, game: Game) -> TimescaleSeparated:
        check_players(self, game)
        # Checked once, in the constructor: a check of an array waits for the device.
        return TimescaleSeparated(game, self.tau, check=False)
