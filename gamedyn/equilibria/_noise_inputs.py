"""How noise on the gradient enters a step of a rule: the derivative of the step in every independent draw."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, like, to_host
from gamedyn.games import Delegating, Game, player_slices
from gamedyn.updates import UpdateRule, extended_point, step_extended

__all__ = ["noise_inputs"]


def noise_inputs(rule: UpdateRule, game: Game, z: Array, *, start: bool = False) -> numpy.ndarray:
    """B_j = d F / d w_j, F a step on the extended state with xi + w_j in the place of xi on its j-th sample.

    Parameters
    ----------
    rule : UpdateRule
    game : Game
        On all data.
    z : array, shape (d,)
        Where the rule rests.
    start : bool
        Whether the rule's state is made on the first sample, too, as `simulate` does before the first step.

    Returns
    -------
    NumPy array, shape (m, D, d)
        m is the number of samples that a step takes: 1 and one for every call of `redraw`.
    """
    xp, d = array_namespace(z), z.shape[-1]
    # One direction and one sign of noise to a trajectory; steps are affine in the noise where the game is.
    size = 1.0 if game.is_affine else float(xp.finfo(z.dtype).eps) ** 0.2 / 4
    points = xp.broadcast_to(z, (4 * d, d))
    rest = rule.init(game, points)
    directions = numpy.concatenate([s * size * numpy.eye(d) for s in (1.0, -1.0, 0.5, -0.5)])
    inputs: list[numpy.ndarray] = []
    samples = 1
    while len(inputs) < samples:
        tape = _Tape(like(directions, z), len(inputs))
        played = _Driven(game, tape, 0)
        state = rule.init(played, points) if start else rule.init(game, points)
        before = extended_point(points, state if start else rest)
        after = to_host(step_extended(rule, played, before, state, (4 * d, d)))
        samples = max(samples, tape.draws)
        ahead, behind, near, far = after.reshape(4, d, -1)
        # Central differences with both lengths, to the fourth order; on an affine game either is exact.
        slope = (8 * (near - far) - (ahead - behind)) / (6 * size)
        inputs.append(slope.T)
    return numpy.stack(inputs)


class _Tape:
    """The noise of every sample of a step: all zero but on one of them."""

    def __init__(self, noise: Array, active: int) -> None:
        self.noise, self.active, self.draws = noise, active, 1

    def next(self) -> int:
        self.draws += 1
        return self.draws - 1


class _Driven(Delegating):
    """The game with xi + w, w this sample's: every loss has the term w_i^T z_i in its own player's block."""

    def __init__(self, game: Game, tape: _Tape, index: int) -> None:
        self.game, self.tape, self.index = game, tape, index
        self.dims, self.domain = game.dims, game.domain

    def _noise(self, z: Array) -> Array:
        noise = like(self.tape.noise, z)
        return noise if self.index == self.tape.active else array_namespace(z).zeros_like(noise)

    def losses(self, z: Array) -> Array:
        xp, terms = array_namespace(z), self._noise(z) * z
        own = [xp.sum(terms[..., block], axis=-1) for block in player_slices(self.dims)]
        return self.game.losses(z) + xp.stack(own, axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        xp, noise, rows = array_namespace(z), self._noise(z), []
        for block in player_slices(self.dims):
            zeros = xp.zeros_like(noise)
            parts = [zeros[..., : block.start], noise[..., block], zeros[..., block.stop :]]
            rows.append(xp.concat(parts, axis=-1))
        return self.game.loss_gradients(z) + xp.stack(rows, axis=-2)

    def simultaneous_gradient(self, z: Array) -> Array:
        return self.game.simultaneous_gradient(z) + self._noise(z)

    def player_gradient(self, z: Array, player: int) -> Array:
        return self.game.player_gradient(z, player) + self._noise(z)[..., player_slices(self.dims)[player]]

    def redraw(self) -> Any:
        return _Driven(self.game, self.tape, self.tape.next())

    def full(self) -> Any:
        return self.game
