"""The laws of tests/cases.py on other libraries, entry by entry, and as oracles of SciPy or by counting."""

import dataclasses
import itertools

import mpmath
import numpy
import pytest
import scipy.optimize
import scipy.stats

from gamedyn import distributions
from tests.cases import DISTRIBUTIONS

every_law = pytest.mark.parametrize("law", DISTRIBUTIONS, ids=lambda law: type(law).__name__)


def parameters(law):
    names = [field.name for field in dataclasses.fields(law) if field.init and field.name != "check"]
    return [name for name in names if name != "probs"] if "logits" in names else names


def rebuilt(law, convert):
    """The law with every array parameter passed through `convert`."""
    if isinstance(law, distributions.Mixture):
        return distributions.Mixture(convert(law.weights), [rebuilt(part, convert) for part in law.components])
    return type(law)(**{name: convert(getattr(law, name)) for name in parameters(law)})


def cell(law, index):
    """The law of one entry of the batch."""
    index = index[len(index) - len(law.batch_shape) :] if law.batch_shape else ()
    index = tuple(i if size > 1 else 0 for i, size in zip(index, law.batch_shape, strict=True))
    if isinstance(law, distributions.Mixture):
        return distributions.Mixture(law.weights, [cell(part, index) for part in law.components])
    if isinstance(law, distributions.Empirical):
        return law
    return type(law)(**{name: numpy.asarray(getattr(law, name))[index] for name in parameters(law)})


def cells(law):
    return [(index, cell(law, index)) for index in itertools.product(*(range(size) for size in law.batch_shape))]


# Oracles of unbatched laws: log_density, cdf, ppf, mean, var, entropy.


class Atoms:
    """A discrete law by counting."""

    def __init__(self, points, masses):
        self.table = {}
        for point, mass in zip(points, masses, strict=True):
            key = tuple(numpy.atleast_1d(point).tolist())
            self.table[key] = self.table.get(key, 0.0) + float(mass)

    def log_density(self, x):
        mass = self.table.get(tuple(numpy.atleast_1d(x).tolist()), 0.0)
        return numpy.log(mass) if mass > 0 else -numpy.inf

    def cdf(self, x):
        return sum(mass for point, mass in self.table.items() if point[0] <= x)

    def ppf(self, u):
        return min(p[0] for p, m in self.table.items() if m > 0 and (self.cdf(p[0]) >= u - 1e-15))

    def moment(self, function):
        return sum(mass * function(numpy.array(point)) for point, mass in self.table.items() if mass > 0)

    def mean(self):
        return numpy.squeeze(self.moment(lambda p: p))

    def var(self):
        return numpy.squeeze(self.moment(lambda p: p**2)) - self.mean() ** 2

    def entropy(self):
        return -sum(mass * numpy.log(mass) for mass in self.table.values() if mass > 0)


class Scipy:
    """A frozen law of scipy.stats."""

    def __init__(self, frozen):
        self.frozen = frozen
        self.log_density = frozen.logpdf

    def __getattr__(self, name):
        return getattr(self.frozen, name)


class PowerLaw(Scipy):
    """scipy.stats.pareto, whose own cdf cancels next to the threshold."""

    def __init__(self, scale, alpha):
        super().__init__(scipy.stats.pareto(alpha, scale=scale))
        self.scale, self.alpha = scale, alpha

    def cdf(self, x):
        if numpy.ndim(x):
            return numpy.array([self.cdf(one) for one in x])
        with mpmath.workdps(40):
            return float(1 - (mpmath.mpf(self.scale) / mpmath.mpf(float(x))) ** self.alpha)


class Counts(Scipy):
    """A frozen law of scipy.stats on 0, 1, 2, ...."""

    def __init__(self, frozen):
        self.frozen = frozen
        self.log_density = frozen.logpmf


class Circular:
    """The von Mises law cut at -pi, at 30 digits; SciPy's is cut at loc - pi."""

    def __init__(self, law):
        self.loc, self.k = float(law.loc), float(law.concentration)
        with mpmath.workdps(30):
            self.total = 2 * mpmath.pi * mpmath.besseli(0, self.k)

    def density(self, x):
        return mpmath.exp(self.k * mpmath.cos(x - mpmath.mpf(self.loc))) / self.total

    def log_density(self, x):
        with mpmath.workdps(30):
            return float(mpmath.log(self.density(x))) if abs(x) <= numpy.pi else -numpy.inf

    def cdf(self, x):
        if numpy.ndim(x):
            return scipy.stats.vonmises(self.k, self.loc).cdf(x) - scipy.stats.vonmises(self.k, self.loc).cdf(-numpy.pi)
        with mpmath.workdps(30):
            ends = [
                -numpy.pi,
                *(e for e in (self.loc - 1, self.loc - 0.2, self.loc, self.loc + 0.2) if e < x),
                float(x),
            ]
            return float(mpmath.quad(self.density, ends))

    def ppf(self, u):
        # Where to look, no more: to the digits of SciPy's cdf.
        return scipy.optimize.brentq(lambda x: self.cdf(numpy.array([x]))[0] - u, -numpy.pi, numpy.pi)

    def mean(self):
        return self.loc

    def var(self):
        return float(1 - mpmath.besseli(1, self.k) / mpmath.besseli(0, self.k))

    def entropy(self):
        with mpmath.workdps(30):
            return float(mpmath.log(self.total) - self.k * mpmath.besseli(1, self.k) / mpmath.besseli(0, self.k))


class Gaussian:
    """scipy.stats.multivariate_normal under the names above."""

    def __init__(self, loc, covariance):
        self.frozen = scipy.stats.multivariate_normal(loc, covariance)
        self.log_density = self.frozen.logpdf
        self.loc, self.covariance = numpy.asarray(loc), numpy.asarray(covariance)

    def mean(self):
        return self.loc

    def var(self):
        return numpy.diagonal(self.covariance)

    def entropy(self):
        return self.frozen.entropy()


class Simplex:
    """scipy.stats.dirichlet under the names above; its logpdf refuses what is off the simplex."""

    def __init__(self, law):
        self.concentration = law.concentration
        self.frozen = scipy.stats.dirichlet(law.concentration)
        self.mean, self.var, self.entropy = self.frozen.mean, self.frozen.var, self.frozen.entropy

    def log_density(self, x):
        return self.frozen.logpdf(x / x.sum())


class Mixed:
    """A mixture of oracles, by its definition."""

    def __init__(self, weights, parts):
        self.weights, self.parts = [float(w) for w in weights], parts

    def log_density(self, x):
        return numpy.log(sum(w * numpy.exp(p.log_density(x)) for w, p in zip(self.weights, self.parts, strict=True)))

    def cdf(self, x):
        return sum(w * p.cdf(x) for w, p in zip(self.weights, self.parts, strict=True))

    def ppf(self, u):
        ends = [part.ppf(u) for part in self.parts]
        if min(ends) == max(ends):
            return ends[0]
        return scipy.optimize.brentq(lambda x: self.cdf(x) - u, min(ends), max(ends), xtol=1e-14, rtol=1e-14)

    def mean(self):
        return sum(w * p.mean() for w, p in zip(self.weights, self.parts, strict=True))

    def var(self):
        second = sum(w * (p.var() + p.mean() ** 2) for w, p in zip(self.weights, self.parts, strict=True))
        return second - self.mean() ** 2


def mixed_oracle(law):
    parts = [oracle(part) for part in law.components]
    if not law.is_discrete:
        return Mixed(law.weights, parts)
    pairs = [(p, w * m) for w, part in zip(law.weights, parts, strict=True) for p, m in part.table.items()]
    return Atoms(*zip(*pairs, strict=True))


ORACLES = {
    "Normal": lambda law: Scipy(scipy.stats.norm(float(law.loc), float(law.scale))),
    "MultivariateNormal": lambda law: Gaussian(law.loc, law.covariance_matrix),
    "Laplace": lambda law: Scipy(scipy.stats.laplace(float(law.loc), float(law.scale))),
    "Uniform": lambda law: Scipy(scipy.stats.uniform(float(law.low), float(law.high) - float(law.low))),
    "Exponential": lambda law: Scipy(scipy.stats.expon(0.0, 1 / float(law.rate))),
    # The logistic function of the logit, by mpmath-free tanh: p = (1 + tanh(l / 2)) / 2, 1 - p = p(-l).
    "Bernoulli": lambda law: Atoms([0.0, 1.0], [1 / (1 + numpy.exp(law.logits)), 1 / (1 + numpy.exp(-law.logits))]),
    "Categorical": lambda law: Atoms(range(law.logits.shape[-1]), numpy.exp(law.logits) / numpy.exp(law.logits).sum()),
    "Cauchy": lambda law: Scipy(scipy.stats.cauchy(float(law.loc), float(law.scale))),
    "Gumbel": lambda law: Scipy(scipy.stats.gumbel_r(float(law.loc), float(law.scale))),
    "Weibull": lambda law: Scipy(scipy.stats.weibull_min(float(law.concentration), scale=float(law.scale))),
    "Pareto": lambda law: PowerLaw(float(law.scale), float(law.alpha)),
    "Rayleigh": lambda law: Scipy(scipy.stats.rayleigh(scale=float(law.scale))),
    "HalfNormal": lambda law: Scipy(scipy.stats.halfnorm(scale=float(law.scale))),
    "LogNormal": lambda law: Scipy(scipy.stats.lognorm(float(law.scale), scale=numpy.exp(float(law.loc)))),
    "InverseGaussian": lambda law: Scipy(
        scipy.stats.invgauss(float(law.loc) / float(law.concentration), scale=float(law.concentration))
    ),
    "Geometric": lambda law: Counts(scipy.stats.geom(1 / (1 + numpy.exp(-float(law.logits))), loc=-1)),
    "Gamma": lambda law: Scipy(scipy.stats.gamma(float(law.concentration), scale=1 / float(law.rate))),
    "InverseGamma": lambda law: Scipy(scipy.stats.invgamma(float(law.concentration), scale=float(law.rate))),
    "Beta": lambda law: Scipy(scipy.stats.beta(float(law.concentration1), float(law.concentration0))),
    "StudentT": lambda law: Scipy(scipy.stats.t(float(law.df), float(law.loc), float(law.scale))),
    "Poisson": lambda law: Counts(scipy.stats.poisson(float(law.rate))),
    "Binomial": lambda law: Counts(scipy.stats.binom(int(law.total_count), 1 / (1 + numpy.exp(-float(law.logits))))),
    "NegativeBinomial": lambda law: Counts(scipy.stats.nbinom(float(law.total_count), 1 / (1 + numpy.exp(law.logits)))),
    "VonMises": Circular,
    "LowRankMultivariateNormal": lambda law: Gaussian(
        law.loc, law.cov_factor @ law.cov_factor.T + numpy.diag(law.cov_diag)
    ),
    "Dirichlet": Simplex,
    "Mixture": mixed_oracle,
    "Empirical": lambda law: Atoms(law.samples, law.weights),
}


def oracle(law):
    return ORACLES[type(law).__name__](law)


LEVELS = numpy.array([1e-12, 1e-5, 0.01, 0.2, 0.37, 0.5, 0.81, 0.999, 1 - 1e-9])


def some(points, count=12):
    """The first atoms, and then ever fewer of a long list, the last among them."""
    if len(points) <= 2 * count:
        return points
    return points[numpy.unique([*range(count), *numpy.geomspace(count, len(points) - 1, count).astype(int)])]


def probes(law, count=9):
    """Points (count,) + batch + event that reach into both tails of every law of the batch, atoms among them."""
    if law.event_shape:
        points = law.support_points() if law.is_discrete else law.sample(count, rng=5)
        reach = 0 if law.is_discrete or law.support == "simplex" else 9
        offsets = numpy.linspace(0, reach, len(points)).reshape((-1,) + (1,) * (points.ndim - 1))
        return points + offsets
    if law.is_discrete:
        points = some(law.support_points())
        return numpy.concatenate([points, points + 0.5, points[:1] - 1, points[-1:] + 1])
    return law.icdf(LEVELS.reshape((-1,) + (1,) * len(law.batch_shape)))


def at(points, index, law):
    """The probes of one entry of the batch."""
    shape = (points.shape[0], *law.batch_shape, *law.event_shape)
    return numpy.broadcast_to(points, shape)[(slice(None), *index)]
