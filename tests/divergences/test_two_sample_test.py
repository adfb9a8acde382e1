"""The permutation test against all relabellings, its level, and its statistics."""

import itertools

import numpy
import pytest
import scipy.stats

from gamedyn.divergences import (
    LaplaceKernel,
    RBFKernel,
    _two_sample_test,
    energy_distance,
    maximum_mean_discrepancy,
    two_sample_test,
)


def _by_definition(x, y):
    def mean(a, b):
        return numpy.linalg.norm(a[:, None] - b[None, :], axis=-1).mean()

    return 2 * mean(x, y) - mean(x, x) - mean(y, y)


@pytest.mark.parametrize(("d", "statistic"), [(1, "energy"), (2, "energy"), (2, "mmd")])
def test_groups_of_relabellings_change_nothing(d, statistic, rng):
    # 2^16 bytes hold the signs of a few relabellings of 271 rows at a time.
    x, y = rng.standard_normal((130, d)), rng.standard_normal((141, d))
    whole = two_sample_test(x, y, statistic=statistic, permutations=20, rng=0)
    cut = two_sample_test(x, y, statistic=statistic, permutations=20, rng=0, max_bytes=2**16)
    numpy.testing.assert_allclose(cut.null, whole.null, rtol=1e-10)
    assert cut.statistic == pytest.approx(whole.statistic, rel=1e-12)
    assert cut.pvalue == whole.pvalue


def test_statistics_are_those_of_their_names(rng):
    x, y = rng.standard_normal((20, 3)), rng.standard_normal((15, 3)) + 0.5
    energy = two_sample_test(x, y, permutations=20, rng=0)
    assert energy.statistic == pytest.approx(energy_distance(x, y), rel=1e-12)
    for kernel in ("rbf", LaplaceKernel(2.0), RBFKernel(1.0)):
        found = two_sample_test(x, y, statistic="mmd", kernel=kernel, permutations=20, rng=0)
        assert found.statistic == pytest.approx(maximum_mean_discrepancy(x, y, kernel), rel=1e-12)


@pytest.mark.parametrize("statistic", ["energy", "mmd", _by_definition])
def test_relabellings_of_the_same_samples_count(statistic, rng):
    # Of 4 + 4 points 2 in 70 relabellings give the same two samples, up to rounding.
    for _ in range(5):
        x, y = rng.standard_normal((4, 6)), rng.standard_normal((4, 6)) + 5
        found = two_sample_test(x, y, statistic=statistic, kernel=RBFKernel(6.0), permutations=500, rng=rng)
        same = numpy.count_nonzero(found.null > found.statistic * (1 - 1e-9))
        assert same > 0
        assert found.pvalue == (same + 1) / 501


@pytest.mark.parametrize("statistic", ["energy", "mmd"])
@pytest.mark.parametrize("d", [1, 2, 6])
def test_relabellings_of_equal_rows_are_ties(statistic, d, rng):
    # Every relabelling of one repeated row has statistic 0, up to rounding in the sums of weights.
    for n, m in ((5, 6), (7, 13), (30, 11)):
        row = rng.standard_normal(d)
        found = two_sample_test(
            numpy.tile(row, (n, 1)), numpy.tile(row, (m, 1)), statistic=statistic, permutations=49, rng=rng
        )
        assert found.pvalue == 1.0
        assert found.null.shape == (49,)


def test_median_of_many_rows_does_not_see_the_labels(rng, monkeypatch):
    seen = []
    monkeypatch.setattr(_two_sample_test, "median_distance", lambda xp, rows: seen.append(rows) or 1.0)
    x, y = rng.standard_normal((20, 1)), rng.standard_normal((20, 1))
    two_sample_test(x, y, statistic="mmd", permutations=1, rng=0)
    rows = numpy.concatenate([x, y])
    assert not numpy.array_equal(seen[0], rows)
    numpy.testing.assert_array_equal(numpy.sort(seen[0], axis=0), numpy.sort(rows, axis=0))


def test_statistics_are_never_negative(rng):
    x = numpy.repeat(rng.standard_normal((1, 6)), 23, axis=0)
    found = two_sample_test(x[:13], x[13:], statistic="mmd", permutations=99, rng=0)
    assert found.statistic >= 0
    assert found.null.min() >= 0
    assert found.pvalue == 1.0


def test_any_statistic(rng):
    x, y = rng.standard_normal((20, 3)), rng.standard_normal((15, 3)) + 0.5
    by_name = two_sample_test(x, y, permutations=30, rng=0)
    shuffled = numpy.random.default_rng(0)
    own = two_sample_test(x, y, statistic=energy_distance, permutations=30, rng=0)
    assert own.statistic == pytest.approx(by_name.statistic, rel=1e-12)
    # The first relabelling by hand, from the same stream.
    order = shuffled.permutation(35)
    rows = numpy.concatenate([x, y])[order]
    assert own.null[0] == pytest.approx(_by_definition(rows[:20], rows[20:]), rel=1e-12)
    with pytest.raises(ValueError, match="`statistic` must return a finite number for every relabelling"):
        two_sample_test(x, y, statistic=lambda a, b: numpy.nan, permutations=3)


def test_pvalues_are_uniform_under_the_hypothesis(rng):
    # With 19 relabellings p is uniform on 1/20, ..., 1: chi-squared of 400 tests, at level 1e-6.
    pvalues = [
        two_sample_test(
            rng.standard_normal((12, 2)), rng.standard_normal((9, 2)), statistic=s, permutations=19, rng=rng
        ).pvalue
        for s in ("energy", "mmd")
        for _ in range(200)
    ]
    counts = numpy.bincount(numpy.rint(20 * numpy.array(pvalues)).astype(int), minlength=21)[1:]
    assert scipy.stats.chisquare(counts).pvalue > 1e-6


@pytest.mark.parametrize("d", [1, 2])
def test_pvalue_is_the_share_of_relabellings(d, rng):
    x, y = rng.standard_normal((4, d)), rng.standard_normal((4, d)) + 0.8
    rows = numpy.concatenate([x, y])
    observed = _by_definition(x, y)
    all_values = []
    for chosen in itertools.combinations(range(8), 4):
        rest = [i for i in range(8) if i not in chosen]
        all_values.append(_by_definition(rows[list(chosen)], rows[rest]))
    exact = numpy.mean(numpy.array(all_values) >= observed * (1 - 1e-9))
    result = two_sample_test(x, y, permutations=4000, rng=rng)
    assert result.statistic == pytest.approx(observed, rel=1e-12, abs=0.0)
    # Five standard errors of a share of 4000 draws.
    assert abs(result.pvalue - exact) < 5 * numpy.sqrt(exact * (1 - exact) / 4000) + 1 / 4000
    assert result.null.shape == (4000,)
    assert set(numpy.round(result.null, 9)) <= set(numpy.round(all_values, 9))


def test_level_under_the_hypothesis(rng):
    # 200 tests at 5 %: exact, so the number of rejections is binomial; two-sided level 1e-6.
    rejected = sum(
        two_sample_test(rng.standard_normal(10), rng.standard_normal(15), permutations=39, rng=rng).pvalue <= 0.05
        for _ in range(200)
    )
    low, high = scipy.stats.binom.ppf([5e-7, 1 - 5e-7], 200, 0.05)
    assert low <= rejected <= high


def test_pvalue_is_never_zero():
    result = two_sample_test(numpy.arange(30.0), numpy.arange(30.0) + 1000.0, permutations=99, rng=0)
    # Trap 23: (b + 1) / (m + 1) with b = 0.
    assert result.pvalue == 0.01
    # Samples that cannot be told apart at all.
    assert two_sample_test(numpy.ones(5), numpy.ones(7), permutations=19, rng=0).pvalue == 1.0


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        ([1.0], [1.0, 2.0], {}, "`x` must have at least 2 rows, got 1"),
        ([1.0, numpy.inf], [1.0, 2.0], {}, "`x` must be finite, got inf in row 1, column 0"),
        ([1.0, 2.0], [[1.0, 2.0]] * 2, {}, "same number of columns, got 1 and 2"),
        ([1.0, 2.0], [1.0, 2.0], {"statistic": "energi"}, "Did you mean 'energy'"),
        ([1.0, 2.0], [1.0, 2.0], {"statistic": "mmd", "kernel": "rfb"}, "Did you mean 'rbf'"),
        ([1.0, 2.0], [1.0, 2.0], {"permutations": 0}, "`permutations` must be at least 1"),
    ],
)
def test_bad_input(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        two_sample_test(x, y, **options)
