"""Games with several stationary points: each one by algebra, and as the classifier sees it."""

from math import acos, pi, sqrt

import numpy
import pytest
import sympy

from gamedyn import games
from gamedyn.equilibria import classify, find_stationary_point
from tests.games.planar_oracle import X, Y, exact_kind, field, return_distance, zero_sum

R = sympy.Rational
ADOLPHS = zero_sum(2 * X**2 + Y**2 + 4 * X * Y + R(4, 3) * Y**3 - R(1, 4) * Y**4)


def test_the_stationary_points_of_adolphs():
    game, root = games.adolphs_game(), sympy.sqrt(2)
    assert [sympy.expand(a - b) for a, b in zip(game.expressions, ADOLPHS, strict=True)] == [0, 0]
    kinds = {-2 - root: "nash", -2 + root: "saddle", sympy.Integer(0): "attractor"}
    assert {point[0] for point in sympy.solve(list(field(ADOLPHS)), [X, Y])} == set(kinds)
    for x, kind in kinds.items():
        assert exact_kind(ADOLPHS, (x, -x)) == kind
        assert classify(game, [float(x), -float(x)]).kind == kind
    assert classify(game, [0.0, 0.0]).attracting_not_nash.is_yes


def test_the_two_sided_pl_game_has_one_stationary_point():
    game = games.two_sided_pl()
    f = X**2 + 3 * sympy.sin(X) ** 2 * sympy.sin(Y) ** 2 - 4 * Y**2 - 10 * sympy.sin(Y) ** 2
    assert sympy.simplify(game.expressions[0] - f) == 0
    assert classify(game, [0.0, 0.0]).kind == exact_kind(zero_sum(f), (0, 0)) == "nash"
    # f_x = 2x + 3 sin^2 y sin 2x vanishes off x = 0 only if sin^2 y >= 1/(3 sup(-sin 2x / 2x)) = 1.53: nowhere.
    t = numpy.linspace(1e-3, 40.0, 200001)
    assert 1 / (3 * numpy.max(-numpy.sin(2 * t) / (2 * t))) > 1
    # f_y = -8y - (10 - 3 sin^2 x) sin 2y: off y = 0 the same with 10 - 3 sin^2 x <= 10 against 4 / 0.2172.
    assert 4 / numpy.max(-numpy.sin(2 * t) / (2 * t)) > 10


def test_the_quartics_have_nine_stationary_points_below_the_threshold_and_one_above():
    a = sympy.symbols("A")
    first, second = 4 * X**3 - 20 * X + a * Y, -(a * X - 4 * Y**3 + 20 * Y)
    assert list(games.grimmer_quartic(7).gradient_expressions.expand()) == [first.subs(a, 7), second.subs(a, 7)]
    squares = sympy.symbols("u")
    eliminated = sympy.expand(sympy.cancel(second.subs(Y, -(4 * X**3 - 20 * X) / a) * a**3 / X))
    in_squares = sympy.Poly(eliminated.subs(X, sympy.sqrt(squares)), squares)
    # The number of real roots changes where the discriminant vanishes.
    changes = sympy.real_roots(sympy.Poly(sympy.discriminant(in_squares), a), multiple=False)
    assert {root for root, _ in changes} == {0, -5 * sympy.sqrt(2), 5 * sympy.sqrt(2)}
    for coupling, count in ((1, 4), (7, 4), (8, 0), (30, 0)):
        positive = [root for root in sympy.real_roots(in_squares.subs(a, coupling)) if root > 0]
        assert len(positive) == count


def test_the_quartics_with_little_coupling_have_four_nash_points(rng):
    game, points = games.grimmer_quartic(1.0), []
    for z in rng.uniform(-3.0, 3.0, (150, 2)):
        end = find_stationary_point(game, z)
        if end.converged and not any(numpy.allclose(end.point, point, atol=1e-6) for point in points):
            points.append(end.point)
    kinds = sorted(classify(game, point).kind for point in points)
    assert kinds == ["nash"] * 4 + ["repeller"] + ["saddle"] * 4


@pytest.mark.parametrize("coupling", [10.0, 100.0])
def test_the_quartics_with_much_coupling_circle(coupling):
    game = games.grimmer_quartic(coupling)
    assert classify(game, [0.0, 0.0]).kind == "repeller"
    for start, grows in ((1.0, True), (3.0, False)):
        assert (return_distance(game, (0.0, 0.0), start)[0] > start) == grows


def test_the_polynomial_of_mazumdar_attracts_at_points_that_are_not_nash():
    game = games.mazumdar_polynomial()
    f = -((R(3, 20) * X**2 + Y) ** 2 + (R(1, 4) * Y**2 + X) ** 2) * sympy.exp(-R(1, 100) * (X**2 + Y**2))
    assert sympy.simplify(game.expressions[0] - f) == 0
    assert exact_kind(zero_sum(f), (0, 0)) == classify(game, [0.0, 0.0]).kind == "saddle"
    # Roots of the polynomial factor of the gradient to forty digits, by SymPy.
    gradient = [sympy.simplify(entry * sympy.exp((X**2 + Y**2) / 100)) for entry in field(zero_sum(f))]
    # The Nash points are to the digits that the code of Fiez et al. prints.
    starts = {(12.188576, -5.423168): "nash", (-10.416623, 8.480549): "nash", (-2.5, -2.3): "minimax"}
    for start, kind in {**starts, (-13.3, -9.9): "minimax", (-5.6, -4.7): "saddle"}.items():
        exact = sympy.nsolve(gradient, [X, Y], start, prec=40)
        found = classify(game, [float(entry) for entry in exact])
        assert found.kind == kind
        assert [float(entry) for entry in exact] == pytest.approx(start, abs=1e-6 if kind == "nash" else 0.2)
        jacobian = field(zero_sum(f)).jacobian([X, Y]).subs({X: exact[0], Y: exact[1]})
        own = [jacobian[0, 0] > 0, jacobian[1, 1] > 0]
        assert own == {"minimax": [False, True], "nash": [True, True], "saddle": [False, True]}[kind]
        assert (jacobian.det() > 0 and jacobian.trace() > 0) == found.attracting.is_yes == (kind != "saddle")


def test_the_equilibria_of_the_torus_game_are_the_published_ones():
    game = games.torus_location_game()
    # a_1 s_1 = -a_2 s_2 = sin(t_1 - t_2), by elimination: c_1 = k/2 and c_2 = 1 - k^2/2 with a_1 = 1 and k = 1/a_2.
    k = 1 / 1.3
    first, second = acos(k / 2), -acos(1 - k**2 / 2)
    for sign in (1, -1):
        point = numpy.array([pi / 8 + sign * first, pi / 8 + sign * second])
        assert numpy.max(abs(game.simultaneous_gradient(point))) < 1e-14
        assert classify(game, point).kind == "nash"
        published = [1.57, -0.4] if sign == 1 else [-0.78, 1.18]
        assert point == pytest.approx(published, abs=0.005)


def test_the_other_points_of_the_torus_game():
    # At t_i - phi_i in {0, pi} with cosines c_i: J = [[a_1 c_1 - c, c], [c, a_2 c_2 - c]], c = c_1 c_2.
    game = games.torus_location_game()
    for c1, c2 in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        c = c1 * c2
        jacobian = numpy.array([[c1 - c, c], [c, 1.3 * c2 - c]])
        point = [pi / 8 + pi * (c1 < 0), pi / 8 + pi * (c2 < 0)]
        numpy.testing.assert_allclose(game.jacobian(numpy.array(point)), jacobian, atol=1e-14)
        low, high = numpy.linalg.eigvalsh(jacobian)
        assert classify(game, point).kind == ("saddle" if low < 0 < high else "repeller")


def test_the_torus_game_has_a_potential_and_its_period(rng):
    game = games.torus_location_game((0.7, 2.0), (0.3, -1.0))
    z = rng.standard_normal((5, 2))
    jacobian = game.jacobian(z)
    numpy.testing.assert_array_equal(jacobian, numpy.swapaxes(jacobian, -1, -2))
    numpy.testing.assert_allclose(game.losses(z + numpy.array([2 * pi, -2 * pi])), game.losses(z), atol=1e-14)
    x, y = z[:, 0], z[:, 1]
    expected = numpy.stack([-0.7 * numpy.cos(x - 0.3), -2 * numpy.cos(y + 1)], axis=-1) + numpy.cos(x - y)[:, None]
    numpy.testing.assert_allclose(game.losses(z), expected, atol=1e-14)


def test_the_torus_game_takes_two_places():
    with pytest.raises(ValueError, match="`weights` must hold two numbers, got 3"):
        games.torus_location_game((1.0, 2.0, 3.0))
    with pytest.raises(ValueError, match=r"`angles\[1\]` must be one finite number, got inf"):
        games.torus_location_game(angles=(0.0, float("inf")))


def test_the_game_of_mertikopoulos_has_a_minimax_point_around_which_the_flow_turns():
    game = games.mertikopoulos_game()
    f = (X - R(1, 2)) * (Y - R(1, 2)) + sympy.exp(-((X - R(1, 4)) ** 2) - (Y - R(3, 4)) ** 2) / 3
    assert sympy.simplify(game.expressions[0] - f) == 0
    # On y = 1 - x both entries of xi are (1/2 - x) - (2/3)(x - 1/4) exp(-2 (x - 1/4)^2).
    on_line = [sympy.simplify(entry.subs(Y, 1 - X)) for entry in field(zero_sum(f))]
    common = (R(1, 2) - X) - R(2, 3) * (X - R(1, 4)) * sympy.exp(-2 * (X - R(1, 4)) ** 2)
    assert [sympy.simplify(entry - common) for entry in on_line] == [0, 0]
    root = float(sympy.nsolve(common, X, 0.4))
    end = find_stationary_point(game, [0.5, 0.5])
    assert end.point == pytest.approx([root, 1 - root], abs=1e-12)
    found = classify(game, [root, 1 - root])
    assert found.kind == "minimax"
    assert abs(found.eigenvalues.real).max() < 1e-12
    assert game.domain.project(numpy.array([2.0, -1.0])).tolist() == [1.0, 0.0]


def test_sums_of_losses_tell_zero_sum_games():
    z = numpy.array([[0.3, -0.8], [1.2, sqrt(2)]])
    for game in (games.adolphs_game(), games.two_sided_pl(), games.grimmer_quartic(), games.mertikopoulos_game()):
        numpy.testing.assert_allclose(game.losses(z).sum(axis=-1), 0.0, atol=1e-14)
