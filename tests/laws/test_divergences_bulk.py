"""A million pairs of pmfs with zeros, ties, subnormal and nearly equal masses: bounds that no rounding may break."""

import math

import numpy
import pytest

from gamedyn import divergences

COUNT, SIZE = 1_000_000, 6
SLACK = 1e-15


def _masses(rng, count):
    """Unnormalised masses of six kinds, `count` pairs of each."""
    smooth = rng.standard_exponential((2, count, SIZE))
    spiky = numpy.exp(200 * rng.standard_normal((2, count, SIZE)) - 400)
    zeros = rng.standard_exponential((2, count, SIZE)) * (rng.random((2, count, SIZE)) < 0.5)
    zeros[..., 0] += zeros.sum(axis=-1) == 0
    ties = rng.integers(0, 3, (2, count, SIZE)).astype(float)
    ties[..., 0] += ties.sum(axis=-1) == 0
    faint = rng.integers(0, 4, (2, count, SIZE)) * 5e-324
    faint[..., 1] = rng.random((2, count))
    faint[..., 0] += 0.5
    near = rng.standard_exponential((2, count, SIZE)) * (rng.random((1, count, SIZE)) < 0.8)
    near[:, :, 0] += 0.1
    near[1] = near[0] * (1 + 10.0 ** rng.uniform(-17, -1, (count, 1)) * rng.standard_normal((count, SIZE)).clip(-5, 5))
    return numpy.concatenate([smooth, spiky, zeros, ties, faint, near], axis=1)


@pytest.fixture(scope="module")
def pairs():
    masses = _masses(numpy.random.default_rng(2014), COUNT // 6 + 1)
    masses /= masses.sum(axis=-1, keepdims=True)
    masses.flags.writeable = False
    assert masses.shape[1] >= COUNT
    return masses


@pytest.fixture(scope="module")
def values(pairs):
    p, q = pairs
    return {
        "kl": divergences.kl_divergence(p, q),
        "js": divergences.jensen_shannon_divergence(p, q),
        "tv": divergences.total_variation_distance(p, q),
        "hellinger": divergences.squared_hellinger_distance(p, q),
        "pearson": divergences.pearson_divergence(p, q),
    }


def test_ranges(values):
    for value in values.values():
        assert not numpy.isnan(value).any()
        assert (value >= 0).all()
    assert (values["js"] <= math.log(2)).all()
    assert (values["tv"] <= 1).all()
    assert (values["hellinger"] <= 1).all()


def test_kl_is_infinite_exactly_where_q_misses_mass(pairs, values):
    p, q = pairs
    missing = ((p > 0) & (q == 0)).any(axis=-1)
    assert missing.any()
    numpy.testing.assert_array_equal(numpy.isinf(values["kl"]), missing)
    assert numpy.isinf(values["pearson"])[missing].all()


def test_zero_exactly_on_the_diagonal(pairs, values):
    # Subnormal masses may differ by less than any term can hold: their terms underflow.
    p, q = pairs
    differ = numpy.abs(p - q).max(axis=-1)
    assert (values["kl"][differ == 0] == 0).all()
    assert (values["kl"][differ > 1e-150] > 0).all()
    assert (values["js"][differ > 1e-150] > 0).all()


def test_jensen_shannon_is_symmetric(pairs, values):
    p, q = pairs
    numpy.testing.assert_allclose(divergences.jensen_shannon_divergence(q, p), values["js"], rtol=4e-15, atol=0)


def test_pinsker(values):
    # TV^2 <= KL / 2; TV carries an error of 1e-16, from the rounding of the sums, that KL does not.
    assert ((values["tv"] - SLACK).clip(0) ** 2 <= values["kl"] / 2 * (1 + 1e-14)).all()


def test_hellinger_and_total_variation(values):
    # H^2 <= TV <= H sqrt(2 - H^2)
    h, tv = values["hellinger"], values["tv"]
    assert (h <= tv * (1 + 1e-14) + SLACK).all()
    assert (tv <= numpy.sqrt(h * (2 - h)) * (1 + 1e-14) + SLACK).all()


def test_jensen_shannon_between_hellinger_and_its_multiple(values):
    # log 2 H^2 <= JS <= H^2, and JS <= log 2 TV.
    h, js, tv = values["hellinger"], values["js"], values["tv"]
    assert (math.log(2) * h <= js * (1 + 1e-13) + 1e-300).all()
    assert (js <= h * (1 + 1e-13) + 1e-300).all()
    assert (js <= math.log(2) * tv * (1 + 1e-14) + SLACK).all()


def test_kl_below_log_of_one_plus_pearson(values):
    assert (values["kl"] <= numpy.log1p(values["pearson"]) * (1 + 1e-13) + 1e-300).all()


def test_merging_outcomes_loses_divergence(pairs, values):
    merged = pairs.reshape(2, -1, SIZE // 2, 2).sum(axis=-1)
    for name, function in (
        ("kl", divergences.kl_divergence),
        ("js", divergences.jensen_shannon_divergence),
        ("hellinger", divergences.squared_hellinger_distance),
    ):
        # Sums of two masses are rounded once more, by eps, which moves a divergence D by eps sqrt(D) at most.
        slack = 4e-16 * numpy.sqrt(values[name]) + 1e-31
        assert (function(*merged) <= values[name] * (1 + 1e-13) + slack).all()
