"""3,000 nearly singular matrices, judged directly and as games, against exact elimination in rationals."""

from fractions import Fraction

import numpy
import pytest

from gamedyn.equilibria import check_differential_nash, classify
from gamedyn.games import Quadratic
from gamedyn.numerics import is_positive_definite


def is_exactly_definite(matrix):
    """Whether all pivots of L D L^T are positive, in rationals."""
    a = [[Fraction(float(entry)) for entry in row] for row in matrix]
    n = len(a)
    for k in range(n):
        if a[k][k] <= 0:
            return False
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= factor * a[k][j]
    return True


def singular(rng, n):
    """L D L^T of integers, exact in floats, with a zero in D: the smallest eigenvalue is exactly 0."""
    lower = numpy.tril(rng.integers(-3, 4, (n, n)), -1) + numpy.eye(n)
    pivots = rng.integers(1, 6, n).astype(float)
    pivots[rng.integers(n)] = 0.0
    return (lower * pivots) @ lower.T


def cases(rng, count):
    """Symmetric matrices of 1 to 8 rows around singular ones: left alone, nudged by ulps or more, badly scaled."""
    for case in range(count):
        n = 1 + case % 8
        matrix = singular(rng, n)
        kind = rng.integers(4)
        if kind == 1:
            # One ulp, up or down, of one diagonal entry.
            i = rng.integers(n)
            matrix[i, i] = numpy.nextafter(matrix[i, i], rng.choice([-numpy.inf, numpy.inf]))
        elif kind == 2:
            # From one ulp of the largest entry to 1e-4 of it, on the whole diagonal.
            size = max(1.0, float(numpy.abs(matrix).max()))
            matrix += rng.choice([-1.0, 1.0]) * size * 2.0 ** -float(rng.integers(13, 53)) * numpy.eye(n)
        elif kind == 3 and n > 1:
            i, j = rng.choice(n, 2, replace=False)
            matrix[i, j] = matrix[j, i] = matrix[i, j] + rng.choice([-1.0, 1.0]) * 2.0 ** -float(rng.integers(20, 50))
        if rng.random() < 0.5:
            # Powers of two keep every bit, and definiteness.
            scales = 2.0 ** rng.integers(-40, 41, n)
            matrix = scales[:, None] * matrix * scales
        yield matrix


def tally(rng, count, judge):
    """Answers by whether the matrix is definite; a wrong "yes" or "no" fails at once."""
    counts = dict.fromkeys([(truth, answer) for truth in (True, False) for answer in ("yes", "no", "undecided")], 0)
    by_size = {}
    for matrix in cases(rng, count):
        by_size.setdefault(len(matrix), []).append(matrix)
    for matrices in by_size.values():
        stacked = numpy.stack(matrices)
        for matrix, answer in zip(stacked, judge(stacked), strict=True):
            truth = is_exactly_definite(matrix)
            assert answer != ("no" if truth else "yes"), matrix
            counts[truth, str(answer)] += 1
    return counts


def as_games(matrices):
    for matrix in matrices:
        game, origin = Quadratic([matrix], (len(matrix),)), numpy.zeros(len(matrix))
        nash = check_differential_nash(game, origin)
        found = classify(game, origin)
        assert found.differential_nash == nash
        # With one player, J is the Hessian: attracting and Nash are the same.
        assert not (nash.is_yes and found.attracting.is_no)
        assert not (nash.is_no and found.attracting.is_yes)
        yield nash.answer


def directly(matrices):
    return is_positive_definite(matrices).answer


def check_counts(counts, count):
    assert sum(counts.values()) == count
    # A test that never says "yes" or never says "no" here would be blind.
    assert counts[True, "yes"] >= count // 50
    assert counts[False, "no"] >= count // 50
    assert counts[False, "undecided"] > 0


def test_3000_matrices():
    counts = tally(numpy.random.default_rng(5), 3000, directly)
    check_counts(counts, 3000)


def test_the_same_as_games_in_small():
    check_counts(tally(numpy.random.default_rng(5), 320, as_games), 320)


@pytest.mark.full
def test_3000_games():
    check_counts(tally(numpy.random.default_rng(5), 3000, as_games), 3000)
