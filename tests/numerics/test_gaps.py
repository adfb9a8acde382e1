"""Gaps of the logarithm and the exponential against mpmath at 50 digits, on random and edge values."""

import mpmath
import numpy
import pytest

from gamedyn import numerics

mpmath.mp.dps = 50

SIZES = 10.0 ** numpy.linspace(-13, -0.01, 40)
FORMULAS = {
    "log1p_gap": (lambda t: t - mpmath.log1p(t), [*SIZES, *-SIZES, 0.2499, 0.2501, -0.2501, 0.5, -0.5, 7.0, 1e300]),
    "expm1_gap": (lambda x: mpmath.expm1(x) - x, [*SIZES, *-SIZES, 0.2231, 0.2232, -0.2876, -0.2877, 9.0, -800.0]),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_equals_fifty_digits(name, library):
    formula, grid = FORMULAS[name]
    result = getattr(numerics, name)(library.asarray(grid))
    assert library.owns(result)
    expected = [float(formula(mpmath.mpf(x))) for x in grid]
    # XLA brings its own expm1, which is off by a few ulp.
    numpy.testing.assert_allclose(library.host(result), expected, rtol=2e-14 if library.name == "jax" else 2e-15)
    assert library.owns(getattr(numerics, name)(library.asarray(grid[:40], "float32")), "float32")


def test_gaps_at_edges():
    assert numerics.log1p_gap(-1.0) == numpy.inf
    assert numerics.expm1_gap(-numpy.inf) == numpy.inf
    assert numerics.log1p_gap(0.0) == numerics.expm1_gap(0.0) == 0.0


def test_relative_entropy_gap(library, rng):
    p = 10 ** rng.uniform(-10, 10, 200)
    q = p * numpy.where(numpy.arange(200) < 100, 1 + 10 ** rng.uniform(-12, 0, 200), 10 ** rng.uniform(-12, 12, 200))
    p[:3], q[:3] = [5e-324, 1e300, 1e-300], [1.0, 1e-300, 1e300]
    result = numerics.relative_entropy_gap(library.asarray(p), library.asarray(q))
    assert library.owns(result)
    exact = [float(a * mpmath.log(a / b) - a + b) for a, b in zip(map(mpmath.mpf, p), map(mpmath.mpf, q), strict=True)]
    keep = slice(1, None) if library.name == "jax" else slice(None)  # XLA flushes subnormals
    numpy.testing.assert_allclose(library.host(result)[keep], exact[keep], rtol=2e-15)
    edges = numerics.relative_entropy_gap(library.asarray([0.0, 0.0, 2.0, 3.0]), library.asarray([0.0, 4.0, 0.0, 3.0]))
    numpy.testing.assert_array_equal(library.host(edges), [0.0, 4.0, numpy.inf, 0.0])
