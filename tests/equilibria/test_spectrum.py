from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy
import pytest
from scipy.optimize import brentq

from gamedyn.backend import array_namespace
from gamedyn.equilibria import game_spectrum, iteration_matrix, spectral_radius, stable_step_sizes
from gamedyn.games import Bilinear, Game, Quadratic, random_quadratic_game
from gamedyn.updates import (
    Adam,
    AnchoredExtragradient,
    Averaged,
    Cost,
    CurvatureExtragradientPlus,
    DriftCancelling,
    FollowTheRidge,
    Halpern,
    LinearUpdateRule,
    Lookahead,
    Preconditioned,
    RMSProp,
    SimultaneousGradientDescent,
    StackelbergGradient,
    TimescaleSeparation,
    UpdateRule,
    identity_like,
    per_matrix,
    per_point,
)
from tests.equilibria.games import ZeroSum


@dataclass(frozen=True, eq=False)
class Descent(LinearUpdateRule):
    step_size: Any = 0.1
    cost = Cost(gradients=1)

    def step(self, game, z, state):
        return z - per_point(self.step_size, z) * game.simultaneous_gradient(z), None

    def iteration_matrix(self, jacobian, dims, loss_hessians=None):
        return identity_like(jacobian) - per_matrix(self.step_size, jacobian) * jacobian


class Memory(NamedTuple):
    count: Any
    previous: Any


@dataclass(frozen=True, eq=False)
class Momentum(UpdateRule):
    """z - h xi + b (z - z_previous): declares no matrix."""

    step_size: float = 0.1
    momentum: float = 0.5
    cost = Cost(gradients=1)

    def init(self, game, z):
        xp = array_namespace(z)
        return Memory(xp.zeros(z.shape[:-1], dtype=xp.int64), z)

    def step(self, game, z, state):
        new = z - self.step_size * game.simultaneous_gradient(z) + self.momentum * (z - state.previous)
        return new, Memory(state.count + 1, z)


def test_game_spectrum_is_that_of_the_known_jacobian(game_library):
    # J = [[3, 1], [-1, 2]] has trace 5 and determinant 7.
    values = game_spectrum(ZeroSum(3, 1, 2), game_library.asarray([[0.0, 0.0], [5.0, 1.0]]))
    assert game_library.owns(values, "complex128")
    expected = [2.5 - 0.75**0.5 * 1j, 2.5 + 0.75**0.5 * 1j]
    numpy.testing.assert_allclose(numpy.sort_complex(game_library.host(values)), [expected, expected], rtol=1e-14)


def test_radius_of_descent_on_a_rotation(game_library):
    # |1 - h (+-i)| = sqrt(1 + h^2), one step size per point.
    rule = Descent(game_library.asarray([0.1, 0.5]))
    radius = spectral_radius(rule, ZeroSum(0, 1, 0), game_library.asarray([[0.0, 0.0], [0.0, 0.0]]))
    assert game_library.owns(radius)
    numpy.testing.assert_allclose(game_library.host(radius), [1.01**0.5, 1.25**0.5], rtol=1e-15)
    single = spectral_radius(Descent(0.1), ZeroSum(0, 1, 0), game_library.asarray([0.0, 0.0], dtype="float32"))
    assert game_library.owns(single, "float32")


def test_a_rule_without_a_matrix_is_differentiated():
    # [[ (1 + b) I - h J, -b I ], [ I, 0 ]]
    j = numpy.array([[3.0, 1.0], [-1.0, 2.0]])
    expected = numpy.block([[1.5 * numpy.eye(2) - 0.1 * j, -0.5 * numpy.eye(2)], [numpy.eye(2), numpy.zeros((2, 2))]])
    points = numpy.zeros((3, 2))
    matrix = iteration_matrix(Momentum(), ZeroSum(3, 1, 2), points)
    assert matrix.shape == (3, 4, 4)
    numpy.testing.assert_allclose(matrix, numpy.broadcast_to(expected, (3, 4, 4)), rtol=0, atol=1e-10)
    radius = spectral_radius(Momentum(), ZeroSum(3, 1, 2), points[0])
    assert radius == pytest.approx(numpy.abs(numpy.linalg.eigvals(expected)).max(), rel=1e-9, abs=0.0)


class Two(NamedTuple):
    previous: Any
    velocity: Any


class TwoMemories(UpdateRule):
    """z+ = z - h xi(2 z - p) + v, p+ = z, v+ = v / 2 + p / 4."""

    cost = Cost(gradients=1)

    def init(self, game, z):
        return Two(z, 0 * z)

    def step(self, game, z, state):
        new = z - 0.1 * game.simultaneous_gradient(2 * z - state.previous) + state.velocity
        return new, Two(z, state.velocity / 2 + state.previous / 4)


def test_several_memories_keep_their_places():
    j, one, nil = numpy.array([[3.0, 1.0], [-1.0, 2.0]]), numpy.eye(2), numpy.zeros((2, 2))
    expected = numpy.block([[one - 0.2 * j, 0.1 * j, one], [one, nil, nil], [nil, one / 4, one / 2]])
    matrix = iteration_matrix(TwoMemories(), ZeroSum(3, 1, 2), numpy.zeros(2))
    numpy.testing.assert_allclose(matrix, expected, rtol=0, atol=1e-10)


def test_errors_name_the_residual_and_the_kind():
    # |xi_1| / (|J_1| (1 + |z|)) = 3 / (sqrt(10) 2) = 0.474
    with pytest.raises(ValueError, match=r"relative residual of 0\.474 \(tolerance 1\.49e-08\)"):
        spectral_radius(Descent(), ZeroSum(3, 1, 2), [1.0, 0.0])
    assert spectral_radius(Descent(), ZeroSum(3, 1, 2), [1.0, 0.0], tolerance=1.0) < 1
    with pytest.raises(TypeError, match="Call it with its step size"):
        spectral_radius(Descent, ZeroSum(3, 1, 2), [0.0, 0.0])


ADAPTED = "has no matrix around a point of rest: its step is not smooth there"
CHANGING = "has no matrix around a point of rest: its step changes with time"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (AnchoredExtragradient(0.1), f"`rule` AnchoredExtragradient {CHANGING}"),
        (Adam(0.1), f"`rule` Adam {CHANGING}"),
        (Averaged(Descent(0.1)), f"`rule` Averaged {CHANGING}"),
        (Lookahead(Averaged(Halpern(0.1), kind="ema")), f"`rule` Halpern in Averaged in Lookahead {CHANGING}"),
        (Preconditioned(Descent(0.1)), f"`rule` Preconditioned {CHANGING}"),
        (RMSProp(0.1), f"`rule` RMSProp {ADAPTED}"),
        (CurvatureExtragradientPlus(0.1), f"`rule` CurvatureExtragradientPlus {ADAPTED}"),
        (TimescaleSeparation(RMSProp(0.1)), f"`rule` RMSProp in TimescaleSeparation {ADAPTED}"),
    ],
    ids=repr,
)
def test_rules_without_one_matrix_are_refused(rule, message):
    for ask in (iteration_matrix, spectral_radius, stable_step_sizes):
        with pytest.raises(NotImplementedError, match=message):
            ask(rule, ZeroSum(3, 1, 2), [0.0, 0.0])


def test_a_rule_that_does_not_fit_is_named():
    three = random_quadratic_game(players=3, rng=0)
    for rule in (DriftCancelling(0.1), Lookahead(DriftCancelling(0.1))):
        for question in (spectral_radius, iteration_matrix):
            with pytest.raises(ValueError, match=f"`{type(rule).__name__}` needs a game of 2 players, got one of 3"):
                question(rule, three, numpy.zeros(6))
    with pytest.raises(
        ValueError, match=r"`step_size` must be a number or have the batch shape \(4,\) of `z`, got shape"
    ):
        spectral_radius(
            Lookahead(SimultaneousGradientDescent(numpy.full(3, 0.1))), ZeroSum(3, 1, 2), numpy.zeros((4, 2))
        )


@pytest.mark.parametrize("rule", [FollowTheRidge(0.1), StackelbergGradient(0.1)], ids=repr)
def test_a_follower_without_curvature_is_named(rule):
    for question in (spectral_radius, iteration_matrix):
        with pytest.raises(
            ValueError, match=f"`rule` {type(rule).__name__} has no finite matrix at `z`: something that"
        ):
            question(rule, Bilinear([[1.0]]), [0.0, 0.0])


class Leading(Game):
    """L_0 = x^2 / 2 + x y + b y and L_1 = y^2 / 2 - x y + e y^3 / 3: the follower's curvature depends on y."""

    dims = (1, 1)
    b, e = 0.3, 0.5

    def losses(self, z):
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([x**2 / 2 + x * y + self.b * y, y**2 / 2 - x * y + self.e * y**3 / 3], axis=-1)


def test_third_derivatives_enter_where_a_leader_sees_its_follower():
    # On the follower's y + e y^2 = x, dy/dx = s = 1 / (1 + 2 e y): the leader descends D = x + y + s (b + x).
    game, h = Leading(), 0.1
    b, e = game.b, game.e
    y = brentq(lambda y: y + e * y**2 + y + (b + y + e * y**2) / (1 + 2 * e * y), -0.4, 0.4, xtol=1e-15)
    x, s = y + e * y**2, 1 / (1 + 2 * e * y)
    slopes = numpy.array([[1 + s, 1 - 2 * e * s**2 * (b + x)], [-1.0, 1 / s]])
    found = iteration_matrix(StackelbergGradient(h), game, [x, y], tolerance=1e-6)
    numpy.testing.assert_allclose(found, numpy.eye(2) - h * slopes, atol=1e-6)
    # Without the third derivative, d(L_1)_yy / dy, it would be off by h 2 e s^2 (b + x) > 0.01.
    assert h * 2 * e * s**2 * (b + x) > 0.01


def test_the_residual_is_held_to_the_tolerance():
    # |J z| / (|J| (1 + |z|)) = 1 / 11 at z = 1 / 10.
    bowl = Quadratic.from_jacobian([[3.0]], (1,))
    assert spectral_radius(Descent(0.1), bowl, [0.1], tolerance=0.091) == pytest.approx(0.7, rel=1e-14)
    with pytest.raises(ValueError, match=r"relative residual of 0\.0909 \(tolerance 0\.09\)"):
        spectral_radius(Descent(0.1), bowl, [0.1], tolerance=0.09)


class Walled(UpdateRule):
    """x <- x / 2 + 3 x^2 where x >= 0, y <- y / 4 - 3 y^2 + 20 y x where y <= 0, and nothing beyond."""

    cost = Cost(gradients=0)

    def step(self, game, z, state):
        x, y = z[..., 0], z[..., 1]
        moved = numpy.stack([x / 2 + 3 * x**2, y / 4 - 3 * y**2 + 20 * y * x], axis=-1)
        return numpy.where(numpy.stack([x >= 0, y <= 0], axis=-1), moved, numpy.nan), state

    def stationary_residual(self, game, z):
        return 0 * z


def test_one_sided_differences_are_of_second_order():
    # Of first order they would be off by 3 h, about 2e-5; of second order they are exact for these squares.
    game = Quadratic.from_jacobian(numpy.eye(2), (1, 1))
    matrix = iteration_matrix(Walled(), game, [0.0, 0.0])
    numpy.testing.assert_allclose(matrix, [[0.5, 0.0], [0.0, 0.25]], rtol=0, atol=1e-12)
