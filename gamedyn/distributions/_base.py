"""The Distribution protocol: log_prob, sample and score always; cdf, icdf and moments where closed forms exist."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gamedyn.backend import Array

__all__ = ["Distribution"]


class Distribution(ABC):
    """A probability law; arrays have shape batch + event.

    The dtype, library and device are those of the parameters. `support` says where the density lives: "real",
    "positive", "interval", "circle" (angles), "simplex", "binary", "integers" (0..K-1), "naturals" (0, 1, 2, ...), or
    "atoms"; `is_discrete` whether log_prob is the log of a mass.
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
    def support_bounds(self) -> tuple[float, float]:
        """The smallest closed interval that holds the support of every law of the batch, for laws on the line.

        Returns
        -------
        tuple of float
            (lower, upper) on the host; -inf or inf where the support is unbounded.

        Raises
        ------
        NotImplementedError
            For laws in several dimensions.
        """
        raise NotImplementedError(f"{type(self).__name__} does not live on the line and has no support interval.")

    def quadrature_points(self) -> tuple[float, ...]:
        """Where an adaptive quadrature over `support_bounds` should be cut, for laws on the line with a density.

        Modes, kinks, jumps, and multiples of the scale out to where a double-precision density has underflowed, or
        where a power law has set in that the tail of an `integrate` follows by itself (the union over the batch). An
        integral over two laws p and q, `integrate(f, lower, upper, breakpoints=...)`, takes
        the points of both, so that no narrow peak is missed.

        Returns
        -------
        tuple of float
            Finite, sorted, distinct, on the host; ends of the support are among them where they are finite.

        Raises
        ------
        NotImplementedError
            For discrete laws (sum over `support_points`) and laws in several dimensions.
        """
        raise NotImplementedError(f"{type(self).__name__} has no density on the line to integrate.")

    def support_points(self) -> Array:
        """The points that can carry mass, for a discrete law; log_prob is summed over them.

        Returns
        -------
        array, shape (m,) + (1,) * len(batch_shape) + event_shape
            Sorted on the line, shared by the batch: broadcasts in `log_prob`, whose axis 0 is then the points. Of a
            law on 0, 1, 2, ... without end, 0 to a K beyond which every law of the batch has a mass below 1e-300.

        Raises
        ------
        NotImplementedError
            For laws with a density.
        ValueError
            If those are more than 10^7 points; the message names the parameter.
        """
        raise NotImplementedError(f"{type(self).__name__} has a density and no atoms.")

    @property
    def mean(self) -> Array:
        """Expectation, shape batch_shape + event_shape; inf where it diverges, nan where it is undefined."""
        raise NotImplementedError(f"{type(self).__name__} has no closed-form mean.")

    @property
    def variance(self) -> Array:
        """Variance (coordinatewise for d > 1), shape batch_shape + event_shape; inf or nan as the mean."""
        raise NotImplementedError(f"{type(self).__name__} has no closed-form variance.")

    @property
    def entropy(self) -> Array:
        """-E log p in nats, shape batch_shape."""
        raise NotImplementedError(f"{type(self).__name__} has no closed-form entropy.")
