"""GAN: two networks on data as an estimator with fit, sample and discriminate, that is a game underneath."""

from __future__ import annotations

import inspect
import os
import warnings
from typing import Any

from gamedyn._checks import check_choice
from gamedyn._progress import reporting
from gamedyn.dynamics import Status
from gamedyn.models._checkpoint import checkpoint_file, generator_of, read_checkpoint
from gamedyn.models._description import Opaque, restored
from gamedyn.models._fitted_gan import FittedGAN
from gamedyn.models._gan_fit import Fit
from gamedyn.models._training_history import TrainingHistory

__all__ = ["GAN"]


class GAN(FittedGAN):
    """A GAN in the manner of scikit-learn: min_theta E c(D(G(e))), min_phi E a(D(x)) + E b(D(G(e))), e ~ N(0, I).

    The constructor only stores its parameters; they are looked at by `fit`. scikit-learn is not needed, and where it is
    there its Pipeline, GridSearchCV and clone take this class.

    Parameters
    ----------
    objective : Objective, FDivergence or str
        "non-saturating", "minimax", "least-squares", "hinge", "wasserstein", or an f-GAN by its divergence: "gan",
        "kullback-leibler", "reverse-kullback-leibler", "jeffreys", "jensen-shannon", "squared-hellinger", "pearson",
        "neyman", "le-cam".
    generator, discriminator : sequence of int, or Network
        Sizes of the hidden layers of a multilayer perceptron, or the network itself: from `latent_dim` inputs (and one
        per class) to the features, and from `packing` rows of these (and classes) to one output.
    activation : Layer or str
        Between dense layers: "leaky-relu", "relu", "sigmoid", "silu", "softplus", "tanh".
    latent_dim : int
        Size of e.
    rule : UpdateRule, optional
        Any; None is Adam(0.001, first_decay=0.5, schedule="alternating").
    steps : int
        Steps of `fit`, and of every `partial_fit`.
    batch_size : int
        Real and fake samples (packs) per step.
    discriminator_steps : int
        Steps of the discriminator, each on a batch of its own, for one of the generator.
    penalty : {None, "r1", "r2", "gradient-penalty", "dragan", "clip", "spectral"}
        See `Regularized`; "clip" bounds the discriminator's parameters after every step, "spectral" divides its weights
        by their spectral norms.
    penalty_weight : float, optional
        The weight, or the bound of "clip"; None is 1 for "r1" and "r2", 20 for "gradient-penalty" (with target 1) and
        for "dragan" (with noise of half the data's deviation), 0.01 for "clip".
    instance_noise : float
        Standard deviation of noise on real and fake samples.
    packing : int
        Samples that the discriminator sees at once.
    unrolled_steps, unrolled_step_size : int, float
        Steps of the discriminator that the generator differentiates through: plain descent of this length.
    ema_decay : float, optional
        b of the generator's moving average, which then makes the samples: average <- b average + (1 - b) theta after
        every step, from the first theta on. None keeps none.
    dtype : {"float32", "float64"}
        Of the parameters, and of the data on their way in.
    rng : None, int or numpy.random.Generator
        Of the initial parameters and the batches. A Generator is advanced.
    target : Distribution, optional
        The law of the data, where it is known: records then measure against it.
    checkpoint : path, optional
        A file ending in .npz, or a folder for checkpoint.npz; an older one is replaced.
    checkpoint_every : int, optional
        Steps between checkpoints; a tenth of `steps` where None.
    evaluate_every : int, optional
        Steps between records of `history_`; a fiftieth of `steps` where None.
    progress : bool or callable
        True shows a bar on a terminal where tqdm is installed, else lines on stderr; a function is told (step, steps,
        note).

    Attributes
    ----------
    z_ : array, shape (d,)
        The trained point (theta, phi).
    average_ : array, shape (d_0,), or None
        The moving average of theta.
    steps_ : int
        Steps made.
    status_ : Status
        MAX_STEPS, or DIVERGED: a warning has then named the player and the step, `z_` is the last finite point, and
        the checkpoint the last one before it.
    history_ : TrainingHistory
    n_features_in_ : int
    classes_ : array, shape (classes,), or None
        The different values of y, sorted.

    Notes
    -----
    Memory does not grow with the number of steps: batches are drawn when they are needed, and a history that has 1,024
    records goes on with half of them.

    A run that was stopped, or killed at any moment, goes on from its checkpoint to the same bits as one that was not,
    on the same machine and libraries: a checkpoint holds the point, the rule's state, the moving average and the state
    of the random bits.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets, Algorithm 1.

    Examples
    --------
    Nothing is learned in no steps, but all parts are there:

    >>> import numpy
    >>> gan = GAN(generator=(4,), discriminator=(4,), steps=0, batch_size=2, rng=0).fit(numpy.zeros((3, 2)))
    >>> gan.sample(5, rng=1).shape, gan.as_game().dims
    ((5, 2), (22, 17))
    """

    def __init__(
        self,
        objective: Any = "non-saturating",
        *,
        generator: Any = (64, 64),
        discriminator: Any = (64, 64),
        activation: Any = "relu",
        latent_dim: int = 2,
        rule: Any = None,
        steps: int = 2000,
        batch_size: int = 64,
        discriminator_steps: int = 1,
        penalty: str | None = None,
        penalty_weight: float | None = None,
        instance_noise: float = 0.0,
        packing: int = 1,
        unrolled_steps: int = 0,
        unrolled_step_size: float = 0.1,
        ema_decay: float | None = None,
        dtype: str = "float32",
        rng: Any = None,
        target: Any = None,
        checkpoint: Any = None,
        checkpoint_every: int | None = None,
        evaluate_every: int | None = None,
        progress: Any = False,
    ) -> None:
        self.objective = objective
        self.generator = generator
        self.discriminator = discriminator
        self.activation = activation
        self.latent_dim = latent_dim
        self.rule = rule
        self.steps = steps
        self.batch_size = batch_size
        self.discriminator_steps = discriminator_steps
        self.penalty = penalty
        self.penalty_weight = penalty_weight
        self.instance_noise = instance_noise
        self.packing = packing
        self.unrolled_steps = unrolled_steps
        self.unrolled_step_size = unrolled_step_size
        self.ema_decay = ema_decay
        self.dtype = dtype
        self.rng = rng
        self.target = target
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.evaluate_every = evaluate_every
        self.progress = progress

    def fit(self, X: Any, y: Any = None, *, resume: Any = None) -> GAN:
        """Train from fresh parameters for `steps` steps, or go on from a checkpoint up to that many.

        Parameters
        ----------
        X : array_like, shape (n, features)
            Real samples.
        y : array_like, shape (n,), optional
            Labels, numbers or words: the GAN is then conditional on them.
        resume : path, optional
            A checkpoint of a GAN with the same parameters, but for `steps`, `rng` and what is shown and stored, on the
            same data.

        Raises
        ------
        TypeError, ValueError
            If a parameter, the data or the labels are out of their range, or the checkpoint is of another run.
        """
        fit = Fit.of_data(self.get_params(), X, y)
        if resume is None:
            fit.begin()
        else:
            fit.go_on_from(resume)
        return self._train(fit, self.steps)

    def partial_fit(self, X: Any, y: Any = None) -> GAN:
        """Train on for `steps` steps, on these samples, from where the last fit ended; from fresh parameters at first.

        Parameters
        ----------
        X : array_like, shape (n, features)
        y : array_like, shape (n,), optional
            With labels that the first fit has seen.

        Raises
        ------
        ValueError
            If a parameter that decides the course has changed since the last fit.
        """
        if not hasattr(self, "z_"):
            return self.fit(X, y)
        fit = Fit.of_data(self.get_params(), X, y, classes=self.classes_, features=self.n_features_in_)
        fit.go_on_after(self._fit)
        return self._train(fit, self.steps_ + self.steps)

    @classmethod
    def resume(cls, path: str | os.PathLike[str], X: Any, y: Any = None, **params: Any) -> GAN:
        """The GAN of a checkpoint, trained on to its number of steps, to the bits of a run that never stopped.

        Parameters
        ----------
        path : path
        X, y : see `fit`
        **params
            Parameters to change, such as `steps`, and those that a file cannot hold.
        """
        return cls.load(path, **{"checkpoint": path, **params}).fit(X, y, resume=path)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a checkpoint of the fitted GAN: a sealed .npz without pickles, over an older one.

        Parameters
        ----------
        path : path
            A file ending in .npz, or a folder.
        """
        self._check_fitted()
        self._fit.save(path, self._fit.point, self.status_)

    @classmethod
    def load(cls, path: str | os.PathLike[str], **params: Any) -> GAN:
        """The fitted GAN of a checkpoint, with NumPy arrays and without the data.

        Parameters
        ----------
        path : path
        **params
            Parameters to change, and those that a file cannot hold: objects of classes that are not the library's.

        Raises
        ------
        ValueError
            If the file is no checkpoint, was cut or changed, or lacks a parameter that is not given; or there is no
            such parameter.
        FileNotFoundError
            If there is no such file.
        """
        for name in params:
            check_choice("params", name, inspect.signature(cls).parameters)
        saved = read_checkpoint(path)
        rng = generator_of(saved.point.generator_state)
        try:
            parameters = {name: restored(form) for name, form in saved.parameters.items()}
            cls(**parameters)
        except (TypeError, ValueError, KeyError) as error:
            raise ValueError(f"{os.fspath(path)} has parameters that no GAN has: {error}.") from error
        if isinstance(parameters["rng"], Opaque):
            parameters["rng"] = rng
        parameters.update(params)
        for name, value in parameters.items():
            if isinstance(value, Opaque):
                raise ValueError(
                    f"{os.fspath(path)} cannot hold `{name}`, an object of {value.text}. Give it to `load`."
                )
        gan = cls(**parameters)
        fit = Fit.of_checkpoint(gan.get_params(), saved, os.fspath(path), rng)
        gan._keep(fit, Status(saved.status))
        return gan

    def _train(self, fit: Fit, until: int) -> GAN:
        training = fit.training()
        with reporting(self.progress, until, name="GAN", only_on_terminal=True) as report:
            try:
                diverged = training.run(until, report=report, **fit.schedule())
            finally:
                # An interrupt leaves a GAN that can be used and trained on.
                fit.point = training.at
                self._keep(fit, Status.MAX_STEPS)
        if diverged is not None:
            where = "" if fit.file is None else f"; the last checkpoint before it is {checkpoint_file(fit.file)}"
            self.status_ = Status.DIVERGED
            warnings.warn(f"{diverged}; z_ is the point after step {fit.point.step}{where}.", RuntimeWarning)
        return self

    def _keep(self, fit: Fit, status: Status) -> None:
        self._fit, point = fit, fit.point
        self.z_, self.steps_, self.status_ = point.z, point.step, status
        self.average_ = None if point.state is None else point.state.average
        self.history_ = TrainingHistory.from_records(point.records)
        self.n_features_in_, self.classes_ = fit.shapes.features, fit.classes
