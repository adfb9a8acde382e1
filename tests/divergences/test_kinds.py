"""Kinds of divergence: functionals of the log-ratio against sums over pmfs, their bounds, maps and orders."""

import math

import numpy
import pytest
import scipy.stats

from gamedyn.divergences._cross_fit import mean_difference
from gamedyn.divergences._kinds import KINDS, kind_of

P, Q = numpy.array([0.125, 0.375, 0.3, 0.2]), numpy.array([0.25, 0.25, 0.4, 0.1])


def _entropy(p, q):
    return float(numpy.sum(p * numpy.log(p / q)))


def _power(a):
    return float(numpy.sum(P**a * Q ** (1 - a)))


_JS = (_entropy(P, (P + Q) / 2) + _entropy(Q, (P + Q) / 2)) / 2
TRUTH = {
    ("kl", None): _entropy(P, Q),
    ("reverse_kl", None): _entropy(Q, P),
    ("jeffreys", None): _entropy(P, Q) + _entropy(Q, P),
    ("js", None): _JS,
    ("gan", None): 2 * _JS - math.log(4),
    ("tv", None): numpy.abs(P - Q).sum() / 2,
    ("le_cam", None): ((P - Q) ** 2 / (P + Q)).sum(),
    ("squared_hellinger", None): ((numpy.sqrt(P) - numpy.sqrt(Q)) ** 2).sum() / 2,
    ("hellinger", None): math.sqrt(((numpy.sqrt(P) - numpy.sqrt(Q)) ** 2).sum() / 2),
    ("bhattacharyya", None): -math.log(numpy.sqrt(P * Q).sum()),
    ("pearson", None): ((P - Q) ** 2 / Q).sum(),
    ("neyman", None): ((P - Q) ** 2 / P).sum(),
    ("renyi", 0.5): math.log(_power(0.5)) / -0.5,
    ("renyi", 1): _entropy(P, Q),
    ("renyi", 3.0): math.log(_power(3.0)) / 2,
    ("tsallis", 1.0): _entropy(P, Q),
    ("tsallis", 1.5): (_power(1.5) - 1) / 0.5,
    ("alpha", 0): _entropy(Q, P),
    ("alpha", 1.0): _entropy(P, Q),
    ("alpha", -1.0): ((P - Q) ** 2 / P).sum() / 2,
    ("alpha", 0.3): (_power(0.3) - 1) / (0.3 * -0.7),
}


def _value(kind, v):
    gain, loss = kind.contributions(v, v)
    return kind.of(float(P @ gain - Q @ loss))


def test_all_kinds_have_a_truth():
    assert {name for name, _ in TRUTH} == {*KINDS, "alpha", "renyi", "tsallis"}


@pytest.mark.parametrize("key", TRUTH, ids=str)
def test_the_log_ratio_gives_the_divergence(key):
    assert _value(kind_of(*key), numpy.log(P / Q)) == pytest.approx(TRUTH[key], rel=1e-12, abs=0.0)


@pytest.mark.parametrize("key", TRUTH, ids=str)
def test_any_other_gives_less(key, rng):
    kind = kind_of(*key)
    values = [_value(kind, numpy.log(P / Q) + scale * rng.standard_normal(4)) for scale in (1e-3, 0.1, 1.0) * 30]
    assert max(values) <= TRUTH[key] + 1e-14
    assert min(values) < TRUTH[key]


@pytest.mark.parametrize("key", TRUTH, ids=str)
def test_the_shift_is_the_best(key, rng):
    # On equal weights, where rows are masses.
    kind, v_x, v_y = kind_of(*key), rng.standard_normal(7), rng.standard_normal(9)

    def bound(c):
        gain, loss = kind.contributions(v_x + c, v_y + c)
        return kind.of(float(gain.mean() - loss.mean()))

    best = kind.best_shift(v_x, v_y)
    if kind.functional in ("label", "tv", "le_cam"):
        assert best == 0.0
    else:
        assert bound(best) >= max(bound(best + c) for c in (-0.5, -0.01, 0.01, 0.5))


def test_far_log_ratios_shift_without_overflow():
    assert kind_of("kl", None).best_shift(numpy.zeros(3), numpy.full(4, 800.0)) == pytest.approx(-800.0)


def test_ends_are_mapped():
    # Hellinger of an integral of 0.99 +- 0.02: from 0, at 1.01, to sqrt(0.03).
    quantile = scipy.stats.norm.ppf(0.95)
    estimate = kind_of("hellinger", None).estimate(0.99, 0.02 / quantile, 0.9, "", (3, 4), "")
    assert estimate.value == pytest.approx(0.1)
    assert estimate.interval == (0.0, pytest.approx(math.sqrt(0.03)))
    assert estimate.standard_error == pytest.approx(math.sqrt(0.03) / (2 * quantile))
    assert (estimate.level, estimate.n) == (0.9, (3, 4))


BOUNDS = {
    ("js", None): (0.0, math.log(2)),
    ("gan", None): (-math.log(4), 0.0),
    ("tv", None): (0.0, 1.0),
    ("le_cam", None): (0.0, 2.0),
    ("squared_hellinger", None): (0.0, 1.0),
    ("hellinger", None): (0.0, 1.0),
    ("tsallis", 0.5): (0.0, 2.0),
    ("alpha", 0.5): (0.0, 4.0),
    ("tsallis", 2.0): (0.0, math.inf),
    ("alpha", -1.0): (0.0, math.inf),
    **{
        (name, None): (0.0, math.inf) for name in ("kl", "reverse_kl", "jeffreys", "bhattacharyya", "pearson", "neyman")
    },
    **{("renyi", order): (0.0, math.inf) for order in (0.5, 3.0)},
}


@pytest.mark.parametrize("key", BOUNDS, ids=str)
def test_bounds_are_those_of_equal_and_of_disjoint_laws(key):
    kind = kind_of(*key)
    assert kind.bounds == pytest.approx(BOUNDS[key], rel=1e-15, abs=0.0)
    assert not any(math.copysign(1.0, end) < 0 for end in kind.bounds if end == 0)
    low, high = BOUNDS[key]
    wide = kind.estimate(0.9, 3.0, 0.9, "", (2, 2), "", is_bound=False)
    assert low <= wide.lower <= wide.value <= wide.upper <= high


def test_an_estimate_outside_of_its_range_is_cut_with_its_interval():
    # JS = (F + log 4) / 2: F = 0.01 is above, and -2 below its range.
    js = kind_of("js", None)
    above = js.estimate(0.01, 0.0, 0.95, "", (2, 2), "", is_bound=False)
    assert (above.value, *above.interval, above.standard_error) == (*[math.log(2)] * 3, 0.0)
    wide = js.estimate(0.01, 0.2, 0.95, "", (2, 2), "", is_bound=False)
    assert (wide.value, wide.upper) == (math.log(2), math.log(2))
    assert wide.lower == pytest.approx(math.log(2) + (0.01 - 0.2 * scipy.stats.norm.ppf(0.975)) / 2, rel=1e-12)
    # The error is that before the cut.
    assert wide.standard_error == pytest.approx(0.1, rel=1e-12)
    below = js.estimate(-2.0, 0.1, 0.95, "", (2, 2), "", is_bound=False)
    assert (below.value, *below.interval) == (0.0, 0.0, 0.0)
    bound = js.estimate(-2.0, 0.1, 0.95, "", (2, 2), "")
    assert bound.value == pytest.approx(math.log(2) - 1.0)
    assert bound.lower < bound.value < bound.upper < 0
    assert js.estimate(-0.01, 0.1, 0.95, "", (2, 2), "").upper == math.log(2)
    # An error that is not known leaves the ends unknown.
    unknown = js.estimate(0.01, math.nan, 0.95, "", (2, 2), "", is_bound=False)
    assert unknown.value == math.log(2)
    assert all(math.isnan(end) for end in unknown.interval)


def test_bounds_that_overflow():
    pearson = kind_of("pearson", None)
    v = numpy.array([0.0, 800.0])
    assert mean_difference(*pearson.contributions(v, v)) == (-math.inf, pytest.approx(math.nan, nan_ok=True))
    estimate = pearson.estimate(-math.inf, math.nan, 0.95, "", (2, 2), "")
    assert (estimate.value, *estimate.interval) == (-math.inf,) * 3
    assert math.isnan(estimate.standard_error)


@pytest.mark.parametrize(
    ("alpha", "integral", "limit"), [(0.5, -0.1, math.inf), (0.5, 1.1, 0.0), (2.0, -0.1, 0.0), (2.0, 0.9, 0.0)]
)
def test_renyi_of_an_integral_out_of_range(alpha, integral, limit):
    assert kind_of("renyi", alpha).of(integral) == limit


@pytest.mark.parametrize(
    ("name", "alpha", "message"),
    [
        ("renyi", None, "`alpha` must be given for the kind 'renyi'"),
        ("kl", 2.0, "`alpha` belongs to the kinds 'alpha', 'renyi' and 'tsallis', got it for 'kl'"),
        ("renyi", 0.0, "`alpha` must be positive and finite for the kind 'renyi', got 0.0"),
        ("tsallis", -1, "`alpha` must be positive and finite for the kind 'tsallis', got -1.0"),
        ("renyi", math.inf, "`alpha` must be positive and finite"),
        ("alpha", math.nan, "`alpha` must be finite for the kind 'alpha', got nan"),
    ],
)
def test_orders_out_of_range(name, alpha, message):
    with pytest.raises(ValueError, match=message):
        kind_of(name, alpha)


def test_orders_are_numbers():
    with pytest.raises(TypeError, match="`alpha` must be a number, got 'half' of type str"):
        kind_of("renyi", "half")
