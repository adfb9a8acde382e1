"""The fused kernels of a training step compile for every objective, activation and precision, without a device."""

import pytest

from gamedyn.models._device_plan import KERNELS
from gamedyn.models._step_source import StepShape, step_source
from gamedyn.nn import ReLU, Softplus, Tanh, mlp
from gamedyn.objectives import Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from tests.nvrtc import MARKS, compiled, compiler

pytestmark = MARKS


@pytest.mark.parametrize("real", ["float", "double"])
def test_every_objective_and_activation_compiles(real):
    nvrtc = compiler()
    objectives = Minimax(), NonSaturating(), LeastSquares(), Hinge(), Wasserstein()
    activations = Tanh(), ReLU(), Softplus(), Tanh(), ReLU()
    for objective, activation in zip(objectives, activations, strict=True):
        networks = mlp((2, 128, 128, 2), activation), mlp((2, 128, 128, 1), activation)
        made = compiled(nvrtc, step_source(StepShape(*networks, objective, 256, real)))
        assert made[:4] == b"\x7fELF"
        assert all(name.encode() in made for name in KERNELS)


def test_a_block_holds_as_many_samples_as_fit():
    # Values of 774 floats for each sample: 15 fit into 48 KiB, and a power of two of them is carried.
    shape = StepShape(mlp((2, 128, 128, 2)), mlp((2, 128, 128, 1)), Minimax(), 256)
    assert 4 * 774 * 15 <= 48 * 1024 < 4 * 774 * 16
    assert (shape.tile, shape.blocks) == (8, 32)
