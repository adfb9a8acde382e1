"""A penalty on the critic's input gradient, as calls on kept buffers: loss and penalty in one gradient product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy

from gamedyn.backend import as_generator
from gamedyn.games import Regularized
from gamedyn.models._plan_buffers import Tape, add_maximum, aligned
from gamedyn.models._plan_network import PlannedNetwork

__all__ = ["Layout", "Penalty", "add_penalised_gradient", "add_samples", "penalty_of"]


@dataclass(frozen=True)
class Penalty:
    """(weight / 2) E (|g| - target)^2 at samples of a kind; target None stands for (weight / 2) E |g|^2.

    Parameters
    ----------
    kind : {"real", "fake", "between", "around"}
        Real samples, fake ones, mixed pairs, real ones moved by noise.
    weight : float
    target : float or None
    spread : float
        Standard deviation of that noise.
    """

    kind: str
    weight: float
    target: float | None = None
    spread: float = 0.0


def penalty_of(game: Regularized) -> Penalty | None:
    """The one penalty of a game, a weight of 0 if it has none; None if it has several."""
    found = []
    if game.r1:
        found.append(Penalty("real", float(game.r1)))
    if game.r2:
        found.append(Penalty("fake", float(game.r2)))
    if game.gradient_penalty is not None:
        found.append(Penalty("between", *map(float, game.gradient_penalty)))
    if game.dragan is not None:
        weight, spread = map(float, game.dragan)
        found.append(Penalty("around", weight, 1.0, spread))
    return (found or [Penalty("real", 0.0)])[0] if len(found) < 2 else None


class Layout(NamedTuple):
    """Where the rows of the critic's buffers are, c samples of each sort.

    Without penalty [real, fake]. With one and a piecewise linear critic [real, fake, x^], where tangents take the place
    of the activations at x^, which nobody needs any more. With smooth activations [x^, real, fake, tangents], and their
    cotangents [q, real, fake, d]: those of x^ by the curvature of the activations, and those of the outputs at x^.
    """

    rows: int
    forward: slice
    samples: slice
    real: slice
    fake: slice
    backward: slice
    hat: slice
    tangent: slice

    @classmethod
    def of(cls, c: int, penalised: bool, smooth: bool) -> Layout:
        """For c samples of each sort."""
        if not penalised:
            both, none = slice(0, 2 * c), slice(0, 0)
            return cls(2 * c, both, both, slice(0, c), slice(c, 2 * c), both, none, none)
        if not smooth:
            whole, hat = slice(0, 3 * c), slice(2 * c, 3 * c)
            return cls(3 * c, whole, slice(0, 2 * c), slice(0, c), slice(c, 2 * c), whole, hat, hat)
        samples, back = slice(c, 3 * c), slice(c, 4 * c)
        forward, hat, tangent = slice(0, 3 * c), slice(0, c), slice(3 * c, 4 * c)
        return cls(4 * c, forward, samples, slice(c, 2 * c), slice(2 * c, 3 * c), back, hat, tangent)


def add_samples(
    tape: Tape,
    penalty: Penalty,
    critic: PlannedNetwork,
    layout: Layout,
    part: slice,
    total: int,
    mask: numpy.ndarray | None,
) -> None:
    """h_0 at x^, from its rows of real and fake samples, which are those of `part` of the whole batch."""
    x = critic.h[0]
    real, fake, hat = (x[..., rows, :-1] for rows in (layout.real, layout.fake, layout.hat))
    if penalty.kind == "between":
        # The weights of games.Regularized.
        share = ((numpy.arange(total) + 0.5) * (numpy.sqrt(5.0) - 1) / 2 % 1.0)[part, None].astype(x.dtype)
        mixed = numpy.empty(fake.shape, x.dtype)
        tape.append((numpy.multiply, (real, share, hat)))
        tape.append((numpy.multiply, (fake, 1 - share, mixed)))
        tape.append((numpy.add, (hat, mixed, hat)))
    elif penalty.kind == "around":
        noise = as_generator(0).standard_normal((total, hat.shape[-1]))[part].astype(x.dtype)
        noise = noise * numpy.asarray(penalty.spread, x.dtype)
        tape.append((numpy.add, (real, noise if mask is None else noise * mask, hat)))
    else:
        tape.append((numpy.copyto, (hat, real if penalty.kind == "real" else fake)))


def add_penalised_gradient(
    tape: Tape,
    critic: PlannedNetwork,
    layout: Layout,
    penalty: Penalty,
    factor: float,
    d: numpy.ndarray,
    gradient: list[numpy.ndarray],
    mask: numpy.ndarray | None,
) -> None:
    """gradient <- that of loss and penalty, from the forward pass of real and fake samples and x^.

    With delta_l the cotangents for 1 in the place of the loss, g = delta_1 W_1^T is the input gradient, and the
    penalty's gradient that of u . g at u = factor (1 - target / |g|) g held fixed: m_{l-1}^T delta_l with the tangents
    m_l along u, and h_{l-1}^T q_l, where q_l = (delta_{l+1} W_{l+1}^T) f''(a_l) a_dot_l + (q_{l+1} W_{l+1}^T) f'(a_l).

    Parameters
    ----------
    tape : Tape
    critic : PlannedNetwork
        One that keeps what it computes.
    layout : Layout
    penalty : Penalty
    factor : float
        Weight divided by the number of samples, in the scale of the loss's cotangents.
    d : array, shape (..., rows, 1)
        d_L, 1 in the rows of tangents.
    gradient : list of array
    mask : array, shape (inputs,), optional
        Zeros where g does not count: at labels.
    """
    _add_cotangents(tape, critic, layout, d)
    smooth, last, whole = layout.hat != layout.tangent, len(critic.sizes), slice(0, layout.rows)
    cotangents = [critic.delta(layer, whole) for layer in range(1, last)] + [d]
    _add_direction(tape, critic, layout, penalty, factor, cotangents[0][..., layout.tangent, :], mask)
    for layer in range(1, last):
        before = critic.h[layer - 1][..., layout.tangent, :-1]
        critic.advance(tape, layer, before, layout.tangent, layout.hat)
    if smooth:
        _add_curvature(tape, critic, layout)
    else:
        # Tangents know no biases.
        tape.extend((h[..., layout.tangent, -1].fill, (0.0,)) for h in critic.h)
    for layer, (h, cotangent, block) in enumerate(zip(critic.h, cotangents, gradient, strict=True)):
        critic.meet(tape, layer + 1, h, cotangent, block)


def _add_cotangents(tape: Tape, critic: PlannedNetwork, layout: Layout, d: numpy.ndarray) -> None:
    """d_l of the losses and delta_l; where smooth, delta_{l+1} W_{l+1}^T in the rows of q_l."""
    rows, down = layout.backward, d[..., layout.backward, :]
    for layer in range(len(critic.sizes) - 1, 0, -1):
        critic.slope(tape, layer, layout.forward)
        critic.pull(tape, layer + 1, down, critic.bar(layer, rows))
        if layout.hat == layout.tangent:
            critic.descend(tape, layer, rows, rows, learns=False)
        else:
            tape.append((numpy.copyto, (critic.bar(layer, layout.hat), critic.bar(layer, layout.tangent))))
            critic.descend(tape, layer, layout.samples, layout.samples, learns=False)
            critic.descend(tape, layer, layout.tangent, layout.hat, learns=False)
        down = critic.delta(layer, rows)


def _add_direction(
    tape: Tape,
    critic: PlannedNetwork,
    layout: Layout,
    penalty: Penalty,
    factor: float,
    delta: numpy.ndarray,
    mask: numpy.ndarray | None,
) -> None:
    """U into the rows of tangents of h_0."""
    u = critic.h[0][..., layout.tangent, :-1]
    g, dtype = numpy.empty(u.shape, u.dtype), u.dtype
    critic.pull(tape, 1, delta, g)
    if mask is not None:
        tape.append((numpy.multiply, (g, mask, g)))
    if not penalty.target:
        tape.append((numpy.multiply, (g, numpy.asarray(factor, dtype), u)))
        return
    square, length = numpy.empty_like(g), numpy.empty((*g.shape[:-1], 1), dtype)
    # No length but 0 is as small, as its square would be 0; there u = 0, as it is a multiple of g.
    least = numpy.full_like(length, 1e-30 if dtype == numpy.float32 else 1e-200)
    tape.append((numpy.multiply, (g, g, square)))
    tape.append((numpy.matmul, (square, numpy.ones((g.shape[-1], 1), dtype), length)))
    tape.append((numpy.sqrt, (length, length)))
    add_maximum(tape, length, least, length)
    tape.append((numpy.divide, (numpy.asarray(-factor * penalty.target, dtype), length, length)))
    tape.append((numpy.add, (length, numpy.asarray(factor, dtype), length)))
    tape.append((numpy.multiply, (g, length, u)))


def _add_curvature(tape: Tape, critic: PlannedNetwork, layout: Layout) -> None:
    """q_l from the last layer to the first."""
    above: numpy.ndarray | None = None
    for layer in range(len(critic.sizes) - 1, 0, -1):
        activation, q = critic.activations[layer - 1], critic.delta(layer, layout.hat)
        if activation is None:
            # A maxout, which does not bend: q of the last one stays 0.
            if above is not None:
                critic.pull(tape, layer + 1, above, critic.bar(layer, layout.hat))
                critic.descend(tape, layer, layout.hat, layout.hat, learns=False)
        else:
            q, slope = critic.d[layer - 1][..., layout.hat, :], critic.slopes[layer - 1][..., layout.hat, :]
            m, term = critic.h[layer][..., layout.tangent, :], aligned(q.shape, q.dtype)
            activation.bend(tape, critic.h[layer][..., layout.hat, :], slope, m, term)
            tape.append((numpy.multiply, (q, term, q)))
            if above is not None:
                critic.pull(tape, layer + 1, above, term[..., :-1])
                tape.append((numpy.multiply, (term, slope, term)))
                tape.append((numpy.add, (q, term, q)))
            q = q[..., :-1]
        above = q
