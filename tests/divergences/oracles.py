"""Divergences at many digits, from their definitions: the oracle of these tests, which shares no code with gamedyn."""

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


def _jensen_shannon(p, q):
    middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2


def _pearson(p, q):
    if any(a > 0 and b == 0 for a, b in zip(p, q, strict=True)):
        return mpmath.inf
    return mpmath.fsum((a - b) ** 2 / b for a, b in zip(p, q, strict=True) if b > 0)


FORMULAS = {
    "KullbackLeibler": _relative_entropy,
    "ReverseKullbackLeibler": lambda p, q: _relative_entropy(q, p),
    "JensenShannon": _jensen_shannon,
    "TotalVariation": lambda p, q: mpmath.fsum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2,
    "SquaredHellinger": lambda p, q: 1 - mpmath.fsum(mpmath.sqrt(a * b) for a, b in zip(p, q, strict=True)),
    "Pearson": _pearson,
    "GANDivergence": lambda p, q: 2 * _jensen_shannon(p, q) - mpmath.log(4),
}


def exact_divergence(name, p, q, digits=50):
    """The divergence of p / sum p and q / sum q, as an mpmath number; `digits` must exceed the span of the masses."""
    with mpmath.workdps(digits):
        return FORMULAS[name](_masses(p, True, digits), _masses(q, True, digits))


def relative_error(value, truth):
    """|value - truth| / |truth|, 0 where both are infinite or both 0."""
    value = mpmath.mpf(float(value))
    if value == truth:
        return 0.0
    return float(abs(value - truth) / abs(truth)) if truth != 0 else float(abs(value))
