"""Claims on the critic of the Wasserstein GAN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._oracles import matched
from gamedyn.transport import wasserstein_distance

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


_STEP = 1e-5


def _cost(x: Any, y: Any) -> float:
    return float(numpy.sqrt(((x - matched(x, y)) ** 2).sum(-1)).mean())


def _wgan(rng: Generator, *, mirrored: bool) -> Evidence:
    """W1 and its derivatives in the fake points y from SciPy's assignment, against the library's critic."""
    x, y = rng.normal(size=(8, 2)), rng.normal(size=(8, 2)) + 2.0
    steps = _STEP * numpy.eye(16).reshape(16, 8, 2)
    by_moving = numpy.array([(_cost(x, y + step) - _cost(x, y - step)) / (2 * _STEP) for step in steps])
    critic = wasserstein_distance(x, -y if mirrored else y, return_result=True).critic
    # The critic has a kink at each y_i; its slope there is that of the segment on which mass arrives.
    near = y + 1e-6 * (matched(y, x) - y)
    value = float((critic(x) - critic(y)).mean())
    gradient = -critic.gradient(near).reshape(-1) / 8
    distance = numpy.sqrt(((y - matched(y, x)) ** 2).sum(-1)).min()
    tolerance = 1e-10 + (_STEP / distance) ** 2
    predicted = numpy.concatenate([[_cost(x, y)], by_moving])
    return Evidence(
        predicted, numpy.concatenate([[value], gradient]), tolerance, "central differences: h^2 and rounding"
    )


def _wgan_critic(rng: Generator) -> Evidence:
    """Real x and fake y in the plane. E f*(x) - E f*(y) = W1, and its gradient in y_i is -grad f*(y_i)/n (equality)."""
    return _wgan(rng, mirrored=False)


def _wgan_critic_control(rng: Generator) -> Evidence:
    """The optimal critic against other fakes, -y."""
    return _wgan(rng, mirrored=True)


CLAIMS = (
    Claim(
        id="gan.wgan-critic",
        statement="E f*(x) - E f*(y) = W1, and its gradient in the fakes y is -grad f*(y) / n",
        source="Arjovsky et al. 2017",
        relation="==",
        check=_wgan_critic,
        control=_wgan_critic_control,
    ),
)
