"""own_hessian_extremes: against dense eigenvalues."""

import numpy
import pytest

from gamedyn.games import Quadratic
from gamedyn.models import NeuralGAN, own_hessian_extremes
from gamedyn.nn import mlp
from gamedyn.objectives import Minimax


@pytest.fixture
def model(rng):
    return NeuralGAN(mlp((2, 6, 2)), mlp((2, 6, 1)), Minimax(), rng.standard_normal((20, 2)), 2, batch_size=5)


@pytest.mark.parametrize("player", [0, 1])
def test_extremes_are_those_of_the_dense_hessian(model, player):
    z, game = model.init(1), model.full()
    block = slice(0, game.dims[0]) if player == 0 else slice(game.dims[0], None)
    step = 1e-20j * numpy.eye(z.size)
    jacobian = (game.simultaneous_gradient(z + step).imag / 1e-20).T
    eigenvalues = numpy.linalg.eigvalsh(jacobian[block, block])
    scale = abs(eigenvalues).max()
    for judged in (model, game):
        found = own_hessian_extremes(judged, z, player, steps=60, rng=0)
        for value, residual, exact in (
            (found.smallest, found.smallest_residual, eigenvalues[0]),
            (found.largest, found.largest_residual, eigenvalues[-1]),
        ):
            assert abs(value - exact) < 1e-10 * scale
            assert residual < 1e-6 * scale
    # Few steps: still on the inner side, and the residual covers an eigenvalue.
    rough = own_hessian_extremes(game, z, player, steps=3, rng=0)
    assert eigenvalues[0] - 1e-12 * scale <= rough.smallest <= rough.largest <= eigenvalues[-1] + 1e-12 * scale
    assert abs(eigenvalues - rough.smallest).min() <= rough.smallest_residual + 1e-12 * scale


def test_players_of_one_size_have_their_own_blocks(rng):
    # Quadratic losses: the own Hessians are the diagonal blocks, and no other block counts.
    jacobian = rng.standard_normal((6, 6))
    for i, (smallest, largest) in enumerate([(-1.0, 2.0), (3.0, 5.0), (-7.0, -6.0)]):
        c, s = numpy.cos(i + 1.0), numpy.sin(i + 1.0)
        turn = numpy.array([[c, -s], [s, c]])
        block = slice(2 * i, 2 * i + 2)
        jacobian[block, block] = turn @ numpy.diag([smallest, largest]) @ turn.T
    game = Quadratic.from_jacobian(jacobian, (2, 2, 2))
    found = [own_hessian_extremes(game, rng.standard_normal(6), player, rng=0) for player in range(3)]
    numpy.testing.assert_allclose([r.smallest for r in found], [-1.0, 3.0, -7.0], rtol=1e-12)
    numpy.testing.assert_allclose([r.largest for r in found], [2.0, 5.0, -6.0], rtol=1e-12)


def test_libraries_and_devices(model, library):
    z = model.init(1)
    # Few steps, since an eager compiler takes each size of the Krylov basis for a new program.
    expected = own_hessian_extremes(model, z, 0, steps=5, rng=0)
    on_device = NeuralGAN(model.generator, model.discriminator, Minimax(), library.asarray(model.data), 2, batch_size=5)
    found = own_hessian_extremes(on_device, library.asarray(z), 0, steps=5, rng=0)
    assert found.smallest == pytest.approx(expected.smallest, rel=1e-8, abs=0.0)
    assert library.owns(found.smallest_vector)


def test_messages():
    game = Quadratic.from_jacobian(numpy.eye(3), (1, 2))
    with pytest.raises(ValueError, match=r"`z` must be one point of shape \(3,\), got \(2, 3\)."):
        own_hessian_extremes(game, numpy.zeros((2, 3)), 0)
    with pytest.raises(ValueError, match=r"`player` must be one of 0, 1, got 2\."):
        own_hessian_extremes(game, numpy.zeros(3), 2)
