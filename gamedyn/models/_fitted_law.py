"""Models whose fit is a law: log_prob, sample and bits of a Distribution that is found from rows at once."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, Self

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.distributions import Distribution
from gamedyn.models._estimator import Estimator
from gamedyn.models._gan_samples import checked_rows

__all__ = ["FittedLaw", "placed"]


class FittedLaw(Estimator, ABC):
    """A model that is its fitted `law_`, of rows (n, features), in double precision.

    Fits are made on the host; the law lives in the library and on the device of the rows.
    """

    density = "exact"
    law_: Distribution
    n_features_in_: int

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the law of rows.

        Parameters
        ----------
        X : array_like, shape (n, features)
        y : array_like, optional
            Not used.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the rows are out of their range.
        """
        rows = checked_rows(X, "float64")
        self._fit_rows(to_host(rows), array_namespace(rows), device_of(rows))
        self.n_features_in_ = int(rows.shape[1])
        return self

    @abstractmethod
    def _fit_rows(self, rows: Any, xp: Any, device: Any) -> None:
        """Set `law_` and what else a fit sets, from rows on the host, for a library and a device."""

    def log_prob(self, X: Any, y: Any = None) -> Array:
        """log p of every row, in nats.

        Parameters
        ----------
        X : array_like, shape (n, features)
        y : array_like, optional
            Not used.

        Returns
        -------
        array, shape (n,)
        """
        return self._log_prob(self._rows(X, y))

    def sample(self, n: int = 1, y: Any = None, *, rng: Any = None) -> Array:
        """Draw rows.

        Parameters
        ----------
        n : int
        y : array_like, optional
            Not used.
        rng : None, int or numpy.random.Generator

        Returns
        -------
        array, shape (n, features)
        """
        self._check_fitted()
        check_integer("n", n, minimum=0)
        return self.law_.sample(n, rng=rng)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of `log_prob`, in nats per row.

        Parameters
        ----------
        X : array_like, shape (n, features)
        y : array_like, optional
            Not used.
        """
        return float(to_host(self.log_prob(X)).mean())

    def bits_per_dim(self, X: Any, y: Any = None) -> float:
        """-score / (features log 2).

        Parameters
        ----------
        X : array_like, shape (n, features)
        y : array_like, optional
            Not used.
        """
        return -self.score(X) / (self.n_features_in_ * math.log(2))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "law_")

    def _check_fitted(self) -> None:
        if not hasattr(self, "law_"):
            raise ValueError(f"this {type(self).__name__} is not fitted yet. Call `fit` first.")

    def _log_prob(self, rows: Array) -> Array:
        return self.law_.log_prob(rows)

    def _rows(self, X: Any, y: Any = None) -> Array:
        """X as an array (n, features) of the fit's features."""
        self._check_fitted()
        rows = checked_rows(X, "float64")
        if int(rows.shape[1]) != self.n_features_in_:
            raise ValueError(f"`X` must have the {self.n_features_in_} features of the fit, got {int(rows.shape[1])}.")
        return rows


def placed(xp: Any, device: Any, *arrays: Any) -> list[Array]:
    """Host arrays in a library, on a device, in double precision."""
    return [to_device(array, xp, dtype=xp.float64, device=device) for array in arrays]
