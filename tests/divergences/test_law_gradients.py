"""Gradients of closed forms in the parameters of the laws, by PyTorch and JAX: right, and finite on the diagonal."""

import mpmath
import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn import divergences
from gamedyn.backend import array_namespace
from tests.conftest import PEERS
from tests.divergences.pairs import FAMILIES, HAVE_RENYI
from tests.divergences.test_cross_pairs import PROMISED, SOURCES, TARGETS, _parameters

pytestmark = [pytest.mark.peers, pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")]


def _torch_gradient(function, values):
    import torch

    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]
    gradients = torch.autograd.grad(function(leaves), leaves)
    return [float(gradient) for gradient in gradients]


def _jax_gradient(function, values):
    import jax

    jax.config.update("jax_enable_x64", True)
    gradients = jax.grad(function)([jax.numpy.asarray(value) for value in values])
    return [float(gradient) for gradient in gradients]


both = pytest.mark.parametrize("gradient", [_torch_gradient, _jax_gradient], ids=["torch", "jax"])


def _of(family, count, functional):
    """A function of the parameters of p and of q side by side."""

    def function(values):
        make = family.make if isinstance(family.make, type) else None
        rows = (values[:count], values[count:])
        p, q = (make(*row, *family.fixed, check=False) if make else family.law(row) for row in rows)
        return functional(p, q)

    return function


@both
@pytest.mark.parametrize("name", [n for n, f in FAMILIES.items() if isinstance(f.make, type)])
def test_kl(name, gradient, rng):
    family = FAMILIES[name]
    count = len(family.kinds)
    p, q = next(iter(family.pairs(rng, 1)))
    if name == "Pareto":
        p, q = [2.0, 1.5], [1.5, 2.5]
    function = _of(family, count, lambda a, b: divergences.kl_divergence(a, b, method="closed"))
    found = gradient(function, [*p, *q])
    with mpmath.workdps(40):
        values = [mpmath.mpf(x) for x in (*p, *q)]
        for i, slope in enumerate(found):

            def along(t, i=i):
                moved = [x + (t if j == i else 0) for j, x in enumerate(values)]
                return family.exact(moved[:count], moved[count:])

            truth = float(mpmath.diff(along, 0))
            assert slope == pytest.approx(truth, rel=1e-9, abs=1e-12)
    # On the diagonal every divergence has its minimum.
    if name != "Pareto":
        numpy.testing.assert_allclose(gradient(function, [*p, *p]), 0.0, atol=1e-9)


@both
@pytest.mark.parametrize("name", [n for n in HAVE_RENYI if isinstance(FAMILIES[n].make, type) and n != "Pareto"])
def test_relatives_have_finite_gradients(name, gradient, rng):
    family = FAMILIES[name]
    p, q = next(iter(family.pairs(rng, 1)))

    def functional(a, b):
        total = divergences.squared_hellinger_distance(a, b) + divergences.pearson_divergence(a, b)
        return total + divergences.renyi_divergence(a, b, 0.75)

    function = _of(family, len(family.kinds), functional)
    for values in ([*p, *q], [*p, *p]):
        assert numpy.isfinite(gradient(function, values)).all()


@both
@pytest.mark.parametrize(("source", "target"), PROMISED)
def test_cross_pairs(source, target, gradient):
    p, q = SOURCES[source][0], TARGETS[target][0]
    first, second = ([float(x) for x in _parameters(law)] for law in (p, q))
    count = len(first)

    def function(values):
        laws_ = type(p)(*values[:count], check=False), type(q)(*values[count:], check=False)
        return divergences.kl_divergence(*laws_, method="closed")

    found = gradient(function, [*first, *second])
    step = 1e-6
    for i, slope in enumerate(found):
        ends = []
        for sign in (1, -1):
            moved = [numpy.asarray(x + sign * step * (j == i)) for j, x in enumerate([*first, *second])]
            ends.append(float(function(moved)))
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-8)


@both
def test_multivariate_normals_with_equal_eigenvalues(gradient):
    # The derivative of eigenvectors does not exist there; that of the divergence does: d KL / d m = m1 - m2 = -1.
    def function(values):
        (shift,) = values
        xp = array_namespace(shift)
        zero, one = 0 * shift, 1 + 0 * shift
        covariance = xp.stack([xp.stack([one, zero]), xp.stack([zero, one])])
        p = laws.MultivariateNormal(xp.stack([zero, zero]), covariance, check=False)
        q = laws.MultivariateNormal(xp.stack([shift, shift]), covariance, check=False)
        return divergences.kl_divergence(p, q)

    assert gradient(function, [1.0]) == pytest.approx([2.0])
