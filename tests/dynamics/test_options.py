"""What simulate is given beside its game, rule and start: functions, states to go on from, sizes of every kind."""

from dataclasses import dataclass
from typing import Any

import numpy
import pytest

from gamedyn.dynamics import DistanceTo, Status, simulate
from gamedyn.games import Bilinear
from gamedyn.updates import Cost, Extragradient, HeavyBall, Lookahead, OptimisticGradient, UpdateRule, per_point
from tests.dynamics.test_simulate import Cubic

ROTATION = Bilinear([[1.0]])
MOMENTUM = HeavyBall(0.1, momentum=0.3).init(ROTATION, numpy.zeros(2))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"observe": [DistanceTo()]}, TypeError, "`observe` must be a mapping of names to functions, got "),
        ({"observe": {"a": 3}}, TypeError, r"`observe\['a'\]` must be a function \(game, z\), got 3"),
        ({"callback": 3}, TypeError, r"`callback` must be a function \(step, z, state\), got 3"),
        ({"progress": "bar"}, TypeError, r"`progress` must be a bool or a function \(step, steps\), got 'bar'"),
        (
            {"state": MOMENTUM},
            ValueError,
            r"`state` must be the final_state of OptimisticGradient for points of shape \(2,\), which is "
            r"\(previous_gradient: \(2,\)\), got \(previous_point: \(2,\)\)",
        ),
        (
            {"state": OptimisticGradient().init(ROTATION, numpy.zeros((3, 2)))},
            ValueError,
            r"got \(previous_gradient: \(3, 2\)\)",
        ),
        ({"state": 3}, ValueError, "got 3"),
        ({"rule": Extragradient(), "state": MOMENTUM}, ValueError, r"which is None, got \(previous_point"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, dict) else None,
)
@pytest.mark.parametrize("steps", [3, 3000])
def test_bad_options_are_named_before_a_step(options, error, words, steps):
    arguments = {"game": ROTATION, "rule": OptimisticGradient(0.1), "z0": [1.0, 2.0], "steps": steps} | options
    with pytest.raises(error, match=words):
        simulate(**arguments)


@pytest.mark.parametrize("engine", ["auto", "step"])
@pytest.mark.parametrize("steps", [3, 3000])
def test_no_trajectories_are_no_accident(engine, steps):
    path = simulate(ROTATION, Extragradient(0.1), numpy.zeros((2, 0, 2)), steps, engine=engine, tolerance=None)
    assert path.points.shape == (steps + 1, 2, 0, 2)
    assert path.status.shape == path.stop_step.shape == (2, 0)


def test_integers_of_numpy_are_integers():
    path = simulate(ROTATION, Extragradient(0.1), [1.0, 2.0], numpy.int64(3000), record_every=numpy.int32(7))
    whole = simulate(ROTATION, Extragradient(0.1), [1.0, 2.0], 3000, record_every=7)
    numpy.testing.assert_array_equal(path.points, whole.points)
    numpy.testing.assert_array_equal(path.times, whole.times)


class Plain(UpdateRule):
    """A user's descent that is no dataclass."""

    cost = Cost(gradients=1)

    def __init__(self, step_size):
        self.step_size = step_size

    def step(self, game, z, state):
        return z - per_point(self.step_size, z) * game.simultaneous_gradient(z), None


def test_a_rule_that_is_no_dataclass_can_be_wrapped(rng):
    # The inner step sizes belong to the whole batch, so that it is never cut.
    z0 = numpy.full((40, 1), 1e-9)
    z0[:5] = 0.5
    steps = rng.uniform(0.01, 0.02, 40)
    path = simulate(Cubic(), Lookahead(Plain(steps), k=2), z0, 200, tolerance=1e-6)
    assert path.stop_step[5:].tolist() == [0] * 35
    for i in range(5):
        alone = simulate(Cubic(), Lookahead(Plain(float(steps[i])), k=2), [0.5], 200)
        numpy.testing.assert_allclose(path.final[i], alone.final, rtol=1e-12)


@dataclass(frozen=True, eq=False)
class Explode(UpdateRule):
    """Moves to NaN, or to infinity, at a step given for each trajectory."""

    at: Any
    value: float = numpy.inf
    cost = Cost()

    def init(self, game, z):
        return numpy.zeros(z.shape[:-1], dtype=int)

    def step(self, game, z, state):
        return numpy.where((state + 1 == self.at)[..., None], self.value, z + 1.0), state + 1


@pytest.mark.parametrize("value", [numpy.inf, -numpy.inf, numpy.nan])
def test_divergence_is_dated_exactly(value):
    # Across the reading of statuses at step 64, and across those that are left out there.
    at = numpy.array([*range(1, 40), 63, 64, 65, 66, 127, 128, 129, 200, 10**6])
    path = simulate(ROTATION, Explode(at, value), numpy.zeros((len(at), 2)), 200)
    last = numpy.minimum(at, 200)
    assert path.stop_step.tolist() == last.tolist()
    assert path.status.tolist() == [Status.DIVERGED] * (len(at) - 1) + [Status.MAX_STEPS]
    good = numpy.where(at <= 200, at - 1, 200)
    numpy.testing.assert_array_equal(path.final, numpy.stack([good, good], axis=-1))
    numpy.testing.assert_array_equal(path.final_state, good)
    numpy.testing.assert_array_equal(path.points[:, :, 0], numpy.minimum(numpy.arange(201)[:, None], good))
