"""Differential Stackelberg equilibria: leaders along the follower's reaction, against SymPy's implicit derivatives."""

import numpy
import pytest

from gamedyn.equilibria import check_differential_stackelberg, classify
from gamedyn.games import FunctionGame, Quadratic, SymbolicGame
from tests.equilibria.games import GeneralSum, ZeroSum


def reacting_game(cubic, target):
    """M = (y - x)^2 / 2 + cubic (y - x)^3 + linear terms, and a leader who pays for y: all of its terms count."""
    import sympy

    x, y = sympy.symbols("x y", real=True)
    follower = (y - sympy.Rational(1, 2) * x) ** 2 / 2 + cubic * (x * y**2 + y**3 / 3) + y * x**2 / 5
    leader = target * x**2 / 2 + 2 * y + x * y / 3
    # A linear term of the leader's own makes the total derivative vanish at (0, 0).
    reaction = -sympy.diff(follower, y, x) / sympy.diff(follower, y, y)
    total = sympy.diff(leader, x) + sympy.diff(leader, y) * reaction
    leader = leader - total.subs({x: 0, y: 0}) * x
    total = sympy.diff(leader, x) + sympy.diff(leader, y) * reaction
    second = sympy.diff(total, x) + sympy.diff(total, y) * reaction
    return SymbolicGame([leader, follower], [x, y]), float(second.subs({x: 0, y: 0}))


@pytest.mark.parametrize("cubic", [0, 1, -2])
@pytest.mark.parametrize("target", [-3, 0, 3])
def test_curved_reactions_against_sympy(cubic, target):
    game, second = reacting_game(cubic, target)
    verdict = check_differential_stackelberg(game, [0.0, 0.0])
    assert verdict.answer == ("yes" if second > 0 else "no")
    # The follower's own curvature is 1.
    assert verdict.margin == pytest.approx(second if second < 0 else min(1.0, second), rel=1e-6)


def test_the_third_derivative_decides():
    # y = a x^2 to second order: the leader pays x^2 / 2 - y = (1/2 - a) x^2.
    for a, answer in ((0.4, "yes"), (0.6, "no"), (0.5, "undecided")):
        game = FunctionGame(
            [lambda x, y: x**2 / 2 - y, lambda x, y, a=a: (y - a * x**2) ** 2 / 2 * (1 + x)], dims=(1, 1)
        )
        assert check_differential_stackelberg(game, [0.0, 0.0]).answer == answer


def test_several_coordinates_against_the_explicit_reaction(rng):
    # M = |y - R x|^2 / 2 + b . y (w . x)^2 reacts by y = R x - b (w . x)^2, exactly.
    for _ in range(10):
        r, q = rng.standard_normal((3, 2)), rng.standard_normal((2, 2))
        b, w, g = rng.standard_normal(3), rng.standard_normal(2), rng.standard_normal(3)
        q = q + q.T

        def losses(z, r=r, q=q, b=b, w=w, g=g):
            x, y = z[..., :2], z[..., 2:]
            lead = numpy.sum((x @ q) * x, axis=-1) / 2 + numpy.sum((y - x @ r.T) * g, axis=-1)
            gap = y - x @ r.T
            follow = numpy.sum(gap**2, axis=-1) / 2 + numpy.sum(y * b, axis=-1) * numpy.sum(x * w, axis=-1) ** 2
            return numpy.stack([lead, follow], axis=-1)

        game = FunctionGame(losses, dims=(2, 3))
        second = q - 2 * (b @ g) * numpy.outer(w, w)
        smallest = numpy.linalg.eigvalsh(second)[0]
        verdict = check_differential_stackelberg(game, numpy.zeros(5))
        assert verdict.answer == ("yes" if smallest > 0 else "no")
        assert verdict.margin == pytest.approx(min(smallest, 1.0), rel=1e-5, abs=1e-6)


def test_either_leader_of_a_zero_sum_game():
    # f = p x^2 / 2 + a x y - q y^2 / 2. Leading with x needs q > 0 and p + a^2 / q > 0; with y, p > 0, q + a^2 / p > 0.
    for p, a, q, expected in ((-1, 2, 1, ("yes", "no")), (1, 2, -1, ("no", "yes")), (1, 1, 1, ("yes", "yes"))):
        game = ZeroSum(p, a, q)
        found = classify(game, [0.0, 0.0])
        assert tuple(verdict.answer for verdict in found.stackelberg) == expected
        assert found.stackelberg[0] == found.local_minimax
        assert f"minimax if 1 leads   {expected[1]}" in str(found)
        for leader in (0, 1):
            assert check_differential_stackelberg(game, [0.0, 0.0], leader=leader).answer == expected[leader]
    assert classify(GeneralSum([[1, 2], [2, 1]], (1, 1)), [0.0, 0.0]).stackelberg is None


def test_a_term_of_the_followers_own_is_no_zero_sum_for_the_other_leader():
    # L_0 + L_1 = x: with player 1 leading, its loss does not vanish along player 0's coordinate.
    game = FunctionGame([lambda x, y: x**2 - y**2, lambda x, y: y**2 - x**2 + x], dims=(1, 1))
    found = classify(game, [0.0, 0.0])
    assert found.local_minimax.is_yes
    assert found.stackelberg is None


def test_followers_that_do_not_react():
    assert check_differential_stackelberg(ZeroSum(1, 1, -1), [0.0, 0.0]).is_no
    flat = check_differential_stackelberg(ZeroSum(1, 1, 1e-20), [0.0, 0.0])
    assert flat.is_undecided
    assert "the follower's own Hessian is nearly singular" in flat.reason


def test_leader_at_rest_only_against_a_fixed_follower():
    # L = x^2 / 2 + x y + y, M = y^2 / 2 + x y: xi = (x + y, y + x) vanishes at 0, the leader's total slope is -1.
    game = Quadratic([[[1.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 1.0]]], (1, 1), [[0.0, 1.0], [0.0, 0.0]])
    verdict = check_differential_stackelberg(game, [0.0, 0.0])
    assert verdict.is_no
    assert "not stationary along the follower's reaction" in verdict.reason


def test_batches_libraries_and_bad_input(game_library):
    points = game_library.asarray([[0.0, 0.0], [1.0, 0.0]])
    verdict = check_differential_stackelberg(ZeroSum(-1, 2, 1), points)
    assert verdict.answer.tolist() == ["yes", "no"]
    with pytest.raises(ValueError, match="`game` must have two players, a leader and a follower, got 3"):
        check_differential_stackelberg(GeneralSum(numpy.eye(3), (1, 1, 1)), numpy.zeros(3))
    with pytest.raises(ValueError, match="`leader` must be"):
        check_differential_stackelberg(ZeroSum(1, 1, 1), [0.0, 0.0], leader=2)


def test_a_leader_whose_loss_is_linear_is_measured_by_the_bend_of_the_reaction():
    # M = (y + x - x^2)^2 / 2: y = x^2 - x, and L = x + y is x^2 along it. L has no second derivative of its own.
    game = FunctionGame([lambda x, y: x + y, lambda x, y: (y + x - x**2) ** 2 / 2], dims=(1, 1))
    assert check_differential_stackelberg(game, [0.0, 0.0]).is_yes
    assert check_differential_stackelberg(game, [1e-3, 1e-6 - 1e-3]).is_no
