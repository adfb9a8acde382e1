"""One fit of a GAN: its parameters and data as games, rules and networks, and where its training stands."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import Array, array_namespace, as_generator, device_of, host_normal, to_host
from gamedyn.games import StochasticGame
from gamedyn.models._checkpoint import Checkpoint, CheckpointKind
from gamedyn.models._gan_parts import Shapes, networks_of, objective_of, rule_of, wrapped_draws, wrapping_of
from gamedyn.models._gan_samples import checked_classes, checked_rows, fingerprint
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_measures import TrainingMeasures
from gamedyn.models._training_run import TrainingRun
from gamedyn.numerics import sigmoid
from gamedyn.objectives import FGAN, LeastSquares, Minimax, NonSaturating

__all__ = ["KIND", "Fit"]

KIND = CheckpointKind("gamedyn.gan/1", "a checkpoint of a GAN")
"""Of the files."""

_POPULATION = 4096


class Fit(TrainingRun):
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

    kind = KIND
    name = "GAN"

    def __init__(self, parameters: dict[str, Any], shapes: Shapes, classes: Any) -> None:
        super().__init__(parameters, shapes, classes)
        self.objective = objective_of(parameters["objective"])
        self.networks = self.generator, self.discriminator = networks_of(parameters, shapes)
        self.dims = (self.generator.size, self.discriminator.size)
        self.wrap, self.clip = wrapping_of(parameters, shapes.spread)
        inner = rule_of(parameters["rule"], parameters["discriminator_steps"])
        self.rule = TrainedRule(inner, self.clip, parameters["ema_decay"])
        self.model: NeuralGAN | None = None

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
        found.take(saved, path, rng)
        return found

    @property
    def size(self) -> int:
        """d_0 + d_1."""
        return sum(self.dims)

    @property
    def data(self) -> Array:
        """The rows."""
        rows: Array = self._model.data
        return rows

    def game(self) -> StochasticGame:
        """The draws with their penalties."""
        return wrapped_draws(self._model, self.wrap)

    def measures(self) -> TrainingMeasures:
        """Those of a GAN."""
        return TrainingMeasures(self._model, self.wrap, self.parameters["target"])

    def first_point(self, rng: Any) -> Array:
        """(theta, phi) by the networks' initialisers.

        Parameters
        ----------
        rng : Generator
        """
        return self._model.init(rng)

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
