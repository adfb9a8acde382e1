"""Zeros that are near each other, multiple, or fill lines: none merged, none counted twice, lines said."""

import math

import numpy
import sympy

from gamedyn.equilibria import find_critical_points
from gamedyn.games import Game, SymbolicGame

X, Y = sympy.symbols("x y")


def square(reach):
    return [[-reach, reach], [-reach, reach]]


def test_near_roots_are_told_apart_and_multiple_ones_are_one():
    for gap in (1e-2, 1e-4, 1e-6):
        shift = sympy.Rational(str(gap))
        game = SymbolicGame.from_field([X * (X - shift), Y - X], [X, Y])
        found = find_critical_points(game, square(2.0), rng=2)
        numpy.testing.assert_allclose(found.points, [[0, 0], [gap, gap]], atol=1e-12)
    for power in (3, 5):
        game = SymbolicGame.from_field([X**power, Y - X / 2], [X, Y])
        found = find_critical_points(game, [[-2, 3], [-2, 2]], rng=2)
        assert len(found) == 1, str(found)
        assert not found.degenerate
        assert found.counts[0] > 100
        numpy.testing.assert_allclose(found.points, [[0, 0]], atol=1e-2)
    # Degenerate points that are no line stay three.
    game = SymbolicGame.from_field([X**3 - X, Y**3], [X, Y])
    found = find_critical_points(game, square(2.0), rng=2)
    assert not found.degenerate
    numpy.testing.assert_allclose(found.points, [[-1, 0], [0, 0], [1, 0]], atol=1e-3)


class Rotated(Game):
    """xi = R^T (p(u), q(v)) with (u, v) = R z: zeros at the roots of p times those of q, turned."""

    dims = (1, 1)

    def __init__(self, first, second, angle):
        self.roots = [numpy.asarray(first), numpy.asarray(second)]
        c, s = math.cos(angle), math.sin(angle)
        self.turn = numpy.array([[c, -s], [s, c]])
        self.zeros = numpy.array([[a, b] for a in first for b in second]) @ self.turn

    def losses(self, z):
        return 0 * z

    def loss_gradients(self, z):
        return numpy.zeros((*z.shape[:-1], 2, 2))

    def simultaneous_gradient(self, z):
        w = z @ self.turn.T
        return numpy.stack([numpy.prod(w[..., [k]] - self.roots[k], axis=-1) for k in (0, 1)], axis=-1) @ self.turn

    def jacobian(self, z):
        w, inner = z @ self.turn.T, numpy.zeros((*z.shape[:-1], 2, 2))
        for k in (0, 1):
            factors = w[..., [k]] - self.roots[k]
            inner[..., k, k] = sum(numpy.prod(numpy.delete(factors, i, -1), -1) for i in range(len(self.roots[k])))
        return self.turn.T @ inner @ self.turn


def test_pairs_of_roots_at_all_distances_are_never_merged_or_counted_twice(rng):
    for trial in range(12):
        gap = 10.0 ** -rng.uniform(0.5, 6)
        game = Rotated([0.3, 0.3 + gap, -0.7][: 2 + trial % 2], [-0.2, 0.5][: 1 + trial % 2], rng.uniform(0, 6))
        found = find_critical_points(game, square(1.55), starts=128, rng=trial)
        distances = numpy.linalg.norm(found.points[:, None] - game.zeros, axis=-1)
        assert len(found) == len(game.zeros), gap
        assert sorted(distances.argmin(axis=-1)) == list(range(len(found)))
        assert distances.min(axis=-1).max() < 1e-8
        assert not found.degenerate


def test_a_circle_of_equilibria_beside_an_isolated_one():
    ring = X**2 + Y**2 - 1
    found = find_critical_points(SymbolicGame.from_field([X * ring, Y * ring], [X, Y]), square(2.0), rng=2)
    assert found.degenerate
    norms = sorted(numpy.linalg.norm(found.points, axis=-1))
    numpy.testing.assert_allclose(norms, [0.0, 1.0], atol=1e-9)
