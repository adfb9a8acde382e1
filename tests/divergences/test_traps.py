"""Mistakes that libraries have made with divergences, each as a case that comes out right here."""

import math
import warnings

import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn import divergences
from gamedyn.divergences import (
    jensen_shannon_distance,
    jensen_shannon_divergence,
    kl_divergence,
    total_variation_distance,
)
from tests.divergences.oracles import exact_divergence, relative_error


def test_js_of_subnormal_masses_is_finite():
    # The ratio of 1 to 5e-324 overflows.
    value = jensen_shannon_divergence([1.0, 0.0], [1.0, 5e-324])
    assert 0 <= float(value) < 1e-300
    assert float(jensen_shannon_divergence([0.0, 1.0], [5e-324, 1.0])) < 1e-300
    assert float(kl_divergence([0.5, 0.5], [1.0, 5e-324])) == pytest.approx(
        0.5 * (math.log(0.5) + math.log(0.5) + 1074 * math.log(2)), rel=1e-14, abs=0.0
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_js_distance_of_nearly_equal_pmfs_is_a_number(dtype, rng):
    # The root of a sum that rounds to -1e-9 is NaN.
    p = rng.dirichlet(numpy.ones(500), size=200).astype(dtype)
    q = p * (1 + numpy.finfo(dtype).eps * rng.integers(-1, 2, p.shape)).astype(dtype)
    for a, b in ((p, q), (p, p.copy())):
        assert (jensen_shannon_distance(a, b, normalize=True) >= 0).all()


@pytest.mark.parametrize(("dtype", "mass"), [("float64", 5e-324), ("float64", 1e-310), ("float32", 1e-42)])
def test_kl_of_a_subnormal_mass_where_the_other_has_none_is_infinite(dtype, mass):
    p, q = numpy.array([mass, 1.0], dtype), numpy.array([0.0, 1.0], dtype)
    assert float(kl_divergence(p, q)) == math.inf
    assert 0 < float(kl_divergence(q, p)) < 1e-37


def test_nothing_is_normalised_silently():
    with pytest.raises(ValueError, match="must sum to 1"):
        jensen_shannon_divergence([1.0, 1.0], [1.0, 3.0])
    with pytest.raises(ValueError, match="non-negative"):
        jensen_shannon_divergence([-0.1, 1.1], [0.5, 0.5])
    with pytest.raises(ValueError, match="the sum of `p`"):
        jensen_shannon_divergence([0.0, 0.0], [0.5, 0.5], normalize=True)


def test_rows_are_pmfs_by_default():
    p = numpy.array([[0.5, 0.5], [1.0, 0.0]])
    q = numpy.array([[0.25, 0.75], [0.0, 1.0]])
    assert jensen_shannon_divergence(p, q).shape == (2,)
    assert float(jensen_shannon_divergence(p, q)[1]) == math.log(2)


def test_the_distance_is_the_root_of_the_divergence():
    p, q = [0.5, 0.5], [0.25, 0.75]
    assert float(jensen_shannon_distance(p, q)) ** 2 == pytest.approx(
        float(jensen_shannon_divergence(p, q)), rel=1e-15, abs=0.0
    )


def test_the_first_argument_is_the_data_and_sums_are_sums():
    # sum, not mean over outcomes; p first; q = 0 counts only where p > 0.
    assert float(kl_divergence([1.0, 0.0], [0.5, 0.5])) == pytest.approx(math.log(2), rel=1e-15, abs=0.0)
    assert float(kl_divergence([0.5, 0.5], [1.0, 0.0])) == math.inf
    log_p, log_q = [0.0, -math.inf], [math.log(0.5), math.log(0.5)]
    assert float(kl_divergence(log_p, log_q, log=True)) == pytest.approx(math.log(2), rel=1e-15, abs=0.0)
    assert float(kl_divergence([0.5, 0.5, 0.0], [0.5, 0.5, 0.0])) == 0.0
    both = [math.log(0.5), math.log(0.5), -math.inf]
    assert float(kl_divergence(both, both, log=True)) == 0.0


def test_disjoint_supports():
    assert float(kl_divergence([1.0, 0.0], [0.0, 1.0])) == math.inf
    assert float(total_variation_distance([1.0, 0.0], [0.0, 1.0])) == 1.0
    assert float(kl_divergence(laws.Uniform(0.0, 1.0), laws.Uniform(2.0, 3.0))) == math.inf


def test_single_precision_near_the_diagonal(rng):
    # KL = 4e-9 in float32, where sums of p log(p / q) are wrong by a factor of 20, or negative.
    p = rng.dirichlet(numpy.full(200, 10.0)).astype("float32")
    q = (p * (1 + 1e-4 * rng.standard_normal(200))).astype("float32")
    truth = exact_divergence("KullbackLeibler()", p, q)
    assert truth < 1e-8
    assert relative_error(kl_divergence(p, q, normalize=True), truth) < 1e-3


def test_rare_outcomes_are_not_clamped():
    assert float(kl_divergence([0.5, 0.5], [1.0, 1e-30])) == pytest.approx(
        0.5 * math.log(0.5) + 0.5 * (math.log(0.5) + 30 * math.log(10)), rel=1e-14, abs=0.0
    )


CLOSED = [
    (lambda a: laws.Normal(a, 1.0), lambda a: laws.Normal(a, 2.0)),
    (lambda a: laws.Normal(a, 1.0), lambda a: laws.Laplace(a, 2.0)),
    (lambda a: laws.Normal(a, 1.0), lambda a: laws.Uniform(a, a + 1.0)),
    (lambda a: laws.Laplace(a, 1.0), lambda a: laws.Laplace(a, 2.0)),
    (lambda a: laws.Laplace(a, 1.0), lambda a: laws.Normal(a, 2.0)),
    (lambda a: laws.Exponential(a), lambda a: laws.Exponential(a + 1.0)),
    (lambda a: laws.Exponential(a), lambda a: laws.Normal(a, 1.0)),
    (lambda a: laws.Uniform(a, a + 1.0), lambda a: laws.Uniform(a - 9.0, a + 9.0)),
    (lambda a: laws.Uniform(a, a + 1.0), lambda a: laws.Normal(a, 1.0)),
    (lambda a: laws.Uniform(a, a + 1.0), lambda a: laws.Exponential(a)),
    (lambda a: laws.Bernoulli(probs=a / 8), lambda a: laws.Bernoulli(probs=a / 9)),
    (
        lambda a: laws.Categorical(probs=numpy.stack([a / 8, 1 - a / 8], axis=-1)),
        lambda a: laws.Categorical(probs=numpy.stack([a / 9, 1 - a / 9], axis=-1)),
    ),
    (
        lambda a: laws.MultivariateNormal(numpy.stack([a, a], axis=-1), numpy.eye(2)),
        lambda a: laws.MultivariateNormal(numpy.stack([a, -a], axis=-1), 2 * numpy.eye(2)),
    ),
]


@pytest.mark.parametrize("pair", CLOSED, ids=[str(i) for i in range(len(CLOSED))])
@pytest.mark.parametrize(
    "divergence", [divergences.KullbackLeibler(), divergences.SquaredHellinger(), divergences.Pearson()], ids=repr
)
def test_every_closed_form_broadcasts(divergence, pair):
    first, second = numpy.array([[1.0], [2.0], [3.0]]), numpy.array([[1.0, 2.0, 3.0, 4.0]])
    value = divergence(pair[0](first), pair[1](second), n=50, rng=0)
    assert value.shape == (3, 4)
    alone = divergence(pair[0](first[1, 0]), pair[1](second[0, 2]), n=50, rng=0)
    if "Multivariate" not in repr(pair[0](1.0)) or not isinstance(divergence, divergences.Pearson):
        assert float(value[1, 2]) == pytest.approx(float(alone), rel=1e-11, abs=0.0)


def test_conjugates_are_those_of_nonnegative_ratios():
    # sup over u >= 0, not over all u: -f(0) to the left of f'(0).
    assert float(divergences.Pearson().conjugate(-5.0)) == -1.0
    assert float(divergences.LeCam().conjugate(-5.0)) == -1.0
    assert float(divergences.AlphaDivergence(3.0).conjugate(-5.0)) == pytest.approx(-1 / 3, rel=1e-15, abs=0.0)
    assert float(divergences.TotalVariation().conjugate(-5.0)) == -0.5
    assert float(divergences.JensenShannon().conjugate(-400.0)) == pytest.approx(-math.log(2) / 2, rel=1e-15, abs=0.0)


def test_activations_increase_and_need_no_clamp():
    # -e^v for reverse KL would decrease; log(1 - e^t) and log(-t) of an activation must not leave their domain.
    assert float(divergences.ReverseKullbackLeibler().output_activation(1.0)) == pytest.approx(-math.exp(-1), rel=1e-15)
    for divergence in (divergences.GANDivergence(), divergences.ReverseKullbackLeibler(), divergences.JensenShannon()):
        for v in (-500.0, 30.0, 500.0):
            fused = float(divergence.conjugate_from_logit(v))
            assert math.isfinite(fused)
        # At v = 40 the critic rounds to the end of its domain; the fused form is 40 - c all the same.
        slope = 0.5 if isinstance(divergence, divergences.JensenShannon) else 1.0
        step = float(divergence.conjugate_from_logit(41.0)) - float(divergence.conjugate_from_logit(40.0))
        assert step == pytest.approx(slope, rel=1e-13)


def test_gradients_at_zeros_are_numbers():
    # NaN, 0 and -1 elsewhere: of KL at p = 0 < q, 0 in p, where the derivative is -inf, and 1 in q.
    value, (by_p, by_q) = divergences.KullbackLeibler().value_and_grad([1.0, 0.0, 0.0], [0.5, 0.5, 0.0])
    assert float(value) == pytest.approx(math.log(2), rel=1e-15)
    assert by_p.tolist() == [pytest.approx(math.log(2), rel=1e-15), 0.0, 0.0]
    assert by_q.tolist() == [-1.0, 1.0, 0.0]
    by_logits = divergences.KullbackLeibler().value_and_grad([0.0, -math.inf], [-1.0, -1.0], log=True, normalize=True)
    for gradient in by_logits[1]:
        assert numpy.isfinite(gradient).all()


def test_the_jensen_shannon_generator_has_its_half():
    # The f-GAN paper's table lists twice this generator under the name.
    assert float(divergences.JensenShannon()([1.0, 0.0], [0.0, 1.0])) == math.log(2)


def test_the_critic_of_reverse_kl_increases():
    v = numpy.linspace(-3.0, 3.0, 50)
    for divergence in (divergences.ReverseKullbackLeibler(), divergences.KullbackLeibler(), divergences.Pearson()):
        assert (numpy.diff(divergence.critic_from_logit(v)) > 0).all()


def test_no_warnings_at_the_edges():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for p, q in (([1.0, 0.0], [0.0, 1.0]), ([1.0, 5e-324], [5e-324, 1.0]), ([1.0, 0.0], [1.0, 0.0])):
            for function in (kl_divergence, divergences.pearson_divergence, divergences.squared_hellinger_distance):
                function(p, q)
