"""Laws of every layer: each derivative is the derivative, on every array library, and nothing is written to."""

import numpy
import pytest

from gamedyn.testing import check_layer
from tests.cases import LAYERS

every_layer = pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=[repr(layer)[:40] for layer, _ in LAYERS])


class Point:
    """A layer's inputs at a random point: values, tangents and cotangents, on the host."""

    def __init__(self, layer, shape, rng, batch=5, lead=()):
        self.layer = layer
        self.params = tuple(
            rng.standard_normal(lead + size) / numpy.sqrt(size[0]) for size in layer.parameter_shapes.values()
        )
        self.params_dot = tuple(rng.standard_normal(p.shape) for p in self.params)
        self.x, self.x_dot = rng.standard_normal((2, *lead, batch, *shape))
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
def test_derivatives_against_complex_step_and_adjointness(layer, shape, ensemble, rng):
    for _ in range(20):
        check_layer(layer, shape, rng=rng, ensemble=ensemble, tolerance=1e-12)


@every_layer
def test_every_library_gives_the_same(layer, shape, library, rng):
    point = Point(layer, shape, rng)
    given = point.mapped(library.asarray)
    before = [library.host(array).copy() for array in (*given.params, given.x, given.y_bar)]
    results = given.results()
    for name, expected in point.results().items():
        assert library.owns(results[name]), name
        numpy.testing.assert_allclose(library.host(results[name]), expected, rtol=1e-12, atol=1e-13, err_msg=name)
    for array, copy in zip((*given.params, given.x, given.y_bar), before, strict=True):
        numpy.testing.assert_array_equal(library.host(array), copy)


@every_layer
def test_float32_stays_and_agrees(layer, shape, library, rng):
    point = Point(layer, shape, rng)
    results = point.mapped(lambda a: library.asarray(a, dtype="float32")).results()
    for name, expected in point.mapped(lambda a: a.astype("float32").astype("float64")).results().items():
        assert library.owns(results[name], dtype="float32"), name
        # A few dozen additions and multiplications of numbers of order 1: 2^-24 each.
        numpy.testing.assert_allclose(library.host(results[name]), expected, rtol=3e-6, atol=3e-6, err_msg=name)


@every_layer
def test_complex_arguments_in_every_library(layer, shape, library, rng):
    # Complex step must work wherever arrays live.
    point = Point(layer, shape, rng).mapped(lambda a: a + 1e-20j)
    results = point.mapped(lambda a: library.asarray(a, dtype="complex128")).results()
    for name, expected in point.results().items():
        assert library.owns(results[name], dtype="complex128"), name
        value = library.host(results[name])
        numpy.testing.assert_allclose(value.real, expected.real, rtol=1e-12, atol=1e-13, err_msg=name)
        numpy.testing.assert_allclose(1e20 * value.imag, 1e20 * expected.imag, rtol=1e-11, atol=1e-12, err_msg=name)


@every_layer
def test_hessian_is_symmetric(layer, shape, rng):
    # <w, H v> = <v, H w> for the scalar <y_bar, f>, as a function of input and parameters together.
    v = Point(layer, shape, rng)
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


@every_layer
def test_batch_is_additive(layer, shape, rng):
    # Samples do not see each other; cotangents of parameters add up over the batch.
    whole = Point(layer, shape, rng, batch=7)
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
def test_ensemble_equals_one_by_one(layer, shape, library, rng):
    ensemble = Point(layer, shape, rng, lead=(2, 3))
    together = ensemble.mapped(library.asarray).results()
    for index in numpy.ndindex(2, 3):
        alone = ensemble.mapped(lambda a, index=index: a[index]).results()
        for name, expected in alone.items():
            one = library.host(together[name])[index]
            numpy.testing.assert_allclose(one, expected, rtol=1e-12, atol=1e-13, err_msg=name)


@every_layer
def test_directions_equal_one_by_one(layer, shape, rng):
    # Tangents may have leading axes that the point has not.
    point = Point(layer, shape, rng)
    many = Point(layer, shape, rng, lead=(4,))
    given = point.mapped(lambda a: a)
    given.x_dot, given.params_dot, given.y_bar_dot = many.x_dot, many.params_dot, many.y_bar_dot
    together = given.results()
    for k in range(4):
        given.x_dot, given.y_bar_dot = many.x_dot[k], many.y_bar_dot[k]
        given.params_dot = tuple(p[k] for p in many.params_dot)
        alone = given.results()
        for name in (name for name in alone if "_dot" in name):
            numpy.testing.assert_allclose(together[name][k], alone[name], rtol=1e-12, atol=1e-13, err_msg=name)


@every_layer
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_finite_far_out(layer, shape, dtype, library, rng):
    point = Point(layer, shape, rng)
    sizes = numpy.array([1000.0, -1000.0, 0.0, 80.0, -80.0])
    point.x = sizes.reshape((5,) + (1,) * len(shape)) * numpy.ones((5, *shape))
    results = point.mapped(lambda a: library.asarray(a, dtype=dtype)).results()
    for name, value in results.items():
        assert numpy.isfinite(library.host(value)).all(), name


@every_layer
def test_complex_step_is_finite_far_out(layer, shape, rng):
    point = Point(layer, shape, rng)
    point.x = 1000.0 * numpy.sign(point.x) + 1e-20j
    for name, value in point.results().items():
        assert numpy.isfinite(value).all(), name
