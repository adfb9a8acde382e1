import numpy
import pytest

from gamedyn.dynamics import Event, FlowStatus, flow, integrate_flow, modified_field, timescale_field
from gamedyn.games import Bilinear
from gamedyn.updates import SimultaneousGradientDescent
from tests.dynamics.test_simulate import Cubic, Rotation


def turned(z0, t):
    """x' = -y, y' = x."""
    x, y = z0
    return numpy.stack([x * numpy.cos(t) - y * numpy.sin(t), x * numpy.sin(t) + y * numpy.cos(t)], -1)


@pytest.mark.parametrize("method", ["DOP853", "RK45", "Radau", "LSODA", "BDF"])
def test_dense_output_is_the_rotation(method):
    solution = integrate_flow(Rotation(), [1.0, 0.5], (1.0, 5.0), method=method, tolerance=1e-9)
    t = numpy.linspace(1.0, 5.0, 37)
    accuracy = 1e-8 if method == "DOP853" else 1e-5
    numpy.testing.assert_allclose(solution(t), turned([1.0, 0.5], t - 1), atol=accuracy)
    numpy.testing.assert_allclose(solution(2.5), turned([1.0, 0.5], 1.5), atol=accuracy)
    assert solution.complete
    assert solution.status == FlowStatus.FINISHED
    assert solution.end == 5.0
    assert solution.times[[0, -1]].tolist() == [1.0, 5.0]
    numpy.testing.assert_allclose(solution.points, turned([1.0, 0.5], solution.times - 1), atol=accuracy)


def test_batches_of_every_library_backwards_too(game_library):
    z0 = numpy.array([[[1.0, 0.0]], [[0.3, -2.0]]])
    solution = integrate_flow(Rotation(), game_library.asarray(z0), (0.0, -2.0))
    assert game_library.owns(solution.points)
    values = solution([0.0, -0.7, -2.0])
    assert game_library.owns(values)
    assert values.shape == (3, 2, 1, 2)
    for i in range(2):
        expected = turned(z0[i, 0], numpy.array([0.0, -0.7, -2.0]))
        numpy.testing.assert_allclose(game_library.host(values)[:, i, 0], expected, atol=1e-9)
    assert solution.status.shape == (2, 1)


def test_the_way_back():
    there = integrate_flow(Cubic(), [0.5], (0.0, 2.0))(2.0)
    assert integrate_flow(Cubic(), there, (2.0, 0.0))(0.0)[0] == pytest.approx(0.5, rel=1e-8)


def test_blow_up_is_a_status_of_its_trajectory_alone():
    # x' = -x + x^3: from 2 infinite at log(4 / 3) / 2, from 1/2 x^2 = 1 / (1 + 3 exp(2t)), from 1 at rest.
    solution = integrate_flow(Cubic(), [[2.0], [0.5], [1.0]], (0.0, 1.0))
    assert solution.status.tolist() == [FlowStatus.BLOW_UP, FlowStatus.FINISHED, FlowStatus.FINISHED]
    assert not solution.complete
    assert solution.end[0] == pytest.approx(numpy.log(4 / 3) / 2, abs=1e-7)
    assert solution.end[1:].tolist() == [1.0, 1.0]
    numpy.testing.assert_allclose(solution([0.4, 1.0])[:, 1, 0], (1 + 3 * numpy.exp([0.8, 2.0])) ** -0.5, rtol=1e-8)
    # Times are of a trajectory that went all the way. The other one repeats its last point.
    assert solution.times[-1] == 1.0
    assert solution(1.0)[0, 0] == solution(float(solution.end[0]))[0, 0] > 1e6
    assert "blew up at t = 0.1438" in str(solution)
    assert "2 FINISHED, 1 BLOW_UP" in str(solution)
    numpy.testing.assert_array_equal(numpy.isfinite(solution.points), True)


def test_max_norm():
    # x^2 = 1 / (1 - 3/4 exp(2t)) from 2: it is 5 where exp(2t) = 32/25.
    solution = integrate_flow(Cubic(), [2.0], (0.0, 1.0), max_norm=5.0)
    assert solution.status == FlowStatus.BLOW_UP
    assert solution.end == pytest.approx(numpy.log(32 / 25) / 2, rel=1e-8)
    assert "max_norm = 5" in solution.reason
    # Exponential growth ends where numbers do.
    solution = integrate_flow(Cubic(), [1.0], (0.0, 2e3), field=lambda game, z: z, tolerance=1e-6)
    assert solution.status == FlowStatus.BLOW_UP
    assert 700 < solution.end < 710


def test_fields_that_are_not_smooth_fail_without_a_blow_up():
    # x' = -1 / x from 1 reaches 0, where its speed is infinite, at 1/2.
    solution = integrate_flow(Cubic(), [1.0], (0.0, 1.0), field=lambda game, z: -1 / z)
    assert solution.status == FlowStatus.FAILED
    assert solution.end == pytest.approx(0.5, abs=1e-6)
    assert "not smooth" in solution.reason
    # Nothing blows up where a field ends: sqrt(x) from 1 down to 0 and no further.
    with numpy.errstate(invalid="ignore"):
        solution = integrate_flow(Cubic(), [1.0], (0.0, 9.0), field=lambda game, z: -1 - numpy.sqrt(z))
    assert solution.status == FlowStatus.FAILED
    assert solution.end == pytest.approx(2 * (1 - numpy.log(2)), abs=1e-6)
    solution = integrate_flow(Cubic(), [1.0], (0.0, 1.0), field=lambda game, z: z * numpy.nan)
    assert solution.status == FlowStatus.FAILED
    assert solution(1.0).tolist() == [1.0]


def test_a_budget_leaves_a_part():
    solution = integrate_flow(Rotation(), [1.0, 0.0], (0.0, 100.0), max_steps=5)
    assert solution.status == FlowStatus.MAX_STEPS
    assert not solution.complete
    assert 0 < solution.end < 100
    numpy.testing.assert_allclose(solution(solution.end), turned([1.0, 0.0], solution.end), atol=1e-9)


def test_events_of_every_trajectory():
    # y = r sin(t + phase) is 0 upwards at t = -phase mod 2 pi.
    phases = numpy.array([-0.5, -2.0])
    z0 = numpy.stack([numpy.cos(phases), numpy.sin(phases)], -1)
    up = Event(lambda t, z: float(z[1]), direction=1)
    both = Event(lambda t, z: float(z[1]))
    late = Event(lambda t, z: t - 7.0, terminal=True)
    solution = integrate_flow(Rotation(), z0, (0.0, 20.0), events=[up, both, late])
    assert solution.status.tolist() == [FlowStatus.EVENT] * 2
    assert solution.complete
    numpy.testing.assert_allclose(solution.end, 7.0, rtol=1e-14)
    for i, phase in enumerate(phases):
        first = -phase
        numpy.testing.assert_allclose(solution.event_times[0][i], [t for t in (first, first + 2 * numpy.pi) if t < 7])
        numpy.testing.assert_allclose(
            solution.event_times[1][i], [t for t in first + numpy.pi * numpy.arange(3) if t < 7], rtol=1e-9
        )
        numpy.testing.assert_allclose(solution.event_points[0][i][0], [1.0, 0.0], atol=1e-9)
    numpy.testing.assert_allclose(solution.times[-1], 7.0, rtol=1e-14)
    down = integrate_flow(Rotation(), z0[0], (0.0, 7.0), events=[Event(up.function, direction=-1)])
    numpy.testing.assert_allclose(down.event_times[0], [0.5 + numpy.pi], rtol=1e-9)


def test_two_zeros_in_one_step_and_a_zero_at_the_start():
    # The trajectory stands still, so that steps are long; the event swings.
    rest = integrate_flow(
        Rotation(), [0.0, 0.0], (0.0, 1.0), events=[Event(lambda t, z: (t - 0.4) * (t - 0.6) * 10)], tolerance=1e-3
    )
    numpy.testing.assert_allclose(rest.event_times[0], [0.4, 0.6], rtol=1e-12)
    # Leaving a zero is no zero.
    start = integrate_flow(Rotation(), [1.0, 0.0], (0.0, 4.0), events=[Event(lambda t, z: float(z[1]))])
    numpy.testing.assert_allclose(start.event_times[0], [numpy.pi], rtol=1e-9)


def test_events_that_do_not_happen_and_those_of_others():
    never, soon = Event(lambda t, z: 1.0), Event(lambda t, z: t - 1.5, terminal=True)
    solution = integrate_flow(Rotation(), [1.0, 0.0], (0.0, 4.0), events=[never, soon], max_norm=9.0)
    assert solution.event_times[0].shape == (0,)
    assert solution.event_points[0].shape == (0, 2)
    # The event ended it, not the bound.
    assert solution.status == FlowStatus.EVENT
    assert solution.times[-1] == solution.end == pytest.approx(1.5, rel=1e-14)
    numpy.testing.assert_allclose(solution.points[-1], turned([1.0, 0.0], 1.5), atol=1e-9)


def test_fields_and_precision():
    game = Bilinear([[1.0]])
    for field in (timescale_field(2.0), modified_field(SimultaneousGradientDescent(0.1))):
        solution = integrate_flow(game, [1.0, 2.0], (0.0, 1.5), field=field)
        numpy.testing.assert_allclose(solution(1.5), flow(game, [1.0, 2.0], [0.0, 1.5], field=field)[-1], rtol=1e-9)
    single = integrate_flow(game, numpy.array([1.0, 2.0], dtype=numpy.float32), (0.0, 1.5))
    assert single.points.dtype == numpy.float32
    assert single.complete
    assert single.evaluations < 500
    numpy.testing.assert_allclose(single(1.5), turned([1.0, 2.0], 1.5), atol=1e-4)


def test_large_batches_keep_the_accuracy_of_each():
    z0 = numpy.zeros((400, 1))
    z0[0] = 0.9
    together = integrate_flow(Cubic(), z0, (0.0, 3.0), tolerance=1e-7)
    alone = integrate_flow(Cubic(), z0[0], (0.0, 3.0), tolerance=1e-7)
    # The others rest, so that its steps are those that it takes alone.
    numpy.testing.assert_allclose(together.times, alone.times, rtol=1e-6)
    assert together(3.0)[0, 0] == pytest.approx((1 + (0.9**-2 - 1) * numpy.exp(6)) ** -0.5, rel=2e-6)


def test_errors():
    z0 = [1.0, 0.0]
    with pytest.raises(ValueError, match="`span` must be two different finite times, got"):
        integrate_flow(Rotation(), z0, (1.0, 1.0))
    with pytest.raises(ValueError, match=r"`z0` must have shape \(..., 2\)"):
        integrate_flow(Rotation(), [1.0], (0.0, 1.0))
    with pytest.raises(ValueError, match="`z0` must hold a point"):
        integrate_flow(Rotation(), numpy.zeros((0, 2)), (0.0, 1.0))
    with pytest.raises(TypeError, match="`events` must hold Event"):
        integrate_flow(Rotation(), z0, (0.0, 1.0), events=[lambda t, z: t])
    with pytest.raises(ValueError, match="`direction` must be one of -1, 0, 1, got 2"):
        Event(lambda t, z: t, direction=2)
    with pytest.raises(TypeError, match="`function` must be a callable"):
        Event(3.0)
    with pytest.raises(ValueError, match="`max_norm` must exceed every coordinate"):
        integrate_flow(Rotation(), z0, (0.0, 1.0), max_norm=0.5)
    with pytest.raises(ValueError, match="Did you mean 'Radau'"):
        integrate_flow(Rotation(), z0, (0.0, 1.0), method="radau")
    with pytest.raises(ValueError, match=r"`field` must return the shape \(2,\)"):
        integrate_flow(Rotation(), z0, (0.0, 1.0), field=lambda game, z: z[:1])
    with pytest.raises(ValueError, match="its own complaint"):
        integrate_flow(Rotation(), z0, (0.0, 1.0), field=_complaining, method="Radau")
    with pytest.raises(ValueError, match=r"`t` must be times in \[0, 1\]"):
        integrate_flow(Rotation(), z0, (0.0, 1.0))(1.5)


def _complaining(game, z):
    if z[1] > 0.1:
        raise ValueError("its own complaint")
    return -game.simultaneous_gradient(z)
