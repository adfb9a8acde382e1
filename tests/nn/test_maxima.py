"""LogSumExp and Maxout: closed forms, ties, tails, and the semi-supervised discriminator."""

import mpmath
import numpy
import pytest

from gamedyn.nn import LogSumExp, Maxout


def slopes(layer, x, x_dot):
    """(y, gradient of y_1, Hessian of y_1 times x_dot) at one row x."""
    x, x_dot = numpy.array([x]), numpy.array([x_dot])
    y, tape = layer.forward((), x)
    _, tape_dot = layer.jvp((), tape, x_dot, ())
    y_bar = numpy.eye(1, y.shape[-1])
    gradient, _ = layer.backward((), tape, y_bar)
    product, _ = layer.backward_jvp((), tape, tape_dot, y_bar, 0 * y_bar, ())
    return y[0], gradient[0], product[0]


def test_log_sum_exp_by_hand():
    # x = (log 1, log 3): y = log 4, s = (1/4, 3/4), H = diag(s) - s s^T, so H (1, 0) = (3/16, -3/16).
    y, gradient, product = slopes(LogSumExp(), [0.0, numpy.log(3.0)], [1.0, 0.0])
    numpy.testing.assert_allclose(y, [numpy.log(4.0)], rtol=1e-15)
    numpy.testing.assert_allclose(gradient, [0.25, 0.75], rtol=1e-15)
    numpy.testing.assert_allclose(product, [3 / 16, -3 / 16], rtol=1e-15)


def test_the_extra_logit_takes_its_share():
    # 1 + 1 + 3: s = (1/5, 3/5), H (1, 0) = (4/25, -3/25).
    y, gradient, product = slopes(LogSumExp(extra=True), [0.0, numpy.log(3.0)], [1.0, 0.0])
    numpy.testing.assert_allclose(y, [numpy.log(5.0)], rtol=1e-15)
    numpy.testing.assert_allclose(gradient, [0.2, 0.6], rtol=1e-15)
    numpy.testing.assert_allclose(product, [4 / 25, -3 / 25], rtol=1e-14)


@pytest.mark.parametrize("x", [[-40.0, -41.0], [-1000.0, -990.0], [1000.0, 999.0], [3.0, -1000.0]])
def test_no_digit_is_lost_in_the_tails(x):
    with mpmath.workdps(500):
        terms = [mpmath.exp(mpmath.mpf(v)) for v in x]
        for layer, total in ((LogSumExp(), sum(terms)), (LogSumExp(extra=True), 1 + sum(terms))):
            y, gradient, _ = slopes(layer, x, [0.0, 0.0])
            numpy.testing.assert_allclose(y, [float(mpmath.log(total))], rtol=1e-13, atol=0)
            numpy.testing.assert_allclose(gradient, [float(t / total) for t in terms], rtol=1e-13, atol=0)


def test_shares_do_not_inherit_the_rounding_of_large_logits():
    # e^(x - y) would: y itself is rounded at 1000, by 3e-5 in single precision.
    x = numpy.array([[1000.0, 999.0, 998.0]], dtype=numpy.float32)
    expected = numpy.exp([0.0, -1.0, -2.0]) / numpy.exp([0.0, -1.0, -2.0]).sum()
    numpy.testing.assert_allclose(LogSumExp().forward((), x)[1][0], expected, rtol=1e-6)


def test_it_is_the_logit_of_a_real_class():
    # Salimans et al.: D = Z / (Z + 1) with Z = sum e^x; its logit is log Z.
    x = numpy.array([[0.2, -1.0, 0.7]])
    z = numpy.exp(x).sum()
    probability = z / (z + 1)
    numpy.testing.assert_allclose(LogSumExp().forward((), x)[0], numpy.log(probability / (1 - probability)), rtol=1e-14)


def test_maxout_takes_neighbours_and_the_first_of_equals():
    layer, x = Maxout(3), numpy.array([[1.0, 7.0, 7.0, -5.0, -6.0, -7.0]])
    y, tape = layer.forward((), x)
    numpy.testing.assert_array_equal(y, [[7.0, -5.0]])
    x_bar, _ = layer.backward((), tape, numpy.array([[2.0, 3.0]]))
    numpy.testing.assert_array_equal(x_bar, [[0.0, 2.0, 0.0, 3.0, 0.0, 0.0]])
    # An infinite number beside the largest does not become nan.
    assert layer.forward((), numpy.array([[1.0, -numpy.inf, 0.0]]))[0][0, 0] == 1.0
    assert not numpy.isnan(layer.backward((), tape, numpy.array([[numpy.inf, 1.0]]))[0]).any()


def test_maxout_goes_by_the_real_part():
    y, _ = Maxout(2).forward((), numpy.array([[1.0 + 0j, 1.0 + 1j, -2.0 + 5j, -1.0 - 5j]]))
    numpy.testing.assert_array_equal(y, [[1.0, -1.0 - 5j]])


def test_maxout_says_what_it_takes():
    assert (Maxout(2).is_smooth, Maxout(1).is_smooth, Maxout(2).output_shape((4, 6))) == (False, True, (4, 3))
    with pytest.raises(ValueError, match=r"takes inputs whose last axis is a multiple of 2, got \(3,\)"):
        Maxout(2).output_shape((3,))
    with pytest.raises(ValueError, match="`pieces` must be at least 1, got 0"):
        Maxout(0)
