"""The products of `KeptProducts` for one NumPy vector at a time, in arrays that are made once."""

from __future__ import annotations

import numpy

from gamedyn.models._frozen_point import FrozenPoint
from gamedyn.models._kept_pass import KeptPass

__all__ = ["ProductsInPlace"]


class _Pass:
    """The tangents of a `KeptPass` along one direction; the last one's stay in the arrays until the next.

    Parameters
    ----------
    kept : KeptPass
    alphas, bends : list of array
        Those of the pass, or in their place multiples that the direction of the weights acts on.
    """

    def __init__(self, kept: KeptPass, alphas: list[numpy.ndarray], bends: list[numpy.ndarray]) -> None:
        self.kept, self.alphas, self.bends = kept, alphas, bends
        self.a_dots = [numpy.empty_like(alpha) for alpha in alphas]
        self.x_dots = [numpy.empty_like(slope) for slope in kept.slopes]
        self.alpha_dots = [numpy.empty_like(alpha) for alpha in alphas]
        self.spare = [numpy.empty_like(alpha) for alpha in alphas]
        self.spare_weights = [numpy.empty_like(weight) for weight in kept.weights]
        self.steps: list[numpy.ndarray] = []

    def forward(
        self, v: numpy.ndarray, x_dot: numpy.ndarray | None = None, scale: numpy.ndarray | None = None
    ) -> numpy.ndarray:
        """y_dot; with a `scale`, as in `KeptPass.forward`, `part` in its place. x_dot moves the last of the samples."""
        kept, self.steps = self.kept, self.kept.matrices(v)
        part: numpy.ndarray = numpy.zeros_like(self.alphas[0][:, :1])
        for layer, step in enumerate(self.steps):
            a_dot = numpy.matmul(kept.extended[layer], step, out=self.a_dots[layer])
            if scale is not None:
                part = part + numpy.einsum("ij,ij->i", self.alphas[layer], a_dot)[:, None]
                a_dot *= scale
            if layer:
                a_dot += numpy.matmul(self.x_dots[layer - 1], kept.weights[layer], out=self.spare[layer])
            elif x_dot is not None:
                a_dot[len(a_dot) - len(x_dot) :] += x_dot @ kept.weights[0]
            if layer < len(self.steps) - 1:
                numpy.multiply(kept.slopes[layer], a_dot, out=self.x_dots[layer])
        return a_dot if scale is None else part

    def backward(self, y_bar_dot: numpy.ndarray | float) -> None:
        """The tangents of the alphas."""
        self.alpha_dots[-1][...] = y_bar_dot
        for layer in range(len(self.steps) - 1, 0, -1):
            bar_dot, spare = self.alpha_dots[layer - 1], self.spare[layer - 1]
            if self.alphas[layer].shape[-1] == 1:
                # One product of pairs takes a fraction of two outer products.
                pairs = numpy.concatenate([self.alpha_dots[layer], self.alphas[layer]], axis=-1)
                rows = numpy.concatenate([self.kept.turned[layer], self.steps[layer][:-1].T])
                numpy.matmul(pairs, rows, out=bar_dot)
            else:
                numpy.matmul(self.alpha_dots[layer], self.kept.turned[layer], out=bar_dot)
                bar_dot += numpy.matmul(self.alphas[layer], self.steps[layer][:-1].T, out=spare)
            bar_dot *= self.kept.slopes[layer - 1]
            bar_dot += numpy.multiply(self.bends[layer - 1], self.a_dots[layer - 1], out=spare)

    def x_bar_dot(self, part: slice) -> numpy.ndarray:
        """The tangent of the cotangent of x, at a part of the samples."""
        moved: numpy.ndarray = self.alpha_dots[0][part] @ self.kept.turned[0]
        moved += self.alphas[0][part] @ self.steps[0][:-1].T
        return moved

    def parameters(
        self, out: numpy.ndarray, x_dot: numpy.ndarray | None = None, alphas: list[numpy.ndarray] | None = None
    ) -> None:
        """The tangent of the cotangent of theta, written to `out` (P,)."""
        alphas = self.alphas if alphas is None else alphas
        for layer, target in enumerate(self.kept.matrices(out)):
            numpy.matmul(self.kept.extended[layer].T, self.alpha_dots[layer], out=target)
            if layer:
                target[:-1] += numpy.matmul(self.x_dots[layer - 1].T, alphas[layer], out=self.spare_weights[layer])
            elif x_dot is not None:
                target[:-1] += x_dot.T @ alphas[0][len(alphas[0]) - len(x_dot) :]


class ProductsInPlace:
    """J v and J^T u for one z and vectors (d,) of its dtype; equal to those of `KeptProducts`.

    Real and fake samples pass the critic together, the fake ones last. In a zero-sum game its cotangents are kept for
    b(s), of which the generator's are minus. Not for two threads at once.

    Parameters
    ----------
    point : FrozenPoint
        Of networks that are plain (`is_plain`); without leading axes, in NumPy.
    """

    def __init__(self, point: FrozenPoint) -> None:
        self.view, self.first_size = point.view, point.theta.shape[-1]
        fake = point.shown(point.generator.forward(point.theta, point.latent)[0])
        n = len(point.real)
        self.fakes = slice(n, None)
        kept = KeptPass(point.discriminator, point.phi, numpy.concatenate([point.real, fake]))
        outputs = kept.output[:n], kept.output[n:]
        first, second = point.first(*outputs), point.second(*outputs)
        self.first, self.second = (numpy.concatenate([part.real, part.fake]) for part in (first, second))
        self.own_first, self.own_second = first.own, second.own
        self.x_bar = kept.x_bar[n:]
        self.scaled_alphas = kept.scaled(self.first)
        self.is_zero_sum = point.objective.is_zero_sum
        if self.is_zero_sum:
            self.critic = _Pass(kept, self.scaled_alphas, [self.first * bend for bend in kept.bends])
        else:
            self.critic = _Pass(kept, kept.alphas, kept.bends)
        bar = self.view.pull(self.own_first * self.x_bar)
        ahead = KeptPass(point.generator, point.theta, point.latent, bar)
        self.generator = _Pass(ahead, ahead.alphas, ahead.bends)

    def jvp(self, v: numpy.ndarray) -> numpy.ndarray:
        """J v, (d,)."""
        critic, size = self.critic, self.first_size
        shown_dot = self.view.move(self.generator.forward(v[:size]))
        y_dot = critic.forward(v[size:], shown_dot)
        out = numpy.empty_like(v)
        if self.is_zero_sum:
            critic.backward(self.second * y_dot)
            critic.parameters(out[size:], shown_dot)
            self._generator_part(-critic.x_bar_dot(self.fakes), out)
            return out
        critic.backward(0.0)
        on_fake_dot = self.own_second * y_dot[self.fakes]
        self._generator_part(self.own_first * critic.x_bar_dot(self.fakes) + on_fake_dot * self.x_bar, out)
        first_dot = self.second * y_dot
        for alpha_dot, alpha, spare in zip(critic.alpha_dots, critic.alphas, critic.spare, strict=True):
            alpha_dot *= self.first
            alpha_dot += numpy.multiply(first_dot, alpha, out=spare)
        critic.parameters(out[size:], shown_dot, self.scaled_alphas)
        return out

    def vjp(self, u: numpy.ndarray) -> numpy.ndarray:
        """J^T u, (d,)."""
        critic, size = self.critic, self.first_size
        if self.is_zero_sum:
            # J = S H with the Hessian of L_1 and signs S, but for terms of phi alone, so that J^T = S J S.
            turned = self.jvp(numpy.concatenate([-u[:size], u[size:]]))
            numpy.negative(turned[:size], out=turned[:size])
            return turned
        shown_dot = self.view.move(self.generator.forward(u[:size]))
        scaled_dot = self.own_first * shown_dot
        first_dot = self.second * critic.forward(u[size:], scaled_dot, self.first)
        first_dot[self.fakes] += self.own_second * numpy.sum(self.x_bar * shown_dot, axis=-1, keepdims=True)
        # The moved weights act on scaled cotangents.
        unit, critic.alphas = critic.alphas, self.scaled_alphas
        critic.backward(first_dot)
        out = numpy.empty_like(u)
        self._generator_part(critic.x_bar_dot(self.fakes), out)
        critic.alphas = unit
        critic.parameters(out[size:], scaled_dot)
        return out

    def _generator_part(self, shown_bar_dot: numpy.ndarray, out: numpy.ndarray) -> None:
        self.generator.backward(self.view.pull(shown_bar_dot))
        self.generator.parameters(out[: self.first_size])
