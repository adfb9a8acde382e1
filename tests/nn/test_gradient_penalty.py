"""The gradient penalty: SymPy, complex step, differences, one norm per sample, kinks, refusals."""

import functools

import numpy
import pytest
import sympy

from gamedyn.nn import (
    BatchNormalization,
    Dense,
    LayerNormalization,
    Network,
    ReLU,
    Reshape,
    Sequential,
    Softplus,
    SpectralNormalization,
    Tanh,
    gradient_penalty,
    mlp,
)
from gamedyn.numerics import complex_step_gradient

BATCH = numpy.array([[0.3, -1.2], [0.7, 0.4], [-0.5, 2.0]])
THETA = numpy.array([0.8, -1.1, 0.4, 0.6, 0.2, -0.3, 1.3, -0.7, 0.1])


@functools.cache
def symbolic():
    """Penalty of one sample and its derivatives: D = v . tanh(x W + b) + c of two hidden units, 9 parameters."""
    t, x, target = sympy.symbols("t:9"), sympy.symbols("x:2"), sympy.Symbol("target")
    d = sum(t[6 + j] * sympy.tanh(x[0] * t[j] + x[1] * t[2 + j] + t[4 + j]) for j in (0, 1)) + t[8]
    p = (sympy.sqrt(d.diff(x[0]) ** 2 + d.diff(x[1]) ** 2) - target) ** 2
    in_theta, in_x = (sympy.Matrix([p]).jacobian(v) for v in (t, x))
    return sympy.lambdify([t, x, target], [p, in_theta, in_x, in_theta.jacobian(t)], "numpy", cse=True)


@pytest.mark.parametrize("target", [0.0, 1.0, 0.3])
def test_against_sympy(target, library):
    parts = [[numpy.array(part, dtype=float) for part in symbolic()(THETA, row, target)] for row in BATCH]
    value, theta_gradient, _, hessian = (sum(each) / 3 for each in zip(*parts, strict=True))
    found = gradient_penalty(mlp((2, 2, 1)), library.asarray(THETA), library.asarray(BATCH), target=target)
    product = found.hessian_product(library.asarray(numpy.eye(9)))
    expected = {
        "value": (found.value, value),
        "theta": (found.theta_gradient, theta_gradient[0]),
        "x": (found.x_gradient, numpy.array([part[2][0] for part in parts]) / 3),
        "hessian": (product, hessian),
    }
    for name, (ours, theirs) in expected.items():
        assert library.owns(ours), name
        numpy.testing.assert_allclose(library.host(ours), theirs, rtol=1e-11, atol=1e-13, err_msg=name)


def test_every_sample_has_a_norm_of_its_own():
    # Every |g_i| = 5, so that p = 16 for any batch; one norm for the batch of n would be 5 sqrt(n).
    critic, theta = Network((Dense(2, 1),), input_size=2), numpy.array([3.0, 4.0, 0.0])
    for n in (1, 7):
        penalty = gradient_penalty(critic, theta, numpy.ones((n, 2)))
        numpy.testing.assert_allclose(penalty.norms, numpy.full(n, 5.0))
        assert float(penalty.value) == pytest.approx(16.0)


def test_the_norm_of_an_image_is_over_all_its_entries(rng):
    # A known defect of public code takes the norm over channels only, one for each pixel: here |g| = |w| as a whole.
    image = (3, 2, 4)
    critic = Network((Reshape(image), Tanh(), Reshape((24,), image), Dense(24, 1)), input_size=24)
    theta, x = rng.standard_normal(25), numpy.zeros((5, 24))  # tanh' = 1 at 0
    penalty = gradient_penalty(critic, theta, x, target=0.5)
    numpy.testing.assert_allclose(penalty.norms, numpy.full(5, numpy.linalg.norm(theta[:24])), rtol=1e-13)


def test_a_mean_over_samples(rng):
    network, x = mlp((2, 5, 1)), rng.standard_normal((7, 2))
    theta = network.init(rng)
    whole = gradient_penalty(network, theta, x)
    parts = [gradient_penalty(network, theta, row[None, :]) for row in x]
    numpy.testing.assert_allclose(whole.value, numpy.mean([part.value for part in parts]), rtol=1e-13)
    numpy.testing.assert_allclose(
        whole.theta_gradient, numpy.mean([part.theta_gradient for part in parts], axis=0), rtol=1e-11, atol=1e-14
    )
    numpy.testing.assert_allclose(whole.x_gradient, [part.x_gradient[0] / 7 for part in parts], rtol=1e-11, atol=1e-14)


NETWORKS = [
    mlp((2, 5, 4, 1), ReLU()),
    Network((Dense(2, 4), LayerNormalization(4), Softplus(), Dense(4, 1)), 2),
    Network((SpectralNormalization(Dense(2, 4)), Tanh(), SpectralNormalization(Dense(4, 1))), 2),
]


@pytest.mark.parametrize("network", NETWORKS)
def test_gradients_and_hessian_products_of_other_layers(network, rng):
    # Gradients against complex steps of the value; products against differences of the gradient, error h^2.
    theta, x, v = network.init(rng) + 0.1, rng.standard_normal((6, 2)), rng.standard_normal(network.size)
    penalty = gradient_penalty(network, theta, x)
    by_step = complex_step_gradient(lambda t: gradient_penalty(network, t, x).value, theta)
    numpy.testing.assert_allclose(penalty.theta_gradient, by_step, rtol=1e-10, atol=1e-12)
    by_step = complex_step_gradient(lambda s: gradient_penalty(network, theta, s.reshape(-1, 6, 2)).value, x.ravel())
    numpy.testing.assert_allclose(penalty.x_gradient.ravel(), by_step, rtol=1e-10, atol=1e-12)
    ends = [gradient_penalty(network, theta + sign * 1e-5 * v, x).theta_gradient for sign in (1, -1)]
    product = penalty.hessian_product(v)
    difference = (ends[0] - ends[1]) / 2e-5
    numpy.testing.assert_allclose(product, difference, rtol=1e-6, atol=1e-7 * numpy.abs(difference).max())
    hessian = penalty.hessian_product(numpy.eye(network.size))
    numpy.testing.assert_allclose(hessian, hessian.T, atol=1e-11 * numpy.abs(hessian).max())


def test_a_flat_critic_pays_and_has_no_slope():
    # |g| = 0: the kink of target 1, where the gradient taken is 0; target 0 has none.
    network = mlp((2, 3, 1))
    for target in (0.0, 1.0):
        penalty = gradient_penalty(network, numpy.zeros(network.size), BATCH, target=target)
        assert float(penalty.value) == target
        assert not penalty.theta_gradient.any()
        assert not penalty.x_gradient.any()


@pytest.mark.parametrize("lead", [(), (3,)])
def test_single_precision_and_ensembles(lead, library, rng):
    network = mlp((2, 4, 1))
    theta = network.init(rng, batch_shape=lead)
    penalty = gradient_penalty(network, library.asarray(theta, "float32"), library.asarray(BATCH, "float32"))
    direction = library.asarray(numpy.ones(theta.shape), "float32")
    results = penalty.value, penalty.theta_gradient, penalty.x_gradient, penalty.hessian_product(direction)
    for index in numpy.ndindex(lead):
        alone = gradient_penalty(network, theta[index], BATCH)
        wanted = alone.value, alone.theta_gradient, alone.x_gradient, alone.hessian_product(numpy.ones(network.size))
        for found, expected in zip(results, wanted, strict=True):
            assert library.owns(found, "float32")
            numpy.testing.assert_allclose(library.host(found)[index], expected, rtol=1e-4, atol=1e-5)


def test_prints_what_it_is():
    penalty = gradient_penalty(Network((Dense(2, 1),), 2), numpy.array([3.0, 4.0, 0.0]), BATCH)
    assert str(penalty) == "gradient penalty 16.0 to target 1, 3 samples, norms from 5 to 5"


MIXING = Network((Dense(2, 3), Sequential((BatchNormalization(3), Tanh())), Dense(3, 1)), 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: gradient_penalty(MIXING, numpy.ones(19), BATCH),
            "`gradient_penalty` needs a network that sees one sample at a time, but layer 1 mixes the batch: "
            "Sequential(layers=(BatchNormalization(shape=(3,)",
        ),
        (
            lambda: gradient_penalty(mlp((2, 2)), numpy.ones(6), BATCH),
            "`gradient_penalty` needs a network of one output, got 2.",
        ),
        (
            lambda: gradient_penalty(mlp((2, 1)), numpy.ones(3), BATCH, target=-1.0),
            "`target` must be non-negative and finite, got -1.0.",
        ),
        (
            lambda: gradient_penalty(mlp((2, 1)), numpy.ones(3) + 0j, BATCH).hessian_product(numpy.ones(3)),
            "`hessian_product` needs real theta and x, got complex ones: it is a complex step itself.",
        ),
        (
            lambda: gradient_penalty(mlp((2, 1)), numpy.ones(3), numpy.ones((0, 2))),
            "`x` must hold one sample at least, got shape (0, 2).",
        ),
        (
            lambda: gradient_penalty(mlp((2, 1)), numpy.ones(3), BATCH, target=numpy.ones(2)),
            "`target` must be one number for all samples, got an array of shape (2,) and dtype float64.",
        ),
        (
            lambda: gradient_penalty(Dense(2, 1), numpy.ones(3), BATCH),
            "`network` must be a Network, got Dense(inputs=2,",
        ),
    ],
)
def test_messages(call, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert message in str(caught.value)


def test_frozen_statistics_may_be_penalised(rng):
    theta, x = rng.standard_normal(MIXING.size), rng.standard_normal((20, 2))
    frozen = MIXING.frozen(theta, x)
    step = 1e-20j * numpy.eye(2)[:, None, :]
    g = frozen(theta, x[:3] + step)[..., 0].imag / 1e-20
    expected = numpy.mean((numpy.linalg.norm(g, axis=0) - 1) ** 2)
    assert float(gradient_penalty(frozen, theta, x[:3]).value) == pytest.approx(expected, rel=1e-12)
