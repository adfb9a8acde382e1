"""Bifurcation diagrams of maps whose attractors are known."""

import numpy
import pytest
import sympy

from gamedyn.dynamics import bifurcation_diagram
from gamedyn.games import Bilinear, SymbolicGame
from gamedyn.updates import HeavyBall, SimultaneousGradientDescent
from tests.dynamics.branch_games import Line

DESCENT = SimultaneousGradientDescent(0.1)
# x - h (x^3 - x): rest at 1 for h < 1; at h = 2 it is 3 x - 2 x^3, which triples the angle in x = sqrt(2) cos t: chaos.
WELL = Line(lambda x: (x**2 - 1) ** 2 / 4, lambda x: x**3 - x)


def test_rest_cycles_chaos_and_divergence():
    found = bifurcation_diagram(WELL, DESCENT, "step_size", [0.5, 1.1, 2.0, 2.5], [1.3], transient=500, keep=50)
    assert found.periods.tolist() == [1, 2, 0, -1]
    assert found.points.shape == (4, 50, 1)
    numpy.testing.assert_allclose(found.points[0], 1.0, atol=1e-14)
    u, v = found.points[1, 0, 0], found.points[1, 1, 0]
    assert abs(u - v) > 0.1
    assert abs(v - (u - 1.1 * (u**3 - u))) < 1e-12
    assert abs(u - (v - 1.1 * (v**3 - v))) < 1e-6
    assert abs(found.points[2]).max() <= 2**0.5
    assert numpy.isnan(found.points[3]).all()
    assert (
        str(found)
        == "step_size from 0.5 to 2.5, 4 values: divergence for 1, no period for 1, rest for 1, period 2 for 1"
    )


def test_swept_values_start_where_the_one_before_ended():
    # Two wells: from 1.3 at first, the second value goes on from rest at 1; a batch starts at 1.3 again.
    batch = bifurcation_diagram(WELL, DESCENT, "step_size", [0.1, 0.2], [1.3], transient=0, keep=2)
    swept = bifurcation_diagram(WELL, DESCENT, "step_size", [0.1, 0.2], [1.3], transient=0, keep=2, sweep="follow")
    assert batch.points[1, 0, 0] == 1.3
    assert swept.points[1, 0, 0] == swept.points[0, 1, 0]


def test_other_parameters_and_several_coordinates():
    found = bifurcation_diagram(
        Bilinear([[1.0]]), HeavyBall(0.8, schedule="alternating"), "momentum", [-0.5, -0.3], [1.0, 1.0]
    )
    assert found.periods.tolist() == [1, 1]
    assert found.points.shape == (2, 64, 2)


@pytest.mark.parametrize("sweep", ["none", "follow"])
def test_memories_are_kept_after_the_transient(sweep):
    found = bifurcation_diagram(
        WELL, HeavyBall(0.1, momentum=0.8), "step_size", [0.1], [1.3], transient=3, keep=4, sweep=sweep
    )
    z, before = 1.3, 1.3
    path = []
    for _ in range(7):
        path.append(z)
        z, before = z - 0.1 * (z**3 - z) + 0.8 * (z - before), z
    numpy.testing.assert_allclose(found.points[0, :, 0], path[3:], rtol=1e-12)


def test_values_and_starts_from_any_array_library(library):
    found = bifurcation_diagram(
        WELL, DESCENT, "step_size", library.asarray([0.5, 1.1]), library.asarray([1.3]), transient=200
    )
    assert found.periods.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"parameter": "speed"},
            "`parameter` must be one of .* of SimultaneousGradientDescent, got 'speed'",
        ),
        ({"values": []}, r"`values` must be finite numbers of shape \(n,\), got shape \(0,\)"),
        ({"values": [[0.1]]}, r"`values` must be finite numbers of shape \(n,\)"),
        ({"values": [numpy.nan]}, "`values` must be finite"),
        ({"z0": [1.0, 2.0]}, r"`z0` must have shape \(1,\), got \(2,\)"),
        ({"keep": 1}, "keep"),
        ({"transient": -1}, "transient"),
        ({"sweep": "back"}, "sweep"),
    ],
)
def test_what_is_refused(change, message):
    given = {"parameter": "step_size", "values": [0.5], "z0": [1.0], **change}
    with pytest.raises(ValueError, match=message):
        bifurcation_diagram(WELL, DESCENT, given.pop("parameter"), given.pop("values"), given.pop("z0"), **given)


def test_values_that_diverge_do_not_stop_the_others():
    # x^4 / 4 - x^2 / 2: cubes of a point on its way to infinity overflow, and losses are inf - inf there.
    x = sympy.Symbol("x")
    game = SymbolicGame([x**4 / 4 - x**2 / 2], [x])
    found = bifurcation_diagram(game, SimultaneousGradientDescent(0.1), "step_size", [0.5, 10.0], [0.3])
    assert found.periods.tolist() == [1, -1]
    numpy.testing.assert_allclose(found.points[0], 1.0, rtol=1e-9)
    assert numpy.isnan(found.points[1]).all()
