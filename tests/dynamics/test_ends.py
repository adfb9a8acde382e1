"""How runs of a batch end: by a bound, by a callback, and without the trajectories that ended before."""

from dataclasses import dataclass
from typing import Any

import numpy
import pytest

from gamedyn.backend import array_namespace, like
from gamedyn.dynamics import DistanceTo, Status, Trajectory, simulate
from gamedyn.games import Game, Quadratic
from gamedyn.updates import Cost, UpdateRule, per_point
from tests.dynamics.test_simulate import Cubic, Descent, HeavyBall, Noisy, Rotation


class Counting(Cubic):
    """The cubic, with the number of points of every gradient."""

    def __init__(self):
        self.rows = []

    def simultaneous_gradient(self, z):
        self.rows.append(z.size)
        return super().simultaneous_gradient(z)


def many(rng, count=48):
    """Starts of which three quarters blow up or converge at once, in two batch axes."""
    z0 = rng.uniform(0.3, 0.9, (count, 1))
    z0[: count // 2] = 4.0
    z0[count // 2 : 3 * count // 4] = 1e-9
    return rng.permutation(z0).reshape(count // 4, 4, 1)


def test_a_batch_goes_on_without_those_that_have_ended(rng):
    game, z0 = Counting(), many(rng)
    steps, momenta = rng.uniform(0.005, 0.01, z0.shape[:-1]), rng.uniform(-0.2, 0.2, (4,))
    steps[z0[..., 0] == 4.0] = 0.5
    rule = HeavyBall(steps, momenta)
    options = {"tolerance": 1e-6, "record_every": 5, "observe": {"d": DistanceTo()}}
    path = simulate(game, rule, z0, 400, **options)
    # 48 points at first, 12 from the first reading at step 64 on.
    assert set(game.rows[:60]) == {48}
    assert set(game.rows[-100:]) == {12}
    assert path.points.shape == (81, 12, 4, 1)
    assert sorted(numpy.unique(path.status)) == [Status.CONVERGED, Status.MAX_STEPS, Status.DIVERGED]
    for i in numpy.ndindex(12, 4):
        alone = simulate(Cubic(), HeavyBall(float(steps[i]), float(momenta[i[1]])), z0[i], 400, **options)
        numpy.testing.assert_allclose(path.points[(slice(None), *i)], alone.points, rtol=1e-12, atol=0)
        numpy.testing.assert_allclose(path.observed["d"][(slice(None), *i)], alone.observed["d"], rtol=1e-12, atol=0)
        assert (path.status[i], path.stop_step[i]) == (alone.status, alone.stop_step)
        for ours, own in zip(path.final_state.inner, alone.final_state.inner, strict=True):
            numpy.testing.assert_allclose(ours[i], own, rtol=1e-12, atol=0)


def test_ending_in_waves_and_on_every_library(game_library, rng):
    # x <- x - h (x - x^3) from 0.5 with h = 0.01 .. 0.3: they come within 1e-6 one after the other.
    steps = numpy.geomspace(0.01, 0.3, 40)
    z0 = numpy.full((40, 1), 0.5)
    expected = [simulate(Cubic(), Descent(float(h)), [0.5], 900, tolerance=1e-6, record_every=90) for h in steps]
    rule = Descent(game_library.asarray(steps))
    path = simulate(Cubic(), rule, game_library.asarray(z0), 900, tolerance=1e-6, record_every=90)
    assert game_library.owns(path.points)
    stops = [int(run.stop_step) for run in expected]
    assert path.stop_step.tolist() == stops
    assert len(set(stops)) > 10
    host = game_library.host(path.points)
    numpy.testing.assert_allclose(host, numpy.stack([run.points for run in expected], axis=1), rtol=1e-12)


def test_a_game_with_arrays_of_the_whole_batch_is_never_cut(rng):
    class Targets(Game):
        dims = (1,)

        def __init__(self, centres):
            self.centres = centres

        def losses(self, z):
            return (z - like(self.centres, z)) ** 2 / 2

        def simultaneous_gradient(self, z):
            return z - like(self.centres, z)

    centres = rng.standard_normal((40, 1))
    z0 = centres.copy()
    z0[:10] += 1.0
    path = simulate(Targets(centres), Descent(0.01), z0, 200, tolerance=1e-9)
    assert path.stop_step[10:].tolist() == [0] * 30
    numpy.testing.assert_allclose(path.final[:10] - centres[:10], 0.99**200, rtol=1e-10)


def test_stochastic_draws_do_not_depend_on_who_has_ended():
    z0 = numpy.zeros((32, 1))
    z0[:24] = 1e3
    cut = simulate(Noisy(), Descent(0.1), z0, 300, rng=3, max_norm=500.0)
    assert cut.stop_step.tolist() == [0] * 24 + [300] * 8
    alone = simulate(Noisy(), Descent(0.1), [0.0], 300, rng=3)
    numpy.testing.assert_allclose(cut.final[-1], alone.final, rtol=1e-13)


def test_max_norm_ends_a_trajectory_at_its_last_point_within():
    # |z_k| = 5 * 1.25^k for h = 3/4.
    path = simulate(Rotation(), Descent(0.75), [[3.0, 4.0], [0.0, 0.0]], 40, max_norm=20.0)
    assert path.status.tolist() == [Status.DIVERGED, Status.MAX_STEPS]
    assert path.stop_step.tolist() == [7, 40]
    assert numpy.linalg.norm(path.final[0]) == pytest.approx(5 * 1.25**6, rel=1e-14)
    start = simulate(Rotation(), Descent(0.75), [3.0, 4.0], 5, max_norm=4.9)
    assert (start.status, start.stop_step) == (Status.DIVERGED, 0)


def test_a_callback_that_returns_true_stops_all():
    path = simulate(
        Rotation(), HeavyBall(), numpy.ones((3, 2)), 100, record_every=10, callback=lambda k, z, state: k == 30
    )
    whole = simulate(Rotation(), HeavyBall(), numpy.ones((3, 2)), 30)
    assert path.stop_step.tolist() == [30] * 3
    assert path.status.tolist() == [Status.MAX_STEPS] * 3
    assert path.times.tolist() == list(range(0, 101, 10))
    numpy.testing.assert_array_equal(path.points[3:], numpy.stack([whole.final] * 8))
    assert path.final_state.inner.count.tolist() == [30] * 3


def test_norms_without_points(game_library):
    z0 = game_library.asarray([[3.0, 4.0], [0.0, 1.0]])
    path = simulate(Rotation(), Descent(0.75), z0, 6, record_points=False, observe={"norm": DistanceTo()})
    assert path.points.shape == (0, 2, 2)
    assert game_library.owns(path.points)
    assert path.times.tolist() == list(range(7))
    expected = numpy.outer(1.25 ** numpy.arange(7), [5.0, 1.0])
    numpy.testing.assert_allclose(game_library.host(path.observed["norm"]), expected, rtol=1e-14)
    numpy.testing.assert_allclose(numpy.linalg.norm(game_library.host(path.final), axis=-1), expected[-1], rtol=1e-14)
    nothing = simulate(Rotation(), Descent(0.75), z0, 6, record_points=False)
    assert nothing.observed == {}
    numpy.testing.assert_array_equal(game_library.host(nothing.final), game_library.host(path.final))


def test_distances_of_extreme_points_keep_their_digits():
    z = numpy.array([[3e200, 4e200], [3e-200, 4e-200], [0.0, 0.0], [3.0, 4.0]])
    numpy.testing.assert_allclose(DistanceTo()(None, z), [5e200, 5e-200, 0.0, 5.0], rtol=1e-14)
    numpy.testing.assert_allclose(DistanceTo([0.0, 1.0])(None, z[2:]), [1.0, 18**0.5], rtol=1e-15)
    numpy.testing.assert_allclose(DistanceTo(squared=True)(None, z[2:]), [0.0, 25.0], rtol=1e-15)
    assert repr(DistanceTo([1.0])) == "DistanceTo([1.0], squared=False)"


def test_nested_states_are_saved_and_go_on(tmp_path):
    z0 = numpy.array([[1.0, 0.5], [4.0, -2.0]])
    whole = simulate(Rotation(), HeavyBall(), z0, 40)
    simulate(Rotation(), HeavyBall(), z0, 15).save(tmp_path / "run.npz")
    first = Trajectory.load(tmp_path / "run.npz")
    second = simulate(Rotation(), HeavyBall(), first.final, 25, state=first.final_state)
    numpy.testing.assert_array_equal(second.points, whole.points[15:])
    assert second.final_state.inner.count.tolist() == [40, 40]


def test_progress_true_shows_a_bar_or_lines(capsys, monkeypatch):
    simulate(Rotation(), HeavyBall(), [1.0, 0.0], 130, progress=True)
    assert "130/130" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)
    simulate(Rotation(), HeavyBall(), [1.0, 0.0], 130, progress=True)
    assert capsys.readouterr().err == "simulate: step 130 of 130\n"
    simulate(Rotation(), HeavyBall(), [1.0, 0.0], 130, progress=False)
    assert capsys.readouterr().err == ""


@dataclass
class Broken(Rotation):
    """A rotation whose losses or gradients are changed."""

    losses_by: Any = 1.0
    gradient_by: Any = 1.0

    def losses(self, z):
        return super().losses(z) * self.losses_by

    def simultaneous_gradient(self, z):
        xp = array_namespace(z)
        return xp.stack([z[..., 1], -z[..., 0]], axis=-1) * self.gradient_by


@pytest.mark.parametrize(
    ("game", "words"),
    [
        (Broken(losses_by=1j), "`game.losses` must be real at real points, got complex128"),
        (Broken(gradient_by=1j), "`game.simultaneous_gradient` must be real at real points, got complex128"),
        (Broken(losses_by=numpy.array([[1.0], [numpy.nan], [1.0]])), "got NaN for 1 of 3 starting points"),
        (Broken(losses_by=numpy.array([1.0, numpy.nan])), "got NaN for 3 of 3 starting points"),
        (Broken(gradient_by=numpy.nan), "`game.simultaneous_gradient` must be a number at `z0`, got NaN for 3 of 3"),
    ],
    ids=["complex loss", "complex gradient", "nan loss", "nan loss of one player", "nan gradient"],
)
def test_a_game_that_is_broken_at_the_start_is_named(game, words):
    with pytest.raises(ValueError, match=words):
        simulate(game, Descent(), numpy.ones((3, 2)), 3)


def test_max_norm_is_positive():
    with pytest.raises(ValueError, match="`max_norm` must be positive"):
        simulate(Rotation(), Descent(), [1.0, 2.0], 3, max_norm=0.0)


def test_a_rule_that_is_no_dataclass_keeps_its_batch():
    class Plain(UpdateRule):
        cost = Cost(gradients=1)

        def __init__(self, step_size):
            self.step_size = step_size

        def step(self, game, z, state):
            return z - per_point(self.step_size, z) * game.simultaneous_gradient(z), None

    z0 = numpy.full((40, 1), 1e-9)
    z0[:5] = 0.5
    rule = Plain(numpy.linspace(0.01, 0.02, 40))
    path = simulate(Cubic(), rule, z0, 200, tolerance=1e-6)
    alone = simulate(Cubic(), Descent(0.01), [0.5], 200)
    numpy.testing.assert_allclose(path.final[0], alone.final, rtol=1e-12)


def test_a_game_that_forgets_the_batch_is_named():
    class Forgetful(Rotation):
        def losses(self, z):
            return super().losses(z.reshape(-1, 2)[0])

    words = r"`game.losses` must return one loss per player, shape \(3, 2\) at points of shape \(3, 2\), got \(2,\)"
    with pytest.raises(ValueError, match=words):
        simulate(Forgetful(), Descent(), numpy.ones((3, 2)), 3)


def test_a_residual_at_the_tolerance_is_within():
    # |xi| = 2^-k on the bowl.
    bowl = Quadratic.from_jacobian([[1.0]], (1,))
    assert simulate(bowl, Descent(0.5), [1.0], 100, tolerance=2.0**-10).stop_step == 10
