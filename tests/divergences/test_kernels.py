"""Kernels against their formulas in 50 digits, their derivatives against SymPy's, and the median heuristic."""

import itertools
import math

import numpy
import pytest
import sympy

from gamedyn.divergences import (
    InverseMultiquadricKernel,
    LaplaceKernel,
    RationalQuadraticKernel,
    RBFKernel,
    SumKernel,
)
from gamedyn.divergences._kernels import as_kernel
from gamedyn.divergences._median_distance import median_distance

R2, H = sympy.symbols("r2 h", positive=True)

# (kernel of bandwidth 1.7, the formula in the squared distance and h)
KERNELS = [
    (RBFKernel(1.7), sympy.exp(-R2 / (2 * H**2))),
    (RBFKernel(3.4, multiple=0.5), sympy.exp(-R2 / (2 * H**2))),
    (LaplaceKernel(1.7), sympy.exp(-sympy.sqrt(R2) / H)),
    (RationalQuadraticKernel(1.7, alpha=2.0), (1 + R2 / (4 * H**2)) ** -2),
    (InverseMultiquadricKernel(1.7), (1 + R2 / H**2) ** sympy.Rational(-1, 2)),
    (InverseMultiquadricKernel(1.7, beta=0.25), (1 + R2 / H**2) ** sympy.Rational(-1, 4)),
    (RBFKernel(1.7) + InverseMultiquadricKernel(1.7), sympy.exp(-R2 / (2 * H**2)) + 1 / sympy.sqrt(1 + R2 / H**2)),
]
every_kernel = pytest.mark.parametrize(("kernel", "formula"), KERNELS, ids=lambda k: type(k).__name__)


@every_kernel
def test_formula(kernel, formula, rng):
    x, y = rng.standard_normal((4, 3)), 3 * rng.standard_normal((5, 3))
    expected = [
        [float(formula.subs({H: sympy.Float("1.7", 50), R2: sympy.Float(((a - b) ** 2).sum(), 50)})) for b in y]
        for a in x
    ]
    numpy.testing.assert_allclose(kernel(x, y), expected, rtol=5e-15)


@every_kernel
def test_derivatives(kernel, formula):
    if isinstance(kernel, LaplaceKernel):
        with pytest.raises(TypeError, match="`kernel` must be smooth, got LaplaceKernel"):
            kernel.derivatives(numpy.ones(1))
        return
    r2 = numpy.array([0.0, 1e-3, 1.0, 20.0])
    for order, values in enumerate(kernel.derivatives(r2)):
        slope = sympy.diff(formula, R2, order) if order else formula
        expected = [float(slope.subs(H, sympy.Float("1.7", 50)).subs(R2, sympy.Float(v, 50))) for v in r2]
        numpy.testing.assert_allclose(values, expected, rtol=1e-14)


@every_kernel
def test_is_positive_definite(kernel, formula, rng):
    x = rng.standard_normal((30, 2))
    assert numpy.linalg.eigvalsh(kernel(x, x)).min() > -1e-13


def test_sums_are_flat_and_keep_given_bandwidths():
    total = RBFKernel(1.0) + (LaplaceKernel() + RBFKernel(multiple=2.0))
    assert [type(term).__name__ for term in total.terms] == ["RBFKernel", "LaplaceKernel", "RBFKernel"]
    assert total.needs_bandwidth
    assert not total.smooth
    fixed = total.with_median(3.0)
    assert [term.bandwidth for term in fixed.terms] == [1.0, 3.0, 3.0]
    assert not fixed.needs_bandwidth
    # exp(-36 / (2 (2 3)^2)) is the last term.
    assert float(fixed.terms[2]([0.0], [6.0])[0, 0]) == pytest.approx(math.exp(-0.5), rel=1e-15)


def test_median_is_that_of_the_positive_distances(rng):
    for n in (4, 5):
        x, y = rng.standard_normal((n, 2)), rng.standard_normal((3, 2))
        pooled = [*x, *y]
        exact = numpy.median([numpy.linalg.norm(a - b) for a, b in itertools.combinations(pooled, 2)])
        assert float(median_distance(numpy, x, y)) == pytest.approx(exact, rel=1e-14)
    repeated = numpy.zeros((10, 1))
    repeated[0] = 4.0
    assert float(median_distance(numpy, repeated)) == 4.0
    assert float(median_distance(numpy, numpy.ones((3, 2)))) == 1.0
    # Of many rows, 500 evenly spaced.
    line = numpy.arange(5000.0)[:, None]
    exact = numpy.median([b - a for a, b in itertools.combinations(range(0, 5000, 10), 2)])
    assert float(median_distance(numpy, line)) == exact


def test_median_in_other_libraries(library, rng):
    x, y = rng.standard_normal((6, 3)), rng.standard_normal((5, 3))
    found = median_distance(library.xp, library.asarray(x), library.asarray(y))
    assert float(found) == pytest.approx(float(median_distance(numpy, x, y)), rel=1e-14)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: RBFKernel(0.0), ValueError, "`bandwidth` must be positive and finite, got 0"),
        (lambda: RBFKernel(math.nan), ValueError, "`bandwidth` must be positive and finite, got nan"),
        (lambda: LaplaceKernel(1.0, multiple=-1.0), ValueError, "`multiple` must be positive"),
        (lambda: RationalQuadraticKernel(alpha=0.0), ValueError, "`alpha` must be positive"),
        (lambda: InverseMultiquadricKernel(beta=-0.5), ValueError, "`beta` must be positive"),
        (lambda: SumKernel(()), TypeError, "`terms` must be a tuple of one or more kernels"),
        (lambda: as_kernel("rfb"), ValueError, "Did you mean 'rbf'"),
        (
            lambda: as_kernel(3.0),
            TypeError,
            "`kernel` must be a name, a Kernel or a function of two samples, got float",
        ),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message):
        make()
