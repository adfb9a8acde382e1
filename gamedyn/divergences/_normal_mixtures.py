"""Normal laws and their mixtures as lists of weights, means and covariance matrices on the host."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy

from gamedyn.backend import to_host
from gamedyn.distributions import Distribution, LowRankMultivariateNormal, Mixture, MultivariateNormal, Normal

__all__ = ["NormalMixture", "is_normal_mixture", "normal_mixtures"]


@dataclass(frozen=True, eq=False)
class NormalMixture:
    """sum_i weights[i] N(means[i], covariances[i]), of positive weights that sum to 1.

    Parameters
    ----------
    weights : array, shape (k,)
    means : array, shape (k, d)
    covariances : array, shape (k, d, d)
    """

    weights: numpy.ndarray
    means: numpy.ndarray
    covariances: numpy.ndarray

    def mixed_with(self, other: NormalMixture) -> NormalMixture:
        """Half of each."""
        return NormalMixture(
            numpy.concatenate([self.weights, other.weights]) / 2,
            numpy.concatenate([self.means, other.means]),
            numpy.concatenate([self.covariances, other.covariances]),
        )


def is_normal_mixture(law: Distribution) -> bool:
    """Whether the law is normal, on the line or in d dimensions, or a mixture of such, to any depth."""
    if isinstance(law, Mixture):
        return all(map(is_normal_mixture, law.components))
    return isinstance(law, (Normal, MultivariateNormal, LowRankMultivariateNormal))


def _parts(law: Distribution, weight: float) -> list[tuple[float, numpy.ndarray, numpy.ndarray]]:
    """(weight, means of shape batch + (d,), covariances) of the components of positive weight."""
    if isinstance(law, Mixture):
        pairs = zip(to_host(law.weights).astype("float64"), law.components, strict=True)
        return [part for w, component in pairs if w > 0 for part in _parts(component, weight * float(w))]
    if isinstance(law, (MultivariateNormal, LowRankMultivariateNormal)):
        return [(weight, to_host(law.loc), to_host(law.covariance_matrix))]
    loc, scale = (to_host(getattr(law, name))[..., None] for name in ("loc", "scale"))
    return [(weight, loc, (scale.astype("float64") ** 2)[..., None])]


def normal_mixtures(law: Distribution, batch: tuple[int, ...]) -> list[NormalMixture]:
    """One NormalMixture for each entry of the batch, in its flattened order."""
    weights, means, covariances = zip(*_parts(law, 1.0), strict=True)
    d = means[0].shape[-1]
    count = math.prod(batch)
    m = [numpy.broadcast_to(x, (*batch, d)).reshape(count, d).astype("float64") for x in means]
    s = [numpy.broadcast_to(x, (*batch, d, d)).reshape(count, d, d).astype("float64") for x in covariances]
    share = numpy.array(weights) / math.fsum(weights)
    return [NormalMixture(share, numpy.array([x[i] for x in m]), numpy.array([x[i] for x in s])) for i in range(count)]
