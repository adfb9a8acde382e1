"""Update rules: the declared matrix is what a step does, rest is where the rule says, batches are trajectories."""

import numpy
import pytest

from gamedyn.backend import array_namespace
from gamedyn.games import Counted, DiracGAN, Game, Quadratic, player_slices
from gamedyn.updates import AlternatingGradientDescent, LinearUpdateRule, map_hyper_parameters
from tests.cases import RULES

every_rule = pytest.mark.parametrize("rule", RULES, ids=repr)
LINEAR_RULES = [rule for rule in RULES if rule.is_linear]
every_linear_rule = pytest.mark.parametrize("rule", LINEAR_RULES, ids=repr)

TWO_PLAYER_ONLY = AlternatingGradientDescent(0.1, inner_steps=(1, 3), player_order=(1, 0))
SIZES = [(1, 1), (2, 3), (1, 2, 2)]


class CurvedGAN(Game):
    """The Dirac-GAN plus half the square of each player's own number: rules that divide by its curvature can play."""

    dims = (1, 1)

    def losses(self, z):
        return DiracGAN().losses(z) + z**2 / 2

    def loss_gradients(self, z):
        xp = array_namespace(z)
        zero = xp.zeros_like(z[..., 0])
        own = xp.stack([xp.stack([z[..., 0], zero], axis=-1), xp.stack([zero, z[..., 1]], axis=-1)], axis=-2)
        return DiracGAN().loss_gradients(z) + own

    def simultaneous_gradient(self, z):
        return DiracGAN().simultaneous_gradient(z) + z

    def jacobian(self, z):
        xp = array_namespace(z)
        return DiracGAN().jacobian(z) + xp.eye(2, dtype=z.dtype, device=z.device)


def linear_game(rng, dims, offset=False):
    """xi = J z + b with an arbitrary spectrum: only the players' own Hessians are symmetric."""
    d = sum(dims)
    jacobian = rng.standard_normal((d, d))
    for block in player_slices(dims):
        jacobian[block, block] += jacobian[block, block].T
    return Quadratic.from_jacobian(jacobian, dims, rng.standard_normal(d) if offset else None)


def sizes_for(rule):
    """The sizes of players that the rule can play with."""
    return [dims for dims in SIZES if rule.players in (None, len(dims))]


def every_size(members):
    """All pairs of a rule and sizes of players that it can play with."""
    pairs = [(rule, dims) for rule in members for dims in sizes_for(rule)]
    return pytest.mark.parametrize(("rule", "dims"), pairs, ids=repr)


def leaves(state):
    """The arrays of a state, however nested, in order."""
    if state is None:
        return []
    return [leaf for part in state for leaf in leaves(part)] if isinstance(state, tuple) else [state]


def is_memory(leaf, d):
    """A linear memory: real numbers of shape (..., d). Numbers per trajectory and counters are none."""
    return leaf.ndim > 0 and leaf.shape[-1:] == (d,) and numpy.asarray(leaf).dtype.kind == "f"


def with_memories(state, values, d):
    """The state with its memories replaced, in order, by the iterator's values."""
    if state is None:
        return None
    if isinstance(state, tuple):
        parts = [with_memories(part, values, d) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    return next(values) if is_memory(state, d) else state


def step_extended(rule, game, extended):
    """One step of [z, memories] (..., D), with every memory set by hand."""
    d = sum(game.dims)
    # More rows than d tell a memory (rows, d) from a number per trajectory (rows,).
    z, *parts = numpy.split(extended, extended.shape[-1] // d, axis=-1)
    state = with_memories(rule.init(game, z), iter(parts), d)
    z, state = rule.step(game, z, state)
    return numpy.concatenate([z, *(leaf for leaf in leaves(state) if is_memory(leaf, d))], axis=-1)


def stepped_matrix(rule, game):
    """The columns of the matrix: what a step does to basis vectors of the extended state, less what it does to 0."""
    d = sum(game.dims)
    state = rule.init(game, numpy.zeros((d + 1, d)))
    size = d * (1 + sum(is_memory(leaf, d) for leaf in leaves(state)))
    # Tiny, for rules that are linear only next to the point where they rest; a power of two costs no digit.
    tiny = 2.0**-300
    basis = numpy.concatenate([numpy.zeros((1, size)), tiny * numpy.eye(size)])
    after = step_extended(rule, game, basis)
    return ((after[1:] - after[0]) / tiny).T


@every_size(LINEAR_RULES)
def test_stepping_basis_vectors_gives_the_declared_matrix(rule, dims, rng):
    for _ in range(5):
        game = linear_game(rng, dims)
        z = numpy.zeros(sum(dims))
        declared = rule.iteration_matrix(game.jacobian(z), dims, game.loss_hessians(z))
        numpy.testing.assert_allclose(declared, stepped_matrix(rule, game), rtol=1e-12, atol=1e-12)


def symbol_of(rule, eigenvalues):
    """The multipliers that the rule declares, or None where it says that there are none."""
    try:
        return rule.symbol(eigenvalues)
    except NotImplementedError as refusal:
        if "has no symbol" in str(refusal):
            return None
        raise


def test_every_rule_that_is_linear_says_so():
    assert all(isinstance(rule, LinearUpdateRule) for rule in LINEAR_RULES)
    for rule in RULES:
        if isinstance(rule, LinearUpdateRule) and not rule.is_linear:
            with pytest.raises(NotImplementedError, match="has no matrix"):
                rule.iteration_matrix(numpy.eye(2), (1, 1))


@every_size(LINEAR_RULES)
def test_the_symbol_has_the_matrix_characteristic_polynomial(rule, dims, rng):
    game = linear_game(rng, dims)
    z = numpy.zeros(sum(dims))
    jacobian = game.jacobian(z)
    multipliers = symbol_of(rule, numpy.linalg.eigvals(jacobian))
    if multipliers is None:
        return
    matrix = rule.iteration_matrix(jacobian, dims, game.loss_hessians(z))
    # Coefficients, not eigenvalues: those near a double root lose half their digits.
    declared = numpy.poly(multipliers.reshape(-1))
    numpy.testing.assert_allclose(declared, numpy.poly(matrix), rtol=1e-9, atol=1e-9)
    assert multipliers.shape[0] == sum(dims)


@every_linear_rule
def test_matrices_come_in_batches(rule, rng):
    dims = sizes_for(rule)[-1]
    d = sum(dims)
    many = [linear_game(rng, dims) for _ in range(6)]
    jacobians = numpy.stack([game.jacobian(numpy.zeros(d)) for game in many]).reshape(2, 3, d, d)
    hessians = numpy.stack([game.loss_hessians(numpy.zeros(d)) for game in many]).reshape(2, 3, len(dims), d, d)
    together = rule.iteration_matrix(jacobians, dims, hessians)
    for i in numpy.ndindex(2, 3):
        single = rule.iteration_matrix(jacobians[i], dims, hessians[i])
        numpy.testing.assert_allclose(together[i], single, rtol=1e-13, atol=1e-13)


def rest_of(rule, game):
    """Where the residual that the rule declares vanishes, by Newton's method on its values."""
    d = sum(game.dims)
    z = numpy.linalg.solve(game.jacobian(numpy.zeros(d)), -game.simultaneous_gradient(numpy.zeros(d)))
    for _ in range(3):
        at = rule.stationary_residual(game, z)
        slope = numpy.stack([(rule.stationary_residual(game, z + e) - at) / 1e-3 for e in 1e-3 * numpy.eye(d)], -1)
        z = z - numpy.linalg.solve(slope, at)
    return z


@every_rule
def test_stationary_points_are_fixed(rule, rng):
    for dims in sizes_for(rule):
        game = linear_game(rng, dims, offset=True)
        z = rest_of(rule, game)
        assert numpy.max(abs(rule.stationary_residual(game, z))) < 1e-11
        state = rule.init(game, z)
        for _ in range(3):
            moved, state = rule.step(game, z, state)
            numpy.testing.assert_allclose(moved, z, rtol=0, atol=1e-11)


@every_rule
def test_elsewhere_the_residual_is_not_zero(rule, rng):
    game = linear_game(rng, sizes_for(rule)[-1])
    z = rng.standard_normal(5)
    assert numpy.max(abs(rule.stationary_residual(game, z))) > 1e-2
    moved, _ = rule.step(game, z, rule.init(game, z))
    assert numpy.max(abs(moved - z)) > 1e-3


def flow_of(rule, game, z):
    """The flow that the rule declares, or None."""
    try:
        return rule.flow(game, z)
    except NotImplementedError:
        return None


@every_rule
def test_small_steps_follow_the_flow(rule, rng):
    # |z2 - z - 2 h flow| is O(h^2): steps ten times smaller leave a defect a hundred times smaller. Two steps, so that
    # memories take part and an explicit Euler step has a defect too.
    game = DiracGAN()
    z = 0.5 + 0.5 * rng.random(2)
    defects = []
    for scale in (1e-2, 1e-3, 1e-4):
        fine = scaled_steps(rule, scale)
        velocity = flow_of(fine, game, z)
        if velocity is None:
            return
        moved, _ = run(fine, game, z, 2)
        defects.append(numpy.linalg.norm(moved - z - 2 * scale * 0.1 * velocity))
    assert defects[0] > 1e-8
    assert defects[1] < 0.011 * defects[0]
    assert defects[2] < 0.011 * defects[1]


@every_linear_rule
def test_symbols_take_one_hyper_parameter_per_row_of_eigenvalues(rule, rng):
    if symbol_of(rule, 1.0) is None:
        return
    eigenvalues = rng.standard_normal((3, 3)) + 1j * rng.standard_normal((3, 3))
    factors = rng.uniform(0.5, 1.0, 3)
    together = scaled(rule, factors).symbol(eigenvalues)
    for i in range(3):
        own = scaled(rule, float(factors[i]))
        numpy.testing.assert_allclose(together[i], own.symbol(eigenvalues[i]), rtol=1e-14)


# Hyper-parameters that go to zero with the step size; those of RULES have the step size 0.1.
STEPS = ("step_size", "extrapolation_step", "optimism")


def scaled_steps(rule, scale):
    """The rule with its step sizes multiplied by `scale`."""
    return map_hyper_parameters(rule, lambda name, value: scale * value if name in STEPS else value)


def scaled(rule, factor):
    """The rule with every number multiplied by `factor`, number or array; at most 1, to stay in its domain."""
    return map_hyper_parameters(rule, lambda name, value: value * factor)


def run(rule, game, z, steps):
    state = rule.init(game, z)
    for _ in range(steps):
        z, state = rule.step(game, z, state)
    return z, state


@every_rule
@pytest.mark.parametrize(("batch", "chosen"), [((3,), [(0,), (2,)]), ((2, 3), [(0, 1), (1, 0)])])
def test_a_batch_is_its_trajectories_one_by_one(rule, batch, chosen, rng):
    z = 0.5 * rng.standard_normal((*batch, 2))
    game = CurvedGAN()
    together, state = run(rule, game, z, 100)
    for i in chosen:
        alone, own = run(rule, game, z[i], 100)
        numpy.testing.assert_allclose(together[i], alone, rtol=1e-12, atol=1e-12)
        for leaf, single in zip(leaves(state), leaves(own), strict=True):
            assert leaf.shape[: len(batch)] == batch
            numpy.testing.assert_allclose(leaf[i], single, rtol=1e-12, atol=1e-12)


@every_rule
def test_every_trajectory_may_have_hyper_parameters_of_its_own(rule, rng):
    # The batch is as long as d: a value that is broadcast along coordinates instead would go unnoticed otherwise.
    game = linear_game(rng, sizes_for(rule)[-1])
    z = rng.standard_normal((5, 5))
    factors = rng.uniform(0.5, 1.0, 5)
    spread = scaled(rule, factors)
    together, _ = run(spread, game, z, 3)
    matrices = None
    if rule.is_linear:
        matrices = spread.iteration_matrix(game.jacobian(z), game.dims, game.loss_hessians(z))
    for i in range(5):
        own = scaled(rule, float(factors[i]))
        numpy.testing.assert_allclose(together[i], run(own, game, z[i], 3)[0], rtol=1e-12, atol=1e-12)
        if matrices is not None:
            declared = own.iteration_matrix(game.jacobian(z[i]), game.dims, game.loss_hessians(z[i]))
            numpy.testing.assert_allclose(matrices[i], declared, rtol=1e-12, atol=1e-12)


def floats(state):
    """The leaves that hold real numbers; counters are integers."""
    return [leaf for leaf in leaves(state) if "int" not in str(leaf.dtype)]


@every_rule
def test_every_library_steps_alike_and_keeps_its_arrays(rule, game_library, rng):
    start = 0.5 * rng.standard_normal((3, 2))
    game = CurvedGAN()
    spread = map_hyper_parameters(rule, lambda name, value: game_library.asarray([value] * 3))
    expected, _ = run(rule, game, start, 5)
    for member in (rule, spread):
        z, state = run(member, game, game_library.asarray(start), 5)
        assert game_library.owns(z)
        assert all(game_library.owns(leaf) for leaf in floats(state))
        numpy.testing.assert_allclose(game_library.host(z), expected, rtol=1e-13, atol=1e-13)
    if rule.is_linear:
        point = game_library.asarray(start)
        matrix = rule.iteration_matrix(game.jacobian(point), game.dims, game.loss_hessians(point))
        assert game_library.owns(matrix)
        declared = rule.iteration_matrix(game.jacobian(start), game.dims, game.loss_hessians(start))
        numpy.testing.assert_allclose(game_library.host(matrix), declared, rtol=1e-13, atol=1e-13)


@every_rule
def test_single_precision_stays(rule, game_library):
    z, state = run(rule, CurvedGAN(), game_library.asarray([[0.5, 0.25]], dtype="float32"), 3)
    assert game_library.owns(z, "float32")
    assert all(game_library.owns(leaf, "float32") for leaf in floats(state))


@every_size([rule for rule in RULES if not rule.cost.at_least])
def test_a_step_costs_what_is_declared(rule, dims, rng):
    game = Counted(linear_game(rng, dims))
    z = rng.standard_normal((4, sum(dims)))
    state = rule.init(game, z)
    before = (game.gradients, game.jvps, game.vjps, game.jacobians)
    for _ in range(3):
        z, state = rule.step(game, z, state)
    spent = numpy.subtract((game.gradients, game.jvps, game.vjps, game.jacobians), before) / 3
    # Every solve of a dense rule takes one Jacobian.
    declared = (rule.cost.gradients, rule.cost.jvps, rule.cost.vjps, rule.cost.solves)
    numpy.testing.assert_allclose(spent, declared, rtol=1e-15)


def test_a_rule_for_two_players_refuses_three(rng):
    for rule in RULES:
        if rule.players is not None:
            game = linear_game(rng, (1, 2, 2))
            with pytest.raises(ValueError, match=f"`{type(rule).__name__}` needs a game of {rule.players} players"):
                rule.init(game, numpy.zeros(5))
            with pytest.raises(ValueError, match=f"`{type(rule).__name__}` needs a game of {rule.players} players"):
                rule.step(game, numpy.zeros(5), None)


def test_uneven_turns_obey_the_same_laws(rng):
    rule, dims = TWO_PLAYER_ONLY, (2, 3)
    game = linear_game(rng, dims)
    declared = rule.iteration_matrix(game.jacobian(numpy.zeros(5)), dims)
    numpy.testing.assert_allclose(declared, stepped_matrix(rule, game), rtol=1e-12, atol=1e-12)
    test_small_steps_follow_the_flow(rule, rng)
    test_a_step_costs_what_is_declared(rule, (1, 1), rng)
