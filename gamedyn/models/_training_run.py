"""One training of a model, whatever it is: its parameters, data and rule, and the point where it stands."""

from __future__ import annotations

import copy
import os
from abc import ABC, abstractmethod
from typing import Any

from gamedyn._checks import check_in_interval, check_integer, describe
from gamedyn.backend import Array, array_namespace, as_generator, device_of, to_device, to_host
from gamedyn.distributions import Distribution
from gamedyn.dynamics import Status
from gamedyn.games import StochasticGame
from gamedyn.models._checkpoint import (
    Checkpoint,
    CheckpointKind,
    checkpoint_file,
    generator_of,
    like_state,
    read_checkpoint,
    write_checkpoint,
)
from gamedyn.models._description import described, restored
from gamedyn.models._gan_parts import Shapes
from gamedyn.models._labels import one_hot
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training import Measures, Training, TrainingPoint

__all__ = ["TrainingRun"]

# What may change between the parts of one run: none of them touches its bits.
_FREE = ("steps", "rng", "target", "checkpoint", "checkpoint_every", "evaluate_every", "progress")


def _size(event_shape: tuple[int, ...]) -> int:
    """How many features a law has; 0 if its draws are no rows."""
    return event_shape[0] if len(event_shape) == 1 else int(event_shape == ())


class TrainingRun(ABC):
    """What an estimator works with between two calls of `fit`.

    Parameters
    ----------
    parameters : dict
        Of the estimator.
    shapes : Shapes
        Of the data.
    classes : array or None
        The labels that there are.
    """

    kind: CheckpointKind
    name: str
    """Of the model, for messages: "GAN"."""
    rule: TrainedRule
    point: TrainingPoint
    rng: Any

    def __init__(self, parameters: dict[str, Any], shapes: Shapes, classes: Any) -> None:
        self.parameters, self.shapes, self.classes = dict(parameters), shapes, classes
        self.fingerprint = ""
        check_integer("steps", parameters["steps"], minimum=0)
        for name in ("batch_size", "checkpoint_every", "evaluate_every"):
            if parameters[name] is not None:
                check_integer(name, parameters[name], minimum=1)
        target, decay = parameters["target"], parameters["ema_decay"]
        if target is not None and not isinstance(target, Distribution):
            raise TypeError(f"`target` must be a Distribution, got {target!r}.")
        if decay is not None:
            check_in_interval("ema_decay", decay, 0, 1, closed="left")
        if target is not None and (target.batch_shape != () or _size(target.event_shape) != shapes.features):
            raise ValueError(
                f"`target` must be one law of the {shapes.features} features of `X`, got batch shape "
                f"{target.batch_shape} and event shape {target.event_shape}."
            )
        self.file = parameters["checkpoint"]
        if self.file is not None:
            # Refuses what is no path before the work.
            checkpoint_file(self.file)

    @property
    @abstractmethod
    def size(self) -> int:
        """How many numbers are trained."""

    @property
    @abstractmethod
    def data(self) -> Array:
        """The rows, or a ValueError where a loaded model has none."""

    @abstractmethod
    def game(self) -> StochasticGame:
        """What is played."""

    @abstractmethod
    def measures(self) -> Measures:
        """What is measured."""

    @abstractmethod
    def first_point(self, rng: Any) -> Array:
        """(d,): fresh parameters.

        Parameters
        ----------
        rng : Generator
        """

    def begin(self) -> None:
        """Fresh parameters, drawn with the random numbers of the estimator."""
        rng = as_generator(self.parameters["rng"])
        z = self.first_point(rng)
        bits = copy.deepcopy(dict(rng.bit_generator.state))
        self.point, self.rng = TrainingPoint(0, z, None, bits, [], 1, 0.0), rng

    def training(self) -> Training:
        """The training from the point where it stands."""
        return Training(self.game(), self.rule, self.measures(), self.rng, self.point)

    def take(self, saved: Checkpoint, path: str, rng: Any) -> None:
        """Stand where a file says, without data.

        Parameters
        ----------
        saved : Checkpoint
        path : str
            For messages.
        rng : Generator
            With the random bits of the file.
        """
        if saved.point.z.shape != (self.size,):
            raise ValueError(
                f"{path} does not fit its parameters: {self.size} numbers expected, got {saved.point.z.shape[0]}."
            )
        self.fingerprint = saved.fingerprint
        self.point, self.rng = saved.point, rng

    def go_on_from(self, path: str | os.PathLike[str]) -> None:
        """Go on from a checkpoint of the same parameters and data.

        Parameters
        ----------
        path : path

        Raises
        ------
        ValueError
            Naming what differs.
        """
        saved = read_checkpoint(path, self.kind)
        if saved.model != self.name:
            raise ValueError(f"the checkpoint {os.fspath(path)} is of a {saved.model}, not of a {self.name}.")
        self._check_same(saved.parameters, f"the checkpoint {os.fspath(path)}")
        if saved.fingerprint != self.fingerprint:
            raise ValueError(f"`X` and `y` must be the data of the checkpoint {os.fspath(path)} to go on from it.")
        try:
            self._place(saved.point)
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)} does not fit its parameters: {error}.") from error
        self.rng = generator_of(saved.point.generator_state)

    def go_on_after(self, other: TrainingRun) -> None:
        """Go on from the point of another run, on these data.

        Parameters
        ----------
        other : TrainingRun
        """
        self._check_same(other._description(), "the last fit")
        self._place(other.point)
        self.rng = other.rng

    def _check_same(self, forms: dict[str, Any], where: str) -> None:
        """Refuse other parameters, but for those that do not change the course."""
        mine = self._description()
        for name, form in forms.items():
            if name not in _FREE and mine.get(name) != form:
                raise ValueError(
                    f"`{name}` must be that of {where} to go on from there, {describe(restored(form))}, got "
                    f"{describe(self.parameters.get(name))}."
                )

    def _place(self, point: TrainingPoint) -> None:
        """Take a point, whatever library and classes its arrays and tuples have."""
        example = self.data
        if tuple(point.z.shape) != (self.size,) or to_host(point.z).dtype != to_host(example[:1, :]).dtype:
            raise ValueError("its point is not one of these networks")
        z = to_device(to_host(point.z), array_namespace(example), dtype=example.dtype, device=device_of(example))
        state = None
        if point.state is not None:
            state = like_state(self.rule.init(self.game().draw(0), z), point.state, example)
        self.point = point._replace(z=z, state=state)

    def schedule(self) -> dict[str, Any]:
        """When to make records and checkpoints, as arguments of `Training.run`."""
        steps = max(1, self.parameters["steps"])
        found = {"evaluate_every": self.parameters["evaluate_every"] or -(-steps // 50)}
        if self.file is None:
            return found
        every = self.parameters["checkpoint_every"] or -(-steps // 10)
        return {**found, "save_every": every, "save": lambda point: self.save(self.file, point, Status.MAX_STEPS)}

    def save(self, path: Any, point: TrainingPoint, status: Status) -> None:
        """Write a checkpoint.

        Parameters
        ----------
        path : path
        point : TrainingPoint
        status : Status
        """
        facts = self.shapes, self.classes, self.fingerprint, int(status), self.name
        write_checkpoint(path, Checkpoint(point, self._description(), *facts), self.kind)

    def with_labels(self, rows: Array, labels: Any) -> Array:
        """Rows with the one-hot vectors of their labels after them.

        Parameters
        ----------
        rows : array, shape (n, .)
        labels : integer array of NumPy, shape (n,), or None
        """
        if labels is None:
            return rows
        xp, device = array_namespace(rows), device_of(rows)
        beside = one_hot(labels, self.shapes.classes, xp, dtype=rows.dtype, device=device)
        return xp.concat([rows, beside], axis=-1)

    def _description(self) -> dict[str, Any]:
        """The parameters in JSON; where the checkpoint lies and who watches are no part of the run."""
        return {
            name: described(value) for name, value in self.parameters.items() if name not in ("checkpoint", "progress")
        }
