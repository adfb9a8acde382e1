"""Windows: which inputs each output of a convolution looks at, along every spatial axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_choice, check_integer, describe

__all__ = ["Padding", "Windows", "per_axis", "per_axis_padding", "same_pads", "windows_over"]

Padding = str | tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Windows:
    """Output j reads inputs stride j + dilation o - pad, o = 0, ..., kernel - 1, along every axis; zeros lie outside.

    Parameters
    ----------
    kernel, stride, dilation : tuple of int
        One for each spatial axis.
    pads : tuple of (int, int)
        Zeros before and behind the inputs.
    inputs, outputs : tuple of int
        Numbers of positions.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def taps(self) -> int:
        """Positions in one window."""
        return math.prod(self.kernel)

    @property
    def positions(self) -> int:
        """Number of windows."""
        return math.prod(self.outputs)

    @property
    def padded(self) -> tuple[int, ...]:
        """Positions with the zeros around them."""
        return tuple(low + n + high for n, (low, high) in zip(self.inputs, self.pads, strict=True))


def windows_over(
    inputs: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    padding: Padding,
    name: str,
) -> Windows:
    """The windows of a convolution over `inputs` positions.

    Raises
    ------
    ValueError
        If a window is larger than the padded input; the message starts with `name`.
    """
    extents = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    if isinstance(padding, str):
        pads = tuple(same_pads(n, e, s) for n, e, s in zip(inputs, extents, stride, strict=True))
    else:
        pads = padding
    padded = tuple(low + n + high for n, (low, high) in zip(inputs, pads, strict=True))
    if any(n < e for n, e in zip(padded, extents, strict=True)):
        raise ValueError(
            f"{name} has windows of {extents} positions, larger than the padded input {padded}, got inputs of {inputs}."
        )
    outputs = tuple((n - e) // s + 1 for n, e, s in zip(padded, extents, stride, strict=True))
    return Windows(kernel, stride, dilation, pads, inputs, outputs)


def same_pads(n: int, extent: int, stride: int) -> tuple[int, int]:
    """The least zeros for ceil(n / stride) outputs, an odd one behind."""
    total = max((math.ceil(n / stride) - 1) * stride + extent - n, 0)
    return total // 2, total - total // 2


def per_axis(name: str, value: Any, axes: int | None = None, minimum: int = 1) -> tuple[int, ...]:
    """One integer for each spatial axis; a single one serves all, two where `axes` is None."""
    if not isinstance(value, Sequence):
        check_integer(name, value, minimum=minimum)
        return (int(value),) * (2 if axes is None else axes)
    for entry in value:
        check_integer(name, entry, minimum=minimum)
    if len(value) == 0 or (axes is not None and len(value) != axes):
        rule = "have an entry" if axes is None else f"have one entry for each of {axes} spatial axes"
        raise ValueError(f"`{name}` must {rule}, got {describe(value)}.")
    return tuple(int(entry) for entry in value)


def per_axis_padding(value: Any, axes: int) -> Padding:
    """ "same", or zeros (before, behind) for each axis; an integer means both, "valid" none."""
    if isinstance(value, str):
        check_choice("padding", value, ("same", "valid"))
        return "same" if value == "same" else ((0, 0),) * axes
    if not isinstance(value, Sequence):
        value = (value,) * axes
    if len(value) != axes:
        raise ValueError(f"`padding` must have one entry for each of {axes} spatial axes, got {describe(value)}.")
    pairs = [tuple(entry) if isinstance(entry, Sequence) else (entry, entry) for entry in value]
    for pair in pairs:
        if len(pair) != 2:
            raise ValueError(f"`padding` must hold numbers or pairs (before, behind), got {describe(pair)}.")
        for entry in pair:
            check_integer("padding", entry, minimum=0)
    return tuple((int(low), int(high)) for low, high in pairs)
