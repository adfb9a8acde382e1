import mpmath
import numpy
import pytest

from gamedyn.equilibria import game_spectrum, spectral_radius
from gamedyn.equilibria._two_by_two import eigenvalues, eigenvalues_two_by_two
from gamedyn.games import Quadratic
from gamedyn.updates import SimultaneousGradientDescent


def exact(matrix):
    """The roots of the characteristic polynomial, to sixty digits, sorted as the code sorts."""
    with mpmath.workdps(700):
        a, b, c, d = (mpmath.mpf(float(x)) for x in matrix.ravel())
        root = mpmath.sqrt(((a - d) / 2) ** 2 + b * c)
        return sorted(((a + d) / 2 + s * root for s in (-1, 1)), key=lambda v: (mpmath.re(v), mpmath.im(v)))


def hard_matrices(rng):
    plain = rng.standard_normal((40, 2, 2))
    near_double = plain.copy()
    near_double[:, 1, 0] = -(((plain[:, 0, 0] - plain[:, 1, 1]) / 2) ** 2) / plain[:, 0, 1]
    near_singular = plain.copy()
    near_singular[:, 1, 1] = plain[:, 0, 1] * plain[:, 1, 0] / plain[:, 0, 0]
    close = plain.copy()
    close[:, 1, 1] = close[:, 0, 0] * (1 + 1e-9)
    close[:, 0, 1] *= 1e-14
    spread = plain * numpy.exp(30 * rng.standard_normal(plain.shape))
    scaled = [plain[:8] * factor for factor in (1e-290, 1e-160, 1e160, 1e300)]
    return numpy.concatenate([plain, near_double, near_singular, close, spread, *scaled])


def test_every_eigenvalue_has_its_digits(rng):
    matrices = hard_matrices(rng)
    found = eigenvalues_two_by_two(matrices)
    for matrix, values in zip(matrices, found, strict=True):
        for value, true in zip(values, exact(matrix), strict=True):
            assert abs(mpmath.mpc(value) - true) <= 1e-14 * abs(true)


def test_rotations_projections_and_zero_are_exact():
    matrices = numpy.array([[[0, 2], [-2, 0]], [[1, 0], [0, 0]], [[0, 0], [0, 0]], [[3, 0], [0, 3]], [[0, 1], [0, 0]]])
    expected = [[-2j, 2j], [0, 1], [0, 0], [3, 3], [0, 0]]
    numpy.testing.assert_array_equal(eigenvalues_two_by_two(matrices.astype(float)), expected)


def test_batches_of_any_shape_agree_with_lapack_and_its_order(rng):
    matrices = rng.standard_normal((3, 1000, 2, 2))
    found = eigenvalues(matrices)
    assert found.shape == (3, 1000, 2)
    expected = numpy.sort(numpy.linalg.eigvals(matrices), axis=-1)
    numpy.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)
    assert numpy.all(found.real[..., 0] <= found.real[..., 1])
    equal = found.real[..., 0] == found.real[..., 1]
    assert numpy.all(found.imag[..., 0][equal] <= found.imag[..., 1][equal])
    assert eigenvalues(matrices[0, 0]).shape == (2,)
    assert eigenvalues(numpy.zeros((0, 2, 2))).shape == (0, 2)


def test_what_is_not_finite_is_refused():
    matrices = numpy.ones((20, 2, 2))
    matrices[3, 0, 1] = numpy.nan
    with pytest.raises(numpy.linalg.LinAlgError):
        eigenvalues(matrices)


def test_spectra_of_a_batch_use_it(rng):
    game = Quadratic.from_jacobian([[1.0, 3.0], [-3.0, 1.0]], (1, 1))
    points = numpy.zeros((20, 2))
    numpy.testing.assert_array_equal(game_spectrum(game, points), [[1 - 3j, 1 + 3j]] * 20)
    # |1 - h (1 + 3i)| for one step size per point.
    h = numpy.linspace(0.05, 0.4, 20)
    radius = spectral_radius(SimultaneousGradientDescent(h), game, points)
    numpy.testing.assert_allclose(radius, numpy.sqrt((1 - h) ** 2 + 9 * h**2), rtol=1e-14)
    single = game_spectrum(game, points.astype("float32"))
    assert single.dtype == numpy.complex64
