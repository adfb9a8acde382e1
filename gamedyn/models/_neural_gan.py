"""NeuralGAN: two networks and an objective on data, as a stochastic game that any update rule can train."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_nonnegative, describe
from gamedyn.backend import (
    Array,
    array_namespace,
    as_generator,
    device_of,
    host_normal,
    to_host,
)
from gamedyn.distributions import Distribution
from gamedyn.games import StochasticGame
from gamedyn.models._labels import checked_labels, one_hot
from gamedyn.models._model_data import checked_data, features_of, rows_of, samples_of
from gamedyn.models._neural_gan_game import NeuralGANGame
from gamedyn.nn import Network
from gamedyn.objectives import Objective

__all__ = ["NeuralGAN"]

# Latent samples that stand for the population: their means are good to 1/64 of a standard deviation.
_POPULATION = 4096


@dataclass(frozen=True, eq=False)
class NeuralGAN(StochasticGame):
    """Generator x = G(theta, e), e ~ N(0, I), against discriminator s = D(phi, x); z = (theta, phi).

    Player 0 minimises E c(D(G(e))), player 1 minimises E a(D(x)) + E b(D(G(e))), with a, b, c of the objective. One
    draw is a minibatch of `batch_size` real samples, taken with replacement, and as many latent ones, drawn on the
    host. Networks may be many at once: z (..., P_0 + P_1) is an ensemble, and all of it sees the same draw.

    With `labels` the model is conditional: the one-hot vector of a label follows e in the generator's inputs and x in
    the discriminator's, and fake row j of a draw has the label of real row j. With `packing` the discriminator takes
    that many rows joined into one, real or fake all, and n, m count packs.

    Parameters
    ----------
    generator : Network
        From `latent_dim` inputs, and one per class of labels, to the features of the data.
    discriminator : Network
        From `packing` times the features of the data, with one input more per class of labels, to one output, a logit
        (for Wasserstein a critic value).
    objective : Objective
    data : array_like, shape (n, features), or Distribution
        Real samples; or their law on R or R^features, of which every draw is fresh. Its library, device and precision
        are the game's.
    latent_dim : int
        Size of e.
    batch_size : int
        Real and fake samples per draw; packs, where there are such.
    full_size : int, optional
        Latent samples (packs) of `full()`, and of a Distribution its real ones, fixed once and for all; None takes as
        many as there are data, or 1,024.
    instance_noise : float
        Standard deviation of Gaussian noise that every real and every fake sample carries, drawn with the batch.
    labels : array_like, shape (n,), optional
        Of the rows of data: whole numbers from 0 on, below the number of inputs that the generator has beside e.
    packing : int
        Samples that the discriminator sees at once.

    Raises
    ------
    TypeError
        If a network or the objective is none.
    ValueError
        If the networks, the data and `latent_dim` do not fit together, the data are not finite, or a label is none.

    Notes
    -----
    With labels or packing `full()` takes the rows in one fixed random order, since data are often sorted by their
    labels, and leaves out the last n mod packing of them; latent samples beyond n go through the labels once more.

    References
    ----------
    Goodfellow et al. (2014), Generative adversarial nets, Algorithm 1. Mirza, Osindero (2014), Conditional generative
    adversarial nets. Lin et al. (2018), PacGAN: the power of two samples in generative adversarial networks.

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
    labels: Any = None
    packing: int = 1
    dims: tuple[int, ...] = field(init=False)
    classes: int = field(init=False)

    def __post_init__(self) -> None:
        for name, kind in (("generator", Network), ("discriminator", Network), ("objective", Objective)):
            if not isinstance(getattr(self, name), kind):
                raise TypeError(f"`{name}` must be of type {kind.__name__}, got {describe(getattr(self, name))}.")
        check_integer("latent_dim", self.latent_dim, minimum=1)
        check_integer("batch_size", self.batch_size, minimum=1)
        if self.full_size is not None:
            check_integer("full_size", self.full_size, minimum=1)
        check_nonnegative("instance_noise", self.instance_noise)
        if not isinstance(self.data, Distribution):
            object.__setattr__(self, "data", checked_data(self.data))
        check_integer("packing", self.packing, minimum=1)
        self._check_networks()
        object.__setattr__(self, "dims", (self.generator.size, self.discriminator.size))

    def init(self, rng: Any = None, *, batch_shape: tuple[int, ...] = ()) -> Array:
        """Initial z (*batch_shape, d) by the networks' initialisers, in the library and precision of the data.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
        batch_shape : tuple of int
            Shape of an ensemble.
        """
        rng, example = as_generator(rng), self._real(1, as_generator(0))
        xp, device = array_namespace(example), device_of(example)
        networks = (self.generator, self.discriminator)
        blocks = [n.init(rng, xp, example.dtype, batch_shape=batch_shape, device=device) for n in networks]
        return xp.concat(blocks, axis=-1)

    def draw(self, rng: Any = None) -> NeuralGANGame:
        """A game on `batch_size` fresh real and latent samples, with a seed of its own for `redraw`."""
        rng = as_generator(rng)
        n = self.batch_size * self.packing
        if isinstance(self.data, Distribution):
            rows, real = None, self._real(n, rng)
        else:
            rows = rng.integers(self.data.shape[0], size=n)
            real = self._rows(rows)
        latent = self._latent(n, rng, real)
        real, noise = self._noisy(real, n, rng)
        labels = self._one_hot(rows, real)
        return NeuralGANGame(self, real, latent, int(rng.integers(2**63)), noise, labels, labels)

    def full(self) -> NeuralGANGame:
        """The game on all data and one fixed latent sample: exact tools look at this one."""
        # Any seed serves, as long as it is always the same: two calls must give the same game.
        rng, rows, labels = as_generator(0), None, None
        if isinstance(self.data, Distribution):
            real = self._real((self.full_size or 1024) * self.packing, rng)
        elif self.classes or self.packing > 1:
            n = self.data.shape[0]
            rows = rng.permutation(n)[: n - n % self.packing]
            real = self._rows(rows)
        else:
            real = self.data
        m = self.full_size * self.packing if self.full_size else real.shape[0]
        latent = self._latent(m, rng, real)
        real, noise = self._noisy(real, m, rng)
        if self.classes:
            labels = self._one_hot(numpy.resize(rows, m), real)  # type: ignore[arg-type]
        return NeuralGANGame(self, real, latent, None, noise, self._one_hot(rows, real), labels)

    def sample(self, z: Array, n: int, *, labels: Any = None, rng: Any = None) -> Array:
        """n samples (..., n, features) of the generator at z (..., d).

        Parameters
        ----------
        z : array, shape (..., d)
        n : int
        labels : int or array_like, shape (n,), optional
            Of a conditional model; None draws those of rows of the data.
        rng : None, int or numpy.random.Generator

        Raises
        ------
        ValueError
            If a label is none, the model has no labels, or z has another size.
        """
        check_integer("n", n, minimum=1)
        if z.shape[-1] != sum(self.dims):
            raise ValueError(f"`z` must have shape (..., {sum(self.dims)}), got {tuple(z.shape)}.")
        xp, rng = array_namespace(z), as_generator(rng)
        latent = host_normal(rng, (n, self.latent_dim), xp, dtype=z.dtype, device=device_of(z))
        return self.frozen_generator(z)(z[..., : self.dims[0]], self._with_labels(latent, labels, rng))

    def frozen_generator(self, z: Array) -> Network:
        """The generator with the batch statistics, if it uses any, of 4,096 fixed latent samples at z for constants.

        Games train on the statistics of their own batches; a sample must not depend on those that it is drawn with.
        """
        if self.generator.per_sample:
            return self.generator
        # Any seed serves, as long as it is always the same.
        rng, xp = as_generator(0), array_namespace(z)
        latent = host_normal(rng, (_POPULATION, self.latent_dim), xp, dtype=z.dtype, device=device_of(z))
        return self.generator.frozen(z[..., : self.dims[0]], self._with_labels(latent, None, rng))

    def _with_labels(self, latent: Array, labels: Any, rng: Any) -> Array:
        """What the generator takes, (n, latent_dim + classes)."""
        n = latent.shape[0]
        if not self.classes:
            if labels is not None:
                raise ValueError("`labels` must be None for a model without labels.")
            return latent
        if labels is None:
            chosen = self.labels[rng.integers(self.labels.shape[0], size=n)]
        else:
            host = to_host(labels)
            chosen = checked_labels(host if host.ndim else numpy.full(n, host), n, self.classes)
        xp = array_namespace(latent)
        rows = one_hot(chosen, self.classes, xp, dtype=latent.dtype, device=device_of(latent))
        return xp.concat([latent, rows], axis=-1)

    def _check_networks(self) -> None:
        features, joined = features_of(self.data), "the features of `data`"
        classes = 0 if self.labels is None else self.generator.input_size - self.latent_dim
        if self.labels is not None:
            if isinstance(self.data, Distribution):
                raise ValueError(f"`labels` must be None where `data` is a law, which has no rows, got {self.data!r}.")
            if classes < 1:
                raise ValueError(
                    "`generator` must take `latent_dim` inputs and one per class of `labels`: at least "
                    f"{self.latent_dim + 1} expected, the network has {self.generator.input_size}."
                )
            object.__setattr__(self, "labels", checked_labels(self.labels, self.data.shape[0], classes))
            joined += f" and one input for each of the {classes} classes"
        object.__setattr__(self, "classes", classes)
        if self.packing > 1:
            joined += f", {self.packing} times"
            if not isinstance(self.data, Distribution) and self.data.shape[0] < self.packing:
                raise ValueError(
                    f"`data` must have `packing` = {self.packing} rows at least, got {self.data.shape[0]}."
                )
        taken = "`latent_dim` inputs" + (f" and one for each of the {classes} classes" if classes else "")
        _check_size(f"`generator` must take {taken}", self.latent_dim + classes, self.generator.input_size)
        _check_size("`generator` must give one output per feature of `data`", features, self.generator.output_size)
        shown = self.packing * (features + classes)
        _check_size(f"`discriminator` must take {joined}", shown, self.discriminator.input_size)
        _check_size("`discriminator` must give one output", 1, self.discriminator.output_size)

    def _real(self, n: int, rng: Any) -> Array:
        """n samples of the law, or of rows of the data."""
        if isinstance(self.data, Distribution):
            return samples_of(self.data, n, rng)
        return self._rows(as_generator(rng).integers(self.data.shape[0], size=n))

    def _rows(self, rows: Any) -> Array:
        return rows_of(self.data, rows)

    def _one_hot(self, rows: Any, real: Array) -> Array | None:
        if not self.classes:
            return None
        xp, device = array_namespace(real), device_of(real)
        return one_hot(self.labels[rows], self.classes, xp, dtype=real.dtype, device=device)

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


def _check_size(rule: str, expected: int, got: int) -> None:
    if expected != got:
        raise ValueError(f"{rule}: {expected} expected, the network has {got}.")
