"""One fit of a GAN: its parameters and data as games, rules and networks, and where its training stands."""

from __future__ import annotations

import copy
import os
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_in_interval, check_integer, describe
from gamedyn.backend import Array, array_namespace, as_generator, device_of, host_normal, to_device, to_host
from gamedyn.distributions import Distribution
from gamedyn.dynamics import Status
from gamedyn.models._checkpoint import (
    Checkpoint,
    checkpoint_file,
    generator_of,
    like_state,
    read_checkpoint,
    write_checkpoint,
)
from gamedyn.models._description import described, restored
from gamedyn.models._gan_parts import Shapes, networks_of, objective_of, rule_of, wrapped_draws, wrapping_of
from gamedyn.models._gan_samples import checked_classes, checked_rows, fingerprint
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training import Training, TrainingPoint
from gamedyn.models._training_measures import TrainingMeasures
from gamedyn.numerics import sigmoid
from gamedyn.objectives import FGAN, LeastSquares, Minimax, NonSaturating

__all__ = ["Fit"]

# What may change between the parts of one run: none of them touches its bits.
_FREE = ("steps", "rng", "target", "checkpoint", "checkpoint_every", "evaluate_every", "progress")

_POPULATION = 4096


def _size(event_shape: tuple[int, ...]) -> int:
    """How many features a law has; 0 if its draws are no rows."""
    return event_shape[0] if len(event_shape) == 1 else int(event_shape == ())


class Fit:
    """What `GAN` works with between two calls of `fit`.

    Parameters
    ----------
    parameters : dict
        Of the GAN.
    shapes : Shapes
        Of the data.
    classes : array or None
        The labels that there are.
    """

    def __init__(self, parameters: dict[str, Any], shapes: Shapes, classes: Any) -> None:
        self.parameters, self.shapes, self.classes = dict(parameters), shapes, classes
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
        self.objective = objective_of(parameters["objective"])
        self.networks = self.generator, self.discriminator = networks_of(parameters, shapes)
        self.dims = (self.generator.size, self.discriminator.size)
        self.wrap, self.clip = wrapping_of(parameters, shapes.spread)
        self.rule = TrainedRule(rule_of(parameters["rule"], parameters["discriminator_steps"]), self.clip, decay)
        self.file = parameters["checkpoint"]
        if self.file is not None:
            # Refuses what is no path before the work.
            checkpoint_file(self.file)
        self.model: NeuralGAN | None = None
        self.fingerprint = ""
        self.point: TrainingPoint
        self.rng: Any

    @classmethod
    def of_data(cls, parameters: dict[str, Any], X: Any, y: Any, classes: Any = None, features: Any = None) -> Fit:
        """The parts on these samples, whose training has still to be begun.

        Parameters
        ----------
        parameters : dict
        X, y : see `GAN.fit`
        classes : array, optional
            All labels that there may be; those in y where None.
        features : int, optional
            How many there must be.
        """
        check_choice("dtype", parameters["dtype"], ("float32", "float64"))
        for name in ("batch_size", "packing"):
            check_integer(name, parameters[name], minimum=1)
        batch = parameters["batch_size"] * parameters["packing"]
        rows = checked_rows(X, parameters["dtype"], features=features, at_least=batch, why=" to fill a batch")
        labels = None
        if y is not None and (features is None or classes is not None):
            classes, labels = checked_classes(y, rows.shape[0], classes)
        elif classes is not None:
            raise ValueError("`y` must be given to a GAN that was fitted with labels.")
        spread = float(to_host(rows).std(dtype=numpy.float64))
        counts: Any = [] if labels is None else numpy.bincount(labels, minlength=len(classes))
        shapes = Shapes(rows.shape[1], tuple(float(count) / rows.shape[0] for count in counts), spread)
        found = cls(parameters, shapes, classes)
        found.model = NeuralGAN(
            found.generator,
            found.discriminator,
            found.objective,
            rows,
            latent_dim=parameters["latent_dim"],
            batch_size=parameters["batch_size"],
            instance_noise=parameters["instance_noise"],
            labels=labels,
            packing=parameters["packing"],
        )
        found.fingerprint = fingerprint(rows, labels)
        return found

    @classmethod
    def of_checkpoint(cls, parameters: dict[str, Any], saved: Checkpoint, path: str, rng: Any) -> Fit:
        """The parts that a file holds, without data.

        Parameters
        ----------
        parameters : dict
            Made from those in the file.
        saved : Checkpoint
        path : str
            For messages.
        rng : Generator
            With the random bits of the file.
        """
        found = cls(parameters, saved.shapes, saved.classes)
        if saved.point.z.shape != (sum(found.dims),):
            raise ValueError(
                f"{path} does not fit its parameters: {sum(found.dims)} numbers expected, got {saved.point.z.shape[0]}."
            )
        found.fingerprint = saved.fingerprint
        found.point, found.rng = saved.point, rng
        return found

    def begin(self) -> None:
        """Fresh parameters, drawn with the random numbers of the GAN."""
        rng = as_generator(self.parameters["rng"])
        z = self._model.init(rng)
        bits = copy.deepcopy(dict(rng.bit_generator.state))
        self.point, self.rng = TrainingPoint(0, z, None, bits, [], 1, 0.0), rng

    def training(self) -> Training:
        """The training from the point where it stands."""
        model = self._model
        measures = TrainingMeasures(model, self.wrap, self.parameters["target"])
        return Training(wrapped_draws(model, self.wrap), self.rule, measures, self.rng, self.point)

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
        saved = read_checkpoint(path)
        self._check_same(saved.parameters, f"the checkpoint {os.fspath(path)}")
        if saved.fingerprint != self.fingerprint:
            raise ValueError(f"`X` and `y` must be the data of the checkpoint {os.fspath(path)} to go on from it.")
        try:
            self._place(saved.point)
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)} does not fit its parameters: {error}.") from error
        self.rng = generator_of(saved.point.generator_state)

    def go_on_after(self, other: Fit) -> None:
        """Go on from the point of another fit, on these data.

        Parameters
        ----------
        other : Fit
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
        model, example = self._model, self._model.data
        if tuple(point.z.shape) != (sum(self.dims),) or to_host(point.z).dtype != to_host(example[:1, :]).dtype:
            raise ValueError("its point is not one of these networks")
        z = to_device(to_host(point.z), array_namespace(example), dtype=example.dtype, device=device_of(example))
        state = None
        if point.state is not None:
            state = like_state(self.rule.init(self.wrap(model.draw(0)), z), point.state, example)
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
        facts = self.shapes, self.classes, self.fingerprint, int(status)
        write_checkpoint(path, Checkpoint(point, self._description(), *facts))

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
        beside = to_device(numpy.eye(self.shapes.classes)[labels], xp, dtype=rows.dtype, device=device)
        return xp.concat([rows, beside], axis=-1)

    def samples(self, theta: Array, latent: Array, labels: Any) -> Array:
        """(n, features): the generator's images, with batch statistics of 4,096 fixed latent samples if it uses any.

        Parameters
        ----------
        theta : array, shape (d_0,)
        latent : array, shape (n, latent_dim)
        labels : integer array of NumPy, shape (n,), or None
        """
        generator = self.generator
        if not generator.per_sample:
            # A sample must not depend on those that it is drawn with. Any seed serves.
            rng, shares = as_generator(0), self.shapes.frequencies
            options = {"dtype": theta.dtype, "device": device_of(theta)}
            others = host_normal(rng, (_POPULATION, latent.shape[1]), array_namespace(theta), **options)
            drawn = rng.choice(len(shares), size=_POPULATION, p=shares) if shares else None
            generator = generator.frozen(theta, self.with_labels(others, drawn))
        return generator(theta, self.with_labels(latent, labels))

    def outputs(self, z: Array, rows: Array, labels: Any, *, probability: bool) -> Array:
        """(n / packing,): the discriminator's outputs on one batch, or the probabilities that they mean.

        Parameters
        ----------
        z : array, shape (d,)
        rows : array, shape (n, features)
        labels : integer array of NumPy, shape (n,), or None
        probability : bool
        """
        xp, packing, objective = array_namespace(z), self.parameters["packing"], self.objective
        if rows.shape[0] % packing:
            raise ValueError(f"`X` must have a multiple of `packing` = {packing} rows, got {rows.shape[0]}.")
        shown = self.with_labels(rows, labels)
        shown = xp.reshape(shown, (rows.shape[0] // packing, packing * shown.shape[-1]))
        outputs = self.discriminator(z[self.dims[0] :], shown)[:, 0]
        if not probability:
            return outputs
        if isinstance(objective, (Minimax, NonSaturating, FGAN)):
            return sigmoid(outputs)
        if isinstance(objective, LeastSquares):
            return xp.clip((outputs - objective.fake_label) / (objective.real_label - objective.fake_label), 0, 1)
        raise ValueError(
            f'`output` must be "logit" for {type(objective).__name__}, whose critic gives no probabilities.'
        )

    @property
    def _model(self) -> NeuralGAN:
        if self.model is None:
            raise ValueError("a GAN that was loaded has no data. Give them to `fit` or `partial_fit`.")
        return self.model

    def _description(self) -> dict[str, Any]:
        """The parameters in JSON; where the checkpoint lies and who watches are no part of the run."""
        return {
            name: described(value) for name, value in self.parameters.items() if name not in ("checkpoint", "progress")
        }
