"""The proximal point method: an implicit equation, solved and accounted for."""

import numpy
import pytest

from gamedyn.games import DiracGAN, Quadratic, SymbolicGame
from gamedyn.updates import ProximalPoint


def step(rule, game, z):
    return rule.step(game, z, rule.init(game, z))


def quartic():
    sympy = pytest.importorskip("sympy")
    x = sympy.Symbol("x")
    return SymbolicGame([x**4 / 4], [x])


def test_the_step_solves_the_implicit_equation():
    # w + h w^3 = z with h = 1 and z = 10: w = 2.
    w, state = step(ProximalPoint(1.0, newton_steps=12), quartic(), numpy.array([10.0]))
    assert w.tolist() == pytest.approx([2.0], rel=1e-14, abs=0.0)
    assert state.residual == pytest.approx(0, abs=1e-14)


def test_the_residual_says_how_well_it_was_solved():
    # One Newton step from 10: w = 10 - 1000 / 301, and w + w^3 - 10 is left.
    w, state = step(ProximalPoint(1.0, newton_steps=1), quartic(), numpy.array([[10.0], [0.0]]))
    first = 10 - 1000 / 301
    assert w[:, 0].tolist() == pytest.approx([first, 0.0], rel=1e-14, abs=0.0)
    assert state.residual.tolist() == pytest.approx([first + first**3 - 10, 0.0], rel=1e-14, abs=0.0)


def test_one_newton_step_is_exact_on_linear_games(rng):
    game = Quadratic.from_jacobian(rng.standard_normal((3, 3)), (1, 1, 1), rng.standard_normal(3))
    z, h = rng.standard_normal((4, 3)), 0.3
    w, state = step(ProximalPoint(h, newton_steps=1), game, z)
    numpy.testing.assert_allclose(w + h * game.simultaneous_gradient(w), z, rtol=1e-12, atol=1e-13)
    assert numpy.max(state.residual) < 1e-13


def test_large_steps_contract_on_the_dirac_gan(rng):
    z = rng.uniform(-1, 1, (50, 2))
    rule = ProximalPoint(3.0, newton_steps=20)
    w, state = step(rule, DiracGAN(), z)
    assert numpy.max(state.residual) < 1e-12
    assert (numpy.linalg.norm(w, axis=-1) < numpy.linalg.norm(z, axis=-1)).all()


def test_a_singular_equation_spoils_its_own_trajectory_only(game_library):
    # L = -x^2 / 2 and h = 1: w - z - w = 0 has no solution; h = 1/2 gives w = 2 z.
    game = Quadratic([[[-1.0]]], (1,))
    rule = ProximalPoint(game_library.asarray([1.0, 0.5]))
    w, _ = step(rule, game, game_library.asarray([[1.0], [1.0]]))
    assert game_library.host(w)[1].tolist() == [2.0]
    assert numpy.isnan(game_library.host(w)[0]).all()


def test_newton_takes_at_least_one_step():
    with pytest.raises(ValueError, match="`newton_steps` must be at least 1, got 0"):
        ProximalPoint(0.1, newton_steps=0)
    with pytest.raises(TypeError, match=r"`newton_steps` must be an integer, got 2\.5"):
        ProximalPoint(0.1, newton_steps=2.5)
