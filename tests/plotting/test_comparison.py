"""The picture of a comparison."""

import math

import pytest

from gamedyn.experiments import Figure
from gamedyn.plotting import alt_text, plot_comparison

pytest.importorskip("matplotlib")


def figure(name, value, interval, method, unit="nats"):
    return Figure(name, value, 0.1, interval, 0.95, method, unit, "A sentence.")


def test_points_and_arms_are_the_figures_in_nats():
    ax = plot_comparison(
        [
            figure("kl_a_b", 0.5, (0.4, 0.7), "one"),
            figure("js", 0.1, (0.0, 0.2), "one"),
            figure("js", 0.2, (0.1, math.inf), "two"),
            figure("w1[0]", 9.0, (8.0, 10.0), "exact", unit="metres"),
        ]
    )
    assert [label.get_text() for label in ax.get_yticklabels()] == ["KL(A || B)", "JS(A, B)"]
    points = [container.lines[0].get_xdata().tolist() for container in ax.containers]
    assert points == [[0.5, 0.1], [0.2]]
    arms = [segment[:, 0].tolist() for segment in ax.containers[0].lines[2][0].get_segments()]
    assert arms == [pytest.approx([0.4, 0.7]), pytest.approx([0.0, 0.2])]
    # Open above: an arm to the left only.
    (arm,) = ax.containers[1].lines[2][0].get_segments()
    assert arm[:, 0].tolist() == pytest.approx([0.1, 0.2])
    assert ax.get_xlabel() == "nats"
    assert "JS(A, B) by two 0.2 [0.1, inf]" in alt_text(ax)
    assert "metres" not in alt_text(ax)
