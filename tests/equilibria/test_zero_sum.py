"""Zero-sum games by linear programming: values known by formula, and certificates that need no trust."""

import numpy
import pytest

from gamedyn.equilibria import exploitability, lemke_howson, zero_sum_equilibrium
from gamedyn.games import MatrixGame


def test_two_by_two_by_the_formula(rng):
    for _ in range(20):
        a = rng.standard_normal((2, 2))
        solution = zero_sum_equilibrium(a)
        maximin, minimax = a.min(axis=1).max(), a.max(axis=0).min()
        mixed = (a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]) / (a[0, 0] + a[1, 1] - a[0, 1] - a[1, 0])
        assert solution.value == pytest.approx(maximin if maximin == minimax else mixed, abs=1e-12)


def test_diagonal_games():
    # The value of diag(d) is the harmonic one: 1 / sum 1/d_i, reached by x_i proportional to 1 / d_i.
    d = numpy.array([1.0, 2.0, 4.0, 8.0])
    solution = zero_sum_equilibrium(numpy.diag(d))
    assert solution.value == pytest.approx(1 / (1 / d).sum(), abs=1e-14)
    for strategy in solution.strategies:
        numpy.testing.assert_allclose(strategy, (1 / d) / (1 / d).sum(), atol=1e-13)


def test_exact_pivoting_agrees_and_lies_in_the_interval(rng):
    for shape in ((3, 3), (2, 6), (7, 4), (1, 3), (3, 1)):
        a = rng.integers(-9, 10, shape)
        solution = zero_sum_equilibrium(a)
        exact = float(lemke_howson(a).payoffs[0])
        assert solution.lower - 1e-12 <= exact <= solution.upper + 1e-12
        assert 0 <= solution.gap < 1e-11


def test_the_gap_is_the_exploitability(rng):
    a = rng.standard_normal((5, 4))
    solution = zero_sum_equilibrium(a)
    assert solution.gap < 1e-13
    assert float(exploitability(MatrixGame(a), solution.z)) == pytest.approx(solution.gap, abs=1e-15)


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_the_gap_scales_with_the_payoffs(rng, unit):
    a = rng.standard_normal((6, 6))
    solution = zero_sum_equilibrium(unit * a + unit)
    assert solution.gap < 1e-12 * unit
    assert solution.value == pytest.approx(unit * (zero_sum_equilibrium(a).value + 1), rel=1e-12)


def test_constant_games_and_games_as_objects(game_library):
    assert zero_sum_equilibrium(numpy.full((2, 3), 7.0)).value == 7.0
    solution = zero_sum_equilibrium(MatrixGame(game_library.asarray([[1.0, -1.0], [-1.0, 1.0]])))
    numpy.testing.assert_allclose(solution.z, 0.5, atol=1e-15)
    assert str(solution).startswith("value 0 (gap ")


@pytest.mark.parametrize(
    ("a", "message"),
    [
        ([1.0, 2.0], r"`a` must be a payoff matrix of shape \(m, k\)"),
        ([[1.0, numpy.inf]], "`a` must be finite"),
        (MatrixGame([[1.0]], [[1.0]]), "`a` must be a zero-sum game of two players"),
    ],
)
def test_bad_games_are_named(a, message):
    with pytest.raises(ValueError, match=message):
        zero_sum_equilibrium(a)


@pytest.mark.parametrize("a", [[[1, 2], [3]], "ab", [[1j]]])
def test_what_is_no_matrix_of_numbers_is_named(a):
    with pytest.raises(TypeError, match="`a` must be a matrix of real numbers, got "):
        zero_sum_equilibrium(a)
