"""Lyapunov's theorem as a proof that all eigenvalues of a matrix have positive real part."""

from __future__ import annotations

import warnings

import numpy

from gamedyn.equilibria._point import norm_of
from gamedyn.numerics import is_positive_definite

__all__ = ["has_lyapunov_proof"]


def has_lyapunov_proof(j: numpy.ndarray, error: float) -> bool:
    """Whether J^T X + X J and X are both proved positive definite, for all J within `error`; then Re eig J > 0."""
    from scipy.linalg import solve_continuous_lyapunov

    j = j.astype(numpy.float64)
    with warnings.catch_warnings():
        # SciPy warns where the equation is singular within rounding: then there is no proof.
        warnings.simplefilter("error")
        try:
            x = solve_continuous_lyapunov(j.T, numpy.eye(len(j)))
        except RuntimeWarning:
            return False
    x = (x + x.T) / 2
    product = j.T @ x
    if not numpy.all(numpy.isfinite(product)):
        return False
    # Beside the error of J: the product is rounded, d + 2 operations to an entry.
    rounding = 2 * (len(j) + 2) * float(numpy.finfo(float).eps) * norm_of(j) * norm_of(x)
    bound = 2 * error * norm_of(x) + rounding
    decay = is_positive_definite(product + product.T, error_bound=bound)
    return bool(decay.is_yes and is_positive_definite(x).is_yes)
