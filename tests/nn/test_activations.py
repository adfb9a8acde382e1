"""Activations: values and slopes from closed forms, in both tails and at kinks."""

import mpmath
import numpy
import pytest

from gamedyn.nn import LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh


def derivatives(layer, x):
    """(f, f', f'') of an activation at the entries of x: backward of ones, and its tangent."""
    x = numpy.asarray([x], dtype=float).T
    one, zero = numpy.ones_like(x), numpy.zeros_like(x)
    y, tape = layer.forward((), x)
    _, tape_dot = layer.jvp((), tape, one, ())
    first, params_bar = layer.backward((), tape, one)
    second, _ = layer.backward_jvp((), tape, tape_dot, one, zero, ())
    assert params_bar == ()
    return y[:, 0], first[:, 0], second[:, 0]


def test_tanh_at_log_2():
    # tanh(log 2) = 3/5, tanh' = 16/25, tanh'' = -2 (3/5)(16/25).
    y, first, second = derivatives(Tanh(), [numpy.log(2)])
    numpy.testing.assert_allclose([y[0], first[0], second[0]], [0.6, 0.64, -0.768], rtol=1e-15)


def test_relu_at_the_kink_is_flat():
    y, first, second = derivatives(ReLU(), [-2.0, 0.0, 3.0])
    numpy.testing.assert_array_equal(y, [0.0, 0.0, 3.0])
    numpy.testing.assert_array_equal(first, [0.0, 0.0, 1.0])
    numpy.testing.assert_array_equal(second, [0.0, 0.0, 0.0])


def test_complex_step_at_the_kink_is_flat_too():
    # NumPy orders complex numbers by the imaginary part where real parts tie; the real part alone may decide.
    y, _ = ReLU().forward((), numpy.array([[0.0 + 1e-20j, -1.0 + 5j, 2.0 - 5j]]))
    numpy.testing.assert_array_equal(y, [[0.0, 0.0, 2.0 - 5j]])


def test_relu_stops_an_infinite_cotangent():
    x = numpy.array([[-1.0]])
    x_bar, _ = ReLU().backward((), ReLU().forward((), x)[1], numpy.array([[numpy.inf]]))
    assert x_bar[0, 0] == 0.0


@pytest.mark.parametrize("x", [-700.0, -40.0, -1.0, 0.0, 1.0, 30.0, 700.0])
def test_softplus_keeps_its_digits_in_both_tails(x):
    # sigma' = e^-x / (1 + e^-x)^2 underflows gracefully; 1 - sigma would be 0 from 37 on.
    value, first, second = derivatives(Softplus(), [x])
    with mpmath.workdps(400):
        e = mpmath.exp(-mpmath.mpf(x))
        expected = [mpmath.log(1 + 1 / e), 1 / (1 + e), e / (1 + e) ** 2]
    numpy.testing.assert_allclose([value[0], first[0], second[0]], [float(v) for v in expected], rtol=1e-13)


@pytest.mark.parametrize("x", [-700.0, -40.0, -1.278, -1e-9, 0.0, 1.0, 30.0, 700.0])
def test_sigmoid_and_silu_keep_their_digits(x):
    with mpmath.workdps(400):
        t = mpmath.mpf(x)
        p, q = 1 / (1 + mpmath.exp(-t)), 1 / (1 + mpmath.exp(t))
        sigmoid = [p, p * q, p * q * (q - p)]
        silu = [t * p, p + t * p * q, p * q * (2 + t * (q - p))]
    for layer, expected in ((Sigmoid(), sigmoid), (SiLU(), silu)):
        found = [entry[0] for entry in derivatives(layer, [x])]
        # SiLU's slope crosses 0 at -1.2785, where its terms cancel.
        numpy.testing.assert_allclose(found, [float(v) for v in expected], rtol=1e-12, atol=0, err_msg=repr(layer))


def test_leaky_relu_at_the_kink_has_the_left_slope():
    y, first, second = derivatives(LeakyReLU(0.25), [-2.0, 0.0, 3.0])
    numpy.testing.assert_array_equal(y, [-0.5, 0.0, 3.0])
    numpy.testing.assert_array_equal(first, [0.25, 0.25, 1.0])
    numpy.testing.assert_array_equal(second, [0.0, 0.0, 0.0])


def test_kinks_are_declared():
    assert [layer.is_smooth for layer in (LeakyReLU(), LeakyReLU(1.0), ReLU(), SiLU(), Sigmoid())] == [
        False,
        True,
        False,
        True,
        True,
    ]
    with pytest.raises(ValueError, match="`slope` must be non-negative and finite"):
        LeakyReLU(-0.1)
