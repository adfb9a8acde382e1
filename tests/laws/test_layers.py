"""Laws of every layer: each derivative is the derivative, on every array library, and nothing is written to."""

import re

import numpy
import pytest

from gamedyn.testing import check_layer
from tests.layer_cases import LAYER_CASES


def over(cases):
    return pytest.mark.parametrize("case", cases, ids=[repr(case.layer)[:40] for case in cases])


every_layer = over(LAYER_CASES)
every_layer_far_out = over([case for case in LAYER_CASES if case.far])
# Other layers have no samples to speak of: each output depends on the whole batch.
every_layer_of_single_samples = over([case for case in LAYER_CASES if case.layer.per_sample])


class Point:
    """A layer's inputs at a random point: values, tangents and cotangents, on the host."""

    def __init__(self, case, rng, batch=5, lead=()):
        layer, shape = case.layer, case.shape
        self.layer = layer
        self.params = tuple(
            rng.standard_normal(lead + size) / numpy.sqrt(size[0]) for size in layer.parameter_shapes.values()
        )
        self.params_dot = tuple(rng.standard_normal(p.shape) for p in self.params)
        self.x, self.x_dot = case.draw(rng, (*lead, batch, *shape)), rng.standard_normal((*lead, batch, *shape))
        self.y_bar, self.y_bar_dot = rng.standard_normal((2, *lead, batch, *layer.output_shape(shape)))

    def mapped(self, function):
        """The same point with `function` applied to every array."""
        other = object.__new__(Point)
        for name, value in vars(self).items():
            if name != "layer":
                value = tuple(map(function, value)) if isinstance(value, tuple) else function(value)
            setattr(other, name, value)
        return other

    def results(self):
        """Every output of the four methods, by name."""
        y, tape = self.layer.forward(self.params, self.x)
        x_bar, params_bar = self.layer.backward(self.params, tape, self.y_bar)
        y_dot, tape_dot = self.layer.jvp(self.params, tape, self.x_dot, self.params_dot)
        x_bar_dot, params_bar_dot = self.layer.backward_jvp(
            self.params, tape, tape_dot, self.y_bar, self.y_bar_dot, self.params_dot
        )
        out = {"y": y, "x_bar": x_bar, "y_dot": y_dot, "x_bar_dot": x_bar_dot}
        out |= {f"params_bar[{i}]": array for i, array in enumerate(params_bar)}
        return out | {f"params_bar_dot[{i}]": array for i, array in enumerate(params_bar_dot)}


@every_layer
@pytest.mark.parametrize("ensemble", [(), (2,)])
def test_derivatives_against_complex_step_and_adjointness(case, ensemble, rng):
    # One random direction moves every entry; more of them are other points.
    for _ in range(5):
        check_layer(case.layer, case.shape, draw=case.draw, rng=rng, ensemble=ensemble, tolerance=1e-12)


@every_layer
def test_every_library_gives_the_same(case, library, rng):
    point = Point(case, rng)
    given = point.mapped(library.asarray)
    arrays = (*given.params, *given.params_dot, given.x, given.x_dot, given.y_bar, given.y_bar_dot)
    before = [library.host(array).copy() for array in arrays]
    results = given.results()
    for name, expected in point.results().items():
        assert library.owns(results[name]), name
        numpy.testing.assert_allclose(library.host(results[name]), expected, rtol=1e-12, atol=1e-13, err_msg=name)
    for array, copy in zip(arrays, before, strict=True):
        numpy.testing.assert_array_equal(library.host(array), copy)


@every_layer
def test_float32_stays_and_agrees(case, library, rng):
    point = Point(case, rng)
    results = point.mapped(lambda a: library.asarray(a, dtype="float32")).results()
    for name, expected in point.mapped(lambda a: a.astype("float32").astype("float64")).results().items():
        assert library.owns(results[name], dtype="float32"), name
        found, tolerance = library.host(results[name]), case.float32
        numpy.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance, err_msg=name)


@every_layer
def test_complex_arguments_in_every_library(case, library, rng):
    # Complex step must work wherever arrays live.
    point = Point(case, rng).mapped(lambda a: a + 1e-20j)
    results = point.mapped(lambda a: library.asarray(a, dtype="complex128")).results()
    for name, expected in point.results().items():
        assert library.owns(results[name], dtype="complex128"), name
        value = library.host(results[name])
        numpy.testing.assert_allclose(value.real, expected.real, rtol=1e-12, atol=1e-13, err_msg=name)
        numpy.testing.assert_allclose(1e20 * value.imag, 1e20 * expected.imag, rtol=1e-11, atol=1e-12, err_msg=name)


@every_layer
def test_parts_of_backward_are_those_of_the_whole(case, library, rng):
    layer, point = case.layer, Point(case, rng).mapped(library.asarray)
    _, tape = layer.forward(point.params, point.x)
    x_bar, params_bar = layer.backward(point.params, tape, point.y_bar)
    numpy.testing.assert_array_equal(*map(library.host, (layer.input_bar(point.params, tape, point.y_bar), x_bar)))
    for found, whole in zip(layer.params_bar(point.params, tape, point.y_bar), params_bar, strict=True):
        numpy.testing.assert_array_equal(*map(library.host, (found, whole)))


@every_layer
def test_hessian_is_symmetric(case, rng):
    # <w, H v> = <v, H w> for the scalar <y_bar, f>, as a function of input and parameters together.
    v = Point(case, rng)
    w = v.mapped(lambda a: a)
    w.x_dot, w.params_dot = (rng.standard_normal(v.x.shape), tuple(rng.standard_normal(p.shape) for p in v.params))
    v.y_bar_dot = w.y_bar_dot = numpy.zeros_like(v.y_bar)
    products = []
    for first, second in ((v, w), (w, v)):
        out = first.results()
        bars = [out["x_bar_dot"], *(out[f"params_bar_dot[{i}]"] for i in range(len(v.params)))]
        products.append([bar * dot for bar, dot in zip(bars, (second.x_dot, *second.params_dot), strict=True)])
    left, right = (sum(terms.sum() for terms in product) for product in products)
    scale = sum(numpy.abs(terms).sum() for product in products for terms in product)
    assert abs(left - right) <= 1e-13 * scale


LINEAR = {
    "jvp": (("x_dot", "params_dot"), r"y_dot"),
    "backward": (("y_bar",), r"x_bar|params_bar\[\d+\]"),
    "backward_jvp": (("x_dot", "params_dot", "y_bar_dot"), r"x_bar_dot|params_bar_dot\[\d+\]"),
}


@every_layer
@pytest.mark.parametrize("method", LINEAR)
def test_derivatives_are_linear(case, method, rng):
    moved, names = LINEAR[method]
    first, second = Point(case, rng), Point(case, rng)
    other, both = first.mapped(lambda a: a), first.mapped(lambda a: a)
    for name in moved:
        a, b = getattr(first, name), getattr(second, name)
        setattr(other, name, b)
        combined = tuple(2 * p - 3 * q for p, q in zip(a, b, strict=True)) if isinstance(a, tuple) else 2 * a - 3 * b
        setattr(both, name, combined)
    a, b, found = (point.results() for point in (first, other, both))
    for name in (name for name in found if re.fullmatch(names, name)):
        scale = numpy.max(numpy.abs(a[name]) + numpy.abs(b[name]), initial=1.0)
        numpy.testing.assert_allclose(
            found[name], 2 * a[name] - 3 * b[name], rtol=1e-12, atol=1e-13 * scale, err_msg=name
        )


@every_layer_of_single_samples
def test_batch_is_additive(case, rng):
    # Samples do not see each other; cotangents of parameters add up over the batch.
    whole = Point(case, rng, batch=7)
    first, second = (whole.mapped(lambda a: a) for _ in range(2))
    for part, rows in ((first, slice(0, 3)), (second, slice(3, 7))):
        for name in ("x", "x_dot", "y_bar", "y_bar_dot"):
            setattr(part, name, getattr(whole, name)[rows])
    parts = first.results(), second.results()
    for name, expected in whole.results().items():
        a, b = (part[name] for part in parts)
        joined = a + b if name.startswith("params") else numpy.concatenate([a, b])
        numpy.testing.assert_allclose(joined, expected, rtol=1e-12, atol=1e-13, err_msg=name)


@every_layer
def test_ensemble_equals_one_by_one(case, library, rng):
    ensemble = Point(case, rng, lead=(2, 3))
    together = ensemble.mapped(library.asarray).results()
    for index in numpy.ndindex(2, 3):
        alone = ensemble.mapped(lambda a, index=index: a[index]).results()
        for name, expected in alone.items():
            one = library.host(together[name])[index]
            numpy.testing.assert_allclose(one, expected, rtol=1e-12, atol=1e-13, err_msg=name)


@every_layer
def test_directions_equal_one_by_one(case, rng):
    # Tangents may have leading axes that the point has not.
    point = Point(case, rng)
    many = Point(case, rng, lead=(4,))
    given = point.mapped(lambda a: a)
    given.x_dot, given.params_dot, given.y_bar_dot = many.x_dot, many.params_dot, many.y_bar_dot
    together = given.results()
    for k in range(4):
        given.x_dot, given.y_bar_dot = many.x_dot[k], many.y_bar_dot[k]
        given.params_dot = tuple(p[k] for p in many.params_dot)
        alone = given.results()
        for name in (name for name in alone if "_dot" in name):
            numpy.testing.assert_allclose(together[name][k], alone[name], rtol=1e-12, atol=1e-13, err_msg=name)


@every_layer_far_out
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_finite_far_out(case, dtype, library, rng):
    point = Point(case, rng)
    sizes = numpy.array([1000.0, -1000.0, 0.0, 80.0, -80.0])
    point.x = sizes.reshape((5,) + (1,) * len(case.shape)) * numpy.ones((5, *case.shape))
    results = point.mapped(lambda a: library.asarray(a, dtype=dtype)).results()
    for name, value in results.items():
        assert numpy.isfinite(library.host(value)).all(), name


@every_layer_far_out
def test_complex_step_is_finite_far_out(case, rng):
    point = Point(case, rng)
    point.x = 1000.0 * numpy.sign(point.x) + 1e-20j
    for name, value in point.results().items():
        assert numpy.isfinite(value).all(), name


@every_layer
def test_frozen_gives_the_same_and_sees_one_sample_at_a_time(case, rng):
    point = Point(case, rng)
    frozen = case.layer.frozen(point.params, point.x)
    assert frozen.per_sample
    assert frozen.parameter_shapes == case.layer.parameter_shapes
    assert (frozen is case.layer) == case.layer.per_sample
    y, _ = frozen.forward(point.params, point.x)
    expected, _ = case.layer.forward(point.params, point.x)
    numpy.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)
    assert frozen.frozen(point.params, point.x) is frozen
