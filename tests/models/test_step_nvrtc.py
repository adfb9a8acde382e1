"""The fused kernels of a training step compile for every objective, activation and precision, without a device."""

import re

import pytest

from gamedyn.models._device_plan import KERNELS
from gamedyn.models._step_source import StepShape, step_source
from gamedyn.nn import Dense, LeakyReLU, Network, ReLU, Sigmoid, Softplus, Tanh, mlp
from gamedyn.objectives import Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from tests.nvrtc import MARKS, compiled_and_told, compiler

pytestmark = MARKS

ACTIVATIONS = Tanh(), ReLU(), LeakyReLU(0.3), Sigmoid(), Softplus()
OBJECTIVES = Minimax(), NonSaturating(), LeastSquares(1.0, -1.0, 0.25), Hinge(), Wasserstein()


def mixed(width, outputs):
    """A network with every activation, between layers that are narrow and wide in turn."""
    layers, size = [], 2
    for i, activation in enumerate(ACTIVATIONS):
        layers += [Dense(size, width if i % 2 else 8), activation]
        size = layers[-2].outputs
    return Network((*layers, Dense(size, outputs)), 2)


@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
@pytest.mark.parametrize("real", ["float", "double"])
def test_every_objective_and_activation_compiles(real, architecture):
    nvrtc = compiler()
    for objective in OBJECTIVES:
        shape = StepShape(mlp((2, 128, 2)), mixed(128, 1), objective, 256, real)
        made, told = compiled_and_told(nvrtc, step_source(shape), architecture)
        assert made[:4] == b"\x7fELF"
        assert all(name.encode() in made for name in KERNELS)
        # Sums over a tile are in registers, and none of these is spilled.
        assert told.count("0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads") == len(KERNELS)
        registers = [int(n) for n in re.findall(r"Used (\d+) registers", told)]
        shared = [int(n) for n in re.findall(r"(\d+) bytes smem", told)]
        # 65,536 registers and 48 KiB without asking; the pool is as large as was reckoned.
        assert len(registers) == len(KERNELS)
        assert 128 * max(registers) <= 65536
        assert len(shared) == 2
        assert max(shared) <= 48 * 1024


@pytest.mark.parametrize("most", [1, 16])
def test_the_largest_and_the_smallest_tile(most):
    shape = StepShape(mlp((2, 32, 32, 2)), mlp((2, 32, 32, 1)), Minimax(), 2048, largest_tile=most)
    assert shape.tile == most
    _, told = compiled_and_told(compiler(), step_source(shape), "sm_90")
    assert told.count("0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads") == len(KERNELS)
