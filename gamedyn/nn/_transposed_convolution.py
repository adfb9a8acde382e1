"""The transposed convolution: the adjoint of a convolution, as a layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer, describe
from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer
from gamedyn.nn._dense import Dense
from gamedyn.nn._initializers import Initializer, as_initializer
from gamedyn.nn._patch_layer import as_positions, as_rows, check_event, flat_kernel
from gamedyn.nn._patches import patches, scatter
from gamedyn.nn._windows import Windows, per_axis, per_axis_padding, same_pads

__all__ = ["TransposedConvolution"]


@dataclass(frozen=True)
class TransposedConvolution(Layer):
    """y = C^T x + b, C the linear map of `Convolution(outputs, inputs, ...)` with the same weight and settings.

    Every input adds x W^T to the window that C would read: y[stride j + dilation o - pad] += W[o] x[j]. Without
    padding an axis of n grows to stride (n - 1) + dilation (kernel - 1) + 1 positions; padding cuts them off.
    With P the patches of y: y = P^T (x W^T) + b, x_bar = P y_bar W, W_bar = (P y_bar)^T x.

    Parameters
    ----------
    inputs, outputs : int
        Channels of x and y; those of C stand the other way round.
    kernel, stride, dilation : int or tuple of int
        As in `Convolution`.
    padding : int, tuple of int, tuple of (int, int), "same" or "valid"
        Positions cut off on both sides of y; "same" gives stride n of them.
    output_padding : int or tuple of int
        Further positions behind, fewer than `stride`: C maps stride sizes of y to one size of x, and this says which
        of them y has.
    bias : bool
        Whether there is a b.
    initializer : str or Initializer
        Law of W, see `as_initializer`; b = 0. The fans are those of this layer, not of C: an output has taps * inputs /
        (product of strides) summands on average, an input goes into taps * outputs of them.

    Notes
    -----
    How many summands an output has differs between positions unless the stride divides the kernel; `overlaps` counts
    them. Uneven counts show as a checkerboard in generated images.

    References
    ----------
    Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning. Odena, Dumoulin and Olah (2016),
    Deconvolution and checkerboard artifacts.

    Examples
    --------
    >>> import numpy
    >>> layer = TransposedConvolution(1, 1, kernel=(2,), stride=2, bias=False)
    >>> weight, x = numpy.array([1.0, 10.0]).reshape(2, 1, 1), numpy.array([[1.0, 2.0]])
    >>> y, _ = layer.forward((weight,), x[..., None])
    >>> y[0, :, 0].tolist()
    [1.0, 10.0, 2.0, 20.0]
    >>> TransposedConvolution(1, 1, kernel=(3,), stride=2).overlaps((3,)).tolist()
    [1, 1, 2, 1, 2, 1, 1]
    """

    inputs: int
    outputs: int
    kernel: Any
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    output_padding: Any = 0
    bias: bool = True
    initializer: str | Initializer = "glorot"

    def __post_init__(self) -> None:
        check_integer("inputs", self.inputs, minimum=1)
        check_integer("outputs", self.outputs, minimum=1)
        as_initializer(self.initializer)
        object.__setattr__(self, "kernel", per_axis("kernel", self.kernel))
        axes = len(self.kernel)
        object.__setattr__(self, "stride", per_axis("stride", self.stride, axes))
        object.__setattr__(self, "dilation", per_axis("dilation", self.dilation, axes))
        object.__setattr__(self, "padding", per_axis_padding(self.padding, axes))
        object.__setattr__(self, "output_padding", per_axis("output_padding", self.output_padding, axes, minimum=0))
        if self.padding == "same" and any(self.output_padding):
            raise ValueError(f'`output_padding` must be 0 with padding "same", got {self.output_padding}.')
        if any(extra >= s for extra, s in zip(self.output_padding, self.stride, strict=True)):
            raise ValueError(
                f"`output_padding` must be smaller than `stride` = {self.stride}, got {describe(self.output_padding)}."
            )

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """weight (*kernel, outputs, inputs), as of the convolution that it transposes, and bias (outputs,)."""
        weight: dict[str, tuple[int, ...]] = {"weight": (*self.kernel, self.outputs, self.inputs)}
        return weight | ({"bias": (self.outputs,)} if self.bias else {})

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """The weight by the initialiser, b = 0."""
        taps, shape = math.prod(self.kernel), self.parameter_shapes["weight"]
        fans = (taps * self.inputs / math.prod(self.stride), taps * self.outputs)
        weight = as_initializer(self.initializer).draw(rng, shape, xp, dtype, device, fans=fans)
        return (weight, xp.zeros(self.outputs, dtype=dtype, device=device)) if self.bias else (weight,)

    def windows(self, spatial: tuple[int, ...]) -> Windows:
        """The windows of the convolution C, whose outputs are `spatial`.

        Raises
        ------
        ValueError
            If padding leaves no position.
        """
        extents = [d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]
        sizes, pads = [], []
        for axis, (n, s, extent) in enumerate(zip(spatial, self.stride, extents, strict=True)):
            if isinstance(self.padding, str):
                pads.append(same_pads(n * s, extent, s))
                sizes.append(n * s)
            else:
                pads.append(self.padding[axis])
                sizes.append((n - 1) * s + extent - sum(pads[-1]) + self.output_padding[axis])
        if min(sizes) < 1:
            raise ValueError(f"{self!r} leaves outputs of {tuple(sizes)} positions, got inputs of {spatial}.")
        return Windows(self.kernel, self.stride, self.dilation, tuple(pads), tuple(sizes), tuple(spatial))

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """(*outputs, channels) for (*spatial, channels)."""
        check_event(self, shape, len(self.kernel), self.inputs)
        return (*self.windows(tuple(shape[:-1])).inputs, self.outputs)

    def overlaps(self, spatial: tuple[int, ...]) -> Any:
        """How many inputs each output position hears, a host array; equal in the interior if the stride divides."""
        import numpy

        windows = self.windows(spatial)
        return scatter(numpy.ones((windows.positions, windows.taps), dtype=int), windows)[0, ..., 0]

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(P^T (x W^T) + b, (windows, x as rows))."""
        windows = self.windows(tuple(x.shape[-len(self.kernel) - 1 : -1]))
        rows, tape = self._dense.forward(self._turned(params), as_rows(x, len(self.kernel)))
        return self._with_bias(scatter(rows, windows), params), (windows, tape)

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(P y_bar W, ((P y_bar)^T x, sum y_bar))."""
        windows, rows = tape
        x_bar, (weight_bar,) = self._dense.backward(self._turned(params), rows, patches(y_bar, windows))
        return as_positions(x_bar, windows.outputs), self._shaped(weight_bar, y_bar)

    def input_bar(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> Array:
        """P y_bar W."""
        windows, rows = tape
        x_bar = self._dense.input_bar(self._turned(params), rows, patches(y_bar, windows))
        return as_positions(x_bar, windows.outputs)

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(P^T (x_dot W^T + x W_dot^T) + b_dot, x_dot as rows)."""
        windows, rows = tape
        rows_dot = as_rows(x_dot, len(self.kernel))
        y_dot, _ = self._dense.jvp(self._turned(params), rows, rows_dot, self._turned(params_dot))
        return self._with_bias(scatter(y_dot, windows), params_dot), rows_dot

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(P y_bar_dot W + P y_bar W_dot, ((P y_bar)^T x_dot + (P y_bar_dot)^T x, sum y_bar_dot))."""
        windows, rows = tape
        bars = patches(y_bar, windows), patches(y_bar_dot, windows)
        x_bar_dot, (weight_bar_dot,) = self._dense.backward_jvp(
            self._turned(params), rows, tape_dot, *bars, self._turned(params_dot)
        )
        return as_positions(x_bar_dot, windows.outputs), self._shaped(weight_bar_dot, y_bar_dot)

    @property
    def _dense(self) -> Dense:
        """x -> x W^T, from one input position to its window."""
        return Dense(self.inputs, math.prod(self.kernel) * self.outputs, bias=False)

    def _turned(self, params: tuple[Array, ...]) -> tuple[Array, ...]:
        return (array_namespace(params[0]).matrix_transpose(flat_kernel(params[0], len(self.kernel))),)

    def _with_bias(self, y: Array, params: tuple[Array, ...]) -> Array:
        return y + params[1][(..., *(None,) * (len(self.kernel) + 1), slice(None))] if self.bias else y

    def _shaped(self, turned_bar: Array, y_bar: Array) -> tuple[Array, ...]:
        xp = array_namespace(turned_bar)
        shape = (*turned_bar.shape[:-2], *self.parameter_shapes["weight"])
        weight_bar = xp.reshape(xp.matrix_transpose(turned_bar), shape)
        return (weight_bar, xp.sum(as_rows(y_bar, len(self.kernel)), axis=-2)) if self.bias else (weight_bar,)
