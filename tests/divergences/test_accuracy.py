"""Every divergence keeps its digits: against 50-digit sums, from disjoint supports down to 1e-17."""

import mpmath
import numpy
import pytest

from gamedyn import divergences
from tests.cases import PRECISE
from tests.divergences.oracles import FORMULAS, exact_divergence, relative_error

every_divergence = pytest.mark.parametrize("divergence", PRECISE, ids=repr)
second_order = pytest.mark.parametrize(
    "divergence",
    [d for d in PRECISE if not isinstance(d, (divergences.TotalVariation, divergences.GANDivergence))],
    ids=repr,
)

EDGES = [
    ([1.0, 0.0], [0.0, 1.0]),
    ([0.5, 0.5, 0.0], [0.25, 0.75, 0.0]),
    ([0.5, 0.5], [1.0, 0.0]),
    ([1.0, 0.0], [0.5, 0.5]),
    ([1.0, 5e-324], [0.5, 0.5]),
    ([1e-10, 1 - 1e-10], [1e-12, 1 - 1e-12]),
    ([1.0, 1e-310], [1.0, 1e-300]),
    ([1.0, 1e-300], [1.0, 3e-310]),
    ([0.5, 0.5, 5e-324], [0.25, 0.75, 1e-323]),
    ([1.0], [1.0]),
    ([1 / 3, 2 / 3], [1 / 3, 2 / 3]),
]


@every_divergence
@pytest.mark.parametrize(("p", "q"), EDGES)
def test_edges(divergence, p, q):
    # 700 digits resolve 1 + 5e-324.
    truth = exact_divergence(repr(divergence), p, q, digits=700)
    assert relative_error(divergence(p, q, normalize=True), truth) < 1e-14


@every_divergence
@pytest.mark.parametrize("concentration", [0.01, 0.1, 1.0, 10.0])
def test_random(divergence, concentration, rng):
    for _ in range(10):
        size = int(rng.integers(2, 100))
        p, q = rng.dirichlet(numpy.full((2, size), concentration)[0], size=2)
        truth = exact_divergence(repr(divergence), p, q)
        assert relative_error(divergence(p, q), truth) < 1e-13
        assert relative_error(divergence(p, q, normalize=True), truth) < 1e-13


@second_order
@pytest.mark.parametrize("step", [1e-2, 1e-4, 1e-6, 1e-8])
@pytest.mark.parametrize("normalize", [False, True])
def test_near_the_diagonal(divergence, step, normalize, rng):
    # step = 1e-8 gives KL near 1e-17, where the sum of p log(p / q) has no digit left.
    for _ in range(5):
        p = rng.dirichlet(numpy.full(200, 10.0))
        q = p * (1 + step * rng.standard_normal(200))
        q = q / q.sum()
        truth = exact_divergence(repr(divergence), p, q)
        assert truth < 10 * step**2
        assert relative_error(divergence(p, q, normalize=normalize), truth) < 2e-14


@second_order
@pytest.mark.parametrize("contrast", [0.03, 0.07, 0.0999, 0.1001, 0.15])
def test_where_series_and_closed_forms_meet(divergence, contrast):
    # Both outcomes at one contrast |p - q| / (p + q), with an empty one and without: the general form and the faster.
    p, q = [(1 + contrast) / 2, (1 - contrast) / 2], [(1 - contrast) / 2, (1 + contrast) / 2]
    truth = exact_divergence(repr(divergence), p, q)
    assert relative_error(divergence(p, q), truth) < 2e-14
    assert relative_error(divergence([*p, 0.0], [*q, 0.0]), truth) < 2e-14


def test_total_variation_near_the_diagonal(rng):
    # First order in p - q: normalize=True undoes the rounding of the sums, without it p and q are taken as they are.
    p = rng.dirichlet(numpy.full(200, 10.0))
    q = p * (1 + 1e-8 * rng.standard_normal(200))
    truth = exact_divergence("TotalVariation()", p, q)
    assert relative_error(divergences.total_variation_distance(p, q, normalize=True), truth) < 1e-14


@every_divergence
def test_normalization_of_any_scale(divergence, rng):
    for _ in range(10):
        p, q = rng.dirichlet(numpy.ones(7), size=2) * 10.0 ** rng.uniform(-150, 150, (2, 1))
        truth = exact_divergence(repr(divergence), p, q)
        assert relative_error(divergence(p, q, normalize=True), truth) < 1e-13


@every_divergence
def test_log_probabilities(divergence, rng):
    # The truth is that of the rounded logarithms: 300 bins within 1e-3, and masses that underflow.
    log_p = numpy.log(rng.dirichlet(numpy.ones(30)))
    log_q = log_p + 1e-3 * rng.standard_normal(30)
    with mpmath.workdps(50):
        exact = [[mpmath.exp(mpmath.mpf(float(x))) for x in row] for row in (log_p, log_q)]
        sums = [mpmath.fsum(row) for row in exact]
        truth = FORMULAS[repr(divergence)](*[[x / s for x in row] for row, s in zip(exact, sums, strict=True)])
    # Subtracting the log of the sum rounds each logarithm to 1e-16 of its size, 1e-13 of the log-ratio.
    assert relative_error(divergence(log_p, log_q, log=True, normalize=True), truth) < 2e-12


@pytest.mark.parametrize("step", [1e-3, 1e-8])
def test_log_probabilities_near_the_diagonal(step):
    # Two logarithms that are close differ without rounding, their exponentials do not.
    log_p = numpy.log([0.3, 0.7])
    log_q = log_p + numpy.array([step, -step / 3])
    with mpmath.workdps(60):
        p, q = ([mpmath.exp(mpmath.mpf(float(x))) for x in row] for row in (log_p, log_q))
        kl = mpmath.fsum(a * mpmath.log(a / b) - a + b for a, b in zip(p, q, strict=True))
        variation = mpmath.fsum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2
    assert relative_error(divergences.kl_divergence(log_p, log_q, log=True, normalize=None), kl) < 1e-13
    value = divergences.total_variation_distance(log_p, log_q, log=True, normalize=None)
    assert relative_error(value, variation) < 1e-13


def test_ratios_that_underflow():
    # 5e-324 / 1e10 is 0 in double precision; KL = a log(a / b) - a + b is not infinite.
    value = divergences.kl_divergence([1e10, 1.0], [5e-324, 1.0], normalize=None)
    assert float(value) == pytest.approx(1e10 * (numpy.log(1e10) + 1074 * numpy.log(2)) - 1e10, rel=1e-14, abs=0.0)


def test_log_probabilities_below_the_smallest_number():
    # exp(-800) underflows, but the outcome is not empty: KL = 800 - 1 + log stays finite, and with -inf it does not.
    kl = divergences.kl_divergence
    assert float(kl([0.0, -numpy.inf], [-800.0, 0.0], log=True)) == 800.0
    assert float(kl([0.0, -numpy.inf], [-numpy.inf, 0.0], log=True)) == numpy.inf
    assert float(kl([0.0, -800.0], [0.0, -numpy.inf], log=True)) == numpy.inf
    assert float(kl([0.0, -800.0], [0.0, -900.0], log=True)) == 0.0


@every_divergence
def test_single_precision(divergence, rng):
    for step in (1.0, 1e-3):
        p = rng.dirichlet(numpy.full(50, 5.0)).astype("float32")
        q = (p * (1 + step * rng.uniform(-0.5, 0.5, 50))).astype("float32")
        q = q / q.sum()
        value = divergence(p, q, normalize=True)
        assert value.dtype == numpy.float32
        assert relative_error(value, exact_divergence(repr(divergence), p, q)) < 2e-5


def test_unnormalised_masses_are_the_generalised_form():
    # sum p log(p / q) - p + q at p = (2, 1), q = (1, 1): 2 log 2 - 1.
    value = divergences.kl_divergence([2.0, 1.0], [1.0, 1.0], normalize=None)
    assert float(value) == pytest.approx(2 * numpy.log(2) - 1, rel=1e-15, abs=0.0)
    assert float(divergences.squared_hellinger_distance([4.0], [1.0], normalize=None)) == 0.5
    assert float(divergences.total_variation_distance([4.0], [1.0], normalize=None)) == 1.5
