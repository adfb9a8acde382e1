"""Gradients by PyTorch and JAX: equal to f'(p/q), finite at zeros and ties, and through jit and vmap."""

import numpy
import pytest
import sympy

from gamedyn import divergences
from tests.cases import PRECISE
from tests.conftest import PEERS
from tests.laws.test_divergences import GENERATORS, U

pytestmark = [pytest.mark.peers, pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")]
every_divergence = pytest.mark.parametrize("divergence", PRECISE, ids=repr)


def _of_order(function, alpha):
    def named(p, q, **options):
        return function(p, q, alpha, **options)

    named.__name__ = f"{function.__name__}_{alpha}"
    return named


functions = pytest.mark.parametrize(
    "function",
    [
        divergences.kl_divergence,
        divergences.jeffreys_divergence,
        divergences.jensen_shannon_divergence,
        divergences.jensen_shannon_distance,
        divergences.total_variation_distance,
        divergences.squared_hellinger_distance,
        divergences.hellinger_distance,
        divergences.bhattacharyya_distance,
        divergences.pearson_divergence,
        divergences.neyman_divergence,
        divergences.le_cam_divergence,
        _of_order(divergences.alpha_divergence, 0.3),
        _of_order(divergences.alpha_divergence, 1.0),
        _of_order(divergences.alpha_divergence, 2.5),
        _of_order(divergences.renyi_divergence, 0.3),
        _of_order(divergences.renyi_divergence, 1.0),
        _of_order(divergences.renyi_divergence, 2.5),
        _of_order(divergences.tsallis_divergence, 0.5),
        divergences.cross_entropy,
    ],
    ids=lambda f: f.__name__,
)

ZEROS = [
    ([0.5, 0.5, 0.0], [0.25, 0.75, 0.0]),
    ([0.5, 0.5, 0.0], [0.25, 0.5, 0.25]),
    ([0.25, 0.5, 0.25], [0.5, 0.5, 0.0]),
    ([0.2, 0.3, 0.5], [0.2, 0.3, 0.5]),
    ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
    ([1.0, 0.0, 1e-100], [1e-100, 0.0, 1.0]),
]


def _torch_gradients(function, p, q):
    import torch

    p = torch.tensor(p, dtype=torch.float64, requires_grad=True)
    q = torch.tensor(q, dtype=torch.float64, requires_grad=True)
    function(p, q).backward()
    return p.grad.numpy(), q.grad.numpy()


def _jax_gradients(function, p, q):
    import jax

    jax.config.update("jax_enable_x64", True)
    values = jax.numpy.asarray(p), jax.numpy.asarray(q)
    # Inside grad the values are traced, so that checks, which read them, must be off.
    gradients = jax.grad(lambda a, b: function(a, b, check=False), argnums=(0, 1))(*values)
    return tuple(numpy.asarray(gradient) for gradient in gradients)


both = pytest.mark.parametrize("gradients", [_torch_gradients, _jax_gradients], ids=["torch", "jax"])


@both
@every_divergence
def test_gradients_are_those_of_theory(divergence, gradients, rng):
    # d/dp = f'(u) - f'(1), d/dq = f(u) - u f'(u) + f'(1); the GAN's sum has no f'(1) in it.
    f = GENERATORS[repr(divergence)]
    slope = sympy.diff(f, U)
    shift = (
        0
        if isinstance(divergence, (divergences.GANDivergence, divergences.TotalVariation))
        else float(slope.subs(U, 1))
    )
    p, q = rng.dirichlet(numpy.ones(5), size=2)
    q[0] = p[0] * 1.01
    q = q / q.sum()
    by_p, by_q = gradients(divergence, p, q)
    value, first = sympy.lambdify(U, f, "math"), sympy.lambdify(U, slope, "math")
    u = p / q
    numpy.testing.assert_allclose(by_p, [first(x) - shift for x in u], rtol=1e-11, atol=1e-12)
    numpy.testing.assert_allclose(by_q, [value(x) - x * first(x) + shift for x in u], rtol=1e-11, atol=1e-12)


@both
@functions
@pytest.mark.parametrize(("p", "q"), ZEROS)
@pytest.mark.parametrize("normalize", [False, True])
def test_gradients_are_finite_everywhere(function, p, q, normalize, gradients):
    def normalized(a, b, **options):
        return function(a, b, normalize=normalize, **options)

    for gradient in gradients(normalized, p, q):
        assert numpy.isfinite(gradient).all()


@both
@functions
def test_gradients_through_logarithms(function, gradients):
    log_p, log_q = [[float("-inf"), -0.7, -0.7], [-1.0, float("-inf"), -0.5]]

    def through(a, b, **options):
        return function(a, b, log=True, normalize=True, **options)

    for first, second in ((log_p, log_q), (log_p, log_p)):
        for gradient in gradients(through, first, second):
            assert numpy.isfinite(gradient).all()


@both
def test_gradients_of_normalized_masses(gradients):
    # D(p / sum p, q) has gradient (g - <p, g> / sum p) / sum p, with g = log(p / q) at p / sum p.
    p, q = numpy.array([2.0, 1.0, 1.0]), numpy.array([0.25, 0.25, 0.5])
    by_p, _ = gradients(lambda a, b, **o: divergences.kl_divergence(a, b, normalize=True, **o), p, q)
    g = numpy.log(p / 4 / q)
    numpy.testing.assert_allclose(by_p, (g - p @ g / 4) / 4, rtol=1e-12)


@functions
def test_jit_and_vmap(function):
    import jax

    jax.config.update("jax_enable_x64", True)
    rng = numpy.random.default_rng(3)
    p, q = rng.dirichlet(numpy.ones(4), size=(2, 5))
    p[0, 0] = 0.0
    expected = function(p, q, normalize=True)
    mapped = jax.jit(jax.vmap(lambda a, b: function(a, b, normalize=True, check=False)))(p, q)
    numpy.testing.assert_allclose(numpy.asarray(mapped), expected, rtol=1e-13)


@functions
def test_torch_vmap(function):
    import torch

    rng = numpy.random.default_rng(3)
    p, q = rng.dirichlet(numpy.ones(4), size=(2, 5))
    p[0, 0] = 0.0
    mapped = torch.func.vmap(lambda a, b: function(a, b, normalize=True, check=False))(
        torch.from_numpy(p), torch.from_numpy(q)
    )
    numpy.testing.assert_allclose(mapped.numpy(), function(p, q, normalize=True), rtol=1e-13)


# f'(0) - f'(1), lim f(u) / u - f'(1), f(0) + f'(1) and lim f(u) - u f'(u) + f'(1) for u -> inf; 0 where infinite.
ENDS = {
    "JensenShannon()": (0.0, numpy.log(2) / 2, numpy.log(2) / 2, 0.0),
    "JensenShannon(weight=0.3)": (0.0, -0.3 * numpy.log(0.3), -0.7 * numpy.log(0.7), 0.0),
    "TotalVariation()": (-0.5, 0.5, 0.5, -0.5),
    "SquaredHellinger()": (0.0, 0.5, 0.5, 0.0),
    "LeCam()": (-3.0, 1.0, 1.0, -3.0),
    "Pearson()": (-2.0, 0.0, 1.0, 0.0),
    "Neyman()": (0.0, 1.0, 0.0, -2.0),
    "AlphaDivergence(alpha=0.3)": (0.0, 1 / 0.7, 1 / 0.3, 0.0),
    "AlphaDivergence(alpha=2.5)": (-1 / 1.5, 0.0, 1 / 2.5, 0.0),
    "AlphaDivergence(alpha=-1.5)": (0.0, 1 / 2.5, 0.0, -1 / 1.5),
}


@both
@pytest.mark.parametrize("divergence", [d for d in PRECISE if repr(d) in ENDS], ids=repr)
def test_gradients_on_disjoint_supports(divergence, gradients):
    # The value is at its bound there, at which rounding is cut off; the derivative must not be. Some 10 pairs, since
    # rounding may fall either way.
    at_zero, at_infinity, alone, away = ENDS[repr(divergence)]
    for k in range(1, 11):
        p, q = [k / 21, 1 - k / 21, 0.0, 0.0], [0.0, 0.0, k / 21, 1 - k / 21]
        by_p, by_q = gradients(divergence, p, q)
        numpy.testing.assert_allclose(by_p, [at_infinity] * 2 + [at_zero] * 2, rtol=1e-13, atol=1e-15)
        numpy.testing.assert_allclose(by_q, [away] * 2 + [alone] * 2, rtol=1e-13, atol=1e-15)


@both
@every_divergence
def test_gradients_at_ties_and_shared_empty_outcomes(divergence, gradients):
    if isinstance(divergence, divergences.GANDivergence):
        pytest.skip("its slope at p = q is not 0")
    for gradient in gradients(divergence, [0.0, 0.25, 0.75, 0.0], [0.0, 0.25, 0.75, 0.0]):
        numpy.testing.assert_array_equal(gradient, 0.0)
