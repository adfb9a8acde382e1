"""Random quadratic games."""

import numpy
import pytest

from gamedyn.equilibria import classify
from gamedyn.games import random_quadratic_game


def jacobian_of(game):
    return game.jacobian(numpy.zeros(sum(game.dims)))


def test_the_spectrum_is_the_one_asked_for(rng):
    spectrum = numpy.array([1 + 2j, 0.5 + 0.25j, -1 + 3j])
    game = random_quadratic_game(spectrum, rng=rng)
    eigenvalues = numpy.linalg.eigvals(jacobian_of(game))
    expected = numpy.concatenate([spectrum, spectrum.conj()])
    numpy.testing.assert_allclose(numpy.sort_complex(eigenvalues), numpy.sort_complex(expected), rtol=1e-12)
    assert game.dims == (3, 3)


def test_the_game_is_zero_sum_with_a_normal_jacobian(rng):
    game = random_quadratic_game([1 + 2j, 3j], rng=rng)
    z = rng.standard_normal((5, 4))
    jacobian = jacobian_of(game)
    numpy.testing.assert_allclose(jacobian @ jacobian.T, jacobian.T @ jacobian, atol=1e-12)
    numpy.testing.assert_array_equal(jacobian[:2, 2:], -jacobian[2:, :2].T)
    # Own terms of both players are in both losses: f = x^T A x / 2 + x^T B y - y^T D y / 2.
    x, y = z[:, :2], z[:, 2:]
    f = numpy.einsum("bi,ij,bj->b", x, jacobian[:2, :2], x) / 2 + numpy.einsum("bi,ij,bj->b", x, jacobian[:2, 2:], y)
    f = f - numpy.einsum("bi,ij,bj->b", y, jacobian[2:, 2:], y) / 2
    numpy.testing.assert_allclose(game.losses(z), numpy.stack([f, -f], axis=-1), rtol=1e-12)


@pytest.mark.parametrize(("imbalance", "kind", "minimax"), [(0.0, "nash", "yes"), (0.8, "attractor", "no")])
def test_its_equilibrium_is_judged_as_a_minimax_point(imbalance, kind, minimax):
    # f_xx = 1/2 + c > 0 and f_yy = c - 1/2, which a minimax point needs below 0.
    found = classify(random_quadratic_game([0.5 + 1j], imbalance=imbalance, rng=2), numpy.zeros(2))
    assert (found.kind, found.local_minimax.answer) == (kind, minimax)


def test_many_players_are_general_sum():
    assert classify(random_quadratic_game(players=3, rng=0), numpy.zeros(6)).local_minimax is None


@pytest.mark.parametrize("imbalance", [0.0, 0.8])
def test_the_conjugate_spectrum_turns_the_other_way(imbalance):
    # K of a - i b is the transpose of K of a + i b, and the same bases are drawn.
    one, other = (
        jacobian_of(random_quadratic_game([0.5 + b, 1.0 + 2 * b], imbalance=imbalance, rng=4)) for b in (1j, -1j)
    )
    numpy.testing.assert_allclose(other, one.T, atol=1e-15)


def test_bases_prefer_no_side():
    # The first column of a QR factor alone has a sign of LAPACK's choice: u_0 v_0 would be positive in every draw.
    corners = [jacobian_of(random_quadratic_game([1 + 1j, 1.0], rng=seed))[0, 2] for seed in range(64)]
    positive = sum(corner > 0 for corner in corners)
    # Of 64 fair coins fewer than 12 or more than 52 heads come up less often than once in 10^6.
    assert 12 <= positive <= 52


def test_drawn_games_have_exactly_the_constants(rng):
    for _ in range(20):
        jacobian = jacobian_of(random_quadratic_game(size=4, mu=0.2, L=3.0, rng=rng))
        symmetric = numpy.linalg.eigvalsh((jacobian + jacobian.T) / 2)
        assert symmetric[0] == pytest.approx(0.2, rel=1e-12, abs=0.0)
        assert numpy.linalg.norm(jacobian, 2) == pytest.approx(3.0, rel=1e-12, abs=0.0)


def test_a_seed_makes_the_same_game():
    first, second = (jacobian_of(random_quadratic_game(rng=3)) for _ in range(2))
    numpy.testing.assert_array_equal(first, second)
    assert not numpy.array_equal(first, jacobian_of(random_quadratic_game(rng=4)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mu": -1.0}, "`mu` must be positive and finite, got -1.0"),
        ({"mu": 2.0, "L": 1.0}, "`L` must be finite and at least `mu`, got L = 1.0 and mu = 2.0"),
        ({"L": float("inf")}, "`L` must be finite and at least `mu`, got L = inf"),
        ({"size": 1}, "`size` must be at least 2, got 1"),
        ({"spectrum": [numpy.nan]}, "`spectrum` must be a vector of finite numbers"),
        ({"spectrum": [[1.0]]}, r"`spectrum` must be a vector of finite numbers, or .* got shape \(1, 1\)"),
    ],
)
def test_impossible_spectra_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        random_quadratic_game(rng=0, **arguments)


def test_the_imbalance_keeps_the_spectrum_and_moves_the_own_curvatures(rng):
    spectrum, imbalance = numpy.array([1 + 2j, 0.5 - 0.25j, 2 + 1j]), [0.0, 2.0, 0.5]
    jacobian = jacobian_of(random_quadratic_game(spectrum, imbalance=imbalance, rng=rng))
    expected = numpy.concatenate([spectrum, spectrum.conj()])
    eigenvalues = numpy.linalg.eigvals(jacobian)
    numpy.testing.assert_allclose(numpy.sort_complex(eigenvalues), numpy.sort_complex(expected), rtol=1e-10)
    own = [numpy.linalg.eigvalsh(jacobian[:3, :3]), numpy.linalg.eigvalsh(jacobian[3:, 3:])]
    numpy.testing.assert_allclose(own[0], [1.0, 2.5, 2.5], rtol=1e-12)
    numpy.testing.assert_allclose(own[1], [-1.5, 1.0, 1.5], rtol=1e-12)


def test_a_large_imbalance_makes_an_attractor_that_is_not_nash():
    found = classify(random_quadratic_game([1 + 1j], imbalance=1.5, rng=0), [0.0, 0.0])
    assert found.kind == "attractor"
    assert found.attracting_not_nash.is_yes


def test_three_players_have_the_spectrum_asked_for(rng):
    spectrum = numpy.array([[1 + 2j, 1 - 2j, 0.5], [0.25, 3j, -3j]])
    game = random_quadratic_game(spectrum, players=3, rng=rng)
    assert game.dims == (2, 2, 2)
    jacobian = jacobian_of(game)
    numpy.testing.assert_allclose(
        numpy.sort_complex(numpy.linalg.eigvals(jacobian)), numpy.sort_complex(spectrum.reshape(-1)), atol=1e-12
    )
    numpy.testing.assert_allclose(jacobian @ jacobian.T, jacobian.T @ jacobian, atol=1e-12)
    # Every player meets every other one, and not with opposite signs alone.
    for i, j in ((0, 1), (0, 2), (1, 2)):
        cross, back = jacobian[2 * i : 2 * i + 2, 2 * j : 2 * j + 2], jacobian[2 * j : 2 * j + 2, 2 * i : 2 * i + 2]
        assert numpy.min(numpy.linalg.svd(cross)[1]) > 1e-3
        assert numpy.max(abs(cross + back.T)) > 1e-3


@pytest.mark.parametrize("players", [3, 4, 5])
def test_drawn_games_of_many_players_have_exactly_the_constants(players, rng):
    jacobian = jacobian_of(random_quadratic_game(size=3, mu=0.2, L=3.0, players=players, rng=rng))
    assert jacobian.shape == (3 * players, 3 * players)
    assert numpy.linalg.eigvalsh((jacobian + jacobian.T) / 2)[0] == pytest.approx(0.2, rel=1e-11)
    assert numpy.linalg.norm(jacobian, 2) == pytest.approx(3.0, rel=1e-12)


def test_rows_of_real_numbers_make_saddles_of_two_players():
    # Two real eigenvalues, which a vector of conjugate pairs cannot ask for.
    jacobian = jacobian_of(random_quadratic_game([[1.0, -2.0]], rng=0))
    numpy.testing.assert_allclose(numpy.sort(numpy.linalg.eigvals(jacobian)), [-2.0, 1.0], rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"players": 1}, "`players` must be at least 2, got 1"),
        ({"spectrum": [1.0], "players": 3}, r"shape \(m, 3\), a row per coordinate of the 3 players, got shape \(1,\)"),
        ({"spectrum": [[1j, 1.0, 2.0]], "players": 3}, "complex numbers in conjugate pairs, got the row"),
        ({"imbalance": 1.0, "players": 3}, "`imbalance` must be 0 for more than two players, got it with 3"),
        ({"imbalance": -1.0}, "`imbalance` must be non-negative and finite"),
        ({"imbalance": [1.0, 2.0, 3.0]}, r"`imbalance` must be a number or of shape \(2,\), got shape \(3,\)"),
        ({"imbalance": 1.0, "spectrum": [[1.0, 2.0]]}, "`imbalance` must be 0 with a spectrum of one row"),
    ],
)
def test_impossible_games_of_many_players_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        random_quadratic_game(rng=0, **arguments)
