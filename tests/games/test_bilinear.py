"""The bilinear game."""

import numpy
import pytest

from gamedyn.games import Bilinear


def test_losses_are_the_bilinear_form_and_its_negative():
    # f(x, y) = 2 x y1 + 3 x y2 + 5 x + 7 y1 + 11 y2 at x = 1, y = (2, -1): 4 - 3 + 5 + 14 - 11 = 9.
    game = Bilinear([[2, 3]], [5], [7, 11])
    assert game.losses(numpy.array([1.0, 2.0, -1.0])).tolist() == [9.0, -9.0]
    assert game.dims == (1, 2)


def test_eigenvalues_are_imaginary_singular_values(rng):
    matrix = rng.standard_normal((3, 2))
    eigenvalues = numpy.linalg.eigvals(Bilinear(matrix).jacobian(numpy.zeros(5)))
    singular = numpy.linalg.svd(matrix, compute_uv=False)
    numpy.testing.assert_allclose(abs(eigenvalues.real), 0, atol=1e-14)
    numpy.testing.assert_allclose(sorted(eigenvalues.imag), sorted([*singular, *-singular, 0.0]), atol=1e-13)


def test_no_player_curves_its_own_loss():
    game = Bilinear([[2.0, 3.0]])
    assert not game.own_hvp(numpy.ones(3), numpy.ones((4, 3))).any()
    assert not game.own_hessian(numpy.ones(3), 1).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0],), r"`matrix` must have shape \(m, k\) with m, k >= 1, got \(2,\)"),
        ((numpy.zeros((0, 2)),), r"got \(0, 2\)"),
        (
            ([[1.0, 2.0]], [1.0, 2.0]),
            r"`x_linear` must have shape \(1,\) to fit `matrix` of shape \(1, 2\), got \(2,\)",
        ),
        (([[1.0, 2.0]], None, [1.0]), r"`y_linear` must have shape \(2,\) .* got \(1,\)"),
        (([[1.0, 2.0], [3.0]],), "`matrix` must be a rectangular array"),
        (([[numpy.nan]],), "`matrix` must be finite"),
    ],
)
def test_shapes_that_do_not_fit_are_shown(arguments, message):
    with pytest.raises(ValueError, match=message):
        Bilinear(*arguments)


def test_words_are_no_numbers():
    with pytest.raises(TypeError, match="`matrix` must hold numbers"):
        Bilinear([["a"]])
