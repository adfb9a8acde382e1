"""GaussianMixtureModel: a mixture of normal laws fitted to rows by expectation maximization."""

from __future__ import annotations

import math
import warnings
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer, check_nonnegative, check_positive
from gamedyn.backend import Array, array_namespace, as_generator, device_of, to_host
from gamedyn.distributions import Mixture, MultivariateNormal
from gamedyn.dynamics import Status
from gamedyn.models._fitted_law import FittedLaw, placed
from gamedyn.models._gaussian_mixture_em import Normals, climb, log_joint, start
from gamedyn.numerics import logsumexp

__all__ = ["GaussianMixtureModel"]

_KINDS = ("full", "diagonal", "spherical")


@dataclass(eq=False, repr=False)
class GaussianMixtureModel(FittedLaw):
    """p(x) = sum_j weights_j N(x; means_j, covariances_j), fitted by expectation maximization.

    The likelihood rises at every step, to a local maximum; without a bound on the covariances it has no global one, as
    a component that shrinks onto a row shows. Here their eigenvalues are bounded from below, in a way that keeps every
    step an ascent: the maximum over the bounded covariances is taken, instead of something added to the free one.

    Parameters
    ----------
    n_components : int
    covariance : {"full", "diagonal", "spherical"}
    covariance_floor : float
        Least eigenvalue of a covariance, in units of the mean variance of the columns.
    starts : int
        How often to begin, from k-means++; the likeliest result is kept.
    steps : int
        Of each start, at most.
    tolerance : float
        Ends at a gain in mean log-likelihood below this, in nats per row.
    rng : None, int or numpy.random.Generator
        Of the starts.

    Attributes
    ----------
    law_ : Mixture
        Of MultivariateNormal laws.
    history_ : numpy array
        Mean log-likelihood of the rows in nats, before every step and after the last.
    steps_ : int
        Steps made.
    status_ : Status
        CONVERGED, or MAX_STEPS: a warning has then told the last gain.
    floored_ : int
        Components with an eigenvalue at the floor.

    References
    ----------
    Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm.
    Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding.

    Examples
    --------
    One component is the normal law of the rows' mean and covariance, over n:

    >>> model = GaussianMixtureModel(1).fit([[0.0], [2.0], [4.0]])
    >>> [round(float(value), 12) for value in (model.law_.mean[0], model.law_.variance[0])]
    [2.0, 2.666666666667]
    """

    n_components: int = 1
    _: KW_ONLY
    covariance: str = "full"
    covariance_floor: float = 1e-6
    starts: int = 1
    steps: int = 500
    tolerance: float = 1e-6
    rng: Any = None

    def _learned(self, rows: Any) -> dict[str, Any]:
        k = self.n_components
        check_choice("covariance", self.covariance, _KINDS)
        check_positive("covariance_floor", self.covariance_floor)
        check_nonnegative("tolerance", self.tolerance)
        for name in ("n_components", "starts", "steps"):
            check_integer(name, getattr(self, name), minimum=1)
        if len(rows) < k:
            raise ValueError(f"`X` must have at least {k} rows, one for each component, got {len(rows)}.")
        spread = float(rows.var(axis=0).mean())
        if not spread > 0:
            raise ValueError(f"`X` must have rows that differ, got {len(rows)} equal ones.")
        floor, generator = self.covariance_floor * spread, as_generator(self.rng)
        climbs = [
            climb(rows, start(rows, k, generator), self.covariance, floor, self.steps, self.tolerance)
            for _ in range(self.starts)
        ]
        normals, history = max(climbs, key=lambda found: found[1][-1])
        gain = float(history[-1] - history[-2])
        if not gain < self.tolerance:
            warnings.warn(
                f"GaussianMixtureModel stopped after {self.steps} steps, the last of which gained {gain:.3g} nats per "
                f"row. Raise `steps`, or `tolerance` above it.",
                RuntimeWarning,
                stacklevel=4,
            )
        least = numpy.array([numpy.linalg.eigvalsh(each)[0] for each in normals.covariances])
        at_floor, converged = (least < floor * (1 + 1e-6)).sum(), gain < self.tolerance
        return {**normals._asdict(), "history": history, "marks": numpy.array([at_floor, converged])}

    def _law(self, state: dict[str, Array]) -> Mixture:
        parts = [state[name] for name in ("weights", "means", "covariances")]
        self._normals = Normals(*(to_host(part) for part in parts))
        self.history_, (floored, converged) = to_host(state["history"]), to_host(state["marks"])
        self.steps_, self.floored_ = len(self.history_) - 1, int(floored)
        self.status_ = Status.CONVERGED if converged else Status.MAX_STEPS
        weights, means, covariances = parts
        each = range(len(self._normals.weights))
        return Mixture(weights, [MultivariateNormal(means[j, ...], covariances[j, ...]) for j in each])

    @property
    def n_parameters_(self) -> int:
        """Numbers that the fit has chosen: k - 1 weights, k d means, and of each covariance d (d + 1) / 2, d or 1."""
        self._check_fitted()
        k, d = (int(size) for size in self._normals.means.shape)
        free = {"full": d * (d + 1) // 2, "diagonal": d, "spherical": 1}[self.covariance]
        return k - 1 + k * d + k * free

    def bic(self, X: Any) -> float:
        """n_parameters log n - 2 sum log p, the smaller the better.

        Parameters
        ----------
        X : array_like, shape (n, features)
        """
        logs = to_host(self.log_prob(X))
        return self.n_parameters_ * math.log(len(logs)) - 2 * float(logs.sum())

    def aic(self, X: Any) -> float:
        """2 n_parameters - 2 sum log p, the smaller the better.

        Parameters
        ----------
        X : array_like, shape (n, features)
        """
        return 2 * self.n_parameters_ - 2 * float(to_host(self.log_prob(X)).sum())

    def responsibilities(self, X: Any) -> Array:
        """P(component j | row), shape (n, n_components).

        Parameters
        ----------
        X : array_like, shape (n, features)
        """
        self._check_fitted()
        rows = self._rows(X, None)
        joint = log_joint(to_host(rows), self._normals)
        shares = numpy.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        return placed(array_namespace(rows), device_of(rows), shares)[0]
