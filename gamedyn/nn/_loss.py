"""The Loss protocol: one number for each sample from what a network gives, with exact first and second derivatives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy

from gamedyn.backend import Array, float_arrays

__all__ = ["ElementwiseLoss", "Loss", "halves", "loss_arrays"]


class Loss(ABC):
    """l(a, target), a sum over the last axis of a; samples, batches and ensembles lead.

    a is what a network gives: logits, means, log-variances. All methods take complex a, so that complex step works;
    targets are real.
    """

    @abstractmethod
    def value(self, a: Array, target: Array) -> Array:
        """l, one number for each sample.

        Parameters
        ----------
        a : array, shape (..., n)
        target : array, broadcastable; see the class

        Returns
        -------
        array, shape (...)
        """

    @abstractmethod
    def derivative(self, a: Array, target: Array) -> Array:
        """dl / da, of the shape of a."""

    @abstractmethod
    def derivative_jvp(self, a: Array, target: Array, a_dot: Array) -> Array:
        """The tangent of `derivative`: (d2l / da2) a_dot; a_dot may have further leading axes."""


class ElementwiseLoss(Loss):
    """A loss whose terms see one entry of a each: its second derivative is a diagonal."""

    def value(self, a: Array, target: Array) -> Array:
        """The sum of the terms over the last axis."""
        xp, a, target = self._inputs(a, target)
        return xp.sum(self._term(xp, a, target), axis=-1)

    def derivative(self, a: Array, target: Array) -> Array:
        """The slope of each term."""
        return self._slope(*self._inputs(a, target))

    @abstractmethod
    def second_derivative(self, a: Array, target: Array) -> Array:
        """d2l / da_j^2, of the shape of a: what `Network.hvp` takes."""

    def derivative_jvp(self, a: Array, target: Array, a_dot: Array) -> Array:
        """The second derivative times a_dot, entry by entry."""
        return self.second_derivative(a, target) * float_arrays(a_dot, names=("a_dot",), allow_complex=True)[1]

    @abstractmethod
    def _term(self, xp: Any, a: Array, target: Array) -> Array:
        """The terms, of the shape of a."""

    @abstractmethod
    def _slope(self, xp: Any, a: Array, target: Array) -> Array:
        """Their derivatives."""

    @staticmethod
    def _inputs(a: Array, target: Array) -> tuple[Any, Array, Array]:
        return loss_arrays(a, target)


def loss_arrays(a: Array, target: Array, parts: int = 1) -> tuple[Any, Array, Array]:
    """(namespace, a, target) as floating arrays, of which target has an entry for every `parts` of a.

    Raises
    ------
    ValueError
        If the shapes do not fit; labels (batch,) beside logits (batch, 1) would pair every label with every logit.
    """
    xp, a, target = float_arrays(a, target, names=("a", "target"), allow_complex=True)
    shape, other = tuple(a.shape), tuple(target.shape)
    if not shape:
        raise ValueError("`a` must have shape (..., n), got one number.")
    fits = other[-1:] in ((), (1,), (shape[-1] // parts,))
    try:
        numpy.broadcast_shapes(shape[:-1], other[:-1])
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"`target` must have shape (..., {shape[-1] // parts}) for `a` of shape {shape}, got {other}.")
    return xp, a, target


def halves(a: Array, names: str) -> tuple[Array, Array]:
    """The two halves of the last axis.

    Raises
    ------
    ValueError
        If their lengths differ; the message says what they hold.
    """
    size = a.shape[-1]
    if size % 2:
        raise ValueError(f"`a` must hold {names} side by side, an even number of entries, got shape {tuple(a.shape)}.")
    return a[..., : size // 2], a[..., size // 2 :]
