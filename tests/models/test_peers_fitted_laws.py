"""Fitted laws against scikit-learn: PCA's likelihood, Gaussian mixtures, kernel densities."""

import os

import numpy
import pytest

from gamedyn.data import digits
from gamedyn.models import PPCA, GaussianMixtureModel, KernelDensityModel

# Where the peers are asked for, a missing one is an error, not a skip.
asked_for = os.environ.get("GAMEDYN_TEST_PEERS") == "1"
pytestmark = [pytest.mark.peers, pytest.mark.skipif(not asked_for, reason="run by make test-peers")]


@pytest.mark.parametrize("q", [1, 10, 40])
def test_principal_components_on_digits(q):
    from sklearn.decomposition import PCA

    rows = digits().X
    model, peer = PPCA(q).fit(rows[:1437]), PCA(q, svd_solver="full").fit(rows[:1437])
    # scikit-learn divides by n - 1.
    ratio = 1437 / 1436
    assert model.noise_variance_ == pytest.approx(peer.noise_variance_ / ratio, rel=1e-10)
    # Its law of rows sqrt(ratio) further from the mean is ours, but for the Jacobian.
    scaled = peer.mean_ + (rows - peer.mean_) * ratio**0.5
    expected = peer.score_samples(scaled[1437:]) + 64 / 2 * numpy.log(ratio)
    numpy.testing.assert_allclose(model.log_prob(rows[1437:]), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", ["full", "diagonal", "spherical"])
def test_mixtures_end_at_the_same_maximum(kind):
    from sklearn.mixture import GaussianMixture

    rng = numpy.random.default_rng(0)
    rows = numpy.concatenate([rng.normal(mean, scale, (150, 2)) for mean, scale in ((0, 1), (8, 2), (-9, 0.5))])
    name = {"diagonal": "diag"}.get(kind, kind)
    peer = GaussianMixture(3, covariance_type=name, reg_covar=0, tol=1e-12, max_iter=2000, random_state=0).fit(rows)
    model = GaussianMixtureModel(3, covariance=kind, tolerance=1e-12, steps=2000, starts=3, rng=0).fit(rows)
    assert model.score(rows) == pytest.approx(peer.score(rows), abs=1e-8)
    assert model.bic(rows) == pytest.approx(peer.bic(rows), abs=1e-4)
    assert model.aic(rows) == pytest.approx(peer.aic(rows), abs=1e-4)


def test_kernel_densities():
    from sklearn.neighbors import KernelDensity

    rows = digits().X
    model = KernelDensityModel("cross-validation", kernel="isotropic").fit(rows[:1437])
    width = model.bandwidth_ * rows[:1437].var(axis=0, ddof=1).mean() ** 0.5
    # In one leaf: between nodes of its trees scikit-learn loses up to 17 nats on these rows (scikit-learn#27186).
    peer = KernelDensity(bandwidth=width, leaf_size=2000).fit(rows[:1437])
    numpy.testing.assert_allclose(model.log_prob(rows[1437:1500]), peer.score_samples(rows[1437:1500]), rtol=1e-9)
