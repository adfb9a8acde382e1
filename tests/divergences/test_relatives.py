"""Divergences that are functions of others keep their digits: Renyi, Tsallis, Bhattacharyya, roots and entropies."""

import functools
import math
import sys

import mpmath
import numpy
import pytest

from gamedyn import divergences
from tests.cases import PRECISE
from tests.divergences.oracles import FORMULAS, power_sum, relative_error


def _renyi(alpha):
    def formula(p, q):
        if alpha == numpy.inf:
            ratios = [x / y if y > 0 else mpmath.inf for x, y in zip(p, q, strict=True) if x > 0]
            return mpmath.log(max(ratios))
        if alpha == 1:
            return FORMULAS["KullbackLeibler()"](p, q)
        total = power_sum(p, q, alpha)
        return mpmath.log(total) / (mpmath.mpf(alpha) - 1) if total > 0 else mpmath.inf

    return formula


def _tsallis(alpha):
    def formula(p, q):
        if alpha == 1:
            return FORMULAS["KullbackLeibler()"](p, q)
        return (power_sum(p, q, alpha) - 1) / (mpmath.mpf(alpha) - 1)

    return formula


def _cross_entropy(p, q):
    if any(x > 0 and y == 0 for x, y in zip(p, q, strict=True)):
        return mpmath.inf
    return -mpmath.fsum(x * mpmath.log(y) for x, y in zip(p, q, strict=True) if x > 0)


def _bhattacharyya(p, q):
    total = power_sum(p, q, 0.5)
    return -mpmath.log(total) if total > 0 else mpmath.inf


def _order(function, alpha):
    return functools.partial(function, alpha=alpha)


# Name: (function of two pmfs, the same from its definition).
RELATIVES = {
    "jensen_shannon_distance": (
        divergences.jensen_shannon_distance,
        lambda p, q: mpmath.sqrt(FORMULAS["JensenShannon()"](p, q)),
    ),
    "hellinger_distance": (
        divergences.hellinger_distance,
        lambda p, q: mpmath.sqrt(FORMULAS["SquaredHellinger()"](p, q)),
    ),
    "bhattacharyya_distance": (divergences.bhattacharyya_distance, _bhattacharyya),
    "cross_entropy": (divergences.cross_entropy, _cross_entropy),
    "entropy": (lambda p, q, **options: divergences.entropy(p, **options), lambda p, q: _cross_entropy(p, p)),
}
ORDERS = (0.0, 1e-9, 0.3, 0.5, 0.999999, 1.0, 1.000001, 1.7, 5.0)
RELATIVES |= {
    f"renyi_divergence, {a}": (_order(divergences.renyi_divergence, a), _renyi(a)) for a in (*ORDERS, numpy.inf)
}
RELATIVES |= {f"tsallis_divergence, {a}": (_order(divergences.tsallis_divergence, a), _tsallis(a)) for a in ORDERS}
EVERYTHING = {repr(d): (d, FORMULAS[repr(d)]) for d in PRECISE} | RELATIVES


def _cases():
    """Fifty pairs: random ones of several concentrations, close ones down to 1e-8, and edges."""
    rng = numpy.random.default_rng(24)
    for concentration in (0.05, 0.3, 1.0, 5.0):
        for size in (2, 3, 5, 12, 30):
            yield tuple(rng.dirichlet(numpy.full(size, concentration), size=2))
    for step in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8):
        for size in (3, 40):
            p = rng.dirichlet(numpy.full(size, 3.0))
            yield p, p * (1 + step * rng.uniform(-1, 1, size))
    yield from (
        ([1.0, 0.0], [0.0, 1.0]),
        ([0.5, 0.5, 0.0], [0.25, 0.75, 0.0]),
        ([0.5, 0.5], [1.0, 0.0]),
        ([1.0, 0.0], [0.5, 0.5]),
        ([0.25, 0.75, 0.0], [0.5, 0.0, 0.5]),
        ([1.0, 5e-324], [0.5, 0.5]),
        ([1e-10, 1 - 1e-10], [1e-12, 1 - 1e-12]),
        ([1 - 2.0**-53, 2.0**-53], [0.5, 0.5]),
        ([1 - 2.0**-53, 2.0**-53], [1 - 2.0**-52, 2.0**-52]),
        ([1.0, 1e-310], [1.0, 1e-300]),
        ([1.0, 1e-300], [1.0, 3e-310]),
        ([0.5, 0.5, 5e-324], [0.25, 0.75, 1e-323]),
        ([1.0], [1.0]),
        ([1 / 3, 2 / 3], [1 / 3, 2 / 3]),
    )


@functools.cache
def _exact_pairs():
    """Each pair of pmfs in double precision, and divided by its sums at so many digits that the least mass counts."""
    pairs = []
    for p, q in _cases():
        least = min(x for x in (*p, *q) if x > 0)
        digits = 50 if least > 1e-20 else 400
        exact = []
        with mpmath.workdps(digits):
            for masses in (p, q):
                numbers = [mpmath.mpf(float(x)) for x in masses]
                total = mpmath.fsum(numbers)
                exact.append([x / total for x in numbers])
        pairs.append((numpy.array(p), numpy.array(q), exact, digits))
    return pairs


def errors_of(name, dtype="float64"):
    """The relative error of a function for every pair."""
    function, formula = EVERYTHING[name]
    found = []
    for p, q, exact, digits in _exact_pairs():
        with mpmath.workdps(digits):
            truth = formula(*exact)
            truth = truth if abs(truth) > mpmath.mpf(10) ** (5 - digits) else mpmath.mpf(0)
        found.append(relative_error(function(p.astype(dtype), q.astype(dtype), normalize=True), truth))
    return numpy.array(found)


def test_there_are_enough_cases():
    assert len(_exact_pairs()) >= 50


@pytest.mark.parametrize("name", EVERYTHING)
def test_every_function_keeps_its_digits(name):
    # Not eps: a sum of 40 rounded terms, and powers of a rounded ratio.
    limit = 1e-14
    errors = errors_of(name)
    assert errors.max() < limit, _exact_pairs()[int(errors.argmax())][:2]


def worst_errors():
    """A line per function: its worst relative error over the cases."""
    return "".join(f"{name:32} {errors_of(name).max():.1e}\n" for name in EVERYTHING)


if __name__ == "__main__":
    sys.stdout.write(worst_errors())


def test_the_neyman_generator_overflows_quietly():
    # (1 - u)^2 / u and 1 - 1 / u^2 exceed the largest number next to u = 0.
    assert float(divergences.Neyman().generator(5e-324)) == math.inf
    assert float(divergences.Neyman().derivative(1e-200)) == -math.inf
    assert float(divergences.Neyman().generator(1e-300)) == pytest.approx(1e300, rel=1e-14)
