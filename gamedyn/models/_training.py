"""The training of a model: steps in legs between records and checkpoints, with all that goes on in one state."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Generator
from typing import Any, NamedTuple, Protocol

from gamedyn.backend import Array
from gamedyn.games import StochasticGame
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_history import MOST_RECORDS
from gamedyn.models._training_legs import Leg, Legs

__all__ = ["Divergence", "Measures", "Training", "TrainingPoint"]


class TrainingPoint(NamedTuple):
    """All that a training needs to go on from here, with the same bits as if it had not stopped."""

    step: int
    z: Array
    state: Any
    """A `TrainedState`, or None before the first step."""
    generator_state: dict[str, Any]
    """Of the random bits."""
    records: list[dict[str, Any]]
    stride: int
    """Records are made at every stride-th of the steps that were asked for."""
    seconds: float


class Divergence(NamedTuple):
    """Who left the numbers, and at which step."""

    step: int
    players: tuple[int, ...]
    names: tuple[str, ...] = ()
    """Of all players; none where there is but one."""

    def __str__(self) -> str:
        who = " and ".join(f"player {i} ({self.names[i]})" for i in self.players if self.names)
        return f"training diverged at step {self.step}: {who or 'the loss or a parameter'} became infinite or NaN"


class Measures(Protocol):
    """What is measured at points of a training."""

    players: tuple[str, ...]
    """The players' names, for messages; none where there is but one."""

    def __call__(self, z: Array, average: Array | None) -> dict[str, Any]:
        """The fields of a record, but for steps and seconds."""

    def note(self, record: dict[str, Any]) -> str:
        """A record in words, for who watches."""


class Training:
    """A run in legs: what is carried makes the legs one run, whose bits depend on no leg's length.

    Parameters
    ----------
    game : StochasticGame
    rule : TrainedRule
    measures : Measures
    rng : Generator
        Advanced by one draw of the game per step.
    at : TrainingPoint
        Where to start, or to go on.
    legs : Legs, optional
        Of this game and rule; None makes them.
    """

    def __init__(
        self,
        game: StochasticGame,
        rule: TrainedRule,
        measures: Measures,
        rng: Any,
        at: TrainingPoint,
        legs: Legs | None = None,
    ) -> None:
        self.measures, self.rng, self.at = measures, rng, at
        self.legs = legs or Legs(game, rule, at.z)
        self.rng.bit_generator.state = at.generator_state

    def run(
        self,
        until: int,
        *,
        evaluate_every: int,
        save_every: int | None = None,
        save: Callable[[TrainingPoint], object] | None = None,
        report: Callable[[int, int, str], object] | None = None,
    ) -> Divergence | None:
        """Play up to the step `until`; `at` is then the end, or the last point whose numbers are finite.

        Parameters
        ----------
        until : int
        evaluate_every : int
            Steps between records; the first and the last step are recorded, too.
        save_every : int, optional
            Steps between calls of `save`.
        save : callable, optional
            save(point), also at the start, at the end, and when the user interrupts.
        report : callable, optional
            report(step, steps, note), now and then.
        """
        course = self.course(until, evaluate_every=evaluate_every, save_every=save_every, save=save, report=report)
        try:
            steps = next(course)
            while True:
                at = self.at
                steps = course.send(
                    self.legs.play(at.z, at.state, self.rng, steps, report and self._shifted(report, until))
                )
        except StopIteration as end:
            diverged: Divergence | None = end.value
            return diverged
        except KeyboardInterrupt:
            if save is not None:
                save(self.at)
            raise

    def course(
        self,
        until: int,
        *,
        evaluate_every: int,
        save_every: int | None = None,
        save: Callable[[TrainingPoint], object] | None = None,
        report: Callable[[int, int, str], object] | None = None,
    ) -> Generator[int, Leg, Divergence | None]:
        """What `run` does, but for the steps: asks for a leg of so many steps, and takes it as it was played.

        Parameters
        ----------
        until, evaluate_every, save_every, save, report : see `run`
        """
        started, spent = time.perf_counter(), self.at.seconds
        records = self.at.records
        if self.at.step < until and records and records[-1]["steps"] % (evaluate_every * self.at.stride):
            # The end of an earlier run is no end of this one, whose records are those of a run that never stopped.
            self.at = self.at._replace(records=records[:-1])
        if not records:
            self.at = self._recorded(self.at)
        if save is not None:
            save(self.at)
        while self.at.step < until:
            stop = min(_next(self.at.step, every, until) for every in (evaluate_every, save_every or until))
            leg = yield stop - self.at.step
            point, diverged = self._after(leg)
            point = point._replace(seconds=spent + time.perf_counter() - started)
            if diverged is None and (stop % (evaluate_every * point.stride) == 0 or stop == until):
                point = self._recorded(point)
            # All at once, so that an interrupt finds the one or the other.
            self.at = point
            if diverged is not None:
                return diverged
            if save is not None and (stop == until or stop % (save_every or until) == 0):
                save(self.at)
            if report is not None:
                report(stop, until, self.note())
        return None

    def note(self) -> str:
        """The last record in words."""
        return self.measures.note(self.at.records[-1])

    def _after(self, leg: Leg) -> tuple[TrainingPoint, Divergence | None]:
        """The point after a leg, or the last one whose numbers are finite."""
        at = self.at
        bits = copy.deepcopy(dict(self.rng.bit_generator.state))
        point = at._replace(step=at.step + leg.steps, z=leg.z, state=leg.state, generator_state=bits)
        names = self.measures.players
        return point, Divergence(point.step + 1, leg.culprits, names) if leg.culprits else None

    def _recorded(self, at: TrainingPoint) -> TrainingPoint:
        """The point with one record more, and every second one less when there are too many."""
        average = None if at.state is None else at.state.average
        record = {"steps": at.step, **self.measures(at.z, average), "seconds": at.seconds}
        records = [*at.records, record]
        if len(records) <= MOST_RECORDS:
            return at._replace(records=records)
        return at._replace(records=records[::2], stride=2 * at.stride)

    def _shifted(self, report: Callable[[int, int, str], object], until: int) -> Callable[[int, int], object]:
        """What a leg reports, as part of the whole; its end is reported with the record there."""
        start, note = self.at.step, self.note()
        return lambda step, steps: report(start + step, until, note) if step < steps else None


def _next(step: int, every: int, until: int) -> int:
    """The next multiple of `every`, or the end."""
    return min(until, (step // every + 1) * every)
