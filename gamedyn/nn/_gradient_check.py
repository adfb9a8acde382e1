"""gradient_check: every derivative of a layer or network against complex step, and what is wrong by name."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer, check_positive
from gamedyn.backend import Array, as_generator
from gamedyn.nn._base import Layer
from gamedyn.nn._gradient_report import GradientCheck, GradientReport
from gamedyn.nn._network import Network
from gamedyn.nn._sequential import Sequential

__all__ = ["gradient_check"]

# So small that its square vanishes against 1: the imaginary part is the derivative, to rounding.
_IMAGINARY = 1e-20
# Cube root of the rounding of 1: truncation and rounding of a central difference are then of one size.
_REAL = 6e-6
# So many entries are tried one by one; more are halved first.
_ENTRIES = 512

_Tangents = dict[str, Array]


def gradient_check(
    layer: Layer | Network,
    shape: tuple[int, ...] | None = None,
    *,
    rng: Any = None,
    draw: Callable[[Any, tuple[int, ...]], Array] | None = None,
    batch: int = 3,
    ensemble: tuple[int, ...] = (),
    method: str | None = None,
    tolerance: float | None = None,
) -> GradientReport:
    """Check `jvp`, `backward` and `backward_jvp` at one random point, along x and every parameter by itself.

    1. jvp is the complex step of forward: y_dot = Im f(x + ih x_dot) / h.
    2. backward is its adjoint: <y_bar, J v> = <J^T y_bar, v>, v a direction of x or of one parameter.
    3. backward_jvp is the complex step of backward, along x, each parameter, y_bar, and all of them together.

    What fails is looked into until the entry of the array and the entry that moves are known. All arrays handed to the
    layer are read-only, so a layer that writes into an argument raises.

    Parameters
    ----------
    layer : Layer or Network
        Yours or ours.
    shape : tuple of int, optional
        Of one input, batch axes excluded; a Network knows its own.
    rng : None, int or numpy.random.Generator
    draw : callable, optional
        (rng, shape) -> x, for layers that do not take every number; standard normal where None.
    batch : int
        Size of the batch axis.
    ensemble : tuple of int
        Leading axes of inputs and parameters.
    method : {"complex step", "differences"}, optional
        Where None, complex step, and central differences for a layer that takes no complex numbers.
    tolerance : float, optional
        For relative errors; 1e-12, and 1e-6 for differences, where None.

    Returns
    -------
    GradientReport

    Raises
    ------
    TypeError
        If `layer` is neither a Layer nor a Network, or a layer comes without `shape`.
    ValueError
        If the layer takes no inputs of `shape`, or `draw` gives another one.

    Notes
    -----
    A random direction tests all entries of a Jacobian without forming it. Runs on NumPy, in float64. A piecewise layer
    is checked on the piece that x falls on; complex step wants pieces chosen by the real part.

    References
    ----------
    Squire and Trapp (1998), Using complex variables to estimate derivatives of real functions.

    Examples
    --------
    >>> from gamedyn.nn import Dense
    >>> report = gradient_check(Dense(3, 2), (3,), rng=0)
    >>> report.passed
    True
    >>> sorted(report.largest_errors())
    ['backward', 'backward_jvp', 'forward', 'jvp']
    """
    if method is not None:
        check_choice("method", method, ("complex step", "differences"))
    if tolerance is not None:
        check_positive("tolerance", tolerance)
    check_integer("batch", batch, minimum=1)
    name = repr(layer)
    if isinstance(layer, Network):
        shape, layer = (layer.input_size,), Sequential(layer.layers)
    if not isinstance(layer, Layer):
        raise TypeError(f"`layer` must be a Layer or a Network, got {layer!r} of type {type(layer).__name__}.")
    if shape is None:
        raise TypeError("`shape` must be given for a Layer: the shape of one input, batch axes excluded.")
    shape = tuple(shape) if isinstance(shape, Iterable) else (shape,)
    layer.output_shape(shape)
    point = _Point(layer, (*ensemble, batch), shape, as_generator(rng), draw)
    method = method or ("complex step" if point.takes_complex() else "differences")
    point.complex = method == "complex step"
    tolerance = tolerance or (1e-12 if point.complex else 1e-6)
    return GradientReport(name, method, tolerance, tuple(_checks(point, tolerance)))


class _Point:
    """A layer with values, directions and cotangents, all read-only."""

    def __init__(self, layer: Layer, lead: tuple[int, ...], shape: tuple[int, ...], rng: Any, draw: Any) -> None:
        self.layer, self.complex, self.names = layer, True, list(layer.parameter_shapes)

        def normal(of: tuple[int, ...]) -> Array:
            return _read_only(rng.standard_normal(of))

        # Away from the initial values, whose zeros could hide a term.
        initial = layer.init(rng, numpy, numpy.float64)
        params = tuple(_read_only(p + 0.5 * normal((*lead[:-1], *p.shape))) for p in initial)
        full = (*lead, *shape)
        x = normal(full) if draw is None else _read_only(numpy.asarray(draw(rng, full)))
        if x.shape != full:
            raise ValueError(f"`draw` must give an array of the shape it is asked for, {full}, got {x.shape}.")
        self.values: _Tangents = {"x": x, **dict(zip(self.names, params, strict=True))}
        self.y, self.tape = layer.forward(params, x)
        self.shape = (*lead, *layer.output_shape(shape))
        self.y_bar = normal(self.y.shape)
        self.dots = {name: normal(value.shape) for name, value in {**self.values, "y_bar": self.y_bar}.items()}
        self.zeros = {name: _read_only(numpy.zeros(dot.shape)) for name, dot in self.dots.items()}

    @property
    def least_scale(self) -> float:
        """What errors are relative to where all is 0: exactly so by complex step, but for rounding by differences."""
        return 0.0 if self.complex else 1.0

    def takes_complex(self) -> bool:
        """Whether both passes run on complex numbers and keep them."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", numpy.exceptions.ComplexWarning)
                y, bars = self._moved(self.dots, 1j * _IMAGINARY)
        except (TypeError, ValueError, numpy.exceptions.ComplexWarning):
            return False
        return all(numpy.iscomplexobj(array) for array in (y, *(bars[n] for n in self.names)))

    def jvp(self, dots: _Tangents) -> tuple[Array, Any]:
        return self.layer.jvp(self._params(self.values), self.tape, dots["x"], self._params(dots))

    def bars(self) -> _Tangents:
        return self._named(self.layer.backward(self._params(self.values), self.tape, self.y_bar))

    def tangents(self, dots: _Tangents) -> _Tangents:
        params, tape_dot = self._params(self.values), self.jvp(dots)[1]
        return self._named(
            self.layer.backward_jvp(params, self.tape, tape_dot, self.y_bar, dots["y_bar"], self._params(dots))
        )

    def stepped(self, dots: _Tangents) -> tuple[Array, _Tangents]:
        """The derivatives of y and of the cotangents along `dots`, by complex step or central differences."""
        if self.complex:
            y, bars = self._moved(dots, 1j * _IMAGINARY)
            return numpy.imag(y) / _IMAGINARY, {n: numpy.imag(bar) / _IMAGINARY for n, bar in bars.items()}
        (y, bars), (other, others) = self._moved(dots, _REAL), self._moved(dots, -_REAL)
        return (y - other) / (2 * _REAL), {n: (bar - others[n]) / (2 * _REAL) for n, bar in bars.items()}

    def along(self, name: str, part: Array | None = None) -> _Tangents:
        """The direction in which `name` alone moves: all of it, or only where `part` is not 0."""
        return {**self.zeros, name: self.dots[name] if part is None else _read_only(part)}

    def _moved(self, dots: _Tangents, step: complex) -> tuple[Array, _Tangents]:
        values = {n: _read_only(v + step * dots[n]) for n, v in {**self.values, "y_bar": self.y_bar}.items()}
        params = self._params(values)
        y, tape = self.layer.forward(params, values["x"])
        return y, self._named(self.layer.backward(params, tape, values["y_bar"]))

    def _params(self, arrays: _Tangents) -> tuple[Array, ...]:
        return tuple(arrays[name] for name in self.names)

    def _named(self, bars: tuple[Array, tuple[Array, ...]]) -> _Tangents:
        return {"x": bars[0], **dict(zip(self.names, bars[1], strict=True))}


def _checks(point: _Point, tolerance: float) -> Iterator[GradientCheck]:
    shapes = _shapes("forward", "y", "x", point.y, point.shape)
    yield shapes
    if not shapes.passed:
        return
    steps = {name: point.stepped(point.along(name)) for name in point.dots}
    for name in point.values:
        found = point.jvp(point.along(name))[0]
        yield _compared(point, tolerance, "jvp", "y_dot", name, found, steps[name][0])
    bars = point.bars()
    for name, bar in bars.items():
        yield _adjoint(point, tolerance, name, bar, steps[name][0])
    steps["everything"] = point.stepped(point.dots)
    for direction, (_, expected) in steps.items():
        tangents = point.tangents(point.dots if direction == "everything" else point.along(direction))
        for name, found in tangents.items():
            yield _compared(point, tolerance, "backward_jvp", f"{name}_bar_dot", direction, found, expected[name])


def _shapes(derivative: str, result: str, direction: str, found: Array, shape: tuple[int, ...]) -> GradientCheck:
    passed = found.shape == shape
    return GradientCheck(
        derivative, result, direction, 0.0 if passed else numpy.inf, (), None, found.shape, shape, passed
    )


def _compared(
    point: _Point, tolerance: float, derivative: str, result: str, direction: str, found: Array, expected: Array
) -> GradientCheck:
    """An array against its oracle; where they differ, again along the entry of the direction that shows it most."""
    if found.shape != expected.shape:
        return _shapes(derivative, result, direction, found, expected.shape)
    error, index = _relative(point, found, expected)
    passed, entry = error <= tolerance, None
    if not passed and direction != "everything":

        def evaluate(dots: _Tangents) -> tuple[Array, Array]:
            if derivative == "jvp":
                return point.jvp(dots)[0], point.stepped(dots)[0]
            name = result.removesuffix("_bar_dot")
            return point.tangents(dots)[name], point.stepped(dots)[1][name]

        entry = _worst_entry(point, direction, lambda dots: numpy.max(numpy.abs(numpy.subtract(*evaluate(dots)))))
        found, expected = evaluate(point.along(direction, _unit(point.dots[direction].shape, entry)))
        index = _relative(point, found, expected)[1]
    return GradientCheck(
        derivative, result, direction, error, index, entry, found[index].item(), expected[index].item(), passed
    )


def _adjoint(point: _Point, tolerance: float, name: str, bar: Array, y_dot: Array) -> GradientCheck:
    """<y_bar, J v> = <v_bar, v>; where it fails, every entry of v_bar for itself."""
    dot = point.dots[name]
    if bar.shape != dot.shape:
        return _shapes("backward", f"{name}_bar", name, bar, dot.shape)
    right, left = bar * dot, point.y_bar * y_dot
    # The sums cancel: their rounding is relative to the sum of magnitudes.
    scale = max(float(numpy.sum(numpy.abs(right)) + numpy.sum(numpy.abs(left))), point.least_scale)
    found, expected = float(numpy.sum(right)), float(numpy.sum(left))
    error = abs(found - expected) / scale if scale else 0.0
    passed = error <= tolerance
    index: tuple[int, ...] = ()
    if not passed:

        def evaluate(dots: _Tangents) -> tuple[Any, Any]:
            return numpy.sum(bar * dots[name]), numpy.sum(point.y_bar * point.stepped(dots)[0])

        index = _worst_entry(point, name, lambda dots: numpy.abs(numpy.subtract(*evaluate(dots))))
        found, expected = (float(value) for value in evaluate(point.along(name, _unit(dot.shape, index))))
    return GradientCheck("backward", f"{name}_bar", name, error, index, index or None, found, expected, passed)


def _relative(point: _Point, found: Array, expected: Array) -> tuple[float, tuple[int, ...]]:
    """(the largest error over the largest entry, its index); the first nan counts as the largest."""
    if not found.size:
        return 0.0, ()
    difference = numpy.abs(found - expected)
    index = tuple(int(i) for i in numpy.unravel_index(numpy.argmax(difference), difference.shape))
    scale = max(float(numpy.max(numpy.abs(expected))), point.least_scale)
    largest = float(difference[index])
    return (largest / scale if scale else (numpy.inf if largest else largest)), index


def _worst_entry(point: _Point, name: str, difference: Callable[[_Tangents], Any]) -> tuple[int, ...]:
    """The entry of the variable whose movement shows the largest difference; a nan shows it."""
    shape, places = point.dots[name].shape, numpy.arange(point.dots[name].size)

    def shown(chosen: Array) -> float:
        part = numpy.zeros(point.dots[name].size)
        part[chosen] = 1.0 if len(chosen) == 1 else point.dots[name].ravel()[chosen]
        value = float(difference(point.along(name, part.reshape(shape))))
        return numpy.inf if numpy.isnan(value) else value

    while len(places) > _ENTRIES:
        places = max(numpy.array_split(places, 2), key=shown)
    worst = max(places, key=lambda place: shown(numpy.array([place])))
    return tuple(int(i) for i in numpy.unravel_index(worst, shape))


def _unit(shape: tuple[int, ...], entry: tuple[int, ...]) -> Array:
    unit = numpy.zeros(shape)
    unit[entry] = 1.0
    return unit


def _read_only(array: Array) -> Array:
    array = numpy.asarray(array)
    array.flags.writeable = False
    return array
