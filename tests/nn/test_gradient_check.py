"""gradient_check: right layers pass, and each wrong line is named with its array, index and direction."""

from dataclasses import dataclass

import numpy
import pytest

from gamedyn.nn import Dense, Network, ReLU, Sequential, Tanh, gradient_check, mlp
from tests.layer_cases import LAYER_CASES


@dataclass(frozen=True)
class Broken(Dense):
    """A dense layer with one defect."""

    inputs: int = 2
    outputs: int = 3
    defect: str = ""

    def forward(self, params, x):
        y, tape = super().forward(params, x)
        return (numpy.abs(y) if self.defect == "real" else y), tape

    def backward(self, params, tape, y_bar):
        x_bar, (weight_bar, bias_bar) = super().backward(params, tape, y_bar)
        if self.defect == "one weight":
            weight_bar = weight_bar.copy()
            weight_bar[..., 1, 2] *= 1.001
        if self.defect == "zero at first":
            x_bar = x_bar + params[1][..., None, :2]
        if self.defect == "shape":
            bias_bar = bias_bar[..., None]
        return x_bar, (weight_bar, bias_bar)

    def jvp(self, params, tape, x_dot, params_dot):
        y_dot, tape_dot = super().jvp(params, tape, x_dot, params_dot)
        if self.defect == "forgotten bias":
            y_dot = y_dot - params_dot[1][..., None, :]
        if self.defect == "one output":
            y_dot = y_dot.copy()
            y_dot[..., 1, 2] += 1e-10 * params_dot[0][..., 1, 0]
        if self.defect == "two outputs":
            y_dot = y_dot.copy()
            y_dot[..., 0, 0] += 1e-3 * params_dot[0][..., 0, 1]
            y_dot[..., 2, 1] += 2e-3 * params_dot[0][..., 1, 1]
        if self.defect == "nan of one weight" and params_dot[0][..., 1, 2].any():
            y_dot = y_dot * numpy.nan
        return y_dot, tape_dot

    def backward_jvp(self, params, tape, tape_dot, y_bar, y_bar_dot, params_dot):
        x_bar_dot, (weight_bar_dot, bias_bar_dot) = super().backward_jvp(
            params, tape, tape_dot, y_bar, y_bar_dot, params_dot
        )
        if self.defect == "forgotten term":
            weight_bar_dot = super().backward_jvp(params, tape, 0 * tape_dot, y_bar, y_bar_dot, params_dot)[1][0]
        if self.defect == "crossed":
            bias_bar_dot = bias_bar_dot + 1e-3 * y_bar_dot[..., 0, :] * params_dot[0][..., 0, :]
        if self.defect == "nan":
            bias_bar_dot = numpy.where(numpy.arange(3) == 2, numpy.nan, bias_bar_dot)
        return x_bar_dot, (weight_bar_dot, bias_bar_dot)


@pytest.mark.parametrize(
    ("defect", "expected"),
    [
        # (derivative, array, index in it, direction, which entry of that)
        ("one weight", ("backward", "weight_bar", (1, 2), "weight", (1, 2))),
        ("shape", ("backward", "bias_bar", (), "bias", None)),
        ("one output", ("jvp", "y_dot", (1, 2), "weight", (1, 0))),
        ("nan of one weight", ("jvp", "y_dot", (0, 0), "weight", (1, 2))),
        ("nan", ("backward_jvp", "bias_bar_dot", (2,), "x", (0, 0))),
        ("crossed", ("backward_jvp", "bias_bar_dot", None, "everything", None)),
    ],
)
def test_names_array_index_and_direction(defect, expected):
    report = gradient_check(Broken(defect=defect), (2,), rng=0)
    assert not report.passed
    derivative, result, index, direction, entry = expected
    worst = report.worst
    assert (worst.derivative, worst.result, worst.direction, worst.entry) == (derivative, result, direction, entry)
    assert index is None or worst.index == index


def test_names_the_entry_that_shows_most_whatever_the_direction_drawn():
    for seed in range(8):
        worst = gradient_check(Broken(defect="two outputs"), (2,), rng=seed).worst
        assert (worst.result, worst.index, worst.direction, worst.entry) == ("y_dot", (2, 1), "weight", (1, 1))


def test_initial_zeros_hide_nothing():
    # The bias starts at 0, where a cotangent that adds it is right.
    worst = gradient_check(Broken(defect="zero at first"), (2,), rng=0).worst
    assert (worst.derivative, worst.result) == ("backward", "x_bar")


def test_names_a_whole_direction_that_is_missing():
    # b_dot is forgotten: y_dot is off by 1 in the column of the entry of the bias that moves, in every row.
    worst = gradient_check(Broken(defect="forgotten bias"), (2,), rng=0).worst
    assert (worst.derivative, worst.direction) == ("jvp", "bias")
    assert worst.index[-1] == worst.entry[0]
    assert (worst.found, worst.expected) == (0.0, 1.0)


def test_names_a_term_that_is_missing():
    # x_dot^T y_bar is forgotten: only moving x shows it, at the row of the feature that moves.
    worst = gradient_check(Broken(defect="forgotten term"), (2,), rng=0).worst
    assert (worst.derivative, worst.result, worst.direction) == ("backward_jvp", "weight_bar_dot", "x")
    assert worst.index[0] == worst.entry[1]
    assert worst.found == 0.0


def test_the_entry_is_found_in_large_parameters():
    calls = []

    @dataclass(frozen=True)
    class Large(Dense):
        def forward(self, params, x):
            calls.append(x)
            return super().forward(params, x)

        def backward(self, params, tape, y_bar):
            x_bar, (weight_bar, bias_bar) = super().backward(params, tape, y_bar)
            weight_bar = weight_bar.copy()
            weight_bar[37, 11] += 1.0
            return x_bar, (weight_bar, bias_bar)

    worst = gradient_check(Large(60, 40), (60,), rng=0).worst
    assert (worst.result, worst.index) == ("weight_bar", (37, 11))
    assert abs(worst.found - worst.expected - 1) < 1e-12
    # 2,400 entries are halved to 300 before they are tried one by one.
    assert len(calls) < 500


def test_a_wrong_layer_of_a_network_is_named_by_its_parameter():
    network = Network((Dense(2, 2), Tanh(), Broken(defect="one weight")), input_size=2)
    report = gradient_check(network, rng=0)
    assert (report.worst.result, report.worst.index) == ("2.weight_bar", (1, 2))
    right = gradient_check(mlp((2, 3, 1)), rng=0)
    assert right.passed
    assert right.layer == repr(mlp((2, 3, 1)))


def test_prints_a_table():
    lines = str(gradient_check(Broken(defect="one weight"), (2,), rng=0)).splitlines()
    assert lines[1] == "FAILED at 1e-12, by complex step"
    assert [line.split()[:2] for line in lines[3:7]] == [
        ["forward", "1"],
        ["jvp", "3"],
        ["backward", "3"],
        ["backward_jvp", "15"],
    ]
    assert "weight_bar[1, 2] along weight[1, 2]" in lines[5]
    assert lines[7].startswith("`backward`: weight_bar at index (1, 2) is ")
    passed = str(gradient_check(Tanh(), (2,), rng=0))
    assert "passed at 1e-12, by complex step" in passed
    assert "nan" not in passed


def test_differences_where_complex_step_is_impossible():
    class Rectifier(ReLU):
        """Orders and multiplies real numbers only."""

        def forward(self, params, x):
            x = numpy.asarray(x, dtype=float)
            return numpy.maximum(x, 0.0), x > 0

    report = gradient_check(Sequential((Dense(3, 4), Rectifier())), (3,), rng=0)
    assert (report.method, report.tolerance, report.passed) == ("differences", 1e-6, True)
    assert 0 < report.largest_errors()["jvp"] < 1e-8
    real = gradient_check(Broken(defect="real"), (2,), rng=0)
    assert (real.method, real.worst.derivative, real.passed) == ("differences", "jvp", False)


def test_differences_of_a_constant_are_rounding():
    class One(Tanh):
        """sin^2 + cos^2, with derivatives 0."""

        def forward(self, params, x):
            return numpy.sin(x) ** 2 + numpy.cos(x) ** 2, 0 * x

        def backward(self, params, tape, y_bar):
            return tape * y_bar, ()

        def jvp(self, params, tape, x_dot, params_dot):
            return tape * x_dot, tape

        def backward_jvp(self, params, tape, tape_dot, y_bar, y_bar_dot, params_dot):
            return tape * y_bar_dot, ()

    report = gradient_check(Sequential((Dense(3, 4), One())), (3,), rng=0, method="differences")
    assert report.passed, report
    assert report.largest_errors()["jvp"] > 0


def test_both_methods_agree_on_right_layers(rng):
    # Labels cannot be moved by a real step.
    for case in (case for case in LAYER_CASES if case.far):
        report = gradient_check(case.layer, case.shape, draw=case.draw, rng=rng, method="differences")
        assert report.passed, report


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: gradient_check(numpy.tanh, (2,)),
            TypeError,
            "`layer` must be a Layer or a Network, got <uf",
        ),
        (lambda: gradient_check(Tanh()), TypeError, "`shape` must be given for a Layer"),
        (
            lambda: gradient_check(Tanh(), (2,), method="autodiff"),
            ValueError,
            "`method` must be one of",
        ),
        (lambda: gradient_check(Dense(2, 1), 3), ValueError, "takes inputs of shape (2,), got (3,)."),
        (
            lambda: gradient_check(Tanh(), (2,), draw=lambda rng, shape: numpy.ones(2)),
            ValueError,
            "`draw` must give an array of the shape it is asked for, (3, 2), got (2,).",
        ),
        (lambda: gradient_check(Tanh(), (2,), tolerance=0.0), ValueError, "`tolerance` must be positive"),
        (lambda: gradient_check(Tanh(), (2,), batch=0), ValueError, "`batch` must be at least 1, got 0."),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
