"""The iterated prisoner's dilemma between two memory-one policies, with its exact value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gamedyn._checks import check_in_interval
from gamedyn.backend import Array, array_namespace, device_of, float_arrays, like, to_host
from gamedyn.games._base import Game
from gamedyn.numerics import sigmoid

__all__ = ["IteratedPrisonersDilemma"]


class IteratedPrisonersDilemma(Game):
    """L_i = -sum_t discount^t E r_i,t over an infinite sequence of dilemmas; z = (theta, phi), five numbers each.

    sigmoid(theta) are the probabilities of cooperating in the first round and after the outcomes CC, CD, DC, DD of the
    round before. Both players name their own action first, so that equal parameters are equal policies and tit for tat
    is (C, C, D, C, D) for either. With these, outcomes are a Markov chain of four states with start p_0 and
    transitions P, and L_i = -p_0^T (I - discount P)^-1 r_i. Multiplied by 1 - discount it is a loss per round.

    Defecting always, at theta -> -infinity, is an equilibrium to which naive learners go; tit for tat is another, with
    more for both.

    Parameters
    ----------
    discount : float in [0, 1)
        Weight of a round relative to the one before it.
    payoffs : four floats
        What CC, CD, DC and DD pay to the player who is named first.

    Raises
    ------
    TypeError, ValueError
        If the discount is outside [0, 1) or there are not four finite payoffs.

    References
    ----------
    Foerster, Chen, Al-Shedivat, Whiteson, Abbeel, Mordatch (2018), Learning with opponent-learning awareness.

    Examples
    --------
    Both cooperate and defect with probability 1/2, whatever happened: -3/2 in each round.

    >>> import numpy
    >>> game = IteratedPrisonersDilemma(discount=0.96)
    >>> (game.losses(numpy.zeros(10)) * (1 - 0.96)).round(12).tolist()
    [1.5, 1.5]
    """

    dims = (5, 5)

    def __init__(self, discount: float = 0.96, payoffs: Sequence[float] = (-1.0, -3.0, 0.0, -2.0)) -> None:
        check_in_interval("discount", discount, 0, 1, closed="left")
        xp, values = float_arrays(payoffs, names=("payoffs",))
        if tuple(values.shape) != (4,) or not bool(xp.all(xp.isfinite(values))):
            raise ValueError(f"`payoffs` must be four finite numbers, for CC, CD, DC and DD, got {payoffs!r}.")
        self.discount = discount
        self.payoffs = values
        # The same outcomes, as the second player names them.
        mirrored = xp.stack([values[0], values[2], values[1], values[3]])
        self._rewards = xp.stack([values, mirrored], axis=-1)

    def __repr__(self) -> str:
        return f"IteratedPrisonersDilemma(discount={self.discount!r}, payoffs={tuple(to_host(self.payoffs).tolist())})"

    def losses(self, z: Array) -> Array:
        """Minus the discounted sums of payoffs."""
        xp = array_namespace(z)
        mine, yours = self._cooperation(z)
        start, values, _ = self._chain(mine, yours)
        return -xp.sum(start[..., None] * values, axis=-2)

    def loss_gradients(self, z: Array) -> Array:
        """By the adjoint: dV = dp_0^T v + discount m^T dP v, v = (I - discount P)^-1 r, m = (I - discount P)^-T p_0."""
        xp = array_namespace(z)
        mine, yours = self._cooperation(z)
        start, values, matrix = self._chain(mine, yours)
        visits = xp.linalg.solve(xp.matrix_transpose(matrix), start[..., None])
        # (..., 5): how often each entry of a policy is used, discounted; the first round is used once.
        used = xp.concat([xp.ones_like(visits[..., :1, 0]), self.discount * visits[..., 0]], axis=-1)
        slopes = mine * (1 - mine), yours * (1 - yours)
        rows = []
        for player in range(2):
            cc, cd, dc, dd = (values[..., k, player][..., None] for k in range(4))
            by_mine = yours * (cc - dc) + (1 - yours) * (cd - dd)
            by_yours = mine * (cc - cd) + (1 - mine) * (dc - dd)
            both = [used * slopes[0] * by_mine, _swapped(used * slopes[1] * by_yours)]
            rows.append(-xp.concat(both, axis=-1))
        return xp.stack(rows, axis=-2)

    def _cooperation(self, z: Array) -> tuple[Array, Array]:
        """Probabilities of cooperating, (..., 5) each, both in the order of states of the first player."""
        probabilities = sigmoid(z)
        return probabilities[..., :5], _swapped(probabilities[..., 5:])

    def _chain(self, mine: Array, yours: Array) -> tuple[Array, Array, Array]:
        """p_0 (..., 4), values of the states (..., 4, 2) and I - discount P (..., 4, 4)."""
        xp = array_namespace(mine)
        outcomes = xp.stack([mine * yours, mine * (1 - yours), (1 - mine) * yours, (1 - mine) * (1 - yours)], axis=-1)
        matrix = xp.eye(4, dtype=mine.dtype, device=device_of(mine)) - self.discount * outcomes[..., 1:, :]
        rewards: Any = xp.astype(like(self._rewards, mine), mine.dtype)
        values = xp.linalg.solve(matrix, xp.broadcast_to(rewards, (*mine.shape[:-1], 4, 2)))
        return outcomes[..., 0, :], values, matrix


def _swapped(policy: Array) -> Array:
    """A policy (..., 5) with the states CD and DC exchanged."""
    xp = array_namespace(policy)
    return xp.concat([policy[..., :2], policy[..., 3:4], policy[..., 2:3], policy[..., 4:]], axis=-1)
