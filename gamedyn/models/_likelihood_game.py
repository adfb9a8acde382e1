"""LikelihoodGame: a criterion on data, as a stochastic game of one player that any update rule can train."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gamedyn._checks import check_integer, describe
from gamedyn.backend import Array, array_namespace, as_generator, device_of, like
from gamedyn.distributions import Distribution
from gamedyn.games import StochasticGame
from gamedyn.models._criterion import Criterion
from gamedyn.models._frozen_likelihood_game import FrozenLikelihoodGame
from gamedyn.models._model_data import checked_data, rows_of, samples_of

__all__ = ["LikelihoodGame"]


@dataclass(frozen=True, eq=False)
class LikelihoodGame(StochasticGame):
    """min over theta of E l(theta; x, e), x rows of data, e noise: a criterion's mean loss as a game of one player.

    One draw is a minibatch of `batch_size` rows, taken with replacement, and their noise, drawn on the host. z may be
    many points at once, (..., P): an ensemble, all of which sees the same draw.

    Parameters
    ----------
    criterion : Criterion
    data : array_like, shape (n, columns), or Distribution
        Rows; or their law, of which every draw is fresh. Their library, device and precision are the game's.
    batch_size : int, optional
        Rows per draw; None takes all of them at every draw, in their order, with fresh noise.
    full_size : int
        Rows of `full()` where `data` is a law.

    Raises
    ------
    TypeError
        If the criterion is none.
    ValueError
        If the data are no rows of finite numbers.

    Examples
    --------
    A coin that showed three heads in four throws: the best logit is log 3, and costs the entropy of the data.

    >>> import numpy
    >>> from gamedyn.models import NetworkCriterion
    >>> from gamedyn.nn import BinaryCrossEntropy, MaskedDense, Network
    >>> coin = NetworkCriterion(Network((MaskedDense([[0]]),), 1), BinaryCrossEntropy())
    >>> game = LikelihoodGame(coin, [[1.0], [1.0], [0.0], [1.0]]).full()
    >>> z = numpy.array([0.0, numpy.log(3)])
    >>> game.losses(z).round(12).tolist(), bool(numpy.abs(game.simultaneous_gradient(z)).max() < 1e-15)
    ([0.562335144619], True)
    """

    criterion: Criterion
    data: Any
    batch_size: int | None = 64
    full_size: int = 1024
    dims: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.criterion, Criterion):
            hint = " Call it to make one." if isinstance(self.criterion, type) else ""
            raise TypeError(f"`criterion` must be a Criterion, got {describe(self.criterion)}.{hint}")
        object.__setattr__(self, "data", checked_data(self.data))
        if self.batch_size is not None:
            check_integer("batch_size", self.batch_size, minimum=1)
        elif isinstance(self.data, Distribution):
            raise ValueError("`batch_size` must be a number where `data` is a law, which has no rows, got None.")
        check_integer("full_size", self.full_size, minimum=1)
        object.__setattr__(self, "dims", (self.criterion.size,))

    def init(self, rng: Any = None, *, batch_shape: tuple[int, ...] = ()) -> Array:
        """Initial z (*batch_shape, P), in the library and precision of the data.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
        batch_shape : tuple of int
            Shape of an ensemble.
        """
        rng, example = as_generator(rng), self._drawn(1, as_generator(0))
        xp, device = array_namespace(example), device_of(example)
        return self.criterion.init(rng, xp, example.dtype, batch_shape=batch_shape, device=device)

    def draw(self, rng: Any = None) -> FrozenLikelihoodGame:
        """A game on `batch_size` rows and their noise, with a seed of its own for `redraw`."""
        rng = as_generator(rng)
        rows = self.data if self.batch_size is None else self._drawn(self.batch_size, rng)
        noise = self._noise(rows, rng)
        return FrozenLikelihoodGame(self, rows, noise, int(rng.integers(2**63)))

    def full(self) -> FrozenLikelihoodGame:
        """The game on all rows, with fixed noise: exact tools look at this one."""
        # Any seed serves, as long as it is always the same: two calls must give the same game.
        rng = as_generator(0)
        rows = self._drawn(self.full_size, rng) if isinstance(self.data, Distribution) else self.data
        return FrozenLikelihoodGame(self, rows, self._noise(rows, rng), None)

    def _drawn(self, n: int, rng: Any) -> Array:
        if isinstance(self.data, Distribution):
            return samples_of(self.data, n, rng)
        return rows_of(self.data, rng.integers(self.data.shape[0], size=n))

    def _noise(self, rows: Array, rng: Any) -> Array | None:
        noise = self.criterion.noise(rng, rows.shape[0])
        return None if noise is None else like(noise, rows)
