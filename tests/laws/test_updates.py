"""Update rules: the declared matrix is what a step does, rest is where the rule says, batches are trajectories."""

import dataclasses

import numpy
import pytest

from gamedyn.games import Counted, DiracGAN, Quadratic, player_slices
from gamedyn.updates import AlternatingGradientDescent, LinearUpdateRule
from tests.cases import RULES

every_rule = pytest.mark.parametrize("rule", RULES, ids=repr)
every_linear_rule = pytest.mark.parametrize("rule", [r for r in RULES if isinstance(r, LinearUpdateRule)], ids=repr)

TWO_PLAYER_ONLY = AlternatingGradientDescent(0.1, inner_steps=(1, 3), player_order=(1, 0))
SIZES = [(1, 1), (2, 3), (1, 2, 2)]


def linear_game(rng, dims, offset=False):
    """xi = J z + b with an arbitrary spectrum: only the players' own Hessians are symmetric."""
    d = sum(dims)
    jacobian = rng.standard_normal((d, d))
    for block in player_slices(dims):
        jacobian[block, block] += jacobian[block, block].T
    return Quadratic.from_jacobian(jacobian, dims, rng.standard_normal(d) if offset else None)


def memories(state, d):
    """The names of the state's linear memories, in the order of the extended state."""
    if state is None:
        return []
    return [name for name, leaf in zip(state._fields, state, strict=True) if leaf.ndim and leaf.shape[-1:] == (d,)]


def step_extended(rule, game, extended):
    """One step of [z, memories] (..., D), with every memory set by hand."""
    d = sum(game.dims)
    z = extended[..., :d]
    # A leading axis of length d + 1 tells a memory (d + 1, d) from a number per trajectory (d + 1,).
    state = rule.init(game, z)
    parts = memories(state, d)
    if parts:
        values = {name: extended[..., (k + 1) * d : (k + 2) * d] for k, name in enumerate(parts)}
        state = state._replace(**values)
    z, state = rule.step(game, z, state)
    return numpy.concatenate([z, *(getattr(state, name) for name in parts)], axis=-1)


def stepped_matrix(rule, game):
    """The columns of the matrix: what a step does to basis vectors of the extended state, less what it does to 0."""
    d = sum(game.dims)
    size = d * (1 + len(memories(rule.init(game, numpy.zeros((d + 1, d))), d)))
    basis = numpy.concatenate([numpy.zeros((1, size)), numpy.eye(size)])
    after = step_extended(rule, game, basis)
    return (after[1:] - after[0]).T


@every_linear_rule
@pytest.mark.parametrize("dims", SIZES)
def test_stepping_basis_vectors_gives_the_declared_matrix(rule, dims, rng):
    for _ in range(5):
        game = linear_game(rng, dims)
        z = numpy.zeros(sum(dims))
        declared = rule.iteration_matrix(game.jacobian(z), dims, game.loss_hessians(z))
        numpy.testing.assert_allclose(declared, stepped_matrix(rule, game), rtol=1e-12, atol=1e-12)


@every_linear_rule
@pytest.mark.parametrize("dims", SIZES)
def test_the_symbol_has_the_matrix_characteristic_polynomial(rule, dims, rng):
    game = linear_game(rng, dims)
    jacobian = game.jacobian(numpy.zeros(sum(dims)))
    if type(rule).symbol is LinearUpdateRule.symbol:
        with pytest.raises(NotImplementedError, match=f"{type(rule).__name__} has no symbol"):
            rule.symbol(1.0)
        return
    multipliers = rule.symbol(numpy.linalg.eigvals(jacobian))
    # Coefficients, not eigenvalues: those near a double root lose half their digits.
    declared = numpy.poly(multipliers.reshape(-1))
    numpy.testing.assert_allclose(declared, numpy.poly(rule.iteration_matrix(jacobian, dims)), rtol=1e-9, atol=1e-9)
    assert multipliers.shape[0] == sum(dims)


@every_linear_rule
def test_matrices_come_in_batches(rule, rng):
    jacobians = numpy.stack([linear_game(rng, (1, 2)).jacobian(numpy.zeros(3)) for _ in range(6)]).reshape(2, 3, 3, 3)
    together = rule.iteration_matrix(jacobians, (1, 2))
    for i in numpy.ndindex(2, 3):
        numpy.testing.assert_allclose(together[i], rule.iteration_matrix(jacobians[i], (1, 2)), rtol=1e-13, atol=1e-13)


@every_rule
def test_stationary_points_are_fixed(rule, rng):
    for dims in SIZES:
        game = linear_game(rng, dims, offset=True)
        z = numpy.linalg.solve(
            game.jacobian(numpy.zeros(sum(dims))), -game.simultaneous_gradient(numpy.zeros(sum(dims)))
        )
        assert numpy.max(abs(rule.stationary_residual(game, z))) < 1e-11
        state = rule.init(game, z)
        for _ in range(3):
            moved, state = rule.step(game, z, state)
            numpy.testing.assert_allclose(moved, z, rtol=0, atol=1e-11)


@every_rule
def test_elsewhere_the_residual_is_not_zero(rule, rng):
    game = linear_game(rng, (1, 2, 2))
    z = rng.standard_normal(5)
    assert numpy.max(abs(rule.stationary_residual(game, z))) > 1e-2
    moved, _ = rule.step(game, z, rule.init(game, z))
    assert numpy.max(abs(moved - z)) > 1e-3


@every_rule
def test_small_steps_follow_the_flow(rule, rng):
    # |z2 - z - 2 h flow| is O(h^2): steps ten times smaller leave a defect a hundred times smaller. Two steps, so that
    # memories take part and an explicit Euler step has a defect too.
    game = DiracGAN()
    z = 0.5 + 0.5 * rng.random(2)
    defects = []
    for scale in (1e-2, 1e-3, 1e-4):
        fine = dataclasses.replace(rule, **{name: scale * value for name, value in steps_of(rule).items()})
        moved, _ = run(fine, game, z, 2)
        defects.append(numpy.linalg.norm(moved - z - 2 * fine.step_size * fine.flow(game, z)))
    assert defects[0] > 1e-8
    assert defects[1] < 0.011 * defects[0]
    assert defects[2] < 0.011 * defects[1]


@every_linear_rule
def test_symbols_take_one_hyper_parameter_per_row_of_eigenvalues(rule, rng):
    if type(rule).symbol is LinearUpdateRule.symbol:
        return
    eigenvalues = rng.standard_normal((3, 3)) + 1j * rng.standard_normal((3, 3))
    factors = rng.uniform(0.5, 1.5, 3)
    spread = dataclasses.replace(rule, **{name: value * factors for name, value in numbers_of(rule).items()})
    together = spread.symbol(eigenvalues)
    for i in range(3):
        own = dataclasses.replace(rule, **{name: float(v * factors[i]) for name, v in numbers_of(rule).items()})
        numpy.testing.assert_allclose(together[i], own.symbol(eigenvalues[i]), rtol=1e-14)


def steps_of(rule):
    """The hyper-parameters that are step sizes, relative to the rule's own."""
    names = ("step_size", "extrapolation_step", "optimism")
    return {name: getattr(rule, name) for name in names if getattr(rule, name, None) is not None}


def numbers_of(rule):
    """The hyper-parameters that may be arrays of the batch shape."""
    fields = {field.name: getattr(rule, field.name) for field in dataclasses.fields(rule)}
    return {name: value for name, value in fields.items() if isinstance(value, float)}


def run(rule, game, z, steps):
    state = rule.init(game, z)
    for _ in range(steps):
        z, state = rule.step(game, z, state)
    return z, state


@every_rule
@pytest.mark.parametrize("batch", [(5,), (2, 3)])
def test_a_batch_is_its_trajectories_one_by_one(rule, batch, rng):
    z = 0.5 * rng.standard_normal((*batch, 2))
    game = DiracGAN()
    together, state = run(rule, game, z, 100)
    for i in numpy.ndindex(*batch):
        alone, own = run(rule, game, z[i], 100)
        numpy.testing.assert_allclose(together[i], alone, rtol=1e-12, atol=1e-12)
        for leaf, single in zip(state or (), own or (), strict=True):
            assert leaf.shape[: len(batch)] == batch
            numpy.testing.assert_allclose(leaf[i], single, rtol=1e-12, atol=1e-12)


@every_rule
def test_every_trajectory_may_have_hyper_parameters_of_its_own(rule, rng):
    # The batch is as long as d: a value that is broadcast along coordinates instead would go unnoticed otherwise.
    game = linear_game(rng, (1, 2, 2))
    z = rng.standard_normal((5, 5))
    factors = rng.uniform(0.5, 1.5, 5)
    spread = dataclasses.replace(rule, **{name: value * factors for name, value in numbers_of(rule).items()})
    together, _ = run(spread, game, z, 3)
    matrices = None
    if isinstance(rule, LinearUpdateRule):
        matrices = spread.iteration_matrix(game.jacobian(z), game.dims)
    for i in range(5):
        own = dataclasses.replace(rule, **{name: float(v * factors[i]) for name, v in numbers_of(rule).items()})
        numpy.testing.assert_allclose(together[i], run(own, game, z[i], 3)[0], rtol=1e-12, atol=1e-12)
        if matrices is not None:
            declared = own.iteration_matrix(game.jacobian(z[i]), game.dims)
            numpy.testing.assert_allclose(matrices[i], declared, rtol=1e-12, atol=1e-12)


@every_rule
def test_every_library_steps_alike_and_keeps_its_arrays(rule, library, rng):
    start = 0.5 * rng.standard_normal((3, 2))
    game = DiracGAN()
    spread = dataclasses.replace(rule, **{n: library.asarray([v] * 3) for n, v in numbers_of(rule).items()})
    expected, _ = run(rule, game, start, 5)
    for member in (rule, spread):
        z, state = run(member, game, library.asarray(start), 5)
        assert library.owns(z)
        assert all(library.owns(leaf) for leaf in state or ())
        numpy.testing.assert_allclose(library.host(z), expected, rtol=1e-13, atol=1e-13)
    if isinstance(rule, LinearUpdateRule):
        matrix = rule.iteration_matrix(game.jacobian(library.asarray(start)), game.dims)
        assert library.owns(matrix)
        declared = rule.iteration_matrix(game.jacobian(start), game.dims)
        numpy.testing.assert_allclose(library.host(matrix), declared, rtol=1e-13, atol=1e-13)


@every_rule
def test_single_precision_stays(rule, library):
    z, state = run(rule, DiracGAN(), library.asarray([[0.5, 0.25]], dtype="float32"), 3)
    assert library.owns(z, "float32")
    assert all(library.owns(leaf, "float32") for leaf in state or ())


@every_rule
@pytest.mark.parametrize("dims", SIZES)
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


def test_uneven_turns_obey_the_same_laws(rng):
    rule, dims = TWO_PLAYER_ONLY, (2, 3)
    game = linear_game(rng, dims)
    declared = rule.iteration_matrix(game.jacobian(numpy.zeros(5)), dims)
    numpy.testing.assert_allclose(declared, stepped_matrix(rule, game), rtol=1e-12, atol=1e-12)
    test_small_steps_follow_the_flow(rule, rng)
    test_a_step_costs_what_is_declared(rule, (1, 1), rng)
