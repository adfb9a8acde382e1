"""One network on so many rows, as calls on kept buffers: biases inside the products, cotangents in place."""

from __future__ import annotations

import math

import numpy

from gamedyn.models._plan_activations import planned_activation
from gamedyn.models._plan_buffers import Tape, aligned
from gamedyn.models._plan_maxout import PlannedMaxout
from gamedyn.models._plan_normalization import PlannedNormalization
from gamedyn.models._plan_stages import stages_of
from gamedyn.models._plan_tied import TiedWeights, is_tied
from gamedyn.nn import Dense, Maxout, Network

__all__ = ["PlannedNetwork", "is_piecewise_linear", "is_planned"]


# Entries from which on a product over one unit pays as a matrix product.
_SMALLEST_PRODUCT = 8192
# Inputs of layers whose weights are copied, for a product with their transposes: narrow ones, which BLAS turns slowly.
_TURNED = range(8, 49)


def is_planned(network: Network) -> bool:
    """Whether layers with weights alternate with activations that plans know, one with weights first and last.

    Weights are those of dense layers, or of convolutions that are `is_tied`; batch normalisation may stand before an
    activation, and `Maxout` of a dense layer's outputs in the place of one; shapes may change anywhere.
    """
    return stages_of(network) is not None


def is_piecewise_linear(network: Network) -> bool:
    """Whether a network that `is_planned` has no second derivatives, batch normalisation apart."""
    activations = [stage.activation for stage in (stages_of(network) or [])[:-1]]
    known = [planned_activation(each) for each in activations if each is not None]
    # There is none for maxouts.
    return all(each is None or each.is_piecewise_linear for each in known)


class PlannedNetwork:
    """y = f(theta, x) on `rows` samples, with buffers for h_l, slopes f'_l and cotangents d_l of a_l.

    h_0 = (x, 1), a_l = h_{l-1} [W_l; b_l], h_l = (f(a_l), 1), l = 1 ... L; the last layer has no activation, and a_L
    goes where the caller wants it. d_L is the caller's, too. Leading axes of theta are an ensemble's: all arrays have
    them, and each member the numbers that it has alone.

    Where W_l is the matrix of a convolution, its `TiedWeights` make the products, `expand` makes the matrix of the
    parameters, and `fold` their gradient of its own; so does `PlannedMaxout` for the pieces of a dense layer. Between
    a_l and f there may be a `PlannedNormalization`.

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
    group : int
        Rows that normalisations see as one batch.
    """

    def __init__(self, network: Network, theta: numpy.ndarray, rows: int, keeps: bool, group: int) -> None:
        self.shape, self.rows, self.keeps, self.dtype = theta.shape[:-1], rows, keeps, theta.dtype
        self.theta, stages = theta, stages_of(network) or []
        self.sizes = [(math.prod(each.shape), math.prod(each.weights.output_shape(each.shape))) for each in stages]
        self.tied: list[TiedWeights | None] = []
        self.maxouts: list[PlannedMaxout | None] = []
        self.biased: list[bool] = []
        for layer, shape, _, activation in stages:
            self.tied.append(TiedWeights(layer, shape, self.shape, self.dtype) if is_tied(layer, shape) else None)
            # A convolution without biases leaves out the column of ones by itself.
            self.biased.append(not isinstance(layer, Dense) or layer.bias)
            maxout = None
            if isinstance(activation, Maxout) and isinstance(layer, Dense):
                maxout = PlannedMaxout(layer, activation.pieces, self.shape, rows, keeps, self.dtype)
            self.maxouts.append(maxout)
        between = [stage.activation for stage in stages[:-1]]
        self.activations = [None if each is None else planned_activation(each) for each in between]
        self.slots, start = [], 0
        self.normalizations: list[PlannedNormalization | None] = []
        for stage, (inputs, outputs), tied, biased in zip(stages, self.sizes, self.tied, self.biased, strict=True):
            stop = start + ((inputs + biased) * outputs if tied is None else tied.size)
            self.slots.append(slice(start, stop))
            start, normalization = stop, None
            if stage.normalization is not None:
                count = sum(map(math.prod, stage.normalization.parameter_shapes.values()))
                start = stop + count
                normalization = PlannedNormalization(stage.normalization, theta[..., stop:start], rows, group)
            self.normalizations.append(normalization)
        self.weights = self.blocks(theta)
        self.h = [self._with_ones(inputs) for inputs, _ in self.sizes]
        self.slopes: list[numpy.ndarray] = []
        self.d: list[numpy.ndarray] = []
        for h, each, maxout in zip(self.h[1:], self.activations, self.maxouts, strict=False):
            if maxout is not None:
                self.d.append(maxout.top)
                self.slopes.append(maxout.mask)
                continue
            self.d.append(aligned(h.shape, h.dtype) if keeps else h)
            dtype = h.dtype if each is None else each.slope_dtype or h.dtype
            shared = [slope for slope in self.slopes if not keeps and (slope.shape, slope.dtype) == (h.shape, dtype)]
            self.slopes.append((shared or [aligned(h.shape, dtype)])[0])

    def buffers(self) -> list[numpy.ndarray]:
        """What a step works on, an array that is part of another one before it."""
        own = [[each.a, each.delta, each.matrix, each.gradient] for each in self.maxouts if each is not None]
        others = [each.x for each in self.normalizations if each is not None]
        return [*(array for arrays in own for array in arrays), *others, *self.h, *self.d, *self.slopes]

    def expand(self, tape: Tape) -> None:
        """The matrices of convolutions and of the pieces of maxouts <- those of theta."""
        for block, tied, maxout in zip(self.weights, self.tied, self.maxouts, strict=True):
            if tied is not None:
                tied.expand(tape, block)
            elif maxout is not None:
                maxout.expand(tape, block)

    def fold(self, tape: Tape, flat: numpy.ndarray) -> None:
        """The parts of convolutions, maxouts and normalisations in flat (..., P) <- their gradients."""
        layers = zip(self.blocks(flat), self.slots, self.tied, self.maxouts, self.normalizations, strict=True)
        for block, slot, tied, maxout, normalization in layers:
            if tied is not None:
                tied.fold(tape, block)
            elif maxout is not None:
                maxout.fold(tape, block)
            if normalization is not None:
                normalization.fold(tape, flat[..., slot.stop : slot.stop + normalization.size])

    def blocks(self, flat: numpy.ndarray) -> list[numpy.ndarray]:
        """The weights in flat vectors (..., P), as views: of dense layers the matrices [W_l; b_l], or W_l alone."""
        found = []
        for slot, (_, outputs), tied in zip(self.slots, self.sizes, self.tied, strict=True):
            part = flat[..., slot]
            found.append(part.reshape(*self.shape, -1, outputs) if tied is None else part)
        return found

    def forward(self, tape: Tape, rows: slice, y: numpy.ndarray | None, x: numpy.ndarray | None = None) -> None:
        """h_1 ... and y <- a_L, which None leaves out; x (..., rows, inputs + 1) stands for h_0 where it is given."""
        h = self.h[0][..., rows, :] if x is None else x
        for layer, activation in enumerate(self.activations, 1):
            after, normalization, maxout = (
                self.h[layer][..., rows, :],
                self.normalizations[layer - 1],
                self.maxouts[layer - 1],
            )
            if maxout is not None:
                maxout.push(tape, h if self.biased[layer - 1] else h[..., :-1], rows)
                maxout.forward(tape, rows, after[..., :-1])
            else:
                self.push(tape, layer, h, after[..., :-1] if normalization is None else normalization.x[..., rows, :])
                if normalization is not None:
                    normalization.forward(tape, rows, after[..., :-1])
                if activation is not None:
                    activation.forward(tape, after)
            h = after
        if y is not None:
            self.push(tape, len(self.sizes), h, y)

    def advance(self, tape: Tape, layer: int, x: numpy.ndarray, rows: slice, at: slice) -> None:
        """h_l in `rows` <- its tangent along x of h_{l-1}, with the slopes in `at`; not past a normalisation."""
        m, maxout = self.h[layer][..., rows, :], self.maxouts[layer - 1]
        if maxout is not None:
            maxout.push(tape, x, rows)
            maxout.choose(tape, rows, at, m[..., :-1])
        else:
            self.push(tape, layer, x, m[..., :-1], biased=False)
            tape.append((numpy.multiply, (m, self.slopes[layer - 1][..., at, :], m)))

    def push(self, tape: Tape, layer: int, h: numpy.ndarray, out: numpy.ndarray, *, biased: bool = True) -> None:
        """out <- h [W_l; b_l]; without `biased` W_l alone, for h without its last column; l from 1."""
        tied, weight = self.tied[layer - 1], self.weights[layer - 1]
        if tied is not None:
            tied.push(tape, h, out, biased=biased)
            return
        if biased and not self.biased[layer - 1]:
            h = h[..., :-1]
        tape.append((numpy.matmul, (h, weight[..., : h.shape[-1], :], out)))

    def meet(self, tape: Tape, layer: int, h: numpy.ndarray, d: numpy.ndarray, out: numpy.ndarray) -> None:
        """The gradient of [W_l; b_l] <- h^T d; it is `out`, or is kept until `fold`."""
        tied, maxout = self.tied[layer - 1], self.maxouts[layer - 1]
        if tied is not None:
            tied.meet(tape, h, d)
        elif maxout is not None:
            maxout.meet(tape, h, d)
        else:
            tape.append((numpy.matmul, (h[..., : out.shape[-2]].mT, d, out)))

    def slope(self, tape: Tape, layer: int, rows: slice) -> None:
        """f'_l, computed here; l from 1."""
        maxout, activation = self.maxouts[layer - 1], self.activations[layer - 1]
        if maxout is not None:
            maxout.mark(tape, rows)
        elif activation is not None:
            activation.slope(tape, self.h[layer][..., rows, :], self.slopes[layer - 1][..., rows, :])

    def bar(self, layer: int, rows: slice) -> numpy.ndarray:
        """Where the cotangents of h_l go, without those of its ones; l from 1."""
        return self.d[layer - 1][..., rows, : self.sizes[layer][0]]

    def delta(self, layer: int, rows: slice) -> numpy.ndarray:
        """Where `descend` leaves those of a_l."""
        maxout = self.maxouts[layer - 1]
        return self.bar(layer, rows) if maxout is None else maxout.delta[..., rows, :]

    def descend(self, tape: Tape, layer: int, rows: slice, at: slice, *, learns: bool) -> None:
        """The cotangents of a_l in `rows` <- those of h_l, with the slopes in `at`; see `bar` and `delta`."""
        maxout, normalization = self.maxouts[layer - 1], self.normalizations[layer - 1]
        if maxout is not None:
            maxout.spread(tape, self.bar(layer, rows), rows, at)
            return
        d = self.d[layer - 1][..., rows, :]
        tape.append((numpy.multiply, (d, self.slopes[layer - 1][..., at, :], d)))
        if normalization is not None:
            normalization.backward(tape, rows, d[..., :-1], learns=learns)

    def pull(self, tape: Tape, layer: int, d: numpy.ndarray, out: numpy.ndarray) -> None:
        """out <- d_l W_l^T."""
        tied, maxout = self.tied[layer - 1], self.maxouts[layer - 1]
        if tied is not None or maxout is not None:
            (tied or maxout).pull(tape, d, out)  # type: ignore[union-attr]
            return
        weight = self.weights[layer - 1][..., : self.sizes[layer - 1][0], :]
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
            if not slopes_are_kept:
                self.slope(tape, layer - 1, rows)
            # From here on, h of the layer before may be lost.
            self.pull(tape, layer, d, self.bar(layer - 1, rows))
            self.descend(tape, layer - 1, rows, rows, learns=gradient is not None)
            d = self.delta(layer - 1, rows)
        if gradient is not None:
            self.meet(tape, 1, self.h[0][..., rows, :] if x is None else x, d, gradient[0])
        if x_bar is not None:
            self.pull(tape, 1, d, x_bar)

    def _with_ones(self, features: int) -> numpy.ndarray:
        h = aligned((*self.shape, self.rows, features + 1), self.dtype)
        h[..., -1] = 1
        return h
