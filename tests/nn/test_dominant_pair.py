"""The faster form of the dominant singular pair: equal to a singular value decomposition."""

import numpy
import pytest

from gamedyn.nn import spectral_norm


@pytest.mark.parametrize("factor", [1.0, 1e-160, 1e160])
@pytest.mark.parametrize("shape", [(16, 16), (50, 30), (30, 50)])
def test_equals_the_decomposition(shape, factor, rng):
    w = factor * rng.standard_normal(shape)
    left, values, right = numpy.linalg.svd(w, full_matrices=False)
    norm = spectral_norm(w)
    numpy.testing.assert_allclose(norm.value, values[0], rtol=1e-14)
    numpy.testing.assert_allclose(norm.gap, 1 - values[1] / values[0], rtol=1e-11)
    numpy.testing.assert_allclose(norm.gradient, numpy.outer(left[:, 0], right[0]), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("shape", [(40, 20), (20, 40)])
def test_equals_the_batched_form(shape, rng):
    # A batch of one goes through the decomposition of all.
    w, step = rng.standard_normal((2, *shape))
    alone, batched = spectral_norm(w), spectral_norm(w[None])
    numpy.testing.assert_allclose(alone.gradient, batched.gradient[0], rtol=1e-9, atol=1e-13)
    products = alone.hessian_product(step), batched.hessian_product(step)[0]
    numpy.testing.assert_allclose(*products, rtol=1e-8, atol=1e-12)
    numpy.testing.assert_allclose(alone.value, batched.value[0], rtol=1e-14)


def test_single_precision_stays_and_agrees(rng):
    w = rng.standard_normal((40, 20))
    norm, exact = spectral_norm(w.astype("float32")), spectral_norm(w)
    assert norm.value.dtype == norm.gradient.dtype == norm.gap.dtype == "float32"
    numpy.testing.assert_allclose(norm.value, exact.value, rtol=1e-6)
    numpy.testing.assert_allclose(norm.gradient, exact.gradient, atol=1e-5)


def test_zero_and_rank_one_matrices(rng):
    with pytest.raises(ValueError, match="`weight` must not be zero"):
        spectral_norm(numpy.zeros((20, 20)))
    for _ in range(20):
        # The second square is 0 up to a rounding error of either sign.
        u, v = rng.standard_normal((2, 20))
        norm = spectral_norm(numpy.outer(u, v))
        assert float(norm.value) == pytest.approx(numpy.linalg.norm(u) * numpy.linalg.norm(v), rel=1e-13)
        assert float(norm.gap) == pytest.approx(1.0, abs=1e-7)
    norm = spectral_norm(numpy.ones((20, 30)))
    assert float(norm.value) == pytest.approx(600**0.5)
    assert float(norm.gap) == pytest.approx(1.0, abs=1e-7)  # sigma_2 is 0 to half the digits
    numpy.testing.assert_allclose(norm.gradient, numpy.full((20, 30), 600**-0.5), rtol=1e-12)
