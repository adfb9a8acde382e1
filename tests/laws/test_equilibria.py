"""Equilibria: classes agree with the construction of the game, with each other, and with the flow."""

import numpy
import pytest

from gamedyn.dynamics import flow
from gamedyn.equilibria import check_differential_nash, classify, game_spectrum, iteration_matrix
from gamedyn.games import Quadratic, Reals, Unrolled, player_slices
from gamedyn.numerics import difference_jacobian
from gamedyn.updates import UpdateRule
from tests.cases import GAMES, RULES

resting = [
    (game, rest) for game, _, rest in GAMES if rest is not None and game.full().domain.contains(numpy.array(rest))
]
every_resting_game = pytest.mark.parametrize(("game", "rest"), resting, ids=lambda value: repr(value)[:40])


def drawn_game(rng, dims):
    """A quadratic game with own Hessians of drawn signs, and its Jacobian."""
    d = sum(dims)
    jacobian = rng.standard_normal((d, d))
    for block in player_slices(dims):
        size = block.stop - block.start
        u = numpy.linalg.qr(rng.standard_normal((size, size)))[0]
        eigenvalues = rng.uniform(0.2, 2.0, size)
        if rng.random() < 0.3:
            eigenvalues[0] *= -1
        own = u * eigenvalues @ u.T
        jacobian[block, block] = (own + own.T) / 2
    return Quadratic.from_jacobian(jacobian, dims), jacobian


@pytest.mark.parametrize("dims", [(1,), (3,), (1, 1), (2, 3), (1, 2, 2)])
def test_classes_agree_with_the_construction(dims, rng):
    for _ in range(20):
        game, jacobian = drawn_game(rng, dims)
        found = classify(game, numpy.zeros(sum(dims)))
        own = [numpy.linalg.eigvalsh(jacobian[block, block])[0] for block in player_slices(dims)]
        assert found.differential_nash.answer == ("yes" if min(own) > 0 else "no")
        smallest = numpy.linalg.eigvals(jacobian).real.min()
        if abs(smallest) > 1e-6:
            assert found.attracting.answer == ("yes" if smallest > 0 else "no")


@every_resting_game
def test_every_known_stationary_point_is_found_stationary(game, rest):
    found = classify(game, rest)
    assert found.stationary.is_yes
    assert found.kind != "nonstationary"
    assert found.differential_nash.answer == check_differential_nash(game, rest).answer


@every_resting_game
def test_verdicts_imply_each_other(game, rest):
    found = classify(game, rest)
    if found.local_minimax is not None and found.differential_nash.is_yes:
        assert found.local_minimax.is_yes
        # In a zero-sum game a differential Nash equilibrium attracts the flow.
        assert not found.attracting.is_no
    if found.attracting_not_nash.is_yes:
        assert found.attracting.is_yes
        assert found.differential_nash.is_no
    assert not (found.attracting.is_yes and found.strict_saddle.is_yes)


# The unrolled Dirac-GAN tells what the unrolled LQ-GAN tells, at a tenth of the work.
@pytest.mark.parametrize(
    ("game", "rest"),
    [pair for pair in resting if not isinstance(pair[0], Unrolled) or len(pair[1]) == 2],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_proved_attracting_attracts_the_flow(game, rest, rng):
    found = classify(game, rest)
    start = numpy.asarray(rest) + 1e-3 * rng.standard_normal(len(rest))
    if found.attracting.is_yes:
        time = 40 / found.attracting.margin
        end = flow(game, start, [0.0, time])[-1]
        assert numpy.linalg.norm(end - rest) < 1e-3 * numpy.linalg.norm(start - rest)
    if found.attracting.is_no:
        time = 10 / -found.attracting.margin
        end = flow(game, start, [0.0, time], tolerance=1e-6)[-1]
        assert numpy.linalg.norm(end - rest) > 10 * numpy.linalg.norm(start - rest)


@every_resting_game
def test_the_spectrum_is_in_every_library(game, rest, game_library):
    values = game_spectrum(game, game_library.asarray([rest, rest]))
    assert game_library.owns(values, "complex128")
    expected = numpy.linalg.eigvals(game.jacobian(numpy.asarray(rest)))
    for row in game_library.host(values):
        numpy.testing.assert_allclose(numpy.poly(row), numpy.poly(expected), rtol=1e-10, atol=1e-12)


class Undeclared(UpdateRule):
    """A rule without its declared matrix."""

    def __init__(self, rule):
        self.rule, self.cost, self.init, self.step = rule, rule.cost, rule.init, rule.step
        self.stationary_residual = rule.stationary_residual

    def step(self, game, z, state):
        raise NotImplementedError


@pytest.mark.parametrize(("number", "rule"), list(enumerate(rule for rule in RULES if rule.is_linear)), ids=repr)
def test_differences_of_a_step_give_the_declared_matrix(number, rule):
    # On the curved games too: the matrix is the derivative of the step at a stationary point. Every rule at half of the
    # games, every game under half of the rules.
    for game, rest in resting[number % 2 :: 2]:
        at = numpy.asarray(rest, float)
        # A projection is part of a step, and no part of the matrix.
        if rule.players not in (None, len(game.dims)) or not isinstance(game.full().domain, Reals):
            continue
        if isinstance(game, Unrolled) and at.size > 2:
            continue  # the unrolled Dirac-GAN tells the same at a tenth of the work
        try:
            state = rule.init(game, at)
        except ValueError:
            continue  # a rule that divides by a curvature that is not there
        if numpy.max(abs(rule.stationary_residual(game.full(), at))) > 1e-6:
            continue  # a rule that rests elsewhere, as opponent shaping does in Tandem
        if not numpy.isfinite(rule.step(game, at, state)[0]).all():
            # Not there, though elsewhere in the game.
            with pytest.raises(ValueError, match=f"`rule` {type(rule).__name__} has no finite matrix at `z`"):
                iteration_matrix(rule, game, at)
            continue
        declared = iteration_matrix(rule, game, at)
        if rule.needs_loss_hessians and not game.is_affine:
            # Third derivatives of the losses enter, so that the library takes differences, too.
            assert state is None
            stepped = difference_jacobian(lambda z, rule=rule, game=game: rule.step(game, z, None)[0], at)
        else:
            stepped = iteration_matrix(Undeclared(rule), game, at)
        numpy.testing.assert_allclose(stepped, declared, rtol=0, atol=1e-8 * max(1.0, numpy.abs(declared).max()))
