"""MADE: a network masked so that the logit of each bit sees only the bits before it, all logits in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import Array
from gamedyn.models._binary_autoregressive import BinaryAutoregressive, checked_order
from gamedyn.models._criterion import Criterion
from gamedyn.models._gan_parts import Shapes
from gamedyn.models._network_criterion import NetworkCriterion
from gamedyn.nn import BinaryCrossEntropy, Layer, MaskedDense, Network, ReLU

__all__ = ["MADE"]


@dataclass(eq=False, repr=False)
class MADE(BinaryAutoregressive):
    """prod_i Bernoulli(x_i; sigmoid(f_i(x_j, j before i))), f a masked ReLU network, exact, on binary rows.

    Each hidden unit has a degree, the last place in the order that it may see: it takes units and bits of at most its
    own degree, and the bit at place r takes units of smaller degree than r. Degrees are spread evenly over a layer.
    Labels are seen by all units, some of which, of degree -1, see nothing else. Without hidden layers it is the family
    of `FVSBN`.

    Parameters
    ----------
    order : sequence of int, optional
        The columns in the order in which bits are drawn; None is 0, 1, 2, ...
    hidden : int or sequence of int
        Sizes of the hidden layers. A layer narrower than the row has fewer degrees, and some bits see less.
    **others
        See `TrainedModel`.

    References
    ----------
    Germain, Gregor, Murray and Larochelle (2015), MADE: masked autoencoder for distribution estimation.

    Examples
    --------
    The first bit in the order sees nothing, so that its logit is the same in all rows:

    >>> import numpy
    >>> X = numpy.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> logits = MADE([1, 0], hidden=(8,), steps=5, rng=0).fit(X).conditional_logits(X)
    >>> bool(numpy.all(logits[:, 1] == logits[0, 1]))
    True
    """

    hidden: Any = (64,)

    def _criterion(self, shapes: Shapes) -> Criterion:
        features, labels = shapes.features, shapes.classes
        ranks = numpy.argsort(checked_order(self.order, features))
        lowest = -1 if labels else 0
        count = max(features - 1 - lowest, 1)
        degrees = [numpy.concatenate([ranks, numpy.full(labels, -1)])]
        degrees += [lowest + numpy.arange(width) * count // width for width in _widths(self.hidden)]
        layers: list[Layer] = []
        for seen, own in pairwise(degrees):
            layers += [MaskedDense((seen[:, None] <= own).tolist(), initializer="he"), ReLU()]
        layers.append(MaskedDense((degrees[-1][:, None] < ranks).tolist()))
        return NetworkCriterion(Network(tuple(layers), features + labels), BinaryCrossEntropy(), features)

    def _logits(self, theta: Array, rows: Array) -> Array:
        return self.criterion_.network.forward(theta, rows)[0]  # type: ignore[attr-defined]


def _widths(hidden: Any) -> tuple[int, ...]:
    """Sizes of the hidden layers."""
    given = (hidden,) if isinstance(hidden, Integral) else hidden
    if not isinstance(given, (tuple, list)) or any(
        not isinstance(width, Integral) or isinstance(width, bool) or width < 1 for width in given
    ):
        raise ValueError(f"`hidden` must hold positive integers, the sizes of layers, got {describe(hidden)}.")
    return tuple(int(width) for width in given)
