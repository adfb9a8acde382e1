"""Barycenters of Gaussian laws under W_2, by averaging optimal maps; singular covariances allowed."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gamedyn._checks import check_in_interval, check_integer
from gamedyn.backend import Array, float_arrays, off_tape
from gamedyn.transport._gaussian_moments import check_covariance, symmetric
from gamedyn.transport._weights import check_finite, shares_of

__all__ = ["GaussianBarycenter", "gaussian_barycenter"]


@dataclass(frozen=True)
class GaussianBarycenter:
    """The Gaussian law nearest to several, in the mean square of W_2.

    Parameters
    ----------
    loc : array, shape (d,)
        Mean.
    covariance : array, shape (d, d)
        Symmetric and positive semi-definite.
    residual : float
        sqrt(E |T(x) - x|^2 / E |x|^2) over the centred barycenter, T the average of the optimal maps to the given
        laws: 0 exactly at a stationary point.
    iterations : int
    converged : bool
        Whether the residual met the tolerance.
    definition : str
        What was minimised.
    """

    loc: Array
    covariance: Array
    residual: float
    iterations: int
    converged: bool
    definition: str


def gaussian_barycenter(
    locs: Sequence[Array] | Array,
    covariances: Sequence[Array] | Array,
    weights: Array | None = None,
    *,
    tolerance: float | None = None,
    max_iterations: int = 1000,
    check: bool = True,
) -> GaussianBarycenter:
    """argmin over N(m, S) of sum_k w_k W_2(N(m, S), N(m_k, A_k))^2: m = sum w_k m_k, S = sum w_k (S^1/2 A_k S^1/2)^1/2.

    Parameters
    ----------
    locs : array_like or sequence, shape (k, d)
        Means.
    covariances : array_like or sequence, shape (k, d, d)
        Symmetric and positive semi-definite; may be singular.
    weights : array_like, optional, shape (k,)
        Non-negative, divided by their sum; equal where not given.
    tolerance : float, optional
        Bound of the residual; 1e-12 in double precision where not given, 1e-5 in single.
    max_iterations : int
        Bound of the iterations.
    check : bool
        Whether to look for non-finite, asymmetric or indefinite input.

    Returns
    -------
    GaussianBarycenter
        Constants: no derivatives flow through it.

    Raises
    ------
    ValueError
        For shapes that do not fit, invalid weights, and covariances that are not positive semi-definite.

    Warns
    -----
    UserWarning
        If the iterations did not suffice.

    Notes
    -----
    The iteration S -> T S T, T the average of the optimal maps from N(0, S), on factors S = L L^T: with A_k = M_k M_k^T
    the map to N(0, A_k) takes L to M_k Q_k, Q_k the orthogonal polar factor of M_k^T L, so that L -> sum w_k M_k Q_k.
    No matrix is inverted. It starts from sum w_k A_k^1/2, which is the answer where the covariances commute. Where no
    A_k of positive weight is regular the barycenter need not be unique.

    References
    ----------
    Agueh and Carlier (2011), Barycenters in the Wasserstein space.
    Alvarez-Esteban, del Barrio, Cuesta-Albertos and Matran (2016), A fixed-point approach to barycenters in Wasserstein
    space.

    Examples
    --------
    >>> found = gaussian_barycenter([[0.0], [4.0]], [[[1.0]], [[9.0]]])
    >>> found.loc.round(12).tolist(), found.covariance.round(12).tolist()  # deviations 1 and 3: 2
    ([2.0], [[4.0]])
    """
    check_integer("max_iterations", max_iterations, minimum=1)
    xp, locs, covariances = _stacked(locs, covariances)
    if check:
        check_finite(xp, locs, "locs")
        check_finite(xp, covariances, "covariances")
        check_covariance(xp, covariances, "covariances")
    shares = shares_of(xp, weights, locs, locs.shape[0], "weights", "laws")
    if tolerance is None:
        tolerance = 1e-12 if locs.dtype == xp.float64 else 1e-5
    check_in_interval("tolerance", tolerance, 0.0, 1.0)
    values, vectors = xp.linalg.eigh(symmetric(xp, covariances))
    roots = xp.sqrt(xp.maximum(values, xp.zeros_like(values)))
    factors = (vectors * roots[..., None, :]) @ xp.matrix_transpose(vectors)  # (k, d, d)
    scale = xp.max(xp.abs(factors))
    scale = xp.where(scale > 0, scale, xp.ones_like(scale))
    factors, masses = factors / scale, shares[:, None, None]
    factor = xp.sum(masses * factors, axis=0)
    residual, iterations = 0.0, 0
    while True:
        u, _, vh = xp.linalg.svd(xp.matrix_transpose(factors) @ factor, full_matrices=False)
        following = xp.sum(masses * (factors @ (u @ vh)), axis=0)
        size = float(xp.sum(factor * factor))
        residual = (float(xp.sum((following - factor) ** 2)) / size) ** 0.5 if size > 0 else 0.0
        if residual <= tolerance or iterations == max_iterations:
            break
        factor, iterations = following, iterations + 1
    if residual > tolerance:
        warnings.warn(
            f"gaussian_barycenter stopped after {iterations} iterations with a residual of {residual:.1e}, above "
            f"{tolerance:.1e}. Raise `max_iterations` or `tolerance`.",
            stacklevel=2,
        )
    return GaussianBarycenter(
        loc=xp.sum(shares[:, None] * locs, axis=0),
        covariance=symmetric(xp, factor @ xp.matrix_transpose(factor)) * scale * scale,
        residual=residual,
        iterations=iterations,
        converged=residual <= tolerance,
        definition="argmin over Gaussian laws of sum_k w_k W_2(., law_k)^2",
    )


def _stacked(locs: Any, covariances: Any) -> tuple[Any, Array, Array]:
    """The namespace, means (k, d) and covariances (k, d, d)."""
    parts = []
    for name, given in (("locs", locs), ("covariances", covariances)):
        if isinstance(given, (list, tuple)) and given:
            xp, *arrays = float_arrays(*given, names=tuple(f"{name}[{i}]" for i in range(len(given))))
            if len({tuple(a.shape) for a in arrays}) > 1:
                shapes = ", ".join(str(tuple(a.shape)) for a in arrays)
                raise ValueError(f"`{name}` must have one shape, got {shapes}.")
            given = xp.stack(arrays, axis=0)
        parts.append(given)
    xp, means, matrices = float_arrays(*parts, names=("locs", "covariances"))
    if means.ndim != 2 or 0 in means.shape or tuple(matrices.shape) != (*means.shape, means.shape[-1]):
        raise ValueError(
            f"`locs` and `covariances` must have shapes (k, d) and (k, d, d) with k, d >= 1, got {tuple(means.shape)} "
            f"and {tuple(matrices.shape)}."
        )
    return xp, off_tape(means), off_tape(matrices)
