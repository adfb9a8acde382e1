"""Training plans: the steps of a GAN of plain networks, recorded once as calls on kept buffers and then repeated."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy

from gamedyn.backend import as_generator
from gamedyn.games import WrappedDraws
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.models._plan_draws import Batch, Draws, opened
from gamedyn.models._plan_gradients import PlannedGradients
from gamedyn.models._plan_network import is_planned
from gamedyn.models._plan_penalty import Penalty
from gamedyn.models._plan_rule import PlannedRule
from gamedyn.models._plan_trained import planned_trained_rule
from gamedyn.updates import UpdateRule

__all__ = ["NotFinite", "TrainingPlan", "plan_training"]

# Samples in a part of a batch: what a part works on then stays in a core's cache.
_LARGEST_PART = 512
# Between two looks at whether everything is finite, which cost as much as a copy of z.
_STEPS_BETWEEN_LOOKS = 64
_PLAYERS = ("generator", "discriminator")


class NotFinite(ArithmeticError):
    """Training has left the finite numbers.

    Attributes
    ----------
    step : int
        The first step after which something is not finite, counted from 1 at the start of the run.
    player : int
        Whose parameters or averages it was, 0 for the generator; the first to move where it was both.
    z, state
        Point and state before that step.
    """

    def __init__(self, step: int, player: int, z: numpy.ndarray, state: Any) -> None:
        self.step, self.player, self.z, self.state = step, player, z, state
        super().__init__(
            f"step {step} took the {_PLAYERS[player]}'s parameters out of the finite numbers. Take smaller steps, or "
            "go on from the last good point, which this error has as `z` and `state`."
        )


def plan_training(game: Any, rule: UpdateRule, z: Any, shape: tuple[int, ...] = ()) -> TrainingPlan | None:
    """A plan that plays `game` with `rule` from points like z, or None where there is none.

    There is one if z is a NumPy vector of real floats; `game` is a `NeuralGAN` on NumPy samples or on a Distribution,
    or `WrappedDraws` of one whose wrapper returns the draw, or `Regularized` with at most one penalty and the same one
    for every draw, on a critic without batch normalisation; both networks are dense layers, or convolutions and
    transposed ones on small images (`is_tied`), and between them Tanh, Softplus, ReLU or LeakyReLU, of a slope of at
    most 1, with or without `BatchNormalization` before it, or `Maxout` after a dense layer, in whatever shapes, and
    batches of two samples at least where those are normalised; and `rule` is one that `planned_rule` knows, or a
    `TrainedRule` of one.

    Parameters
    ----------
    game : StochasticGame
    rule : UpdateRule
    z : array, shape (d,)
    shape : tuple of int
        Of an ensemble of games played at once, whose steps `EnsemblePlan` repeats; () is one game.
    """
    model = game.game if type(game) is WrappedDraws else game
    if not (type(model) is NeuralGAN and type(z) is numpy.ndarray and z.shape == (sum(model.dims),)):
        return None
    if z.dtype not in (numpy.float32, numpy.float64) or not all(
        map(is_planned, (model.generator, model.discriminator))
    ):
        return None
    # Any draw tells what all have.
    found = opened(game.draw(0))
    if found is None or type(found[0].real_samples) is not numpy.ndarray:
        return None
    # What batch normalisation refuses is left to it, for its message.
    if not _is_per_sample(model) and model.batch_size < 2:
        return None
    if found[1] is not None and not model.discriminator.per_sample:
        return None
    count = math.prod(shape)
    planned = planned_trained_rule(rule, count * z.size, z.dtype, count * model.dims[0])
    return None if planned is None else TrainingPlan(game, model, planned, found[1], shape)


class TrainingPlan:
    """Steps of one game with one rule; `plan_training` makes it.

    Parameters
    ----------
    game : NeuralGAN or WrappedDraws
    model : NeuralGAN
    rule : PlannedRule
        On the parameters of all games, the generators' first.
    penalty : Penalty, optional
    shape : tuple of int
        Of an ensemble.
    """

    def __init__(
        self,
        game: NeuralGAN | WrappedDraws,
        model: NeuralGAN,
        rule: PlannedRule,
        penalty: Penalty | None,
        shape: tuple[int, ...] = (),
    ) -> None:
        self.rule, self.shape = rule, shape
        first = math.prod(shape) * model.dims[0]
        self.blocks = slice(0, first), slice(first, rule.gradient.size)
        dtype, z = rule.gradient.dtype, rule.carried[0]
        self.parts = _parts(model.batch_size) if _is_per_sample(model) else [slice(0, model.batch_size)]
        simultaneous = any(player is None for player, _ in rule.order)
        self.gradients = {
            size: PlannedGradients(model, *self.networks(z), size, rule.scale, penalty, simultaneous)
            for size in {part.stop - part.start for part in self.parts}
        }
        self.more = aligned(rule.gradient.shape, dtype) if len(self.parts) > 1 else rule.gradient
        shape = *self.shape, model.batch_size, model.discriminator.input_size
        # A batch in one part is drawn to where the critic reads it.
        real = self._of(self.parts[0]).real if len(self.parts) == 1 else numpy.zeros(shape, dtype)
        samples = *self.shape, model.batch_size * model.packing
        latent = numpy.ones((*samples, model.generator.input_size + 1), dtype)
        noise = numpy.zeros((*samples, model.generator.output_size), dtype) if model.instance_noise else None
        self.batch = Batch(real, latent, noise)
        self.draws = Draws(game, self.batch, penalty)
        self.moves, self.opening = self._recorded(), self._opening()
        self.kept = numpy.zeros_like(rule.carried)

    def run(self, z: numpy.ndarray, state: Any, rng: Any, steps: int) -> tuple[numpy.ndarray, Any]:
        """(z, state) after `steps` steps: what `dynamics.simulate` makes of z, state and rng, to rounding.

        The bits do not depend on how a run is divided into calls.

        Parameters
        ----------
        z : array, shape (d,)
        state : optional
            Of the rule; None for its first one.
        rng : None, int or numpy.random.Generator
        steps : int

        Raises
        ------
        NotFinite
            At the first step whose point or averages are not finite; it has those before.
        """
        generator, like = as_generator(rng), self.rule.gradient
        if type(z) is not numpy.ndarray or (z.shape, z.dtype) != (like.shape, like.dtype):
            raise ValueError(
                f"`z` must be a NumPy array of shape {like.shape} and {like.dtype}, as the plan's, got {z!r}."
            )
        self.rule.enter(z, state)
        with numpy.errstate(all="ignore"):
            if self.opening and state is None:
                randomness = generator.bit_generator.state
                self.draws.draw(generator)
                self.open()
                generator.bit_generator.state = randomness
            for done in range(0, steps, _STEPS_BETWEEN_LOOKS):
                count = min(_STEPS_BETWEEN_LOOKS, steps - done)
                numpy.copyto(self.kept, self.rule.carried)
                randomness = generator.bit_generator.state
                self._play(generator, count)
                if not numpy.isfinite(self.rule.carried).all():
                    generator.bit_generator.state = randomness
                    self.rule.rewind(count)
                    numpy.copyto(self.rule.carried, self.kept)
                    self._find(generator, done)
        return self.rule.carried[0].copy(), self.rule.state()

    def open(self) -> None:
        """Complete the rule's first state, the batch of the first step being drawn."""
        for function, arguments in self.opening:
            function(*arguments)
        self.rule.open()

    def _play(self, rng: numpy.random.Generator, steps: int) -> None:
        draws, begin, (first, *others) = self.draws, self.rule.begin, self.moves
        for _ in range(steps):
            draws.draw(rng)
            begin()
            for function, arguments in first:
                function(*arguments)
            for move in others:
                draws.redraw()
                for function, arguments in move:
                    function(*arguments)

    def _find(self, rng: numpy.random.Generator, done: int) -> None:
        """Play until something is not finite after a step; a first state may have been so before."""
        carried, bad = self.rule.carried, numpy.zeros(0, bool)
        while not bad.any():
            numpy.copyto(self.kept, carried)
            self._play(rng, 1)
            done += 1
            bad = ~numpy.isfinite(carried).all(axis=0)
        blamed = [player for player in self._order() if bad[self.blocks[player]].any()]
        numpy.copyto(carried, self.kept)
        self.rule.rewind(1)
        raise NotFinite(done, blamed[0], carried[0].copy(), self.rule.state())

    def _order(self) -> tuple[int, ...]:
        return tuple(each for player, _ in self.rule.order for each in ((0, 1) if player is None else (player,)))

    def networks(self, flat: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The generators' part (..., d_0) of a vector like z and the discriminators' (..., d_1), as views."""
        generators, discriminators = (flat[block].reshape(*self.shape, -1) for block in self.blocks)
        return generators, discriminators

    def _add_expansion(self, tape: Tape, player: int) -> None:
        """What must precede gradients where the player's parameters are new."""
        for gradients in self.gradients.values():
            (gradients.generator, gradients.critic)[player].expand(tape)

    def _recorded(self) -> list[Tape]:
        """The calls of a step, divided where a fresh batch is drawn."""
        moves: list[Tape] = [[]]
        moved: tuple[int, ...] = (0, 1)
        for player, count in self.rule.order:
            for k in range(count):
                if k:
                    moves.append([])
                for each in moved:
                    self._add_expansion(moves[-1], each)
                self._add_gradient(moves[-1], player)
                self.rule.add(moves[-1], self._block(player))
                moved = (0, 1) if player is None else (player,)
        self.rule.end(moves[-1])
        return moves

    def _opening(self) -> Tape:
        """The calls of the gradient at the start, for rules whose first state holds it."""
        tape: Tape = []
        if self.rule.opens:
            self._add_expansion(tape, 0)
            self._add_expansion(tape, 1)
            self._add_gradient(tape, None)
        return tape

    def _add_gradient(self, tape: Tape, player: int | None) -> None:
        """The gradient of one player, or of both, over all parts."""
        for k, part in enumerate(self.parts):
            gradients, flat = self._of(part), self.more if k else self.rule.gradient
            thetas, phis = self.networks(flat)
            generator, critic = gradients.generator.blocks(thetas), gradients.critic.blocks(phis)
            if player is None:
                gradients.add_both(tape, self.batch, part, generator, critic)
            elif player == 0:
                gradients.add_generator(tape, self.batch, part, generator)
            else:
                gradients.add_discriminator(tape, self.batch, part, critic)
            if player != 1:
                gradients.generator.fold(tape, thetas)
            if player != 0:
                gradients.critic.fold(tape, phis)
            if k:
                block = self._block(player)
                total = self.rule.gradient[block]
                tape.append((numpy.add, (total, flat[block], total)))

    def _block(self, player: int | None) -> slice:
        return slice(0, self.blocks[1].stop) if player is None else self.blocks[player]

    def _of(self, part: slice) -> PlannedGradients:
        return self.gradients[part.stop - part.start]


def _is_per_sample(model: NeuralGAN) -> bool:
    return model.generator.per_sample and model.discriminator.per_sample


def _parts(batch_size: int) -> list[slice]:
    """Slices of a batch, as few as may be and as equal as can be."""
    count = -(-batch_size // _LARGEST_PART)
    ends = [round(k * batch_size / count) for k in range(count + 1)]
    return [slice(start, stop) for start, stop in itertools.pairwise(ends)]
