"""Facts about the optimal map between Gaussian laws and the gradient of their distance, against 60 digits."""

import math

import mpmath
import numpy
import pytest

from gamedyn.transport import gaussian_map, gaussian_wasserstein


def mp_root(m):
    values, vectors = mpmath.eigsy((m + m.T) / 2)
    return vectors * mpmath.diag([mpmath.sqrt(max(e, 0)) for e in values]) * vectors.T


def mp_squared(a, b):
    root = mp_root(a)
    inner = mp_root(root * b * root)
    return sum(a[i, i] + b[i, i] - 2 * inner[i, i] for i in range(a.rows))


def covariance(rng, d, rank=None):
    factor = rng.standard_normal((d, rank or d))
    return factor @ factor.T


@pytest.mark.parametrize("apart", [1.0, 1e-3, 1e-8, 1e-13])
def test_map_less_the_identity_keeps_its_digits(apart, rng):
    d = 4
    a = covariance(rng, d) + numpy.eye(d)
    b = a + apart * covariance(rng, d)
    with mpmath.workdps(60):
        x, y = mpmath.matrix(a.tolist()), mpmath.matrix(b.tolist())
        root = mp_root(x)
        inverse = root**-1
        expected = inverse * mp_root(root * y * root) * inverse - mpmath.eye(d)
        expected = numpy.array(expected.tolist(), dtype=float)
    *_, by_a, _, _ = gaussian_wasserstein(numpy.zeros(d), a, numpy.zeros(d), b, power=True, return_gradient=True)
    numpy.testing.assert_allclose(-by_a, expected, rtol=0, atol=1e-13 * numpy.abs(expected).max())
    found = gaussian_map(numpy.zeros(d), a, numpy.zeros(d), b).matrix
    numpy.testing.assert_allclose(found, expected + numpy.eye(d), rtol=0, atol=1e-14 * numpy.abs(found).max())


def test_map_pushes_one_law_to_the_other_and_costs_their_distance(rng):
    d = 5
    m, n, a, b = rng.standard_normal(d), rng.standard_normal(d), covariance(rng, d), covariance(rng, d)
    transport = gaussian_map(m, a, n, b)
    numpy.testing.assert_allclose(transport.matrix @ a @ transport.matrix, b, rtol=0, atol=1e-12 * numpy.abs(b).max())
    assert numpy.linalg.eigvalsh(transport.matrix).min() > 0
    numpy.testing.assert_allclose(transport(m), n, rtol=1e-15)
    # E |x - T(x)|^2 = |m - n|^2 + tr((I - T) A (I - T)).
    rest = numpy.eye(d) - transport.matrix
    cost = numpy.sum((m - n) ** 2) + numpy.trace(rest @ a @ rest)
    assert float(gaussian_wasserstein(m, a, n, b, power=True)) == pytest.approx(cost, rel=1e-12, abs=0.0)


def test_singular_laws_have_a_map_where_the_source_has_variance(rng):
    # On the plane spanned by the first two axes: deviations 1, 2 to 3, 4.
    a, b = numpy.diag([1.0, 4.0, 0.0]), numpy.diag([9.0, 16.0, 0.0])
    numpy.testing.assert_allclose(
        gaussian_map(numpy.zeros(3), a, numpy.zeros(3), b).matrix, numpy.diag([3, 2, 1]), atol=1e-15
    )
    numpy.testing.assert_array_equal(gaussian_map([0.0], [[0.0]], [1.0], [[0.0]])([0.0]), [1.0])
    with pytest.raises(ValueError, match="`covariance_x` must have variance in every direction"):
        gaussian_map(numpy.zeros(3), a, numpy.zeros(3), numpy.eye(3))


def test_singular_equal_laws_have_the_identity(rng):
    for rank in (1, 3):
        a = covariance(rng, 5, rank)
        _, *gradients = gaussian_wasserstein(numpy.ones(5), a, numpy.ones(5), a, return_gradient=True)
        for gradient in gradients:
            numpy.testing.assert_allclose(gradient, 0, atol=1e-7)


def test_gradients_are_those_of_the_trace_formula(rng):
    d, h = 3, mpmath.mpf(10) ** -20
    m, n, a, b = rng.standard_normal(d), rng.standard_normal(d), covariance(rng, d), covariance(rng, d)
    squared, *slopes = gaussian_wasserstein(m, a, n, b, power=True, return_gradient=True)
    value, *of_root = gaussian_wasserstein(m, a, n, b, return_gradient=True)
    numpy.testing.assert_allclose(value**2, squared, rtol=1e-14)
    numpy.testing.assert_allclose(slopes[0], 2 * (m - n), rtol=1e-15)
    numpy.testing.assert_allclose(slopes[2], -2 * (m - n), rtol=1e-15)
    with mpmath.workdps(60):
        x, y = mpmath.matrix(a.tolist()), mpmath.matrix(b.tolist())
        for i in range(d):
            for j in range(i + 1):
                # A symmetric direction sees both entries.
                step = mpmath.zeros(d)
                step[i, j] += h / 2
                step[j, i] += h / 2
                by_a = (mp_squared(x + step, y) - mp_squared(x - step, y)) / (2 * h)
                by_b = (mp_squared(x, y + step) - mp_squared(x, y - step)) / (2 * h)
                assert slopes[1][i, j] == pytest.approx(float(by_a), rel=1e-11, abs=1e-13)
                assert slopes[3][i, j] == pytest.approx(float(by_b), rel=1e-11, abs=1e-13)
    for root, square in zip(of_root, slopes, strict=True):
        numpy.testing.assert_allclose(root, square / (2 * value), rtol=1e-13)


def test_gradients_at_equal_laws_are_zero_not_nan():
    # Trap: differentiating eigenvectors at equal eigenvalues gives nan.
    for a in (numpy.eye(3), numpy.diag([1.0, 1.0, 2.0]), numpy.zeros((3, 3))):
        for power in (True, False):
            value, *gradients = gaussian_wasserstein([1.0, 2.0, 3.0], a, [1.0, 2.0, 3.0], a, power=power,
                                                     return_gradient=True)  # fmt: skip
            assert float(value) == 0.0
            for gradient in gradients:
                numpy.testing.assert_array_equal(gradient, numpy.zeros_like(gradient))


def test_batches_have_gradients_of_the_shape_of_the_pairs(rng):
    a = numpy.stack([covariance(rng, 3) for _ in range(4)])
    m, n, b = numpy.zeros(3), rng.standard_normal((2, 1, 3)), covariance(rng, 3)
    value, *gradients = gaussian_wasserstein(m, a, n, b, return_gradient=True)
    assert [g.shape for g in gradients] == [(2, 4, 3), (2, 4, 3, 3), (2, 4, 3), (2, 4, 3, 3)]
    _, *squared = gaussian_wasserstein(m, a, n, b, power=True, return_gradient=True)
    assert [g.shape for g in squared] == [g.shape for g in gradients]
    one = gaussian_wasserstein(m, a[2], n[1, 0], b, return_gradient=True)
    for many, single in zip((value, *gradients), one, strict=True):
        numpy.testing.assert_allclose(many[1, 2], single, rtol=1e-13, atol=1e-15)
    maps = gaussian_map(m, a, n, b)
    assert maps(numpy.zeros((2, 4, 3))).shape == (2, 4, 3)


def test_keeps_library_and_dtype(library, rng):
    m, n, a, b = rng.standard_normal(3), rng.standard_normal(3), covariance(rng, 3), covariance(rng, 3)
    expected = gaussian_wasserstein(m, a, n, b, return_gradient=True)
    image = gaussian_map(m, a, n, b)([1.0, 2.0, 3.0])
    for dtype, tolerance in (("float64", 1e-10), ("float32", 1e-2)):
        arrays = [library.asarray(array, dtype) for array in (m, a, n, b)]
        for found, wanted in zip(gaussian_wasserstein(*arrays, return_gradient=True), expected, strict=True):
            assert library.owns(found, dtype)
            numpy.testing.assert_allclose(library.host(found), wanted, rtol=tolerance, atol=tolerance)
        found = gaussian_map(*arrays)(library.asarray([1.0, 2.0, 3.0], dtype))
        assert library.owns(found, dtype)
        numpy.testing.assert_allclose(library.host(found), image, rtol=tolerance, atol=tolerance)


def test_bad_points_are_one_sentence():
    with pytest.raises(ValueError, match=r"`x` must have shape \(..., 2\), got \(3,\)"):
        gaussian_map([0.0, 0.0], numpy.eye(2), [0.0, 0.0], numpy.eye(2))([1.0, 2.0, 3.0])


@pytest.mark.peers
@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("power", [False, True])
def test_gradients_flow_by_the_same_formulas(equal, power, rng):
    torch = pytest.importorskip("torch")
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    m, a = rng.standard_normal(3), numpy.diag([1.0, 1.0, 2.0])
    n, b = (m, a) if equal else (rng.standard_normal(3), covariance(rng, 3))
    _, *expected = gaussian_wasserstein(m, a, n, b, power=power, return_gradient=True)
    tensors = [torch.tensor(array, requires_grad=True) for array in (m, a, n, b)]
    gaussian_wasserstein(*tensors, power=power).backward()

    def function(*arrays):
        return gaussian_wasserstein(*arrays, power=power, check=False)

    traced = jax.jit(jax.grad(function, argnums=(0, 1, 2, 3)))(*(jax.numpy.asarray(array) for array in (m, a, n, b)))
    for tensor, by_jax, wanted in zip(tensors, traced, expected, strict=True):
        numpy.testing.assert_allclose(tensor.grad.numpy(), wanted, rtol=1e-9, atol=1e-7)
        numpy.testing.assert_allclose(by_jax, wanted, rtol=1e-9, atol=1e-7)
    # One law against a batch: gradients are summed over it.
    many = torch.tensor(numpy.stack([a, b, a + b]), requires_grad=True)
    loc = torch.tensor(m, requires_grad=True)
    gaussian_wasserstein(loc, many, torch.tensor(n), torch.tensor(b), power=True).sum().backward()
    numpy.testing.assert_allclose(loc.grad.numpy(), 6 * (m - n), rtol=1e-12, atol=1e-13)
    assert math.isfinite(float(many.grad.abs().sum()))
