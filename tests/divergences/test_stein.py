"""The Stein discrepancy against SymPy's derivatives and a closed form, its intervals, and its test."""

import math

import numpy
import pytest
import scipy.stats
import sympy

from gamedyn import distributions
from gamedyn.divergences import (
    InverseMultiquadricKernel,
    LaplaceKernel,
    RationalQuadraticKernel,
    RBFKernel,
    kernel_stein_discrepancy,
    stein_test,
)

NORMAL = distributions.Normal(0.0, 1.0)


def stein_kernel(formula):
    """u(x, y, s, t) in two dimensions, by SymPy from k as a function of the squared distance."""
    x, y, s, t = (sympy.symbols(f"{name}:2", real=True) for name in "xyst")
    k = formula(sum((a - b) ** 2 for a, b in zip(x, y, strict=True)))
    u = sum(a * b for a, b in zip(s, t, strict=True)) * k
    u += sum(s[i] * sympy.diff(k, y[i]) + t[i] * sympy.diff(k, x[i]) + sympy.diff(k, x[i], y[i]) for i in range(2))
    return sympy.lambdify([*x, *y, *s, *t], u, "math")


KERNELS = [
    (RBFKernel(1.3), lambda r2: sympy.exp(-r2 / (2 * sympy.Rational(13, 10) ** 2))),
    (InverseMultiquadricKernel(0.8), lambda r2: 1 / sympy.sqrt(1 + r2 / sympy.Rational(8, 10) ** 2)),
    (RationalQuadraticKernel(2.0, alpha=1.5), lambda r2: (1 + r2 / 12) ** sympy.Rational(-3, 2)),
]


@pytest.mark.parametrize(("kernel", "formula"), KERNELS, ids=lambda k: type(k).__name__)
def test_definition(kernel, formula, rng):
    u = stein_kernel(formula)
    x, s = rng.standard_normal((70, 2)) + 5, 3 * rng.standard_normal((70, 2))
    matrix = numpy.array([[u(*a, *b, *p, *q) for b, q in zip(x, s, strict=True)] for a, p in zip(x, s, strict=True)])
    biased, unbiased = matrix.mean(), (matrix.sum() - numpy.trace(matrix)) / (70 * 69)
    assert kernel_stein_discrepancy(x, s, kernel) == pytest.approx(biased, rel=1e-12)
    assert kernel_stein_discrepancy(x, s, kernel, root=True) == pytest.approx(math.sqrt(biased), rel=1e-12)
    assert kernel_stein_discrepancy(x, s, kernel, estimator="unbiased") == pytest.approx(unbiased, rel=1e-11)
    assert kernel_stein_discrepancy(x, s, kernel, max_bytes=2**16) == pytest.approx(biased, rel=1e-12)
    # The jackknife by hand.
    left_out = []
    for i in range(70):
        rest = numpy.delete(numpy.delete(matrix, i, axis=0), i, axis=1)
        left_out.append((rest.sum() - numpy.trace(rest)) / (69 * 68))
    found = kernel_stein_discrepancy(x, s, kernel, return_estimate=True)
    assert found.value == pytest.approx(biased, rel=1e-12)
    assert found.standard_error == pytest.approx(math.sqrt(69 * numpy.var(left_out)), rel=1e-10)
    assert (found.lower + found.upper) / 2 == pytest.approx(unbiased, rel=1e-10) or found.lower == 0


@pytest.mark.parametrize("mean", [0.0, 0.8])
def test_coverage_of_the_closed_form(mean, rng):
    # Between N(m, 1) and N(0, 1) the scores differ by the constant m: KSD^2 = m^2 E k = m^2 h / sqrt(h^2 + 2).
    truth, hits = mean**2 * 1.5 / math.sqrt(1.5**2 + 2), 0
    for _ in range(300):
        found = kernel_stein_discrepancy(
            mean + rng.standard_normal(60), NORMAL, RBFKernel(1.5), estimator="unbiased", return_estimate=True
        )
        hits += found.lower <= truth <= found.upper
    assert hits >= scipy.stats.binom.ppf(5e-7, 300, 0.925)
    if mean:
        assert hits <= scipy.stats.binom.ppf(1 - 5e-7, 300, 0.97)


def test_scores_may_come_from_anywhere(library, rng):
    x = rng.standard_normal((20, 2))
    law = distributions.MultivariateNormal([0.5, 0.0], [[2.0, 0.5], [0.5, 1.0]])
    expected = float(kernel_stein_discrepancy(x, law))
    native = library.asarray(x)
    for score in (law, law.score(x), lambda z: library.asarray(law.score(library.host(z)))):
        found = kernel_stein_discrepancy(native, score)
        assert library.owns(found)
        assert found.shape == ()
        assert float(found) == pytest.approx(expected, rel=1e-13)
    single = kernel_stein_discrepancy(library.asarray(x, "float32"), law)
    assert library.owns(single, "float32")
    line = kernel_stein_discrepancy(x[:, 0], NORMAL)
    assert kernel_stein_discrepancy(x[:, :1], NORMAL) == line
    for score in (lambda z: -z, -x[:, 0], -x[:, :1]):
        assert kernel_stein_discrepancy(x[:, 0], score) == line


def test_level_and_power(rng):
    # Asymptotic: a level of 5 % within 2 % to 10 %, over 200 tests at two-sided level 1e-6.
    rejected = sum(
        stein_test(rng.standard_normal(50), NORMAL, bootstraps=99, rng=rng).pvalue <= 0.05 for _ in range(200)
    )
    low, high = scipy.stats.binom.ppf([5e-7, 1 - 5e-7], 200, [0.02, 0.10])
    assert low <= rejected <= high
    found = stein_test(rng.standard_normal(200) + 1, NORMAL, bootstraps=99, rng=rng)
    assert found.pvalue == 0.01
    assert found.null.shape == (99,)


def test_null_is_the_signed_sum(rng):
    x = rng.standard_normal(90)
    found = stein_test(x, NORMAL, RBFKernel(1.0), bootstraps=30, rng=5)
    assert found.statistic == pytest.approx(kernel_stein_discrepancy(x, NORMAL, RBFKernel(1.0)), rel=1e-12)
    r = x[:, None] - x[None, :]
    k = numpy.exp(-(r**2) / 2)
    u = k * (numpy.outer(x, x) - r**2 + 1 - r**2)
    signs = numpy.random.default_rng(5).choice([-1.0, 1.0], size=(31, 90))[1:]
    numpy.testing.assert_allclose(found.null, numpy.einsum("bi,ij,bj->b", signs, u, signs) / 90**2, rtol=1e-10)
    cut = stein_test(x, NORMAL, RBFKernel(1.0), bootstraps=30, rng=5, max_bytes=2**16)
    numpy.testing.assert_allclose(cut.null, found.null, rtol=1e-10)


@pytest.mark.parametrize(
    ("x", "score", "options", "error", "message"),
    [
        ([1.0], NORMAL, {"estimator": "unbiased"}, ValueError, "`x` must have at least 2 rows, got 1"),
        ([1.0, math.nan], NORMAL, {}, ValueError, "`x` must be finite, got nan in row 1"),
        ([1.0, 2.0], [1.0], {}, ValueError, r"`score` must have the shape \(2, 1\) of the sample"),
        ([1.0, 2.0], [1.0, math.inf], {}, ValueError, "`score` must be finite, got inf in row 1, column 0"),
        ([1.0, 2.0], NORMAL, {"kernel": LaplaceKernel(1.0)}, TypeError, "`kernel` must be a smooth Kernel"),
        ([1.0, 2.0], NORMAL, {"kernel": lambda a, b: a}, TypeError, "`kernel` must be a smooth Kernel"),
        ([1.0, 2.0], NORMAL, {"estimator": "linear"}, ValueError, "`estimator` must be one of 'biased', 'unbiased'"),
        ([1.0, 2.0], NORMAL, {"estimator": "unbiased", "root": True}, ValueError, "`root` is for"),
        ([1.0, 2.0], distributions.Bernoulli(0.5), {}, TypeError, "is discrete and has no score"),
    ],
)
def test_bad_input(x, score, options, error, message):
    with pytest.raises(error, match=message):
        kernel_stein_discrepancy(x, score, **options)
