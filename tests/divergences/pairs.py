"""Pairs of laws with their divergences by textbook formulas at many digits: the oracle of the closed forms."""

import mpmath
import numpy

from gamedyn import distributions as laws

F = mpmath.mpf


def exact(value):
    """A float, or nested lists of floats, as mpmath numbers."""
    host = numpy.asarray(value)
    return F(float(host)) if host.ndim == 0 else [exact(entry) for entry in host]


def kl_normal(p, q):
    m1, s1, m2, s2 = map(exact, (p.loc, p.scale, q.loc, q.scale))
    return mpmath.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - F(1) / 2


def renyi_normal(p, q, a):
    m1, s1, m2, s2 = map(exact, (p.loc, p.scale, q.loc, q.scale))
    v = a * s2**2 + (1 - a) * s1**2
    if v <= 0:
        return mpmath.inf
    return mpmath.log(s2 / s1) + mpmath.log(s2**2 / v) / (2 * (a - 1)) + a * (m1 - m2) ** 2 / (2 * v)


def kl_exponential(p, q):
    a, b = exact(p.rate), exact(q.rate)
    return mpmath.log(a / b) + b / a - 1


def renyi_exponential(p, q, a):
    first, second = exact(p.rate), exact(q.rate)
    mixed = a * first + (1 - a) * second
    return mpmath.inf if mixed <= 0 else mpmath.log(first**a * second ** (1 - a) / mixed) / (a - 1)


def kl_laplace(p, q):
    m1, b1, m2, b2 = map(exact, (p.loc, p.scale, q.loc, q.scale))
    t = abs(m1 - m2)
    return mpmath.log(b2 / b1) + t / b2 + b1 / b2 * mpmath.exp(-t / b1) - 1


def renyi_laplace(p, q, a):
    m1, b1, m2, b2 = map(exact, (p.loc, p.scale, q.loc, q.scale))
    t, u, v = abs(m1 - m2), a / b1, (1 - a) / b2
    if u + v <= 0:
        return mpmath.inf
    middle = t * mpmath.exp(-v * t) if u == v else (mpmath.exp(-v * t) - mpmath.exp(-u * t)) / (u - v)
    integral = middle + (mpmath.exp(-v * t) + mpmath.exp(-u * t)) / (u + v)
    return mpmath.log((2 * b1) ** -a * (2 * b2) ** (a - 1) * integral) / (a - 1)


# Name: (law from positive parameters, number of parameters that may be of any sign and come first, of positive ones,
#        KL, Renyi)
FAMILIES = {
    "Normal": (laws.Normal, 1, 1, kl_normal, renyi_normal),
    "Laplace": (laws.Laplace, 1, 1, kl_laplace, renyi_laplace),
    "Exponential": (laws.Exponential, 0, 1, kl_exponential, renyi_exponential),
}


def random_pairs(name, rng, count):
    """Pairs of one family: far ones, and near ones whose parameters differ by 1e-9 to 1e-1 of themselves."""
    make, signed, positive, _, _ = FAMILIES[name]
    for i in range(count):
        first = [*rng.normal(size=signed), *10 ** rng.uniform(-1.5, 1.5, positive)]
        if i % 2:
            second = [*rng.normal(size=signed), *10 ** rng.uniform(-1.5, 1.5, positive)]
        else:
            second = numpy.array(first) * (1 + 10 ** rng.uniform(-9, -1, len(first)) * rng.choice([-1, 1], len(first)))
        yield make(*map(float, first)), make(*map(float, second))
