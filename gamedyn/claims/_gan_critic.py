"""Claims on the critic of the Wasserstein GAN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.claims._oracles import matched
from gamedyn.transport import wasserstein_distance

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _wgan(rng: Generator) -> tuple[Any, Any, Any]:
    """W1 and its gradient in the fake points y, from SciPy's assignment; the same from the library's critic."""
    x, y = rng.normal(size=(10, 2)), rng.normal(size=(10, 2)) + 1.0
    away = y - matched(y, x)
    distances = numpy.sqrt((away**2).sum(-1, keepdims=True))
    # The critic of (fake, real) is smooth at the fake points; that of the WGAN is minus it.
    found = wasserstein_distance(y, x, return_result=True).critic
    value = float((found(y) - found(x)).mean())
    predicted = numpy.concatenate([distances.mean()[None], (away / distances / 10).reshape(-1)])
    return predicted, value, found.gradient(y) / 10


def _wgan_critic(rng: Generator) -> Evidence:
    """Real and fake points in the plane. E f*(x) - E f*(y) = W1, and its gradient in y is -grad f*(y)/n (equality)."""
    predicted, value, gradient = _wgan(rng)
    return within_rounding(predicted, numpy.concatenate([[value], gradient.reshape(-1)]), terms=1024)


def _wgan_critic_control(rng: Generator) -> Evidence:
    """A critic of slope 2."""
    predicted, value, gradient = _wgan(rng)
    return within_rounding(predicted, 2 * numpy.concatenate([[value], gradient.reshape(-1)]), terms=1024)


CLAIMS = (
    Claim(
        id="gan.wgan-critic",
        statement="E f*(x) - E f*(y) = W1, and the gradient in the fakes y is -grad f*(y) / n",
        source="Arjovsky et al. 2017, Theorem 3",
        relation="==",
        check=_wgan_critic,
        control=_wgan_critic_control,
    ),
)
