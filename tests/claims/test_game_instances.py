"""Games that claims draw have the spectra that their predictions count on."""

import mpmath
import numpy

from gamedyn.claims._game_instances import bilinear_modes, root_error, saddle, zero_sum_game


def test_singular_values_and_vectors_are_the_ones_returned(rng):
    game, s, u, v = bilinear_modes(rng)
    numpy.testing.assert_allclose(game.matrix @ v, u * s, atol=1e-14)
    numpy.testing.assert_allclose(v.T @ v, numpy.eye(3), atol=1e-14)
    assert s.min() >= 0.5


def test_zero_sum_games_have_the_curvature_and_opposed_interests(rng):
    curvature = numpy.array([0.1, 0.2, 0.3, 0.4, 0.5])
    game = zero_sum_game(rng, curvature)
    jacobian = game.jacobian(numpy.zeros(5))
    numpy.testing.assert_allclose(numpy.linalg.eigvalsh((jacobian + jacobian.T) / 2), curvature, rtol=1e-13)
    agreeing = zero_sum_game(rng, curvature, sign=1.0).jacobian(numpy.zeros(5))
    numpy.testing.assert_allclose(agreeing, agreeing.T, atol=1e-15)


def test_a_saddle_is_its_formula():
    # a x^2 + s x y + b y^2 at (2, 3) with a, s, b = 5, 7, 11: 20 + 42 + 99.
    game = saddle(5.0, 7.0, 11.0)
    assert game.losses(numpy.array([2.0, 3.0])).tolist() == [161.0, -161.0]
    assert game.jacobian(numpy.zeros(2)).tolist() == [[10.0, 7.0], [-7.0, -22.0]]


def test_root_error_bounds_what_rounding_does_to_close_eigenvalues():
    for gap in (1.0, 1e-3, 1e-6, 1e-9, 0.0):
        matrix = numpy.array([[1 + gap / 2, 1.0], [0.0, 1 - gap / 2]])
        turn = numpy.array([[0.6, -0.8], [0.8, 0.6]])
        matrix = turn @ matrix @ turn.T
        with mpmath.workdps(50):
            trace = mpmath.mpf(matrix[0, 0]) + mpmath.mpf(matrix[1, 1])
            determinant = mpmath.mpf(matrix[0, 0]) * matrix[1, 1] - mpmath.mpf(matrix[0, 1]) * matrix[1, 0]
            root = mpmath.sqrt(trace**2 / 4 - determinant)
            exact = [complex(trace / 2 - root), complex(trace / 2 + root)]
        found = numpy.sort_complex(numpy.linalg.eigvals(matrix).astype(complex))
        error = numpy.max(abs(found - numpy.sort_complex(exact)))
        assert error <= root_error(abs(exact[1] - exact[0]), 2.0)
    # and is no wider than a hundredth of a percent where roots are apart
    assert root_error(0.1, 2.0) < 1e-12
