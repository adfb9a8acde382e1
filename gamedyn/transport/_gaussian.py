"""The 2-Wasserstein distance between Gaussian laws, and between laws of one location-scale family."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, device_of, off_tape, on_tape
from gamedyn.distributions import Distribution
from gamedyn.numerics import squared_bures_distance
from gamedyn.transport._gaussian_map import map_excess
from gamedyn.transport._gaussian_moments import read_moments
from gamedyn.transport._location_scale import second_order_between

__all__ = ["gaussian_wasserstein"]


def gaussian_wasserstein(
    loc_x: Array | Distribution,
    covariance_x: Array | Distribution,
    loc_y: Array | None = None,
    covariance_y: Array | None = None,
    *,
    power: bool = False,
    check: bool = True,
    return_gradient: bool = False,
) -> Any:
    """W_2 = sqrt(|m_x - m_y|^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2)) between N(m_x, A) and N(m_y, B).

    Also the distance between two members of any elliptical family with these means and covariances. Called with two
    laws, `gaussian_wasserstein(P, Q)`: of normal laws in d dimensions, or of two laws of one family on the line that
    differ in location and scale only, W_2 = sqrt((difference of means)^2 + (difference of standard deviations)^2).

    Parameters
    ----------
    loc_x, loc_y : array_like, shape (..., d)
        Means; or `loc_x` a law.
    covariance_x, covariance_y : array_like, shape (..., d, d)
        Symmetric and positive semi-definite; may be singular. Or `covariance_x` a law.
    power : bool
        Whether to return W_2^2.
    check : bool
        Whether to look for non-finite, asymmetric or indefinite input; False inside jit and vmap.
    return_gradient : bool
        Whether to return the derivatives in the four arrays too; not for laws.

    Returns
    -------
    array, batch shape
        In the unit of x; real, never negative or nan, and zero to rounding for equal laws. Infinite between laws
        without variance, unless they differ in location only.
    array, shapes (..., d), (..., d, d), (..., d) and (..., d, d)
        With `return_gradient`, the gradients in `loc_x`, `covariance_x`, `loc_y` and `covariance_y` follow, for each
        pair of the batch.

    Raises
    ------
    ValueError
        For shapes that do not fit, covariances that are not positive semi-definite, and laws of different families.

    Notes
    -----
    The Bures term is `numerics.squared_bures_distance`, without cancellation. The entries of a singular covariance
    determine W_2 no better than to the square root of their rounding, about 1e-8 of it: an eigenvalue of 1e-16 for 0
    is a deviation of 1e-8. With T the optimal map of `gaussian_map`, the gradients of W_2^2 are 2 (m_x - m_y) and I -
    T, of W_2 these over 2 W_2; at equal laws, where W_2 has a kink, 0. Where a covariance is singular the derivative
    exists in the directions that have variance only; in the others I - T is 0. With PyTorch and JAX first derivatives
    flow by the same formulas, finite at equal covariances, where those of eigenvectors are not.

    References
    ----------
    Dowson and Landau (1982), The Frechet distance between multivariate normal distributions.
    Bhatia, Jain and Lim (2019), On the Bures-Wasserstein distance between positive definite matrices.

    Examples
    --------
    >>> float(gaussian_wasserstein([0.0], [[1.0]], [3.0], [[25.0]]))  # sqrt(3^2 + (1 - 5)^2)
    5.0
    >>> from gamedyn.distributions import Laplace
    >>> float(gaussian_wasserstein(Laplace(0.0, 1.0), Laplace(1.0, 1.0)))  # a shift
    1.0
    """
    if isinstance(loc_x, Distribution) or isinstance(covariance_x, Distribution):
        if not (isinstance(loc_x, Distribution) and isinstance(covariance_x, Distribution)) or loc_y is not None:
            raise TypeError("two laws are needed, and nothing beside them, got a law and arrays.")
        if return_gradient:
            raise ValueError("`return_gradient` needs means and covariances, got laws.")
        moments = _moments(loc_x, covariance_x)
        if moments is None:
            return second_order_between(loc_x, covariance_x, power)
        loc_x, covariance_x, loc_y, covariance_y = moments
    xp, given = read_moments(loc_x, covariance_x, loc_y, covariance_y, check)
    mean_x, a, mean_y, b = (off_tape(array) for array in given.values())
    between = mean_x - mean_y
    bures = squared_bures_distance(a, b)
    value = xp.sum(between * between, axis=-1) + bures if power else _hypot(xp, between, xp.sqrt(bures))
    taped = any(on_tape(array) for array in given.values())
    if not (return_gradient or taped):
        return value
    slopes = _slopes(xp, between, a, b)
    if not power:
        # The reciprocal of a subnormal number overflows.
        equal = value < xp.finfo(value.dtype).smallest_normal
        factor = xp.where(equal, xp.zeros_like(value), 0.5 / xp.where(equal, xp.ones_like(value), value))
        slopes = {name: slope * factor[(..., *[None] * _rank(name))] for name, slope in slopes.items()}
    if taped:
        for name, array in given.items():
            axes = tuple(range(-_rank(name), 0))
            value = value + xp.sum(slopes[name] * (array - off_tape(array)), axis=axes)
    return (value, *slopes.values()) if return_gradient else value


def _hypot(xp: Any, between: Array, rest: Array) -> Array:
    """sqrt(|between|^2 + rest^2), in units of the largest so that no square over- or underflows."""
    largest = xp.maximum(xp.max(xp.abs(between), axis=-1), rest)
    scale = xp.where((largest > 0) & xp.isfinite(largest), largest, xp.ones_like(largest))
    parts, rest = between / scale[..., None], rest / scale
    return scale * xp.sqrt(xp.sum(parts * parts, axis=-1) + rest * rest)


def _rank(name: str) -> int:
    return 1 if name.startswith("loc") else 2


def _slopes(xp: Any, between: Array, a: Array, b: Array) -> dict[str, Array]:
    """Gradients of W_2^2."""
    batch = xp.zeros_like(between[..., :1] * a[..., 0] * b[..., 0])  # its shape is that of the pairs, + (d,)
    zeros = batch[..., None] * xp.zeros((a.shape[-1],), dtype=a.dtype, device=device_of(a))
    return {
        "loc_x": 2 * between + batch,
        "covariance_x": -map_excess(xp, a, b) + zeros,
        "loc_y": -2 * between + batch,
        "covariance_y": -map_excess(xp, b, a) + zeros,
    }


def _moments(p: Distribution, q: Distribution) -> tuple[Array, Array, Array, Array] | None:
    """Means and covariances of normal laws in d dimensions; None for laws on the line."""
    if not (p.event_shape or q.event_shape):
        return None
    for law in (p, q):
        if not hasattr(law, "covariance_matrix"):
            raise TypeError(f"both laws must be normal laws in d dimensions, got {type(law).__name__}.")
    return p.mean, p.covariance_matrix, q.mean, q.covariance_matrix  # type: ignore[attr-defined]
