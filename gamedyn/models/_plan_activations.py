"""Activations as calls of ufuncs on kept buffers, their last column of ones included."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy

from gamedyn.models._plan_buffers import Tape, add_maximum, aligned, zeros
from gamedyn.nn import Layer, LeakyReLU, ReLU, Softplus, Tanh

__all__ = ["PlannedActivation", "planned_activation"]


class PlannedActivation(ABC):
    """h <- f(a) in place, then f' and what second derivatives need, all read off h.

    Buffers have the shape (..., rows, features + 1); the last column is 1 in h after `forward`.
    """

    is_piecewise_linear: bool = False
    """Whether f'' = 0."""
    slope_dtype: Any = None
    """Of slopes that are a mask; None for that of h."""

    @abstractmethod
    def forward(self, tape: Tape, h: numpy.ndarray) -> None:
        """h <- f(h), the column of ones kept."""

    @abstractmethod
    def slope(self, tape: Tape, h: numpy.ndarray, out: numpy.ndarray) -> None:
        """out <- f'(a), from h = f(a); out may be h where the activation is smooth."""

    @abstractmethod
    def bend(
        self, tape: Tape, h: numpy.ndarray, slope: numpy.ndarray, tangent: numpy.ndarray, out: numpy.ndarray
    ) -> None:
        """out <- f''(a) a_dot, from h, f' and the tangent h_dot = f'(a) a_dot."""


class _Tanh(PlannedActivation):
    """f' = 1 - h^2, f'' a_dot = -2 h h_dot."""

    def forward(self, tape: Tape, h: numpy.ndarray) -> None:
        """The tanh, with the ones written again."""
        tape.append((numpy.tanh, (h, h)))
        tape.append((h[..., -1].fill, (1.0,)))

    def slope(self, tape: Tape, h: numpy.ndarray, out: numpy.ndarray) -> None:
        """1 - h^2."""
        tape.append((numpy.multiply, (h, h, out)))
        tape.append((numpy.subtract, (_number(1, h), out, out)))

    def bend(
        self, tape: Tape, h: numpy.ndarray, slope: numpy.ndarray, tangent: numpy.ndarray, out: numpy.ndarray
    ) -> None:
        """-2 h h_dot."""
        tape.append((numpy.multiply, (h, tangent, out)))
        tape.append((numpy.multiply, (out, _number(-2, h), out)))


class _Softplus(PlannedActivation):
    """h = max(a, 0) + log(1 + e^-|a|), f' = 1 - e^-h, f'' a_dot = e^-h h_dot."""

    def forward(self, tape: Tape, h: numpy.ndarray) -> None:
        """Without overflow, with the ones written again."""
        positive, rest = aligned(h.shape, h.dtype), aligned(h.shape, h.dtype)
        add_maximum(tape, h, zeros(h.shape, h.dtype), positive)
        tape.append((numpy.abs, (h, rest)))
        tape.append((numpy.negative, (rest, rest)))
        tape.append((numpy.exp, (rest, rest)))
        tape.append((numpy.log1p, (rest, rest)))
        tape.append((numpy.add, (positive, rest, h)))
        tape.append((h[..., -1].fill, (1.0,)))

    def slope(self, tape: Tape, h: numpy.ndarray, out: numpy.ndarray) -> None:
        """-expm1(-h)."""
        tape.append((numpy.negative, (h, out)))
        tape.append((numpy.expm1, (out, out)))
        tape.append((numpy.negative, (out, out)))

    def bend(
        self, tape: Tape, h: numpy.ndarray, slope: numpy.ndarray, tangent: numpy.ndarray, out: numpy.ndarray
    ) -> None:
        """exp(-h) h_dot."""
        tape.append((numpy.negative, (h, out)))
        tape.append((numpy.exp, (out, out)))
        tape.append((numpy.multiply, (out, tangent, out)))


class _ReLU(PlannedActivation):
    """h = max(a, 0), f' the mask h > 0; the ones stay by themselves."""

    is_piecewise_linear = True
    slope_dtype = bool

    def forward(self, tape: Tape, h: numpy.ndarray) -> None:
        """The positive part."""
        add_maximum(tape, h, zeros(h.shape, h.dtype), h)

    def slope(self, tape: Tape, h: numpy.ndarray, out: numpy.ndarray) -> None:
        """The mask."""
        tape.append((numpy.greater, (h, zeros(h.shape, h.dtype), out)))

    def bend(
        self, tape: Tape, h: numpy.ndarray, slope: numpy.ndarray, tangent: numpy.ndarray, out: numpy.ndarray
    ) -> None:
        """Zeros."""
        tape.append((out.fill, (0.0,)))


class _LeakyReLU(PlannedActivation):
    """h = max(a, s a), f' = max(1 if h > 0 else 0, s), for a slope s of at most 1."""

    is_piecewise_linear = True

    def __init__(self, slope: float) -> None:
        self.negative_slope = slope

    def forward(self, tape: Tape, h: numpy.ndarray) -> None:
        """The larger of two."""
        scaled = aligned(h.shape, h.dtype)
        tape.append((numpy.multiply, (h, _number(self.negative_slope, h), scaled)))
        add_maximum(tape, h, scaled, h)

    def slope(self, tape: Tape, h: numpy.ndarray, out: numpy.ndarray) -> None:
        """By a mask."""
        mask, least = aligned(h.shape, bool), aligned(h.shape, h.dtype)
        least.fill(self.negative_slope)
        tape.append((numpy.greater, (h, zeros(h.shape, h.dtype), mask)))
        tape.append((numpy.copyto, (out, mask)))
        add_maximum(tape, out, least, out)

    def bend(
        self, tape: Tape, h: numpy.ndarray, slope: numpy.ndarray, tangent: numpy.ndarray, out: numpy.ndarray
    ) -> None:
        """Zeros."""
        tape.append((out.fill, (0.0,)))


def planned_activation(layer: Layer) -> PlannedActivation | None:
    """How a plan computes a layer; None for those that it does not know."""
    if isinstance(layer, LeakyReLU) and type(layer) is LeakyReLU:
        return _LeakyReLU(layer.slope) if layer.slope <= 1 else None
    known: dict[type[Layer], type[PlannedActivation]] = {Tanh: _Tanh, Softplus: _Softplus, ReLU: _ReLU}
    kind = known.get(type(layer))
    return None if kind is None else kind()


def _number(value: float, like: numpy.ndarray) -> numpy.ndarray:
    """A number as an array, which ufuncs need not convert at every call."""
    return numpy.asarray(value, dtype=like.dtype)
