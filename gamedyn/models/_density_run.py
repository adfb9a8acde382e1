"""One training of a model by likelihood: its criterion on its rows, those held out, and where the training stands."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_choice, check_in_interval
from gamedyn.backend import Array, as_generator, to_host
from gamedyn.games import StochasticGame
from gamedyn.models._checkpoint import CheckpointKind
from gamedyn.models._criterion import Criterion
from gamedyn.models._data_kinds import check_kind, warn_of_columns
from gamedyn.models._description import described
from gamedyn.models._gan_parts import Shapes, rule_of
from gamedyn.models._gan_samples import checked_classes, checked_rows, fingerprint
from gamedyn.models._likelihood_game import LikelihoodGame
from gamedyn.models._likelihood_measures import LikelihoodMeasures
from gamedyn.models._model_data import rows_of
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_run import TrainingRun
from gamedyn.updates import UpdateRule

__all__ = ["KIND", "DensityRun", "Split", "read_data"]

KIND = CheckpointKind("gamedyn.model/1", "a checkpoint of a model")
"""Of the files."""


class DensityRun(TrainingRun):
    """What a `TrainedModel` works with between two calls of `fit`.

    Parameters
    ----------
    name : str
        Of the class.
    parameters : dict
    shapes : Shapes
    classes : array or None
    criterion : Criterion
    default : UpdateRule
        The rule where none is given.
    split : Split, optional
        The data; a loaded model has none.
    """

    kind = KIND

    def __init__(
        self,
        name: str,
        parameters: dict[str, Any],
        shapes: Shapes,
        classes: Any,
        criterion: Criterion,
        default: UpdateRule,
        split: Split | None = None,
    ) -> None:
        super().__init__(parameters, shapes, classes)
        self.name, self.criterion, self.split = name, criterion, split
        given = parameters["rule"]
        self.rule = TrainedRule(default if given is None else rule_of(given, 1), None, parameters["ema_decay"])
        self.model: LikelihoodGame | None = None
        if split is not None:
            self.model = LikelihoodGame(criterion, self.with_labels(*split.rows), parameters["batch_size"])
            self.fingerprint = split.fingerprint

    @property
    def size(self) -> int:
        """P."""
        return self.criterion.size

    @property
    def data(self) -> Array:
        """The rows that are trained on, with labels."""
        rows: Array = self._model.data
        return rows

    def game(self) -> StochasticGame:
        """The mean loss."""
        return self._model

    def measures(self) -> LikelihoodMeasures:
        """On rows that are trained on and rows that are held out."""
        split, target = self.split, self.parameters["target"]
        held_out = None if split is None or split.held_out is None else self.with_labels(*split.held_out)
        return LikelihoodMeasures(self.criterion, self.data, held_out, target, self.shapes.features)

    def first_point(self, rng: Any) -> Array:
        """theta by the criterion's `init`.

        Parameters
        ----------
        rng : Generator
        """
        return self._model.init(rng)

    @property
    def _model(self) -> LikelihoodGame:
        if self.model is None:
            raise ValueError(f"a {self.name} that was loaded has no data. Give them to `fit` or `partial_fit`.")
        return self.model

    def _description(self) -> dict[str, Any]:
        """As of every run, but held-out rows are data, which a file does not hold."""
        share = self.parameters["validation"]
        return {**super()._description(), "validation": described(share) if _is_share(share) else None}


class Split(NamedTuple):
    """Rows that are trained on and rows that are held out, with the numbers of their labels."""

    rows: tuple[Array, Any]
    """(n, features), and (n,) or None."""
    held_out: tuple[Array, Any] | None
    classes: Any
    fingerprint: str
    """Of all that was given."""

    def shapes(self, symbols: int) -> Shapes:
        """Sizes that the data decide.

        Parameters
        ----------
        symbols : int
        """
        rows, labels = self.rows
        counts: Any = [] if labels is None else numpy.bincount(labels, minlength=len(self.classes))
        frequencies = tuple(float(count) / rows.shape[0] for count in counts)
        return Shapes(rows.shape[1], frequencies, float(to_host(rows).std(dtype=numpy.float64)), symbols)


def read_data(
    X: Any,
    y: Any,
    parameters: dict[str, Any],
    name: str,
    kind: str,
    old: Shapes | None = None,
    classes: Any = None,
    *,
    warns: bool = True,
) -> tuple[Split, Shapes]:
    """The data of a fit, checked and split.

    Parameters
    ----------
    X, y : see `TrainedModel.fit`
    parameters : dict
        Of the model.
    name : str
        Of its class.
    kind : str
        Of `KINDS`.
    old : Shapes, optional
        Of an earlier fit, to which the data must fit.
    classes : array, optional
        Likewise.
    warns : bool
        Whether to warn of columns on which a likelihood has no finite optimum, or which train badly.
    """
    dtype, validation = parameters["dtype"], parameters["validation"]
    check_choice("dtype", dtype, ("float32", "float64"))
    features, symbols = (None, 0) if old is None else (old.features, old.symbols)
    rows = checked_rows(X, dtype, features=features, model=name)
    check_kind(kind, rows, name, symbols)
    labels = None
    if y is not None and (old is None or classes is not None):
        classes, labels = checked_classes(y, rows.shape[0], classes, model=name)
    elif classes is not None:
        raise ValueError(f"`y` must be given to a {name} that was fitted with labels.")
    mark, held_out = fingerprint(rows, labels), None
    if kind == "symbols" and not symbols:
        symbols = int(to_host(rows).max()) + 1
    if _is_share(validation):
        (rows, labels), held_out = _shared_out(rows, labels, validation)
    elif validation is not None:
        X_beside, y_beside = validation if isinstance(validation, tuple) else (validation, None)
        if (labels is None) != (y_beside is None):
            raise ValueError("`validation` must be rows, or a tuple (X, y) of a model with labels.")
        try:
            others = checked_rows(X_beside, dtype, features=rows.shape[1], model=name)
            check_kind(kind, others, name, symbols)
            _, beside = (
                (None, None) if labels is None else checked_classes(y_beside, others.shape[0], classes, model=name)
            )
        except (TypeError, ValueError) as error:
            text = str(error).replace("`X`", "`validation`").replace("`y`", "the labels of `validation`")
            raise type(error)(text) from error
        held_out = others, beside
    if warns:
        warn_of_columns(kind, rows)
    split = Split((rows, labels), held_out, classes, mark)
    return split, split.shapes(symbols)


def _is_share(validation: Any) -> bool:
    return isinstance(validation, float)


def _shared_out(rows: Array, labels: Any, share: float) -> tuple[tuple[Array, Any], tuple[Array, Any]]:
    """((rows, labels), (held-out rows, labels)), by one fixed permutation: a split is a part of the data."""
    check_in_interval("validation", share, 0, 1, closed="neither")
    n = rows.shape[0]
    count = max(1, round(share * n))
    if count >= n:
        raise ValueError(f"`validation` must leave rows to train on, got {share} of {n} rows.")
    order = as_generator(0).permutation(n)
    parts = numpy.sort(order[count:]), numpy.sort(order[:count])
    kept, held = ((rows_of(rows, part), None if labels is None else labels[part]) for part in parts)
    return kept, held
