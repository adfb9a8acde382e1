"""certify with a rule: its verdicts against theorems and spectral radii, also with multipliers near the unit circle."""

import numpy
import pytest
import sympy

from gamedyn.equilibria import certify, iteration_matrix
from gamedyn.games import (
    Bilinear,
    Box,
    Quadratic,
    SymbolicGame,
)
from gamedyn.updates import (
    AlternatingGradientDescent,
    Consensus,
    Extragradient,
    HeavyBall,
    Nesterov,
    OptimisticGradient,
    PastExtragradient,
    PrimalDualHybridGradient,
    ProximalPoint,
    RungeKutta,
    SimultaneousGradientDescent,
)

X, Y, Z = sympy.symbols("x y z")
R = sympy.Rational
SQUARE = [(-1, 1), (-1, 1)]


@pytest.mark.parametrize(
    ("eigenvalue", "answer"),
    [
        (R(2, 10**20), "yes"),  # r = 1 - 1e-20
        (4 - R(2, 10**20), "yes"),  # r = -1 + 1e-20
        (4, "undecided"),  # r = -1
        (4 + R(2, 10**20), "no"),
        (-R(2, 10**20), "no"),
        (4 + (sympy.sqrt(2) + 1) ** 2 - 3 - 2 * sympy.sqrt(2), "undecided"),  # r = -1, not seen by SymPy
    ],
)
def test_real_multipliers_near_one(eigenvalue, answer):
    game = SymbolicGame.from_field([eigenvalue * X, 2 * Y], [X, Y])
    found = certify(game, [0.0, 0.0], rule=SimultaneousGradientDescent(step_size=0.5), precision=256)
    assert found.rule_converges.answer == answer
    assert found.check().is_yes


@pytest.mark.parametrize("shift", [R(1, 10**20), 0, -R(1, 10**20)])
def test_complex_multipliers_near_one(shift):
    # r = (1 - s) (3 + 4 i)/5 for the step 1; for the others eigenvalues on the circle come from theorems.
    size = R(1) - shift
    game = SymbolicGame.from_field(
        [(1 - size * 3 / 5) * X + size * 4 / 5 * Y, (1 - size * 3 / 5) * Y - size * 4 / 5 * X], [X, Y]
    )
    answer = {1: "yes", 0: "undecided", -1: "no"}[int(sympy.sign(shift))]
    found = certify(game, [0.0, 0.0], rule=SimultaneousGradientDescent(step_size=1.0), precision=256)
    assert found.rule_converges.answer == answer


def test_rules_on_a_bilinear_game_against_theorems():
    game = Bilinear([[1.0]])
    # Alternating descent keeps |r| = 1 for h < 2 and has a real r beyond; heavy ball with b < 0 in turn converges.
    for rule, answer in (
        (SimultaneousGradientDescent(step_size=0.125), "no"),
        (AlternatingGradientDescent(step_size=1.0), "undecided"),
        (AlternatingGradientDescent(step_size=2.125), "no"),
        (Extragradient(step_size=0.5), "yes"),
        (OptimisticGradient(step_size=0.25), "yes"),
        (PastExtragradient(step_size=0.25), "yes"),
        (ProximalPoint(step_size=3.0), "yes"),
        (HeavyBall(step_size=0.5, momentum=0.5), "no"),
        (HeavyBall(step_size=0.5, momentum=-0.5, schedule="alternating"), "yes"),
        (RungeKutta(step_size=0.5, order=2), "no"),
        (RungeKutta(step_size=2.8125, order=4), "yes"),
        (RungeKutta(step_size=2.84375, order=4), "no"),
        (Consensus(step_size=0.5, gamma=1.0), "yes"),
        (PrimalDualHybridGradient(step_size=1.140625), "yes"),
        (PrimalDualHybridGradient(step_size=1.15625), "no"),
    ):
        found = certify(game, SQUARE, rule=rule)
        assert (rule, found.rule_converges.answer) == (rule, answer)


RULES = [
    SimultaneousGradientDescent(step_size=0.25),
    AlternatingGradientDescent(step_size=0.25),
    AlternatingGradientDescent(step_size=0.25, inner_steps=(1, 3), player_order=(1, 0)),
    Extragradient(step_size=0.25, extrapolation_step=0.125),
    Extragradient(step_size=0.25, schedule="alternating"),
    OptimisticGradient(step_size=0.25),
    OptimisticGradient(step_size=0.25, optimism=0.125),
    PastExtragradient(step_size=0.25),
    HeavyBall(step_size=0.25, momentum=-0.5),
    HeavyBall(step_size=0.25, momentum=0.25, schedule="alternating"),
    Nesterov(step_size=0.25, momentum=0.5),
    ProximalPoint(step_size=0.25),
    Consensus(step_size=0.25, gamma=0.5),
    RungeKutta(step_size=0.25, order=2),
    RungeKutta(step_size=0.25, order=4),
    PrimalDualHybridGradient(step_size=0.25),
]


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_verdicts_on_rules_agree_with_their_radii(rule):
    rng = numpy.random.default_rng(3)
    seen = set()
    for _ in range(8):
        j = rng.integers(-8, 9, (3, 3)) / 4 + numpy.diag([0.5, 0.5, 0.5])
        j[1, 0] = j[0, 1]
        game = Quadratic.from_jacobian(j, (2, 1))
        if abs(numpy.linalg.det(j)) < 1e-3:
            continue
        radius = numpy.max(numpy.abs(numpy.linalg.eigvals(iteration_matrix(rule, game, numpy.zeros(3)))))
        found = certify(game, [0.0] * 3, rule=rule)
        assert found.rule_converges.answer == ("yes" if radius < 1 else "no")
        margin = found.rule_converges.margin
        assert margin == 0 or (abs(margin) <= abs(1 - radius) + 1e-9 and margin * (1 - radius) > 0)
        assert found.check().is_yes
        seen.add(found.rule_converges.answer)
    assert "no" in seen


def test_rules_that_project_need_a_point_inside():
    rule = Extragradient(step_size=0.25)
    for lower, answer in ((-1.0, "yes"), (0.0, "undecided")):
        game = Quadratic([[[1.0, 1.0], [1.0, 0.0]], [[0.0, -1.0], [-1.0, 1.0]]], (1, 1), domain=Box(lower, 2.0))
        assert certify(game, SQUARE, rule=rule).rule_converges.answer == answer
        assert certify(game, SQUARE, rule=SimultaneousGradientDescent(step_size=0.25)).rule_converges.is_yes
