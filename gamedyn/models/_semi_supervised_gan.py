"""SemiSupervisedGAN: a discriminator that also names the classes of the rows whose labels are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, array_namespace, as_generator, device_of, to_device, to_host
from gamedyn.distributions import Distribution
from gamedyn.games import StochasticGame
from gamedyn.models._labels import checked_labels, one_hot
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._semi_supervised_game import SemiSupervisedGame
from gamedyn.nn import LogSumExp, Network

__all__ = ["SemiSupervisedGAN"]


@dataclass(frozen=True, eq=False)
class SemiSupervisedGAN(StochasticGame):
    """The GAN with s = log sum e^l_k of the K logits l(x), whose discriminator also pays the labelled rows' entropy.

    With a class K + 1, "fake", of logit 0, the softmax gives 1 - p_K+1 = sigmoid(s): s is the critic's logit for any
    objective. The discriminator's loss gains weight times mean -log softmax(l(x_j))_y_j over the labelled rows.

    Parameters
    ----------
    gan : NeuralGAN
        On rows, without labels and packing; its discriminator ends in `LogSumExp()` of at least two logits.
    labels : array_like, shape (n,)
        Of the rows of its data: whole numbers from 0 to K - 1, or -1 where the label is not known.
    labelled_batch_size : int, optional
        Labelled rows per draw, taken with replacement; as many as the GAN's batch by default.
    weight : float
        Of the supervised loss, positive.

    Raises
    ------
    TypeError
        If `gan` is no NeuralGAN.
    ValueError
        If its discriminator or data do not suit, or a label is none.

    References
    ----------
    Salimans, Goodfellow, Zaremba, Cheung, Radford, Chen (2016), Improved techniques for training GANs.

    Examples
    --------
    A discriminator of zeros finds both classes alike, and everything real with odds of 2: entropy log 2 for the one
    labelled row, log(3 / 2) for real rows and log 3 for fake ones.

    >>> import numpy
    >>> from gamedyn.nn import Dense, Network, mlp
    >>> from gamedyn.objectives import Minimax
    >>> discriminator = Network((Dense(1, 2), LogSumExp()), input_size=1)
    >>> gan = NeuralGAN(mlp((1, 1)), discriminator, Minimax(), [[0.0], [1.0]], latent_dim=1)
    >>> semi = SemiSupervisedGAN(gan, labels=[-1, 1])
    >>> loss = semi.full().losses(numpy.zeros(6))[1]
    >>> round(float(numpy.exp(loss)), 12)  # 2 * 3/2 * 3
    9.0
    >>> semi.class_probabilities(numpy.zeros(6), numpy.array([[3.0]])).tolist()
    [[0.5, 0.5]]
    """

    gan: NeuralGAN
    labels: Any
    labelled_batch_size: int | None = None
    weight: float = 1.0
    dims: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.gan, NeuralGAN):
            raise TypeError(f"`gan` must be a NeuralGAN, got {type(self.gan).__name__}.")
        if self.labelled_batch_size is not None:
            check_integer("labelled_batch_size", self.labelled_batch_size, minimum=1)
        check_positive("weight", self.weight)
        if isinstance(self.gan.data, Distribution) or self.gan.classes or self.gan.packing > 1:
            raise ValueError("`gan` must have rows for data, no labels of its own, and see one sample at a time.")
        *layers, last = self.gan.discriminator.layers
        if not isinstance(last, LogSumExp) or last.extra or not layers:
            raise ValueError(f"`gan` must have a discriminator that ends in LogSumExp(), got {last!r}.")
        if self.classes < 2:
            raise ValueError("`gan` must have a discriminator of at least two logits, got one.")
        host = numpy.asarray(to_host(self.labels))
        unknown = numpy.asarray(host == -1)
        known = numpy.where(unknown, 0, host) if unknown.any() else host
        labels = checked_labels(known, self.gan.data.shape[0], self.classes)
        if unknown.all():
            raise ValueError("`labels` must hold at least one that is known, got -1 for all rows.")
        object.__setattr__(self, "labels", numpy.where(unknown, -1, labels))
        object.__setattr__(self, "dims", self.gan.dims)

    @cached_property
    def classifier(self) -> Network:
        """x -> the K logits, with the discriminator's parameters."""
        return Network(self.gan.discriminator.layers[:-1], self.gan.discriminator.input_size)

    @property
    def classes(self) -> int:
        """K."""
        return self.classifier.output_size

    def init(self, rng: Any = None, *, batch_shape: tuple[int, ...] = ()) -> Array:
        """The GAN's."""
        return self.gan.init(rng, batch_shape=batch_shape)

    def sample(self, z: Array, n: int, *, rng: Any = None) -> Array:
        """The GAN's."""
        return self.gan.sample(z, n, rng=rng)

    def draw(self, rng: Any = None) -> SemiSupervisedGame:
        """A minibatch of the GAN, and one of labelled rows."""
        rng = as_generator(rng)
        game, known = self.gan.draw(rng), self._known
        rows = known[rng.integers(known.size, size=self.labelled_batch_size or self.gan.batch_size)]
        return self._game(game, rows)

    def full(self) -> SemiSupervisedGame:
        """The GAN on all data, with all labelled rows."""
        return self._game(self.gan.full(), self._known)

    def class_probabilities(self, z: Array, x: Array) -> Array:
        """(..., batch, K): softmax of the logits at x (..., batch, features), that it is real taken for granted."""
        logits = self.classifier(z[..., self.dims[0] :], x)
        return LogSumExp().forward((), logits)[1]

    def predict(self, z: Array, x: Array) -> Array:
        """(..., batch), integers: the likeliest class of each row of x (..., batch, features)."""
        logits = self.classifier(z[..., self.dims[0] :], x)
        return array_namespace(logits).argmax(logits, axis=-1)

    @cached_property
    def _known(self) -> Any:
        return numpy.flatnonzero(self.labels != -1)

    def _game(self, game: Any, rows: Any) -> SemiSupervisedGame:
        data = self.gan.data
        xp, device = array_namespace(data), device_of(data)
        return SemiSupervisedGame(
            game.model,
            game.real_samples,
            game.latent_samples,
            game.seed,
            game.fake_noise,
            semi=self,
            labelled_samples=xp.take(data, to_device(rows, xp, device=device), axis=0),
            labelled_classes=one_hot(self.labels[rows], self.classes, xp, dtype=data.dtype, device=device),
        )
