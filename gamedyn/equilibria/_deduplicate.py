"""Which of many converged points are one and the same zero of xi, and which lie on a line of zeros."""

from __future__ import annotations

import numpy

from gamedyn.equilibria._multistart import ScaledField, newton_step

__all__ = ["Clusters", "deduplicate", "on_continuum"]

# A line of equilibria is felt for this far to both sides, in widths of the box.
_REACH = 0.05


class Clusters:
    """Distinct zeros: points (m, d) and how many of the given points each stands for."""

    def __init__(self, points: numpy.ndarray, counts: numpy.ndarray) -> None:
        self.points, self.counts = points, counts


def deduplicate(scaled: ScaledField, points: numpy.ndarray) -> Clusters:
    """One representative for each zero.

    Two points are one zero where they are nearer than their last Newton steps can tell, or where J changes so little
    between them that no second zero has room: F(b) - F(a) = M (b - a) with M the mean of J over the segment, and
    |J_a^-1 M - 1| < 1 leaves only a = b. Two true zeros have a singular M, so that this never merges them. Where J is
    singular to half of the digits, Newton's steps tell little: two points are then one if xi is zero to rounding
    between them as well.

    Parameters
    ----------
    scaled : ScaledField
    points : array, shape (M, d)
        Converged.
    """
    eps, width = scaled.eps, scaled.box.width
    points, steps = _polish(scaled, points)
    # Several times the last step, which for a zero of multiplicity k is 1/k of the distance to it.
    radii = 8 * steps + 64 * eps * (1 + numpy.max(numpy.abs(points) / width, axis=-1))
    order = numpy.argsort(radii, kind="stable")
    chosen: list[int] = []
    counts: list[int] = []
    for k in order:
        gaps = numpy.max(numpy.abs(points[chosen] - points[k]) / width, axis=-1) if chosen else numpy.zeros(0)
        same = numpy.nonzero(gaps <= radii[chosen] + radii[k])[0]
        if len(same):
            counts[int(same[numpy.argmin(gaps[same])])] += 1
        else:
            chosen.append(int(k))
            counts.append(1)
    return _merge_by_slope(scaled, points[chosen], numpy.asarray(counts, dtype=int))


def on_continuum(scaled: ScaledField, points: numpy.ndarray) -> numpy.ndarray:
    """(m,): whether J is singular there and, moved along its null direction, Newton comes back to other such points."""
    if not len(points):
        return numpy.zeros(0, dtype=bool)
    _, jacobian = scaled(points)
    singular, along = _null_directions(jacobian, scaled.eps)
    found = singular.copy()
    for reach in (_REACH, -_REACH, _REACH / 2, -_REACH / 2):
        side = _follow(scaled, points, reach * along)
        # On the border of the box or the domain a line goes on to one side only.
        found &= side | _follow(scaled, points, -reach * along)
    return found


def _follow(scaled: ScaledField, points: numpy.ndarray, moves: numpy.ndarray) -> numpy.ndarray:
    """Whether Newton from the displaced points ends at singular zeros about as far away."""
    box, domain = scaled.box, scaled.game.domain
    z = box.project(domain, points + moves * box.width)
    for _ in range(25):
        field, jacobian = scaled(z)
        usable = numpy.all(numpy.isfinite(field), axis=-1) & numpy.all(numpy.isfinite(jacobian), axis=(-2, -1))
        steps = numpy.zeros_like(field)
        steps[usable] = newton_step(field[usable], jacobian[usable])
        z = box.project(domain, z - steps * box.width)
    field, jacobian = scaled(z)
    jacobian = numpy.where(numpy.isfinite(jacobian), jacobian, 0.0)
    singular, _ = _null_directions(jacobian, scaled.eps)
    gone = numpy.max(numpy.abs(z - points) / box.width, axis=-1)
    wanted = numpy.max(numpy.abs(moves), axis=-1)
    rest = scaled.residuals(field, jacobian, z) <= 1e4 * scaled.eps
    return numpy.asarray(usable & rest & singular & (gone > wanted / 2) & (gone < 2 * wanted))


def _polish(scaled: ScaledField, points: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Two more Newton steps where they shrink, and the length of the last one, which shows the noise."""
    best = points.copy()
    field, jacobian = scaled(best)
    lengths = numpy.full(len(points), numpy.inf)
    for _ in range(3):
        steps = newton_step(field, jacobian)
        size = numpy.max(numpy.abs(steps), axis=-1)
        lengths = numpy.minimum(lengths, size)
        moved = scaled.box.project(scaled.game.domain, best - steps * scaled.box.width)
        new_field, new_jacobian = scaled(moved)
        better = numpy.sum(new_field**2, axis=-1) < numpy.sum(field**2, axis=-1)
        better &= numpy.all(numpy.isfinite(new_jacobian), axis=(-2, -1))
        best[better], field[better], jacobian[better] = moved[better], new_field[better], new_jacobian[better]
    return best, lengths


def _merge_by_slope(scaled: ScaledField, points: numpy.ndarray, counts: numpy.ndarray) -> Clusters:
    if not len(points):
        return Clusters(points, counts)
    _, jacobians = scaled(points)
    values = numpy.linalg.svd(jacobians, compute_uv=False)
    singular = values[:, -1] <= numpy.sqrt(scaled.eps) * values[:, 0]
    keep: list[int] = []
    for k in range(len(points)):
        near = [r for r in keep if numpy.max(numpy.abs(points[r] - points[k]) / scaled.box.width) < 1e-2]
        twin = next(
            (
                r
                for r in near
                if (singular[r] and singular[k] and _flat_between(scaled, points[r], points[k]))
                or (not singular[r] and _no_room(scaled, points[r], points[k], jacobians[r]))
            ),
            None,
        )
        if twin is None:
            keep.append(k)
        else:
            counts[twin] += counts[k]
    return Clusters(points[keep], counts[keep])


def _flat_between(scaled: ScaledField, a: numpy.ndarray, b: numpy.ndarray) -> bool:
    field, _ = scaled(a + numpy.asarray([0.25, 0.5, 0.75], dtype=a.dtype)[:, None] * (b - a))
    return bool(numpy.all(numpy.abs(field) <= 8 * scaled.eps))


def _no_room(scaled: ScaledField, a: numpy.ndarray, b: numpy.ndarray, slope: numpy.ndarray) -> bool:
    """Whether |J_a^-1 J - 1| <= 1/2 on the segment from a to b, at four points of it."""
    _, along = scaled(a + numpy.asarray([0.25, 0.5, 0.75, 1.0], dtype=a.dtype)[:, None] * (b - a))
    change = numpy.linalg.solve(slope, along - slope)
    return bool(numpy.all(numpy.linalg.norm(change, axis=(-2, -1)) <= 0.5))


def _null_directions(jacobian: numpy.ndarray, eps: float) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(whether the least singular value vanishes to half of the digits (m,), its direction (m, d))."""
    rows = numpy.linalg.norm(jacobian, axis=-1, keepdims=True)
    _, values, right = numpy.linalg.svd(jacobian / numpy.where(rows > 0, rows, 1.0))
    along = right[..., -1, :]
    largest = numpy.max(numpy.abs(along), axis=-1, keepdims=True)
    return values[..., -1] <= numpy.sqrt(eps) * numpy.maximum(values[..., 0], numpy.finfo(float).tiny), along / largest
