"""Samplers: hand recursions, the flow's exact map of a Gaussian, and samplers that are one another as oracles."""

import math

import numpy
import pytest

from gamedyn.distributions import Mixture, MultivariateNormal, Normal
from gamedyn.models import ExactDiffusion, NoiseSchedule, cosine_schedule, linear_schedule, reverse_diffusion

TWO = Mixture([0.3, 0.7], [Normal(-1.0, 0.3), Normal(1.5, 0.4)])


def run(sampler, diffusion, x, **options):
    return reverse_diffusion(diffusion.posterior_mean, diffusion.schedule, x, sampler=sampler, **options)


@pytest.mark.parametrize("times", [None, [20, 13, 6.5, 2, 0]])
def test_ddim_with_all_its_noise_is_the_ancestral_sampler(times):
    diffusion = ExactDiffusion(TWO, cosine_schedule(20))
    x = numpy.random.default_rng(3).standard_normal(30)
    ddim = run("ddim", diffusion, x, eta=1.0, times=times, rng=5)
    numpy.testing.assert_allclose(ddim, run("ancestral", diffusion, x, times=times, rng=5), atol=1e-9)
    assert numpy.abs(ddim - run("ancestral", diffusion, x, times=times, rng=5, variance="large")).max() > 1e-2


def test_ddim_without_noise_is_eulers_method():
    diffusion = ExactDiffusion(TWO, linear_schedule(40))
    x = numpy.linspace(-3, 3, 11)
    numpy.testing.assert_allclose(run("ddim", diffusion, x), run("euler", diffusion, x), atol=1e-10)
    numpy.testing.assert_array_equal(run("ddim", diffusion, x, rng=1), run("ddim", diffusion, x, rng=2))


def test_an_ancestral_step_is_the_posterior_of_the_chain():
    # q(x_1 | x_2, x_0) by adding precisions; a denoiser that always says 0.7.
    schedule = NoiseSchedule([0.2, 0.5], check=False)
    x = numpy.array([-1.0, 0.4])
    precision = 1 / 0.2 + 0.5 / 0.5
    mean = (math.sqrt(0.8) * 0.7 / 0.2 + math.sqrt(0.5) * x / 0.5) / precision
    z = numpy.random.default_rng(4).standard_normal(2)
    for variance, deviation in (("small", precision**-0.5), ("large", math.sqrt(0.5))):
        found = reverse_diffusion(lambda x, t: 0.7 + 0 * x, schedule, x, variance=variance, times=[2, 1], rng=4)
        numpy.testing.assert_allclose(found, mean + deviation * z, rtol=1e-13)


@pytest.mark.parametrize(("sampler", "order"), [("euler", 1), ("heun", 2)])
def test_orders_on_a_gaussian(sampler, order):
    # y - m scales with the standard deviation sqrt(s^2 + l^2) of the noised law.
    m, s, schedule = 0.7, 0.5, cosine_schedule(50)
    diffusion = ExactDiffusion(Normal(m, s), schedule)
    first, last = 4.0, 0.2
    errors = []
    for count in (100, 200):
        times = schedule.time(numpy.linspace(first**0.25, last**0.25, count + 1) ** 4)
        x = math.sqrt(schedule.alpha_bar(times[0])) * 2.0
        exact = m + (2.0 - m) * math.sqrt((s * s + last**2) / (s * s + first**2))
        y = run(sampler, diffusion, x, times=times) / math.sqrt(schedule.alpha_bar(times[-1]))
        errors.append(abs(float(y) - exact))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.05)


def test_heun_ends_with_eulers_step():
    diffusion = ExactDiffusion(TWO, cosine_schedule(10))
    x = numpy.array([0.3, -2.0])
    numpy.testing.assert_allclose(
        run("heun", diffusion, x, times=[10, 0]), run("euler", diffusion, x, times=[10, 0]), rtol=1e-12
    )
    # To noise level 0 Euler's step is the denoiser's answer itself.
    numpy.testing.assert_allclose(run("euler", diffusion, x, times=[10, 0]), diffusion.posterior_mean(x, 10), atol=1e-9)


def recursion(m, s, schedule, sampler, variance, eta):
    """Mean and variance of what is generated for N(m, s^2), by scalars."""
    kept = numpy.concatenate([[1.0], numpy.cumprod(1 - schedule.betas)])
    mean, var = 0.0, 1.0
    for t in range(schedule.steps, 0, -1):
        beta, before, after = schedule.betas[t - 1], kept[t], kept[t - 1]
        a, total = math.sqrt(before), before * s * s + 1 - before
        gain = a * s * s / total  # D(x) = m + gain (x - a m)
        posterior = beta * (1 - after) / (1 - before)
        noise = (beta if variance == "large" else posterior) if sampler == "ancestral" else eta**2 * posterior
        noise = 0.0 if t == 1 else noise
        if sampler == "ancestral":
            c_x = math.sqrt(1 - beta) * (1 - after) / (1 - before)
            c_d = math.sqrt(after) * beta / (1 - before)
        else:
            c_x = math.sqrt((1 - after - noise) / (1 - before))
            c_d = math.sqrt(after) - c_x * a
        mean = c_x * mean + c_d * (m + gain * (mean - a * m))
        var = (c_x + c_d * gain) ** 2 * var + noise
    return mean, var


@pytest.mark.parametrize(
    ("sampler", "variance", "eta"),
    [("ancestral", "small", 0.0), ("ancestral", "large", 0.0), ("ddim", "small", 0.0), ("ddim", "small", 0.6)],
)
@pytest.mark.parametrize("schedule", [linear_schedule(30), cosine_schedule(30)], ids=["linear", "cosine"])
def test_generated_law_of_a_gaussian(schedule, sampler, variance, eta):
    law = ExactDiffusion(Normal(0.7, 0.4), schedule).generated_law(sampler=sampler, variance=variance, eta=eta)
    mean, var = recursion(0.7, 0.4, schedule, sampler, variance, eta)
    assert float(law.mean) == pytest.approx(mean, rel=1e-9)
    assert float(law.variance) == pytest.approx(var, rel=1e-9)


@pytest.mark.parametrize("sampler", ["ancestral", "heun"])
def test_generated_law_in_the_plane_against_samples(sampler):
    law = MultivariateNormal([1.0, -2.0], [[1.0, 0.6], [0.6, 0.5]])
    diffusion = ExactDiffusion(law, cosine_schedule(15))
    exact = diffusion.generated_law(sampler=sampler)
    n = 20_000
    drawn = diffusion.sample(n, sampler=sampler, rng=8)
    covariance = numpy.asarray(exact.covariance_matrix)
    spread = numpy.sqrt(numpy.diag(covariance))
    assert (numpy.abs(drawn.mean(0) - exact.mean) < 5 * spread / math.sqrt(n)).all()
    error = numpy.sqrt((numpy.outer(spread**2, spread**2) + covariance**2) / n)
    assert (numpy.abs(numpy.cov(drawn.T) - covariance) < 5 * error).all()
    # And the sampler is not the law: with 15 steps it is off by more than the tolerance above.
    assert numpy.abs(covariance - law.covariance_matrix).max() > 0.01


def test_more_steps_generate_the_mixture():
    # The largest gap of the distribution functions, against the 1.95 / sqrt(n) that chance exceeds once in 1000.
    n = 4000
    drawn = numpy.sort(ExactDiffusion(TWO, cosine_schedule(150)).sample(n, variance="large", rng=2))
    gap = numpy.abs(TWO.cdf(drawn) - (numpy.arange(n) + 0.5) / n).max()
    assert gap < 1.95 / math.sqrt(n)
    few = numpy.sort(ExactDiffusion(TWO, cosine_schedule(4)).sample(n, sampler="ddim", rng=2))
    assert numpy.abs(TWO.cdf(few) - (numpy.arange(n) + 0.5) / n).max() > 0.05


CORRELATED = MultivariateNormal([0.0, 0.0], [[1.0, 0.8], [0.8, 1.0]])


def painted(schedule, n, value, repeats):
    diffusion = ExactDiffusion(CORRELATED, schedule)
    x = numpy.random.default_rng(1).standard_normal((n, 2))
    known = [value, math.nan]
    return run("ancestral", diffusion, x, variance="large", known=known, repeats=repeats, rng=2)


@pytest.mark.parametrize("steps", [4, 20])
def test_replacement_against_its_recursion(steps):
    # x_1 = a c + sigma z is drawn anew at every step, so that x_2 stays Gaussian and independent of it. In few steps
    # the noise of x_1 is a good part of the variance of x_2.
    schedule, value, n = cosine_schedule(steps), 1.5, 20_000
    kept = schedule.alphas_bar
    mean, var = 0.0, 1.0
    for t in range(steps, 0, -1):
        beta, a, v = schedule.betas[t - 1], math.sqrt(kept[t]), 1 - kept[t]
        covariance = numpy.asarray(CORRELATED.covariance_matrix)
        gain = a * covariance @ numpy.linalg.inv(a * a * covariance + v * numpy.eye(2))
        step = math.sqrt(kept[t - 1]) * beta / v * gain + math.sqrt(1 - beta) * (1 - kept[t - 1]) / v * numpy.eye(2)
        mean = step[1, 0] * a * value + step[1, 1] * mean
        var = step[1, 0] ** 2 * v + step[1, 1] ** 2 * var + (beta if t > 1 else 0.0)
    found = painted(schedule, n, value, 1)
    assert (found[:, 0] == value).all()
    assert abs(found[:, 1].mean() - mean) < 5 * math.sqrt(var / n)
    assert abs(found[:, 1].var() - var) < 5 * var * math.sqrt(2 / n)


def test_repeats_bring_replacement_to_the_conditional_law():
    # x_2 given x_1 = 1.5 is N(1.2, 0.36). Without repeats it is missed by a third, with more steps, too.
    once, often = (painted(cosine_schedule(40), 2000, 1.5, repeats)[:, 1] for repeats in (1, 12))
    more = painted(cosine_schedule(160), 2000, 1.5, 1)[:, 1]
    assert 1.2 - once.mean() > 0.4
    assert 1.2 - more.mean() > 0.4
    assert abs(often.mean() - 1.2) < 0.08
    assert abs(often.var() - 0.36) < 0.05


def test_inputs_are_kept_and_any_shape_serves():
    schedule = cosine_schedule(5)
    x = numpy.ones((2, 3, 4), dtype=numpy.float32)
    x.flags.writeable = False
    found = reverse_diffusion(lambda x, t: 0.5 * x, schedule, x, rng=1)
    assert found.shape == x.shape
    assert (x == 1).all()
    assert numpy.isfinite(found).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"repeats": 2}, "`repeats` must be 1 where `known` is not given, got 2"),
        ({"known": [1.0, 2.0], "repeats": 0}, "`repeats` must be at least 1, got 0"),
        ({"known": [1.0, 2.0, 3.0]}, r"`known` must broadcast to the shape of `x`, \(2,\), got \(3,\)"),
    ],
)
def test_messages_of_in_painting(options, message):
    with pytest.raises(ValueError, match=message):
        reverse_diffusion(lambda x, t: x, cosine_schedule(5), numpy.zeros(2), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampler": "dddim"}, "`sampler` must be one of .* Did you mean 'ddim'"),
        ({"variance": "beta"}, "`variance` must be one of 'large', 'small'"),
        ({"eta": 1.5}, r"`eta` must lie in \[0, 1\], got 1.5"),
        ({"times": [5, 3, 3, 0]}, r"`times` must be two or more decreasing times in \[0, 5\]"),
        ({"times": [6, 0]}, r"`times` must be two or more decreasing times in \[0, 5\], got \[6. 0.\]"),
        ({"times": [5, -1]}, "`times` must be"),
        ({"times": [5]}, "`times` must be"),
    ],
)
def test_messages(options, message):
    with pytest.raises(ValueError, match=message):
        reverse_diffusion(lambda x, t: x, cosine_schedule(5), numpy.zeros(2), **options)
    with pytest.raises(ValueError, match=message):
        ExactDiffusion(Normal(0.0, 1.0), cosine_schedule(5)).generated_law(**options)


def test_samples_begin_at_the_last_step():
    # Public samplers have taken every k-th step from 1 on, and so begun at T - k + 1, where x is not N(0, I).
    diffusion = ExactDiffusion(Normal(1.0, 0.5), cosine_schedule(20))
    times = numpy.array([16, 11, 6, 1, 0])
    for call in (lambda: diffusion.sample(3, times=times), lambda: diffusion.generated_law(times=times)):
        with pytest.raises(ValueError, match=r"`times` must begin at T = 20, the only time whose .* got 16"):
            call()
    # From data that were noised so far it is right to begin there.
    assert reverse_diffusion(diffusion.posterior_mean, diffusion.schedule, numpy.zeros(3), times=times).shape == (3,)
