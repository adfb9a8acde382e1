"""Claims on what a generator's step does whose gradient passes the critic not at all, or a critic in two states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.models import NeuralGAN
from gamedyn.nn import Dense, Network, mlp
from gamedyn.objectives import NonSaturating

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_TINY = 1e-30  # a complex step


def _slope_of_a_step(rng: Generator, *, detached: bool) -> Evidence:
    """d/dh of L_0 after the generator's step of size h, at h = 0 by complex step, in units of |grad L_0|^2."""
    data, found = rng.normal(size=(9, 2)), []
    model = NeuralGAN(mlp((2, 5, 2)), mlp((2, 5, 1)), NonSaturating(), data, latent_dim=2)
    game, first = model.full(), model.dims[0]
    for _ in range(5):
        z = model.init(rng) + 0.3 * rng.normal(size=sum(model.dims))
        theta, phi = z[:first], z[first:]
        logit, tape = model.discriminator.forward(phi, model.generator(theta, game.latent_samples))
        _, x_bar = model.discriminator.backward(tape, NonSaturating().generator_derivative(logit) / len(logit))
        # The same numbers go forward either way; a detached sample hands nothing back.
        step, _ = model.generator.vjp(theta, game.latent_samples, x_bar * (not detached))
        after = numpy.concatenate([theta - _TINY * 1j * step, phi])
        found.append(game.losses(after)[0].imag / _TINY / (game.player_gradient(z, 0) ** 2).sum())
    return within_rounding(numpy.zeros(5), numpy.array(found), terms=64)


def _detached(rng: Generator) -> Evidence:
    """Five GANs of two networks, samples detached from G. Its step h changes L_0 by 0 h |grad L_0|^2 (equality)."""
    return _slope_of_a_step(rng, detached=True)


def _detached_control(rng: Generator) -> Evidence:
    """The step through the critic, which changes L_0 by -h |grad L_0|^2."""
    return _slope_of_a_step(rng, detached=False)


def _gradients_past_a_line(rng: Generator, *, skipped: bool) -> Evidence:
    """G's gradient under critics s = w x + c, by backpropagation of dL_0 / ds or dL_0 / dx, against grad L_0 / w."""
    predicted, measured = [], []
    line, data = Network((Dense(1, 1),), 1), rng.normal(size=(9, 1))
    model = NeuralGAN(mlp((1, 4, 1)), line, NonSaturating(), data, latent_dim=1)
    game, first = model.full(), model.dims[0]
    for w in (-2.0, -0.5, 0.5, 3.0):
        z = numpy.append(model.init(rng)[:first] + 0.3 * rng.normal(size=first), [w, rng.normal()])
        logit = model.discriminator(z[first:], model.generator(z[:first], game.latent_samples))
        s_bar = NonSaturating().generator_derivative(logit) / len(logit)
        predicted.append(game.player_gradient(z, 0) / w)
        measured.append(model.generator.vjp(z[:first], game.latent_samples, s_bar if skipped else w * s_bar)[0])
    size = numpy.abs(predicted).max()
    return within_rounding(numpy.array(predicted), numpy.array(measured), terms=64, size=size)


def _skipped(rng: Generator) -> Evidence:
    """Critics w x + c, w from -2 to 3. dL_0 / ds put on G's output in place of dL_0 / dx is grad L_0 / w (equality).

    For w < 0 it points uphill.
    """
    return _gradients_past_a_line(rng, skipped=True)


def _skipped_control(rng: Generator) -> Evidence:
    """The derivative taken through the critic."""
    return _gradients_past_a_line(rng, skipped=False)


class _TwoStates:
    """A critic s = a tanh(x W + b) + c, a step h v of its weights, and the generator x = theta + z, L_0 = -E s."""

    def __init__(self, rng: Generator) -> None:
        self.critic = mlp((2, 6, 1))
        self.before, self.direction = (rng.normal(size=self.critic.size) for _ in range(2))
        self.latent, self.theta = rng.normal(size=(7, 2)), rng.normal(size=2)

    def gradient(self, forward: Any, backward: Any, theta: Any) -> Any:
        """G's gradient (2,) with the activations of one critic and the weights of another."""
        y, (_, tape) = self.critic.forward(forward, theta + self.latent)
        weights = tuple(self.critic.unflatten(backward).values())
        return self.critic.input_bar((weights, tape), numpy.full_like(y, -1 / len(y))).sum(axis=0)

    def formula(self) -> tuple[Any, ...]:
        """(W, a, V, d, t): weights, the step of W, that of x W + b, and tanh(x W + b)."""
        w, b, a, _ = self.critic.unflatten(self.before).values()
        v, beta, _, _ = self.critic.unflatten(self.direction).values()
        x = self.theta + self.latent
        return w, a[:, 0], v, x @ v + beta, numpy.tanh(x @ w + b)


def _error_in_place(rng: Generator, *, defect: bool) -> Evidence:
    """d/dh of the error against the gradient of the new critic, at h = 0 by complex step."""
    case = _TwoStates(rng)
    after = case.before + _TINY * 1j * case.direction
    right = case.gradient(after, after, case.theta)
    found = case.gradient(case.before if defect else after, after, case.theta)
    w, a, _, d, t = case.formula()
    # G's gradient is -E W (a (1 - t^2)), and the derivative of 1 - t^2 is -2 t (1 - t^2) d.
    terms = -2 * (t * (1 - t**2) * d * a)[:, None, :] * w / len(t)
    size = abs(terms).sum(axis=(0, 2)) + abs(right)
    return within_rounding(terms.sum(axis=(0, 2)), (found - right).imag / _TINY, terms=64, size=size)


def _in_place(rng: Generator) -> Evidence:
    """D moves by h between G's forward and backward. The error is -2 h E[W (a t (1 - t^2) d)] + O(h^2) (equality).

    Against the gradient that the new D gives: s = a tanh(x W + b) + c, t = tanh, and x W + b moves by h d.
    """
    return _error_in_place(rng, defect=True)


def _in_place_control(rng: Generator) -> Evidence:
    """G's forward pass made again after D's step."""
    return _error_in_place(rng, defect=False)


def _curl_in_place(rng: Generator, *, defect: bool) -> Evidence:
    """d g_0 / d theta_1 - d g_1 / d theta_0 of G's gradient g by complex step, for steps h = 1 to 1e-4, over h."""
    case = _TwoStates(rng)
    w, _, v, _, t = case.formula()
    predicted, measured, sizes = [], [], []
    for h in (1.0, 0.1, 0.01, 1e-4):
        after = case.before + h * case.direction
        alpha = case.critic.unflatten(after)["2.weight"][:, 0]
        forward = case.before if defect else after
        rows = [case.gradient(forward, after, case.theta + _TINY * 1j * e).imag / _TINY for e in numpy.eye(2)]
        terms = 2 * alpha * t * (1 - t**2) / len(t) * (v[0] * w[1] - v[1] * w[0])
        predicted.append(terms.sum())
        measured.append((rows[1][0] - rows[0][1]) / h)
        # Each derivative is rounded before the difference, which is then divided by h.
        whole = 2 * abs(alpha * t * (1 - t**2)) / len(t) * (abs(w).max() + h * abs(v).max()) * abs(w).max()
        sizes.append(whole.sum() / h)
    return within_rounding(numpy.array(predicted), numpy.array(measured), terms=64, size=numpy.array(sizes))


def _curl(rng: Generator) -> Evidence:
    """G's field with W before a step and W + h V after it has the curl 2 h E[a t (1 - t^2) (V_0 W_1 - V_1 W_0)] (eq.).

    a after the step; x = theta + z in the plane. The gradient of a function has none.
    """
    return _curl_in_place(rng, defect=True)


def _curl_control(rng: Generator) -> Evidence:
    """One critic for both passes."""
    return _curl_in_place(rng, defect=False)


CLAIMS = (
    Claim(
        id="pitfall.detached-sample",
        statement="with samples detached from G, a step h of G changes L_0 by 0, not by -h |grad L_0|^2",
        source="defect; by the chain rule",
        relation="==",
        check=_detached,
        control=_detached_control,
    ),
    Claim(
        id="pitfall.skipped-critic",
        statement="dL_0/ds put on G's output, past a critic w x + c, is grad L_0 / w: uphill for w < 0",
        source="defect; by the chain rule",
        relation="==",
        check=_skipped,
        control=_skipped_control,
    ),
    Claim(
        id="pitfall.critic-in-place",
        statement="D moved by h between G's forward and backward: error -2 h E[W (a t (1 - t^2) d)] + O(h^2)",
        source="defect; derived",
        relation="==",
        check=_in_place,
        control=_in_place_control,
    ),
    Claim(
        id="pitfall.in-place-curl",
        statement="and G's field has the curl 2 h E[a t (1 - t^2) (V_0 W_1 - V_1 W_0)]: no loss has that gradient",
        source="defect; derived",
        relation="==",
        check=_curl,
        control=_curl_control,
    ),
)
