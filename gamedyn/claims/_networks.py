"""Claims on hand-written derivatives of networks: adjointness, symmetry of Hessians, second-order backpropagation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.models import NeuralGAN
from gamedyn.nn import Dense, Layer, ReLU, Sequential, Softplus, Tanh, mlp
from gamedyn.objectives import Minimax

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_EPS = float(numpy.finfo(float).eps)
_LAYERS: tuple[Layer, ...] = (
    Dense(4, 4),
    Tanh(),
    ReLU(),
    Softplus(),
    Sequential((Dense(4, 8), Tanh(), Dense(8, 5), Softplus(), Dense(5, 3), ReLU(), Dense(3, 4))),
)


def _pairings(rng: Generator, layer: Layer, *, mismatched: bool) -> tuple[float, float, float]:
    """(<u, J v> with J v by complex step of forward, <J^T u, v> by backward, size of the summands)."""
    params = tuple(rng.normal(size=size) / numpy.sqrt(size[0]) for size in layer.parameter_shapes.values())
    dots = tuple(rng.normal(size=p.shape) for p in params)
    x, x_dot, u = rng.normal(size=(3, 6, 4))
    stepped, _ = layer.forward(tuple(p + 1e-30j * d for p, d in zip(params, dots, strict=True)), x + 1e-30j * x_dot)
    _, tape = layer.forward(params, x)
    x_bar, params_bar = layer.backward(params, tape, u[::-1] if mismatched else u)
    forward = u * stepped.imag / 1e-30
    backward = [(x_bar * x_dot).ravel(), *((p * d).ravel() for p, d in zip(params_bar, dots, strict=True))]
    terms = numpy.concatenate([forward.ravel(), *backward])
    return float(forward.sum()), float(sum(part.sum() for part in backward)), float(abs(terms).sum())


def _adjoint_of_every_layer(rng: Generator, *, mismatched: bool = False) -> Evidence:
    rows = [_pairings(rng, layer, mismatched=mismatched) for layer in _LAYERS]
    predicted, measured, size = numpy.array(rows).T
    return Evidence(predicted, measured, 64 * _EPS * size, "rounding: 64 ulp of the summands")


def _adjoint(rng: Generator) -> Evidence:
    """Every layer, and a row of them, at a random point. <u, J v> = <J^T u, v>, parameters included (equality)."""
    return _adjoint_of_every_layer(rng)


def _adjoint_control(rng: Generator) -> Evidence:
    """The cotangents of the batch in another order."""
    return _adjoint_of_every_layer(rng, mismatched=True)


def _hessian_pairings(rng: Generator, *, gauss_newton: bool) -> Evidence:
    """<v, H w> by complex step of the gradient, against <w, H v> by the Hessian product, for sum of y^3 / 3 - cos y."""
    network = mlp((3, 8, 6, 2), Softplus() if rng.uniform() < 0.5 else Tanh())
    theta, x = network.init(rng), rng.normal(size=(10, 3))
    v, w = rng.normal(size=(2, 20, network.size))
    stepped = theta + 1e-30j * w
    y = network(stepped, x)
    products = network.vjp(stepped, x, y**2 + numpy.sin(y))[0].imag / 1e-30

    def slope(y: Any) -> Any:
        return 0 * y if gauss_newton else y**2 + numpy.sin(y)

    found = network.hvp(theta, x, v, slope, lambda y: 2 * y + numpy.cos(y))
    size = abs(v * products).sum(-1) + abs(w * found).sum(-1)
    return Evidence((v * products).sum(-1), (w * found).sum(-1), 256 * _EPS * size, "rounding: 256 ulp of the summands")


def _hvp_symmetric(rng: Generator) -> Evidence:
    """A two-layer network's loss in its parameters. <w, H v> = <v, H w>, H w by complex step (equality)."""
    return _hessian_pairings(rng, gauss_newton=False)


def _hvp_control(rng: Generator) -> Evidence:
    """J^T l'' J alone: symmetric too, but not the Hessian."""
    return _hessian_pairings(rng, gauss_newton=True)


def _penalty(phi: Any, x: Any, hidden: int, slopes: Any = None) -> tuple[Any, Any]:
    """E |grad_x s|^2 of s = w . tanh(x A + b) + c, written out; and 1 - tanh^2, which may be given instead."""
    d = x.shape[-1]
    matrix = phi[: d * hidden].reshape(d, hidden)
    bias, weights = phi[d * hidden : (d + 1) * hidden], phi[(d + 1) * hidden : (d + 2) * hidden]
    slopes = 1 - numpy.tanh(x @ matrix + bias) ** 2 if slopes is None else slopes
    gradient = (slopes * weights) @ matrix.T
    return (gradient**2).sum(-1).mean(), slopes


def _gradient_penalty_of(rng: Generator, *, first_order: bool) -> Evidence:
    hidden, x = 6, rng.normal(size=(12, 3))
    model = NeuralGAN(mlp((2, 3)), mlp((3, hidden, 1)), Minimax(), x, latent_dim=2)
    z = model.init(rng)
    p = model.dims[0]
    phi = z[p:] + 0.5 * rng.normal(size=z[p:].shape)
    slopes = _penalty(phi, x, hidden)[1] if first_order else None
    steps = 1e-30j * numpy.eye(phi.size)
    predicted = numpy.array([_penalty(phi + step, x, hidden, slopes)[0].imag / 1e-30 for step in steps])
    measured = model.full().penalty_gradient(numpy.concatenate([z[:p], phi]), x)[p:]
    size = abs(predicted).max()
    return Evidence(predicted, measured, 64 * _EPS * size, "rounding: 64 ulp of the largest entry")


def _gradient_penalty(rng: Generator) -> Evidence:
    """One tanh layer s. Backpropagation through its input gradient gives grad_phi E |grad_x s|^2 (equality)."""
    return _gradient_penalty_of(rng, first_order=False)


def _gradient_penalty_control(rng: Generator) -> Evidence:
    """The slopes 1 - tanh^2 held fixed, as if the activation were linear."""
    return _gradient_penalty_of(rng, first_order=True)


CLAIMS = (
    Claim(
        id="nn.adjoint",
        statement="<u, J v> = <J^T u, v> for every layer, J of input and parameters",
        source="Griewank & Walther 2008",
        relation="==",
        check=_adjoint,
        control=_adjoint_control,
    ),
    Claim(
        id="nn.hvp-symmetric",
        statement="<w, H v> = <v, H w> for a network's loss, forward over reverse against complex step",
        source="Pearlmutter 1994",
        relation="==",
        check=_hvp_symmetric,
        control=_hvp_control,
    ),
    Claim(
        id="nn.gradient-penalty",
        statement="backpropagation through an input gradient gives grad_phi E |grad_x s|^2",
        source="Mescheder, Geiger & Nowozin 2018",
        relation="==",
        check=_gradient_penalty,
        control=_gradient_penalty_control,
    ),
)
