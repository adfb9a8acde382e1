"""Monotonicity, Lipschitz and cocoercivity constants."""

import math

import numpy
import pytest

from gamedyn.equilibria import monotonicity_constants
from gamedyn.games import (
    Bilinear,
    FunctionGame,
    Quadratic,
    forsaken,
    hamiltonian_game,
    letcher_game,
    maximum_trap,
    random_monotone_game,
    random_quadratic_game,
)


def test_constants_that_a_game_was_made_with(rng):
    game = random_monotone_game((2, 3), mu=0.3, L=4.0, rng=rng)
    found = monotonicity_constants(game)
    assert found.mu == pytest.approx(0.3, rel=1e-10)
    assert found.lipschitz == pytest.approx(4.0, rel=1e-10)
    assert found.strongly_monotone.is_yes
    assert found.guarantee == "exact"


def test_inequalities_are_sharp_in_random_directions(rng):
    for _ in range(20):
        game = random_quadratic_game(size=2, mu=0.1, L=2.0, rng=rng)
        found = monotonicity_constants(game)
        v = rng.standard_normal((4000, 4))
        w = game.simultaneous_gradient(v) - game.simultaneous_gradient(numpy.zeros(4))
        inner, moved, size = (v * w).sum(-1), (w * w).sum(-1), (v * v).sum(-1)
        assert numpy.all(inner >= (found.mu - 1e-12) * size)
        assert numpy.all(moved <= (found.lipschitz + 1e-12) ** 2 * size)
        assert numpy.all(inner >= (found.cocoercivity - 1e-12) * moved)
        # Somewhere near: a normal J of planes.
        assert (inner / moved).min() < 1.3 * found.cocoercivity


def test_cocoercivity_of_a_rotation_and_of_a_convex_function():
    # J = a I + b R: S = a I, J^T J = (a^2 + b^2) I.
    found = monotonicity_constants(Quadratic.from_jacobian([[0.5, 2.0], [-2.0, 0.5]], (1, 1)))
    assert found.cocoercivity == pytest.approx(0.5 / 4.25, rel=1e-13)
    assert found.largest_step == pytest.approx(1 / 4.25, rel=1e-13)
    # Baillon and Haddad: a convex function is cocoercive with 1 / L, also where its Hessian is singular.
    convex = monotonicity_constants(Quadratic(numpy.diag([4.0, 1.0, 0.0])[None], (3,)))
    assert (convex.mu, convex.lipschitz, convex.cocoercivity) == (0.0, 4.0, pytest.approx(0.25, rel=1e-13))
    assert convex.strongly_monotone.is_no or convex.strongly_monotone.is_undecided
    turned = monotonicity_constants(hamiltonian_game())
    assert turned.mu == 0
    assert turned.cocoercivity == pytest.approx(0, abs=1e-15)
    # x^2 / 2 and x y: J = [[1, 0], [1, 0]] is singular with another kernel than its transpose.
    lost = monotonicity_constants(Quadratic.from_jacobian([[1.0, 0.0], [1.0, 0.0]], (1, 1)))
    assert lost.cocoercivity == -math.inf
    assert lost.largest_step == 0
    assert monotonicity_constants(Quadratic([[[0.0]]], (1,))).cocoercivity == math.inf


def test_steps_up_to_the_largest_never_move_points_apart(rng):
    game = random_monotone_game((2, 2), mu=0.5, L=3.0, rng=rng)
    found = monotonicity_constants(game)
    j = game.jacobian(numpy.zeros(4))
    assert numpy.linalg.norm(numpy.eye(4) - found.largest_step * j, 2) == pytest.approx(1, abs=1e-10)
    assert numpy.linalg.norm(numpy.eye(4) - 1.01 * found.largest_step * j, 2) > 1
    assert found.largest_step >= 2 * found.mu / found.lipschitz**2 - 1e-12


def test_answers():
    assert monotonicity_constants(maximum_trap()).strongly_monotone.is_no
    assert monotonicity_constants(Bilinear([[1.0]])).strongly_monotone.answer != "yes"
    # Positive at one point, negative at another.
    game = letcher_game()
    near = monotonicity_constants(game, [[0.0, 0.0], [3.0, 0.0]])
    # x^4 / 4 - x^2 / 2: own curvatures 3 x^2 - 1 and, of -f, 3 y^2 - 1.
    assert near.mu.tolist() == pytest.approx([-1.0, -1.0])
    assert near.strongly_monotone.is_no
    far = monotonicity_constants(game, [2.0, 3.0])
    assert far.mu == pytest.approx(11.0)
    assert far.strongly_monotone.is_undecided
    assert far.guarantee == "at the points"
    assert "mu = 11" in str(far)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_arrays_stay_in_their_library(game_library, dtype):
    found = monotonicity_constants(letcher_game(), game_library.asarray([[2.0, 3.0], [1.0, 1.0]], dtype))
    for values in (found.mu, found.lipschitz, found.cocoercivity, found.largest_step):
        assert game_library.owns(values, dtype)
    assert game_library.host(found.mu).tolist() == pytest.approx([11.0, 2.0], rel=1e-6)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"`z` must hold points, where .* is looked at: it is not affine"):
        monotonicity_constants(forsaken())
    with pytest.raises(TypeError, match="`game` must be a Game or a StochasticGame, got str"):
        monotonicity_constants("game")


def test_constants_on_a_box_are_proved_and_close():
    pytest.importorskip("flint")
    # J = [[p(x), 1], [-1, p(y)]] with p = 1/2 - 6 z^2 + 5 z^4: least at z^2 = 3/5, -1.3; largest at 3/2. As p is even,
    # the quarters of the square around 0 have the same constants, and a quarter of the work.
    found = monotonicity_constants(forsaken(), box=((-1.5, 0.1), (-0.1, 1.5)), gap=0.05)
    assert found.mu <= -1.3 <= found.mu_seen + 1e-9
    assert found.mu == pytest.approx(-1.3, rel=0.06)
    # The norm is convex in the diagonal entries: largest at the ends of their range.
    ends = (-1.3, 0.5 - 13.5 + 5 * 1.5**4)
    largest = max(numpy.linalg.norm([[a, 1], [-1, b]], 2) for a in ends for b in ends)
    assert found.lipschitz >= largest >= found.lipschitz_seen - 1e-9
    assert found.lipschitz == pytest.approx(largest, rel=0.06)
    assert found.complete
    assert found.strongly_monotone.is_no
    assert found.guarantee == "certified on the box"
    # Around 0 both entries are positive.
    near = monotonicity_constants(forsaken(), box=((-0.2, 0.2), (-0.2, 0.2)))
    assert near.strongly_monotone.is_yes
    least = 0.5 - 6 * 0.04 + 5 * 0.2**4
    assert near.mu <= least < near.mu * 1.011
    assert near.cocoercivity == near.mu / near.lipschitz**2
    coarse = monotonicity_constants(forsaken(), box=((-1.5, 1.5), (-1.5, 1.5)), gap=1e-6, max_boxes=3)
    assert not coarse.complete
    assert coarse.mu <= -1.3


def test_constants_of_an_affine_game_are_those_of_every_box():
    pytest.importorskip("flint")
    game = Quadratic.from_jacobian([[1.0, 2.0], [-2.0, 1.0]], (1, 1))
    found = monotonicity_constants(game, box=((-1, 1), (-1, 1)))
    assert found.mu == pytest.approx(1.0, rel=1e-9)
    assert found.mu <= 1
    assert found.lipschitz == pytest.approx(5**0.5, rel=1e-9)
    assert found.lipschitz >= 5**0.5


def test_boxes_that_do_not_serve_are_named():
    pytest.importorskip("flint")
    with pytest.raises(ValueError, match="low < high"):
        monotonicity_constants(forsaken(), box=((1, 1), (0, 1)))
    with pytest.raises(ValueError, match=r"shape \(2, 2\)"):
        monotonicity_constants(forsaken(), box=((0, 1),))
    with pytest.raises(ValueError, match="must not be given with a `box`"):
        monotonicity_constants(forsaken(), [0.0, 0.0], box=((0, 1), (0, 1)))
    with pytest.raises(TypeError, match="SymbolicGame"):
        monotonicity_constants(FunctionGame([lambda x: x**2], (1,)), box=((0, 1),))
