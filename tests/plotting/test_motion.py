"""Kinds of points, arrows, predicted rates and animations: what is drawn is what theory says."""

import itertools
import math

import numpy
import pytest

from gamedyn import plotting
from gamedyn.dynamics import simulate
from gamedyn.games import Bilinear, Quadratic
from gamedyn.plotting import alt_text
from gamedyn.updates import SimultaneousGradientDescent


def labelled(ax):
    """{label: (m, 2)} of the scattered points."""
    return {c.get_label(): numpy.asarray(c.get_offsets()) for c in ax.collections if not c.get_label().startswith("_")}


@pytest.fixture(scope="module")
def damped():
    return Quadratic.from_jacobian([[1.0, 1.0], [-1.0, 1.0]], (1, 1))


def test_points_of_a_portrait_are_drawn_as_what_they_are():
    x, y = Quadratic.from_jacobian(numpy.diag([1.0, -1.0]), (1, 1)), [[0.0, 0.0]]
    ax = plotting.plot_phase_portrait(x, points=y)
    numpy.testing.assert_array_equal(labelled(ax)["saddle"], y)
    assert "Marked: saddle at (0, 0)." in alt_text(ax)
    none = plotting.plot_phase_portrait(x, points=numpy.zeros((0, 2)))
    assert "Marked: no stationary point." in alt_text(none)


def test_arrows_have_one_length_and_point_down(damped):
    ax = plotting.plot_vector_field(damped, ((-1, 1), (-2, 2)), resolution=5)
    (arrows,) = ax.collections
    numpy.testing.assert_allclose(numpy.hypot(arrows.U, arrows.V)[numpy.arange(arrows.N) != arrows.N // 2], 1.0)
    # At (1, 2), the last: -xi = -(1 + 2, -1 + 2).
    assert (arrows.U[-1], arrows.V[-1]) == pytest.approx((-3 / 10**0.5, -1 / 10**0.5), rel=1e-12, abs=0.0)
    assert arrows.U[arrows.N // 2] == arrows.V[arrows.N // 2] == 0
    assert f"slowest 0 and fastest {10**0.5:.2g}" in alt_text(ax)
    turned = plotting.plot_vector_field(damped, field=lambda game, z: z, resolution=3).collections[0]
    assert (turned.U[-1], turned.V[-1]) == pytest.approx((0.5**0.5, 0.5**0.5), rel=1e-12, abs=0.0)
    with pytest.raises(ValueError, match="two coordinates"):
        plotting.plot_vector_field(Quadratic.from_jacobian(numpy.eye(3), (1, 2)))


def test_a_predicted_rate_lies_on_what_it_predicts(damped):
    # |1 - 0.1 (1 +- i)|
    rate = math.hypot(0.9, 0.1)
    paths = {"descent": simulate(damped, SimultaneousGradientDescent(0.1), [1.0, 0.0], 100)}
    ax = plotting.plot_distances(paths, 0.0, rates={"descent": rate})
    measured, predicted = ax.lines[0].get_ydata(), ax.lines[1].get_ydata()
    numpy.testing.assert_allclose(predicted, measured, rtol=1e-10)
    assert f"predicted factor {rate:.4g} per step" in alt_text(ax)
    wrong = plotting.plot_distances(paths, 0.0, rates={"descent": 0.8}).lines[1].get_ydata()
    assert wrong[-1] < 0.1 * measured[-1]
    assert wrong[0] > 10 * measured[0]


def test_an_animation_ends_at_the_end_and_loops(tmp_path, damped):
    image = pytest.importorskip("PIL.Image")
    path = simulate(damped, SimultaneousGradientDescent(0.1), [[1.0, 0.0], [0.0, -1.0]], 40)
    file = tmp_path / "motion.gif"
    plotting.save_animation({"descent": path}, file, game=damped, frames=3, seconds=0.6)
    again = tmp_path / "again.gif"
    plotting.save_animation({"descent": path}, again, game=damped, frames=3, seconds=0.6)
    assert file.read_bytes() == again.read_bytes()
    with image.open(file) as gif:
        assert gif.n_frames == 3
        assert gif.info["loop"] == 0
        assert gif.info["duration"] == 200
        shots = []
        for k in range(3):
            gif.seek(k)
            shots.append(numpy.asarray(gif.convert("RGB")).astype(int))
    assert (shots[0][2, 2] == 255).all()
    # What moves differs from picture to picture.
    assert all((one != other).any() for one, other in itertools.pairwise(shots))


def test_an_animation_says_what_is_wrong(tmp_path):
    path = simulate(Bilinear([[1.0]]), SimultaneousGradientDescent(0.1), [1.0, 0.0], 10)
    with pytest.raises(ValueError, match="gif"):
        plotting.save_animation(path, tmp_path / "motion.mp4")
    with pytest.raises(ValueError, match="`frames` must be"):
        plotting.save_animation(path, tmp_path / "motion.gif", frames=1)
    still = simulate(Bilinear([[1.0]]), SimultaneousGradientDescent(0.1), [1.0, 0.0], 0)
    with pytest.raises(ValueError, match="at least two records"):
        plotting.save_animation(still, tmp_path / "motion.gif")
    assert list(tmp_path.iterdir()) == []
