"""Wasserstein distances of points and weights of extreme scales, and brackets below the rounding of squares."""

import math

import numpy
import pytest

from gamedyn.transport import wasserstein_distance


@pytest.mark.parametrize("order", [1, 1.5, 2, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("d", [2, 6])
def test_the_bracket_holds_a_shift_far_below_the_rounding_of_squares(d, dtype, order, rng):
    # Multiples of 2^-6 below 4, so that both the points and the shift are exact: W_p = shift sqrt(d) for every p.
    x = (rng.integers(-256, 256, (20, d)) / 64).astype(dtype)
    shift = 2.0**-12 if dtype == "float32" else 2.0**-36
    y = x[::-1] + numpy.asarray(shift, dtype)
    largest = float(numpy.max(numpy.sum((x[:, None] - y) ** 2, axis=-1))) ** (order / 2)
    for share in (5e-4, 1e-2):
        result = wasserstein_distance(x, y, order, method="sinkhorn", epsilon=share * largest, return_result=True)
        assert result.lower <= shift * math.sqrt(d) * (1 + 1e-12)
        assert result.upper >= shift * math.sqrt(d) * (1 - 1e-12)


@pytest.mark.parametrize(
    ("scale", "order", "message"),
    [
        (1e-200, 1, "must be further apart for `method` 'sinkhorn', got costs that underflow at order 1"),
        (1e-110, 3, "must be further apart for `method` 'sinkhorn', got costs that underflow at order 3"),
        (1e200, 1, "got points so far apart that it overflows"),
        (1e120, 3, "got points so far apart that it overflows"),
    ],
)
def test_scales_that_no_temperature_fits(scale, order, message):
    x, y = numpy.array([[0.0, 0.0], [1.0, 1.0]]) * scale, numpy.array([[3.0, 0.0], [1.0, 2.0]]) * scale
    with pytest.raises(ValueError, match=message):
        wasserstein_distance(x, y, order, method="sinkhorn")


def test_one_point_costs_nothing_at_any_scale():
    points = [[1e-200, 0.0]] * 3
    assert float(wasserstein_distance(points, points[:2], 2, method="sinkhorn")) == 0.0


def test_weights_whose_sum_overflows_are_divided_by_it(rng):
    x, y = rng.standard_normal((2, 5, 2))
    weights = numpy.array([1.0, 2.0, 4.0, 1.0, 3.0])
    expected = wasserstein_distance(x, y, 2, x_weights=weights)
    assert float(wasserstein_distance(x, y, 2, x_weights=weights * 4e307)) == pytest.approx(float(expected), rel=1e-14)
