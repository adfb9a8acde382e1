"""NeuralGAN: two networks and an objective on data, as a stochastic game that any update rule can train."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_nonnegative
from gamedyn.backend import (
    Array,
    array_namespace,
    as_generator,
    device_of,
    float_arrays,
    host_normal,
    to_device,
    to_host,
)
from gamedyn.distributions import Distribution
from gamedyn.games import StochasticGame
from gamedyn.models._neural_gan_game import NeuralGANGame
from gamedyn.nn import Network
from gamedyn.objectives import Objective

__all__ = ["NeuralGAN"]


@dataclass(frozen=True, eq=False)
class NeuralGAN(StochasticGame):
    """Generator x = G(theta, e), e ~ N(0, I), against discriminator s = D(phi, x); z = (theta, phi).

    Player 0 minimises E c(D(G(e))), player 1 minimises E a(D(x)) + E b(D(G(e))), with a, b, c of the objective. One
    draw is a minibatch of `batch_size` real samples, taken with replacement, and as many latent ones, drawn on the
    host. Networks may be many at once: z (..., P_0 + P_1) is an ensemble, and all of it sees the same draw.

    Parameters
    ----------
    generator : Network
        From `latent_dim` inputs to the features of the data.
    discriminator : Network
        From the features of the data to one output, a logit (for Wasserstein a critic value).
    objective : Objective
    data : array_like, shape (n, features), or Distribution
        Real samples; or their law on R or R^features, of which every draw is fresh. Its library, device and precision
        are the game's.
    latent_dim : int
        Size of e.
    batch_size : int
        Real and fake samples per draw.
    full_size : int, optional
        Latent samples of `full()`, and of a Distribution its real ones, fixed once and for all; None takes as many as
        there are data, or 1,024.
    instance_noise : float
        Standard deviation of Gaussian noise that every real and every fake sample carries, drawn with the batch.

    Raises
    ------
    ValueError
        If the networks, the data and `latent_dim` do not fit together, or the data are not finite.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets, Algorithm 1.

    Examples
    --------
    A discriminator of zeros says 1/2 everywhere: the players pay -log 2 and log 4.

    >>> import numpy
    >>> from gamedyn.nn import mlp
    >>> from gamedyn.objectives import Minimax
    >>> model = NeuralGAN(mlp((1, 1)), mlp((1, 1)), Minimax(), [[0.0], [1.0]], latent_dim=1, batch_size=2)
    >>> losses = model.full().losses(numpy.zeros(4))
    >>> [round(float(loss), 12) for loss in losses]
    [-0.69314718056, 1.38629436112]
    """

    generator: Network
    discriminator: Network
    objective: Objective
    data: Any
    latent_dim: int
    batch_size: int = 64
    full_size: int | None = None
    instance_noise: float = 0.0
    dims: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        check_integer("latent_dim", self.latent_dim, minimum=1)
        check_integer("batch_size", self.batch_size, minimum=1)
        if self.full_size is not None:
            check_integer("full_size", self.full_size, minimum=1)
        check_nonnegative("instance_noise", self.instance_noise)
        if not isinstance(self.data, Distribution):
            object.__setattr__(self, "data", _checked_samples(self.data))
        features = _features(self.data)
        _check_size("`generator` must take `latent_dim` inputs", self.latent_dim, self.generator.input_size)
        _check_size("`generator` must give one output per feature of `data`", features, self.generator.output_size)
        _check_size("`discriminator` must take the features of `data`", features, self.discriminator.input_size)
        _check_size("`discriminator` must give one output", 1, self.discriminator.output_size)
        object.__setattr__(self, "dims", (self.generator.size, self.discriminator.size))

    def init(self, rng: Any = None, *, batch_shape: tuple[int, ...] = ()) -> Array:
        """Initial z (*batch_shape, d) by the networks' initialisers, in the library and precision of the data.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
        batch_shape : tuple of int
            Shape of an ensemble.
        """
        rng, example = as_generator(rng), self._real(1, 0)
        xp, device = array_namespace(example), device_of(example)
        networks = (self.generator, self.discriminator)
        blocks = [n.init(rng, xp, example.dtype, batch_shape=batch_shape, device=device) for n in networks]
        return xp.concat(blocks, axis=-1)

    def draw(self, rng: Any = None) -> NeuralGANGame:
        """A game on `batch_size` fresh real and latent samples, with a seed of its own for `redraw`."""
        rng = as_generator(rng)
        real = self._real(self.batch_size, rng)
        latent = self._latent(self.batch_size, rng, real)
        real, noise = self._noisy(real, latent.shape[0], rng)
        return NeuralGANGame(self, real, latent, int(rng.integers(2**63)), noise)

    def full(self) -> NeuralGANGame:
        """The game on all data and one fixed latent sample: exact tools look at this one."""
        # Any seed serves, as long as it is always the same: two calls must give the same game.
        rng = as_generator(0)
        if isinstance(self.data, Distribution):
            real = self._real(self.full_size or 1024, rng)
        else:
            real = self.data
        latent = self._latent(self.full_size or real.shape[0], rng, real)
        real, noise = self._noisy(real, latent.shape[0], rng)
        return NeuralGANGame(self, real, latent, None, noise)

    def sample(self, z: Array, n: int, *, rng: Any = None) -> Array:
        """n samples (..., n, features) of the generator at z (..., d)."""
        xp = array_namespace(z)
        latent = host_normal(rng, (n, self.latent_dim), xp, dtype=z.dtype, device=device_of(z))
        return self.generator(z[..., : self.dims[0]], latent)

    def _real(self, n: int, rng: Any) -> Array:
        if isinstance(self.data, Distribution):
            samples = self.data.sample(n, rng=rng)
            return array_namespace(samples).reshape(samples, (n, _features(self.data)))
        xp = array_namespace(self.data)
        rows = as_generator(rng).integers(self.data.shape[0], size=n)
        return xp.take(self.data, to_device(rows, xp, device=device_of(self.data)), axis=0)

    def _noisy(self, real: Array, fakes: int, rng: Any) -> tuple[Array, Array | None]:
        """Real samples with noise, and the noise of the fake ones."""
        if not self.instance_noise:
            return real, None
        xp, features = array_namespace(real), real.shape[-1]
        draw = host_normal(rng, (real.shape[0] + fakes, features), xp, dtype=real.dtype, device=device_of(real))
        noise = self.instance_noise * draw
        return real + noise[: real.shape[0], :], noise[real.shape[0] :, :]

    def _latent(self, n: int, rng: Any, real: Array) -> Array:
        xp = array_namespace(real)
        return host_normal(rng, (n, self.latent_dim), xp, dtype=real.dtype, device=device_of(real))


def _checked_samples(data: Any) -> Array:
    _, data = float_arrays(data, names=("data",))
    if data.ndim != 2 or 0 in data.shape:
        hint = " Reshape samples of one feature to (n, 1)." if data.ndim == 1 else ""
        raise ValueError(f"`data` must have shape (n, features), got {tuple(data.shape)}.{hint}")
    bad = ~numpy.isfinite(to_host(data))
    if bad.any():
        row, column = (int(i) for i in numpy.argwhere(bad)[0])
        raise ValueError(f"`data` must be finite, got {to_host(data)[row, column]} at row {row}, column {column}.")
    return data


def _features(data: Any) -> int:
    if not isinstance(data, Distribution):
        return int(data.shape[1])
    batch, event = tuple(data.batch_shape), tuple(data.event_shape)
    if batch or len(event) > 1:
        raise ValueError(f"`data` must be one law of scalars or vectors, got batch shape {batch}, event shape {event}.")
    return event[0] if event else 1


def _check_size(rule: str, expected: int, got: int) -> None:
    if expected != got:
        raise ValueError(f"{rule}: {expected} expected, the network has {got}.")
