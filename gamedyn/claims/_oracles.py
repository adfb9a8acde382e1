"""Direct formulas, written from the definitions: what predictions are made of.

Those for pmfs, along the last axis, share no code with `gamedyn.divergences`; they are simple, and less accurate
where p is close to q.
"""

from __future__ import annotations

from typing import Any

import numpy

__all__ = [
    "entropy",
    "jensen_shannon",
    "kl",
    "log_ratio",
    "matched",
    "pearson",
    "squared_hellinger",
    "summed_logs",
    "total_variation",
]


def _x_log(x: Any, y: Any) -> Any:
    return numpy.where(x > 0, x * numpy.log(numpy.where(x > 0, y, 1.0)), 0.0)


def entropy(p: Any) -> Any:
    """-sum p log p."""
    return -_x_log(p, p).sum(-1)


def log_ratio(p: Any, q: Any) -> Any:
    """log p/q where both are positive, else 0; log1p of the relative difference where they are close."""
    both = (p > 0) & (q > 0)
    a, b = numpy.where(both, p, 1.0), numpy.where(both, q, 1.0)
    relative = (b - a) / a
    near = abs(relative) < 0.5
    return numpy.where(near, -numpy.log1p(numpy.where(near, relative, 0.0)), numpy.log(a) - numpy.log(b))


def kl(p: Any, q: Any) -> Any:
    """sum p log p/q, for q > 0 where p > 0."""
    return (p * log_ratio(p, q)).sum(-1)


def jensen_shannon(p: Any, q: Any) -> Any:
    """(KL(p, m) + KL(q, m)) / 2 with m = (p + q) / 2."""
    m = (p + q) / 2
    return (kl(p, m) + kl(q, m)) / 2


def total_variation(p: Any, q: Any) -> Any:
    """sum |p - q| / 2."""
    return abs(p - q).sum(-1) / 2


def squared_hellinger(p: Any, q: Any) -> Any:
    """sum (sqrt p - sqrt q)^2 / 2, which is 1 - sum sqrt(p q)."""
    return ((numpy.sqrt(p) - numpy.sqrt(q)) ** 2).sum(-1) / 2


def pearson(p: Any, q: Any) -> Any:
    """sum p^2 / q - 1."""
    return (p**2 / q).sum(-1) - 1


def summed_logs(p: Any, q: Any) -> Any:
    """sum (p + q) (1 + |log p| + |log q|): the size of the summands above, for rounding tolerances."""
    logs = abs(numpy.log(numpy.where(p > 0, p, 1.0))) + abs(numpy.log(numpy.where(q > 0, q, 1.0)))
    return ((p + q) * (1 + logs)).sum(-1)


def matched(x: Any, y: Any) -> Any:
    """The y that SciPy's assignment gives to each x, for W1."""
    from scipy.optimize import linear_sum_assignment

    cost = numpy.sqrt(((x[:, None] - y[None]) ** 2).sum(-1))
    return y[linear_sum_assignment(cost)[1]]
