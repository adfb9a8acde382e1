"""InnerSteps: players in turn, each with several steps of any rule of its own."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, Restricted, player_slices, replace_block
from gamedyn.updates._base import Cost, UpdateRule, check_players, per_point
from gamedyn.updates._player_states import join_states, split_state
from gamedyn.updates._wrapper import Wrapper, check_wrapped

__all__ = ["InnerSteps"]


@dataclass(frozen=True, eq=False)
class InnerSteps(Wrapper):
    """Player i takes k_i steps of the rule on x -> L_i(x, z_-i), against the others' newest blocks, then the next one.

    The discriminator's k steps for one of the generator's, with Adam for instance: each player has a state of its own,
    which counts its own steps and goes on from round to round. Around simultaneous descent this is
    `AlternatingGradientDescent`.

    Parameters
    ----------
    rule : UpdateRule
        One that a single player can play: it moves along its own gradient, and looks at no opponent's.
    inner_steps : tuple of int
        k_i >= 1, one per player, indexed by player.
    player_order : tuple of int, optional
        A permutation of the players; 0, 1, ..., n - 1 by default.
    step_factors : tuple of float or array, optional
        Player i's step size is this many times the rule's; 1 by default. Rules such as Adam, which do not see how a
        loss is scaled, get two timescales so, and not from `TimescaleSeparation`.

    Raises
    ------
    TypeError
        If the rule is none.
    ValueError
        If it needs opponents, or the numbers do not fit the players.

    Notes
    -----
    Each step of a player after its first is taken on a fresh sample of a stochastic game. All players start from the
    rule's start at the same point. One step of this rule is a whole round.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets, algorithm 1. Heusel et al. (2017), GANs trained by a two
    time-scale update rule converge to a local Nash equilibrium.

    Examples
    --------
    On x y from (1, 2) with h = 1/10: x moves to 8/10, then y twice by 8/100.

    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> from gamedyn.updates import SimultaneousGradientDescent
    >>> rule, game, z = InnerSteps(SimultaneousGradientDescent(0.1), (1, 2)), Bilinear([[1.0]]), numpy.array([1.0, 2.0])
    >>> rule.step(game, z, rule.init(game, z))[0].round(12).tolist()
    [0.8, 2.16]
    """

    rule: UpdateRule
    inner_steps: tuple[int, ...] = (1, 1)
    player_order: tuple[int, ...] | None = None
    step_factors: Any = None
    per_player = ("step_factors",)
    needs_loss_hessians = False

    def __post_init__(self) -> None:
        check_wrapped(self, self.rule)
        for steps in self.inner_steps:
            check_integer("inner_steps", steps, minimum=1)
        n = len(self.inner_steps)
        if self.player_order is not None and sorted(self.player_order) != list(range(n)):
            raise ValueError(
                f"`player_order` must be a permutation of the players 0 to {n - 1}, got {self.player_order}."
            )
        for factor in self.step_factors or ():
            check_positive("step_factors", factor)
        if self.step_factors is not None and len(self.step_factors) != n:
            raise ValueError(
                f"`step_factors` must have one entry for each of the {n} players, got {self.step_factors}."
            )
        if self.rule.players not in (None, 1):
            raise ValueError(
                f"`rule` must be one that a single player can play, got {type(self.rule).__name__}, which needs "
                f"{self.rule.players} players. Put wrappers for several players around `InnerSteps`."
            )

    @property
    def players(self) -> int:  # type: ignore[override]
        """As many as there are numbers of steps."""
        return len(self.inner_steps)

    @property
    def cost(self) -> Cost:  # type: ignore[override]
        """The inner rule's for every step, a gradient of one player counted as 1/n; a player's J is symmetric."""
        inner, total = self.rule.cost, sum(self.inner_steps)
        return dataclasses.replace(
            inner,
            gradients=inner.gradients * total / len(self.inner_steps),
            jvps=(inner.jvps + inner.vjps) * total,
            vjps=0,
            solves=inner.solves * total,
        )

    def init(self, game: Game, z: Array) -> Any:
        """The rule's state of every player: memories as joint points (..., d), counters as (..., n, 1)."""
        check_players(self, game)
        blocks = player_slices(game.dims)
        points = [z[..., block] for block in blocks]
        states = [self._rule(i).init(Restricted(game, z, i), x) for i, x in enumerate(points)]
        return join_states(states, points)

    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """One round over all players."""
        check_players(self, game)
        blocks = player_slices(game.dims)
        states = [split_state(state, i, block, z.ndim - 1) for i, block in enumerate(blocks)]
        for i in range(self.players) if self.player_order is None else self.player_order:
            rule, x = self._rule(i), z[..., blocks[i]]
            for k in range(self.inner_steps[i]):
                if k:
                    game = game.redraw()
                x, states[i] = rule.step(Restricted(game, z, i), x, states[i])
            z = replace_block(z, blocks[i], x)
        return z, join_states(states, [z[..., block] for block in blocks])

    def flow(self, game: Game, z: Array) -> Array:
        """k_i times the rule's own, times the player's factor: a player with more steps moves as many times as fast."""
        check_players(self, game)
        parts = []
        for i, block in enumerate(player_slices(game.dims)):
            factor = 1 if self.step_factors is None else per_point(self.step_factors[i], z)
            velocity = self.rule.flow(Restricted(game, z, i), z[..., block])
            parts.append(self.inner_steps[i] * factor * velocity)
        return array_namespace(z).concat(parts, axis=-1)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """The rule's own, player by player."""
        check_players(self, game)
        blocks = enumerate(player_slices(game.dims))
        parts = [self.rule.stationary_residual(Restricted(game, z, i), z[..., block]) for i, block in blocks]
        return array_namespace(z).concat(parts, axis=-1)

    def _rule(self, player: int) -> UpdateRule:
        if self.step_factors is None:
            return self.rule
        return self.rule.with_step_size(self.step_factors[player] * self.step_size)
