"""Families of laws with KL and Renyi by textbook formulas at many digits: the oracle of the closed forms.

Of an exponential family its log-normaliser A says everything, however badly the differences of A cancel:
Renyi_a = [A(a t1 + (1 - a) t2) - a A(t1) - (1 - a) A(t2)] / (a - 1), KL = A(t2) - A(t1) - (t2 - t1) . A'(t1).
"""

from collections.abc import Callable
from dataclasses import dataclass

import mpmath
import numpy

from gamedyn import distributions as laws
from gamedyn.backend import array_namespace

F = mpmath.mpf
EULER = mpmath.euler


@dataclass(frozen=True)
class Family:
    """`kinds` of the parameters: r any real, + positive, 1 in (0, 1); then `fixed` ones, equal in p and q."""

    make: Callable
    kinds: str
    natural: Callable | None = None  # parameters -> natural parameters
    normaliser: Callable | None = None  # natural parameters -> A, None outside the domain
    exact_kl: Callable | None = None  # (parameters of p, of q) -> KL, of families that are not exponential
    exact_renyi: Callable | None = None  # (parameters of p, of q, order)
    fixed: tuple = ()

    def law(self, parameters):
        return self.make(*parameters, *self.fixed)

    def kl(self, p, q):
        """At the precision of the caller, from floats."""
        return self.exact([F(float(x)) for x in p], [F(float(x)) for x in q])

    def exact(self, p, q):
        """From mpmath numbers."""
        if self.exact_kl is not None:
            return self.exact_kl(*p, *q)
        first, second = self.natural(*p), self.natural(*q)

        def along(t):
            return self.normaliser(*(a + t * (b - a) for a, b in zip(first, second, strict=True)))

        with mpmath.extradps(60):
            return along(F(1)) - along(F(0)) - mpmath.diff(along, 0)

    def renyi(self, p, q, order):
        p, q, order = [F(float(x)) for x in p], [F(float(x)) for x in q], F(order)
        if self.exact_renyi is not None:
            return self.exact_renyi(*p, *q, order)
        first, second = self.natural(*p), self.natural(*q)
        mixed = [order * a + (1 - order) * b for a, b in zip(first, second, strict=True)]
        middle = self.normaliser(*mixed)
        if middle is None:
            return mpmath.inf
        return (middle - order * self.normaliser(*first) - (1 - order) * self.normaliser(*second)) / (order - 1)

    def pairs(self, rng, count):
        """Parameters far apart, and next to each other: by 1e-9 to 1e-1 of themselves."""
        for i in range(count):
            first, second = (self._draw(rng) for _ in range(2))
            if i % 2:
                size = 10 ** rng.uniform(-9, -1, len(first)) * rng.choice([-1, 1], len(first))
                second = numpy.array(first) * (1 + size * (0.1 if "1" in self.kinds else 1.0))
                second = numpy.where(
                    [kind == "1" for kind in self.kinds], numpy.minimum(second, 0.999), second
                ).tolist()
            yield first, second

    def _draw(self, rng):
        draws = {
            "r": rng.normal,
            "+": lambda: 10 ** rng.uniform(-1.5, 1.5),
            "1": lambda: 1 / (1 + numpy.exp(-rng.uniform(-4, 4))),
        }
        return [float(draws[kind]()) for kind in self.kinds]


def _log_rate(weight):
    return lambda t: -weight * mpmath.log(-t) if t < 0 else None


def _normal_normaliser(a, b):
    return None if b >= 0 else -(a**2) / (4 * b) - mpmath.log(-2 * b) / 2


def _failure_normaliser(t):
    return None if t >= 0 else -mpmath.log(1 - mpmath.exp(t))


def _trials(count):
    return lambda t: count * mpmath.log(1 + mpmath.exp(t))


def _gamma_normaliser(k, t):
    return None if k <= 0 or t >= 0 else mpmath.loggamma(k) - k * mpmath.log(-t)


def _dirichlet_normaliser(*a):
    return None if min(a) <= 0 else mpmath.fsum(map(mpmath.loggamma, a)) - mpmath.loggamma(mpmath.fsum(a))


def _stacked(*a):
    """The Dirichlet law of entries that may be arrays of a library."""
    xp = array_namespace(*a)
    return laws.Dirichlet(xp.stack(list(xp.broadcast_arrays(*map(xp.asarray, a))), axis=-1))


def _inverse_gaussian_normaliser(a, b):
    return None if a < 0 or b <= 0 else -mpmath.sqrt(a * b) - mpmath.log(b) / 2


def _circular_normaliser(x, y):
    return mpmath.log(mpmath.besseli(0, mpmath.sqrt(x**2 + y**2)))


def _laplace_kl(m1, b1, m2, b2):
    t = abs(m1 - m2)
    return mpmath.log(b2 / b1) + t / b2 + b1 / b2 * mpmath.exp(-t / b1) - 1


def _laplace_renyi(m1, b1, m2, b2, a):
    t, u, v = abs(m1 - m2), a / b1, (1 - a) / b2
    if u + v <= 0:
        return mpmath.inf
    middle = t * mpmath.exp(-v * t) if u == v else (mpmath.exp(-v * t) - mpmath.exp(-u * t)) / (u - v)
    integral = middle + (mpmath.exp(-v * t) + mpmath.exp(-u * t)) / (u + v)
    return mpmath.log((2 * b1) ** -a * (2 * b2) ** (a - 1) * integral) / (a - 1)


def _gumbel_kl(m1, b1, m2, b2):
    r, d = b1 / b2, (m2 - m1) / b2
    return -mpmath.log(r) + EULER * (r - 1) + mpmath.exp(d) * mpmath.gamma(1 + r) - 1 - d


def _weibull_kl(l1, k1, l2, k2):
    entropic = mpmath.log(k1 / l1**k1) - mpmath.log(k2 / l2**k2) + (k1 - k2) * (mpmath.log(l1) - EULER / k1)
    return entropic + (l1 / l2) ** k2 * mpmath.gamma(k2 / k1 + 1) - 1


def _pareto_kl(m1, a1, m2, a2):
    return mpmath.inf if m1 < m2 else a2 * mpmath.log(m1 / m2) - mpmath.log(a2 / a1) + a2 / a1 - 1


def _pareto_renyi(m1, a1, m2, a2, a):
    start, exponent = max(m1, m2), a * a1 + (1 - a) * a2
    if exponent <= 0 or (m1 < m2 and a >= 1):
        return mpmath.inf
    constant = (a1 * m1**a1) ** a * (a2 * m2**a2) ** (1 - a)
    return mpmath.log(constant * start**-exponent / exponent) / (a - 1)


def _cauchy_kl(m1, s1, m2, s2):
    return mpmath.log(((s1 + s2) ** 2 + (m1 - m2) ** 2) / (4 * s1 * s2))


FAMILIES = {
    "Normal": Family(laws.Normal, "r+", lambda m, s: (m / s**2, -1 / (2 * s**2)), _normal_normaliser),
    "LogNormal": Family(laws.LogNormal, "r+", lambda m, s: (m / s**2, -1 / (2 * s**2)), _normal_normaliser),
    "Exponential": Family(laws.Exponential, "+", lambda r: (-r,), _log_rate(1)),
    "Rayleigh": Family(laws.Rayleigh, "+", lambda s: (-1 / (2 * s**2),), _log_rate(1)),
    "HalfNormal": Family(laws.HalfNormal, "+", lambda s: (-1 / (2 * s**2),), _log_rate(F(1) / 2)),
    "Weibull of shape 3": Family(laws.Weibull, "+", lambda s: (-(s**-3),), _log_rate(1), fixed=(3.0,)),
    "Gumbel of scale 2": Family(laws.Gumbel, "r", lambda m: (-mpmath.exp(m / 2),), _log_rate(1), fixed=(2.0,)),
    "Geometric": Family(laws.Geometric, "1", lambda s: (mpmath.log(1 - s),), _failure_normaliser),
    "Poisson": Family(laws.Poisson, "+", lambda r: (mpmath.log(r),), mpmath.exp),
    "Binomial of 7": Family(lambda p: laws.Binomial(7.0, p), "1", lambda p: (mpmath.log(p / (1 - p)),), _trials(7)),
    "NegativeBinomial of 2.5": Family(
        lambda p: laws.NegativeBinomial(2.5, p),
        "1",
        lambda p: (mpmath.log(p),),
        lambda t: None if t >= 0 else -F(5) / 2 * mpmath.log(1 - mpmath.exp(t)),
    ),
    "Bernoulli": Family(lambda p: laws.Bernoulli(probs=p), "1", lambda p: (mpmath.log(p / (1 - p)),), _trials(1)),
    "Gamma": Family(laws.Gamma, "++", lambda k, r: (k, -r), _gamma_normaliser),
    "InverseGamma": Family(laws.InverseGamma, "++", lambda k, r: (k, -r), _gamma_normaliser),
    "Beta": Family(laws.Beta, "++", lambda a, b: (a, b), _dirichlet_normaliser),
    "Dirichlet of 4": Family(_stacked, "++++", lambda *a: a, _dirichlet_normaliser),
    "InverseGaussian": Family(laws.InverseGaussian, "++", lambda m, c: (c / m**2, c), _inverse_gaussian_normaliser),
    "VonMises": Family(laws.VonMises, "r+", lambda m, k: (k * mpmath.cos(m), k * mpmath.sin(m)), _circular_normaliser),
    "Laplace": Family(laws.Laplace, "r+", exact_kl=_laplace_kl, exact_renyi=_laplace_renyi),
    "Pareto": Family(laws.Pareto, "++", exact_kl=_pareto_kl, exact_renyi=_pareto_renyi),
    "Gumbel": Family(laws.Gumbel, "r+", exact_kl=_gumbel_kl),
    "Weibull": Family(laws.Weibull, "++", exact_kl=_weibull_kl),
    "Cauchy": Family(laws.Cauchy, "r+", exact_kl=_cauchy_kl),
}
HAVE_RENYI = [name for name, family in FAMILIES.items() if family.natural or family.exact_renyi]
