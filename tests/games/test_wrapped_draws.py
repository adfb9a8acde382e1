"""Wrappers around every draw of a stochastic game."""

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.games import (
    Bilinear,
    Counted,
    DiracGAN,
    Game,
    Regularized,
    StochasticGame,
    TimescaleSeparated,
    WrappedDraws,
)
from gamedyn.models import NeuralGAN
from gamedyn.nn import mlp
from gamedyn.objectives import Minimax
from gamedyn.updates import AlternatingGradientDescent, SimultaneousGradientDescent


class Scaled(StochasticGame):
    """x y times a number drawn between 1 and 2."""

    dims = (1, 1)

    def draw(self, rng):
        return Bilinear([[rng.uniform(1.0, 2.0)]])

    def full(self):
        return Bilinear([[1.5]])


def gan(rng):
    return NeuralGAN(mlp((2, 2)), mlp((2, 3, 1)), Minimax(), rng.standard_normal((6, 2)), latent_dim=2, batch_size=3)


def test_every_draw_and_the_whole_are_wrapped():
    game = WrappedDraws(Scaled(), lambda drawn: TimescaleSeparated(drawn, 3.0))
    one, again = (game.draw(numpy.random.default_rng(0)).game.matrix for _ in range(2))
    assert one == again
    jacobian = game.full().jacobian(numpy.zeros(2))
    assert jacobian.tolist() == [[0.0, 1.5], [-4.5, 0.0]]


def test_simulation_plays_the_wrapped_draws():
    rule, z0 = SimultaneousGradientDescent(0.1), numpy.array([1.0, 2.0])
    path = simulate(WrappedDraws(Scaled(), lambda drawn: TimescaleSeparated(drawn, 3.0)), rule, z0, 1, rng=5)
    scale = numpy.random.default_rng(5).uniform(1.0, 2.0)
    numpy.testing.assert_allclose(path.final, [1 - 0.1 * scale * 2, 2 + 0.3 * scale], rtol=1e-15)


def test_counting_goes_on_over_draws_and_inner_steps(rng):
    model, counters = gan(rng), []

    def counted(drawn):
        counters.append(Counted(drawn))
        return counters[-1]

    rule = AlternatingGradientDescent(0.01, inner_steps=(1, 3))
    simulate(WrappedDraws(model, counted), rule, 0.1 * rng.standard_normal(sum(model.dims)), 4, rng=1)
    # simulate itself asks once for xi, to see that shapes fit.
    assert sum(counter.gradients for counter in counters) == 4 * rule.cost.gradients + 1


def test_penalised_networks_have_the_derivatives_of_their_losses(rng):
    game = WrappedDraws(gan(rng), lambda drawn: Regularized(drawn, r1=0.3)).draw(rng)
    z = 0.5 * rng.standard_normal((2, sum(game.dims)))
    steps = 1e-30j * numpy.eye(z.shape[-1])
    gradients = numpy.stack([game.losses(z + step).imag / 1e-30 for step in steps], axis=-1)
    numpy.testing.assert_allclose(game.loss_gradients(z), gradients, rtol=1e-12, atol=1e-13)
    jacobian = numpy.stack([game.simultaneous_gradient(z + step).imag / 1e-30 for step in steps], axis=-1)
    numpy.testing.assert_allclose(game.jacobian(z), jacobian, rtol=1e-12, atol=1e-13)
    v = rng.standard_normal(z.shape)
    numpy.testing.assert_allclose(game.vjp(z, v), numpy.einsum("bij,bi->bj", jacobian, v), rtol=1e-11, atol=1e-12)


def test_a_redraw_is_penalised_too(rng):
    game = WrappedDraws(gan(rng), lambda drawn: Regularized(drawn, r1=0.3)).draw(rng).redraw()
    assert isinstance(game, Regularized)
    assert isinstance(game, Game)
    assert game.r1 == 0.3


def test_what_is_wrapped_where_is_said(rng):
    with pytest.raises(TypeError, match=r"`game` must be a StochasticGame, got DiracGAN\. Wrap it directly"):
        WrappedDraws(DiracGAN(), Counted)
    with pytest.raises(TypeError, match=r"got NeuralGAN\. Wrap its draws with WrappedDraws"):
        Regularized(gan(rng), r1=0.1)
