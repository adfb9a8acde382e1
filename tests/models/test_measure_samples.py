"""All measures of a sample in one table, and the exact law of an affine generator."""

import math

import numpy
import pytest
import scipy.optimize
import scipy.stats

from gamedyn import data, divergences, nn
from gamedyn.distributions import Normal
from gamedyn.models import affine_generator_law, captured_modes, measure_samples, mode_kl


def test_a_generator_that_has_lost_half_of_the_ring():
    ring = data.gaussian_ring()
    half = numpy.concatenate([part.sample(100, rng=i) for i, part in enumerate(ring.components[:4])])
    found = measure_samples(half, ring, rng=0)
    assert (found.n, found.dimension, found.captured) == (400, 2, 4)
    assert found.kl_of_all.value == pytest.approx(math.log(2), abs=1e-12)
    assert found.high_quality.value == pytest.approx(1 - math.exp(-4.5), abs=0.03)
    # The samples' density is 2 p on half of the modes: JS of (2, 0) and (1, 1) there and elsewhere, means 3/2 and 1/2.
    exact = 0.5 * math.log(2 / 1.5) + 0.5 * (0.5 * math.log(1 / 1.5) + 0.5 * math.log(1 / 0.5))
    assert found.js.value == pytest.approx(exact, abs=5 * found.js.standard_error + 0.02)
    assert found.neighbours.precision.value > 0.9
    assert abs(found.neighbours.recall.value - 0.5) < 0.1
    # Modes 4 to 7 stand opposite to 0 to 3: the mass travels as in a transport between the centres.
    centers = data.target_modes(ring).centers
    between = numpy.linalg.norm(centers[:4, None] - centers[None], axis=-1)
    matching = scipy.optimize.linear_sum_assignment(numpy.repeat(between, 2, axis=0))
    cost = numpy.repeat(between, 2, axis=0)[matching].mean()
    assert abs(found.wasserstein.value - cost) < 0.15
    # Draws of the target fill its modes unevenly: some 1 / sqrt(400) of the mass has to travel.
    assert 0.001 < found.wasserstein_floor < 0.2
    shown = str(found).splitlines()
    assert shown[0] == "400 samples in 2 dimensions"
    assert shown[1] == "  modes captured            4 of 8"
    assert any(line.startswith("  W1 ") and "for the target itself" in line for line in shown)


def test_js_of_samples_far_away_is_log_2():
    ring = data.gaussian_ring()
    js = measure_samples(ring.sample(200, rng=1) + 5, ring, rng=0).js
    assert (js.value, *js.interval) == (*[math.log(2)] * 3,)


def test_log_density_of_the_target_at_its_own_samples():
    law = data.checkerboard()
    found = measure_samples(law.sample(500, rng=1), law, rng=2)
    assert found.log_density.value == pytest.approx(-math.log(32), rel=1e-12)
    assert found.captured == 8
    outside = measure_samples(law.sample(500, rng=1) + numpy.asarray([2.0, 0.0]), law, rng=2)
    assert outside.log_density.value == -math.inf
    moons = data.two_moons()
    found = measure_samples(moons.sample(300, rng=1), moons, rng=2)
    assert (found.modes, found.captured, found.high_quality) == (None, None, None)
    assert "modes captured" not in str(found)
    assert str(measure_samples(numpy.arange(20.0), numpy.arange(20.0), rng=0)).startswith("20 samples in 1 dimension\n")


def test_w1_on_the_line_is_to_the_law_itself():
    law = Normal(1.0, 2.0)
    x = numpy.asarray(scipy.stats.norm(1.5, 2.0).ppf((numpy.arange(200) + 0.5) / 200))
    for samples in (x, x[:, None]):
        found = measure_samples(samples, law, rng=0)
        # Midpoints of a shifted law: W_1 is the shift, less what the two last steps are short.
        assert found.wasserstein.value == pytest.approx(0.5, abs=0.02)
        # Of 200 draws of the target E |F_n - F| is about the deviation of a binomial share, some 2 / sqrt(200).
        assert 0.02 < found.wasserstein_floor < 0.6
        assert math.isnan(found.wasserstein.standard_error)
        grid = numpy.linspace(-40, 40, 400_001)
        below = numpy.searchsorted(x, grid, side="right") / 200
        exact = numpy.abs(below - scipy.stats.norm(1.0, 2.0).cdf(grid)).sum() * (grid[1] - grid[0])
        assert found.wasserstein.value == pytest.approx(exact, abs=1e-5)


def test_a_sample_or_atoms_as_the_target():
    rng = numpy.random.default_rng(4)
    x, y = rng.random((60, 1)), rng.random((80, 1))
    found = measure_samples(x, y)
    assert found.wasserstein.value == pytest.approx(scipy.stats.wasserstein_distance(x[:, 0], y[:, 0]), rel=1e-9)
    assert math.isnan(found.wasserstein_floor)
    assert (found.log_density, found.modes) == (None, None)
    modes = data.Modes(numpy.asarray([[0.25], [0.75]]), numpy.full(2, 0.1), numpy.full(2, 0.5))
    found = measure_samples(x, y, modes=modes)
    assert found.captured == captured_modes(x, modes) == 2
    assert found.kl_of_high_quality.value == mode_kl(x, modes).value
    law = data.bars_and_stripes(2)
    found = measure_samples(law.sample(50, rng=1), law, rng=3)
    assert (found.captured, found.js, found.log_density) == (6, None, None)
    assert found.high_quality.value == 1.0


def test_error_of_w1_by_repetition():
    law, n = data.two_gaussians(2, distance=6.0), 60
    values, errors = [], []
    for seed in range(60):
        found = measure_samples(law.sample(n, rng=seed) + numpy.asarray([1.0, 0.0]), law, rng=1000 + seed)
        values.append(found.wasserstein.value)
        errors.append(found.wasserstein.standard_error)
    assert numpy.std(values) == pytest.approx(numpy.mean(errors), rel=0.4)


def test_messages():
    ring = data.gaussian_ring()
    for call, message in (
        (lambda: measure_samples(numpy.zeros((9, 2)), ring), "`samples` must hold at least 10 rows, got 9."),
        (lambda: measure_samples(numpy.zeros((10, 3)), ring), "`samples` and `target` must have as many coordinates"),
        (lambda: measure_samples(numpy.zeros((10, 3)), numpy.zeros((10, 2))), "`samples` and `target` must have"),
        (lambda: measure_samples(numpy.zeros(10), Normal([0.0, 1.0], 1.0)), "`target` must be one law of scalars"),
        (lambda: measure_samples(numpy.full(10, numpy.inf), Normal(0.0, 1.0)), "`samples` must be finite, got inf"),
        (lambda: measure_samples(numpy.zeros(10), Normal(0.0, 1.0), transport_size=1), "`transport_size` must be"),
        (lambda: measure_samples(numpy.zeros(10), Normal(0.0, 1.0), modes=3), "`modes` must be Modes, as those of"),
    ):
        with pytest.raises((ValueError, TypeError), match="must") as caught:
            call()
        assert str(caught.value).startswith(message)


def test_law_of_an_affine_generator(rng):
    generator = nn.Network((nn.Dense(3, 4), nn.Dense(4, 2)), input_size=3)
    theta = rng.standard_normal(26)
    law = affine_generator_law(generator, theta)
    noise = rng.standard_normal((200_000, 3))
    draws = generator(theta, noise)
    numpy.testing.assert_allclose(law.loc, draws.mean(axis=0), atol=0.1)
    numpy.testing.assert_allclose(law.covariance_matrix, numpy.cov(draws.T), rtol=0.05, atol=0.2)
    # e W + b has covariance W^T W.
    square = affine_generator_law(nn.Network((nn.Dense(2, 2),), input_size=2), numpy.asarray([1.0, 2, 0, 3, 0, 0]))
    numpy.testing.assert_allclose(square.covariance_matrix, [[1, 2], [2, 13]], rtol=1e-12)
    # KL of normal laws in closed form, from the exact law: N(1, 4) to N(0, 1) is (4 + 1 - 1) / 2 - log 2.
    line = affine_generator_law(nn.Network((nn.Dense(1, 1),), input_size=1), numpy.asarray([-2.0, 1.0]))
    value = float(divergences.KullbackLeibler()(line, Normal(0.0, 1.0)))
    assert value == pytest.approx(2.0 - math.log(2), rel=1e-12)
    curved = nn.Network((nn.Dense(1, 2), nn.Tanh(), nn.Dense(2, 1)), input_size=1)
    with pytest.raises(ValueError, match="`generator` must be affine in its input"):
        affine_generator_law(curved, rng.standard_normal(7))
    flat = nn.Network((nn.Dense(1, 2),), input_size=1)
    with pytest.raises(ValueError, match="`generator` must reach all 2 directions of its outputs"):
        affine_generator_law(flat, rng.standard_normal(4))
