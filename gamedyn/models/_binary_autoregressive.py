"""Autoregressive models of binary rows: each bit's logit is a function of the bits before it in an order."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace, as_generator, device_of, host_uniform, library_of, like, to_host
from gamedyn.models._trained_model import TrainedModel
from gamedyn.numerics import sigmoid

__all__ = ["BinaryAutoregressive", "checked_order"]


def checked_order(order: Any, features: int) -> tuple[int, ...]:
    """The columns in the order in which they are drawn.

    Parameters
    ----------
    order : sequence of int, or None
        None is 0, 1, ..., features - 1.
    features : int

    Raises
    ------
    ValueError
        If it does not name every column once.
    """
    if order is None:
        return tuple(range(features))
    given = to_host(order) if hasattr(order, "dtype") else numpy.asarray(order)
    if given.shape != (features,) or sorted(given.tolist()) != list(range(features)):
        raise ValueError(f"`order` must name each of the {features} columns once, got {describe(order)}.")
    return tuple(int(i) for i in given)


@dataclass(eq=False, repr=False)
class BinaryAutoregressive(TrainedModel):
    """p(x) = prod_i p(x_i | x_j, j before i), all conditionals Bernoulli: exact, and sampled bit by bit.

    A subclass defines `_criterion`, whose losses are -log p, and `_logits`.
    """

    order: Sequence[int] | None = None
    data_kind: ClassVar[str] = "binary"

    @abstractmethod
    def _logits(self, theta: Array, rows: Array) -> Array:
        """(n, features): the logit of each bit given those before it; rows have labels after their bits."""

    def _logit(self, theta: Array, rows: Array, bit: int) -> Array:
        """(n,): one column of `_logits`."""
        return self._logits(theta, rows)[..., bit]

    def conditional_logits(self, X: Any, y: Any = None) -> Array:
        """(n, features): log p(x_i = 1 | before) - log p(x_i = 0 | before), in double precision.

        Parameters
        ----------
        X : array_like, shape (n, features)
        y : label or array_like, shape (n,)
            Of a model that was fitted with labels.
        """
        self._check_fitted()
        rows = self._rows(X, y)
        return self._logits(self._theta(rows), rows)

    def inpaint(self, X: Any, y: Any = None, *, rng: Any = None) -> Array:
        """(n, features): X with its NaN drawn from their law given the other bits.

        The law is exact where, in every row, the bits that are there come first in `order`; other rows are refused,
        since their law is no product of the model's conditionals.

        Parameters
        ----------
        X : array_like, shape (n, features)
            Bits, and NaN for those to draw.
        y : label or array_like, shape (n,)
            Of a model that was fitted with labels.
        rng : None, int or numpy.random.Generator

        Raises
        ------
        ValueError
            If a bit that is there comes after one that is not.
        """
        self._check_fitted()
        given = numpy.asarray(X if not hasattr(X, "dtype") else to_host(X), dtype=numpy.float64)
        filled = numpy.where(numpy.isnan(given), 0.0, given)
        rows = self._rows(filled if library_of(X) in (None, "numpy") else like(filled, X), y)
        unknown = numpy.isnan(given)
        ranked = unknown[:, list(self._order())]
        late = numpy.maximum.accumulate(ranked, axis=1) & ~ranked
        if late.any():
            row, rank = (int(i) for i in numpy.argwhere(late)[0])
            raise ValueError(
                f"`X` must have NaN only after its bits in `order`, got a bit in row {row}, column "
                f"{self._order()[rank]}, after a NaN. Fit a model whose order has the known columns first."
            )
        return self._drawn(self._theta(rows), rows, unknown, as_generator(rng))

    def _sample(self, n: int, labels: Array | None, rng: Any) -> Array:
        theta, d = self._theta(), self.n_features_in_
        xp = array_namespace(theta)
        bits = xp.zeros((n, d), dtype=theta.dtype, device=device_of(theta))
        rows = bits if labels is None else xp.concat([bits, labels], axis=-1)
        return self._drawn(theta, rows, numpy.ones((n, d), dtype=bool), rng)

    def _drawn(self, theta: Array, rows: Array, unknown: Any, rng: Any) -> Array:
        """Rows without labels, whose unknown bits are drawn one after the other."""
        xp, d = array_namespace(rows), self.n_features_in_
        options = {"dtype": rows.dtype, "device": device_of(rows)}
        uniform = host_uniform(rng, (rows.shape[0], d), xp, **options)
        # One column at a time is replaced: arrays of some libraries cannot be written to.
        columns = [rows[:, i : i + 1] for i in range(rows.shape[1])]
        for i in self._order():
            if not unknown[:, i].any():
                continue
            logit = self._logit(theta, xp.concat(columns, axis=-1), i)
            bit = xp.astype(uniform[:, i] < sigmoid(logit), rows.dtype)
            mask = like(unknown[:, i].astype(numpy.float64), rows)
            columns[i] = (mask * bit + (1 - mask) * columns[i][:, 0])[:, None]
        return xp.concat(columns[:d], axis=-1)

    def _order(self) -> tuple[int, ...]:
        # Of the fit: a parameter that was changed later has no say yet.
        return checked_order(self._fit.parameters["order"], self.n_features_in_)
