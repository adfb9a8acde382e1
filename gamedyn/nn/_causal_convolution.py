"""The causal convolution along one axis: no output sees a later input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.nn._initializers import Initializer, as_initializer
from gamedyn.nn._patch_layer import PatchLayer
from gamedyn.nn._windows import Windows, per_axis, windows_over

__all__ = ["CausalConvolution"]


@dataclass(frozen=True)
class CausalConvolution(PatchLayer):
    """y[t] = sum over taps o of x[t - dilation (kernel - 1 - o)] W[o] + b, x zero before the start.

    Inputs have shape (steps, inputs), outputs (steps, outputs). y[t] sees x[t] itself: a model that predicts x[t] from
    its past takes the inputs one step late.

    Parameters
    ----------
    inputs, outputs : int
        Channels of x and y.
    kernel : int
        Taps.
    dilation : int
        Steps between taps.
    bias : bool
        Whether there is a b.
    initializer : str or Initializer
        As in `Convolution`.

    Notes
    -----
    A row of such layers sees 1 + sum of dilation (kernel - 1) steps. With kernel 2 and dilations 1, 2, ..., 512 these
    are 1,024; a second such block adds 1,023 to them.

    References
    ----------
    van den Oord et al. (2016), WaveNet: a generative model for raw audio.

    Examples
    --------
    >>> import numpy
    >>> layer = CausalConvolution(1, 1, kernel=2, dilation=2, bias=False)
    >>> weight, x = numpy.array([10.0, 1.0]).reshape(2, 1, 1), numpy.array([[1.0, 2.0, 3.0, 4.0]])
    >>> y, _ = layer.forward((weight,), x[..., None])  # x[t] + 10 x[t - 2]
    >>> y[0, :, 0].tolist()
    [1.0, 2.0, 13.0, 24.0]
    """

    inputs: int
    outputs: int
    kernel: Any
    dilation: int = 1
    bias: bool = True
    initializer: str | Initializer = "glorot"

    def __post_init__(self) -> None:
        check_integer("inputs", self.inputs, minimum=1)
        check_integer("outputs", self.outputs, minimum=1)
        as_initializer(self.initializer)
        object.__setattr__(self, "kernel", per_axis("kernel", self.kernel, 1))
        check_integer("dilation", self.dilation, minimum=1)

    @property
    def reach(self) -> int:
        """How many steps an output sees, itself among them."""
        return self.dilation * (int(self.kernel[0]) - 1) + 1

    def windows(self, spatial: tuple[int, ...]) -> Windows:
        """The windows over `spatial` steps, all of whose zeros lie before the start."""
        return windows_over(spatial, self.kernel, (1,), (self.dilation,), ((self.reach - 1, 0),), repr(self))
