"""Anchored resolvent steps against the published bound."""

import numpy
import pytest

from gamedyn.games import DiracGAN, Quadratic
from gamedyn.updates import Halpern, ProximalPoint
from tests.updates.monotone import games, path, rotations

K = numpy.arange(201)


def moves(points, game, h, relaxation):
    """|z_k - T z_k| along a path, with resolvents of the matrix itself."""
    jacobian = game.jacobian(points[0, 0])
    resolvent = numpy.linalg.inv(numpy.eye(len(jacobian)) + h * jacobian)
    return relaxation * numpy.linalg.norm(points - points @ resolvent.T, axis=-1)


def test_the_start_weighs_one_over_k_plus_two():
    # x^2 / 2, h = 1 from 8: R 8 = 4, (8 + 4) / 2 = 6; R 6 = 3, 8 / 3 + 2 = 14/3.
    points = path(Halpern(1.0), Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), 2)
    assert points[:, 0].tolist() == pytest.approx([8.0, 6.0, 14 / 3], rel=1e-15, abs=0.0)


@pytest.mark.parametrize("relaxation", [1.0, 2.0])
@pytest.mark.parametrize("h", [0.3, 1.0, 20.0])
def test_moves_obey_the_published_bound(relaxation, h, rng):
    bound = 2 / (K + 1)
    for game in [*games(rng, 3), rotations([numpy.pi / 2] * 20, numpy.geomspace(1e-3, 1, 20))]:
        z = rng.standard_normal((4, sum(game.dims)))
        z /= numpy.linalg.norm(z, axis=-1, keepdims=True)
        points = path(Halpern(h, relaxation=relaxation, newton_steps=1), game, z, 200)
        assert (moves(points, game, h, relaxation) <= bound[:, None] + 1e-14).all()


def test_the_bound_tells_it_from_the_proximal_point_method():
    # At h s = 1 / sqrt(k), |z_k - R z_k| is about exp(-1/2) / sqrt(k) there: more than 2 / (k + 1).
    game = rotations([numpy.pi / 2], [0.1])
    points = path(ProximalPoint(1.0, newton_steps=1), game, numpy.array([[1.0, 0.0]]), 200)
    assert moves(points, game, 1.0, 1.0)[100, 0] > 2 * 2 / 101


def test_the_state_reports_the_residual(rng):
    rule, game = Halpern(1.0, newton_steps=1), rotations([1.0], [1.0])
    _, state = rule.step(game, numpy.ones(2), rule.init(game, numpy.ones(2)))
    assert state.solved.residual < 1e-14
    assert int(state.count) == 1
    # One Newton step is not exact on a nonlinear game, and its residual is reported.
    rule, z = Halpern(1.0, newton_steps=1), numpy.array([2.0, -1.0])
    _, state = rule.step(DiracGAN(), z, rule.init(DiracGAN(), z))
    assert state.solved.residual > 1e-3


def test_the_relaxation_is_at_most_two():
    with pytest.raises(ValueError, match=r"`relaxation` must lie in \(0, 2\], got 3"):
        Halpern(0.1, relaxation=3)
