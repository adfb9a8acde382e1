"""Initialisers: published variances, the laws' shapes, orthogonality, and what they refuse."""

import numpy
import pytest
import scipy.stats

from gamedyn.nn import (
    ConstantInitializer,
    Dense,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LeakyReLU,
    NormalInitializer,
    Orthogonal,
    ReLU,
    Tanh,
    as_initializer,
    fans,
    mlp,
)

SHAPE = (3, 3, 20, 40)  # fan in 180, fan out 360


def drawn(law, rng, shape=SHAPE, **options):
    return law.draw(rng, shape, numpy, numpy.float64, **options)


@pytest.mark.parametrize(
    ("law", "variance", "uniform"),
    [
        (GlorotNormal(), 2 / 540, False),
        (GlorotUniform(), 2 / 540, True),
        (GlorotUniform(gain=5 / 3), 50 / 9 / 540, True),
        (HeNormal(), 2 / 180, False),
        (HeNormal(fan="out"), 2 / 360, False),
        (HeUniform(), 2 / 180, True),
        (HeUniform(slope=0.5), 2 / (1.25 * 180), True),
        (NormalInitializer(0.3), 0.09, False),
    ],
    ids=repr,
)
def test_laws_and_their_variances(law, variance, uniform, rng):
    values = drawn(law, rng).ravel()
    # Kolmogorov and Smirnov see the wrong shape and, at 7,200 draws, a deviation that is 5 % off.
    scale = numpy.sqrt(variance)
    expected = scipy.stats.uniform(-numpy.sqrt(3) * scale, 2 * numpy.sqrt(3) * scale) if uniform else None
    expected = expected or scipy.stats.norm(0, scale)
    assert scipy.stats.kstest(values, expected.cdf).pvalue > 1e-6
    # The mean square of N draws deviates by sqrt((kurtosis - 1) / N) of the variance.
    assert abs(numpy.mean(values**2) / variance - 1) < 5 * numpy.sqrt((0.8 if uniform else 2) / values.size)


def test_given_fans_stand_for_those_of_the_shape():
    swapped = drawn(HeNormal(), 0, fans=(360, 180))
    numpy.testing.assert_allclose(swapped, drawn(HeNormal(), 0) / numpy.sqrt(2), rtol=1e-15)
    assert drawn(HeUniform(), 0, (7,), fans=(1, 1)).shape == (7,)


def test_a_fixed_scale_needs_no_fans():
    numpy.testing.assert_array_equal(drawn(NormalInitializer(2.0), 0, (3,)), 2 * drawn(NormalInitializer(1.0), 0, (3,)))


def test_second_moments_survive_rectifiers(rng):
    # E y^2 = fan in * Var W * E relu(x)^2 and E relu(x)^2 = E x^2 / 2, so ten layers of width 400 keep E y^2 = 1. The
    # log of the mean square wanders by sqrt(5 / width) a layer.
    network = mlp((400,) * 11, ReLU(), initializer=HeNormal())
    y = network(network.init(rng), rng.standard_normal((50, 400)))
    assert abs(numpy.log(numpy.mean(y**2))) < 5 * numpy.sqrt(10 * 5 / 400)
    network = mlp((400,) * 11, ReLU(), initializer="glorot")
    y = network(network.init(rng), rng.standard_normal((50, 400)))
    assert numpy.mean(y**2) < 0.02  # about 2^-9


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (2, 2, 3, 4), (2, 2, 1, 9)])
def test_orthogonal_rows_or_columns(shape, rng):
    matrix = drawn(Orthogonal(gain=2.0), rng, shape).reshape(-1, shape[-1])
    gram = matrix @ matrix.T if matrix.shape[0] < matrix.shape[1] else matrix.T @ matrix
    numpy.testing.assert_allclose(gram, 4 * numpy.eye(len(gram)), atol=1e-14)


def test_orthogonal_is_uniform():
    # The trace of a uniform orthogonal 3 x 3 matrix has mean 0 and variance 1; with LAPACK's signs it is not.
    rng = numpy.random.default_rng(5)
    traces = [numpy.trace(drawn(Orthogonal(), rng, (3, 3))) for _ in range(2000)]
    assert abs(numpy.mean(traces)) < 5 / numpy.sqrt(2000)
    # E tr^4 = 3 for O(3), so the variance of tr^2 is 2.
    assert abs(numpy.mean(numpy.square(traces)) - 1) < 5 * numpy.sqrt(2 / 2000)


def test_constant_uses_up_no_draws():
    first, second = numpy.random.default_rng(1), numpy.random.default_rng(1)
    numpy.testing.assert_array_equal(drawn(ConstantInitializer(0.5), first, (2, 3)), numpy.full((2, 3), 0.5))
    assert first.random() == second.random()


def test_names_mean_the_laws_and_give_what_they_always_gave(rng):
    assert as_initializer("glorot") == GlorotUniform()
    assert as_initializer("he") == HeNormal()
    assert as_initializer("zeros") == ConstantInitializer(0.0)
    for name, uniform, variance in (("glorot", True, 6 / 5), ("he", False, 2 / 3)):
        (weight,) = Dense(3, 2, bias=False, initializer=name).init(3, numpy, numpy.float64)
        generator = numpy.random.default_rng(3)
        unit = 2 * generator.random((3, 2)) - 1 if uniform else generator.standard_normal((3, 2))
        numpy.testing.assert_array_equal(weight, numpy.sqrt(variance) * unit)


LAWS = [GlorotNormal(), GlorotUniform(), HeNormal(), Orthogonal(), NormalInitializer(), ConstantInitializer(0.25)]


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_every_library_draws_the_same(law, library):
    draw = law.draw(7, (2, 3, 4), library.xp, library.xp.float32, library.device)
    assert library.owns(draw, dtype="float32")
    numpy.testing.assert_allclose(library.host(draw), drawn(law, 7, (2, 3, 4)), rtol=1e-6, atol=1e-7)


def test_mlp_hands_on_initializer_and_output_activation():
    network = mlp((2, 3, 1), ReLU(), initializer="orthogonal", output_activation=Tanh())
    assert network.layers == (
        Dense(2, 3, initializer="orthogonal"),
        ReLU(),
        Dense(3, 1, initializer="orthogonal"),
        Tanh(),
    )
    assert mlp((2, 3, 1), LeakyReLU(0.1)).layers[0] == Dense(2, 3, initializer=HeNormal(slope=0.1))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: as_initializer("ortogonal"), ValueError, "got 'ortogonal'. Did you mean 'orthogonal'?"),
        (lambda: as_initializer(None), ValueError, "`initializer` must be one of 'glorot', 'he', "),
        (lambda: fans((3,)), ValueError, "`shape` must be (*window, inputs, outputs), got (3,). Give the fans"),
        (lambda: drawn(HeNormal(), 0, (3,)), ValueError, "`shape` must be (*window, inputs, outputs), got (3,)."),
        (lambda: drawn(Orthogonal(), 0, (3,)), ValueError, "(*window, inputs, outputs) for Orthogonal, got (3,)."),
        (lambda: GlorotNormal(0.0), ValueError, "`gain` must be positive and finite, got 0.0."),
        (lambda: Orthogonal(-1.0), ValueError, "`gain` must be positive and finite, got -1.0."),
        (lambda: HeUniform(slope=-0.1), ValueError, "`slope` must be non-negative and finite, got -0.1."),
        (lambda: HeNormal(fan="both"), ValueError, "`fan` must be one of 'in', 'out', got 'both'."),
        (lambda: NormalInitializer(numpy.inf), ValueError, "`scale` must be positive and finite, got inf."),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
