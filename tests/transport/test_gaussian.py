"""Facts about the Wasserstein distance between Gaussians."""

import math

import mpmath
import numpy
import pytest

from gamedyn.transport import gaussian_wasserstein


def trace_formula(a, b):
    """tr(A + B - 2 (A^1/2 B A^1/2)^1/2) with 60 digits, rooted."""
    with mpmath.workdps(60):
        a, b = mpmath.matrix(a.tolist()), mpmath.matrix(b.tolist())
        values, vectors = mpmath.eigsy(a)
        root = vectors * mpmath.diag([mpmath.sqrt(max(e, 0)) for e in values]) * vectors.T
        inner = root * b * root
        inner = mpmath.eigsy((inner + inner.T) / 2, eigvals_only=True)
        trace = sum(a[i, i] + b[i, i] for i in range(a.rows))
        return float(mpmath.sqrt(trace - 2 * sum(mpmath.sqrt(max(e, 0)) for e in inner)))


def random_covariance(rng, d, rank=None):
    factor = rng.standard_normal((d, rank or d))
    return factor @ factor.T


def test_agrees_with_the_trace_formula_in_60_digits(rng):
    zero = numpy.zeros(4)
    for _ in range(5):
        a, b = random_covariance(rng, 4), random_covariance(rng, 4)
        assert float(gaussian_wasserstein(zero, a, zero, b)) == pytest.approx(trace_formula(a, b), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("apart", [1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12])
def test_keeps_digits_between_nearly_equal_laws(apart, rng):
    # The trace formula loses all digits of W once W^2 is below 1e-16 of the trace: at apart = 1e-8.
    a = random_covariance(rng, 6) + numpy.eye(6)
    b = a + apart * random_covariance(rng, 6)
    zero = numpy.zeros(6)
    found = float(gaussian_wasserstein(zero, a, zero, b))
    assert found == pytest.approx(trace_formula(a, b), rel=1e-13, abs=0.0)


@pytest.mark.parametrize("kind", ["far", "near", "graded", "small", "large"])
def test_keeps_13_digits_on_random_pairs(kind, rng):
    for d in (1, 2, 3, 5):
        for _ in range(2):
            a, b = random_covariance(rng, d), random_covariance(rng, d)
            if kind == "near":
                a = a + numpy.eye(d)
                b = a + 10.0 ** -rng.integers(2, 13) * b
            elif kind == "graded":
                s = numpy.diag(10.0 ** rng.uniform(-3, 0, d))
                a, b = s @ a @ s, s @ b @ s
            elif kind in ("small", "large"):
                unit = 1e-250 if kind == "small" else 1e250
                a, b = unit * a, unit * b
            a, b = (a + a.T) / 2, (b + b.T) / 2
            value = float(gaussian_wasserstein(numpy.zeros(d), a, numpy.zeros(d), b))
            assert value == pytest.approx(trace_formula(a, b), rel=1e-13, abs=0.0)


def test_equal_laws_are_at_distance_zero_even_if_singular(rng):
    for rank in (1, 3, 8):
        a = random_covariance(rng, 8, rank)
        value = float(gaussian_wasserstein(numpy.ones(8), a, numpy.ones(8), a))
        assert 0 <= value < 1e-13 * math.sqrt(numpy.trace(a))


def test_singular_laws_have_a_distance(rng):
    # N(0, e1 e1^T) and N(0, e2 e2^T) live on orthogonal lines: W^2 = 1 + 1.
    a, b = numpy.diag([1.0, 0.0]), numpy.diag([0.0, 1.0])
    assert float(gaussian_wasserstein([0.0, 0.0], a, [0.0, 0.0], b)) == pytest.approx(
        math.sqrt(2.0), rel=1e-15, abs=0.0
    )
    # A Dirac and a law: W^2 = tr A.
    a = random_covariance(rng, 5, 2)
    value = gaussian_wasserstein(numpy.zeros(5), a, numpy.zeros(5), numpy.zeros((5, 5)), power=True)
    assert float(value) == pytest.approx(numpy.trace(a), rel=1e-13, abs=0.0)


def test_large_dimensions_agree_with_singular_values(rng):
    # From d = 32 on, eigenvalues of a Gram matrix replace singular values where these are not small.
    for d in (40, 64):
        a, b = random_covariance(rng, d) + numpy.eye(d), 2 * random_covariance(rng, d) + numpy.eye(d)
        values, vectors = numpy.linalg.eigh(a)
        root = (vectors * numpy.sqrt(values)) @ vectors.T
        values, vectors = numpy.linalg.eigh(b)
        other = (vectors * numpy.sqrt(values)) @ vectors.T
        squared = numpy.trace(a + b) - 2 * numpy.linalg.svd(root @ other, compute_uv=False).sum()
        value = gaussian_wasserstein(numpy.zeros(d), a, numpy.zeros(d), b, power=True)
        assert float(value) == pytest.approx(squared, rel=1e-12, abs=0.0)
    # Orthogonal supports but for noise of 1e-9: the small singular values are those of the noise.
    a = numpy.diag([1.0] * 20 + [1e-18] * 20)
    value = gaussian_wasserstein(numpy.zeros(40), a, numpy.zeros(40), a[::-1, ::-1])
    assert float(value) == pytest.approx(math.sqrt(40) * (1 - 1e-9), rel=1e-15, abs=0.0)


def test_commuting_covariances_reduce_to_deviations(rng):
    s, t = rng.uniform(0.1, 3, 5), rng.uniform(0.1, 3, 5)
    m = rng.standard_normal(5)
    value = gaussian_wasserstein(m, numpy.diag(s**2), 2 * m, numpy.diag(t**2))
    assert float(value) == pytest.approx(math.sqrt(numpy.sum(m**2) + numpy.sum((s - t) ** 2)), rel=1e-13, abs=0.0)


def test_is_invariant_under_rotation(rng):
    a, b = random_covariance(rng, 4), random_covariance(rng, 4)
    rotation = numpy.linalg.qr(rng.standard_normal((4, 4)))[0]
    zero = numpy.zeros(4)
    turned = gaussian_wasserstein(zero, rotation @ a @ rotation.T, zero, rotation @ b @ rotation.T)
    assert float(turned) == pytest.approx(float(gaussian_wasserstein(zero, a, zero, b)), rel=1e-12, abs=0.0)


def test_rounding_may_make_an_eigenvalue_negative_and_nothing_else_may():
    zero, almost = numpy.zeros(2), numpy.diag([1.0, -1e-15])
    assert float(gaussian_wasserstein(zero, almost, zero, numpy.zeros((2, 2)))) == 1.0
    with pytest.raises(ValueError, match="smallest eigenvalue of -1e-09"):
        gaussian_wasserstein(zero, numpy.diag([1.0, -1e-9]), zero, almost)


def test_batches_broadcast(rng):
    a = numpy.stack([random_covariance(rng, 3) for _ in range(4)])
    b = random_covariance(rng, 3)
    zero = numpy.zeros(3)
    batch = gaussian_wasserstein(zero, a, rng.standard_normal((2, 1, 3)), b)
    assert batch.shape == (2, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.0, 0.0], numpy.eye(3), [0.0, 0.0], numpy.eye(2)), "got `covariance_x` of shape"),
        (([0.0], [[-1.0]], [0.0], [[1.0]]), "`covariance_x` must be positive semi-definite, got a smallest eigenvalue"),
        (([0.0, 0.0], [[1.0, 0.5], [0.0, 1.0]], [0.0, 0.0], numpy.eye(2)), "`covariance_x` must be symmetric"),
        (([0.0], [[1.0]], [math.nan], [[1.0]]), r"`loc_y` must be finite, got loc_y\[0\] = nan"),
        ((0.0, [[1.0]], [0.0], [[1.0]]), "got `loc_x` of shape"),
        ((numpy.zeros((2, 1)), [[1.0]], numpy.zeros((3, 1)), [[1.0]]), r"must broadcast, got `loc_x`: \(2,\)"),
        (([0.0], [[1.0]], [0.0]), "`covariance_y` must be given"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        gaussian_wasserstein(*arguments)


@pytest.mark.parametrize("unit", [1e-320, 1e-200, 1.0, 1e160, 1e306])
def test_far_and_near_means_are_not_squared(unit, library):
    spread = numpy.zeros((2, 2))
    native = [library.asarray(array) for array in (numpy.zeros(2), spread, unit * numpy.array([3.0, 4.0]), spread)]
    value, by_mean, *_ = gaussian_wasserstein(*native, return_gradient=True)
    if unit > 1e-300 or library.name == "numpy":  # others may flush subnormal numbers to 0
        assert float(value) == pytest.approx(5 * unit, rel=1e-3 if unit < 1e-300 else 1e-15, abs=0.0)
    expected = [0.0, 0.0] if unit < 1e-300 else [-0.6, -0.8]
    numpy.testing.assert_allclose(library.host(by_mean), expected, rtol=1e-15)
    # Beside a far mean a spread does not count, and one of its size does.
    wide = library.asarray(numpy.diag([(12 * unit) ** 2, 0.0]) if 1e-150 < unit < 1e150 else spread)
    both = gaussian_wasserstein(native[0], native[1], native[2], wide)
    assert float(both) == pytest.approx(13.0 if unit == 1.0 else float(value), rel=1e-15, abs=0.0)


def test_libraries_are_not_mixed():
    strict = pytest.importorskip("array_api_strict")
    with pytest.raises(TypeError, match="different libraries"):
        gaussian_wasserstein([0.0], numpy.eye(1), [0.0], strict.eye(1))
