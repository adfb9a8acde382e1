"""Facts about laws whose cdf is elementary, against their formulas in 50 digits: densities, both tails, quantiles."""

import mpmath
import numpy
import pytest
from mpmath import mpf

from gamedyn import distributions

LEVELS = [
    1e-300,
    1e-100,
    1e-20,
    1e-8,
    1e-3,
    0.1,
    0.25,
    0.4,
    0.5,
    0.6,
    0.75,
    0.9,
    0.999,
    1 - 1e-8,
    1 - 2.0**-40,
    1 - 2e-16,
]


def cauchy(loc, scale):
    z = lambda x: (x - loc) / scale  # noqa: E731
    return (
        lambda x: -mpmath.log(mpmath.pi * scale * (1 + z(x) ** 2)),
        lambda x: mpmath.atan2(1, -z(x)) / mpmath.pi,
        lambda x: mpmath.atan2(1, z(x)) / mpmath.pi,
        mpmath.log(4 * mpmath.pi * scale),
    )


def gumbel(loc, scale):
    z = lambda x: (x - loc) / scale  # noqa: E731
    return (
        lambda x: -z(x) - mpmath.exp(-z(x)) - mpmath.log(scale),
        lambda x: mpmath.exp(-mpmath.exp(-z(x))),
        lambda x: -mpmath.expm1(-mpmath.exp(-z(x))),
        mpmath.log(scale) + mpmath.euler + 1,
    )


def weibull(scale, k):
    return (
        lambda x: mpmath.log(k / scale) + (k - 1) * mpmath.log(x / scale) - (x / scale) ** k,
        lambda x: -mpmath.expm1(-((x / scale) ** k)),
        lambda x: mpmath.exp(-((x / scale) ** k)),
        mpmath.euler * (1 - 1 / k) + mpmath.log(scale / k) + 1,
    )


def pareto(scale, alpha):
    return (
        lambda x: mpmath.log(alpha / scale) - (alpha + 1) * mpmath.log(x / scale),
        lambda x: -mpmath.expm1(-alpha * mpmath.log(x / scale)),
        lambda x: (scale / x) ** alpha,
        mpmath.log(scale / alpha) + 1 + 1 / alpha,
    )


def rayleigh(scale):
    return (
        lambda x: mpmath.log(x / scale**2) - (x / scale) ** 2 / 2,
        lambda x: -mpmath.expm1(-((x / scale) ** 2) / 2),
        lambda x: mpmath.exp(-((x / scale) ** 2) / 2),
        1 + mpmath.log(scale / mpmath.sqrt(2)) + mpmath.euler / 2,
    )


def half_normal(scale):
    return (
        lambda x: mpmath.log(2 / (mpmath.pi * scale**2)) / 2 - (x / scale) ** 2 / 2,
        lambda x: mpmath.erf(x / scale / mpmath.sqrt(2)),
        lambda x: mpmath.erfc(x / scale / mpmath.sqrt(2)),
        mpmath.log(mpmath.pi * scale**2 / 2) / 2 + mpf(1) / 2,
    )


def log_normal(loc, scale):
    z = lambda x: (mpmath.log(x) - loc) / scale  # noqa: E731
    return (
        lambda x: -(z(x) ** 2) / 2 - mpmath.log(x * scale * mpmath.sqrt(2 * mpmath.pi)),
        lambda x: mpmath.erfc(-z(x) / mpmath.sqrt(2)) / 2,
        lambda x: mpmath.erfc(z(x) / mpmath.sqrt(2)) / 2,
        loc + mpf(1) / 2 + mpmath.log(scale * mpmath.sqrt(2 * mpmath.pi)),
    )


def inverse_gaussian(loc, shape):
    def phi(z):
        return mpmath.erfc(-z / mpmath.sqrt(2)) / 2

    def tail(x, sign):
        # Digits enough for two numbers that differ by 1e-15 of the smaller one.
        with mpmath.workdps(90):
            root = mpmath.sqrt(shape / x)
            return phi(sign * root * (x / loc - 1)) + sign * mpmath.exp(2 * shape / loc) * phi(-root * (x / loc + 1))

    y = 2 * shape / loc
    return (
        lambda x: mpmath.log(shape / (2 * mpmath.pi * x**3)) / 2 - shape * (x - loc) ** 2 / (2 * loc**2 * x),
        lambda x: tail(x, 1),
        lambda x: tail(x, -1),
        mpmath.log(2 * mpmath.pi * mpmath.e * loc**3 / shape) / 2 - 3 * mpmath.exp(y) * mpmath.e1(y) / 2,
    )


# (log density, cdf, 1 - cdf, entropy) from the parameters, and parameters: everyday ones, and extremes.
TABLE = {
    "Cauchy": (cauchy, [(0.0, 1.0), (-3.0, 0.2), (1e6, 1e-3), (0.0, 1e150)]),
    "Gumbel": (gumbel, [(0.0, 1.0), (-3.0, 0.2), (1e6, 1e-3), (0.0, 1e150)]),
    "Weibull": (weibull, [(1.0, 1.0), (3.0, 0.5), (0.2, 30.0), (1e-100, 2.5), (1e100, 1e3), (1.0, 0.02)]),
    "Pareto": (pareto, [(1.0, 1.0), (3.0, 0.5), (0.2, 30.0), (1e-100, 2.5), (1e100, 1e3), (1.0, 0.07)]),
    "Rayleigh": (rayleigh, [(1.0,), (0.03,), (1e-120,), (1e120,)]),
    "HalfNormal": (half_normal, [(1.0,), (0.03,), (1e-120,), (1e120,)]),
    "InverseGaussian": (
        inverse_gaussian,
        # The last two are nearly the Levy law and nearly normal.
        [(1.0, 1.0), (2.0, 0.3), (0.1, 5.0), (1e-100, 1e-99), (1e100, 1e103), (1.0, 1e-9), (3.0, 1e10)],
    ),
    "LogNormal": (log_normal, [(0.0, 1.0), (-3.0, 0.2), (20.0, 4.0), (0.0, 1e-6), (-200.0, 15.0)]),
}

CASES = [(name, parameters) for name, (_, rows) in TABLE.items() for parameters in rows]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}{case[1]}")
def pair(request):
    """The law, its formulas, its finite quantiles x at levels u, and the size of what is rounded in x."""
    name, parameters = request.param
    law = getattr(distributions, name)(*parameters)
    with mpmath.workdps(50):
        formulas = TABLE[name][0](*map(mpf, parameters))
        x = law.icdf(LEVELS)
        keep = numpy.isfinite(x) & ((x > 1e-290) | (law.support_bounds[0] < 0))
        assert keep.sum() >= 6
        x, levels = x[keep], numpy.array(LEVELS)[keep]
        if name in ("Cauchy", "Gumbel"):
            size = numpy.abs(x - parameters[0]) + abs(parameters[0]) + 1e-20 * parameters[1]
        else:
            # Powers round the logarithm of x in its unit.
            unit = 1.0 if name == "LogNormal" else parameters[0]
            size = x * (1 + numpy.abs(numpy.log(x) - numpy.log(unit)))
        yield law, formulas, x, [(mpf(float(point)), mpf(u)) for point, u in zip(x, levels, strict=True)], size


def test_log_prob(pair):
    law, (log_density, *_), x, rows, size = pair
    exact = numpy.array([float(log_density(point)) for point, _ in rows])
    # The terms that are added are the density in units of its scale, and the unit; x itself is rounded.
    unit = numpy.log(law.icdf(0.75) - law.icdf(0.25))
    allowed = 1 + numpy.abs(exact) + abs(unit) + numpy.abs(size * law.score(x))
    assert numpy.max(numpy.abs(law.log_prob(x) - exact) / allowed) < 1e-15


def test_both_tails_of_the_cdf(pair):
    law, (log_density, cdf, *_), x, rows, size = pair
    errors = []
    for value, (point, _), length in zip(law.cdf(x), rows, size, strict=True):
        exact = cdf(point)
        # A rounding of x moves the cdf by eps |x| p(x).
        errors.append(abs(value - exact) / (exact + length * mpmath.exp(log_density(point))))
    assert max(errors) < 2e-15


def test_quantiles(pair):
    _, (log_density, cdf, survival, _), _, rows, size = pair
    errors = []
    for (point, level), length in zip(rows, size, strict=True):
        gap = cdf(point) - level if level < 0.5 else (1 - level) - survival(point)
        # Newton's step back to the exact quantile, in units of the size of what is rounded.
        errors.append(abs(gap) / mpmath.exp(log_density(point)) / length)
    assert max(errors) < 2e-15


def test_entropy(pair):
    law, (*_, entropy), *_ = pair
    assert float(law.entropy) == pytest.approx(float(entropy), rel=1e-14, abs=1e-14)
