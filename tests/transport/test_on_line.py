"""Facts about Wasserstein distances on the line."""

import math

import numpy
import pytest
import scipy.stats

from gamedyn.transport import wasserstein_on_line
from gamedyn.transport._on_line import _general

INF = math.inf


def brute_force(x, y, order, v=None, w=None):
    """(integral |F^-1 - G^-1|^p)^(1/p) from the definition F^-1(u) = min {x_i : F(x_i) >= u}, one piece at a time."""
    v = numpy.ones(len(x)) if v is None else numpy.asarray(v, float)
    w = numpy.ones(len(y)) if w is None else numpy.asarray(w, float)
    x, v = zip(*sorted(zip(x, v / v.sum(), strict=True)), strict=True)
    y, w = zip(*sorted(zip(y, w / w.sum(), strict=True)), strict=True)
    total, i, j, left, right = 0.0, 0, 0, v[0], w[0]
    while True:
        piece = min(left, right)
        total += piece * abs(x[i] - y[j]) ** order
        left, right = left - piece, right - piece
        if left <= 1e-15:
            i += 1
            if i == len(x):
                break
            left = v[i]
        if right <= 1e-15:
            j += 1
            if j == len(y):
                break
            right = w[j]
    return total ** (1 / order)


def test_returns_the_distance_and_not_its_power():
    assert float(wasserstein_on_line([0.0, 0.0], [3.0, 3.0], order=2)) == 3.0
    assert float(wasserstein_on_line([0.0, 0.0], [3.0, 3.0], order=2, power=True)) == 9.0


@pytest.mark.parametrize("order", [1, 1.5, 2, 7, 600, INF])
def test_a_shift_costs_itself_for_every_order(order, rng):
    # A 600th power of 3 overflows and one of 1/3 underflows, if taken as it stands.
    x = rng.standard_normal(50)
    for shift in (3.0, -1e-3, 1e100, 1e-100):
        value = float(wasserstein_on_line(x * abs(shift), (x + math.copysign(1, shift)) * abs(shift), order=order))
        assert value == pytest.approx(abs(shift), rel=1e-13, abs=0.0)


@pytest.mark.parametrize("order", [1, 2, 3.5])
def test_unequal_sizes_and_weights_agree_with_the_definition(order, rng):
    for n, m in ((1, 1), (1, 5), (3, 7), (6, 4), (8, 12)):
        x, y = rng.standard_normal(n), rng.standard_normal(m) + 0.5
        v, w = rng.integers(1, 5, n), rng.integers(1, 5, m)
        plain, weighted = wasserstein_on_line(x, y, order), wasserstein_on_line(x, y, order, v, w)
        assert float(plain) == pytest.approx(brute_force(x, y, order), rel=1e-12, abs=0.0)
        assert float(weighted) == pytest.approx(brute_force(x, y, order, v, w), rel=1e-12, abs=0.0)


def test_w1_agrees_with_scipy(rng):
    x, y = rng.standard_normal(300), rng.exponential(size=170)
    v, w = rng.random(300), rng.random(170)
    assert float(wasserstein_on_line(x, y)) == pytest.approx(scipy.stats.wasserstein_distance(x, y), rel=1e-12, abs=0.0)
    assert float(wasserstein_on_line(x, y, 1, v, w)) == pytest.approx(
        scipy.stats.wasserstein_distance(x, y, v, w), rel=1e-12
    )


def test_largest_order_takes_the_largest_distance_of_quantiles():
    # Quantiles of {0, 1} and {0, 0, 3}: gaps 0 on (0, 1/2), 1 on (1/2, 2/3), 2 on (2/3, 1).
    assert float(wasserstein_on_line([0.0, 1.0], [0.0, 0.0, 3.0], order=INF)) == 2.0
    assert float(wasserstein_on_line([0.0, 1.0], [0.0, 3.0], INF, y_weights=[2.0, 1.0])) == 2.0


def test_shared_levels_are_no_pieces():
    # Between the level 1/2 of x and that of y lies nothing, where x has already jumped and y has not.
    assert float(wasserstein_on_line([0.0, 10.0], [0.0, 0.0, 10.0, 10.0], order=INF)) == 0.0


@pytest.mark.parametrize("order", [2, 5, INF])
def test_levels_that_differ_by_rounding_cost_nothing(order):
    # 0.1 + 0.2 > 0.3 in floating point: a sliver of 6e-17, whose root would be 7e-9 for p = 2 and 1 for p = inf.
    value = wasserstein_on_line([0.0, 0.0, 1.0], [0.0, 1.0], order, x_weights=[0.1, 0.2, 0.7], y_weights=[0.3, 0.7])
    assert float(value) == 0.0


def test_weights_are_divided_by_their_sum():
    # Mass [1, 1] against [1, 1] must not count double, nor a total of 1/2 half.
    assert float(wasserstein_on_line([0.0, 0.0], [3.0, 3.0], 1, [1.0, 1.0], [1.0, 1.0])) == 3.0
    assert float(wasserstein_on_line([0.0, 1.0], [3.0, 4.0], 1, [0.25, 0.25], [8.0, 8.0])) == 3.0


def test_values_without_mass_do_not_count():
    value = wasserstein_on_line([-1e6, 0.0, 1e6], [1.0], order=2, x_weights=[0.0, 1.0, 0.0])
    assert float(value) == 1.0


def test_two_points_of_opposite_sides_are_exact_with_equal_weights():
    # 1/3 + 1/3 + 1/3 in floating point is no obstacle: levels of equal weights are integers.
    x = [0.0, 0.0, 1.0]
    assert float(wasserstein_on_line(x, x * 7, order=2)) == 0.0


def test_batches_along_any_axis(rng):
    x, y = rng.standard_normal((5, 4)), rng.standard_normal((7, 4))
    v = rng.random((5, 4))
    for weights in ({}, {"x_weights": v}):
        batch = wasserstein_on_line(x, y, 2, **weights, axis=0)
        one = [
            float(wasserstein_on_line(x[:, i], y[:, i], 2, **{k: w[:, i] for k, w in weights.items()}))
            for i in range(4)
        ]
        numpy.testing.assert_allclose(batch, one, rtol=1e-14)
    assert wasserstein_on_line(x.T[:, None, :], y.T[None, :, :]).shape == (4, 4)
    shared = wasserstein_on_line(x, y, axis=0, x_weights=v[:, 0])
    assert float(shared[2]) == pytest.approx(
        float(wasserstein_on_line(x[:, 2], y[:, 2], x_weights=v[:, 0])), rel=1e-14, abs=0.0
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [1.0]), "`x` must hold at least one value"),
        ((1.0, [1.0]), "`x` must have at least one axis"),
        (([1.0, math.nan], [1.0]), r"`x` must be finite, got x\[1\] = nan"),
        (([1.0], [[0.0, INF]]), r"`y` must be finite, got y\[0, 1\] = inf"),
        (([1.0], [1.0], 0.5), r"`order` must lie in \[1, inf\], got 0.5"),
        (([1.0], [1.0], math.nan), "`order` must lie in"),
        (([1.0, 2.0], [1.0], 1, [1.0, -1.0]), "`x_weights` must be >= 0, got a smallest entry of -1"),
        (([1.0, 2.0], [1.0], 1, [0.0, 0.0]), "`x_weights` must have a positive sum"),
        (([1.0, 2.0], [1.0], 1, None, [1.0, 2.0]), r"`y_weights` must have one weight for each of 1 values"),
        (([1.0, 2.0], [1.0], 1, [1.0, math.nan]), r"`x_weights` must be finite"),
        (([1.0], [1.0], 1, None, None, 1), "`axis` must be an axis of `x`"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        wasserstein_on_line(*arguments)


def test_power_of_the_largest_order_is_refused():
    with pytest.raises(ValueError, match="`power` must be False"):
        wasserstein_on_line([1.0], [1.0], INF, power=True)


@pytest.mark.parametrize("order", [1.5, 2, INF])
def test_many_weights_of_single_precision_add_up(library, order, rng):
    # Each mass is below the rounding that a sum of all may have in single precision.
    x, y = rng.standard_normal((2, 20_000))
    v, w = rng.uniform(0.5, 1.5, (2, 20_000))
    parts = [library.asarray(array, "float32") for array in (x, y, v, w)]
    found = wasserstein_on_line(parts[0], parts[1], order, x_weights=parts[2], y_weights=parts[3])
    assert str(found.dtype).endswith("float32")
    single = [array.astype("float32").astype(float) for array in (x, y, v, w)]
    x, y, v, w = single
    # By integers: quantile functions at the levels of both, exactly.
    v, w = ((weights / weights.sum() * 2**50).astype(int) for weights in (v, w))
    v[0] += 2**50 - v.sum()
    w[0] += 2**50 - w.sum()
    i, j = numpy.argsort(x), numpy.argsort(y)
    below = numpy.cumsum(v[i]), numpy.cumsum(w[j])
    levels = numpy.union1d(*below)
    steps = numpy.abs(x[i][numpy.searchsorted(below[0], levels)] - y[j][numpy.searchsorted(below[1], levels)])
    masses = numpy.diff(levels, prepend=0) / 2**50
    expected = steps.max() if order == INF else (masses @ steps**order) ** (1 / order)
    assert float(found) == pytest.approx(float(expected), rel=2e-6, abs=0.0)


def test_batches_that_do_not_broadcast_are_one_sentence():
    with pytest.raises(ValueError, match=r"batch shapes of `x` and `y` must broadcast, got \(2,\) and \(3,\)"):
        wasserstein_on_line(numpy.zeros((2, 4)), numpy.zeros((3, 4)))
    assert wasserstein_on_line(numpy.zeros((2, 1, 4)), numpy.ones((3, 5))).shape == (2, 3)
    with pytest.raises(TypeError, match="`x` must hold numbers"):
        wasserstein_on_line(None, [1.0])


def test_many_weights_count_where_there_is_no_double_precision(rng):
    class Single:
        """NumPy without double precision, as JAX is by default."""

        float64 = numpy.float32

        def __getattr__(self, name):
            return getattr(numpy, name)

    x, y, v, w = rng.uniform(0.5, 1.5, (4, 20_000))
    single = _general(Single(), *(array.astype("float32") for array in (x, y, v, w)), 2, False)
    assert single.dtype == "float32"
    assert float(single) == pytest.approx(float(wasserstein_on_line(x, y, 2, v, w)), rel=0.05)
