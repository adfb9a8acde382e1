"""Averaged: what the mean of the points reaches where the points themselves do not arrive."""

import numpy
import pytest

from gamedyn.dynamics import Status, simulate
from gamedyn.games import Bilinear
from gamedyn.updates import AlternatingGradientDescent, Averaged, OptimisticGradient, SimultaneousGradientDescent

START = numpy.array([1.0, 0.0])


def test_the_mean_of_descent_comes_close_where_its_points_go_away():
    # Summing z_{k+1} = z_k - h J z_k over k < T gives J sum z_k = (z_0 - z_T) / h, and |z_T| = (1 + h^2)^(T/2) |z_0| on
    # x y; with h = T^(-1/2) that is about sqrt(e), so that the mean over T points is within (1 + sqrt(e)) / sqrt(T).
    for steps in (100, 400, 1600):
        h = steps**-0.5
        last = simulate(Bilinear([[1.0]]), SimultaneousGradientDescent(h), START, steps - 1).final
        mean = simulate(Bilinear([[1.0]]), Averaged(SimultaneousGradientDescent(h)), START, steps - 1).final
        assert numpy.linalg.norm(last) == pytest.approx((1 + h * h) ** ((steps - 1) / 2), rel=1e-12, abs=0.0)
        assert numpy.linalg.norm(last) > 1.6
        end = (1 - 1j * h) ** steps
        exact = abs(1 - end) / (h * steps)
        assert numpy.linalg.norm(mean) == pytest.approx(exact, rel=1e-10, abs=0.0)
        assert exact <= (1 + numpy.exp(0.5)) / steps**0.5


def test_the_mean_of_bounded_points_comes_close_as_one_over_their_number():
    # Alternating descent stays on an ellipse and never arrives. With x' = x - h y, y' = y + h x' the sums telescope:
    # h sum y_k = x_0 - x_T and h sum x_k = y_{T-1} - y_{-1}, where y_{-1} = y_0 - h x_0.
    h, scaled = 0.3, []
    for steps in (200, 800, 3200):
        path = simulate(Bilinear([[1.0]]), AlternatingGradientDescent(h), START, steps).points
        mean = simulate(Bilinear([[1.0]]), Averaged(AlternatingGradientDescent(h)), START, steps - 1).final
        start = START[1] - h * START[0]
        exact = numpy.array([path[steps - 1, 1] - start, START[0] - path[steps, 0]]) / (h * steps)
        numpy.testing.assert_allclose(mean, exact, rtol=0, atol=1e-13)
        assert numpy.linalg.norm(path[-1]) > 0.7
        scaled.append(numpy.linalg.norm(mean) * steps)
    # Points stay within radius 1.2, so that the sums stay within 2 * 1.2 * sqrt(2) / h.
    assert max(scaled) < 2 * 1.2 * 2**0.5 / h


def test_the_exponential_average_weighs_the_past_geometrically(rng):
    b, rule = 0.7, OptimisticGradient(0.2)
    points = simulate(Bilinear([[1.0]]), rule, START, 6).points
    weights = numpy.array([b**6, *((1 - b) * b ** numpy.arange(5, -1, -1))])
    average = simulate(Bilinear([[1.0]]), Averaged(rule, kind="ema", decay=b), START, 6)
    numpy.testing.assert_allclose(average.final, weights @ points, rtol=1e-14)
    numpy.testing.assert_allclose(average.final_state.point, points[-1], rtol=1e-15)
    assert average.final_state.steps == 6
    # Its multipliers are the rule's and b itself.
    numpy.testing.assert_allclose(
        Averaged(rule, kind="ema", decay=b).symbol(1j), [b, *rule.symbol(1j)], rtol=1e-15, atol=0
    )


def test_each_trajectory_has_a_counter_of_its_own():
    # The first one diverges: its average, state and counter stand still, and the others go on.
    h = numpy.array([1e200, 0.1, 0.2])
    rule = Averaged(SimultaneousGradientDescent(h))
    path = simulate(Bilinear([[1.0]]), rule, numpy.tile(START, (3, 1)), 9)
    assert path.status.tolist() == [Status.DIVERGED, Status.MAX_STEPS, Status.MAX_STEPS]
    assert path.final_state.steps.tolist() == [1, 9, 9]
    assert numpy.all(numpy.isfinite(path.final_state.point))


def test_what_an_average_has_not_is_said():
    mean = Averaged(SimultaneousGradientDescent(0.1))
    assert not mean.is_linear
    with pytest.raises(
        NotImplementedError, match="Averaged has no matrix: it is not linear, or not the same at every step"
    ):
        mean.iteration_matrix(numpy.eye(2), (1, 1))
    with pytest.raises(NotImplementedError, match="Averaged has no symbol"):
        mean.symbol(1.0)
    with pytest.raises(NotImplementedError, match="Averaged has no matrix"):
        Averaged(mean, kind="ema").iteration_matrix(numpy.eye(2), (1, 1))
    with pytest.raises(NotImplementedError, match="Averaged has no flow"):
        mean.flow(Bilinear([[1.0]]), START)
    with pytest.raises(ValueError, match=r"`kind` must be one of 'uniform', 'ema', got 'mean'"):
        Averaged(SimultaneousGradientDescent(0.1), kind="mean")
    with pytest.raises(ValueError, match=r"`decay` must lie in \[0, 1\), got 1"):
        Averaged(SimultaneousGradientDescent(0.1), kind="ema", decay=1)
