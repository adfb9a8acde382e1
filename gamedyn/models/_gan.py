"""GAN: two networks on data as an estimator with fit, sample and discriminate, that is a game underneath."""

from __future__ import annotations

from typing import Any

from gamedyn.models._checkpoint import Checkpoint
from gamedyn.models._fitted_gan import FittedGAN
from gamedyn.models._gan_fit import KIND, Fit
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

    kind_of_file = KIND

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

    def _run_of_data(self, X: Any, y: Any, classes: Any = None, features: int | None = None) -> Fit:
        return Fit.of_data(self.get_params(), X, y, classes=classes, features=features)

    def _run_of_checkpoint(self, saved: Checkpoint, path: str, rng: Any) -> Fit:
        return Fit.of_checkpoint(self.get_params(), saved, path, rng)

    def _history(self, records: list[dict[str, Any]]) -> TrainingHistory:
        return TrainingHistory.from_records(records)
