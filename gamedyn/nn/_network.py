"""Network: layers in a row, with all parameters in one flat vector theta."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, as_generator, default_namespace
from gamedyn.nn._base import Layer, as_layers
from gamedyn.nn._network_derivatives import NetworkDerivatives
from gamedyn.nn._sequential import Sequential

__all__ = ["Network"]


@dataclass(frozen=True)
class Network(NetworkDerivatives):
    """A frozen description of y = f(theta, x); parameters are passed in, nothing is stored.

    theta has shape (..., P), x (..., batch, input_size) and y (..., batch, output_size). Leading axes are an ensemble's
    and broadcast: one theta serves many batches, one batch many networks. Cotangents have the leading axes of y.

    Parameters
    ----------
    layers : tuple of Layer
        In the order in which x passes them.
    input_size : int
        Number of features of x.

    Raises
    ------
    ValueError
        If neighbouring layers do not fit; the message names the layer and both shapes.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.nn import Dense, Tanh
    >>> network = Network((Dense(1, 1), Tanh(), Dense(1, 1)), input_size=1)
    >>> theta = numpy.array([1.0, 0.0, 3.0, 0.5])  # y = 3 tanh(x) + 0.5
    >>> float(network(theta, numpy.array([[0.0]]))[0, 0])
    0.5
    >>> float(network.input_gradient(theta, numpy.array([[0.0]]))[0, 0])
    3.0
    """

    layers: tuple[Layer, ...]
    input_size: int

    def __post_init__(self) -> None:
        check_integer("input_size", self.input_size, minimum=1)
        object.__setattr__(self, "layers", as_layers("layers", self.layers))
        if not self._slots:
            raise ValueError("`layers` must hold at least one layer with parameters.")
        shape = self._sequential.output_shape((self.input_size,))
        if len(shape) != 1:
            raise ValueError(f"the last layer must give one axis of features, got shape {shape}.")

    @property
    def per_sample(self) -> bool:
        """Whether every sample's output depends on that sample alone: no layer mixes the batch."""
        return self._sequential.per_sample

    @property
    def is_smooth(self) -> bool:
        """Whether all layers are twice differentiable everywhere."""
        return self._sequential.is_smooth

    def frozen(self, theta: Array, x: Array) -> Network:
        """The network whose batch statistics are constants: those that the sample x gives at theta.

        theta fits both networks, and both give the same at x itself, where the derivatives differ.

        Parameters
        ----------
        theta : array, shape (..., P)
        x : array, shape (..., batch, input_size)
            The population, or a large sample of it.

        Raises
        ------
        TypeError
            If a layer mixes the batch and cannot be frozen; the message names it.
        """
        _, theta, x = self.check_inputs(theta, x)
        row = self._sequential.frozen(tuple(self.unflatten(theta).values()), x)
        for i, layer in enumerate(row.layers):
            if not layer.per_sample:
                raise TypeError(f"layer {i} mixes the batch, and its `frozen` gives no layer that does not: {layer!r}.")
        return self if row is self._sequential else Network(row.layers, self.input_size)

    @cached_property
    def _sequential(self) -> Sequential:
        return Sequential(self.layers)

    @cached_property
    def _slots(self) -> dict[str, tuple[slice, tuple[int, ...]]]:
        """Name -> (slice of theta, shape)."""
        slots, start = {}, 0
        for name, shape in self._sequential.parameter_shapes.items():
            slots[name] = (slice(start, start + math.prod(shape)), shape)
            start += math.prod(shape)
        return slots

    @cached_property
    def size(self) -> int:
        """P, the number of parameters."""
        return sum(math.prod(shape) for _, shape in self._slots.values())

    @cached_property
    def output_size(self) -> int:
        """Number of features of y."""
        return self._sequential.output_shape((self.input_size,))[0]

    @cached_property
    def width(self) -> int:
        """The largest number of features that passes between layers, input and output among them."""
        shapes: list[tuple[int, ...]] = [(self.input_size,)]
        for layer in self.layers:
            shapes.append(layer.output_shape(shapes[-1]))
        return max(math.prod(shape) for shape in shapes)

    def init(
        self,
        rng: Any = None,
        xp: Any = None,
        dtype: Any = None,
        *,
        batch_shape: tuple[int, ...] = (),
        device: Any = None,
    ) -> Array:
        """Initial parameters (*batch_shape, P), one independent draw for each member of the ensemble.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
        xp : module, optional
            Array namespace; the default backend's where None.
        dtype : optional
            Of `xp`; float64 where None.
        batch_shape : tuple of int
            Shape of the ensemble.
        device : optional
            Of `xp`.
        """
        xp = default_namespace() if xp is None else xp
        dtype, rng = dtype or xp.float64, as_generator(rng)
        if "16" in str(dtype):
            raise TypeError(f"`dtype` must be float32 or float64, got {dtype}.")
        members = [self._join(self._sequential.init(rng, xp, dtype, device)) for _ in range(math.prod(batch_shape))]
        return xp.reshape(xp.stack(members), (*batch_shape, self.size))

    def unflatten(self, theta: Array) -> dict[str, Array]:
        """Name -> parameter (..., *shape), read off theta (..., P); names are "layer.parameter", such as "0.weight"."""
        xp = array_namespace(theta)
        if theta.shape[-1:] != (self.size,):
            raise ValueError(f"`theta` must have shape (..., {self.size}), got {tuple(theta.shape)}.")
        lead, parts = tuple(theta.shape[:-1]), {}
        for name, (slot, shape) in self._slots.items():
            part = theta[..., slot]
            parts[name] = part if len(shape) == 1 else xp.reshape(part, lead + shape)
        return parts

    def __call__(self, theta: Array, x: Array) -> Array:
        """y (..., batch, output_size)."""
        _, theta, x = self.check_inputs(theta, x)
        return self.forward(theta, x)[0]

    def forward(self, theta: Array, x: Array) -> tuple[Array, Any]:
        """(y, tape), as `Layer.forward`; the next three work on this tape, so that one pass serves many products."""
        params = tuple(self.unflatten(theta).values())
        y, tape = self._sequential.forward(params, x)
        return y, (params, tape)

    def backward(self, tape: Any, y_bar: Array) -> tuple[Array, Array]:
        """(theta_bar, x_bar): parameters first, as in `vjp`."""
        params, layers_tape = tape
        x_bar, params_bar = self._sequential.backward(params, layers_tape, y_bar)
        return self._join(params_bar), x_bar

    def input_bar(self, tape: Any, y_bar: Array) -> Array:
        """x_bar of `backward` alone."""
        params, layers_tape = tape
        return self._sequential.input_bar(params, layers_tape, y_bar)

    def theta_bar(self, tape: Any, y_bar: Array) -> Array:
        """theta_bar of `backward` alone."""
        params, layers_tape = tape
        return self._join(self._sequential.params_bar(params, layers_tape, y_bar))

    def forward_jvp(self, tape: Any, theta_dot: Array, x_dot: Array) -> tuple[Array, Any]:
        """(y_dot, tape_dot): the tangents of `forward`."""
        params, layers_tape = tape
        params_dot = tuple(self.unflatten(theta_dot).values())
        y_dot, tape_dot = self._sequential.jvp(params, layers_tape, x_dot, params_dot)
        return y_dot, (params_dot, tape_dot)

    def backward_jvp(self, tape: Any, tape_dot: Any, y_bar: Array, y_bar_dot: Array) -> tuple[Array, Array]:
        """(theta_bar_dot, x_bar_dot): the tangent of `backward`."""
        (params, layers_tape), (params_dot, layers_dot) = tape, tape_dot
        x_bar_dot, params_bar_dot = self._sequential.backward_jvp(
            params, layers_tape, layers_dot, y_bar, y_bar_dot, params_dot
        )
        return self._join(params_bar_dot), x_bar_dot

    def _join(self, params: tuple[Array, ...]) -> Array:
        """The flat vector (..., P) of arrays (..., *shape), whose leading axes broadcast."""
        xp, flat = array_namespace(params[0]), []
        for array, (slot, shape) in zip(params, self._slots.values(), strict=True):
            lead = array.shape[: array.ndim - len(shape)]
            flat.append(array if len(shape) == 1 else xp.reshape(array, (*lead, slot.stop - slot.start)))
        if any(array.shape[:-1] != flat[0].shape[:-1] for array in flat):
            lead = xp.broadcast_arrays(*(array[..., 0] for array in flat))[0].shape
            flat = [xp.broadcast_to(array, (*lead, array.shape[-1])) for array in flat]
        return xp.concat(flat, axis=-1)
