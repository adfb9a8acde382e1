"""Precision, recall, density and coverage: loops, uniform laws, and the coverage of a law by itself."""

import math

import numpy
import pytest

from gamedyn.models import _precision_recall, precision_recall


def by_loops(fake, true, k):
    def radius(rows, i):
        return sorted(math.dist(rows[i], rows[j]) for j in range(len(rows)) if j != i)[k - 1]

    of_true = [radius(true, i) for i in range(len(true))]
    of_fake = [radius(fake, j) for j in range(len(fake))]
    inside = [[math.dist(x, y) <= r for y, r in zip(true, of_true, strict=True)] for x in fake]
    precision = sum(any(row) for row in inside) / len(fake)
    density = sum(sum(row) for row in inside) / (k * len(fake))
    coverage = sum(any(row[i] for row in inside) for i in range(len(true))) / len(true)
    recall = sum(any(math.dist(x, y) <= r for x, r in zip(fake, of_fake, strict=True)) for y in true) / len(true)
    return precision, recall, density, coverage


@pytest.mark.parametrize(("k", "n", "m", "d"), [(1, 12, 17, 1), (3, 30, 25, 2), (4, 20, 20, 5)])
def test_against_loops(k, n, m, d, rng, monkeypatch):
    fake, true = 0.7 * rng.standard_normal((n, d)) + 0.5, rng.standard_normal((m, d))
    expected = by_loops(fake.tolist(), true.tolist(), k)
    for entries in (2**22, 40):  # whole, and in pieces of a few rows
        monkeypatch.setattr(_precision_recall, "_ENTRIES", entries)
        found = precision_recall(fake, true, k=k)
        values = (found.precision.value, found.recall.value, found.density, found.coverage.value)
        assert values == pytest.approx(expected, rel=1e-14)
    assert found.precision.n == n
    assert found.recall.n == found.coverage.n == m
    assert found.recall.standard_error == pytest.approx(math.sqrt(expected[1] * (1 - expected[1]) / m))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_shifted_uniform_laws(k, rng):
    # On the line a point misses all balls where on each side the next k + 1 rows have D_(k+1) < 2 D_1, chance 2^-k
    # each: 1 - 4^-k are held. Of [0.3, 1.3] that makes 0.7 (1 - 4^-k) against [0, 1], up to balls at the ends.
    n, repeats = 600, 50
    found = [precision_recall(rng.random(n) + 0.3, rng.random(n), k=k) for _ in range(repeats)]
    for name in ("precision", "recall"):
        values = [getattr(one, name).value for one in found]
        assert abs(numpy.mean(values) - 0.7 * (1 - 4.0**-k)) < 4 * numpy.std(values) / repeats**0.5 + 2 * k / n


def test_laws_inside_each_other_and_apart(rng):
    n = 1500
    true = rng.random(n)
    inner = precision_recall(0.25 + 0.5 * rng.random(n), true, k=5)
    # All that the law inside makes is real, and half of what is real is made.
    assert inner.precision.value > 0.99
    assert abs(inner.recall.value - 0.5) < 0.06
    apart = precision_recall(true + 5.0, true)
    assert (apart.precision.value, apart.recall.value, apart.density, apart.coverage.value) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(("k", "n", "m"), [(1, 4, 6), (3, 12, 8)])
def test_coverage_of_a_law_by_itself(k, n, m, rng):
    # Of n + m - 1 exchangeable points around one real row, the k nearest are all real.
    missed = 1.0
    for i in range(k):
        missed *= (m - 1 - i) / (m - 1 - i + n)
    found = [precision_recall(rng.random((n, 2)), rng.random((m, 2)), k=k).coverage.value for _ in range(1500)]
    assert abs(numpy.mean(found) - (1 - missed)) < 5 * numpy.std(found) / 1500**0.5


def test_rows_that_coincide_and_far_from_the_origin():
    # Ends count: a sample of atoms lies in its own balls of radius 0.
    atoms = numpy.repeat([[0.0, 0.0], [1.0, 1.0]], 5, axis=0)
    found = precision_recall(atoms, atoms)
    assert (found.precision.value, found.recall.value, found.coverage.value) == (1.0, 1.0, 1.0)
    # |x|^2 - 2 x y + |y|^2 would have lost the distances 1e-3 next to 1e6; differences keep them.
    x = 1e6 + 1e-3 * numpy.arange(8.0)[:, None] * [1.0, 0.0]
    up = numpy.asarray([0.0, 1e-3])
    assert precision_recall(x + 0.9 * up, x, k=1).precision.value == 1.0
    assert precision_recall(x + 1.1 * up, x, k=1).precision.value == 0.0


def test_prints_and_messages(library):
    x = library.asarray(numpy.arange(6.0)[:, None], "float32")
    # Radii 2, 1, 1, 1, 1, 2: balls hold 3, 3, 3, 3, 3 and 3 of the rows.
    shown = str(precision_recall(x, x, k=2))
    assert shown == "precision 1 ± 0, recall 1 ± 0, coverage 1 ± 0, density 1.5 (k = 2)"
    for call, message in (
        (lambda: precision_recall([0.0] * 3, [0.0] * 9), "`samples` must hold at least 4 rows, got 3."),
        (lambda: precision_recall([0.0] * 9, [0.0] * 3), "`real` must hold at least 4 rows, got 3."),
        (lambda: precision_recall([0.0] * 9, numpy.zeros((9, 2))), "`samples` and `real` must have as many"),
        (lambda: precision_recall([0.0] * 9, [0.0] * 9, k=0), "`k` must be at least 1, got 0."),
    ):
        with pytest.raises(ValueError, match="must") as caught:
            call()
        assert str(caught.value).startswith(message)
