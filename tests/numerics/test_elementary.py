"""Elementary functions against mpmath at 50 digits, at edges, on complex arguments and on every library."""

import mpmath
import numpy
import pytest
import scipy.special

from gamedyn import numerics

mpmath.mp.dps = 50

GRID = numpy.concatenate(
    [
        numpy.linspace(-50, 50, 201),
        [-1000, -745.2, -700, -1e-8, -1e-300, -5e-324, 0.0, 5e-324, 1e-300, 1e-8, 700, 745.2, 1000],
    ]
)
FORMULAS = {
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "log_sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)),
}


def exact(formula, values):
    return numpy.array([float(formula(mpmath.mpf(float(v)))) for v in values])


@pytest.mark.parametrize("name", FORMULAS)
def test_equals_fifty_digits(name, library):
    result = getattr(numerics, name)(library.asarray(GRID))
    assert library.owns(result)
    numpy.testing.assert_allclose(library.host(result), exact(FORMULAS[name], GRID), rtol=5e-16, atol=5e-324)


@pytest.mark.parametrize("name", FORMULAS)
def test_float32_stays_float32(name, library):
    grid = numpy.linspace(-80, 80, 161, dtype=numpy.float32)
    result = getattr(numerics, name)(library.asarray(grid, dtype="float32"))
    assert library.owns(result, "float32")
    numpy.testing.assert_allclose(library.host(result), exact(FORMULAS[name], grid), rtol=5e-7)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("x", [-60.0, -3.0, -1e-3, 0.0, 0.7, 40.0])
def test_continues_analytically(name, x):
    value = getattr(numerics, name)(numpy.array(x + 1e-20j))
    derivative = float(mpmath.diff(FORMULAS[name], mpmath.mpf(x)))
    assert value.imag / 1e-20 == pytest.approx(derivative, rel=2e-15, abs=0.0)
    assert value.real == pytest.approx(float(FORMULAS[name](mpmath.mpf(x))), rel=1e-15, abs=0.0)


def test_log1mexp(library):
    x = numpy.array([-1e-300, -1e-10, -0.1, -0.69, -0.7, -1.0, -40.0, -700.0])
    result = numerics.log1mexp(library.asarray(x))
    assert library.owns(result)
    expected = exact(lambda v: mpmath.log(-mpmath.expm1(v)) if v > -1 else mpmath.log1p(-mpmath.exp(v)), x)
    # XLA brings its own exp and log1p, which are off by a few ulp.
    numpy.testing.assert_allclose(library.host(result), expected, rtol=2e-15 if library.name == "jax" else 4e-16)
    assert numerics.log1mexp(0.0) == -numpy.inf


def test_xlogy_conventions(library):
    x, y = [0.0, 0.0, 1.0, 2.0, 0.0], [0.0, 3.0, 0.0, numpy.e, numpy.nan]
    result = numerics.xlogy(library.asarray(x), library.asarray(y))
    assert library.owns(result)
    numpy.testing.assert_allclose(library.host(result), [0, 0, -numpy.inf, 2, numpy.nan], rtol=1e-15)


def test_relative_entropy_conventions(library):
    p = [0.0, 0.0, 0.5, 0.5, numpy.nan, 1.0, 1e-300, -1.0, 1e300]
    q = [0.0, 0.5, 0.0, 0.25, 1.0, numpy.nan, 1e300, 1.0, 1e-300]
    result = numerics.relative_entropy(library.asarray(p), library.asarray(q))
    assert library.owns(result)
    numpy.testing.assert_allclose(library.host(result), scipy.special.rel_entr(p, q), rtol=1e-15)


def test_relative_entropy_keeps_digits_near_equality(rng):
    q = rng.random(200)
    p = q * (1 + 1e-9 * rng.standard_normal(200))
    expected = [float(a * mpmath.log(a / b)) for a, b in zip(map(mpmath.mpf, p), map(mpmath.mpf, q), strict=True)]
    numpy.testing.assert_allclose(numerics.relative_entropy(p, q), expected, rtol=1e-15)


def test_logsumexp(library, rng):
    x = 1000 * rng.standard_normal((3, 4, 5))
    w = rng.random((4, 5))
    for axis in (0, 1, -1):
        result = numerics.logsumexp(library.asarray(x), axis=axis)
        assert library.owns(result)
        numpy.testing.assert_allclose(library.host(result), scipy.special.logsumexp(x, axis=axis), rtol=1e-15)
    result = numerics.logsumexp(library.asarray(x), keepdims=True, weights=library.asarray(w))
    numpy.testing.assert_allclose(
        library.host(result), scipy.special.logsumexp(x, axis=-1, b=w, keepdims=True), rtol=1e-14
    )


def test_logsumexp_at_infinity():
    inf = numpy.inf
    x = numpy.array([[-inf, -inf], [inf, 0.0], [-inf, 1.0]])
    numpy.testing.assert_array_equal(numerics.logsumexp(x), [-inf, inf, 1.0])


def test_logsumexp_complex_step():
    x = numpy.array([0.3, -2.0, 5.0])
    step = x + 1e-20j * numpy.array([0, 0, 1.0])
    assert numerics.logsumexp(step).imag / 1e-20 == pytest.approx(
        numpy.exp(5.0) / numpy.exp(x).sum(), rel=1e-14, abs=0.0
    )


def test_refuses_what_is_not_a_number():
    with pytest.raises(TypeError, match="`x` must hold numbers"):
        numerics.softplus("a")
