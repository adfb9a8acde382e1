"""Slice, Reshape, Residual, Concatenate: shapes, order of entries, flags, and what does not fit."""

import numpy
import pytest

from gamedyn.nn import Concatenate, Dense, Network, ReLU, Reshape, Residual, Sequential, Slice, Tanh


class Mixing(Tanh):
    """Declares that it sees the batch."""

    per_sample = False


def test_slice_puts_cotangents_between_zeros():
    y, tape = Slice(1, 3).forward((), numpy.array([[1.0, 2.0, 3.0, 4.0, 5.0]]))
    numpy.testing.assert_array_equal(y, [[2.0, 3.0]])
    numpy.testing.assert_array_equal(Slice(1, 3).backward((), tape, y)[0], [[0.0, 2.0, 3.0, 0.0, 0.0]])


def test_reshape_keeps_row_major_order(rng):
    x = rng.standard_normal((5, 2, 12))
    image, _ = Reshape((2, 3, 2)).forward((), x)
    assert image.shape == (5, 2, 2, 3, 2)
    numpy.testing.assert_array_equal(image[..., 1, 2, 0], x[..., 10])
    back, _ = Reshape((12,), inputs=(2, 3, 2)).forward((), image)
    numpy.testing.assert_array_equal(back, x)


def test_images_pass_between_reshapes(rng):
    network = Network((Reshape((2, 2)), Tanh(), Reshape((4,), inputs=(2, 2)), Dense(4, 1)), 4)
    flat = Network((Tanh(), Dense(4, 1)), 4)
    theta, x = flat.init(rng), rng.standard_normal((3, 5, 4))
    numpy.testing.assert_array_equal(network(theta, x), flat(theta, x))


def test_residual_adds_the_input(rng):
    # y = x + x W has the Jacobian I + W: with W = -I everything vanishes.
    layer = Residual((Dense(3, 3, bias=False),))
    params, x = (-numpy.eye(3),), rng.standard_normal((4, 3))
    y, tape = layer.forward(params, x)
    assert not y.any()
    assert not layer.backward(params, tape, x)[0].any()
    assert not layer.jvp(params, tape, x, (numpy.zeros((3, 3)),))[0].any()
    numpy.testing.assert_array_equal(Residual(()).forward((), x)[0], 2 * x)


def test_concatenate_is_one_dense_layer_in_two_parts(rng):
    parts, whole = Network((Concatenate((Dense(3, 2), Dense(3, 1))),), 3), Network((Dense(3, 3),), 3)
    first, second = rng.standard_normal(8), rng.standard_normal(4)
    theta = numpy.concatenate([first, second])
    weight = numpy.concatenate([first[:6].reshape(3, 2), second[:3].reshape(3, 1)], axis=1)
    joined = numpy.concatenate([weight.ravel(), first[6:], second[3:]])
    x = rng.standard_normal((5, 3))
    numpy.testing.assert_allclose(parts(theta, x), whole(joined, x), rtol=1e-14)
    y_bar = rng.standard_normal((5, 3))
    numpy.testing.assert_allclose(parts.vjp(theta, x, y_bar)[1], whole.vjp(joined, x, y_bar)[1], rtol=1e-13)
    assert list(parts.unflatten(theta)) == ["0.0.weight", "0.0.bias", "0.1.weight", "0.1.bias"]


def test_branches_without_parameters_follow_an_ensemble(rng, library):
    network = Network((Concatenate((Slice(0, 1), Dense(2, 2))), Dense(3, 1)), 2)
    thetas, x = network.init(rng, batch_shape=(4,)), rng.standard_normal((3, 2))
    given = library.asarray(thetas), library.asarray(x)
    together, (theta_bar, _) = network(*given), network.vjp(*given, network(*given))
    for k, theta in enumerate(thetas):
        alone = network(theta, x)
        numpy.testing.assert_allclose(library.host(together)[k], alone, rtol=1e-13)
        numpy.testing.assert_allclose(library.host(theta_bar)[k], network.vjp(theta, x, alone)[0], rtol=1e-12)


@pytest.mark.parametrize("composite", [Residual, Concatenate, Sequential])
def test_flags_are_those_of_all_parts(composite):
    assert (composite((Tanh(), Tanh())).per_sample, composite((Tanh(), Tanh())).is_smooth) == (True, True)
    assert composite((Tanh(), ReLU())).is_smooth is False
    assert composite((Tanh(), Mixing())).per_sample is False
    assert composite((Mixing(), Sequential((ReLU(),)))).is_smooth is False


def test_parameters_are_drawn_in_order():
    # One stream for all branches: two equal branches differ.
    layer = Concatenate((Dense(2, 2), Dense(2, 2)))
    params = layer.init(3, numpy, numpy.float64)
    assert (params[0] != params[2]).all()
    (first, _), rng = Dense(2, 2).init(3, numpy, numpy.float64), numpy.random.default_rng(3)
    numpy.testing.assert_array_equal(params[0], first)
    numpy.testing.assert_array_equal(Residual((Dense(2, 2),)).init(rng, numpy, numpy.float64)[0], first)


@pytest.mark.parametrize("composite", [Residual, Concatenate, Sequential])
def test_parts_are_layers_in_a_tuple(composite):
    name = "branches" if composite is Concatenate else "layers"
    with pytest.raises(TypeError, match=f"`{name}` must hold layers, got 3 of type int."):
        composite((Tanh(), 3))
    with pytest.raises(TypeError, match=f"`{name}` must hold layers, got <class .*Tanh'> .* Call it to make one."):
        composite((Tanh,))
    with pytest.raises(TypeError, match=rf"`{name}` must be a tuple of layers, got Tanh\(\) of type Tanh."):
        composite(Tanh())
    # A list is as good, and layers are values.
    assert {composite([Tanh()])} == {composite((Tanh(),))}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Slice(2, 2), "`stop` must be greater than `start`, got start=2 and stop=2."),
        (lambda: Slice(-1, 2), "`start` must be at least 0, got -1."),
        (lambda: Slice(0, 4).output_shape((3,)), "takes inputs whose last axis has 4 entries or more, got (3,)."),
        (lambda: Reshape((2, 3), inputs=(5,)), "`inputs` must hold as many entries as `shape`, got (5,) with 5 and"),
        (lambda: Reshape(6).output_shape((5,)), "takes inputs of shape (6,), got (5,)."),
        (lambda: Reshape((2, 0)), "`shape` must be at least 1, got 0."),
        (lambda: Reshape((2, 3)).output_shape((2, 3)), "takes inputs of shape (6,), got (2, 3)."),
        (
            lambda: Residual((Dense(3, 2),)).output_shape((3,)),
            "keep the shape of their input, got (2,) from (3,).",
        ),
        (lambda: Concatenate(()), "`branches` must hold one layer or more, got none."),
        (lambda: Concatenate((Tanh(), Dense(2, 1))).output_shape((3,)), "branch 1 does not fit: Dense(inputs=2,"),
        (
            lambda: Concatenate((Tanh(), Reshape((6,), inputs=(2, 3)))).output_shape((2, 3)),
            "branches must agree in all axes but the last, got shapes [(2, 3), (6,)].",
        ),
        (
            lambda: Network((Slice(0, 2), Residual((Dense(3, 3),))), 3),
            "layers do not chain at layer 1: layers do not chain at layer 0: Dense(inputs=3, outputs=3,",
        ),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert message in str(caught.value)
