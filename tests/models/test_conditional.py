"""Conditional and packed GANs of networks: what the critic is shown, written out by hand."""

import numpy
import pytest

from gamedyn.distributions import Normal
from gamedyn.games import Regularized
from gamedyn.games._input_penalties import Interpolated, Perturbed
from gamedyn.models import NeuralGAN
from gamedyn.nn import mlp
from gamedyn.objectives import Minimax, Wasserstein

DATA = numpy.arange(14.0).reshape(7, 2) / 10
LABELS = [0, 0, 0, 2, 2, 1, 1]


def conditional(packing=1, labels=LABELS, data=DATA, objective=None, hidden=(4,), **options):
    classes = 0 if labels is None else 3
    networks = mlp((2 + classes, 4, 2)), mlp((packing * (2 + classes), *hidden, 1))
    options = {"latent_dim": 2, "batch_size": 5, "labels": labels, "packing": packing, **options}
    return NeuralGAN(*networks, objective or Minimax(), data, **options)


def label_of(row):
    """The label of a row of DATA."""
    return LABELS[int(numpy.argmin(abs(DATA - row).sum(axis=1)))]


@pytest.mark.parametrize("packing", [1, 3])
@pytest.mark.parametrize("labels", [None, LABELS])
def test_losses_by_hand(packing, labels):
    model = conditional(packing, labels)
    for game in (model.draw(1), model.full()):
        z = model.init(2)
        theta, phi = z[: model.dims[0]], z[model.dims[0] :]

        def beside(rows, game=game):
            # Fake row j has the label of real row j.
            ones = [numpy.eye(3)[label_of(x)] for x in game.real_samples] if labels else [()] * len(rows)
            return [numpy.concatenate([row, one]) for row, one in zip(rows, ones, strict=True)]

        fake = model.generator(theta, numpy.array(beside(game.latent_samples)))
        outputs = []
        for rows in (beside(game.real_samples), beside(fake)):
            packs = [numpy.concatenate(rows[k : k + packing]) for k in range(0, len(rows), packing)]
            outputs.append(model.discriminator(phi, numpy.array(packs))[:, 0])
        real, fake = outputs
        assert len(real) == len(fake) == (5 if game.seed is not None else 7 // packing)
        discriminator = numpy.log1p(numpy.exp(-real)).mean() + numpy.log1p(numpy.exp(fake)).mean()
        numpy.testing.assert_allclose(game.losses(z), [-numpy.log1p(numpy.exp(fake)).mean(), discriminator], rtol=1e-12)
        at = game._at(z)
        numpy.testing.assert_allclose([at.on_real[:, 0], at.on_fake[:, 0]], [real, fake], rtol=1e-12)


def test_the_whole_takes_every_row_once_and_mixes_classes():
    data, labels = numpy.arange(60.0).reshape(30, 2), [0] * 10 + [1] * 10 + [2] * 10
    game = conditional(2, labels, data).full()
    numpy.testing.assert_array_equal(numpy.sort(game.real_samples, axis=0), data)
    kinds = numpy.argmax(game.real_labels, axis=1).reshape(15, 2)
    numpy.testing.assert_array_equal(kinds.ravel(), game.real_samples[:, 0] // 20)
    # Sorted rows would make pairs of one class alone: one third of random pairs have one class.
    assert 0 < (kinds[:, 0] == kinds[:, 1]).sum() < 12
    more = conditional(1, labels, data, full_size=70).full()
    numpy.testing.assert_array_equal(more.fake_labels[30:60], more.real_labels)
    assert more.latent_samples.shape == (70, 2)
    # One of seven rows is left out of pairs.
    assert conditional(2, None).full().real_samples.shape == (6, 2)


@pytest.mark.parametrize("packing", [1, 2])
def test_penalties_act_on_samples_and_not_on_labels(packing):
    # The critic w . x + u . l + b has the gradient w everywhere, once for each sample of a pack.
    model = conditional(packing, objective=Wasserstein(), hidden=())
    z = model.init(0)
    rows = z[model.dims[0] : -1].reshape(packing, 5)
    square = (rows[:, :2] ** 2).sum()
    game, columns = model.draw(0), (rows * [1, 1, 0, 0, 0]).ravel()
    plain = game.losses(z)[1]
    for options, expected in (
        ({"r1": 0.6}, 0.3 * square),
        ({"r2": 0.6}, 0.3 * square),
        ({"gradient_penalty": (0.6, 1.0)}, 0.3 * (square**0.5 - 1) ** 2),
        ({"dragan": (0.6, 0.2)}, 0.3 * (square**0.5 - 1) ** 2),
    ):
        penalised = Regularized(game, **options)
        assert penalised.losses(z)[1] - plain == pytest.approx(expected, rel=1e-9)
        gained = (penalised.simultaneous_gradient(z) - game.simultaneous_gradient(z))[model.dims[0] : -1]
        factor = 0.6 if "r1" in options or "r2" in options else 0.6 * (1 - square**-0.5)
        numpy.testing.assert_allclose(gained, factor * columns, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("packing", [1, 2])
def test_penalties_look_between_samples_of_one_label(packing):
    game = conditional(packing).draw(3)
    z = game.model.init(1)
    labels = game.real_labels.reshape(5, packing, 3)
    for samples in (Interpolated(game)(z), Perturbed(game, 0.5)(z)):
        rows = samples.reshape(5, packing, 5)
        numpy.testing.assert_allclose(rows[..., 2:], labels, rtol=1e-15)
        assert (rows[..., :2] != game.real_samples.reshape(5, packing, 2)).all()


def test_samples_of_a_label_are_the_generators(library):
    model = conditional()
    z = model.init(0, batch_shape=(2,))
    latent = numpy.random.default_rng(7).standard_normal((4, 2))
    given = library.asarray(z)
    for labels, each in ((2, [2] * 4), ([0, 1, 2, 1], [0, 1, 2, 1])):
        inputs = numpy.concatenate([latent, numpy.eye(3)[each]], axis=1)
        expected = model.generator(z[:, : model.dims[0]], inputs)
        found = model.sample(given, 4, labels=labels, rng=7)
        assert library.owns(found)
        numpy.testing.assert_allclose(library.host(found), expected, rtol=1e-12)
    # Without labels they are drawn as often as in the data: 3, 2 and 2 of 7.
    linear = NeuralGAN(mlp((4, 1)), mlp((4, 1)), Minimax(), DATA[:, :1], 1, labels=LABELS)
    # G(e, l) = the number of the label.
    counts = numpy.bincount(linear.sample(numpy.array([0.0, 0, 1, 2] + [0.0] * 6), 7000, rng=0)[:, 0].astype(int))
    assert (abs(counts - [3000, 2000, 2000]) < 6 * numpy.sqrt(7000 / 4)).all()


def test_labels_and_packs_of_other_libraries(library):
    games = [conditional(2, LABELS, data).draw(4) for data in (DATA, library.asarray(DATA, dtype="float32"))]
    assert library.owns(games[1].real_labels, dtype="float32")
    for name in ("real_labels", "fake_labels"):
        numpy.testing.assert_array_equal(library.host(getattr(games[1], name)), getattr(games[0], name))
    assert library.owns(games[1].simultaneous_gradient(games[1].model.init(0)), dtype="float32")


def test_packs_of_a_law():
    model = NeuralGAN(mlp((3, 1)), mlp((2, 1)), Minimax(), Normal(5.0, 0.1), 3, batch_size=4, packing=2, full_size=6)
    assert model.draw(0).real_inputs(model.init(0)).shape == (4, 2)
    assert model.full().fake_inputs(model.init(0)).shape == (6, 2)
    assert model.sample(model.init(0), 5, rng=0).shape == (5, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conditional(labels=[0, 1, 2]), "`labels` must have shape (7,), one label for each sample, got (3,)."),
        (lambda: conditional(labels=[0, 1, 3, 0, 4, 0, 0]), "from 0 to 2, got 3 at row 2."),
        (lambda: conditional(labels=[0, 1, 1, 0, 0, 0, -1]), "from 0 to 2, got -1 at row 6."),
        (lambda: conditional(labels=[0, 0.5, 1, 0, 0, 0, 1]), "from 0 to 2, got 0.5 at row 1."),
        (lambda: conditional(labels=[numpy.nan] + [0] * 6), "from 0 to 2, got nan at row 0."),
        (lambda: conditional(labels=list("abcdefg")), "`labels` must be whole numbers, got the dtype <U1;"),
        (lambda: conditional(packing=8), "`data` must have `packing` = 8 rows at least, got 7."),
        (
            lambda: NeuralGAN(mlp((2, 2)), mlp((2, 1)), Minimax(), DATA, 2, packing=0),
            "`packing` must be at least 1, got 0.",
        ),
        (
            lambda: NeuralGAN(mlp((2, 2)), mlp((3, 1)), Minimax(), DATA, 2, labels=LABELS),
            "`generator` must take `latent_dim` inputs and one per class of `labels`: at least 3 expected, the network",
        ),
        (
            lambda: NeuralGAN(mlp((5, 2)), mlp((2, 1)), Minimax(), DATA, 2, labels=LABELS, packing=2),
            "`discriminator` must take the features of `data` and one input for each of the 3 classes, 2 times: 10 "
            "expected, the network has 2.",
        ),
        (
            lambda: NeuralGAN(mlp((2, 1)), mlp((2, 1)), Minimax(), Normal(0.0, 1.0), 1, labels=[0]),
            "`labels` must be None where `data` is a law, which has no rows, got Normal",
        ),
        (
            lambda: conditional(labels=None).sample(numpy.zeros(39), 2, labels=[0, 0]),
            "`labels` must be None for a model without labels.",
        ),
        (lambda: conditional().sample(numpy.zeros(63), 2, labels=3), "from 0 to 2, got 3 at row 0."),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert message in str(caught.value)
