"""Rules that project find saddle points on the boundary of a box, and rest there."""

import numpy
import pytest

from gamedyn.games import Box, Quadratic
from gamedyn.updates import (
    CurvatureExtragradientPlus,
    Extragradient,
    ForwardBackwardForward,
    ForwardReflectedBackward,
    PastExtragradient,
    PrimalDualHybridGradient,
    ReflectedGradient,
)

RULES = [
    Extragradient(0.3),
    Extragradient(0.3, extrapolation_step=0.4),
    Extragradient(0.3, schedule="alternating"),
    PastExtragradient(0.3),
    ReflectedGradient(0.3),
    ForwardReflectedBackward(0.3),
    ForwardBackwardForward(0.3),
    PrimalDualHybridGradient(0.3),
    CurvatureExtragradientPlus(0.3),
    CurvatureExtragradientPlus(0.3, backtracks=0),
    CurvatureExtragradientPlus(),
]


def boxed(jacobian, offset, lower, upper):
    game = Quadratic.from_jacobian(jacobian, (1, 1), offset)
    game.domain = Box(numpy.array(lower), numpy.array(upper))
    return game


# x^2 / 2 + x y - y^2 / 2 - 3 x - y / 2 on the unit square: x = 1 presses on its bound, y = x - 1/2 does not.
CURVED = boxed([[1.0, 1.0], [-1.0, 1.0]], [-3.0, 0.5], [0.0, 0.0], [1.0, 1.0]), [1.0, 0.5]
# x y on [1, 2] x [-1, 1]: y rises to 1 as x > 0, and x falls to 1 as y > 0.
CORNER = boxed([[0.0, 1.0], [-1.0, 0.0]], [0.0, 0.0], [1.0, -1.0], [2.0, 1.0]), [1.0, 1.0]
# (x - 2) y on [0, 1] x [-1, 1], whose saddle of all of R^2 lies outside: x = 1 and y = -1.
OUTSIDE = boxed([[0.0, 1.0], [-1.0, 0.0]], [0.0, 2.0], [0.0, -1.0], [1.0, 1.0]), [1.0, -1.0]


@pytest.mark.parametrize("rule", RULES, ids=repr)
@pytest.mark.parametrize("problem", [CURVED, CORNER, OUTSIDE], ids=["side", "corner", "outside"])
def test_the_saddle_on_the_boundary_is_found(rule, problem, rng):
    game, saddle = problem
    z = game.domain.project(rng.standard_normal((5, 2)))
    state = rule.init(game, z)
    for _ in range(200):
        z, state = rule.step(game, z, state)
    numpy.testing.assert_allclose(z, numpy.broadcast_to(saddle, z.shape), rtol=0, atol=1e-10)
    assert numpy.max(abs(rule.stationary_residual(game, z))) < 1e-10


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_it_rests_where_no_player_gains_within_the_box(rule):
    game, saddle = CURVED
    z = numpy.array(saddle)
    assert numpy.max(abs(game.simultaneous_gradient(z))) > 1
    state = rule.init(game, z)
    for _ in range(5):
        z, state = rule.step(game, z, state)
        assert z.tolist() == saddle
    assert rule.stationary_residual(game, z).tolist() == [0.0, 0.0]
    assert numpy.max(abs(rule.stationary_residual(game, numpy.array([1.0, 0.75])))) > 0.1


@pytest.mark.parametrize(
    "rule", [r for r in RULES if type(r) not in (ForwardBackwardForward, CurvatureExtragradientPlus)]
)
def test_points_stay_in_the_box(rule, rng):
    for game, _ in (CURVED, CORNER, OUTSIDE):
        z = game.domain.project(rng.standard_normal((5, 2)))
        state = rule.init(game, z)
        for _ in range(20):
            z, state = rule.step(game, z, state)
            assert game.domain.contains(z).all()
