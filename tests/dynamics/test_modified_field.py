"""Modified fields of two corrections: coefficients from SymPy, orders of agreement from runs."""

import numpy
import pytest
import sympy

from gamedyn.dynamics import flow, modified_field, simulate
from gamedyn.dynamics._second_derivative import second_derivative
from gamedyn.games import Bilinear, DiracGAN, Game, SymbolicGame
from gamedyn.updates import (
    AlternatingGradientDescent,
    Extragradient,
    OptimisticGradient,
    SimultaneousGradientDescent,
)
from gamedyn.updates._optimistic import OptimisticState

x, y, w, h, r = sympy.symbols("x y w h r")
# Three coordinates, players of sizes 1 and 2, curved in every way, general-sum.
LOSSES = [x**2 / 3 + x * sympy.sin(y) + x**3 * w / 5 + x * w / 2, y**2 / 2 - x * y + w**2 * x / 3 - w * x + y**3 / 7]
CURVED = SymbolicGame(LOSSES, [x, (y, w)])
XI = sympy.Matrix([sympy.diff(LOSSES[0], x), sympy.diff(LOSSES[1], y), sympy.diff(LOSSES[1], w)])
START = numpy.array([0.6, -0.4, 0.5])


# Cubic losses, whose steps are polynomials.
CUBIC = [x**2 / 3 + x * y * w + x**3 / 5 + x * w / 2 + x**2 * y, y**2 / 2 - x * y**2 + w**2 * x / 3 - w * x + y**3 / 7]


def cut(expression):
    """Without powers of h beyond the third."""
    expression = sympy.expand(expression)
    return sum(expression.coeff(h, k) * h**k for k in range(4))


def lie_series(g, function, time):
    """exp(time g) applied to a function of x, on the line."""
    total, term = function, function
    for k in range(1, 4):
        term = cut(g * sympy.diff(term, x))
        total += time**k * term / sympy.factorial(k)
    return total


def up_to_third_order(expression):
    """Coefficients of 1, h, h^2, h^3 at x = 0."""
    polynomial = sympy.expand(expression.subs(x, 0))
    return [sympy.expand(polynomial.coeff(h, k)) for k in range(4)]


def scalar_field(xi, p, q, s):
    """-xi + h p J xi + h^2 (q J J xi + s D^2 xi[xi, xi]) on the line, where the two third-order terms differ too."""
    slope = sympy.diff(xi, x)
    return sympy.expand(-xi + h * p * slope * xi + h**2 * (q * slope**2 * xi + s * sympy.diff(xi, x, 2) * xi**2))


# The published Euler coefficients 1/12 f''(f, f) + 1/3 f' f' f, with f = -xi.
COEFFICIENTS = {
    "descent": (-sympy.Rational(1, 2), -sympy.Rational(1, 3), -sympy.Rational(1, 12)),
    "extragradient": (r - sympy.Rational(1, 2), r - sympy.Rational(1, 3), r / 2 - r**2 / 2 - sympy.Rational(1, 12)),
    "optimistic": (r - sympy.Rational(1, 2), 2 * r - r**2 - sympy.Rational(1, 3), r - sympy.Rational(1, 12)),
}


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_flows_of_the_stated_fields_make_the_steps(name):
    # A Taylor series at x = 0 as far as steps up to h^3 feel it; derivatives without a common factor.
    c = (2, 3, 5, 7)
    xi = sum(c[k] * x**k / sympy.factorial(k) for k in range(4))
    g = scalar_field(xi, *COEFFICIENTS[name])
    after = lie_series(g, x, h)
    if name == "descent":
        step = x - h * xi
    elif name == "extragradient":
        step = x - h * sum(sympy.diff(xi, x, k) * (-r * h * xi) ** k / sympy.factorial(k) for k in range(4))
    else:
        # The recurrence along the flow: z_{k-1} is the flow's point a time h ago.
        step = x - h * xi - r * h * (xi - lie_series(g, xi, -h))
    assert up_to_third_order(after - step) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "rule_of"),
    [
        ("descent", lambda ratio: SimultaneousGradientDescent(0.5)),
        ("extragradient", lambda ratio: Extragradient(0.5, extrapolation_step=0.5 * ratio)),
        ("optimistic", lambda ratio: OptimisticGradient(0.5, optimism=0.5 * ratio)),
    ],
)
def test_the_code_has_the_stated_coefficients(name, rule_of):
    for ratio in (0.5, 1.0, 2.0):
        p, q, s = (float(value.subs(r, ratio)) for value in map(sympy.sympify, COEFFICIENTS[name]))
        at = dict(zip((x, y, w), START, strict=True))
        J = XI.jacobian((x, y, w))
        c = (J * XI).jacobian((x, y, w)) * XI - J * J * XI
        terms = [numpy.array(v.subs(at), dtype=float)[:, 0] for v in (XI, J * XI, J * J * XI, c)]
        expected = -terms[0] + 0.5 * p * terms[1] + 0.25 * (q * terms[2] + s * terms[3])
        numpy.testing.assert_allclose(modified_field(rule_of(ratio), 2)(CURVED, START), expected, rtol=1e-12)


def matched_terms(moves):
    """f_1, f_2, f_3 of a round of moves on the cubic game, by matching the flow's Taylor series, in SymPy."""
    coordinates = sympy.Matrix([x, y, w])
    xi = sympy.Matrix([sympy.diff(CUBIC[0], x), sympy.diff(CUBIC[1], y), sympy.diff(CUBIC[1], w)])

    point = sympy.Matrix(coordinates)
    for player, step, fresh in moves:
        origin = coordinates if fresh else point
        slopes = xi.subs(dict(zip(coordinates, point, strict=True)), simultaneous=True)
        moved = sympy.Matrix(point)
        for k in ((0,), (1, 2))[player]:
            moved[k] = cut(origin[k] - h * step * slopes[k])
        point = moved
    D = [point.applyfunc(lambda e, k=k: sympy.expand(e).coeff(h, k)) for k in range(4)]

    def along(f, u):
        return (f.jacobian(coordinates) * u).applyfunc(sympy.expand)

    f1 = D[1]
    f2 = D[2] - along(f1, f1) / 2
    f3 = D[3] - (along(f1, f2) + along(f2, f1)) / 2 - along(along(f1, f1), f1) / 6
    at = dict(zip(coordinates, START, strict=True))
    return [numpy.array(f.subs(at), dtype=float)[:, 0] for f in (f1, f2, f3)]


IN_TURN = [
    (AlternatingGradientDescent(0.5), [(0, 1, False), (1, 1, False)]),
    (
        AlternatingGradientDescent(0.5, inner_steps=(2, 1), player_order=(1, 0)),
        [(1, 1, False), (0, 1, False), (0, 1, False)],
    ),
    (
        Extragradient(0.5, extrapolation_step=1.0, schedule="alternating"),
        [(0, 2, True), (1, 2, True), (0, 1, True), (1, 1, True)],
    ),
]


@pytest.mark.parametrize(("rule", "moves"), IN_TURN)
def test_terms_in_turn_are_those_of_the_matched_series(rule, moves):
    f1, f2, f3 = matched_terms(moves)
    game = SymbolicGame(CUBIC, [x, (y, w)])
    numpy.testing.assert_allclose(modified_field(rule)(game, START), f1 + 0.5 * f2, rtol=1e-12)
    numpy.testing.assert_allclose(modified_field(rule, 2)(game, START), f1 + 0.5 * f2 + 0.25 * f3, rtol=1e-12)


RULES = [
    SimultaneousGradientDescent,
    Extragradient,
    lambda h: Extragradient(h, extrapolation_step=1.5 * h),
    lambda h: Extragradient(h, schedule="alternating"),
    OptimisticGradient,
    lambda h: OptimisticGradient(h, optimism=0.8 * h),
    AlternatingGradientDescent,
    lambda h: AlternatingGradientDescent(h, inner_steps=(2, 1), player_order=(1, 0)),
]


def on_the_slow_manifold(rule, game, z, h, field):
    """The memory of optimistic descent that has followed the flow until z."""
    if not isinstance(rule, OptimisticGradient):
        return None
    # From the past to z: times run forwards along the reversed field.
    back = flow(game, z, [0.0, h], field=lambda game, z: -field(game, z), tolerance=1e-12)[-1]
    return OptimisticState(game.simultaneous_gradient(back))


@pytest.mark.parametrize("rule_of", RULES)
def test_orders_of_agreement(rule_of):
    time, counts = 0.8, (50, 100)
    errors = {0: [], 1: [], 2: []}
    for n in counts:
        rule = rule_of(time / n)
        best = modified_field(rule, 2)
        state = on_the_slow_manifold(rule, CURVED, START, time / n, best)
        end = simulate(CURVED, rule, START, n, state=state).final
        for order, field in ((0, rule.flow), (1, modified_field(rule)), (2, best)):
            reached = flow(CURVED, START, [0.0, time], field=field, tolerance=1e-11)[-1]
            errors[order].append(numpy.linalg.norm(reached - end))
    for order, (coarse, fine) in errors.items():
        assert numpy.log2(coarse / fine) == pytest.approx(order + 1, abs=0.05)


def test_linear_multipliers_agree_to_third_order():
    # log r / h of the symbol, with r the slow root, is that of the field at J = l, up to O(h^3).
    for step in (1e-2, 5e-3):
        for rule in (
            SimultaneousGradientDescent(step),
            Extragradient(step),
            Extragradient(step, extrapolation_step=2 * step),
            OptimisticGradient(step),
            OptimisticGradient(step, optimism=step / 2),
        ):
            # On x y, J multiplies x + i y by -i.
            speed = modified_field(rule, 2)(Bilinear([[1.0]]), numpy.array([1.0, 0.0]))
            root = max(rule.symbol(1j), key=abs)
            assert abs(numpy.log(root) / step - (speed[0] - 1j * speed[1])) < 2 * step**3


class Awkward(Game):
    """x^5 y through arrays that lose their imaginary parts: only differences see the curvature."""

    dims = (1, 1)

    def losses(self, z):
        value = z[..., 0] ** 5 * z[..., 1]
        return numpy.stack([value, -value], -1)

    def simultaneous_gradient(self, z):
        a, b = z[..., 0], z[..., 1]
        return numpy.stack([5 * a**4 * b, -(a**5)], -1)

    def jvp(self, z, v):
        a, b = z[..., 0].real, z[..., 1].real
        return numpy.stack([20 * a**3 * b * v[..., 0] + 5 * a**4 * v[..., 1], -5 * a**4 * v[..., 0]], -1).real


class Refusing(Awkward):
    def jvp(self, z, v):
        if numpy.iscomplexobj(z):
            raise TypeError("real points only")
        return super().jvp(z, v)


def test_second_derivatives(game_library):
    z, u = numpy.array([[0.5, -0.3], [0.2, 0.9]]), numpy.array([[1.0, 2.0], [-1e-3, 4e-3]])
    a, b = z.T
    expected = numpy.stack(
        [60 * a**2 * b * u[:, 0] ** 2 + 40 * a**3 * u[:, 0] * u[:, 1], -20 * a**3 * u[:, 0] ** 2], -1
    )
    losses = [x**5 * y, -(x**5) * y]
    found = second_derivative(SymbolicGame(losses, [x, y]), game_library.asarray(z), game_library.asarray(u))
    assert game_library.owns(found)
    numpy.testing.assert_allclose(game_library.host(found), expected, rtol=1e-14)
    for game in (Awkward(), Refusing()):
        numpy.testing.assert_allclose(second_derivative(game, z, u), expected, rtol=1e-9)
    # Affine games have none, and no direction is no reason to divide.
    assert second_derivative(Bilinear([[2.0]]), z, u).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert second_derivative(SymbolicGame(losses, [x, y]), z, 0 * u).tolist() == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("rule_of", RULES)
def test_batches_and_step_sizes_of_their_own(rule_of, game_library):
    z = numpy.stack([START, START, 2 * START])
    spread = numpy.array([0.1, 0.4, 0.2])
    together = modified_field(rule_of(game_library.asarray(spread)), 2)(CURVED, game_library.asarray(z))
    assert game_library.owns(together)
    for i, step in enumerate(spread):
        alone = modified_field(rule_of(float(step)), 2)(CURVED, z[i])
        numpy.testing.assert_allclose(game_library.host(together)[i], alone, rtol=1e-13)


def test_single_precision_stays():
    z = numpy.array([0.8, -0.6], dtype=numpy.float32)
    for rule in (OptimisticGradient(0.1), AlternatingGradientDescent(0.1)):
        field = modified_field(rule, 2)
        assert field(DiracGAN(), z).dtype == numpy.float32
        numpy.testing.assert_allclose(field(DiracGAN(), z), field(DiracGAN(), z.astype(float)), rtol=1e-5)
