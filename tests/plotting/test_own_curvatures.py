"""plot_own_curvatures: each eigenvalue in its place, or the ends alone."""

import numpy
import pytest

from gamedyn.plotting import alt_text, plot_own_curvatures


def test_eigenvalues_stand_in_order():
    ax = plot_own_curvatures({"generator": [0.5, -0.2], "discriminator": numpy.arange(4.0)})
    lines = [line.get_xydata().tolist() for line in ax.lines[:2]]
    assert lines[0] == [[0.25, -0.2], [0.75, 0.5]]
    assert [y for _, y in lines[1]] == [0.0, 1.0, 2.0, 3.0]
    assert alt_text(ax).endswith("generator from -0.2 to 0.5; discriminator from 0 to 3.")
    assert ax.get_ylim()[0] < 0 < ax.get_ylim()[1]
    # Downward curvature is what is shaded.
    (shaded,) = ax.patches
    assert (shaded.get_y(), shaded.get_y() + shaded.get_height()) == (ax.get_ylim()[0], 0.0)


def test_ends_alone_and_errors():
    ax = plot_own_curvatures({"generator": [-0.25, 8.0]}, only_ends=True)
    assert ax.lines[0].get_ydata().tolist() == [-0.25, 8.0]
    assert [text.get_text() for text in ax.texts] == ["-0.25", "8"]
    # All of the generator's losses may be flat.
    assert plot_own_curvatures({"generator": [0.0, 0.0]}).get_ylim()[0] < 0
    with pytest.raises(ValueError, match="`eigenvalues` must have some"):
        plot_own_curvatures({"generator": []})


def test_ticks_next_to_zero_do_not_lie_on_one_another():
    axes = plot_own_curvatures({"generator": [-11.0, 952.0], "discriminator": [-0.3, 45.0]})
    axes.figure.canvas.draw()
    places = axes.transData.transform([(0.0, tick) for tick in axes.get_yticks()])[:, 1]
    # A tick's number is some ten points high.
    assert numpy.diff(places).min() > 12
