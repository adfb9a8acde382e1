"""Probabilistic principal components: the maximum of the likelihood, its value, posterior and collapsed directions."""

import math

import numpy
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from gamedyn.data import digits
from gamedyn.models import PPCA

ROWS = numpy.random.default_rng(0).normal(size=(50, 4)) @ numpy.diag([3.0, 2.0, 1.0, 0.5])
ROWS = ROWS @ numpy.linalg.qr(numpy.random.default_rng(1).normal(size=(4, 4)))[0] + [1.0, -2.0, 30.0, 0.0]
EIGENVALUES = numpy.linalg.eigvalsh(numpy.cov(ROWS, rowvar=False, bias=True))[::-1]


@pytest.mark.parametrize("q", [1, 2, 3])
def test_the_covariance_has_the_largest_eigenvalues_and_the_mean_of_the_others(q):
    model = PPCA(q).fit(ROWS)
    numpy.testing.assert_allclose(model.eigenvalues_, EIGENVALUES, rtol=1e-12)
    found = numpy.linalg.eigvalsh(model.law_.covariance_matrix)[::-1]
    expected = numpy.concatenate([EIGENVALUES[:q], numpy.full(4 - q, EIGENVALUES[q:].mean())])
    numpy.testing.assert_allclose(found, expected, rtol=1e-12)
    assert model.collapsed_ == 0
    assert (model.W_.max(axis=0) == abs(model.W_).max(axis=0)).all()
    # Its largest directions are those of the rows: W^T S W is diagonal, with the eigenvalues times those of W^T W.
    covariance = numpy.cov(ROWS, rowvar=False, bias=True)
    lengths = EIGENVALUES[:q] - EIGENVALUES[q:].mean()
    numpy.testing.assert_allclose(
        model.W_.T @ covariance @ model.W_, numpy.diag(lengths * EIGENVALUES[:q]), rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("noise", [None, 0.3, 3.0, 100.0])
def test_log_probabilities_are_those_of_the_normal_law(noise):
    model = PPCA(2, noise_variance=noise).fit(ROWS)
    covariance = model.W_ @ model.W_.T + model.noise_variance_ * numpy.eye(4)
    expected = multivariate_normal(ROWS.mean(axis=0), covariance).logpdf(ROWS)
    numpy.testing.assert_allclose(model.log_prob(ROWS), expected, rtol=1e-11)
    assert model.log_likelihood_ == pytest.approx(expected.mean(), rel=1e-12)
    assert model.bits_per_dim(ROWS) == pytest.approx(-expected.mean() / 4 / math.log(2), rel=1e-12)


def likelihood(parameters, noise):
    """The mean log-likelihood of any W, and of the log variance that is last unless noise is given."""
    W = parameters[:8].reshape(4, 2)
    covariance = W @ W.T + (math.exp(parameters[8]) if noise is None else noise) * numpy.eye(4)
    inverse = numpy.linalg.inv(covariance)
    moments = numpy.cov(ROWS, rowvar=False, bias=True)
    return -0.5 * (4 * math.log(2 * math.pi) + numpy.linalg.slogdet(covariance)[1] + numpy.trace(inverse @ moments))


@pytest.mark.parametrize("noise", [None, 0.5, 4.0])
def test_no_descent_finds_a_larger_likelihood(noise):
    best = PPCA(2, noise_variance=noise).fit(ROWS).log_likelihood_
    rng = numpy.random.default_rng(3)
    found = [minimize(lambda p: -likelihood(p, noise), rng.normal(size=9), method="BFGS") for _ in range(2)]
    values = [-result.fun for result in found]
    assert max(values) <= best + 1e-12
    assert max(values) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("noise", [None, 0.4, 4.0])
def test_the_posterior_is_that_of_the_joint_normal_law(noise):
    model = PPCA(2, noise_variance=noise).fit(ROWS)
    W, identity = model.W_, numpy.eye(2)
    joint = numpy.block([[identity, W.T], [W, W @ W.T + model.noise_variance_ * numpy.eye(4)]])
    gain = joint[:2, 2:] @ numpy.linalg.inv(joint[2:, 2:])
    posterior = model.posterior(ROWS[:5])
    numpy.testing.assert_allclose(posterior.loc, (ROWS[:5] - ROWS.mean(axis=0)) @ gain.T, rtol=1e-9, atol=1e-12)
    conditional = identity - gain @ joint[2:, :2]
    numpy.testing.assert_allclose(posterior.covariance_matrix[0], conditional, rtol=1e-9, atol=1e-12)
    numpy.testing.assert_array_equal(model.transform(ROWS[:5]), posterior.loc)
    # Bayes: p(x) = p(z) p(x | z) / p(z | x), whatever z.
    z = numpy.array([0.3, -0.7])
    row = ROWS[0]
    given = multivariate_normal(ROWS.mean(axis=0) + W @ z, model.noise_variance_ * numpy.eye(4)).logpdf(row)
    prior = multivariate_normal(numpy.zeros(2), identity).logpdf(z)
    assert prior + given - posterior.log_prob(z)[0] == pytest.approx(model.log_prob(ROWS[:1])[0], rel=1e-10)


def test_as_many_directions_collapse_as_eigenvalues_are_below_the_noise():
    between = [EIGENVALUES[0] * 2, *numpy.sqrt(EIGENVALUES[:-1] * EIGENVALUES[1:]), EIGENVALUES[-1] / 2]
    for above, noise in enumerate(between):
        model = PPCA(3, noise_variance=noise).fit(ROWS)
        assert model.collapsed_ == 3 - min(above, 3)
        posterior = model.posterior(ROWS[:1])
        assert (numpy.diagonal(posterior.covariance_matrix[0]) == 1).sum() == model.collapsed_


@pytest.mark.parametrize(("q", "train", "test"), [(2, -0.0768, 0.1374), (10, 17.5443, 16.1848), (20, 27.4380, 25.1054)])
def test_nats_on_digits(q, train, test):
    # Pixels as grey / 16, the first 1,437 rows to fit, the last 360 to test: the floor of linear VAEs on the same rows.
    pytest.importorskip("sklearn")
    rows = digits().X
    model = PPCA(q).fit(rows[:1437])
    values, vectors = numpy.linalg.eigh(numpy.cov(rows[:1437], rowvar=False, bias=True))
    noise = values[:-q].mean()
    covariance = noise * numpy.eye(64) + (vectors[:, -q:] * (values[-q:] - noise)) @ vectors[:, -q:].T
    oracle = multivariate_normal(rows[:1437].mean(axis=0), covariance)
    assert oracle.logpdf(rows[:1437]).mean() == pytest.approx(train, abs=5e-5)
    assert model.log_likelihood_ == pytest.approx(train, abs=5e-5)
    assert oracle.logpdf(rows[1437:]).mean() == pytest.approx(test, abs=5e-5)
    assert model.score(rows[1437:]) == pytest.approx(test, abs=5e-5)


def test_few_rows_and_constant_columns():
    rows = numpy.zeros((3, 6))
    rows[:, :3] = [[3.0, 0, 0], [0, 2, 0], [0, 0, 1]]
    model = PPCA(1).fit(rows)
    expected = multivariate_normal(
        rows.mean(axis=0), numpy.asarray(model.W_ @ model.W_.T) + model.noise_variance_ * numpy.eye(6)
    ).logpdf(rows)
    numpy.testing.assert_allclose(model.log_prob(rows), expected, rtol=1e-10)
    assert model.log_likelihood_ == pytest.approx(expected.mean(), rel=1e-10)
    # More factors than the rows span, where the noise is given.
    wide = PPCA(4, noise_variance=0.1).fit(rows)
    assert wide.W_.shape == (6, 4)
    assert wide.collapsed_ == 2
    assert wide.log_likelihood_ == pytest.approx(wide.score(rows), rel=1e-12)


def test_fits_in_the_library_of_its_rows(library):
    model, host = PPCA(2).fit(library.asarray(ROWS)), PPCA(2).fit(ROWS)
    rows = library.asarray(ROWS)
    numpy.testing.assert_allclose(library.host(model.log_prob(rows)), host.log_prob(ROWS), rtol=1e-12)
    numpy.testing.assert_allclose(library.host(model.transform(rows)), host.transform(ROWS), rtol=1e-11)
    numpy.testing.assert_allclose(library.host(model.sample(3, rng=0)), host.sample(3, rng=0), rtol=1e-12)
    assert model.score(rows) == pytest.approx(host.score(ROWS), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PPCA(4).fit(ROWS), "`n_components` must be below the number of features, 4, got 4"),
        (lambda: PPCA(0).fit(ROWS), "`n_components` must be at least 1, got 0"),
        (lambda: PPCA(1, noise_variance=0.0).fit(ROWS), "`noise_variance` must be positive"),
        (lambda: PPCA(2).fit(ROWS[:3]), "`X` must vary in more than 2 directions, got rows that vary in 2, .* no max"),
        (lambda: PPCA(1).fit([[1.0, 2.0]] * 3), "`X` must vary in more than 1 directions, got rows that vary in 0"),
        (lambda: PPCA().log_prob(ROWS), "this PPCA is not fitted yet"),
        (
            lambda: PPCA(2).fit(ROWS).log_prob(ROWS[:, :3]),
            "`X` must have the 4 features that the PPCA was fitted on, got 3",
        ),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
