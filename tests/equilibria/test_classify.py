from dataclasses import replace

import numpy
import pytest

from gamedyn.backend import array_namespace
from gamedyn.equilibria import check_differential_nash, classify
from gamedyn.games import Game, Quadratic, StochasticGame
from tests.equilibria.games import GeneralSum, ZeroSum

# (game, kind, then answers: Nash, minimax, attracting, attracting but not Nash, degenerate), worked out by hand.
TABLE = {
    # x^2 - y^2
    "saddle of two wells": (ZeroSum(2, 0, 2), "nash", "yes", "yes", "yes", "no", "no"),
    # x y: eigenvalues +-i
    "bilinear": (ZeroSum(0, 1, 0), "marginal", "no", "no", "undecided", "undecided", "no"),
    # -x^2 + 5 x y - y^2: f_xx - f_xy^2 / f_yy = -2 + 25/2 > 0, J has trace 0 and determinant 21
    "minimax and a centre": (ZeroSum(-2, 5, 2), "minimax", "no", "yes", "undecided", "undecided", "no"),
    # -3 x^2 - y^2 + 4 x y: Schur -6 + 8 > 0, J = [[-6, 4], [-4, 2]] has the defective double eigenvalue -2
    "minimax that repels": (ZeroSum(-6, 4, 2), "minimax", "no", "yes", "no", "no", "no"),
    # 3 x^2 + y^2 + 4 x y: f_yy = 2 > 0, J = [[6, 4], [-4, -2]] has the defective double eigenvalue 2
    "attractor that is no minimax": (ZeroSum(6, 4, -2), "attractor", "no", "no", "yes", "yes", "no"),
    # -x^2 / 8 - y^2 / 2 + 0.6 x y: J = [[-1/4, 0.6], [-0.6, 1]], trace 3/4, determinant 0.11, Schur -1/4 + 0.36 > 0
    "attracting minimax": (ZeroSum(-0.25, 0.6, 1), "minimax", "no", "yes", "yes", "yes", "no"),
    # x^2 + y^2: the follower minimises what it should maximise
    "saddle of the flow": (ZeroSum(2, 0, -2), "saddle", "no", "no", "no", "no", "no"),
    # own Hessians 1 and 1, eigenvalues 3 and -1
    "Nash that does not attract": (GeneralSum([[1, 2], [2, 1]], (1, 1)), "nash", "yes", None, "no", "no", "no"),
    # L_1 = L_2 = -(x^2 + y^2) / 2
    "maximum of a potential": (GeneralSum(-numpy.eye(2), (1, 1)), "repeller", "no", None, "no", "no", "no"),
    # L_1 = L_2 = x y
    "potential saddle": (GeneralSum([[0, 1], [1, 0]], (1, 1)), "saddle", "no", None, "no", "no", "no"),
    # one player on a valley: nothing is proved
    "valley": (
        GeneralSum([[1, 1], [1, 1]], (2,)),
        "undecided",
        "undecided",
        None,
        "undecided",
        "undecided",
        "undecided",
    ),
    "no second player's coordinate": (
        GeneralSum([[1, 0], [0, 0]], (1, 1)),
        "marginal",
        "no",
        "no",
        "undecided",
        "undecided",
        "yes",
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_known_games_get_their_class(name):
    game, kind, nash, minimax, attracting, trap, degenerate = TABLE[name]
    found = classify(game, numpy.zeros(sum(game.dims)))
    assert found.stationary.is_yes
    assert found.kind == kind
    assert found.differential_nash.answer == nash
    assert (None if found.local_minimax is None else found.local_minimax.answer) == minimax
    assert found.attracting.answer == attracting
    assert found.attracting_not_nash.answer == trap
    assert found.degenerate.answer == degenerate
    flipped = {"yes": "no", "no": "yes", "undecided": "undecided"}
    assert found.strict_saddle.answer == flipped[attracting]
    assert bool(found.is_undecided) == (kind in ("marginal", "undecided"))
    assert check_differential_nash(game, numpy.zeros(sum(game.dims))).answer == nash


def test_margins_are_the_deciding_eigenvalues():
    # J = [[3, 1], [-1, 2]]: own curvatures 3 and 2, Schur 3 + 1/2, real part 5/2.
    found = classify(ZeroSum(3, 1, 2), [0.0, 0.0])
    assert found.differential_nash.margin == pytest.approx(2.0)
    assert found.local_minimax.margin == pytest.approx(3.5)
    assert found.attracting.margin == pytest.approx(2.5)
    numpy.testing.assert_allclose(found.eigenvalues, [2.5 - 0.75**0.5 * 1j, 2.5 + 0.75**0.5 * 1j])


def test_random_games_of_known_definiteness(rng):
    # Own blocks U diag(w) U^T with eigenvalues of known sign, coupling of any size.
    for _ in range(30):
        m, n = rng.integers(1, 5, 2)
        w, v = rng.uniform(0.1, 2, m), rng.uniform(0.1, 2, n)
        if rng.random() < 0.5:
            (w if rng.random() < 0.5 else v)[0] *= -1
        u, r = (numpy.linalg.qr(rng.standard_normal((k, k)))[0] for k in (m, n))
        p, q = u * w @ u.T, r * v @ r.T
        game = ZeroSum((p + p.T) / 2, 3 * rng.standard_normal((m, n)), (q + q.T) / 2)
        found = classify(game, numpy.zeros(m + n))
        assert found.differential_nash.answer == ("yes" if min(*w, *v) > 0 else "no")
        if min(*w, *v) > 0:
            # S = diag(P, Q) > 0 bounds all real parts below.
            assert found.attracting.is_yes
            assert found.local_minimax.is_yes
            assert found.attracting.margin >= min(*w, *v) - 1e-12


class Steep(Game):
    """Not zero-sum; player 0's loss overflows for y below -1/4, which it cannot change."""

    dims = (1, 1)

    def losses(self, z):
        x, y = z[..., 0], z[..., 1]
        xp = array_namespace(z)
        return xp.stack([x**2 / 2 + xp.exp(-2800 * y), y**2 / 2], axis=-1)

    def simultaneous_gradient(self, z):
        return 1.0 * z


def test_overflow_is_no_evidence_of_a_zero_sum():
    found = classify(Steep(), [0.0, 0.0])
    assert found.kind == "nash"
    assert found.local_minimax is None


def test_residual_has_no_units():
    z = numpy.array([1e-3, 2e-3])
    plain = classify(ZeroSum(3, 1, 2), z)
    for scales in ((1e6, 1.0), (1.0, 1e-7), (1e5, 1e5)):
        scaled = classify(ZeroSum(3, 1, 2, scales), z)
        assert scaled.residual == pytest.approx(plain.residual, rel=1e-12, abs=0.0)
    # Rows (3, 1) and (-1, 2), xi = (5e-3, 3e-3): the larger quotient is 5e-3 / sqrt(10) against 3e-3 / sqrt(5).
    assert plain.residual == pytest.approx(5e-3 / 10**0.5 / (1 + 5e-6**0.5), rel=1e-9, abs=0.0)


def test_a_point_that_is_not_stationary_is_nothing_else():
    found = classify(ZeroSum(3, 1, 2), [1.0, 0.0])
    assert found.kind == "nonstationary"
    for verdict in (found.differential_nash, found.local_minimax, found.attracting, found.strict_saddle):
        assert verdict.is_no
        assert "residual 0.47" in verdict.reason
    # |xi_1| / (|J_1| (1 + |z|)) = 3 / (sqrt(10) 2) = 0.474
    assert "residual 0.47" in check_differential_nash(ZeroSum(3, 1, 2), [1.0, 0.0]).reason
    assert classify(ZeroSum(3, 1, 2), [1e-3, 0.0], tolerance=1e-2).kind == "nash"


def test_far_points_are_not_stationary_by_overflow():
    # |z|^2 overflows; the quotient is 3 / sqrt(10) and 1 / sqrt(5).
    assert classify(ZeroSum(3, 1, 2), [1e200, 0.0]).residual == pytest.approx(3 / 10**0.5)
    assert classify(ZeroSum(3, 1, 2, (1e-200, 1e200)), [0.0, 0.0]).kind == "nash"


def test_a_hidden_player_with_small_losses_must_be_stationary_too():
    # Player 2's gradient is 1e-9 of player 1's scale, but of its own scale it is large.
    assert classify(ZeroSum(3, 1, 2, (1.0, 1e-9)), [0.0, 1.0]).stationary.is_no


def test_batches_equal_single_points(game_library):
    game = ZeroSum(3, 1, 2)
    points = game_library.asarray([[[0.0, 0.0], [1.0, 0.0], [1e-12, 0.0]]])
    found = classify(game, points)
    assert found.kind.tolist() == [["nash", "nonstationary", "nash"]]
    assert found.eigenvalues.shape == (1, 3, 2)
    assert found.attracting.answer.tolist() == [["yes", "no", "yes"]]
    assert str(found) == "3 points: 2 nash, 1 nonstationary"
    assert classify(game, points[0, 2, ...]).residual == found.residual[0, 2]
    assert not numpy.any(found.is_undecided)


def test_three_players():
    jacobian = numpy.array([[2.0, 1, 0], [0, 1, 3], [1, 0, 1]])
    assert classify(GeneralSum(jacobian, (1, 1, 1)), numpy.zeros(3)).kind == "nash"
    assert classify(GeneralSum(-jacobian, (1, 1, 1)), numpy.zeros(3)).differential_nash.is_no
    # As one player's Hessian, made symmetric, it is indefinite: the minor of rows 2 and 3 is 1 - 9/4.
    symmetric = (jacobian + jacobian.T) / 2
    assert classify(GeneralSum(symmetric, (3,)), numpy.zeros(3)).kind == "saddle"


def test_str_is_a_few_lines_that_name_the_reason():
    lines = str(classify(ZeroSum(0, 1, 0), [0.0, 0.0])).splitlines()
    assert lines[0] == "marginal"
    assert len(lines) == 10
    assert any("differential Nash" in line and "no" in line and "zero on its diagonal" in line for line in lines)
    assert lines[-1].endswith("0+1i") or lines[-1].endswith("0-1i")


def test_str_has_no_line_for_eigenvalues_that_were_not_found():
    found = classify(ZeroSum(0, 1, 0), [0.0, 0.0])
    without = replace(found, eigenvalues=found.eigenvalues[:0])
    assert str(without).splitlines() == str(found).splitlines()[:-1]


def test_a_stochastic_game_is_judged_in_full():
    class Sampled(StochasticGame):
        dims = (1, 1)

        def draw(self, rng):
            raise AssertionError("an exact tool draws nothing")

        def full(self):
            return ZeroSum(1, 1, 1)

    assert classify(Sampled(), [0.0, 0.0]).kind == "nash"


def test_errors():
    with pytest.raises(ValueError, match=r"`z` must have shape \(..., 2\).*got \(3,\)"):
        classify(ZeroSum(1, 1, 1), [0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="`z` must be finite"):
        classify(ZeroSum(1, 1, 1), [0.0, float("inf")])
    with pytest.raises(TypeError, match="Call it"):
        classify(ZeroSum, [0.0, 0.0])
    with pytest.raises(ValueError, match="`tolerance` must be positive"):
        classify(ZeroSum(1, 1, 1), [0.0, 0.0], tolerance=0.0)


def test_a_game_that_is_nearly_zero_sum_is_not():
    # The follower's part of the sum of losses, y^2 / 2000, is no rounding.
    game = Quadratic([[[1.0, 1.0], [1.0, -1.0]], [[-1.0, -1.0], [-1.0, 1.001]]], (1, 1))
    assert classify(game, [0.0, 0.0]).local_minimax is None
    zero_sum = Quadratic([[[1.0, 1.0], [1.0, -1.0]], [[-1.0, -1.0], [-1.0, 1.0]]], (1, 1))
    assert classify(zero_sum, [0.0, 0.0]).local_minimax.is_yes
