"""Derivatives of networks, of first and second order, as products of their four passes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import Array, device_of, float_arrays, real_dtype
from gamedyn.nn._base import Layer

__all__ = ["NetworkDerivatives"]


class NetworkDerivatives(ABC):
    """What follows for y = f(theta, x) from `forward`, `backward` and their tangents; `Network` has these.

    All methods take theta (..., P) and x (..., batch, input_size), on leading axes that broadcast.
    """

    layers: tuple[Layer, ...]
    input_size: int

    @property
    @abstractmethod
    def size(self) -> int:
        """P."""

    @property
    @abstractmethod
    def output_size(self) -> int:
        """Number of features of y."""

    @abstractmethod
    def forward(self, theta: Array, x: Array) -> tuple[Array, Any]:
        """(y, tape)."""

    @abstractmethod
    def backward(self, tape: Any, y_bar: Array) -> tuple[Array, Array]:
        """(theta_bar, x_bar)."""

    @abstractmethod
    def forward_jvp(self, tape: Any, theta_dot: Array, x_dot: Array) -> tuple[Array, Any]:
        """(y_dot, tape_dot)."""

    @abstractmethod
    def backward_jvp(self, tape: Any, tape_dot: Any, y_bar: Array, y_bar_dot: Array) -> tuple[Array, Array]:
        """(theta_bar_dot, x_bar_dot)."""

    def check_per_sample(self, purpose: str) -> None:
        """Refuse a network whose samples see each other.

        Parameters
        ----------
        purpose : str
            What needs one sample at a time: the subject of the message.

        Raises
        ------
        ValueError
            Naming the layer that mixes the batch.
        """
        for i, layer in enumerate(self.layers):
            if not layer.per_sample:
                raise ValueError(
                    f"{purpose} needs a network that sees one sample at a time, but layer {i} mixes the batch: "
                    f"{layer!r}. `frozen` makes a network of constant statistics."
                )

    def check_inputs(self, theta: Array, x: Array, **others: Array) -> tuple[Any, ...]:
        """(namespace, theta, x, *others) as floating arrays of one library and dtype, complex ones among them.

        Parameters
        ----------
        theta : array, shape (..., P)
        x : array, shape (..., batch, input_size)
        **others : array
            To go with them, by name: y_bar with the shape of y, x_dot with that of x, any other with that of theta.

        Raises
        ------
        ValueError
            If the trailing axes of one have another shape, or leading axes do not broadcast.
        """
        names = ("theta", "x", *others)
        converted = float_arrays(theta, x, *others.values(), names=names, allow_complex=True)
        shapes = {name: tuple(array.shape) for name, array in zip(names, converted[1:], strict=True)}
        if len(shapes["x"]) < 2:
            raise ValueError(f"`x` must have shape (..., batch, {self.input_size}), got {shapes['x']}.")
        batch, leads = shapes["x"][-2], []
        rows = {"x": ("batch", self.input_size), "x_dot": (batch, self.input_size), "y_bar": (batch, self.output_size)}
        for name, shape in shapes.items():
            end = rows.get(name, (self.size,))
            lead, trailing = shape[: -len(end)], shape[-len(end) :]
            if trailing != end and (name != "x" or trailing[1:] != end[1:]):
                raise ValueError(f"`{name}` must have shape (..., {', '.join(map(str, end))}), got {shape}.")
            leads.append(lead)
        if any(leads):
            try:
                numpy.broadcast_shapes(*leads)
            except ValueError:
                given = ", ".join(f"`{name}` {shape}" for name, shape in shapes.items())
                raise ValueError(f"leading axes must broadcast, got {given}.") from None
        return converted

    def vjp(self, theta: Array, x: Array, y_bar: Array) -> tuple[Array, Array]:
        """(theta_bar, x_bar): the cotangents J^T y_bar of parameters and inputs."""
        _, theta, x, y_bar = self.check_inputs(theta, x, y_bar=y_bar)
        return self.backward(self.forward(theta, x)[1], y_bar)

    def jvp(self, theta: Array, x: Array, theta_dot: Array, x_dot: Array) -> Array:
        """y_dot = J (theta_dot, x_dot); tangents may have extra leading axes."""
        _, theta, x, theta_dot, x_dot = self.check_inputs(theta, x, theta_dot=theta_dot, x_dot=x_dot)
        return self.forward_jvp(self.forward(theta, x)[1], theta_dot, x_dot)[0]

    def hvp(
        self,
        theta: Array,
        x: Array,
        v: Array,
        derivative: Callable[[Array], Array],
        second_derivative: Callable[[Array], Array],
    ) -> Array:
        """H v (..., P), H the Hessian in theta of the loss sum of l(y) over batch and outputs.

        H v = J^T (l''(y) J v) + (D J^T [v]) l'(y), forward over reverse.

        Parameters
        ----------
        theta : array, shape (..., P)
        x : array, shape (..., batch, input_size)
        v : array, shape (..., P)
            May have extra leading axes, one direction each.
        derivative, second_derivative : callable
            l' and l'', elementwise.
        """
        xp, theta, x, v = self.check_inputs(theta, x, v=v)
        return self.hessian_product(theta, x, v, xp.zeros_like(x), derivative, second_derivative)[0]

    def hessian_product(
        self,
        theta: Array,
        x: Array,
        theta_dot: Array,
        x_dot: Array,
        derivative: Callable[[Array], Array],
        second_derivative: Callable[[Array], Array],
    ) -> tuple[Array, Array]:
        """H (theta_dot, x_dot) in two blocks, (..., P) and the shape of x: `hvp` in parameters and inputs together.

        With x_dot = 0, the second block is the mixed derivative d(dL/dx) along theta_dot; with theta_dot = 0, the first
        one is d(dL/dtheta) along x_dot.

        Parameters
        ----------
        theta : array, shape (..., P)
        x : array, shape (..., batch, input_size)
        theta_dot : array, shape (..., P)
        x_dot : array, shape (..., batch, input_size)
            Both may have extra leading axes, one direction each.
        derivative, second_derivative : callable
            l' and l'', elementwise, of the loss sum of l(y).
        """
        _, theta, x, theta_dot, x_dot = self.check_inputs(theta, x, theta_dot=theta_dot, x_dot=x_dot)
        y, tape = self.forward(theta, x)
        y_dot, tape_dot = self.forward_jvp(tape, theta_dot, x_dot)
        return self.backward_jvp(tape, tape_dot, derivative(y), second_derivative(y) * y_dot)

    def per_sample_gradients(self, theta: Array, x: Array, y_bar: Array) -> Array:
        """(..., batch, P): the cotangent J^T y_bar of the parameters from each sample alone; `vjp` gives their sum.

        The batch becomes an axis of the ensemble, with batches of one.

        Parameters
        ----------
        theta : array, shape (..., P)
        x : array, shape (..., batch, input_size)
        y_bar : array, shape (..., batch, output_size)

        Raises
        ------
        ValueError
            If a layer mixes the batch; the message names it.
        """
        self.check_per_sample("`per_sample_gradients`")
        _, theta, x, y_bar = self.check_inputs(theta, x, y_bar=y_bar)
        _, tape = self.forward(theta[..., None, :], x[..., :, None, :])
        return self.backward(tape, y_bar[..., :, None, :])[0]

    def input_gradient(self, theta: Array, x: Array) -> Array:
        """Gradient of a one-output network in x, (..., batch, input_size): of every sample's output in that sample."""
        self.check_per_sample("`input_gradient`")
        if self.output_size != 1:
            raise ValueError(f"`input_gradient` needs a network of one output, got {self.output_size}; use `vjp`.")
        xp, theta, x = self.check_inputs(theta, x)
        y, tape = self.forward(theta, x)
        return self.backward(tape, xp.ones_like(y))[1]

    def input_jacobian(self, theta: Array, x: Array) -> Array:
        """dy_i / dx_i of every sample, (..., batch, output_size, input_size), by one backward pass for each output.

        Raises
        ------
        ValueError
            If a layer mixes the batch; the message names it.
        """
        self.check_per_sample("`input_jacobian`")
        xp, theta, x = self.check_inputs(theta, x)
        y, tape = self.forward(theta, x)
        units = xp.eye(self.output_size, dtype=y.dtype, device=device_of(y))
        rows = [self.backward(tape, units[i, :] * xp.ones_like(y))[1] for i in range(self.output_size)]
        return xp.stack(rows, axis=-2)

    def jacobian(self, theta: Array, x: Array) -> Array:
        """dy / dtheta, (..., batch, output_size, P), by P tangents at once; for small networks."""
        xp, theta, x = self.check_inputs(theta, x)
        identity = xp.eye(self.size, dtype=real_dtype(theta), device=device_of(theta))
        directions = xp.reshape(identity, (self.size,) + (1,) * (theta.ndim - 1) + (self.size,))
        tape = self.forward(theta, x)[1]
        return xp.moveaxis(self.forward_jvp(tape, directions, xp.zeros_like(x))[0], 0, -1)
