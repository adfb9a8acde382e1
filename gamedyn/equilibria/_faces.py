"""Constrained points: the face of a domain that a point lies on, and the first-order condition there."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy

from gamedyn.backend import Array, array_namespace, to_host
from gamedyn.equilibria._point import norm_of
from gamedyn.games import Box, Domain, Product, Reals, Simplex, player_slices

__all__ = ["Face", "find_face", "holds_constraints"]


class Face(NamedTuple):
    """The directions in which a point may move both ways, and what holds it in the others."""

    basis: numpy.ndarray
    """(d, t): orthonormal, ordered by players."""
    blocks: tuple[slice, ...]
    """Each player's columns of the basis."""
    residuals: numpy.ndarray
    """(n,): norms of each player's tangential gradient and of its multipliers of the wrong sign."""
    multipliers: numpy.ndarray
    """(n,): each player's smallest multiplier; infinity where no inequality holds it."""


def holds_constraints(domain: Domain, z: Array) -> numpy.ndarray:
    """Whether constraints hold at each of N points z (N, d): some direction is barred."""
    count, d = z.shape
    if isinstance(domain, Reals):
        return numpy.zeros(count, dtype=bool)
    if isinstance(domain, Simplex):
        return numpy.ones(count, dtype=bool)
    if isinstance(domain, Product):
        ends = numpy.cumsum((0, *domain.sizes)).tolist()
        blocks = zip(domain.domains, ends[:-1], ends[1:], strict=True)
        parts = [holds_constraints(part, z[:, start:end]) for part, start, end in blocks]
        return numpy.asarray(numpy.any(parts, axis=0))
    if isinstance(domain, Box):
        lower, upper = _bounds(domain, z)
        host = to_host(z)
        return numpy.asarray(numpy.any((host <= lower) | (host >= upper), axis=-1))
    xp = array_namespace(z)
    found = numpy.zeros(count, dtype=bool)
    for k in range(d):
        for sign in (1.0, -1.0):
            move = xp.zeros_like(z) + xp.asarray(sign * numpy.eye(d)[k], dtype=z.dtype)
            found |= to_host(xp.any(domain.tangent_projection(z, move) != move, axis=-1))
    return found


def find_face(domain: Domain, dims: tuple[int, ...], z: Array, xi: numpy.ndarray) -> Face | None:
    """The face that z (d,) lies on, where the field is xi (d,); None for a domain that is not known here.

    Known are boxes, simplices of a single player, and products of these.
    """
    pieces = _pieces(domain, z, xi)
    if pieces is None:
        return None
    owners = player_slices(dims)
    columns: list[list[numpy.ndarray]] = [[] for _ in dims]
    squares, multipliers = numpy.zeros(len(dims)), numpy.full(len(dims), numpy.inf)
    for coordinates, basis, residual, pressing in pieces:
        player = next((i for i, b in enumerate(owners) if b.start <= coordinates[0] and coordinates[-1] < b.stop), None)
        if player is None:
            return None
        placed = numpy.zeros((z.shape[-1], basis.shape[-1]))
        placed[coordinates] = basis
        columns[player].append(placed)
        squares[player] = norm_of(numpy.array([squares[player], norm_of(residual)]))
        if len(pressing):
            multipliers[player] = min(multipliers[player], float(pressing.min()))
    counts = [sum(part.shape[-1] for part in parts) for parts in columns]
    stacked = numpy.concatenate([part for parts in columns for part in parts], axis=-1)
    ends = numpy.cumsum([0, *counts]).tolist()
    blocks = tuple(slice(start, end) for start, end in itertools.pairwise(ends))
    return Face(stacked, blocks, squares, multipliers)


_Piece = tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray, numpy.ndarray]


def _pieces(domain: Domain, z: Array, xi: numpy.ndarray, first: int = 0) -> list[_Piece] | None:
    """(coordinates, basis, residual, multipliers) of each independent piece; of a box, every coordinate is one."""
    d = z.shape[-1]
    if isinstance(domain, Product):
        pieces, start = [], 0
        for part, size in zip(domain.domains, domain.sizes, strict=True):
            found = _pieces(part, z[start : start + size], xi[start : start + size], first + start)
            if found is None:
                return None
            pieces += found
            start += size
        return pieces
    if isinstance(domain, Simplex):
        return [(first + numpy.arange(d), *_on_simplex(to_host(z), xi))]
    if isinstance(domain, Reals):
        return [(numpy.array([first + k]), numpy.ones((1, 1)), xi[k : k + 1], xi[:0]) for k in range(d)]
    if not isinstance(domain, Box):
        return None
    lower, upper = _bounds(domain, z)
    host = to_host(z)
    return [(numpy.array([first + k]), *_between(host[k], lower[k], upper[k], xi[k : k + 1])) for k in range(d)]


def _between(
    z: float, lower: float, upper: float, xi: numpy.ndarray
) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Basis, residual and multipliers of one coordinate."""
    fixed = numpy.zeros((1, 0))
    if lower == upper:
        return fixed, 0 * xi, xi[:0]
    if lower < z < upper:
        return numpy.ones((1, 1)), xi, xi[:0]
    pressing = xi if z <= lower else -xi
    return fixed, numpy.minimum(pressing, 0), pressing


def _on_simplex(z: numpy.ndarray, xi: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Basis, residual and multipliers of mixed strategies: actions with mass cost the same, others no less."""
    support = z > 0
    count = int(support.sum())
    excess = xi - numpy.mean(xi[support])
    residual = numpy.where(support, excess, numpy.minimum(excess, 0))
    basis = numpy.zeros((len(z), count - 1))
    basis[support] = numpy.linalg.svd(numpy.ones((1, count)))[2][1:].T
    return basis, residual, excess[~support]


def _bounds(domain: Box, z: Array) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The bounds in the precision of z, as the domain compares them with it."""
    dtype = to_host(z).dtype
    low, high = (to_host(each).astype(dtype) for each in (domain.lower, domain.upper))
    return numpy.broadcast_to(low, z.shape), numpy.broadcast_to(high, z.shape)
