"""DensityModel: what every model of data answers, whether its density is known, bounded or neither."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Self

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, as_generator, device_of, to_host
from gamedyn.models._data_kinds import check_kind
from gamedyn.models._estimator import Estimator
from gamedyn.models._gan_parts import Shapes
from gamedyn.models._gan_samples import checked_rows
from gamedyn.models._labels import one_hot

__all__ = ["DensityModel", "no_density"]

# Rows that a density looks at at once, so that memory does not grow with X.
_BLOCK = 1024

_INSTEAD = (
    "Compare its samples with data by `divergences.estimate_divergence`, `divergences.energy_distance` or "
    "`models.measure_samples`."
)


def no_density(model: str, method: str) -> ValueError:
    """The error of an implicit model that is asked for its density.

    Parameters
    ----------
    model, method : str
        Names.
    """
    return ValueError(f"`{method}` is not there for {model}: its density is unknown, it only draws samples. {_INSTEAD}")


class DensityModel(Estimator, ABC):
    """A law fitted to rows: fit(X), sample(n), and log p(x), a bound on it, or neither.

    `density` says which. Of "exact", `log_prob` is log p(x), and all bounds are equal to it. Of "bound", `log_prob` is
    refused, and `elbo` and `importance_weighted_bound` are below log p(x) in expectation. Of "none", all three are
    refused, with the names of what compares samples.

    `TrainedModel` and `ClosedFormModel` are the bases of what is trained and of what is fitted at once. A subclass of
    either sets `density` and `data_kind`, and defines `_sample`, and of `_log_prob`, `_elbo` and
    `_importance_weighted_bound` those that its density asks for; these take rows in double precision, one block at a
    time, with the one-hot vectors of labels after them where there are such.

    Attributes
    ----------
    density : {"exact", "bound", "none"}
    data_kind : {"binary", "grey", "real", "counts", "symbols"}
        What rows hold.
    takes_labels : bool
        Whether `fit` heeds y.
    """

    density: ClassVar[str] = "exact"
    data_kind: ClassVar[str] = "real"
    takes_labels: ClassVar[bool] = True

    @abstractmethod
    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit to rows X (n, features), conditional on labels y (n,) where they are given."""

    def sample(self, n: int, y: Any = None, *, rng: Any = None) -> Array:
        """n samples (n, features).

        Parameters
        ----------
        n : int
        y : label or array_like, shape (n,)
            Of a model that was fitted with labels: one for all, or one for each.
        rng : None, int or numpy.random.Generator
        """
        self._check_fitted()
        check_integer("n", n, minimum=1)
        self._check_no_labels(y)
        return self._sample(n, self._one_hot(y, n, self._example), as_generator(rng))

    def log_prob(self, X: Any, y: Any = None) -> Array:
        """(n,): log p(x) of each row, in nats, in double precision.

        Parameters
        ----------
        X : array_like, shape (n, features)
        y : label or array_like, shape (n,)
            Of a model that was fitted with labels: log p(x | y).

        Raises
        ------
        ValueError
            If the model does not know its density, or X is not of its kind.
        """
        if self.density == "bound":
            raise ValueError(
                f"`log_prob` is not there for {type(self).__name__}, which only bounds its density from below. Use "
                "`elbo`, or `importance_weighted_bound`, which is tighter."
            )
        self._check_density("log_prob")
        return self._in_blocks(X, y, self._log_prob)

    def elbo(self, X: Any, y: Any = None, *, samples: int = 1, rng: Any = None) -> Array:
        """(n,): the evidence lower bound of each row, in nats; log p(x) itself of an exact model.

        Parameters
        ----------
        X, y : see `log_prob`
        samples : int
            Draws that the bound is the mean of.
        rng : None, int or numpy.random.Generator
            Of the draws.
        """
        check_integer("samples", samples, minimum=1)
        self._check_density("elbo")
        if self.density == "exact":
            return self.log_prob(X, y)
        rng = as_generator(rng)
        return self._in_blocks(X, y, lambda rows: self._elbo(rows, samples, rng))

    def importance_weighted_bound(self, X: Any, k: int, y: Any = None, *, rng: Any = None) -> Array:
        """(n,): E log (1/k) sum_j p(x, h_j) / q(h_j | x), one draw of it per row, in nats; log p(x) of an exact model.

        Parameters
        ----------
        X : array_like, shape (n, features)
        k : int
            Importance samples: 1 is the ELBO, more are tighter in expectation.
        y : label or array_like, shape (n,)
        rng : None, int or numpy.random.Generator
            Of the draws.
        """
        check_integer("k", k, minimum=1)
        self._check_density("importance_weighted_bound")
        if self.density == "exact":
            return self.log_prob(X, y)
        rng = as_generator(rng)
        return self._in_blocks(X, y, lambda rows: self._importance_weighted_bound(rows, k, rng), parts=k)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of `log_prob`, or of `elbo` with always the same draws, in nats per row: higher is better.

        Parameters
        ----------
        X, y : see `log_prob`
        """
        self._check_density("score")
        # Any seed serves: scores are compared, and their noise should be the same.
        values = self.log_prob(X, y) if self.density == "exact" else self.elbo(X, y, rng=0)
        return float(to_host(values).mean())

    def bits_per_dim(self, X: Any, y: Any = None) -> float:
        """-score / (features log 2): the mean length of a code for one feature, at most this where `score` is a bound.

        Parameters
        ----------
        X, y : see `log_prob`
        """
        return -self.score(X, y) / (self.n_features_in_ * math.log(2))

    @property
    @abstractmethod
    def _shapes(self) -> Shapes:
        """Of the data of the fit."""

    @property
    @abstractmethod
    def _example(self) -> Array:
        """An array of the library and precision of samples."""

    @abstractmethod
    def _sample(self, n: int, labels: Array | None, rng: Any) -> Array:
        """(n, features): samples, given one-hot rows (n, classes) where there are labels; `rng` is a Generator."""

    def _log_prob(self, rows: Array) -> Array:
        """(n,): log p of rows."""
        raise self._undefined("_log_prob")

    def _elbo(self, rows: Array, samples: int, rng: Any) -> Array:
        """(n,): the mean of so many draws of the bound."""
        raise self._undefined("_elbo")

    def _importance_weighted_bound(self, rows: Array, k: int, rng: Any) -> Array:
        """(n,): a draw of the bound; rows are the fewer the larger k is."""
        raise self._undefined("_importance_weighted_bound")

    def _undefined(self, method: str) -> TypeError:
        return TypeError(f"{type(self).__name__} must define `{method}`, as its `density` is {self.density!r}.")

    def _rows(self, X: Any, y: Any) -> Array:
        """X, checked, with the one-hot vectors of labels where there are such, (n, columns), in double precision."""
        name = type(self).__name__
        rows = checked_rows(X, "float64", features=self.n_features_in_, model=name)
        check_kind(self.data_kind, rows, name, self._shapes.symbols)
        labels = self._one_hot(y, rows.shape[0], rows)
        return rows if labels is None else array_namespace(rows).concat([rows, labels], axis=-1)

    def _one_hot(self, y: Any, n: int, example: Array) -> Array | None:
        """(n, classes), in the library and precision of an array; None without labels."""
        labels = self._labels(y, n)
        if labels is None:
            return None
        xp, device = array_namespace(example), device_of(example)
        return one_hot(labels, self._shapes.classes, xp, dtype=example.dtype, device=device)

    def _check_density(self, method: str) -> None:
        self._check_fitted()
        if self.density == "none":
            raise no_density(type(self).__name__, method)

    def _in_blocks(self, X: Any, y: Any, function: Callable[[Array], Array], parts: int = 1) -> Array:
        rows = self._rows(X, y)
        block = max(1, _BLOCK // parts)
        starts = range(0, rows.shape[0], block)
        found = [function(rows[start : min(start + block, rows.shape[0]), :]) for start in starts]
        return found[0] if len(found) == 1 else array_namespace(rows).concat(found)
