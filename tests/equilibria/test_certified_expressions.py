"""Programs of balls against mpmath at 50 digits: values lie in them, and what is not defined everywhere is refused."""

import random
from fractions import Fraction

import flint
import mpmath
import pytest
import sympy

from gamedyn.equilibria._certified_expressions import LeavesDomain, Program, ball_of, float_as_fraction, fraction_of
from gamedyn.equilibria._certified_proof import balls_of

X, Y = sympy.symbols("x y")
UNARY = [
    getattr(sympy, name)
    for name in [
        "exp",
        "log",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "asin",
        "acos",
        "atan",
        "asinh",
        "acosh",
        "atanh",
    ]
]
CONSTANTS = [sympy.pi, sympy.E, sympy.sqrt(2), sympy.Rational(1, 3), sympy.Rational(-7, 5), sympy.Float(0.1)]
EXPONENTS = [2, 3, 5, 8, -1, -2, -3, *(sympy.Rational(p, q) for p, q in ((1, 2), (3, 2), (-1, 2), (1, 3), (2, 5)))]


def random_expression(rng, depth):
    if depth == 0 or rng.random() < 0.15:
        return rng.choice([X, Y, X, Y, *CONSTANTS])
    first = random_expression(rng, depth - 1)
    kind = rng.random()
    if kind < 0.3:
        return first + random_expression(rng, depth - 1)
    if kind < 0.55:
        return first * random_expression(rng, depth - 1)
    if kind < 0.75:
        return first ** rng.choice(EXPONENTS)
    return rng.choice(UNARY)(first)


def usable(expression):
    bad = (sympy.I, sympy.oo, -sympy.oo, sympy.zoo, sympy.nan)
    return not expression.has(*bad) and expression.free_symbols


def exact_value(function, point):
    """The value at 50 digits, or None where it is no real number."""
    try:
        value = function(*(mpmath.mpf(p.numerator) / p.denominator for p in point))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    if isinstance(value, mpmath.mpc) or not mpmath.isfinite(value):
        return None
    return value


def holds(ball, value):
    """Whether the ball meets the value within its own error."""
    with flint.ctx.workprec(400):
        error = abs(value) * mpmath.mpf(10) ** -38 + mpmath.mpf(10) ** -38
        low, high = (flint.arb(mpmath.nstr(v, 60)) for v in (value - error, value + error))
        return bool(ball.overlaps(low.union(high)))


def test_ranges_over_boxes_and_points_hold_the_values():
    rng = random.Random(1)
    # Other modules of tests set digits of their own.
    digits, mpmath.mp.dps = mpmath.mp.dps, 50
    held = refused = 0
    try:
        for _ in range(400):
            expression = random_expression(rng, rng.randint(1, 4))
            if not usable(expression):
                continue
            program = Program([expression], [X, Y])
            function = sympy.lambdify([X, Y], expression, "mpmath")
            for width in (Fraction(0), Fraction(1, 1000), Fraction(1, 4), Fraction(2)):
                low = [Fraction(rng.randint(-3000, 3000), 999) for _ in range(2)]
                box = [(a, a + width) for a in low]
                with flint.ctx.workprec(rng.choice([53, 128])):
                    try:
                        [ball] = program(balls_of(box))
                    except LeavesDomain:
                        refused += 1
                        continue
                for share in ((0, 0), (1, 1), (0, 1), (rng.random(), rng.random())):
                    point = [a + width * Fraction(s) for a, s in zip(low, share, strict=True)]
                    value = exact_value(function, point)
                    assert value is not None, (expression, box)
                    assert holds(ball, value), (expression, box, point, ball, value)
                    held += 1
    finally:
        mpmath.mp.dps = digits
    assert held > 2500
    assert refused > 100


def test_values_are_narrow_where_the_expression_is_defined():
    expression = sympy.exp(X) * sympy.sqrt(Y) / (1 + X**2) + sympy.atan(X * Y) ** 3 - sympy.log(Y)
    with flint.ctx.workprec(128):
        [ball] = Program([expression], [X, Y])([ball_of(Fraction(1, 3)), ball_of(Fraction(7, 3))])
    assert 0 < ball.rad() < 1e-36
    with flint.ctx.workprec(64):
        # Squares are not negative, monotone functions are known between the ends.
        wide = ball_of(Fraction(0)).union(ball_of(Fraction(8)))
        for expression, low, high in ((X**2, 0, 64), (X**4, 0, 4096), (sympy.exp(X), 1, 2981), (sympy.tanh(X), 0, 1)):
            [ball] = Program([expression], [X])([wide])
            assert ball.lower() > low - 1e-4
            assert ball.upper() < high + 1
        [ball] = Program([X**2], [X])([ball_of(Fraction(1)).union(ball_of(Fraction(3)))])
        assert ball.lower() > 0.99


def test_numbers_are_exact_or_enclosed():
    tenth = Fraction(0.1)
    with flint.ctx.workprec(200):
        [ball] = Program([sympy.Float(0.1) + 0 * X], [X])([ball_of(Fraction(5))])
        assert fraction_of(ball) == tenth
        [third] = Program([X * sympy.Rational(1, 3)], [X])([ball_of(Fraction(1))])
        assert third.rad() > 0
        assert 3 * third.lower() < 1 < 3 * third.upper()
    # Of few bits, pi is known to few: constants follow the precision of work.
    program = Program([sympy.pi + X], [X])
    for bits in (40, 100, 40):
        with flint.ctx.workprec(bits):
            [ball] = program([ball_of(Fraction(0))])
            assert 2.0 ** -(bits + 4) < ball.rad() < 2.0 ** -(bits - 8)


@pytest.mark.parametrize(
    ("expression", "low", "high", "defined"),
    [
        (sympy.log(X), 0, 1, False),
        (sympy.log(X), Fraction(1, 1000), 1, True),
        (1 / X, -1, 1, False),
        (1 / X, 0, 1, False),
        (X**-2, -1, 1, False),
        (sympy.sqrt(X), -1, 1, False),
        (sympy.sqrt(X), Fraction(-1, 10**30), 1, False),
        (sympy.sqrt(X), 1, 2, True),
        (X ** sympy.Rational(1, 3), -2, -1, False),
        (sympy.asin(X), 0, Fraction(11, 10), False),
        (sympy.asin(X), Fraction(-1, 2), Fraction(9, 10), True),
        (sympy.atanh(X), -1, 0, False),
        (sympy.acosh(X), 1, 2, False),
        (sympy.tan(X), 1, 2, False),
        (sympy.tan(X), -1, 1, True),
        (2**X, -1, 1, True),
        (X**X, 0, 1, False),
        (X**X, 1, 2, True),
        (sympy.exp(sympy.exp(X)), 900, 1000, False),
        (X ** sympy.Float(0.1), 1, 2, True),
        (X ** sympy.Float(0.1), 0, 2, False),
        (X ** sympy.Rational(1, 10**30), 1, 2, True),
    ],
)
def test_domains(expression, low, high, defined):
    program = Program([expression], [X])
    with flint.ctx.workprec(100):
        box = balls_of([(Fraction(low), Fraction(high))])
        if defined:
            assert program(box)[0].is_finite()
        else:
            with pytest.raises(LeavesDomain, match="there"):
                program(box)


def test_what_is_not_known_is_refused():
    own = sympy.Function("exp")
    for node in (sympy.Abs(X), sympy.erf(X), sympy.EulerGamma * X, own(X), sympy.Max(X, 1), sympy.Symbol("w"), sympy.I):
        with pytest.raises(ValueError, match=r"`game` must be made of numbers, pi, E, .* to be certified, got"):
            Program([X + node], [X])
    with pytest.raises(ValueError, match="to be certified, got"):
        Program([sympy.oo], [X])
    for value in ("inf", "-inf", "nan"):
        with pytest.raises(ValueError, match="`game` must hold finite numbers to be certified"):
            float_as_fraction(mpmath.mpf(value))


def test_subexpressions_are_evaluated_once():
    inner = sympy.sin(X * Y + 1)
    both = Program([inner**4 + inner, inner**2], [X, Y])
    # x y, + 1, sin, ^2, ^4, sum.
    assert len(both) == 6
