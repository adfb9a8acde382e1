"""What scikit-learn asks of an estimator, without scikit-learn: parameters by name, and whether it is fitted."""

from __future__ import annotations

import inspect
from typing import Any, Self

import numpy

from gamedyn._checks import check_choice, describe
from gamedyn.backend import require
from gamedyn.models._gan_samples import checked_classes

__all__ = ["Estimator"]


class Estimator:
    """A class whose constructor stores its arguments under their names, and whose `fit` sets `n_features_in_`."""

    n_features_in_: int
    classes_: Any
    """Different labels, sorted; None where there were none."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name.

        Parameters
        ----------
        deep : bool
            As scikit-learn asks; no parameter is an estimator.
        """
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Change parameters; what an earlier fit made stays until the next one.

        Parameters
        ----------
        **params
            By name.

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        names = list(inspect.signature(type(self)).parameters)
        for name in params:
            check_choice("params", name, names)
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        parameters = inspect.signature(type(self)).parameters
        changed = [f"{n}={describe(v)}" for n, v in self.get_params().items() if repr(v) != repr(parameters[n].default)]
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def __sklearn_tags__(self) -> Any:
        utilities = require("sklearn.utils")
        return utilities.Tags(estimator_type=None, target_tags=utilities.TargetTags(required=False))

    def _check_no_labels(self, y: Any) -> None:
        """Refuse labels to draw for where there were none to learn."""
        if y is not None and self.classes_ is None:
            raise ValueError(f"`y` must be None for a {type(self).__name__} that was fitted without labels.")

    def _labels(self, y: Any, n: int) -> Any:
        """The numbers of the classes of n rows, or None."""
        if self.classes_ is None:
            # As in scikit-learn, a y beside X that says nothing is let pass.
            return None
        name = type(self).__name__
        if y is None:
            raise ValueError(f"`y` must be given to a {name} that was fitted with labels.")
        given = numpy.asarray(y)
        y = numpy.full(n, given) if given.ndim == 0 else y
        return checked_classes(y, n, self.classes_, model=name)[1]

    def _check_fitted(self) -> None:
        if not hasattr(self, "n_features_in_"):
            raise ValueError(f"this {type(self).__name__} is not fitted yet. Call `fit` first.")
