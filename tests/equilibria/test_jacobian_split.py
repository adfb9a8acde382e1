"""The split of J, and what its parts say about a game."""

import numpy
import pytest
import sympy

from gamedyn.equilibria import check_hamiltonian, check_potential, split_jacobian
from gamedyn.games import (
    Bilinear,
    NormalFormGame,
    Quadratic,
    SymbolicGame,
    TimescaleSeparated,
    forsaken,
    hamiltonian_game,
    maximum_trap,
    polar_game,
    potential_saddle,
    strongly_monotone_game,
)


def test_parts_add_up_and_share_is_pythagoras(rng):
    j = rng.standard_normal((5, 5))
    j[:2, :2] += j[:2, :2].T
    j[2:, 2:] += j[2:, 2:].T
    game = Quadratic.from_jacobian(j, (2, 3))
    found = split_jacobian(game, rng.standard_normal((3, 2, 5)))
    assert numpy.allclose(found.symmetric + found.antisymmetric, j)
    assert numpy.array_equal(found.antisymmetric, -numpy.swapaxes(found.antisymmetric, -1, -2))
    share = numpy.sum((j + j.T) ** 2) / (numpy.sum((j + j.T) ** 2) + numpy.sum((j - j.T) ** 2))
    assert found.potential_share.shape == (3, 2)
    assert numpy.allclose(found.potential_share, share, rtol=1e-13)


def test_shares_of_pure_games_and_of_none():
    assert float(split_jacobian(potential_saddle(), [1.0, 2.0]).potential_share) == 1
    assert float(split_jacobian(hamiltonian_game(), [1.0, 2.0]).potential_share) == 0
    assert numpy.isnan(split_jacobian(Quadratic([[[0.0]]], (1,)), [0.0]).potential_share)
    # Squares of the entries would overflow, or vanish.
    for scale in (1e200, 1e-200):
        assert float(split_jacobian(Bilinear([[scale]]), [0.0, 0.0]).potential_share) == 0
        large = Quadratic.from_jacobian(scale * numpy.array([[1.0, 1.0], [-1.0, 1.0]]), (1, 1))
        assert float(split_jacobian(large, [0.0, 0.0]).potential_share) == 0.5


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_arrays_stay_in_their_library(game_library, dtype):
    found = split_jacobian(strongly_monotone_game(), game_library.asarray([[0.0, 0.0], [1.0, 2.0]], dtype))
    assert all(game_library.owns(part, dtype) for part in found)
    assert game_library.host(found.potential_share).tolist() == [0.5, 0.5]


def test_affine_games_are_decided_by_their_numbers():
    for game in (potential_saddle(), maximum_trap(), Quadratic(numpy.diag([1.0, -2.0])[None], (2,))):
        assert check_potential(game).is_yes
        assert check_hamiltonian(game).is_no
    for game in (hamiltonian_game(), Bilinear([[1.0, 2.0], [3.0, 4.0]])):
        assert check_hamiltonian(game).is_yes
        assert check_potential(game).is_no
    both = strongly_monotone_game(mu=0.5, coupling=2.0)
    # |A| = sqrt(2) 2 and |S| = sqrt(2) / 2 in the Frobenius norm.
    assert check_potential(both).margin == pytest.approx(-(8**0.5))
    assert check_hamiltonian(both).margin == pytest.approx(-(0.5**0.5))
    # Symmetric but for the last digit: neither is proved.
    nearly = Quadratic.from_jacobian([[1.0, 0.1 * 3], [0.3, 1.0]], (1, 1))
    assert check_potential(nearly).is_undecided


def test_symbolic_games_are_decided_by_identities():
    x, y = sympy.symbols("x y")
    common = sympy.sin(x * y) + x**4 * sympy.exp(y)
    assert check_potential(SymbolicGame([common + y**3, common - x], [x, y])).is_yes
    assert check_potential(SymbolicGame([common + y**3, common - sympy.cos(x)], [x, y])).is_yes
    found = check_potential(SymbolicGame([common, common * 2], [x, y]))
    assert found.is_no
    assert "entry" in found.reason
    # Written in two ways: (x + y)^2 sin and cos against one.
    one = (sympy.sin(x * y) ** 2 + sympy.cos(x * y) ** 2) * (x + y) ** 3
    assert check_potential(SymbolicGame([one, (x + y) ** 3], [x, y])).is_yes
    assert check_hamiltonian(SymbolicGame([x * y**1, -x * y], [x, y])).is_yes
    assert check_hamiltonian(polar_game()).is_no
    assert check_potential(forsaken(), [0.3, 0.2]).is_no


def test_weights_make_a_potential_of_scaled_losses():
    import sympy

    scaled = TimescaleSeparated(potential_saddle(), 4.0)
    assert check_potential(scaled).is_no
    assert check_potential(scaled, weights=[4.0, 1.0]).is_yes
    x, y = sympy.symbols("x y")
    game = SymbolicGame([x**2 * y**2, 3 * x**2 * y**2], [x, y])
    assert check_potential(game).is_no
    assert check_potential(game, weights=[3, 1]).is_yes
    with pytest.raises(ValueError, match="`weights` must have one number for each of the 2 players, got 1"):
        check_potential(scaled, weights=[1.0])
    with pytest.raises(ValueError, match="`weights` must be positive"):
        check_potential(scaled, weights=[1.0, -1.0])


def test_other_games_are_refuted_by_a_point_and_never_proved(rng):
    tables = rng.standard_normal((2, 2, 2))
    common = NormalFormGame(numpy.stack([tables[0], tables[0]]))
    other = NormalFormGame(tables)
    z = numpy.full((3, 4), 0.5)
    assert check_potential(common, z).is_undecided
    assert check_potential(other, z).is_no
    with pytest.raises(ValueError, match=r"`z` must hold points where .* neither affine nor symbolic"):
        check_potential(common)


def test_a_split_says_its_sizes():
    # J = [[1, 2], [-2, 1]]: S = I, A = 2 [[0, 1], [-1, 0]].
    found = split_jacobian(Quadratic.from_jacobian([[1.0, 2.0], [-2.0, 1.0]], (1, 1)), [0.0, 0.0])
    assert str(found) == "J = S + A with |S| = 1.41421 and |A| = 2.82843: a share 0.2 of |J|^2 is potential"
    many = split_jacobian(Quadratic.from_jacobian([[1.0, 2.0], [-2.0, 1.0]], (1, 1)), [[0.0, 0.0], [1.0, 0.0]])
    assert str(many) == "Jacobians at 2 points, split"
