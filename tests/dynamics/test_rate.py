import numpy
import pytest

from gamedyn.dynamics import fit_rate


def test_geometric_sequence_is_exact():
    fit = fit_rate(3.0 * 0.97 ** numpy.arange(200))
    assert fit.value == pytest.approx(0.97, rel=1e-13, abs=0.0)
    assert fit.standard_error < 1e-13
    assert fit.lower <= fit.value <= fit.upper


def test_growth_is_above_one_and_steps_between_records_count():
    times = numpy.arange(0, 300, 3)
    assert fit_rate(1.02**times, times).value == pytest.approx(1.02, rel=1e-12, abs=0.0)


@pytest.mark.parametrize("angle", [0.05, 0.1, 0.7, 3.0])
@pytest.mark.parametrize("phase", [0.0, 1.0, 2.0])
def test_oscillation_of_complex_eigenvalues_averages_out(angle, phase):
    # An elliptic spiral: |r^k (2 cos ka, sin ka)|; the window of 400 steps holds at least six periods pi / a.
    k = numpy.arange(800)
    fit = fit_rate(0.99**k * numpy.hypot(2 * numpy.cos(angle * k + phase), numpy.sin(angle * k + phase)))
    # Equal weights would be off by more than half a percent at six periods.
    assert numpy.log(fit.value) == pytest.approx(numpy.log(0.99), rel=0.002, abs=0.0)
    assert abs(fit.value - 0.99) <= 3 * fit.standard_error + 1e-12


def test_transient_of_a_faster_mode_is_left_out():
    k = numpy.arange(400)
    assert fit_rate(0.95**k + 50 * 0.7**k).value == pytest.approx(0.95, rel=1e-9, abs=0.0)


def test_rounding_floor_and_repeated_last_point_are_left_out(rng):
    k = numpy.arange(400)
    floor = 1e-16 * rng.uniform(0.1, 1.0, 400)
    assert fit_rate(0.8**k + floor).value == pytest.approx(0.8, rel=1e-4, abs=0.0)
    frozen = 0.9 ** numpy.minimum(k, 60)
    assert fit_rate(frozen).value == pytest.approx(0.9, rel=1e-12, abs=0.0)


def test_standard_error_is_that_of_least_squares_under_independent_noise(rng):
    # 400 sequences with known noise: the standardised errors must have standard deviation 1 within four of its own.
    k = numpy.arange(200)
    noise = 0.01 * rng.standard_normal((200, 400))
    fit = fit_rate(numpy.exp(numpy.log(0.98) * k[:, None] + noise))
    assert fit.value.shape == (400,)
    standardised = (fit.value - 0.98) / fit.standard_error
    assert abs(standardised.std() - 1) < 4 / (2 * 400) ** 0.5
    covered = numpy.mean((fit.lower <= 0.98) & (fit.upper >= 0.98))
    assert abs(covered - 0.95) < 4 * (0.95 * 0.05 / 400) ** 0.5


def test_residuals_that_alternate_make_the_error_no_smaller():
    # log distance = -0.1 k +- a: the weighted slope has variance a^2 |c|^2, c its coefficients, up to T / (T - 2).
    k = numpy.arange(100)
    fit = fit_rate(numpy.exp(-0.1 * k + 0.05 * (-1.0) ** k), tail=1.0)
    weight = ((k + 0.5) / 100 * (1 - (k + 0.5) / 100)) ** 2
    coefficients = weight * (k - 49.5) / numpy.sum(weight * (k - 49.5) ** 2)
    expected = 0.05 * numpy.linalg.norm(coefficients) * (100 / 98) ** 0.5
    assert fit.standard_error == pytest.approx(fit.value * expected, rel=1e-3, abs=0.0)


@pytest.mark.parametrize("length", [2, 5, 10])
def test_a_run_of_one_sign_counts_as_two_observations(length):
    # log distance = -0.1 k +- a in 11 runs, even about the middle, so that the slope does not see them. Of T residuals
    # in runs of the length L, T / (L / 2) are independent: the standard error is sqrt(L / 2) times as large.
    count = 11 * length
    k = numpy.arange(count)
    signs = numpy.where(k // length % 2 == 0, 1.0, -1.0)
    fit = fit_rate(numpy.exp(-0.1 * k + 0.05 * signs), tail=1.0)
    assert numpy.log(fit.value) == pytest.approx(-0.1, rel=1e-10)
    weight = ((k + 0.5) / count * (1 - (k + 0.5) / count)) ** 2
    centred = k - (count - 1) / 2
    coefficients = weight * centred / numpy.sum(weight * centred**2)
    residuals = 0.05 * (signs - numpy.average(signs, weights=weight))
    plain = numpy.linalg.norm(coefficients) * numpy.linalg.norm(residuals) / (count - 2) ** 0.5
    assert fit.standard_error == pytest.approx(fit.value * plain * (length / 2) ** 0.5, rel=1e-10)


def test_edges():
    assert fit_rate([1.0, 0.5, 0.0, 0.0, 0.0]).value == 0.0
    assert fit_rate(numpy.ones(30)).value == 1.0
    assert fit_rate(numpy.float32(0.5) ** numpy.arange(60, dtype="float32")).value == pytest.approx(
        0.5, rel=1e-5, abs=0.0
    )
    with pytest.raises(ValueError, match="at least 8 moving points"):
        fit_rate([1.0, 0.5, 0.25])
    with pytest.raises(ValueError, match="non-negative"):
        fit_rate([1.0, float("nan")] * 10)
    with pytest.raises(ValueError, match="`times` must have shape"):
        fit_rate(numpy.ones(10), numpy.arange(9))
    with pytest.raises(ValueError, match="`tail`"):
        fit_rate(numpy.ones(10), tail=0.0)
