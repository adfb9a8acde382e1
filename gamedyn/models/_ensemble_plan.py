"""Many runs of one GAN at once, by one recorded plan whose arrays have a leading axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy

from gamedyn.models._ensemble_draws import EnsembleDraws
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._trained_rule import TrainedState
from gamedyn.models._training_plan import TrainingPlan

__all__ = ["EnsemblePlan", "Stop"]

# As those of a single run's plan.
_STEPS_BETWEEN_LOOKS = 64


class Stop(NamedTuple):
    """Where a run is after a leg: at its end, or at the last look before it left the finite numbers."""

    steps: int
    z: numpy.ndarray
    state: TrainedState | None


class EnsemblePlan:
    """K runs with one rule, side by side: every one has the bits that it has alone.

    Products are of three-dimensional arrays, one small matrix after the other in one call; all else goes over the runs'
    numbers as if they were one run's. What a call costs before it computes anything is paid once for all runs.

    Parameters
    ----------
    plan : TrainingPlan
        Of shape (K,), or () for one run.
    model : NeuralGAN
        Whose draws are played.
    """

    def __init__(self, plan: TrainingPlan, model: NeuralGAN) -> None:
        self.plan, self.model = plan, model
        self.count = plan.shape[0] if plan.shape else 1
        self.first = model.dims[0]

    def run(
        self,
        starts: Sequence[tuple[numpy.ndarray, TrainedState | None]],
        generators: Sequence[numpy.random.Generator],
        steps: int,
    ) -> list[Stop]:
        """Where K runs are after `steps` steps; one that leaves the finite numbers stops, and the others go on.

        Parameters
        ----------
        starts : sequence of (z, state)
            K of them, all after as many steps.
        generators : sequence of numpy.random.Generator
            The generator of a run that stops is set back to where the run stopped.
        steps : int
        """
        carried, draws = self.plan.rule.carried, EnsembleDraws(self.model, self.plan.batch, generators)
        self.plan.rule.enter(self._joined([z for z, _ in starts]), self._joined([state for _, state in starts]))
        stopped: dict[int, Stop] = {}
        with numpy.errstate(all="ignore"):
            if self.plan.opening and starts[0][1] is None:
                randomness = [rng.bit_generator.state for rng in generators]
                draws.draw()
                self.plan.open()
                for rng, state in zip(generators, randomness, strict=True):
                    rng.bit_generator.state = state
                draws = EnsembleDraws(self.model, self.plan.batch, generators)
            kept = carried.copy()
            for done in range(0, steps, _STEPS_BETWEEN_LOOKS):
                count = min(_STEPS_BETWEEN_LOOKS, steps - done)
                numpy.copyto(kept, carried)
                bits = {k: draws.state(k) for k in draws.running}
                self._play(draws, count)
                if numpy.isfinite(carried).all():
                    continue
                last = self._before(kept, done, count)
                for k in [k for k in draws.running if self._has_left(k)]:
                    generators[k].bit_generator.state = bits[k]
                    stopped[k] = last[k]
                    draws.stop(k)
                    self._clear(k)
        for k in draws.running:
            generators[k].bit_generator.state = draws.state(k)
        return [stopped.get(k, stop) for k, stop in enumerate(self._now(steps))]

    def _play(self, draws: EnsembleDraws, steps: int) -> None:
        begin, (first, *others) = self.plan.rule.begin, self.plan.moves
        for _ in range(steps):
            draws.draw()
            begin()
            for function, arguments in first:
                function(*arguments)
            for move in others:
                draws.redraw()
                for function, arguments in move:
                    function(*arguments)

    def _joined(self, leaves: Sequence[Any]) -> Any:
        """K states as one: of vectors like z and of averages a flat vector, the generators' parts first."""
        leaf, (first, second) = leaves[0], self.model.dims
        if isinstance(leaf, tuple):
            return type(leaf)(*map(self._joined, zip(*leaves, strict=True)))
        if leaf is None or leaf.shape not in ((first,), (first + second,)):
            # Nothing, or a count, which is that of all.
            return leaf
        rows = numpy.stack(leaves)
        return numpy.concatenate([rows[:, :first].ravel(), rows[:, first:].ravel()])

    def _separate(self, leaf: Any) -> list[Any]:
        """Each run's part of a state as `_joined` makes it, copied."""
        first, size = (block.stop for block in self.plan.blocks)
        if isinstance(leaf, tuple):
            return [type(leaf)(*parts) for parts in zip(*map(self._separate, leaf), strict=True)]
        if leaf is None or leaf.shape not in ((first,), (size,)):
            return [leaf] * self.count
        rows = [part.reshape(self.count, -1) for part in (leaf[:first], leaf[first:])]
        return [numpy.concatenate(parts) for parts in zip(*rows, strict=True)]

    def _now(self, steps: int) -> list[Stop]:
        """Where all runs are, after so many steps."""
        rule = self.plan.rule
        pairs = zip(self._separate(rule.carried[0]), self._separate(rule.state()), strict=True)
        return [Stop(steps, z, state) for z, state in pairs]

    def _before(self, kept: numpy.ndarray, steps: int, back: int) -> list[Stop]:
        """Where all runs were, after so many steps, `back` steps ago."""
        rule = self.plan.rule
        now = rule.carried.copy()
        numpy.copyto(rule.carried, kept)
        rule.rewind(back)
        found = self._now(steps)
        rule.rewind(-back)
        numpy.copyto(rule.carried, now)
        return found

    def _views(self, k: int) -> list[numpy.ndarray]:
        """One run's numbers."""
        parts = [part for row in self.plan.rule.carried for part in self.plan.networks(row)]
        return [part.reshape(self.count, -1)[k] for part in parts]

    def _has_left(self, k: int) -> bool:
        return not all(numpy.isfinite(view).all() for view in self._views(k))

    def _clear(self, k: int) -> None:
        """Zeros, which compute as fast as any numbers."""
        for view in self._views(k):
            view.fill(0)
