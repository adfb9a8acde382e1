"""Facts about the sliced Wasserstein distance."""

import math

import numpy
import pytest

from gamedyn.transport import sliced_wasserstein, wasserstein_on_line


def test_on_the_line_it_is_the_distance_itself(rng):
    x, y = rng.standard_normal((20, 1)), rng.standard_normal((30, 1)) + 1
    estimate = sliced_wasserstein(x, y, 2, rng=rng)
    assert float(estimate) == pytest.approx(float(wasserstein_on_line(x[:, 0], y[:, 0], 2)), rel=1e-13, abs=0.0)
    assert float(estimate.standard_error) < 1e-15


@pytest.mark.parametrize("d", [2, 5, 20])
def test_two_points_have_the_moments_of_a_coordinate_on_the_sphere(d, rng):
    # E |u_1| = Gamma(d/2) / (sqrt(pi) Gamma((d+1)/2)) and E u_1^2 = 1/d.
    x, y = numpy.zeros((1, d)), numpy.full((1, d), 3 / math.sqrt(d))
    first = 3 * math.exp(math.lgamma(d / 2) - math.lgamma((d + 1) / 2)) / math.sqrt(math.pi)
    for order, expected in ((1, first), (2, 3 / math.sqrt(d))):
        estimate = sliced_wasserstein(x, y, order, projections=20_000, rng=rng)
        # Five standard errors: one seed in two million would fail.
        assert abs(float(estimate) - expected) < 5 * float(estimate.standard_error)
        assert float(estimate.standard_error) < 0.01 * expected


def test_interval_covers_the_truth_as_often_as_it_says():
    # 400 intervals of level 95 %: between 370 and 393 hits, at 3.3 standard deviations of a binomial count.
    x, y = numpy.zeros((1, 3)), numpy.array([[1.0, 2.0, 2.0]])
    hits = 0
    for seed in range(400):
        lower, upper = sliced_wasserstein(x, y, 2, projections=100, rng=seed).interval
        hits += lower < math.sqrt(3.0) < upper
    assert 366 <= hits <= 394


def test_equal_samples_are_at_distance_zero(rng):
    x = rng.standard_normal((10, 3))
    estimate = sliced_wasserstein(x, x[::-1], 2, rng=rng)
    assert (float(estimate), float(estimate.standard_error), estimate.interval) == (0.0, 0.0, (0.0, 0.0))


def test_weights_reach_the_lines():
    # Two thirds of the mass move by 1 in every direction: W_1 = 2/3 |<u, e>|.
    x, y = [[0.0, 0.0], [5.0, 5.0]], [[1.0, 0.0], [5.0, 5.0]]
    weighted = sliced_wasserstein(x, y, 1, 50, x_weights=[2.0, 1.0], y_weights=[2.0, 1.0], rng=0)
    repeated = sliced_wasserstein([*x[:1] * 2, x[1]], [*y[:1] * 2, y[1]], 1, 50, rng=0)
    assert float(weighted) == pytest.approx(float(repeated), rel=1e-13, abs=0.0)


def test_many_points_are_projected_in_pieces(rng, monkeypatch):
    x, y = rng.standard_normal((50, 3)), rng.standard_normal((40, 3))
    whole = sliced_wasserstein(x, y, rng=7)
    monkeypatch.setattr("gamedyn.transport._sliced._ENTRIES", 1000)
    assert float(sliced_wasserstein(x, y, rng=7)) == pytest.approx(float(whole), rel=1e-14, abs=0.0)


def test_large_orders_do_not_overflow(rng):
    x = rng.standard_normal((5, 2))
    estimate = sliced_wasserstein(x, x + 1e3, order=300, projections=500, rng=rng)
    assert 1000 < float(estimate) < 1000 * math.sqrt(2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0]], [[1.0, 2.0]]), r"must have shapes \(n, d\) and \(m, d\) with one d"),
        (([1.0], [1.0]), r"must have shapes \(n, d\)"),
        (([[1.0]], [[math.nan]]), r"`y` must be finite, got y\[0, 0\] = nan"),
        (([[1.0]], [[1.0]], math.inf), "`order` must lie in"),
        (([[1.0]], [[1.0]], 1, 1), "`projections` must be at least 2, got 1"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        sliced_wasserstein(*arguments)
