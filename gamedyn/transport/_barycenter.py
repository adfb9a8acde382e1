"""Wasserstein barycenters of samples and of laws: which kind of input takes which method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gamedyn.backend import Array
from gamedyn.distributions import Distribution, MultivariateNormal
from gamedyn.transport._barycenter_gaussian import gaussian_barycenter
from gamedyn.transport._barycenter_on_line import average_of_laws, average_of_samples
from gamedyn.transport._entropic_barycenter import entropic_barycenter

__all__ = ["barycenter"]


def barycenter(
    samples: Sequence[Any],
    weights: Array | None = None,
    *,
    sample_weights: Sequence[Any] | None = None,
    support: Array | None = None,
    epsilon: float | None = None,
    **options: Any,
) -> Any:
    """argmin over laws b of sum_k w_k W_2(b, law_k)^2, the mean of laws or samples in the geometry of transport.

    On the line it has the quantile function sum_k w_k F_k^-1.

    Parameters
    ----------
    samples : sequence of array_like or of Distribution
        Samples on the line, of shapes (n_k,), or laws on the line, or normal laws in d dimensions; with `support`,
        samples of shapes (n_k, d).
    weights : array_like, optional, shape (k,)
        Non-negative w, divided by their sum; equal where not given.
    sample_weights : sequence of array_like or None, optional, shapes (n_k,)
        Masses of the values of each sample, divided by their sum; equal for a sample whose entry is None.
    support : array_like, optional, shape (m, d) or (m,)
        Points to which the masses are confined; needs `epsilon`.
    epsilon : float, optional
        The temperature of `entropic_barycenter`, which serves a given support.
    **options
        Further arguments of `entropic_barycenter`, or `tolerance` and `max_iterations` of `gaussian_barycenter`.

    Returns
    -------
    tuple of arrays, each of shape (m,)
        Of samples on the line: sorted points, and their masses, of sum 1. Gradients flow to the points.
    Distribution
        Of laws on the line: of their family where they differ in location and scale, else by its quantile function.
        Of normal laws in d dimensions: a MultivariateNormal.
    array, shape (m,)
        With `support`: the masses.

    Raises
    ------
    TypeError
        For laws mixed with samples, and options that do not belong to the method.
    ValueError
        For no samples, samples in several dimensions without a support, and weights that do not fit.

    Notes
    -----
    Samples of one size n without masses have n points, the means of their order statistics; in general the quantile
    functions are cut at the levels of all.

    References
    ----------
    Agueh and Carlier (2011), Barycenters in the Wasserstein space.

    Examples
    --------
    >>> points, masses = barycenter([[0.0, 2.0], [14.0, 10.0]])
    >>> points.tolist(), masses.tolist()  # (0 + 10) / 2 and (2 + 14) / 2
    ([5.0, 8.0], [0.5, 0.5])
    """
    given = list(samples)
    if not given:
        raise ValueError("`samples` must hold a sample or a law, got none.")
    laws = [isinstance(each, Distribution) for each in given]
    if any(laws) and not all(laws):
        raise TypeError("`samples` must be all laws or all samples, got both.")
    if support is not None or epsilon is not None:
        if any(laws) or support is None or epsilon is None:
            raise ValueError("`support` and `epsilon` go together, and with samples, not laws.")
        return entropic_barycenter(
            given, support, epsilon=epsilon, sample_weights=sample_weights, barycenter_weights=weights, **options
        )
    if any(laws):
        if sample_weights is not None:
            raise ValueError("`sample_weights` belong to samples, got laws.")
        if any(law.event_shape for law in given):
            return _of_normal_laws(given, weights, options)
    if options:
        raise TypeError(f"`{next(iter(options))}` is no argument of a barycenter on the line.")
    if any(laws):
        return average_of_laws(given, weights)
    if any(getattr(each, "ndim", 1) > 1 for each in given):
        raise ValueError("`samples` must lie on the line, of shapes (n,), unless `support` and `epsilon` are given.")
    return average_of_samples(given, weights, sample_weights)


def _of_normal_laws(laws: list[Any], weights: Any, options: dict[str, Any]) -> MultivariateNormal:
    for law in laws:
        if not hasattr(law, "covariance_matrix") or law.batch_shape:
            raise ValueError(
                "laws in several dimensions must be normal laws without a batch, got "
                f"{type(law).__name__} of batch shape {law.batch_shape}."
            )
    found = gaussian_barycenter([law.mean for law in laws], [law.covariance_matrix for law in laws], weights, **options)
    return MultivariateNormal(found.loc, found.covariance)
