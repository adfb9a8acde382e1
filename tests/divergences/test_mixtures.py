"""Mixtures of normal laws: brackets that hold the value found by quadrature, and the variational approximation."""

import math

import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn import divergences
from gamedyn.divergences import _mixture_bounds_on_line, jensen_shannon_divergence, kl_divergence, variational_kl
from gamedyn.divergences._mixture_bounds import _product_bounds, _variational_upper_bound
from gamedyn.divergences._mixture_bounds_on_line import kl_bounds_on_line
from gamedyn.divergences._normal_mixtures import normal_mixtures


def _on_line(rng, size):
    parts = [laws.Normal(3 * rng.normal(), 10 ** rng.uniform(-1, 0.5)) for _ in range(size)]
    return laws.Mixture(rng.dirichlet(numpy.ones(size)), parts)


def _in_space(rng, size, d):
    roots = rng.normal(size=(size, d, d)) + 1.5 * numpy.eye(d)
    parts = [laws.MultivariateNormal(2 * rng.normal(size=d), root @ root.T) for root in roots]
    return laws.Mixture(rng.dirichlet(numpy.ones(size)), parts)


def test_brackets_on_the_line_hold_the_value(rng):
    for _ in range(12):
        p, q = _on_line(rng, rng.integers(1, 5)), _on_line(rng, rng.integers(1, 5))
        truth = float(kl_divergence(p, q, method="quadrature"))
        (first,), (second,) = normal_mixtures(p, ()), normal_mixtures(q, ())
        for lower, upper in (kl_bounds_on_line(first, second), _product_bounds(first, second)):
            assert lower <= truth <= upper
        assert truth <= _variational_upper_bound(first, second) * (1 + 1e-12)
        estimate = kl_divergence(p, q, method="bounds", return_estimate=True)
        assert estimate.level == 1.0
        assert float(estimate.lower) <= truth <= float(estimate.upper)
        assert float(estimate.upper - estimate.lower) < 0.005 * (1 + truth)
        assert float(estimate.value) == pytest.approx(float(estimate.lower + estimate.upper) / 2)


def test_wide_narrow_and_shared_components(rng):
    # Equal widest components, whose ratio does not vanish in the tails; a spike; and components given twice.
    wide, spike = laws.Normal(1.0, 5.0), laws.Normal(0.0, 1e-3)
    cases = [
        (laws.Mixture([0.5, 0.5], [wide, laws.Normal(-1.0, 5.0)]), laws.Mixture([0.9, 0.1], [wide, spike])),
        (laws.Mixture([0.3, 0.7], [wide, wide]), laws.Mixture([0.5, 0.5], [wide, laws.Normal(1.0, 1.0)])),
        (laws.Mixture([0.5, 0.5], [spike, laws.Normal(30.0, 1.0)]), wide),
    ]
    for p, q in cases:
        truth = float(kl_divergence(p, q, method="quadrature"))
        lower, upper = kl_bounds_on_line(normal_mixtures(p, ())[0], normal_mixtures(q, ())[0])
        # Without the widening for rounding, which matters where a bracket closes.
        assert lower * (1 - 1e-14) <= truth <= upper * (1 + 1e-14)
        assert upper - lower < 0.005 * (1 + truth)


def test_coarse_brackets_on_the_line_hold_the_value(rng, monkeypatch):
    # With three cuts for each component the ratios of components turn inside of pieces, and tails begin early.
    monkeypatch.setattr(_mixture_bounds_on_line, "_CUTS", numpy.array([-0.75, 0.5, 1.5]))
    widest = 0.0
    for _ in range(60):
        p, q = _on_line(rng, rng.integers(2, 5)), _on_line(rng, rng.integers(2, 5))
        truth = float(kl_divergence(p, q, method="quadrature"))
        lower, upper = kl_bounds_on_line(normal_mixtures(p, ())[0], normal_mixtures(q, ())[0])
        assert lower <= truth <= upper
        widest = max(widest, upper - lower)
    assert widest > 0.1


def test_pieces_hold_the_logarithm_at_every_point(rng):
    # Between cuts log p is the log of the chosen component plus something within the two bounds, turning points too.
    cuts = numpy.array([-9.0, -2.0, -0.5, 1.0, 4.0, 9.0])
    for _ in range(40):
        (law,) = normal_mixtures(_on_line(rng, 3), ())
        moments = _mixture_bounds_on_line._moments(law, cuts[:-1], cuts[1:])
        _, low, high = _mixture_bounds_on_line._piecewise(law, cuts[:-1], cuts[1:], law, moments)
        means, deviations = law.means, numpy.sqrt(law.covariances[:, 0])
        constants = numpy.log(law.weights / (deviations[:, 0] * math.sqrt(2 * math.pi)))
        ends = cuts[:-1], cuts[1:]
        chosen = _mixture_bounds_on_line._dominating(constants, means[:, 0], deviations[:, 0], *ends)
        for k, (left, right) in enumerate(zip(*ends, strict=True)):
            x = numpy.linspace(left, right, 101)
            logs = constants[:, None] - ((x - means) / deviations) ** 2 / 2
            extra = numpy.logaddexp.reduce(logs, axis=0) - logs[chosen[k]]
            assert low[k] <= extra.min() * (1 + 1e-9) + 1e-12
            assert extra.max() <= high[k] * (1 + 1e-9) + 1e-12


def test_brackets_in_the_plane_hold_the_value(rng):
    for _ in range(3):
        p, q = _in_space(rng, 2, 2), _in_space(rng, 2, 2)
        truth = float(kl_divergence(p, q, method="quadrature"))
        estimate = kl_divergence(p, q, method="bounds", return_estimate=True)
        assert float(estimate.lower) <= truth <= float(estimate.upper)
        (first,), (second,) = normal_mixtures(p, ()), normal_mixtures(q, ())
        lower, upper = _product_bounds(first, second)
        assert lower <= truth <= upper
        assert truth <= _variational_upper_bound(first, second)


def test_matched_pairs_far_apart_are_exact():
    # Two pairs out of sight of each other: KL of the weights plus the mean of the pairs' KL, and the bound is that.
    p = laws.Mixture([0.5, 0.5], [laws.Normal(0.0, 1.0), laws.Normal(200.0, 1.0)])
    q = laws.Mixture([0.25, 0.75], [laws.Normal(201.0, 1.0), laws.Normal(0.5, 1.0)])
    truth = 0.5 * (math.log(0.5 / 0.75) + 0.125) + 0.5 * (math.log(0.5 / 0.25) + 0.5)
    (first,), (second,) = normal_mixtures(p, ()), normal_mixtures(q, ())
    assert _variational_upper_bound(first, second) == pytest.approx(truth, rel=1e-12, abs=0.0)
    assert float(variational_kl(p, q)) == pytest.approx(truth, rel=1e-12, abs=0.0)


def test_bounds_of_one_component_are_the_formula():
    p, q = laws.Normal(0.0, 1.0), laws.Normal([1.0, 2.0], 1.0)
    estimate = kl_divergence(p, q, method="bounds", return_estimate=True)
    numpy.testing.assert_allclose(estimate.lower, [0.5, 2.0], rtol=1e-11)
    numpy.testing.assert_allclose(estimate.upper, [0.5, 2.0], rtol=1e-11)
    assert (estimate.lower <= estimate.value).all()


def test_what_is_made_of_kl(rng):
    p, q = _on_line(rng, 2), _on_line(rng, 3)
    for divergence in (
        divergences.JensenShannon(),
        divergences.ReverseKullbackLeibler(),
        divergences.GANDivergence(),
    ):
        truth = float(divergence(p, q, method="quadrature"))
        estimate = divergence(p, q, method="bounds", return_estimate=True)
        assert float(estimate.lower) <= truth <= float(estimate.upper)
        assert float(estimate.upper - estimate.lower) < 0.005 * (1 + abs(truth))
    far = jensen_shannon_divergence(
        laws.Normal(0.0, 1.0), laws.Normal(90.0, 1.0), method="bounds", return_estimate=True
    )
    assert float(far.upper) == math.log(2)


def test_variational_approximation(rng):
    p, q = _on_line(rng, 3), _on_line(rng, 2)
    assert float(variational_kl(p, p)) == pytest.approx(0.0, abs=1e-15)
    # Its own two bounds on E log p and E log q come from normal components alone.
    (first,), (second,) = normal_mixtures(p, ()), normal_mixtures(q, ())
    by_hand = 0.0
    for w, mean, covariance in zip(first.weights, first.means, first.covariances, strict=True):
        sums = []
        for law in (first, second):
            kl = [
                math.log(math.sqrt(s[0, 0] / covariance[0, 0]))
                + (covariance[0, 0] + (mean[0] - m[0]) ** 2) / (2 * s[0, 0])
                - 0.5
                for m, s in zip(law.means, law.covariances, strict=True)
            ]
            sums.append(math.log(sum(b * math.exp(-k) for b, k in zip(law.weights, kl, strict=True))))
        by_hand += w * (sums[0] - sums[1])
    assert float(variational_kl(p, q)) == pytest.approx(by_hand, rel=1e-12, abs=0.0)
    batch = laws.Mixture([0.5, 0.5], [laws.Normal(numpy.zeros((3, 1)), 1.0), laws.Normal(1.0, 1.0)])
    assert variational_kl(batch, laws.Normal(numpy.zeros(4), 1.0)).shape == (3, 4)


def test_mixtures_of_every_library(library):
    parts = [laws.Normal(library.asarray(m), library.asarray(1.0)) for m in (0.0, 2.0)]
    p, q = laws.Mixture(library.asarray([0.5, 0.5]), parts), laws.Normal(library.asarray([0.0, 1.0]), 1.0)
    assert library.owns(variational_kl(p, q))
    estimate = kl_divergence(p, q, method="bounds", return_estimate=True)
    assert library.owns(estimate.value)
    assert library.owns(estimate.upper)


def test_bad_input():
    p = laws.Mixture([0.5, 0.5], [laws.Laplace(0.0, 1.0), laws.Normal(0.0, 1.0)])
    with pytest.raises(ValueError, match="serves normal laws and their mixtures, got Mixture and Mixture"):
        kl_divergence(p, p, method="bounds")
    with pytest.raises(ValueError, match=r"serves GANDivergence, .*, got Pearson"):
        divergences.pearson_divergence(laws.Normal(0.0, 1.0), laws.Normal(0.0, 1.0), method="bounds")
    atoms = laws.Empirical([0.0, 1.0])
    with pytest.raises(ValueError, match="must have a closed form, got Empirical and Empirical"):
        variational_kl(atoms, atoms)
    with pytest.raises(TypeError, match="`p` must be a Distribution"):
        variational_kl([0.5, 0.5], laws.Normal(0.0, 1.0))
