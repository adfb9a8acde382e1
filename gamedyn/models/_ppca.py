"""PPCA: a normal law of few factors and equal noise, at the maximum of its likelihood by one decomposition."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, array_namespace, device_of, to_host
from gamedyn.distributions import LowRankMultivariateNormal, MultivariateNormal
from gamedyn.models._fitted_law import FittedLaw

__all__ = ["PPCA"]


@dataclass(eq=False, repr=False)
class PPCA(FittedLaw):
    """x = W z + mean + noise, z ~ N(0, I_q), noise ~ N(0, s^2 I_d): probabilistic principal components.

    With the eigenvalues l_1 >= ... >= l_d of the covariance (over n, not n - 1) and its eigenvectors U, the likelihood
    is largest at s^2 = (l_(q+1) + ... + l_d) / (d - q) and W = U_q diag(l_j - s^2)^(1/2), unique up to a rotation of z.
    No linear decoder with normal noise does better, so this is the floor of a linear VAE's loss.

    Parameters
    ----------
    n_components : int
        q, with 1 <= q < d.
    noise_variance : float, optional
        A given s^2 > 0, of the square of the unit of x: then W = U_q diag(max(l_j - s^2, 0))^(1/2), and directions with
        l_j <= s^2 collapse. None fits it.

    Attributes
    ----------
    law_ : LowRankMultivariateNormal
        N(mean, W W^T + s^2 I).
    mean_ : array, shape (d,)
    W_ : array, shape (d, q)
        Each column with its entry of largest size positive.
    noise_variance_ : float
        s^2.
    eigenvalues_ : numpy array, shape (d,)
        Falling.
    collapsed_ : int
        Columns of W that are 0: their z_j is not used, and its posterior is the prior.
    log_likelihood_ : float
        Of the training rows, the largest that there is, in nats per row: a floor of losses is its negative.

    Notes
    -----
    The eigenvalues are squared singular values of the centred rows, which keeps the small ones. The maximum itself is
    -(1/2) [d log(2 pi) + sum_j (log c_j + l_j / c_j)], with c_j = max(l_j, s^2) for j <= q and s^2 for the others.

    References
    ----------
    Tipping and Bishop (1999), Probabilistic principal component analysis.

    Examples
    --------
    Rows with covariance diag(4, 1, 1), q = 1: s^2 = 1 and W W^T = diag(3, 0, 0).

    >>> rows = [[s * 12**0.5, 0, 0] for s in (1, -1)]
    >>> rows += [[0, s * 3**0.5, 0] for s in (1, -1)] + [[0, 0, s * 3**0.5] for s in (1, -1)]
    >>> model = PPCA(1).fit(rows)
    >>> round(model.noise_variance_, 12), [round(float(w), 12) for w in model.W_[:, 0] ** 2]
    (1.0, [3.0, 0.0, 0.0])
    """

    n_components: int = 2
    _: KW_ONLY
    noise_variance: float | None = None

    def _learned(self, rows: Any) -> dict[str, Any]:
        (n, d), q = rows.shape, self.n_components
        check_integer("n_components", q, minimum=1)
        if q >= d:
            raise ValueError(f"`n_components` must be below the number of features, {d}, got {q}.")
        if self.noise_variance is not None:
            check_positive("noise_variance", self.noise_variance)
        mean = rows.mean(axis=0)
        # The triangle has the singular values and the right vectors of the rows.
        _, singular, vectors = numpy.linalg.svd(numpy.linalg.qr(rows - mean, mode="r"), full_matrices=False)
        values = numpy.zeros(d)
        values[: len(singular)] = singular**2 / n
        noise = values[q:].mean() if self.noise_variance is None else float(self.noise_variance)
        # Within the rounding of the largest singular value, there is no noise.
        least = (max(n, d) * numpy.finfo(float).eps) ** 2 * values[0]
        if not noise > least:
            raise ValueError(
                f"`X` must vary in more than {q} directions, got rows that vary in {int((values > least).sum())}, "
                "where the likelihood has no maximum. Lower `n_components`, or give a `noise_variance`."
            )
        excess = numpy.maximum(values[:q] - noise, 0.0)
        factor = numpy.zeros((d, q))
        kept = vectors[:q].T
        signs = numpy.sign(kept[numpy.argmax(numpy.abs(kept), axis=0), numpy.arange(kept.shape[1])])
        factor[:, : kept.shape[1]] = kept * signs * numpy.sqrt(excess[: kept.shape[1]])
        return {"mean": mean, "W": factor, "noise_variance": numpy.array([noise]), "eigenvalues": values}

    def _law(self, state: dict[str, Array]) -> LowRankMultivariateNormal:
        self.mean_, self.W_ = state["mean"], state["W"]
        values, noise = to_host(state["eigenvalues"]), float(state["noise_variance"][0])
        (d, q), excess = self.W_.shape, numpy.maximum(values[: self.W_.shape[1]] - noise, 0.0)
        modelled = numpy.full(d, noise)
        modelled[:q] += excess
        self.noise_variance_, self.eigenvalues_ = noise, values
        self.collapsed_ = int((excess == 0).sum())
        self.log_likelihood_ = -0.5 * float(d * math.log(2 * math.pi) + (numpy.log(modelled) + values / modelled).sum())
        xp = array_namespace(self.mean_)
        return LowRankMultivariateNormal(self.mean_, self.W_, noise * xp.ones_like(self.mean_))

    def posterior(self, X: Any) -> MultivariateNormal:
        """p(z | x) = N(M^-1 W^T (x - mean), s^2 M^-1) of every row, M = W^T W + s^2 I, which is diagonal here.

        Parameters
        ----------
        X : array_like, shape (n, features)

        Returns
        -------
        MultivariateNormal
            Of batch shape (n,), in q dimensions.
        """
        self._check_fitted()
        rows = self._rows(X, None)
        xp = array_namespace(self.W_)
        m = xp.sum(self.W_ * self.W_, axis=0) + self.noise_variance_
        loc = ((rows - self.mean_) @ self.W_) / m
        identity = xp.eye(self.W_.shape[1], dtype=self.W_.dtype, device=device_of(self.W_))
        return MultivariateNormal(loc, identity * (self.noise_variance_ / m))

    def transform(self, X: Any) -> Array:
        """The means of the posterior, shape (n, q).

        Parameters
        ----------
        X : array_like, shape (n, features)
        """
        return self.posterior(X).mean
