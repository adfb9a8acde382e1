"""Laws of the dual side of f-divergences: conjugates, critics, activations, bounds, gaps and gradients."""

import math

import mpmath
import numpy
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from gamedyn import divergences
from tests.cases import PRECISE
from tests.laws.test_divergences import GENERATORS, U, every_divergence, generator_of, pairs_of_pmfs

every_precise_one = pytest.mark.parametrize("divergence", PRECISE, ids=repr)


@every_precise_one
def test_conjugate_is_the_supremum(divergence):
    # sup over u >= 0 of u t - f(u): the concave function is maximised by golden section at 60 digits.
    f = generator_of(divergence)
    domain = {
        "ReverseKullbackLeibler()": 0,
        "JensenShannon()": math.log(2) / 2,
        "SquaredHellinger()": 0.5,
        "TotalVariation()": 0.5,
    }
    domain["GANDivergence()"] = 0
    domain["JensenShannon(weight=0.3)"] = -0.3 * math.log(0.3)
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


@every_precise_one
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
def test_output_activations(divergence, library):
    # Increasing, and within the domain of the conjugate: the sign traps of f-GANs.
    v = numpy.linspace(-12.0, 12.0, 97)
    activated = divergence.output_activation(library.asarray(v))
    assert library.owns(activated)
    steps = numpy.diff(library.host(activated))
    assert (steps >= 0).all()
    assert (steps[36:60] > 0).all()
    assert numpy.isfinite(library.host(divergence.conjugate(activated))).all()


ACTIVATIONS = {
    "KullbackLeibler()": lambda v: v,
    "ReverseKullbackLeibler()": lambda v: -mpmath.exp(-v),
    "JensenShannon()": lambda v: (mpmath.log(2) - mpmath.log(1 + mpmath.exp(-v))) / 2,
    "JensenShannon(weight=0.3)": lambda v: -0.3 * mpmath.log(0.3) - 0.3 * mpmath.log(1 + mpmath.exp(-v)),
    "TotalVariation()": lambda v: mpmath.tanh(v) / 2,
    "SquaredHellinger()": lambda v: (1 - mpmath.exp(-v)) / 2,
    "Pearson()": lambda v: v,
    "Neyman()": lambda v: 1 - mpmath.exp(-v),
    "Jeffreys()": lambda v: v,
    "LeCam()": lambda v: 1 - 4 / (1 + mpmath.exp(v)) ** 2,
    "AlphaDivergence(alpha=0.0)": lambda v: 1 - mpmath.log(1 + mpmath.exp(-v)),
    "AlphaDivergence(alpha=0.3)": lambda v: 1 / mpmath.mpf(0.7) - mpmath.log(1 + mpmath.exp(-v)),
    "AlphaDivergence(alpha=1.0)": lambda v: v,
    "AlphaDivergence(alpha=2.5)": lambda v: v,
    "AlphaDivergence(alpha=-1.5)": lambda v: mpmath.mpf(2) / 5 - mpmath.log(1 + mpmath.exp(-v)),
    "GANDivergence()": lambda v: -mpmath.log(1 + mpmath.exp(-v)),
}


@every_precise_one
def test_output_activations_are_those_of_the_table(divergence):
    for v in (-7.0, -0.5, 0.0, 1e-3, 2.0, 30.0):
        with mpmath.workdps(40):
            expected = float(ACTIVATIONS[repr(divergence)](mpmath.mpf(v)))
        assert float(divergence.output_activation(v)) == pytest.approx(expected, rel=4e-15, abs=1e-16)


@every_divergence
@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("log", [False, True])
def test_gradients_are_those_of_theory(divergence, normalize, log, rng):
    # d/dp = f'(u) - f'(1), d/dq = f(u) - u f'(u) + f'(1) of the generalised form; the GAN's sum has no f'(1) in it.
    f = generator_of(divergence)
    slope = sympy.lambdify(U, sympy.diff(GENERATORS[repr(divergence)], U), "mpmath")
    p, q = rng.dirichlet(numpy.ones(5), size=2)
    q[0] = p[0] * (1 + 1e-6)
    if not normalize:
        q /= q.sum()
    plain = isinstance(divergence, (divergences.GANDivergence, divergences.TotalVariation))
    with mpmath.workdps(40):
        masses = [[mpmath.mpf(float(x)) for x in row] for row in (p, q)]
        sums = [mpmath.fsum(row) if normalize else mpmath.mpf(1) for row in masses]
        masses = [[x / total for x in row] for row, total in zip(masses, sums, strict=True)]
        centre = 0 if plain else slope(mpmath.mpf(1))
        ratios = [x / y for x, y in zip(*masses, strict=True)]
        expected = [
            [slope(u) - centre for u in ratios],
            [f(u) - u * slope(u) + centre for u in ratios],
        ]
        for k in (0, 1):
            if normalize:
                mean = mpmath.fsum(x * g for x, g in zip(masses[k], expected[k], strict=True))
                expected[k] = [(g - mean) / sums[k] for g in expected[k]]
            if log:
                expected[k] = [g * x * sums[k] for g, x in zip(expected[k], masses[k], strict=True)]
        expected = numpy.array([[float(g) for g in row] for row in expected])
    given = (numpy.log(p), numpy.log(q)) if log else (p, q)
    value, gradients = divergence.value_and_grad(*given, normalize=normalize, log=log)
    assert float(value) == pytest.approx(float(divergence(p, q, normalize=normalize)), rel=1e-12, abs=1e-15)
    # The logarithms of masses that differ by 1e-6 have rounded that difference to 1e-10 of itself.
    for gradient, exact in zip(gradients, expected, strict=True):
        numpy.testing.assert_allclose(gradient, exact, rtol=1e-9 if log else 1e-12, atol=1e-15)


@every_divergence
def test_gradients_are_finite_at_zeros_and_ties(divergence, library):
    p = [[0.5, 0.5, 0.0], [0.25, 0.5, 0.25], [0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]
    q = [[0.25, 0.5, 0.25], [0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [0.0, 1.0, 0.0]]
    for normalize in (False, True, None):
        value, gradients = divergence.value_and_grad(library.asarray(p), library.asarray(q), normalize=normalize)
        assert library.owns(value)
        numpy.testing.assert_allclose(
            library.host(value), divergence(numpy.array(p), numpy.array(q)), rtol=1e-14, atol=1e-15
        )
        for gradient in gradients:
            assert library.owns(gradient)
            assert numpy.isfinite(library.host(gradient)).all()
    by_p, by_q = (library.host(g) for g in divergence.value_and_grad(library.asarray(p), library.asarray(q))[1])
    if not isinstance(divergence, divergences.GANDivergence):
        # Equal masses: at the minimum.
        assert abs(by_p[2]).max() < 1e-12
        assert abs(by_q[2]).max() < 1e-12
    # Outcomes that both lack do not count, and where one is 0 the derivative is the limit if that is finite, else 0.
    assert by_p[3, 2] == by_q[3, 2] == 0.0
    at_zero = float(divergence.slope_at_zero)
    if math.isfinite(at_zero):
        centre = _centre(divergence)
        assert by_q[0, 2] == pytest.approx(at_zero + centre, abs=1e-12)
    if math.isfinite(divergence.slope_at_infinity):
        assert by_p[1, 2] == pytest.approx(divergence.slope_at_infinity - _centre(divergence), abs=1e-12)


def _centre(divergence):
    """f'(1) where the terms subtract it."""
    return {"KullbackLeibler()": 1.0, "ReverseKullbackLeibler()": -1.0}.get(repr(divergence), 0.0)


@every_divergence
def test_critic_attains_the_bound(divergence, library, rng):
    p, q = pairs_of_pmfs(rng)
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


@every_precise_one
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


@every_precise_one
@pytest.mark.parametrize(("dtype", "size"), [("float64", 800.0), ("float64", 740.0), ("float32", 110.0)])
def test_gap_of_logits_whose_exponential_is_out_of_range(divergence, dtype, size):
    # q [f(u) - f(w) - f'(w) (u - w)] at w = e^logit, from the generator alone, whose parts cancel.
    if isinstance(divergence, divergences.TotalVariation):
        pytest.skip("its generator has no derivative at 1")
    p, q = numpy.array([0.25, 0.75], dtype), numpy.array([0.625, 0.375], dtype)
    f, slope = generator_of(divergence), sympy.lambdify(U, sympy.diff(GENERATORS[repr(divergence)], U), "mpmath")
    for logit in (-size, size):
        with mpmath.workdps(1500):
            exact = mpmath.mpf(0)
            for x, y, v in zip(p.tolist(), q.tolist(), (logit, 0.5), strict=True):
                u, w = mpmath.mpf(x) / y, mpmath.exp(mpmath.mpf(v))
                exact += y * (f(u) - f(w) - slope(w) * (u - w))
        gap = divergence.gap(p, q, numpy.array([logit, 0.5], dtype))
        # What is out of range is inf.
        largest = float(numpy.finfo(dtype).max)
        expected = math.inf if exact > largest else float(exact)
        assert gap.dtype == dtype
        assert float(gap) == pytest.approx(expected, rel=1e-12 if dtype == "float64" else 1e-4)


@every_precise_one
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
        gap = float(divergence.gap([0.5, 0.5], [0.5, 0.5], [logit, 0.0]))
        # The divergence is 0, or -log 4 for the GAN.
        assert gap == pytest.approx(float(divergence([0.5, 0.5], [0.5, 0.5])) - value, rel=1e-15)
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
