"""Minibatches of a GAN for its fused kernels: rows of the data and latent samples, as its own draws have them."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import as_generator

__all__ = ["HostDraws"]


class HostDraws:
    """The random numbers of `NeuralGAN.draw` and `redraw`, without what is made of them.

    They are drawn on the host, so that NumPy and CuPy train on the same minibatches.

    Parameters
    ----------
    data_size : int
        Rows of the data.
    batch : int
        Rows and latent samples of a minibatch.
    latent_dim : int
    per_step : int
        Minibatches of one step: all but the first are drawn by the seed of the one before.
    dtype : dtype
        Of latent samples.
    """

    def __init__(self, data_size: int, batch: int, latent_dim: int, per_step: int, dtype: Any) -> None:
        self.data_size, self.per_step = data_size, per_step
        self.shape, self.dtype = (batch, latent_dim), dtype

    def __call__(self, rng: Any, steps: int) -> tuple[numpy.ndarray, numpy.ndarray]:
        """(rows (k, batch), latent (k, batch, latent_dim)) of the k minibatches of the next `steps` steps.

        Parameters
        ----------
        rng : Generator
            Advanced by one draw of the game per step.
        steps : int
        """
        count = steps * self.per_step
        rows = numpy.empty((count, self.shape[0]), numpy.int32)
        latent = numpy.empty((count, *self.shape), self.dtype)
        seed = 0
        for k in range(count):
            bits = as_generator(seed) if k % self.per_step else rng
            rows[k] = bits.integers(self.data_size, size=self.shape[0])
            latent[k] = bits.standard_normal(self.shape)
            seed = int(bits.integers(2**63))
        return rows, latent
