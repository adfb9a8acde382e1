"""Divergences at many digits, from their definitions: the oracle of these tests, which shares no code with gamedyn."""

import math
import sys

import mpmath


def _masses(values, normalize, digits):
    with mpmath.workdps(digits):
        exact = [mpmath.mpf(float(value)) for value in values]
        total = mpmath.fsum(exact)
        return [value / total for value in exact] if normalize else exact


def _relative_entropy(p, q):
    if any(a > 0 and b == 0 for a, b in zip(p, q, strict=True)):
        return mpmath.inf
    return mpmath.fsum(a * mpmath.log(a / b) for a, b in zip(p, q, strict=True) if a > 0)


def _jensen_shannon(p, q, weight=0.5):
    w = mpmath.mpf(weight)
    middle = [w * a + (1 - w) * b for a, b in zip(p, q, strict=True)]
    return w * _relative_entropy(p, middle) + (1 - w) * _relative_entropy(q, middle)


def _pearson(p, q):
    if any(a > 0 and b == 0 for a, b in zip(p, q, strict=True)):
        return mpmath.inf
    return mpmath.fsum((a - b) ** 2 / b for a, b in zip(p, q, strict=True) if b > 0)


def _swapped(formula):
    return lambda p, q: formula(q, p)


def _alpha(alpha):
    """(sum p^a q^(1 - a) - 1) / (a (a - 1)) with the exact value of the floating number a."""

    def formula(p, q):
        if alpha in (0, 1):
            return _relative_entropy(p, q) if alpha == 1 else _relative_entropy(q, p)
        a = mpmath.mpf(alpha)
        return (power_sum(p, q, alpha) - 1) / (a * (a - 1))

    return formula


def power_sum(p, q, alpha):
    """sum p^alpha q^(1 - alpha), inf where a 0 has a negative power."""
    a, total = mpmath.mpf(alpha), mpmath.mpf(0)
    for x, y in zip(p, q, strict=True):
        if x > 0 and y > 0:
            total += x**a * y ** (1 - a)
        elif (x > 0 and alpha > 1) or (y > 0 and alpha < 0):
            return mpmath.inf
    return total


# By repr of the object.
FORMULAS = {
    "KullbackLeibler()": _relative_entropy,
    "ReverseKullbackLeibler()": _swapped(_relative_entropy),
    "JensenShannon()": _jensen_shannon,
    "JensenShannon(weight=0.3)": lambda p, q: _jensen_shannon(p, q, 0.3),
    "TotalVariation()": lambda p, q: mpmath.fsum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2,
    "SquaredHellinger()": lambda p, q: 1 - mpmath.fsum(mpmath.sqrt(a * b) for a, b in zip(p, q, strict=True)),
    "Pearson()": _pearson,
    "Neyman()": _swapped(_pearson),
    "Jeffreys()": lambda p, q: _relative_entropy(p, q) + _relative_entropy(q, p),
    "LeCam()": lambda p, q: mpmath.fsum((a - b) ** 2 / (a + b) for a, b in zip(p, q, strict=True) if a + b > 0),
    "GANDivergence()": lambda p, q: 2 * _jensen_shannon(p, q) - mpmath.log(4),
}
FORMULAS |= {f"AlphaDivergence(alpha={alpha})": _alpha(alpha) for alpha in (0.0, 0.3, 1.0, 2.5, -1.5)}


def exact_divergence(name, p, q, digits=50):
    """The divergence of p / sum p and q / sum q, as an mpmath number; `digits` must exceed the span of the masses."""
    with mpmath.workdps(digits):
        return FORMULAS[name](_masses(p, True, digits), _masses(q, True, digits))


def relative_error(value, truth):
    """|value - truth| / |truth|; 0 where both are inf, or the truth overflows.

    Below the smallest normal number, where digits are lost by design, relative to that.
    """
    value = mpmath.mpf(float(value))
    if abs(truth) > sys.float_info.max:
        return 0.0 if value == mpmath.sign(truth) * mpmath.inf else math.inf
    return float(abs(value - truth) / max(abs(truth), sys.float_info.min))
