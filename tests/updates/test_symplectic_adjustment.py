"""Symplectic gradient adjustment: what it adds, and with which sign."""

import numpy
import pytest

from gamedyn.games import Bilinear, Quadratic
from gamedyn.updates import SimultaneousGradientDescent, SymplecticAdjustment
from tests.updates.second_order_games import Wavy, random_jacobian, run


def test_it_turns_the_gradient_by_the_antisymmetric_part(rng):
    game = Wavy(random_jacobian(rng, (2, 3), zero_sum=False), (2, 3))
    z = rng.standard_normal((4, 5))
    xi, jacobian = game.simultaneous_gradient(z), game.jacobian(z)
    antisymmetric = (jacobian - numpy.swapaxes(jacobian, -1, -2)) / 2
    expected = z - 0.1 * (xi + 0.7 * numpy.einsum("bji,bj->bi", antisymmetric, xi))
    moved, state = run(SymplecticAdjustment(0.1, strength=0.7, align=False), game, z)
    numpy.testing.assert_allclose(moved, expected, rtol=1e-12, atol=1e-13)
    assert state is None


def test_potential_games_need_no_adjustment(rng):
    half = rng.standard_normal((5, 5))
    game = Quadratic.from_jacobian(half + half.T, (2, 3))
    z = rng.standard_normal((3, 5))
    for align in (True, False):
        numpy.testing.assert_allclose(
            run(SymplecticAdjustment(0.1, align=align), game, z)[0],
            run(SimultaneousGradientDescent(0.1), game, z)[0],
            rtol=1e-13,
            atol=1e-14,
        )


def rotation(own):
    """J = [[own, 1], [-1, own]]: xi = J z, |xi|^2 = (own^2 + 1) |z|^2."""
    return Quadratic.from_jacobian([[own, 1.0], [-1.0, own]], (1, 1))


@pytest.mark.parametrize(("own", "sign"), [(0.5, 1), (-0.5, -1)])
def test_far_away_the_sign_is_that_of_stability(own, sign):
    # <xi, J^T xi> = own |xi|^2 and <A^T xi, J^T xi> = |xi|^2: their product over d is own |xi|^4 / 2.
    z = numpy.array([3.0, -1.0])
    xi = rotation(own).simultaneous_gradient(z)
    turned = numpy.array([[0.0, -1.0], [1.0, 0.0]]) @ xi
    moved, _ = run(SymplecticAdjustment(0.1, strength=0.8), rotation(own), z)
    numpy.testing.assert_allclose(moved, z - 0.1 * (xi + 0.8 * sign * turned), rtol=1e-14)


def test_the_sign_changes_where_the_products_reach_the_bias():
    # own |xi|^4 / 2 = -bias at |z|^4 = 2 bias / (0.5 * 1.25^2) with own = -1/2.
    limit = (2 * 0.3 / (0.5 * 1.25**2)) ** 0.25
    for factor, sign in ((1 - 1e-9, 1), (1 + 1e-9, -1)):
        z = numpy.array([limit * factor, 0.0])
        moved, _ = run(SymplecticAdjustment(0.1, strength=1.0, alignment_bias=0.3), rotation(-0.5), z)
        plain, _ = run(SymplecticAdjustment(0.1, strength=float(1), align=False), rotation(-0.5), z)
        straight, _ = run(SimultaneousGradientDescent(0.1), rotation(-0.5), z)
        numpy.testing.assert_allclose(moved - straight, sign * (plain - straight), rtol=1e-9)


def test_bilinear_games_of_many_frequencies_converge(rng):
    # 1 - h lambda s^2 +- i h s for every singular value s: |.| < 1 for h < 2 lambda / (1 + lambda^2 s^2).
    matrix = rng.standard_normal((4, 4))
    s = numpy.linalg.svd(matrix, compute_uv=False)
    jacobian = Bilinear(matrix).jacobian(numpy.zeros(8))
    strength = 0.6
    for factor, stable in ((1 - 1e-6, True), (1 + 1e-6, False)):
        h = 2 * strength / (1 + strength**2 * s[0] ** 2) * factor
        m = SymplecticAdjustment(h, strength=strength, align=False).iteration_matrix(jacobian, (4, 4))
        assert bool(max(abs(numpy.linalg.eigvals(m))) < 1) is stable


def test_bad_numbers_are_named():
    with pytest.raises(ValueError, match="`strength` must be non-negative and finite, got -1"):
        SymplecticAdjustment(0.1, strength=-1)
    with pytest.raises(ValueError, match="`alignment_bias` must be positive and finite, got 0"):
        SymplecticAdjustment(0.1, alignment_bias=0)
