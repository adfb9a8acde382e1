"""An estimator that is trained by steps: fit, partial_fit, resume, save and load, whatever the model is."""

from __future__ import annotations

import inspect
import os
import warnings
from abc import abstractmethod
from typing import Any, Self

from gamedyn._checks import check_choice
from gamedyn._progress import reporting
from gamedyn.backend import Array
from gamedyn.dynamics import Status
from gamedyn.models._checkpoint import Checkpoint, CheckpointKind, checkpoint_file, generator_of, read_checkpoint
from gamedyn.models._description import Opaque, restored
from gamedyn.models._estimator import Estimator
from gamedyn.models._training_run import TrainingRun

__all__ = ["TrainedEstimator"]


class TrainedEstimator(Estimator):
    """What `GAN` and every `TrainedModel` have in common."""

    kind_of_file: CheckpointKind
    """Of its checkpoints."""
    steps: int
    progress: Any
    z_: Array
    average_: Array | None
    steps_: int
    status_: Status
    history_: Any
    _fit: Any

    @abstractmethod
    def _run_of_data(self, X: Any, y: Any, classes: Any = None, features: int | None = None) -> TrainingRun:
        """A run on these data that has not begun; with the labels and of the width of an earlier one, if they are."""

    @abstractmethod
    def _run_of_checkpoint(self, saved: Checkpoint, path: str, rng: Any) -> TrainingRun:
        """The run that a file holds, without data."""

    @abstractmethod
    def _history(self, records: list[dict[str, Any]]) -> Any:
        """The records as `history_`."""

    def fit(self, X: Any, y: Any = None, *, resume: Any = None) -> Self:
        """Train from fresh parameters for `steps` steps, or go on from a checkpoint up to that many.

        Parameters
        ----------
        X : array_like, shape (n, features)
            The data.
        y : array_like, shape (n,), optional
            Labels, numbers or words: the model is then conditional on them.
        resume : path, optional
            A checkpoint of a model with the same parameters, but for `steps`, `rng` and what is shown and stored, on
            the same data.

        Raises
        ------
        TypeError, ValueError
            If a parameter, the data or the labels are out of their range, or the checkpoint is of another run.
        """
        run = self._run_of_data(X, y)
        if resume is None:
            run.begin()
        else:
            run.go_on_from(resume)
        return self._train(run, self.steps)

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Train on for `steps` steps, on these data, from where the last fit ended; from fresh parameters at first.

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
        run = self._run_of_data(X, y, self.classes_, self.n_features_in_)
        run.go_on_after(self._fit)
        return self._train(run, self.steps_ + self.steps)

    @classmethod
    def resume(cls, path: str | os.PathLike[str], X: Any, y: Any = None, **params: Any) -> Self:
        """The model of a checkpoint, trained on to its number of steps, to the bits of a run that never stopped.

        Parameters
        ----------
        path : path
        X, y : see `fit`
        **params
            Parameters to change, such as `steps`, and those that a file cannot hold.
        """
        return cls.load(path, **{"checkpoint": path, **params}).fit(X, y, resume=path)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a checkpoint of the fitted model: a sealed .npz without pickles, over an older one.

        Parameters
        ----------
        path : path
            A file ending in .npz, or a folder.
        """
        self._check_fitted()
        self._fit.save(path, self._fit.point, self.status_)

    @classmethod
    def load(cls, path: str | os.PathLike[str], **params: Any) -> Self:
        """The fitted model of a checkpoint, with NumPy arrays and without the data.

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
        saved = read_checkpoint(path, cls.kind_of_file)
        cls._check_file(saved, os.fspath(path))
        rng = generator_of(saved.point.generator_state)
        try:
            parameters = {name: restored(form) for name, form in saved.parameters.items()}
            cls(**parameters)
        except (TypeError, ValueError, KeyError) as error:
            raise ValueError(f"{os.fspath(path)} has parameters that no {cls.__name__} has: {error}.") from error
        if isinstance(parameters["rng"], Opaque):
            parameters["rng"] = rng
        parameters.update(params)
        for name, value in parameters.items():
            if isinstance(value, Opaque):
                raise ValueError(
                    f"{os.fspath(path)} cannot hold `{name}`, an object of {value.text}. Give it to `load`."
                )
        model = cls(**parameters)
        model._keep(model._run_of_checkpoint(saved, os.fspath(path), rng), Status(saved.status))
        return model

    @classmethod
    def _check_file(cls, saved: Checkpoint, path: str) -> None:
        """Refuse the file of another model."""

    def _train(self, run: TrainingRun, until: int) -> Self:
        training = run.training()
        with reporting(self.progress, until, name=type(self).__name__, only_on_terminal=True) as report:
            try:
                diverged = training.run(until, report=report, **run.schedule())
            finally:
                # An interrupt leaves a model that can be used and trained on.
                run.point = training.at
                self._keep(run, Status.MAX_STEPS)
        if diverged is not None:
            where = "" if run.file is None else f"; the last checkpoint before it is {checkpoint_file(run.file)}"
            self.status_ = Status.DIVERGED
            warnings.warn(f"{diverged}; z_ is the point after step {run.point.step}{where}.", RuntimeWarning)
        return self

    def _keep(self, run: TrainingRun, status: Status) -> None:
        self._fit, point = run, run.point
        self.z_, self.steps_, self.status_ = point.z, point.step, status
        self.average_ = None if point.state is None else point.state.average
        self.history_ = self._history(point.records)
        self.n_features_in_, self.classes_ = run.shapes.features, run.classes
