"""Best replies, gains, epsilon-Nash checks and duality gaps: closed forms, enumeration, what is only local."""

import math

import numpy
import pytest
import sympy

from gamedyn import games
from gamedyn.equilibria import (
    best_reply,
    best_response,
    check_nash,
    classify,
    deviation_gains,
    exploitability,
    local_duality_gap,
    nash_gaps,
)
from gamedyn.games import Bilinear, Game, MatrixGame, NormalFormGame, SymbolicGame

X, Y = sympy.symbols("x y")
SQUARE = [[-1.0, 1.0], [-1.0, 1.0]]


def planar(first, second=None, domain=None):
    return SymbolicGame([first, -first if second is None else second], [X, Y], domain)


def test_finite_games_agree_with_the_pure_forms(rng):
    game = NormalFormGame(rng.standard_normal((3, 2, 3, 4)))
    z = numpy.concatenate([rng.dirichlet(numpy.ones(size)) for size in game.dims])
    gains = deviation_gains(game, z)
    numpy.testing.assert_allclose(gains.lower, nash_gaps(game, z), atol=1e-14)
    assert gains.guarantee == "global"
    assert numpy.all(gains.upper >= gains.lower)
    numpy.testing.assert_allclose(gains.upper, gains.lower, atol=1e-11)
    numpy.testing.assert_allclose(gains.total[0], float(exploitability(game, z)))
    for player, reply in enumerate(gains.replies):
        numpy.testing.assert_array_equal(reply.point, best_response(game, z, player))


def test_matching_pennies_and_poker():
    pennies = games.matching_pennies()
    assert check_nash(pennies, [0.5, 0.5, 0.5, 0.5], tolerance=1e-9).answer == "yes"
    verdict = check_nash(pennies, [0.5, 0.5, 0.75, 0.25], tolerance=1e-9)
    assert verdict.answer == "no"
    # 2 q - 1 with q = 3/4.
    assert verdict.margin == pytest.approx(-0.5)
    assert "Player 0 gains 0.5 by moving to (1, 0)" in verdict.reason
    poker = games.KuhnPoker()
    assert check_nash(poker, poker.equilibrium(0.25), tolerance=1e-9).answer == "yes"
    # Several simplices each: agrees with the product of their best pure strategies.
    z = numpy.concatenate([numpy.tile([0.0, 1.0, 0.0], 3), numpy.tile([0.0, 1.0], 6)])
    numpy.testing.assert_allclose(deviation_gains(poker, z).lower, nash_gaps(poker, z), atol=1e-14)


def test_bilinear_games_on_boxes(rng):
    # min over |x|_k <= 1 of <g, x> is -|g|_1, with g = A y + b, and the same for y with -A^T x - c.
    a, b, c = rng.standard_normal((3, 2)), rng.standard_normal(3), rng.standard_normal(2)
    game, z = Bilinear(a, b, c), rng.uniform(-1, 1, 5)
    box = [[-1.0, 1.0]] * 5
    gains = deviation_gains(game, z, box=box)
    x, y = z[:3], z[3:]
    expected = [x @ (a @ y + b) + numpy.abs(a @ y + b).sum(), numpy.abs(a.T @ x + c).sum() - y @ (a.T @ x + c)]
    numpy.testing.assert_allclose(gains.lower, expected, atol=1e-13)
    numpy.testing.assert_allclose(gains.upper, expected, atol=1e-11)
    # f = x y: the origin is the one equilibrium. f = (x + 2)(y + 2): (-1, 1) is, at which xi is not 0.
    assert check_nash(games.hamiltonian_game(), [0.0, 0.0], tolerance=1e-12, box=SQUARE).answer == "yes"
    corner = Bilinear([[1.0]], [2.0], [2.0])
    assert check_nash(corner, [-1.0, 1.0], tolerance=1e-12, box=SQUARE).answer == "yes"
    for point in ([1.0, 1.0], [-1.0, -1.0], [0.0, 0.0]):
        assert check_nash(corner, point, tolerance=1e-12, box=SQUARE).answer == "no"


def test_oligopoly_against_reaction_functions(rng):
    for _ in range(5):
        costs, (p, q) = rng.uniform(1, 5, 2), rng.uniform(0, 40, 2)
        game = games.cournot(tuple(costs), intercept=90.0, slope=2.0)
        reply = best_reply(game, [p, q], 0)
        assert reply.point[0] == pytest.approx(max((90 - costs[0] - 2 * q) / 4, 0.0), abs=1e-12)
        assert reply.guarantee == "global"
        game = games.bertrand(tuple(costs))
        assert best_reply(game, [p, q], 1).point[0] == pytest.approx((10 + 2 * costs[1] + p) / 4)
    assert best_reply(games.cournot(), [1.0, 99.0], 0).point.tolist() == [0.0]
    assert check_nash(games.bertrand(), [14 / 3, 14 / 3], tolerance=1e-9).answer == "yes"
    assert check_nash(games.bertrand(), [4.0, 4.0], tolerance=1e-9).answer == "no"


def test_tullock_by_its_square_root_and_a_bound_on_its_curvature():
    # min z - z / (z + y): z = sqrt(y) - y. |L''| = 2 y / (z + y)^3 <= 2 / y^2.
    game, y = games.TullockContest(), 0.16
    box = [[0.0, 4.0], [0.0, 4.0]]
    alone = best_reply(game, [0.5, y], 0, box=box)
    assert alone.point[0] == pytest.approx(math.sqrt(y) - y, abs=1e-6)
    assert (alone.guarantee, alone.lower) == ("local", -math.inf)
    bounded = best_reply(game, [0.5, y], 0, box=box, curvature=2 / y**2)
    least = math.sqrt(y) - y - (1 - math.sqrt(y))
    assert bounded.guarantee == "global"
    assert bounded.lower < least <= bounded.loss + 1e-15
    assert bounded.loss - bounded.lower <= 1e-8


def double_well():
    """A minimum of 0 at 0, and one below 0 near 3."""
    return planar(X**2 * ((X - 3) ** 2 - sympy.Rational(1, 2)), Y**2 / 2)


def test_a_local_nash_point_with_a_better_reply_far_away():
    game, box = double_well(), [[-4.0, 4.0], [-1.0, 1.0]]
    origin = [0.0, 0.0]
    assert classify(game, origin).kind == "nash"
    verdict = check_nash(game, origin, tolerance=1e-3, box=box)
    assert verdict.answer == "no"
    # x^2 ((x - 3)^2 - 1/2) is least at a root of its derivative.
    points = [float(r) for r in sympy.real_roots(sympy.Poly(sympy.diff(game.expressions[0], X), X))]
    least = min(float(game.expressions[0].subs(X, p)) for p in points)
    assert verdict.margin == pytest.approx(1e-3 + least, abs=1e-9)
    assert "Player 0 gains" in verdict.reason
    # Nearby there is none.
    assert local_duality_gap(game, origin, 0.5).lower == 0.0


def test_a_nash_point_that_is_not_differential():
    # x^4 and y^4: own Hessians vanish at the origin, which is Nash. Up to |x| <= 1 the second derivative is 12 x^2.
    game = planar(X**4 + X * Y, Y**4 - X * Y)
    assert not classify(game, [0.0, 0.0]).differential_nash.is_yes
    assert check_nash(game, [0.0, 0.0], tolerance=1e-6, box=SQUARE, curvature=12.0).answer == "yes"


def test_undecided_where_nothing_is_known():
    class Opaque(Game):
        dims = (1, 1)

        def losses(self, z):
            return numpy.stack([z[..., 0] ** 4, z[..., 1] ** 2], axis=-1)

    verdict = check_nash(Opaque(), [0.0, 0.0], tolerance=1e-6, box=SQUARE)
    assert verdict.answer == "undecided"
    assert "none is excluded for player 0" in verdict.reason
    assert check_nash(Opaque(), [0.0, 0.0], tolerance=1e-6, box=SQUARE, curvature=12.0).answer == "yes"
    assert check_nash(Opaque(), [0.5, 0.0], tolerance=1e-6, box=SQUARE).answer == "no"


def test_symbolic_losses_that_are_quadratic_in_the_own_block_need_no_more():
    # sin(y) x^2 + x is quadratic for x whatever y does.
    game = planar(sympy.sin(Y) * X**2 + X, Y**2 * sympy.exp(X))
    reply = best_reply(game, [0.0, math.pi / 2], 0, box=SQUARE)
    assert (reply.point[0], reply.loss, reply.guarantee) == (pytest.approx(-0.5), pytest.approx(-0.25), "global")
    assert best_reply(game, [0.0, -math.pi / 2], 0, box=SQUARE).point.tolist() == [-1.0]


def test_duality_gaps_of_bilinear_and_quadratic_games():
    # f = x y: max of x (y + r) less min of (x - r) y, with r the radius: r (|x| + |y|).
    for x, y, r in ((1.0, 2.0, 0.5), (-0.3, 0.7, 2.0)):
        gap = local_duality_gap(games.hamiltonian_game(), [x, y], r)
        assert gap.lower == pytest.approx(r * (abs(x) + abs(y)))
        assert gap.lower <= gap.upper <= gap.lower + 1e-10
        assert gap.guarantee == "global"
    # f = x^2/2 - y^2/2 and a radius that holds the origin: x^2/2 + y^2/2.
    gap = local_duality_gap(games.strongly_monotone_game(1.0, 0.0), [0.3, -0.4], 1.0)
    assert gap.lower == pytest.approx(0.125)
    assert gap.gains.tolist() == pytest.approx([0.045, 0.08])
    # The domain cuts the neighbourhood: on [0, 1]^2 nobody leaves.
    poker = MatrixGame([[1.0, -1.0], [-1.0, 1.0]])
    assert local_duality_gap(poker, [0.5, 0.5, 1.0, 0.0], 0.25).lower == pytest.approx(0.5)
    assert local_duality_gap(poker, [0.5, 0.5, 1.0, 0.0], 5.0).lower == pytest.approx(1.0)


def test_duality_gap_by_gradient_steps_is_a_lower_bound():
    game = games.DiracGAN()
    gap = local_duality_gap(game, [0.5, 0.5], 1.0, starts=1, steps=20)
    assert gap.guarantee == "lower bound"
    assert gap.upper == math.inf
    side = numpy.linspace(-0.5, 1.5, 2001)
    own = game.losses(numpy.array([0.5, 0.5]))
    first = game.losses(numpy.stack([side, numpy.full(2001, 0.5)], axis=-1))[:, 0]
    second = game.losses(numpy.stack([numpy.full(2001, 0.5), side], axis=-1))[:, 1]
    exact = own[0] - first.min() + own[1] - second.min()
    assert gap.lower == pytest.approx(exact, abs=1e-5)
    assert gap.lower <= exact + 1e-6


def test_torus_and_mertikopoulos(rng):
    game = games.torus_location_game()
    box = [[-math.pi, math.pi]] * 2
    # -a cos(t - phi) + cos(t - s) is one cosine in t: amplitude |-a e^(i phi) + e^(i s)|, and |L''| at most that.
    s = 0.7
    amplitude = abs(-1.0 * numpy.exp(1j * math.pi / 8) + numpy.exp(1j * s))
    reply = best_reply(game, [0.0, s], 0, box=box, curvature=amplitude)
    assert reply.lower <= -amplitude <= reply.loss
    assert reply.loss == pytest.approx(-amplitude, abs=1e-7)
    assert reply.guarantee == "global"
    # The stationary point of the saddle-point game is a minimax point; its own Hessian for y has the wrong sign.
    game = games.mertikopoulos_game()
    verdict = check_nash(game, [0.402788, 0.597212], tolerance=1e-4)
    side = numpy.linspace(0, 1, 4001)
    gains = []
    for k in (0, 1):
        points = numpy.tile([0.402788, 0.597212], (4001, 1))
        points[:, k] = side
        losses = game.losses(points)[:, k]
        gains.append(float(game.losses(numpy.array([0.402788, 0.597212]))[k]) - losses.min())
    assert (verdict.answer == "no") == (max(gains) > 1e-4)
    assert verdict.margin == pytest.approx(1e-4 - max(gains), abs=1e-7)


def test_libraries_and_read_only_inputs(game_library):
    z = game_library.asarray([0.5, 0.25])
    reply = best_reply(games.hamiltonian_game(), z, 1, box=SQUARE)
    assert game_library.owns(reply.point)
    assert game_library.host(reply.point).tolist() == [1.0]
    assert game_library.owns(
        best_reply(games.hamiltonian_game(), game_library.asarray([0.5, 0.25], dtype="float32"), 1, box=SQUARE).point,
        "float32",
    )
    assert local_duality_gap(games.hamiltonian_game(), z, 1.0).lower == pytest.approx(0.75)


def test_bad_arguments():
    game = games.hamiltonian_game()
    with pytest.raises(ValueError, match="`box` must bound the part of player 0, whose loss falls without bound"):
        best_reply(game, [1.0, 1.0], 0)
    with pytest.raises(ValueError, match="`player` must be below 2, the number of players, got 2"):
        best_reply(game, [1.0, 1.0], 2)
    with pytest.raises(ValueError, match=r"`box` must have low < high in every row, got \(1, 0\) in row 1"):
        best_reply(game, [1.0, 1.0], 0, box=[[0, 1], [1, 0]])
    with pytest.raises(ValueError, match="`box` must meet the domain"):
        best_reply(games.cournot(), [1.0, 1.0], 0, box=[[-2, -1], [0, 1]])
    with pytest.raises(ValueError, match=r"`z` must be one point of shape \(2,\), got \(3, 2\)"):
        best_reply(game, numpy.zeros((3, 2)), 0)
    with pytest.raises(ValueError, match="`z` must lie in the game's domain"):
        check_nash(games.cournot(), [-1.0, 1.0], tolerance=1e-3)
    with pytest.raises(ValueError, match=r"`z` must lie in `box`, got \[2.0, 0.0\]"):
        check_nash(game, [2.0, 0.0], tolerance=1e-3, box=SQUARE)
    with pytest.raises(ValueError, match="`radius` must be positive"):
        local_duality_gap(game, [1.0, 1.0], 0.0)
    with pytest.raises(ValueError, match="`curvature` must be non-negative"):
        best_reply(game, [1.0, 1.0], 0, box=SQUARE, curvature=-1.0)
    with pytest.raises(TypeError, match="`game` must be a Game"):
        check_nash("pennies", [0.5], tolerance=1.0)
