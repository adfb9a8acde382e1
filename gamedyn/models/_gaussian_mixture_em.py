"""Expectation maximization for mixtures of normal laws: the start, the two steps and the climb; host-only work."""

from __future__ import annotations

from typing import NamedTuple

import numpy

from gamedyn.numerics import logsumexp

__all__ = ["Normals", "climb", "log_joint", "maximized", "start"]

_LLOYD_STEPS = 10


class Normals(NamedTuple):
    """A mixture of normal laws.

    Parameters
    ----------
    weights : array, shape (k,)
    means : array, shape (k, d)
    covariances : array, shape (k, d, d)
    """

    weights: numpy.ndarray
    means: numpy.ndarray
    covariances: numpy.ndarray


def log_joint(rows: numpy.ndarray, normals: Normals) -> numpy.ndarray:
    """log(weight_j N(x_i; mean_j, S_j)), shape (n, k)."""
    n, d = rows.shape
    joint = numpy.empty((n, len(normals.weights)))
    with numpy.errstate(divide="ignore"):
        log_weights = numpy.log(normals.weights)
    for j, (mean, covariance) in enumerate(zip(normals.means, normals.covariances, strict=True)):
        if numpy.count_nonzero(covariance) == d:
            deviations = numpy.sqrt(numpy.diagonal(covariance))
            white = (rows - mean) / deviations
        else:
            cholesky = numpy.linalg.cholesky(covariance)
            deviations = numpy.diagonal(cholesky)
            white = (rows - mean) @ numpy.linalg.inv(cholesky).T
        half_log_det = numpy.log(deviations).sum() + 0.5 * d * numpy.log(2 * numpy.pi)
        joint[:, j] = log_weights[j] - half_log_det - 0.5 * numpy.einsum("ij,ij->i", white, white)
    return joint


def maximized(
    rows: numpy.ndarray, shares: numpy.ndarray, kind: str, floor: float, before: Normals | None = None
) -> Normals:
    """The mixture under which rows, shared out among the components, are likeliest.

    Of all covariances with eigenvalues of at least `floor`, the likeliest one has those of the shared rows' covariance
    S, the smaller ones raised to the floor: its eigenvectors are those of S, and -log c - l / c falls with c above l.

    Parameters
    ----------
    rows : array, shape (n, d)
    shares : array, shape (n, k)
        Each row's add up to 1.
    kind : str
        "full", "diagonal" or "spherical".
    floor : float
    before : Normals, optional
        What a component that got no row stays, with weight 0.
    """
    (n, d), k = rows.shape, shares.shape[1]
    sizes = shares.sum(axis=0)
    means, covariances = numpy.empty((k, d)), numpy.empty((k, d, d))
    for j in range(k):
        if sizes[j] <= n * numpy.finfo(float).tiny:
            sizes[j] = 0.0
            means[j] = rows.mean(axis=0) if before is None else before.means[j]
            covariances[j] = floor * numpy.eye(d) if before is None else before.covariances[j]
            continue
        portion = shares[:, j] / sizes[j]
        means[j] = portion @ rows
        covariances[j] = _at_least(rows - means[j], portion, kind, floor)
    return Normals(sizes / n, means, covariances)


def _at_least(centred: numpy.ndarray, portion: numpy.ndarray, kind: str, floor: float) -> numpy.ndarray:
    """S = sum_i portion_i x_i x_i^T, or its part of a kind, with eigenvalues of at least the floor."""
    if kind == "full":
        scaled = centred * numpy.sqrt(portion)[:, None]
        covariance = scaled.T @ scaled
        values, vectors = numpy.linalg.eigh((covariance + covariance.T) / 2)
        if values[0] < floor:
            covariance = (vectors * numpy.maximum(values, floor)) @ vectors.T
        return numpy.asarray((covariance + covariance.T) / 2)
    variances = portion @ (centred * centred)
    if kind == "spherical":
        variances = numpy.full(len(variances), variances.mean())
    return numpy.diag(numpy.maximum(variances, floor))


def start(rows: numpy.ndarray, k: int, generator: numpy.random.Generator) -> numpy.ndarray:
    """Shares of 0 and 1: clusters about centers by k-means++ and a few steps of Lloyd, in columns of equal deviation.

    Parameters
    ----------
    rows : array, shape (n, d)
    k : int
    generator : numpy.random.Generator
    """
    deviation = rows.std(axis=0)
    points = (rows - rows.mean(axis=0)) / numpy.where(deviation > 0, deviation, 1.0)
    centers = points[generator.integers(len(points))][None]
    while len(centers) < k:
        distances = _squared_distances(points, centers).min(axis=1)
        total = distances.sum()
        chance = distances / total if total > 0 else None
        centers = numpy.concatenate([centers, points[generator.choice(len(points), p=chance)][None]])
    for _ in range(_LLOYD_STEPS):
        nearest = _squared_distances(points, centers).argmin(axis=1)
        members = numpy.eye(k)[nearest]
        sizes = members.sum(axis=0)
        moved = (members.T @ points) / numpy.maximum(sizes, 1.0)[:, None]
        centers = numpy.where(sizes[:, None] > 0, moved, centers)
    return numpy.asarray(members)


def _squared_distances(points: numpy.ndarray, centers: numpy.ndarray) -> numpy.ndarray:
    squares = numpy.einsum("ij,ij->i", points, points)[:, None] + numpy.einsum("ij,ij->i", centers, centers)
    return numpy.asarray(numpy.maximum(squares - 2 * (points @ centers.T), 0.0))


def climb(
    rows: numpy.ndarray, shares: numpy.ndarray, kind: str, floor: float, steps: int, tolerance: float
) -> tuple[Normals, numpy.ndarray]:
    """(mixture, mean log-likelihoods before every step and after the last), from shares of rows.

    Parameters
    ----------
    rows : array, shape (n, d)
    shares : array, shape (n, k)
    kind : str
    floor : float
    steps : int
    tolerance : float
        A gain below which the climb ends.
    """
    normals = maximized(rows, shares, kind, floor)
    likelihoods: list[float] = []
    for step in range(steps + 1):
        joint = log_joint(rows, normals)
        totals = logsumexp(joint, axis=1)
        likelihoods.append(float(totals.mean()))
        if step == steps or (step and likelihoods[-1] - likelihoods[-2] < tolerance):
            break
        normals = maximized(rows, numpy.exp(joint - totals[:, None]), kind, floor, normals)
    return normals, numpy.array(likelihoods)
