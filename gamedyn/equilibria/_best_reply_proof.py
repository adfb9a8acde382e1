"""Lower bounds on a player's loss over its own set: by convexity, along coordinates, and by branch and bound."""

from __future__ import annotations

import math
from itertools import product
from typing import Any, NamedTuple

import numpy

from gamedyn.backend import to_host
from gamedyn.equilibria._best_reply_descent import OwnLoss
from gamedyn.equilibria._best_reply_set import OwnSet
from gamedyn.games import NormalFormGame, SymbolicGame

__all__ = ["Bound", "branch_and_bound", "own_curvature", "quadratic_bound", "rounding_slack", "vertices"]

# Cells that branch and bound may look at.
_BUDGET = 200_000
_VERTICES = 4096


class Bound(NamedTuple):
    """A point of the set, and a number that no loss on the set is below."""

    point: numpy.ndarray
    lower: float
    reason: str


def own_curvature(loss: OwnLoss) -> numpy.ndarray | None:
    """(k, k): the own Hessian where it is known to be constant over the player's set, else None."""
    game, block = loss.game, loss.block
    if isinstance(game, NormalFormGame):
        return numpy.zeros((block.stop - block.start,) * 2)
    known = game.is_affine
    if isinstance(game, SymbolicGame):
        mine = set(game.symbols[block])
        known = not (game.jacobian_expressions[block, block].free_symbols & mine)
    if not known:
        return None
    hessian = numpy.asarray(to_host(game.own_hessian(loss.z, loss.player)), dtype=float)
    return numpy.asarray((hessian + hessian.T) / 2)


def rounding_slack(loss: OwnLoss, own: OwnSet, point: numpy.ndarray) -> float:
    """What evaluations of the loss and of its slope at the point may be off by, over the extent of the set."""
    k = len(point)
    finite = numpy.where(numpy.isfinite(own.high - own.low), own.high - own.low, 0.0)
    extent = numpy.maximum(finite, numpy.abs(point))
    joint = numpy.abs(to_host(loss.joint(point)).astype(float))
    rows = numpy.abs(to_host(loss.game.jacobian(loss.z))[..., loss.block, :]) if k <= 500 else None
    size = numpy.abs(loss.gradient(point)) if rows is None else rows @ joint + numpy.abs(loss.gradient(point))
    return float(16 * (len(joint) + 8) * loss.eps * (abs(float(loss.value(point))) + numpy.sum(size * extent)))


def quadratic_bound(loss: OwnLoss, own: OwnSet, hessian: numpy.ndarray, point: numpy.ndarray) -> Bound:
    """The exact or refined minimiser of a quadratic, and min over the set of its expansion at that point.

    For all u of the set L(u) >= L(v) + <g, u - v> + m |u - v|^2 / 2, with m at most the least eigenvalue of H. The
    right side is least coordinate by coordinate in a box; with sums, its linear part is least at a vertex.
    """
    k = len(point)
    size = float(numpy.linalg.norm(hessian, 2))
    doubt = 4 * k * loss.eps * size
    diagonal = not numpy.any(hessian - numpy.diag(numpy.diagonal(hessian)))
    if not size:
        point = own.least_linear(loss.gradient(point))
        return Bound(point, _expansion(loss, own, point, numpy.zeros(k)), "The loss is linear in the own block.")
    if diagonal and not own.sums:
        curvatures = numpy.diagonal(hessian)
        point = _coordinatewise(loss.gradient(point), curvatures, own, point)
        word = "The loss is a sum of quadratics, one of each own coordinate."
        return Bound(point, _expansion(loss, own, point, curvatures), word)
    least = float(numpy.linalg.eigvalsh(hessian)[0]) - doubt
    if least >= -2 * doubt:
        point = _active_set(loss, own, hessian, point)
        return Bound(point, _expansion(loss, own, point, numpy.full(k, least)), "The loss is convex in the own block.")
    greatest = float(numpy.linalg.eigvalsh(hessian)[-1]) + doubt
    corners = vertices(own) if greatest <= 2 * doubt else None
    if corners is not None:
        values = loss.value(corners)
        point = corners[int(numpy.argmin(values))]
        diameter = float(numpy.sum((own.high - own.low) ** 2))
        lower = float(values.min()) - max(greatest, 0.0) / 2 * diameter - rounding_slack(loss, own, point)
        return Bound(point, lower, "The loss is concave in the own block, and all vertices were tried.")
    return Bound(point, _expansion(loss, own, point, numpy.full(k, least)), "")


def vertices(own: OwnSet) -> numpy.ndarray | None:
    """(V, k): all vertices of a bounded box or of plain simplices, or None where they are too many."""
    if not own.is_bounded:
        return None
    k = len(own.low)
    parts: list[list[tuple[Any, Any]]] = []
    in_sums = {i for block in own.sums for i in range(block.start, block.stop)}
    if own.sums and not all(numpy.all(own.low[b] == 0) and numpy.all(own.high[b] == 1) for b in own.sums):
        return None
    for block in own.sums:
        parts.append([(range(block.start, block.stop), row) for row in numpy.eye(block.stop - block.start)])
    for i in range(k):
        if i not in in_sums:
            parts.append([((i,), (own.low[i],)), ((i,), (own.high[i],))])
    if math.prod(map(len, parts)) > _VERTICES:
        return None
    found = numpy.empty((math.prod(map(len, parts)), k))
    for row, choice in zip(found, product(*parts), strict=True):
        for indices, values in choice:
            row[list(indices)] = values
    return found


def branch_and_bound(
    loss: OwnLoss, own: OwnSet, curvature: float, point: numpy.ndarray, gap: float, cell_bound: Any = None
) -> Bound:
    """A lower bound within `gap` of the loss at the point that is returned, unless the budget of cells runs out.

    On a cell of half-widths h around c, L >= L(c) - sum |g_k| h_k - curvature |h|^2 / 2 where |D^2 L| <= curvature on
    the set; `cell_bound(centres, half_widths)`, where given, bounds it in the place of this.
    """
    centres, halves = ((own.low + own.high) / 2)[None, :], ((own.high - own.low) / 2)[None, :]
    best, point = float(loss.value(point)), point.copy()
    pruned, seen, largest = math.inf, 0, abs(best)
    while len(centres) and seen < _BUDGET:
        seen += len(centres)
        values = loss.value(centres)
        largest = max(largest, float(numpy.nanmax(numpy.abs(values))))
        if numpy.nanmin(values) < best:
            best, point = float(numpy.nanmin(values)), centres[int(numpy.nanargmin(values))]
        if cell_bound is None:
            reach = numpy.sum(numpy.abs(loss.gradient(centres)) * halves, axis=-1)
            bounds = values - reach - curvature / 2 * numpy.sum(halves**2, axis=-1)
        else:
            bounds = numpy.asarray(cell_bound(centres, halves), dtype=float)
        # What is not a number bounds nothing.
        bounds = numpy.where(numpy.isnan(bounds), -math.inf, bounds)
        # A bound that comes within half of the gap is good enough, also against a better point found later.
        done = bounds >= best - gap / 2
        pruned = min(pruned, float(numpy.min(bounds[done], initial=math.inf)))
        centres, halves, bounds = centres[~done], halves[~done], bounds[~done]
        if not len(centres) or seen >= _BUDGET:
            break
        rows, widest = numpy.arange(len(centres)), numpy.argmax(halves, axis=-1)
        halves = halves.copy()
        halves[rows, widest] /= 2
        moved = numpy.zeros_like(centres)
        moved[rows, widest] = halves[rows, widest]
        centres, halves = numpy.concatenate([centres - moved, centres + moved]), numpy.concatenate([halves, halves])
    lower = min(pruned, float(numpy.min(bounds, initial=math.inf)) if len(centres) else math.inf, best)
    word = "Branch and bound closed all cells." if not len(centres) else "Branch and bound ran out of cells."
    # Sums of a few terms as large as the losses themselves are off by some roundoffs.
    return Bound(point, lower - 64 * loss.eps * largest, word)


def _expansion(loss: OwnLoss, own: OwnSet, point: numpy.ndarray, curvatures: numpy.ndarray) -> float:
    """L(v) + min over u of <g, u - v> + sum m_k (u_k - v_k)^2 / 2, less what rounding may hide."""
    if not numpy.all(numpy.isfinite(point)):
        return -math.inf
    slope, value = loss.gradient(point), float(loss.value(point))
    slack = rounding_slack(loss, own, point)
    free = _least_along_coordinates(slope, curvatures, own.low - point, own.high - point)
    if own.sums:
        corner = own.least_linear(slope)
        bend = min(float(numpy.min(curvatures)), 0.0)
        # A concave part costs at most its value at the far end of every coordinate.
        linear = float(slope @ (corner - point)) + bend / 2 * float(numpy.sum((own.high - own.low) ** 2))
        free = max(free, linear)
    return value + free - slack


def _least_along_coordinates(slope: Any, curvature: Any, low: Any, high: Any) -> float:
    """sum_k min over t in [low_k, high_k] of slope_k t + curvature_k t^2 / 2."""
    total = 0.0
    for g, m, a, b in zip(slope, curvature, low, high, strict=True):
        ends = [_quadratic(g, m, a), _quadratic(g, m, b)]
        if m > 0 and a <= -g / m <= b:
            ends.append(-(g**2) / (2 * m))
        total += min(*ends, 0.0)
    return float(total)


def _quadratic(g: float, m: float, t: float) -> float:
    if math.isinf(t):
        lead = m if m else g * math.copysign(1.0, t)
        return math.copysign(math.inf, lead) if lead else 0.0
    return float(g * t + m * t**2 / 2)


def _coordinatewise(slope: numpy.ndarray, curvatures: numpy.ndarray, own: OwnSet, point: numpy.ndarray) -> Any:
    """The minimiser of sum g_k t_k + m_k t_k^2 / 2 over the box, infinite where there is none."""
    best = point.copy()
    for k, (g, m) in enumerate(zip(slope, curvatures, strict=True)):
        places = [float(own.low[k]), float(own.high[k]), float(point[k])]
        if m > 0:
            places.append(float(numpy.clip(point[k] - g / m, own.low[k], own.high[k])))
        best[k] = min(places, key=lambda v: _quadratic(g, m, v - point[k]))
    return best


def _active_set(loss: OwnLoss, own: OwnSet, hessian: numpy.ndarray, point: numpy.ndarray) -> numpy.ndarray:
    """The minimiser on the face that the point is close to, where that stays inside and is better."""
    width = numpy.where(numpy.isfinite(own.high - own.low), own.high - own.low, 1 + numpy.abs(point))
    slope = loss.gradient(point)
    near_low, near_high = point - own.low <= 1e-6 * width, own.high - point <= 1e-6 * width
    fixed = near_low | near_high
    settled = numpy.where(near_low, own.low, numpy.where(near_high, own.high, point))
    free = numpy.nonzero(~fixed)[0]
    rows = [[float(block.start <= k < block.stop) for k in free] for block in own.sums]
    m, c = len(free), len(rows)
    matrix = numpy.zeros((m + c, m + c))
    matrix[:m, :m] = hessian[numpy.ix_(free, free)]
    if c:
        matrix[m:, :m] = rows
        matrix[:m, m:] = matrix[m:, :m].T
    right = numpy.zeros(m + c)
    right[:m] = -(slope + hessian @ (settled - point))[free]
    right[m:] = [1 - float(numpy.sum(settled[block])) for block in own.sums]
    if m:
        settled[free] += numpy.linalg.lstsq(matrix, right, rcond=None)[0][:m]
    # Where the loss falls along the face the system has no solution, and least squares leave the set.
    inside = own.project(settled)
    if float(numpy.max(numpy.abs(inside - settled))) > 64 * loss.eps * float(numpy.max(width)):
        return point
    close = 8 * loss.eps * abs(float(loss.value(point)))
    return inside if float(loss.value(inside)) <= float(loss.value(point)) + close else point
