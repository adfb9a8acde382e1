"""Dense: numbers by hand, and the variances of its initialisers."""

import numpy
import pytest

from gamedyn.nn import Dense


def test_forward_by_hand():
    y, _ = Dense(2, 2).forward((numpy.array([[1.0, 2.0], [3.0, 4.0]]), numpy.array([10.0, 20.0])), numpy.eye(2))
    numpy.testing.assert_array_equal(y, [[11.0, 22.0], [13.0, 24.0]])


def test_backward_by_hand():
    # y = 2 x + 1 on x = 3, 4 with y_bar = 5, 7: x_bar = 10, 14; W_bar = 15 + 28; b_bar = 12.
    layer, params = Dense(1, 1), (numpy.array([[2.0]]), numpy.array([1.0]))
    _, tape = layer.forward(params, numpy.array([[3.0], [4.0]]))
    x_bar, (weight_bar, bias_bar) = layer.backward(params, tape, numpy.array([[5.0], [7.0]]))
    numpy.testing.assert_array_equal(x_bar, [[10.0], [14.0]])
    numpy.testing.assert_array_equal(weight_bar, [[43.0]])
    numpy.testing.assert_array_equal(bias_bar, [12.0])


def test_glorot_limits_and_variance(rng):
    # Uniform on +-sqrt(6 / (n + m)) has variance 2 / (n + m).
    weight, bias = Dense(300, 500).init(rng, numpy, numpy.float64)
    limit = numpy.sqrt(6 / 800)
    assert 0.999 * limit < numpy.abs(weight).max() <= limit
    # Variance of the sample variance of a uniform law: (4/45) limit^4 / N.
    sigma = limit**2 * numpy.sqrt(4 / 45 / weight.size)
    assert abs(numpy.mean(weight**2) - limit**2 / 3) < 5 * sigma
    assert abs(weight.mean()) < 5 * limit / numpy.sqrt(3 * weight.size)
    assert not bias.any()


def test_he_variance(rng):
    (weight,) = Dense(400, 500, bias=False, initializer="he").init(rng, numpy, numpy.float64)
    assert abs(numpy.mean(weight**2) / (2 / 400) - 1) < 5 * numpy.sqrt(2 / weight.size)
    # Normal, not uniform: the fourth moment is 3, with variance 96 / N.
    assert abs(numpy.mean((weight / numpy.sqrt(2 / 400)) ** 4) - 3) < 5 * numpy.sqrt(96 / weight.size)


def test_init_in_every_library(library):
    draws = Dense(3, 2).init(7, library.xp, library.xp.float32, library.device)
    expected = Dense(3, 2).init(7, numpy, numpy.float64)
    for draw, host in zip(draws, expected, strict=True):
        assert library.owns(draw, dtype="float32")
        numpy.testing.assert_allclose(library.host(draw), host, rtol=1e-6)


def test_real_inputs_meet_complex_parameters(library):
    weight = library.asarray([[2.0 + 0.25j]], dtype="complex128")
    y, _ = Dense(1, 1, bias=False).forward((weight,), library.asarray([[3.0]]))
    assert library.host(y)[0, 0] == 6.0 + 0.75j


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 1), ValueError, "`inputs` must be at least 1, got 0"),
        ((1, 2.5), TypeError, "`outputs` must be an integer, got 2.5"),
        ((1, 1, True, "hee"), ValueError, "got 'hee'. Did you mean 'he'?"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error) as caught:
        Dense(*arguments)
    assert message in str(caught.value)
