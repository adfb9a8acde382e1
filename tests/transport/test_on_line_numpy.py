"""Facts about the fast forms for two NumPy samples: they equal the general formula, and their sums are exact."""

import itertools
import math
from fractions import Fraction

import numpy
import pytest

from gamedyn.transport import _on_line_numpy, wasserstein_on_line
from gamedyn.transport._on_line import _general
from gamedyn.transport._on_line_numpy import _nearly_sorting, _pieces, integer_shares

INF = math.inf


@pytest.mark.parametrize("order", [1, 1.5, 2, 60, INF])
@pytest.mark.parametrize("sizes", [(1, 2), (5, 3), (4, 8), (9, 6), (7, 1), (100, 101), (400, 30)])
def test_unequal_sizes_equal_the_general_formula(order, sizes, rng, monkeypatch):
    # Blocks of a few pieces, so that most borders lie inside.
    monkeypatch.setattr(_on_line_numpy, "_PIECES", 16)
    x, y = rng.standard_normal(sizes[0]).round(1), rng.exponential(size=sizes[1])
    for power in (False, True) if order < INF else (False,):
        expected = float(_general(numpy, x, y, None, None, order, power))
        value = wasserstein_on_line(x, y, order, power=power)
        assert value.dtype == numpy.float64
        assert float(value) == pytest.approx(expected, rel=1e-13, abs=0.0)


def test_pieces_are_those_of_exact_fractions(monkeypatch):
    monkeypatch.setattr(_on_line_numpy, "_PIECES", 5)
    for n, m in ((1, 1), (2, 3), (3, 3), (4, 6), (12, 9), (7, 5), (30, 1), (1, 30)):
        x, y = numpy.arange(n) * 100.0, numpy.arange(m) * 1.0
        found = {}
        for distance, mass in _pieces(x, y):
            for d, k in zip(distance.tolist(), mass.tolist(), strict=True):
                found[d] = found.get(d, 0) + k
        expected = {}
        cuts = sorted({Fraction(i, n) for i in range(n + 1)} | {Fraction(j, m) for j in range(m + 1)})
        for left, right in itertools.pairwise(cuts):
            d = abs(100.0 * math.floor(left * n) - math.floor(left * m))
            expected[d] = expected.get(d, 0) + (right - left) * n * m
        assert {d: k for d, k in found.items() if k} == expected


@pytest.mark.parametrize("sizes", [(1, 1), (1, 6), (5, 5), (40, 17)])
def test_w1_with_weights_equals_the_general_formula(sizes, rng):
    for scale in (1.0, 1e300, 1e-300):
        x, y = rng.standard_normal(sizes[0]).round(1) * 10, rng.standard_normal(sizes[1]).round(1)
        v, w = rng.random(sizes[0]) * scale, rng.random(sizes[1])
        for pair in ((v, w), (v, None), (None, w)):
            expected = float(_general(numpy, x, y, *pair, 1, False))
            assert float(wasserstein_on_line(x, y, 1, *pair)) == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_weights_whose_sum_overflows_are_shares_all_the_same():
    for order, expected in ((1, 0.5), (2, 0.5**0.5)):
        value = wasserstein_on_line([0.0, 1.0], [0.0], order, [1e308, 1e308], [1.0])
        assert float(value) == expected


def test_equal_weighted_samples_are_at_distance_zero_exactly(rng):
    x, v = rng.standard_normal(1000), rng.random(1000)
    shuffle = rng.permutation(1000)
    assert float(wasserstein_on_line(x, x[shuffle], 1, v, v[shuffle])) == 0.0


def test_sums_of_mass_are_not_rounded():
    # A million masses of one side and their shift by 1e-9: sums in floating point would add 1e-11 of the spread.
    n = 100_000
    x = numpy.arange(n, dtype=float)
    v = numpy.random.default_rng(5).random(n)
    y = x + 2.0**-30
    assert float(wasserstein_on_line(x, y, 1, v, v)) == pytest.approx(2.0**-30, rel=1e-15, abs=0.0)


def test_integers_have_the_right_sum_and_shares(rng):
    for weights in (rng.random(200), numpy.array([1e-300, 1e300]), numpy.array([5e-324]), numpy.array([0.0, 3.0])):
        shares = integer_shares(weights, len(weights), 2**61)
        assert int(shares.sum()) == 2**61
        total = sum(map(Fraction, weights.tolist()))
        exact = [Fraction(w) / total for w in weights.tolist()]
        errors = [abs(Fraction(int(k), 2**61) - e) for k, e in zip(shares, exact, strict=True)]
        assert max(errors) < 2e-16
    assert int(integer_shares(None, 7, 2**61).sum()) == 2**61
    assert integer_shares(None, 4, 12).tolist() == [3, 3, 3, 3]
    numpy.testing.assert_allclose(integer_shares(None, 7, 2**61) / 2.0**61, 1 / 7, rtol=1e-15)


def test_packed_keys_sort_all_but_the_last_digits(rng):
    values = numpy.concatenate([rng.standard_normal(1000) * 10.0 ** rng.integers(-300, 300, 1000), [0.0, -0.0, 5e-324]])
    order = _nearly_sorting(values)
    numpy.testing.assert_array_equal(numpy.sort(order), numpy.arange(len(values)))
    found, right = values[order], numpy.sort(values)
    numpy.testing.assert_allclose(found, right, rtol=2.0**-40, atol=1e-320)


def test_values_that_differ_in_the_last_digits_are_put_in_order(rng):
    # Neighbouring floats in random order, which packed keys leave as they came.
    x = 1.0 + rng.permutation(64) * 2.0**-52
    v = numpy.arange(1.0, 65.0)
    exact = sum(Fraction(a) * Fraction(b) for a, b in zip(x.tolist(), v.tolist(), strict=True)) / sum(map(int, v)) - 1
    # Of samples all on one side of the other, W_1 is the difference of the means.
    assert float(wasserstein_on_line(x, [1.0], 1, v, [1.0])) == pytest.approx(float(exact), rel=1e-15, abs=0.0)
    assert (numpy.diff(x[_nearly_sorting(x)]) < 0).any()


def test_float32_stays_float32(rng):
    x, y, v = (rng.random(k).astype("float32") for k in (30, 20, 30))
    for weights in ({}, {"x_weights": v}):
        value = wasserstein_on_line(x, y, **weights)
        assert value.dtype == numpy.float32
        double = {name: w.astype(float) for name, w in weights.items()}
        assert float(value) == pytest.approx(
            float(wasserstein_on_line(x.astype(float), y.astype(float), **double)), rel=1e-6, abs=0.0
        )


@pytest.mark.full
def test_ten_million_samples_need_no_more_than_their_sorted_copies():
    import tracemalloc

    rng = numpy.random.default_rng(3)
    x, y = rng.standard_normal(10_000_000), rng.standard_normal(9_000_000) + 0.5
    tracemalloc.start()
    value = wasserstein_on_line(x, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert float(value) == pytest.approx(0.5, abs=0.005)
    assert peak < x.nbytes + y.nbytes + 50e6
