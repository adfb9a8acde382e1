"""Games from a user's own functions: derivatives by complex step or by differences where none are given."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer, describe
from gamedyn.backend import Array, array_namespace, like, real_dtype, to_host
from gamedyn.games._base import Game, _basis, _complex_step, _move_first_to_last, check_points, player_slices
from gamedyn.games._domain import Domain, as_domain
from gamedyn.games._user_function import UserFunction
from gamedyn.numerics import real_part

__all__ = ["FunctionGame"]


class FunctionGame(Game):
    """The game of losses L_i(z) given as Python functions.

    Parameters
    ----------
    losses : callable, or sequence of n callables
        One function of the joint point, z (..., d) -> (..., n) or a tuple of n values; or for each player a function
        L_i(z_1, ..., z_n) of the players' blocks. A block of one coordinate comes without its axis:
        `lambda x, y: x * y`. Every player minimises: a utility needs a minus sign.
    dims : tuple of int
        Sizes (d_1, ..., d_n).
    gradient : callable, optional
        z (..., d) -> (..., d): xi, each player's gradient of its own loss.
    jacobian : callable, optional
        z (..., d) -> (..., d, d): J = D xi.
    derivative : {"complex-step", "differences"}
        How derivatives that are not given are found. The complex step is exact to rounding for first derivatives and
        needs functions that accept complex numbers and are analytic: no abs, max or conjugate. Differences of fourth
        order need real values only; they leave about 1e-12 of a first derivative, and 1e-9 of a second one.
    domain : Domain, optional
        Where the points live; all of R^d by default.
    vectorized : bool, optional
        Whether the functions take batches of points. By default this is found out at the first evaluation; functions
        that do not are called point by point.
    check : bool
        Compare, at the first point of the first evaluation, the complex step and the given gradient and Jacobian with
        differences. Turn it off for a game that is first evaluated at a kink.

    Raises
    ------
    TypeError
        If a loss is no function, `dims` no sequence or the domain none. At the first evaluation: if a loss does not
        accept complex numbers in a complex step.
    ValueError
        If the number of losses is not that of `dims`, or the domain has another size. At the first evaluation: if a
        loss is NaN, complex or of the wrong shape, or a derivative is not that of the losses.

    Examples
    --------
    >>> import numpy
    >>> game = FunctionGame([lambda x, y: x**2 / 2 + x * y, lambda x, y: y**2 / 2 - x * y], dims=(1, 1))
    >>> game.simultaneous_gradient(numpy.array([1.0, 2.0])).tolist()
    [3.0, 1.0]
    """

    def __init__(
        self,
        losses: Callable[..., Any] | Sequence[Callable[..., Any]],
        dims: Sequence[int],
        *,
        gradient: Callable[[Any], Any] | None = None,
        jacobian: Callable[[Any], Any] | None = None,
        derivative: str = "complex-step",
        domain: Domain | None = None,
        vectorized: bool | None = None,
        check: bool = True,
    ) -> None:
        if not isinstance(dims, Sequence):
            raise TypeError(f"`dims` must hold the size of every player, as (1, 1), got {describe(dims)}.")
        self.dims = tuple(dims)
        for i, size in enumerate(self.dims):
            check_integer(f"dims[{i}]", size, minimum=1)
        check_choice("derivative", derivative, ("complex-step", "differences"))
        self.domain = as_domain(domain, sum(self.dims))
        self.derivative, self.check = derivative, check
        n, d = len(self.dims), sum(self.dims)
        if not n:
            raise ValueError("`dims` must hold the size of at least one player, got ().")
        _check_functions(losses, n)
        self._losses = UserFunction("losses", losses, self.dims, (n,), vectorized)
        self._gradient = self._jacobian = None
        if gradient is not None:
            self._gradient = UserFunction("gradient", _only(gradient, "gradient"), self.dims, (d,), vectorized)
        if jacobian is not None:
            self._jacobian = UserFunction("jacobian", _only(jacobian, "jacobian"), self.dims, (d, d), vectorized)
        self._inspected = False

    def __repr__(self) -> str:
        return f"FunctionGame(dims={self.dims}, derivative={self.derivative!r})"

    def losses(self, z: Array) -> Array:
        """The functions' values."""
        self._inspect(z)
        return self._losses(z)

    def loss_gradients(self, z: Array) -> Array:
        """Derivatives of the losses along each coordinate."""
        self._inspect(z)
        return self._loss_gradients(z)

    def simultaneous_gradient(self, z: Array) -> Array:
        """The given gradient, or the players' blocks of `loss_gradients`."""
        self._inspect(z)
        return self._xi(z)

    def jvp(self, z: Array, v: Array) -> Array:
        """The given Jacobian times v, or the derivative of the gradient along v."""
        self._inspect(z)
        xp = array_namespace(z)
        if self._jacobian is not None:
            return xp.sum(self._jacobian(z) * v[..., None, :], axis=-1)
        if self._gradient is not None and self._by_complex_step(z):
            return super().jvp(z, v)
        return _along(self._xi, z, v)

    def jacobian(self, z: Array) -> Array:
        """The given Jacobian, or derivatives of the gradient along each coordinate."""
        self._inspect(z)
        return super().jacobian(z) if self._jacobian is None else self._jacobian(z)

    def loss_hessians(self, z: Array) -> Array:
        """Differences of the losses' gradients along each coordinate."""
        self._inspect(z)
        return _partials(self._loss_gradients, z)

    @property
    def exact_derivatives(self) -> int:
        """How many derivatives of the losses are exact to rounding, the others being differences: 0, 1 or 2."""
        if self._jacobian is not None:
            return 2
        if self._gradient is not None:
            return 2 if self.derivative == "complex-step" else 1
        return 1 if self.derivative == "complex-step" else 0

    def _by_complex_step(self, z: Array) -> bool:
        complex_point = array_namespace(z).isdtype(z.dtype, "complex floating")
        return self.derivative == "complex-step" and not complex_point

    def _loss_gradients(self, z: Array) -> Array:
        if not self._by_complex_step(z):
            return _partials(self._losses, z)
        try:
            return _complex_partials(self._losses, z)
        except TypeError as error:
            raise TypeError(
                "`losses` must accept complex numbers for the complex step, and do not. "
                'Pass derivative="differences", or a gradient.'
            ) from error

    def _xi(self, z: Array) -> Array:
        if self._gradient is not None:
            return self._gradient(z)
        rows = self._loss_gradients(z)
        blocks = enumerate(player_slices(self.dims))
        return array_namespace(z).concat([rows[..., i, block] for i, block in blocks], axis=-1)

    def _inspect(self, z: Array) -> None:
        """At the first evaluation: learn how to call the functions, and see that they make a game."""
        check_points(self, z)
        if self._inspected or 0 in z.shape[:-1]:
            return
        xp = array_namespace(z)
        if not xp.isdtype(z.dtype, ("real floating", "complex floating")):
            raise TypeError(f"Points of {self!r} must be floating numbers, got {z.dtype}.")
        real = real_part(z)
        point = xp.reshape(real, (-1, real.shape[-1]))[0, :]
        values = to_host(self._losses(point))
        if not numpy.all(numpy.isfinite(to_host(point))):
            return
        for i in numpy.flatnonzero(numpy.isnan(values)):
            raise ValueError(f"`losses[{i}]` must be numbers, got NaN at z = {to_host(point).tolist()}.")
        for function in (self._losses, self._gradient, self._jacobian):
            if function is not None:
                function.settle(point)
        if self.check:
            self._compare(point, float(numpy.max(numpy.abs(values))))
            self._compare_beside(point)
        self._inspected = True

    def _compare_beside(self, z: Array) -> None:
        """The same at a point nearby: at a kink, or at 0, differences may agree with a wrong derivative."""
        xp, d = array_namespace(z), z.shape[-1]
        # An irrational direction, along which symmetries do not help.
        direction = like(numpy.sin(numpy.arange(1, d + 1) * 2**0.5 + 1), z)
        beside = self.domain.project(z + 2.0**-7 * (1 + xp.max(xp.abs(z))) * direction)
        try:
            with numpy.errstate(all="ignore"):
                values = to_host(self._losses(beside))
        except (ArithmeticError, ValueError):
            # The functions need not be defined there.
            return
        if numpy.all(numpy.isfinite(values)):
            self._compare(beside, float(numpy.max(numpy.abs(values))))

    def _compare(self, z: Array, size: float) -> None:
        """The complex step, the given gradient and the given Jacobian beside differences at one point."""
        by_differences = to_host(_partials(self._losses, z))
        owners = [i for i, count in enumerate(self.dims) for _ in range(count)]
        if self._by_complex_step(z):
            with warnings.catch_warnings():
                # A cast that drops the imaginary part is a refusal.
                warnings.simplefilter("error")
                try:
                    stepped = to_host(_complex_partials(self._losses, z))
                except (Warning, TypeError, ValueError) as error:
                    if self._gradient is None:
                        raise TypeError(
                            f"`losses` must accept complex numbers for the complex step, and do not: {error} "
                            'Pass derivative="differences", or a gradient.'
                        ) from error
                    # Only `loss_gradients` needs it then; it will say so.
                    stepped = by_differences
            for i, k in _disagreements(stepped, by_differences, z, size):
                raise ValueError(
                    f"`losses[{i}]` must be analytic for the complex step, which gives {stepped[i, k]:.6g} for the "
                    f"derivative in z[{k}] where differences give {by_differences[i, k]:.6g}: is there an abs, a "
                    'maximum or a conjugate in it? Pass derivative="differences".'
                )
        own = by_differences[owners, numpy.arange(len(owners))]
        if self._gradient is not None:
            given = to_host(self._gradient(z))
            for (k,) in _disagreements(given, own, z, size):
                raise ValueError(
                    f"`gradient` must be the players' gradients of their own losses, got {given[k]:.6g} in z[{k}] "
                    f"where differences of losses[{owners[k]}] give {own[k]:.6g}. Is a utility given for a loss, or "
                    "a sign wrong?"
                )
        if self._jacobian is not None:
            matrix, expected = to_host(self._jacobian(z)), to_host(_partials(self._xi, z))
            for i, k in _disagreements(matrix, expected, z, size):
                raise ValueError(
                    f"`jacobian` must be the derivative of the simultaneous gradient, got {matrix[i, k]:.6g} at "
                    f"[{i}, {k}] where differences give {expected[i, k]:.6g}."
                )


def _complex_partials(function: Callable[[Array], Array], z: Array) -> Array:
    """Derivatives along each coordinate, on a new last axis, by the complex step; NaN where f is not real at z."""
    xp = array_namespace(z)

    def marked(point: Array) -> Array:
        values = function(point)
        # log, sqrt and powers of negative numbers are NaN, but complex ones are not: a branch far off the real line.
        far = xp.abs(xp.imag(values)) > 1e-8 * (1 + xp.abs(xp.real(values)))
        return xp.where(far, xp.full_like(values, complex(math.nan, math.nan)), values)

    return _move_first_to_last(_complex_step(marked, z, _basis(z)))


def _partials(function: Callable[[Array], Array], z: Array) -> Array:
    """Derivatives along each coordinate, on a new last axis, by differences."""
    return _move_first_to_last(_along(function, z, _basis(z)))


def _along(function: Callable[[Array], Array], z: Array, v: Array) -> Array:
    """D f(z) v by differences of fourth order: (8 f(h) - 8 f(-h) - f(2h) + f(-2h)) / (12 h)."""
    xp = array_namespace(z)
    shape = xp.broadcast_arrays(z, v)[0].shape
    point, v = xp.broadcast_to(z, shape), xp.broadcast_to(v, shape)
    # h^4 of the truncation balances roundoff / h.
    h = float(xp.finfo(real_dtype(z)).eps) ** 0.2
    length = xp.max(xp.abs(v), axis=-1, keepdims=True)
    length = xp.where(length > 0, length, xp.ones_like(length))
    scale = 1 + xp.max(xp.abs(z), axis=-1, keepdims=True)
    move = h * scale * (v / length)
    near = function(point + move) - function(point - move)
    far = function(point + 2 * move) - function(point - 2 * move)
    factor = length / (12 * h * scale)
    extra = near.ndim - factor.ndim
    return (8 * near - far) * xp.reshape(factor, tuple(factor.shape) + (1,) * extra)


def _disagreements(found: Any, expected: Any, z: Array, size: float) -> list[tuple[int, ...]]:
    """Indices where two derivatives differ by more than differences can err; infinite and NaN ones are left alone."""
    tolerance = float(array_namespace(z).finfo(z.dtype).eps) ** (1 / 3)
    with numpy.errstate(invalid="ignore"):
        scale = 1 + size + numpy.maximum(abs(found), abs(expected))
        far = abs(found - expected) > tolerance * scale
    return [tuple(int(k) for k in index) for index in numpy.argwhere(far & numpy.isfinite(expected))]


def _check_functions(losses: Any, n: int) -> None:
    if callable(losses):
        return
    if isinstance(losses, str) or not hasattr(losses, "__len__") or not all(callable(loss) for loss in losses):
        raise TypeError(f"`losses` must be a function of z, or one function per player, got {describe(losses)}.")
    if len(losses) != n:
        raise ValueError(f"`losses` must hold one function per player, got {len(losses)} for {n} players.")


def _only(function: Any, name: str) -> Any:
    if not callable(function):
        raise TypeError(
            f"`{name}` must be a function of z, got {describe(function)} of type {type(function).__name__}."
        )
    return function
