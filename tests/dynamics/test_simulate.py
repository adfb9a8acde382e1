from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy
import pytest

from gamedyn.backend import array_namespace, device_of, like, real_dtype
from gamedyn.dynamics import Status, simulate
from gamedyn.games import Game, StochasticGame
from gamedyn.updates import Cost, UpdateRule, per_point


class Rotation(Game):
    """min_x max_y x y: xi = (y, -x)."""

    dims = (1, 1)

    def losses(self, z):
        xp = array_namespace(z)
        value = z[..., 0] * z[..., 1]
        return xp.stack([value, -value], axis=-1)


class Cubic(Game):
    """One player on x^2 / 2 - x^4 / 4: descent contracts inside |x| < 1 and blows up outside."""

    dims = (1,)

    def losses(self, z):
        return z**2 / 2 - z**4 / 4

    def simultaneous_gradient(self, z):
        return z - z**3


@dataclass(frozen=True, eq=False)
class Descent(UpdateRule):
    step_size: Any = 0.5
    cost = Cost(gradients=1)

    def step(self, game, z, state):
        return z - per_point(self.step_size, z) * game.simultaneous_gradient(z), None


class Memory(NamedTuple):
    velocity: Any
    count: Any


class Nested(NamedTuple):
    inner: Memory
    nothing: Any


@dataclass(frozen=True, eq=False)
class HeavyBall(UpdateRule):
    """Momentum with a step counter, in a nested state, so that freezing has every kind of leaf to meet."""

    step_size: Any = 0.1
    momentum: Any = 0.5
    cost = Cost(gradients=1.5)

    def init(self, game, z):
        xp = array_namespace(z)
        return Nested(Memory(xp.zeros_like(z), xp.zeros(z.shape[:-1], dtype=xp.int64, device=device_of(z))), None)

    def step(self, game, z, state):
        velocity = per_point(self.momentum, z) * state.inner.velocity
        velocity = velocity - per_point(self.step_size, z) * game.simultaneous_gradient(z)
        return z + velocity, Nested(Memory(velocity, state.inner.count + 1), None)


class Noisy(StochasticGame):
    """The bowl (x - a)^2 / 2 with a drawn per step; `full` has a = 0."""

    dims = (1,)

    def __init__(self):
        self.draws = 0

    def draw(self, rng):
        self.draws += 1
        return Shifted(rng.standard_normal())

    def full(self):
        return Shifted(0.0)


class Shifted(Game):
    dims = (1,)

    def __init__(self, centre):
        self.centre = centre

    def losses(self, z):
        return (z - like(self.centre, z)) ** 2 / 2


def test_bilinear_descent_grows_by_the_known_factor_every_step():
    # |z - h (y, -x)|^2 = (1 + h^2) |z|^2.
    path = simulate(Rotation(), Descent(0.3), numpy.array([1.0, 2.0]), 50)
    assert path.points.shape == (51, 2)
    numpy.testing.assert_allclose(path.distance_to(0.0), 5**0.5 * 1.09 ** (numpy.arange(51) / 2), rtol=1e-13)
    assert path.status == Status.MAX_STEPS
    assert path.stop_step == 50
    numpy.testing.assert_array_equal(path.final, path.points[-1])


def test_stays_in_library_device_and_precision(game_library):
    for dtype in ("float32", "float64"):
        z0 = game_library.asarray([[0.5], [3.0]], dtype=dtype)
        path = simulate(Cubic(), Descent(game_library.asarray([0.5, 0.5], dtype=dtype)), z0, 70)
        assert game_library.owns(path.points, dtype)
        assert game_library.owns(path.final, dtype)
        assert path.status.tolist() == [Status.MAX_STEPS, Status.DIVERGED]
        assert isinstance(path.status, numpy.ndarray)
        assert numpy.all(numpy.isfinite(game_library.host(path.points)))


def test_a_batch_with_its_own_step_sizes_equals_one_by_one(rng):
    z0 = 1.2 * rng.standard_normal((5, 1))
    z0[3] = 4.0  # blows up
    steps = numpy.array([0.01, 0.5, 0.9, 0.3, 1.9])
    momenta = numpy.array([0.0, 0.3, -0.2, 0.1, 0.4])
    options = {"tolerance": 1e-6, "observe": {"loss": lambda game, z: game.losses(z)[..., 0]}}
    together = simulate(Cubic(), HeavyBall(steps, momenta), z0, 150, **options)
    for i in range(5):
        alone = simulate(Cubic(), HeavyBall(steps[i], momenta[i]), z0[i], 150, **options)
        numpy.testing.assert_allclose(together.points[:, i], alone.points, rtol=1e-12, atol=0)
        numpy.testing.assert_allclose(together.observed["loss"][:, i], alone.observed["loss"], rtol=1e-12, atol=0)
        assert together.status[i] == alone.status
        assert together.stop_step[i] == alone.stop_step
        for ours, theirs in zip(together.final_state.inner, alone.final_state.inner, strict=True):
            numpy.testing.assert_allclose(ours[i], theirs, rtol=1e-12, atol=0)
    assert set(together.status.tolist()) == {Status.CONVERGED, Status.DIVERGED, Status.MAX_STEPS}


def test_a_finished_trajectory_is_frozen_in_point_and_state():
    # From 4 the first steps are 4 -> 34 -> ~2e4 -> ...; from 1/2 it goes on for all 40 steps.
    path = simulate(Cubic(), HeavyBall(0.5, 0.0), numpy.array([[4.0], [0.5]]), 40)
    stop = int(path.stop_step[0])
    assert path.status.tolist() == [Status.DIVERGED, Status.MAX_STEPS]
    assert 2 < stop < 12
    assert numpy.all(path.points[stop:, 0] == path.points[stop - 1, 0])
    # The counter in the state stopped with the point: stop - 1 finite steps were made.
    assert path.final_state.inner.count.tolist() == [stop - 1, 40]
    assert path.final_state.nothing is None
    # One step by hand from the last finite point overflows.
    with numpy.errstate(over="ignore", invalid="ignore"):
        z = path.final[0]
        assert not numpy.all(numpy.isfinite(z - 0.5 * (z - z**3)))


def test_stops_at_the_first_point_within_tolerance():
    # Descent on the bowl from 1 with step 1/2: |xi| = 2^-k first falls below 1e-3 at k = 10.
    path = simulate(Noisy(), Descent(0.5), [[0.0], [1e-9]], 3, tolerance=1e-3, rng=0)
    assert path.status.tolist() == [Status.CONVERGED] * 2
    assert path.stop_step.tolist() == [0, 0]
    bowl = simulate(Shifted(0.0), Descent(0.5), [1.0], 100, tolerance=1e-3)
    assert bowl.status == Status.CONVERGED
    assert bowl.stop_step == 10
    assert bowl.final == 2.0**-10
    assert bowl.points.shape == (101, 1)


def test_records_do_not_change_the_run():
    every = simulate(Rotation(), HeavyBall(), [1.0, 0.0], 20)
    some = simulate(Rotation(), HeavyBall(), [1.0, 0.0], 20, record_every=7)
    assert some.times.tolist() == [0, 7, 14, 20]
    numpy.testing.assert_array_equal(some.points, every.points[[0, 7, 14, 20]])
    assert some.gradient_calls.tolist() == [0.0, 10.5, 21.0, 30.0]


def test_early_end_fills_in_the_records():
    path = simulate(Shifted(0.0), Descent(1.0), [1.0], 1000, record_every=300, tolerance=1e-3)
    assert path.times.tolist() == [0, 300, 600, 900, 1000]
    assert path.points[:, 0].tolist() == [1, 0, 0, 0, 0]


def test_nothing_is_computed_once_all_have_ended():
    game, ticks = Noisy(), []
    options = {"rng": 0, "progress": lambda step, steps: ticks.append(step)}
    path = simulate(game, Descent(0.5), [0.0], 10_000, tolerance=1.0, **options)
    assert path.status == Status.CONVERGED
    assert ticks == [64]
    assert game.draws == 64


def test_one_coordinate_that_blows_up_ends_the_trajectory():
    class Apart(Cubic):
        """Each coordinate on its own cubic."""

        dims = (2,)

        def losses(self, z):
            value = z**2 / 2 - z**4 / 4
            return value[..., :1] + value[..., 1:]

    path = simulate(Apart(), Descent(0.5), [[4.0, 0.5], [0.5, 0.5]], 40)
    assert path.status.tolist() == [Status.DIVERGED, Status.MAX_STEPS]
    assert path.final[0, 1] > path.final[1, 1] > 0


def test_continues_from_a_final_state():
    whole = simulate(Rotation(), HeavyBall(), [1.0, 0.5], 30)
    first = simulate(Rotation(), HeavyBall(), [1.0, 0.5], 11)
    second = simulate(Rotation(), HeavyBall(), first.final, 19, state=first.final_state)
    numpy.testing.assert_array_equal(second.points, whole.points[11:])
    assert second.final_state.inner.count == 30


def test_a_stochastic_game_is_drawn_once_per_step_for_the_whole_batch():
    game = Noisy()
    path = simulate(game, Descent(0.5), numpy.array([[0.0], [8.0]]), 10, rng=7)
    assert game.draws == 10
    # The same draw moves both: their difference halves exactly as without noise.
    numpy.testing.assert_allclose(path.points[:, 1, 0] - path.points[:, 0, 0], 8 * 0.5 ** numpy.arange(11), rtol=1e-12)
    # z <- (z + a) / 2 with a from the seeded stream.
    z, stream = 0.0, numpy.random.default_rng(7)
    for k in range(10):
        z = (z + stream.standard_normal()) / 2
        assert path.points[k + 1, 0, 0] == pytest.approx(z, rel=1e-14)


def test_no_steps_give_the_start():
    path = simulate(Rotation(), HeavyBall(), [[1.0, 0.5]], 0)
    assert path.points.tolist() == [[[1.0, 0.5]]]
    assert path.status.tolist() == [Status.MAX_STEPS]
    assert path.final_state.inner.count.tolist() == [0]


def test_python_numbers_become_float64_and_the_start_is_copied():
    z0 = numpy.array([1.0, 0.0])
    path = simulate(Rotation(), Descent(), z0, 0)
    z0[0] = 5.0
    assert path.final[0] == 1.0
    assert real_dtype(simulate(Rotation(), Descent(), [1, 0], 1).points) == numpy.float64


def test_callback_and_progress_see_the_run():
    seen, ticks = [], []
    simulate(
        Rotation(),
        HeavyBall(),
        [1.0, 0.0],
        130,
        record_every=50,
        callback=lambda step, z, state: seen.append((step, int(state.inner.count))),
        progress=lambda step, steps: ticks.append((step, steps)),
    )
    assert seen == [(50, 50), (100, 100), (130, 130)]
    assert ticks == [(64, 130), (128, 130), (130, 130)]


class Ragged(Rotation):
    def losses(self, z):
        return z[..., 0]


class Folded(Rotation):
    def simultaneous_gradient(self, z):
        return z[..., :1]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"steps": -1}, ValueError, "`steps` must be at least 0, got -1"),
        ({"steps": 2.5}, TypeError, "`steps` must be an integer"),
        ({"record_every": 0}, ValueError, "`record_every`"),
        ({"tolerance": -1.0}, ValueError, "`tolerance` must be positive"),
        ({"z0": [1.0, 2.0, 3.0]}, ValueError, r"shape \(..., 2\) for players of sizes \(1, 1\), got \(3,\)"),
        ({"z0": 1.0}, ValueError, r"got \(\)"),
        ({"z0": [1.0, float("nan")]}, ValueError, "`z0` must be finite"),
        ({"z0": [1.0, 1j]}, TypeError, "`z0` must be real"),
        ({"z0": [[1.0, 2.0], [3.0]]}, ValueError, "rectangular"),
        ({"game": Rotation}, TypeError, "got the class Rotation. Call it"),
        ({"rule": Descent}, TypeError, "got the class Descent. Call it"),
        ({"rule": "gda"}, TypeError, "`rule` must be an UpdateRule, got str"),
        ({"game": Ragged()}, ValueError, r"one loss per player, shape \(2,\) at points of shape \(2,\), got \(\)"),
        ({"game": Folded()}, ValueError, r"must return the shape \(2,\)"),
        ({"rule": Descent(numpy.ones(3))}, ValueError, r"`step_size` must be a number or have the batch shape \(\)"),
    ],
)
def test_bad_arguments_are_named(changes, error, words):
    arguments = {"game": Rotation(), "rule": Descent(), "z0": [1.0, 2.0], "steps": 3} | changes
    with pytest.raises(error, match=words):
        simulate(**arguments)


def test_a_rule_that_changes_the_shape_is_named():
    class Doubling(UpdateRule):
        cost = Cost()

        def step(self, game, z, state):
            return array_namespace(z).stack([z, z]), None

    with pytest.raises(ValueError, match="`rule` must keep the shape"):
        simulate(Rotation(), Doubling(), [1.0, 2.0], 3)
