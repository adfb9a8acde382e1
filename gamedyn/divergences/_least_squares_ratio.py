"""Density ratios by least squares: uLSIF with its leave-one-out score, and the relative ratio of RuLSIF; host-only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from gamedyn.divergences._gaussian_basis import GaussianBasis

__all__ = ["fit_least_squares", "leave_one_out_score"]

_CENTRES = 100
_WIDTHS = (0.2, 0.35, 0.6, 1.0, 2.0)
"""In median distances."""
_RIDGES = (1e-3, 1e-2, 1e-1, 1.0)
_SCORED = 300
"""Pairs of rows that the score leaves out, one pair at a time."""


def fit_least_squares(
    x: numpy.ndarray,
    y: numpy.ndarray,
    *,
    relative: float,
    widths: Sequence[float] | None,
    ridges: Sequence[float] | None,
    rng: numpy.random.Generator,
) -> tuple[GaussianBasis, numpy.ndarray, float, float]:
    """(basis, weights, width, ridge) of the ratio p / (b p + (1 - b) q), b = `relative`.

    The weights minimise E_mix r^2 / 2 - E_p r + ridge |weights|^2 / 2 over all real weights, mix = b p + (1 - b) q;
    the ratio is the positive part of the fit. (Cutting negative weights instead, which makes the ratio positive too,
    spoils fits by wide Gaussians, whose weights have both signs.) Width and ridge have the best `leave_one_out_score`.
    """
    basis = GaussianBasis(x, y, _CENTRES, rng)
    if widths is None:
        widths = [factor * basis.median for factor in _WIDTHS]
    ridges = _RIDGES if ridges is None else ridges
    squares_x, squares_y = basis.squares(x), basis.squares(y)
    pairs = min(len(x), len(y), _SCORED)
    rows_x, rows_y = (rng.permutation(len(sample))[:pairs] for sample in (x, y))
    best = (numpy.inf, numpy.zeros(0), 0.0, 0.0)
    for width in widths:
        phi_x, phi_y = basis.features(squares_x, width), basis.features(squares_y, width)
        second_x, second_y = phi_x.T @ phi_x / len(x), phi_y.T @ phi_y / len(y)
        mean = phi_x.mean(axis=0)
        for ridge in ridges:
            score = leave_one_out_score(
                (second_x, len(x), phi_x[rows_x]), (second_y, len(y), phi_y[rows_y]), mean, relative, ridge
            )
            if score < best[0]:
                matrix = relative * second_x + (1 - relative) * second_y + ridge * numpy.eye(len(mean))
                best = (score, numpy.linalg.solve(matrix, mean), width, ridge)
    return basis, best[1], best[2], best[3]


def leave_one_out_score(
    first: tuple[numpy.ndarray, int, numpy.ndarray],
    second: tuple[numpy.ndarray, int, numpy.ndarray],
    mean: numpy.ndarray,
    relative: float,
    ridge: float,
) -> float:
    """The mean over pairs i of b r(x_i)^2 / 2 + (1 - b) r(y_i)^2 / 2 - r(x_i), r fitted without x_i and y_i.

    Parameters
    ----------
    first, second : tuple
        For x and for y: mean of phi phi^T over all rows, number of rows, and phi at the rows to be left out.
    mean : array, shape (centres,)
        Mean of phi over x.
    relative, ridge : float
        See `fit_least_squares`.

    Notes
    -----
    Leaving rows out changes the matrix by their outer products: its inverse, applied to a vector, follows from that of
    the whole by the formula of Sherman and Morrison for y and, where b > 0, once more for x.
    """
    (second_x, n, phi_x), (second_y, m, phi_y) = first, second
    weight_x, weight_y = relative * n / (n - 1), (1 - relative) * m / (m - 1)
    matrix = weight_x * second_x + weight_y * second_y + ridge * numpy.eye(len(mean))
    means = (n * mean - phi_x) / (n - 1)
    solved_mean, solved_y = (numpy.linalg.solve(matrix, part.T).T for part in (means, phi_y))
    drop_y = (1 - relative) / (m - 1)
    factor = drop_y / (1 - drop_y * _rowwise(phi_y, solved_y))
    weights = solved_mean + (factor * _rowwise(phi_y, solved_mean))[:, None] * solved_y
    if relative > 0:
        solved_x = numpy.linalg.solve(matrix, phi_x.T).T
        without_y = solved_x + (factor * _rowwise(phi_y, solved_x))[:, None] * solved_y
        drop_x = relative / (n - 1)
        again = drop_x / (1 - drop_x * _rowwise(phi_x, without_y))
        weights = weights + (again * _rowwise(phi_x, weights))[:, None] * without_y
    r_x, r_y = (numpy.maximum(_rowwise(phi, weights), 0.0) for phi in (phi_x, phi_y))
    return float(numpy.mean(relative * r_x**2 / 2 + (1 - relative) * r_y**2 / 2 - r_x))


def _rowwise(a: numpy.ndarray, b: numpy.ndarray) -> numpy.ndarray:
    """The inner products of the rows of a and of b."""
    return numpy.asarray(numpy.einsum("ij,ij->i", a, b))
