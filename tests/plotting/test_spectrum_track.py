"""Panels of a spectrum track: each shows the eigenvalues of its point, all on one scale, with the imaginary axis."""

import numpy

from gamedyn import plotting
from gamedyn.experiments import spectrum_along
from gamedyn.games import Quadratic, TimescaleSeparated
from gamedyn.plotting import alt_text


def track_of(jacobian, count):
    game = Quadratic.from_jacobian(jacobian, (1, 1))
    return spectrum_along(game, numpy.linspace([1.0, 0.5], [0.0, 0.0], count), steps=range(0, 10 * count, 10))


def test_each_panel_shows_the_eigenvalues_of_its_point():
    # Eigenvalues -1 +- 2i everywhere.
    ax = plotting.plot_spectrum_track(track_of([[-1.0, 2.0], [-2.0, -1.0]], 3))
    panels = ax.child_axes
    assert len(panels) == 3
    for panel in panels:
        numpy.testing.assert_allclose(panel.collections[-1].get_offsets(), [[-1.0, -2.0], [-1.0, 2.0]])
        low, high = panel.get_xlim()
        # The imaginary axis is in the picture though all lies left of it.
        assert low < -1 < 0 < high
        (axis,) = [line for line in panel.lines if list(line.get_xdata()) == [0, 0]]
        assert axis.get_visible()
        assert (panel.get_xlim(), panel.get_ylim()) == (panels[0].get_xlim(), panels[0].get_ylim())
    titles = [panel.get_title() for panel in panels]
    assert [title.splitlines()[0] for title in titles] == ["before: step 0", "during: step 10", "after: step 20"]
    assert titles[0].splitlines()[1] == "Re ≥ -1, |Im| ≤ 2"
    assert "at step 20 least real part -1, greatest imaginary part 2" in alt_text(ax)


def test_one_scale_holds_the_eigenvalues_of_all_points(tmp_path):
    slow = spectrum_along(Quadratic.from_jacobian([[0.5, 0.0], [0.0, 1.0]], (1, 1)), [[1.0, 1.0]])
    fast = spectrum_along(
        TimescaleSeparated(Quadratic.from_jacobian([[0.5, 0.0], [0.0, 1.0]], (1, 1)), 8.0), [[1.0, 1.0]]
    )
    track = type(slow)(slow.dims, slow.points + fast.points, None, None)
    ax = plotting.plot_spectrum_track(track)
    for panel in ax.child_axes:
        assert panel.get_xlim()[0] < 0 < 8 < panel.get_xlim()[1]
        assert panel.get_ylim() == (-1.0, 1.0)
    plotting.save_figure(ax, tmp_path / "track.svg")
    assert "Eigenvalues of the game" in (tmp_path / "track.svg").read_text(encoding="utf-8")


def test_a_given_axes_holds_the_panels():
    from matplotlib.figure import Figure

    given = Figure().add_subplot()
    assert plotting.plot_spectrum_track(track_of([[1.0, 2.0], [-2.0, 1.0]], 2), ax=given) is given
    assert len(given.child_axes) == 2


def test_ends_alone_are_no_bounds():
    game = Quadratic.from_jacobian(numpy.diag(numpy.arange(1.0, 31.0)), (15, 15))
    point = numpy.ones((1, 30))
    whole, ends = spectrum_along(game, point), spectrum_along(game, point, largest_dense=0)
    titles = [plotting.plot_spectrum_track(each).child_axes[0].get_title() for each in (whole, ends)]
    assert [title.splitlines()[1] for title in titles] == ["Re ≥ 1, |Im| ≤ 0", "found: Re ≥ 1, |Im| ≤ 0"]
    assert [str(each).count("eigenvalues are those found at the ends") for each in (whole, ends)] == [0, 1]
