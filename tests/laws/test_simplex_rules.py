"""Rules on mixed strategies: they stay on the simplex, rest where they say, and batches are trajectories."""

import numpy
import pytest

from gamedyn.games import Bilinear, Box, Counted, MatrixGame, NormalFormGame, player_slices
from gamedyn.updates import MirrorProx, ProjectedGradient, map_hyper_parameters
from tests.cases import SIMPLEX_RULES
from tests.laws.test_updates import flow_of, leaves, run, scaled, scaled_steps

every_rule = pytest.mark.parametrize("rule", SIMPLEX_RULES, ids=repr)

PENNIES = MatrixGame([[1.0, -1.0], [-1.0, 1.0]])
# Strict equilibrium: the second action of both, whatever the other does.
DILEMMA = MatrixGame([[-1.0, -3.0], [0.0, -2.0]], [[-1.0, 0.0], [-3.0, -2.0]])


def finite_game(rng, sizes=(2, 3, 2)):
    return NormalFormGame(rng.standard_normal((len(sizes), *sizes)))


def mixed(rng, game, batch, faces=False):
    """Strategies drawn uniformly; with `faces`, each action lacks mass with chance 1/2, but the player's first."""
    parts = []
    for size in game.dims:
        x = rng.exponential(size=(*batch, size))
        if faces:
            x[..., 1:] *= rng.integers(0, 2, (*batch, size - 1))
        parts.append(x / x.sum(-1, keepdims=True))
    return numpy.concatenate(parts, axis=-1)


def check_simplices(game, z, places=1e-12):
    assert numpy.all(z >= 0)
    for block in player_slices(game.dims):
        numpy.testing.assert_allclose(z[..., block].sum(-1), 1, rtol=0, atol=places)


@every_rule
def test_play_stays_on_the_simplex(rule, rng):
    game = finite_game(rng, (3, 4))
    z = numpy.concatenate([mixed(rng, game, (4,)), mixed(rng, game, (8,), faces=True)])
    assert (z == 0).any()
    state = rule.init(game, z)
    for _ in range(1000):
        z, state = rule.step(game, z, state)
    check_simplices(game, z)


@every_rule
def test_large_payoffs_and_vertices_are_harmless(rule):
    # Costs a thousand times a step: every exponential overflows if it is not shifted.
    game = MatrixGame([[1e6, -2e6, 0.0], [0.0, 3e6, -1e6]], [[1e6, 0.0, -5e6], [-3e6, 0.0, 2e6]])
    starts = numpy.array([[1.0, 0.0, 0.0, 1.0, 0.0], [0.5, 0.5, 0.25, 0.25, 0.5], [0.0, 1.0, 0.5, 0.0, 0.5]])
    z, _ = run(rule, game, starts, 50)
    check_simplices(game, z)


@every_rule
def test_the_rule_rests_exactly_where_its_residual_vanishes(rule, rng):
    candidates = [
        (PENNIES, [0.5, 0.5, 0.5, 0.5]),
        (PENNIES, [1.0, 0.0, 0.0, 1.0]),
        (PENNIES, [0.75, 0.25, 0.5, 0.5]),
        (DILEMMA, [0.0, 1.0, 0.0, 1.0]),
        (DILEMMA, [1.0, 0.0, 1.0, 0.0]),
        (DILEMMA, [0.5, 0.5, 0.5, 0.5]),
    ]
    rests = []
    for game, point in candidates:
        z = numpy.array(point)
        residual = numpy.max(abs(rule.stationary_residual(game, z)))
        state = rule.init(game, z)
        moved, state = rule.step(game, z, state)
        for _ in range(2):
            again, state = rule.step(game, moved, state)
        if residual < 1e-14:
            numpy.testing.assert_allclose(moved, z, rtol=0, atol=1e-14)
            numpy.testing.assert_allclose(again, z, rtol=0, atol=1e-14)
            rests.append(point)
        else:
            assert numpy.max(abs(moved - z)) > 1e-4
    assert rests


@every_rule
def test_small_steps_follow_the_flow(rule, rng):
    # |z2 - z - 2 h flow| is O(h^2): steps ten times smaller leave a defect a hundred times smaller.
    game = finite_game(rng)
    z = mixed(rng, game, ())
    defects = []
    for scale in (1e-2, 1e-3, 1e-4):
        fine = scaled_steps(rule, scale)
        velocity = flow_of(fine, game, z)
        assert (velocity is not None) == rule.has_flow
        if velocity is None:
            return
        assert numpy.linalg.norm(velocity) > 1e-2
        moved, _ = run(fine, game, z, 2)
        defects.append(numpy.linalg.norm(moved - z - 2 * scale * 0.1 * velocity))
    assert defects[1] < 0.011 * defects[0] + 1e-15
    assert defects[2] < 0.011 * defects[1] + 1e-15


@every_rule
@pytest.mark.parametrize("batch", [(7,), (2, 3)])
def test_a_batch_is_its_trajectories_one_by_one(rule, batch, rng):
    game = finite_game(rng)
    z = mixed(rng, game, batch)
    together, state = run(rule, game, z, 60)
    for i in numpy.ndindex(*batch):
        alone, own = run(rule, game, z[i], 60)
        numpy.testing.assert_allclose(together[i], alone, rtol=1e-12, atol=1e-12)
        for leaf, single in zip(leaves(state), leaves(own), strict=True):
            assert leaf.shape[: len(batch)] == batch
            numpy.testing.assert_allclose(leaf[i], single, rtol=1e-12, atol=1e-12)


@every_rule
def test_every_trajectory_may_have_hyper_parameters_of_its_own(rule, rng):
    # The batch is as long as d: a value that is broadcast along coordinates instead would go unnoticed otherwise.
    game = finite_game(rng)
    z = mixed(rng, game, (7,))
    factors = rng.uniform(0.5, 1.0, 7)
    together, _ = run(scaled(rule, factors), game, z, 3)
    for i in range(7):
        alone, _ = run(scaled(rule, float(factors[i])), game, z[i], 3)
        numpy.testing.assert_allclose(together[i], alone, rtol=1e-12, atol=1e-12)


@every_rule
def test_every_library_steps_alike_and_keeps_its_arrays(rule, game_library, rng):
    game = finite_game(rng)
    start = mixed(rng, game, (3,))
    spread = map_hyper_parameters(rule, lambda name, value: game_library.asarray([value] * 3))
    expected, _ = run(rule, game, start, 5)
    for member in (rule, spread):
        point = game_library.asarray(start)
        z, state = run(member, game, point, 5)
        assert game_library.owns(z)
        assert all(game_library.owns(leaf) for leaf in leaves(state) if "int" not in str(leaf.dtype))
        numpy.testing.assert_allclose(game_library.host(z), expected, rtol=1e-13, atol=1e-13)
        residual = member.stationary_residual(game, point)
        assert game_library.owns(residual)
        numpy.testing.assert_allclose(
            game_library.host(residual), rule.stationary_residual(game, start), rtol=1e-12, atol=1e-13
        )


@every_rule
def test_single_precision_stays(rule, game_library, rng):
    game = finite_game(rng)
    start = mixed(rng, game, (4,))
    z, state = run(rule, game, game_library.asarray(start, dtype="float32"), 20)
    assert game_library.owns(z, "float32")
    assert all(game_library.owns(leaf, "float32") for leaf in leaves(state) if "int" not in str(leaf.dtype))
    check_simplices(game, game_library.host(z), 1e-5)


@every_rule
def test_a_step_costs_what_is_declared(rule, rng):
    for sizes in ((2, 3), (2, 3, 2)):
        game = Counted(finite_game(rng, sizes))
        z = mixed(rng, game, (4,))
        state = rule.init(game, z)
        before = game.gradients
        for _ in range(3):
            z, state = rule.step(game, z, state)
        numpy.testing.assert_allclose((game.gradients - before) / 3, rule.cost.gradients, rtol=1e-15)
        assert game.jvps == game.vjps == game.jacobians == game.loss_calls == 0


@every_rule
def test_other_domains_are_refused_at_the_start(rule):
    if isinstance(rule, (MirrorProx, ProjectedGradient)):
        return
    game = Bilinear([[1.0]])
    message = f"`{type(rule).__name__}` needs a game with one (simplex|or more simplices) per player"
    with pytest.raises(ValueError, match=message):
        rule.init(game, numpy.zeros(2))
    game.domain = Box(0.0, 1.0)
    with pytest.raises(ValueError, match=r"got Box\(0.0, 1.0\) for players of sizes \(1, 1\)"):
        rule.init(game, numpy.zeros(2))
