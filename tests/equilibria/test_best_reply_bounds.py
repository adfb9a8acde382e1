"""Proved bounds on quadratic losses: convex, concave, separable and neither, on boxes and simplices."""

import itertools

import numpy
import pytest
from scipy import optimize

from gamedyn.equilibria import best_reply
from gamedyn.games import Box, Product, Quadratic, Simplex


def least_on_box(h, g):
    """min of v^T H v / 2 + <g, v> over [-1, 1]^k, convex, by SciPy."""
    bounds = [(-1, 1)] * len(g)
    return optimize.minimize(
        lambda v: v @ h @ v / 2 + g @ v, 0 * g, jac=lambda v: h @ v + g, bounds=bounds, tol=1e-14
    ).fun


@pytest.mark.parametrize("k", [2, 5])
def test_convex_quadratics_on_boxes_against_scipy(k, rng):
    for _ in range(5):
        root = rng.standard_normal((k - 1, k))
        # Singular: flat along a line.
        matrix = numpy.eye(k + 1)
        matrix[:k, :k] = root.T @ root
        matrix[:k, k] = matrix[k, :k] = rng.standard_normal(k)
        offset = 3 * rng.standard_normal(k + 1)
        game = Quadratic.from_jacobian(matrix, (k, 1), offset)
        z = rng.uniform(-1, 1, k + 1)
        reply = best_reply(game, z, 0, box=[[-1.0, 1.0]] * (k + 1))
        g = matrix[:k, k] * z[k] + offset[:k]
        h = matrix[:k, :k]
        oracle = least_on_box(h, g)
        assert reply.guarantee == "global"
        assert reply.loss <= oracle + 1e-9
        assert reply.lower <= oracle
        assert reply.loss - reply.lower < 1e-8 * max(abs(reply.loss), 1)


def test_convex_quadratics_on_simplices_by_supports(rng):
    """min v^T H v / 2 + <g, v> over the simplex by all supports: on each, KKT's linear system."""
    for _ in range(4):
        root = rng.standard_normal((3, 3))
        h, g = root.T @ root, rng.standard_normal(3)
        matrix = numpy.zeros((4, 4))
        matrix[:3, :3], matrix[3, 3] = h, 1.0
        game = Quadratic.from_jacobian(matrix, (3, 1), [*g, 0.0])
        game.domain = Product([Simplex(), Box(-1.0, 1.0)], (3, 1))
        values = []
        for size in (1, 2, 3):
            for support in itertools.combinations(range(3), size):
                s = list(support)
                system = numpy.zeros((size + 1, size + 1))
                system[:size, :size] = h[numpy.ix_(s, s)]
                system[:size, size] = system[size, :size] = 1.0
                v = numpy.zeros(3)
                v[s] = numpy.linalg.solve(system, [*-g[s], 1.0])[:size]
                if v.min() >= 0:
                    values.append(v @ h @ v / 2 + g @ v)
        reply = best_reply(game, [1.0, 0.0, 0.0, 0.5], 0)
        assert reply.guarantee == "global"
        assert reply.loss == pytest.approx(min(values), abs=1e-12)
        assert reply.lower <= min(values)
        assert reply.point.sum() == pytest.approx(1.0, abs=1e-14)


def test_concave_and_indefinite_quadratics_on_boxes(rng):
    for sign in (-1.0, None):
        for _ in range(3):
            root = rng.standard_normal((2, 2))
            h = -root.T @ root if sign else numpy.array([[1.0, 3.0], [3.0, -1.0]]) * rng.uniform(0.5, 2)
            g = rng.standard_normal(2)
            matrix = numpy.eye(3)
            matrix[:2, :2] = h
            game = Quadratic.from_jacobian(matrix, (2, 1), [*g, 0.0])
            reply = best_reply(game, [0.1, 0.2, 0.0], 0, box=[[-1.0, 1.0]] * 3)
            side = numpy.linspace(-1, 1, 801)
            u, v = numpy.meshgrid(side, side)
            least = (h[0, 0] * u**2 / 2 + h[0, 1] * u * v + h[1, 1] * v**2 / 2 + g[0] * u + g[1] * v).min()
            assert reply.guarantee == "global"
            assert reply.lower < least
            # The grid is within a cell of the minimiser.
            assert reply.loss >= least - 1e-4
            assert reply.loss - reply.lower <= 1e-7


@pytest.mark.parametrize("simplex", [False, True])
def test_no_sampled_reply_is_below_a_proved_bound(simplex, rng):
    """Quadratics of all signs and scales, on boxes and on a simplex: sampled losses bound the least one from above."""
    proved = 0
    for trial in range(40):
        k = 1 + trial % 4
        d = k + 1
        h = rng.standard_normal((k, k))
        h = [h.T @ h, -h.T @ h, numpy.diag(rng.integers(-1, 2, k)), h + h.T][trial // 4 % 4]
        matrix = rng.standard_normal((d, d)) * 10.0 ** rng.integers(-3, 4)
        matrix[:k, :k] = h * 10.0 ** rng.integers(-3, 4)
        game = Quadratic.from_jacobian(matrix, (k, 1), rng.standard_normal(d) * 10.0 ** rng.integers(-3, 4))
        box = None if simplex else numpy.stack([-1 - rng.random(d), 1 + rng.random(d)], axis=-1)
        z = rng.uniform(-1, 1, d)
        if simplex:
            game.domain = Product([Simplex(), Box(-2.0, 2.0)], (k, 1))
            z[:k] = rng.dirichlet(numpy.ones(k))
            own = rng.dirichlet(0.3 * numpy.ones(k), 500)
        else:
            # Faces and corners as often as the inside.
            share = rng.choice([0.0, 0.5, 1.0], (500, k)) * rng.choice([0.3, 1.0, 1.0], (500, k))
            own = box[:k, 0] + share * (box[:k, 1] - box[:k, 0])
        points = numpy.tile(z, (500, 1))
        points[:, :k] = own
        least, reply = float(game.losses(points)[:, 0].min()), best_reply(game, z, 0, box=box)
        size = max(abs(least), abs(reply.loss))
        assert reply.lower <= min(least, reply.loss)
        if reply.guarantee == "global":
            proved += 1
            assert reply.loss <= least + 1e-7 * size
            assert game.domain.contains(numpy.concatenate([reply.point, z[k:]]))
    assert proved >= 25


def test_projection_of_far_points_keeps_the_sum():
    from gamedyn.equilibria._best_reply_set import OwnSet

    simplex = OwnSet(numpy.zeros(3), numpy.ones(3), (slice(0, 3),))
    # Beyond 2^53 the sum would be lost to rounding.
    for point in ([1e17, -1e17, 3.0], [-1e20, -1e20, -1e20], [1e9, 1e9 + 0.5, 0.0]):
        found = simplex.project(numpy.array(point))
        assert found.min() >= 0
        assert found.sum() == pytest.approx(1.0, abs=1e-15)
    numpy.testing.assert_allclose(simplex.project(numpy.array([1e9, 1e9 + 0.5, 0.0])), [0.25, 0.75, 0.0], atol=1e-6)
    # The same as the domain's own projection, and with caps by hand.
    near = numpy.array([1.0, 0.5, -3.0])
    numpy.testing.assert_allclose(simplex.project(near), Simplex().project(near), atol=1e-15)
    capped = OwnSet(numpy.zeros(3), numpy.array([0.6, 1.0, 1.0]), (slice(0, 3),))
    numpy.testing.assert_allclose(capped.project(numpy.array([5.0, 0.3, 0.1])), [0.6, 0.3, 0.1], atol=1e-15)


def test_separable_nonconvex_quadratics_of_many_coordinates(rng):
    curvature = rng.standard_normal(200)
    game = Quadratic.from_jacobian(numpy.diag([*curvature, 1.0]), (200, 1), rng.standard_normal(201))
    z = numpy.zeros(201)
    reply = best_reply(game, z, 0, box=[[-1.0, 2.0]] * 201)
    g = game.player_gradient(z, 0)
    inner = numpy.where(curvature > 0, numpy.clip(-g / curvature, -1, 2), -1)
    values = [g * t + curvature * t**2 / 2 for t in (-1.0, 2.0, inner)]
    assert reply.loss == pytest.approx(numpy.min(values, axis=0).sum(), rel=1e-12)
    assert reply.guarantee == "global"


def on_simplex(diagonal, slopes):
    """sum h_k v_k^2 / 2 + <g, v> over the simplex for the first player; the second has nothing to say."""
    game = Quadratic.from_jacobian(numpy.diag([*diagonal, 1.0]), (3, 1), [*slopes, 0.0])
    game.domain = Product([Simplex(), Box(-1.0, 1.0)], (3, 1))
    return game


def test_a_local_minimum_on_a_simplex_is_not_proved_global():
    # -v_0^2 + v_0 / 2 - v_1^2 + ...: the first vertex, -1/2, is a local minimum, the second has -1.
    reply = best_reply(on_simplex([-2.0, -2.0, 1.0], [0.5, 0.0, 10.0]), [1.0, 0.0, 0.0, 0.0], 0, starts=1)
    assert reply.loss == pytest.approx(-0.5)
    assert reply.lower <= -1.0
    assert reply.guarantee == "local"


def test_a_face_along_which_the_loss_falls_is_not_left():
    # No curvature in the last two coordinates, and no descent: the face's equations have no solution.
    z = [0.2, 0.3, 0.5, 0.0]
    game = on_simplex([1.0, 0.0, 0.0], [3.0, 1.0, 2.0])
    reply = best_reply(game, z, 0, starts=1, steps=0)
    assert game.domain.contains(numpy.array([*reply.point, 0.0]))
    # The least loss is that of the second vertex.
    assert reply.lower <= 1.0 <= reply.loss
