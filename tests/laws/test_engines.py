"""Engines of simulate: powers of the matrix give what stepping gives, for every linear rule."""

import numpy
import pytest

from gamedyn.dynamics import DistanceTo, simulate
from gamedyn.dynamics._powers import is_linear_everywhere, play_by_powers, works_by_powers
from gamedyn.dynamics._request import Request
from gamedyn.games import TimescaleSeparated
from gamedyn.updates import map_hyper_parameters
from tests.cases import RULES
from tests.laws.test_updates import leaves, linear_game, sizes_for

LINEAR = [rule for rule in RULES if rule.is_linear and is_linear_everywhere(rule)]
every_linear_rule = pytest.mark.parametrize("rule", LINEAR, ids=repr)


def both(rule, game, z, steps, **options):
    """(by powers, by steps); the first is None where that engine does not apply."""
    request = Request(game=game, rule=rule, z=z, steps=steps, **options)
    assert works_by_powers(request)
    return play_by_powers(request), simulate(game, rule, z, steps, engine="step", **options)


def assert_alike(found, stepped, bound):
    scale = numpy.max(abs(stepped.points))
    numpy.testing.assert_allclose(found.points, stepped.points, rtol=0, atol=bound * scale)
    numpy.testing.assert_allclose(found.final, stepped.final, rtol=0, atol=bound * scale)
    for name in ("times", "gradient_calls", "status", "stop_step"):
        numpy.testing.assert_array_equal(getattr(found, name), getattr(stepped, name))
    for ours, theirs in zip(leaves(found.final_state), leaves(stepped.final_state), strict=True):
        size = max(scale, numpy.max(abs(theirs)))
        numpy.testing.assert_allclose(ours, theirs, rtol=0, atol=bound * size)
    numpy.testing.assert_allclose(found.observed["d"], stepped.observed["d"], rtol=0, atol=bound * scale)


@every_linear_rule
@pytest.mark.parametrize("offset", [False, True])
def test_powers_are_steps(rule, offset, rng):
    taken = 0
    for dims in sizes_for(rule):
        game = linear_game(rng, dims, offset=offset)
        batches = rng.standard_normal((2, 3, sum(dims)))
        for z, options in ((batches, {}), (batches, {"record_every": 7}), (batches[0, 0], {"record_every": 101})):
            found, stepped = both(rule, game, z, 100, observe={"d": DistanceTo(z[..., :1])}, **options)
            taken += found is not None
            if found is not None:
                assert_alike(found, stepped, 1e-12)
    # A rule that counts or measures something beside its points is stepped through.
    state = rule.init(game, z)
    assert taken or any(leaf.shape != z.shape or leaf.dtype != z.dtype for leaf in leaves(state))


@every_linear_rule
def test_every_trajectory_has_its_matrix(rule, rng):
    dims = sizes_for(rule)[0]
    game = linear_game(rng, dims, offset=True)
    factors = rng.uniform(0.5, 1.0, 3)
    spread = map_hyper_parameters(rule, lambda name, value: value * factors)
    z = rng.standard_normal((2, 3, sum(dims)))
    found, stepped = both(spread, game, z, 100, observe={"d": DistanceTo()})
    if found is not None:
        assert_alike(found, stepped, 1e-12)


@every_linear_rule
def test_powers_stay_in_the_library(rule, game_library, rng):
    dims = sizes_for(rule)[-1]
    game = TimescaleSeparated(linear_game(rng, dims), (1.0, 0.7, 0.9)[: len(dims)])
    start = rng.standard_normal((4, sum(dims)))
    expected = simulate(game, rule, start, 30, engine="step").points
    for dtype, bound in (("float64", 1e-12), ("float32", 1e-5)):
        z = game_library.asarray(start, dtype=dtype)
        found = play_by_powers(Request(game=game, rule=rule, z=z, steps=30))
        if found is None:
            continue
        assert game_library.owns(found.points, dtype)
        assert game_library.owns(found.final, dtype)
        numpy.testing.assert_allclose(
            game_library.host(found.points), expected, rtol=0, atol=bound * numpy.max(abs(expected))
        )


def test_a_rule_whose_map_depends_on_the_point_is_stepped(rng):
    bent = [rule for rule in RULES if rule.is_linear and not is_linear_everywhere(rule)]
    assert bent
    for rule in bent:
        game = linear_game(rng, sizes_for(rule)[-1])
        z = rng.standard_normal((2, 5))
        assert not works_by_powers(Request(game=game, rule=rule, z=z, steps=100))
