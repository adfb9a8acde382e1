"""A claim on where training stops: the curvatures of a trained GAN of networks, and the verdict on the point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.dynamics import simulate
from gamedyn.equilibria import check_differential_nash
from gamedyn.games import player_slices
from gamedyn.models import NeuralGAN, own_hessian_extremes
from gamedyn.nn import mlp
from gamedyn.objectives import NonSaturating
from gamedyn.updates import AlternatingGradientDescent

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _trained(rng: Generator) -> tuple[Any, Any, Any]:
    """(game, start, end) of 500 alternating steps of a GAN of two MLPs on two bumps of the plane."""
    bumps = numpy.where(rng.uniform(size=(64, 1)) < 0.5, -1.0, 1.0) * numpy.array([1.0, 0.5])
    data = bumps + 0.2 * rng.normal(size=(64, 2))
    model = NeuralGAN(mlp((2, 8, 2)), mlp((2, 8, 1)), NonSaturating(), data, latent_dim=2)
    start = model.init(rng)
    path = simulate(model.full(), AlternatingGradientDescent(0.1), start, 500, record_every=500)
    return model.full(), start, path.final


def _dense(game: Any, z: Any) -> Any:
    """|xi| and the extreme eigenvalues of both own Hessians, from complex steps of the losses and of xi."""
    steps = 1e-30j * numpy.eye(z.size)
    gradients = game.losses(z + steps).imag.T / 1e-30
    jacobian = game.simultaneous_gradient(z + steps).imag.T / 1e-30
    blocks = player_slices(game.dims)
    xi = numpy.concatenate([gradients[i, block] for i, block in enumerate(blocks)])
    spectra = [numpy.linalg.eigvalsh(jacobian[block, block]) for block in blocks]
    return numpy.array([numpy.linalg.norm(xi), *(value for s in spectra for value in (s[0], s[-1]))])


def _matrix_free(game: Any, z: Any, rng: Generator) -> tuple[Any, Any]:
    """The same numbers from gradients and Hessian products, and bounds on their errors."""
    found = [own_hessian_extremes(game, z, player, steps=max(game.dims), rng=rng) for player in (0, 1)]
    values = [numpy.linalg.norm(game.simultaneous_gradient(z)), *(v for f in found for v in (f.smallest, f.largest))]
    residuals = [0.0, *(r for f in found for r in (f.smallest_residual, f.largest_residual))]
    return numpy.array(values), numpy.array(residuals)


def _curvatures(rng: Generator, *, untrained: bool) -> Evidence:
    game, start, end = _trained(rng)
    predicted = _dense(game, end)
    values, residuals = _matrix_free(game, start if untrained else end, rng)
    # A point with xi != 0 is no equilibrium, and neither is one at which a player's loss curves downwards.
    nash = predicted[0] < 1e-8 and min(predicted[1], predicted[3]) > 0
    judged = check_differential_nash(game, end).answer == "yes"
    tolerance = numpy.append(residuals + 1e-11 * abs(predicted).max(), 0.5)
    return Evidence(
        numpy.append(predicted, float(nash)),
        numpy.append(values, float(judged)),
        tolerance,
        "residuals of Lanczos, and rounding of the largest eigenvalue",
    )


def _neural_dne(rng: Generator) -> Evidence:
    """Two MLPs after 500 alternating steps. |xi|, extreme own curvatures, Nash or not: by products = dense."""
    return _curvatures(rng, untrained=False)


def _neural_dne_control(rng: Generator) -> Evidence:
    """Products taken at the start of the training."""
    return _curvatures(rng, untrained=True)


CLAIMS = (
    Claim(
        id="game.neural-dne",
        statement="trained MLP GAN: |xi|, extreme own curvatures and Nash verdict by products = dense",
        source="Berard et al. 2020",
        relation="==",
        check=_neural_dne,
        control=_neural_dne_control,
        full=True,
    ),
)
