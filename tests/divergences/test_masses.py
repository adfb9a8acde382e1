"""Bad input is one clear sentence; axes, bases and broadcasting do what the arguments say."""

import numpy
import pytest

from gamedyn import divergences
from gamedyn.divergences import cross_entropy, entropy, f_divergence, jensen_shannon_distance, kl_divergence


@pytest.mark.parametrize(
    ("p", "options", "message"),
    [
        ([0.5, 0.6], {}, r"`p` must sum to 1 over its outcomes, got 1\.1\. Pass normalize=True"),
        ([[0.5, 0.5], [0.5, 0.6]], {}, r"got 1\.1 at batch index \(1,\)"),
        ([-0.1, 1.1], {}, r"`p` must hold finite non-negative probabilities, got -0\.1 at index \(0,\)"),
        ([[0.5, 0.5], [1.0, -1e-300]], {}, r"got -1e-300 at index \(1, 1\)"),
        ([0.5, numpy.nan], {}, r"`p` must not hold NaN, got one at index \(1,\)"),
        ([0.5, numpy.nan], {"normalize": None}, r"`p` must not hold NaN"),
        ([numpy.inf, 0.5], {"normalize": True}, r"got inf at index \(0,\)"),
        ([0.0, 0.0], {"normalize": True}, r"the sum of `p` must lie between .* got 0\."),
        ([1e300, 1.0], {"normalize": None}, r"the sum of `p` must lie between"),
        ([0.0, 0.0], {"log": True}, r"exp\(`p`\) must sum to 1 over its outcomes, got 2\."),
        ([numpy.inf, 0.0], {"log": True, "normalize": True}, r"finite log-probabilities or -inf, got inf"),
        ([0.5, 0.25, 0.25], {}, r"same number of outcomes, got 3 and 2"),
        ([], {}, r"`p` must have at least one outcome"),
        (1.0, {}, r"`p` has shape \(\), which has no axis -1"),
        ([0.5, 0.5], {"axis": 1}, r"has no axis 1"),
        ([0.5, 0.5], {"base": 1}, r"`base` must be greater than 1, got 1"),
    ],
)
def test_bad_values(p, options, message):
    with pytest.raises(ValueError, match=message):
        kl_divergence(p, [0.5, 0.5], **options)


def test_index_is_in_the_callers_order():
    q = numpy.full((2, 3), 0.5)
    p = q.copy()
    p[1, 2] = -0.5
    with pytest.raises(ValueError, match=r"`q` .* got -0\.5 at index \(1, 2\)"):
        kl_divergence(q, p, axis=0)


def test_bad_kinds():
    strict = pytest.importorskip("array_api_strict")
    with pytest.raises(TypeError, match="numpy and array_api_strict"):
        kl_divergence(numpy.array([0.5, 0.5]), strict.asarray([0.5, 0.5]))
    with pytest.raises(TypeError, match="`p` must be real"):
        kl_divergence(numpy.array([0.5 + 0j, 0.5]), [0.5, 0.5])
    with pytest.raises(TypeError, match="`normalize` must be True, False or None"):
        kl_divergence([0.5, 0.5], [0.5, 0.5], normalize="yes")
    with pytest.raises(TypeError, match="`base` must be a number"):
        kl_divergence([0.5, 0.5], [0.5, 0.5], base="2")
    with pytest.raises(TypeError, match="`f` must be an FDivergence or a callable, got 3"):
        f_divergence([0.5, 0.5], [0.5, 0.5], 3)
    with pytest.raises(ValueError, match="total_variation_distance has no logarithm"):
        divergences.TotalVariation()([0.5, 0.5], [0.5, 0.5], base=2)


def test_shapes_that_do_not_broadcast():
    with pytest.raises(ValueError, match=r"shapes that broadcast, got \(2, 2\) and \(3, 2\)"):
        kl_divergence(numpy.full((2, 2), 0.5), numpy.full((3, 2), 0.5))


def test_sums_within_tolerance_pass():
    assert float(kl_divergence([0.5, 0.5 + 1e-9], [0.5, 0.5])) >= 0
    with pytest.raises(ValueError, match="sum to 1"):
        kl_divergence([0.5, 0.5 + 1e-7], [0.5, 0.5])


def test_axis_keepdims_and_broadcasting(rng):
    p, q = rng.dirichlet(numpy.ones(4), size=(3, 2)), rng.dirichlet(numpy.ones(4), size=(2,))
    values = kl_divergence(p, q)
    assert values.shape == (3, 2)
    assert kl_divergence(p, q, keepdims=True).shape == (3, 2, 1)
    first, second = numpy.moveaxis(p, -1, 0), numpy.moveaxis(q, -1, 0)
    numpy.testing.assert_allclose(kl_divergence(first, second, axis=0), values, rtol=1e-14)
    middle = numpy.moveaxis(p, -1, 1)
    assert kl_divergence(middle, middle, axis=1, keepdims=True).shape == (3, 1, 2)
    for i in range(3):
        for j in range(2):
            # Arrays of one shape may take a faster form.
            numpy.testing.assert_allclose(kl_divergence(p[i, j], q[j]), values[i, j], rtol=1e-14)


def test_base():
    # 1 bit, and the base goes under the root of the distance.
    assert float(kl_divergence([1.0, 0.0], [0.5, 0.5], base=2)) == 1.0
    assert float(jensen_shannon_distance([1.0, 0.0], [0.0, 1.0], base=4)) == pytest.approx(0.5**0.5, rel=1e-15, abs=0.0)


def test_no_check_passes_anything():
    assert numpy.isfinite(kl_divergence([0.5, 0.6], [0.5, 0.5], check=False))


def test_counts_with_normalize():
    assert float(kl_divergence([1, 1], [1, 3], normalize=True)) == pytest.approx(
        numpy.log(4 / 3) / 2, rel=1e-15, abs=0.0
    )


def test_entropies():
    scipy_stats = pytest.importorskip("scipy.stats")
    p, q = numpy.array([0.2, 0.3, 0.5, 0.0]), numpy.array([0.4, 0.1, 0.25, 0.25])
    assert float(entropy(p, base=2)) == pytest.approx(scipy_stats.entropy(p, base=2), rel=1e-14, abs=0.0)
    assert float(entropy([1.0, 0.0])) == 0.0
    expected = float(entropy(p)) + scipy_stats.entropy(p, q)
    assert float(cross_entropy(p, q)) == pytest.approx(expected, rel=1e-14, abs=0.0)
    assert float(cross_entropy(q, p)) == numpy.inf
    with numpy.errstate(divide="ignore"):
        log_p, log_q = numpy.log(p), numpy.log(q)
    assert float(cross_entropy(log_p, log_q, log=True)) == pytest.approx(expected, rel=1e-14, abs=0.0)
    assert float(cross_entropy(log_q, log_p, log=True)) == numpy.inf
    assert float(entropy(log_p, log=True)) == pytest.approx(float(entropy(p)), rel=1e-14, abs=0.0)
    assert float(entropy(3 * p, normalize=True)) == pytest.approx(float(entropy(p)), rel=1e-14, abs=0.0)
    # Two certain outcomes in 1e-300: -p log p stays positive.
    assert float(entropy([1.0, 1e-300])) == pytest.approx(1e-300 * 300 * numpy.log(10), rel=1e-13, abs=0.0)


def test_f_divergence_of_a_callable():
    p, q = [0.5, 0.5, 0.0], [0.25, 0.5, 0.25]
    # The triangular divergence, sum (p - q)^2 / (p + q) = 1/12 + 0 + 1/4.
    value = f_divergence(p, q, lambda u: (u - 1) ** 2 / (u + 1))
    assert float(value) == pytest.approx(1 / 3, rel=1e-15, abs=0.0)
    with pytest.raises(ValueError, match="`slope_at_infinity` must be given"):
        f_divergence(q, p, lambda u: (u - 1) ** 2 / (u + 1))
    value = f_divergence(q, p, lambda u: (u - 1) ** 2 / (u + 1), slope_at_infinity=1.0)
    assert float(value) == pytest.approx(1 / 3, rel=1e-15, abs=0.0)
    assert float(f_divergence(q, p, lambda u: (u - 1) ** 2, slope_at_infinity=numpy.inf)) == numpy.inf
    with pytest.raises(ValueError, match="`f` must be defined at every ratio"):
        f_divergence(p, q, lambda u: numpy.where(u > 0, u, numpy.nan))
    assert f_divergence(numpy.array([p, p]), q, lambda u: (u - 1) ** 2, keepdims=True).shape == (2, 1)


def test_f_divergence_of_an_object():
    p, q = [0.5, 0.5], [0.25, 0.75]
    assert f_divergence(p, q, divergences.KullbackLeibler(), base=2) == kl_divergence(p, q, base=2)
    with pytest.raises(ValueError, match="belongs to a callable"):
        f_divergence(p, q, divergences.KullbackLeibler(), slope_at_infinity=1.0)
    with pytest.raises(ValueError, match="f_divergence has no logarithm"):
        f_divergence(p, q, abs, base=2)


def test_estimate_of_pmfs_is_exact():
    estimate = kl_divergence([0.5, 0.5], [0.25, 0.75], return_estimate=True)
    assert estimate.interval == (estimate.value, estimate.value)
    assert estimate.standard_error == 0.0
    assert estimate.definition == "sum p log(p / q), in nats"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_logits_may_be_large(dtype):
    # Softmax of (a, a + log 3) is (1/4, 3/4) for every shift a.
    exact = 0.5 * numpy.log(4 / 3)
    for shift in (-5000.0, 100.0, 1000.0, 5000.0):
        p, q = numpy.array([[shift, shift], [shift, shift + numpy.log(3.0)]], dtype=dtype)
        value = kl_divergence(p, q, log=True, normalize=True)
        assert float(value) == pytest.approx(exact, rel=1e-10 if dtype == "float64" else 5e-3)
    assert float(entropy(numpy.array([1000.0, 1000.0], dtype), log=True, normalize=True, base=2)) == pytest.approx(
        1.0, rel=1e-12 if dtype == "float64" else 1e-4
    )
    with pytest.raises(ValueError, match=r"the log of the sum of exp\(`p`\) must lie between"):
        kl_divergence([1e300, 0.0], [0.0, 0.0], log=True, normalize=True)
    with pytest.raises(ValueError, match=r"the log of the sum of exp\(`p`\) must lie between"):
        kl_divergence([-numpy.inf, -numpy.inf], [0.0, 0.0], log=True, normalize=True)
    with pytest.raises(ValueError, match=r"the log of the sum of exp\(`p`\) must lie between"):
        kl_divergence([400.0, 0.0], [0.0, 0.0], log=True, normalize=None)


def test_base_may_be_a_number_of_numpy():
    for base in (numpy.int64(2), numpy.float32(2.0), numpy.float64(2.0)):
        assert float(kl_divergence([1.0, 0.0], [0.25, 0.75], base=base)) == pytest.approx(2.0, rel=1e-15)


def test_sums_above_one_do_not_carry_a_value_past_its_bound():
    # Sums may be 1 within 1.5e-8; the bounds are those of disjoint supports.
    p, q = [1.0 + 1e-9, 0.0], [0.0, 1.0 + 1e-9]
    assert float(divergences.total_variation_distance(p, q)) == 1.0
    assert float(divergences.squared_hellinger_distance(p, q)) == 1.0
    assert float(divergences.le_cam_divergence(p, q)) == 2.0
    assert float(divergences.jensen_shannon_divergence(p, q, weight=0.25)) == divergences.JensenShannon(0.25).supremum
    single = divergences.le_cam_divergence(*numpy.array([[1.0001, 0.0], [0.0, 1.0001]], dtype="float32"))
    assert single.dtype == "float32"
    assert float(single) == 2.0
    # Unnormalised masses have no bound.
    assert float(divergences.total_variation_distance([3.0, 0.0], [0.0, 3.0], normalize=None)) == 3.0
