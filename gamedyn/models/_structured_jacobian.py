"""The Jacobian and the Hessians of a GAN of two plain networks, from pairs of layers instead of single parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace
from gamedyn.models._frozen_point import FrozenPoint
from gamedyn.models._kept_pass import KeptPass
from gamedyn.models._layer_chain import LayerChain, Scale
from gamedyn.models._pair_products import PairProducts, Placed, assembled

__all__ = ["StructuredJacobian"]

# Up to so many features the mixed blocks go through the samples' derivatives: their cost grows with the features,
# that of pairs of layers does not.
_FEW_FEATURES = 4
# Entries of the samples' derivatives at a time: 16 MB in float64.
_LARGEST_STACK = 2**21
_STRIP = 16


class StructuredJacobian:
    """Dense second derivatives of the losses of `FrozenPoint`.

    Fake samples pass one chain of layers, the generator's and then the critic's; weights of the critic alone are moved
    on real and fake samples together. `LayerChain` says how.

    Parameters
    ----------
    point : FrozenPoint
        Of networks that are plain (`is_plain`), whose critic may be shown labels, but no packs.
    """

    def __init__(self, point: FrozenPoint) -> None:
        self.xp = xp = array_namespace(point.phi)
        generator, theta, real, n = point.generator, point.theta, point.real, point.real.shape[-2]
        fake = point.shown(generator.forward(theta, point.latent)[0])
        seen = xp.concat([xp.broadcast_to(real, (*fake.shape[:-2], *real.shape)), fake], axis=-2)
        kept = KeptPass(point.discriminator, point.phi, seen)
        outputs = kept.output[..., :n, :], kept.output[..., n:, :]
        first, second = point.first(*outputs), point.second(*outputs)
        self.own: Scale = first.own, second.own
        self.theirs: Scale = first.fake, second.fake
        self.both: Scale = (
            xp.concat([first.real, first.fake], axis=-2),
            xp.concat([second.real, second.fake], axis=-2),
        )
        self.is_zero_sum = point.objective.is_zero_sum
        self.critic = LayerChain.of(kept)
        self.depth = len(generator.layers[::2])
        bar = point.view.pull(kept.x_bar[..., n:, :])
        self.generator = LayerChain.of(KeptPass(generator, theta, point.latent, bar))
        self.has_few_features = self.generator.sizes[-1][1] <= _FEW_FEATURES
        self.chain = self.generator + self.critic.on(slice(n, None))

    def jacobian(self) -> Array:
        """(..., d, d)."""
        if self.has_few_features:
            return self._jacobian_through_samples()
        depth, total = self.depth, len(self.chain.sizes)
        # In a zero-sum game one player's mixed block is minus the other's, transposed.
        mixed = [self.own] if self.is_zero_sum else [self.own, self.theirs]
        blocks = self._critic_blocks(depth)
        for m in range(depth):
            for layer, found in enumerate(self.chain.row(m, [[self.own]] * (depth - m) + [mixed] * (total - depth)), m):
                if layer < depth:
                    blocks.append(_symmetric(m, layer, found[0]))
                elif self.is_zero_sum:
                    blocks.append((m, layer, found[0], (1, -1)))
                else:
                    blocks += [(m, layer, found[0], (1, 0)), (m, layer, found[1], (0, 1))]
        return assembled(blocks, _lengths(self.chain))

    def _jacobian_through_samples(self) -> Array:
        """With the mixed blocks as a product of derivatives in the fake samples, of which there are few for each."""
        xp, (p, q) = self.xp, (sum(_lengths(self.generator)), sum(_lengths(self.critic)))
        upper, lower = self._mixed_blocks()
        if not isinstance(upper, numpy.ndarray):
            own = self.own_hessian(0), self.own_hessian(1)
            rows = xp.concat([own[0], upper], axis=-1), xp.concat([xp.matrix_transpose(lower), own[1]], axis=-1)
            return xp.concat(rows, axis=-2)
        matrix = numpy.empty((*upper.shape[:-2], p + q, p + q), dtype=upper.dtype)
        self.own_hessian(0, matrix[..., :p, :p])
        self.own_hessian(1, matrix[..., p:, p:])
        matrix[..., :p, p:] = upper
        # In strips, which the cache holds while they are turned.
        for start in range(0, p, _STRIP):
            strip = slice(start, min(start + _STRIP, p))
            matrix[..., p:, strip] = numpy.matrix_transpose(lower[..., strip, :])
        return matrix

    def _mixed_blocks(self) -> tuple[Array, Array]:
        """D_theta D_phi of L_0 and of L_1, (..., P_0, P_1)."""
        last, scales = self.depth - 1, [self.own] if self.is_zero_sum else [self.own, self.theirs]
        found: list[Any] = [None] * len(scales)
        for part in self._parts():
            chain, outputs = self.chain.on(part), _stacked(self.generator.on(part).output_jacobian())
            turned = self.xp.matrix_transpose(outputs)
            for k, (first, second) in enumerate(scales):
                product = turned @ _stacked(chain.mixed(last, (first[..., part, :], second[..., part, :])))
                if found[k] is None:
                    found[k] = product
                else:
                    found[k] += product
        return found[0], -found[0] if self.is_zero_sum else found[1]

    def _parts(self) -> list[slice]:
        """Samples whose derivatives are held at a time."""
        lead, samples = self.chain.alphas[-1].shape[:-2], self.chain.alphas[-1].shape[-2]
        entries = math.prod(lead) * self.generator.sizes[-1][1] * sum(_lengths(self.chain))
        step = max(1, _LARGEST_STACK // max(1, entries))
        return [slice(start, min(start + step, samples)) for start in range(0, samples, step)]

    def own_hessian(self, player: int, out: numpy.ndarray | None = None) -> Array:
        """(..., d_i, d_i), written to `out` where that is given and all is NumPy's."""
        if player == 1:
            return assembled(self._critic_blocks(0), _lengths(self.critic), out)
        depth, later = self.depth, len(self.critic.sizes)
        if self.has_few_features:
            bars = [self.chain.on(part).bar_jacobian(depth - 1) for part in self._parts()]
            self.generator.end = self.xp.concat(bars, axis=-3)
            rows = [self.generator.row(m, [[self.own]] * (depth - m)) for m in range(depth)]
        else:
            rows = [self.chain.row(m, [[self.own]] * (depth - m) + [[]] * later)[: depth - m] for m in range(depth)]
        return assembled(_upper(rows, 0), _lengths(self.generator), out)

    def loss_hessians(self) -> Array:
        """(..., 2, d, d)."""
        depth, total = self.depth, len(self.chain.sizes)
        scales = [self.own] if self.is_zero_sum else [self.own, self.theirs]
        first, second = [], self._critic_blocks(depth)
        for m in range(total):
            for layer, found in enumerate(self.chain.row(m, [scales] * (total - m)), m):
                first.append(_symmetric(m, layer, found[0]))
                if m < depth:
                    second.append(_symmetric(m, layer, found[-1], -1 if self.is_zero_sum else 1))
        sizes = _lengths(self.chain)
        return self.xp.stack([assembled(blocks, sizes) for blocks in (first, second)], axis=-3)

    def _critic_blocks(self, start: int) -> list[Placed]:
        """D_phi^2 L_1, at block rows from `start` on."""
        total = len(self.critic.sizes)
        rows = [self.critic.row(m, [[self.both]] * (total - m)) for m in range(total)]
        return _upper(rows, start)


def _lengths(chain: LayerChain) -> list[int]:
    return [k * n for k, n in chain.sizes]


def _stacked(x: Array) -> Array:
    """(..., batch features, d)."""
    return array_namespace(x).reshape(x, (*x.shape[:-3], x.shape[-3] * x.shape[-2], x.shape[-1]))


def _symmetric(m: int, layer: int, pair: PairProducts, sign: int = 1) -> Placed:
    return m, layer, pair, (sign, 0 if m == layer else sign)


def _upper(rows: list[list[list[PairProducts]]], start: int) -> list[Placed]:
    """Rows from the diagonal on, at block rows from `start` on."""
    return [_symmetric(m, layer, found[0]) for m, row in enumerate(rows, start) for layer, found in enumerate(row, m)]
