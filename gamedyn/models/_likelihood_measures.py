"""What is measured at a point of a training by likelihood: losses, held out too, the gradient, and the excess."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy

from gamedyn.backend import Array, as_generator, like, to_host
from gamedyn.distributions import Distribution
from gamedyn.models._criterion import Criterion
from gamedyn.models._model_data import rows_of

__all__ = ["LikelihoodMeasures", "mean_gradient", "mean_loss"]

_ROWS = 2048
# Rows that go through a model at once, when many do.
_BLOCK = 1024


def mean_loss(criterion: Criterion, theta: Array, rows: Array, noise: Array | None) -> float:
    """The mean loss, in blocks, so that memory does not grow with the rows; added up in double precision.

    Parameters
    ----------
    criterion : Criterion
    theta : array, shape (P,)
    rows : array, shape (n, columns)
    noise : array, shape (n, k), or None
    """
    blocks = (criterion.losses(theta, *block) for block in _blocks(rows, noise))
    return sum(float(to_host(losses).sum(dtype=numpy.float64)) for losses in blocks) / int(rows.shape[0])


def mean_gradient(criterion: Criterion, theta: Array, rows: Array, noise: Array | None) -> numpy.ndarray:
    """(P,): its gradient, likewise, on the host.

    Parameters
    ----------
    criterion, theta, rows, noise : see `mean_loss`
    """
    total = numpy.zeros(criterion.size)
    for block in _blocks(rows, noise):
        total += block[0].shape[0] * to_host(criterion.gradient(theta, *block)).astype(numpy.float64)
    return total / int(rows.shape[0])


def _blocks(rows: Array, noise: Array | None) -> Iterator[tuple[Array, Array | None]]:
    n = rows.shape[0]
    for start in range(0, n, _BLOCK):
        part = slice(start, min(start + _BLOCK, n))
        yield rows[part, :], None if noise is None else noise[part, :]


class LikelihoodMeasures:
    """Measures on fixed rows with fixed noise.

    Parameters
    ----------
    criterion : Criterion
    rows : array, shape (n, columns)
        That are trained on, with labels.
    held_out : array, shape (m, columns), or None
    target : Distribution or None
        The law of the rows, where it is known.
    features : int
        Columns that are no labels.
    """

    players: tuple[str, ...] = ()

    def __init__(
        self, criterion: Criterion, rows: Array, held_out: Array | None, target: Distribution | None, features: int
    ) -> None:
        self.criterion = criterion
        self.least = None if target is not None else criterion.floor(rows)
        if self.least is None and rows.shape[0] > _ROWS:
            # Any seed serves, as long as it is always the same; data are often sorted.
            rows = rows_of(rows, numpy.sort(as_generator(0).choice(rows.shape[0], size=_ROWS, replace=False)))
        self.sample = rows, self._noise(rows)
        self.held_out = None if held_out is None else (held_out, self._noise(held_out))
        if target is not None:
            judged = (rows if held_out is None else held_out)[:, :features]
            flat = judged[:, 0] if target.event_shape == () else judged
            self.least = -float(to_host(target.log_prob(to_host(flat).astype(numpy.float64))).mean())
        self.judges_held_out = target is not None and held_out is not None

    def __call__(self, z: Array, average: Array | None) -> dict[str, Any]:
        """The fields of a record of `LikelihoodHistory`, but for steps and seconds; without those that are not known.

        Parameters
        ----------
        z : array, shape (P,)
        average : array, shape (P,), optional
            The parameters whose losses are measured; z where None.
        """
        theta = z if average is None else average
        # A training on its way to infinity may be measured, too.
        with numpy.errstate(all="ignore"):
            found = {"loss": mean_loss(self.criterion, theta, *self.sample)}
            if self.held_out is not None:
                found["validation_loss"] = mean_loss(self.criterion, theta, *self.held_out)
            if self.least is not None:
                found["excess"] = found["validation_loss" if self.judges_held_out else "loss"] - self.least
            found["gradient_norm"] = float(numpy.linalg.norm(mean_gradient(self.criterion, z, *self.sample)))
        return found

    def note(self, record: dict[str, Any]) -> str:
        """A record in words.

        Parameters
        ----------
        record : dict
        """
        parts = [f"loss {record['loss']:.5g}"]
        for name, words in (("validation_loss", "held out"), ("excess", "excess")):
            if not math.isnan(record.get(name, math.nan)):
                parts.append(f"{words} {record[name]:.5g}")
        return ", ".join([*parts, f"|grad| {record['gradient_norm']:.2g}"])

    def _noise(self, rows: Array) -> Array | None:
        noise = self.criterion.noise(as_generator(0), rows.shape[0])
        return None if noise is None else like(noise, rows)
