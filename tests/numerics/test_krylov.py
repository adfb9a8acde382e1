"""Conjugate gradients and GMRES against dense solves and SciPy."""

import numpy
import pytest

from gamedyn.numerics import conjugate_gradient, gmres


def definite(rng, batch, d, condition=100.0):
    q = numpy.linalg.qr(rng.standard_normal((*batch, d, d)))[0]
    return (q * numpy.geomspace(1, condition, d)) @ numpy.swapaxes(q, -1, -2)


def times(matrix, library):
    native = library.asarray(matrix)
    return lambda v: library.xp.sum(native * v[..., None, :], axis=-1)


def check(result, matrix, right, library, tolerance):
    assert library.owns(result.solution)
    assert library.owns(result.residual)
    expected = numpy.linalg.solve(matrix, right[..., None])[..., 0]
    numpy.testing.assert_allclose(library.host(result.solution), expected, rtol=tolerance, atol=tolerance)
    assert numpy.max(library.host(result.residual)) <= 1e-12


@pytest.mark.parametrize("batch", [(), (5,), (2, 3)])
def test_both_solve_what_a_dense_solve_does(game_library, batch, rng):
    library = game_library
    matrix, right = definite(rng, batch, 12), rng.standard_normal((*batch, 12))
    b = library.asarray(right)
    check(conjugate_gradient(times(matrix, library), b, max_iterations=60), matrix, right, library, 1e-9)
    check(gmres(times(matrix, library), b), matrix, right, library, 1e-9)
    general = numpy.eye(12) + 0.4 * rng.standard_normal((*batch, 12, 12))
    check(gmres(times(general, library), b), general, right, library, 1e-8)


def test_restarts_reach_the_solution_too(rng):
    matrix = numpy.eye(40) + 0.05 * rng.standard_normal((40, 40))
    right = rng.standard_normal((3, 40))
    result = gmres(lambda v: v @ matrix.T, right, restart=6, max_iterations=200)
    numpy.testing.assert_allclose(result.solution, numpy.linalg.solve(matrix, right.T).T, rtol=1e-10, atol=1e-11)
    assert result.iterations > 7


def test_as_many_iterations_as_distinct_eigenvalues(rng):
    q = numpy.linalg.qr(rng.standard_normal((30, 30)))[0]
    matrix = (q * numpy.repeat([1.0, 3.0, 10.0], 10)) @ q.T
    right = rng.standard_normal(30)
    for solver in (conjugate_gradient, gmres):
        two = solver(lambda v: matrix @ v, right, max_iterations=2)
        three = solver(lambda v: matrix @ v, right, max_iterations=3)
        assert two.residual > 1e-3, solver
        assert three.residual < 1e-13, solver


def test_residuals_of_gmres_are_those_of_scipy(rng):
    from scipy.sparse.linalg import gmres as peer

    matrix, right = numpy.eye(25) + 0.5 * rng.standard_normal((25, 25)), rng.standard_normal(25)
    for k in (1, 4, 11, 20):
        ours = gmres(lambda v: matrix @ v, right, restart=k, max_iterations=k)
        theirs, _ = peer(matrix, right, restart=k, maxiter=1, rtol=1e-14)
        size = numpy.linalg.norm(right - matrix @ theirs) / numpy.linalg.norm(right)
        assert float(ours.residual) == pytest.approx(size, rel=1e-8, abs=0.0)


def test_iterates_of_conjugate_gradients_are_those_of_scipy(rng):
    from scipy.sparse.linalg import cg

    matrix, right, start = definite(rng, (), 20), rng.standard_normal(20), rng.standard_normal(20)
    for k in (1, 3, 9):
        theirs, _ = cg(matrix, right, x0=start, maxiter=k, rtol=1e-14)
        ours = conjugate_gradient(lambda v: matrix @ v, right, start=start, max_iterations=k)
        numpy.testing.assert_allclose(ours.solution, theirs, rtol=1e-9, atol=1e-10)
        assert ours.iterations == k + 1
        size = numpy.linalg.norm(right - matrix @ theirs) / numpy.linalg.norm(right)
        assert float(ours.residual) == pytest.approx(size, rel=1e-8, abs=0.0)


@pytest.mark.parametrize("solver", [conjugate_gradient, gmres])
def test_a_start_at_the_solution_makes_one_product(solver, rng):
    matrix, right = definite(rng, (), 15), rng.standard_normal(15)
    solution = numpy.linalg.solve(matrix, right)
    result = solver(lambda v: matrix @ v, right, start=solution)
    assert result.iterations == 1
    assert result.solution.tolist() == solution.tolist()
    assert result.residual < 1e-13


@pytest.mark.parametrize("solver", [conjugate_gradient, gmres])
def test_easy_systems_of_a_batch_do_not_wait_for_the_others_in_vain(solver, rng):
    # The zero system, one solved at once, one exhausted after three vectors, and a hard one: none disturbs another.
    hard = definite(rng, (), 24, 1e3)
    matrix = numpy.stack([numpy.eye(24), numpy.eye(24), numpy.diag(numpy.repeat([1.0, 2.0, 3.0], 8)), hard])
    right = rng.standard_normal((4, 24))
    right[0] = 0
    result = solver(lambda v: (matrix @ v[..., None])[..., 0], right)
    expected = numpy.linalg.solve(matrix, right[..., None])[..., 0]
    numpy.testing.assert_allclose(result.solution, expected, rtol=1e-8, atol=1e-9)
    assert result.solution[0].tolist() == [0.0] * 24
    assert result.residual[0] == 0.0
    assert numpy.max(result.residual) <= 1e-12


@pytest.mark.parametrize("solver", [conjugate_gradient, gmres])
def test_running_out_of_iterations_shows_in_the_residual(solver, rng):
    matrix, right = definite(rng, (), 40, 1e4), rng.standard_normal(40)
    result = solver(lambda v: matrix @ v, right, max_iterations=5)
    left = numpy.linalg.norm(right - matrix @ result.solution) / numpy.linalg.norm(right)
    assert left > 1e-3
    assert float(result.residual) == pytest.approx(left, rel=1e-8, abs=0.0)


@pytest.mark.parametrize("solver", [conjugate_gradient, gmres])
def test_single_precision_stays(solver, game_library):
    b = game_library.asarray([[1.0, 2.0]], "float32")
    result = solver(lambda v: 2 * v, b, tolerance=1e-5)
    assert game_library.owns(result.solution, "float32")
    assert game_library.host(result.solution).tolist() == [[0.5, 1.0]]


def test_bad_arguments_are_named():
    for solver in (conjugate_gradient, gmres):
        with pytest.raises(ValueError, match="`tolerance` must be positive and finite, got 0"):
            solver(lambda v: v, numpy.ones(2), tolerance=0)
        with pytest.raises(ValueError, match="`max_iterations` must be at least 1, got 0"):
            solver(lambda v: v, numpy.ones(2), max_iterations=0)
    with pytest.raises(ValueError, match="`restart` must be at least 1, got 0"):
        gmres(lambda v: v, numpy.ones(2), restart=0)


@pytest.mark.parametrize("solver", [conjugate_gradient, gmres])
def test_a_solved_system_stands_still_while_others_are_solved(solver, rng):
    matrix = definite(rng, (2,), 15, 1e3)
    right = rng.standard_normal((2, 15))
    start = numpy.linalg.solve(matrix, right[..., None])[..., 0]
    start[1] = 0
    result = solver(lambda v: (matrix @ v[..., None])[..., 0], right, start=start)
    assert result.solution[0].tolist() == start[0].tolist()
    assert numpy.max(result.residual) <= 1e-12
