"""The picture of a training: its curves are the history's columns, and what is not known is left out."""

import dataclasses

import numpy
import pytest

from gamedyn.models import TrainingHistory
from gamedyn.plotting import alt_text, plot_sample_sheet, plot_training_history

STEPS = numpy.array([0, 10, 20, 30])
UNKNOWN = numpy.full(4, numpy.nan)


def history(**changes):
    """Four records of which every number is another one."""
    columns = {
        "losses": [[1.0, -1.5], [1.1, -1.4], [1.2, -1.3], [1.3, -1.2]],
        "gradient_norms": [[0.1, 2.0], [0.2, 4.0], [0.3, 8.0], [0.4, 16.0]],
        "critic_estimate": [-0.1, 0.2, 0.25, 0.3],
        "wasserstein": [5.0, 4.0, numpy.inf, 3.0],
        "modes": [1.0, 2.0, 2.0, 7.0],
        "high_quality": [0.0, 0.25, 0.5, 0.75],
        "critic_optimum": [0.6, 0.5, 0.45, 0.35],
        "jensen_shannon": [0.3, 0.25, 0.225, 0.175],
        "kullback_leibler": [9.0, 3.0, 2.0, 1.0],
        "wasserstein_2": [6.0, 5.5, 4.5, 3.5],
        "seconds": [0.0, 1.0, 2.0, 3.0],
    }
    return TrainingHistory(STEPS, **{name: numpy.array(x) for name, x in (columns | changes).items()})


def curves(ax):
    """{label: values} of the lines with a label."""
    return {line.get_label(): line.get_ydata() for line in ax.lines if len(line.get_xdata())}


def test_every_panel_draws_its_columns():
    given = history()
    first = plot_training_history(given)
    panels = {alt_text(ax).split(" at ")[0]: ax for ax in first.figure.axes if alt_text(ax)}
    assert list(panels) == ["Losses", "Gradients", "Critic", "Divergences", "Distances", "Modes"]
    assert panels["Losses"] is first
    expected = {
        "Losses": {"generator": given.losses[:, 0], "discriminator": given.losses[:, 1]},
        "Gradients": {"generator": given.gradient_norms[:, 0], "discriminator": given.gradient_norms[:, 1]},
        "Critic": {"best critic, exact": given.critic_optimum, "critic, on samples": given.critic_estimate},
        "Divergences": {"KL(target, generator), exact": given.kullback_leibler, "JS, exact": given.jensen_shannon},
        "Distances": {"W₂, exact": given.wasserstein_2, "W₁, of samples": [5.0, 4.0, numpy.nan, 3.0]},
        "Modes": {"modes": given.modes},
    }
    for name, columns in expected.items():
        drawn = curves(panels[name])
        assert drawn.keys() == columns.keys()
        for label, values in columns.items():
            numpy.testing.assert_array_equal(drawn[label], values)
            (line,) = [each for each in panels[name].lines if each.get_label() == label and len(each.get_xdata())]
            numpy.testing.assert_array_equal(line.get_xdata(), STEPS)
        words = [text.get_text() for text in panels[name].get_legend().get_texts()]
        assert words == [*columns] + ["share near a mode"] * (name == "Modes")
    scales = {name: ax.get_yscale() for name, ax in panels.items()}
    assert [name for name, scale in scales.items() if scale == "log"] == ["Gradients", "Divergences", "Distances"]
    assert alt_text(first) == (
        "Losses at 4 steps of a training, 0 to 30: generator from 1 to 1.3; discriminator from -1.5 to -1.2."
    )


def test_modes_and_their_share_have_scales_of_one_height():
    ax = plot_training_history(history(), panel="modes")
    (right,) = [other for other in ax.figure.axes if other is not ax]
    numpy.testing.assert_array_equal(right.lines[0].get_ydata(), [0.0, 0.25, 0.5, 0.75])
    assert right.get_ylim() == (0, 1.05)
    assert ax.get_ylim() == (0, pytest.approx(7 * 1.05))
    assert "modes from 1 to 7; share near a mode from 0 to 0.75" in alt_text(ax)
    none = history(modes=numpy.zeros(4), high_quality=numpy.zeros(4))
    assert plot_training_history(none, panel="modes").get_ylim() == (0, 1.05)


def test_what_is_not_known_is_left_out():
    exact = ("critic_optimum", "jensen_shannon", "kullback_leibler", "wasserstein_2")
    some = history(modes=UNKNOWN, high_quality=UNKNOWN, **dict.fromkeys(exact, UNKNOWN))
    figure = plot_training_history(some).figure
    assert [alt_text(ax).split(" at ")[0] for ax in figure.axes] == ["Losses", "Gradients", "Critic", "Distances"]
    assert list(curves(figure.axes[2])) == ["critic, on samples"]


def test_a_number_alone_is_a_point_and_zero_has_no_logarithm():
    start = history()
    start = TrainingHistory(**{f.name: getattr(start, f.name)[:1] for f in dataclasses.fields(start)})
    assert [line.get_marker() for line in plot_training_history(start).lines] == ["o", "o"]
    assert {line.get_marker() for line in plot_training_history(history()).lines} == {"None"}
    assert plot_training_history(history(jensen_shannon=[0.0] * 4), panel="divergences").get_yscale() == "linear"


def test_a_panel_goes_onto_axes_of_ones_own():
    ax = plot_sample_sheet(numpy.zeros((1, 4)), (2, 2)).figure.add_subplot()
    assert plot_training_history(history(), panel="critic", ax=ax) is ax
    assert ax.get_ylabel() == "gain on the best constant"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_training_history([1, 2]), TypeError, "TrainingHistory, got list. Pass `gan.history_`"),
        (lambda: plot_training_history(TrainingHistory.from_records([])), ValueError, "at least one record, got none"),
        (lambda: plot_training_history(history(), panel="loses"), ValueError, "got 'loses'. Did you mean 'losses'"),
        (
            lambda: plot_training_history(history(modes=UNKNOWN, high_quality=UNKNOWN), panel="modes"),
            ValueError,
            "something is known, losses, gradients, critic, divergences, distances, got 'modes'",
        ),
        (lambda: plot_training_history(history(), ax=object()), ValueError, "`ax` holds one panel. Name it: `panel`"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
