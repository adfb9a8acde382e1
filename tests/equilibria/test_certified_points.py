"""certify_all: as many points as exact algebra counts, of the known kinds; faces, degenerate points and budgets."""

import math
import random
from fractions import Fraction

import numpy
import pytest
import sympy

from gamedyn.equilibria import certify_all
from gamedyn.games import SymbolicGame, named_game
from gamedyn.updates import SimultaneousGradientDescent
from tests.equilibria.exact_zeros import polynomial_zeros
from tests.equilibria.test_critical_points import OTHERS, POLYNOMIAL, QUADRATIC, SLOW_POLYNOMIAL, square

X, Y, Z = sympy.symbols("x y z")
R = sympy.Rational


def points_of(found):
    return [certificate.point for certificate in found.certificates]


def agrees(found, points, kinds):
    assert found.complete, str(found)
    assert not found.undecided
    order = sorted(range(len(points)), key=lambda k: points[k])
    assert len(found) == len(points), f"{found}\nagainst {points}"
    for certificate, k in zip(found.certificates, order, strict=True):
        assert certificate.point == pytest.approx(points[k], abs=1e-9)
        assert certificate.kind in (kinds[k], "undecided" if kinds[k] == "marginal" else kinds[k])
        assert certificate.existence == "exactly one"


@pytest.mark.parametrize("name", POLYNOMIAL)
def test_polynomial_games_against_resultants(name):
    box, kinds = POLYNOMIAL[name]
    game = named_game(name)
    points = polynomial_zeros(game.gradient_expressions, game.symbols, box)
    found = certify_all(game, box)
    agrees(found, points, kinds)
    assert all(certificate.check().is_yes for certificate in found.certificates)


@pytest.mark.parametrize("name", SLOW_POLYNOMIAL)
def test_more_games_against_their_kinds(name):
    # The points themselves are compared with resultants where the search by Newton's method is tested.
    box, kinds = SLOW_POLYNOMIAL[name]
    found = certify_all(named_game(name), box)
    assert found.complete
    assert [certificate.kind for certificate in found.certificates] == kinds


@pytest.mark.parametrize("name", QUADRATIC)
def test_quadratic_games(name):
    point, kind = QUADRATIC[name]
    box = [(-50, 60)] * len(point)
    agrees(certify_all(named_game(name), box), [tuple(point)], [kind])


@pytest.mark.parametrize(
    "name", ["two_sided_pl", "jin_nonstationary_minimax", "mertikopoulos_game", "torus_location_game"]
)
def test_games_solved_by_hand(name):
    box, zeros = OTHERS[name]
    expected = zeros()
    found = certify_all(named_game(name), box)
    points = sorted(expected)
    if name == "torus_location_game":
        # An own Hessian that is exactly 0 leaves the kind open: sines of balls around pi/2 are no exact 1.
        kinds = [c.kind for c in found.certificates]
        assert [k if k != "undecided" else "saddle" for k in kinds] == [expected[p] for p in points]
        assert kinds.count("undecided") == 2
    else:
        agrees(found, points, [expected[p] for p in points])


def test_as_many_points_as_sturm_counts():
    rng = random.Random(2)
    total = 0
    for _ in range(25):
        p = sympy.Poly([rng.randint(-9, 9) for _ in range(rng.randint(2, 6))] + [rng.randint(1, 9)], X)
        if p.degree() < 1 or p.discriminant() == 0:
            continue
        game = SymbolicGame.from_field([p.as_expr(), Y - X / 4], [X, Y])
        found = certify_all(game, [(-3, 2), (-2, 2)])
        assert found.complete
        assert len(found) == p.count_roots(-3, 2)
        for certificate in found.certificates:
            low, high = (sympy.Rational(end.numerator, end.denominator) for end in certificate.enclosure[0])
            assert p.eval(low) * p.eval(high) < 0
            total += 1
    assert total > 20


def test_coupled_systems_against_resultants():
    rng = random.Random(4)
    total = 0
    for _ in range(4):
        field = [
            sum(rng.randint(-4, 4) * X**i * Y**j for i in range(4) for j in range(4 - i)) + rng.choice([X, Y]) / 3
            for _ in range(2)
        ]
        points = polynomial_zeros(field, (X, Y), square(3))
        found = certify_all(SymbolicGame.from_field(field, [X, Y]), square(3))
        assert found.complete
        assert len(found) == len(points)
        numpy.testing.assert_allclose(points_of(found), points, atol=1e-9)
        total += len(points)
    assert total > 5


def test_three_coordinates():
    # u^3 = u in coordinates u = A z with an integer matrix A: 27 points.
    u, v, w = 2 * X + Y, 2 * Y - Z, 2 * Z
    game = SymbolicGame.from_field([u**3 - u, v**3 - v, w**3 - w], [X, Y, Z])
    found = certify_all(game, [*square(2), [-1, 1]])
    assert found.complete
    matrix = numpy.array([[2, 1, 0], [0, 2, -1], [0, 0, 2]])
    images = {tuple(int(c) for c in numpy.round(matrix @ point)) for point in points_of(found)}
    assert len(found) == len(images) == 27


def test_points_on_faces_and_beside_them():
    game = SymbolicGame.from_field([X**2 - X, Y**2 - 1], [X, Y])
    found = certify_all(game, [(0, 1), (-1, 1)])
    agrees(found, [(0, -1), (0, 1), (1, -1), (1, 1)], ["repeller", "saddle", "saddle", "nash"])
    third = SymbolicGame.from_field([3 * X - 1, Y**3 - Y / 9], [X, Y])
    third_box = [(R(1, 3), 1), (Fraction(-1, 3), R(1, 3))]
    agrees(certify_all(third, third_box), [(1 / 3, -1 / 3), (1 / 3, 0), (1 / 3, 1 / 3)], ["nash", "saddle", "nash"])
    # A little outside is outside.
    shifted = SymbolicGame.from_field([X - 1 - R(1, 10**9), Y], [X, Y])
    found = certify_all(shifted, [(0, 1), (-1, 1)])
    assert (found.complete, len(found)) == (True, 0)
    for beyond in (R(1, 10), R(1, 100), R(1, 10**4)):
        curved = SymbolicGame.from_field([X**3 - X - ((1 + beyond) ** 3 - 1 - beyond), Y], [X, Y])
        for low in (R(1, 2), R(3, 4), R(9, 10)):
            found = certify_all(curved, [(low, 1), (-1, 1)])
            assert (found.complete, len(found)) == (True, 0)
    inside = SymbolicGame.from_field([X - 1 + R(1, 10**9), Y], [X, Y])
    assert len(certify_all(inside, [(0, 1), (-1, 1)])) == 1


def test_a_coordinate_that_is_solved_exactly_at_once():
    game = SymbolicGame.from_field([2 * X - 1, Y**3 - Y], [X, Y])
    agrees(certify_all(game, square(2)), [(0.5, -1), (0.5, 0), (0.5, 1)], ["nash", "saddle", "nash"])
    game = SymbolicGame.from_field([X, Y**5 - 5 * Y**3 + 4 * Y], [X, Y])
    assert len(certify_all(game, [(-3, 5), (-3, 5)])) == 5


@pytest.mark.parametrize("gap", [R(1, 10**3), R(1, 10**6), R(1, 10**7)])
def test_near_points_are_told_apart(gap):
    game = SymbolicGame.from_field([X * (X - gap), Y - X], [X, Y])
    found = certify_all(game, square(2))
    agrees(found, [(0, 0), (float(gap), float(gap))], ["saddle", "nash"])
    first, second = (certificate.enclosure[0] for certificate in found.certificates)
    assert first[1] < second[0]


@pytest.mark.parametrize("power", [2, 3, 5])
def test_degenerate_points_stay_undecided_and_the_others_are_found(power):
    game = SymbolicGame.from_field([X**power * (X - 1), Y - X / 2], [X, Y])
    found = certify_all(game, [(-2, 3), (-2, 2)], max_boxes=4000)
    assert not found.complete
    assert points_of(found) == [pytest.approx((1, 0.5), abs=1e-12)]
    assert any(all(low <= 0 <= high for low, high in box) for box in found.undecided)
    assert all(abs(low) < 0.2 for box in found.undecided for low, _ in box)
    assert "boxes undecided" in str(found)


def test_lines_and_budgets_leave_boxes_that_hold_all_that_was_not_found():
    line = certify_all(named_game("tandem"), square(2), max_boxes=500)
    assert (line.complete, len(line), line.boxes) == (False, 0, 500)
    for x in numpy.linspace(-0.9, 1.9, 20).tolist():
        point = (Fraction(x), 1 - Fraction(x))
        assert any(all(a <= p <= b for p, (a, b) in zip(point, box, strict=True)) for box in line.undecided)
    game = named_game("adolphs_game")
    box, _ = POLYNOMIAL["adolphs_game"]
    points = polynomial_zeros(game.gradient_expressions, game.symbols, box)
    for budget in (1, 5, 20, 60):
        found = certify_all(game, box, max_boxes=budget)
        assert found.boxes == budget
        assert not found.complete
        for point in points:
            is_found = any(point == pytest.approx(p, abs=1e-9) for p in points_of(found))
            is_left = any(all(a <= p <= b for p, (a, b) in zip(point, b_, strict=True)) for b_ in found.undecided)
            assert is_found or is_left


def test_where_losses_are_not_defined():
    half = SymbolicGame.from_field([sympy.log(X), Y - X], [X, Y])
    assert len(certify_all(half, [(R(1, 8), 4), (-2, 2)])) == 1
    found = certify_all(half, square(2), max_boxes=2000)
    assert not found.complete
    assert points_of(found) == [pytest.approx((1, 1))]
    none = certify_all(SymbolicGame.from_field([sympy.exp(X), Y], [X, Y]), square(2))
    assert (none.complete, len(none), none.boxes) == (True, 0, 1)


def test_rules_and_the_table():
    game = named_game("adolphs_game")
    found = certify_all(game, POLYNOMIAL["adolphs_game"][0], rule=SimultaneousGradientDescent(step_size=0.125))
    text = str(found)
    assert text.startswith("3 stationary points of adolphs_game")
    assert "all of them: complete" in text
    assert text.count("rule converges: yes") == sum(c.rule_converges.is_yes for c in found.certificates) > 0
    assert "nash" in text
    assert "3.41421356237" in text
    crowded = str(certify_all(named_game("tandem"), square(2), max_boxes=100))
    assert "more boxes" in crowded


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"box": [0.0, 0.0]}, r"`box` must have shape \(2, 2\), got a point"),
        ({"box": [(1, 0), (0, 1)]}, r"must have low < high, got \(1, 0\)"),
        ({"max_boxes": 0}, "`max_boxes` must be at least 1, got 0"),
        ({"precision": 16}, "`precision` must be at least 32, got 16"),
        ({"box": [(0, math.inf), (0, 1)]}, "finite floats or rationals"),
    ],
)
def test_bad_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        certify_all(named_game("forsaken"), **{"box": square(1), **change})


@pytest.mark.parametrize(("a", "b"), [(R(10, 7), R(11, 9)), (R(13, 7), R(5, 9))])
def test_a_proof_on_a_box_that_barely_contracts_is_sharpened(a, b):
    # y = x / (2 b) and x^2 + x / (2 b) = a: Krawczyk's image of the first box around the upper root is 0.99 of it.
    f = X**3 / 3 - a * X + X * Y - b * Y**2
    found = certify_all(SymbolicGame([f, -f], [X, Y]), [(-5, 5), (-5, 5)])
    middle, root = -1 / (4 * float(b)), math.sqrt(1 / (16 * float(b) ** 2) + float(a))
    points = [(end, end / (2 * float(b))) for end in (middle - root, middle + root)]
    agrees(found, points, ["saddle", "nash"])
