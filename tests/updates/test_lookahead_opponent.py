"""LookAhead: descent against where the others will be."""

import numpy
import pytest

from gamedyn.games import SymbolicGame
from gamedyn.updates import LookaheadOpponent
from tests.updates.second_order_games import expression_game, run


def test_it_is_the_derivative_at_the_opponents_next_point(rng):
    # grad_i of L_i(z_i, z_j - alpha v_j) with v_j = grad_j L_j held fixed, to first order in alpha.
    sympy = pytest.importorskip("sympy")
    losses, players = expression_game()
    symbols = [s for player in players for s in player]
    alpha = sympy.Symbol("alpha")
    xi = [sympy.diff(loss, s) for loss, player in zip(losses, players, strict=True) for s in player]
    moves = sympy.symbols("v0:4")
    field = []
    for loss, player in zip(losses, players, strict=True):
        shift = {s: s - alpha * v for s, v in zip(symbols, moves, strict=True) if s not in player}
        ahead = loss.subs(shift, simultaneous=True)
        for s in player:
            slope = sympy.diff(ahead, s)
            linear = slope.subs(alpha, 0) + alpha * sympy.diff(slope, alpha).subs(alpha, 0)
            field.append(linear.subs(dict(zip(moves, xi, strict=True))))
    for z in rng.standard_normal((3, 4)):
        at = {**dict(zip(symbols, map(float, z), strict=True)), alpha: 0.3}
        expected = z - 0.1 * numpy.array([float(entry.subs(at)) for entry in field])
        moved, state = run(LookaheadOpponent(0.1, alpha=0.3), SymbolicGame(losses, players), z)
        numpy.testing.assert_allclose(moved, expected, rtol=1e-12, atol=1e-13)
        assert state is None


def test_the_length_must_not_be_negative():
    with pytest.raises(ValueError, match="`alpha` must be non-negative and finite, got -1"):
        LookaheadOpponent(0.1, alpha=-1)
