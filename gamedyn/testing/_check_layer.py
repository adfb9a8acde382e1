"""check_layer: the derivatives of a layer against the adjoint identity and complex step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, as_generator
from gamedyn.nn import Layer
from gamedyn.testing._compare import compare

__all__ = ["check_layer"]

# So small that h^2 vanishes against 1: the imaginary part is the derivative, to rounding.
_H = 1e-20


def check_layer(
    layer: Layer,
    input_shape: tuple[int, ...],
    *,
    rng: Any = None,
    draw: Callable[[Any, tuple[int, ...]], Array] | None = None,
    batch: int = 3,
    ensemble: tuple[int, ...] = (2,),
    tolerance: float = 1e-12,
) -> None:
    """Check `jvp`, `backward` and `backward_jvp` of a layer at one random point, in random directions.

    1. jvp equals the complex step of forward: y_dot = Im f(x + ih x_dot) / h.
    2. The adjoint identity <y_bar, J x_dot> = <J^T y_bar, x_dot>, x standing for input and parameters together.
    3. backward_jvp equals the complex step of backward.

    All arrays handed to the layer are read-only, so writing into an argument raises.

    Parameters
    ----------
    layer : Layer
        Yours or ours; analytic away from kinks, with pieces chosen by the real part.
    input_shape : tuple of int
        Shape of one input, batch axes excluded, such as (3,).
    rng : None, int or numpy.random.Generator
    draw : callable, optional
        (rng, shape) -> x, for layers that do not take every number; standard normal where None.
    batch : int
        Size of the batch axis.
    ensemble : tuple of int
        Leading axes of inputs and parameters.
    tolerance : float
        Relative to the largest entry of the array compared.

    Raises
    ------
    AssertionError
        Naming the method, the array and its worst index, with both values.

    Notes
    -----
    One random pair of directions tests the whole Jacobian without forming it. Runs on NumPy, in float64.

    References
    ----------
    Squire and Trapp (1998), Using complex variables to estimate derivatives of real functions.

    Examples
    --------
    >>> from gamedyn.nn import Dense
    >>> check_layer(Dense(3, 2), (3,), rng=0)
    """
    check_integer("batch", batch, minimum=1)
    check_positive("tolerance", tolerance)
    rng = as_generator(rng)

    def normal(shape: tuple[int, ...]) -> Array:
        return _read_only(rng.standard_normal(shape))

    initial = layer.init(rng, numpy, numpy.float64)
    # Away from the initial values, whose zeros could hide a term.
    params = tuple(_read_only(p + 0.5 * normal(ensemble + p.shape)) for p in initial)
    shape = (*ensemble, batch, *input_shape)
    x = normal(shape) if draw is None else _read_only(draw(rng, shape))
    x_dot, params_dot = normal(x.shape), tuple(normal(p.shape) for p in params)
    y, tape = layer.forward(params, x)
    expected_shape = (*ensemble, batch, *layer.output_shape(input_shape))
    if y.shape != expected_shape:
        raise AssertionError(f"`forward` of {layer!r}: y has shape {y.shape}, `output_shape` says {expected_shape}.")

    y_dot, tape_dot = layer.jvp(params, tape, x_dot, params_dot)
    stepped_params = tuple(_stepped(p, p_dot) for p, p_dot in zip(params, params_dot, strict=True))
    stepped_y, stepped_tape = layer.forward(stepped_params, _stepped(x, x_dot))
    compare(f"`jvp` of {layer!r}: y_dot", y_dot, stepped_y.imag / _H, tolerance, "by complex step")

    y_bar, y_bar_dot = normal(y.shape), normal(y.shape)
    x_bar, params_bar = layer.backward(params, tape, y_bar)
    _check_adjoint(layer, (y_bar, y_dot), list(_named(x_bar, params_bar)), (x_dot, *params_dot), tolerance)

    tangents = layer.backward_jvp(params, tape, tape_dot, y_bar, y_bar_dot, params_dot)
    stepped = layer.backward(stepped_params, stepped_tape, _stepped(y_bar, y_bar_dot))
    for (name, measured), (_, by_step) in zip(_named(*tangents), _named(*stepped), strict=True):
        compare(f"`backward_jvp` of {layer!r}: {name}_dot", measured, by_step.imag / _H, tolerance, "by complex step")


def _read_only(array: Array) -> Array:
    array.flags.writeable = False
    return array


def _stepped(x: Array, x_dot: Array) -> Array:
    return _read_only(x + 1j * _H * x_dot)


def _named(x_bar: Array, params_bar: tuple[Array, ...]) -> Iterator[tuple[str, Array]]:
    yield "x_bar", x_bar
    for i, array in enumerate(params_bar):
        yield f"params_bar[{i}]", array


def _check_adjoint(
    layer: Layer, outputs: tuple[Array, Array], cotangents: list[tuple[str, Array]], tangents: Any, tolerance: float
) -> None:
    for (name, bar), dot in zip(cotangents, tangents, strict=True):
        if bar.shape != dot.shape:
            raise AssertionError(f"`backward` of {layer!r}: {name} has shape {bar.shape}, expected {dot.shape}.")
    forward = outputs[0] * outputs[1]
    backward = [bar * dot for (_, bar), dot in zip(cotangents, tangents, strict=True)]
    left, right = float(numpy.sum(forward)), float(sum(numpy.sum(terms) for terms in backward))
    # The sums cancel: their rounding is relative to the sum of magnitudes.
    scale = float(numpy.sum(numpy.abs(forward)) + sum(numpy.sum(numpy.abs(terms)) for terms in backward))
    if not abs(left - right) <= tolerance * scale:
        raise AssertionError(
            f"`backward` of {layer!r}: <y_bar, J x_dot> = {left!r}, but <J^T y_bar, x_dot> = {right!r}."
        )
