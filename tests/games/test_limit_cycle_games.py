"""Games whose flow circles: their points by algebra, their cycles by integrating the flow once round."""

import numpy
import pytest
import sympy

from gamedyn import games
from gamedyn.equilibria import classify, find_stationary_point
from tests.games.planar_oracle import X, Y, exact_kind, field, return_distance, zero_sum

ORIGIN = (sympy.Integer(0), sympy.Integer(0))


def half(t, a, b, c):
    return a * t**2 + b * t**4 + c * t**6


R = sympy.Rational
FORSAKEN = X * Y - R(9, 20) * X + half(X, R(1, 4), -R(1, 2), R(1, 6)) - half(Y, R(1, 4), -R(1, 2), R(1, 6))
GLOBAL = X * Y + half(X, R(1, 3), -R(1, 3), R(2, 21)) - half(Y, R(1, 3), -R(1, 3), R(2, 21))
LETCHER = X * Y - X**2 / 2 + Y**2 / 2 + X**4 / 4 - Y**4 / 4
MARKET_SHARE = (Y**4 / (1 + X**2) - X**4 / (1 + Y**2)) / 4
MARKET = (X**6 / 6 - X**2 / 2 + X * Y + MARKET_SHARE, Y**6 / 6 - Y**2 / 2 - X * Y - MARKET_SHARE)

PUBLISHED = [
    (games.forsaken(), zero_sum(FORSAKEN)),
    (games.almost_bilinear(), zero_sum(X * Y + R(1, 100) * (Y**2 / 2 - Y**4 / 4))),
    (games.global_forsaken(), zero_sum(GLOBAL)),
    (games.letcher_game(), zero_sum(LETCHER)),
    (games.market_game(), MARKET),
]


@pytest.mark.parametrize(("game", "losses"), PUBLISHED, ids=lambda value: repr(value)[:20])
def test_the_losses_are_the_published_ones(game, losses):
    for mine, published in zip(game.expressions, losses, strict=True):
        assert sympy.simplify(mine - published) == 0


@pytest.mark.parametrize(
    ("game", "losses", "kind"),
    [
        (*PUBLISHED[1], "repeller"),
        (*PUBLISHED[2], "nash"),
        (*PUBLISHED[3], "repeller"),
        (*PUBLISHED[4], "repeller"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_the_origin_is_of_the_known_kind(game, losses, kind):
    assert exact_kind(losses, ORIGIN) == kind
    assert classify(game, [0.0, 0.0]).kind == kind


def test_the_origin_is_the_only_stationary_point():
    # Sums of the field times x or y have a sign off the origin, or resultants have no other real root.
    for losses in (PUBLISHED[1][1], PUBLISHED[2][1], PUBLISHED[3][1]):
        first, second = field(losses)
        resultant = sympy.Poly(sympy.resultant(first, second, Y), X)
        assert sympy.real_roots(resultant, multiple=False) in ([(0, 1)], [(0, 3)])


def test_the_market_has_no_other_stationary_point():
    game = games.market_game()
    # On a grid of half-width 0.005 the field is larger than it can change within a cell, except around the origin.
    axis = numpy.arange(-2.0, 2.0, 0.01) + 0.005
    z = numpy.stack(numpy.meshgrid(axis, axis), axis=-1)
    size = numpy.linalg.norm(game.simultaneous_gradient(z), axis=-1)
    change = numpy.linalg.norm(game.jacobian(z), axis=(-2, -1)) * 0.005 * 2**0.5
    assert numpy.all((size > 1.2 * change) | (numpy.max(abs(z), axis=-1) < 0.02))
    # Farther out the flow comes inward: x xi_1 + y xi_2 > 0, by terms x^6 + y^6 of the highest order.
    angle = numpy.linspace(0, 2 * numpy.pi, 721)
    for radius in (2.0, 3.0, 5.0, 20.0):
        ring = radius * numpy.stack([numpy.cos(angle), numpy.sin(angle)], axis=-1)
        assert numpy.all(numpy.sum(ring * game.simultaneous_gradient(ring), axis=-1) > 0)


def test_forsaken_has_one_stationary_point_that_attracts_and_is_not_nash():
    first, second = field(zero_sum(FORSAKEN))
    y = sympy.solve(first, Y)[0]
    numerator = sympy.Poly(sympy.numer(sympy.together(second.subs(Y, y))), X)
    roots = [root for root in sympy.real_roots(numerator) if abs(root) <= R(3, 2) and abs(y.subs(X, root)) <= R(3, 2)]
    assert len(roots) == 1
    point = [float(roots[0]), float(y.subs(X, roots[0]))]
    # As published, to the digits given there: (0.08, 0.4).
    assert point == pytest.approx([0.08, 0.4], abs=0.02)
    found = classify(games.forsaken(), point)
    assert found.kind == "attractor"
    assert found.attracting_not_nash.is_yes
    assert found.local_minimax.is_no
    curvature = sympy.diff(FORSAKEN, Y, 2).subs(Y, point[1])
    assert curvature > 0


def test_forsaken_has_an_unstable_cycle_within_a_stable_one():
    game = games.forsaken()
    center = find_stationary_point(game, [0.08, 0.4]).point
    inside, reach = return_distance(game, center, 0.1)
    assert inside < 0.1
    outside, reach = return_distance(game, center, 0.2)
    assert 0.2 < outside < 1.3
    back, reach = return_distance(game, center, 1.3)
    assert back < 1.3
    # Both have come to the same cycle, inside of the box.
    assert outside == pytest.approx(back, rel=1e-3)
    assert reach < 1.5


def test_global_forsaken_has_an_unstable_cycle_within_a_stable_one():
    game = games.global_forsaken()
    for start, grows in ((0.5, False), (1.0, False), (1.05, True), (1.25, True), (1.33, False)):
        back, reach = return_distance(game, (0.0, 0.0), start)
        assert (back > start) == grows
    assert reach < 4 / 3


@pytest.mark.parametrize("eps", [0.01, 0.05])
def test_the_cycle_of_the_almost_bilinear_game_is_where_averaging_has_it(eps):
    game, radius = games.almost_bilinear(eps), 2 / 3**0.5
    for start, grows in ((radius - 2 * eps, True), (radius + 2 * eps, False)):
        back, _ = return_distance(game, (0.0, 0.0), start)
        assert (back > start) == grows


def test_the_field_of_the_polar_game_is_the_published_one():
    game = games.polar_game()
    pull = R(1, 48) * (X**2 + Y**2 - 1) * (16 * X**2 + 16 * Y**2 - 9)
    expected = sympy.Matrix([-Y + X * pull, X + Y * pull])
    assert sympy.expand(game.gradient_expressions - expected) == sympy.zeros(2, 1)
    other = games.polar_game(a=2, b=-3).gradient_expressions
    assert sympy.expand(other - sympy.Matrix([3 * Y + 6 * X * pull, -3 * X + 6 * Y * pull])) == sympy.zeros(2, 1)
    assert classify(game, [0.0, 0.0]).kind == exact_kind(game.expressions, ORIGIN) == "nash"


def test_the_cycles_of_the_polar_game_have_the_radii_one_and_three_quarters():
    # r r' = -(x xi_1 + y xi_2) = -(a/16) r^2 (r^2 - 1)(16 r^2 - 9), the angle turns at the rate -b.
    game = games.polar_game()
    r = sympy.symbols("r", positive=True)
    radial = sympy.expand(X * game.gradient_expressions[0] + Y * game.gradient_expressions[1])
    speed = sympy.factor(-radial.subs(Y, 0).subs(X, r))
    assert sympy.simplify(radial - radial.subs(Y, 0).subs(X, sympy.sqrt(X**2 + Y**2))) == 0
    assert set(sympy.solve(speed, r)) == {R(3, 4), 1}
    assert sympy.diff(speed / r, r).subs(r, 1) < 0 < sympy.diff(speed / r, r).subs(r, R(3, 4))
    for radius in (1.0, 0.75):
        assert return_distance(game, (0.0, 0.0), radius)[0] == pytest.approx(radius, abs=1e-7)


def test_domains_are_the_published_boxes():
    for game, bound in ((games.forsaken(), 1.5), (games.polar_game(), 1.1), (games.global_forsaken(), 4 / 3)):
        assert game.domain.project(numpy.array([9.0, -9.0])).tolist() == [bound, -bound]


def test_parameters_are_one_finite_number():
    with pytest.raises(ValueError, match="`offset` must be one finite number, got nan"):
        games.forsaken(float("nan"))
    with pytest.raises(ValueError, match="`eps` must be one finite number, got an array of shape"):
        games.almost_bilinear(numpy.ones(3))
    with pytest.raises(ValueError, match="`b` must be one finite number, got True"):
        games.polar_game(b=True)


def test_parameters_stay_exact():
    assert games.almost_bilinear(1 / 7).expressions[0].subs({X: 0, Y: 1}) == R(1, 28)
    assert games.polar_game().gradient_expressions.atoms(sympy.Float) == set()
    assert games.forsaken(0.123456789).expressions[0].subs({X: 1, Y: 0}) == R(1, 4) - R(1, 3) - R(123456789, 10**9)
