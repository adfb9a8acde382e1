"""The best denoiser, its floors, bound and likelihood: quadrature, complex step, product laws and draws as oracles."""

import math

import numpy
import pytest
import scipy.integrate

from gamedyn.distributions import Empirical, Laplace, LowRankMultivariateNormal, Mixture, MultivariateNormal, Normal
from gamedyn.models import ExactDiffusion, NoiseSchedule, _noised_mixture, cosine_schedule, linear_schedule

WEIGHTS, MEANS, SCALES = numpy.array([0.3, 0.7]), numpy.array([-1.0, 1.5]), numpy.array([0.3, 0.6])
TWO = Mixture(WEIGHTS, [Normal(m, s) for m, s in zip(MEANS, SCALES, strict=True)])
TURNED = Mixture(
    [0.4, 0.6],
    [
        MultivariateNormal([1.0, -1.0], [[1.0, 0.7], [0.7, 0.8]]),
        LowRankMultivariateNormal([-1.5, 0.5], [[0.4], [-0.3]], [0.1, 0.2]),
    ],
)
# In the plane the eigenvectors may form a symmetric matrix, which is its own transpose.
SPATIAL = Mixture(
    [0.7, 0.3],
    [
        MultivariateNormal([0.5, 0.0, -1.0], [[1.0, 0.5, 0.2], [0.5, 0.6, -0.1], [0.2, -0.1, 0.4]]),
        MultivariateNormal([-0.5, 1.0, 0.0], [[0.3, -0.1, 0.1], [-0.1, 0.8, 0.4], [0.1, 0.4, 0.5]]),
    ],
)
SCHEDULE = NoiseSchedule([0.1, 0.2, 0.3, 0.4], check=False)


def density(x, a=1.0, v=0.0):
    variance = a * a * SCALES**2 + v
    z = (numpy.asarray(x)[..., None] - a * MEANS) ** 2 / variance
    return (WEIGHTS * numpy.exp(-0.5 * z) / numpy.sqrt(2 * math.pi * variance)).sum(-1)


def product_law(d):
    """d independent copies of TWO, as one mixture of 2^d components."""
    labels = numpy.stack(numpy.meshgrid(*[[0, 1]] * d, indexing="ij"), axis=-1).reshape(-1, d)
    parts = [MultivariateNormal(MEANS[i], numpy.diag(SCALES[i] ** 2)) for i in labels]
    return Mixture(WEIGHTS[labels].prod(-1), parts)


def test_posterior_mean_in_the_plane_against_weighted_draws():
    diffusion = ExactDiffusion(TURNED, SCHEDULE)
    a, v = math.sqrt(0.9 * 0.8), 1 - 0.72
    clean = TURNED.sample(400_000, rng=1)
    for x in ([0.5, 0.3], [-1.0, 1.0]):
        weights = numpy.exp(-0.5 * ((x - a * clean) ** 2).sum(-1) / v)
        mean = weights @ clean / weights.sum()
        error = numpy.sqrt((weights**2) @ (clean - mean) ** 2) / weights.sum()
        assert (numpy.abs(diffusion.posterior_mean(x, 2) - mean) < 5 * error).all()


@pytest.mark.parametrize("law", [TURNED, SPATIAL], ids=["plane", "space"])
@pytest.mark.parametrize("t", [0, 1, 2.5, 4])
def test_score_is_the_gradient_of_the_marginal(law, t):
    d = law.event_shape[0]
    diffusion = ExactDiffusion(law, SCHEDULE)
    marginal = diffusion.marginal(t)
    x = numpy.array([[0.5, 0.3, -0.8], [-2.0, 1.0, 0.2], [30.0, -20.0, 5.0]])[:, :d]
    numpy.testing.assert_allclose(diffusion.score(x, t), marginal.score(x), rtol=1e-9)
    a = math.sqrt(SCHEDULE.alpha_bar(t))
    variances = [numpy.diag(numpy.asarray(part.covariance_matrix)) for part in law.components]
    numpy.testing.assert_allclose(diffusion._noised.axis_variances(), variances, rtol=1e-13)
    numpy.testing.assert_allclose(marginal.mean, a * numpy.asarray(law.mean), rtol=1e-13, atol=1e-15)
    numpy.testing.assert_allclose(marginal.variance, a * a * numpy.asarray(law.variance) + 1 - a * a, rtol=1e-12)
    # The Hessian's trace by differences of the score.
    h = 1e-5
    differences = sum(
        (diffusion.score(x + h * e, t) - diffusion.score(x - h * e, t))[:, i] / (2 * h)
        for i, e in enumerate(numpy.eye(d))
    )
    found = diffusion._noised.score_divergence(x, numpy.float64(a), numpy.float64(1 - a * a))
    numpy.testing.assert_allclose(found, differences, rtol=1e-6)


def test_predictions_are_one_another():
    diffusion = ExactDiffusion(TURNED, SCHEDULE)
    x = numpy.random.default_rng(0).normal(size=(5, 2))
    for t in (1, 3.3):
        kept = SCHEDULE.alpha_bar(t)
        a, sigma = math.sqrt(kept), math.sqrt(1 - kept)
        eps, clean = diffusion.predict(x, t, "eps"), diffusion.predict(x, t, "x0")
        numpy.testing.assert_allclose(a * clean + sigma * eps, x, atol=1e-13)
        numpy.testing.assert_allclose(diffusion.predict(x, t, "v"), a * eps - sigma * clean, atol=1e-13)
        numpy.testing.assert_allclose(diffusion.predict(x, t, "score"), -eps / sigma, rtol=1e-12)
        for prediction in ("eps", "x0", "v", "score"):
            found = SCHEDULE.denoised(x, t, diffusion.predict(x, t, prediction), prediction)
            numpy.testing.assert_allclose(found, clean, atol=1e-12)


def test_each_row_has_its_time_and_blocks_are_seamless(monkeypatch):
    diffusion = ExactDiffusion(TURNED, SCHEDULE)
    x = numpy.random.default_rng(0).normal(size=(3, 4, 2))
    t = numpy.array([[1.0], [2.0], [4.0]])
    together = diffusion.predict(x, t, "v")
    rows = numpy.stack([diffusion.predict(x[i], t[i, 0], "v") for i in range(3)])
    numpy.testing.assert_allclose(together, rows, rtol=1e-13)
    assert diffusion.predict(x[0, 0], t, "v").shape == (3, 1, 2)
    monkeypatch.setattr(_noised_mixture, "_BLOCK", 20)
    numpy.testing.assert_allclose(diffusion.predict(x, t, "v"), together, rtol=1e-13)


def test_atoms():
    atoms = numpy.array([[0.0, 1.0], [2.0, -1.0], [0.5, 0.5]])
    law = Empirical([*atoms, [7.0, 7.0]], [0.2, 0.5, 0.3, 0.0])
    diffusion = ExactDiffusion(law, SCHEDULE)
    x = numpy.array([[0.3, 0.4], [40.0, -90.0]])
    a, v = math.sqrt(0.9), 0.1
    logits = numpy.log([0.2, 0.5, 0.3]) - 0.5 * ((x[:, None] - a * atoms) ** 2).sum(-1) / v
    shares = numpy.exp(logits - logits.max(-1, keepdims=True))
    expected = shares @ atoms / shares.sum(-1, keepdims=True)
    numpy.testing.assert_allclose(diffusion.posterior_mean(x, 1), expected, rtol=1e-12)
    numpy.testing.assert_array_equal(diffusion.posterior_mean(x, 0), x)
    assert isinstance(diffusion.marginal(1), Mixture)
    for call in (lambda: diffusion.score(x, 0), lambda: diffusion.marginal(0)):
        with pytest.raises(ValueError, match="`t` must be positive, got 0, where atoms have no density"):
            call()
    with pytest.raises(ValueError, match="`law` must have a density for a likelihood, got atoms"):
        diffusion.log_prob(x)
    assert diffusion.bound().entropy == -math.inf
    # Every draw of a deterministic sampler ends near an atom.
    drawn = ExactDiffusion(Empirical([-1.0, 2.0]), cosine_schedule(50)).sample(50, sampler="heun", rng=1)
    assert numpy.minimum(numpy.abs(drawn + 1), numpy.abs(drawn - 2)).max() < 1e-6


def test_floor_on_the_line_against_scipy():
    diffusion = ExactDiffusion(TWO, SCHEDULE)
    for t in (1, 4):
        kept = float(SCHEDULE.alphas_bar[t])
        a, v = math.sqrt(kept), 1 - kept

        def variance(x, a=a, v=v):
            clean = numpy.linspace(-4, 6, 2001)
            joint = density(clean) * numpy.exp(-0.5 * (x - a * clean) ** 2 / v)
            mean = joint @ clean / joint.sum()
            return float(joint @ (clean - mean) ** 2 / joint.sum() * density(x, a, v))

        expected, _ = scipy.integrate.quad(variance, -8, 8, points=[-1, 0, 1, 2], limit=200, epsabs=1e-11)
        factors = {"x0": 1, "eps": kept / v, "v": 1 / v, "score": kept / v**2}
        for prediction, factor in factors.items():
            found = diffusion.floor(t, prediction)
            assert found.value == pytest.approx(factor * expected, rel=1e-8)
            assert found.standard_error < 1e-8 * found.value


def test_floors_are_the_losses_of_the_best_predictions():
    diffusion = ExactDiffusion(TURNED, SCHEDULE)
    rng = numpy.random.default_rng(4)
    n = 50_000
    clean, eps = TURNED.sample(n, rng=rng), rng.standard_normal((n, 2))
    a, sigma = math.sqrt(0.72), math.sqrt(0.28)
    x = a * clean + sigma * eps
    targets = {"eps": eps, "x0": clean, "v": a * eps - sigma * clean, "score": -eps / sigma}
    for prediction, target in targets.items():
        losses = ((target - diffusion.predict(x, 2, prediction)) ** 2).mean(-1)
        found = diffusion.floor(2, prediction)
        assert found.method.startswith("adaptive")
        assert abs(losses.mean() - found.value) < 5 * losses.std() / math.sqrt(n)
        # A denoiser that is a little off does worse.
        assert ((target - 1.1 * diffusion.predict(x, 2, prediction)) ** 2).mean() > found.value


def test_floors_of_product_laws_are_those_of_one_factor():
    line = ExactDiffusion(TWO, SCHEDULE).floor([1, 3], "v")
    plane = ExactDiffusion(product_law(2), SCHEDULE).floor([1, 3], "v")
    numpy.testing.assert_allclose(plane.value, line.value, rtol=1e-7)
    space = ExactDiffusion(product_law(3), SCHEDULE).floor([1, 3], "v", n=8_000, rng=1)
    assert (space.method, space.level) == ("samples", 0.95)
    assert (numpy.abs(space.value - line.value) < 5 * space.standard_error).all()
    assert (space.standard_error < 0.02 * line.value).all()


def test_floor_by_samples_of_turned_components():
    # One more coordinate, independent and standard normal: its own floor is 1 - ab.
    parts = []
    for part in TURNED.components:
        covariance = numpy.eye(3)
        covariance[:2, :2] = part.covariance_matrix
        parts.append(MultivariateNormal([*part.loc, 0.0], covariance))
    space = ExactDiffusion(Mixture(TURNED.weights, parts), SCHEDULE).floor(2, "x0", n=50_000, rng=1)
    plane = ExactDiffusion(TURNED, SCHEDULE).floor(2, "x0")
    assert abs(3 * space.value - (2 * plane.value + 0.28)) < 5 * 3 * space.standard_error
    assert space.standard_error < 0.005 * space.value


def test_floor_of_a_gaussian_is_a_formula():
    law = MultivariateNormal([1.0, 2.0, 3.0], [[2.0, 0.3, 0.0], [0.3, 1.0, 0.1], [0.0, 0.1, 0.5]])
    found = ExactDiffusion(law, SCHEDULE).floor(2, "x0")
    precision = numpy.linalg.inv(law.covariance_matrix) + 0.72 / 0.28 * numpy.eye(3)
    assert found.value == pytest.approx(numpy.trace(numpy.linalg.inv(precision)) / 3, rel=1e-12)
    assert found.standard_error == 0
    with pytest.raises(ValueError, match="`t` must be positive, got 0"):
        ExactDiffusion(law, SCHEDULE).floor(0)
    with pytest.raises(ValueError, match="`prediction` must be one of"):
        ExactDiffusion(law, SCHEDULE).floor(1, "epsilon")


def test_many_atoms_and_narrow_modes_are_not_missed():
    # Far apart each mode is a Gaussian of its own: a^2 s^2 / (a^2 s^2 + v) is left of eps.
    law = Mixture([0.5, 0.5], [Normal(-5.0, 1e-3), Normal(5.0, 1e-3)])
    found = ExactDiffusion(law, NoiseSchedule([1e-6, 0.9999], check=False)).floor(1, "eps")
    assert found.value == pytest.approx((1 - 1e-6) * 0.5, rel=1e-5)
    crowd = Empirical(numpy.random.default_rng(0).normal(size=120))
    found = ExactDiffusion(crowd, SCHEDULE).floor(3, "x0")
    kept = float(SCHEDULE.alphas_bar[3])
    rng = numpy.random.default_rng(1)
    x = math.sqrt(kept) * crowd.sample(8_000, rng=rng) + math.sqrt(1 - kept) * rng.standard_normal(8_000)
    each = ExactDiffusion(crowd, SCHEDULE)._noised.posterior_variance(x[:, None], math.sqrt(kept), 1 - kept)
    assert abs(each.mean() - found.value) < 5 * each.std() / math.sqrt(8_000)


def test_bound_of_a_standard_normal_law_telescopes():
    # With variances beta_t the reverse steps are exact, and each costs I(x_0; x_(t-1) | x_t) = log(v_t / v_(t-1)) / 2.
    diffusion = ExactDiffusion(Normal(0.0, 1.0), SCHEDULE)
    bound = diffusion.bound(variance="large")
    v = 1 - SCHEDULE.alphas_bar
    numpy.testing.assert_allclose(bound.steps, 0.5 * numpy.log(v[2:] / v[1:-1]), rtol=1e-12)
    assert bound.prior == pytest.approx(-0.5 * math.log(v[-1]), rel=1e-12)
    # E (x_0 - E[x_0 | x_1])^2 = beta_1: the decoder is exact, too.
    assert bound.decoder == pytest.approx(0.5 * math.log(2 * math.pi * 0.1) + 0.5, rel=1e-12)
    assert bound.excess == pytest.approx(0.0, abs=1e-12)
    assert bound.total == pytest.approx(0.5 * math.log(2 * math.pi * math.e), rel=1e-12)
    assert diffusion.bound(variance="small").excess > 0.1


def test_the_posterior_variance_costs_half_of_eulers_constant():
    # sum over t of (r - 1 - log r) / 2 with r = t / (t - 1), cut off at T.
    diffusion = ExactDiffusion(Normal(0.0, 1.0), NoiseSchedule(numpy.full(5000, 1e-8), check=False))
    assert diffusion.bound(variance="small").excess == pytest.approx(numpy.euler_gamma / 2 - 1 / 20_000, abs=2e-5)
    assert diffusion.bound(variance="large").excess == pytest.approx(0.0, abs=1e-9)


def test_bound_of_a_mixture_nears_its_entropy():
    expected, _ = scipy.integrate.quad(lambda x: -float(density(x) * numpy.log(density(x))), -5, 7, limit=200)
    few, many = (ExactDiffusion(TWO, cosine_schedule(steps)).bound(variance="large") for steps in (10, 60))
    assert few.entropy == pytest.approx(expected, rel=1e-9)
    assert 0 < many.excess < 0.3 * few.excess
    assert few.error < 1e-8
    assert len(few.steps) == 9
    assert f"{few.excess:.6g} above the entropy" in str(few)
    plane = ExactDiffusion(product_law(2), SCHEDULE).bound()
    line = ExactDiffusion(TWO, SCHEDULE).bound()
    assert plane.total == pytest.approx(2 * line.total, rel=1e-6)
    assert plane.entropy == pytest.approx(2 * line.entropy, rel=1e-6)


@pytest.mark.parametrize(("law", "x"), [(TWO, [-1.0, 0.2, 4.0]), (TURNED, [[0.5, 0.3], [-1.5, 0.4]])])
@pytest.mark.parametrize("schedule", [linear_schedule(100), SCHEDULE], ids=["linear", "short"])
def test_likelihood_by_the_flow(law, x, schedule):
    found = ExactDiffusion(law, schedule).log_prob(x)
    numpy.testing.assert_allclose(found.value, law.log_prob(x), atol=1e-6)
    assert numpy.max(found.standard_error) < 1e-5


def test_likelihood_under_a_normal_prior_is_that_of_the_flow_sampler():
    # x_0 = m + (x_T - a m) s / sqrt(a^2 s^2 + v) for x_T ~ N(0, 1).
    m, s = 0.7, 0.4
    kept = float(SCHEDULE.alphas_bar[-1])
    scale = s / math.sqrt(kept * s * s + 1 - kept)
    generated = Normal(m - math.sqrt(kept) * m * scale, scale)
    found = ExactDiffusion(Normal(m, s), SCHEDULE).log_prob(numpy.array([0.1, 0.9]), prior="normal")
    numpy.testing.assert_allclose(found.value, generated.log_prob([0.1, 0.9]), atol=1e-7)


def test_likelihood_of_a_linear_schedule_of_a_thousand_steps():
    # sqrt(ab_T) = 0.006 is enough to move log p under N(0, 1) by more than 1e-4; the exact marginal at T does not.
    diffusion = ExactDiffusion(TWO, linear_schedule(1000))
    x = numpy.array([-1.0, 2.5])
    exact, normal = (diffusion.log_prob(x, prior=prior).value for prior in ("exact", "normal"))
    numpy.testing.assert_allclose(exact, numpy.log(density(x)), atol=1e-6)
    assert 1e-4 < numpy.abs(normal - exact).max() < 0.05


def test_libraries_and_precisions(library):
    diffusion = ExactDiffusion(TWO, SCHEDULE)
    x = library.asarray([0.1, -0.4], "float32")
    found = diffusion.posterior_mean(x, 2)
    numpy.testing.assert_allclose(found, diffusion.posterior_mean(numpy.float32([0.1, -0.4]), 2), rtol=1e-12)
    assert found.dtype == numpy.float64


def test_messages():
    with pytest.raises(TypeError, match=r"Normal, MultivariateNormal, a Mixture of these, or Empirical, got Laplace"):
        ExactDiffusion(Laplace(0.0, 1.0), SCHEDULE)
    with pytest.raises(TypeError, match="`law` must be a Distribution, got list"):
        ExactDiffusion([0.0], SCHEDULE)
    with pytest.raises(TypeError, match=r"`schedule` must be a NoiseSchedule, such as cosine_schedule\(100\), got int"):
        ExactDiffusion(TWO, 100)
    with pytest.raises(ValueError, match=r"`law` must be one law, without a batch, got batch shape \(2,\)"):
        ExactDiffusion(Normal([0.0, 1.0], 1.0), SCHEDULE)
    diffusion = ExactDiffusion(TURNED, SCHEDULE)
    with pytest.raises(ValueError, match=r"`x` must have shape \(..., 2\), got \(3,\)"):
        diffusion.posterior_mean([1.0, 2.0, 3.0], 1)
    with pytest.raises(ValueError, match="`x` must be finite, got nan"):
        diffusion.posterior_mean([1.0, math.nan], 1)
    with pytest.raises(ValueError, match=r"`law` must be one Gaussian .* got 2 components. Take `sample`"):
        diffusion.generated_law()
    with pytest.raises(ValueError, match="`prior` must be one of 'exact', 'normal'"):
        diffusion.log_prob([1.0, 2.0], prior="gaussian")
