"""Critical strengths of regularisers against closed forms."""

import math

import numpy
import pytest
import sympy

from gamedyn.equilibria import critical_regularization
from gamedyn.games import ConsensusRegularized, DiracGAN, Quadratic, Regularized, SymbolicGame, rosca_rotation
from gamedyn.objectives import Minimax, NonSaturating, Wasserstein
from gamedyn.updates import Consensus, SimultaneousGradientDescent


def plane(j):
    return Quadratic.from_jacobian(j, (1, 1))


@pytest.mark.parametrize("objective", [Minimax(), NonSaturating(), Wasserstein()], ids=lambda o: type(o).__name__)
def test_the_gan_of_mescheder_turns_below_twice_its_slope(objective):
    slope = abs(DiracGAN(objective).jacobian(numpy.zeros(2))[0, 1])

    def game_of(g):
        return Regularized(DiracGAN(objective), r1=g)

    real = critical_regularization(game_of, [0.0, 0.0], (0.0, 5.0), property="real")
    # -g/2 +- sqrt(g^2/4 - f'(0)^2).
    assert real.value == pytest.approx(2 * slope, rel=1e-11)
    attracting = critical_regularization(game_of, [0.0, 0.0], (0.0, 5.0))
    assert attracting.value < 1e-11
    assert attracting.intervals[0][1] == 5.0


def test_descent_on_the_damped_gan_converges_between_two_strengths():
    # |r| < 1 for z^2 - t z + p, t = 2 - h g, p = 1 - h g + h^2 c^2: h c^2 < g and g < (4 + h^2 c^2) / (2 h).
    h, c = 0.4, 0.5
    found = critical_regularization(
        lambda g: Regularized(DiracGAN(), r1=g), [0.0, 0.0], (0.0, 20.0), rule=SimultaneousGradientDescent(h)
    )
    assert found.crossings == (
        pytest.approx(h * c**2, rel=1e-10),
        pytest.approx((4 + (h * c) ** 2) / (2 * h), rel=1e-10),
    )
    assert found.value == found.crossings[0]
    assert str(found).startswith("from 0.1 on; in (0.1, 5.05)")


def test_a_regulariser_in_the_rule_is_varied_by_a_callable():
    # Consensus on s x y: |1 - h (i s + gamma s^2)|^2 < 1.
    h, s = 0.1, 2.0
    game = plane([[0.0, s], [-s, 0.0]])
    found = critical_regularization(lambda g: game, [0.0, 0.0], (0.0, 3.0), rule=lambda g: Consensus(h, gamma=g))
    # (1 - h g s^2)^2 + h^2 s^2 = 1.
    roots = [(1 - sign * math.sqrt(1 - (h * s) ** 2)) / (h * s**2) for sign in (1, -1)]
    assert [c for c in found.crossings if c <= 3] == pytest.approx([r for r in roots if r <= 3], rel=1e-9)


def test_two_crossings_between_neighbours_are_not_missed():
    # Negative within 1e-4 of 0.512345; what counts as 0, 1e-13, over the slope there, 2e-4, is the error allowed.
    def game_of(g):
        return plane([[(g - 0.512345) ** 2 - 1e-8, 1.0], [-1.0, (g - 0.512345) ** 2 - 1e-8]])

    found = critical_regularization(game_of, [0.0, 0.0], (0.0, 1.0), count=9)
    assert found.crossings == (pytest.approx(0.512345 - 1e-4, abs=1e-9), pytest.approx(0.512345 + 1e-4, abs=1e-9))
    assert found.value == 0.0
    assert len(found.intervals) == 2


def test_a_point_that_moves_with_the_strength():
    # J = [[1, 0], [0, g^2 - 1]] at x = g, y = 0.
    x, y = sympy.symbols("x y")

    def game_of(g):
        return SymbolicGame([(x - g) ** 2 / 2, (x**2 - 1) * y**2 / 2], [x, y])

    found = critical_regularization(game_of, lambda g: [g, 0.0], (0.0, 3.0), count=5)
    assert found.value == pytest.approx(1, abs=1e-11)


def test_consensus_in_the_losses(rng):
    # rosca_rotation(eps) has J = [[eps, -1], [1, eps]] with eps < 0: J + gamma J^T J has the real part eps + gamma
    # (1 + eps^2).
    eps = -0.3
    found = critical_regularization(lambda g: ConsensusRegularized(rosca_rotation(eps), g), [0.0, 0.0], (0.0, 2.0))
    assert found.value == pytest.approx(-eps / (1 + eps**2), rel=1e-11)
    never = critical_regularization(lambda g: rosca_rotation(eps), [0.0, 0.0], (0.0, 2.0))
    assert never.value == math.inf
    assert str(never) == "at no strength between the bounds"


def test_bad_input_is_named():
    game = rosca_rotation(0.1)
    with pytest.raises(TypeError, match="`game_of` must be a callable from a strength to a game, got Quadratic"):
        critical_regularization(game, [0.0, 0.0], (0.0, 1.0))
    with pytest.raises(ValueError, match=r"`bounds` must be finite with the lower one first, got \(1, 0\)"):
        critical_regularization(lambda g: game, [0.0, 0.0], (1.0, 0.0))
    with pytest.raises(ValueError, match="`property` must be one of 'attracting', 'real', got 'reel'"):
        critical_regularization(lambda g: game, [0.0, 0.0], (0.0, 1.0), property="reel")
    with pytest.raises(ValueError, match="`rule` must be left out"):
        critical_regularization(
            lambda g: game, [0.0, 0.0], (0.0, 1.0), property="real", rule=SimultaneousGradientDescent(0.1)
        )
    with pytest.raises(ValueError, match=r"`z` must be one point of shape \(2,\)"):
        critical_regularization(lambda g: game, numpy.zeros((3, 2)), (0.0, 1.0))
