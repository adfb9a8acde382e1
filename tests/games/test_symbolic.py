"""Games from SymPy losses."""

import pickle

import numpy
import pytest
import sympy

from gamedyn.games import Bilinear, Box, SymbolicGame

X, Y, U = sympy.symbols("x y u")


def test_a_symbolic_bilinear_game_is_the_bilinear_game(rng):
    f = 2 * X * Y + 3 * U * Y + X
    game, known = SymbolicGame([f, -f], [(X, U), Y]), Bilinear([[2.0], [3.0]], [1.0, 0.0])
    z = rng.standard_normal((4, 3))
    assert game.dims == (2, 1)
    for name in ("losses", "loss_gradients", "simultaneous_gradient", "jacobian", "loss_hessians"):
        numpy.testing.assert_allclose(getattr(game, name)(z), getattr(known, name)(z), rtol=1e-14, atol=1e-14)


def test_derivatives_are_expressions():
    game = SymbolicGame([X**2 * Y, sympy.sin(X) * Y], [X, Y])
    assert game.gradient_expressions == sympy.Matrix([2 * X * Y, sympy.sin(X)])
    assert game.jacobian_expressions == sympy.Matrix([[2 * Y, 2 * X], [sympy.cos(X), 0]])
    assert game.symbols == (X, Y)


# Every supported function with a coordinate at which it is analytic, and constants of every sort.
FUNCTIONS = [
    sympy.exp(X),
    sympy.log(X + 2),
    sympy.sin(X) * sympy.pi / 3,
    sympy.cos(X) * sympy.sqrt(2),
    sympy.tan(X) * sympy.log(2),
    sympy.sinh(X) * sympy.E,
    sympy.cosh(X) * sympy.exp(sympy.Rational(1, 3)),
    sympy.tanh(X) + 7,
    sympy.asin(X / 2) * sympy.GoldenRatio,
    sympy.acos(X / 2),
    sympy.atan(X) / 7,
    sympy.asinh(X),
    sympy.acosh(X + 3),
    sympy.atanh(X / 2),
    sympy.sqrt(X + 2) + (X + 3) ** sympy.Rational(-3, 2),
    (X + 2) ** X,
]


@pytest.mark.parametrize("expression", FUNCTIONS, ids=str)
def test_every_supported_function_runs_in_every_library(expression, game_library):
    game = SymbolicGame([expression + X * Y, Y**2 - 5], [X, Y])
    point = [0.3, 1.2]
    at = {X: sympy.Rational(3, 10), Y: sympy.Rational(6, 5)}
    z = game_library.asarray([point, point])
    expected = [float((expression + X * Y).evalf(30, at)), float(at[Y] ** 2 - 5)]
    numpy.testing.assert_allclose(game_library.host(game.losses(z)), [expected] * 2, rtol=1e-14)
    hessian = sympy.hessian(expression + X * Y, (X, Y)).evalf(30, at)
    numpy.testing.assert_allclose(
        game_library.host(game.loss_hessians(z))[0, 0], numpy.array(hessian).astype(float), rtol=1e-12, atol=1e-12
    )
    assert game_library.owns(game.jacobian(z))


def test_constant_losses_have_zero_gradients(game_library):
    game = SymbolicGame([3, sympy.Integer(4)], [X, Y])
    z = game_library.asarray([[1.0, 2.0]] * 3)
    assert game_library.host(game.losses(z)).tolist() == [[3.0, 4.0]] * 3
    assert not game_library.host(game.jacobian(z)).any()


def test_symbols_may_bear_any_name():
    odd = sympy.symbols("lambda"), sympy.Symbol("x_{1}^2"), sympy.Symbol("exp")
    game = SymbolicGame([odd[0] * odd[1], odd[2] * odd[1] ** 2, sympy.exp(odd[2])], odd)
    z = numpy.array([1.0, 2.0, 3.0])
    numpy.testing.assert_allclose(game.losses(z), [2.0, 12.0, numpy.exp(3.0)], rtol=1e-15)


def test_games_travel_to_other_processes():
    game = SymbolicGame([X * Y, -X * Y], [X, Y])
    game.losses(numpy.ones(2))
    again = pickle.loads(pickle.dumps(game))
    assert again.losses(numpy.array([2.0, 3.0])).tolist() == [6.0, -6.0]


def test_domain_and_name_travel_along():
    game = SymbolicGame([X * Y, -X * Y], [X, Y], domain=Box(0.0, 1.0), name="corner")
    for again in (game, pickle.loads(pickle.dumps(game))):
        assert repr(again) == "corner"
        assert again.domain.project(numpy.array([-1.0, 2.0])).tolist() == [0.0, 1.0]
    assert SymbolicGame([X * Y, -X * Y], [X, Y]).domain.project(numpy.array([-1.0, 2.0])).tolist() == [-1.0, 2.0]
    assert repr(SymbolicGame([X, Y], [X, Y])) == "SymbolicGame([x, y], [[x], [y]])"


@pytest.mark.parametrize(
    ("field", "players"),
    [
        ([X - Y**3, X * Y + 2], [X, Y]),
        ([sympy.exp(X) * Y, sympy.cos(X + Y)], [X, Y]),
        # A gradient in the block (x, u) of U x + x^2 y with a third symbol that only the other player moves.
        ([U + 2 * X * Y, X + 3 * U**2, X * U], [(X, U), Y]),
        ([0, 1], [X, Y]),
    ],
)
def test_from_field_has_that_field(field, players):
    game = SymbolicGame.from_field(field, players, Box(-1.0, 1.0), "field")
    difference = sympy.simplify(game.gradient_expressions - sympy.Matrix(field))
    assert difference == sympy.zeros(len(field), 1)
    assert repr(game) == "field"
    assert game.domain.project(numpy.full(len(field), 2.0)).tolist() == [1.0] * len(field)


@pytest.mark.parametrize(
    ("field", "players", "kind", "message"),
    [
        ([X], [X, Y], ValueError, "`field` must hold one entry per symbol, got 1 for the 2 of z"),
        (["x", Y], [X, Y], TypeError, r"`field\[0\]` must be a SymPy expression, got 'x' of type str"),
        ([U, 2 * X, Y], [(X, U), Y], ValueError, "must be a gradient in each player's own block, which player 0's"),
        ([sympy.exp(sympy.sin(X)), Y], [X, Y], ValueError, "entry of player 0 whose antiderivative is not known"),
    ],
)
def test_fields_without_losses_are_refused(field, players, kind, message):
    with pytest.raises(kind, match=message):
        SymbolicGame.from_field(field, players)


@pytest.mark.parametrize(
    ("losses", "players", "kind", "message"),
    [
        (["x*y", -X * Y], [X, Y], TypeError, r"`losses\[0\]` must be a SymPy expression, got 'x\*y' of type str"),
        ([X * Y], [X, Y], ValueError, "one loss per player, got 1 losses and 2 players"),
        ([X * Y, U], [X, Y], ValueError, r"`losses\[1\]` holds u, which no player owns. Substitute a number"),
        ([X * Y, X], [X, X], ValueError, "`players` must not share symbols"),
        ([X * Y, X], ["x", "y"], TypeError, "`players` must hold SymPy symbols"),
        ([X * Y, X], [X, ()], ValueError, "every player must own at least one symbol"),
        ([abs(X), Y], [X, Y], ValueError, r"`losses\[0\]` holds Abs, which is not supported. Use exp, log"),
        ([sympy.Max(X, Y), Y], [X, Y], ValueError, "holds Max, which is not supported"),
        ([sympy.Piecewise((X, X > 0), (0, True)), Y], [X, Y], ValueError, "holds Piecewise, which is not supported"),
        ([sympy.Function("f")(X), Y], [X, Y], ValueError, "holds f, which is not supported"),
        ([sympy.I * X, Y], [X, Y], ValueError, r"`losses\[0\]` must be real and finite, got I\*x"),
        ([sympy.Eq(X, Y), Y], [X, Y], TypeError, "must be a SymPy expression"),
        ([True, Y], [X, Y], TypeError, "must be a SymPy expression, got True of type bool"),
    ],
)
def test_bad_input_is_one_sentence(losses, players, kind, message):
    with pytest.raises(kind, match=message):
        SymbolicGame(losses, players)
