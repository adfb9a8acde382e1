"""FVSBN: the fully visible sigmoid belief network, a logistic regression of each bit on those before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy

from gamedyn.backend import Array, like, to_host
from gamedyn.models._binary_autoregressive import BinaryAutoregressive, checked_order
from gamedyn.models._criterion import Criterion
from gamedyn.models._gan_parts import Shapes
from gamedyn.models._logistic_floor import logistic_floor
from gamedyn.models._network_criterion import NetworkCriterion
from gamedyn.nn import BinaryCrossEntropy, MaskedDense, Network

__all__ = ["FVSBN", "FVSBNCriterion"]

# Operations of the regressions that give the floor: some seconds.
_MOST_WORK = 2**30


@dataclass(eq=False, repr=False)
class FVSBN(BinaryAutoregressive):
    """p(x) = prod_i Bernoulli(x_i; sigmoid(b_i + sum_j W_ji x_j, j before i)), exact, on binary rows.

    Its best parameters are those of one logistic regression for each bit, which share nothing: their loss is the floor
    that `excess_` is above. With labels each bit also sees the one-hot vector of its row's label.

    Parameters
    ----------
    order : sequence of int, optional
        The columns in the order in which bits are drawn; None is 0, 1, 2, ...
    **others
        See `TrainedModel`.

    References
    ----------
    Frey, Hinton and Dayan (1996), Does the wake-sleep algorithm produce good density estimators?

    Examples
    --------
    Nothing is learned in no steps, and weights that start at 0 give each of the four rows of two bits 1/4:

    >>> import numpy
    >>> X = numpy.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> numpy.exp(FVSBN(steps=0).fit(X).log_prob(X)).round(12).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """

    step_size: ClassVar[float] = 0.01

    def _criterion(self, shapes: Shapes) -> Criterion:
        features = shapes.features
        ranks = numpy.argsort(checked_order(self.order, features))
        before = ranks[:, None] < ranks[None, :]
        seen = numpy.concatenate([before, numpy.ones((shapes.classes, features), dtype=bool)])
        # The loss is convex, so that any start serves.
        network = Network((MaskedDense(seen.tolist(), initializer="zeros"),), features + shapes.classes)
        return FVSBNCriterion(network, BinaryCrossEntropy(), features, seen)

    def _logits(self, theta: Array, rows: Array) -> Array:
        return self.criterion_.network.forward(theta, rows)[0]  # type: ignore[attr-defined]

    def _logit(self, theta: Array, rows: Array, bit: int) -> Array:
        # One column of the weight: a row of d bits costs d^2 operations, not d^3.
        criterion: Any = self.criterion_
        params = criterion.network.unflatten(theta)
        weight = params["0.weight"][..., bit] * like(criterion.seen[:, bit].astype(numpy.float64), theta)
        return rows @ weight + params["0.bias"][..., bit]


@dataclass(frozen=True, eq=False)
class FVSBNCriterion(NetworkCriterion):
    """-log p of an `FVSBN`, with its floor.

    Parameters
    ----------
    network, loss, features
        See `NetworkCriterion`.
    seen : array of bool, shape (columns, features)
        Which columns of a row each bit sees.
    """

    seen: Any = field(default=None, repr=False)

    def floor(self, rows: Array) -> float | None:
        """The sum of the least mean losses of one logistic regression per bit; None where that is much work."""
        n, d = rows.shape[0], self.seen.shape[1]
        if n * d**3 > _MOST_WORK:
            return None
        host = to_host(rows).astype(numpy.float64)
        return sum(logistic_floor(host[:, self.seen[:, i]], host[:, i]) for i in range(d))
