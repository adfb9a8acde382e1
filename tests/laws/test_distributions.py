"""What holds for every law: oracles of SciPy, enumeration and quadrature on every member of tests/cases.py."""

import math

import numpy
import pytest
import scipy.stats

from gamedyn import distributions, numerics
from tests.laws.distribution_oracles import LEVELS, Mixed, at, cells, every_law, oracle, probes, rebuilt, some

LEVEL = 1e-6  # false alarm of one statistical test


@every_law
def test_log_prob_is_the_oracles(law, library):
    points = probes(law)
    result = rebuilt(law, library.asarray).log_prob(library.asarray(points))
    assert library.owns(result)
    host = library.host(result)
    assert host.shape == (len(points), *law.batch_shape)
    for index, one in cells(law):
        reference = oracle(one)
        with numpy.errstate(divide="ignore"):
            expected = [reference.log_density(point) for point in at(points, index, law)]
        numpy.testing.assert_allclose(host[(slice(None), *index)], expected, rtol=1e-12, atol=1e-12)


@every_law
def test_cdf_is_the_oracles(law, library):
    if law.event_shape:
        with pytest.raises(NotImplementedError, match="no closed-form cdf"):
            law.cdf(law.mean)
        return
    points = probes(law)
    result = rebuilt(law, library.asarray).cdf(library.asarray(points))
    assert library.owns(result)
    host = library.host(result)
    for index, one in cells(law):
        expected = [oracle(one).cdf(point) for point in at(points, index, law)]
        # Relative in the lower tail, where the cdf is 1e-12.
        numpy.testing.assert_allclose(host[(slice(None), *index)], expected, rtol=1e-12)


@every_law
def test_moments_and_entropy_are_the_oracles(law, library):
    there = rebuilt(law, library.asarray)
    for name, oracle_name, event in (
        ("mean", "mean", law.event_shape),
        ("variance", "var", law.event_shape),
        ("entropy", "entropy", ()),
    ):
        if name == "entropy" and isinstance(law, distributions.Mixture):
            with pytest.raises(NotImplementedError, match="Mixture has no closed-form entropy"):
                there.entropy  # noqa: B018
            continue
        result = getattr(there, name)
        assert library.owns(result)
        host = library.host(result)
        assert host.shape == law.batch_shape + event
        for index, one in cells(law):
            expected = getattr(oracle(one), oracle_name)()
            numpy.testing.assert_allclose(host[index], expected, rtol=1e-11, atol=1e-13)


@every_law
def test_total_mass_is_one(law):
    for _, one in cells(law):
        if law.is_discrete:
            total = numpy.exp(one.log_prob(one.support_points())).sum()
        elif law.support == "simplex":
            # tests/distributions integrates a polynomial density over the simplex exactly.
            return
        elif law.event_shape:
            # The trapezoidal rule converges geometrically for Gaussian densities: 10 deviations, steps of an eighth.
            deviation, centre = numpy.sqrt(one.variance), one.mean
            axes = [numpy.linspace(c - 10 * s, c + 10 * s, 401) for c, s in zip(centre, deviation, strict=True)]
            grid = numpy.stack(numpy.meshgrid(*axes, indexing="ij"), axis=-1)
            total = numpy.exp(one.log_prob(grid)).sum() * numpy.prod([axis[1] - axis[0] for axis in axes])
        else:
            tails = [10.0**-k for k in range(14, 0, -1)]
            cuts = [float(oracle(one).ppf(u)) for u in (*tails, 0.3, 0.5, 0.7, *(1 - u for u in tails))]
            jumps = {0.0, 2.0, 3.0} if isinstance(law, distributions.Mixture) else set()
            cuts = numpy.array(sorted({*cuts, *(jump for jump in jumps if min(cuts) < jump < max(cuts))}))
            # Gauss-Legendre on every decade of mass, near which a power of x is smooth.
            nodes, weights = numpy.polynomial.legendre.leggauss(40)
            half = numpy.diff(cuts)[:, None] / 2
            total = (half * weights * numpy.exp(one.log_prob(cuts[:-1, None] + half * (nodes + 1)))).sum()
        assert total == pytest.approx(1.0, abs=1e-11)


@every_law
def test_cdf_and_icdf_invert(law, library):
    there = rebuilt(law, library.asarray)
    if law.event_shape:
        with pytest.raises(NotImplementedError, match="no closed-form icdf"):
            there.icdf(library.asarray(0.5))
        return
    levels = LEVELS.reshape((-1,) + (1,) * len(law.batch_shape))
    u = library.asarray(levels)
    x = there.icdf(u)
    assert library.owns(x)
    assert tuple(x.shape) == (len(LEVELS), *law.batch_shape)
    back = library.host(there.cdf(x))
    levels = numpy.broadcast_to(levels, back.shape)
    if law.is_discrete:
        # The Galois connection: icdf(u) <= x exactly where u <= cdf(x).
        host = library.host(x)
        for point in some(law.support_points()):
            reached = levels <= library.host(there.cdf(library.asarray(point)))
            numpy.testing.assert_array_equal(host <= point, reached)
        assert numpy.all(numpy.isfinite(library.host(there.log_prob(x))))
    else:
        # A quantile rounded by eps |x| moves the cdf by eps |x| p(x).
        x, density = library.host(x), numpy.exp(library.host(there.log_prob(x)))
        ends = [abs(end) for end in law.support_bounds if numpy.isfinite(end)]
        size = numpy.maximum(numpy.abs(x), max(ends, default=0.0))
        assert numpy.all(numpy.abs(back - levels) <= 1e-10 * levels + 1e-15 * size * density + 1e-16)


@every_law
def test_icdf_ends_at_the_support(law, library):
    if law.event_shape:
        return
    there = rebuilt(law, library.asarray)
    ends = numpy.array([0.0, 1.0]).reshape((2,) + (1,) * len(law.batch_shape))
    host = library.host(there.icdf(library.asarray(ends)))
    lower, upper = law.support_bounds
    if law.is_discrete:
        # The outermost atoms that carry mass; Categorical's bounds are 0 and K - 1 whatever the masses.
        for index, one in cells(law):
            # Beyond a mass of 1e-16 the cdf has rounded to 1.
            atoms = one.support_points().ravel()
            carrying = atoms[one.log_prob(atoms) > -36.0]
            assert host[(0, *index)] == min(atoms[one.log_prob(atoms) > -700.0])
            assert host[(1, *index)] == (max(carrying) if numpy.isfinite(one.support_bounds[1]) else numpy.inf)
    assert host[0].min() >= lower
    assert host[1].max() <= upper
    if not law.is_discrete:
        assert host[0].min() == lower
        assert host[1].max() == pytest.approx(upper)
    for outside in (-1e-9, 1 + 1e-9, numpy.nan):
        with pytest.raises(ValueError, match=r"`u` must lie in \[0, 1\]"):
            law.icdf(outside)


@every_law
def test_score_is_the_gradient_of_log_prob(law, library):
    there = rebuilt(law, library.asarray)
    if law.is_discrete:
        with pytest.raises(TypeError, match="is discrete and has no score"):
            there.score(there.mean)
        return
    x = probes(law) if law.event_shape else law.icdf(LEVELS[2:-1].reshape((-1,) + (1,) * len(law.batch_shape)))
    result = there.score(library.asarray(x))
    assert library.owns(result)
    host = library.host(result)
    if law.event_shape:
        scale = numpy.sqrt(law.variance)
    else:
        # The variance may be infinite; and next to an end of the support, the density varies on the way to it.
        lower, low, high, upper = (law.icdf(u) for u in (0.0, 0.16, 0.84, 1.0))
        scale = numpy.minimum((high - low) / 2, numpy.minimum(x - lower, upper - x))
    # Central differences of order 6, from values of log_prob alone.
    weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    if law.support == "simplex":
        # Along the simplex: from one coordinate to the last.
        for axis in range(law.event_shape[0] - 1):
            length = 1e-3 * numpy.minimum(x[..., axis], x[..., -1])
            h = length[..., None] * (numpy.eye(law.event_shape[0])[axis] - numpy.eye(law.event_shape[0])[-1])
            slope = sum(w * (law.log_prob(x + k * h) - law.log_prob(x - k * h)) for k, w in weights.items())
            value = (host[..., axis] - host[..., -1]) * length
            numpy.testing.assert_allclose(value, slope, rtol=1e-8, atol=1e-11)
        return
    for axis in range(law.event_shape[0]) if law.event_shape else [None]:
        h = 1e-3 * scale if axis is None else 1e-2 * scale * numpy.eye(len(scale.T))[axis]
        length = h if axis is None else h[..., axis]
        slope = sum(w * (law.log_prob(x + k * h) - law.log_prob(x - k * h)) for k, w in weights.items()) / length
        value = host if axis is None else host[..., axis]
        numpy.testing.assert_allclose(value * length, slope * length, rtol=1e-8, atol=1e-11)


@every_law
def test_samples_follow_the_law(law, rng):
    n = 4000
    draws = law.sample(n, rng=rng)
    assert draws.shape == (n, *law.batch_shape, *law.event_shape)
    for index, one in cells(law):
        mine = draws[(slice(None), *index)]
        if law.is_discrete:
            points, counts = numpy.unique(mine, axis=0, return_counts=True)
            masses = numpy.array([numpy.exp(oracle(one).log_density(point)) for point in points])
            assert numpy.all(masses > 0)
            keep = n * masses > 5
            observed = numpy.append(counts[keep], n - counts[keep].sum())
            expected = numpy.append(n * masses[keep], n * (1 - masses[keep].sum()))
            if expected[-1] < 1e-6:
                assert observed[-1] == 0
            if expected[-1] < 5:
                # Too rare for the chi-square limit: joined to its neighbour.
                observed = numpy.append(observed[:-2], observed[-2:].sum())
                expected = numpy.append(expected[:-2], expected[-2:].sum())
            if len(expected) > 1:
                assert scipy.stats.chisquare(observed, expected * n / expected.sum()).pvalue > LEVEL
        elif law.support == "simplex":
            # Sums of coordinates are beta variables.
            for part, total in zip(mine.T, oracle(one).concentration, strict=True):
                rest = oracle(one).concentration.sum() - total
                assert scipy.stats.kstest(part, scipy.stats.beta(total, rest).cdf).pvalue > LEVEL
        elif law.event_shape:
            for direction in rng.standard_normal((3, len(one.mean))):
                assert scipy.stats.kstest(mine @ direction, projected(one, direction).cdf).pvalue > LEVEL
        else:
            assert scipy.stats.kstest(mine, oracle(one).cdf).pvalue > LEVEL


def projected(law, direction):
    """The law of <direction, X>: normal with mean <a, loc> and variance a^T S a, or a mixture of such."""
    if isinstance(law, distributions.Mixture):
        return Mixed(law.weights, [projected(part, direction) for part in law.components])
    deviation = numpy.sqrt(direction @ law.covariance_matrix @ direction)
    return scipy.stats.norm(direction @ law.loc, deviation)


@every_law
def test_batch_cells_are_drawn_independently(law, rng):
    if not law.batch_shape or law.is_discrete:
        return
    draws = law.sample(3000, rng=rng).reshape(3000, -1, *law.event_shape).reshape(3000, numpy.prod(law.batch_shape), -1)
    first, second = draws[:, 0, 0], draws[:, 1, 0]
    # Spearman's rho of independent columns is N(0, 1/n) nearly; 4.9 deviations is the level 1e-6.
    assert abs(scipy.stats.spearmanr(first, second).statistic) < 4.9 / numpy.sqrt(3000)


@every_law
def test_one_seed_gives_one_stream_on_every_library(law, library):
    there = rebuilt(law, library.asarray)
    draws = there.sample(5, rng=7)
    assert library.owns(draws)
    numpy.testing.assert_allclose(library.host(draws), law.sample(5, rng=7), rtol=1e-13, atol=1e-13)
    generator = numpy.random.default_rng(7)
    first, second = law.sample(5, rng=generator), law.sample(5, rng=generator)
    numpy.testing.assert_array_equal(first, law.sample(5, rng=7))
    assert law.is_discrete or not numpy.array_equal(first, second)
    assert tuple(there.sample(0, rng=1).shape) == (0, *law.batch_shape, *law.event_shape)


@every_law
def test_batches_broadcast(law):
    points = probes(law)
    whole = law.log_prob(points)
    for index, one in cells(law):
        numpy.testing.assert_allclose(
            whole[(slice(None), *index)], one.log_prob(at(points, index, law)), rtol=1e-14, atol=1e-14
        )
    # Leading axes of x stand before the batch.
    deep = law.log_prob(numpy.stack([points, points])[:, :, None])
    assert deep.shape == (2, len(points), 1, *law.batch_shape)


@every_law
def test_float32_stays(law, library):
    there = rebuilt(law, lambda value: library.asarray(value, "float32"))
    points = probes(law)
    keep = numpy.isfinite(points)
    x = library.asarray(numpy.where(keep, points, 0.0), "float32")
    assert library.owns(there.log_prob(x), "float32")
    assert library.owns(there.sample(3, rng=0), "float32")
    for name in ("mean", "variance"):
        assert library.owns(getattr(there, name), "float32")
    if not law.event_shape:
        assert library.owns(there.cdf(x), "float32")
        assert library.owns(there.icdf(library.asarray(0.25, "float32")), "float32")
    if not law.is_discrete:
        assert library.owns(there.score(x), "float32")
    if not isinstance(law, distributions.Mixture):
        assert library.owns(there.entropy, "float32")


@every_law
def test_quadrature_points_let_an_integral_see_everything(law):
    if law.is_discrete or law.event_shape:
        with pytest.raises(NotImplementedError):
            law.quadrature_points()
        return
    points, (lower, upper) = law.quadrature_points(), law.support_bounds
    assert list(points) == sorted(set(points))
    assert all(isinstance(point, float) and numpy.isfinite(point) and lower <= point <= upper for point in points)

    # The mean of an angle is another one.
    finite = numpy.isfinite(law.mean) & (law.support != "circle")

    def mass_and_moments(x):
        x = x.reshape((-1,) + (1,) * len(law.batch_shape))
        density = numpy.exp(law.log_prob(x))
        # F(X) is uniform, whether X has a mean or not.
        return numpy.stack([density, density * law.cdf(x), numpy.where(finite, density * x, 0.0)], axis=-1)

    estimate = numerics.integrate(mass_and_moments, lower, upper, breakpoints=points)
    numpy.testing.assert_allclose(estimate.value[..., 0], 1.0, rtol=1e-11)
    numpy.testing.assert_allclose(estimate.value[..., 1], 0.5, rtol=1e-11)
    means = numpy.where(finite, law.mean, 0.0)
    numpy.testing.assert_allclose(estimate.value[..., 2], means, rtol=1e-10, atol=1e-10)


@every_law
def test_nan_and_infinity(law, library):
    there = rebuilt(law, library.asarray)
    shape = (1,) * len(law.batch_shape) + law.event_shape
    assert numpy.all(numpy.isnan(library.host(there.log_prob(library.asarray(numpy.full(shape, numpy.nan)))))) or (
        law.is_discrete and law.event_shape
    )
    for end, value in ((-numpy.inf, 0.0), (numpy.inf, 1.0)):
        if law.event_shape:
            break
        x = library.asarray(numpy.full(shape, end))
        assert numpy.all(library.host(there.log_prob(x)) == -numpy.inf)
        numpy.testing.assert_allclose(library.host(there.cdf(x)), value, atol=1e-15)


@every_law
def test_support_points_carry_all_mass(law, library):
    there = rebuilt(law, library.asarray)
    if not law.is_discrete:
        with pytest.raises(NotImplementedError, match="has a density and no atoms"):
            there.support_points()
        return
    points = there.support_points()
    assert library.owns(points)
    mass = numpy.exp(library.host(there.log_prob(points)))
    # Summed without rounding: of a long list, that alone could take more than 1e-14.
    total = [math.fsum(mass[(slice(None), *index)]) for index, _ in cells(law)]
    numpy.testing.assert_allclose(total, 1.0, rtol=1e-14)


@every_law
def test_mixed_libraries_are_named(law):
    import array_api_strict

    shape = (1,) * len(law.batch_shape) + law.event_shape
    foreign = array_api_strict.zeros(shape, dtype=array_api_strict.float64)
    with pytest.raises(TypeError, match="numpy"):
        law.log_prob(foreign)
