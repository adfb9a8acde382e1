"""Energy distance against its definition."""

import numpy
import pytest
import scipy.stats

from gamedyn.divergences import energy_distance


def _by_definition(x, y, unbiased=False):
    def mean(a, b):
        return numpy.linalg.norm(a[:, None] - b[None, :], axis=-1).mean()

    own = [mean(z, z) * (len(z) / (len(z) - 1) if unbiased else 1) for z in (x, y)]
    return 2 * mean(x, y) - sum(own)


@pytest.mark.parametrize("d", [1, 2, 7])
def test_definition(d, rng):
    x, y = rng.standard_normal((90, d)), rng.standard_normal((55, d)) + 0.3
    assert energy_distance(x, y) == pytest.approx(_by_definition(x, y), rel=1e-12, abs=0.0)
    # Trap 18: over pairs of different points the own means are larger by n / (n - 1).
    unbiased = _by_definition(x, y, unbiased=True)
    assert energy_distance(x, y, estimator="unbiased") == pytest.approx(unbiased, rel=1e-12, abs=0.0)
    assert unbiased < _by_definition(x, y)


@pytest.mark.parametrize("d", [1, 3])
def test_estimate(d, rng):
    x, y = rng.standard_normal((12, d)), rng.standard_normal((9, d)) + 1
    found = energy_distance(x, y, return_estimate=True, estimator="unbiased")
    variance = 0.0
    for own, replaced in ((x, lambda z: (z, y)), (y, lambda z: (x, z))):
        values = [_by_definition(*replaced(numpy.delete(own, i, axis=0)), unbiased=True) for i in range(len(own))]
        variance += (len(own) - 1) * numpy.var(values)
    assert found.standard_error == pytest.approx(numpy.sqrt(variance), rel=1e-11)
    assert found.value == pytest.approx(_by_definition(x, y, unbiased=True), rel=1e-12)
    assert energy_distance(x, y, return_estimate=True).value == pytest.approx(_by_definition(x, y), rel=1e-12)
    assert "not its root" in found.definition


@pytest.mark.parametrize("estimator", ["unbiased", "linear"])
def test_coverage(estimator, rng):
    # N(0, 1) against N(1, 2^2): E|X - Y| is that of N(1, 5), E|X - X'| = 2 / sqrt(pi), E|Y - Y'| = 4 / sqrt(pi).
    s = numpy.sqrt(5.0)
    apart = s * numpy.sqrt(2 / numpy.pi) * numpy.exp(-0.1) + 1 - 2 * scipy.stats.norm.cdf(-1 / s)
    truth = 2 * apart - 6 / numpy.sqrt(numpy.pi)
    hits = 0
    for _ in range(300):
        x, y = rng.standard_normal(50), 1 + 2 * rng.standard_normal(70)
        found = energy_distance(x, y, estimator=estimator, return_estimate=True)
        hits += found.lower <= truth <= found.upper
    low, high = scipy.stats.binom.ppf([5e-7, 1 - 5e-7], 300, [0.925, 0.97])
    assert low <= hits <= high


def test_linear_takes_consecutive_pairs():
    # 2 pairs: |0 - 4| + |1 - 2| - |0 - 1| - |2 - 4|.
    assert energy_distance([0.0, 1.0], [2.0, 4.0, 9.0], estimator="linear") == 2.0


def test_is_the_square_of_scipys(rng):
    x, y = rng.standard_normal(40), rng.standard_normal(55)
    # Trap 18.
    assert energy_distance(x, y) == pytest.approx(scipy.stats.energy_distance(x, y) ** 2, rel=1e-12, abs=0.0)
    assert energy_distance(x, y, root=True) == pytest.approx(scipy.stats.energy_distance(x, y), rel=1e-12, abs=0.0)


def test_zero_exactly_for_equal_samples(rng):
    for d in (1, 3):
        x = rng.standard_normal((20, d))
        assert energy_distance(x, x[::-1]) == pytest.approx(0.0, abs=1e-15)
        assert energy_distance(x, x + 1e-3) > 0


def test_far_from_the_origin(rng):
    # Distances from differences, not from squares: 1e6 away nothing is lost but the rounding of the inputs.
    x, y = rng.standard_normal((30, 3)), rng.standard_normal((30, 3)) + 0.5
    assert energy_distance(x + 1e6, y + 1e6) == pytest.approx(energy_distance(x, y), rel=1e-7, abs=0.0)


def test_intervals_of_the_linear_estimator_are_not_negative(rng):
    ends = [energy_distance(*rng.standard_normal((2, 20)), estimator="linear", return_estimate=True) for _ in range(20)]
    assert min(estimate.lower for estimate in ends) == 0.0
    assert min(estimate.value for estimate in ends) < 0.0
