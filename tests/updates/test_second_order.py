"""What second-order rules ask of a game before they start."""

import numpy
import pytest

from gamedyn.games import Game, Quadratic
from gamedyn.updates import CurvatureExtragradientPlus, LinearUpdateRule, RungeKutta, check_jvp
from tests.cases import RULES

NEEDING_PRODUCTS = {
    "AdaptiveCompetitive",
    "Competitive",
    "Consensus",
    "DriftCancelling",
    "FollowTheRidge",
    "HamiltonianDescent",
    "LocalSymplecticSurgery",
    "Lola",
    "LookaheadOpponent",
    "ProximalPoint",
    "StableOpponentShaping",
    "StackelbergGradient",
    "SymplecticAdjustment",
}
# Others do where they are set to.
SET_TO = [RungeKutta(0.1, regularisation=0.2), CurvatureExtragradientPlus()]


class RealOnly(Game):
    """f = x^2 + atan(y) x and y^2, by a gradient whose arctangent refuses complex numbers."""

    dims = (1, 1)

    def losses(self, z):
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([x**2 + numpy.arctan2(y, 1.0) * x, y**2 + x * y], axis=-1)

    def loss_gradients(self, z):
        x, y = z[..., 0], z[..., 1]
        rows = [[2 * x + numpy.arctan2(y, 1.0), x / (1 + y**2)], [y, 2 * y + x]]
        return numpy.stack([numpy.stack(row, axis=-1) for row in rows], axis=-2)


class RealPart(RealOnly):
    """The same, dropping imaginary parts: a complex step gives 0."""

    def loss_gradients(self, z):
        return super().loss_gradients(z.real)


class Mended(RealOnly):
    """The same with products of its own, by differences."""

    def jvp(self, z, v):
        return (self.simultaneous_gradient(z + 1e-6 * v) - self.simultaneous_gradient(z - 1e-6 * v)) / 2e-6


@pytest.mark.parametrize("rule", [*(r for r in RULES if type(r).__name__ in NEEDING_PRODUCTS), *SET_TO], ids=repr)
def test_a_game_without_products_is_refused_with_the_cure(rule):
    z = numpy.array([[0.3, 0.4], [1.0, -0.5]])
    name = type(rule).__name__
    with pytest.raises(TypeError, match=f"`{name}` needs the products J v of `game`, but `RealOnly.jvp` failed with"):
        rule.init(RealOnly(), z)
    with pytest.raises(TypeError, match="Override `jvp`, or give the losses to FunctionGame with differences"):
        rule.init(RealOnly(), z)
    with pytest.raises(TypeError, match=f"`{name}` needs .* `RealPart.jvp` gives 0 where the gradient changes"):
        rule.init(RealPart(), z)
    state = rule.init(Mended(), z)
    moved, _ = rule.step(Mended(), z, state)
    assert numpy.isfinite(moved).all()


@pytest.mark.parametrize("rule", [RungeKutta(0.1, order=2), CurvatureExtragradientPlus(0.1)], ids=repr)
def test_products_that_a_rule_was_not_set_to_use_are_not_asked_for(rule):
    z = numpy.array([0.3, 0.4])
    moved, _ = rule.step(RealOnly(), z, rule.init(RealOnly(), z))
    assert numpy.isfinite(moved).all()


def test_a_vanishing_jacobian_is_none_of_its_business():
    rule = next(rule for rule in RULES if isinstance(rule, LinearUpdateRule))
    check_jvp(rule, Quadratic([[[0.0]]], (1,), [[1.0]]), numpy.zeros(1))

    class Quartic(Game):
        dims = (1,)

        def losses(self, z):
            return z**4 / 4

        def simultaneous_gradient(self, z):
            return z**3

    for dtype in ("float64", "float32"):
        check_jvp(rule, Quartic(), numpy.zeros((2, 1), dtype))


def test_single_precision_games_are_seen_through_too():
    with pytest.raises(TypeError, match="gives 0 where the gradient changes"):
        check_jvp(RULES[0], RealPart(), numpy.array([0.3, 0.4], "float32"))
