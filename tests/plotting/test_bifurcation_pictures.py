"""Bifurcation diagrams and cobwebs: what is drawn is what was computed."""

import numpy
import pytest

from gamedyn import plotting
from gamedyn.dynamics import (
    bifurcation_diagram,
    cobweb,
    continue_cycles,
    continue_fixed_points,
    find_bifurcations,
    rule_family,
)
from gamedyn.games import Bilinear
from gamedyn.plotting import alt_text
from gamedyn.updates import SimultaneousGradientDescent
from tests.dynamics.branch_games import Line

# x - h (x^3 - x): rest at 1 for h < 1, a cycle of period 2 beyond, divergence for large h.
WELL = Line(lambda x: (x**2 - 1) ** 2 / 4, lambda x: x**3 - x)
DESCENT = SimultaneousGradientDescent(0.1)


@pytest.fixture(scope="module")
def drawn():
    family = rule_family(DESCENT, WELL)
    branch = continue_fixed_points(family, [1.0], (0.5, 1.2), step=0.1)
    found = find_bifurcations(family, branch)
    cycles = continue_cycles(family, found[0], (0.5, 1.2), step=0.1)
    diagram = bifurcation_diagram(WELL, DESCENT, "step_size", numpy.linspace(0.5, 1.2, 15), [1.2], transient=200)
    return (
        branch,
        cycles,
        found,
        plotting.plot_bifurcation_diagram(diagram, branch=[branch, cycles], bifurcations=found),
    )


def test_dots_are_the_points_and_lines_the_branches(drawn):
    branch, cycles, _, ax = drawn
    (dots,) = [c for c in ax.collections if c.get_label() == "attractor"]
    h, z = numpy.asarray(dots.get_offsets()).T
    assert len(h) == 15 * 64
    numpy.testing.assert_allclose(z[h < 0.99], 1.0)
    # On the cycle: F(F(z)) = z.
    ahead = lambda h, z: z - h * (z**3 - z)  # noqa: E731
    numpy.testing.assert_allclose(ahead(h, ahead(h, z))[h > 1.04], z[h > 1.04], atol=1e-6)
    solid = [line for line in ax.lines if line.get_linestyle() == "-"]
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert (len(solid), len(dashed)) == (3, 1)
    assert dashed[0].get_xdata().min() >= 1
    assert solid[0].get_xdata()[-1] == dashed[0].get_xdata()[0]
    assert len(solid[0].get_xdata()) + len(dashed[0].get_xdata()) == len(branch.parameters) + 1
    for one, other in (solid[1:], solid[:0:-1]):
        numpy.testing.assert_array_equal(one.get_xdata(), cycles.parameters)
        numpy.testing.assert_allclose(ahead(one.get_xdata(), one.get_ydata()), other.get_ydata(), atol=1e-10)


def test_bifurcations_have_a_marker_and_a_word_for_their_kind(drawn):
    _, _, found, ax = drawn
    (mark,) = [c for c in ax.collections if c.get_label() == "flip"]
    numpy.testing.assert_allclose(mark.get_offsets(), [[found[0].parameter, 1.0]])
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["attractor", "stable", "unstable", "flip"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step size", "z")
    assert "flip at 1." in alt_text(ax)
    assert "rest for" in alt_text(ax)


def test_divergence_leaves_a_gap():
    diagram = bifurcation_diagram(WELL, DESCENT, "step_size", [0.5, 3.0], [1.3], transient=200, keep=8)
    ax = plotting.plot_bifurcation_diagram(diagram)
    (dots,) = ax.collections
    assert set(numpy.asarray(dots.get_offsets())[:, 0]) == {0.5}
    assert "divergence for 1" in alt_text(ax)


def test_a_branch_alone_and_another_coordinate():
    family = rule_family(DESCENT, Bilinear([[1.0]]))
    branch = continue_fixed_points(family, [0.0, 0.0], (0.5, 1.2), step=0.2)
    ax = plotting.plot_bifurcation_diagram(branch=branch, coordinate=1, label="h")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("h", "coordinate 1")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["unstable"]
    with pytest.raises(ValueError, match=r"`coordinate` must be below 2, the coordinates of z, got 2"):
        plotting.plot_bifurcation_diagram(branch=branch, coordinate=2)
    with pytest.raises(ValueError, match=r"`diagram` must be given where no `branch` is"):
        plotting.plot_bifurcation_diagram()


def test_a_cobweb_is_its_staircase():
    stairs = cobweb(WELL, SimultaneousGradientDescent(1.1), [0.3], 20)
    ax = plotting.plot_cobweb(stairs)
    lines = {line.get_label(): line.get_data() for line in ax.lines}
    assert list(lines) == ["no move", "step", "iterates"]
    numpy.testing.assert_array_equal(lines["no move"][0], lines["no move"][1])
    numpy.testing.assert_allclose(lines["step"][1], stairs.grid - 1.1 * (stairs.grid**3 - stairs.grid), atol=1e-14)
    numpy.testing.assert_array_equal(lines["iterates"], [stairs.x, stairs.y])
    assert "20 steps from 0.3 to" in alt_text(ax)
