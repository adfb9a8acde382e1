"""Facts about Geometric."""

import math

import numpy
import pytest

from gamedyn.distributions import Geometric


def test_failures_before_the_first_success(library):
    law = Geometric(probs=library.asarray(0.25))
    masses = numpy.exp(library.host(law.log_prob(library.asarray([0.0, 1.0, 2.0, 10.0]))))
    numpy.testing.assert_allclose(masses, [1 / 4, 3 / 16, 9 / 64, 0.25 * 0.75**10], rtol=1e-15)
    numpy.testing.assert_allclose(
        library.host(law.cdf(library.asarray([-0.5, 0.0, 1.7, 2.0]))), [0, 1 / 4, 7 / 16, 37 / 64]
    )
    assert float(law.mean) == 3.0
    assert float(law.variance) == pytest.approx(12.0)
    # (H(p) = -p log p - q log q) / p
    assert float(law.entropy) == pytest.approx(math.log(4) + 3 * math.log(4 / 3))


def test_logits_keep_rare_and_common_successes(library):
    law = Geometric(logits=library.asarray([-50.0, 50.0]))
    log_masses = library.host(law.log_prob(library.asarray([[0.0], [1.0]])))
    numpy.testing.assert_allclose(log_masses, [[-50.0, -math.exp(-50)], [-50.0, -50.0]], rtol=1e-14)
    numpy.testing.assert_allclose(library.host(law.mean), [math.exp(50), math.exp(-50)], rtol=1e-14)
    numpy.testing.assert_allclose(library.host(law.variance), [math.exp(100), math.exp(-50)], rtol=1e-13)
    numpy.testing.assert_allclose(library.host(law.entropy), [51.0, 51 * math.exp(-50)], rtol=1e-14)
    # P(X <= k) = 1 - q^(k + 1), about (k + 1) p.
    numpy.testing.assert_allclose(library.host(law.cdf(library.asarray(9.0))), [10 * math.exp(-50), 1.0], rtol=1e-14)
    half = library.host(law.icdf(library.asarray(0.5)))
    numpy.testing.assert_allclose(half, [math.log(2) * math.exp(50), 0.0], rtol=1e-14)


def test_quantiles_next_to_an_atom():
    # icdf at the cdf of an atom is that atom, and one more beyond it, for hundreds of roundings.
    for p in (0.5, 0.3, 0.1, 1e-3):
        law, k = Geometric(probs=p), numpy.arange(200.0)
        levels = law.cdf(k)
        # Beyond, neighbouring atoms share a rounded cdf.
        levels = levels[levels < 1 - 1e-12]
        numpy.testing.assert_array_equal(law.icdf(levels), k[: len(levels)])
        above = numpy.nextafter(levels, 1.0)
        numpy.testing.assert_array_equal(law.icdf(above), k[: len(levels)] + 1)
    numpy.testing.assert_array_equal(Geometric(0.5).icdf([0.0, 0.5, 0.51, 0.75, 1.0]), [0, 0, 1, 1, math.inf])


def test_a_sure_success():
    law = Geometric(probs=[1.0, 0.5])
    numpy.testing.assert_array_equal(law.log_prob([[0.0], [1.0]])[:, 0], [0.0, -math.inf])
    numpy.testing.assert_array_equal(law.cdf([[-1.0], [0.0], [1e300]])[:, 0], [0.0, 1.0, 1.0])
    numpy.testing.assert_array_equal(law.icdf([[0.0], [0.9], [1.0]])[:, 0], 0.0)
    numpy.testing.assert_array_equal(law.sample(100, rng=0)[:, 0], 0.0)
    assert (law.mean[0], law.variance[0], law.entropy[0]) == (0.0, 0.0, 0.0)
    numpy.testing.assert_array_equal(Geometric(1.0).support_points(), [0.0])


def test_off_the_support():
    law = Geometric(0.3)
    numpy.testing.assert_array_equal(law.log_prob([-1.0, 0.5, math.inf, -math.inf, math.nan])[:4], -math.inf)
    assert math.isnan(law.log_prob(math.nan))
    assert math.isnan(law.cdf(math.nan))
    assert law.log_prob(1e300) == pytest.approx(1e300 * math.log(0.7))
    assert Geometric(0.9).log_prob(1e308) == -math.inf


def test_points_end_where_no_mass_is_left():
    points = Geometric([0.5, 0.9]).support_points()
    # 2^-1074 is the smallest double.
    assert points.shape == (1077, 1)
    assert numpy.exp(Geometric(0.5).log_prob(points[-1, 0] + 1)) == 0.0
    assert len(Geometric(1e-4).support_points()) == pytest.approx(745.2e4, rel=1e-4)
    with pytest.raises(ValueError, match="`probs` must leave at most 10000000 atoms of a mass above 1e-300"):
        Geometric(5e-5).support_points()


def test_bad_parameters_are_refused():
    for arguments in ({}, {"probs": 0.5, "logits": 0.0}):
        with pytest.raises(ValueError, match="exactly one of `probs` and `logits` must be given"):
            Geometric(**arguments)
    for probs in (-0.1, 1.1, numpy.nan):
        with pytest.raises(ValueError, match=r"`probs` must lie in \[0, 1\]"):
            Geometric(probs=probs)
    with pytest.raises(ValueError, match=r"`probs` must give a chance of success .*, got .*0"):
        Geometric(probs=0.0)
    for logits in (-numpy.inf, -800.0):
        with pytest.raises(ValueError, match="`logits` must give a chance of success that floats can tell from 0"):
            Geometric(logits=logits)
    with pytest.raises(ValueError, match="`logits` must hold numbers, got nan"):
        Geometric(logits=numpy.nan)
