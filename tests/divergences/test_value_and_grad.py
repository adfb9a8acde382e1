"""Hand-written gradients: axes, units, and the same numbers as the libraries' own differentiation of our forms."""

import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn.divergences import JensenShannon, KullbackLeibler, TotalVariation
from tests.cases import DIVERGENCES
from tests.conftest import PEERS
from tests.divergences.test_gradients import _jax_gradients, _torch_gradients


def test_by_hand():
    # KL: log(p / q) in p, 1 - p / q in q.
    value, (by_p, by_q) = KullbackLeibler().value_and_grad([0.5, 0.5], [0.25, 0.75])
    assert float(value) == pytest.approx(numpy.log(4 / 3) / 2, rel=1e-15, abs=0.0)
    numpy.testing.assert_allclose(by_p, numpy.log([2.0, 2 / 3]), rtol=1e-15)
    numpy.testing.assert_allclose(by_q, [-1.0, 1 / 3], rtol=1e-15)
    _, (by_p, _) = KullbackLeibler().value_and_grad([0.5, 0.5], [0.25, 0.75], base=2)
    numpy.testing.assert_allclose(by_p, numpy.log2([2.0, 2 / 3]), rtol=1e-15)


def test_close_masses_keep_the_digits_of_their_gradient():
    # log((1 + h) / 1) = h - h^2 / 2
    h = 2.0**-40
    _, (by_p, by_q) = KullbackLeibler().value_and_grad([0.5 * (1 + h), 0.5], [0.5, 0.5], normalize=None)
    numpy.testing.assert_allclose(by_p, [h - h * h / 2, 0.0], rtol=1e-15)
    numpy.testing.assert_allclose(by_q, [-h, 0.0], rtol=1e-15)


def test_axes_and_broadcasting(rng):
    p, q = rng.dirichlet(numpy.ones(3), size=(4, 2)), rng.dirichlet(numpy.ones(3), size=2)
    value, (by_p, by_q) = JensenShannon().value_and_grad(p, q)
    assert value.shape == (4, 2)
    assert by_p.shape == by_q.shape == (4, 2, 3)
    turned_value, turned = JensenShannon().value_and_grad(numpy.moveaxis(p, -1, 0), q.T, axis=0)
    numpy.testing.assert_array_equal(turned_value, value)
    numpy.testing.assert_array_equal(turned[0], numpy.moveaxis(by_p, -1, 0))
    numpy.testing.assert_array_equal(turned[1], numpy.moveaxis(by_q, -1, 0))
    one = JensenShannon().value_and_grad(p[1, 0], q[0])
    numpy.testing.assert_array_equal(one[1][1], by_q[1, 0])


def test_masses_that_are_normalized():
    # D(p / s, q / r): (log(p r / (q s)) - D) / s in p; 1 - p r / (q s) in q has mean 0 under q / r: over r.
    p, q = numpy.array([2.0, 2.0, 4.0]), numpy.array([4.0, 6.0, 6.0])
    u = (p / 8) / (q / 16)
    exact = float(p / 8 @ numpy.log(u))
    value, (by_p, by_q) = KullbackLeibler().value_and_grad(p, q, normalize=True)
    assert float(value) == pytest.approx(exact, rel=1e-14)
    numpy.testing.assert_allclose(by_p, (numpy.log(u) - exact) / 8, rtol=1e-13, atol=1e-17)
    numpy.testing.assert_allclose(by_q, (1 - u) / 16, rtol=1e-13, atol=1e-17)
    # In the logarithms: times the masses.
    value, (by_p, by_q) = KullbackLeibler().value_and_grad(numpy.log(p), numpy.log(q), normalize=True, log=True)
    numpy.testing.assert_allclose(by_p, p * (numpy.log(u) - exact) / 8, rtol=1e-13, atol=1e-16)
    numpy.testing.assert_allclose(by_q, q * (1 - u) / 16, rtol=1e-13, atol=1e-16)


def test_bad_input():
    with pytest.raises(ValueError, match="`p` must sum to 1"):
        KullbackLeibler().value_and_grad([0.5, 0.6], [0.5, 0.5])
    with pytest.raises(ValueError, match="total_variation_distance has no logarithm"):
        TotalVariation().value_and_grad([0.5, 0.5], [0.5, 0.5], base=2)
    with pytest.raises(TypeError, match="`p` must hold numbers"):
        KullbackLeibler().value_and_grad(laws.Normal(0.0, 1.0), [0.5, 0.5])


@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
@pytest.mark.parametrize("gradients", [_torch_gradients, _jax_gradients], ids=["torch", "jax"])
@pytest.mark.parametrize("divergence", DIVERGENCES, ids=repr)
@pytest.mark.parametrize("normalize", [False, True])
def test_equal_to_the_libraries_own(divergence, gradients, normalize, rng):
    p, q = rng.dirichlet(numpy.ones(6), size=2)
    q[0] = p[0] * 1.001
    q[1:] *= (1 - q[0]) / q[1:].sum()
    _same_gradients(divergence, gradients, normalize, p, q)
    # One outcome empty in either, and both.
    p, q = numpy.array([0.0, 0.2, 0.0, 0.45, 0.35]), numpy.array([0.1, 0.25, 0.0, 0.65, 0.0])
    _same_gradients(divergence, gradients, normalize, p, q)


def _same_gradients(divergence, gradients, normalize, p, q):
    _, ours = divergence.value_and_grad(p, q, normalize=normalize)
    theirs = gradients(lambda a, b, **options: divergence(a, b, normalize=normalize, **options), p, q)
    for mine, other in zip(ours, theirs, strict=True):
        numpy.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-12)
