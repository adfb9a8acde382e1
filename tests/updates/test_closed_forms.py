"""Radius, largest stable step and best step on s x y and on mu x^2 / 2 + s x y - mu y^2 / 2, by Jury's conditions.

Rules in words (jury.py) give matrices; their characteristic polynomials give the exact limits; formulas below state
them; the code's matrices have to agree with all of it.
"""

import numpy
import pytest
import sympy
from sympy import Rational, sqrt

from gamedyn import updates
from gamedyn.games import Quadratic
from tests.updates import jury
from tests.updates.jury import ALPHA, LAM, MU, B, C, H, L, S

NEVER, ALWAYS = sympy.Integer(0), sympy.oo
A = H * S
VALUES = {ALPHA: Rational(3, 5), C: Rational(7, 5), LAM: Rational(1, 5), B: Rational(-1, 3)}
POSITIVE = {**VALUES, B: Rational(1, 3)}
PLACES = [{S: Rational(3, 2), MU: 0}, {S: Rational(3, 2), MU: Rational(4, 5)}, {S: Rational(1, 2), MU: Rational(2, 1)}]
U = H * (MU + sympy.I * S)


class Form:
    """A rule in words and in code, with what is known of it.

    `symbol`: its one multiplier on an eigenvalue u / h. `bilinear` and `monotone`: (an expression of h that vanishes at
    the largest stable step, or NEVER, or ALWAYS; the best step; the radius there), None where there is no formula.
    """

    def __init__(self, words, make, bilinear, monotone, symbol=None, at=VALUES):
        self.words, self.make, self.symbol, self.at = words, make, symbol, at
        self.bilinear, self.monotone = bilinear, monotone

        self.known = {}

    def __repr__(self):
        return self.words.__name__

    def matrix(self, place):
        return jury.matrix_of(self.words).subs({**self.at, **place})

    def limit(self, place):
        """By Jury's conditions, worked out once."""
        key = (place[S], place[MU])
        if key not in self.known:
            self.known[key] = jury.stability_limit(self.matrix(place))
        return self.known[key]

    def form(self, place):
        return self.monotone if place[MU] else self.bilinear

    def code(self, place, steps):
        """The code's matrices, one for every step."""
        s, mu = float(place[S]), float(place[MU])
        game = Quadratic.from_jacobian([[mu, s], [-s, mu]], (1, 1))
        jacobian = game.jacobian(numpy.zeros((len(steps), 2)))
        return self.make(steps, {k: float(v) for k, v in self.at.items()}).iteration_matrix(jacobian, (1, 1))

    def radius(self, place, steps):
        return numpy.max(abs(numpy.linalg.eigvals(self.code(place, numpy.asarray(steps)))), axis=-1)


OPTIMISTIC = (
    (3 * A**2 - 1, 1 / (2 * S), 1 / sqrt(2)),
    (3 * H**3 * L**4 + 4 * H**2 * L**2 * MU - H * L**2 - 2 * MU, None, None),
)
EXTRAGRADIENT = (
    (A - 1, 1 / (sqrt(2) * S), sqrt(3) / 2),
    (
        H**3 * L**4 - 2 * H**2 * MU * L**2 + H * (3 * MU**2 - S**2) - 2 * MU,
        None,
        None,
    ),
)
# The real root of u^3 - 4 u^2 + 8 u - 4, where the two multipliers of alternating extragradient meet, u = a^2.
_u = sympy.Symbol("u")
MEETING = sympy.Poly(_u**3 - 4 * _u**2 + 8 * _u - 4).real_roots()[0]
# Primal-dual steps are best where their multipliers meet, or, where curvature prevails, where their sum is zero.
D = sqrt(MU**2 + 4 * S**2)
_meet, _cancel = MU / (MU + L), sqrt(2 * MU * (D - MU)) / (D + MU)
PRIMAL_DUAL = sympy.Piecewise((1 / (MU + L), _meet < _cancel), (2 / (MU + D), True)), sympy.Min(_meet, _cancel)
MODULUS = (1 - H * MU) ** 2 + A**2

FORMS = [
    Form(
        jury.simultaneous,
        lambda h, p: updates.SimultaneousGradientDescent(h),
        (NEVER, None, None),
        (H - 2 * MU / L**2, MU / L**2, S / L),
        symbol=1 - U,
    ),
    Form(
        jury.alternating,
        lambda h, p: updates.AlternatingGradientDescent(h),
        (NEVER, None, None),
        (H - 2 / (MU + S), 2 / (MU + L), (L - MU) / (L + MU)),
    ),
    Form(jury.extragradient, lambda h, p: updates.Extragradient(h), *EXTRAGRADIENT, symbol=1 - U + U**2),
    Form(
        jury.extragradient_in_turn,
        lambda h, p: updates.Extragradient(h, schedule="alternating"),
        (A - 1, sqrt(MEETING) / S, sqrt(1 - MEETING)),
        (H * (MU + S) - 1, None, None),
    ),
    Form(
        jury.extragradient_plus,
        lambda h, p: updates.ExtragradientPlus(h, alpha=p[ALPHA]),
        (ALPHA * (1 + A**2) - 2, sqrt((2 - ALPHA) / (2 * ALPHA)) / S, sqrt(1 - (2 - ALPHA) ** 2 / 4)),
        (None, None, None),
        symbol=1 - ALPHA * U + ALPHA * U**2,
    ),
    Form(
        jury.forward_backward_forward,
        lambda h, p: updates.ForwardBackwardForward(h),
        *EXTRAGRADIENT,
        symbol=1 - U + U**2,
    ),
    Form(jury.optimistic, lambda h, p: updates.OptimisticGradient(h), *OPTIMISTIC),
    Form(jury.past_extragradient, lambda h, p: updates.PastExtragradient(h), *OPTIMISTIC),
    Form(jury.reflected, lambda h, p: updates.ReflectedGradient(h), *OPTIMISTIC),
    Form(jury.optimistic, lambda h, p: updates.ForwardReflectedBackward(h), *OPTIMISTIC),
    Form(
        jury.primal_dual,
        lambda h, p: updates.PrimalDualHybridGradient(h),
        (3 * A**2 - 4, 1 / S, sympy.Integer(0)),
        (H * (MU + sqrt(3) * S) - 2, *PRIMAL_DUAL),
    ),
    Form(
        jury.heavy_ball,
        lambda h, p: updates.HeavyBall(h, momentum=p[B]),
        (NEVER, None, None),
        (H - 2 * MU * (1 + B) * (1 - B) ** 2 / ((1 - B) ** 2 * MU**2 + (1 + B) ** 2 * S**2), None, None),
    ),
    Form(
        jury.heavy_ball,
        lambda h, p: updates.HeavyBall(h, momentum=p[B]),
        (NEVER, None, None),
        (H - 2 * MU * (1 + B) * (1 - B) ** 2 / ((1 - B) ** 2 * MU**2 + (1 + B) ** 2 * S**2), None, None),
        at=POSITIVE,
    ),
    Form(
        jury.heavy_ball_in_turn,
        lambda h, p: updates.HeavyBall(h, momentum=p[B], schedule="alternating"),
        (A - 2 * (1 + B), None, None),
        (H * (MU + S) - 2 * (1 + B), None, None),
    ),
    Form(
        jury.heavy_ball_in_turn,
        lambda h, p: updates.HeavyBall(h, momentum=p[B], schedule="alternating"),
        (NEVER, None, None),
        (None, None, None),
        at=POSITIVE,
    ),
    Form(
        jury.nesterov,
        lambda h, p: updates.Nesterov(h, momentum=p[B]),
        (NEVER, None, None),
        (
            (1 - B**2 * MODULUS) ** 2 - (1 + B) ** 2 * MODULUS * (1 - 2 * B * (1 - H * MU) + B**2 * MODULUS),
            None,
            None,
        ),
        at=POSITIVE,
    ),
    Form(
        jury.proximal,
        lambda h, p: updates.ProximalPoint(h),
        (ALWAYS, None, None),
        (ALWAYS, None, None),
        symbol=1 / (1 + U),
    ),
    Form(
        jury.krasnoselskii_mann,
        lambda h, p: updates.KrasnoselskiiMann(h, relaxation=p[C]),
        (ALWAYS, None, None),
        (ALWAYS, None, None),
        symbol=1 - C * U / (1 + U),
    ),
    Form(
        jury.heun,
        lambda h, p: updates.RungeKutta(h, order=2),
        (NEVER, None, None),
        (None, None, None),
        symbol=1 - U + U**2 / 2,
    ),
    Form(
        jury.regularised_heun,
        lambda h, p: updates.RungeKutta(h, order=2, regularisation=p[LAM]),
        (H**3 * S**2 / 4 + LAM * H**2 * S**2 - 2 * LAM, None, None),
        (None, None, None),
    ),
    Form(
        jury.runge_kutta,
        lambda h, p: updates.RungeKutta(h, order=4),
        (A**2 - 8, sqrt(6) / S, Rational(1, 2)),
        (None, None, None),
        symbol=1 - U + U**2 / 2 - U**3 / 6 + U**4 / 24,
    ),
]
every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form}-{form.at[B]}")
every_place = pytest.mark.parametrize("place", PLACES, ids=lambda place: f"s={place[S]},mu={place[MU]}")


@every_form
@every_place
def test_the_code_has_the_derived_matrix(form, place):
    steps = numpy.array([0.07, 0.4, 1.3])
    derived = sympy.lambdify(H, form.matrix(place), "numpy")
    expected = [derived(h) for h in steps]
    numpy.testing.assert_allclose(form.code(place, steps), expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("form", [form for form in FORMS if form.symbol is not None], ids=repr)
@every_place
def test_one_multiplier_is_the_radius(form, place):
    steps = numpy.linspace(0.02, 1.5, 20)
    modulus = sympy.lambdify(H, sympy.Abs(form.symbol.subs({**form.at, **place})), "numpy")
    numpy.testing.assert_allclose(form.radius(place, steps), [abs(modulus(h)) for h in steps], rtol=1e-13)


def test_the_optimistic_radius_on_the_bilinear_game():
    # r^2 - (1 - 2 i a) r - i a: the larger root has the modulus sqrt((1 + sqrt(1 - 4 a^2)) / 2) up to a = 1/2.
    a = numpy.array([0.01, 0.1, 0.3, 0.36, 0.49])
    found = abs(updates.OptimisticGradient(a / 1.5).symbol(numpy.full(5, 1.5j)[:, None])).max(axis=(-2, -1))
    numpy.testing.assert_allclose(found, numpy.sqrt((1 + numpy.sqrt(1 - 4 * a**2)) / 2), rtol=1e-14)


@every_form
@every_place
def test_the_largest_stable_step(form, place):
    limit = form.limit(place)
    stated = form.form(place)[0]
    if stated in (NEVER, ALWAYS):
        assert limit == stated
        steps = numpy.geomspace(1e-3, 1e3, 60)
        radius = form.radius(place, steps)
        assert (radius < 1).all() if stated == ALWAYS else (radius > 1 - 1e-12).all()
        return
    if stated is not None:
        assert abs(sympy.N(stated.subs({**form.at, **place, H: limit}), 30)) < 1e-20
    below, above = form.radius(place, float(limit) * numpy.array([1 - 1e-6, 1 + 1e-6]))
    assert below < 1 < above
    assert (form.radius(place, float(limit) * numpy.linspace(0.01, 0.999, 40)) < 1).all()


@every_form
@every_place
def test_the_best_step(form, place):
    limit = form.limit(place)
    if limit in (NEVER, ALWAYS):
        return
    step, radius = jury.best_step(form.matrix(place), float(limit))
    assert radius < 1
    # Where multipliers meet, eigenvalues keep half their digits.
    assert form.radius(place, [step])[0] == pytest.approx(radius, rel=0.0, abs=1e-6)
    assert (form.radius(place, float(limit) * numpy.linspace(0.01, 1, 60)) > radius - 1e-6).all()
    _, best, least = form.form(place)
    if best is not None:
        at = {**form.at, **place}
        assert step == pytest.approx(float(best.subs(at)), rel=1e-5, abs=0.0)
        assert radius == pytest.approx(float(least.subs(at)), rel=0.0, abs=1e-6)
    if form.symbol is not None:
        squared = sympy.expand(form.symbol * sympy.conjugate(form.symbol)).subs({**form.at, **place})
        slope = sympy.lambdify(H, sympy.diff(squared, H), "numpy")
        assert abs(slope(step)) < 1e-5


def test_negative_momentum_in_turn_converges_and_no_other_does():
    # Hurwitz's determinants of (r - 1)^2 (r - b)^2 + a^2 r^3: all positive exactly for b < 0 and a < 2 (1 + b).
    a = sympy.Symbol("a", positive=True)
    matrix = jury.matrix_of(jury.heavy_ball_in_turn).subs({MU: 0, H: a, S: 1})
    r = sympy.Symbol("r")
    derived = sum(c * r ** (4 - i) for i, c in enumerate(jury.characteristic(matrix)))
    assert sympy.expand(derived - ((r - 1) ** 2 * (r - B) ** 2 + a**2 * r**3)) == 0
    first, second, third, fourth, _ = jury.conditions(jury.characteristic(matrix))
    assert sympy.expand(first - (4 * (1 + B) ** 2 - a**2)) == 0
    assert sympy.expand(second - 2 * (4 * (1 - B**2) - a**2)) == 0
    assert sympy.expand(fourth + 64 * a**2 * B * (a**2 * B + 2 * (1 - B) ** 2 * (1 + B))) == 0
    # The fourth needs b < 0; then a^2 < 4 (1 + b)^2 implies what the second, third and fourth ask for.
    for momentum in (-0.9, -0.5, -0.1):
        largest = 2 * (1 + momentum)
        for condition in (first, second, third, fourth):
            value = sympy.lambdify(a, condition.subs(B, momentum), "numpy")
            assert numpy.all(value(numpy.linspace(0.01, 0.999, 30) * largest) > 0)


def test_primal_dual_steps_end_a_bilinear_game_in_two():
    # At h s = 1 both multipliers are 0.
    rule, z = updates.PrimalDualHybridGradient(0.5), numpy.array([3.0, -7.0])
    game = Quadratic.from_jacobian([[0.0, 2.0], [-2.0, 0.0]], (1, 1))
    for _ in range(2):
        z, _ = rule.step(game, z, None)
    assert z.tolist() == [0.0, 0.0]
