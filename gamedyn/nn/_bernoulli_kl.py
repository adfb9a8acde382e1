"""The divergence between Bernoulli laws, on their logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace
from gamedyn.nn._loss import ElementwiseLoss
from gamedyn.numerics import expm1_gap, real_part, sigmoid, softplus

__all__ = ["BernoulliKL", "sigmoid_difference"]


@dataclass(frozen=True)
class BernoulliKL(ElementwiseLoss):
    """KL(p || q) = p log(p / q) + (1 - p) log((1 - p) / (1 - q)), p = sigmoid(a), q = sigmoid(b), b the target.

    Notes
    -----
    p (a - b) + softplus(b) - softplus(a) after a change of sign of both logits that makes p <= 1/2; near a = b, where
    that cancels, p (e^d - 1 - d) - (e^w - 1 - w) with d = b - a and w = softplus(b) - softplus(a) =
    log(1 + p (e^d - 1)).

    Examples
    --------
    >>> round(float(BernoulliKL().value([0.0], [1.0986122886681098])), 12)  # p = 1/2, q = 3/4: log(4/3) / 2
    0.143841036226
    """

    def second_derivative(self, a: Array, target: Array) -> Array:
        """sigmoid(a) sigmoid(-a) (1 - tanh(a / 2) (a - b))."""
        xp, a, b = self._inputs(a, target)
        return sigmoid(a) * sigmoid(-a) * (1 - xp.tanh(a / 2) * (a - b))

    def _term(self, xp: Any, a: Array, target: Array) -> Array:
        flipped = real_part(a) > 0
        a, b = xp.where(flipped, -a, a), xp.where(flipped, -target, target)
        p, d = sigmoid(a), b - a
        far = p * (a - b) + softplus(b) - softplus(a)
        near = xp.abs(real_part(d)) < 1
        d = xp.where(near, d, xp.zeros_like(d))
        u = p * xp.expm1(d)
        # log(1 + u), which complex log1p gives with the rounding of 1 + u.
        w = 2 * xp.atanh(u / (2 + u))
        return xp.where(near, p * expm1_gap(d) - expm1_gap(w), far)

    def _slope(self, xp: Any, a: Array, target: Array) -> Array:
        return sigmoid(a) * sigmoid(-a) * (a - target)


def sigmoid_difference(a: Array, b: Array) -> Array:
    """sigmoid(a) - sigmoid(b), to full relative precision: sigmoid(a) sigmoid(-b) (1 - e^(b - a)) for a >= b."""
    xp = array_namespace(a, b)
    above = real_part(a - b) > 0
    high, low = xp.where(above, a, b), xp.where(above, b, a)
    gap = -sigmoid(high) * sigmoid(-low) * xp.expm1(low - high)
    return xp.where(above, gap, -gap)
