"""Newton's method from many starts at once, damped after Levenberg and Marquardt, inside a box."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn.backend import to_host
from gamedyn.equilibria._search_box import SearchBox
from gamedyn.games import Game, player_slices

__all__ = ["Ends", "ScaledField", "latin_hypercube", "newton_step", "run_newton"]

# A start whose damping has grown this far has a local minimum of |xi|, and no zero, ahead of it.
_STALLED = 1e12


class ScaledField:
    """xi and J in units of the box's widths and of each player's typical slope: free of both scales.

    Parameters
    ----------
    game : Game
    box : SearchBox
    starts : array, shape (S, d)
        Where typical slopes are measured.
    """

    def __init__(self, game: Game, box: SearchBox, starts: numpy.ndarray) -> None:
        self.game, self.box = game, box
        self.blocks = player_slices(game.dims)
        self.eps = float(numpy.finfo(starts.dtype).eps)
        self.row_scale = numpy.ones(starts.shape[-1], dtype=starts.dtype)
        _, jacobians = self(starts)
        for block in self.blocks:
            slopes = numpy.sqrt(numpy.sum(jacobians[:, block, :] ** 2, axis=(1, 2)))
            usable = slopes[numpy.isfinite(slopes) & (slopes > 0)]
            if len(usable):
                self.row_scale[block] = numpy.median(usable)

    def __call__(self, points: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        """(field (m, d), Jacobian (m, d, d))."""
        z = self.box.send(points)
        with numpy.errstate(all="ignore"):
            field, jacobian = to_host(self.game.simultaneous_gradient(z)), to_host(self.game.jacobian(z))
            return field / self.row_scale, jacobian * self.box.width / self.row_scale[:, None]

    def residuals(self, field: numpy.ndarray, jacobian: numpy.ndarray, points: numpy.ndarray) -> numpy.ndarray:
        """(m,): max_i |xi_i| / (|J_i| (1 + |z|)), |z| in widths of the box too."""
        size = 1 + numpy.linalg.norm(points / self.box.width, axis=-1)
        worst = numpy.zeros(len(points))
        for block in self.blocks:
            top = numpy.linalg.norm(field[:, block], axis=-1)
            slope = numpy.sqrt(numpy.sum(jacobian[:, block, :] ** 2, axis=(1, 2)))
            with numpy.errstate(divide="ignore", invalid="ignore"):
                worst = numpy.maximum(worst, numpy.where(top == 0, 0.0, top / slope / size))
        return worst


class Ends(NamedTuple):
    """Where the starts ended: points (S, d) and one word for each."""

    points: numpy.ndarray
    fates: numpy.ndarray
    """(S,): "converged", "border", "not finite", "stalled" or "unfinished"."""


def latin_hypercube(count: int, box: SearchBox, rng: Any) -> numpy.ndarray:
    """(count, d): one point in each of `count` slices of every coordinate, and the centre and corners of the box.

    Corners are left out where they would be more than a quarter of the points.
    """
    d = len(box.low)
    places = numpy.empty((count, d))
    for k in range(d):
        places[:, k] = (rng.permutation(count) + rng.random(count)) / count
    places[0] = 0.5
    if 2**d <= count // 4:
        places[1 : 1 + 2**d] = numpy.stack(numpy.meshgrid(*[[0.0, 1.0]] * d, indexing="ij"), axis=-1).reshape(-1, d)
    return numpy.asarray(box.low + places * box.width, dtype=box.low.dtype)


def _damped_step(field: numpy.ndarray, jacobian: numpy.ndarray, damping: Any) -> numpy.ndarray:
    """(m, d): (J^T J + damping tr(J^T J) / d)^-1 J^T xi, in widths of the box, by normal equations."""
    d = field.shape[-1]
    normal = numpy.swapaxes(jacobian, -1, -2) @ jacobian
    trace = numpy.trace(normal, axis1=-2, axis2=-1) / d
    shift = numpy.maximum(damping * trace, numpy.finfo(field.dtype).tiny)
    right = numpy.swapaxes(jacobian, -1, -2) @ field[..., None]
    return numpy.asarray(
        numpy.linalg.solve(normal + shift[:, None, None] * numpy.eye(d, dtype=field.dtype), right)[..., 0]
    )


def newton_step(field: numpy.ndarray, jacobian: numpy.ndarray) -> numpy.ndarray:
    """(m, d): J^-1 xi, of least squares where J is singular to three quarters of the digits.

    By QR of J above a small multiple of the identity: normal equations would lose half of the digits, and with them
    zeros of multiplicity three.
    """
    m, d = field.shape
    size = numpy.sqrt(numpy.sum(jacobian**2, axis=(-2, -1)) / d)
    floor = numpy.maximum(numpy.finfo(field.dtype).eps ** 0.75 * size, numpy.sqrt(numpy.finfo(field.dtype).tiny))
    below = floor[:, None, None] * numpy.eye(d, dtype=field.dtype)
    q, r = numpy.linalg.qr(numpy.concatenate([jacobian, below], axis=-2))
    right = numpy.swapaxes(q[:, :d, :], -1, -2) @ field[..., None]
    return numpy.asarray(numpy.linalg.solve(r, right)[..., 0]) if m else numpy.zeros_like(field)


def run_newton(scaled: ScaledField, starts: numpy.ndarray, tolerance: float, max_steps: int) -> Ends:
    """Every start's way to a zero of xi, one vectorised solve for all in each step.

    A step that would leave the box or the domain is cut back to its border; one that does not reduce |xi| is taken
    back and damped more.
    """
    box, domain, eps = scaled.box, scaled.game.domain, scaled.eps
    floor = eps**0.5
    points = starts.copy()
    fates = numpy.full(len(starts), "unfinished", dtype="<U10")
    field, jacobian = scaled(points)
    fates[~_finite(field, jacobian)] = "not finite"
    damping = numpy.full(len(starts), 1e-3, dtype=starts.dtype)
    cut = numpy.zeros(len(starts), dtype=bool)
    for _ in range(max_steps):
        open_ = numpy.nonzero(fates == "unfinished")[0]
        # A minimum of |xi|: the terms of its gradient J^T xi cancel.
        uphill = numpy.linalg.norm((field[open_, None, :] @ jacobian[open_])[:, 0, :], axis=-1)
        size = numpy.sum(numpy.abs(field[open_]) * numpy.linalg.norm(jacobian[open_], axis=-1), axis=-1)
        small = scaled.residuals(field[open_], jacobian[open_], points[open_]) <= tolerance
        fates[open_[small]] = "converged"
        stalled = ((damping[open_] > _STALLED) | (uphill <= scaled.eps**0.5 * size))[~small]
        open_ = open_[~small]
        fates[open_[stalled]] = numpy.where(cut[open_[stalled]], "border", "stalled")
        open_ = open_[~stalled]
        if not len(open_):
            break
        steps = _damped_step(field[open_], jacobian[open_], damping[open_])
        last = damping[open_] <= floor
        steps[last] = newton_step(field[open_[last]], jacobian[open_[last]])
        wanted = points[open_] - steps * box.width
        trial = box.project(domain, numpy.where(numpy.isfinite(wanted), wanted, points[open_]))
        cut[open_] = numpy.any(numpy.abs(trial - wanted) > 8 * eps * box.width, axis=-1)
        new_field, new_jacobian = scaled(trial)
        old, new = (numpy.sum(f**2, axis=-1) for f in (field[open_], new_field))
        predicted = numpy.sum((field[open_] - (jacobian[open_] @ steps[..., None])[..., 0]) ** 2, axis=-1)
        better = _finite(new_field, new_jacobian) & (new < old)
        with numpy.errstate(divide="ignore", invalid="ignore"):
            ratio = (old - new) / (old - predicted)
        factor = numpy.where(better, numpy.where(ratio > 0.5, 0.1, numpy.where(ratio > 0.1, 1.0, 4.0)), 8.0)
        damping[open_] = numpy.maximum(damping[open_] * factor, floor)
        taken = open_[better]
        points[taken], field[taken], jacobian[taken] = trial[better], new_field[better], new_jacobian[better]
    fates[(fates == "unfinished") & _at_rest_to_rounding(scaled, field, jacobian, points, tolerance)] = "converged"
    return Ends(points, fates)


def _finite(field: numpy.ndarray, jacobian: numpy.ndarray) -> numpy.ndarray:
    return numpy.asarray(numpy.all(numpy.isfinite(field), axis=-1) & numpy.all(numpy.isfinite(jacobian), axis=(-2, -1)))


def _at_rest_to_rounding(
    scaled: ScaledField, field: numpy.ndarray, jacobian: numpy.ndarray, points: numpy.ndarray, tolerance: float
) -> numpy.ndarray:
    """Converged after all, or slowly to a degenerate zero: xi is zero to rounding and Newton's step is short.

    The step tells a multiple root from a tail where xi dies out.
    """
    finite = _finite(field, jacobian)
    steps = numpy.zeros_like(field)
    steps[finite] = newton_step(field[finite], jacobian[finite])
    short = numpy.linalg.norm(steps, axis=-1) <= scaled.eps**0.25
    flat = numpy.max(numpy.abs(field), axis=-1) <= 8 * scaled.eps
    with numpy.errstate(invalid="ignore"):
        return numpy.asarray(finite & ((short & flat) | (scaled.residuals(field, jacobian, points) <= tolerance)))
