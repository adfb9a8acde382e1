"""Classification of a small GAN of networks: verdicts against dense oracles, at a point known to rest."""

import numpy
import pytest

from gamedyn.equilibria import _smoothness, check_differential_nash, classify, game_spectrum, spectral_radius
from gamedyn.games import Regularized
from gamedyn.models import NeuralGAN, NeuralGANGame
from gamedyn.nn import mlp
from gamedyn.objectives import LeastSquares, Minimax
from gamedyn.updates import SimultaneousGradientDescent


def test_a_start_is_not_stationary(rng):
    model = NeuralGAN(mlp((1, 3, 1)), mlp((1, 3, 1)), Minimax(), rng.standard_normal((20, 1)) + 3, latent_dim=1)
    found = classify(model, model.init(0))
    assert found.kind == "nonstationary"
    assert found.stationary.is_no
    assert check_differential_nash(model, model.init(0)).is_no


@pytest.mark.parametrize("wrapped", [False, True])
def test_kinks_are_looked_for_in_blocks_that_a_cache_holds(rng, monkeypatch, wrapped):
    # 20 directions, to both sides at 3 distances: 120 points at 500 rows of 3 units would be one block of 180,000.
    data = rng.standard_normal((500, 1)) + 3
    game = NeuralGAN(mlp((1, 3, 1)), mlp((1, 3, 1)), Minimax(), data, latent_dim=1).full()
    z = game.model.init(0)
    points, gradient = [], NeuralGANGame.simultaneous_gradient

    def counted(self, places):
        points.append(places[..., 0].size)
        return gradient(self, places)

    judged = Regularized(game, r1=0.5) if wrapped else game
    expected = classify(judged, z)
    monkeypatch.setattr(NeuralGANGame, "simultaneous_gradient", counted)
    monkeypatch.setattr(_smoothness, "_LARGEST_BLOCK", 6 * 7 * game.working_size)
    assert game.working_size == 1500
    found = classify(judged, z)
    assert max(points) == 42
    assert sum(points) >= 120
    assert str(found) == str(expected)


def test_spectrum_is_that_of_the_complex_step_jacobian(rng):
    model = NeuralGAN(mlp((1, 3, 1)), mlp((1, 3, 1)), Minimax(), rng.standard_normal((20, 1)), latent_dim=1)
    z = model.init(0)
    step = 1e-20j * numpy.eye(z.size)
    jacobian = (model.full().simultaneous_gradient(z + step).imag / 1e-20).T
    expected = numpy.linalg.eigvals(jacobian)
    # Power sums do not depend on the order of the eigenvalues.
    for power in (1, 2, 3):
        assert numpy.sum(game_spectrum(model, z) ** power) == pytest.approx(
            numpy.sum(expected**power), rel=1e-9, abs=0.0
        )


def test_a_linear_gan_at_rest_by_hand(rng):
    # G(e) = t e + c and D(x) = w x + b under least squares rest at w = 0, b = 1/2 where G has the mean of the data:
    # dL_0/d(t, c) = mean (s - 1) w (e, 1) and dL_1/d(w, b) = mean (s - 1) (x, 1) + mean s (G, 1). With m = mean e,
    # differentiating once more at this point gives J below: the generator has no curvature of its own, and moving t and
    # c with m dt + dc = 0 moves nothing, so that J is singular.
    model = NeuralGAN(mlp((1, 1)), mlp((1, 1)), LeastSquares(), rng.standard_normal((50, 1)) + 1, latent_dim=1)
    x, e = model.full().real_samples, model.full().latent_samples
    t, m = 0.7, e.mean()
    c = x.mean() - t * m
    a, b = (x**2).mean() + ((t * e + c) ** 2).mean(), 2 * x.mean()
    jacobian = [[0, 0, -m / 2, 0], [0, 0, -0.5, 0], [m / 2, 0.5, a, b], [0, 0, b, 2]]
    z = numpy.array([t, c, 0.0, 0.5])
    numpy.testing.assert_allclose(model.full().jacobian(z), jacobian, atol=1e-13)

    found = classify(model, z)
    assert found.stationary.is_yes
    assert not found.differential_nash.is_yes
    assert not found.attracting.is_yes
    assert not found.degenerate.is_no
    numpy.testing.assert_allclose(found.differential_nash.margin, 0, atol=1e-12)
    eigenvalues = numpy.linalg.eigvals(numpy.array(jacobian))
    assert numpy.sort(eigenvalues.real)[1] > 0.01
    radius = spectral_radius(SimultaneousGradientDescent(0.3), model, z)
    assert radius == pytest.approx(abs(1 - 0.3 * eigenvalues).max(), rel=1e-9, abs=0.0)
