"""Convolutions and recurrent layers against PyTorch's: values, gradients and Hessian products."""

import os

import numpy
import pytest

from gamedyn.nn import CausalConvolution, Convolution, ElmanCell, GRUCell, LSTMCell, Recurrent, TransposedConvolution

# Where the peers are asked for, a missing one is an error, not a skip.
asked_for = os.environ.get("GAMEDYN_TEST_PEERS") == "1"
pytestmark = [pytest.mark.peers, pytest.mark.skipif(not asked_for, reason="run by make test-peers")]


def channels_first(x, axes):
    return x.permute(0, axes + 1, *range(1, axes + 1))


def channels_last(y, axes):
    return y.permute(0, *range(2, axes + 2), 1)


def by_torch(layer):
    """The same map of (weight, bias, x) by PyTorch's operations."""
    import torch

    functional, axes = torch.nn.functional, len(layer.kernel)

    def function(weight, bias, x):
        x = channels_first(x, axes)
        # Ours: (*kernel, n, m); PyTorch's convolution: (m, n, *kernel), its transposed one: (inputs, outputs, *kernel).
        kernel = weight.permute(axes + 1, axes, *range(axes))
        if isinstance(layer, CausalConvolution):
            padded = functional.pad(x, (layer.reach - 1, 0))
            y = functional.conv1d(padded, kernel, bias, dilation=layer.dilation)
        elif isinstance(layer, TransposedConvolution):
            call = getattr(functional, f"conv_transpose{axes}d")
            pads = tuple(low for low, _ in layer.padding)
            y = call(x, kernel, bias, layer.stride, pads, layer.output_padding, 1, layer.dilation)
        else:
            call = getattr(functional, f"conv{axes}d")
            pads = layer.padding if layer.padding == "same" else tuple(low for low, _ in layer.padding)
            y = call(x, kernel, bias, layer.stride, pads, layer.dilation)
        return channels_last(y, axes)

    return function


CASES = [
    (Convolution(2, 3, (4,), 2, 1), (9,)),
    (Convolution(2, 3, 4, 2, 1), (8, 8)),
    (Convolution(2, 3, (3, 2), padding="same", dilation=(1, 3)), (6, 5)),
    (Convolution(1, 2, (2, 3, 2), (1, 2, 1), (0, 1, 1), (2, 1, 1)), (4, 5, 4)),
    (CausalConvolution(2, 3, 3, 2), (8,)),
    (TransposedConvolution(3, 2, (5,), 3, 2, 1, 1), (4,)),
    (TransposedConvolution(3, 2, 4, 2, 1), (4, 4)),
    (TransposedConvolution(2, 3, (3, 2), (2, 3), (1, 0), (2, 1), (1, 2)), (3, 4)),
    (TransposedConvolution(1, 2, (2, 3, 2), 2, (0, 1, 1)), (2, 3, 3)),
]


def compare(layer, function, params, x, rng):
    """Values, gradients and a Hessian product of the loss sum of y^3 / 3."""
    import torch

    tensors = [torch.tensor(a, requires_grad=True) for a in (*params, x)]
    directions = [rng.standard_normal(a.shape) for a in (*params, x)]
    expected = function(*tensors)
    gradients = torch.autograd.grad((expected**3 / 3).sum(), tensors, create_graph=True)
    inner = sum((g * torch.tensor(v)).sum() for g, v in zip(gradients, directions, strict=True))
    products = torch.autograd.grad(inner, tensors)

    y, tape = layer.forward(params, x)
    y_dot, tape_dot = layer.jvp(params, tape, directions[-1], tuple(directions[:-1]))
    x_bar, params_bar = layer.backward(params, tape, y**2)
    moved = layer.backward_jvp(params, tape, tape_dot, y**2, 2 * y * y_dot, tuple(directions[:-1]))
    numpy.testing.assert_allclose(y, expected.detach(), rtol=1e-11, atol=1e-12)
    for found, other in zip((*params_bar, x_bar), gradients, strict=True):
        numpy.testing.assert_allclose(found, other.detach(), rtol=1e-10, atol=1e-11)
    for found, other in zip((*moved[1], moved[0]), products, strict=True):
        numpy.testing.assert_allclose(found, other, rtol=1e-9, atol=1e-10)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(("layer", "spatial"), CASES, ids=[repr(layer)[:60] for layer, _ in CASES])
def test_convolutions(layer, spatial, rng):
    params = tuple(rng.standard_normal(shape) for shape in layer.parameter_shapes.values())
    x = rng.standard_normal((3, *spatial, layer.inputs))
    compare(layer, by_torch(layer), params, x, rng)


@pytest.mark.parametrize("cell", [ElmanCell(2, 3), LSTMCell(2, 3)], ids=repr)
def test_recurrent(cell, rng):
    import torch

    kind = torch.nn.RNN if isinstance(cell, ElmanCell) else torch.nn.LSTM
    module = kind(2, 3, batch_first=True, dtype=torch.float64)

    def function(weight, bias, x):
        # PyTorch has two biases that add up, and its weights turned.
        own = {"weight_ih_l0": weight[:2].T, "weight_hh_l0": weight[2:].T, "bias_ih_l0": bias}
        own["bias_hh_l0"] = torch.zeros_like(bias)
        return torch.func.functional_call(module, own, (x,))[0]

    params = tuple(rng.standard_normal(shape) for shape in cell.parameter_shapes.values())
    compare(Recurrent(cell), function, params, rng.standard_normal((4, 5, 2)), rng)


def test_gated_recurrent(rng):
    import torch

    def function(gate_weight, gate_bias, weight, bias, x):
        h, outputs = torch.zeros(x.shape[0], 3, dtype=x.dtype), []
        for t in range(x.shape[1]):
            gates = torch.sigmoid(torch.cat([x[:, t], h], -1) @ gate_weight + gate_bias)
            r, z = gates[:, :3], gates[:, 3:]
            h = z * h + (1 - z) * torch.tanh(torch.cat([x[:, t], r * h], -1) @ weight + bias)
            outputs.append(h)
        return torch.stack(outputs, 1)

    cell = GRUCell(2, 3)
    params = tuple(rng.standard_normal(shape) for shape in cell.parameter_shapes.values())
    compare(Recurrent(cell), function, params, rng.standard_normal((4, 5, 2)), rng)
