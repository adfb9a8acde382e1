"""ClosedFormModel: a density model that is fitted at once, without steps."""

from __future__ import annotations

import inspect
import os
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from gamedyn._archive import read_archive, write_archive
from gamedyn._checks import check_choice
from gamedyn._files import check_writable
from gamedyn.backend import Array
from gamedyn.models._checkpoint import checkpoint_file
from gamedyn.models._density_model import DensityModel
from gamedyn.models._density_run import read_data
from gamedyn.models._description import Opaque, described, restored
from gamedyn.models._gan_parts import Shapes

__all__ = ["FITTED_SCHEMA", "ClosedFormModel"]

FITTED_SCHEMA = "gamedyn.fitted/1"
"""Of the files."""


@dataclass(eq=False, repr=False)
class ClosedFormModel(DensityModel):
    """The base of models that are fitted at once: a subclass is a dataclass of its own parameters and three methods.

    `_learn(rows, labels)` makes `state_`, a dictionary of arrays that is all that the model knows of the data;
    `_log_prob(rows)` and `_sample(n, labels, rng)` answer from it, see `DensityModel`. Arrays are of double precision.

    Attributes
    ----------
    state_ : dict of str to array
        At least one.
    n_features_in_ : int
    classes_ : array, shape (classes,), or None
        The different values of y, sorted.
    """

    warns_of_columns: ClassVar[bool] = True
    """Whether `fit` warns of columns on which a likelihood has no finite optimum."""

    @abstractmethod
    def _learn(self, rows: Array, labels: Any) -> dict[str, Array]:
        """The arrays that are learned of rows (n, features), with the numbers of their classes (n,) or None."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit to rows.

        Parameters
        ----------
        X : array_like, shape (n, features)
        y : array_like, shape (n,), optional
            Labels, numbers or words: the model is then conditional on them.

        Raises
        ------
        TypeError, ValueError
            If a parameter, the data or the labels are out of their range.
        """
        name = type(self).__name__
        if y is not None and not self.takes_labels:
            raise ValueError(f"`y` must be None for {name}, which takes no labels.")
        parameters = {"dtype": "float64", "validation": None}
        split, shapes = read_data(X, y, parameters, name, self.data_kind, warns=self.warns_of_columns)
        self._keep(self._learn(*split.rows), shapes, split.classes)
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model: a sealed .npz without pickles, over an older one.

        Parameters
        ----------
        path : path
            A file ending in .npz, or a folder for checkpoint.npz.
        """
        self._check_fitted()
        file = checkpoint_file(path)
        if file != Path(path):
            file.parent.mkdir(parents=True, exist_ok=True)
        check_writable(file, overwrite=True)
        parameters = {name: described(value) for name, value in self.get_params().items()}
        values = {"model": type(self).__name__, "parameters": parameters, "shapes": self._shapes._asdict()}
        write_archive(file, FITTED_SCHEMA, {"state": self.state_, "classes": self.classes_}, values)

    @classmethod
    def load(cls, path: str | os.PathLike[str], **params: Any) -> Self:
        """The fitted model of a file, with NumPy arrays.

        Parameters
        ----------
        path : path
        **params
            Parameters to change, and those that a file cannot hold.

        Raises
        ------
        ValueError
            If the file is of another model, was cut or changed, or lacks a parameter that is not given.
        FileNotFoundError
            If there is no such file.
        """
        for name in params:
            check_choice("params", name, inspect.signature(cls).parameters)
        file = checkpoint_file(path)
        fields, values = read_archive(file, FITTED_SCHEMA, ("state", "classes"), "a fitted model")
        if values["model"] != cls.__name__:
            raise ValueError(
                f"{file} is of a model {values['model']}, not of {cls.__name__}. Load it by `{values['model']}.load`."
            )
        try:
            parameters = {name: restored(form) for name, form in values["parameters"].items()} | params
            opaque = [name for name, value in parameters.items() if isinstance(value, Opaque)]
            model = cls(**parameters)
            shapes = Shapes(**{**values["shapes"], "frequencies": tuple(values["shapes"]["frequencies"])})
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{file} has parameters that no {cls.__name__} has: {error}.") from error
        if opaque:
            raise ValueError(f"{file} cannot hold `{opaque[0]}`. Give it to `load`.")
        model._keep(fields["state"], shapes, fields["classes"])
        return model

    def _keep(self, state: dict[str, Array], shapes: Shapes, classes: Any) -> None:
        self.state_, self._of_data = state, shapes
        self.n_features_in_, self.classes_ = shapes.features, classes

    @property
    def _shapes(self) -> Shapes:
        return self._of_data

    @property
    def _example(self) -> Array:
        return next(iter(self.state_.values()))
