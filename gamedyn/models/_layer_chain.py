"""A chain of layers on one sample, and the second derivatives of its output in the weights of two layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_device
from gamedyn.models._kept_pass import KeptPass
from gamedyn.models._pair_products import PairProducts

__all__ = ["LayerChain", "Scale"]

# Entries of the largest array of one pair of layers: 4 MB in float64.
_LARGEST_ARRAY = 2**19

Scale = tuple[Array, Array]
"""(l'(s), l''(s)) at the samples, (..., batch, 1)."""


class LayerChain:
    """s = f(x) through pre-activations a_l = x_l W_l, x_l with a last entry of one, x_{l + 1} = h_l(a_l).

    Moving W_m moves a_m by x_m, and all else through a_m. With alpha_l = ds / da_l, A = da_l / da_m and
    K = dalpha_l / da_m, which follow from layer to layer, the second derivative of sum l(s) in the weights (j, i) of
    layer m and (q, p) of layer l >= m is, summed over samples,

        x_j x_q (l''(s) alpha_i alpha_p + l'(s) K_ip) + x_j l'(s) alpha_p dx_q / da_i:

    two matrix products of Khatri-Rao products, whose entries run over pairs of units, in the place of one pass for
    each weight.

    Parameters
    ----------
    extended : list of array, shape (..., batch, n_(l - 1) + 1)
        x_l with its ones.
    weights : list of array, shape (..., n_(l - 1), n_l)
        W_l without its last row.
    alphas : list of array, shape (..., batch, n_l)
    slopes, bends : list of array, shape (..., batch, n_l)
        h_l' and h_l'' times the cotangent of x_{l + 1}, for all layers but the last.
    end : array, shape (..., batch, n_L, n_L), optional
        The last dalpha / da; 0 where None, as where s is the last layer's own output.
    """

    def __init__(
        self,
        extended: list[Array],
        weights: list[Array],
        alphas: list[Array],
        slopes: list[Array],
        bends: list[Array],
        end: Array | None = None,
    ) -> None:
        self.xp: Any = array_namespace(weights[0])
        self.extended, self.weights, self.alphas, self.slopes, self.bends = extended, weights, alphas, slopes, bends
        self.end = end
        self.sizes = [(x.shape[-1], alpha.shape[-1]) for x, alpha in zip(extended, alphas, strict=True)]

    @classmethod
    def of(cls, kept: KeptPass) -> LayerChain:
        """The layers of one network."""
        return cls(kept.extended, kept.weights, kept.alphas, kept.slopes, kept.bends)

    def __add__(self, other: LayerChain) -> LayerChain:
        """This chain's output as the first of the other's inputs; further ones do not move."""
        link = self.xp.ones_like(self.alphas[-1])
        return LayerChain(
            self.extended + other.extended,
            [*self.weights, other.weights[0][..., : link.shape[-1], :], *other.weights[1:]],
            self.alphas + other.alphas,
            [*self.slopes, link, *other.slopes],
            [*self.bends, 0 * link, *other.bends],
        )

    def row(self, m: int, scales: Sequence[Sequence[Scale]]) -> list[list[PairProducts]]:
        """Blocks of layer m with each l >= m in order, one for each of the scales given for l."""
        samples = self.alphas[-1].shape[-2]
        width = max(max(sizes) for sizes in self.sizes)
        entries = math.prod(self.alphas[0].shape[:-2]) * max(self.sizes[m]) * width
        chunk = max(1, _LARGEST_ARRAY // max(1, entries))
        total: list[list[tuple[Array, Array | None]]] = []
        for start in range(0, samples, chunk):
            part = slice(start, min(start + chunk, samples))
            cut = [[(a[..., part, :], b[..., part, :]) for a, b in each] for each in scales]
            total = _sum(total, self.on(part)._row(m, cut))
        sizes = self.sizes[m:]
        return [
            [PairProducts(sizes[0], sizes[k], product, moved, k == 1) for product, moved in sums]
            for k, sums in enumerate(total)
        ]

    def on(self, part: slice) -> LayerChain:
        """The chain on a part of the samples."""

        def cut(arrays: list[Array]) -> list[Array]:
            return [array[..., part, :] for array in arrays]

        end = None if self.end is None else self.end[..., part, :, :]
        passes = cut(self.alphas), cut(self.slopes), cut(self.bends)
        return LayerChain(cut(self.extended), self.weights, *passes, end)

    def output_jacobian(self) -> Array:
        """The last pre-activation's derivative in all weights, (..., batch, n_L, d)."""
        parts = []
        for m, x in enumerate(self.extended):
            moved = self.xp.matrix_transpose(self._forward(m)[0][-1])
            parts.append(_flat(x[..., None, :, None] * moved[..., :, None, :]))
        return self.xp.concat(parts, axis=-1)

    def bar_jacobian(self, m: int) -> Array:
        """dalpha_m / da_m, (..., batch, n_m, n_m), for m before the last layer."""
        return self._backward(m, self._forward(m)[0])[0]

    def mixed(self, m: int, scale: Scale) -> Array:
        """The derivative in a_m of each sample's gradient of l(s) in the weights behind, (..., batch, n_m, d)."""
        xp, (first, second), alpha, parts = self.xp, scale, self.alphas[m], []
        moved, inputs_moved = self._forward(m)
        bars_moved = self._backward(m, moved)
        for layer in range(m + 1, len(self.sizes)):
            other, bar_moved, x_moved = self.alphas[layer], bars_moved[layer - m], inputs_moved[layer - m - 1]
            bent = _outer(second * alpha, other)
            if bar_moved is not None:
                bent += first[..., None] * bar_moved
            if layer == m + 1:
                x_moved = x_moved[..., None] * moved[0]
            x, still = self.extended[layer], xp.zeros_like(x_moved[..., :1])
            # Neither the ones of the biases nor labels move.
            padded = xp.concat([x_moved, *([still] * (x.shape[-1] - x_moved.shape[-1]))], axis=-1)
            part = x[..., None, :, None] * bent[..., :, None, :]
            part += padded[..., None] * (first * other)[..., None, None, :]
            parts.append(_flat(part))
        return xp.concat(parts, axis=-1)

    def _row(self, m: int, scales: Sequence[Sequence[Scale]]) -> list[list[tuple[Array, Array | None]]]:
        """For each l and scale, the products of `PairProducts`."""
        xp, last = self.xp, len(self.sizes) - 1
        moved, inputs_moved = self._forward(m)
        bars_moved = self._backward(m, moved)
        x, alpha, found = self.extended[m], self.alphas[m], []
        for layer in range(m, last + 1):
            other, bar_moved = self.alphas[layer], bars_moved[layer - m]
            pairs = xp.matrix_transpose(_pairs(x) if layer == m else _khatri_rao(x, self.extended[layer]))
            row: list[tuple[Array, Array | None]] = []
            for first, second in scales[layer - m]:
                bent = _outer(second * alpha, other)
                if bar_moved is not None:
                    bent += first[..., None] * bar_moved
                product = pairs @ _flat(bent)
                if layer == m:
                    row.append((product, None))
                    continue
                x_moved = inputs_moved[layer - m - 1]
                turned = xp.matrix_transpose(x_moved if layer == m + 1 else _flat(x_moved))
                row.append((product, turned @ _khatri_rao(x, first * other)))
            found.append(row)
        return found

    def _forward(self, m: int) -> tuple[list[Array], list[Array]]:
        """(da_l / da_m (..., batch, n_m, n_l) for l >= m; dx_l / da_m (..., batch, n_m, n_(l - 1)) for l > m).

        The first of the former is the identity, and of the latter the diagonal (..., batch, n_m) alone.
        """
        size = self.sizes[m][1]
        identity = self.xp.eye(size, dtype=self.weights[m].dtype, device=device_of(self.weights[m]))
        moved, inputs_moved = [identity], []
        for layer in range(m, len(self.sizes) - 1):
            slope, weight = self.slopes[layer], self.weights[layer + 1]
            if layer == m:
                inputs_moved.append(slope)
                moved.append(slope[..., None] * weight[..., None, :, :])
            else:
                x_moved = slope[..., None, :] * moved[-1]
                inputs_moved.append(x_moved)
                moved.append(self._through(x_moved, weight))
        return moved, inputs_moved

    def _backward(self, m: int, moved: list[Array]) -> list[Array | None]:
        """dalpha_l / da_m (..., batch, n_m, n_l) for l >= m, None for 0."""
        found: list[Array | None] = [None if self.end is None else moved[-1] @ self.end]
        for layer in range(len(self.sizes) - 2, m - 1, -1):
            bar_moved = self.bends[layer][..., None, :] * moved[layer - m]
            if found[0] is not None:
                turned = self.xp.matrix_transpose(self.weights[layer + 1])
                passed = self._through(found[0], turned)
                passed *= self.slopes[layer][..., None, :]
                bar_moved += passed
            found.insert(0, bar_moved)
        return found

    def _through(self, stack: Array, matrix: Array) -> Array:
        """(..., batch, n, k) times (..., k, l), as one matrix product."""
        lead, (batch, rows, columns) = stack.shape[:-3], stack.shape[-3:]
        product = self.xp.reshape(stack, (*lead, batch * rows, columns)) @ matrix
        return self.xp.reshape(product, (*product.shape[:-2], batch, rows, matrix.shape[-1]))


def _outer(x: Array, y: Array) -> Array:
    """(..., batch, k, l) of (..., batch, k) and (..., batch, l)."""
    return x[..., :, None] * y[..., None, :]


def _flat(x: Array) -> Array:
    return array_namespace(x).reshape(x, (*x.shape[:-2], x.shape[-2] * x.shape[-1]))


def _khatri_rao(x: Array, y: Array) -> Array:
    """(..., batch, k l)."""
    return _flat(_outer(x, y))


def _pairs(x: Array) -> Array:
    """x_j x_q for j <= q, (..., batch, k (k + 1) / 2)."""
    xp = array_namespace(x)
    first, second = (to_device(each, xp, device=device_of(x)) for each in numpy.triu_indices(x.shape[-1]))
    return xp.take(x, first, axis=-1) * xp.take(x, second, axis=-1)


def _sum(total: list[list[Any]], new: list[list[Any]]) -> list[list[Any]]:
    if not total:
        return new
    return [
        [(a + c, None if b is None else b + d) for (a, b), (c, d) in zip(*rows, strict=True)]
        for rows in zip(total, new, strict=True)
    ]
