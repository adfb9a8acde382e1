"""Which games, rules and boxes can be certified: exact wrappers agree with the games, others are refused."""

import math
from fractions import Fraction

import flint
import numpy
import pytest
import sympy

from gamedyn import games
from gamedyn.equilibria import Certifier, certify, classify
from gamedyn.equilibria._certified_expressions import ball_of, fraction_of
from gamedyn.equilibria._certified_proof import _is_inside
from gamedyn.games import (
    Bilinear,
    Box,
    ConsensusRegularized,
    Counted,
    Game,
    Simplex,
    SymbolicGame,
    TimescaleSeparated,
    named_game,
)
from gamedyn.updates import (
    AlternatingGradientDescent,
    Extragradient,
    PrimalDualHybridGradient,
    RungeKutta,
    SimultaneousGradientDescent,
)

X, Y, Z = sympy.symbols("x y z")
R = sympy.Rational
SQUARE = [(-1, 1), (-1, 1)]


def test_wrapped_games():
    inner = named_game("adolphs_game")
    point = [-2 - math.sqrt(2), 2 + math.sqrt(2)]
    for game in (
        inner,
        Counted(inner),
        TimescaleSeparated(inner, 4.0),
        TimescaleSeparated(inner, (2, 2.0)),
        ConsensusRegularized(inner, 0.125),
    ):
        interval = Certifier(game).interval
        z = [Fraction(3, 4), Fraction(-5, 4)]
        field, jacobian = interval.field_and_jacobian([ball_of(v) for v in z])
        at = numpy.array([float(v) for v in z])
        numpy.testing.assert_allclose([float(v) for v in field], game.simultaneous_gradient(at), rtol=1e-12)
        numpy.testing.assert_allclose([[float(v) for v in r] for r in jacobian], game.jacobian(at), rtol=1e-12)
        hessians = interval.loss_hessians([ball_of(v) for v in z])
        numpy.testing.assert_allclose(
            [[[float(v) for v in r] for r in h] for h in hessians], game.loss_hessians(at), rtol=1e-9
        )
        found = certify(game, point)
        assert found.kind == classify(game, found.point).kind
        assert found.check().is_yes
    # Equal factors leave a zero-sum game one, others do not.
    assert certify(TimescaleSeparated(inner, (2, 2.0)), point).local_minimax is not None
    assert certify(TimescaleSeparated(inner, 4.0), point).local_minimax is None


class Affine(Game):
    dims = (1, 2)
    is_affine = True

    def __init__(self, skew):
        self.matrix = numpy.array([[1.0, 0.5, 0.0], [0.0, 2.0, 0.25 + skew], [0.0, 0.25, 1.0]])

    def losses(self, z):
        x, y = z[..., 0], z[..., 1:]
        own = numpy.sum(y * (y @ self.matrix[1:, 1:].T), axis=-1) / 2
        return numpy.stack([x**2 / 2 + 0.5 * x * y[..., 0], own], axis=-1)

    def jacobian(self, z):
        return self.matrix

    def simultaneous_gradient(self, z):
        return z @ self.matrix.T

    def loss_hessians(self, z):
        first = numpy.zeros((3, 3))
        first[0], first[:, 0] = self.matrix[0], self.matrix[0]
        return numpy.stack([first, numpy.where(numpy.arange(3)[:, None] > 0, self.matrix, 0)])

    def loss_gradients(self, z):
        return numpy.zeros((2, 3))


def test_affine_games_with_rounded_matrices_are_refused():
    assert certify(Affine(0.0), [0.0] * 3).kind == "nash"
    with pytest.raises(ValueError, match="symmetric own Hessians"):
        certify(Affine(2.0**-40), [0.0] * 3)


def test_games_and_rules_that_cannot_be_certified():
    with pytest.raises(
        TypeError, match=r"`game` must be a SymbolicGame, an affine game .* to be certified, got DiracGAN"
    ):
        certify(named_game("dirac_gan"), [0.0, 0.0])
    with pytest.raises(TypeError, match=r"to be certified, got TimescaleSeparated"):
        certify(TimescaleSeparated(named_game("forsaken"), numpy.ones(3)), [0.0, 0.0])
    with pytest.raises(TypeError, match=r"`game` must be a Game, got \w+\. Call it to make one"):
        certify(SymbolicGame, [0.0, 0.0])
    game = Bilinear([[1.0]])
    with pytest.raises(TypeError, match="`rule` must be an UpdateRule, got str"):
        certify(game, SQUARE, rule="descent")
    with pytest.raises(TypeError, match=r"got \w+\. Call it to make one"):
        certify(game, SQUARE, rule=Extragradient)
    with pytest.raises(TypeError, match=r"`rule` must be one of AlternatingGradientDescent, .* to be certified, got"):
        certify(game, SQUARE, rule=RungeKutta(regularisation=0.5))
    with pytest.raises(ValueError, match="must have one number as its `step_size`"):
        certify(game, SQUARE, rule=SimultaneousGradientDescent(step_size=numpy.ones(3)))
    with pytest.raises(ValueError, match="must have an entry for each of the 2 players"):
        certify(game, SQUARE, rule=AlternatingGradientDescent(inner_steps=(1, 2, 1)))
    with pytest.raises(ValueError, match="`rule` must fit a game of 3 players"):
        certify(SymbolicGame([X**2, Y**2, Z**2], [X, Y, Z]), [0.0] * 3, rule=PrimalDualHybridGradient())


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ([(-1, 1)], r"must have 2 intervals \(low, high\), or 2 numbers, got 1 entries"),
        (3.0, "got nothing of the kind"),
        ([(-1, 1), (1, 1)], r"must have low < high, got \(1, 1\) in entry 1"),
        ([(-1, 1), (2, 1)], r"got \(2, 1\) in entry 1"),
        ([(-1, 1), (2, 3, 4)], r"pairs \(low, high\), got 3 numbers in entry 1"),
        ([(-1, 1), 2], r"pairs \(low, high\), got 1 numbers in entry 1"),
        ([(-1, math.inf), (0, 1)], "must hold finite floats or rationals, got inf"),
        ([math.nan, 0.0], "finite floats or rationals, got nan"),
        ([sympy.sqrt(2), 0.0], r"finite floats or rationals, got sqrt\(2\)"),
        ([(0, "1"), (0, 1)], "finite floats or rationals, got '1'"),
        ([1j, 0], "finite floats or rationals"),
    ],
)
def test_boxes_that_are_none(box, message):
    with pytest.raises(ValueError, match=message):
        certify(Bilinear([[1.0]]), box)


def test_other_arguments():
    with pytest.raises(ValueError, match="`precision` must be at least 32, got 8"):
        certify(Bilinear([[1.0]]), SQUARE, precision=8)
    third = certify(Bilinear([[1.0]]), [(sympy.Rational(-1, 3), Fraction(1, 3)), (numpy.float32(-1), 1)])
    assert third.box == ((Fraction(-1, 3), Fraction(1, 3)), (-1, 1))
    assert third.existence == "exactly one"


def test_boxes_of_every_library(game_library):
    found = certify(named_game("adolphs_game"), game_library.asarray([[-0.25, 0.5], [-0.125, 0.25]]))
    assert found.existence == "exactly one"
    assert found.point == pytest.approx((0.0, 0.0), abs=1e-30)


def test_named_games_that_cannot_be_certified_say_so():
    for name in games.NAMED:
        game = named_game(name)
        if not isinstance(game, SymbolicGame) and not game.is_affine:
            with pytest.raises(TypeError, match="to be certified, got"):
                Certifier(game)


def test_floats_are_multiplied_exactly():
    # SymPy would round 3 times 0.1 to a float.
    game = SymbolicGame([sympy.Float(0.1) * X**3, Y**2], [X, Y])
    slope = 3 * Fraction(0.1)
    assert Fraction(3 * 0.1) != slope
    with flint.ctx.workprec(200):
        one = [ball_of(Fraction(1)), ball_of(Fraction(0))]
        assert fraction_of(Certifier(game).interval.field(one)[0]) == slope
        # Plus gamma times slope times the second derivative.
        regularized = Certifier(ConsensusRegularized(game, 0.5)).interval.field(one)[0]
        assert fraction_of(regularized) == slope + slope * 2 * slope / 2


def test_a_point_on_a_bound_is_not_inside():
    half = ((Fraction(0), Fraction(1)),)
    assert _is_inside(half, Box(-1.0, 2.0))
    assert not _is_inside(half, Box(0.0, 2.0))
    assert not _is_inside(half, Box(-1.0, 1.0))
    assert _is_inside(half, Box(-math.inf, math.inf))
    assert not _is_inside(half, Simplex())
