"""Facts about entropic barycenters: Gaussians, single laws, symmetric pairs, and what debiasing takes out."""

import math

import numpy
import pytest
from scipy.optimize import brentq

from gamedyn.transport import entropic_barycenter

GRID = numpy.linspace(-7.5, 8.5, 201)


def gaussian(mean, deviation):
    masses = numpy.exp(-(((GRID - mean) / deviation) ** 2) / 2)
    return masses / masses.sum()


def moments(masses):
    mean = masses @ GRID
    return mean, math.sqrt(masses @ (GRID - mean) ** 2)


@pytest.mark.parametrize("epsilon", [0.3, 0.05])
def test_one_law_is_blurred_by_the_kernel_or_kept(epsilon, rng):
    # With v = 1 the plan is a_i K_ij / sum_j K_ij; debiased, it is the plan of a with itself.
    x, support = rng.random((6, 2)), rng.random((9, 2))
    a = rng.dirichlet(numpy.ones(6))
    kernel = numpy.exp(-numpy.sum((x[:, None] - support) ** 2, axis=-1) / epsilon)
    blurred = (a / kernel.sum(axis=1)) @ kernel
    found = entropic_barycenter([x], support, epsilon=epsilon, sample_weights=[a], tolerance=1e-12)
    numpy.testing.assert_allclose(found, blurred, rtol=1e-10)
    # What the kernel hides comes back slowly: points a kernel's width apart.
    x = math.sqrt(epsilon) * numpy.array([[0.0, 0.0], [1.5, 0.0], [0.0, 1.5], [1.5, 1.5], [3.0, 0.0], [3.0, 1.5]])
    kept = entropic_barycenter([x], x, epsilon=epsilon, sample_weights=[a], tolerance=1e-9, debias=True)
    numpy.testing.assert_allclose(kept, a, rtol=1e-6)


@pytest.mark.parametrize("epsilon", [0.5, 0.1])
def test_gaussians_have_gaussian_barycenters(epsilon):
    # Plans between N(m, s^2) and N(., t^2) have a covariance c with s^2 t^2 - c^2 = eps c / 2, and the derivative in
    # t^2 of their cost is 1 - s^2 / c; that of half the cost of N(., t^2) with itself is 1 - t^2 / c_0.
    means, deviations, shares = numpy.array([-1.0, 1.5]), numpy.array([0.6, 0.9]), numpy.array([0.3, 0.7])

    def covariance(s, t):
        return (math.sqrt(epsilon**2 + 16 * (s * t) ** 2) - epsilon) / 4

    def slope(t):
        return 1 - sum(w * s**2 / covariance(s, t) for w, s in zip(shares, deviations, strict=True))

    laws = [gaussian(m, s) for m, s in zip(means, deviations, strict=True)]
    given = {"epsilon": epsilon, "sample_weights": laws, "barycenter_weights": shares, "tolerance": 1e-9}
    mean, deviation = moments(entropic_barycenter([GRID, GRID], GRID, **given))
    assert mean == pytest.approx(shares @ means, rel=1e-7)
    assert deviation == pytest.approx(brentq(slope, 0.1, 3.0, xtol=1e-14), rel=1e-7)
    mean, deviation = moments(entropic_barycenter([GRID, GRID], GRID, debias=True, **given))
    expected = brentq(lambda t: slope(t) - (1 - t**2 / covariance(t, t)), 0.1, 3.0, xtol=1e-14)
    assert mean == pytest.approx(shares @ means, rel=1e-6)
    assert deviation == pytest.approx(expected, rel=1e-6)


def test_debiasing_keeps_the_variance_that_all_laws_share():
    laws = [gaussian(-1.0, 0.7), gaussian(1.0, 0.7)]
    given = {"epsilon": 0.2, "sample_weights": laws, "tolerance": 1e-9}
    assert moments(entropic_barycenter([GRID, GRID], GRID, **given))[1] ** 2 == pytest.approx(0.49 + 0.1, rel=1e-6)
    assert moments(entropic_barycenter([GRID, GRID], GRID, debias=True, **given))[1] == pytest.approx(0.7, rel=1e-6)


def test_small_temperatures_do_not_underflow():
    # exp(-c / eps) is 0 between the samples and most of the support.
    masses = entropic_barycenter([[0.0], [2.0]], numpy.linspace(0, 2, 21), epsilon=1e-3)
    assert masses.argmax() == 10
    assert masses[10] > 0.99
    assert masses.sum() == pytest.approx(1.0, rel=1e-14)


def test_blocks_give_what_stored_costs_give(rng):
    x, y, support = rng.random((30, 2)), rng.random((40, 2)), rng.random((50, 2))
    for debias in (False, True):
        given = {"epsilon": 0.1, "debias": debias, "tolerance": 1e-4}
        stored = entropic_barycenter([x, y], support, **given)
        numpy.testing.assert_allclose(entropic_barycenter([x, y], support, max_bytes=2, **given), stored, rtol=1e-8)


def test_one_byte_is_enough_for_two_samples(rng):
    x, y, support = rng.random((5, 2)), rng.random((4, 2)), rng.random((6, 2))
    whole = entropic_barycenter([x, y], support, epsilon=0.1)
    blocks = entropic_barycenter([x, y], support, epsilon=0.1, max_bytes=1)
    numpy.testing.assert_allclose(blocks, whole, rtol=1e-5)


def test_points_without_mass_take_no_part(rng):
    x, y, support = rng.random((5, 2)), rng.random((4, 2)), rng.random((6, 2))
    whole = entropic_barycenter([x, y], support, epsilon=0.1, sample_weights=[[1, 1, 0, 1, 0], None])
    part = entropic_barycenter([x[[0, 1, 3]], y], support, epsilon=0.1)
    numpy.testing.assert_allclose(whole, part, rtol=1e-12)
    alone = entropic_barycenter([x, y], support, epsilon=0.1, barycenter_weights=[0, 2])
    numpy.testing.assert_allclose(alone, entropic_barycenter([y], support, epsilon=0.1), rtol=1e-9)


def test_result_of_every_library(library, rng):
    x, y, support = rng.random((5, 2)), rng.random((4, 2)), rng.random((6, 2))
    given = {"epsilon": 0.1, "tolerance": 1e-4, "debias": True}
    expected = entropic_barycenter([x, y], support, barycenter_weights=[1, 3], **given)
    native = [library.asarray(points) for points in (x, y, support)]
    shares = library.asarray([1.0, 3.0])
    found = entropic_barycenter(native[:2], native[2], barycenter_weights=shares, **given)
    assert library.owns(found)
    numpy.testing.assert_allclose(library.host(found), expected, rtol=1e-10)


def test_bad_input_is_one_sentence():
    with pytest.raises(ValueError, match="`samples` must hold a point set, got none"):
        entropic_barycenter([], [0.0], epsilon=1.0)
    with pytest.raises(ValueError, match="`sample_weights` must have an entry for each of 2 samples, got 1"):
        entropic_barycenter([[0.0], [1.0]], [0.0], epsilon=1.0, sample_weights=[None])
    with pytest.raises(
        ValueError, match=r"`barycenter_weights` must have one weight for each of 2 samples, got \(1,\)"
    ):
        entropic_barycenter([[0.0], [1.0]], [0.0], epsilon=1.0, barycenter_weights=[1.0])
    with pytest.raises(ValueError, match="`barycenter_weights` must be >= 0"):
        entropic_barycenter([[0.0], [1.0]], [0.0], epsilon=1.0, barycenter_weights=[1.0, -1.0])
    with pytest.raises(
        ValueError, match=r"`samples` and `support` must have one dimension d, got shapes \(1, 2\) and \(1, 1\)"
    ):
        entropic_barycenter([[[0.0, 1.0]]], [0.0], epsilon=1.0)
    with pytest.raises(ValueError, match="`samples` must be finite"):
        entropic_barycenter([[0.0], [math.nan]], [0.0], epsilon=1.0)
    with pytest.raises(ValueError, match="`sample_weights` must have one weight for each of 1 points"):
        entropic_barycenter([[0.0]], [0.0], epsilon=1.0, sample_weights=[[1.0, 1.0]])
    with pytest.raises(ValueError, match="`epsilon` must be positive"):
        entropic_barycenter([[0.0], [1.0]], [0.0], epsilon=-1.0)
    with pytest.warns(UserWarning, match="entropic_barycenter stopped after 1 sweeps"):
        entropic_barycenter([[0.0, 1.0], [1.0, 4.0]], [0.0, 2.0], epsilon=0.1, max_iterations=1, tolerance=1e-14)
