"""The Criterion protocol: the loss of each row under a model's parameters, in nats, with its gradient."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gamedyn.backend import Array
from gamedyn.numerics import complex_step_jvp

__all__ = ["Criterion"]


class Criterion(ABC):
    """What a model of data minimises: the mean over rows of l(theta; x, e), e noise that is drawn beside the rows x.

    A frozen description; parameters are passed in and nothing is stored. theta is one flat vector (..., P), whose
    leading axes are an ensemble's; rows are (n, features), with the one-hot vector of its label after each where there
    are labels. Losses are minus log-likelihoods, or bounds on them, in nats per row. `LikelihoodGame` makes a game of a
    criterion and data, which any update rule plays; `testing.check_criterion` checks one of your own.

    All methods take complex theta, so that complex step works: products with the Hessian come from there, unless
    `hvp` is overridden.

    Examples
    --------
    The normal law of unit variance, whose best mean is that of the data:

    >>> import numpy
    >>> class Mean(Criterion):
    ...     size = 2
    ...     def init(self, rng, xp, dtype, *, batch_shape=(), device=None):
    ...         return xp.zeros((*batch_shape, 2), dtype=dtype, device=device)
    ...     def losses(self, theta, rows, noise=None):
    ...         return ((rows - theta[..., None, :]) ** 2).sum(-1) / 2 + numpy.log(2 * numpy.pi)
    ...     def gradient(self, theta, rows, noise=None):
    ...         return theta - rows.mean(axis=0)
    >>> rows = numpy.array([[1.0, 2.0], [3.0, 6.0]])
    >>> Mean().gradient(numpy.array([2.0, 4.0]), rows).tolist()
    [0.0, 0.0]
    """

    @property
    @abstractmethod
    def size(self) -> int:
        """P, the number of parameters."""

    @abstractmethod
    def init(self, rng: Any, xp: Any, dtype: Any, *, batch_shape: tuple[int, ...] = (), device: Any = None) -> Array:
        """Initial parameters (*batch_shape, P), as `Network.init`.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
        xp : module
            Array namespace.
        dtype, device : optional
            Of `xp`.
        batch_shape : tuple of int
            Of an ensemble.
        """

    @abstractmethod
    def losses(self, theta: Array, rows: Array, noise: Array | None = None) -> Array:
        """(..., n): the loss of each row, in nats.

        Parameters
        ----------
        theta : array, shape (..., P)
        rows : array, shape (n, features)
            Of theta's library and precision.
        noise : array, shape (n, k), or None
            As `noise` draws it.
        """

    @abstractmethod
    def gradient(self, theta: Array, rows: Array, noise: Array | None = None) -> Array:
        """(..., P): the gradient of the mean of `losses`.

        Parameters
        ----------
        theta, rows, noise : see `losses`
        """

    def noise(self, rng: Any, n: int) -> Any:
        """(n, k): what is drawn beside n rows, on the host, as a NumPy array; None where nothing is.

        Parameters
        ----------
        rng : numpy.random.Generator
        n : int
        """
        return None

    def hvp(self, theta: Array, rows: Array, noise: Array | None, v: Array) -> Array:
        """H v, H the Hessian of the mean of `losses`; v may have extra leading axes. By complex step on `gradient`.

        Parameters
        ----------
        theta, rows, noise : see `losses`
        v : array, shape (..., P)
        """
        return complex_step_jvp(lambda point: self.gradient(point, rows, noise), theta, v)

    def floor(self, rows: Array) -> float | None:
        """The least mean loss that any theta has on these rows, exactly, where it is known without training.

        Parameters
        ----------
        rows : array, shape (n, features)
        """
        return None
