"""Chernoff information against the maximum found by mpmath, theory, and its bounds."""

import math

import mpmath
import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn.divergences import bhattacharyya_distance, chernoff_information, kl_divergence
from tests.divergences.oracles import relative_error
from tests.divergences.pairs import FAMILIES


def _largest(exponent):
    """The maximum over [0, 1] of a concave function, by golden sections at the precision of mpmath."""
    golden = (mpmath.sqrt(5) - 1) / 2
    a, b = mpmath.mpf(0), mpmath.mpf(1)
    # The error of the place enters squared.
    for _ in range(60):
        left, right = b - golden * (b - a), a + golden * (b - a)
        a, b = (left, b) if exponent(left) < exponent(right) else (a, right)
    return exponent((a + b) / 2)


@pytest.mark.parametrize("step", [None, 0.1, 1e-2, 1e-6, 1e-11])
def test_masses(step, rng):
    for _ in range(4):
        p, q = rng.dirichlet(numpy.ones(5), size=2)
        if step is not None:
            q = p * (1 + step * rng.normal(size=5))
            q /= q.sum()
        with mpmath.workdps(60):
            first, second = ([mpmath.mpf(float(x)) for x in row] for row in (p, q))
            # Divided by their sums, from which rounding is taken out.
            first, second = ([x / mpmath.fsum(row) for x in row] for row in (first, second))
            truth = _largest(
                lambda s, first=first, second=second: (
                    -mpmath.log(mpmath.fsum(a ** (1 - s) * b**s for a, b in zip(first, second, strict=True)))
                )
            )
            assert relative_error(chernoff_information(p, q, normalize=True), truth) < 3e-14
            if step is None:
                by_law = chernoff_information(laws.Categorical(probs=p), laws.Categorical(probs=q))
                assert relative_error(by_law, truth) < 1e-13


@pytest.mark.parametrize("name", [name for name, family in FAMILIES.items() if family.natural])
def test_exponential_families(name, rng):
    family = FAMILIES[name]
    for p, q in family.pairs(rng, 2):
        with mpmath.workdps(60):
            # -log integral p^(1 - s) q^s = s R_(1 - s)
            truth = _largest(lambda s, p=p, q=q: s * family.renyi(p, q, 1 - s))
            value = chernoff_information(family.law(p), family.law(q))
            assert relative_error(value, truth) < 1e-13


def test_theory():
    # Equal scales: the middle is the middle, |m|^2 / 8; and scales alone, where s solves a linear equation.
    p = laws.MultivariateNormal([0.0, 0.0], [[2.0, 0.0], [0.0, 1.0]])
    q = laws.MultivariateNormal([2.0, 0.0], [[2.0, 0.0], [0.0, 1.0]])
    assert float(chernoff_information(p, q)) == pytest.approx(2.0**2 / 2 / 8, rel=1e-14, abs=0.0)
    # One law inside of the other: s -> 1 leaves -log of the mass in common.
    assert float(chernoff_information([0.5, 0.5, 0.0], [0.25, 0.25, 0.5])) == pytest.approx(math.log(2), rel=1e-12)
    assert float(chernoff_information([0.25, 0.25, 0.5], [0.5, 0.5, 0.0], base=2)) == pytest.approx(1.0, rel=1e-12)
    assert float(chernoff_information([1.0, 0.0], [0.0, 1.0])) == math.inf
    assert float(chernoff_information([0.25, 0.75], [0.25, 0.75])) == 0.0
    assert float(chernoff_information(laws.Uniform(0.0, 1.0), laws.Uniform(0.5, 1.5))) == pytest.approx(math.log(2))


def test_between_bhattacharyya_and_kl(rng):
    p, q = rng.dirichlet(numpy.ones(4), size=(2, 50))
    value = chernoff_information(p, q)
    assert value.shape == (50,)
    assert (value >= bhattacharyya_distance(p, q) * (1 - 1e-14)).all()
    assert (value <= numpy.minimum(kl_divergence(p, q), kl_divergence(q, p))).all()
    numpy.testing.assert_allclose(chernoff_information(q, p), value, rtol=1e-13)
    assert chernoff_information(p.T, q.T, axis=0, keepdims=True).shape == (1, 50)
    numpy.testing.assert_allclose(chernoff_information(numpy.log(p), numpy.log(q), log=True), value, rtol=1e-12)


def test_every_library(library):
    p, q = library.asarray([0.25, 0.75, 0.0]), library.asarray([0.5, 0.25, 0.25])
    value = chernoff_information(p, q)
    assert library.owns(value)
    expected = float(chernoff_information([0.25, 0.75, 0.0], [0.5, 0.25, 0.25]))
    assert float(library.host(value)) == pytest.approx(expected, rel=1e-14, abs=0.0)
    normal = laws.Normal(library.asarray([0.0, 1.0]), library.asarray(1.0))
    assert library.owns(chernoff_information(normal, laws.Normal(library.asarray(0.5), library.asarray(2.0))))


def test_bad_input():
    with pytest.raises(ValueError, match="must be pmfs, or laws of one exponential family, got Cauchy and Cauchy"):
        chernoff_information(laws.Cauchy(0.0, 1.0), laws.Cauchy(1.0, 1.0))
    with pytest.raises(TypeError, match="`q` must be a Distribution"):
        chernoff_information(laws.Normal(0.0, 1.0), [0.5, 0.5])
    with pytest.raises(ValueError, match="`p` must"):
        chernoff_information([0.5, -0.5, 1.0], [0.5, 0.25, 0.25])


def test_ends_of_the_range():
    # Where one support holds the other, q^s p^(1 - s) may be least at an end: -log q(support of p).
    assert float(chernoff_information([0.5, 0.25, 0.25], [0.5, 0.5, 0.0])) == pytest.approx(
        -math.log(0.75), rel=1e-15, abs=0.0
    )
    assert float(chernoff_information([0.25, 0.25, 0.5], [0.5, 0.5, 0.0])) == pytest.approx(
        math.log(2), rel=1e-15, abs=0.0
    )
