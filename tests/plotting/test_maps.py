"""Basins and phase diagrams: every cell has the colour of what theory says."""

import numpy
import pytest

from gamedyn import plotting
from gamedyn.dynamics import basins, phase_diagram
from gamedyn.games import Bilinear, FunctionGame
from gamedyn.plotting import alt_text
from gamedyn.updates import AlternatingGradientDescent, HeavyBall, SimultaneousGradientDescent


@pytest.fixture(scope="module")
def wells():
    # (x^2 - 1)^2 / 4 has minima at -1 and 1; y^2 / 2 for the other player.
    return FunctionGame([lambda x, y: (x**2 - 1) ** 2 / 4, lambda x, y: y**2 / 2], (1, 1))


def test_each_start_has_the_colour_of_its_well(wells):
    found = basins(wells, SimultaneousGradientDescent(0.1), ((-1.9, 1.9), (-1, 1)), (20, 6))
    ax = plotting.plot_basins(found, labels=("x", "y"))
    (cells,) = [c for c in ax.collections if type(c).__name__ == "QuadMesh"]
    values = numpy.asarray(cells.get_array()).reshape(6, 20)
    assert (values[:, :10] == values[0, 0]).all()
    assert (values[:, 10:] == values[0, -1]).all()
    assert values[0, 0] != values[0, -1]
    assert "nash" in alt_text(ax)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["nash, 50.0%", "nash, 50.0%"]
    assert ax.get_xlim() == (-1.9, 1.9)


def test_random_starts_are_dots(wells):
    found = basins(wells, SimultaneousGradientDescent(0.1), ((-1.9, 1.9), (-1, 1)), samples=50, rng=0)
    ax = plotting.plot_basins(found)
    dots = [c for c in ax.collections if len(c.get_offsets()) == 50]
    assert len(dots) == 1
    numpy.testing.assert_array_equal(dots[0].get_offsets(), found.starts[:, :2])


def test_a_phase_diagram_has_its_boundary_where_the_radius_is_one():
    # Alternating heavy ball on x y is stable iff momentum < 0 and step size < 2 (1 + momentum).
    rule = HeavyBall(0.1, momentum=0.0, schedule="alternating")
    steps, momenta = numpy.linspace(0.1, 2.1, 11), numpy.linspace(-0.9, 0.3, 9)
    diagram = phase_diagram(Bilinear([[1.0]]), rule, ("step_size", steps), ("momentum", momenta), steps=300)
    ax = plotting.plot_phase_diagram(diagram)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step size", "momentum")
    (line,) = [line for line in ax.lines if line.get_label() == "radius 1, by theory"]
    x, y = line.get_data()
    assert numpy.minimum(abs(y), abs(x - 2 * (1 + y))).max() < 1e-6
    (cells,) = [c for c in ax.collections if type(c).__name__ == "QuadMesh"]
    logs = numpy.ma.filled(numpy.ma.asarray(cells.get_array()), numpy.nan).reshape(9, 11)
    s, m = numpy.meshgrid(steps, momenta)
    stable = (m < -0.05) & (s < 2 * (1 + m) - 0.1)
    unstable = (m > 0.05) | (s > 2 * (1 + m) + 0.1)
    assert (logs[stable] < 0).all()
    assert (logs[unstable] > 0).all()
    assert "Phase diagram: step_size in [0.1, 2.1]" in alt_text(ax)


def test_predicted_radii_are_drawn_where_nothing_was_played():
    values = numpy.array([0.5, 1.0, 1.5])
    rule = AlternatingGradientDescent(0.1)
    diagram = phase_diagram(
        lambda s: Bilinear([[float(s)]]), rule, ("step_size", values), ("s", values), measure="radius"
    )
    ax = plotting.plot_phase_diagram(diagram, labels=("h", "s"))
    assert ax.get_xlabel() == "h"
    (cells,) = [c for c in ax.collections if type(c).__name__ == "QuadMesh"]
    numpy.testing.assert_allclose(cells.get_array().reshape(3, 3), numpy.log(diagram.radius), atol=1e-15)


def test_kinds_of_limit_sets_have_colours_and_names():
    # In turn, x y goes round in circles, of period 6 at h = 1; h > 2 diverges. Negative momentum below a line attracts.
    diagram = phase_diagram(
        Bilinear([[1.0]]),
        HeavyBall(schedule="alternating"),
        ("momentum", [-0.3, 0.0]),
        ("step_size", [0.3, 1.0, 2.5]),
        measure="limit set",
    )
    ax = plotting.plot_phase_diagram(diagram)
    (cells,) = [c for c in ax.collections if type(c).__name__ == "QuadMesh"]
    colours = cells.cmap(cells.norm(numpy.asarray(cells.get_array()).reshape(3, 2)))
    names = {text.get_text(): k for k, text in enumerate(ax.get_legend().get_texts())}
    assert list(names) == ["point", "cycle", "torus", "divergence", "radius 1, by theory"]
    words = [["point", "torus"], ["point", "cycle"], ["divergence", "divergence"]]
    handles = ax.get_legend().legend_handles
    for row, shown in zip(words, colours, strict=True):
        for word, colour in zip(row, shown, strict=True):
            numpy.testing.assert_allclose(handles[names[word]].get_facecolor()[0], colour)
