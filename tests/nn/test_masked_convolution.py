"""MaskedConvolution: patterns by hand, what stacks of layers see, colours, the blind spot and its cure."""

import numpy
import pytest

from gamedyn.nn import Convolution, MaskedConvolution

ROWS, COLUMNS = 7, 9


def pattern(order, mask, kernel=3):
    return MaskedConvolution(1, 1, kernel, mask, order).pattern[:, :, 0, 0].astype(int).tolist()


def test_patterns_by_hand():
    assert pattern("raster", "A") == [[1, 1, 1], [1, 0, 0], [0, 0, 0]]
    assert pattern("raster", "B") == [[1, 1, 1], [1, 1, 0], [0, 0, 0]]
    assert pattern("vertical", "A") == [[1, 1, 1], [0, 0, 0], [0, 0, 0]]
    assert pattern("vertical", "B") == [[1, 1, 1], [1, 1, 1], [0, 0, 0]]
    assert pattern("horizontal", "A", 5) == [[1, 1, 0, 0, 0]]
    assert pattern("horizontal", "B", (3, 5)) == [[0] * 5, [1, 1, 1, 0, 0], [0] * 5]


def test_it_is_the_convolution_with_the_masked_weight(rng):
    layer = MaskedConvolution(2, 4, (3, 5), "B", colors=2, dilation=2)
    params = rng.standard_normal((3, 5, 2, 4)), rng.standard_normal(4)
    x = rng.standard_normal((2, 6, 7, 2))
    plain = Convolution(2, 4, (3, 5), padding="same", dilation=2)
    y, tape = layer.forward(params, x)
    expected, plain_tape = plain.forward((params[0] * layer.pattern, params[1]), x)
    numpy.testing.assert_array_equal(y, expected)
    y_bar = rng.standard_normal(y.shape)
    _, (weight_bar, _) = layer.backward(params, tape, y_bar)
    _, (plain_bar, _) = plain.backward((params[0] * layer.pattern, params[1]), plain_tape, y_bar)
    numpy.testing.assert_array_equal(weight_bar, plain_bar * layer.pattern)


def seen(run, row, column, shape=(ROWS, COLUMNS, 1), channel=0):
    """Where the output at one pixel has a derivative: `run` maps y_bar to x_bar, all weights being 1."""
    y_bar = numpy.zeros((1, *shape))
    y_bar[0, row, column, channel] = 1
    return run(y_bar)[0] > 0


def ones(layer):
    """x_bar as a function of y_bar for a layer without bias whose weights are 1, so that nothing cancels."""
    params = (numpy.ones(layer.parameter_shapes["weight"]),)
    _, tape = layer.forward(params, numpy.zeros((1, ROWS, COLUMNS, layer.inputs)))
    return lambda y_bar: layer.backward(params, tape, y_bar)[0]


def layer(mask, order, channels=1, colors=1):
    return ones(MaskedConvolution(channels, channels, 3, mask, order, colors, bias=False))


def before(row, column):
    """All pixels that come before one."""
    return numpy.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS) < row * COLUMNS + column


def test_raster_stacks_see_a_cone_and_leave_a_blind_spot():
    first, later, depth = layer("A", "raster"), layer("B", "raster"), 4

    def stack(y_bar):
        for _ in range(depth - 1):
            y_bar = later(y_bar)
        return first(y_bar)

    row, column = 5, 4
    up = row - numpy.arange(ROWS)[:, None]
    right = numpy.arange(COLUMNS) - column
    # Every row upwards lets one column more to the right come in; to the left all layers count.
    cone = (up >= 0) & (up <= depth) & (right >= -depth) & (right <= up) & before(row, column)
    found = seen(stack, row, column)[..., 0]
    numpy.testing.assert_array_equal(found, cone)
    near = before(row, column) & (numpy.abs(right) <= depth) & (up <= depth)
    assert (near & ~found).sum() == 3 + 2 + 1


def test_two_stacks_see_everything_before_and_nothing_else():
    depth = 4
    vertical = [layer("A", "vertical")] + [layer("B", "vertical")] * (depth - 1)
    horizontal = [layer("A", "horizontal")] + [layer("B", "horizontal")] * (depth - 1)

    def stacks(h_bar):
        # v_l = V_l v_{l-1}, h_l = H_l h_{l-1} + v_l, backwards; both start from x.
        v_bar = numpy.zeros_like(h_bar)
        for down, along in zip(reversed(vertical), reversed(horizontal), strict=True):
            v_bar, h_bar = down(v_bar + h_bar), along(h_bar)
        return v_bar + h_bar

    for row, column in ((5, 4), (3, 0), (0, 8), (4, 8)):
        found = seen(stacks, row, column)[..., 0]
        up = row - numpy.arange(ROWS)[:, None]
        right = numpy.arange(COLUMNS) - column
        near = before(row, column) & (numpy.abs(right) <= depth) & (up <= depth)
        numpy.testing.assert_array_equal(found, near)


@pytest.mark.parametrize("order", ["raster", "vertical", "horizontal"])
def test_a_first_layer_of_kind_b_sees_what_it_must_not(order):
    leak = seen(layer("B", order), 3, 4)[..., 0] & ~before(3, 4)
    assert leak[3, 4]
    assert leak.sum() == (2 if order == "vertical" else 1)


def test_colours_come_one_after_the_other():
    # R, G, B of a pixel in two channels each: with A a colour sees the earlier ones, with B itself too.
    for mask, own in (("A", 0), ("B", 1)):
        run = layer(mask, "raster", channels=6, colors=3)
        for channel in range(6):
            found = seen(run, 3, 4, (ROWS, COLUMNS, 6), channel)
            centre = numpy.arange(6) // 2 < channel // 2 + own
            numpy.testing.assert_array_equal(found[3, 4], centre)
            assert found[2, 3:6].all()
            assert found[3, 3].all()
            assert not found[3, 5:].any()


def test_initial_weights_count_what_is_seen(rng):
    layer = MaskedConvolution(30, 50, 5, "A", initializer="he")
    weight, bias = layer.init(rng, numpy, numpy.float64)
    assert not weight[layer.pattern == 0].any()
    assert not bias.any()
    # 12 of 25 taps are seen, of 30 channels each.
    shown = weight[layer.pattern == 1]
    assert abs(numpy.mean(shown**2) / (2 / (12 * 30)) - 1) < 5 * numpy.sqrt(2 / shown.size)


def test_what_is_hidden_may_be_infinite():
    masked = MaskedConvolution(1, 1, 3, "A", bias=False)
    weight = numpy.where(masked.pattern == 1, 2.0, numpy.inf)
    y, tape = masked.forward((weight,), numpy.ones((1, 2, 2, 1)))
    # Row by row, 0, 1, 2 and 3 pixels came before.
    assert y.ravel().tolist() == [0.0, 2.0, 4.0, 6.0]
    assert masked.input_bar((weight,), tape, numpy.ones((1, 2, 2, 1))).ravel().tolist() == [6.0, 4.0, 2.0, 0.0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 1, 3, "A"), ValueError, "`inputs` must be at least 1, got 0."),
        ((1, 0, 3, "A"), ValueError, "`outputs` must be at least 1, got 0."),
        ((1, 1, 4, "A"), ValueError, "`kernel` must be odd, so that it has a centre, got 4."),
        ((1, 1, 3, "C"), ValueError, "`mask` must be one of 'A', 'B', got 'C'."),
        ((1, 1, 3, "A", "rows"), ValueError, "`order` must be one of 'raster', 'vertical', 'horizontal', got 'rows'."),
        ((3, 4, 3, "A", "raster", 3), ValueError, "`colors` must divide `inputs` = 3 and `outputs` = 4, got 3."),
        ((1, 1, 1, "A"), ValueError, "`kernel` must reach something that mask 'A' does not hide, got (1, 1)."),
        ((1, 1, (1, 3), "A", "vertical"), ValueError, "that mask 'A' does not hide, got (1, 3)."),
        ((1, 1, 3, "A", "raster", 1, 0), ValueError, "`dilation` must be at least 1, got 0."),
        ((1, 1, 3, "A", "raster", 1, 1, True, "hee"), ValueError, "`initializer` must be one of"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error) as caught:
        MaskedConvolution(*arguments)
    assert message in str(caught.value)
