"""A GAN of two networks at one point and on one frozen sample: what all its derivatives start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from gamedyn.backend import Array
from gamedyn.models._critic_view import CriticView
from gamedyn.nn import Network
from gamedyn.objectives import Objective

__all__ = ["FrozenPoint", "OutputDerivatives"]


class OutputDerivatives(NamedTuple):
    """First or second derivatives of the losses in the critic's outputs, per sample and over their number."""

    real: Array
    """a' / n or a'' / n, (..., n, 1)."""
    fake: Array
    """b' / m or b'' / m, (..., m, 1): the discriminator's."""
    own: Array
    """c' / m or c'' / m, (..., m, 1): the generator's."""


@dataclass(frozen=True, eq=False)
class FrozenPoint:
    """L_0 = mean c(s_fake), L_1 = mean a(s_real) + mean b(s_fake) at (theta, phi).

    s_real = D(phi, x) at real samples x, s_fake = D(phi, V(G(theta, e) + noise)) at latent samples e, with V what the
    critic is shown.

    Parameters
    ----------
    generator, discriminator : Network
    objective : Objective
    theta : array, shape (..., P_0)
    phi : array, shape (..., P_1)
    real : array, shape (n, inputs of the discriminator)
        As it is shown.
    latent : array, shape (m, inputs of the generator)
    noise : array, shape (m, features), optional
        Added to the fake samples.
    view : CriticView
        Of the fake samples.
    """

    generator: Network
    discriminator: Network
    objective: Objective
    theta: Array
    phi: Array
    real: Array
    latent: Array
    noise: Array | None
    view: CriticView

    def shown(self, images: Array) -> Array:
        """What the critic takes of the generator's images."""
        return self.view.show(images if self.noise is None else images + self.noise)

    def first(self, on_real: Array, on_fake: Array) -> OutputDerivatives:
        """First derivatives at the critic's outputs.

        Parameters
        ----------
        on_real : array, shape (..., n, 1)
        on_fake : array, shape (..., m, 1)
        """
        own = self.objective.generator_derivative(on_fake)
        return _averaged(*self.objective.discriminator_derivative(on_real, on_fake), own)

    def second(self, on_real: Array, on_fake: Array) -> OutputDerivatives:
        """Second derivatives, as `first`: no loss of one sample mixes its outputs."""
        own = self.objective.generator_second_derivative(on_fake)
        return _averaged(*self.objective.discriminator_second_derivative(on_real, on_fake), own)


def _averaged(real: Array, fake: Array, own: Array) -> OutputDerivatives:
    m = fake.shape[-2]
    return OutputDerivatives(real / real.shape[-2], fake / m, own / m)
