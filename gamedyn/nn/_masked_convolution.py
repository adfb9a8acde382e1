"""The masked convolution of images: outputs see only what comes before them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import Array, array_namespace, device_of, to_device
from gamedyn.nn._initializers import Initializer, as_initializer
from gamedyn.nn._patch_layer import PatchLayer
from gamedyn.nn._windows import Windows, per_axis, windows_over

__all__ = ["MaskedConvolution"]


@dataclass(frozen=True)
class MaskedConvolution(PatchLayer):
    """y = conv(x, W o M) + b, M zero where the order of pixels forbids to look; y is as large as x.

    Pixels come row by row, from left to right. Order "raster" sees all rows above the centre and the pixels left of it;
    "vertical" only the rows above, "horizontal" only the pixels left. The centre itself is hidden by mask "A", for the
    first layer, and seen by "B", for the layers on its results; so is the whole row of the centre with "vertical".

    Parameters
    ----------
    inputs, outputs : int
        Channels of x and y.
    kernel : int or (int, int)
        Rows and columns, odd; an integer means a square, or one row with "horizontal".
    mask : {"A", "B"}
    order : {"raster", "vertical", "horizontal"}
    colors : int
        Channels split into as many equal blocks, one after the other; at the centre, blocks see the earlier ones, and
        with mask "B" themselves. Divides `inputs` and `outputs`.
    dilation : int or (int, int)
        Steps between taps.
    bias : bool
        Whether there is a b.
    initializer : str or Initializer
        Law of W, see `as_initializer`; b = 0. Hidden entries start at 0 and have no gradient, and fans are the average
        numbers of seen ones.

    Notes
    -----
    Layers of order "raster" in a row do not see all that comes before: every row upwards reaches only as far to the
    right as half a kernel, which leaves a blind spot. Two stacks have none: one of order "vertical", A and then B, and
    one of order "horizontal", A and then B, to every layer of which the vertical one of its depth is added.

    References
    ----------
    van den Oord, Kalchbrenner and Kavukcuoglu (2016), Pixel recurrent neural networks (masks A and B). van den Oord et
    al. (2016), Conditional image generation with PixelCNN decoders (the blind spot and the two stacks).

    Examples
    --------
    >>> MaskedConvolution(1, 1, 3, mask="A").pattern[:, :, 0, 0].astype(int).tolist()
    [[1, 1, 1], [1, 0, 0], [0, 0, 0]]
    """

    inputs: int
    outputs: int
    kernel: Any
    mask: str
    order: str = "raster"
    colors: int = 1
    dilation: Any = 1
    bias: bool = True
    initializer: str | Initializer = "glorot"

    def __post_init__(self) -> None:
        check_integer("inputs", self.inputs, minimum=1)
        check_integer("outputs", self.outputs, minimum=1)
        check_choice("mask", self.mask, ("A", "B"))
        check_choice("order", self.order, ("raster", "vertical", "horizontal"))
        kernel = per_axis("kernel", self.kernel, 2)
        if not isinstance(self.kernel, tuple | list) and self.order == "horizontal":
            kernel = (1, kernel[1])
        if any(k % 2 == 0 for k in kernel):
            raise ValueError(f"`kernel` must be odd, so that it has a centre, got {self.kernel}.")
        object.__setattr__(self, "kernel", kernel)
        object.__setattr__(self, "dilation", per_axis("dilation", self.dilation, 2))
        check_integer("colors", self.colors, minimum=1)
        if self.inputs % self.colors or self.outputs % self.colors:
            sizes = f"`inputs` = {self.inputs} and `outputs` = {self.outputs}"
            raise ValueError(f"`colors` must divide {sizes}, got {self.colors}.")
        as_initializer(self.initializer)
        if not self.pattern.any():
            raise ValueError(f"`kernel` must reach something that mask {self.mask!r} does not hide, got {kernel}.")

    @cached_property
    def pattern(self) -> Any:
        """M (rows, columns, inputs, outputs), a host array of 0 and 1."""
        row, column = (k // 2 for k in self.kernel)
        seen = numpy.zeros((*self.kernel, self.inputs, self.outputs))
        if self.order != "horizontal":
            seen[:row] = 1.0
        if self.order != "vertical":
            seen[row, :column] = 1.0
            source = numpy.arange(self.inputs) * self.colors // self.inputs
            target = numpy.arange(self.outputs) * self.colors // self.outputs
            later = source[:, None] < target if self.mask == "A" else source[:, None] <= target
            seen[row, column] = later
        elif self.mask == "B":
            seen[row] = 1.0
        return seen

    def masked(self, weight: Array) -> Array:
        """weight o M, for the weight as a matrix (..., taps * inputs, outputs)."""
        return _kept(self.pattern.reshape(-1, self.outputs), weight)

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """The weight by the initialiser with what is hidden at 0, b = 0."""
        seen = float(self.pattern.sum())
        fans = seen / self.outputs, seen / self.inputs
        shape = self.parameter_shapes["weight"]
        weight = as_initializer(self.initializer).draw(rng, shape, xp, dtype, device, fans=fans)
        weight = _kept(self.pattern, weight)
        return (weight, xp.zeros(self.outputs, dtype=dtype, device=device)) if self.bias else (weight,)

    def windows(self, spatial: tuple[int, ...]) -> Windows:
        """The windows over `spatial` positions, with half a kernel of zeros all around."""
        pads = tuple((d * (k // 2),) * 2 for k, d in zip(self.kernel, self.dilation, strict=True))
        return windows_over(spatial, self.kernel, (1, 1), self.dilation, pads, repr(self))


def _kept(pattern: Any, weight: Array) -> Array:
    """The weight where the pattern is 1; a product would turn an infinite entry into nan."""
    xp = array_namespace(weight)
    return xp.where(to_device(pattern == 1, xp, device=device_of(weight)), weight, 0.0)
