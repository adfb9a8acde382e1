"""Laws of f-divergences: every member of DIVERGENCES, on every array library."""

import math

import mpmath
import numpy
import pytest
import sympy

from gamedyn import divergences
from tests.cases import DIVERGENCES

every_divergence = pytest.mark.parametrize("divergence", DIVERGENCES, ids=repr)

U = sympy.Symbol("u", positive=True)


W = sympy.Float(0.3, 40)


def _power(a):
    return (U**a - 1 - a * (U - 1)) / (a * (a - 1))


# Each generator once more, for SymPy: what the classes' formulas are compared with.
GENERATORS = {
    "KullbackLeibler()": U * sympy.log(U),
    "ReverseKullbackLeibler()": -sympy.log(U),
    "JensenShannon()": (U * sympy.log(U) - (U + 1) * sympy.log((U + 1) / 2)) / 2,
    "JensenShannon(weight=0.3)": W * U * sympy.log(U) - (1 - W + W * U) * sympy.log(1 - W + W * U),
    "TotalVariation()": sympy.Abs(U - 1) / 2,
    "SquaredHellinger()": (sympy.sqrt(U) - 1) ** 2 / 2,
    "Pearson()": (U - 1) ** 2,
    "Neyman()": (1 - U) ** 2 / U,
    "Jeffreys()": (U - 1) * sympy.log(U),
    "LeCam()": (U - 1) ** 2 / (U + 1),
    "AlphaDivergence(alpha=0.0)": -sympy.log(U) + U - 1,
    "AlphaDivergence(alpha=0.3)": _power(W),
    "AlphaDivergence(alpha=1.0)": U * sympy.log(U) - U + 1,
    "AlphaDivergence(alpha=2.5)": _power(sympy.Rational(5, 2)),
    "AlphaDivergence(alpha=-1.5)": _power(sympy.Rational(-3, 2)),
    "GeneratedDivergence(triangular)": (U - 1) ** 2 / (U + 1),
    "GANDivergence()": U * sympy.log(U) - (U + 1) * sympy.log(U + 1),
}
NAMED = {
    "KullbackLeibler()": divergences.kl_divergence,
    "ReverseKullbackLeibler()": lambda p, q: divergences.kl_divergence(q, p),
    "JensenShannon()": divergences.jensen_shannon_divergence,
    "JensenShannon(weight=0.3)": lambda p, q: divergences.jensen_shannon_divergence(p, q, weight=0.3),
    "TotalVariation()": divergences.total_variation_distance,
    "SquaredHellinger()": divergences.squared_hellinger_distance,
    "Pearson()": divergences.pearson_divergence,
    "Neyman()": divergences.neyman_divergence,
    "Jeffreys()": divergences.jeffreys_divergence,
    "LeCam()": divergences.le_cam_divergence,
    "AlphaDivergence(alpha=0.0)": lambda p, q: divergences.kl_divergence(q, p),
    "AlphaDivergence(alpha=0.3)": lambda p, q: divergences.alpha_divergence(p, q, 0.3),
    "AlphaDivergence(alpha=1.0)": divergences.kl_divergence,
    "AlphaDivergence(alpha=2.5)": lambda p, q: divergences.alpha_divergence(p, q, 2.5),
    "AlphaDivergence(alpha=-1.5)": lambda p, q: divergences.alpha_divergence(p, q, -1.5),
    "GeneratedDivergence(triangular)": divergences.le_cam_divergence,
    "GANDivergence()": lambda p, q: 2 * divergences.jensen_shannon_divergence(p, q) - math.log(4),
}


def generator_of(divergence):
    return sympy.lambdify(U, GENERATORS[repr(divergence)], "mpmath")


def _diagonal(divergence):
    return -math.log(4) if isinstance(divergence, divergences.GANDivergence) else 0.0


def pairs_of_pmfs(rng, count=20, size=6):
    """Pmfs with exact zeros, shared and not, near-equal ones, and one pair of disjoint supports."""
    p, q = rng.dirichlet(numpy.ones(size), size=(2, count))
    p[:5, 0] = 0.0
    q[3:8, 1] = 0.0
    p[10:12, 2] = q[10:12, 2] = 0.0
    q[15:] = p[15:] * (1 + 1e-6 * rng.standard_normal(p[15:].shape))
    p[-1, : size // 2] = 0.0
    q[-1, size // 2 :] = 0.0
    return p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)


@every_divergence
def test_equals_the_function_of_its_name(divergence, library, rng):
    p, q = pairs_of_pmfs(rng)
    value = divergence(library.asarray(p), library.asarray(q))
    assert library.owns(value)
    assert value.shape == (20,)
    expected = NAMED[repr(divergence)](p, q)
    finite = numpy.isfinite(expected)
    numpy.testing.assert_array_equal(numpy.isfinite(library.host(value)), finite)
    numpy.testing.assert_allclose(library.host(value)[finite], expected[finite], rtol=1e-14, atol=5e-16)


@every_divergence
def test_equals_its_definition(divergence, rng):
    f = generator_of(divergence)
    p, q = pairs_of_pmfs(rng)
    for a, b in zip(p[12:15], q[12:15], strict=True):
        expected = mpmath.fsum(mpmath.mpf(y) * f(mpmath.mpf(x) / mpmath.mpf(y)) for x, y in zip(a, b, strict=True))
        assert float(divergence(a, b)) == pytest.approx(float(expected), rel=1e-13, abs=0.0)


@every_divergence
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_keeps_library_dtype_and_axis(divergence, library, dtype, rng):
    p, q = pairs_of_pmfs(rng)
    first, second = library.asarray(p, dtype), library.asarray(q, dtype)
    value = divergence(first, second, normalize=True)
    assert library.owns(value, dtype)
    turned = divergence(library.asarray(p.T, dtype), library.asarray(q.T, dtype), axis=0, keepdims=True, normalize=True)
    assert turned.shape == (1, 20)
    numpy.testing.assert_allclose(
        library.host(turned)[0], library.host(value), rtol=1e-4 if dtype == "float32" else 1e-13, atol=1e-15
    )
    single = divergence(first[0, ...], second[0, ...], normalize=True)
    assert single.shape == ()
    assert library.owns(single, dtype)


@every_divergence
def test_not_below_the_diagonal(divergence, rng):
    p, q = pairs_of_pmfs(rng, 500)
    assert (divergence(p, q) >= _diagonal(divergence)).all()
    numpy.testing.assert_allclose(divergence(p, p), _diagonal(divergence), rtol=0, atol=1e-15)
    different = numpy.abs(p - q).max(axis=-1) > 1e-9
    assert (divergence(p, q) > _diagonal(divergence))[different].all() or isinstance(
        divergence, divergences.GANDivergence
    )


@every_divergence
def test_disjoint_supports_reach_the_supremum(divergence):
    assert float(divergence([0.25, 0.75, 0.0], [0.0, 0.0, 1.0])) == pytest.approx(divergence.supremum, abs=1e-15)


@every_divergence
def test_shared_empty_outcomes_add_nothing(divergence, library):
    p, q = [0.5, 0.5], [0.25, 0.75]
    full = divergence(library.asarray([*p, 0.0]), library.asarray([*q, 0.0]))
    without = divergence(library.asarray(p), library.asarray(q))
    assert float(library.host(full)) == pytest.approx(float(library.host(without)), rel=1e-14, abs=0.0)


@every_divergence
def test_merging_outcomes_cannot_increase_it(divergence, rng):
    p, q = pairs_of_pmfs(rng, 500)
    merge = numpy.eye(6)[:, [0, 0, 1, 1, 2, 2]].T[:, :3]
    merged = divergence(p @ merge, q @ merge, normalize=True)
    separate = divergence(p, q, normalize=True)
    assert (merged <= separate + 1e-13 * numpy.abs(numpy.where(numpy.isinf(separate), 0.0, separate)) + 1e-15).all()


@every_divergence
def test_jointly_convex(divergence, rng):
    (p, q), (r, s) = pairs_of_pmfs(rng, 200), pairs_of_pmfs(rng, 200)
    mixed = divergence((p + r) / 2, (q + s) / 2)
    assert (mixed <= (divergence(p, q) + divergence(r, s)) / 2 + 1e-14).all()


@every_divergence
def test_generator_and_derivative(divergence):
    f = generator_of(divergence)
    for u in (1e-3, 0.3, 0.999, 1.5, 40.0):
        with mpmath.workdps(40):
            exact = float(f(mpmath.mpf(u)))
        assert float(divergence.generator(u)) == pytest.approx(exact, rel=1e-13, abs=1e-16)
        slope = _slope(divergence, u)
        assert float(divergence.derivative(u)) == pytest.approx(slope, rel=1e-13, abs=0.0)


def _slope(divergence, u):
    return float(sympy.diff(GENERATORS[repr(divergence)], U).subs(U, sympy.Float(u, 40)).evalf(40))


@every_divergence
def test_slopes(divergence):
    f = generator_of(divergence)
    with mpmath.workdps(60):
        for value, slope in (
            (f(mpmath.mpf(10) ** -400), divergence.slope_at_zero),
            (f(mpmath.mpf(10) ** 400) / mpmath.mpf(10) ** 400, divergence.slope_at_infinity),
        ):
            assert float(value) == pytest.approx(slope, abs=1e-15) if math.isfinite(slope) else value > 50
    assert float(divergence.generator(0.0)) == pytest.approx(divergence.slope_at_zero, abs=1e-15)
