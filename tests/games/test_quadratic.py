"""Quadratic games of n players."""

import numpy
import pytest

from gamedyn.games import Quadratic


def test_losses_are_the_quadratic_forms():
    # L_1 = x^2 + x y - y^2/2 + x, L_2 = 2 y^2 - x y + 3 y at (2, -1): 4 - 2 - 1/2 + 2 = 3.5 and 2 + 2 - 3 = 1.
    game = Quadratic([[[2, 1], [1, -1]], [[0, -1], [-1, 4]]], (1, 1), [[1, 0], [0, 3]])
    assert game.losses(numpy.array([2.0, -1.0])).tolist() == [3.5, 1.0]
    # xi = (2x + y + 1, 4y - x + 3).
    assert game.simultaneous_gradient(numpy.array([2.0, -1.0])).tolist() == [4.0, -3.0]


def test_blocks_are_the_jacobian_blocks():
    blocks = [[[[2.0, 1.0], [1.0, 3.0]], [[5.0], [7.0]]], [[[11.0, 13.0]], [[17.0]]]]
    game = Quadratic.from_blocks(blocks, linear=[[1.0, 2.0], [3.0]])
    assert game.dims == (2, 1)
    assert game.jacobian(numpy.zeros(3)).tolist() == [[2.0, 1.0, 5.0], [1.0, 3.0, 7.0], [11.0, 13.0, 17.0]]
    assert game.simultaneous_gradient(numpy.zeros(3)).tolist() == [1.0, 2.0, 3.0]
    # L_1 = x^T B_11 x / 2 + x^T B_12 y + b_1^T x at x = (1, 1), y = 1: 7/2 + 12 + 3.
    assert game.losses(numpy.ones(3)).tolist() == [18.5, 8.5 + 24.0 + 3.0]


def test_a_jacobian_gives_back_its_game(rng):
    jacobian = rng.standard_normal((4, 4))
    jacobian[1:3, 1:3] += jacobian[1:3, 1:3].T
    game = Quadratic.from_jacobian(jacobian, (1, 2, 1), [1.0, 2.0, 3.0, 4.0])
    numpy.testing.assert_allclose(game.jacobian(numpy.zeros(4)), jacobian, rtol=1e-15)
    assert game.simultaneous_gradient(numpy.zeros(4)).tolist() == [1.0, 2.0, 3.0, 4.0]
    # No loss has terms that its own player cannot move.
    assert game.losses(numpy.array([0.0, 1.0, 1.0, 1.0]))[0] == 0.0


def test_rounding_does_not_spoil_symmetry(rng):
    root = rng.standard_normal((3, 3))
    product = root @ numpy.diag([1.0, 2.0, 3.0]) @ root.T
    game = Quadratic(product[None], (3,))
    hessian = game.own_hessian(numpy.zeros(3), 0)
    numpy.testing.assert_array_equal(hessian, hessian.T)


ONE = [[1.0]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Quadratic(numpy.zeros((2, 3, 3)), (1, 1)),
            r"`matrices` must have shape \(n, d, d\) = \(2, 2, 2\) for players of sizes \(1, 1\), got \(2, 3, 3\)",
        ),
        (
            lambda: Quadratic([[[0, 1], [2, 0]]] * 2, (1, 1)),
            r"must be symmetric. Replace Q by \(Q \+ Q\^T\)",
        ),
        (lambda: Quadratic([[[numpy.inf]]], (1,)), "must be finite, got infinite or nan"),
        (lambda: Quadratic([ONE], (1,), [1.0]), r"`linear` must have shape \(n, d\) = \(1, 1\) .* got \(1,\)"),
        (lambda: Quadratic([], ()), r"`dims` must hold the size of at least one player, got \(\)"),
        (lambda: Quadratic([ONE], (0,)), "`dims` must be at least 1, got 0"),
        (lambda: Quadratic.from_blocks([[ONE, ONE], [ONE]]), r"n rows of n blocks, got 2 rows of lengths \[2, 1\]"),
        (
            lambda: Quadratic.from_blocks([[ONE, [[1.0, 2.0]]], [ONE, ONE]]),
            r"`blocks\[0\]\[1\]` must have shape \(1, 1\) for players of sizes \(1, 1\), got \(1, 2\)",
        ),
        (
            lambda: Quadratic.from_blocks([[ONE, ONE], [ONE, ONE]], [[1.0], [1.0, 2.0]]),
            r"`linear` must hold one vector per player, of sizes \(1, 1\), got shapes \[\(1,\), \(2,\)\]",
        ),
        (lambda: Quadratic.from_jacobian(numpy.eye(3), (1, 1)), r"`jacobian` must have shape \(2, 2\) .* got \(3, 3\)"),
        (lambda: Quadratic.from_jacobian(numpy.eye(2), (1, 1), [1.0]), r"`offset` must have shape \(2,\), got \(1,\)"),
        (lambda: Quadratic([[[1.0, 2.0], [2.0 + 1e-9, 1.0]]], (2,)), "every matrix of `matrices` must be symmetric"),
        (
            lambda: Quadratic.from_jacobian([[1, 2], [3, 4]], (2,)),
            "the diagonal block of player 0 in `jacobian`, a Hessian, must be symmetric",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_shown(make, message):
    with pytest.raises(ValueError, match=message):
        make()
