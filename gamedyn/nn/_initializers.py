"""Initialisers: laws of a weight's first values, from its shape."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_nonnegative, check_positive
from gamedyn.backend import Array, as_generator, host_normal, host_uniform, to_device

__all__ = [
    "ConstantInitializer",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "NormalInitializer",
    "Orthogonal",
    "as_initializer",
    "fans",
]


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """(fan in, fan out) of a weight (*window, inputs, outputs): the window's size times inputs, times outputs.

    Parameters
    ----------
    shape : tuple of int

    Raises
    ------
    ValueError
        For fewer than two axes.

    Examples
    --------
    >>> fans((5, 5, 3, 8))  # 25 * 3 numbers meet in one output, one number goes into 25 * 8
    (75, 200)
    """
    if len(shape) < 2:
        raise ValueError(f"`shape` must be (*window, inputs, outputs), got {shape}. Give the fans, or a fixed scale.")
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


class Initializer(ABC):
    """A law of a weight's first values.

    A layer takes `initializer`, a law or the name of one, checks it with `as_initializer` in `__post_init__`, and in
    `init` draws `as_initializer(self.initializer).draw(rng, shape, xp, dtype, device)`.
    """

    @abstractmethod
    def draw(
        self,
        rng: Any,
        shape: tuple[int, ...],
        xp: Any,
        dtype: Any,
        device: Any = None,
        *,
        fans: tuple[float, float] | None = None,
    ) -> Array:
        """A weight of `shape`, drawn on the host.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
        shape : tuple of int
            (*window, inputs, outputs); a dense layer has no window.
        xp, dtype, device
            Namespace, dtype and device of the result.
        fans : tuple of two numbers, optional
            (fan in, fan out), where they are not those of `nn.fans(shape)`.

        Raises
        ------
        ValueError
            If the law needs fans, and `shape` has fewer than two axes and no `fans` are given.
        """


class _Scaled(Initializer):
    """A law with mean 0 whose variance depends on the fans alone."""

    _uniform = False

    def draw(
        self,
        rng: Any,
        shape: tuple[int, ...],
        xp: Any,
        dtype: Any,
        device: Any = None,
        *,
        fans: tuple[float, float] | None = None,
    ) -> Array:
        """sqrt(v) Z, Z standard normal, or sqrt(3 v) U, U uniform on [-1, 1); v the variance."""
        over, under = self._variance(*(_fans(shape) if fans is None else fans))
        if not self._uniform:
            return math.sqrt(over / under) * host_normal(rng, shape, xp, dtype=dtype, device=device)
        return math.sqrt(3 * over / under) * (2 * host_uniform(rng, shape, xp, dtype=dtype, device=device) - 1)

    @abstractmethod
    def _variance(self, fan_in: float, fan_out: float) -> tuple[float, float]:
        """v, as numerator and denominator."""


_fans = fans


@dataclass(frozen=True)
class GlorotNormal(_Scaled):
    """Normal with variance 2 gain^2 / (fan in + fan out).

    Parameters
    ----------
    gain : float
        Positive.
    """

    gain: float = 1.0

    def __post_init__(self) -> None:
        check_positive("gain", self.gain)

    def _variance(self, fan_in: float, fan_out: float) -> tuple[float, float]:
        return 2 * self.gain**2, fan_in + fan_out


@dataclass(frozen=True)
class GlorotUniform(GlorotNormal):
    """Uniform on +-gain sqrt(6 / (fan in + fan out)), of variance 2 gain^2 / (fan in + fan out).

    Parameters
    ----------
    gain : float
        Positive.

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks ("normalized
    initialization").

    Examples
    --------
    >>> weight = GlorotUniform().draw(0, (250, 350), numpy, numpy.float64)
    >>> round(float(abs(weight).max()), 3)  # sqrt(6 / 600)
    0.1
    """

    _uniform = True


@dataclass(frozen=True)
class HeNormal(_Scaled):
    """Normal with variance 2 / ((1 + slope^2) fan), which keeps second moments through rectifiers.

    Parameters
    ----------
    slope : float
        Of the rectifier where x < 0; at least 0.
    fan : {"in", "out"}
        Whether the second moments of values or those of gradients are kept.

    References
    ----------
    He, Zhang, Ren and Sun (2015), Delving deep into rectifiers.
    """

    slope: float = 0.0
    fan: str = "in"

    def __post_init__(self) -> None:
        check_nonnegative("slope", self.slope)
        check_choice("fan", self.fan, ("in", "out"))

    def _variance(self, fan_in: float, fan_out: float) -> tuple[float, float]:
        return 2, (1 + self.slope**2) * (fan_in if self.fan == "in" else fan_out)


@dataclass(frozen=True)
class HeUniform(HeNormal):
    """Uniform with mean 0 and the variance of HeNormal.

    Parameters
    ----------
    slope : float
        Of the rectifier where x < 0; at least 0.
    fan : {"in", "out"}
        As in `HeNormal`.
    """

    _uniform = True


@dataclass(frozen=True)
class NormalInitializer(_Scaled):
    """Normal with a deviation that does not depend on the shape.

    Parameters
    ----------
    scale : float
        The deviation; positive.
    """

    scale: float = 0.02

    def __post_init__(self) -> None:
        check_positive("scale", self.scale)

    def draw(
        self,
        rng: Any,
        shape: tuple[int, ...],
        xp: Any,
        dtype: Any,
        device: Any = None,
        *,
        fans: tuple[float, float] | None = None,
    ) -> Array:
        """scale Z, for any shape."""
        return super().draw(rng, shape, xp, dtype, device, fans=(1, 1))

    def _variance(self, fan_in: float, fan_out: float) -> tuple[float, float]:
        return self.scale**2, 1


@dataclass(frozen=True)
class ConstantInitializer(Initializer):
    """One value everywhere; uses up no random numbers.

    Parameters
    ----------
    value : float
    """

    value: float = 0.0

    def draw(
        self,
        rng: Any,
        shape: tuple[int, ...],
        xp: Any,
        dtype: Any,
        device: Any = None,
        *,
        fans: tuple[float, float] | None = None,
    ) -> Array:
        """The value, in any shape."""
        return xp.full(shape, self.value, dtype=dtype, device=device)


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """gain Q, Q uniform among the matrices whose rows or columns, whichever are fewer, are orthonormal.

    A weight (*window, inputs, outputs) stands for the matrix (window inputs, outputs).

    Parameters
    ----------
    gain : float
        Positive.

    References
    ----------
    Saxe, McClelland and Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks. Mezzadri (2007), How to generate random matrices from the classical compact groups (the signs of R).

    Examples
    --------
    >>> weight = Orthogonal(2.0).draw(0, (3, 2), numpy, numpy.float64)
    >>> bool(abs(weight.T @ weight - 4 * numpy.eye(2)).max() < 1e-14)  # gain^2 I
    True
    """

    gain: float = 1.0

    def __post_init__(self) -> None:
        check_positive("gain", self.gain)

    def draw(
        self,
        rng: Any,
        shape: tuple[int, ...],
        xp: Any,
        dtype: Any,
        device: Any = None,
        *,
        fans: tuple[float, float] | None = None,
    ) -> Array:
        """Q of Q R = Z, Z standard normal, the diagonal of R positive."""
        if len(shape) < 2:
            raise ValueError(f"`shape` must be (*window, inputs, outputs) for Orthogonal, got {shape}.")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = numpy.linalg.qr(as_generator(rng).standard_normal((max(rows, columns), min(rows, columns))))
        # With the signs that LAPACK leaves, Q is not uniform.
        q = self.gain * q * numpy.where(numpy.diag(r) < 0, -1.0, 1.0)
        matrix = q if rows >= columns else q.T
        return to_device(numpy.reshape(matrix, shape), xp, dtype=dtype, device=device)


_NAMED: dict[str, Initializer] = {
    "glorot": GlorotUniform(),
    "he": HeNormal(),
    "glorot-normal": GlorotNormal(),
    "he-uniform": HeUniform(),
    "orthogonal": Orthogonal(),
    "normal": NormalInitializer(1.0),
    "zeros": ConstantInitializer(),
}


def as_initializer(initializer: str | Initializer) -> Initializer:
    """The law that a layer's `initializer` means.

    Parameters
    ----------
    initializer : str or Initializer
        "glorot" (uniform), "he" (normal), "glorot-normal", "he-uniform", "orthogonal", "normal" (standard), "zeros",
        or a law itself.

    Raises
    ------
    ValueError
        For a name that is not among these; the message offers the nearest.

    Examples
    --------
    >>> as_initializer("he")
    HeNormal(slope=0.0, fan='in')
    """
    if isinstance(initializer, Initializer):
        return initializer
    check_choice("initializer", initializer, _NAMED)
    return _NAMED[initializer]
