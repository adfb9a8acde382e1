"""Layer normalisation: every sample standardised over its own features."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gamedyn.backend import Array
from gamedyn.nn._normalization import Normalization
from gamedyn.nn._standardize import Standardized, standardize

__all__ = ["LayerNormalization"]


@dataclass(frozen=True)
class LayerNormalization(Normalization):
    """y = scale (x - m) / sqrt(v + eps) + shift, m and v over all features of one sample.

    Samples do not see each other, so that penalties on input gradients may be taken.

    Parameters
    ----------
    shape : int or tuple of int
        Shape of one input; an integer stands for one axis. There is one scale and shift per entry.
    eps : float
        Added to the variance, positive.
    affine : bool
        Whether there are a scale, 1 at first, and a shift, 0 at first.

    Raises
    ------
    ValueError
        For a shape of one entry: every sample would become 0.

    References
    ----------
    Ba, Kiros and Hinton (2016), Layer normalization.

    Examples
    --------
    >>> import numpy
    >>> y, _ = LayerNormalization(2, eps=7.0, affine=False).forward((), numpy.array([[1.0, 7.0]]))
    >>> y[0].tolist()  # mean 4, variance 9
    [-0.75, 0.75]
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if math.prod(self._parameter_shape) < 2:
            raise ValueError(f"`shape` must have two entries at least, got {self.shape!r}.")

    @property
    def _parameter_shape(self) -> tuple[int, ...]:
        return self.shape  # type: ignore[return-value]

    def _standardized(self, x: Array) -> Standardized:
        return standardize(x, tuple(range(-self._rank, 0)), self.eps)
