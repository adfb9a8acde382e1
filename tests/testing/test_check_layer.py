"""check_layer: it passes what is right and names what is wrong."""

from dataclasses import dataclass

import numpy
import pytest

from gamedyn.nn import Dense, Tanh
from gamedyn.testing import check_layer


@dataclass(frozen=True)
class Broken(Dense):
    """A dense layer with one defect."""

    inputs: int = 2
    outputs: int = 3
    defect: str = ""

    def forward(self, params, x):
        if self.defect == "forward writes":
            x += 1
        return super().forward(params, x)

    def backward(self, params, tape, y_bar):
        x_bar, params_bar = super().backward(params, tape, y_bar)
        if self.defect == "backward writes":
            y_bar *= 2
        if self.defect == "backward sign":
            return -x_bar, params_bar
        if self.defect == "backward shape":
            return x_bar, (params_bar[0], params_bar[1][..., None])
        if self.defect == "backward conjugate":
            return x_bar.conj(), params_bar
        return x_bar, params_bar

    def jvp(self, params, tape, x_dot, params_dot):
        y_dot, tape_dot = super().jvp(params, tape, x_dot, params_dot)
        if self.defect == "jvp entry":
            y_dot = y_dot.copy()
            y_dot[1, 2, 0] += 1e-6
        if self.defect == "jvp shape":
            y_dot = y_dot[:, :, None]
        return y_dot, tape_dot

    def backward_jvp(self, params, tape, tape_dot, y_bar, y_bar_dot, params_dot):
        x_bar_dot, bars = super().backward_jvp(params, tape, tape_dot, y_bar, y_bar_dot, params_dot)
        if self.defect == "backward_jvp nan":
            bars = (bars[0], numpy.where(numpy.arange(3) == 2, numpy.nan, bars[1]))
        return x_bar_dot, bars


def test_passes_a_layer_without_defect():
    check_layer(Broken(), (2,), rng=0)


@pytest.mark.parametrize(
    ("defect", "message"),
    [
        ("backward sign", r"`backward`: x_bar at index \(\d, \d, \d\) is .*, by complex step .*, along x\["),
        ("backward shape", r"`backward`: bias_bar has shape \(2, 3, 1\), expected \(2, 3\)"),
        ("backward conjugate", "`backward_jvp`: x_bar_dot at index"),
        ("jvp entry", r"Broken\(.*`jvp`: y_dot at index \(1, 2, 0\) is .*, by complex step"),
        ("jvp shape", r"`jvp`: y_dot has shape \(2, 3, 1, 3\), expected \(2, 3, 3\)"),
        ("backward_jvp nan", r"`backward_jvp`: bias_bar_dot at index \(0, 2\) is nan"),
    ],
)
def test_names_the_defect(defect, message):
    with pytest.raises(AssertionError, match=message):
        check_layer(Broken(defect=defect), (2,), rng=0)


@pytest.mark.parametrize("defect", ["forward writes", "backward writes"])
def test_a_layer_that_writes_into_its_arguments_raises(defect):
    with pytest.raises(ValueError, match="read-only"):
        check_layer(Broken(defect=defect), (2,), rng=0)


def test_an_output_shape_that_lies_is_seen():
    class Lying(Tanh):
        def output_shape(self, shape):
            return (shape[0] + 1,)

    with pytest.raises(AssertionError, match=r"y has shape \(2, 3, 4\), expected \(2, 3, 5\)"):
        check_layer(Lying(), (4,), rng=0)
