"""The convolution, channels last, along any number of axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.nn._initializers import Initializer, as_initializer
from gamedyn.nn._patch_layer import PatchLayer
from gamedyn.nn._windows import Windows, per_axis, per_axis_padding, windows_over

__all__ = ["Convolution"]


@dataclass(frozen=True)
class Convolution(PatchLayer):
    """y[j] = sum over taps o of x[stride j + dilation o - pad] W[o] + b, x zero outside; channels come last.

    As everywhere in deep learning this is a cross-correlation: W is not turned round. Inputs have shape (*spatial,
    inputs), one axis for each entry of `kernel`; outputs (*spatial', outputs) with floor((n + before + behind -
    dilation (kernel - 1) - 1) / stride) + 1 positions along an axis of n.

    Parameters
    ----------
    inputs, outputs : int
        Channels of x and y.
    kernel : int or tuple of int
        Taps along each axis; an integer means a square of two axes, (k,) a sequence.
    stride, dilation : int or tuple of int
        Steps between windows, and between taps.
    padding : int, tuple of int, tuple of (int, int), "same" or "valid"
        Zeros on both sides of each axis, or (before, behind). "same" gives ceil(n / stride) outputs, with an odd zero
        behind; "valid" takes none.
    bias : bool
        Whether there is a b, one number for each output channel.
    initializer : str or Initializer
        Law of W, see `as_initializer`, with fans taps * inputs and taps * outputs; b = 0.

    Notes
    -----
    All patches are formed and meet W in one matrix product, which takes taps / (product of strides) times the memory of
    x. That suits small images and few channels; on large images with many channels, libraries that convolve without
    forming patches are faster, and `benchmarks/bench_convolutions.py` says by how much.

    References
    ----------
    Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning.

    Examples
    --------
    Differences of neighbours:

    >>> import numpy
    >>> layer = Convolution(1, 1, kernel=(2,), bias=False)
    >>> weight, x = numpy.array([-1.0, 1.0]).reshape(2, 1, 1), numpy.array([[1.0, 4.0, 9.0, 16.0]])
    >>> y, _ = layer.forward((weight,), x[..., None])
    >>> y[0, :, 0].tolist()
    [3.0, 5.0, 7.0]
    """

    inputs: int
    outputs: int
    kernel: Any
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
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

    def windows(self, spatial: tuple[int, ...]) -> Windows:
        """The windows over `spatial` positions.

        Raises
        ------
        ValueError
            If a window is larger than the padded input.
        """
        return windows_over(spatial, self.kernel, self.stride, self.dilation, self.padding, repr(self))
