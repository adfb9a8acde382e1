"""Random quadratic games."""

import numpy
import pytest

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
    # L_2 = -L_1 up to terms that player 2 cannot move: the cross blocks are minus each other's transposes.
    numpy.testing.assert_array_equal(jacobian[:2, 2:], -jacobian[2:, :2].T)
    cross = game.losses(z) - game.losses(numpy.concatenate([z[:, :2], 0 * z[:, 2:]], axis=1))
    assert cross.shape == (5, 2)


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
        ({"mu": 2.0, "L": 1.0}, "`L` must be at least `mu`, got L = 1.0 and mu = 2.0"),
        ({"size": 1}, "`size` must be at least 2, got 1"),
        ({"spectrum": [numpy.nan]}, "`spectrum` must be a vector of finite numbers"),
        ({"spectrum": [[1.0]]}, r"`spectrum` must be a vector of finite numbers, got shape \(1, 1\)"),
    ],
)
def test_impossible_spectra_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        random_quadratic_game(rng=0, **arguments)
