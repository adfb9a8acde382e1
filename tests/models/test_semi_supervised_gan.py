"""Semi-supervised GANs: one softmax over K classes and "fake", draws of labelled rows, and what they learn."""

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.games import Regularized, WrappedDraws
from gamedyn.models import NeuralGAN, SemiSupervisedGAN
from gamedyn.nn import Dense, LogSumExp, Network, Tanh, mlp
from gamedyn.objectives import Minimax, NonSaturating
from gamedyn.updates import Adam
from tests.gan_games import neural_gan, normalized_gan, semi_supervised_gan

DATA = numpy.arange(14.0).reshape(7, 2) / 10
LABELS = [0, -1, 2, 1, -1, -1, 2]


def make(labels=LABELS, data=DATA, objective=None, classes=3, **options):
    discriminator = Network((Dense(2, 4), Tanh(), Dense(4, classes), LogSumExp()), input_size=2)
    gan = NeuralGAN(mlp((2, 2)), discriminator, objective or Minimax(), data, latent_dim=2, batch_size=5)
    return SemiSupervisedGAN(gan, labels, **options)


def test_the_losses_are_those_of_one_softmax_over_classes_and_fake():
    # p over K + 1 classes, the logit of the last one 0: real is 1 - p_K+1, and a label's share of the real is p_y.
    model = make(weight=0.6)
    game, z = model.full(), model.init(1)
    phi = z[model.dims[0] :]

    def shares(x):
        logits = numpy.concatenate([model.classifier(phi, x), numpy.zeros((len(x), 1))], axis=1)
        return numpy.exp(logits) / numpy.exp(logits).sum(axis=1, keepdims=True)

    real, fake = shares(DATA)[:, -1], shares(game.fake(z))[:, -1]
    rows = [0, 2, 3, 6]
    known = shares(DATA[rows])
    named = known[numpy.arange(4), [0, 2, 1, 2]] / (1 - known[:, -1])
    discriminator = -numpy.log(1 - real).mean() - numpy.log(fake).mean() - 0.6 * numpy.log(named).mean()
    numpy.testing.assert_allclose(game.losses(z), [numpy.log(fake).mean(), discriminator], rtol=1e-12)
    numpy.testing.assert_allclose(model.class_probabilities(z, DATA[rows]), known[:, :-1] / (1 - known[:, -1:]))
    assert model.predict(z, DATA[rows]).tolist() == numpy.argmax(known[:, :-1], axis=1).tolist()


def test_products_at_a_draw_are_those_of_the_complex_step():
    game = semi_supervised_gan(labelled_batch_size=3).draw(0)
    z = game.semi.init(2)
    steps = 1e-20j * numpy.eye(z.size)
    columns = numpy.imag(game.simultaneous_gradient(z + steps)) / 1e-20
    for products in (game.linearize(z), lambda v: game.jvp(z, v)):
        numpy.testing.assert_allclose(products(numpy.eye(z.size)), columns, atol=1e-13)
    for products in (game.linearize_transposed(z), lambda v: game.vjp(z, v)):
        numpy.testing.assert_allclose(products(numpy.eye(z.size)), columns.T, atol=1e-13)


def test_draws_take_known_rows_alone_and_redraw_them():
    model = make(labelled_batch_size=40)
    game = model.draw(3)
    rows = [int(numpy.argmin(abs(DATA - x).sum(axis=1))) for x in game.labelled_samples]
    assert set(rows) == {0, 2, 3, 6}
    assert [LABELS[row] for row in rows] == numpy.argmax(game.labelled_classes, axis=1).tolist()
    again = game.redraw()
    assert type(again) is type(game)
    assert not numpy.array_equal(again.labelled_samples, game.labelled_samples)
    numpy.testing.assert_array_equal(again.real_samples, model.gan.draw(3).redraw().real_samples)
    assert game.full().labelled_samples.shape == (4, 2)
    assert make().draw(0).labelled_samples.shape == (5, 2)
    assert repr(game).endswith("on 5 real and 5 latent samples, and 40 labelled>")


def test_libraries_and_precision(library):
    model = make(data=library.asarray(DATA, dtype="float32"))
    z = model.init(0, batch_shape=(2,))
    game = WrappedDraws(model, lambda drawn: Regularized(drawn, r1=0.1)).draw(0)
    assert library.owns(game.simultaneous_gradient(z), dtype="float32")
    assert library.owns(model.class_probabilities(z, model.gan.data), dtype="float32")
    assert model.predict(z, model.gan.data).shape == (2, 7)
    assert model.sample(z, 3, rng=0).shape == (2, 3, 2)


def test_one_label_per_cluster_names_the_rest(rng):
    centres = numpy.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]])
    truth = numpy.arange(150) % 3
    data = centres[truth] + 0.2 * rng.standard_normal((150, 2))
    labels = numpy.full(150, -1)
    labels[:3] = truth[:3]
    model = make(labels, data, NonSaturating())
    path = simulate(model, Adam(0.02), model.init(0), 200, rng=1)
    assert (model.predict(path.final, data) == truth).mean() > 0.95


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: SemiSupervisedGAN(Minimax(), [0]), TypeError, "`gan` must be a NeuralGAN, got Minimax."),
        (lambda: make([0, -1, 3, 1, -1, -1, 2]), ValueError, "from 0 to 2, got 3 at row 2."),
        (lambda: make([0, -1, 1, 1, -1, -2, 2]), ValueError, "from 0 to 2, got -2 at row 5."),
        (lambda: make([0, 1]), ValueError, "`labels` must have shape (7,)"),
        (lambda: make([-1] * 7), ValueError, "`labels` must hold at least one that is known, got -1 for all rows."),
        (lambda: make(weight=0.0), ValueError, "`weight` must be positive"),
        (lambda: make(labels=["a"] * 7), ValueError, "`labels` must be whole numbers, got the dtype <U1"),
        (lambda: make(labelled_batch_size=0), ValueError, "`labelled_batch_size` must be at least 1, got 0."),
        (lambda: make(classes=1), ValueError, "`gan` must have a discriminator of at least two logits, got one."),
        (
            lambda: SemiSupervisedGAN(neural_gan(), [0] * 5),
            ValueError,
            "`gan` must have a discriminator that ends in LogSumExp(), got Dense(",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_a_batch_normalised_generator_samples_one_by_one():
    model = normalized_gan()
    z = model.init(0, batch_shape=(2,))
    few, many = model.sample(z, 2, rng=3), model.sample(z, 500, rng=3)
    # A sample does not depend on those that it is drawn with, nor an ensemble's member on the others.
    numpy.testing.assert_allclose(few, many[:, :2], rtol=1e-12)
    numpy.testing.assert_allclose(model.sample(z[1], 2, rng=3), few[1], rtol=1e-12)
    theta = z[0, : model.dims[0]]
    latent = numpy.random.default_rng(9).standard_normal((100_000, 1))
    together = model.generator(theta, numpy.concatenate([numpy.random.default_rng(3).standard_normal((2, 1)), latent]))
    # The constants are means over 4,096, good to a few of their 1/64.
    numpy.testing.assert_allclose(few[0], together[:2], atol=0.1)
    assert abs(few[0] - model.generator(theta, numpy.random.default_rng(3).standard_normal((2, 1)))).max() > 0.1


def test_penalties_refuse_a_batch_normalised_discriminator_by_name():
    game = normalized_gan().full()
    z = game.model.init(0)
    for options in ({"r1": 1.0}, {"r2": 1.0}, {"gradient_penalty": (1.0, 1.0)}, {"dragan": (1.0, 0.1)}):
        for name in ("losses", "simultaneous_gradient"):
            with pytest.raises(ValueError, match=r"mixes the batch: BatchNormalization\(.*`frozen` makes"):
                getattr(Regularized(game, **options), name)(z)
