"""Local symplectic surgery: the gradient without its rotation."""

import numpy
import pytest

from gamedyn.games import Bilinear, Quadratic
from gamedyn.updates import LocalSymplecticSurgery
from tests.updates.second_order_games import Wavy, random_jacobian, run


def test_its_matrix_is_that_of_the_symmetric_part(rng):
    for _ in range(20):
        jacobian = rng.standard_normal((5, 5))
        matrix = LocalSymplecticSurgery(0.2).iteration_matrix(jacobian, (2, 3))
        symmetric = (jacobian + jacobian.T) / 2
        scale = numpy.linalg.cond(jacobian)
        numpy.testing.assert_allclose(matrix, numpy.eye(5) - 0.2 * symmetric, atol=1e-14 * scale)


@pytest.mark.parametrize("limit", [0, 256])
def test_on_bilinear_games_nothing_moves(limit, rng):
    matrix = rng.standard_normal((4, 4))
    game, z = Bilinear(matrix), rng.standard_normal((3, 8))
    moved, _ = run(LocalSymplecticSurgery(0.5, dense_limit=limit), game, z)
    numpy.testing.assert_allclose(moved, z, atol=1e-14 * numpy.linalg.cond(matrix))
    # With regularisation something is left: J^T (J^T J + lambda)^{-1} J^T = -J s^2 / (s^2 + lambda) for every s.
    u, s, vt = numpy.linalg.svd(matrix)
    left = (u * (s / (s**2 + 0.3) * 0.3)) @ vt
    field = numpy.concatenate([z[:, 4:] @ left.T, -z[:, :4] @ left], axis=-1) / 2
    moved, _ = run(LocalSymplecticSurgery(0.5, regularisation=0.3, dense_limit=limit), game, z)
    numpy.testing.assert_allclose(moved, z - 0.5 * field, rtol=1e-10, atol=1e-11)


def test_the_inner_vector_solves_the_damped_least_squares(rng):
    # v minimises |J v - xi|^2 + lambda |v|^2: NumPy's least squares on the stacked matrix.
    game = Wavy(random_jacobian(rng, (2, 3), zero_sum=False), (2, 3))
    z = rng.standard_normal(5)
    xi, jacobian = game.simultaneous_gradient(z), game.jacobian(z)
    stacked = numpy.concatenate([jacobian, numpy.sqrt(0.4) * numpy.eye(5)])
    v = numpy.linalg.lstsq(stacked, numpy.concatenate([xi, numpy.zeros(5)]), rcond=None)[0]
    moved, _ = run(LocalSymplecticSurgery(0.1, regularisation=0.4), game, z)
    numpy.testing.assert_allclose(moved, z - 0.05 * (xi + jacobian.T @ v), rtol=1e-12, atol=1e-13)


def test_a_stable_point_that_is_no_equilibrium_repels_it():
    # f = 3 x^2 + y^2 + 4 x y: J = [[6, 4], [-4, -2]] has eigenvalues 2 and 2, S = diag(6, -2); y gains by leaving 0.
    jacobian = numpy.array([[6.0, 4.0], [-4.0, -2.0]])
    assert max(abs(numpy.linalg.eigvals(numpy.eye(2) - 0.1 * jacobian))) < 0.81
    matrix = LocalSymplecticSurgery(0.1).iteration_matrix(jacobian, (1, 1))
    numpy.testing.assert_allclose(matrix, numpy.diag([0.4, 1.2]), rtol=1e-12, atol=1e-14)


def test_an_array_of_zeros_is_the_number_zero(rng):
    jacobian = random_jacobian(rng, (2, 3), zero_sum=True)
    game, z = Quadratic.from_jacobian(jacobian, (2, 3)), rng.standard_normal((2, 5))
    numpy.testing.assert_allclose(
        run(LocalSymplecticSurgery(0.1, regularisation=numpy.zeros(2)), game, z)[0],
        run(LocalSymplecticSurgery(0.1), game, z)[0],
        rtol=1e-9,
        atol=1e-10,
    )


def test_a_singular_jacobian_ends_the_trajectory():
    game = Quadratic.from_jacobian([[1.0, 0.0], [0.0, 0.0]], (1, 1))
    z = numpy.array([1.0, 1.0])
    # By products alone the singular system is solvable for this xi, and is solved.
    assert numpy.isnan(run(LocalSymplecticSurgery(0.1), game, z)[0]).any()
    for limit in (0, 256):
        moved, _ = run(LocalSymplecticSurgery(0.1, regularisation=1.0, dense_limit=limit), game, z)
        numpy.testing.assert_allclose(moved, [1 - 0.05 * 1.5, 1.0], rtol=1e-12)


def test_regularisation_must_not_be_negative():
    with pytest.raises(ValueError, match="`regularisation` must be non-negative and finite, got -1"):
        LocalSymplecticSurgery(0.1, regularisation=-1)
