"""TrainedModel: a density model whose parameters are trained by any update rule on minibatches of its criterion."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from gamedyn.backend import Array, like
from gamedyn.models._checkpoint import Checkpoint
from gamedyn.models._criterion import Criterion
from gamedyn.models._density_model import DensityModel
from gamedyn.models._density_run import KIND, DensityRun, read_data
from gamedyn.models._frozen_likelihood_game import FrozenLikelihoodGame
from gamedyn.models._gan_parts import Shapes
from gamedyn.models._likelihood_history import LikelihoodHistory
from gamedyn.models._trained_estimator import TrainedEstimator
from gamedyn.updates import Adam

__all__ = ["TrainedModel"]


@dataclass(eq=False, repr=False)
class TrainedModel(TrainedEstimator, DensityModel):
    """The base of models that are trained: a subclass is a dataclass of its own parameters and two or three methods.

    `_criterion(shapes)` makes the criterion for data of these sizes; `_sample(n, labels, rng)` draws. The losses are
    taken for -log p(x) of a model whose `density` is "exact", and for minus a draw of the bound where it is "bound",
    unless `_log_prob` or `_elbo` answer; a bound by importance samples needs `_importance_weighted_bound`, see
    `DensityModel`. `_theta` gives them the parameters.

    The constructor only stores its parameters; they are looked at by `fit`. scikit-learn is not needed, and where it is
    there its Pipeline, GridSearchCV and clone take these classes.

    Parameters
    ----------
    rule : UpdateRule, optional
        Any for one player; None is Adam, with a step size that suits the model.
    steps : int
        Steps of `fit`, and of every `partial_fit`.
    batch_size : int, optional
        Rows per step, taken with replacement; None takes all at every step.
    ema_decay : float, optional
        b of the parameters' moving average, with which the model then answers: average <- b average + (1 - b) theta
        after every step. None keeps none.
    validation : float, rows or (X, y), optional
        Held-out data whose loss `history_` shows: a share of X, in (0, 1), that is then not trained on, always the same
        rows; or rows of their own, with their labels where there are such.
    target : Distribution, optional
        The law of the data, where it is known: `history_` then shows the excess over its entropy.
    dtype : {"float32", "float64"}
        Of the training; densities are answered in double precision.
    rng : None, int or numpy.random.Generator
        Of the initial parameters and the batches. A Generator is advanced.
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
    z_ : array, shape (P,)
        The trained parameters.
    average_ : array, shape (P,), or None
        Their moving average.
    steps_ : int
        Steps made.
    status_ : Status
        MAX_STEPS, or DIVERGED: a warning has then named the step, and `z_` is the last finite point.
    history_ : LikelihoodHistory
    n_features_in_ : int
    classes_ : array, shape (classes,), or None
        The different values of y, sorted.

    Notes
    -----
    A run that was stopped, or killed at any moment, goes on from its checkpoint to the same bits as one that was not,
    on the same machine and libraries.
    """

    _: KW_ONLY
    rule: Any = None
    steps: int = 2000
    batch_size: int | None = 64
    ema_decay: float | None = None
    validation: Any = None
    target: Any = None
    dtype: str = "float32"
    rng: Any = None
    checkpoint: Any = None
    checkpoint_every: int | None = None
    evaluate_every: int | None = None
    progress: Any = False

    kind_of_file = KIND
    step_size: ClassVar[float] = 0.001
    """Of Adam where no rule is given."""

    @abstractmethod
    def _criterion(self, shapes: Shapes) -> Criterion:
        """What is minimised on data of `shapes.features` features, `shapes.classes` labels and `shapes.symbols`."""

    def _log_prob(self, rows: Array) -> Array:
        """Minus the losses."""
        return -self.criterion_.losses(self._theta(rows), rows, None)

    def _elbo(self, rows: Array, samples: int, rng: Any) -> Array:
        """Minus the losses, with fresh noise for each sample."""
        theta, total = self._theta(rows), 0.0
        for _ in range(samples):
            noise = self.criterion_.noise(rng, rows.shape[0])
            total = total - self.criterion_.losses(theta, rows, None if noise is None else like(noise, rows))
        return total / samples

    @property
    def criterion_(self) -> Criterion:
        """What the last fit minimised."""
        self._check_fitted()
        criterion: Criterion = self._fit.criterion
        return criterion

    @property
    def excess_(self) -> float:
        """The last record's excess over the exact floor, in nats per row; NaN where none is known."""
        self._check_fitted()
        return float(self.history_.excess[-1])

    def as_game(self, X: Any = None, y: Any = None) -> FrozenLikelihoodGame:
        """The deterministic game of one player on all rows that are trained on; `z_` is a point of it.

        Parameters
        ----------
        X, y : see `fit`
            None takes the data of the fit, which a loaded model has not.
        """
        self._check_fitted()
        run = self._fit
        if X is not None:
            run = self._run_of_data(X, y, self.classes_, self.n_features_in_)
        if run.model is None:
            raise ValueError("`X` must be given to `as_game` of a model that was loaded: a checkpoint holds no data.")
        game: FrozenLikelihoodGame = run.model.full()
        return game

    def _theta(self, like_what: Array | None = None) -> Array:
        """The parameters that answer, (P,), in the library and precision of an array where one is given."""
        theta = self.z_ if self.average_ is None else self.average_
        return theta if like_what is None else like(theta, like_what)

    @property
    def _shapes(self) -> Shapes:
        shapes: Shapes = self._fit.shapes
        return shapes

    @property
    def _example(self) -> Array:
        return self.z_

    def _run_of_data(self, X: Any, y: Any, classes: Any = None, features: int | None = None) -> DensityRun:
        name, parameters = type(self).__name__, self.get_params()
        if y is not None and not self.takes_labels:
            raise ValueError(f"`y` must be None for {name}, which takes no labels.")
        old = None if features is None else self._fit.shapes
        split, shapes = read_data(X, y, parameters, name, self.data_kind, old, classes)
        return self._run(parameters, shapes, split.classes, split)

    def _run_of_checkpoint(self, saved: Checkpoint, path: str, rng: Any) -> DensityRun:
        run = self._run(self.get_params(), saved.shapes, saved.classes, None)
        run.take(saved, path, rng)
        return run

    def _run(self, parameters: dict[str, Any], shapes: Shapes, classes: Any, split: Any) -> DensityRun:
        name, default = type(self).__name__, Adam(self.step_size)
        return DensityRun(name, parameters, shapes, classes, self._criterion(shapes), default, split)

    def _history(self, records: list[dict[str, Any]]) -> LikelihoodHistory:
        return LikelihoodHistory.from_records(records)

    @classmethod
    def _check_file(cls, saved: Checkpoint, path: str) -> None:
        if saved.model != cls.__name__:
            raise ValueError(
                f"{path} is a checkpoint of a model {saved.model}, not of {cls.__name__}. Load it by "
                f"`{saved.model}.load`."
            )
