"""What every method between two laws shares: batch, log densities as a Pair, values put where the laws live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, float_arrays, to_device
from gamedyn.distributions import Distribution
from gamedyn.divergences._pair import Pair
from gamedyn.numerics import Estimate

if TYPE_CHECKING:
    from gamedyn.divergences._base import FDivergence

__all__ = ["batch_of", "definition_of", "exact", "pair_at", "placed", "probe"]


def batch_of(p: Distribution, q: Distribution) -> tuple[int, ...]:
    """The common batch shape."""
    return numpy.broadcast_shapes(p.batch_shape, q.batch_shape)


def probe(law: Distribution) -> Array:
    """A log density of the law, for its library, dtype and device."""
    return law.log_prob(0.0 if law.event_shape == () else numpy.zeros(law.event_shape).tolist())


def placed(p: Distribution, q: Distribution, value: Any) -> Array:
    """`value`, broadcast to the batch, in the library, dtype and device of the laws."""
    of_p, of_q = probe(p), probe(q)
    xp = array_namespace(of_p, of_q)
    host = numpy.broadcast_to(numpy.asarray(value, dtype="float64"), batch_of(p, q))
    return to_device(host, xp, dtype=xp.result_type(of_p.dtype, of_q.dtype), device=device_of(of_p))


def exact(divergence: FDivergence, value: Array, method: str, n: int) -> Estimate:
    """An Estimate without error."""
    xp = array_namespace(value)
    error = 0.0 * xp.where(xp.isfinite(value), value, 0.0)
    return Estimate(value, error, value, value, 1.0, method, n, definition_of(divergence, "sum"))


def definition_of(divergence: FDivergence, total: str) -> str:
    """The formula with its unit; `total` stands for the sum."""
    return divergence.definition.replace("sum", total, 1) + (", in nats" if divergence.in_nats else "")


def pair_at(p: Distribution, q: Distribution, x: Array) -> Pair:
    """Both densities, or masses, at x."""
    xp, log_p, log_q = float_arrays(p.log_prob(x), q.log_prob(x), names=("p", "q"))
    return Pair.of_logarithms(xp, *xp.broadcast_arrays(log_p, log_q))
