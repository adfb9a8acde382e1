"""find_critical_points: every named game's zeros against independent lists; clusters, lines, lost starts, bad boxes."""

import math

import numpy
import pytest
import sympy

from gamedyn import games
from gamedyn.equilibria import find_critical_points
from gamedyn.games import Box, Game, Quadratic, Reals, SymbolicGame, named_game
from tests.equilibria.exact_zeros import polynomial_zeros

X, Y = sympy.symbols("x y")
PI = math.pi


def square(reach):
    return [[-reach, reach], [-reach, reach]]


# Games in the plane with polynomial fields, up to a positive factor: box, kinds in the order of the points.
POLYNOMIAL = {
    "adolphs_game": (square(6.0), ["nash", "saddle", "attractor"]),
    "grimmer_quartic": (square(4.0), ["repeller"]),
    "almost_bilinear": (square(2.0), ["repeller"]),
    "forsaken": (square(1.5), ["attractor"]),
    "global_forsaken": (square(4 / 3), ["nash"]),
    "letcher_game": (square(2.0), ["repeller"]),
    "polar_game": (square(1.1), ["nash"]),
}
WANG_HALF = ["saddle", "repeller", "repeller", "saddle", "saddle"]
SLOW_POLYNOMIAL = {
    "market_game": (square(2.0), ["repeller"]),
    "mazumdar_polynomial": (
        square(20.0),
        ["minimax", "saddle", "nash", "saddle", "minimax", "saddle", "saddle", "saddle", "nash"],
    ),
    "wang_sixth_order": (
        square(20.0),
        # f(-z) = f(z): the kinds read the same from both ends.
        [*WANG_HALF, "minimax", *WANG_HALF[::-1]],
    ),
}

# Affine fields of which J is regular: the point, by hand, and its kind.
QUADRATIC = {
    "four_player_weak_attractor": ([0.0] * 4, "nash"),
    "hamiltonian_game": ([0.0, 0.0], "marginal"),
    "maximum_trap": ([0.0, 0.0], "repeller"),
    "potential_saddle": ([0.0, 0.0], "saddle"),
    "rosca_rotation": ([0.0, 0.0], "nash"),
    "strongly_monotone_game": ([0.0, 0.0], "nash"),
    "weak_attractor": ([0.0, 0.0], "nash"),
    "daskalakis_center": ([0.0, 0.0], "marginal"),
    "daskalakis_minimax": ([0.0, 0.0], "minimax"),
    "jin_minimax": ([0.0, 0.0], "minimax"),
    "jin_no_local_minimax": ([0.0, 0.0], "repeller"),
    "wang_local_minimax": ([0.0, 0.0], "minimax"),
    "wang_spurious_attractor": ([0.0, 0.0], "attractor"),
    # (a - 2 c_i + c_j) / (3 b) and (a + b c) / (2 b - d).
    "cournot": ([92 / 3, 101 / 3], "nash"),
    "bertrand": ([14 / 3, 14 / 3], "nash"),
}


def torus_zeros():
    """Angles u = t - pi/8 in {0, pi}^2, and cos u_1 = (a^2 + a^2/b^2 - 1) b / (2 a^2) with a = 1, b = 1.3."""
    u = math.acos((1 + 1 / 1.69 - 1) * 1.3 / 2)
    # a sin u_1 = sin(u_1 - u_2) = -b sin u_2.
    v = math.asin(-math.sin(u) / 1.3)
    zero, pole = PI / 8, PI / 8 - PI
    return {
        (pole, pole): "repeller",
        (pole, zero): "saddle",
        (zero, pole): "saddle",
        (zero, zero): "saddle",
        (zero + u, zero + v): "nash",
        (zero - u, zero - v): "nash",
    }


# The rest, with the argument for completeness.
def mertikopoulos_zeros():
    """f_x + f_y = 0 and f_x - f_y = 0 leave y = 1 - x and one equation in x, which is monotone on [0, 1]."""
    bump = sympy.exp(-((X - sympy.Rational(1, 4)) ** 2) - (1 - X - sympy.Rational(3, 4)) ** 2) / 3
    root = sympy.nsolve(sympy.Rational(1, 2) - X - 2 * (X - sympy.Rational(1, 4)) * bump, X, 0.4)
    return {(float(root), 1 - float(root)): "minimax"}


OTHERS = {
    # 2 x = -3 sin 2x sin^2 y and 8 y = sin 2y (3 sin^2 x - 10) have no solutions but 0: a sine would exceed 1.
    "two_sided_pl": (square(5.0), lambda: {(0.0, 0.0): "nash"}),
    # y/5 = 0, then x/5 + sin 0 = 0.
    "jin_nonstationary_minimax": ([[-1, 1], [-2 * PI, 2 * PI]], lambda: {(0.0, 0.0): "repeller"}),
    "mertikopoulos_game": ([[0, 1], [0, 1]], mertikopoulos_zeros),
    "torus_location_game": (square(PI), torus_zeros),
    # c'(theta psi) is nowhere 0, so that psi = 0 and theta = 0.
    "dirac_gan": (square(2.0), lambda: {(0.0, 0.0): "marginal"}),
    # V r z_j / W^2 = c for two: z = V r / 4.
    "tullock_contest": ([[0.01, 2.0], [0.01, 2.0]], lambda: {(0.25, 0.25): "nash"}),
    # dL_1 - dL_2 = -(3 - 2)/(1 + W) is nowhere 0.
    "public_goods": ([[0.0, 9.0], [0.0, 9.0]], dict),
}

# xi = 0 on lines: x + y = 1.
LINES = {"tandem": square(2.0)}

# Not in the plane, in the other tests here or without points of their own.
ELSEWHERE = {"kelly_auction", "lq_gan", "gaussian_gan", "iterated_prisoners_dilemma"}


def check(found, points, kinds):
    assert len(found) == len(points), f"{found}\nagainst {points}"
    order = sorted(range(len(points)), key=lambda k: tuple(round(c, 6) for c in points[k]))
    wanted = numpy.reshape([points[k] for k in order], found.points.shape)
    numpy.testing.assert_allclose(found.points, wanted, atol=2e-9)
    assert found.kinds.tolist() == [kinds[k] for k in order]
    assert not found.complete
    assert found.counts.sum() + found.lost == found.starts
    assert sum(found.lost_to.values()) == found.lost


def check_polynomial(name, box, kinds):
    game = named_game(name)
    points = polynomial_zeros(game.gradient_expressions, game.symbols, box)
    check(find_critical_points(game, box, rng=1), points, kinds)


@pytest.mark.parametrize("name", POLYNOMIAL)
def test_polynomial_games_against_resultants(name):
    check_polynomial(name, *POLYNOMIAL[name])


@pytest.mark.full
@pytest.mark.parametrize("name", SLOW_POLYNOMIAL)
def test_more_polynomial_games_against_resultants(name):
    game, (box, kinds) = named_game(name), SLOW_POLYNOMIAL[name]
    # A common factor exp(-r^2/100) has no zeros.
    field = [sympy.simplify(e * sympy.exp((X**2 + Y**2) / 100)) for e in game.gradient_expressions]
    if name == "market_game":
        field = list(game.gradient_expressions)
    check(find_critical_points(game, box, rng=1), polynomial_zeros(field, game.symbols, box), kinds)


@pytest.mark.parametrize("name", QUADRATIC)
def test_quadratic_games(name):
    point, kind = QUADRATIC[name]
    game = named_game(name)
    low = game.domain.lower if isinstance(game.domain, Box) else -5.0
    box = numpy.stack(numpy.broadcast_arrays(low, numpy.full(len(point), 40.0)), axis=-1)
    if name == "jin_no_local_minimax":
        box = square(1.0)
    check(find_critical_points(game, box, starts=32, rng=1), [tuple(point)], [kind])


@pytest.mark.parametrize("name", OTHERS)
def test_games_solved_by_hand(name):
    box, zeros = OTHERS[name]
    expected = zeros()
    check(find_critical_points(named_game(name), box, rng=1), list(expected), list(expected.values()))


@pytest.mark.parametrize("name", LINES)
def test_lines_are_said_and_not_listed(name):
    found = find_critical_points(named_game(name), LINES[name], rng=1)
    assert found.degenerate
    assert len(found) == 1
    assert found.counts.tolist() == [256]
    assert "line of stationary points" in str(found)
    numpy.testing.assert_allclose(found.points.sum(), 1.0, atol=1e-12)


def test_every_named_game_on_a_box_is_in_a_list_here():
    listed = {*POLYNOMIAL, *SLOW_POLYNOMIAL, *QUADRATIC, *OTHERS, *LINES, *ELSEWHERE}
    named = {name for name in games.NAMED if type(named_game(name).domain) in (Reals, Box)}
    assert listed == named


def test_kelly_auction_in_four_coordinates():
    # G_i Q (Z + W - z_i) = (Z + W)^2, all bids positive: sum over i gives (Z + W) in closed form.
    gains, quantity, reserve = numpy.array([1.8, 2.0, 2.2, 2.4]), 1000.0, 100.0
    # z_i = S - S^2 / (G_i Q) with S = Z + W; sum z_i = S - Z: 4 S - S^2 c = S - Z, c = sum 1 / (G_i Q).
    c = float(numpy.sum(1 / (gains * quantity)))
    total = (3 + math.sqrt(9 + 4 * c * reserve)) / (2 * c)
    expected = total - total**2 / (gains * quantity)
    found = find_critical_points(named_game("kelly_auction"), [[0.0, 2000.0]] * 4, rng=1)
    assert len(found) == 1
    numpy.testing.assert_allclose(found.points[0], expected, rtol=1e-9)
    assert found.kinds.tolist() == ["nash"]


def test_lq_gan_finds_both_signs():
    found = find_critical_points(named_game("lq_gan"), [[-5.0, 5.0]] * 4, starts=64, rng=1)
    # a = +-1 makes N(0, a^2) the data; D = 0.
    numpy.testing.assert_allclose(numpy.abs(found.points), [[1, 0, 0, 0]] * 2, atol=1e-9)


def test_scales_of_losses_and_coordinates_change_nothing():
    def shifted(scale, factor):
        x, y = X / scale, Y * scale
        f = 2 * x**2 + y**2 + 4 * x * y + 4 * y**3 / 3 - y**4 / 4
        return SymbolicGame([factor * f, -f / factor], [X, Y])

    plain = find_critical_points(shifted(1, 1), square(6.0), rng=3)
    scaled = find_critical_points(shifted(2**20, 2**30), [[-6 * 2.0**20, 6 * 2.0**20], [-6 / 2**20, 6 / 2**20]], rng=3)
    numpy.testing.assert_allclose(scaled.points, plain.points * [2.0**20, 2.0**-20], rtol=1e-9, atol=1e-12)
    assert scaled.counts.tolist() == plain.counts.tolist()


def test_starts_that_find_nothing_are_counted_by_cause():
    # x^2 + 1 has a minimum at 0; exp(x) none; the logarithm is none left of 0.
    stalled = find_critical_points(SymbolicGame.from_field([X**2 + 1, Y - X], [X, Y]), square(2.0), rng=4)
    assert (len(stalled), stalled.lost, stalled.classification) == (0, 256, None)
    assert set(stalled.lost_to) == {"stalled", "unfinished"}
    assert "no point found" in str(stalled)
    border = find_critical_points(SymbolicGame.from_field([sympy.exp(X), Y], [X, Y]), square(2.0), rng=4)
    assert border.lost_to == {"border": 256}
    half = SymbolicGame.from_field([sympy.log(X), Y - X], [X, Y])
    found = find_critical_points(half, square(2.0), rng=4)
    numpy.testing.assert_allclose(found.points, [[1, 1]], atol=1e-12)
    assert found.lost_to["not finite"] >= 100


def test_the_game_is_never_seen_outside_its_box_and_domain():
    seen = []

    class Watched(Game):
        dims = (1, 1)
        domain = Box(-1.0, 2.0)

        def losses(self, z):
            seen.append(z.real.reshape(-1, 2))
            return numpy.stack([z[..., 0] ** 4 / 4 - z[..., 0], z[..., 1] ** 2], axis=-1)

        def simultaneous_gradient(self, z):
            seen.append(z.real.reshape(-1, 2))
            return numpy.stack([z[..., 0] ** 3 - 1, 2 * z[..., 1]], axis=-1)

    game = Watched()
    found = find_critical_points(game, [[-3.0, 1.5], [-0.5, 4.0]], rng=5)
    numpy.testing.assert_allclose(found.points, [[1.0, 0.0]], atol=1e-6)
    points = numpy.concatenate(seen)
    # classify looks around the points found.
    inside = numpy.all((points >= [-1.0, -0.5]) & (points <= [1.5, 2.0]), axis=-1)
    assert numpy.all(inside | (numpy.max(numpy.abs(points - [1.0, 0.0]), axis=-1) < 2))
    assert numpy.mean(inside) > 0.9


def test_reproducible_for_lists_float32_and_every_library(game_library):
    game = named_game("adolphs_game")
    box = [[-6.0, 6.0], [-6.0, 6.0]]
    found = find_critical_points(game, game_library.asarray(box), rng=6)
    assert game_library.owns(found.points)
    again = find_critical_points(game, box, rng=6)
    numpy.testing.assert_array_equal(game_library.host(found.points), again.points)
    single = find_critical_points(game, game_library.asarray(box, dtype="float32"), rng=6)
    assert game_library.owns(single.points, "float32")
    numpy.testing.assert_allclose(game_library.host(single.points), again.points, atol=2e-5)


def test_hundred_coordinates():
    rng = numpy.random.default_rng(7)
    matrix = numpy.eye(60) + 0.05 * rng.standard_normal((60, 60))
    matrix[:30, :30] = matrix[:30, :30] + matrix[:30, :30].T
    matrix[30:, 30:] = matrix[30:, 30:] + matrix[30:, 30:].T
    target = rng.uniform(-1, 1, 60)
    game = Quadratic.from_jacobian(matrix, (30, 30), -matrix @ target)
    found = find_critical_points(game, [[-2.0, 2.0]] * 60, starts=8, rng=7)
    numpy.testing.assert_allclose(found.points, [target], atol=1e-10)


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ([[-1, 1]], r"`box` must have shape \(2, 2\)"),
        ([-1, 1], r"`box` must have shape \(2, 2\)"),
        ([[-1, 1], [1, 1]], r"`box` must have low < high in every row, got \(1, 1\) in row 1\."),
        ([[-1, 1], [2, 1]], r"got \(2, 1\) in row 1"),
        ([[-1, math.inf], [0, 1]], "`box` must be finite"),
        ([[math.nan, 1], [0, 1]], "`box` must be finite"),
    ],
)
def test_boxes_that_are_none(box, message):
    with pytest.raises(ValueError, match=message):
        find_critical_points(named_game("tandem"), box)


def test_other_arguments_that_do_not_fit():
    box = square(1.0)
    with pytest.raises(TypeError, match="`game` must be a Game or a StochasticGame, got str"):
        find_critical_points("tandem", box)
    for name, value in (("starts", 0), ("max_steps", 0)):
        with pytest.raises(ValueError, match=f"`{name}` must be at least 1, got 0"):
            find_critical_points(named_game("tandem"), box, **{name: value})
    with pytest.raises(ValueError, match="`tolerance` must be positive"):
        find_critical_points(named_game("tandem"), box, tolerance=-1.0)


def test_a_tail_in_which_the_field_dies_out_holds_no_points():
    # x exp(-x^2) is below roundoff of its size at 0 from |x| = 6 on, where Newton's step is still 1/12.
    decay = sympy.exp(-(X**2) - Y**2)
    game = SymbolicGame.from_field([X * decay, Y * decay], [X, Y])
    for max_steps in (1, 50):
        found = find_critical_points(game, square(9.0), starts=64, rng=1, max_steps=max_steps)
        numpy.testing.assert_allclose(found.points, numpy.zeros((len(found), 2)), atol=1e-12)
    assert len(found) == 1
