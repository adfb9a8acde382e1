"""A claim on discriminators that are trained: an MLP on two known densities approaches D*."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy

from gamedyn.backend import Array
from gamedyn.claims._base import Claim, Evidence
from gamedyn.distributions import Normal
from gamedyn.dynamics import simulate
from gamedyn.games import Game
from gamedyn.nn import Network, mlp
from gamedyn.numerics import gauss_legendre
from gamedyn.objectives import Minimax, optimal_discriminator
from gamedyn.updates import SimultaneousGradientDescent

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

# Nats above the optimum that count as near: a hundredth of what a blind discriminator pays at log 4.
_NEAR = 0.01
_STEPS = 3000


@dataclass(frozen=True, eq=False)
class _Discriminator(Game):
    """The one-player game E_p softplus(-s) + E_q softplus(s), s a network, expectations by quadrature."""

    network: Network
    x: Array
    p: Array
    q: Array
    dims: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dims", (self.network.size,))

    def losses(self, z: Array) -> Array:
        return self.loss_of(self.network(z, self.x)[..., 0])[..., None]

    def loss_of(self, logit: Array) -> Array:
        """The loss of a discriminator with these logits at x."""
        on_real, on_fake = Minimax().discriminator_loss(logit, logit)
        return (self.p * on_real + self.q * on_fake).sum(-1)

    def loss_gradients(self, z: Array) -> Array:
        logit, tape = self.network.forward(z, self.x)
        on_real, on_fake = Minimax().discriminator_derivative(logit, logit)
        return self.network.backward(tape, self.p[:, None] * on_real + self.q[:, None] * on_fake)[0][..., None, :]


def _excess(rng: Generator, *, exchanged: bool) -> Evidence:
    """Excess of a trained tanh network over D* = p / (p + q), at most `_NEAR` and at least 0."""
    real, fake = Normal(0.0, 1.0), Normal(rng.uniform(0.5, 2.0), rng.uniform(0.6, 1.5))
    values, best = [], []
    start, path = None, None
    for nodes in (120, 240):
        x, weights = gauss_legendre(nodes, -10.0, 14.0)
        p, q = weights * numpy.exp(real.log_prob(x)), weights * numpy.exp(fake.log_prob(x))
        game = _Discriminator(mlp((1, 16, 1)), x[:, None], p, q)
        if path is None:
            start = game.network.init(rng)
            trained = _Discriminator(game.network, x[:, None], q, p) if exchanged else game
            path = simulate(trained, SimultaneousGradientDescent(0.3), start, _STEPS, record_every=_STEPS)
        values.append(float(game.losses(path.final)[0]))
        best.append(float(game.loss_of(optimal_discriminator(real, fake)(x))))
    excess = values[1] - best[1]
    error = abs(values[0] - values[1]) + abs(best[0] - best[1]) + 1e-13
    return Evidence([_NEAR, 0.0], [excess, -excess], error, "quadrature error estimate")


def _trained(rng: Generator) -> Evidence:
    """N(0, 1) against N(m, s^2), 3,000 steps of descent. 0 <= V(D*) - V(D) <= 0.01 nats (bounds)."""
    return _excess(rng, exchanged=False)


def _trained_control(rng: Generator) -> Evidence:
    """Trained with real and fake exchanged."""
    return _excess(rng, exchanged=True)


CLAIMS = (
    Claim(
        id="gan.trained-discriminator",
        statement="an MLP trained on N(0,1) vs N(m,s^2) comes within 0.01 nats of V(D*), and never above it",
        source="Goodfellow et al. 2014, Proposition 1",
        relation="<=",
        check=_trained,
        control=_trained_control,
        full=True,
    ),
)
