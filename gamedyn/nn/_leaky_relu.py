"""The leaky rectified linear unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_nonnegative
from gamedyn.backend import Array, array_namespace
from gamedyn.nn._base import Layer
from gamedyn.nn._keep_bits import has_bits
from gamedyn.numerics import real_part

__all__ = ["LeakyReLU"]


@dataclass(frozen=True)
class LeakyReLU(Layer):
    """y = x where x > 0 and slope x elsewhere; the tape is the mask x > 0.

    The derivative at the kink is `slope`; for complex x the real part decides.

    Parameters
    ----------
    slope : float
        At least 0.

    Examples
    --------
    >>> import numpy
    >>> LeakyReLU(0.2).forward((), numpy.array([[-5.0, 3.0]]))[0]
    array([[-1.,  3.]])
    """

    slope: float = 0.2

    def __post_init__(self) -> None:
        check_nonnegative("slope", self.slope)

    @property
    def is_smooth(self) -> bool:
        """Only the identity, of slope 1, has no kink."""
        return self.slope == 1

    def forward(self, params: tuple[Array, ...], x: Array) -> tuple[Array, Any]:
        """(x or slope x, x > 0)."""
        mask = real_part(x) > 0
        return self._scaled(mask, x), mask

    def backward(self, params: tuple[Array, ...], tape: Any, y_bar: Array) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar or slope y_bar, ())."""
        return self._scaled(tape, y_bar), ()

    def jvp(
        self, params: tuple[Array, ...], tape: Any, x_dot: Array, params_dot: tuple[Array, ...]
    ) -> tuple[Array, Any]:
        """(x_dot or slope x_dot, None): the mask does not move."""
        return self._scaled(tape, x_dot), None

    def backward_jvp(
        self,
        params: tuple[Array, ...],
        tape: Any,
        tape_dot: Any,
        y_bar: Array,
        y_bar_dot: Array,
        params_dot: tuple[Array, ...],
    ) -> tuple[Array, tuple[Array, ...]]:
        """(y_bar_dot or slope y_bar_dot, ())."""
        return self._scaled(tape, y_bar_dot), ()

    def _scaled(self, mask: Array, values: Array) -> Array:
        if has_bits(values) and self.slope <= 1:
            return _multiplied(mask, values, self.slope)
        return array_namespace(values).where(mask, values, self.slope * values)


def _multiplied(mask: Any, values: Any, slope: float) -> Any:
    """where(mask, values, slope values) on the host, bit for bit, without a branch for each entry."""
    factor = mask.astype(values.dtype)
    numpy.maximum(factor, slope, out=factor)
    return factor * values
