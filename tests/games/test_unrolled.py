"""Unrolled: gradients through k steps against SymPy, and what looking ahead does to rotation."""

import numpy
import pytest
import sympy

from gamedyn.games import LQGAN, Bilinear, Counted, DiracGAN, SymbolicGame, Unrolled, WrappedDraws
from gamedyn.objectives import Minimax, NonSaturating, Wasserstein
from tests.gan_games import neural_gan


def unrolled_by_hand(losses, symbols, blocks, player, steps, h, zero_sum=False):
    """The losses with the player's replaced by what it pays after the others' steps, as expressions."""
    point = dict(zip(symbols, symbols, strict=True))
    owner = {symbol: i for i, block in enumerate(blocks) for symbol in block}
    for _ in range(steps):
        moved = {s: point[s] - h * sympy.diff(losses[owner[s]], s).subs(point, simultaneous=True) for s in symbols}
        point = {s: point[s] if owner[s] == player else moved[s] for s in symbols}
    if zero_sum:
        losses = [-sum(losses[:i] + losses[i + 1 :]) if i == player else loss for i, loss in enumerate(losses)]
    return [loss.subs(point, simultaneous=True) if i == player else loss for i, loss in enumerate(losses)]


def assert_same(game, losses, symbols, z):
    at = dict(zip(symbols, z, strict=True))
    values = [float(loss.subs(at)) for loss in losses]
    numpy.testing.assert_allclose(game.losses(numpy.array(z)), values, rtol=1e-12)
    gradients = [[float(sympy.diff(loss, s).subs(at)) for s in symbols] for loss in losses]
    numpy.testing.assert_allclose(game.loss_gradients(numpy.array(z)), gradients, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("player", [0, 1])
@pytest.mark.parametrize("steps", [0, 1, 3])
@pytest.mark.parametrize("objective", [Minimax(), NonSaturating()], ids=lambda o: type(o).__name__)
def test_the_dirac_gan_by_sympy(objective, steps, player):
    theta, psi = symbols = sympy.symbols("theta psi")
    softplus = sympy.log(1 + sympy.exp(theta * psi))
    on_fake = -softplus if isinstance(objective, Minimax) else sympy.log(1 + sympy.exp(-theta * psi))
    # Minus the log 2 of the real samples at 0 is part of what the generator pays in the zero-sum game.
    losses = [on_fake, softplus + sympy.log(2)]
    losses = unrolled_by_hand(losses, symbols, [[theta], [psi]], player, steps, 0.3, objective.is_zero_sum)
    game = Unrolled(DiracGAN(objective), player, steps=steps, step_size=0.3)
    assert_same(game, losses, symbols, [0.8, -0.6])


def test_several_others_move_at_once():
    x, y, u, v = symbols = sympy.symbols("x y u v")
    losses = [x**2 * u + y * v + sympy.sin(u), u**2 + x * v, v**2 * y - x * u * v]
    game = SymbolicGame(losses, [[x, y], [u], [v]])
    expected = unrolled_by_hand(losses, symbols, [[x, y], [u], [v]], 0, 2, 0.2)
    assert_same(Unrolled(game, steps=2, step_size=0.2), expected, symbols, [0.3, -0.7, 0.5, 1.1])
    expected = unrolled_by_hand(losses, symbols, [[x, y], [u], [v]], 1, 2, 0.2, zero_sum=True)
    assert_same(Unrolled(game, 1, steps=2, step_size=0.2, zero_sum=True), expected, symbols, [0.3, -0.7, 0.5, 1.1])


@pytest.mark.parametrize("objective", [Minimax(), Wasserstein()], ids=lambda o: type(o).__name__)
def test_the_equilibrium_of_a_zero_sum_gan_stays_at_rest(objective):
    # Programs that unroll the generator's own loss, without the real samples' term, move it.
    game, z = LQGAN(objective, mean=0.5, deviation=1.5), numpy.array([1.5, 0.5, 0.0, 0.0])
    assert abs(Unrolled(game, steps=4).simultaneous_gradient(z)).max() < 1e-12
    assert abs(Unrolled(game, steps=4, zero_sum=False).simultaneous_gradient(z)).max() > 0.1
    assert not Unrolled(LQGAN(NonSaturating())).zero_sum


def test_a_wasserstein_lq_gan_by_sympy():
    # f = w1 (m - b) + w2 (m^2 + s^2 - a^2 - b^2), the generator's -L_1 and the discriminator's -f.
    a, b, u, v = symbols = sympy.symbols("a b u v")
    f = u * (0.5 - b) + v * (0.25 + 2.25 - a**2 - b**2)
    losses = unrolled_by_hand([f, -f], symbols, [[a, b], [u, v]], 0, 3, 0.2)
    game = Unrolled(LQGAN(mean=0.5, deviation=1.5), steps=3, step_size=0.2)
    assert_same(game, losses, symbols, [0.7, 0.2, -0.3, 0.4])


def test_looking_ahead_turns_rotation_into_attraction():
    # J = [[2 k h, 1], [-1, 0]]: trace 2 k h, determinant 1.
    game = Unrolled(Bilinear([[1.0]]), steps=7, step_size=0.05)
    numpy.testing.assert_allclose(game.jacobian(numpy.array([0.4, 2.0])), [[0.7, 1], [-1, 0]], rtol=1e-12)


def test_the_gradient_passes_through_the_steps():
    # Programs that step a copy of the discriminator and differentiate at the copy leave out how it got there.
    game, z = DiracGAN(NonSaturating()), numpy.array([0.8, -0.6])
    unrolled = Unrolled(game, steps=3, step_size=0.5)
    ahead = z
    for _ in range(3):
        ahead = numpy.array([z[0], ahead[1] - 0.5 * game.simultaneous_gradient(ahead)[1]])
    exact = unrolled.losses(z + numpy.array([1e-30j, 0])).imag[0] / 1e-30
    assert unrolled.player_gradient(z, 0)[0] == pytest.approx(exact, rel=1e-12)
    assert abs(game.player_gradient(ahead, 0)[0] - exact) > 0.05


def test_the_opponents_gradient_costs_what_it_did():
    counted = Counted(DiracGAN())
    Unrolled(counted, steps=9).player_gradient(numpy.array([0.8, -0.6]), 1)
    assert counted.gradients == 0.5


def test_draws_of_a_stochastic_game_are_unrolled_on_their_own_sample():
    model = neural_gan()
    game = WrappedDraws(model, lambda drawn: Unrolled(drawn, steps=2, zero_sum=True)).draw(3)
    z, own = model.init(0), model.draw(3)
    numpy.testing.assert_array_equal(
        game.simultaneous_gradient(z), Unrolled(own, steps=2, zero_sum=True).simultaneous_gradient(z)
    )
    again = game.redraw()
    assert isinstance(again, Unrolled)
    assert (again.steps, again.step_size, again.player, again.zero_sum) == (2, 0.1, 0, True)
    numpy.testing.assert_array_equal(again.game.latent_samples, own.redraw().latent_samples)
    assert game.full().game.seed is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"player": 2}, "`player` must be one of 0, 1, got 2."),
        ({"steps": -1}, "`steps` must be at least 0, got -1."),
        ({"step_size": 0.0}, "`step_size` must be positive and finite, got 0.0."),
    ],
)
def test_messages(options, message):
    with pytest.raises(ValueError) as caught:
        Unrolled(DiracGAN(), **options)
    assert message in str(caught.value)
    with pytest.raises(TypeError, match="Wrap its draws with WrappedDraws"):
        Unrolled(neural_gan())
