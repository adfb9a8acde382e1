"""Competitive gradient descent: the equilibrium of the local game."""

import numpy
import pytest

from gamedyn.games import Bilinear, Counted, DiracGAN, Quadratic, TimescaleSeparated, player_slices
from gamedyn.updates import Competitive
from tests.updates.second_order_games import Wavy, random_jacobian, run


@pytest.mark.parametrize("dims", [(2, 3), (1, 2, 2)])
def test_no_player_of_the_local_game_gains_by_another_move(dims, rng):
    game = Wavy(random_jacobian(rng, dims, zero_sum=False), dims)
    z, h = rng.standard_normal(5), 0.4
    move = run(Competitive(h), game, z)[0] - z
    xi, jacobian = game.simultaneous_gradient(z), game.jacobian(z)
    slices = player_slices(dims)

    def local(i, own):
        """xi_i v_i + v_i sum_j D_ij L_i v_j + |v_i|^2 / (2 h), the others' moves fixed."""
        block = slices[i]
        coupled = sum(jacobian[block, other] @ move[other] for j, other in enumerate(slices) if j != i)
        return xi[block] @ own + own @ coupled + own @ own / (2 * h)

    for i, block in enumerate(slices):
        best = local(i, move[block])
        for _ in range(20):
            aside = 0.1 * rng.standard_normal(dims[i])
            gain = best - local(i, move[block] + aside)
            # A minimum: what is lost is |aside|^2 / (2 h), without a linear term.
            assert gain == pytest.approx(-aside @ aside / (2 * h), rel=1e-9, abs=1e-15)


def test_every_step_size_contracts_bilinear_games_as_the_proximal_point_does(rng):
    matrix = rng.standard_normal((3, 3))
    s = numpy.linalg.svd(matrix, compute_uv=False)
    jacobian = Bilinear(matrix).jacobian(numpy.zeros(6))
    for h in (0.01, 1.0, 100.0):
        moduli = numpy.sort(abs(numpy.linalg.eigvals(Competitive(h).iteration_matrix(jacobian, (3, 3)))))
        expected = numpy.sort(numpy.repeat(1 / numpy.sqrt(1 + h**2 * s**2), 2))
        numpy.testing.assert_allclose(moduli, expected, rtol=1e-9)


def test_a_singular_local_game_ends_its_own_trajectory_only(game_library):
    # L_1 = L_2 = x y: I + h H_o = [[1, h], [h, 1]] is singular for h = 1; for h = 2 xi = z gives z - 2 (1/3) z.
    game = Quadratic([[[0.0, 1.0], [1.0, 0.0]]] * 2, (1, 1))
    z = game_library.asarray([[1.0, 1.0], [1.0, 1.0]])
    moved = game_library.host(run(Competitive(game_library.asarray([1.0, 2.0])), game, z)[0])
    assert numpy.isnan(moved[0]).all()
    numpy.testing.assert_allclose(moved[1], [1 / 3, 1 / 3], rtol=1e-15)
    # The same by products.
    rule = Competitive(game_library.asarray([1.0, 2.0]), dense_limit=0)
    moved = game_library.host(run(rule, game, game_library.asarray([[1.0, 0.0], [1.0, 0.0]]))[0])
    assert numpy.isnan(moved[0]).all()
    # u = (I + 2 [[0, 1], [1, 0]])^{-1} (0, 1) = (2/3, -1/3).
    numpy.testing.assert_allclose(moved[1], [1 - 4 / 3, 2 / 3], rtol=1e-12)


def unknowns(game, z):
    return Competitive(0.1, dense_limit=0).init(game, z).guess.shape


def test_zero_sum_games_eliminate_the_second_player(rng):
    z = rng.standard_normal((4, 5))
    assert unknowns(Wavy(random_jacobian(rng, (2, 3), zero_sum=True), (2, 3)), z) == (4, 2, 1)
    assert unknowns(Wavy(random_jacobian(rng, (2, 3), zero_sum=False), (2, 3)), z) == (4, 5, 1)
    assert unknowns(Wavy(random_jacobian(rng, (1, 2, 2), zero_sum=True), (1, 2, 2)), z) == (4, 5, 1)
    zero_sum, y = DiracGAN(), rng.standard_normal(2)
    assert unknowns(zero_sum, y) == (1, 1)
    assert unknowns(TimescaleSeparated(zero_sum, tau=2.0), y) == (2, 1)
    # H_o = 0 at this very point, but not elsewhere: both losses are x^2 y^2.
    sympy = pytest.importorskip("sympy")
    from gamedyn.games import SymbolicGame

    x, v = sympy.symbols("x v")
    assert unknowns(SymbolicGame([x**2 * v**2, x**2 * v**2], [x, v]), numpy.zeros(2)) == (2, 1)


@pytest.mark.parametrize("zero_sum", [True, False])
def test_warm_starts_save_products(zero_sum, rng):
    dims = (20, 20)
    game = Counted(Wavy(random_jacobian(rng, dims, zero_sum), dims))
    rule, z = Competitive(0.5, dense_limit=0), rng.standard_normal(40)
    state = rule.init(game, z)
    assert not state.guess.any()
    spent = []
    for _ in range(2):
        before = game.jvps
        _, state = rule.step(game, z, state)
        spent.append(game.jvps - before)
        assert state.residual < 1e-13
    assert spent[1] < spent[0] / 3
    assert game.jacobians == 0


def test_the_warm_start_is_no_memory_of_the_iteration_matrix(rng):
    from gamedyn.equilibria import iteration_matrix

    jacobian = random_jacobian(rng, (2, 3), zero_sum=True)
    game, z = Quadratic.from_jacobian(jacobian, (2, 3)), numpy.zeros(5)
    free, dense = (iteration_matrix(Competitive(0.3, dense_limit=limit), game, z) for limit in (0, 256))
    numpy.testing.assert_allclose(free, dense, rtol=1e-14, atol=1e-15)
    assert free.shape == (5, 5)


def test_bad_numbers_are_named():
    with pytest.raises(ValueError, match="`dense_limit` must be at least 0, got -1"):
        Competitive(0.1, dense_limit=-1)
    with pytest.raises(TypeError, match=r"`dense_limit` must be an integer, got 2\.5"):
        Competitive(0.1, dense_limit=2.5)
