"""Training of a GAN of two small networks in fused kernels: a few launches per step, many steps per graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.models._step_source import THREADS, StepShape, step_source
from gamedyn.updates import Adam, AdamState

__all__ = ["KERNELS", "DevicePlan", "Draws"]

KERNELS = ("generator_gradient", "discriminator_gradient", "adam", "descent", "advance")

_RECORDED = 32  # steps in one graph

Draws = Callable[[int], tuple[numpy.ndarray, numpy.ndarray]]
"""draws(k) -> (real (k, batch, features), latent (k, batch, latent_dim)) on the host: the next k minibatches."""


class DevicePlan:
    """Steps of Adam or plain descent on minibatches, in single or double precision, without the host in between.

    A step is a gradient of the generator, its move, a gradient of the discriminator and its move ("alternating"), or
    both gradients and both moves ("simultaneous"). Each gradient is one launch: a block carries a few samples through
    both networks in shared memory and leaves its part of the gradient; the move adds the parts up in a fixed order, so
    that the same steps give the same bits.

    Parameters
    ----------
    shape : StepShape
    rule : Adam or a rule with `step_size`
        Scalar hyper-parameters.
    schedule : {"simultaneous", "alternating"}
    module : type
        Makes what launches kernels, as `gamedyn.backend.KernelModule`.
    """

    def __init__(self, shape: StepShape, rule: Any, schedule: str, module: Callable[..., Any]) -> None:
        self.shape, self.rule, self.schedule = shape, rule, schedule
        self.module = m = module(step_source(shape), KERNELS)
        self.dtype = dtype = numpy.dtype("float32" if shape.real == "float" else "float64")
        self.sizes = shape.generator.size, shape.discriminator.size
        # Fixed buffers: a graph holds their addresses.
        self.points, self.firsts, self.seconds = ([m.empty((n,), dtype) for n in self.sizes] for _ in range(3))
        parts = shape.blocks, 2 * shape.blocks
        self.partials = [m.empty((k, n), dtype) for k, n in zip(parts, self.sizes, strict=True)]
        self.steps = m.empty((1,), numpy.dtype("int64"))
        self.latent = m.empty((_RECORDED, shape.batch, shape.generator.input_size), dtype)
        self.real = m.empty((_RECORDED, shape.batch, shape.generator.output_size), dtype)
        self._replay: Callable[[], None] | None = None

    def run(self, z: Any, state: Any, draws: Draws, steps: int) -> tuple[Any, Any]:
        """(z, state) after more steps, in arrays of the device.

        Parameters
        ----------
        z : array, shape (d,)
        state : AdamState or None
        draws : callable
            See `Draws`.
        steps : int
        """
        self._load(z, state)
        left = steps
        while left:
            count = min(left, _RECORDED)
            for buffer, values in zip((self.real, self.latent), draws(count), strict=True):
                self.module.fill(buffer[:count], numpy.ascontiguousarray(values, dtype=self.dtype))
            if count < _RECORDED:
                self._launch(count)
            else:
                if self._replay is None:
                    self._replay = self.module.record(lambda: self._launch(_RECORDED))
                self._replay()
            # The next batches go into the same buffers, so these steps must be over.
            self.module.wait()
            left -= count
        return self._taken(state, steps)

    def _launch(self, count: int) -> None:
        for slot in range(count):
            if self.schedule == "alternating":
                self._generator(slot)
                self._move(0, slot)
                self._discriminator(slot)
                self._move(1, slot)
            else:
                self._generator(slot)
                self._discriminator(slot)
                self._move(0, slot)
                self._move(1, slot)
        self.module.launch("advance", 1, 1, self.steps, count)

    def _generator(self, slot: int) -> None:
        arguments = *self.points, self.latent, self.partials[0], slot
        self.module.launch("generator_gradient", self.shape.blocks, THREADS, *arguments)

    def _discriminator(self, slot: int) -> None:
        arguments = *self.points, self.latent, self.real, self.partials[1], slot
        self.module.launch("discriminator_gradient", 2 * self.shape.blocks, THREADS, *arguments)

    def _move(self, player: int, slot: int) -> None:
        size, rule = self.sizes[player], self.rule
        parts = self.partials[player], (1 + player) * self.shape.blocks, size
        blocks = -(-size // THREADS)
        if isinstance(rule, Adam):
            memory = self.firsts[player], self.seconds[player]
            numbers = (rule.step_size, rule.first_decay, rule.second_decay, rule.epsilon)
            moved = self.points[player], *memory, *parts, self.steps, slot, *map(float, numbers)
            self.module.launch("adam", blocks, THREADS, *moved)
        else:
            self.module.launch("descent", blocks, THREADS, self.points[player], *parts, float(rule.step_size))

    def _load(self, z: Any, state: Any) -> None:
        split = self.sizes[0]
        pairs = [(self.points, z)]
        if isinstance(state, AdamState):
            pairs += [(self.firsts, state.first), (self.seconds, state.second)]
            self.module.fill(self.steps, state.steps.reshape(1))
        for buffers, values in pairs:
            for buffer, part in zip(buffers, (values[:split], values[split:]), strict=True):
                self.module.fill(buffer, part)

    def _taken(self, state: Any, steps: int) -> tuple[Any, Any]:
        joined = []
        for buffers in (self.points, self.firsts, self.seconds):
            whole = self.module.empty((sum(self.sizes),), self.dtype)
            for part, buffer in zip((whole[: self.sizes[0]], whole[self.sizes[0] :]), buffers, strict=True):
                self.module.fill(part, buffer)
            joined.append(whole)
        self.module.wait()
        if not isinstance(state, AdamState):
            return joined[0], state
        return joined[0], AdamState(joined[1], joined[2], state.steps + steps)
