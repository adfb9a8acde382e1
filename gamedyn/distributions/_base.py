"""The Distribution protocol: log_prob, sample and score always; cdf, icdf and moments where closed forms exist."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gamedyn.backend import Array

__all__ = ["Distribution"]


class Distribution(ABC):
    """A probability law; arrays have shape batch + event.

    The dtype, library and device are those of the parameters. `support` says where the density lives: "real",
    "positive", "interval", "binary", "integers" (0..K-1), or "atoms"; `is_discrete` whether log_prob is the log of a
    mass.
    """

    support: str = "real"
    is_discrete: bool = False

    @property
    @abstractmethod
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the parameters, one law for each entry."""

    @property
    def event_shape(self) -> tuple[int, ...]:
        """Shape of one draw: () for laws on the line, (d,) in d dimensions."""
        return ()

    @abstractmethod
    def log_prob(self, x: Array) -> Array:
        """Log density, or log mass of a discrete law, in nats; -inf outside the support.

        Parameters
        ----------
        x : array, shape (...) + event_shape
            Broadcast against batch_shape.

        Returns
        -------
        array, shape broadcast(..., batch_shape)
        """

    @abstractmethod
    def sample(self, n: int, *, rng: Any = None) -> Array:
        """Draw n independent values.

        Parameters
        ----------
        n : int
            Number of draws.
        rng : None, int or numpy.random.Generator
            Source of randomness, see `gamedyn.backend.as_generator`.

        Returns
        -------
        array, shape (n,) + batch_shape + event_shape
        """

    def score(self, x: Array) -> Array:
        """Gradient of log_prob in x, of the shape of x.

        Raises
        ------
        TypeError
            For a discrete law, which has no score.
        """
        raise TypeError(f"{type(self).__name__} is discrete and has no score in x.")

    def cdf(self, x: Array) -> Array:
        """P(X <= x), for laws on the line.

        Raises
        ------
        NotImplementedError
            Where there is no closed form; the message says so.
        """
        raise NotImplementedError(f"{type(self).__name__} has no closed-form cdf.")

    def icdf(self, u: Array) -> Array:
        """The quantile function, inf {x : cdf(x) >= u}, for u in [0, 1].

        Raises
        ------
        NotImplementedError
            Where there is no closed form; the message says so.
        """
        raise NotImplementedError(f"{type(self).__name__} has no closed-form icdf.")

    @property
    def mean(self) -> Array:
        """Expectation, shape batch_shape + event_shape."""
        raise NotImplementedError(f"{type(self).__name__} has no closed-form mean.")

    @property
    def variance(self) -> Array:
        """Variance (coordinatewise for d > 1), shape batch_shape + event_shape."""
        raise NotImplementedError(f"{type(self).__name__} has no closed-form variance.")

    @property
    def entropy(self) -> Array:
        """-E log p in nats, shape batch_shape."""
        raise NotImplementedError(f"{type(self).__name__} has no closed-form entropy.")
