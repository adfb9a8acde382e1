import numpy
import pytest

from gamedyn.dynamics import path_angle, simulate
from gamedyn.games import Bilinear, Quadratic
from gamedyn.models import NeuralGAN
from gamedyn.nn import Tanh, mlp
from gamedyn.objectives import Minimax
from gamedyn.updates import SimultaneousGradientDescent


def test_rotation_bumps(game_library):
    # J = [[0, 1], [-1, 0]] about 0, past which the path runs at the distance e: cos(a) = e / sqrt(e^2 + x^2).
    e = 0.1
    start, end = [1.0, e], [0.0, e]
    curve = path_angle(Bilinear([[1.0]]), game_library.asarray(start), game_library.asarray(end))
    x = 1 - curve.positions
    # xi = (e, -x), the way is (-1, 0).
    numpy.testing.assert_allclose(curve.cosine, -e / numpy.sqrt(e**2 + x**2), rtol=1e-12)
    numpy.testing.assert_allclose(curve.norm, numpy.sqrt(e**2 + x**2), rtol=1e-12)
    assert curve.positions[100] == 1.0
    assert curve.bump == pytest.approx(-1 + e / numpy.sqrt(1 + e**2))
    assert curve.switch == pytest.approx(0, abs=1e-14)
    assert curve.shape == "bump"
    assert "bump -0.9" in str(curve)


def test_attraction_switches_and_repulsion_does_not_count():
    bowl = Quadratic.from_jacobian(numpy.diag([1.0, 2.0]), (1, 1))
    curve = path_angle(bowl, [1.0, 0.0], [0.0, 0.0], n=5)
    # Through the very point xi vanishes, and has no angle.
    assert curve.cosine.tolist() == [-1.0, -1.0, 0.0, 1.0, 1.0]
    assert curve.norm.tolist() == [1.0, 0.5, 0.0, 0.5, 1.0]
    assert (curve.shape, float(curve.switch), float(curve.bump)) == ("sign switch", 1.0, 0.0)
    # Beyond the point the cosine is 1 all along.
    curve = path_angle(bowl, [1.0, 0.0], [0.0, 0.0], n=5, limits=(1.5, 2.0))
    assert (curve.shape, float(curve.switch)) == ("neither", 0.0)
    hill = Quadratic.from_jacobian(-numpy.diag([1.0, 2.0]), (1, 1))
    curve = path_angle(hill, [1.0, 0.0], [0.0, 0.0], n=5)
    assert (curve.shape, float(curve.switch)) == ("neither", -1.0)


def test_both_in_one_batch():
    # J = [[c, 1], [-1, c]]: far from 0 the cosine is c / sqrt(1 + c^2) on both sides, at the nearest point -1 / ...
    start, end = numpy.array([1.0, 0.05]), numpy.array([0.0, 0.05])
    for c, shape in ((0.0, "bump"), (0.5, "sign switch and bump"), (20.0, "sign switch")):
        game = Quadratic.from_jacobian([[c, 1.0], [-1.0, c]], (1, 1))
        curve = path_angle(game, start, end, limits=(-1.0, 3.0))
        assert curve.shape == shape
        x, y = 1 - curve.positions, 0.05
        expected = -(c * x + y) / numpy.sqrt((1 + c**2) * (x**2 + y**2))
        numpy.testing.assert_allclose(curve.cosine, expected, rtol=1e-11, atol=1e-14)
    # Which way one looks at the pure rotation does not matter, and a batch has a shape for each path.
    game = Bilinear([[1.0]])
    curve = path_angle(game, numpy.stack([start, -start]), numpy.stack([end, -end]))
    assert curve.shape.tolist() == ["bump", "bump"]
    assert curve.cosine.shape == (201, 2)
    assert str(curve) == "path angles on [0, 2]: 2 bump"


def test_networks(rng):
    model = NeuralGAN(
        mlp((2, 4, 2), Tanh()),
        mlp((2, 5, 1), Tanh()),
        Minimax(),
        rng.standard_normal((9, 2)),
        latent_dim=2,
        full_size=7,
    )
    game, start = model.full(), model.init(0)
    end = simulate(game, SimultaneousGradientDescent(0.1), start, 20).final
    curve = path_angle(game, start, end, n=9, limits=(-0.5, 1.5))
    assert curve.positions.tolist() == [-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5]
    for a, cosine, norm in zip(curve.positions, curve.cosine, curve.norm, strict=True):
        xi, way = game.simultaneous_gradient((1 - a) * start + a * end), end - start
        assert norm == pytest.approx(numpy.linalg.norm(xi), rel=1e-12)
        assert cosine * norm * numpy.linalg.norm(way) == pytest.approx(xi @ way, rel=1e-11)
    # Descent goes against the gradients where it starts.
    assert curve.cosine[2] < -0.5


def test_a_high_threshold_sees_neither():
    curve = path_angle(Bilinear([[1.0]]), [1.0, 0.1], [0.0, 0.1], threshold=0.95)
    assert curve.shape == "neither"


def test_single_precision_stays():
    start, end = numpy.array([1.0, 0.1], dtype=numpy.float32), numpy.array([0.0, 0.1], dtype=numpy.float32)
    assert path_angle(Bilinear([[1.0]]), start, end).cosine.dtype == numpy.float32


def test_errors():
    game = Bilinear([[1.0]])
    with pytest.raises(ValueError, match=r"`start` and `end` must have one shape \(..., 2\)"):
        path_angle(game, [1.0, 0.0], [[0.0, 0.0]])
    with pytest.raises(ValueError, match="`start` and `end` must differ"):
        path_angle(game, [1.0, 0.0], [1.0, 0.0])
    with pytest.raises(ValueError, match="`limits` must be increasing"):
        path_angle(game, [1.0, 0.0], [0.0, 0.0], limits=(1.0, 1.0))
    with pytest.raises(ValueError, match="`n` must be at least 3"):
        path_angle(game, [1.0, 0.0], [0.0, 0.0], n=2)
    with pytest.raises(ValueError, match="`threshold` must lie below 1"):
        path_angle(game, [1.0, 0.0], [0.0, 0.0], threshold=1.0)
