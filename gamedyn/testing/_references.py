"""References of divergences and distances to 30 digits and more, from their definitions, by mpmath."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

__all__ = ["DIGITS", "LINE", "MASSES", "OF_JOINT", "OF_ONE", "TRANSPORT", "reference"]

# The spread of doubles, whose smallest is 5e-324, and 30 digits beyond it: differences from 1 keep them too.
DIGITS = 360

_Masses = Sequence[Any]


def reference(name: str, arguments: Sequence[Any], parameter: float | None = None) -> Any:
    """The mpmath number that `name` has at the exact values of the floats given.

    Parameters
    ----------
    name : str
        A key of MASSES, LINE or TRANSPORT.
    arguments : sequence
        Two pmfs, divided by their sums, or two samples of equal weights.
    parameter : float, optional
        alpha, the order, or epsilon.
    """
    import mpmath

    with mpmath.workdps(DIGITS):
        first, second = ([mpmath.mpf(float(value)) for value in values] for values in arguments)
        if name in MASSES:
            first, second = ([value / mpmath.fsum(values) for value in values] for values in (first, second))
        formula = {**MASSES, **LINE, **TRANSPORT}[name][0]
        return formula(first, second) if parameter is None else formula(first, second, parameter)


def _kl(p: _Masses, q: _Masses) -> Any:
    from mpmath import fsum, inf, log

    if any(a > 0 and b == 0 for a, b in zip(p, q, strict=True)):
        return inf
    return fsum(a * log(a / b) for a, b in zip(p, q, strict=True) if a > 0)


def _jensen_shannon(p: _Masses, q: _Masses) -> Any:
    middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return (_kl(p, middle) + _kl(q, middle)) / 2


def _total_variation(p: _Masses, q: _Masses) -> Any:
    from mpmath import fsum

    return fsum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2


def _affinity(p: _Masses, q: _Masses) -> Any:
    from mpmath import fsum, sqrt

    return fsum(sqrt(a * b) for a, b in zip(p, q, strict=True))


def _minus_log(x: Any) -> Any:
    from mpmath import inf, log

    return -log(x) if x > 0 else inf


def _pearson(p: _Masses, q: _Masses) -> Any:
    from mpmath import fsum, inf

    if any(a > 0 and b == 0 for a, b in zip(p, q, strict=True)):
        return inf
    return fsum((a - b) ** 2 / b for a, b in zip(p, q, strict=True) if b > 0)


def _le_cam(p: _Masses, q: _Masses) -> Any:
    from mpmath import fsum

    return fsum((a - b) ** 2 / (a + b) for a, b in zip(p, q, strict=True) if a + b > 0)


def _power_sum(p: _Masses, q: _Masses, alpha: Any) -> Any:
    """sum p^alpha q^(1 - alpha), inf where a 0 has a negative power."""
    from mpmath import fsum, inf

    for a, b in zip(p, q, strict=True):
        if (a > 0 and b == 0 and alpha > 1) or (a == 0 and b > 0 and alpha < 0):
            return inf
    return fsum(a**alpha * b ** (1 - alpha) for a, b in zip(p, q, strict=True) if a > 0 and b > 0)


def _alpha(p: _Masses, q: _Masses, alpha: float) -> Any:
    from mpmath import mpf

    if alpha in (0, 1):
        return _kl(p, q) if alpha == 1 else _kl(q, p)
    a = mpf(alpha)
    return (_power_sum(p, q, a) - 1) / (a * (a - 1))


def _renyi(p: _Masses, q: _Masses, alpha: float) -> Any:
    from mpmath import inf, log, mpf

    if alpha == 1:
        return _kl(p, q)
    if alpha == math.inf:
        return max(log(a / b) if b > 0 else inf for a, b in zip(p, q, strict=True) if a > 0)
    return _minus_log(_power_sum(p, q, mpf(alpha))) / (1 - mpf(alpha)) if alpha < 1 else _renyi_above(p, q, alpha)


def _renyi_above(p: _Masses, q: _Masses, alpha: float) -> Any:
    from mpmath import log, mpf

    return log(_power_sum(p, q, mpf(alpha))) / (mpf(alpha) - 1)


def _tsallis(p: _Masses, q: _Masses, alpha: float) -> Any:
    from mpmath import mpf

    return _kl(p, q) if alpha == 1 else (_power_sum(p, q, mpf(alpha)) - 1) / (mpf(alpha) - 1)


def _chernoff(p: _Masses, q: _Masses) -> Any:
    """max of -log sum p^(1 - s) q^s: its slope, which falls, is bisected on [0, 1]."""
    from mpmath import exp, fsum, inf, log, mpf

    pairs = [(a, log(b / a)) for a, b in zip(p, q, strict=True) if a > 0 and b > 0]
    if not pairs:
        return inf
    low, high = mpf(0), mpf(1)
    for _ in range(60):  # a flat top: an error of 2^-60 in s is one of 2^-120 in the value
        s = (low + high) / 2
        rising = fsum(a * ratio * exp(s * ratio) for a, ratio in pairs) < 0
        low, high = (s, high) if rising else (low, s)
    s = low if high == 1 - low else (mpf(0) if low == 0 else mpf(1) if high == 1 else (low + high) / 2)
    return _minus_log(fsum(a * exp(s * ratio) for a, ratio in pairs))


def _entropy(p: _Masses, _: _Masses) -> Any:
    from mpmath import fsum, log

    return -fsum(a * log(a) for a in p if a > 0)


def _root(formula: Callable[..., Any]) -> Callable[..., Any]:
    def rooted(*arguments: Any) -> Any:
        from mpmath import sqrt

        return sqrt(formula(*arguments))

    return rooted


def _wasserstein(x: _Masses, y: _Masses, order: float) -> Any:
    from mpmath import fsum, mpf

    x, y = sorted(x), sorted(y)
    n, m = len(x), len(y)
    levels = sorted({Fraction(i, n) for i in range(n + 1)} | {Fraction(j, m) for j in range(m + 1)})
    pieces = []
    for low, high in itertools.pairwise(levels):
        mass = high - low
        pieces.append((mpf(mass.numerator) / mass.denominator, abs(x[int(low * n)] - y[int(low * m)])))
    if order == math.inf:
        return max(distance for _, distance in pieces)
    return fsum(mass * distance ** mpf(order) for mass, distance in pieces) ** (1 / mpf(order))


def _energy(x: _Masses, y: _Masses) -> Any:
    def mean(a: _Masses, b: _Masses) -> Any:
        from mpmath import fsum

        return fsum(abs(s - t) for s in a for t in b) / (len(a) * len(b))

    return 2 * mean(x, y) - mean(x, x) - mean(y, y)


def _entropic(x: _Masses, y: _Masses, epsilon: float) -> Any:
    """One point on either side has one plan; two against two have one degree of freedom, the odds of the diagonal."""
    from mpmath import exp, fsum, log, mpf

    n, m, eps = len(x), len(y), mpf(epsilon)
    cost = [[(s - t) ** 2 for t in y] for s in x]
    if 1 in (n, m):
        return fsum(value for row in cost for value in row) / (n * m)
    odds = exp((cost[0][1] + cost[1][0] - cost[0][0] - cost[1][1]) / (2 * eps))
    on, off = odds / (1 + odds) / 2, 1 / (1 + odds) / 2
    plan = [[on, off], [off, on]]
    return fsum(
        plan[i][j] * cost[i][j] + (eps * plan[i][j] * log(4 * plan[i][j]) if plan[i][j] > 0 else 0)
        for i in range(2)
        for j in range(2)
    )


def _debiased(x: _Masses, y: _Masses, epsilon: float) -> Any:
    return _entropic(x, y, epsilon) - (_entropic(x, x, epsilon) + _entropic(y, y, epsilon)) / 2


# Name: (formula, definition), of two pmfs.
MASSES: dict[str, tuple[Callable[..., Any], str]] = {
    "kl_divergence": (_kl, "sum p log(p / q), in nats"),
    "jeffreys_divergence": (lambda p, q: _kl(p, q) + _kl(q, p), "sum (p - q) log(p / q), in nats"),
    "jensen_shannon_divergence": (_jensen_shannon, "(KL(p, m) + KL(q, m)) / 2, m = (p + q) / 2, in nats"),
    "jensen_shannon_distance": (_root(_jensen_shannon), "square root of (KL(p, m) + KL(q, m)) / 2, in nats"),
    "total_variation_distance": (_total_variation, "sum |p - q| / 2"),
    "squared_hellinger_distance": (lambda p, q: 1 - _affinity(p, q), "1 - sum sqrt(p q)"),
    "hellinger_distance": (_root(lambda p, q: 1 - _affinity(p, q)), "square root of 1 - sum sqrt(p q)"),
    "bhattacharyya_distance": (lambda p, q: _minus_log(_affinity(p, q)), "-log sum sqrt(p q), in nats"),
    "pearson_divergence": (_pearson, "sum (p - q)^2 / q"),
    "neyman_divergence": (lambda p, q: _pearson(q, p), "sum (p - q)^2 / p"),
    "le_cam_divergence": (_le_cam, "sum (p - q)^2 / (p + q)"),
    "alpha_divergence": (_alpha, "(sum p^alpha q^(1 - alpha) - 1) / (alpha (alpha - 1))"),
    "renyi_divergence": (_renyi, "log(sum p^alpha q^(1 - alpha)) / (alpha - 1), in nats"),
    "tsallis_divergence": (_tsallis, "(sum p^alpha q^(1 - alpha) - 1) / (alpha - 1)"),
    "chernoff_information": (_chernoff, "max over 0 <= s <= 1 of -log sum p^(1 - s) q^s, in nats"),
    "cross_entropy": (lambda p, q: _kl(p, q) + _entropy(p, p), "-sum p log q, in nats"),
    "entropy": (_entropy, "-sum p log p, in nats"),
    "mutual_information": (_jensen_shannon, "that of the joint pmf with the rows p / 2 and q / 2: JS(p, q), in nats"),
}
OF_ONE = ("entropy",)
OF_JOINT = ("mutual_information",)

# Of two samples of equal weights on the line.
LINE: dict[str, tuple[Callable[..., Any], str]] = {
    "wasserstein_on_line": (_wasserstein, "(integral |F^-1 - G^-1|^order du)^(1/order)"),
    "energy_distance": (_energy, "2 E|X - Y| - E|X - X'| - E|Y - Y'|, all pairs, no root"),
    "energy_distance_root": (_root(_energy), "square root of 2 E|X - Y| - E|X - X'| - E|Y - Y'|, all pairs"),
}

# The same, at a temperature.
TRANSPORT: dict[str, tuple[Callable[..., Any], str]] = {
    "sinkhorn": (_entropic, "min sum P |x - y|^2 + epsilon KL(P | a b^T)"),
    "sinkhorn_divergence": (_debiased, "OT(x, y) - (OT(x, x) + OT(y, y)) / 2, OT = min sum P |x - y|^2 + epsilon KL"),
}
