"""Density ratios: the true ratio of normal laws, brute-force left-out scores, likelihoods by another optimiser."""

import math

import numpy
import pytest
import scipy.optimize

from gamedyn.divergences import _density_ratio, _kliep, density_ratio
from gamedyn.divergences._least_squares_ratio import leave_one_out_score

METHODS = ("ulsif", "rulsif", "kliep", "logistic")


def _normals(rng, n=600, m=700, shift=1.0):
    return rng.standard_normal(n), rng.standard_normal(m) + shift


@pytest.mark.parametrize("method", METHODS)
def test_ratio_of_normal_laws(method, rng):
    # p = N(0, 1), q = N(1, 1): r(t) = e^(1/2 - t), on the middle of both.
    x, y = _normals(rng)
    fitted = density_ratio(x, y, method, relative=0.2, rng=0)
    t = numpy.linspace(-1.0, 2.0, 13)
    truth = numpy.exp(0.5 - t)
    if method == "rulsif":
        truth = truth / (0.2 * truth + 0.8)
        assert fitted.relative == 0.2
    assert numpy.sqrt(numpy.mean((fitted.ratio(t) - truth) ** 2)) < 0.25 * numpy.sqrt(numpy.mean(truth**2))
    numpy.testing.assert_array_equal(fitted(t), fitted.ratio(t))
    numpy.testing.assert_allclose(numpy.exp(fitted.log_ratio(t)), fitted.ratio(t), rtol=1e-14)


@pytest.mark.parametrize("method", ["ulsif", "rulsif", "kliep"])
def test_ratio_is_never_negative_and_has_mean_one(method, rng):
    x, y = _normals(rng)
    fitted = density_ratio(x, y, method, rng=0)
    assert fitted.ratio(numpy.linspace(-30.0, 30.0, 601)).min() >= 0
    mix = fitted.ratio(y).mean() if method != "rulsif" else 0.1 * fitted.ratio(x).mean() + 0.9 * fitted.ratio(y).mean()
    assert mix == pytest.approx(1.0, abs=1e-9 if method == "kliep" else 0.1)


def test_far_away_the_ratio_is_zero(rng):
    fitted = density_ratio(*_normals(rng), rng=0)
    assert fitted.ratio([1e6])[0] == 0.0
    assert fitted.log_ratio([1e6])[0] == -math.inf


def test_where_the_fit_is_negative_the_ratio_is_zero(rng):
    # Wide Gaussians with hardly a ridge swing below 0 beyond the rows.
    fitted = density_ratio(*_normals(rng), width=2.0, ridge=1e-6, rng=0)
    values = fitted.ratio(numpy.linspace(-8.0, 8.0, 321))
    assert values.max() > 0
    assert numpy.any(values == 0.0)


@pytest.mark.parametrize("relative", [0.0, 0.3])
def test_score_is_that_of_fits_without_the_rows(relative, rng):
    phi_x, phi_y, ridge = rng.random((9, 4)), rng.random((7, 4)), 0.05
    total = 0.0
    for i in range(5):
        a, b = numpy.delete(phi_x, i, axis=0), numpy.delete(phi_y, i, axis=0)
        matrix = relative * a.T @ a / 8 + (1 - relative) * b.T @ b / 6 + ridge * numpy.eye(4)
        weights = numpy.linalg.solve(matrix, a.mean(axis=0))
        r_x, r_y = max(phi_x[i] @ weights, 0.0), max(phi_y[i] @ weights, 0.0)
        total += relative * r_x**2 / 2 + (1 - relative) * r_y**2 / 2 - r_x
    score = leave_one_out_score(
        (phi_x.T @ phi_x / 9, 9, phi_x[:5]), (phi_y.T @ phi_y / 7, 7, phi_y[:5]), phi_x.mean(axis=0), relative, ridge
    )
    assert score == pytest.approx(total / 5, rel=1e-12)


def test_least_squares_choose_the_best_score(rng):
    # A width of a thousand deviations is a constant, which the score must not choose; nor a ridge that allows only 0.
    x, y = _normals(rng)
    fitted = density_ratio(x, y, width=[1e3, 1.0], ridge=[1e3, 1e-2], rng=0)
    assert (fitted.width, fitted.ridge) == (1.0, 0.01)
    assert density_ratio(x, y, "kliep", width=[1e3, 1.0], rng=0).width == 1.0
    # Spikes at the rows themselves are the most likely ones, but not for other rows.
    assert density_ratio(x[:90], y, "kliep", width=[1e-3, 1.0], rng=0).width == 1.0
    assert math.isnan(density_ratio(x, y, "kliep", width=1.0, rng=0).ridge)


def test_mixture_is_the_most_likely(rng):
    phi, mean = rng.random((40, 3)) ** 4, numpy.array([0.3, 0.2, 0.5])
    weights = _kliep.mixture_weights(phi, mean, tolerance=1e-7, steps=100_000)
    assert weights.min() >= 0
    assert weights @ mean == pytest.approx(1.0, rel=1e-12)
    reference = scipy.optimize.minimize(
        lambda w: -numpy.mean(numpy.log(phi @ w)),
        numpy.full(3, 1.0),
        bounds=[(1e-9, None)] * 3,
        constraints={"type": "eq", "fun": lambda w: w @ mean - 1},
        options={"ftol": 1e-12},
    )
    assert numpy.mean(numpy.log(phi @ weights)) == pytest.approx(-reference.fun, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_units_of_the_columns_do_not_matter(method, rng):
    x, y = rng.standard_normal((80, 2)), rng.standard_normal((90, 2)) + numpy.array([0.5, 0.0])
    plain = density_ratio(x, y, method, rng=0).ratio(x)
    scaled = density_ratio(x * [1e-3, 50.0] + 4.0, y * [1e-3, 50.0] + 4.0, method, rng=0)
    numpy.testing.assert_allclose(scaled.ratio(x * [1e-3, 50.0] + 4.0), plain, rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_disjoint_samples_duplicates_and_constant_columns(method, rng):
    far = density_ratio(numpy.zeros(20), numpy.full(20, 5.0), method, rng=0)
    assert far.ratio([0.0])[0] > 2 * far.ratio([5.0])[0]
    x, y = rng.integers(0, 3, (50, 2)).astype(float), rng.integers(0, 3, (60, 2)).astype(float)
    x[:, 1] = y[:, 1] = 7.0
    assert numpy.all(numpy.isfinite(density_ratio(x, y, method, rng=0).ratio(x)))


def test_relative_ratios_become_plain_ones():
    # w = r / (b r + 1 - b): r = 3, b = 1/4 gives w = 2.
    fitted = _density_ratio.DensityRatio("rulsif", 1, 0.25, 1.0, 1.0, lambda rows: rows[:, 0])
    rows = numpy.log([[2.0], [1.0], [2.5], [1.0]])
    found = _density_ratio.plain_log_ratio(fitted, rows)(numpy.array([[math.log(2)], [0.0], [-math.inf], [9.0]]))
    # Mixed with 1 / sqrt(4) of the constant 1; the largest ratio on the rows is 0.75 * 2.5 / max(0.375, 1 / sqrt(4)).
    numpy.testing.assert_allclose(numpy.exp(found), [2.0, 1.0, 0.5, 2.375], rtol=1e-12)


def test_rows_of_every_library(library, rng):
    x, y = _normals(rng, 60, 70)
    fitted = density_ratio(library.asarray(x), library.asarray(y), rng=0)
    found = fitted.ratio(library.asarray(x[:5], "float32"))
    assert library.owns(found, "float32")
    numpy.testing.assert_allclose(library.host(found), density_ratio(x, y, rng=0).ratio(x[:5]), rtol=1e-5)


def test_blocks_of_rows_change_nothing(rng, monkeypatch):
    x, y = _normals(rng, 60, 70)
    fitted = density_ratio(x, y, rng=0)
    whole = fitted.ratio(x)
    monkeypatch.setattr(_density_ratio, "_ROWS", 7)
    numpy.testing.assert_allclose(fitted.ratio(x), whole, rtol=1e-13)
    assert fitted.ratio(numpy.zeros((0, 1))).shape == (0,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "lsif"}, "`method` must be one of 'ulsif', .* got 'lsif'. Did you mean 'ulsif'"),
        ({"method": "rulsif", "relative": 1.0}, r"`relative` must lie in \(0, 1\), got 1.0"),
        ({"width": 0.0}, "`width` must be positive and finite"),
        ({"width": [1.0, -1.0]}, "`width` must be positive and finite"),
        ({"ridge": math.inf}, "`ridge` must be positive and finite"),
        ({"method": "kliep", "ridge": 1.0}, "`ridge` is not for the method 'kliep', got 1.0"),
        ({"method": "logistic", "width": 1.0}, "`width` is not for the method 'logistic', got 1.0"),
    ],
)
def test_bad_options(options, message, rng):
    with pytest.raises(ValueError, match=message):
        density_ratio(*_normals(rng, 20, 20), **options)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1.0, 2.0]], r"`rows` must have shape \(n, 1\), got an array of shape \(1, 2\)"),
        ([math.nan], "`rows` must be finite"),
    ],
)
def test_bad_rows(rows, message, rng):
    with pytest.raises(ValueError, match=message):
        density_ratio(*_normals(rng, 20, 20), "logistic").ratio(rows)


def test_bad_samples(rng):
    with pytest.raises(ValueError, match="`y` must have at least 10 rows, got 9"):
        density_ratio(rng.standard_normal(20), rng.standard_normal(9))
