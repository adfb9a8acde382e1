"""Numerical range, numerical abscissa and departure from normality."""

import numpy
import pytest
from scipy.linalg import expm

from gamedyn.equilibria import departure_from_normality, numerical_abscissa, numerical_range
from gamedyn.games import strongly_monotone_game


def test_of_two_by_two_it_is_an_ellipse_with_the_eigenvalues_as_its_foci():
    # Elliptical range theorem: foci a and b, minor axis |c|, for [[a, c], [0, b]].
    a, b, c = 1.0, 3.0, 2.0
    points = numerical_range([[a, c], [0.0, b]], n=90)
    major = numpy.sqrt((a - b) ** 2 + c**2)
    assert numpy.allclose(numpy.abs(points - a) + numpy.abs(points - b), major, rtol=1e-12)
    assert numpy.max(points.imag) == pytest.approx(c / 2, rel=1e-2)
    # Counterclockwise: all turns are to the left.
    steps = numpy.diff(numpy.append(points, points[:2]))
    assert numpy.all((steps[:-1].conj() * steps[1:]).imag > 0)


def test_of_a_normal_matrix_it_is_spanned_by_the_eigenvalues():
    game = strongly_monotone_game(0.5, 2.0)
    points = numerical_range(game.jacobian(numpy.zeros(2)), n=16)
    ends = numpy.array([0.5 + 2j, 0.5 - 2j])
    # Only straight up to rounding; at angles 0 and pi any point of the segment touches.
    others = numpy.delete(points, [0, 8])
    assert numpy.max(numpy.min(numpy.abs(others[:, None] - ends), axis=1)) < 1e-12
    assert numpy.allclose(points.real, 0.5)


def test_random_vectors_never_leave_it(rng):
    matrix = rng.standard_normal((5, 5)) + 1j * rng.standard_normal((5, 5))
    n = 60
    points = numerical_range(matrix, n=n)
    x = rng.standard_normal((2000, 5)) + 1j * rng.standard_normal((2000, 5))
    x /= numpy.linalg.norm(x, axis=-1)[:, None]
    inside = numpy.einsum("ki,ij,kj->k", x.conj(), matrix, x)
    turn = numpy.exp(-2j * numpy.pi * numpy.arange(n) / n)
    reach = (turn * points).real
    assert numpy.all((turn * inside[:, None]).real <= reach + 1e-10)
    assert numpy.all((turn * numpy.linalg.eigvals(matrix)[:, None]).real <= reach + 1e-10)
    # Every half plane is touched by the point that belongs to it.
    assert numpy.all((turn[:, None] * points).real <= reach[:, None] + 1e-10)


def test_abscissa_is_the_slope_of_the_exponential(rng):
    matrix = rng.standard_normal((4, 4, 4))
    t = 1e-6
    growth = [(numpy.linalg.norm(expm(t * m), 2) - 1) / t for m in matrix]
    assert numpy.allclose(numerical_abscissa(matrix), growth, rtol=1e-4, atol=1e-4)
    assert numpy.all(numerical_abscissa(matrix) >= numpy.linalg.eigvals(matrix).real.max(-1))
    assert float(numerical_abscissa([[0, 1j], [-1j, 0]])) == pytest.approx(1)


def test_departure_is_what_the_squares_leave(rng):
    matrix = rng.standard_normal((6, 3, 3))
    eigenvalues = numpy.linalg.eigvals(matrix)
    expected = numpy.sqrt(numpy.sum(matrix**2, axis=(-2, -1)) - numpy.sum(numpy.abs(eigenvalues) ** 2, axis=-1))
    assert numpy.allclose(departure_from_normality(matrix), expected, rtol=1e-10)
    # The difference of squares would be of order 1e-8 here.
    turned = numpy.linalg.qr(rng.standard_normal((6, 6)))[0]
    normal = turned @ numpy.diag(numpy.arange(6.0)) @ turned.T
    assert departure_from_normality(normal) < 1e-13
    assert departure_from_normality([[1.0, 1e-12], [0.0, 1.0]]) == 1e-12


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_results_stay_where_the_matrix_is(game_library, dtype):
    matrix = game_library.asarray([[1.0, 2.0], [0.0, 3.0]], dtype)
    points = numerical_range(matrix, n=8)
    assert game_library.owns(points, "complex128" if dtype == "float64" else "complex64")
    assert game_library.owns(numerical_abscissa(matrix), dtype)
    assert game_library.owns(departure_from_normality(matrix), dtype)
    assert float(departure_from_normality(matrix)) == 2


def test_bad_input_is_named():
    for function in (numerical_range, numerical_abscissa, departure_from_normality):
        with pytest.raises(ValueError, match=r"`matrix` must have shape \(\.\.\., d, d\) with d >= 1, got \(2, 3\)"):
            function(numpy.zeros((2, 3)))
        with pytest.raises(ValueError, match="`matrix` must be finite"):
            function([[numpy.nan]])
    with pytest.raises(ValueError, match="`n` must be at least 3, got 2"):
        numerical_range([[1.0]], n=2)
