"""Runge-Kutta steps: their order, and the regulariser of ODE-GAN."""

import numpy
import pytest

from gamedyn.games import Bilinear, DiracGAN, Quadratic
from gamedyn.objectives import NonSaturating
from gamedyn.updates import RungeKutta
from tests.updates.monotone import path


@pytest.mark.parametrize(("order", "expected"), [(2, 8 * (1 - 0.5 + 0.125)), (4, 8 * 0.6067708333333333)])
def test_a_step_of_decay_sums_the_exponential_series(order, expected):
    # x^2 / 2, h = 1/2 from 8: 8 (1 - 1/2 + 1/8), and with - 1/48 + 1/384.
    z, _ = RungeKutta(0.5, order=order).step(Quadratic([[[1.0]]], (1,)), numpy.array([8.0]), None)
    assert z[0] == pytest.approx(expected, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("order", [2, 4])
def test_the_error_at_a_fixed_time_has_the_order(order):
    # Against steps so fine that they stand for the flow, on a nonlinear game.
    z, game = numpy.array([1.0, -0.5]), DiracGAN()
    truth = path(RungeKutta(1 / 128, order=4), game, z, 256)[-1]
    errors = [
        numpy.linalg.norm(path(RungeKutta(h, order=order), game, z, round(2 / h))[-1] - truth) for h in (0.25, 0.125)
    ]
    assert numpy.log2(errors[0] / errors[1]) == pytest.approx(order, rel=0.0, abs=0.3)


@pytest.mark.parametrize("objective", [None, NonSaturating()])
def test_the_regulariser_descends_the_size_of_the_generators_gradient(objective, rng):
    game, h, weight = DiracGAN(objective), 0.2, 0.7
    z = rng.standard_normal(2)
    size = lambda w: game.simultaneous_gradient(w)[0] ** 2  # noqa: E731
    slope = size(z + 1e-30j * numpy.array([0, 1])).imag / 1e-30
    plain, _ = RungeKutta(h).step(game, z, None)
    moved, _ = RungeKutta(h, regularisation=weight).step(game, z, None)
    numpy.testing.assert_allclose(moved - plain, [0.0, -h * weight * slope], rtol=1e-12, atol=1e-15)


def test_with_it_the_second_order_converges_on_a_bilinear_game():
    z, game = numpy.array([1.0, 1.0]), Bilinear([[1.0]])
    assert numpy.linalg.norm(path(RungeKutta(0.5, order=2), game, z, 500)[-1]) > 10
    assert numpy.linalg.norm(path(RungeKutta(0.5, order=2, regularisation=0.1), game, z, 500)[-1]) < 1e-6


def test_a_regulariser_needs_two_players_and_plain_steps_do_not():
    game, z = Quadratic.from_jacobian(numpy.eye(3), (1, 1, 1)), numpy.ones(3)
    assert RungeKutta(0.5, order=2).step(game, z, None)[0].tolist() == [0.625] * 3
    with pytest.raises(ValueError, match="`RungeKutta` needs a game of 2 players, got one of 3"):
        RungeKutta(0.5, regularisation=0.1).step(game, z, None)


def test_only_whole_products_have_a_symbol():
    with pytest.raises(NotImplementedError, match="RungeKutta has no symbol"):
        RungeKutta(0.5, regularisation=0.1).symbol(1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"order": 3}, "`order` must be one of 2, 4, got 3"),
        ({"regularisation": -1.0}, "`regularisation` must be non-negative and finite, got -1"),
    ],
)
def test_orders_and_weights_must_make_sense(arguments, message):
    with pytest.raises(ValueError, match=message):
        RungeKutta(0.1, **arguments)
