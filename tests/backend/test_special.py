"""Special functions of every library against SciPy and mpmath."""

import mpmath
import numpy
import pytest
import scipy.special

from gamedyn.backend import special

GRIDS = {
    "digamma": [-0.5, 1e-3, 0.3, 1.0, 1.4616, 7.0, 1e5],
    "erf": [-6.0, -0.3, 0.0, 1e-10, 1.0, 3.0],
    "erfc": [-3.0, 0.0, 1.0, 5.0, 10.0, 26.0],
    "erfinv": [-0.999, -0.2, 0.0, 1e-10, 0.5, 0.99999],
    "gammaln": [1e-10, 0.5, 1.0, 2.0, 3.7, 100.0, 1e10],
    "i0e": [-5.0, 0.0, 0.1, 3.0, 50.0, 1e4],
    "i1e": [-5.0, 0.0, 0.1, 3.0, 50.0, 1e4],
    "log_ndtr": [-1e3, -38.0, -20.5, -19.5, -5.0, -0.5, 0.0, 1.0, 8.0, 30.0],
    "ndtr": [-38.0, -12.0, -6.0, -1.0, 0.0, 2.0, 9.0],
    "ndtri": [1e-300, 1e-20, 1e-5, 0.2, 0.5, 0.9, 1 - 1e-10],
}


@pytest.mark.parametrize("name", GRIDS)
def test_every_function_is_scipys(name, library):
    xp = numpy if library.name.startswith("numpy") else library.xp
    result = getattr(special(xp), name)(library.asarray(GRIDS[name]))
    assert library.owns(result)
    expected = getattr(scipy.special, name)(numpy.array(GRIDS[name]))
    # digamma has a root at 1.46163; XLA flushes subnormals, such as ndtr(-38), to 0.
    floor = {"digamma": 5e-16, "ndtr": 3e-308}.get(name, 0.0)
    numpy.testing.assert_allclose(library.host(result), expected, rtol=2e-12, atol=floor)


@pytest.mark.parametrize("name", GRIDS)
def test_float32_stays(name, library):
    xp = numpy if library.name.startswith("numpy") else library.xp
    grid = [x for x in GRIDS[name] if not (name in ("ndtr", "ndtri", "erfc") and (x < -12 or x > 9 or 0 < x < 1e-30))]
    result = getattr(special(xp), name)(library.asarray(grid, "float32"))
    assert library.owns(result, "float32")
    expected = getattr(scipy.special, name)(numpy.array(grid, dtype="float32").astype(float))
    numpy.testing.assert_allclose(library.host(result), expected, rtol=2e-4, atol=1e-6)


# Incomplete functions and their inverses: the shapes, and where to look.
SHAPES = [0.3, 1.0, 4.5, 45.0, 228.0]
INCOMPLETE = {
    "gammainc": ([SHAPES], [0.1, 0.8, 1.0, 1.2]),
    "gammaincc": ([SHAPES], [0.1, 0.8, 1.0, 1.2]),
    "gammaincinv": ([SHAPES], [1e-12, 0.01, 0.5, 0.9]),
    "gammainccinv": ([SHAPES], [1e-12, 0.01, 0.5, 0.9]),
    "betainc": ([SHAPES, SHAPES[::-1]], [1e-4, 0.1, 0.5, 0.9]),
    "betaincc": ([SHAPES, SHAPES[::-1]], [1e-4, 0.1, 0.5, 0.9]),
    "betaincinv": ([SHAPES, SHAPES[::-1]], [1e-12, 0.01, 0.5, 0.9]),
    "betainccinv": ([SHAPES, SHAPES[::-1]], [1e-12, 0.01, 0.5, 0.9]),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_incomplete_functions(name, library):
    xp = numpy if library.name.startswith("numpy") else library.xp
    shapes, points = INCOMPLETE[name]
    x = numpy.array(points)[:, None] * (numpy.array(SHAPES) if name in ("gammainc", "gammaincc") else 1.0)
    arguments = [*(numpy.broadcast_to(shape, (4, 5)) for shape in shapes), numpy.broadcast_to(x, (4, 5))]
    result = getattr(special(xp), name)(*(library.asarray(a) for a in arguments))
    assert library.owns(result)
    numpy.testing.assert_allclose(library.host(result), getattr(scipy.special, name)(*arguments), rtol=2e-12)
    result = getattr(special(xp), name)(*(library.asarray(a, "float32") for a in arguments))
    assert library.owns(result, "float32")


def test_scipys_incomplete_functions_themselves():
    # The oracle of the test above, against 50 digits.
    with mpmath.workdps(50):
        for a in SHAPES:
            for t in (0.1, 0.8, 1.0, 1.2):
                lower = mpmath.gammainc(mpmath.mpf(a), 0, mpmath.mpf(a * t), regularized=True)
                assert float(special(numpy).gammainc(a, a * t)) == pytest.approx(float(lower), rel=1e-12, abs=0.0)
                assert float(special(numpy).gammaincc(a, a * t)) == pytest.approx(float(1 - lower), rel=1e-12, abs=0.0)
            for b, x in ((0.7, 0.1), (30.0, 0.02), (30.0, 0.9)):
                lower = mpmath.betainc(mpmath.mpf(a), mpmath.mpf(b), 0, mpmath.mpf(x), regularized=True)
                assert float(special(numpy).betainc(a, b, x)) == pytest.approx(float(lower), rel=1e-12, abs=0.0)
                assert float(special(numpy).betaincc(a, b, x)) == pytest.approx(float(1 - lower), rel=1e-12, abs=0.0)


@pytest.mark.peers
def test_incomplete_functions_are_traced_and_differentiated():
    import jax

    jax.config.update("jax_enable_x64", True)
    functions = special(jax.numpy)
    x = jax.numpy.asarray([0.05, 0.4])
    # The densities x^2 e^-x / 2, and x (1 - x)^4 / B(2, 5) with B(2, 5) = 1 / 30.
    slope = jax.grad(lambda v: jax.numpy.sum(functions.gammainc(jax.numpy.asarray(3.0), v)))(x)
    numpy.testing.assert_allclose(slope, x**2 * numpy.exp(-x) / 2, rtol=1e-12)
    slope = jax.grad(lambda v: jax.numpy.sum(functions.betaincc(jax.numpy.asarray(2.0), jax.numpy.asarray(5.0), v)))(x)
    numpy.testing.assert_allclose(slope, -30 * x * (1 - x) ** 4, rtol=1e-12)
    value = jax.jit(functions.betaincc)(jax.numpy.asarray(2.0), jax.numpy.asarray(5.0), x)
    numpy.testing.assert_allclose(value, scipy.special.betaincc(2.0, 5.0, numpy.asarray(x)), rtol=1e-12)


def test_scipy_itself_in_the_tails():
    # The oracle of the test above, against 50 digits.
    with mpmath.workdps(50):
        for x in GRIDS["log_ndtr"]:
            exact = float(mpmath.log(mpmath.erfc(-mpmath.mpf(x) / mpmath.sqrt(2)) / 2))
            assert float(special(numpy).log_ndtr(x)) == pytest.approx(exact, rel=1e-13)
        for x in GRIDS["ndtr"]:
            exact = float(mpmath.erfc(-mpmath.mpf(x) / mpmath.sqrt(2)) / 2)
            assert float(special(numpy).ndtr(x)) == pytest.approx(exact, rel=1e-12)


def test_unknown_functions_are_named():
    with pytest.raises(AttributeError, match=r"backend.special has no function 'bessel'; it has betainc, betaincc"):
        special(numpy).bessel  # noqa: B018


def test_functions_are_found_once():
    assert special(numpy) is special(numpy)
    assert special(numpy).erf is scipy.special.erf
