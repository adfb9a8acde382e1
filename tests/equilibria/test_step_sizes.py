from dataclasses import dataclass
from typing import Any

import numpy
import pytest

from gamedyn.equilibria import spectral_radius, stable_step_sizes
from gamedyn.games import Bilinear, DiracGAN, MatrixGame, Quadratic, Regularized, random_quadratic_game
from gamedyn.updates import (
    AlternatingGradientDescent,
    BestResponse,
    Consensus,
    Cost,
    DriftCancelling,
    Extragradient,
    FollowTheRidge,
    HeavyBall,
    LinearUpdateRule,
    OptimisticGradient,
    ProximalPoint,
    SimultaneousGradientDescent,
    UpdateRule,
    as_eigenvalue,
    identity_like,
    per_matrix,
    per_point,
)

ROTATION = Bilinear([[2.0]])
MU, S = 0.5, 2.0
SCALAR = Quadratic.from_jacobian([[MU, S], [-S, MU]], (1, 1))

# Multipliers of l = i s: |1 - h l + h^2 l^2|^2 = 1 - u + u^2, u = (h s)^2; r^2 - (1 - 2 h l) r - h l = 0 has a double
# root at h s = 1/2 and |r| = 1 at 1/sqrt(3); 1 - h (gamma s^2 + i s) is smallest at gamma / (1 + gamma^2 s^2).
# Multipliers of l = mu + i s: |1 - h l|^2 = 1 - 2 h mu + h^2 (mu^2 + s^2).
GAMMA = 0.3
KNOWN = [
    (SimultaneousGradientDescent(), SCALAR, 2 * MU / (MU**2 + S**2), MU / (MU**2 + S**2), S / (MU**2 + S**2) ** 0.5),
    (Extragradient(), ROTATION, 1 / S, 1 / (2**0.5 * S), 0.75**0.5),
    (OptimisticGradient(), ROTATION, 1 / (3**0.5 * S), 1 / (2 * S), 0.5**0.5),
    (
        Consensus(gamma=GAMMA),
        ROTATION,
        2 * GAMMA / (1 + (GAMMA * S) ** 2),
        GAMMA / (1 + (GAMMA * S) ** 2),
        1 / (1 + (GAMMA * S) ** 2) ** 0.5,
    ),
]


@pytest.mark.parametrize(("rule", "game", "largest", "best", "radius"), KNOWN, ids=lambda value: repr(value)[:40])
def test_closed_forms(rule, game, largest, best, radius):
    found = stable_step_sizes(rule, game, [0.0, 0.0])
    assert found.intervals == ((0.0, found.largest),)
    assert found.largest == pytest.approx(largest, rel=1e-9, abs=0.0)
    # A minimum that is flat gives half of the digits to its place; a double root gives half to its modulus.
    assert found.best == pytest.approx(best, rel=1e-6, abs=0.0)
    assert found.radius == pytest.approx(radius, rel=2e-7, abs=0.0)
    assert found.rate == -numpy.log(found.radius)


def test_a_rule_that_only_conserves_is_not_stable():
    found = stable_step_sizes(AlternatingGradientDescent(), ROTATION, [0.0, 0.0])
    assert found.intervals == ()
    assert found.largest == 0.0
    assert numpy.isnan(found.best)
    assert found.radius == pytest.approx(1.0, abs=1e-7)
    assert str(found).startswith("no step size is stable; the smallest radius found is 1")


def test_an_implicit_step_is_stable_at_every_size():
    found = stable_step_sizes(ProximalPoint(newton_steps=1), SCALAR, [0.0, 0.0])
    assert found.intervals == ((0.0, numpy.inf),)
    assert found.best == numpy.inf
    assert str(found).startswith("stable in (0, inf); best inf")


@pytest.mark.parametrize("rule", [Extragradient(), AlternatingGradientDescent(), OptimisticGradient()], ids=repr)
def test_no_other_step_size_is_better_or_stable_above(rule, rng):
    game = random_quadratic_game(rng.uniform(0.1, 1, 3) + 1j * rng.uniform(0, 2, 3), rng=rng)
    rest = numpy.zeros(6)
    found = stable_step_sizes(rule, game, rest)
    steps = numpy.linspace(0.01, 2.0, 400) * found.largest
    radii = spectral_radius(rule.with_step_size(steps), game, numpy.zeros((400, 6)))
    assert radii.min() >= found.radius - 1e-7
    assert numpy.array_equal(radii < 1, steps < found.largest)
    assert found.radius == pytest.approx(float(spectral_radius(rule.with_step_size(found.best), game, rest)), rel=1e-7)


@dataclass(frozen=True, eq=False)
class Polynomial(LinearUpdateRule):
    """The multiplier 1 - (h l - 1) (h l - 3) (h l - 5) (h l - 8) / 100: below 1 for h l in (0.., 1) and so on."""

    step_size: Any = 0.1
    cost = Cost(gradients=1)

    def step(self, game, z, state):
        h = per_point(self.step_size, z)
        return z * self._value(h), None

    def iteration_matrix(self, jacobian, dims, loss_hessians=None):
        return self._value(per_matrix(self.step_size, jacobian)) * identity_like(jacobian)

    def symbol(self, eigenvalue):
        value = as_eigenvalue(eigenvalue)
        return (self._value(per_point(self.step_size, value)) + 0 * value)[..., None]

    @staticmethod
    def _value(h):
        return 1 - (h - 1) * (h - 3) * (h - 5) * (h - 8) / 100


def test_several_intervals_are_all_found():
    # J = 1. Below 1 where the product is positive, above -1 where it is below 200.
    found = stable_step_sizes(Polynomial(), Quadratic.from_jacobian([[1.0]], (1,)), [0.0])
    product = numpy.polynomial.Polynomial.fromroots([1, 3, 5, 8])
    roots = (product - 200).roots()
    top = roots[numpy.isreal(roots)].real.max()
    expected = ((0.0, 1.0), (3.0, 5.0), (8.0, top))
    numpy.testing.assert_allclose(found.intervals, expected, rtol=1e-9)
    assert found.largest == found.intervals[-1][1]
    assert str(found).startswith("stable in (0, 1) and (3, 5) and (8, ")


@dataclass(frozen=True, eq=False)
class Stepless(UpdateRule):
    cost = Cost(gradients=1)

    def step(self, game, z, state):
        return z, state


def test_bad_input():
    with pytest.raises(ValueError, match=r"stationary point of `rule`, got a relative residual of 0\.277"):
        stable_step_sizes(Extragradient(), DiracGAN(), [0.4, 0.1])
    with pytest.raises(ValueError, match=r"`z` must be one point, shape \(2,\), got \(1, 2\)"):
        stable_step_sizes(Extragradient(), DiracGAN(), [[0.0, 0.0]])
    with pytest.raises(TypeError, match="`rule` must have a step size, got Stepless"):
        stable_step_sizes(Stepless(), DiracGAN(), [0.0, 0.0])
    with pytest.raises(TypeError, match=r"`rule` must be an UpdateRule, got the class Extragradient\. Call it"):
        stable_step_sizes(Extragradient, DiracGAN(), [0.0, 0.0])
    with pytest.raises(ValueError, match=r"`momentum` must be a number or have the batch shape \(\) of `z`, got shape"):
        stable_step_sizes(HeavyBall(0.1, momentum=numpy.array([0.1, 0.2])), DiracGAN(), [0.0, 0.0])
    with pytest.raises(ValueError, match="`game` must have a Jacobian other than 0 at `z`"):
        stable_step_sizes(Extragradient(), Quadratic.from_jacobian([[0.0]], (1,)), [0.0])
    with pytest.raises(ValueError, match="`rule` FollowTheRidge has no finite matrix at `z`"):
        stable_step_sizes(FollowTheRidge(), ROTATION, [0.0, 0.0])
    with pytest.raises(ValueError, match="`DriftCancelling` needs a game of 2 players, got one of 1"):
        stable_step_sizes(DriftCancelling(), Quadratic.from_jacobian([[1.0]], (1,)), [0.0])


def test_the_step_as_given_does_not_matter():
    # I + h J is singular for h = 1 and J = -1: only that step is not defined. 1 / |1 - h| < 1 beyond 2.
    hill = Quadratic.from_jacobian([[-1.0]], (1,))
    found = stable_step_sizes(ProximalPoint(1.0, newton_steps=1), hill, [0.0])
    ((lower, upper),) = found.intervals
    assert lower == pytest.approx(2.0, rel=1e-9)
    assert upper == numpy.inf


def test_a_rule_with_a_largest_step_ends_there():
    # Both play their dominant action, the best response to all that is near: x - e shrinks by 1 - h, h <= 1.
    dilemma = MatrixGame([[3.0, 0.0], [5.0, 1.0]], [[3.0, 5.0], [0.0, 1.0]])
    found = stable_step_sizes(BestResponse(0.5), dilemma, [0.0, 1.0, 0.0, 1.0])
    assert found.intervals == ((0.0, 1.0),)
    assert found.best == 1.0
    assert found.radius == pytest.approx(0.0, abs=1e-9)


def test_a_curved_game_and_a_rule_without_a_matrix():
    # Steps far out bend too much for differences; near rest the multipliers are those of the linear game.
    game = Regularized(DiracGAN(), r1=1.0)
    declared = stable_step_sizes(Extragradient(), game, [0.0, 0.0])
    plain = stable_step_sizes(Twice(), game, [0.0, 0.0])
    assert plain.largest == pytest.approx(declared.largest, rel=1e-6)
    assert plain.radius == pytest.approx(declared.radius, rel=1e-6)


@dataclass(frozen=True, eq=False)
class Twice(UpdateRule):
    """Extragradient as a user may write it, without a matrix."""

    step_size: Any = 0.1
    cost = Cost(gradients=2)

    def step(self, game, z, state):
        h = per_point(self.step_size, z)
        return z - h * game.simultaneous_gradient(z - h * game.simultaneous_gradient(z)), None
