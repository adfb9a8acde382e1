"""LikelihoodHistory: what was measured during a training by likelihood, as one small frozen record."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy

__all__ = ["LikelihoodHistory"]


@dataclass(frozen=True, eq=False)
class LikelihoodHistory:
    """What a training of one player measured, at a few of its steps; NumPy arrays, one entry per record.

    Losses are means over fixed rows with fixed noise, in nats per row, of the parameters that the model answers with:
    their moving average where there is one.

    Parameters
    ----------
    steps : array of int, shape (T,)
        Steps made until the record.
    loss : array, shape (T,)
        On a fixed sample of the rows that are trained on, all of them where they are at most 2,048.
    validation_loss : array, shape (T,)
        On the rows that are held out; NaN where there are none.
    excess : array, shape (T,)
        By how much the loss is above its exact floor; NaN where none is known. With a `target` the floor is the mean of
        its own -log p on the held-out rows, or on the sample where there are none: the excess then estimates the KL
        divergence of the model from the target, and can be a little below 0. Else it is the criterion's own floor on
        all rows that are trained on.
    gradient_norm : array, shape (T,)
        Euclidean norm of the gradient of the loss, at the point that is trained.
    seconds : array, shape (T,)
        Time spent training until the record.
    """

    steps: Any
    loss: Any
    validation_loss: Any
    excess: Any
    gradient_norm: Any
    seconds: Any

    @classmethod
    def from_records(cls, records: list[dict[str, Any]]) -> LikelihoodHistory:
        """Of dictionaries that have the names of the fields.

        Parameters
        ----------
        records : list of dict
        """
        columns = {}
        for field in fields(cls):
            kind = numpy.int64 if field.name == "steps" else numpy.float64
            # What is not known of a record stands in none.
            columns[field.name] = numpy.array([record.get(field.name, math.nan) for record in records], dtype=kind)
        return cls(**columns)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        if not len(self):
            return "LikelihoodHistory of 0 records"
        rows = [f"LikelihoodHistory of {len(self)} records, steps {self.steps[0]} to {self.steps[-1]}"]
        for name in [field.name for field in fields(self) if field.name != "steps"]:
            values = getattr(self, name)
            if not numpy.isnan(values).all():
                rows.append(f"  {name:<16} {values[0]:.4g} -> {values[-1]:.4g}")
        return "\n".join(rows)
