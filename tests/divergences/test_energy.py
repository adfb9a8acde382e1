"""Energy distance against its definition, and the permutation test against all relabellings."""

import itertools

import numpy
import pytest
import scipy.stats

from gamedyn.divergences import _energy, energy_distance, two_sample_test


def _by_definition(x, y):
    def mean(a, b):
        return numpy.linalg.norm(a[:, None] - b[None, :], axis=-1).mean()

    return 2 * mean(x, y) - mean(x, x) - mean(y, y)


@pytest.mark.parametrize("d", [1, 2, 7])
def test_definition(d, rng):
    x, y = rng.standard_normal((40, d)), rng.standard_normal((55, d)) + 0.3
    assert energy_distance(x, y) == pytest.approx(_by_definition(x, y), rel=1e-12, abs=0.0)


def test_is_the_square_of_scipys(rng):
    x, y = rng.standard_normal(40), rng.standard_normal(55)
    assert energy_distance(x, y) == pytest.approx(scipy.stats.energy_distance(x, y) ** 2, rel=1e-12, abs=0.0)


def test_zero_exactly_for_equal_samples(rng):
    for d in (1, 3):
        x = rng.standard_normal((20, d))
        assert energy_distance(x, x[::-1]) == pytest.approx(0.0, abs=1e-15)
        assert energy_distance(x, x + 1e-3) > 0


def test_far_from_the_origin(rng):
    # Distances from differences, not from squares: 1e6 away nothing is lost but the rounding of the inputs.
    x, y = rng.standard_normal((30, 3)), rng.standard_normal((30, 3)) + 0.5
    assert energy_distance(x + 1e6, y + 1e6) == pytest.approx(energy_distance(x, y), rel=1e-7, abs=0.0)


def test_blocks_change_nothing(rng, monkeypatch):
    x, y = rng.standard_normal((30, 2)), rng.standard_normal((41, 2))
    whole = two_sample_test(x, y, permutations=20, rng=0)
    monkeypatch.setattr(_energy, "_BLOCK", 150)
    cut = two_sample_test(x, y, permutations=20, rng=0)
    numpy.testing.assert_allclose(cut.null, whole.null, rtol=1e-10)


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
        ([1.0, 2.0], [1.0, 2.0], {"permutations": 0}, "`permutations` must be at least 1"),
    ],
)
def test_bad_input(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        two_sample_test(x, y, **options)
