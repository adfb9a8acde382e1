"""Cross entropies on logits: the log of a probability is never taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, device_of, float_arrays
from gamedyn.nn._loss import ElementwiseLoss, Loss, loss_arrays
from gamedyn.numerics import logsumexp, real_part, sigmoid, softplus

__all__ = ["BinaryCrossEntropy", "SoftmaxCrossEntropy"]


@dataclass(frozen=True)
class BinaryCrossEntropy(ElementwiseLoss):
    """softplus(a) - y a = -y log p - (1 - y) log(1 - p), p = sigmoid(a): the loss of logits a at labels y in [0, 1].

    Notes
    -----
    As (1 - y) softplus(a) + y softplus(-a), and its slope sigmoid(a) - y as (1 - y) sigmoid(a) - y sigmoid(-a): at
    y = 1 and large a the shorter forms would leave 0 of a small positive number.

    Examples
    --------
    >>> round(float(BinaryCrossEntropy().value([0.0], [1.0])), 12)  # log 2
    0.69314718056
    >>> float(BinaryCrossEntropy().value([-1000.0], [1.0]))
    1000.0
    """

    def second_derivative(self, a: Array, target: Array) -> Array:
        """sigmoid(a) sigmoid(-a), whatever the label."""
        _, a, _ = self._inputs(a, target)
        return sigmoid(a) * sigmoid(-a)

    def _term(self, xp: Any, a: Array, target: Array) -> Array:
        return (1 - target) * softplus(a) + target * softplus(-a)

    def _slope(self, xp: Any, a: Array, target: Array) -> Array:
        return (1 - target) * sigmoid(a) - target * sigmoid(-a)


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Loss):
    """-sum_c y_c log s_c, s = softmax(a): the loss of logits a (..., n) at the classes' probabilities y, often one-hot.

    With m the largest logit and r the sum of e^(a_j - a_m) over the others, -log s_c = (a_m - a_c) + log(1 + r): both
    terms are positive, and digits of a loss near 0 are kept. Its slope s - y (for y that sum to 1) is formed as
    s_c sum_(k != c) y_k - y_c (1 - s_c).

    Examples
    --------
    >>> round(float(SoftmaxCrossEntropy().value([0.0, 0.0, 0.0], [1.0, 0.0, 0.0])), 12)  # log 3
    1.098612288668
    """

    def value(self, a: Array, target: Array) -> Array:
        """sum_c y_c ((a_m - a_c) + log(1 + r))."""
        xp, a, target = _with_probabilities(a, target)
        below, largest = _below_largest(xp, a)
        others = xp.where(largest, xp.full_like(below, -xp.inf), below)
        costs = softplus(logsumexp(others, keepdims=True)) - below
        # 0 log 0 = 0: a class ruled out by a logit of -inf costs nothing where it is not the label.
        return xp.sum(target * xp.where(target == 0, xp.zeros_like(costs), costs), axis=-1)

    def derivative(self, a: Array, target: Array) -> Array:
        """s sum(y) - y."""
        xp, a, target = _with_probabilities(a, target)
        shares, rest = _shares(xp, a)
        total = xp.sum(target, axis=-1, keepdims=True)
        return shares * (total - target) - target * rest

    def derivative_jvp(self, a: Array, target: Array, a_dot: Array) -> Array:
        """sum(y) s (a_dot - <s, a_dot>), with a_dot counted from its value at the largest logit."""
        xp, a, target = _with_probabilities(a, target)
        _, a, target, a_dot = float_arrays(a, target, a_dot, names=("a", "target", "a_dot"), allow_complex=True)
        shares, _ = _shares(xp, a)
        largest = _below_largest(xp, a)[1]
        moved = a_dot - xp.sum(xp.where(largest, a_dot, xp.zeros_like(a_dot)), axis=-1, keepdims=True)
        mean = xp.sum(shares * moved, axis=-1, keepdims=True)
        return xp.sum(target, axis=-1, keepdims=True) * shares * (moved - mean)


def _with_probabilities(a: Array, target: Array) -> tuple[Any, Array, Array]:
    """`loss_arrays`, but that labels in the place of probabilities are refused where their shape does not tell."""
    xp, logits, probabilities = loss_arrays(a, target)
    dtype = getattr(target, "dtype", None)
    is_integer = dtype is not None and xp.isdtype(dtype, "integral")
    if probabilities.shape[-1:] != logits.shape[-1:] or (is_integer and probabilities.ndim < logits.ndim):
        raise ValueError(
            f"`target` must hold the classes' probabilities, of shape (..., {logits.shape[-1]}), got "
            f"{'integers of ' * is_integer}shape {tuple(probabilities.shape)}. A label is a one-hot row."
        )
    return xp, logits, probabilities


def _below_largest(xp: Any, a: Array) -> tuple[Array, Array]:
    """(a_j - a_m, whether j = m), m the first of the largest real parts."""
    largest = xp.arange(a.shape[-1], device=device_of(a)) == xp.argmax(real_part(a), axis=-1, keepdims=True)
    return a - xp.sum(xp.where(largest, a, xp.zeros_like(a)), axis=-1, keepdims=True), largest


def _shares(xp: Any, a: Array) -> tuple[Array, Array]:
    """(s, 1 - s), each without cancellation."""
    below, largest = _below_largest(xp, a)
    terms = xp.exp(below)
    rest = xp.sum(xp.where(largest, xp.zeros_like(terms), terms), axis=-1, keepdims=True)
    return terms / (1 + rest), xp.where(largest, rest, 1 + (rest - terms)) / (1 + rest)
