"""The classifier two-sample test: exact p-values, its level, its power, its input."""

import itertools

import numpy
import pytest
import scipy.stats

from gamedyn.divergences import TwoSampleTest, _classifier_test, classifier_two_sample_test


@pytest.mark.parametrize(("hits", "n", "m", "called"), [(3, 4, 5, 5), (0, 4, 5, 3), (4, 4, 5, 4), (2, 3, 6, 7)])
def test_pvalue_is_that_of_all_relabellings(hits, n, m, called):
    rows = [1] * called + [0] * (n + m - called)
    reached = [sum(rows[i] for i in chosen) >= hits for chosen in itertools.combinations(range(n + m), n)]
    assert _classifier_test._hypergeometric_tail(hits, n, m, called) == pytest.approx(numpy.mean(reached), rel=1e-12)


def test_accuracy_counts_both_samples():
    # Two of three rows of x and three of four of y: (2/3 + 3/4) / 2.
    logits = numpy.array([1.0, 1.0, -1.0]), numpy.array([-1.0, -1.0, -1.0, 1.0])
    test = _classifier_test._by_accuracy(*logits, 5000, numpy.random.default_rng(0))
    assert test.statistic == pytest.approx(17 / 24)
    # Three of seven are called x; at least two of them among three: (3 * 4 + 1) / 35.
    assert test.pvalue == pytest.approx(13 / 35)
    # Five standard errors of a share of 5000 draws.
    share = numpy.mean(test.null >= 17 / 24 - 1e-12)
    assert abs(share - 13 / 35) < 5 * numpy.sqrt(13 / 35 * 22 / 35 / 5000)
    assert numpy.mean(test.null) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("statistic", ["accuracy", "logit"])
def test_level_under_the_hypothesis(statistic, rng):
    # 200 tests at 5 %: at most so many rejections as a binomial law allows at 1e-6; discrete p-values reject less.
    rejected = sum(
        classifier_two_sample_test(
            rng.standard_normal((20, 2)), rng.standard_normal((30, 2)), statistic=statistic, permutations=39, rng=rng
        ).pvalue
        <= 0.05
        for _ in range(200)
    )
    assert rejected <= scipy.stats.binom.ppf(1 - 1e-6, 200, 0.05)
    assert rejected >= 1


@pytest.mark.parametrize("statistic", ["accuracy", "logit"])
def test_power(statistic, rng):
    # Equal means, other scales: the best rule |x| < c is right with probability 0.74.
    x, y = rng.standard_normal(300), 3.0 * rng.standard_normal(300)
    test = classifier_two_sample_test(x, y, statistic=statistic, rng=0)
    assert isinstance(test, TwoSampleTest)
    assert test.pvalue <= 1e-3
    assert test.null.shape == (999,)
    if statistic == "accuracy":
        assert test.statistic == pytest.approx(0.74, abs=0.1)
        assert test.pvalue < 1e-6
    else:
        assert test.pvalue == 1 / 1000


def test_samples_that_agree_have_a_pvalue_of_one():
    for statistic in ("accuracy", "logit"):
        assert classifier_two_sample_test(numpy.ones(20), numpy.ones(30), statistic=statistic, rng=0).pvalue == 1.0


def test_rows_that_were_fitted_to_do_not_judge(rng):
    # 44 features for 40 rows: on its own rows the classifier would be right nearly always.
    values = [
        classifier_two_sample_test(rng.standard_normal((40, 8)), rng.standard_normal((40, 8)), rng=rng).statistic
        for _ in range(20)
    ]
    assert numpy.mean(values) == pytest.approx(0.5, abs=5 * 0.5 / numpy.sqrt(20 * 40))


def test_results_repeat(rng):
    x, y = rng.standard_normal(40), rng.standard_normal(50)
    first, second = (classifier_two_sample_test(x, y, rng=3) for _ in range(2))
    assert first[:2] == second[:2]
    numpy.testing.assert_array_equal(first.null, second.null)


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        ([1.0] * 9, [1.0] * 20, {}, "`share` must leave at least 5 rows .* got 0.5 of 9 and 20 rows"),
        ([1.0] * 20, [1.0] * 20, {"share": 0.9}, "`share` must leave at least 5 rows"),
        ([1.0] * 20, [1.0] * 20, {"share": 1.0}, r"`share` must lie in \(0, 1\), got 1.0"),
        ([1.0] * 20, [1.0] * 20, {"statistic": "auc"}, "`statistic` must be one of 'accuracy', 'logit', got 'auc'"),
        ([1.0] * 20, [1.0] * 20, {"permutations": 0}, "`permutations` must be at least 1"),
        ([1.0, numpy.nan] * 10, [1.0] * 20, {}, "`x` must be finite, got nan in row 1, column 0"),
    ],
)
def test_bad_input(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        classifier_two_sample_test(x, y, **options)
