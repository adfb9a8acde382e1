"""Facts about barycenters on the line, of Gaussian laws, and which method serves which input."""

import math

import mpmath
import numpy
import pytest
import scipy.linalg
import scipy.stats

from gamedyn import distributions as d
from gamedyn.transport import (
    barycenter,
    entropic_barycenter,
    gaussian_barycenter,
    gaussian_wasserstein,
    wasserstein_on_line,
)


def covariance(rng, d, rank=None):
    factor = rng.standard_normal((d, rank or d))
    return factor @ factor.T


def test_samples_of_one_size_average_their_order_statistics(rng):
    samples = [rng.standard_normal(30) for _ in range(3)]
    weights = numpy.array([1.0, 2.0, 5.0])
    points, masses = barycenter(samples, weights)
    expected = sum(w * numpy.sort(x) for w, x in zip(weights / 8, samples, strict=True))
    numpy.testing.assert_allclose(points, expected, rtol=1e-14)
    numpy.testing.assert_allclose(masses, 1 / 30, rtol=1e-15)


def test_weights_and_unequal_sizes_are_repetitions(rng):
    # Integer masses of one sum are repeated values of samples of one size.
    x, y, z = rng.standard_normal(4), rng.standard_normal(6), rng.standard_normal(3)
    v, w = numpy.array([1, 5, 2, 4]), numpy.array([3, 1, 1, 1, 4, 2])
    points, masses = barycenter([x, y, z], [0.2, 0.3, 0.5], sample_weights=[v, w, None])
    repeated = [numpy.sort(numpy.repeat(a, b)) for a, b in ((x, v), (y, w), (z, numpy.full(3, 4)))]
    expected = 0.2 * repeated[0] + 0.3 * repeated[1] + 0.5 * repeated[2]
    assert float(masses.sum()) == pytest.approx(1, rel=1e-15)
    counts = numpy.rint(12 * masses).astype(int)
    numpy.testing.assert_allclose(masses, counts / 12, rtol=1e-14)
    numpy.testing.assert_allclose(numpy.repeat(points, counts), expected, rtol=1e-14)
    # Masses that differ by rounding cut no slivers.
    points, masses = barycenter([x[:3], z], sample_weights=[numpy.full(3, 1 / 3), numpy.array([0.1, 0.1, 0.1])])
    assert masses.shape == (3,)


def test_two_samples_are_joined_by_a_geodesic(rng):
    x, y = rng.standard_normal(7), rng.exponential(size=11)
    whole = float(wasserstein_on_line(x, y, 2))
    for t in (0.0, 0.25, 1.0):
        points, masses = barycenter([x, y], [1 - t, t])
        assert float(wasserstein_on_line(points, x, 2, masses)) == pytest.approx(t * whole, rel=1e-12, abs=1e-13)
        assert float(wasserstein_on_line(points, y, 2, masses)) == pytest.approx((1 - t) * whole, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(
    ("laws", "expected"),
    [
        ([d.Normal(0.0, 1.0), d.Normal(4.0, 5.0)], scipy.stats.norm(1, 2)),
        ([d.Laplace(0.0, 1.0), d.Laplace(4.0, 5.0)], scipy.stats.laplace(1, 2)),
        ([d.Cauchy(0.0, 1.0), d.Cauchy(4.0, 5.0)], scipy.stats.cauchy(1, 2)),
        ([d.Gumbel(0.0, 1.0), d.Gumbel(4.0, 5.0)], scipy.stats.gumbel_r(1, 2)),
        ([d.Uniform(0.0, 1.0), d.Uniform(4.0, 9.0)], scipy.stats.uniform(1, 2)),
        ([d.HalfNormal(1.0), d.HalfNormal(5.0)], scipy.stats.halfnorm(0, 2)),
        ([d.Rayleigh(1.0), d.Rayleigh(5.0)], scipy.stats.rayleigh(0, 2)),
        # Of two families, and by quantiles: shifts 1 and scales 1 and 5 of one exponential law.
        ([d.Exponential(1.0), d.Exponential(0.2)], scipy.stats.expon(0, 2)),
        ([d.Exponential(0.5), d.Gamma(1.0, 0.5)], scipy.stats.expon(0, 2)),
    ],
)
def test_laws_on_the_line_average_their_quantiles(laws, expected, rng):
    found = barycenter(laws, [3.0, 1.0])
    u = numpy.array([1e-10, 0.01, 0.3, 0.5, 0.9, 1 - 1e-9])
    numpy.testing.assert_allclose(found.icdf(u), expected.ppf(u), rtol=1e-7)
    x = expected.ppf(u[:-1])
    numpy.testing.assert_allclose(found.cdf(x), expected.cdf(x), rtol=1e-9)
    numpy.testing.assert_allclose(found.log_prob(x), expected.logpdf(x), rtol=1e-9, atol=1e-9)
    assert scipy.stats.kstest(found.sample(500, rng=rng), expected.cdf).pvalue > 1e-6
    if type(laws[0]) is not d.Cauchy:
        assert float(found.mean) == pytest.approx(expected.mean(), rel=1e-12)


def test_averages_of_different_families_are_laws():
    p, q = d.Normal(0.0, 1.0), d.Uniform(0.0, 1.0)
    found = barycenter([p, q])
    # u = cdf(x) solves (z(u) + u) / 2 = x, and the density is 2 / (1 / p(z) + 1).
    u = numpy.array([0.1, 0.5, 0.8])
    z = scipy.stats.norm.ppf(u)
    numpy.testing.assert_allclose(found.cdf((z + u) / 2), u, rtol=1e-13)
    numpy.testing.assert_allclose(
        numpy.exp(found.log_prob((z + u) / 2)), 2 / (1 / scipy.stats.norm.pdf(z) + 1), rtol=1e-13
    )
    # A law of weight 0 has no say where it is infinite.
    found = barycenter([p, q], [0.0, 1.0])
    numpy.testing.assert_array_equal(found.icdf([0.0, 0.5, 1.0]), [0.0, 0.5, 1.0])
    # Outside the support of two uniform-like laws there is nothing.
    bounded = barycenter([d.Uniform(0.0, 1.0), d.Beta(2.0, 1.0)])
    numpy.testing.assert_array_equal(bounded.cdf([-1.0, 2.0]), [0.0, 1.0])
    numpy.testing.assert_array_equal(bounded.log_prob([-1.0, 2.0]), [-math.inf, -math.inf])


def test_commuting_covariances_average_their_roots(rng):
    s, m = rng.uniform(0, 3, (4, 5)), rng.standard_normal((4, 5))
    rotation = numpy.linalg.qr(rng.standard_normal((5, 5)))[0]
    covariances = [rotation @ numpy.diag(v**2) @ rotation.T for v in s]
    w = rng.dirichlet(numpy.ones(4))
    found = gaussian_barycenter(m, covariances, 7 * w)
    numpy.testing.assert_allclose(found.loc, w @ m, rtol=1e-13)
    expected = rotation @ numpy.diag((w @ s) ** 2) @ rotation.T
    numpy.testing.assert_allclose(found.covariance, expected, rtol=0, atol=1e-13 * numpy.abs(expected).max())
    assert found.converged
    assert found.iterations <= 2


def test_two_laws_meet_on_their_geodesic(rng):
    # S_t = ((1 - t) I + t T) A ((1 - t) I + t T), T the map from A to B by SciPy's root.
    a, b = covariance(rng, 4), covariance(rng, 4)
    root = scipy.linalg.sqrtm(a).real
    inverse = numpy.linalg.inv(root)
    matrix = inverse @ scipy.linalg.sqrtm(root @ b @ root).real @ inverse
    for t in (0.1, 0.5, 0.75):
        found = gaussian_barycenter(numpy.zeros((2, 4)), [a, b], [1 - t, t])
        step = (1 - t) * numpy.eye(4) + t * matrix
        expected = step @ a @ step
        numpy.testing.assert_allclose(found.covariance, expected, rtol=0, atol=1e-9 * numpy.abs(expected).max())


def test_the_average_map_is_the_identity(rng):
    # sum w_k (S^1/2 A_k S^1/2)^1/2 = S, in 40 digits.
    covariances, w = [covariance(rng, 3) for _ in range(4)], rng.dirichlet(numpy.ones(4))
    found = gaussian_barycenter(numpy.zeros((4, 3)), covariances, w)
    assert found.converged
    assert found.residual <= 1e-12
    with mpmath.workdps(40):

        def root_of(m):
            values, vectors = mpmath.eigsy((m + m.T) / 2)
            return vectors * mpmath.diag([mpmath.sqrt(max(v, 0)) for v in values]) * vectors.T

        s = mpmath.matrix(found.covariance.tolist())
        root = root_of(s)
        total = mpmath.zeros(3)
        for a, weight in zip(covariances, w, strict=True):
            total += mpmath.mpf(float(weight)) * root_of(root * mpmath.matrix(a.tolist()) * root)
        missed = numpy.array((total - s).tolist(), dtype=float)
    assert numpy.abs(missed).max() <= 1e-11 * numpy.abs(found.covariance).max()

    # No law nearby is nearer.
    def objective(s):
        zero = numpy.zeros(3)
        pairs = zip(w, covariances, strict=True)
        return sum(v * float(gaussian_wasserstein(zero, s, zero, a, power=True)) for v, a in pairs)

    least = objective(found.covariance)
    for _ in range(5):
        factor = numpy.eye(3) + 1e-3 * rng.standard_normal((3, 3))
        assert objective(factor @ found.covariance @ factor.T) > least


def test_singular_covariances_have_a_barycenter(rng):
    # All on one line: deviations 1 and 3.
    line = numpy.outer([0.6, 0.8], [0.6, 0.8])
    found = gaussian_barycenter(numpy.zeros((2, 2)), [line, 9 * line])
    numpy.testing.assert_allclose(found.covariance, 4 * line, atol=1e-14)
    # Diracs; a Dirac and a law: half the deviations.
    assert not gaussian_barycenter(numpy.zeros((2, 2)), numpy.zeros((2, 2, 2))).covariance.any()
    a = covariance(rng, 3, 2)
    found = gaussian_barycenter(numpy.zeros((2, 3)), [a, numpy.zeros((3, 3))])
    numpy.testing.assert_allclose(found.covariance, a / 4, rtol=0, atol=1e-13 * numpy.abs(a).max())
    # Orthogonal lines: sum w_k W^2 = 1/2 at every barycenter, of trace 1/2.
    pair = [numpy.diag([1.0, 0.0]), numpy.diag([0.0, 1.0])]
    found = gaussian_barycenter(numpy.zeros((2, 2)), pair)
    distances = [float(gaussian_wasserstein([0, 0], found.covariance, [0, 0], a, power=True)) for a in pair]
    assert sum(distances) / 2 == pytest.approx(0.5, rel=1e-13)
    assert numpy.trace(found.covariance) == pytest.approx(0.5, rel=1e-13)


def test_units_do_not_matter_and_few_iterations_warn(rng):
    covariances = [covariance(rng, 3) for _ in range(3)]
    plain = gaussian_barycenter(numpy.zeros((3, 3)), covariances)
    for unit in (1e-200, 1e200):
        scaled = gaussian_barycenter(numpy.zeros((3, 3)), [unit * a for a in covariances])
        numpy.testing.assert_allclose(scaled.covariance / unit, plain.covariance, rtol=1e-9)
    with pytest.warns(UserWarning, match="gaussian_barycenter stopped after 1 iterations with a residual"):
        found = gaussian_barycenter(numpy.zeros((3, 3)), covariances, max_iterations=1)
    assert not found.converged
    assert found.residual > 1e-12


def test_normal_laws_in_several_dimensions_give_a_law(rng):
    laws = [d.MultivariateNormal(rng.standard_normal(2), covariance(rng, 2) + numpy.eye(2)) for _ in range(3)]
    found = barycenter(laws, [1, 1, 2])
    expected = gaussian_barycenter([p.loc for p in laws], [p.covariance_matrix for p in laws], [1, 1, 2])
    assert isinstance(found, d.MultivariateNormal)
    numpy.testing.assert_array_equal(found.covariance_matrix, expected.covariance)
    numpy.testing.assert_array_equal(found.loc, expected.loc)


def test_a_support_takes_the_entropic_barycenter():
    samples, support = [[0.0], [2.0]], [0.0, 1.0, 2.0]
    found = barycenter(samples, [0.5, 0.5], support=support, epsilon=0.05)
    numpy.testing.assert_array_equal(found, entropic_barycenter(samples, support, epsilon=0.05))


def test_keeps_library_and_dtype(library, rng):
    x, y = rng.standard_normal(4), rng.standard_normal(6)
    a = [covariance(rng, 2) + numpy.eye(2) for _ in range(2)]
    points, masses = barycenter([x, y], [1, 3], sample_weights=[None, [1, 2, 1, 1, 1, 2]])
    matrix = gaussian_barycenter(numpy.zeros((2, 2)), a).covariance
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-4)):
        pair = [library.asarray(v, dtype) for v in (x, y)]
        found = barycenter(pair, [1, 3], sample_weights=[None, library.asarray([1, 2, 1, 1, 1, 2], dtype)])
        for array, wanted in zip(found, (points, masses), strict=True):
            assert library.owns(array, dtype)
            numpy.testing.assert_allclose(library.host(array), wanted, rtol=tolerance, atol=tolerance)
        found = gaussian_barycenter(library.asarray(numpy.zeros((2, 2)), dtype), [library.asarray(m, dtype) for m in a])
        assert library.owns(found.covariance, dtype)
        assert library.owns(found.loc, dtype)
        numpy.testing.assert_allclose(library.host(found.covariance), matrix, rtol=tolerance)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: barycenter([]), ValueError, "`samples` must hold a sample or a law"),
        (lambda: barycenter([[1.0], d.Normal(0.0, 1.0)]), TypeError, "must be all laws or all samples"),
        (lambda: barycenter([[1.0], []]), ValueError, r"`samples\[1\]` must have shape \(n,\) with n >= 1"),
        (lambda: barycenter([[1.0], [math.nan]]), ValueError, r"`samples\[1\]` must be finite"),
        (lambda: barycenter([numpy.ones((2, 2))]), ValueError, "must lie on the line"),
        (lambda: barycenter([[1.0], [2.0]], [-1.0, 2.0]), ValueError, "`weights` must be >= 0"),
        (lambda: barycenter([[1.0], [2.0]], [1.0]), ValueError, "`weights` must have one weight for each of 2 samples"),
        (lambda: barycenter([[1.0]], sample_weights=[[1.0, 2.0]]), ValueError, r"`sample_weights\[0\]` must have one"),
        (lambda: barycenter([[1.0]], sample_weights=[None, None]), ValueError, "an entry for each of 1 samples, got 2"),
        (lambda: barycenter([[1.0]], tolerance=1.0), TypeError, "`tolerance` is no argument of a barycenter on"),
        (lambda: barycenter([[1.0]], support=[1.0]), ValueError, "`support` and `epsilon` go together"),
        (lambda: barycenter([d.Normal(0.0, 1.0)], sample_weights=[None]), ValueError, "belong to samples, got laws"),
        (lambda: barycenter([d.Dirichlet([1.0, 1.0])]), ValueError, "must be normal laws without a batch"),
        (lambda: gaussian_barycenter([[0.0]], [[[-1.0]]]), ValueError, "`covariances` must be positive semi-definite"),
        (lambda: gaussian_barycenter([[0.0]], [[1.0]]), ValueError, r"must have shapes \(k, d\) and \(k, d, d\)"),
        (lambda: gaussian_barycenter([[0.0], [0.0, 1.0]], numpy.ones((2, 1, 1))), ValueError, "`locs` must have one"),
        (lambda: gaussian_barycenter([[0.0]], [[[1.0]]], [0.0]), ValueError, "`weights` must have a positive sum"),
        (lambda: gaussian_barycenter(numpy.zeros((1, 2)), [[[1.0, 1.0], [0.0, 1.0]]]), ValueError, "must be symmetric"),
    ],
)
def test_bad_input_is_one_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.peers
def test_gradients_flow_to_points():
    torch = pytest.importorskip("torch")
    x = torch.tensor([3.0, 1.0], dtype=torch.float64, requires_grad=True)
    points, _ = barycenter([x, torch.tensor([0.0, 5.0], dtype=torch.float64)], [0.25, 0.75])
    points[0].backward()
    numpy.testing.assert_array_equal(x.grad.numpy(), [0.0, 0.25])
