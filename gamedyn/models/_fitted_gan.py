"""What a fitted GAN answers: samples, the discriminator's word on rows, the game underneath, and a score."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import Array, array_namespace, device_of, host_normal, to_host
from gamedyn.divergences import energy_distance
from gamedyn.games import Clipped, Game
from gamedyn.models._density_model import no_density
from gamedyn.models._gan_fit import Fit
from gamedyn.models._gan_samples import checked_rows
from gamedyn.models._trained_estimator import TrainedEstimator

__all__ = ["FittedGAN"]


class FittedGAN(TrainedEstimator):
    """The methods of `GAN` that need `fit` first."""

    density: ClassVar[str] = "none"
    _fit: Fit

    def sample(self, n: int, y: Any = None, *, rng: Any = None) -> Array:
        """n samples (n, features) of the generator, of its moving average where there is one.

        Parameters
        ----------
        n : int
        y : label or array_like, shape (n,)
            Of a conditional GAN: one label for all, or one for each.
        rng : None, int or numpy.random.Generator
        """
        self._check_fitted()
        check_integer("n", n, minimum=1)
        self._check_no_labels(y)
        z, fit = self.z_, self._fit
        theta = z[: fit.dims[0]] if self.average_ is None else self.average_
        shape, device = (n, fit.parameters["latent_dim"]), device_of(z)
        latent = host_normal(rng, shape, array_namespace(z), dtype=z.dtype, device=device)
        return fit.samples(theta, latent, self._labels(y, n))

    def log_prob(self, X: Any, y: Any = None) -> Array:
        """Refused: the generator draws samples, and their density is unknown.

        Parameters
        ----------
        X, y : see `fit`

        Raises
        ------
        ValueError
            Naming what compares samples instead.
        """
        raise no_density(type(self).__name__, "log_prob")

    def discriminate(self, X: Any, y: Any = None, *, output: str = "probability") -> Array:
        """(n,): the probability that each row is real, or the discriminator's own output.

        Parameters
        ----------
        X : array_like, shape (n, features)
        y : label or array_like, shape (n,)
            Of a conditional GAN.
        output : {"probability", "logit"}
            "logit" is the output itself: for Wasserstein a critic value.

        Returns
        -------
        array, shape (n,)
            With `packing` p, (n / p,): one for each p rows. A discriminator that normalizes batches takes X for one.

        Raises
        ------
        ValueError
            If a probability is asked of an objective whose outputs are none, or n is no multiple of `packing`.
        """
        self._check_fitted()
        check_choice("output", output, ("probability", "logit"))
        fit = self._fit
        rows = checked_rows(X, fit.parameters["dtype"], features=self.n_features_in_)
        return fit.outputs(self.z_, rows, self._labels(y, rows.shape[0]), probability=output == "probability")

    def as_game(self, X: Any = None, y: Any = None) -> Game:
        """The deterministic game on all data, with its penalty, at which `classify` and the like look; `z_` is a point.

        Parameters
        ----------
        X, y : see `fit`
            None takes the data of the fit, which a loaded GAN has not.
        """
        self._check_fitted()
        fit = self._fit
        if X is not None:
            fit = Fit.of_data(fit.parameters, X, y, classes=self.classes_, features=self.n_features_in_)
        if fit.model is None:
            raise ValueError("`X` must be given to `as_game` of a GAN that was loaded: a checkpoint holds no data.")
        game: Game = fit.wrap(fit.model.full())
        return game if fit.clip is None else Clipped(game, fit.clip)

    def score(self, X: Any, y: Any = None) -> float:
        """Minus the energy distance between X and as many samples, always drawn from the same noise: higher is better.

        With labels, between the joint laws: the samples have the labels y, and one-hot vectors stand beside both.

        Parameters
        ----------
        X : array_like, shape (n, features)
        y : array_like, shape (n,), optional
        """
        self._check_fitted()
        rows = checked_rows(X, self._fit.parameters["dtype"], features=self.n_features_in_)
        n = rows.shape[0]
        # Any seed serves: scores are compared, and their noise should be the same.
        samples = self.sample(n, y if self.classes_ is not None else None, rng=0)
        real, fake = (to_host(self._fit.with_labels(part, self._labels(y, n))) for part in (rows, samples))
        if not numpy.isfinite(fake).all():
            return -numpy.inf
        return -float(energy_distance(real.astype(numpy.float64), fake.astype(numpy.float64)))
