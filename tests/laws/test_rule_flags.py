"""What update rules say of themselves: whether steps change with time, and whether they are made for a domain."""

import numpy
import pytest

from gamedyn.games import Box
from gamedyn.updates import CurvatureExtragradientPlus, ForwardBackwardForward
from tests.cases import RULES, SIMPLEX_RULES
from tests.laws.test_updates import (
    CurvedGAN,
    every_linear_rule,
    every_rule,
    is_memory,
    leaves,
    run,
    symbol_of,
    with_memories,
)
from tests.updates.finite import SHAPLEY


@pytest.mark.parametrize("rule", RULES + SIMPLEX_RULES, ids=repr)
def test_steps_change_with_time_where_the_rule_says_so(rule, rng):
    # From the same point with the same memories, in a state that counts five steps and in one that counts none.
    on_simplices = any(rule is member for member in SIMPLEX_RULES)
    game = SHAPLEY if on_simplices else CurvedGAN()
    start = 0.5 + rng.random((3, sum(game.dims)))
    z, state = run(rule, game, game.domain.project(start), 5)
    d = z.shape[-1]
    fresh = with_memories(rule.init(game, z), iter([leaf for leaf in leaves(state) if is_memory(leaf, d)]), d)
    later, sooner = (step_on(rule, game, z, start) for start in (state, fresh))
    if rule.is_time_invariant:
        numpy.testing.assert_allclose(later, sooner, rtol=1e-9, atol=1e-12)
    else:
        assert numpy.max(abs(later - sooner)) > 1e-6


def step_on(rule, game, z, state):
    """The point after two more steps."""
    for _ in range(2):
        z, state = rule.step(game, z, state)
    return z


class BoxedGAN(CurvedGAN):
    domain = Box(0.4, 0.6)


@pytest.mark.parametrize("rule", [rule for rule in RULES + SIMPLEX_RULES if rule.has_flow], ids=repr)
def test_the_residual_is_opposed_to_the_flow(rule, rng):
    # What vanishes at rest is minus the velocity, up to a positive factor, projections and geometry.
    on_simplices = any(rule is member for member in SIMPLEX_RULES)
    game = SHAPLEY if on_simplices else CurvedGAN()
    z = game.domain.project(0.3 + rng.random((8, sum(game.dims))))
    against = -numpy.sum(rule.stationary_residual(game, z) * rule.flow(game, z), axis=-1)
    assert (against > 1e-6).all()


@every_linear_rule
def test_along_a_zero_eigenvalue_nothing_moves(rule):
    multipliers = symbol_of(rule, numpy.zeros(2))
    if multipliers is not None:
        numpy.testing.assert_allclose(abs(multipliers - 1).min(axis=-1), 0, rtol=0, atol=1e-15)
        assert numpy.isfinite(multipliers).all()


def test_rules_on_simplices_heed_them():
    assert all(rule.heeds_domain for rule in SIMPLEX_RULES)


@every_rule
def test_steps_heed_the_domain_where_the_rule_says_so(rule):
    # At its upper corner y rises, at its lower one x falls: a step on R^d leaves the box.
    z = numpy.array([[0.4, 0.6], [0.4, 0.4]])
    free, bound = (run(rule, game, z, 1)[0] for game in (CurvedGAN(), BoxedGAN()))
    assert numpy.array_equal(free, bound) != rule.heeds_domain
    if rule.heeds_domain and not isinstance(rule, ForwardBackwardForward | CurvatureExtragradientPlus):
        # Those two end with a correction that is not projected.
        assert BoxedGAN.domain.contains(bound).all()
