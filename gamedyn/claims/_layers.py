"""Claims on layers: transposed convolutions, their uneven overlaps, batch statistics, and unrolled gradients."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.games import Unrolled
from gamedyn.models import NeuralGAN
from gamedyn.nn import BatchNormalization, LayerNormalization, Softplus, TransposedConvolution, mlp
from gamedyn.objectives import NonSaturating

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_EPS = float(numpy.finfo(float).eps)


def _convolved(x: Any, weight: Any, stride: int) -> Any:
    """y[p, q] = sum over i, j of x[stride p + i, stride q + j] W[i, j], by loops; x (n, height, width, channels)."""
    kernel = weight.shape[0]
    size = (x.shape[1] - kernel) // stride + 1
    y = numpy.zeros((len(x), size, size, weight.shape[-1]))
    for p, q, i, j in itertools.product(range(size), range(size), range(kernel), range(kernel)):
        y[:, p, q] += x[:, stride * p + i, stride * q + j] @ weight[i, j]
    return y


def _pairings(rng: Generator, *, flipped: bool) -> Evidence:
    rows = []
    for kernel, stride in ((2, 1), (3, 1), (3, 2), (4, 2), (2, 3)):
        side = kernel + 2 * stride
        x, u = rng.normal(size=(4, side, side, 2)), rng.normal(size=(4, 3, 3, 3))
        weight = rng.normal(size=(kernel, kernel, 2, 3))
        layer = TransposedConvolution(3, 2, kernel=(kernel, kernel), stride=stride, bias=False)
        turned, _ = layer.forward((weight[::-1, ::-1] if flipped else weight,), u)
        there, back = u * _convolved(x, weight, stride), turned * x
        rows.append((there.sum(), back.sum(), abs(there).sum() + abs(back).sum()))
    predicted, measured, size = numpy.array(rows).T
    return Evidence(predicted, measured, 16 * _EPS * size, "rounding: 16 ulp of the summands")


def _transposed(rng: Generator) -> Evidence:
    """Five kernels and strides, the convolution by loops. <C x, u> = <x, C^T u>, C^T the layer (equality)."""
    return _pairings(rng, flipped=False)


def _transposed_control(rng: Generator) -> Evidence:
    """The kernel turned by half a turn."""
    return _pairings(rng, flipped=True)


def _overlap_spread(excess: int) -> Evidence:
    """The coefficient of variation of the overlaps in one period far inside, for kernels and strides up to 6."""
    rows = []
    for kernel, stride in itertools.product(range(1, 7), range(1, 5)):
        if kernel >= stride:
            counts = TransposedConvolution(1, 1, kernel=(kernel,), stride=stride).overlaps((24,))
            inside = counts[8 * stride : 9 * stride]
            rest = (kernel + excess) % stride
            # rest of the stride's positions hear one input more: a Bernoulli law of mean rest / stride.
            rows.append((numpy.sqrt(rest * (stride - rest)) / (kernel + excess), inside.std() / inside.mean()))
    predicted, measured = numpy.array(rows).T
    return Evidence(predicted, measured, 8 * _EPS, "rounding: 8 ulp")


def _checkerboard(_rng: Generator) -> Evidence:
    """Kernel k, stride s, r = k mod s. The overlaps vary by sqrt(r (s - r)) / k, not at all iff s divides k (equality).

    As a share of their mean; r of each s neighbouring outputs hear one input more than the others.
    """
    return _overlap_spread(0)


def _checkerboard_control(_rng: Generator) -> Evidence:
    """The prediction for a kernel one longer."""
    return _overlap_spread(1)


def _pair_correlations(rng: Generator, layer: Any) -> Evidence:
    """The mean product of two samples' outputs over their mean square, for batches of 2, 3, 8 and 64."""
    sizes, found = numpy.array([2, 3, 8, 64]), []
    for n in sizes:
        y, _ = layer.forward((), rng.normal(3.0, 2.0, size=(n, 5)))
        pairs = y.sum(0) ** 2 - (y**2).sum(0)
        found.append((pairs / (n * (n - 1))).mean() / (y**2).mean())
    return Evidence(-1 / (sizes - 1), numpy.array(found), 256 * _EPS, "rounding: 256 ulp")


def _batch_correlation(rng: Generator) -> Evidence:
    """n independent samples. After batch normalisation two outputs have the correlation -1 / (n - 1) (equality).

    The outputs of a batch sum to zero.
    """
    return _pair_correlations(rng, BatchNormalization((5,), affine=False))


def _batch_correlation_control(rng: Generator) -> Evidence:
    """Normalised within each sample instead."""
    return _pair_correlations(rng, LayerNormalization((5,), affine=False))


def _unrolled_gradients(rng: Generator, *, stopped: bool) -> Evidence:
    """The gradient in theta of L_0(theta, phi_k(theta)) by complex step of the k steps, and by the wrapper."""
    data = rng.normal(size=(9, 2))
    model = NeuralGAN(mlp((2, 3, 2), Softplus()), mlp((2, 4, 1)), NonSaturating(), data, latent_dim=2)
    game, z, first, steps, h = model.full(), model.init(rng), model.dims[0], 4, 0.3
    z = z + 0.3 * rng.normal(size=z.shape)

    def after(w: Any) -> Any:
        for _ in range(steps):
            w = numpy.concatenate([w[:first], w[first:] - h * game.player_gradient(w, 1)])
        return w

    directions = 1e-30j * numpy.eye(first, z.size)
    predicted = numpy.array([game.losses(after(z + step))[0].imag / 1e-30 for step in directions])
    if stopped:
        measured = game.player_gradient(after(z), 0)
    else:
        measured = Unrolled(game, steps=steps, step_size=h, zero_sum=False).player_gradient(z, 0)
    return Evidence(predicted, measured, 256 * _EPS * abs(predicted).max(), "rounding: 256 ulp of the largest entry")


def _unrolled(rng: Generator) -> Evidence:
    """A GAN of two networks, k = 4. Backpropagation through the steps of D gives d L_0(theta, phi_k) (equality)."""
    return _unrolled_gradients(rng, stopped=False)


def _unrolled_control(rng: Generator) -> Evidence:
    """The gradient stopped at phi_k."""
    return _unrolled_gradients(rng, stopped=True)


CLAIMS = (
    Claim(
        id="nn.transposed-convolution",
        statement="<C x, u> = <x, C^T u>, C a convolution by loops, C^T the transposed convolution",
        source="Dumoulin & Visin 2016",
        relation="==",
        check=_transposed,
        control=_transposed_control,
    ),
    Claim(
        id="nn.checkerboard",
        statement="overlaps of a kernel k at stride s vary by sqrt(r (s - r)) / k of their mean, r = k mod s",
        source="from Odena, Dumoulin & Olah 2016",
        relation="==",
        check=_checkerboard,
        control=_checkerboard_control,
    ),
    Claim(
        id="nn.batchnorm-correlation",
        statement="two outputs of a batch-normalised batch of n have correlation -1 / (n - 1)",
        source="derived: the batch sums to zero",
        relation="==",
        check=_batch_correlation,
        control=_batch_correlation_control,
    ),
    Claim(
        id="nn.unrolled",
        statement="reverse accumulation through k steps of D is the gradient of L_0(theta, phi_k(theta))",
        source="Metz et al. 2017, eq. 10",
        relation="==",
        check=_unrolled,
        control=_unrolled_control,
    ),
)
