"""Pairs of pmfs with zeros, ties, subnormal and nearly equal masses: bounds that no rounding may break.

A hundred thousand of them in the plain suite, ten million in the full one, a hundred thousand at a time.
"""

import math

import numpy
import pytest

from gamedyn import divergences
from tests.cases import DIVERGENCES, PRECISE

CHUNK, SIZE = 100_002, 6
SLACK = 1e-15
SEEDS = [2014, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(100))]


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


@pytest.fixture(scope="module", params=SEEDS)
def pairs(request):
    masses = _masses(numpy.random.default_rng(request.param), CHUNK // 6)
    masses /= masses.sum(axis=-1, keepdims=True)
    masses.flags.writeable = False
    assert masses.shape[1] == CHUNK
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
        "neyman": divergences.neyman_divergence(p, q),
        "jeffreys": divergences.jeffreys_divergence(p, q),
        "le_cam": divergences.le_cam_divergence(p, q),
        "weighted": divergences.jensen_shannon_divergence(p, q, weight=0.1),
        "bhattacharyya": divergences.bhattacharyya_distance(p, q),
    }


def test_ranges(values):
    for value in values.values():
        assert not numpy.isnan(value).any()
        assert (value >= 0).all()
    assert (values["js"] <= math.log(2)).all()
    assert (values["tv"] <= 1).all()
    assert (values["hellinger"] <= 1).all()
    assert (values["le_cam"] <= 2).all()
    assert (values["weighted"] <= -0.1 * math.log(0.1) - 0.9 * math.log(0.9)).all()


def test_every_member_is_a_number_within_its_range(pairs):
    p, q = pairs
    for divergence in DIVERGENCES:
        value = divergence(p, q)
        assert not numpy.isnan(value).any(), divergence
        low = -math.log(4) * (1 + 1e-15) if isinstance(divergence, divergences.GANDivergence) else 0.0
        # Values of a generator alone round at eps.
        low = low if divergence in PRECISE else -1e-15
        assert (value >= low).all(), divergence
        assert (value <= divergence.supremum).all(), divergence


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


def test_le_cam_and_jensen_shannon(values):
    # LC / 4 <= JS <= (log 2 / 2) LC, LC / 4 <= H^2 <= LC / 2, and LC / 2 <= TV.
    lc, js, h = values["le_cam"], values["js"], values["hellinger"]
    assert (lc / 4 <= js * (1 + 1e-13) + 1e-300).all()
    assert (js <= math.log(2) / 2 * lc * (1 + 1e-13) + 1e-300).all()
    assert (lc / 4 <= h * (1 + 1e-13) + 1e-300).all()
    assert (h <= lc / 2 * (1 + 1e-13) + 1e-300).all()
    assert (lc / 2 <= values["tv"] * (1 + 1e-13) + SLACK).all()


def test_chains_between_orders(pairs, values):
    # R_a increases with a; 4 H^2 = D_(1/2) and 2 B = R_(1/2) <= KL <= R_2 <= D_2 ...; TV^2 <= J / 4.
    p, q = pairs
    orders = (0.0, 1e-6, 0.3, 0.5, 1 - 1e-9, 1.0, 1.5, 4.0, math.inf)
    below = numpy.zeros(len(p))
    for alpha in orders:
        value = divergences.renyi_divergence(p, q, alpha)
        assert not numpy.isnan(value).any()
        # max p / q takes sums as they are, off by eps.
        slack = SLACK if alpha == math.inf else 1e-300
        with numpy.errstate(invalid="ignore"):
            assert ((value >= below * (1 - 4e-13) - slack) | numpy.isinf(value)).all(), alpha
        below = value
    assert (values["bhattacharyya"] >= values["hellinger"] * (1 - 1e-13)).all()
    assert (2 * values["bhattacharyya"] <= values["kl"] * (1 + 1e-13) + 1e-300).all()
    assert ((values["tv"] - SLACK).clip(0) ** 2 <= values["jeffreys"] / 4 * (1 + 1e-14)).all()
    assert (values["kl"] <= values["jeffreys"] * (1 + 1e-13) + 1e-300).all()


def test_neyman_and_jeffreys_are_infinite_exactly_where_p_misses_mass(pairs, values):
    p, q = pairs
    missing = ((q > 0) & (p == 0)).any(axis=-1)
    assert numpy.isinf(values["neyman"])[missing].all()
    assert numpy.isinf(values["jeffreys"])[missing].all()
    both = missing | ((p > 0) & (q == 0)).any(axis=-1)
    numpy.testing.assert_array_equal(numpy.isinf(values["jeffreys"]), both)
