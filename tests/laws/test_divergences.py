"""Laws of f-divergences: every member of DIVERGENCES, on every array library."""

import math

import mpmath
import numpy
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from gamedyn import divergences
from tests.cases import DIVERGENCES

every_divergence = pytest.mark.parametrize("divergence", DIVERGENCES, ids=repr)

U = sympy.Symbol("u", positive=True)


def _power(a):
    return (U**a - 1 - a * (U - 1)) / (a * (a - 1))


# Each generator once more, for SymPy: what the classes' formulas are compared with.
GENERATORS = {
    "KullbackLeibler()": U * sympy.log(U),
    "ReverseKullbackLeibler()": -sympy.log(U),
    "JensenShannon()": (U * sympy.log(U) - (U + 1) * sympy.log((U + 1) / 2)) / 2,
    "TotalVariation()": sympy.Abs(U - 1) / 2,
    "SquaredHellinger()": (sympy.sqrt(U) - 1) ** 2 / 2,
    "Pearson()": (U - 1) ** 2,
    "Neyman()": (1 - U) ** 2 / U,
    "Jeffreys()": (U - 1) * sympy.log(U),
    "LeCam()": (U - 1) ** 2 / (U + 1),
    "AlphaDivergence(alpha=0.0)": -sympy.log(U) + U - 1,
    "AlphaDivergence(alpha=0.3)": _power(sympy.Float(0.3, 40)),
    "AlphaDivergence(alpha=1.0)": U * sympy.log(U) - U + 1,
    "AlphaDivergence(alpha=2.5)": _power(sympy.Rational(5, 2)),
    "AlphaDivergence(alpha=-1.5)": _power(sympy.Rational(-3, 2)),
    "GANDivergence()": U * sympy.log(U) - (U + 1) * sympy.log(U + 1),
}
NAMED = {
    "KullbackLeibler()": divergences.kl_divergence,
    "ReverseKullbackLeibler()": lambda p, q: divergences.kl_divergence(q, p),
    "JensenShannon()": divergences.jensen_shannon_divergence,
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
    "GANDivergence()": lambda p, q: 2 * divergences.jensen_shannon_divergence(p, q) - math.log(4),
}


def _generator(divergence):
    return sympy.lambdify(U, GENERATORS[repr(divergence)], "mpmath")


def _diagonal(divergence):
    return -math.log(4) if isinstance(divergence, divergences.GANDivergence) else 0.0


def _pairs(rng, count=20, size=6):
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
    p, q = _pairs(rng)
    value = divergence(library.asarray(p), library.asarray(q))
    assert library.owns(value)
    assert value.shape == (20,)
    expected = NAMED[repr(divergence)](p, q)
    finite = numpy.isfinite(expected)
    numpy.testing.assert_array_equal(numpy.isfinite(library.host(value)), finite)
    numpy.testing.assert_allclose(library.host(value)[finite], expected[finite], rtol=1e-14, atol=5e-16)


@every_divergence
def test_equals_its_definition(divergence, rng):
    f = _generator(divergence)
    p, q = _pairs(rng)
    for a, b in zip(p[12:15], q[12:15], strict=True):
        expected = mpmath.fsum(mpmath.mpf(y) * f(mpmath.mpf(x) / mpmath.mpf(y)) for x, y in zip(a, b, strict=True))
        assert float(divergence(a, b)) == pytest.approx(float(expected), rel=1e-13, abs=0.0)


@every_divergence
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_keeps_library_dtype_and_axis(divergence, library, dtype, rng):
    p, q = _pairs(rng)
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
    p, q = _pairs(rng, 500)
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
    p, q = _pairs(rng, 500)
    merge = numpy.eye(6)[:, [0, 0, 1, 1, 2, 2]].T[:, :3]
    merged = divergence(p @ merge, q @ merge, normalize=True)
    separate = divergence(p, q, normalize=True)
    assert (merged <= separate + 1e-13 * numpy.abs(numpy.where(numpy.isinf(separate), 0.0, separate)) + 1e-15).all()


@every_divergence
def test_jointly_convex(divergence, rng):
    (p, q), (r, s) = _pairs(rng, 200), _pairs(rng, 200)
    mixed = divergence((p + r) / 2, (q + s) / 2)
    assert (mixed <= (divergence(p, q) + divergence(r, s)) / 2 + 1e-14).all()


@every_divergence
def test_generator_and_derivative(divergence):
    f = _generator(divergence)
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
    f = _generator(divergence)
    with mpmath.workdps(60):
        for value, slope in (
            (f(mpmath.mpf(10) ** -400), divergence.slope_at_zero),
            (f(mpmath.mpf(10) ** 400) / mpmath.mpf(10) ** 400, divergence.slope_at_infinity),
        ):
            assert float(value) == pytest.approx(slope, abs=1e-15) if math.isfinite(slope) else value > 50
    assert float(divergence.generator(0.0)) == pytest.approx(divergence.slope_at_zero, abs=1e-15)


@every_divergence
def test_conjugate_is_the_supremum(divergence):
    # sup over u >= 0 of u t - f(u): the concave function is maximised by golden section at 60 digits.
    f = _generator(divergence)
    domain = {
        "ReverseKullbackLeibler()": 0,
        "JensenShannon()": math.log(2) / 2,
        "SquaredHellinger()": 0.5,
        "TotalVariation()": 0.5,
    }
    domain["GANDivergence()"] = 0
    # At 1 the supremum is a limit: finite for the first two.
    domain["Neyman()"] = domain["LeCam()"] = math.nextafter(1, 2)
    domain.update({f"AlphaDivergence(alpha={alpha})": 1 / (1 - alpha) for alpha in (-1.5, 0.0, 0.3)})
    edge = domain.get(repr(divergence), math.inf)
    for t in (-5.0, -2.5, -1.9, -0.6, -0.3, -0.01, 0.2, 0.3, 0.45, 1.0, 3.0):
        value = float(divergence.conjugate(t))
        if t >= edge:
            assert value == math.inf
            assert 1e6 * t - float(f(mpmath.mpf(1e6))) > (1.0 if t > edge + 0.01 else 0.0) or t == edge
        else:
            assert value == pytest.approx(_supremum(f, t), rel=1e-9, abs=1e-9)


def _supremum(f, t):
    with mpmath.workdps(60):
        low, high = mpmath.mpf(-80), mpmath.mpf(80)
        ratio = (mpmath.sqrt(5) - 1) / 2

        def objective(x):
            u = mpmath.exp(x)
            return u * t - f(u)

        for _ in range(120):
            left, right = high - ratio * (high - low), low + ratio * (high - low)
            if objective(left) < objective(right):
                low = left
            else:
                high = right
        return float(objective((low + high) / 2))


@every_divergence
@given(u=st.floats(0.0, 1e6), t=st.floats(-50.0, 50.0))
def test_fenchel_young(divergence, u, t):
    conjugate = float(divergence.conjugate(t))
    f = float(divergence.generator(u))
    assert f + conjugate >= u * t - 1e-12 * (1 + abs(f) + abs(u * t) + (abs(conjugate) if conjugate < math.inf else 0))


@every_divergence
def test_logit_forms(divergence, library, rng):
    v = numpy.concatenate([rng.uniform(-20, 20, 50), [0.0, 1e-9, -1e-9]])
    critic, conjugate = (
        divergence.critic_from_logit(library.asarray(v)),
        divergence.conjugate_from_logit(library.asarray(v)),
    )
    assert library.owns(critic)
    assert library.owns(conjugate)
    f = GENERATORS[repr(divergence)]
    slope = sympy.lambdify(U, sympy.diff(f, U), "mpmath")
    value = sympy.lambdify(U, f, "mpmath")
    with mpmath.workdps(60):
        u = [mpmath.exp(mpmath.mpf(x)) for x in v]
        numpy.testing.assert_allclose(library.host(critic), [float(slope(x)) for x in u], rtol=1e-13, atol=0)
        fused = [float(x * slope(x) - value(x)) for x in u]
    numpy.testing.assert_allclose(library.host(conjugate), fused, rtol=1e-13, atol=1e-50)


@every_divergence
def test_logit_forms_at_the_ends(divergence, library):
    for v in (-numpy.inf, -1000.0, 1000.0, numpy.inf):
        array = library.asarray([v])
        assert not numpy.isnan(library.host(divergence.critic_from_logit(array))).any()
        assert not numpy.isnan(library.host(divergence.conjugate_from_logit(array))).any()


@every_divergence
def test_critic_attains_the_bound(divergence, library, rng):
    p, q = _pairs(rng)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        logit = numpy.where((p > 0) | (q > 0), numpy.log(p) - numpy.log(q), 0.0)
    attained = library.host(divergence.bound(library.asarray(p), library.asarray(q), library.asarray(logit)))
    exact = divergence(p, q)
    finite = numpy.isfinite(exact)
    numpy.testing.assert_allclose(attained[finite], exact[finite], rtol=1e-12, atol=1e-13)
    assert (attained[~finite] == numpy.inf).all()


@every_divergence
def test_gap_closes_the_bound(divergence, library, rng):
    p, q = rng.dirichlet(numpy.ones(6), size=(2, 40))
    p[:10, 0] = q[5:15, 1] = 0.0
    p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
    logit = rng.normal(0.0, 2.0, (40, 6))
    arguments = [library.asarray(array) for array in (p, q, logit)]
    gap = library.host(divergence.gap(*arguments))
    assert library.owns(divergence.gap(*arguments))
    assert (gap >= 0).all()
    bound = library.host(divergence.bound(*arguments))
    exact = divergence(p, q)
    finite = numpy.isfinite(exact)
    assert finite.any()
    numpy.testing.assert_allclose(exact[finite] - gap[finite], bound[finite], rtol=1e-11, atol=1e-12)
    assert (gap[~finite] == numpy.inf).all()
    assert (bound <= exact + 1e-12).all()


@every_divergence
def test_small_gap_keeps_its_digits(divergence):
    # A logit off by h gives a gap of q u^2 f''(u) h^2 / 2 + O(h^3); at h = 1e-7 the difference of two sums has none.
    p, q, h = numpy.array([0.3, 0.7]), numpy.array([0.6, 0.4]), 1e-7
    gap = float(divergence.gap(p, q, numpy.log(p / q) + h))
    second = sympy.lambdify(U, sympy.diff(GENERATORS[repr(divergence)], U, 2), "math")
    if isinstance(divergence, divergences.TotalVariation):
        assert gap == 0.0
    else:
        assert gap == pytest.approx(
            sum(y * (x / y) ** 2 * second(x / y) for x, y in zip(p, q, strict=True)) * h**2 / 2, rel=1e-6, abs=0.0
        )


@every_divergence
def test_infinite_logits(divergence):
    # A sure critic that is wrong somewhere is worth -inf (unless the critic is bounded there), never NaN.
    for logit in (numpy.inf, -numpy.inf):
        value = float(divergence.bound([0.5, 0.5], [0.5, 0.5], [logit, 0.0]))
        # The chi-squared critic is -2 at least: -2 p + q there.
        finite = {("TotalVariation()", logit): 0.0, ("Pearson()", -numpy.inf): -0.5}
        # Le Cam's critic is 1 or -3, its conjugate 3 or -1; Neyman's 1 and 2; those of order a > 1 are
        # -1 / (a - 1) and -1 / a at the left end, of a < 0 1 / (1 - a) and -1 / a at the right one.
        finite |= {("LeCam()", logit): -1.0, ("Neyman()", numpy.inf): -0.5}
        finite |= {("AlphaDivergence(alpha=2.5)", -numpy.inf): (-2 / 3 + 2 / 5) / 2}
        finite |= {("AlphaDivergence(alpha=-1.5)", numpy.inf): (2 / 5 - 2 / 3) / 2}
        assert value == pytest.approx(finite.get((repr(divergence), logit), -math.inf), rel=1e-15)
        assert float(divergence.gap([0.5, 0.5], [0.5, 0.5], [logit, 0.0])) >= 0.0
    # Sure where the other law has no mass: right, and worth no NaN.
    p, q, sure = [0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, numpy.inf, -numpy.inf]
    assert float(divergence.bound(p, q, sure)) == pytest.approx(float(divergence(p, q)), abs=1e-15)
    assert float(divergence.gap(p, q, sure)) >= 0.0
    with pytest.raises(ValueError, match="`logit` must not hold NaN"):
        divergence.bound([0.5, 0.5], [0.5, 0.5], [numpy.nan, 0.0])


def test_bound_of_a_discriminator_is_the_gan_value():
    # At D = 1/2: E_p log D + E_q log(1 - D) = -log 4.
    value = divergences.GANDivergence().bound([0.5, 0.5], [0.25, 0.75], 0.0)
    assert float(value) == pytest.approx(-math.log(4), rel=1e-15, abs=0.0)
