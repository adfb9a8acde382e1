"""What lies near the edge of a condition stays open, and what is decided there is decided rightly."""

import numpy
import pytest

from gamedyn.backend import array_namespace
from gamedyn.equilibria import check_differential_nash, classify
from gamedyn.games import Game
from gamedyn.numerics import softplus
from tests.equilibria.games import GeneralSum, LossesOnly, ZeroSum


@pytest.mark.parametrize("sign", [1, -1])
def test_a_long_jordan_block_is_decided_by_lyapunovs_theorem(sign):
    # Computed eigenvalues scatter by some percent, and no basis of eigenvectors says how far off they are.
    jacobian = sign * (numpy.eye(10) + numpy.eye(10, k=1))
    found = classify(GeneralSum(jacobian, (1,) * 10), numpy.zeros(10))
    assert found.attracting.answer == ("yes" if sign > 0 else "no")
    assert found.kind == ("nash" if sign > 0 else "repeller")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_jordan_block_next_to_the_axis_stays_open(sign):
    # Eigenvalue 1e-3, but an entry of 1e-13 in the corner moves it by 1e-13^(1/8) = 0.024.
    jacobian = sign * 1e-3 * numpy.eye(8) + numpy.eye(8, k=1)
    assert classify(GeneralSum(jacobian, (1,) * 8), numpy.zeros(8)).attracting.is_undecided


def test_near_singular_is_never_decided_falsely():
    answers = {}
    for exponent in range(40):
        for sign in (1, -1):
            curvature = sign * 10.0**-exponent
            verdict = check_differential_nash(ZeroSum(curvature, 1, 1), [0.0, 0.0])
            answers[curvature] = verdict.answer
            assert verdict.answer in ("yes" if sign > 0 else "no", "undecided")
    assert answers[1e-10] == "yes"
    assert answers[-1e-10] == "no"
    # Below the roundoff of the game's own scale nothing can be known.
    assert answers[1e-17] == answers[-1e-17] == "undecided"


def test_near_singular_is_wider_where_second_derivatives_are_differences():
    # Rounding in a difference of gradients is some 1e-11 of the game's scale.
    for exponent in range(20):
        for sign in (1, -1):
            answer = check_differential_nash(LossesOnly(ZeroSum(sign * 10.0**-exponent, 1, 1)), [0.3e-9, 0.0]).answer
            assert answer in ("yes" if sign > 0 else "no", "undecided")
            assert exponent > 6 or answer != "undecided"
            assert exponent < 9 or answer == "undecided"
    assert check_differential_nash(Counter(LossesOnly(ZeroSum(1e-10, 1, 1))), [0.0, 0.0]).is_undecided
    assert check_differential_nash(Counter(ZeroSum(1e-10, 1, 1)), [0.0, 0.0]).is_yes


def test_a_proved_no_of_one_player_decides_over_an_open_other():
    assert check_differential_nash(ZeroSum(1e-18, 1, -1), [0.0, 0.0]).is_no
    found = classify(ZeroSum(1e-18, 1, 1), [0.0, 0.0])
    # J = [[0, 1], [-1, 1]] attracts; whether it is a Nash point is open, so whether it is a trap is too.
    assert found.differential_nash.is_undecided
    assert found.attracting.is_yes
    assert found.attracting_not_nash.is_undecided
    assert found.kind == "minimax"


def test_near_singular_schur_complements_stay_open():
    # f_xx - f_xy^2 / f_yy = f_xx + 1.
    for gap, answer in (
        (1e-10, "yes"),
        (-1e-10, "no"),
        (4e-16, "undecided"),
        (0.0, "undecided"),
        (-4e-16, "undecided"),
    ):
        assert classify(ZeroSum(-1 + gap, 1, 1), [0.0, 0.0]).local_minimax.answer == answer


def test_a_nash_point_is_minimax_however_ill_conditioned_the_complement():
    found = classify(ZeroSum(1, 1e8, 2e-6), [0.0, 0.0])
    assert found.differential_nash.is_yes
    assert found.local_minimax.is_yes


def test_degeneracy_does_not_depend_on_the_players_units():
    assert classify(ZeroSum(1, 1, 1, (1.0, 1e-20)), [0.0, 0.0]).degenerate.is_no


class Cube(Game):
    """One player on x^3 / 6: it rests at 0, which is no minimum, and has the curvature x nearby."""

    dims = (1,)

    def losses(self, z):
        return z**3 / 6

    def simultaneous_gradient(self, z):
        return z**2 / 2


def test_curvature_that_vanishes_at_the_stationary_point_is_not_taken_for_a_minimum():
    for x in (1e-9, 1e-12, -1e-9):
        found = classify(Cube(), [x])
        assert found.stationary.is_yes
        assert found.differential_nash.is_undecided
        assert found.attracting.is_undecided
        assert found.degenerate.is_undecided


def test_non_normal_spectra_stay_open_where_the_error_could_move_them_over_the_axis():
    # In turned coordinates [[l, 1], [0, l]]: 1.2e-8 in the corner moves the eigenvalues by 1.1e-4 > l.
    turn = numpy.array([[1.0, 1.0], [-1.0, 1.0]]) / 2**0.5
    jacobian = turn.T @ [[5e-5, 1.0], [0.0, 5e-5]] @ turn
    moved = jacobian - turn.T @ [[0.0, 0.0], [-1.2e-8, 0.0]] @ turn
    assert numpy.linalg.eigvals(moved).real.min() < 0

    class Bent(GeneralSum):
        """The linear game whose J changes over a Newton step of 1e-9 by more than that corner."""

        def simultaneous_gradient(self, z):
            return super().simultaneous_gradient(z) + 2 * (z[..., :1] ** 2)

    assert classify(Bent(jacobian, (1, 1)), [0.0, 0.0]).attracting.is_yes
    assert classify(Bent(jacobian, (1, 1)), [1e-9, 0.0]).attracting.is_undecided


class Counter(Game):
    """A wrapper that hands everything on."""

    def __init__(self, game):
        self.game, self.dims = game, game.dims

    def losses(self, z):
        return self.game.losses(z)

    def simultaneous_gradient(self, z):
        return self.game.simultaneous_gradient(z)


class Dirac(Game):
    """min_theta max_psi -softplus(-psi theta): at (0, 0) neither player has curvature."""

    dims = (1, 1)

    def losses(self, z):
        f = -softplus(-(z[..., 0] * z[..., 1]))
        return array_namespace(z).stack([f, -f], axis=-1)


def test_no_curvature_is_made_up_next_to_a_flat_equilibrium():
    assert check_differential_nash(Dirac(), [0.0, 0.0]).is_no
    for offset in (1e-9, -3e-10):
        # The own curvature there is of order offset^2, and its sign says nothing about the equilibrium.
        found = classify(Dirac(), [offset, offset])
        assert found.stationary.is_yes
        assert found.differential_nash.is_undecided
        assert found.kind == "undecided"


def test_float32_widens_the_margins():
    game = ZeroSum(1e-9, 1, 1)
    assert check_differential_nash(game, numpy.zeros(2)).is_yes
    assert check_differential_nash(game, numpy.zeros(2, dtype="float32")).is_undecided
