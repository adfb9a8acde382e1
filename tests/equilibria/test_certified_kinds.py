"""certify: existence and kinds against classify and exact algebra; nothing false is proved near a border."""

import math
import random
from fractions import Fraction

import numpy
import pytest
import sympy

from gamedyn.equilibria import Certifier, certify, classify
from gamedyn.equilibria._certified_game import interval_game
from gamedyn.equilibria._certified_proof import contract
from gamedyn.games import (
    Quadratic,
    SymbolicGame,
)

X, Y, Z = sympy.symbols("x y z")
R = sympy.Rational
SQUARE = [(-1, 1), (-1, 1)]


def zero_sum(f):
    return SymbolicGame([f, -f], [X, Y])


def small(sign):
    return sign * R(1, 10**30)


# A 0 that SymPy does not see.
HIDDEN_ZERO = (sympy.sqrt(2) + sympy.sqrt(3)) ** 2 - 5 - 2 * sympy.sqrt(6)


def answers(certificate):
    return [
        None if v is None else v.answer
        for v in (certificate.differential_nash, certificate.local_minimax, certificate.attracting)
    ]


@pytest.mark.parametrize("cubic", [0, 1])
@pytest.mark.parametrize(
    ("curvature", "nash"), [(small(1), "yes"), (0, "no"), (small(-1), "no"), (HIDDEN_ZERO, "undecided")]
)
def test_own_hessian_near_zero(curvature, nash, cubic):
    # J = [[c, 3], [-3, 1]]: the Schur complement c + 9 is positive, and both eigenvalues have the real part (1 + c)/2.
    f = curvature * X**2 / 2 + 3 * X * Y - Y**2 / 2 + cubic * Y**3 / 9
    found = certify(zero_sum(f), [0.0, 0.0], precision=256)
    assert found.existence == "exactly one"
    assert answers(found) == [nash, "yes", "yes"]
    assert found.kind == ("nash" if nash == "yes" else "minimax")
    assert found.check().is_yes
    assert bool(found.differential_nash.margin == 0) == (curvature in (0, HIDDEN_ZERO))


@pytest.mark.parametrize(
    ("shift", "minimax"), [(small(1), "yes"), (0, "no"), (small(-1), "no"), (HIDDEN_ZERO, "undecided")]
)
def test_schur_complement_near_zero(shift, minimax):
    # f_xx = -4 + s, f_xy = 2, f_yy = -1: the complement is s; a saddle or repeller otherwise.
    f = (shift - 4) * X**2 / 2 + 2 * X * Y - Y**2 / 2
    found = certify(zero_sum(f), [0.0, 0.0], precision=256)
    # With s = 0 the determinant of J vanishes, too, and nothing is proved.
    if shift in (0, HIDDEN_ZERO):
        assert (found.existence, found.kind) == ("undecided", "undecided")
        assert "singular" in found.reason or "interior" in found.reason
    else:
        assert answers(found) == ["no", minimax, "no"]
        assert found.local_maximin.is_no


@pytest.mark.parametrize("sign", [1, 0, -1])
def test_own_hessians_of_two_coordinates_near_zero(sign):
    # R diag(1, s) R^T with a rational rotation, and an invertible coupling.
    own = sympy.Matrix([[R(3, 5), R(-4, 5)], [R(4, 5), R(3, 5)]])
    own = own * sympy.diag(1, small(sign) if sign else 0) * own.T
    x = sympy.Matrix([X, Y])
    a, b = sympy.symbols("a b")
    first = (x.T * own * x)[0] / 2 + X * a + Y * b
    game = SymbolicGame([first, (a**2 + b**2) / 2 - X * a - Y * b], [[X, Y], [a, b]])
    found = certify(game, [0.0] * 4, precision=256)
    assert found.existence == "exactly one"
    wanted = {1: {"yes", "undecided"}, 0: {"no", "undecided"}, -1: {"no", "undecided"}}[sign]
    assert found.differential_nash.answer in wanted
    if sign == 1:
        assert found.differential_nash.is_yes
    assert found.attracting.is_yes


@pytest.mark.parametrize("shift", [small(1), 0, small(-1), HIDDEN_ZERO])
def test_real_parts_near_zero(shift):
    # J = [[s, 1], [-1, s]].
    game = SymbolicGame.from_field([shift * X + Y, shift * Y - X], [X, Y])
    found = certify(game, SQUARE, precision=256)
    expected = "undecided" if shift in (0, HIDDEN_ZERO) else ("yes" if shift > 0 else "no")
    assert found.attracting.answer == expected
    kinds = {"yes": "nash", "no": "repeller", "undecided": "undecided"}
    assert found.kind == kinds[expected]


def test_a_saddle_needs_a_proof_of_both_signs():
    # Eigenvalues -1 and s with s of unknown sign: saddle or repeller.
    for shift, kind in ((small(1), "saddle"), (small(-1), "repeller")):
        game = SymbolicGame.from_field([-X, shift * Y], [X, Y])
        assert certify(game, SQUARE, precision=256).kind == kind
    # A zero eigenvalue leaves even the number of points open; an imaginary pair does not.
    centre = SymbolicGame.from_field([-X, Y * HIDDEN_ZERO - Z, Y], [X, Y, Z])
    found = certify(centre, [0.0] * 3)
    assert (found.existence, found.attracting.answer, found.kind) == ("exactly one", "no", "undecided")


def test_random_quadratic_games_against_numpy():
    rng = numpy.random.default_rng(5)
    kinds = set()
    for trial in range(60):
        dims = [(1, 1), (2, 1), (1, 1, 1), (2, 2)][trial % 4]
        d = sum(dims)
        j = rng.integers(-12, 13, (d, d)) / 4
        start = 0
        for size in dims:
            block = slice(start, start + size)
            j[block, block] = (j[block, block] + j[block, block].T) / 2
            start += size
        if abs(numpy.linalg.det(j)) < 1e-3:
            continue
        target = rng.integers(-4, 5, d) / 4
        game = Quadratic.from_jacobian(j, dims, -j @ target)
        found = certify(game, [(t - 1, t + 2) for t in target])
        assert found.existence == "exactly one"
        numpy.testing.assert_allclose(found.point, target, atol=1e-15)
        values = numpy.linalg.eigvals(j)
        if abs(values.real).min() > 1e-9:
            assert found.attracting.answer == ("yes" if values.real.min() > 0 else "no")
            assert found.kind == classify(game, target).kind
            kinds.add(found.kind)
        for value in values:
            discs = [complex(float(a), float(b)) for a, b, _ in found.eigenvalues]
            assert min(abs(value - c) for c in discs) < 1e-6
    assert {"nash", "saddle", "attractor", "repeller"} <= kinds


def test_jordan_blocks_are_decided_by_routh():
    # All three eigenvalues are 1, with one eigenvector; then -1; then 2, 2 and -1.
    for signs, answer, kind in (
        ((1, 1, 1), "yes", "nash"),
        ((-1, -1, -1), "no", "repeller"),
        ((2, 2, -1), "no", "saddle"),
    ):
        a, b, c = signs
        game = SymbolicGame.from_field([a * X + Y, b * Y + Z, c * Z], [X, Y, Z])
        found = certify(game, [0.0] * 3)
        assert (found.attracting.answer, found.kind) == (answer, kind)
        assert found.check().is_yes


def test_none_and_undecided():
    game = zero_sum(X**2 - Y**2)
    assert certify(game, [(1, 2), (1, 2)]).existence == "none"
    nothing = certify(game, [(1, 2), (-1, 2)])
    assert (nothing.existence, nothing.kind, nothing.differential_nash) == ("none", "nonstationary", None)
    # On a face, twice in the box, in a line, with a singular J.
    face = certify(game, [(0, 2), (-1, 2)])
    assert (face.existence, face.kind) == ("undecided", "undecided")
    assert "interior" in face.reason
    assert not face.is_proved
    two = zero_sum(X**3 / 3 - X + X * Y - Y**2)
    assert certify(two, [(-3, 3), (-3, 3)]).existence == "undecided"
    line = SymbolicGame([(X + Y) ** 2, (X + Y) ** 2], [X, Y])
    assert certify(line, SQUARE).existence == "undecided"
    flat = SymbolicGame.from_field([X**3, Y], [X, Y])
    assert certify(flat, [0.0, 0.0]).existence == "undecided"
    outside = certify(zero_sum(sympy.log(X) - Y**2), SQUARE)
    assert outside.existence == "undecided"
    assert "not defined, or not smooth" in outside.reason
    kink = certify(SymbolicGame([sympy.sqrt(X) * X + Y**2, Y**2], [X, Y]), [(0, 1), (-1, 1)])
    assert kink.existence == "undecided"


def test_a_point_finds_a_box_around_the_zero_nearby():
    game = zero_sum(X**3 / 3 - X + X * Y - Y**2)
    exact = (-0.5 + math.sqrt(4.25)) / 2
    found = certify(game, [0.8, 0.4])
    assert found.point == pytest.approx((exact, exact / 2), abs=1e-15)
    low, high = found.enclosure[0]
    # x^2 + x/2 - 1 changes its sign between the exact ends.
    assert low**2 + low / 2 < 1 < high**2 + high / 2
    assert high - low < Fraction(1, 10**30)
    far = certify(game, [30.0, 0.4])
    assert far.existence == "none"
    exact_point = certify(game, numpy.array([0.8, 0.4], dtype=numpy.float32))
    assert exact_point.kind == "nash"


def test_leaders_need_the_other_loss_to_be_opposed():
    # L_0 + L_1 = x^4 is no matter to player 1, so that player 0 may lead; not the other way round.
    f = X**2 / 2 + X * Y - Y**2
    found = certify(SymbolicGame([f + X**4, -f], [X, Y]), [0.0, 0.0])
    assert found.local_minimax.is_yes
    assert found.local_maximin is None
    found = certify(SymbolicGame([f, -f + Y**4], [X, Y]), [0.0, 0.0])
    assert found.local_maximin.is_yes
    assert found.local_minimax is None


def test_numbers_of_points_against_sturm():
    rng = random.Random(6)
    seen = {"none": 0, "exactly one": 0, "undecided": 0}
    for _ in range(30):
        p = sympy.Poly([rng.choice([-1, 1]), *(rng.randint(-9, 9) for _ in range(rng.randint(1, 4)))], X)
        certifier = Certifier(SymbolicGame.from_field([p.as_expr(), Y], [X, Y]))
        roots = [float(r) for r in p.nroots() if abs(sympy.im(r)) < 1e-12]
        for _ in range(20):
            # Ends near roots, on either side.
            low = rng.choice([*roots, rng.uniform(-4, 4)]) + rng.choice([-1, 1]) * 10 ** rng.uniform(-9, 0)
            high = low + rng.uniform(0.01, 2)
            found = certifier.certify([(low, high), (-1, 2)])
            seen[found.existence] += 1
            if found.is_proved:
                count = p.sqf_part().count_roots(sympy.Rational(low), sympy.Rational(high))
                assert count == {"none": 0, "exactly one": 1}[found.existence], (p, low, high)
    assert min(seen["none"], seen["exactly one"]) > 100


def test_krawczyk_alone_may_exclude():
    # Neither field has a sign over the box, nor its centred form: the two together have no zero there.
    game = SymbolicGame.from_field([X + Y - 1, X - Y - 2], [X, Y])
    contraction = contract(interval_game(game), ((Fraction(0), Fraction(2)), (Fraction(0), Fraction(1))))
    assert (contraction.answer, contraction.reason) == ("none", "K(box) and the box are disjoint")


def test_a_loss_that_is_not_defined_leaves_all_open():
    # The field is smooth where player 0's loss is not defined.
    game = SymbolicGame([(X + 2) ** 2 / 2 + sympy.log(Y), Y**2 + X * Y], [X, Y])
    assert certify(game, [(-3, -1), (Fraction(1, 2), 2)]).existence == "exactly one"
    game = SymbolicGame([(X + 2) ** 2 / 2 + sympy.log(Y), Y**2], [X, Y])
    assert certify(game, [(-3, -1), (-1, 1)]).existence == "undecided"
