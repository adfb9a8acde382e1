"""Training of a GAN of two small networks in fused kernels: a few launches per step, many steps per graph."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import KernelModule, as_generator, takes_kernels
from gamedyn.games import WrappedDraws
from gamedyn.models._device_draws import HostDraws
from gamedyn.models._device_rule import DeviceRule, device_rule
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._plan_draws import opened
from gamedyn.models._step_source import THREADS, StepShape, is_written, slopes_in_c, step_source
from gamedyn.models._training_plan import NotFinite
from gamedyn.updates import AdamState, UpdateRule

__all__ = ["KERNELS", "DevicePlan", "plan_on_device"]

KERNELS = ("generator_gradient", "discriminator_gradient", "adam", "descent", "finish", "advance")

_LARGEST = 2**26  # numbers in all parts of gradients, half a gigabyte in double precision
_RECORDED = 32  # steps in one graph, and between two looks at whether everything is finite


def plan_on_device(game: Any, rule: UpdateRule, z: Any) -> DevicePlan | None:
    """A plan that plays `game` with `rule` from points like z in fused kernels, or None where there is none.

    There is one if z is a vector of CuPy, of real floats; `game` is a `NeuralGAN` on samples of CuPy in that precision,
    without labels, packing or instance noise, or `WrappedDraws` of one whose wrapper returns the draw, so that there is
    no penalty; both networks are dense layers with biases and Tanh, ReLU, LeakyReLU, Sigmoid or Softplus between them,
    so narrow that what one sample leaves in them fits into 48 KiB, and with their batch so small that the parts of
    gradients that blocks leave are at most 2^26 numbers; the objective is no `FGAN`; and `rule` is one
    that `device_rule` knows. All else is played by `dynamics.simulate`.

    Parameters
    ----------
    game : StochasticGame
    rule : UpdateRule
    z : array, shape (d,)
    """
    model = game.game if type(game) is WrappedDraws else game
    if not (type(model) is NeuralGAN and takes_kernels(z) and takes_kernels(model.data)):
        return None
    real = {"float32": "float", "float64": "double"}.get(str(z.dtype))
    if real is None or z.dtype != model.data.dtype or tuple(z.shape) != (sum(model.dims),):
        return None
    if model.labels is not None or model.packing != 1 or model.instance_noise:
        return None
    networks = model.generator, model.discriminator
    planned = device_rule(rule)
    if planned is None or not all(map(is_written, networks)) or slopes_in_c(model.objective) is None:
        return None
    shape = StepShape(*networks, model.objective, model.batch_size, real)
    # Any draw tells what all have.
    found = opened(game.draw(0))
    if shape.tile == 0 or found is None or found[1] is not None:
        return None
    if sum(map(operator.mul, shape.parts, model.dims)) > _LARGEST:
        return None
    return DevicePlan(shape, planned, model.data)


class DevicePlan:
    """Steps of Adam or plain descent on minibatches, in single or double precision, without the host in between.

    Each gradient is one launch: a block carries a few samples through both networks in shared memory and leaves its
    part of the gradient; the move, another launch, adds the parts up in a fixed order, so that the same steps give the
    same bits.

    Parameters
    ----------
    shape : StepShape
    rule : DeviceRule
    data : array, shape (n, features)
        On the device.
    module : type, optional
        Makes what launches kernels, as `gamedyn.backend.KernelModule`.
    """

    def __init__(self, shape: StepShape, rule: DeviceRule, data: Any, module: Callable[..., Any] | None = None) -> None:
        self.shape, self.rule = shape, rule
        self.module = m = (KernelModule if module is None else module)(step_source(shape), KERNELS)
        self.dtype = dtype = numpy.dtype("float32" if shape.real == "float" else "float64")
        self.sizes = shape.generator.size, shape.discriminator.size
        # Fixed buffers: a graph holds their addresses. What the data's owner does to them later changes no run.
        self.data = m.empty(tuple(data.shape), dtype)
        m.fill(self.data, data)
        self.carried, self.kept = (m.empty((rule.rows, sum(self.sizes)), dtype) for _ in range(2))
        self.partials = [m.empty((k, n), dtype) for k, n in zip(shape.parts, self.sizes, strict=True)]
        self.steps = m.empty((2,), numpy.dtype("int64"))
        self.bad = m.empty((2,), numpy.dtype("int32"))
        latent_dim, slots = shape.generator.input_size, _RECORDED * rule.batches
        self.draws = HostDraws(self.data.shape[0], shape.batch, latent_dim, rule.batches, dtype)
        self.rows = m.empty((slots, shape.batch), numpy.dtype("int32"))
        self.latent = m.empty((slots, shape.batch, latent_dim), dtype)
        self._played = False
        self._replay: Callable[[], None] | None = None

    def run(self, z: Any, state: Any, rng: Any, steps: int) -> tuple[Any, Any]:
        """(z, state) after `steps` steps: what `dynamics.simulate` makes of z, state and rng, to rounding.

        The bits do not depend on how a run is divided into calls.

        Parameters
        ----------
        z : array, shape (d,)
            On the device.
        state : optional
            Of the rule; None for its first one.
        rng : None, int or numpy.random.Generator
        steps : int

        Raises
        ------
        NotFinite
            At the first step whose point or averages are not finite; it has those before.
        """
        generator = as_generator(rng)
        counts = self._load(z, state)
        batches = self.draws(generator, min(steps, _RECORDED))
        for done in range(0, steps, _RECORDED):
            count = min(_RECORDED, steps - done)
            self.module.fill(self.kept, self.carried)
            for buffer, values in zip((self.rows, self.latent), batches, strict=True):
                self.module.fill(buffer[: len(values)], values)
            self._play(count)
            # While the device is at work.
            batches = self.draws(generator, min(_RECORDED, steps - done - count))
            # The next batches go into the same buffers, so these steps must be over.
            if self.module.read(self.bad).any():
                self._find(done, [n + done * k for n, k in zip(counts, self.rule.counts, strict=True)])
        return self._taken([n + steps * k for n, k in zip(counts, self.rule.counts, strict=True)])

    def _play(self, count: int) -> None:
        if count < _RECORDED or not self._played:
            # A kernel's first launch may load it, which has no place in a recording.
            self._launch(0, count)
            self._played = self._played or count == _RECORDED
            return
        if self._replay is None:
            self._replay = self.module.record(lambda: self._launch(0, _RECORDED))
        self._replay()

    def _launch(self, start: int, stop: int) -> None:
        """The steps whose minibatches are those from `start` up to `stop`."""
        for step in range(start, stop):
            slot, at = step * self.rule.batches, step - start
            if not self.rule.order:
                self._gradient(0, slot)
                self._gradient(1, slot)
                self._move(0, at + 1)
                self._move(1, at + 1)
            for player, count in self.rule.order:
                for k in range(count):
                    slot += k > 0
                    self._gradient(player, slot)
                    self._move(player, at * count + k + 1)
            if self.rule.ends is not None:
                # Where there is no average, its place is not looked at.
                z, average = self.carried[0], self.carried[self.rule.rows - 1]
                self.module.launch("finish", -(-sum(self.sizes) // THREADS), THREADS, z, average, *self.rule.ends)
        self.module.launch("advance", 1, 1, self.steps, *((stop - start) * k for k in self.rule.counts))

    def _gradient(self, player: int, slot: int) -> None:
        theta, phi, launch = self._part(0, 0), self._part(0, 1), self.module.launch
        if player == 0:
            launch("generator_gradient", self.shape.blocks, THREADS, theta, phi, self.latent, self.partials[0], slot)
            return
        samples = self.latent, self.data, self.rows
        arguments = theta, phi, *samples, self.partials[1], slot
        launch("discriminator_gradient", 2 * self.shape.blocks, THREADS, *arguments)

    def _move(self, player: int, number: int) -> None:
        """Along the player's gradient, the number-th one in this series of launches."""
        size, rule = self.sizes[player], self.rule
        parts = self.partials[player], (1 + player) * self.shape.blocks, size
        blocks = -(-size // THREADS)
        moved = [self._part(row, player) for row in range(1 if rule.adam is None else 3)]
        if rule.adam is None:
            arguments = *moved, *parts, self.bad, player, rule.step_sizes[player]
            self.module.launch("descent", blocks, THREADS, *arguments)
            return
        numbers = rule.step_sizes[player], rule.adam.first_decay, rule.adam.second_decay, rule.adam.epsilon
        arguments = *moved, *parts, self.steps, self.bad, player, number, *map(float, numbers)
        self.module.launch("adam", blocks, THREADS, *arguments)

    def _part(self, row: int, player: int) -> Any:
        """A player's block of z, or of an average."""
        split = self.sizes[0]
        return self.carried[row, :split] if player == 0 else self.carried[row, split:]

    def _find(self, done: int, counts: list[int]) -> None:
        """Play the last steps, which are in the buffers, one by one until something is not finite."""
        self.module.fill(self.carried, self.kept)
        self._count(counts)
        for step in range(_RECORDED):
            self.module.fill(self.kept, self.carried)
            self._launch(step, step + 1)
            bad = self.module.read(self.bad)
            if bad.any():
                break
        self.module.fill(self.carried, self.kept)
        order = [player for player, _ in self.rule.order] or [0, 1]
        z, state = self._taken([n + step * k for n, k in zip(counts, self.rule.counts, strict=True)])
        raise NotFinite(done + step + 1, next(player for player in order if bad[player]), z, state)

    def _load(self, z: Any, state: Any) -> list[int]:
        """Fill the buffers; the gradients of each player so far."""
        inner, average = self.rule.opened(state)
        self.module.fill(self.carried[0], z)
        if self.rule.adam is not None:
            zeros = numpy.zeros(sum(self.sizes), self.dtype)
            for row, values in enumerate((zeros, zeros) if inner is None else (inner.first, inner.second), 1):
                self.module.fill(self.carried[row], values)
        if self.rule.has_average:
            theta = z[: self.sizes[0]] if average is None else average
            self.module.fill(self.carried[self.rule.rows - 1, : self.sizes[0]], theta)
        counts = self.rule.counted(inner)
        self._count(counts)
        return counts

    def _count(self, counts: list[int]) -> None:
        self.module.fill(self.steps, numpy.asarray(counts, numpy.int64))
        self.module.fill(self.bad, numpy.zeros(2, numpy.int32))

    def _taken(self, counts: list[int]) -> tuple[Any, Any]:
        """Point and state as arrays of their own."""
        whole = self.module.empty(tuple(self.carried.shape), self.dtype)
        self.module.fill(whole, self.carried)
        inner = None
        if self.rule.adam is not None:
            given = self.rule.steps_of(counts)
            steps = self.module.empty(given.shape, given.dtype)
            self.module.fill(steps, given)
            inner = AdamState(whole[1], whole[2], steps)
        average = whole[self.rule.rows - 1, : self.sizes[0]] if self.rule.has_average else None
        self.module.wait()
        return whole[0], self.rule.closed(inner, average)
