"""Noise schedules: mpmath, Bayes' rule for Gaussians and the papers' numbers as oracles; the traps of small T."""

import math
import warnings

import mpmath
import numpy
import pytest

from gamedyn.models import NoiseSchedule, cosine_schedule, linear_schedule


def quiet(betas):
    return NoiseSchedule(betas, check=False)


def test_linear_schedule_of_the_paper():
    schedule = linear_schedule(1000)
    numpy.testing.assert_allclose(schedule.betas, numpy.linspace(1e-4, 0.02, 1000), rtol=1e-12)
    product = mpmath.mpf(1)
    for t in range(1, 1001):
        product *= 1 - (mpmath.mpf("1e-4") + (mpmath.mpf("0.02") - mpmath.mpf("1e-4")) * (t - 1) / 999)
    assert schedule.final_signal == pytest.approx(float(mpmath.sqrt(product)), rel=1e-12)
    assert 0.0063 < schedule.final_signal < 0.0064
    assert schedule.steps == 1000


@pytest.mark.parametrize("steps", [21, 50, 200])
def test_linear_schedule_keeps_its_final_signal_for_any_number_of_steps(steps):
    # The sum of the betas is that of the paper; larger steps forget a little more.
    schedule = linear_schedule(steps)
    assert schedule.betas.sum() == pytest.approx(10.05, rel=1e-12)
    assert schedule.final_signal < 0.0064


@pytest.mark.parametrize("steps", [1, 10, 20])
def test_linear_schedule_refuses_a_last_beta_of_one(steps):
    with pytest.raises(ValueError, match=rf"`steps` must exceed 20.*got {steps}: the last beta would be .*cosine"):
        linear_schedule(steps)


def test_betas_of_a_thousand_steps_in_a_hundred_are_warned_about():
    with pytest.warns(UserWarning, match=r"sqrt\(alpha_bar_T\) = 0\.60\d* of the data") as caught:
        schedule = linear_schedule(100, 1e-4, 0.02)
    assert len(caught) == 1
    assert schedule.final_signal == pytest.approx(math.sqrt(math.prod(1 - numpy.linspace(1e-4, 0.02, 100))), rel=1e-12)


@pytest.mark.parametrize("last", [0.0024, 0.0026])
def test_the_warning_starts_at_a_twentieth(last):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        NoiseSchedule([1 - last])
    assert len(caught) == (math.sqrt(last) > 0.05)


@pytest.mark.parametrize(("value", "shown"), [(0.0, "0"), (1.0, "1"), (1.2, "1.2"), (-0.1, "-0.1"), (math.nan, "nan")])
def test_a_beta_outside_is_refused_with_its_step(value, shown):
    with pytest.raises(ValueError, match=rf"`betas` must lie in \(0, 1\), got {shown} at step 3 of 4"):
        NoiseSchedule([0.1, 0.2, value, 2.0])


@pytest.mark.parametrize("betas", [[], [[0.1]], 0.1])
def test_betas_of_a_wrong_shape_are_refused(betas):
    with pytest.raises(ValueError, match=r"`betas` must have shape \(T,\)"):
        NoiseSchedule(betas)


def test_cosine_schedule_against_fifty_digits():
    schedule = cosine_schedule(1000)
    with mpmath.workdps(50):
        f = [
            mpmath.cos((mpmath.mpf(t) / 1000 + mpmath.mpf("0.008")) / mpmath.mpf("1.008") * mpmath.pi / 2) ** 2
            for t in range(1001)
        ]
        expected = [float(min(1 - f[t] / f[t - 1], mpmath.mpf("0.999"))) for t in range(1, 1001)]
    numpy.testing.assert_allclose(schedule.betas, expected, rtol=1e-12)
    assert schedule.betas[-1] == 0.999
    # The first betas are 4e-5, not the 6e-6 of no offset.
    assert schedule.betas[0] == pytest.approx(float(1 - f[1] / f[0]), rel=1e-12)
    assert cosine_schedule(1000, offset=0.0).betas[0] == pytest.approx((math.pi / 2000) ** 2, rel=1e-5)


@pytest.mark.parametrize("steps", [1, 2, 10])
def test_cosine_schedule_of_few_steps_is_admissible(steps):
    schedule = cosine_schedule(steps)
    assert ((schedule.betas > 0) & (schedule.betas < 1)).all()
    assert schedule.final_signal < 0.05


def test_posterior_variances_are_bayes_rule():
    betas = [0.1, 0.3, 0.2, 0.9]
    schedule = quiet(betas)
    kept = numpy.concatenate([[1.0], numpy.cumprod(1 - numpy.array(betas))])
    numpy.testing.assert_allclose(schedule.alphas_bar, kept, rtol=1e-14)
    numpy.testing.assert_allclose(schedule.signal_to_noise[1:], kept[1:] / (1 - kept[1:]), rtol=1e-13)
    assert schedule.signal_to_noise[0] == math.inf
    assert schedule.posterior_variances[0] == 0
    for t in range(1, 4):
        # Precisions add: of x_(t-1) given x_0, and of x_t given x_(t-1).
        precision = 1 / (1 - kept[t]) + (1 - betas[t]) / betas[t]
        assert schedule.posterior_variances[t] == pytest.approx(1 / precision, rel=1e-13)


def test_small_betas_keep_their_digits():
    schedule = quiet([1e-12, 1e-12])
    assert schedule.noise_variance(1) == pytest.approx(1e-12, rel=1e-14)
    assert schedule.posterior_variances[1] == pytest.approx(0.5e-12, rel=1e-11)
    assert schedule.noise_level(2) == pytest.approx(math.sqrt(2e-12), rel=1e-11)
    assert schedule.added_variance(2, 1) == pytest.approx(1e-12, rel=1e-10)


def test_continuous_time_passes_through_the_steps():
    schedule = quiet([0.1, 0.3, 0.2])
    numpy.testing.assert_allclose(schedule.alpha_bar([0, 1, 2, 3]), schedule.alphas_bar, rtol=1e-15)
    # Half of step 2 twice is step 2, with the noise of both halves.
    half, whole = schedule.added_variance(1.5, 1.0), schedule.added_variance(2.0, 1.0)
    assert whole == pytest.approx(0.3, rel=1e-14)
    assert (1 - half) ** 2 == pytest.approx(0.7, rel=1e-14)
    assert half * (1 - half) + half == pytest.approx(0.3, rel=1e-13)
    t = numpy.array([0.0, 0.2, 1.7, 3.0])
    numpy.testing.assert_allclose(schedule.time(schedule.noise_level(t)), t, atol=1e-13)
    numpy.testing.assert_allclose(schedule.noise_level(t) ** 2 * schedule.alpha_bar(t), schedule.noise_variance(t))


def test_times_outside_are_refused():
    schedule = quiet([0.1, 0.3])
    for t in (-0.1, 2.5, math.nan):
        with pytest.raises(ValueError, match=r"`t` must lie in \[0, 2\]"):
            schedule.alpha_bar([1.0, t])
    with pytest.raises(ValueError, match=r"`noise_level` must lie in \[0, 0.76"):
        schedule.time(0.8)


def test_prior_divergence_is_the_mean_of_closed_forms():
    schedule = quiet([0.5, 0.5])
    clean = numpy.array([[0.3, -1.0], [2.0, 0.5]])
    mean, variance = 0.5 * clean, 0.75
    each = 0.5 * ((mean**2).sum(-1) + 2 * (variance - 1 - math.log(variance)))
    value = schedule.prior_divergence((clean**2).sum(-1).mean(), 2)
    assert value == pytest.approx(each.mean(), rel=1e-13)
    with pytest.raises(TypeError, match="`dimension` must be an integer"):
        schedule.prior_divergence(1.0, 1.5)


@pytest.mark.parametrize("count", [1, 2, 7, 24, 25])
def test_whole_times_decrease_to_zero(count):
    times = cosine_schedule(25).times(count)
    assert len(times) == count + 1
    assert (times[0], times[-1]) == (25, 0)
    assert (numpy.diff(times) < 0).all()
    assert (times == times.round()).all()


def test_times_by_noise_level():
    schedule = cosine_schedule(25)
    times = schedule.times(12, spacing="level", least=0.01)
    roots = schedule.noise_level(times[:-1]) ** (1 / 7)
    numpy.testing.assert_allclose(numpy.diff(roots), numpy.diff(roots)[0], rtol=1e-9)
    assert schedule.noise_level(times[-2]) == pytest.approx(0.01)
    assert (times[0], times[-1]) == (25, 0)
    assert schedule.noise_level(schedule.times(4, spacing="level")[-2]) == pytest.approx(schedule.noise_level(1))
    assert schedule.times(1, spacing="level").tolist() == [25, 0]
    with pytest.raises(ValueError, match="`count` must not exceed the 25 steps"):
        schedule.times(26)
    with pytest.raises(ValueError, match="`least` must lie between 0 and"):
        schedule.times(5, spacing="level", least=1e9)
    with pytest.raises(ValueError, match="`spacing` must be one of"):
        schedule.times(5, spacing="levels")


def test_it_is_frozen_and_prints_its_final_signal():
    betas = numpy.array([0.5, 0.999])
    schedule = NoiseSchedule(betas)
    betas[0] = 0.1
    assert schedule.betas[0] == 0.5
    with pytest.raises(ValueError, match="read-only"):
        schedule.alphas_bar[0] = 2
    assert str(schedule) == "NoiseSchedule of 2 steps, beta 0.5 to 0.999, final signal 0.02236"


@pytest.mark.parametrize("prediction", ["eps", "x0", "v", "score"])
@pytest.mark.parametrize("t", [1, 2.5, [[1.0], [3.0]]])
def test_a_network_that_hits_its_target_knows_the_data(prediction, t, rng):
    schedule = quiet([0.1, 0.3, 0.2])
    clean, eps = rng.standard_normal((2, 2, 4))
    x = schedule.noised(clean, eps, t)
    kept = schedule.alpha_bar(t)
    numpy.testing.assert_allclose(x, numpy.sqrt(kept) * clean + numpy.sqrt(1 - kept) * eps, rtol=1e-12)
    output = schedule.target(clean, eps, t, prediction)
    numpy.testing.assert_allclose(schedule.denoised(x, t, output, prediction), clean, atol=1e-13)


def test_targets_are_those_of_the_papers():
    schedule = quiet([0.36, 0.5])  # sqrt(ab_1) = 0.8, sqrt(1 - ab_1) = 0.6
    clean, eps = numpy.array([2.0]), numpy.array([-1.0])
    assert schedule.target(clean, eps, 1).tolist() == [-1.0]
    assert schedule.target(clean, eps, 1, "x0").tolist() == [2.0]
    assert schedule.target(clean, eps, 1, "v") == pytest.approx(-0.8 - 1.2)
    assert schedule.target(clean, eps, 1, "score") == pytest.approx(1 / 0.6)
    single = numpy.float32([2.0])
    assert schedule.target(single, single, 1, "v").dtype == numpy.float32
    assert schedule.noised(single, single, 1).dtype == numpy.float32
    for call in (schedule.target, lambda *a: schedule.denoised(clean, 1, eps, a[-1])):
        with pytest.raises(ValueError, match="`prediction` must be one of"):
            call(clean, eps, 1, "noise")
