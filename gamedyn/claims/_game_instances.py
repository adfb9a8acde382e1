"""Games that claims draw: bilinear ones with known singular vectors, linear ones with any spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.games import Bilinear, Quadratic

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["bilinear_modes", "orthogonal", "root_error", "saddle", "zero_sum_game"]


def orthogonal(rng: Generator, size: int) -> Any:
    """An orthogonal matrix."""
    return numpy.linalg.qr(rng.standard_normal((size, size)))[0]


def bilinear_modes(rng: Generator) -> tuple[Bilinear, Any, Any, Any]:
    """x^T A y with A = U diag(s) V^T and s between 0.5 and 2; the game, s, U and V, all of size 3."""
    s, u, v = rng.uniform(0.5, 2.0, 3), orthogonal(rng, 3), orthogonal(rng, 3)
    return Bilinear((u * s) @ v.T), s, u, v


def zero_sum_game(rng: Generator, curvature: Any, sign: float = -1.0) -> Quadratic:
    """Players of sizes 3 and 2 whose own Hessians have the eigenvalues `curvature` (5,), J's other block sign A^T.

    A is 2 to 6 times as large as the curvature, so that the own Hessians alone do not decide stability.
    """
    own = [(q * part) @ q.T for q, part in ((orthogonal(rng, 3), curvature[:3]), (orthogonal(rng, 2), curvature[3:]))]
    a = rng.uniform(2, 6) * abs(curvature).max() * orthogonal(rng, 3)[:, :2]
    return Quadratic.from_blocks([[(own[0] + own[0].T) / 2, a], [sign * a.T, (own[1] + own[1].T) / 2]])


def saddle(a: float, s: float, b: float) -> Quadratic:
    """min over x, max over y of a x^2 + s x y + b y^2: J = [[2a, s], [-s, -2b]]."""
    hessian = numpy.array([[2 * a, s], [s, 2 * b]])
    return Quadratic(numpy.stack([hessian, -hessian]), (1, 1))


def root_error(gap: Any, size: Any) -> Any:
    """64 ulp of the size of a 2 x 2 matrix, enlarged where its two eigenvalues are only `gap` apart.

    A double eigenvalue moves by the square root of what the matrix is moved by.
    """
    eps = float(numpy.finfo(float).eps)
    return 64 * eps * size * numpy.maximum(size / numpy.maximum(gap, numpy.sqrt(eps) * size), 1.0)
