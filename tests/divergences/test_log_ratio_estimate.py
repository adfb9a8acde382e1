"""Monte Carlo estimators of KL from known log-densities: means over exact masses, spreads, edges, libraries."""

import math

import mpmath
import numpy
import pytest
import scipy.stats

from gamedyn.divergences import estimate_kl_from_log_ratio


def test_without_bias_on_masses():
    # p = (1/2, 1/4, 1/4), q = (1/4, 1/4, 1/2): draws in the proportions of p are the whole law.
    v = numpy.log([2.0, 2.0, 1.0, 0.5])
    truth = math.log(2) / 2 - math.log(2) / 4
    k1, k2, k3 = (estimate_kl_from_log_ratio(v, estimator=name).value for name in ("k1", "k2", "k3"))
    assert float(k1) == pytest.approx(truth, rel=1e-14)
    # E_p q / p = 1/2 * 1/2 + 1/4 + 1/4 * 2 = 1.
    assert float(k3) == pytest.approx(truth, rel=1e-14)
    assert float(k2) == pytest.approx(3 / 8 * math.log(2) ** 2, rel=1e-14)


@pytest.mark.parametrize("v", [1e-160, -1e-9, 3e-5, 0.49999, -0.49999, 0.5, -0.5, 3.0, -20.0, 700.0])
def test_third_estimator_does_not_cancel(v):
    # abs=0: relative error alone, down to v^2 / 2 = 1e-320.
    with mpmath.workdps(400):
        truth = float(mpmath.expm1(-mpmath.mpf(v)) + mpmath.mpf(v))
    value = float(estimate_kl_from_log_ratio([v, v]).value)
    assert value == pytest.approx(truth, rel=1e-14, abs=5e-324)


def test_standard_error_by_hand():
    # 0 and 1 have the variance 1/2 over n - 1 = 1.
    estimate = estimate_kl_from_log_ratio([0.0, 1.0], estimator="k1")
    assert float(estimate.standard_error) == pytest.approx(0.5, rel=1e-14)
    assert float(estimate.upper) == pytest.approx(0.5 + 0.5 * scipy.stats.norm.ppf(0.975), rel=1e-12)


def test_is_never_negative(rng):
    v = rng.standard_normal(100_000) * 10.0 ** rng.uniform(-170, 2, 100_000)
    assert float(numpy.min(estimate_kl_from_log_ratio(numpy.stack([v, v])[:, :], axis=0).value)) >= 0


def test_intervals_cover_and_the_third_is_the_narrowest(rng):
    # p = N(0, 1), q = N(0.2, 1): v = 0.02 - 0.2 x, KL = 0.02; 1000 rows at once.
    v = 0.02 - 0.2 * rng.standard_normal((1000, 200))
    errors = {}
    for name in ("k1", "k3"):
        estimate = estimate_kl_from_log_ratio(v, estimator=name)
        covered = int(numpy.count_nonzero((estimate.lower <= 0.02) & (estimate.upper >= 0.02)))
        low, high = scipy.stats.binom.ppf([5e-7, 1 - 5e-7], 1000, 0.95)
        assert low - 10 <= covered <= high  # 200 skewed terms may cost a hundredth
        errors[name] = float(numpy.mean(estimate.standard_error))
    # sd of v^2 / 2 is 0.028, that of v 0.2.
    assert errors["k1"] == pytest.approx(0.2 / math.sqrt(200), rel=0.05)
    assert errors["k3"] < errors["k1"] / 4


def test_mass_where_q_has_none():
    estimate = estimate_kl_from_log_ratio([0.0, math.inf, 1.0])
    assert estimate.value == math.inf
    assert math.isnan(float(estimate.standard_error))
    assert estimate.interval == (math.inf, math.inf)
    finite = estimate_kl_from_log_ratio([[0.0, math.inf], [1.0, 1.0]])
    assert float(finite.value[1]) == pytest.approx(math.exp(-1), rel=1e-14)
    assert float(finite.standard_error[1]) == 0.0


@pytest.mark.filterwarnings("error")
def test_overflow_is_infinite():
    # v^2 / 2 overflows; e^400 does not, but its square, of the spread, does.
    estimate = estimate_kl_from_log_ratio([1e200, -1e200, 0.2], estimator="k2")
    assert estimate.interval == (math.inf, math.inf)
    estimate = estimate_kl_from_log_ratio([400.0, -400.0])
    assert float(estimate.value) == pytest.approx((math.exp(400) - 2) / 2, rel=1e-12)
    assert (float(estimate.standard_error), *map(float, estimate.interval)) == (math.inf, -math.inf, math.inf)
    with pytest.raises(TypeError, match="`axis` must be an integer"):
        estimate_kl_from_log_ratio([0.5, 0.1], axis=0.5)


def test_libraries_keep_their_arrays(library, rng):
    host = rng.standard_normal((3, 50)).astype("float32")
    estimate = estimate_kl_from_log_ratio(library.asarray(host, "float32"), level=0.9)
    reference = estimate_kl_from_log_ratio(host.astype("float64"), level=0.9)
    for name in ("value", "standard_error", "lower", "upper"):
        assert library.owns(getattr(estimate, name), "float32")
        numpy.testing.assert_allclose(library.host(getattr(estimate, name)), getattr(reference, name), rtol=1e-5)
    assert (estimate.n, estimate.level, estimate.method) == (50, 0.9, "k3")


@pytest.mark.parametrize(
    ("v", "options", "message"),
    [
        ([0.5], {}, "`log_ratio` must hold at least 2 draws along `axis`, got 1"),
        (0.5, {}, "`log_ratio` must hold at least 2 draws along `axis`, got 1"),
        ([0.5, math.nan], {}, "`log_ratio` must hold neither NaN nor -inf"),
        ([0.5, -math.inf], {}, "`log_ratio` must hold neither NaN nor -inf"),
        ([0.5, 0.1], {"estimator": "k4"}, "`estimator` must be one of 'k1', 'k2', 'k3', got 'k4'"),
        ([0.5, 0.1], {"axis": 1}, r"`log_ratio` has shape \(2,\), which has no axis 1"),
        ([0.5, 0.1], {"level": 0.0}, r"`level` must lie in \(0, 1\), got 0.0"),
    ],
)
def test_bad_input(v, options, message):
    with pytest.raises(ValueError, match=message):
        estimate_kl_from_log_ratio(v, **options)
