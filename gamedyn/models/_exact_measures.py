"""What can be said exactly of a training whose generator is affine: divergences of its law from the target's."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import Array
from gamedyn.distributions import Distribution, MultivariateNormal, Normal
from gamedyn.divergences import jensen_shannon_divergence, kl_divergence
from gamedyn.models._affine_law import affine_generator_law
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.nn import Convolution, Dense, MaskedDense, Network, Reshape, Slice, TransposedConvolution
from gamedyn.objectives import FGAN, Hinge, LeastSquares, Minimax, NonSaturating, Objective
from gamedyn.transport import gaussian_wasserstein

__all__ = ["ExactMeasures"]

_AFFINE = (Dense, MaskedDense, Convolution, TransposedConvolution, Reshape, Slice)


class ExactMeasures:
    """Divergences between the target and the law of an affine generator, by closed form or quadrature; on the host.

    On the line all are known for any target that can be integrated, but W_2 for a normal one alone; in the plane all
    for a normal target, but not the critic's optimum under hinge, whose quadrature is slow; in more dimensions KL and
    W_2 for a normal target. NaN elsewhere, as where the generator's law has no density.

    Parameters
    ----------
    model : NeuralGAN
    target : Distribution, optional
    """

    def __init__(self, model: NeuralGAN, target: Distribution | None) -> None:
        self.generator, self.size, self.features = model.generator, model.dims[0], model.generator.output_size
        # Labels are an input of the generator that is no Gaussian noise.
        known = target is not None and model.labels is None and _is_affine(model.generator)
        self.is_normal = isinstance(target, (Normal, MultivariateNormal))
        self.target = target if known and (self.features == 1 or self.is_normal) else None
        self.side = None if model.packing > 1 or model.instance_noise else _of_the_discriminator(model.objective)

    def __call__(self, z: Array, average: Array | None) -> dict[str, float]:
        """Fields of a record of `TrainingHistory`.

        Parameters
        ----------
        z : array, shape (d,)
        average : array, shape (d_0,), optional
            Parameters of the generator whose law is judged; the critic's optimum is always against that of z.
        """
        law = self._law(z[: self.size] if average is None else average)
        now = law if average is None else self._law(z[: self.size])
        side = self.side if self.features <= 2 - isinstance(self.side, Hinge) else None
        divergences = {
            "jensen_shannon": (jensen_shannon_divergence if self.features <= 2 else None, law),
            "kullback_leibler": (kl_divergence, law),
            "wasserstein_2": (gaussian_wasserstein if self.is_normal else None, law),
            "critic_optimum": (None if side is None else side.divergence, now),
        }
        with numpy.errstate(all="ignore"):
            return {name: self._value(*pair) for name, pair in divergences.items()}

    def _value(self, divergence: Callable[..., Any] | None, law: Distribution | None) -> float:
        if divergence is None or law is None:
            return math.nan
        try:
            return float(divergence(self.target, law))
        except NotImplementedError:
            # A target that says nothing of its support.
            return math.nan

    def _law(self, theta: Array) -> Normal | MultivariateNormal | None:
        if self.target is None:
            return None
        try:
            with numpy.errstate(all="ignore"):
                law = affine_generator_law(self.generator, theta)
        except ValueError:
            # Infinite parameters, or a law without a density.
            return None
        # On the line both shapes of a target are met; the plane's law of one feature is none.
        return law if law.event_shape == self.target.event_shape else None


def _is_affine(generator: Network) -> bool:
    """By its layers: a kink far out would be missed by looking at values."""
    return all(isinstance(layer, _AFFINE) for layer in generator.layers)


def _of_the_discriminator(objective: Objective) -> Objective | None:
    """An objective whose `divergence` is what the best discriminator gains on the best constant; None if unknown."""
    if isinstance(objective, NonSaturating):
        return Minimax()
    if isinstance(objective, FGAN):
        return dataclasses.replace(objective, saturating=True)
    # The gain of a Wasserstein critic is W_1 times a Lipschitz constant that nobody knows.
    return objective if isinstance(objective, (Minimax, LeastSquares, Hinge)) else None
