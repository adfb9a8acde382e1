"""Modes captured, high-quality share and mode KL: loops, enumeration and laws that are known as oracles."""

import itertools
import math

import numpy
import pytest
import scipy.stats

from gamedyn import data
from gamedyn.models import captured_modes, high_quality_share, mode_kl


def by_loops(samples, centers, scales, deviations):
    """(counts of high-quality samples, counts of all) of each mode, one sample at a time."""
    good, every = [0] * len(centers), [0] * len(centers)
    for x in samples:
        distances = [math.dist(x, c) / s for c, s in zip(centers, scales, strict=True)]
        j = distances.index(min(distances))
        every[j] += 1
        good[j] += distances[j] <= deviations
    return good, every


@pytest.mark.parametrize("equal", [True, False])
def test_counts_against_loops(equal, rng):
    centers = rng.standard_normal((6, 3)) * 2
    scales = numpy.full(6, 0.4) if equal else rng.uniform(0.2, 0.7, 6)
    samples = numpy.concatenate([centers[:4, None] + 0.5 * rng.standard_normal((4, 20, 3))]).reshape(-1, 3)
    good, every = by_loops(samples.tolist(), centers.tolist(), scales.tolist(), 1.8)
    scale = 0.4 if equal else scales
    for least in (1, 5, 12):
        expected = sum(count >= least for count in good)
        assert captured_modes(samples, centers, scale, deviations=1.8, least=least) == expected
    assert 0 < sum(good) < len(samples)
    assert high_quality_share(samples, centers, scale, deviations=1.8).value == sum(good) / len(samples)
    for counts, counted in ((good, "high_quality"), (every, "all")):
        total = sum(counts)
        value = mode_kl(samples, centers, scale, counted=counted, deviations=1.8)
        expected = sum(c / total * math.log(6 * c / total) for c in counts if c)
        assert value.value == pytest.approx(expected, abs=1e-14)
        assert value.n == total
        # With equal weights: log k less the entropy of the histogram, as in code that logs the entropy.
        assert value.value == pytest.approx(math.log(6) - scipy.stats.entropy(counts), abs=1e-14)


def test_ring_whose_last_mode_is_the_first_again_captures_seven():
    # Public code has put 8 modes at linspace(0, 2 pi, 8): there are 7, and samples of one have twice the mass.
    angles = numpy.linspace(0, 2 * numpy.pi, 8)
    samples = numpy.repeat(numpy.stack([numpy.cos(angles), numpy.sin(angles)], axis=-1), 50, axis=0)
    ring = data.gaussian_ring()
    assert len(numpy.unique(samples.round(12), axis=0)) == 7
    # Of the right ring they meet one mode alone.
    assert captured_modes(samples, ring) == 1
    centers = data.target_modes(data.gaussian_ring(7)).centers
    assert captured_modes(samples, centers, 0.01) == 7
    expected = 6 / 8 * math.log(7 / 8) + 2 / 8 * math.log(14 / 8)
    assert mode_kl(samples, centers, 0.01).value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("law", "dimension"), [(data.gaussian_ring(), 2), (data.two_gaussians(distance=20.0), 1)])
def test_share_of_the_target_itself(law, dimension):
    n = 20_000
    share = high_quality_share(law.sample(n, rng=5), law)
    expected = scipy.stats.chi2(dimension).cdf(9)
    assert abs(share.value - expected) < 5 * math.sqrt(expected * (1 - expected) / n)
    assert share.standard_error == pytest.approx(math.sqrt(share.value * (1 - share.value) / n), rel=1e-12)
    wilson = scipy.stats.binomtest(round(share.value * n), n).proportion_ci(method="wilson")
    numpy.testing.assert_allclose(share.interval, wilson, rtol=1e-10)


def test_wilson_interval_at_the_ends():
    for samples, bound in (([9.0, 9.0, 9.0], 0), ([0.0, 0.0, 0.0], 3)):
        share = high_quality_share(samples, [0.0], 0.1)
        wilson = scipy.stats.binomtest(bound, 3).proportion_ci(method="wilson")
        numpy.testing.assert_allclose(share.interval, wilson, atol=1e-12)


def test_error_and_bias_of_the_kl_by_repetition(rng):
    weights = numpy.asarray([0.5, 0.3, 0.2])
    modes = data.Modes(numpy.asarray([[0.0], [1.0], [2.0]]), numpy.full(3, 0.1), weights)
    n, repeats = 400, 300
    for shares in (weights, numpy.asarray([0.1, 0.3, 0.6])):
        truth = {"reverse": shares @ numpy.log(shares / weights), "forward": weights @ numpy.log(weights / shares)}
        for direction in ("reverse", "forward"):
            draws = [rng.choice(3, n, p=shares).astype(float) for _ in range(repeats)]
            found = [mode_kl(x, modes, direction=direction) for x in draws]
            values = numpy.asarray([one.value for one in found])
            errors = numpy.asarray([one.standard_error for one in found])
            if shares is weights:
                # 2 n KL is chi-squared with k - 1 degrees; an estimated first order adds to its deviation, not more.
                exact = math.sqrt(2 * 2) / (2 * n)
                assert values.std() == pytest.approx(exact, rel=0.2)
                assert exact <= errors.mean() < 1.4 * exact
            else:
                assert values.std() == pytest.approx(errors.mean(), rel=0.2)
            # (k - 1) / (2 n) where the histogram meets the weights, for both directions.
            bias = 1 / n if shares is weights else 0.0
            assert abs(values.mean() - truth[direction] - bias) < 5 * errors.mean() / repeats**0.5 + 3 / n * (bias == 0)


def test_directions_and_missing_modes():
    samples = [0.0, 0.0, 1.0]
    forward = mode_kl(samples, [0.0, 1.0], 0.1, direction="forward")
    assert forward.value == pytest.approx(0.5 * math.log(0.5 / (2 / 3)) + 0.5 * math.log(0.5 / (1 / 3)), rel=1e-12)
    missing = mode_kl(samples, [0.0, 1.0, 2.0], 0.1, direction="forward")
    assert (missing.value, missing.method) == (math.inf, "a mode has no sample")
    nothing = mode_kl([0.4, 0.6], [0.0, 1.0], 0.01)
    assert math.isnan(nothing.value)
    assert (nothing.n, nothing.method) == (0, "no sample counts")
    assert mode_kl([0.4, 0.6], [0.0, 1.0], 0.01, counted="all").value == pytest.approx(0.0, abs=1e-15)


def test_atoms_are_met_exactly_or_not():
    law = data.bars_and_stripes(2)
    images = law.support_points()
    assert captured_modes(images[:4], law) == 4
    blurred = numpy.concatenate([images[:4], images[4:] * 0.999])
    assert captured_modes(blurred, law) == 4
    assert high_quality_share(blurred, law).value == 4 / 6
    # All samples go to the nearest image, however far.
    masses = numpy.exp(law.log_prob(images))
    expected = sum(math.log(1 / 6 / mass) / 6 for mass in masses)
    assert mode_kl(blurred, law, counted="all").value == pytest.approx(expected, rel=1e-12)
    # A round mode beside an atom: what is not the atom cannot be within its deviations.
    mixed = data.Modes(numpy.asarray([[0.0], [1.0]]), numpy.asarray([0.0, 0.1]), numpy.asarray([0.5, 0.5]))
    assert captured_modes([0.0, 0.9], mixed) == 2
    assert captured_modes([0.01], mixed) == 0


def test_samples_of_every_library(library):
    x = numpy.asarray([[0.0, 0.1], [4.0, 0.0], [9.0, 9.0]])
    centers = numpy.asarray([[0.0, 0.0], [4.0, 0.0], [8.0, 0.0]])
    for dtype in ("float64", "float32"):
        args = library.asarray(x, dtype), library.asarray(centers, dtype)
        assert captured_modes(*args, 0.1) == 2
        assert high_quality_share(*args, 0.1).value == 2 / 3
        assert mode_kl(*args, 0.1).value == pytest.approx(math.log(1.5), rel=1e-7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: f([[0.0]], [[0.0, 1.0]], 1.0), "`samples` and `modes` must have as many coordinates, got 1 and 2."),
        (lambda f: f(numpy.zeros((2, 2, 2)), [0.0], 1.0), "`samples` must have shape (n, d), or (n,) on the line"),
        (lambda f: f(numpy.zeros((0, 1)), [0.0], 1.0), "`samples` must hold at least 1 rows, got 0."),
        (lambda f: f([0.0, math.nan], [0.0], 1.0), "`samples` must be finite, got nan at row 1, column 0."),
        (lambda f: f([0.0], [0.0]), "`scale` must be given with the centres of modes"),
        (lambda f: f([0.0], [0.0], [1.0, 2.0]), "`scale` must be a number or have shape (1,), got shape (2,)."),
        (lambda f: f([0.0], [0.0], -1.0), "`scale` must be non-negative and finite, got -1.0."),
        (lambda f: f([0.0], data.two_gaussians(), 1.0), "`scale` must be left out where `modes` is a law"),
        (lambda f: f([0.0], [0.0], 1.0, deviations=0.0), "`deviations` must be positive and finite, got 0.0."),
    ],
)
def test_messages(call, message):
    for function in (captured_modes, high_quality_share, mode_kl):
        with pytest.raises(ValueError, match="must") as caught:
            call(function)
        assert str(caught.value).startswith(message)


def test_messages_of_choices():
    for name, value in itertools.product(("counted", "direction"), ("none",)):
        with pytest.raises(ValueError, match=f"`{name}` must be"):
            mode_kl([0.0], [0.0], 1.0, **{name: value})
    with pytest.raises(ValueError, match="`least` must be at least 1, got 0"):
        captured_modes([0.0], [0.0], 1.0, least=0)
