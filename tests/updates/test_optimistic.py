"""Optimistic gradient descent: its cold start, its memory, its two multipliers."""

import mpmath
import numpy
import pytest

from gamedyn.games import Counted, DiracGAN
from gamedyn.updates import OptimisticGradient, SimultaneousGradientDescent


def play(rule, game, z, steps):
    state, path = rule.init(game, z), [z]
    for _ in range(steps):
        z, state = rule.step(game, z, state)
        path.append(z)
    return numpy.stack(path)


@pytest.mark.parametrize("optimism", [None, 0.0, 0.05, 5.0])
def test_the_first_step_is_a_plain_one(optimism):
    # A zero in place of the unknown gradient would make it a step of size h + b.
    game, z = DiracGAN(), numpy.array([[1.0, 0.5], [-2.0, 1.0]])
    plain, _ = SimultaneousGradientDescent(0.1).step(game, z, None)
    first = play(OptimisticGradient(0.1, optimism=optimism), game, z, 1)[1]
    numpy.testing.assert_array_equal(first, plain)


def test_the_start_costs_one_gradient_once():
    game = Counted(DiracGAN())
    play(OptimisticGradient(0.1), game, numpy.ones(2), 7)
    assert game.gradients == 8


def test_it_extrapolates_from_the_last_two_gradients(rng):
    # Popov's form: w_k = u_k - h xi(w_{k-1}), u_{k+1} = u_k - h xi(w_k); its w are the optimistic points.
    game, h = DiracGAN(), 0.2
    w = rng.standard_normal((3, 2))
    previous = game.simultaneous_gradient(w)
    u = w + h * previous
    path = [w]
    for _ in range(20):
        xi = game.simultaneous_gradient(w)
        u = u - h * xi
        w = u - h * xi
        path.append(w)
    numpy.testing.assert_allclose(play(OptimisticGradient(h), game, path[0], 20), path, rtol=1e-12, atol=1e-13)


def test_without_optimism_it_is_simultaneous_descent(rng):
    game, z = DiracGAN(), rng.standard_normal((3, 2))
    plain = SimultaneousGradientDescent(0.1)
    expected = z
    for _ in range(5):
        expected, _ = plain.step(game, expected, None)
    numpy.testing.assert_allclose(play(OptimisticGradient(0.1, optimism=0), game, z, 5)[-1], expected, rtol=1e-15)
    with pytest.raises(ValueError, match="`optimism` must be non-negative and finite, got -1"):
        OptimisticGradient(0.1, optimism=-1)


@pytest.mark.parametrize("eigenvalue", [1e-9, 1e-9j, 1.0, 2j, -3 + 4j, 5.0, 1e6, 3 - 0.25j])
def test_both_multipliers_keep_their_digits(eigenvalue):
    h, b = 0.3, 0.1
    with mpmath.workdps(50):
        value = mpmath.mpc(eigenvalue)
        linear = 1 - (mpmath.mpf(h) + mpmath.mpf(b)) * value
        root = mpmath.sqrt(linear**2 + 4 * mpmath.mpf(b) * value)
        exact = sorted([(linear + root) / 2, (linear - root) / 2], key=abs, reverse=True)
        expected = [complex(r) for r in exact]
    found = OptimisticGradient(h, optimism=b).symbol(eigenvalue)
    assert found.shape == (2,)
    numpy.testing.assert_allclose(found, expected, rtol=1e-13)


def test_along_a_zero_eigenvalue_nothing_moves_and_the_memory_dies():
    assert OptimisticGradient(0.3).symbol([0.0, 0.0]).tolist() == [[1, 0], [1, 0]]
    # h = 1 and b = 0 at l = 1 leave no multiplier but 0.
    assert OptimisticGradient(1.0, optimism=0).symbol(1.0).tolist() == [0, 0]
