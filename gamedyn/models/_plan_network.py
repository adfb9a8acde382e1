"""One network on so many rows, as calls on kept buffers: biases inside the products, cotangents in place."""

from __future__ import annotations

import math

import numpy

from gamedyn.models._plan_activations import PlannedActivation, planned_activation
from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.models._plan_tied import TiedWeights, is_tied
from gamedyn.nn import Dense, Layer, Network, Reshape

__all__ = ["PlannedNetwork", "is_piecewise_linear", "is_planned"]


# Entries from which on a product over one unit pays as a matrix product.
_SMALLEST_PRODUCT = 8192
# Inputs of layers whose weights are copied, for a product with their transposes: narrow ones, which BLAS turns slowly.
_TURNED = range(8, 49)


def is_planned(network: Network) -> bool:
    """Whether layers with weights alternate with activations that plans know, one with weights first and last.

    Weights are those of dense layers with biases, or of convolutions that are `is_tied`; shapes may change anywhere.
    """
    layers = _layers(network)
    weighted, between = layers[::2], layers[1::2]
    return (
        len(weighted) == len(between) + 1
        and all((type(each) is Dense and each.bias) or is_tied(each, shape) for each, shape in weighted)
        and all(planned_activation(layer) is not None for layer, _ in between)
    )


def is_piecewise_linear(network: Network) -> bool:
    """Whether a network that `is_planned` has no second derivatives."""
    return all(each.is_piecewise_linear for each in _activations(network))


def _activations(network: Network) -> list[PlannedActivation]:
    return [each for layer, _ in _layers(network)[1::2] if (each := planned_activation(layer)) is not None]


def _layers(network: Network) -> list[tuple[Layer, tuple[int, ...]]]:
    """The layers and the shapes that they take; none that is a `Reshape`, which leaves flat features what they are."""
    found: list[tuple[Layer, tuple[int, ...]]] = []
    shape: tuple[int, ...] = (network.input_size,)
    for layer in network.layers:
        if type(layer) is not Reshape:
            found.append((layer, shape))
        shape = layer.output_shape(shape)
    return found


class PlannedNetwork:
    """y = f(theta, x) on `rows` samples, with buffers for h_l, slopes f'_l and cotangents d_l of a_l.

    h_0 = (x, 1), a_l = h_{l-1} [W_l; b_l], h_l = (f(a_l), 1), l = 1 ... L; the last layer has no activation, and a_L
    goes where the caller wants it. d_L is the caller's, too. Leading axes of theta are an ensemble's: all arrays have
    them, and each member the numbers that it has alone.

    Where W_l is the matrix of a convolution, its `TiedWeights` make the products, `expand` makes the matrix of the
    parameters, and `fold` their gradient of its own.

    Parameters
    ----------
    network : Network
        One that `is_planned`.
    theta : array, shape (..., P)
        Its parameters, read whenever the calls are made.
    rows : int
    keeps : bool
        Whether h and slopes outlive a backward pass. If not, d_l takes the place of h_l, so that there is less to keep
        in a core's cache, and layers of one width share their slopes.
    """

    def __init__(self, network: Network, theta: numpy.ndarray, rows: int, keeps: bool) -> None:
        self.shape, self.rows, self.keeps, self.dtype = theta.shape[:-1], rows, keeps, theta.dtype
        self.theta, layers = theta, _layers(network)[::2]
        self.tied = [TiedWeights(*each, self.shape, theta.dtype) if is_tied(*each) else None for each in layers]
        self.sizes = [(math.prod(shape), math.prod(layer.output_shape(shape))) for layer, shape in layers]
        self.activations = _activations(network)
        self.weights = self.blocks(theta)
        self.h = [self._with_ones(inputs) for inputs, _ in self.sizes]
        self.slopes: list[numpy.ndarray] = []
        self.d = self.h[1:]
        if keeps:
            self.d = [aligned(h.shape, h.dtype) for h in self.h[1:]]
        for h, each in zip(self.h[1:], self.activations, strict=True):
            dtype = each.slope_dtype or h.dtype
            shared = [slope for slope in self.slopes if not keeps and (slope.shape, slope.dtype) == (h.shape, dtype)]
            self.slopes.append((shared or [aligned(h.shape, dtype)])[0])

    def expand(self, tape: Tape) -> None:
        """The matrices of convolutions <- those of theta."""
        for block, tied in zip(self.weights, self.tied, strict=True):
            if tied is not None:
                tied.expand(tape, block)

    def fold(self, tape: Tape, flat: numpy.ndarray) -> None:
        """The parts of convolutions in flat (..., P) <- their gradients."""
        for block, tied in zip(self.blocks(flat), self.tied, strict=True):
            if tied is not None:
                tied.fold(tape, block)

    def blocks(self, flat: numpy.ndarray) -> list[numpy.ndarray]:
        """Each layer's part of flat vectors (..., P), as views: of dense ones the matrices [W_l; b_l]."""
        found, start = [], 0
        for (inputs, outputs), tied in zip(self.sizes, self.tied, strict=True):
            stop = start + ((inputs + 1) * outputs if tied is None else tied.size)
            part = flat[..., start:stop]
            found.append(part.reshape(*self.shape, inputs + 1, outputs) if tied is None else part)
            start = stop
        return found

    def forward(self, tape: Tape, rows: slice, y: numpy.ndarray | None, x: numpy.ndarray | None = None) -> None:
        """h_1 ... and y <- a_L, which None leaves out; x (..., rows, inputs + 1) stands for h_0 where it is given."""
        h = self.h[0][..., rows, :] if x is None else x
        for layer, activation in enumerate(self.activations):
            after = self.h[layer + 1][..., rows, :]
            self.push(tape, layer + 1, h, after[..., :-1])
            activation.forward(tape, after)
            h = after
        if y is not None:
            self.push(tape, len(self.sizes), h, y)

    def push(self, tape: Tape, layer: int, h: numpy.ndarray, out: numpy.ndarray, *, biased: bool = True) -> None:
        """out <- h [W_l; b_l]; without `biased` W_l alone, for h without its last column; l from 1."""
        tied, weight = self.tied[layer - 1], self.weights[layer - 1]
        if tied is not None:
            tied.push(tape, h, out, biased=biased)
        else:
            tape.append((numpy.matmul, (h, weight if biased else weight[..., :-1, :], out)))

    def meet(self, tape: Tape, layer: int, h: numpy.ndarray, d: numpy.ndarray, out: numpy.ndarray) -> None:
        """The gradient of [W_l; b_l] <- h^T d; it is `out` except for convolutions, which keep it until `fold`."""
        tied = self.tied[layer - 1]
        if tied is not None:
            tied.meet(tape, h, d)
        else:
            tape.append((numpy.matmul, (h.mT, d, out)))

    def slope(self, tape: Tape, layer: int, rows: slice) -> numpy.ndarray:
        """f'_l, computed here; l from 1."""
        out = self.slopes[layer - 1][..., rows, :]
        self.activations[layer - 1].slope(tape, self.h[layer][..., rows, :], out)
        return out

    def pull(self, tape: Tape, layer: int, d: numpy.ndarray, out: numpy.ndarray) -> None:
        """out <- d_l W_l^T."""
        tied = self.tied[layer - 1]
        if tied is not None:
            tied.pull(tape, d, out)
            return
        weight = self.weights[layer - 1][..., :-1, :]
        if weight.shape[-1] > 1 and weight.shape[-2] in _TURNED:
            turned = aligned(weight.mT.shape, self.dtype)
            tape.append((numpy.copyto, (turned, weight.mT)))
            tape.append((numpy.matmul, (d, turned, out)))
        elif weight.shape[-1] > 1:
            tape.append((numpy.matmul, (d, weight.mT, out)))
        elif not self.shape and out.size < _SMALLEST_PRODUCT:
            tape.append((numpy.multiply, (d, weight.mT, out)))
        else:
            # Products over one unit are slow as matrix products, and as broadcast ones; with a zero for a second unit
            # they are not.
            left = aligned((*d.shape[:-1], 2), self.dtype)
            right = aligned((*self.shape, 2, weight.shape[-2]), self.dtype)
            tape.append((numpy.copyto, (left[..., :1], d)))
            tape.append((numpy.copyto, (right[..., :1, :], weight.mT)))
            tape.append((numpy.matmul, (left, right, out)))

    def backward(
        self,
        tape: Tape,
        rows: slice,
        d: numpy.ndarray,
        gradient: list[numpy.ndarray] | None,
        *,
        x: numpy.ndarray | None = None,
        x_bar: numpy.ndarray | None = None,
        slopes_are_kept: bool = False,
    ) -> None:
        """gradient <- the blocks' gradients and x_bar <- the cotangent of x, from d = d_L; None leaves one out.

        Parameters
        ----------
        tape : Tape
        rows : slice
        d : array, shape (..., rows, outputs)
        gradient : list of array, optional
            As `blocks` gives.
        x : array, shape (..., rows, inputs + 1), optional
            h_0 where it is not the network's own.
        x_bar : array, shape (..., rows, inputs), optional
        slopes_are_kept : bool
            Whether an earlier call has computed the slopes of these rows.
        """
        for layer in range(len(self.sizes), 1, -1):
            if gradient is not None:
                self.meet(tape, layer, self.h[layer - 1][..., rows, :], d, gradient[layer - 1])
            slope = self.slopes[layer - 2][..., rows, :] if slopes_are_kept else self.slope(tape, layer - 1, rows)
            # From here on, h of the layer before may be lost.
            before = self.d[layer - 2][..., rows, :]
            self.pull(tape, layer, d, before[..., :-1])
            tape.append((numpy.multiply, (before, slope, before)))
            d = before[..., :-1]
        if gradient is not None:
            self.meet(tape, 1, self.h[0][..., rows, :] if x is None else x, d, gradient[0])
        if x_bar is not None:
            self.pull(tape, 1, d, x_bar)

    def _with_ones(self, features: int) -> numpy.ndarray:
        h = aligned((*self.shape, self.rows, features + 1), self.dtype)
        h[..., -1] = 1
        return h
