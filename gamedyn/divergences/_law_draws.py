"""A divergence of two laws by Monte Carlo, from draws of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import array_namespace, as_generator, float_arrays, to_host
from gamedyn.distributions import Distribution
from gamedyn.divergences._law_values import batch_of, definition_of, placed
from gamedyn.divergences._pair import Pair
from gamedyn.numerics import Estimate

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["by_draws"]


def by_draws(divergence: FDivergence, p: Distribution, q: Distribution, n: int, rng: Any) -> Estimate:
    """The mean of terms / m under m = (p + q) / 2, over n draws of each law.

    Where p and q differ most one of them is drawn often, and for divergences of bounded slope the summands are bounded.
    """
    check_integer("n", n, 2)
    rng = as_generator(rng)
    means, variances = [], []
    for law in (p, q):
        x = law.sample(n, rng=rng)
        if len(law.batch_shape) < len(batch_of(p, q)):
            missing = len(batch_of(p, q)) - len(law.batch_shape)
            x = array_namespace(x).reshape(x, (n, *(1,) * missing, *x.shape[1:]))
        xp, log_p, log_q = float_arrays(p.log_prob(x), q.log_prob(x), names=("p", "q"))
        log_p, log_q = xp.broadcast_arrays(log_p, log_q)
        # Densities in many dimensions underflow; the ratio of terms to p + q does not change with their scale.
        scale = xp.where(log_p < log_q, log_q, log_p)
        pair = Pair.of_logarithms(xp, log_p - scale, log_q - scale)
        summand = to_host(2 * divergence.terms(pair) / pair.total)
        means.append(summand.mean(axis=0))
        finite = numpy.where(numpy.isfinite(summand), summand, 0.0)
        variances.append(numpy.where(numpy.isfinite(means[-1]), finite.var(axis=0, ddof=1) / n, 0.0))
    value = (means[0] + means[1]) / 2
    error = numpy.sqrt(variances[0] + variances[1]) / 2
    half = 1.959963984540054 * error
    definition = definition_of(divergence, "integral of")
    value, error, half = placed(p, q, value), placed(p, q, error), placed(p, q, half)
    return Estimate(value, error, value - half, value + half, 0.95, "draws of both laws", (n, n), definition)
