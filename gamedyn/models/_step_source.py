"""One training step of a GAN of two multilayer perceptrons as CUDA source: gradients and Adam in four launches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from gamedyn.nn import Dense, Network, ReLU, Softplus, Tanh
from gamedyn.objectives import Hinge, LeastSquares, Minimax, NonSaturating, Objective, Wasserstein

__all__ = ["THREADS", "StepShape", "slopes_in_c", "step_source"]

THREADS = 128
"""Threads of one block: as many as a hidden layer of the usual width has outputs."""

_SHARED = 48 * 1024  # bytes of shared memory that a block has without asking
_WIDE = 64  # outputs from which on a thread takes one output of all samples, and not of one

_ACTIVATIONS: dict[type, tuple[str, str]] = {
    Tanh: ("tanh(a)", "(1 - y * y)"),
    ReLU: ("(a > 0 ? a : 0)", "(y > 0 ? (REAL)1 : (REAL)0)"),
    # 1 - e^-y = sigmoid(a), and log(1 + e^a) without overflow.
    Softplus: ("((a > 0 ? a : 0) + log1p(exp(-fabs(a))))", "(-expm1(-y))"),
}
"""Activation -> y of a, and dy/da as a function of y."""


@dataclass(frozen=True)
class StepShape:
    """What the source of a step depends on.

    Parameters
    ----------
    generator, discriminator : Network
        Dense layers with biases and Tanh, ReLU or Softplus between them.
    objective : Objective
        One that `slopes_in_c` knows.
    batch : int
        Real samples, and as many latent ones.
    real : {"float", "double"}
    """

    generator: Network
    discriminator: Network
    objective: Objective
    batch: int
    real: str = "float"

    @property
    def tile(self) -> int:
        """Samples that one block carries through both networks."""
        width = max(self.generator.width, self.discriminator.width)
        numbers = sum(map(sum, (_sizes(self.generator), _sizes(self.discriminator)))) + 2 * width
        fitting = _SHARED // (numbers * (4 if self.real == "float" else 8))
        return next((tile for tile in (16, 8, 4, 2, 1) if tile <= fitting), 0)

    @property
    def blocks(self) -> int:
        """Blocks that cover one batch."""
        return -(-self.batch // self.tile)


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
    g_kinds, d_kinds = _kinds(shape.generator), _kinds(shape.discriminator)
    back_d, bar = _backward("phi", discriminator, d_kinds, d_at, bars, 0, wanted=False, through=True)
    back_g, _ = _backward("theta", generator, g_kinds, g_at, bars, bar, wanted=True, through=False)
    own_d, _ = _backward("phi", discriminator, d_kinds, d_at, bars, 0, wanted=True, through=False)
    return _SOURCE.format(
        real=shape.real,
        tile=shape.tile,
        batch=shape.batch,
        blocks=shape.blocks,
        pool=start + 2 * width,
        values="\n".join(f"    case {i}: return {y};" for i, (y, _) in enumerate(_ACTIVATIONS.values(), 1)),
        slopes="\n".join(f"    case {i}: return {dy};" for i, (_, dy) in enumerate(_ACTIVATIONS.values(), 1)),
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


def _kinds(network: Network) -> list[int]:
    """For each size the number of the activation that gives these values; 0 for none."""
    numbers = {kind: i for i, kind in enumerate(_ACTIVATIONS, 1)}
    return [0, *(numbers[type(layer)] for layer in network.layers[1::2]), 0]


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


# A block carries TILE samples through the networks in shared memory; every loop is right for any number of threads.
_SOURCE = """
#define REAL {real}
#define TILE {tile}
#define BATCH {batch}
#define EACH(i, n) for (int i = threadIdx.x; i < (n); i += blockDim.x)
#define EVERY(i, n) for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += gridDim.x * blockDim.x)

// y as a function of a, and dy/da as a function of y.
__device__ REAL value(REAL a, int kind)
{{
    switch (kind) {{
{values}
    default: return a;
    }}
}}

__device__ REAL slope(REAL y, int kind)
{{
    switch (kind) {{
{slopes}
    default: return 1;
    }}
}}

__device__ REAL on_real(REAL s) {{ return {on_real}; }}
__device__ REAL on_fake(REAL s) {{ return {on_fake}; }}
__device__ REAL own(REAL s) {{ return {own}; }}

// y = value(x W + b), W (n, m) by rows and b after it.
__device__ void affine_wide(const REAL *w, const REAL *x, REAL *y, int n, int m, int kind)
{{
    EACH(j, m) {{
        REAL sum[TILE];
        for (int s = 0; s < TILE; ++s)
            sum[s] = w[n * m + j];
        for (int k = 0; k < n; ++k) {{
            const REAL a = w[k * m + j];
            for (int s = 0; s < TILE; ++s)
                sum[s] += x[s * n + k] * a;
        }}
        for (int s = 0; s < TILE; ++s)
            y[s * m + j] = value(sum[s], kind);
    }}
}}

__device__ void affine_narrow(const REAL *w, const REAL *x, REAL *y, int n, int m, int kind)
{{
    EACH(i, TILE * m) {{
        const int s = i / m, j = i % m;
        REAL sum = w[n * m + j];
        for (int k = 0; k < n; ++k)
            sum += x[s * n + k] * w[k * m + j];
        y[i] = value(sum, kind);
    }}
}}

// x_bar = (y_bar W^T) slope(x).
__device__ void back_wide(const REAL *w, const REAL *x, const REAL *y_bar, REAL *x_bar, int n, int m, int kind)
{{
    EACH(k, n) {{
        REAL sum[TILE];
        for (int s = 0; s < TILE; ++s)
            sum[s] = 0;
        for (int j = 0; j < m; ++j) {{
            const REAL a = w[k * m + j];
            for (int s = 0; s < TILE; ++s)
                sum[s] += y_bar[s * m + j] * a;
        }}
        for (int s = 0; s < TILE; ++s)
            x_bar[s * n + k] = sum[s] * slope(x[s * n + k], kind);
    }}
}}

__device__ void back_narrow(const REAL *w, const REAL *x, const REAL *y_bar, REAL *x_bar, int n, int m, int kind)
{{
    EACH(i, TILE * n) {{
        const int s = i / n, k = i % n;
        REAL sum = 0;
        for (int j = 0; j < m; ++j)
            sum += y_bar[s * m + j] * w[k * m + j];
        x_bar[i] = sum * slope(x[i], kind);
    }}
}}

// The block's part of x^T y_bar, and of the sum of y_bar below it.
__device__ void gradient(REAL *partial, const REAL *x, const REAL *y_bar, int n, int m)
{{
    EACH(i, (n + 1) * m) {{
        const int k = i / m, j = i % m;
        REAL sum = 0;
        for (int s = 0; s < TILE; ++s)
            sum += (k < n ? x[s * n + k] : (REAL)1) * y_bar[s * m + j];
        partial[i] = sum;
    }}
}}

// Rows of a batch; samples past its end are zeros.
__device__ void load(REAL *x, const REAL *batch, int first, int size)
{{
    EACH(i, TILE * size)
        x[i] = first + i / size < BATCH ? batch[(long long)first * size + i] : (REAL)0;
}}

extern "C" __global__ void generator_gradient(
    const REAL *theta, const REAL *phi, const REAL *latent, REAL *partials, int slot)
{{
    __shared__ REAL pool[{pool}];
    const int first = blockIdx.x * TILE;
    REAL *partial = partials + (long long)blockIdx.x * {g_size};
    load(pool + {latent_at}, latent + (long long)slot * BATCH * {latent}, first, {latent});
    __syncthreads();
{forward_g}
{forward_d}
    EACH(s, TILE)
        pool[{bar_at} + s] = first + s < BATCH ? own(pool[{logit_at} + s]) / BATCH : (REAL)0;
    __syncthreads();
{back_d}
{back_g}
}}

extern "C" __global__ void discriminator_gradient(
    const REAL *theta, const REAL *phi, const REAL *latent, const REAL *real, REAL *partials, int slot)
{{
    __shared__ REAL pool[{pool}];
    const int fake = blockIdx.x < {blocks}, first = (blockIdx.x - (fake ? 0 : {blocks})) * TILE;
    REAL *partial = partials + (long long)blockIdx.x * {d_size};
    if (fake) {{
        load(pool + {latent_at}, latent + (long long)slot * BATCH * {latent}, first, {latent});
        __syncthreads();
{forward_g}
    }} else {{
        load(pool + {fake_at}, real + (long long)slot * BATCH * {features}, first, {features});
        __syncthreads();
    }}
{forward_d}
    EACH(s, TILE) {{
        const REAL logit = pool[{logit_at} + s];
        pool[{bar_at} + s] = first + s < BATCH ? (fake ? on_fake(logit) : on_real(logit)) / BATCH : (REAL)0;
    }}
    __syncthreads();
{own_d}
}}

__device__ REAL total(const REAL *partials, int blocks, int size, int i)
{{
    REAL sum = 0;
    for (int b = 0; b < blocks; ++b)
        sum += partials[(long long)b * size + i];
    return sum;
}}

extern "C" __global__ void adam(REAL *z, REAL *first, REAL *second, const REAL *partials, int blocks, int size,
    const long long *steps, int slot, double step_size, double first_decay, double second_decay, double epsilon)
{{
    const double t = (double)(steps[0] + slot + 1);
    const REAL b1 = first_decay, b2 = second_decay;
    const REAL c1 = -expm1(t * log(first_decay)), c2 = -expm1(t * log(second_decay));
    EVERY(i, size) {{
        const REAL g = total(partials, blocks, size, i);
        first[i] = b1 * first[i] + (1 - b1) * g;
        second[i] = b2 * second[i] + (1 - b2) * g * g;
        z[i] -= (REAL)step_size * (first[i] / c1 / (sqrt(second[i] / c2) + (REAL)epsilon));
    }}
}}

extern "C" __global__ void descent(REAL *z, const REAL *partials, int blocks, int size, double step_size)
{{
    EVERY(i, size)
        z[i] -= (REAL)step_size * total(partials, blocks, size, i);
}}

extern "C" __global__ void advance(long long *steps, int count)
{{
    if (blockIdx.x == 0 && threadIdx.x == 0)
        steps[0] += count;
}}
"""
