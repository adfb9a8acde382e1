import numpy
import pytest
import sympy

from gamedyn.equilibria import classify
from gamedyn.games import AggregativeGame, KellyAuction, PublicGoods, TullockContest
from tests.economic_games import kelly_equilibrium


def field(losses, symbols, values):
    """xi by SymPy at the values."""
    at = dict(zip(symbols, values, strict=True))
    return [float(sympy.diff(loss, x).subs(at)) for loss, x in zip(losses, symbols, strict=True)]


X = sympy.symbols("x:3", positive=True)
POINT = [sympy.Rational(3, 2), sympy.Rational(1, 2), sympy.Integer(4)]


def test_every_field_is_that_of_the_published_payoffs():
    r = sympy.Rational(7, 5)
    chance = [x**r / sum(each**r for each in X) for x in X]
    cases = [
        (
            TullockContest((1.0, 2.0, 0.5), prize=9.0, exponent=1.4),
            [c * x - 9 * p for c, x, p in zip((1, 2, 0.5), X, chance, strict=True)],
        ),
        (
            KellyAuction((1.5, 2.0, 3.0), quantity=50.0, reserve=7.0),
            [x - g * 50 * x / (7 + sum(X)) for g, x in zip((1.5, 2, 3), X, strict=True)],
        ),
        (PublicGoods((3.0, 2.0, 4.0)), [x - a * sympy.log(1 + sum(X)) for a, x in zip((3, 2, 4), X, strict=True)]),
    ]
    z = numpy.array([float(p) for p in POINT])
    for game, losses in cases:
        values = [float(loss.subs(dict(zip(X, POINT, strict=True)))) for loss in losses]
        numpy.testing.assert_allclose(game.losses(z), values, rtol=1e-14, err_msg=repr(game))
        numpy.testing.assert_allclose(game.simultaneous_gradient(z), field(losses, X, POINT), rtol=1e-13)


def test_two_contestants_of_unequal_cost():
    # z_i = V c_j / (c_0 + c_1)^2.
    game = TullockContest((1.0, 3.0), prize=16.0)
    assert numpy.abs(game.simultaneous_gradient(numpy.array([3.0, 1.0]))).max() < 1e-15
    assert classify(game, [3.0, 1.0]).kind == "nash"


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.4])
def test_the_symmetric_contest(exponent):
    n, cost, prize = 3, 2.0, 10.0
    z = numpy.full(n, exponent * prize * (n - 1) / (n**2 * cost))
    game = TullockContest((cost,) * n, prize=prize, exponent=exponent)
    assert numpy.abs(game.simultaneous_gradient(z)).max() < 1e-14


def test_the_kelly_auction_of_four_bidders():
    z = kelly_equilibrium((1.8, 2.0, 2.2, 2.4), 1000.0, 100.0)
    assert min(z) > 0
    found = classify(KellyAuction(), z)
    assert found.kind == "nash"
    # Who gains more from a unit bids more, and none can win by a larger change.
    assert z == sorted(z)
    game = KellyAuction()
    for i in range(4):
        others = numpy.array(z)
        here = game.losses(others)[i]
        trial = numpy.tile(others, (200, 1))
        trial[:, i] = numpy.linspace(0.0, 2000.0, 200)
        assert numpy.all(game.losses(trial)[:, i] >= here - 1e-9)


def test_only_the_keenest_gives():
    game = PublicGoods((3.0, 2.0))
    z = numpy.array([2.0, 0.0])
    # Player 1 would take back more than the nothing that it gives.
    assert game.domain.project(z - game.simultaneous_gradient(z)).tolist() == [2.0, 0.0]
    assert game.simultaneous_gradient(z)[1] > 0
    # Together they would give a_0 + a_1 - 1 = 4.
    together = numpy.array([4.0, 0.0])
    assert game.losses(together).sum() < game.losses(z).sum()
    assert numpy.abs(game.loss_gradients(together).sum(axis=-2)).max() < 1e-15


@pytest.mark.parametrize("exponent", [1.0, 1.4, 2.0])
def test_who_spends_nothing_pays_for_the_first_unit_what_it_costs(exponent):
    # At z = (0, 2) a unit costs 3, and wins V / 2 more for r = 1, nothing more for r > 1; rules that project get there.
    game, z = TullockContest((3.0, 1.0), prize=8.0, exponent=exponent), numpy.array([0.0, 2.0])
    gain = 4.0 if exponent == 1.0 else 0.0
    numpy.testing.assert_allclose(game.simultaneous_gradient(z), [3.0 - gain, 1.0], rtol=1e-15)
    numpy.testing.assert_allclose(game.loss_gradients(z), [[3.0 - gain, 0.0], [gain, 1.0]], rtol=1e-15)
    assert game.losses(z).tolist() == [0.0, 2.0 - 8.0]


def test_below_exponent_1_the_first_unit_is_worth_everything():
    with numpy.errstate(divide="ignore"):
        xi = TullockContest((3.0, 1.0), prize=8.0, exponent=0.5).simultaneous_gradient(numpy.array([0.0, 2.0]))
    assert xi[0] == -numpy.inf


def test_nobody_bids_is_nobodys_chance():
    with numpy.errstate(invalid="ignore"):
        assert numpy.all(numpy.isnan(TullockContest().losses(numpy.zeros(2))))


def test_bad_input():
    with pytest.raises(ValueError, match="`costs` must be positive and finite, got -1"):
        TullockContest((1.0, -1.0))
    with pytest.raises(ValueError, match="`gains` must hold one number for each player, got none"):
        KellyAuction(())
    with pytest.raises(ValueError, match="`reserve` must be positive and finite, got 0"):
        KellyAuction(reserve=0)
    with pytest.raises(TypeError, match="abstract"):
        AggregativeGame(2)
