"""check_rule: right rules pass, wrong ones are named."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy
import pytest

from gamedyn.testing import check_rule
from gamedyn.updates import Cost, LinearUpdateRule
from tests.cases import RULES


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
