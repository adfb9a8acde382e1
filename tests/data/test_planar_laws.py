"""Moons, rolls, boards, pinwheels and lines: quadrature on grids, mpmath, differences and counts as oracles."""

import math

import mpmath
import numpy
import pytest
import scipy.stats

from gamedyn import data

# law, grid that holds all but 1e-12 of the mass: (lower, upper) for both axes, step
SMOOTH = {
    "two_moons": (data.two_moons(scale=0.15), (-2.3, 3.3), (-1.8, 2.4), 0.06),
    "swiss_roll": (data.swiss_roll(scale=0.2), (-3.4, 3.6), (-3.2, 3.7), 0.09),
    "pinwheel": (data.pinwheel(arms=4, radial=0.25, tangential=0.15), (-3.2, 3.2), (-3.2, 3.2), 0.02),
    "parallel_lines": (data.parallel_lines(3, spacing=0.7, length=2.0, scale=0.2), (-2.4, 2.4), (-2.7, 2.7), 0.08),
}
every_smooth_law = pytest.mark.parametrize("name", SMOOTH)


def on_grid(name):
    """(law, points (m, n, 2), masses of the trapezoidal rule, which converges geometrically for smooth densities)."""
    law, first, second, step = SMOOTH[name]
    axes = [numpy.arange(lower, upper + step / 2, step) for lower, upper in (first, second)]
    points = numpy.stack(numpy.meshgrid(*axes, indexing="ij"), axis=-1)
    return law, points, numpy.exp(law.log_prob(points)) * step**2


@every_smooth_law
def test_mass_mean_and_variance_by_quadrature(name):
    law, points, masses = on_grid(name)
    # The pinwheel's density has a kink in the second derivative at 0.
    tolerance = 1e-7 if name == "pinwheel" else 1e-10
    assert masses.sum() == pytest.approx(1.0, abs=tolerance)
    mean = numpy.einsum("ij,ijk->k", masses, points)
    numpy.testing.assert_allclose(law.mean, mean, atol=tolerance)
    variance = numpy.einsum("ij,ijk->k", masses, (points - mean) ** 2)
    numpy.testing.assert_allclose(law.variance, variance, atol=5 * tolerance)


@every_smooth_law
def test_score_is_the_gradient(name, rng):
    law, *_, step = SMOOTH[name]
    x = numpy.concatenate([law.sample(40, rng=rng), 2 * rng.standard_normal((40, 2))])
    score = law.score(x)
    # Where two parts of a curve are equally near, the score turns within a fraction of a step.
    h = 0.01 * step
    for axis in range(2):
        e = h * numpy.eye(2)[axis]
        weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
        slope = sum(w * (law.log_prob(x + k * e) - law.log_prob(x - k * e)) for k, w in weights.items()) / h
        numpy.testing.assert_allclose(score[:, axis], slope, rtol=1e-7, atol=1e-7)


@every_smooth_law
def test_samples_fall_into_cells_as_the_density_says(name, rng):
    law, points, masses = on_grid(name)
    draws = law.sample(20_000, rng=rng)
    # Cells of 3 by 3 nodes of the grid, ends halfway between nodes.
    step = SMOOTH[name][3]
    fine = 3
    corner = points[0, 0] - step / 2
    bins = numpy.floor((draws - corner) / (fine * step)).astype(int)
    shape = [size // fine for size in masses.shape]
    expected = masses[: shape[0] * fine, : shape[1] * fine].reshape(shape[0], fine, shape[1], fine).sum(axis=(1, 3))
    inside = numpy.all((bins >= 0) & (bins < shape), axis=1)
    counts = numpy.zeros(shape)
    numpy.add.at(counts, tuple(bins[inside].T), 1)
    keep = expected * len(draws) > 10
    observed = numpy.append(counts[keep], len(draws) - counts[keep].sum())
    probable = numpy.append(expected[keep], 1 - expected[keep].sum())
    assert keep.sum() > 30
    assert scipy.stats.chisquare(observed, probable / probable.sum() * len(draws)).pvalue > 1e-6


def moons(t):
    return [(mpmath.cos(t), mpmath.sin(t)), (1 - mpmath.cos(t), mpmath.mpf(1) / 2 - mpmath.sin(t))]


def roll(t):
    return [(t * mpmath.cos(t) / mpmath.mpf(7.5), t * mpmath.sin(t) / mpmath.mpf(7.5))]


@pytest.mark.parametrize(
    ("law", "curves", "ends", "points"),
    [
        (data.two_moons(), moons, (0, mpmath.pi), [(0.0, 1.0), (0.3, 0.2), (2.0, 1.5)]),
        (data.swiss_roll(), roll, (1.5 * mpmath.pi, 4.5 * mpmath.pi), [(0.0, -0.63), (1.0, 0.3), (1.9, 0.3)]),
    ],
)
def test_curves_against_mpmath(law, curves, ends, points):
    s = mpmath.mpf(law.scale)
    count = len(curves(mpmath.mpf(1)))
    for x in points:
        # The tolerance of mpmath.quad is absolute, and the smallest density here is 1e-24.
        with mpmath.workdps(40):

            def density(t, x=x):
                squares = [(x[0] - a) ** 2 + (x[1] - b) ** 2 for a, b in curves(t)]
                return sum(mpmath.exp(-square / (2 * s * s)) for square in squares) / (2 * mpmath.pi * s * s)

            pieces = mpmath.linspace(*ends, 24 if count == 2 else 60)
            value = mpmath.log(mpmath.quad(density, pieces, maxdegree=6) / (ends[1] - ends[0]) / count)
        assert float(law.log_prob(numpy.asarray(x))) == pytest.approx(float(value), rel=1e-12, abs=1e-12)


def test_curves_are_those_of_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets")
    n = 4000
    theirs = {
        "moons": datasets.make_moons(n, noise=0.1, random_state=0)[0],
        "roll": datasets.make_swiss_roll(n, noise=0.25, random_state=0)[0][:, [0, 2]] / 7.5,
    }
    for name, law in (("moons", data.two_moons()), ("roll", data.swiss_roll())):
        # Means of log p and of squares; those of a wrong scale or divisor of 1.1 would be off by more than 10 errors.
        for function in (law.log_prob, lambda x: x[:, 0] ** 2, lambda x: x[:, 1] ** 2):
            a, b = function(theirs[name]), function(law.sample(n, rng=1))
            assert abs(a.mean() - b.mean()) < 5 * math.hypot(a.std(), b.std()) / n**0.5


def test_a_roll_of_another_size_has_the_scaled_density(rng):
    small = data.swiss_roll()
    x = small.sample(20, rng=rng)
    large = data.swiss_roll(divisor=1.0, scale=0.25).log_prob(7.5 * x)
    numpy.testing.assert_allclose(large, small.log_prob(x) - 2 * math.log(7.5), rtol=1e-11)


def test_twist_of_the_pinwheel_keeps_areas_and_straight_arms_are_gaussians():
    straight = data.pinwheel(3, rate=0.0)
    x = numpy.asarray([[1.0, 0.2], [-0.3, 0.5], [0.0, 0.0], [0.4, -1.1]])
    angles = 2 * math.pi * numpy.arange(3) / 3
    total = 0.0
    for angle in angles:
        turn = numpy.asarray([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        covariance = turn @ numpy.diag([0.09, 0.01]) @ turn.T
        total = total + scipy.stats.multivariate_normal(turn @ [1.0, 0.0], covariance).pdf(x) / 3
    numpy.testing.assert_allclose(numpy.exp(straight.log_prob(x)), total, rtol=1e-12)
    # At radius r the twisted law is the straight one, turned by rate e^r.
    twisted = data.pinwheel(3, rate=0.4)
    angle = 0.4 * numpy.exp(numpy.linalg.norm(x, axis=1))
    c, s = numpy.cos(angle), numpy.sin(angle)
    turned = numpy.stack([c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1]], axis=-1)
    numpy.testing.assert_allclose(twisted.log_prob(turned), straight.log_prob(x), rtol=1e-12)
    # At the origin, where the radius has no derivative, the score is the straight law's, turned by the rate.
    numpy.testing.assert_allclose(twisted.score(numpy.zeros(2)), 0.0, atol=1e-12)


def test_lines_against_scipy_far_into_the_tails():
    law = data.parallel_lines(2, spacing=3.0, length=2.0, scale=0.1)
    for a, b in ((1.5, 0.0), (-1.4, 0.99), (1.5, 2.5), (0.0, -4.0)):
        with mpmath.workdps(40):
            across = sum(mpmath.npdf(a, c, 0.1) for c in (-1.5, 1.5)) / 2
            along = (mpmath.ncdf((b + 1) / mpmath.mpf(0.1)) - mpmath.ncdf((b - 1) / mpmath.mpf(0.1))) / 2
            if b > 1:  # 1 less a number below 1e-40 is 1 to mpmath too
                along = (mpmath.ncdf((1 - b) / mpmath.mpf(0.1)) - mpmath.ncdf((-1 - b) / mpmath.mpf(0.1))) / 2
            value = float(mpmath.log(across * along))
        assert float(law.log_prob(numpy.asarray([a, b]))) == pytest.approx(value, rel=1e-12)


def test_checkerboard_by_counting(rng):
    law = data.checkerboard(3, width=0.5)
    # Squares (0,0), (0,2), (1,1), (2,0), (2,2) of area 1/4.
    inside = numpy.asarray([[-0.6, -0.6], [-0.6, 0.6], [0.0, 0.0], [0.6, -0.6], [0.74, 0.74]])
    numpy.testing.assert_allclose(law.log_prob(inside), -math.log(5 / 4))
    outside = numpy.asarray(
        [
            [-0.6, 0.0],
            [0.0, 0.6],
            [0.76, 0.0],
            [0.0, 1.0],
            [1.0, 0.0],
            [0.0, -1.0],
            [-1.0, 0.0],
            [5.0, 5.0],
            [numpy.inf, 0.0],
        ]
    )
    assert numpy.all(law.log_prob(outside) == -numpy.inf)
    assert numpy.all(law.score(inside) == 0)
    assert numpy.all(numpy.isnan(law.score(outside)))
    assert math.isnan(law.log_prob(numpy.asarray([numpy.nan, 0.0])))
    draws = law.sample(20_000, rng=rng)
    assert numpy.all(numpy.isfinite(law.log_prob(draws)))
    counts = numpy.histogram2d(*draws.T, bins=3, range=[[-0.75, 0.75]] * 2)[0]
    assert scipy.stats.chisquare(counts[[0, 0, 1, 2, 2], [0, 2, 1, 0, 2]]).pvalue > 1e-6
    for axis in range(2):
        within = (draws[:, axis] + 0.75) / 0.5 % 1
        assert scipy.stats.kstest(within, "uniform").pvalue > 1e-6
    numpy.testing.assert_allclose(law.mean, draws.mean(axis=0), atol=0.02)
    # Columns hold 2, 1 and 2 of 5 squares: 4/5 of 0.5^2, plus 0.5^2 / 12.
    numpy.testing.assert_allclose(law.variance, 0.2 + 0.25 / 12)


LAWS = [*(entry[0] for entry in SMOOTH.values()), data.checkerboard()]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_points_of_every_library_and_precision(law, library):
    x = numpy.concatenate([law.sample(6, rng=3), [[0.0, 0.0], [3.0, -2.0]]]).reshape(2, 4, 2)
    reference, score = law.log_prob(x), law.score(x)
    for dtype, tolerance in (("float64", 1e-11), ("float32", 2e-3)):
        points = library.asarray(x, dtype)
        value = law.log_prob(points)
        assert library.owns(value, dtype)
        assert tuple(value.shape) == (2, 4)
        numpy.testing.assert_allclose(library.host(value), reference, rtol=tolerance, atol=tolerance)
        value = law.score(points)
        assert library.owns(value, dtype)
        numpy.testing.assert_allclose(library.host(value), score, rtol=tolerance, atol=tolerance * 100)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_edges_of_every_law(law):
    assert (law.batch_shape, law.event_shape) == ((), (2,))
    assert law.sample(0, rng=1).shape == (0, 2)
    assert law.log_prob(numpy.zeros((0, 2))).shape == (0,)
    assert law.score(numpy.zeros((0, 2))).shape == (0, 2)
    numpy.testing.assert_array_equal(law.sample(3, rng=7), law.sample(3, rng=7))
    with numpy.errstate(all="raise"):
        far = law.log_prob(numpy.asarray([[numpy.inf, 0.0], [0.0, -numpy.inf]]))
    assert numpy.all(far == -numpy.inf)
    assert numpy.all(numpy.isnan(law.log_prob(numpy.asarray([[numpy.nan, 0.0], [0.0, numpy.nan]]))))
    with pytest.raises(ValueError, match=r"`x` must have shape \(..., 2\), points in the plane, got \(3,\)."):
        law.log_prob(numpy.zeros(3))
    with pytest.raises(ValueError, match="`n` must be at least 0"):
        law.sample(-1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.two_moons(scale=0.0), "`scale` must be positive and finite, got 0.0."),
        (lambda: data.two_moons(scale=1e-6), "`scale` must be at least 0.00025 for the density of this curve"),
        (lambda: data.swiss_roll(divisor=-1.0), "`divisor` must be positive and finite, got -1.0."),
        (lambda: data.checkerboard(0), "`side` must be at least 1, got 0."),
        (lambda: data.pinwheel(2), "`arms` must be at least 3, got 2."),
        (lambda: data.pinwheel(rate=-1.0), "`rate` must be non-negative and finite, got -1.0."),
        (lambda: data.parallel_lines(0), "`lines` must be at least 1, got 0."),
        (lambda: data.parallel_lines(length=0.0), "`length` must be positive and finite, got 0.0."),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match="must be") as caught:
        call()
    assert str(caught.value).startswith(message)
