"""NetworkCriterion: a loss of what a network makes of each row, such as the cross entropy of its logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace
from gamedyn.models._criterion import Criterion
from gamedyn.nn import Loss, Network

__all__ = ["NetworkCriterion"]


@dataclass(frozen=True, eq=False)
class NetworkCriterion(Criterion):
    """l(f(theta, x), t): f a network, l a loss, and the target t the first features of the row x itself.

    A subclass may show the network something else of a row, or have another target: it overrides `inputs` or `target`.

    Parameters
    ----------
    network : Network
        That sees one row at a time.
    loss : Loss
        Minus the log-likelihood of a target, in nats.
    features : int, optional
        How many of the first columns are the target, where labels follow them; None takes all.

    Examples
    --------
    Logits of 0 give every bit the probability 1/2, and a row of two costs 2 log 2:

    >>> import numpy
    >>> from gamedyn.nn import BinaryCrossEntropy, mlp
    >>> criterion = NetworkCriterion(mlp((2, 2)), BinaryCrossEntropy())
    >>> criterion.losses(numpy.zeros(6), numpy.array([[0.0, 1.0]])).round(12).tolist()
    [1.386294361120]
    """

    network: Network
    loss: Loss
    features: int | None = None

    def __post_init__(self) -> None:
        for name, kind in (("network", Network), ("loss", Loss)):
            if not isinstance(getattr(self, name), kind):
                raise TypeError(f"`{name}` must be of type {kind.__name__}, got {describe(getattr(self, name))}.")
        self.network.check_per_sample("a likelihood of rows")

    @property
    def size(self) -> int:
        """Of the network."""
        return self.network.size

    def init(self, rng: Any, xp: Any, dtype: Any, *, batch_shape: tuple[int, ...] = (), device: Any = None) -> Array:
        """The network's."""
        return self.network.init(rng, xp, dtype, batch_shape=batch_shape, device=device)

    def inputs(self, rows: Array) -> Array:
        """(n, inputs): what the network is shown.

        Parameters
        ----------
        rows : array, shape (n, columns)
        """
        if rows.shape[-1] != self.network.input_size:
            raise ValueError(
                f"rows must have the {self.network.input_size} columns that the network takes, got {rows.shape[-1]}."
            )
        return rows

    def target(self, rows: Array) -> Array:
        """(n, k): what the loss compares with.

        Parameters
        ----------
        rows : array, shape (n, columns)
        """
        return rows if self.features is None else rows[..., : self.features]

    def losses(self, theta: Array, rows: Array, noise: Array | None = None) -> Array:
        """One forward pass."""
        return self.loss.value(self.network.forward(theta, self.inputs(rows))[0], self.target(rows))

    def gradient(self, theta: Array, rows: Array, noise: Array | None = None) -> Array:
        """One forward and one backward pass."""
        outputs, tape = self.network.forward(theta, self.inputs(rows))
        return self.network.theta_bar(tape, self.loss.derivative(outputs, self.target(rows)) / rows.shape[-2])

    def hvp(self, theta: Array, rows: Array, noise: Array | None, v: Array) -> Array:
        """The tangent of the backward pass, exact to rounding (forward over reverse)."""
        inputs, target, n = self.inputs(rows), self.target(rows), rows.shape[-2]
        outputs, tape = self.network.forward(theta, inputs)
        outputs_dot, tape_dot = self.network.forward_jvp(tape, v, array_namespace(theta).zeros_like(inputs))
        bar = self.loss.derivative(outputs, target) / n
        bar_dot = self.loss.derivative_jvp(outputs, target, outputs_dot) / n
        return self.network.backward_jvp(tape, tape_dot, bar, bar_dot)[0]
