"""One training step of a GAN of two multilayer perceptrons as CUDA source: gradients and Adam in four launches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from gamedyn.models._step_kernels import KERNELS_IN_C
from gamedyn.nn import Dense, Layer, LeakyReLU, Network, ReLU, Sigmoid, Softplus, Tanh
from gamedyn.objectives import Hinge, LeastSquares, Minimax, NonSaturating, Objective, Wasserstein

__all__ = ["THREADS", "StepShape", "activation_in_c", "is_written", "slopes_in_c", "step_source"]

THREADS = 128
"""Threads of one block: as many as a hidden layer of the usual width has outputs."""

_SHARED = 48 * 1024  # bytes of shared memory that a block has without asking
_BLOCKS = 32  # of a batch at least, as a block has one processor of the device and leaves the others idle
_WIDE = 64  # outputs from which on a thread takes one output of all samples, and not of one

_ACTIVATIONS: dict[type, tuple[str, str]] = {
    Tanh: ("tanh(a)", "(1 - y * y)"),
    # A NaN must stay one, or a run that has left the numbers would look well.
    ReLU: ("(a <= 0 ? (REAL)0 : a)", "(y > 0 ? (REAL)1 : (REAL)0)"),
    Sigmoid: ("(1 / (1 + exp(-a)))", "(y * (1 - y))"),
    # 1 - e^-y = sigmoid(a), and log(1 + e^a) without overflow.
    Softplus: ("((a > 0 ? a : 0) + log1p(exp(-fabs(a))))", "(-expm1(-y))"),
}


@dataclass(frozen=True)
class StepShape:
    """What the source of a step depends on.

    Parameters
    ----------
    generator, discriminator : Network
        Such that `is_written`.
    objective : Objective
        One that `slopes_in_c` knows.
    batch : int
        Real samples, and as many latent ones.
    real : {"float", "double"}
    largest_tile : int
        Samples that a block carries at most.
    """

    generator: Network
    discriminator: Network
    objective: Objective
    batch: int
    real: str = "float"
    largest_tile: int = 16

    @property
    def tile(self) -> int:
        """Samples that one block carries through both networks."""
        width = max(self.generator.width, self.discriminator.width)
        numbers = sum(map(sum, (_sizes(self.generator), _sizes(self.discriminator)))) + 2 * width
        fitting = _SHARED // (numbers * (4 if self.real == "float" else 8))
        most = min(self.largest_tile, fitting, max(1, self.batch // _BLOCKS))
        return next((tile for tile in (16, 8, 4, 2, 1) if tile <= most), 0)

    @property
    def blocks(self) -> int:
        """Blocks that cover one batch."""
        return -(-self.batch // self.tile)

    @property
    def parts(self) -> tuple[int, int]:
        """Blocks of the generator's and of the discriminator's gradient, which leave as many parts of it."""
        return self.blocks, 2 * self.blocks


def activation_in_c(layer: Layer) -> tuple[str, str] | None:
    """y of a, and dy/da as a function of y, as C expressions; None for an activation without.

    Parameters
    ----------
    layer : Layer
    """
    if type(layer) is LeakyReLU:
        slope = f"(REAL){layer.slope!r}"
        # y has the sign of a, or is 0 where the slope is.
        return f"(a > 0 ? a : {slope} * a)", f"(y > 0 ? (REAL)1 : {slope})"
    return _ACTIVATIONS.get(type(layer))


def is_written(network: Network) -> bool:
    """Whether dense layers with biases alternate with activations that have C expressions, a dense one first and last.

    Parameters
    ----------
    network : Network
    """
    dense, between = network.layers[::2], network.layers[1::2]
    return (
        len(dense) == len(between) + 1
        and all(type(layer) is Dense and layer.bias for layer in dense)
        and all(activation_in_c(layer) is not None for layer in between)
    )


def slopes_in_c(objective: Objective) -> tuple[str, str, str] | None:
    """a'(s), b'(s) and c'(s) as C expressions, or None for an objective without.

    Parameters
    ----------
    objective : Objective
    """
    down, up = "(1 / (1 + exp(s)))", "(1 / (1 + exp(-s)))"
    kind = type(objective)
    if kind is Minimax:
        return f"-{down}", up, f"-{up}"
    if kind is NonSaturating:
        return f"-{down}", up, f"-{down}"
    if kind is Wasserstein:
        return "(REAL)-1", "(REAL)1", "(REAL)-1"
    if kind is Hinge:
        return "(s < 1 ? (REAL)-1 : (REAL)0)", "(s > -1 ? (REAL)1 : (REAL)0)", "(REAL)-1"
    if isinstance(objective, LeastSquares):
        labels = objective.real_label, objective.fake_label, objective.generator_target
        return tuple(f"(s - (REAL){label!r})" for label in labels)  # type: ignore[return-value]
    return None


def step_source(shape: StepShape) -> str:
    """CUDA C++ with the kernels generator_gradient, discriminator_gradient, adam, descent and advance.

    Parameters
    ----------
    shape : StepShape

    Raises
    ------
    ValueError
        If the objective has no slopes in C, or one sample's values do not fit into a block's shared memory.
    """
    slopes = slopes_in_c(shape.objective)
    if slopes is None:
        raise ValueError(f"`objective` must have slopes in C, got {shape.objective!r}.")
    if shape.tile == 0:
        raise ValueError(f"the networks must fit into {_SHARED} bytes per sample, got widths {_widths(shape)}.")
    generator, discriminator = _sizes(shape.generator), _sizes(shape.discriminator)
    offsets, start = [], 0
    for size in (*generator, *discriminator[1:]):
        offsets.append(start)
        start += size * shape.tile
    # The discriminator reads where the generator writes.
    g_at, d_at = offsets[: len(generator)], offsets[len(generator) - 1 :]
    width = max(*generator, *discriminator) * shape.tile
    bars = start, start + width
    # Each activation once, in the order in which they come.
    written = list(
        dict.fromkeys(filter(None, map(activation_in_c, (*shape.generator.layers, *shape.discriminator.layers))))
    )
    g_kinds, d_kinds = _kinds(shape.generator, written), _kinds(shape.discriminator, written)
    back_d, bar = _backward("phi", discriminator, d_kinds, d_at, bars, 0, wanted=False, through=True)
    back_g, _ = _backward("theta", generator, g_kinds, g_at, bars, bar, wanted=True, through=False)
    own_d, _ = _backward("phi", discriminator, d_kinds, d_at, bars, 0, wanted=True, through=False)
    return KERNELS_IN_C.format(
        real=shape.real,
        tile=shape.tile,
        batch=shape.batch,
        blocks=shape.blocks,
        pool=start + 2 * width,
        values="\n".join(f"    case {i}: return {y};" for i, (y, _) in enumerate(written, 1)),
        slopes="\n".join(f"    case {i}: return {dy};" for i, (_, dy) in enumerate(written, 1)),
        on_real=slopes[0],
        on_fake=slopes[1],
        own=slopes[2],
        latent=generator[0],
        features=generator[-1],
        latent_at=g_at[0],
        fake_at=d_at[0],
        logit_at=d_at[-1],
        bar_at=bars[0],
        g_size=shape.generator.size,
        d_size=shape.discriminator.size,
        forward_g=_forward("theta", generator, g_kinds, g_at),
        forward_d=_forward("phi", discriminator, d_kinds, d_at),
        back_d=back_d,
        back_g=back_g,
        own_d=own_d,
    )


def _sizes(network: Network) -> list[int]:
    layers = [layer for layer in network.layers if isinstance(layer, Dense)]
    return [layers[0].inputs, *(layer.outputs for layer in layers)]


def _widths(shape: StepShape) -> tuple[int, int]:
    return shape.generator.width, shape.discriminator.width


def _kinds(network: Network, written: list[tuple[str, str]]) -> list[int]:
    """For each size the number of the activation that gives these values; 0 for none."""
    numbers = {expressions: i for i, expressions in enumerate(written, 1)}
    return [0, *(numbers[found] for layer in network.layers[1::2] if (found := activation_in_c(layer))), 0]


def _forward(name: str, sizes: list[int], kinds: list[int], at: list[int]) -> str:
    lines, start = [], 0
    for layer in range(1, len(sizes)):
        n, m = sizes[layer - 1], sizes[layer]
        form = "wide" if m >= _WIDE else "narrow"
        places = f"{name} + {start}, pool + {at[layer - 1]}, pool + {at[layer]}"
        lines += [f"    affine_{form}({places}, {n}, {m}, {kinds[layer]});", "    __syncthreads();"]
        start += (n + 1) * m
    return "\n".join(lines)


def _backward(
    name: str,
    sizes: list[int],
    kinds: list[int],
    at: list[int],
    bars: tuple[int, int],
    bar: int,
    *,
    wanted: bool,
    through: bool,
) -> tuple[str, int]:
    """From the cotangent of the last values in bars[bar] to that of the first, and where that one lies."""
    starts = [0]
    for n, m in pairwise(sizes):
        starts.append(starts[-1] + (n + 1) * m)
    lines = []
    for layer in range(len(sizes) - 1, 0, -1):
        n, m, start = sizes[layer - 1], sizes[layer], starts[layer - 1]
        here, values = f"pool + {bars[bar]}", f"pool + {at[layer - 1]}"
        if wanted:
            lines.append(f"    gradient(partial + {start}, {values}, {here}, {n}, {m});")
        if layer > 1 or through:
            form = "wide" if n >= _WIDE else "narrow"
            there = f"pool + {bars[1 - bar]}"
            lines.append(f"    back_{form}({name} + {start}, {values}, {here}, {there}, {n}, {m}, {kinds[layer - 1]});")
            bar = 1 - bar
        lines.append("    __syncthreads();")
    return "\n".join(lines), bar
