"""Mixtures of normal laws by EM: monotone under a floor, stationary where it ends, and what it says."""

import math

import numpy
import pytest
from scipy.stats import multivariate_normal

from gamedyn.dynamics import Status
from gamedyn.models import GaussianMixtureModel
from gamedyn.models._gaussian_mixture_em import log_joint, maximized

KINDS = ["full", "diagonal", "spherical"]


def two_groups(n=200, seed=0):
    rng = numpy.random.default_rng(seed)
    return numpy.concatenate([rng.normal([0, 0], [1, 2], (n, 2)), rng.normal([8, 8], [2, 1], (n, 2))])


@pytest.mark.parametrize("kind", KINDS)
def test_one_component_is_the_normal_law_of_the_moments(kind):
    rows = two_groups()
    model = GaussianMixtureModel(1, covariance=kind).fit(rows)
    covariance = numpy.cov(rows, rowvar=False, bias=True)
    if kind != "full":
        covariance = numpy.diag(numpy.diag(covariance))
    if kind == "spherical":
        covariance = numpy.trace(covariance) / 2 * numpy.eye(2)
    expected = multivariate_normal(rows.mean(axis=0), covariance).logpdf(rows)
    numpy.testing.assert_allclose(model.log_prob(rows), expected, rtol=1e-12)
    free = 2 + {"full": 3, "diagonal": 2, "spherical": 1}[kind]
    assert model.bic(rows) == pytest.approx(free * math.log(400) - 2 * expected.sum(), rel=1e-12)
    assert model.aic(rows) == pytest.approx(2 * free - 2 * expected.sum(), rel=1e-12)


def test_numbers_of_parameters():
    rows = numpy.random.default_rng(0).normal(size=(60, 4))
    for kind, free in (("full", 10), ("diagonal", 4), ("spherical", 1)):
        model = GaussianMixtureModel(3, covariance=kind, rng=0, tolerance=0.1).fit(rows)
        assert model.n_parameters_ == 2 + 3 * 4 + 3 * free


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("floor", [1e-6, 0.3])
def test_the_likelihood_never_falls(kind, floor):
    rng = numpy.random.default_rng(7)
    floored = 0
    for _ in range(4):
        rows = rng.standard_t(2, (80, 3)) * [1, 10, 0.1]
        # Rows on a line, on which a component without a floor would collapse.
        rows[:20] = rows[0] + numpy.linspace(0, 1, 20)[:, None]
        model = GaussianMixtureModel(4, covariance=kind, covariance_floor=floor, tolerance=1e-4, rng=rng).fit(rows)
        assert (numpy.diff(model.history_) > -1e-12 * abs(model.history_[1:])).all()
        assert model.history_[-1] == pytest.approx(model.score(rows), rel=1e-12)
        assert len(model.history_) == model.steps_ + 1
        floored += model.floored_
    assert floored or (floor == 1e-6 and kind != "full")


def test_no_covariance_above_the_floor_is_likelier():
    rng = numpy.random.default_rng(2)
    rows = rng.normal(size=(30, 3)) @ numpy.diag([3.0, 0.5, 0.01]) @ rng.normal(size=(3, 3))
    floor = 0.4
    best = maximized(rows, numpy.ones((30, 1)), "full", floor)
    assert numpy.linalg.eigvalsh(best.covariances[0])[0] == pytest.approx(floor, rel=1e-9)
    value = multivariate_normal(best.means[0], best.covariances[0]).logpdf(rows).sum()
    for scale in [1e-3, 0.1, 1.0] * 30:
        values, vectors = numpy.linalg.eigh(best.covariances[0] + scale * _symmetric(rng))
        other = (vectors * numpy.maximum(values, floor)) @ vectors.T
        assert multivariate_normal(best.means[0], other).logpdf(rows).sum() < value


def _symmetric(rng):
    matrix = rng.normal(size=(3, 3))
    return (matrix + matrix.T) / 2


def test_joint_log_densities_and_responsibilities_are_those_of_bayes():
    rows = two_groups(40)
    model = GaussianMixtureModel(3, rng=1, tolerance=1e-3).fit(rows)
    parts = [multivariate_normal(law.loc, law.covariance_matrix).pdf(rows) for law in model.law_.components]
    joint = numpy.stack(parts, axis=1) * model.law_.weights
    numpy.testing.assert_allclose(numpy.exp(log_joint(rows, model._normals)), joint, rtol=1e-10)
    shares = joint / joint.sum(axis=1, keepdims=True)
    numpy.testing.assert_allclose(model.responsibilities(rows), shares, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("kind", KINDS)
def test_the_end_is_a_stationary_point(kind):
    rows = two_groups()
    model = GaussianMixtureModel(2, covariance=kind, rng=0, tolerance=1e-13, steps=2000).fit(rows)
    shares = model.responsibilities(rows)
    assert model.status_ is Status.CONVERGED
    for j, law in enumerate(model.law_.components):
        # d/d mean: sum_i r_ij S^-1 (x_i - m), with the scale of its terms.
        mean = shares[:, j] @ rows / shares[:, j].sum()
        numpy.testing.assert_allclose(law.loc, mean, atol=1e-5)
        assert model.law_.weights[j] == pytest.approx(shares[:, j].mean(), abs=1e-6)


def test_separated_groups_are_found():
    rows = two_groups(1000)
    law = GaussianMixtureModel(2, rng=3).fit(rows).law_
    order = numpy.argsort([component.loc[0] for component in law.components])
    found = numpy.array([law.components[j].loc for j in order])
    # 4.9 standard errors of means of 1,000 rows of deviation 1 and 2.
    assert (abs(found - [[0, 0], [8, 8]]) < 4.9 * numpy.array([[1, 2], [2, 1]]) / 1000**0.5).all()
    numpy.testing.assert_allclose(law.weights, 0.5, atol=0.01)


def test_more_starts_are_no_worse():
    rows = numpy.random.default_rng(5).normal(size=(60, 2)) * [1, 30]
    scores = [GaussianMixtureModel(4, starts=s, rng=0, tolerance=1e-4).fit(rows).score(rows) for s in (1, 6)]
    assert scores[1] >= scores[0]


def test_a_component_without_rows_stays():
    rows = numpy.array([[0.0], [0.0], [1.0], [1.0]])
    shares = numpy.array([[1.0, 0.0]] * 4)
    before = maximized(rows, numpy.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]), "full", 0.1)
    after = maximized(rows, shares, "full", 0.1, before)
    assert after.weights.tolist() == [1, 0]
    assert after.means[1] == before.means[1] == 1
    assert numpy.isfinite(log_joint(rows, after)[:, 0]).all()
    # Two different rows, three components: one of them gets nothing at the start.
    model = GaussianMixtureModel(3, rng=0).fit(rows)
    assert numpy.isfinite(model.score(rows))
    assert abs(model.sample(50, rng=0)).max() < 3


def test_fits_in_the_library_of_its_rows(library):
    rows = two_groups(30).astype("float32")
    model = GaussianMixtureModel(2, rng=0).fit(library.asarray(rows, dtype="float32"))
    host = GaussianMixtureModel(2, rng=0).fit(rows)
    for values, expected in (
        (model.log_prob(library.asarray(rows, dtype="float32")), host.log_prob(rows)),
        (model.responsibilities(library.asarray(rows, dtype="float32")), host.responsibilities(rows)),
        (model.sample(5, rng=1), host.sample(5, rng=1)),
    ):
        numpy.testing.assert_allclose(library.host(values), expected, rtol=1e-12, atol=1e-12)


def test_an_early_end_is_told():
    with pytest.warns(RuntimeWarning, match="stopped after 1 steps, the last of which gained .* Raise `steps`"):
        model = GaussianMixtureModel(2, steps=1, rng=0).fit(numpy.random.default_rng(0).normal(size=(50, 2)))
    assert model.status_ is Status.MAX_STEPS
    assert model.steps_ == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GaussianMixtureModel(3).fit([[0.0], [1.0]]), "`X` must have at least 3 rows, one for each component"),
        (lambda: GaussianMixtureModel(1).fit([[2.0]] * 5), "`X` must have rows that differ, got 5 equal ones"),
        (lambda: GaussianMixtureModel(0).fit([[0.0]]), "`n_components` must be at least 1, got 0"),
        (lambda: GaussianMixtureModel(covariance="diag").fit([[0.0]]), "`covariance` must be .* mean 'diagonal'"),
        (lambda: GaussianMixtureModel(covariance_floor=0.0).fit([[0.0]]), "`covariance_floor` must be positive"),
        (lambda: GaussianMixtureModel(tolerance=-1.0).fit([[0.0]]), "`tolerance` must be non-negative"),
        (lambda: GaussianMixtureModel().fit([[0.0], [math.nan]]), "`X` must be finite in float64, got nan at row 1"),
        (lambda: GaussianMixtureModel().sample(3), "this GaussianMixtureModel is not fitted yet"),
        (lambda: GaussianMixtureModel().log_prob([[0.0]]), "this GaussianMixtureModel is not fitted yet"),
        (
            lambda: GaussianMixtureModel().fit([[0.0], [1.0]]).log_prob([[0.0, 1.0]]),
            "`X` must have the 1 features that the GaussianMixtureModel was fitted on, got 2",
        ),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
