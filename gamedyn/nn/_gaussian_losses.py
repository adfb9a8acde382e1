"""Losses of normal laws: squared errors, log-likelihoods with a log-variance, divergence to the unit normal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, float_arrays
from gamedyn.nn._loss import ElementwiseLoss, Loss, halves, loss_arrays
from gamedyn.numerics import expm1_gap

__all__ = ["GaussianNegativeLogLikelihood", "SquaredError", "UnitNormalKL"]


@dataclass(frozen=True)
class SquaredError(ElementwiseLoss):
    """(a - y)^2 / 2, with slope a - y: the negative log-likelihood of a unit normal law without its constant.

    Examples
    --------
    >>> float(SquaredError().value([1.0, 5.0], [0.0, 2.0]))  # (1 + 9) / 2
    5.0
    """

    def second_derivative(self, a: Array, target: Array) -> Array:
        """1."""
        xp, a, _ = self._inputs(a, target)
        return xp.ones_like(a)

    def _term(self, xp: Any, a: Array, target: Array) -> Array:
        return (a - target) * (a - target) / 2

    def _slope(self, xp: Any, a: Array, target: Array) -> Array:
        return a - target


@dataclass(frozen=True)
class GaussianNegativeLogLikelihood(Loss):
    """(log 2 pi + v + (x - m)^2 e^-v) / 2 at data x (..., n), a = (m, v) (..., 2 n): means, then log-variances.

    Notes
    -----
    Through the standardised z = (x - m) e^(-v / 2), whose square alone can overflow; inf where the loss is beyond the
    range of its dtype.

    Examples
    --------
    >>> loss = GaussianNegativeLogLikelihood()
    >>> round(float(loss.value([0.0, 0.0], [0.0])), 12)  # log(2 pi) / 2
    0.918938533205
    """

    def value(self, a: Array, target: Array) -> Array:
        """Of each sample, with the constant."""
        xp, z, _, v = self._standardised(a, target)
        return xp.sum(math.log(2 * math.pi) + v + z * z, axis=-1) / 2

    def derivative(self, a: Array, target: Array) -> Array:
        """(-z e^(-v / 2), (1 - z^2) / 2)."""
        xp, z, inverse, _ = self._standardised(a, target)
        return xp.concat([-z * inverse, (1 - z * z) / 2], axis=-1)

    def derivative_jvp(self, a: Array, target: Array, a_dot: Array) -> Array:
        """With z_dot = -m_dot e^(-v / 2) - z v_dot / 2: (-z_dot e^(-v / 2) + z e^(-v / 2) v_dot / 2, -z z_dot)."""
        xp, z, inverse, _ = self._standardised(a, target)
        m_dot, v_dot = halves(float_arrays(a_dot, names=("a_dot",), allow_complex=True)[1], "means and log-variances")
        z_dot = -m_dot * inverse - z * v_dot / 2
        return xp.concat([(z * v_dot / 2 - z_dot) * inverse, -z * z_dot], axis=-1)

    @staticmethod
    def _standardised(a: Array, target: Array) -> tuple[Any, Array, Array, Array]:
        """(namespace, z, e^(-v / 2), v)."""
        xp, a, target = loss_arrays(a, target, parts=2)
        m, v = halves(a, "means and log-variances")
        inverse = xp.exp(-v / 2)
        return xp, (target - m) * inverse, inverse, v


@dataclass(frozen=True)
class UnitNormalKL(Loss):
    """KL(N(m, e^v) || N(0, 1)) = (m^2 + e^v - 1 - v) / 2, a = (m, v) (..., 2 n): the price of a variational posterior.

    There is no target: None, or anything, stands in its place.

    Notes
    -----
    e^v - 1 - v by `expm1_gap` and its slope by expm1, which keep their digits near v = 0, where the loss is 0.

    References
    ----------
    Kingma and Welling (2014), Auto-encoding variational Bayes.

    Examples
    --------
    >>> float(UnitNormalKL().value([3.0, 0.0]))  # 3^2 / 2
    4.5
    """

    def value(self, a: Array, target: Array = None) -> Array:
        """Of each sample."""
        xp, m, v = self._parts(a)
        return xp.sum(m * m + expm1_gap(v), axis=-1) / 2

    def derivative(self, a: Array, target: Array = None) -> Array:
        """(m, (e^v - 1) / 2)."""
        xp, m, v = self._parts(a)
        return xp.concat([m, xp.expm1(v) / 2], axis=-1)

    def derivative_jvp(self, a: Array, target: Array, a_dot: Array) -> Array:
        """(m_dot, e^v v_dot / 2)."""
        xp, _, v = self._parts(a)
        _, m_dot, v_dot = self._parts(a_dot)
        return xp.concat([m_dot, xp.exp(v) * v_dot / 2], axis=-1)

    @staticmethod
    def _parts(a: Array) -> tuple[Any, Array, Array]:
        xp, a = float_arrays(a, names=("a",), allow_complex=True)
        return xp, *halves(a, "means and log-variances")
