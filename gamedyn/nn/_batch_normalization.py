"""Batch normalisation: every feature standardised over the batch that it came in."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gamedyn.backend import Array
from gamedyn.nn._frozen_normalization import FrozenNormalization
from gamedyn.nn._normalization import Normalization
from gamedyn.nn._standardize import Standardized, mean, standardize

__all__ = ["BatchNormalization"]


@dataclass(frozen=True)
class BatchNormalization(Normalization):
    """y = scale (x - m) / sqrt(v + eps) + shift, m and v over the batch and all axes before the last.

    The statistics are the batch's own, with v the mean square deviation (divided by n, not n - 1), and take part in
    every derivative. There is no running average: `Network.frozen` takes the statistics of any sample, all data if it
    fits, and holds them constant.

    Parameters
    ----------
    shape : int or tuple of int
        Shape of one input, channels last; an integer stands for one axis. There is one scale and shift per channel.
    eps : float
        Added to the variance, positive.
    affine : bool
        Whether there are a scale, 1 at first, and a shift, 0 at first.

    Raises
    ------
    ValueError
        In `forward`, for fewer than two values of a feature: they would all become 0.

    Notes
    -----
    Samples see each other, so that there is no gradient of one sample's output in that sample alone: penalties on
    input gradients and per-sample gradients refuse this layer by name. A feature without variance becomes 0, with
    derivatives as large as 1 / sqrt(eps).

    References
    ----------
    Ioffe and Szegedy (2015), Batch normalization: accelerating deep network training by reducing internal covariate
    shift.

    Examples
    --------
    >>> import numpy
    >>> y, _ = BatchNormalization(1, eps=7.0, affine=False).forward((), numpy.array([[1.0], [7.0]]))
    >>> y[:, 0].tolist()  # mean 4, variance 9
    [-0.75, 0.75]
    """

    @property
    def per_sample(self) -> bool:
        """No: the statistics are of the whole batch."""
        return False

    def frozen(self, params: tuple[Array, ...], x: Array) -> FrozenNormalization:
        """The statistics of x held constant."""
        self._check_count(x)
        center = mean(x, self._axes)
        variance = mean((x - center) ** 2, self._axes)
        between = (..., *(0,) * self._rank, slice(None))
        return FrozenNormalization(self.shape, self.eps, self.affine, mean=center[between], variance=variance[between])

    @property
    def _parameter_shape(self) -> tuple[int, ...]:
        return self.shape[-1:]  # type: ignore[index]

    @property
    def _axes(self) -> tuple[int, ...]:
        return tuple(range(-1 - self._rank, -1))

    def _standardized(self, x: Array) -> Standardized:
        self._check_count(x)
        return standardize(x, self._axes, self.eps)

    def _check_count(self, x: Array) -> None:
        count = math.prod(x.shape[axis] for axis in self._axes)
        if count < 2:
            raise ValueError(
                f"{self!r} needs two values of each feature at least, over the batch and the axes before the last, got "
                f"{count}; for single samples, `Network.frozen` holds the statistics of a larger one."
            )
