"""Pictures of samples: what is drawn is what was given, and bad shapes are refused."""

import numpy
import pytest

from gamedyn.data import gaussian_ring
from gamedyn.plotting import alt_text, plot_sample_sheet, plot_samples


def test_samples_are_the_points_and_the_target_is_darkest_at_a_mode(rng):
    law = gaussian_ring(4, scale=0.1)
    points = law.sample(200, rng=rng)
    ax = plot_samples(points, target=law, data=points[:50], critic=lambda x: x[:, 0])
    drawn = {line.get_label(): line.get_xydata() for line in ax.lines}
    numpy.testing.assert_array_equal(drawn["generated"], points)
    numpy.testing.assert_array_equal(drawn["data"], points[:50])
    (image,) = ax.images
    shade = image.get_array()
    left, right, bottom, top = image.get_extent()
    row, column = numpy.unravel_index(numpy.argmax(shade), shade.shape)
    x = left + (right - left) * column / (shade.shape[1] - 1)
    y = bottom + (top - bottom) * row / (shade.shape[0] - 1)
    assert min(numpy.hypot(x - a, y - b) for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1))) < 0.03
    assert shade.min() == 0
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["target", "critic", "data", "generated"]
    assert "200 generated points in the plane over the density of the target beside 50 real ones" in alt_text(ax)


def test_box_and_share_inside():
    ax = plot_samples([[0.0, 0.0], [5.0, 0.0]], box=((-1, 1), (-2, 2)))
    assert ax.get_xlim() == (-1, 1)
    assert ax.get_ylim() == (-2, 2)
    assert "50% of them" in alt_text(ax)


def test_level_lines_lie_where_the_critic_has_their_value_and_scales_are_equal():
    ax = plot_samples([[0.0, 0.0]], critic=lambda x: x[:, 0], box=((-1, 1), (-2, 2)))
    assert ax.get_aspect() == 1
    (lines,) = [each for each in ax.collections if hasattr(each, "levels")]
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        numpy.testing.assert_allclose(path.vertices[:, 0], level, atol=1e-12)
    assert sum(len(path.vertices) > 0 for path in lines.get_paths()) > 3


def test_sheet_puts_images_in_rows():
    images = numpy.arange(5 * 6.0).reshape(5, 6)
    ax = plot_sample_sheet(images, (2, 3), columns=3, titles=["a", "b"])
    sheet = numpy.asarray(ax.images[0].get_array().filled(numpy.nan))
    assert sheet.shape == (5, 11)
    numpy.testing.assert_array_equal(sheet[:2, :3], images[0].reshape(2, 3))
    numpy.testing.assert_array_equal(sheet[3:, 4:7], images[4].reshape(2, 3))
    assert numpy.isnan(sheet[2]).all()
    assert numpy.isnan(sheet[3:, 8:]).all()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert "5 grey images of 2 by 3 pixels, one row for each of a, b" in alt_text(ax)


def test_limits_of_the_grey_scale():
    images = numpy.arange(12.0).reshape(2, 6)
    assert plot_sample_sheet(images, (2, 3)).images[0].get_clim() == (0, 11)
    assert plot_sample_sheet(images, (2, 3), limits=(2, 5)).images[0].get_clim() == (2, 5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_sample_sheet(numpy.zeros((3, 6)), (2, 3), limits=(1, 0)), r"black <= white, got \(1, 0\)"),
        (lambda: plot_samples([[1.0, 2.0, 3.0]]), r"`samples` must have shape \(n, 2\), got \(1, 3\)"),
        (lambda: plot_samples([[1.0, 2.0]], box=((1, 1), (0, 1))), "low < high"),
        (lambda: plot_sample_sheet(numpy.zeros((3, 5)), (2, 3)), r"\(n, 6\), got \(3, 5\)"),
        (lambda: plot_sample_sheet(numpy.zeros((3, 6)), (2, 3), columns=0), "at least 1, got 0"),
        (lambda: plot_sample_sheet(numpy.zeros((3, 6)), (2, 3), titles=["a", "b"]), "2 for 1 rows"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
