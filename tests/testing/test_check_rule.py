"""check_rule: right rules pass, wrong ones are named."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy
import pytest

from gamedyn.testing import check_rule
from gamedyn.updates import Averaged, Cost, LinearUpdateRule, MultiplicativeWeights, UpdateRule
from tests.cases import RULES, SIMPLEX_RULES


class Velocity(NamedTuple):
    """The memory of a heavy ball."""

    velocity: numpy.ndarray


@dataclass(frozen=True, eq=False)
class HeavyBall(LinearUpdateRule):
    """u <- u / 2 - h xi, z <- z + u, with one defect at a time."""

    defect: str = ""
    cost = Cost(gradients=1)

    def init(self, game, z):
        return Velocity(numpy.zeros_like(z))

    def step(self, game, z, state):
        xi = game.simultaneous_gradient(z)
        if self.defect == "batch":
            xi = xi - xi.mean(axis=0) if z.ndim > 1 else xi
        if self.defect == "writes":
            z -= 0.1 * xi
        velocity = state.velocity / 2 - 0.1 * xi
        drift = 1e-3 if self.defect == "drift" else 0.0
        return z + velocity + drift, Velocity(velocity)

    def stationary_residual(self, game, z):
        return game.simultaneous_gradient(z) + (1.0 if self.defect == "residual" else 0.0)

    def iteration_matrix(self, jacobian, dims, loss_hessians=None):
        identity = numpy.eye(jacobian.shape[-1])
        if self.defect == "size":
            return identity - 0.1 * jacobian
        top = [identity - 0.1 * jacobian, identity / 2]
        bottom = [-0.1 * jacobian, identity / 2]
        return numpy.block([bottom, top] if self.defect == "order" else [top, bottom])


SIZES = [(1, 2), (2, 2), (1, 1, 2)]
PLAYABLE = [(rule, dims) for rule in [*RULES, HeavyBall()] for dims in SIZES if rule.players in (None, len(dims))]


@pytest.mark.parametrize(("rule", "dims"), PLAYABLE, ids=repr)
def test_right_rules_pass(rule, dims):
    check_rule(rule, dims, rng=0)


@pytest.mark.parametrize("dims", [None, (3, 2), (2, 2, 3)], ids=repr)
@pytest.mark.parametrize("rule", [*SIMPLEX_RULES, Averaged(MultiplicativeWeights(0.1))], ids=repr)
def test_right_rules_on_simplices_pass(rule, dims):
    check_rule(rule, dims, simplices=True, rng=0)


@pytest.mark.parametrize(
    ("defect", "message"),
    [
        ("order", r"`iteration_matrix` of HeavyBall\(defect='order'\) at index .* by stepping"),
        ("size", "`iteration_matrix` .* has size 3, but z and 1 memories have 6"),
        ("batch", "`step` of .* on a batch at index .* one by one"),
        ("drift", "`step` of .* from rest at index"),
        ("residual", "`stationary_residual` of .* at rest at index"),
    ],
)
def test_a_defect_is_named(defect, message):
    with pytest.raises(AssertionError, match=message):
        check_rule(HeavyBall(defect), rng=0)


def test_a_rule_that_writes_into_its_point_raises():
    with pytest.raises(ValueError, match="read-only"):
        check_rule(HeavyBall("writes"), rng=0)


@dataclass(frozen=True, eq=False)
class Weights(UpdateRule):
    """z <- z exp(-h xi), normalised, with one defect at a time."""

    defect: str = ""
    cost = Cost(gradients=1)

    def step(self, game, z, state):
        xi = game.simultaneous_gradient(z)
        if self.defect == "batch":
            xi = xi - xi.mean(axis=0) if z.ndim > 1 else xi
        moved = z * numpy.exp(-0.1 * xi)
        for block in (slice(0, 2), slice(2, 5)):
            moved[..., block] /= moved[..., block].sum(-1, keepdims=True)
        if self.defect == "negative":
            moved = z + 50 * (moved - z)
        if self.defect == "sums":
            moved = moved + abs(moved - z) / 10
        if self.defect == "drift":
            return 0.999 * moved + 0.001 * numpy.array([0.5, 0.5, 0.25, 0.25, 0.5]), None
        return moved, None

    def stationary_residual(self, game, z):
        if self.defect == "residual":
            return game.simultaneous_gradient(z) - 1
        costs = z * game.simultaneous_gradient(z)
        means = numpy.repeat([costs[..., :2].sum(), costs[..., 2:].sum()], (2, 3))
        return costs - z * means


@pytest.mark.parametrize(
    ("defect", "message"),
    [
        ("batch", "`step` of .* on a batch at index .* one by one"),
        ("negative", "^`step` of .* on simplices at index .* expected at least"),
        ("sums", "the sums of `step` of .* on simplices at index .* expected"),
        ("drift", r"`stationary_residual` of .* is 0 at z = \[1.0, 0.0, 1.0, 0.0, 0.0\], but its .* move by 0.00"),
        ("residual", r"`stationary_residual` of .* at z = \[1.0, 0.0, 1.0, 0.0, 0.0\], but its .* move by 0"),
    ],
)
def test_a_defect_on_simplices_is_named(defect, message):
    check_rule(Weights(), simplices=True, rng=0)
    with pytest.raises(AssertionError, match=message):
        check_rule(Weights(defect), simplices=True, rng=0)


def test_a_rule_of_simplices_refuses_other_games_itself():
    with pytest.raises(ValueError, match="`MultiplicativeWeights` needs a game with one or more simplices per player"):
        check_rule(MultiplicativeWeights(0.1), rng=0)
