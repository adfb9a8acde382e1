"""Strategies: what they promise, and that the edges are really drawn."""

import random

import numpy
import pytest
from hypothesis import find, given, settings

from gamedyn.testing import definite_matrices, games_with_spectrum, simplex_points


@given(simplex_points())
def test_simplex_points_are_pmfs(p):
    assert p.dtype == float
    assert 2 <= p.size <= 8
    assert (p >= 0).all()
    assert abs(p.sum() - 1) < 1e-14


@pytest.mark.parametrize(
    "edge",
    [
        lambda p: (p == 0).any() and (p > 0).sum() > 1,
        lambda p: p[0] == 1.0,
        lambda p: p.size == 3 and p[2] == 1.0,
        lambda p: ((p > 0) & (p < 2.3e-308)).any(),
        lambda p: p.size > 2 and len(set(p.tolist())) == 1,
        lambda p: p.size > 2 and len(set(p.tolist())) == p.size,
    ],
    ids=["zero", "first vertex", "last vertex", "subnormal", "all tied", "all different"],
)
def test_simplex_edges_are_found(edge):
    find(simplex_points(), edge, settings=settings(max_examples=2000), random=random.Random(0))


@given(simplex_points(3, 3, positive=True))
def test_positive_simplex_points_have_no_zeros_or_subnormals(p):
    assert p.size == 3
    assert (p > 2.3e-308).all()


@given(definite_matrices(4, smallest=0.5, largest=8.0))
def test_definite_matrices_have_their_spectrum(matrix):
    numpy.testing.assert_array_equal(matrix, matrix.T)
    eigenvalues = numpy.linalg.eigvalsh(matrix)
    assert (eigenvalues > 0.5 - 1e-13).all()
    assert (eigenvalues < 8.0 + 1e-13).all()
    # Rotated: a strategy of diagonal matrices would test little.
    assert numpy.allclose(eigenvalues, eigenvalues[0]) or abs(matrix - numpy.diag(numpy.diag(matrix))).max() > 0


@given(games_with_spectrum([1 + 2j, 0.5]))
def test_games_have_their_spectrum(game):
    eigenvalues = numpy.linalg.eigvals(game.jacobian(numpy.zeros(4)))
    expected = [1 + 2j, 1 - 2j, 0.5, 0.5]
    for value in expected:
        assert abs(eigenvalues - value).min() < 1e-7
    assert abs(numpy.sort(eigenvalues.real) - [0.5, 0.5, 1, 1]).max() < 1e-7


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: simplex_points(0), "`min_size` must be at least 1, got 0."),
        (lambda: simplex_points(3, 2), "`max_size` must be at least 3, got 2."),
        (lambda: definite_matrices(0), "`size` must be at least 1, got 0."),
        (lambda: definite_matrices(2, smallest=-1.0), "`smallest` must be positive and finite, got -1.0."),
        (
            lambda: definite_matrices(2, smallest=2.0, largest=1.0),
            "`largest` must be at least `smallest`, got 1.0 < 2.0.",
        ),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match="must be") as caught:
        call()
    assert str(caught.value) == message
