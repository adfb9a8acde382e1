"""Definiteness verdicts against exact rational arithmetic."""

from fractions import Fraction

import numpy
import pytest

from gamedyn.numerics import is_positive_definite


def exactly_definite(matrix, shift=0):
    """Whether A - shift I is positive definite, by exact elimination: all pivots are positive."""
    a = [[Fraction(float(entry)) for entry in row] for row in matrix]
    n = len(a)
    for i in range(n):
        a[i][i] -= Fraction(shift)
    for k in range(n):
        if a[k][k] <= 0:
            return False
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= factor * a[k][j]
    return True


def scaled(matrix):
    """D A D, exactly, as rationals: D the powers of two that bring the diagonal into [1/2, 2)."""
    powers = [Fraction(2) ** -(int(numpy.frexp(float(entry))[1]) // 2) for entry in numpy.diagonal(matrix)]
    exact = [[Fraction(float(entry)) for entry in row] for row in matrix]
    return [[powers[i] * powers[j] * exact[i][j] for j in range(len(exact))] for i in range(len(exact))]


def exactly_definite_rationals(a, shift):
    n = len(a)
    a = [[a[i][j] - (Fraction(shift) if i == j else 0) for j in range(n)] for i in range(n)]
    for k in range(n):
        if a[k][k] <= 0:
            return False
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= factor * a[k][j]
    return True


def nearly_singular(rng, dtype, count):
    """Gram matrices of too few integer vectors, exactly singular, nudged by about a rounding, some badly scaled."""
    digits = 24 if dtype == "float32" else 53
    for _ in range(count):
        n = int(rng.integers(2, 7))
        vectors = rng.integers(-9, 10, size=(n, n - 1)).astype(float)
        matrix = vectors @ vectors.T
        nudge = rng.choice([-1.0, 0.0, 1.0]) * 2.0 ** -int(rng.integers(digits - 14, digits + 2))
        matrix = matrix + nudge * numpy.diag(numpy.diagonal(matrix)) * rng.integers(0, 3, n)
        if rng.random() < 0.5:
            scales = 10.0 ** rng.integers(-6, 7, n)
            matrix = scales[:, None] * matrix * scales
        matrix = matrix.astype(dtype)
        yield numpy.tril(matrix) + numpy.tril(matrix, -1).T


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_never_wrong_next_to_singular(rng, dtype):
    counts = {"yes": 0, "no": 0, "undecided": 0}
    for matrix in nearly_singular(rng, dtype, 500):
        verdict = is_positive_definite(matrix)
        counts[verdict.answer] += 1
        truth = exactly_definite(matrix)
        assert verdict.answer != "yes" or truth, matrix
        assert verdict.answer != "no" or not truth, matrix
    # The cases lie where every answer occurs; an answer that never does would make the test blind.
    assert min(counts.values()) >= 20, counts


def test_margin_is_a_proved_bound(rng):
    checked = 0
    for matrix in nearly_singular(rng, "float64", 300):
        verdict = is_positive_definite(matrix)
        if numpy.diagonal(matrix).min() <= 0 or verdict.is_undecided:
            continue
        checked += 1
        a = scaled(matrix)
        if verdict.is_yes:
            assert verdict.margin > 0
            assert exactly_definite_rationals(a, verdict.margin)
        else:
            assert verdict.margin < 0
            assert not exactly_definite_rationals(a, verdict.margin)
    assert checked > 100


def test_margin_is_close_to_the_smallest_eigenvalue(rng):
    for _ in range(20):
        vectors = numpy.linalg.qr(rng.standard_normal((5, 5)))[0]
        matrix = vectors @ numpy.diag([0.3, 1.0, 1.0, 1.0, 1.0]) @ vectors.T
        # Diagonal entries lie between 0.3 and 1, so D is 1 or, below 1/2, 2.
        matrix = 0.5 * (matrix + matrix.T)
        expected = numpy.linalg.eigvalsh(numpy.array(scaled(matrix), dtype=float))[0]
        verdict = is_positive_definite(matrix)
        assert 0.98 * expected < verdict.margin <= expected


@pytest.mark.parametrize(("dtype", "gap"), [("float64", 1e-13), ("float32", 1e-4)])
def test_decides_a_few_hundred_roundings_away_from_singular(dtype, gap):
    # [[1, 1 - g], [1 - g, 1]] has the eigenvalues g and 2 - g.
    for sign, answer in ((1, "yes"), (-1, "no")):
        off = 1 - sign * gap
        assert is_positive_definite(numpy.array([[1, off], [off, 1]], dtype=dtype)).answer == answer


def test_scale_does_not_matter():
    # Congruence by diag(1e-120, 1, 1e120) keeps definiteness; without scaling the shift would swamp the first entry.
    base = numpy.array([[2.0, 1.0, 0.5], [1.0, 2.0, 1.0], [0.5, 1.0, 2.0]])
    scales = numpy.array([1e-120, 1.0, 1e120])
    matrix = scales[:, None] * base * scales
    assert is_positive_definite(0.5 * (matrix + matrix.T)).is_yes
    base[0, 1] = base[1, 0] = 2.5
    matrix = scales[:, None] * base * scales
    assert is_positive_definite(0.5 * (matrix + matrix.T)).is_no


def test_hilbert_matrices():
    # Definite for every size; in floats the rounded 13 x 13 matrix is beyond what double precision can tell.
    for n in range(1, 15):
        hilbert = 1 / (numpy.arange(n)[:, None] + numpy.arange(n) + 1.0)
        verdict = is_positive_definite(hilbert)
        assert verdict.answer == ("yes" if n <= 10 else verdict.answer)
        assert verdict.answer != ("no" if exactly_definite(hilbert) else "yes")


def test_simple_answers():
    assert is_positive_definite([[0.0]]).is_no
    assert is_positive_definite([[-1.0, 0.0], [0.0, 1.0]]).is_no
    assert is_positive_definite([[5e-324]]).is_yes
    assert is_positive_definite([[1.0, 3.0], [3.0, 1.0]]).is_no
    assert is_positive_definite([[1.0, 1.0], [1.0, 1.0]]).is_undecided
    # No pair of entries gives this one away: x = (1, 1, 1) does, with x^T A x = 3 - 6 * 0.6.
    assert is_positive_definite(numpy.eye(3) * 1.6 - 0.6 * numpy.ones((3, 3)) * 1.5).is_no


def test_extreme_entries_stay_silent():
    assert is_positive_definite([[1e-300, 1e300], [1e300, 1e-300]]).is_no
    assert is_positive_definite([[1e308, 0.0], [0.0, 1e-308]]).is_yes
    assert is_positive_definite([[1e-310, 0.0], [0.0, 1e-310]]).is_yes


def test_error_bound_covers_neighbours(rng):
    matrix = numpy.array([[1.0, 0.5], [0.5, 1.0]])  # eigenvalues 1/2 and 3/2
    assert is_positive_definite(matrix, error_bound=0.4999).is_yes
    assert is_positive_definite(matrix, error_bound=0.5001).is_undecided
    indefinite = numpy.array([[1.0, 1.5], [1.5, 1.0]])  # -1/2 and 5/2
    assert is_positive_definite(indefinite, error_bound=0.4999).is_no
    assert is_positive_definite(indefinite, error_bound=0.5001).is_undecided
    assert is_positive_definite(matrix, error_bound=2.0).is_undecided
    for matrix in nearly_singular(rng, "float64", 200):
        radius = 2.0 ** -int(rng.integers(20, 50)) * float(numpy.abs(matrix).max())
        answer = is_positive_definite(matrix, error_bound=radius).answer
        assert answer != "yes" or exactly_definite(matrix, Fraction(radius))
        assert answer != "no" or not exactly_definite(matrix, -Fraction(radius))


def test_batches_are_answered_one_by_one(rng):
    matrices = numpy.stack([m for m in nearly_singular(rng, "float64", 60) if len(m) == 3][:6])
    batch = matrices.reshape(2, 3, 3, 3)
    verdict = is_positive_definite(batch)
    assert verdict.answer.shape == verdict.margin.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            one = is_positive_definite(batch[i, j])
            assert verdict.answer[i, j] == one.answer
            assert verdict.margin[i, j] == one.margin
    assert verdict.is_yes.dtype == bool


def test_every_library(library):
    assert is_positive_definite(library.asarray([[2.0, 1.0], [1.0, 2.0]])).is_yes
    assert is_positive_definite(library.asarray([[1.0, 2.0], [2.0, 1.0]], "float32")).is_no


def test_refuses_what_is_no_symmetric_matrix():
    with pytest.raises(ValueError, match="`matrix` must be symmetric, got entries that differ"):
        is_positive_definite([[1.0, 0.5], [0.5000000001, 1.0]])
    with pytest.raises(ValueError, match=r"`matrix` must be finite, got nan at index \(1, 1\)"):
        is_positive_definite([[1.0, 0.0], [0.0, numpy.nan]])
    with pytest.raises(ValueError, match="shape"):
        is_positive_definite([[1.0, 0.0]])
    with pytest.raises(ValueError, match="shape"):
        is_positive_definite(numpy.ones((0, 0)))
    with pytest.raises(TypeError, match="real"):
        is_positive_definite([[1j]])
    with pytest.raises(ValueError, match="`error_bound` must be non-negative"):
        is_positive_definite([[1.0]], error_bound=-1.0)
