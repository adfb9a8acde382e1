"""Follow-the-Ridge: minimax points and only those, without rotation."""

import numpy
import pytest

from gamedyn.games import Bilinear, Quadratic, SymbolicGame
from gamedyn.updates import FollowTheRidge, SimultaneousGradientDescent, StackelbergGradient
from tests.updates.second_order_games import run


def zero_sum(f_xx, f_xy, f_yy):
    """J of f = x^T f_xx x / 2 + x^T f_xy y + y^T f_yy y / 2 between a minimiser and a maximiser."""
    return numpy.block([[f_xx, f_xy], [-f_xy.T, -f_yy]])


def random_blocks(rng, m, k):
    """Hessian blocks of any definiteness."""
    a, b = rng.standard_normal((m, m)), rng.standard_normal((k, k))
    shift = rng.uniform(-4, 4, 2)
    return a + a.T + shift[0] * numpy.eye(m), rng.standard_normal((m, k)), b + b.T + shift[1] * numpy.eye(k)


def test_multipliers_are_real_and_small_steps_find_local_minimax_points_only(rng):
    stable_ones = 0
    for _ in range(300):
        f_xx, f_xy, f_yy = random_blocks(rng, 2, 2)
        schur = f_xx - f_xy @ numpy.linalg.solve(f_yy, f_xy.T)
        kept = numpy.concatenate([numpy.linalg.eigvalsh(schur), numpy.linalg.eigvalsh(-f_yy)])
        if min(abs(kept)) < 1e-2:
            continue
        h = 0.5 / max(abs(kept))
        multipliers = numpy.linalg.eigvals(FollowTheRidge(h).iteration_matrix(zero_sum(f_xx, f_xy, f_yy), (2, 2)))
        numpy.testing.assert_allclose(numpy.sort_complex(multipliers), numpy.sort(1 - h * kept), atol=1e-6)
        minimax = numpy.linalg.eigvalsh(f_yy)[-1] < 0 and numpy.linalg.eigvalsh(schur)[0] > 0
        assert (max(abs(multipliers)) < 1) == minimax
        stable_ones += minimax
    assert 10 < stable_ones < 200


@pytest.mark.parametrize(
    ("coefficients", "ridge_converges", "descent_converges"),
    # f = a x^2 + b y^2 + 4 x y at 0: minimax for (-3, -1), where descent leaves; none for (3, 1), where descent comes.
    [((-3.0, -1.0), True, False), ((3.0, 1.0), False, True)],
)
def test_it_and_descent_disagree_on_two_quadratics(coefficients, ridge_converges, descent_converges):
    a, b = coefficients
    f_xx, f_xy, f_yy = numpy.array([[2 * a]]), numpy.array([[4.0]]), numpy.array([[2 * b]])
    game = Quadratic.from_jacobian(zero_sum(f_xx, f_xy, f_yy), (1, 1))
    start = numpy.array([0.3, -0.2])
    for kind, converges in ((FollowTheRidge, ridge_converges), (SimultaneousGradientDescent, descent_converges)):
        final, _ = run(kind(0.05), game, start, steps=400)
        size = numpy.max(abs(final))
        assert size < 1e-12 if converges else size > 1e3


def test_points_of_the_ridge_stay_on_it_to_second_order():
    # f = x^2 - (y - sin x)^2: the ridge is y = sin x. Its points move along it: the defect is O(h^2).
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y")
    f = x**2 - (y - sympy.sin(x)) ** 2
    game = SymbolicGame([f, -f], [x, y])
    z = numpy.array([0.8, numpy.sin(0.8)])
    defects = []
    for h in (1e-2, 1e-3):
        moved, _ = run(FollowTheRidge(h), game, z)
        # x moves as 2 x alone, the derivative of f along the ridge.
        assert moved[0] == pytest.approx(0.8 - 2 * 0.8 * h, rel=1e-13, abs=0.0)
        defects.append(abs(moved[1] - numpy.sin(moved[0])))
    assert defects[1] < 0.0101 * defects[0]
    assert abs(run(SimultaneousGradientDescent(1e-3), game, z)[0][1] - numpy.sin(0.8 - 1.6e-3)) > 10 * defects[0]


@pytest.mark.parametrize("limit", [0, 256])
def test_bilinear_games_have_no_ridge(limit, game_library):
    rule = FollowTheRidge(0.1, dense_limit=limit)
    z = game_library.asarray([[1.0, 2.0, 3.0], [0.5, 0.0, -1.0]])
    with pytest.raises(ValueError, match="`FollowTheRidge` divides by the Hessian of player 1's loss in its own block"):
        rule.init(Bilinear([[1.0, 2.0]]), z)
    moved, _ = rule.step(Bilinear([[1.0, 2.0]]), z, None)
    assert numpy.isnan(game_library.host(moved)[:, 1:]).all()


@pytest.mark.parametrize("limit", [0, 256])
def test_a_flat_spot_ends_its_own_trajectory_only(limit):
    # f = x y + x^2 - y^4: f_yy = -12 y^2 vanishes at y = 0.
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y")
    f = x * y + x**2 - y**4
    game, rule = SymbolicGame([f, -f], [x, y]), FollowTheRidge(0.1, dense_limit=limit)
    z = numpy.array([[1.0, 0.0], [1.0, 0.5]])
    moved, _ = run(rule, game, z)
    assert numpy.isnan(moved[0, 1])
    # f_x = 2.5, f_y = 1 - 0.5 = 0.5, f_yx / f_yy = -1/3: y + 0.1 (0.5 - 2.5 / 3).
    numpy.testing.assert_allclose(moved[1], [0.75, 0.5 + 0.1 * (0.5 - 2.5 / 3)], rtol=1e-12)
    # Alone it is let through as well: what happens to a start does not depend on the others.
    assert numpy.isnan(run(rule, game, z[0])[0][1])


@pytest.mark.parametrize("rule", [FollowTheRidge, StackelbergGradient])
def test_a_hessian_of_less_than_full_rank_is_seen_where_it_is_formed(rule):
    # y's own Hessian [[1, 1], [1, 1]] is not zero, and singular: products along one direction do not tell.
    game = Quadratic.from_jacobian([[1.0, 1.0, 2.0], [-1.0, 1.0, 1.0], [-2.0, 1.0, 1.0]], (1, 2))
    with pytest.raises(ValueError, match="divides by the Hessian of player 1's loss in its own block"):
        rule(0.1).init(game, numpy.ones(3))
    assert rule(0.1, dense_limit=2).init(game, numpy.ones(3)).guess.shape == (2, 1)
    game = Quadratic.from_jacobian([[1.0, 1.0, 2.0], [-1.0, 1.0, 1.0], [-2.0, 1.0, 2.0]], (1, 2))
    assert rule(0.1).init(game, numpy.ones(3)) is None
