"""Kernel densities against SciPy's and plain sums; the width by likelihood; the law of the rows themselves."""

import math

import numpy
import pytest
from scipy.special import logsumexp
from scipy.stats import gaussian_kde

from gamedyn.data import digits
from gamedyn.models import EmpiricalModel, KernelDensityModel

ROWS = numpy.random.default_rng(0).normal(size=(60, 2)) @ [[2.0, 1.0], [0.0, 0.5]] + [5.0, -3.0]
PROBES = numpy.array([[5.0, -3.0], [0.0, 0.0], [40.0, 10.0]])


@pytest.mark.parametrize("bandwidth", ["scott", "silverman", 0.3])
def test_densities_are_those_of_scipy(bandwidth):
    model = KernelDensityModel(bandwidth).fit(ROWS)
    peer = gaussian_kde(ROWS.T, bandwidth)
    numpy.testing.assert_allclose(model.log_prob(PROBES), peer.logpdf(PROBES.T), rtol=1e-10)
    assert model.bandwidth_ == pytest.approx(peer.factor, rel=1e-14)


def test_silverman_has_a_factor_of_its_own_but_in_two_dimensions():
    rows = numpy.random.default_rng(1).normal(size=(40, 3))
    for part in (rows[:, :1], rows):
        assert KernelDensityModel("silverman").fit(part).bandwidth_ == pytest.approx(
            gaussian_kde(part.T, "silverman").factor, rel=1e-14
        )


def plain(rows, x, variance):
    """The mean of isotropic normal densities."""
    squares = ((x[:, None] - rows) ** 2).sum(axis=-1)
    d = rows.shape[1]
    return numpy.log(numpy.exp(-squares / (2 * variance)).mean(axis=1)) - d / 2 * math.log(2 * math.pi * variance)


def test_isotropic_kernels_and_blocks(monkeypatch):
    model = KernelDensityModel(0.5, kernel="isotropic").fit(ROWS)
    variance = 0.25 * ROWS.var(axis=0, ddof=1).mean()
    expected = plain(ROWS, PROBES[:2], variance)
    numpy.testing.assert_allclose(model.log_prob(PROBES[:2]), expected, rtol=1e-12)
    # Far from all rows the nearest decides, and no logarithm is of 0.
    assert -1e300 < model.log_prob([[1e5, 1e5]])[0] < -1e8
    monkeypatch.setattr("gamedyn.models._kernel_density_law._BLOCK", 130)
    numpy.testing.assert_array_equal(model.log_prob(PROBES[:2]), model.law_.log_prob(PROBES[:2]))
    numpy.testing.assert_allclose(model.log_prob(PROBES[:2]), expected, rtol=1e-12)
    assert model.law_.leave_one_out() == pytest.approx(left_out(ROWS, variance), rel=1e-12)


def test_no_kernel_is_left_out_on_digits():
    # Where scikit-learn's trees are wrong by up to 17 nats (scikit-learn#27186).
    pytest.importorskip("sklearn")
    rows = digits().X
    model = KernelDensityModel(0.5, kernel="isotropic").fit(rows[:1437])
    variance = 0.25 * rows[:1437].var(axis=0, ddof=1).mean()
    squares = ((rows[1437:1450, None] - rows[:1437]) ** 2).sum(axis=-1)
    expected = logsumexp(-squares / (2 * variance), axis=1) - math.log(1437) - 32 * math.log(2 * math.pi * variance)
    numpy.testing.assert_allclose(model.log_prob(rows[1437:1450]), expected, rtol=1e-12, atol=1e-11)


def left_out(rows, variance):
    others = [plain(numpy.delete(rows, i, axis=0), rows[i : i + 1], variance)[0] for i in range(len(rows))]
    return float(numpy.mean(others))


def test_the_score_is_the_slope_of_the_log_density():
    law = KernelDensityModel("scott").fit(ROWS).law_
    step = 1e-5
    for i, unit in enumerate(numpy.eye(2)):
        slope = (law.log_prob(PROBES + step * unit) - law.log_prob(PROBES - step * unit)) / (2 * step)
        numpy.testing.assert_allclose(law.score(PROBES)[:, i], slope, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kernel", ["covariance", "isotropic"])
def test_cross_validation_takes_the_likeliest_width(kernel):
    rows = ROWS if kernel == "isotropic" else numpy.concatenate([ROWS[:25], ROWS[:25] * 0.2 + 40])
    model = KernelDensityModel("cross-validation", kernel=kernel).fit(rows)
    deviation = numpy.sqrt(rows.var(axis=0, ddof=1).mean())

    def likelihood(h):
        if kernel == "isotropic":
            return left_out(rows, (h * deviation) ** 2)
        root = numpy.linalg.cholesky(numpy.cov(rows, rowvar=False))
        return left_out(rows @ numpy.linalg.inv(root).T, h**2)

    best = likelihood(model.bandwidth_)
    assert best > likelihood(1.02 * model.bandwidth_)
    assert best > likelihood(0.98 * model.bandwidth_)


def test_rows_that_repeat_have_no_likeliest_width():
    with pytest.warns(RuntimeWarning, match="took the least. Rows that repeat make the least the best; drop them"):
        KernelDensityModel("cross-validation").fit(numpy.concatenate([ROWS, ROWS]))


def test_draws_have_the_moments_of_the_law():
    law = KernelDensityModel(0.7).fit(ROWS).law_
    variance = ROWS.var(axis=0) + 0.49 * ROWS.var(axis=0, ddof=1)
    numpy.testing.assert_allclose(law.mean, ROWS.mean(axis=0), rtol=1e-12)
    numpy.testing.assert_allclose(law.variance, variance, rtol=1e-12)
    drawn = law.sample(4000, rng=1)
    assert (abs(drawn.mean(axis=0) - law.mean) < 4.9 * numpy.sqrt(variance / 4000)).all()
    covariance = numpy.cov(ROWS, rowvar=False, bias=True) + 0.49 * numpy.cov(ROWS, rowvar=False)
    numpy.testing.assert_allclose(numpy.cov(drawn, rowvar=False), covariance, rtol=0.15)


@pytest.mark.parametrize("model", [KernelDensityModel(), EmpiricalModel()])
def test_fits_in_the_library_of_its_rows(library, model):
    fitted = type(model)().fit(library.asarray(ROWS))
    host = type(model)().fit(ROWS)
    numpy.testing.assert_allclose(library.host(fitted.log_prob(library.asarray(ROWS))), host.log_prob(ROWS))
    numpy.testing.assert_allclose(library.host(fitted.sample(4, rng=0)), host.sample(4, rng=0), rtol=1e-12)


def test_the_empirical_law_knows_its_rows_only():
    rows = [[0.0, 1.0], [0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    model = EmpiricalModel().fit(rows)
    half, quarter = math.log(0.5), math.log(0.25)
    expected = [half, half, quarter, quarter, -math.inf]
    numpy.testing.assert_allclose(model.log_prob([*rows, [0.0, 3.0]]), expected, rtol=1e-14)
    assert {tuple(row) for row in model.sample(200, rng=0).tolist()} == {tuple(row) for row in rows}
    assert model.score(rows) == pytest.approx(-1.5 * math.log(2))
    assert model.bits_per_dim(rows) == pytest.approx(0.75)


FLAT = numpy.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: KernelDensityModel().fit(FLAT), "`X` must vary in every direction .* Take the kernel 'isotropic'"),
        (lambda: KernelDensityModel().fit(FLAT * [1, 0]), "`X` must vary in every direction"),
        (lambda: KernelDensityModel(kernel="isotropic").fit(FLAT[:1].repeat(3, 0)), "`X` must have rows that differ"),
        (lambda: KernelDensityModel().fit(FLAT[:1]), "`X` must have at least 2 rows, got 1"),
        (lambda: KernelDensityModel("scot").fit(FLAT), "`bandwidth` must be one of .* Did you mean 'scott'"),
        (lambda: KernelDensityModel(0.0).fit(FLAT), "`bandwidth` must be positive"),
        (lambda: KernelDensityModel(kernel="full").fit(FLAT), "`kernel` must be one of 'covariance', 'isotropic'"),
        (lambda: KernelDensityModel().fit(ROWS).law_.log_prob(0.0), r"`x` must have shape \(..., 2\), got \(\)"),
        (lambda: KernelDensityModel().score(ROWS), "this KernelDensityModel is not fitted yet"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
