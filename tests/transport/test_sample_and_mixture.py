"""W_1 between a sample and a mixture on the line, by distribution functions: closed cases, mpmath, and no quantile."""

import itertools
import math

import mpmath
import numpy
import pytest
from scipy.special import ndtr

from gamedyn.distributions import Empirical, Laplace, Mixture, Normal, StudentT
from gamedyn.transport import wasserstein_between_laws
from gamedyn.transport._sample_and_mixture import area_between

TWO = Mixture([0.3, 0.7], [Normal(-2.0, 0.5), Normal(3.0, 1.0)])
NARROW = Mixture([0.5, 0.25, 0.25], [Normal(0.0, 1e-6), Laplace(4.0, 1e-3), Normal(1e3, 2.0)])


@pytest.fixture(autouse=True)
def _no_quantile(request, monkeypatch):
    """A mixture's quantiles are what takes time."""
    if "by_quantiles" not in request.node.name:
        monkeypatch.setattr(Mixture, "icdf", None)


def folded(part, a):
    """E |X - a| of a component."""
    m = float(part.loc) - a
    s = float(part.scale)
    if isinstance(part, Laplace):
        return abs(m) + s * math.exp(-abs(m) / s)
    return s * math.sqrt(2 / math.pi) * math.exp(-((m / s) ** 2) / 2) + m * (1 - 2 * float(ndtr(-m / s)))


@pytest.mark.parametrize("law", [TWO, NARROW, Mixture([1.0, 0.0], [Laplace(1.0, 2.0), Normal(50.0, 1.0)])])
@pytest.mark.parametrize("a", [-1e4, -2.0, 0.0, 0.5, 3.0, 4.001, 60.0, 2e5])
def test_of_one_atom_it_is_the_mean_distance(law, a):
    expected = sum(w * folded(part, a) for w, part in zip(law.weights, law.components, strict=True))
    for pair in ((Empirical([a]), law), (law, Empirical([a]))):
        found = wasserstein_between_laws(*pair, return_estimate=True)
        assert float(found.value) == pytest.approx(expected, rel=2e-14, abs=0.0)
        assert abs(found.value - expected) <= found.standard_error + 4e-16 * expected
    # Atoms without mass are none.
    assert float(wasserstein_between_laws(Empirical([-1e6, a, 1e6], [0.0, 1.0, 0.0]), law)) == float(found.value)


def by_mpmath(atoms, masses, law):
    """The integral of |F - F_n| in 30 digits, cut at atoms and crossings."""
    with mpmath.workdps(30):

        def cdf(x):
            total = mpmath.mpf(0)
            for w, part in zip(law.weights, law.components, strict=True):
                total += mpmath.mpf(float(w)) * mpmath.ncdf((x - float(part.loc)) / float(part.scale))
            return total

        ends = [mpmath.mpf(float(x)) for x in (-30, *atoms, 30)]
        total, height = mpmath.mpf(0), mpmath.mpf(0)
        for k, (left, right) in enumerate(itertools.pairwise(ends)):
            height += mpmath.mpf(float(masses[k - 1])) if k else 0
            places = [left, *(mpmath.mpf(x) for x in range(-12, 13) if left < x < right), right]
            if cdf(left) < height < cdf(right):
                low, high = left, right
                for _ in range(100):
                    middle = (low + high) / 2
                    low, high = (middle, high) if cdf(middle) < height else (low, middle)
                places = sorted([*places, low])
            total += mpmath.quad(lambda x, c=height: abs(cdf(x) - c), places)
        return float(total)


@pytest.mark.parametrize("weights", [[0.25] * 4, [0.5, 0.125, 0.125, 0.25]])
def test_against_thirty_digits(weights):
    # Steps that F crosses, that it passes at an atom, and that it does not reach.
    atoms = [-2.5, -1.75, 2.0, 4.5]
    expected = by_mpmath(atoms, weights, TWO)
    found = wasserstein_between_laws(Empirical(atoms, weights), TWO, return_estimate=True)
    assert float(found.value) == pytest.approx(expected, rel=1e-13, abs=0.0)
    assert abs(found.value - expected) <= found.standard_error + 4e-16
    assert found.standard_error < 1e-10 * expected
    assert found.method == "adaptive Gauss-Kronrod quadrature of distribution functions"
    assert float(wasserstein_between_laws(TWO, Empirical(atoms, weights), power=True)) == float(found.value)


def test_a_sample_against_the_way_by_quantiles(rng):
    # A mixture of one normal law, whose quantiles are quick and exact.
    sample = Empirical(rng.normal(1.0, 2.0, 60), rng.dirichlet(numpy.ones(60)))
    expected = wasserstein_between_laws(sample, Normal(0.5, 1.5), return_estimate=True)
    assert "quantiles" in expected.method
    found = wasserstein_between_laws(sample, Mixture([1.0], [Normal(0.5, 1.5)]), return_estimate=True)
    assert float(found.value) == pytest.approx(float(expected.value), rel=1e-9, abs=0.0)


def test_a_sample_at_the_quantiles_of_the_law():
    # Midpoints of n equal shares: as near as n atoms come, and every step is crossed.
    x = numpy.linspace(-12.0, 12.0, 2_000_001)
    cdf = 0.3 * ndtr((x + 2) / 0.5) + 0.7 * ndtr(x - 3)
    atoms = numpy.interp((numpy.arange(100) + 0.5) / 100, cdf, x)
    area = numpy.abs(numpy.searchsorted(atoms, x, side="right") / 100 - cdf).sum() * (x[1] - x[0])
    assert float(wasserstein_between_laws(Empirical(atoms), TWO)) == pytest.approx(area, rel=1e-4)


def test_every_library_and_precision(library):
    law = Mixture(library.asarray([0.5, 0.5]), [Normal(library.asarray(m), 1.0) for m in (-1.0, 1.0)])
    found = wasserstein_between_laws(Empirical(library.asarray([0.0])), law)
    assert library.owns(found)
    expected = folded(Normal(1.0, 1.0), 0.0)
    assert float(library.host(found)) == pytest.approx(expected, rel=1e-14)
    single = Mixture(numpy.float32([0.5, 0.5]), [Normal(numpy.float32(m), numpy.float32(1.0)) for m in (-1, 1)])
    found = wasserstein_between_laws(Empirical(numpy.zeros(1, dtype=numpy.float32)), single)
    assert found.dtype == numpy.float32
    assert float(found) == pytest.approx(expected, rel=1e-7)


def test_other_laws_keep_the_way_by_quantiles():
    heavy = Mixture([0.5, 0.5], [StudentT(3.0, 0.0, 1.0), Normal(0.0, 1.0)])
    several = Mixture([0.5, 0.5], [Normal([0.0, 1.0], 1.0), Normal(0.0, 1.0)])
    atom = Empirical([0.0])
    for pair in ((atom, heavy), (atom, several), (TWO, TWO), (atom, Normal(0.0, 1.0)), (Empirical([[0.0, 1.0]]), TWO)):
        assert area_between(*pair, 1e-10) is None
    # W_2^2 = E X^2, with the mean 1.5, and the variance 0.3 * 0.25 + 0.7 + 0.21 * 5^2.
    second = wasserstein_between_laws(atom, TWO, 2, power=True)
    assert float(second) == pytest.approx(1.5**2 + 0.775 + 5.25, rel=1e-9, abs=0.0)


def test_a_tail_whose_mass_is_below_roundoff_may_hold_the_distance():
    # E |X| = sqrt(2 / pi) sum of weights times scales, of which the wide component gives ten elevenths.
    law = Mixture([1.0, 1e-17], [Normal(0.0, 1.0), Normal(0.0, 1e18)])
    found = wasserstein_between_laws(Empirical(numpy.zeros(1)), law)
    assert found == pytest.approx(math.sqrt(2 / math.pi) * 11, rel=1e-9, abs=0.0)
