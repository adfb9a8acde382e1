"""TrainedModel: records, held-out rows, targets, averages, divergence, and what is said about data."""

import gc
import math

import numpy
import pytest

from gamedyn.distributions import Normal
from gamedyn.dynamics import Status
from gamedyn.models import FVSBN, GAN, LikelihoodHistory, NetworkCriterion, load_model
from gamedyn.models._data_kinds import check_kind, warn_of_columns
from gamedyn.models._likelihood_measures import LikelihoodMeasures, mean_gradient, mean_loss
from gamedyn.updates import Adam, SimultaneousGradientDescent
from tests.density_cases import BITS, LABELS


def model(**options):
    return FVSBN(**({"steps": 12, "batch_size": 8, "rng": 0, "evaluate_every": 4} | options))


def test_records_are_of_fixed_rows():
    found = model().fit(BITS)
    history = found.history_
    assert isinstance(history, LikelihoodHistory)
    assert history.steps.tolist() == [0, 4, 8, 12]
    # Weights of zero: five bits at log 2 each.
    assert history.loss[0] == pytest.approx(5 * math.log(2), rel=1e-6)
    assert history.loss[-1] == pytest.approx(-found.score(BITS), rel=1e-6)
    gradient = found.as_game().simultaneous_gradient(found.z_)
    assert history.gradient_norm[-1] == pytest.approx(float(numpy.linalg.norm(gradient)), rel=1e-5)
    assert numpy.isnan(history.validation_loss).all()
    text = str(history)
    assert text.startswith("LikelihoodHistory of 4 records, steps 0 to 12\n  loss  ")
    assert "excess" in text
    assert "validation" not in text


def test_held_out_rows_are_not_trained_on():
    share = model(validation=0.25).fit(BITS)
    assert share.as_game().rows.shape == (30, 5)
    rows = {tuple(row) for row in share._fit.split.rows[0].tolist()}
    held = share._fit.split.held_out[0]
    assert held.shape == (10, 5)
    assert len(rows) > 1
    assert share.history_.validation_loss[-1] == pytest.approx(-share.score(held), rel=1e-6)
    own = model(validation=BITS[:7]).fit(BITS)
    assert own.as_game().rows.shape == (40, 5)
    assert own.history_.validation_loss[-1] == pytest.approx(-own.score(BITS[:7]), rel=1e-6)
    # Held-out rows of one's own change no bit of the training.
    numpy.testing.assert_array_equal(own.z_, model().fit(BITS).z_)
    labelled = model(validation=(BITS[:7], LABELS[:7])).fit(BITS, LABELS)
    expected = -labelled.score(BITS[:7], LABELS[:7])
    assert labelled.history_.validation_loss[-1] == pytest.approx(expected, rel=1e-6)


def test_the_average_answers():
    found = model(ema_decay=0.9).fit(BITS)
    assert not numpy.array_equal(found.average_, found.z_)
    assert found.history_.loss[-1] == pytest.approx(-found.score(BITS), rel=1e-6)
    found.average_ = None
    assert found.history_.loss[-1] != pytest.approx(-found.score(BITS), rel=1e-6)


class Coin(Normal):
    """Five fair bits, as far as the excess needs them."""

    event_shape = (5,)
    batch_shape = ()

    def log_prob(self, x):
        return numpy.full(x.shape[0], -5 * math.log(2)) - 0.1 * x[:, 0]


def test_a_target_gives_the_excess():
    found = model(target=Coin(0.0, 1.0)).fit(BITS)
    # At weights of zero the excess is the mean of 0.1 x_0 with its sign.
    assert found.history_.excess[0] == pytest.approx(-0.1 * BITS[:, 0].mean(), abs=1e-6)
    held = model(target=Coin(0.0, 1.0), validation=BITS[:9]).fit(BITS)
    assert held.history_.excess[0] == pytest.approx(-0.1 * BITS[:9, 0].mean(), abs=1e-6)
    moved = held.history_.validation_loss[-1] - held.history_.validation_loss[0]
    assert held.history_.excess[-1] - held.history_.excess[0] == pytest.approx(moved, abs=1e-9)
    assert abs(moved - held.history_.loss[-1] + held.history_.loss[0]) > 1e-4
    with pytest.raises(ValueError, match="`target` must be one law of the 5 features"):
        model(target=Normal(0, 1)).fit(BITS)


def test_losses_are_the_same_in_blocks():
    found = model(steps=3).fit(BITS)
    many = numpy.tile(BITS, (60, 1))
    whole = float(found.criterion_.losses(found.z_, many.astype("float32")).mean(dtype="float64"))
    assert mean_loss(found.criterion_, found.z_, many.astype("float32"), None) == pytest.approx(whole, rel=1e-6)
    gradient = found.criterion_.gradient(found.z_, many.astype("float32"))
    numpy.testing.assert_allclose(
        mean_gradient(found.criterion_, found.z_, many.astype("float32"), None), gradient, rtol=1e-4, atol=1e-6
    )
    assert found.log_prob(many).shape == (2400,)
    numpy.testing.assert_allclose(found.log_prob(many)[1040:1080], found.log_prob(BITS), rtol=1e-12)
    measures = LikelihoodMeasures(found.criterion_, many, None, Coin(0.0, 1.0), 5)
    assert measures.sample[0].shape == (2048, 5)


class Noisy(NetworkCriterion):
    """The loss plus a number that is drawn beside the row."""

    def noise(self, rng, n):
        return rng.random((n, 1))

    def losses(self, theta, rows, noise=None):
        return super().losses(theta, rows, noise) + noise[:, 0]


class NoisyBits(FVSBN):
    """Whose bound is a draw of its loss."""

    density = "bound"

    def _criterion(self, shapes):
        exact = super()._criterion(shapes)
        return Noisy(exact.network, exact.loss, exact.features)

    def _exact(self, rows):
        return -NetworkCriterion.losses(self.criterion_, self._theta(rows), rows)


def test_a_bound_is_the_mean_of_draws_of_the_loss():
    found = NoisyBits(steps=4, rng=0, ema_decay=0.5).fit(BITS)
    rng = numpy.random.default_rng(8)
    noise = sum(rng.random((40, 1))[:, 0] for _ in range(3)) / 3
    numpy.testing.assert_allclose(found.elbo(BITS, samples=3, rng=8), found._exact(BITS) - noise, rtol=1e-12)
    first = numpy.random.default_rng(0).random((40, 1))[:, 0]
    assert found.score(BITS) == pytest.approx(float((found._exact(BITS) - first).mean()), rel=1e-12)
    # Records have fixed noise, and the steps fresh noise.
    assert found.history_.loss[-1] == pytest.approx(-found.score(BITS), rel=1e-6)


def test_a_divergence_names_the_step():
    with pytest.warns(RuntimeWarning, match="the loss or a parameter became infinite or NaN; z_ is") as said:
        found = model(rule=SimultaneousGradientDescent(3e38)).fit(BITS)
    assert found.status_ is Status.DIVERGED
    assert f"training diverged at step {found.steps_ + 1}: " in str(said[0].message)
    assert 0 < found.steps_ < 12
    assert numpy.isfinite(found.z_).all()


def test_progress_says_the_loss():
    notes = []
    model(progress=lambda step, steps, note: notes.append(note), validation=0.2).fit(BITS)
    assert notes[-1].startswith("loss ")
    assert ", held out " in notes[-1]
    assert ", |grad| " in notes[-1]


def test_files_say_what_they_are_of(tmp_path):
    found = model().fit(BITS)
    found.save(tmp_path / "fvsbn.npz")

    class Other(FVSBN):
        pass

    with pytest.raises(ValueError, match=r"is a checkpoint of a model FVSBN, not of Other\. Load it by `FVSBN.load`"):
        Other.load(tmp_path / "fvsbn.npz")
    with pytest.raises(ValueError, match=r"the checkpoint .*fvsbn\.npz is of a FVSBN, not of a Other"):
        Other(steps=20).fit(BITS, resume=tmp_path / "fvsbn.npz")
    with pytest.raises(ValueError, match="is not a checkpoint of a GAN that can be read: its schema is"):
        GAN.load(tmp_path / "fvsbn.npz")
    with pytest.raises(ValueError, match="must be the data of the checkpoint"):
        model().fit(1 - BITS, resume=tmp_path / "fvsbn.npz")
    with pytest.raises(ValueError, match="`batch_size` must be that of the checkpoint"):
        model(batch_size=9).fit(BITS, resume=tmp_path / "fvsbn.npz")
    loaded = FVSBN.load(tmp_path / "fvsbn.npz")
    with pytest.raises(ValueError, match="`X` must be given to `as_game` of a model that was loaded"):
        loaded.as_game()
    assert loaded.as_game(BITS).rows.shape == (40, 5)
    with pytest.raises(ValueError, match="a FVSBN that was loaded has no data"):
        _ = loaded._fit.data


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: model(validation=1.0).fit(BITS), ValueError, r"`validation` must lie in \(0, 1\), got 1.0"),
        (
            lambda: model(validation=0.99).fit(BITS),
            ValueError,
            "`validation` must leave rows to train on, got 0.99 of 40",
        ),
        (
            lambda: model(validation=BITS).fit(BITS, LABELS),
            ValueError,
            r"`validation` must be rows, or a tuple \(X, y\)",
        ),
        (lambda: model(validation=BITS + 1).fit(BITS), ValueError, "`validation` must hold zeros and ones"),
        (lambda: model(dtype="float16").fit(BITS), ValueError, "`dtype` must be one of 'float32', 'float64'"),
        (lambda: model(rule=Adam).fit(BITS), TypeError, "`rule` must be an UpdateRule.* Call it with its step size"),
        (lambda: model(steps=-1).fit(BITS), ValueError, "`steps` must be at least 0"),
        (lambda: model().fit(BITS, LABELS).sample(3), ValueError, "`y` must be given to a FVSBN that was fitted with"),
        (
            lambda: model().fit(BITS, LABELS).sample(3, "c"),
            ValueError,
            "labels that the FVSBN was fitted on, a, b; got c",
        ),
        (lambda: model().fit(BITS).sample(3, "a"), ValueError, "`y` must be None for a FVSBN that was fitted without"),
        (lambda: model().fit(BITS).sample(0), ValueError, "`n` must be at least 1"),
        (lambda: model().fit(BITS).elbo(BITS, samples=0), ValueError, "`samples` must be at least 1"),
        (lambda: model().fit(BITS).importance_weighted_bound(BITS, 0), ValueError, "`k` must be at least 1"),
    ],
)
def test_what_cannot_be_used_is_named(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("binary", [[0.0, 0.3]], "must hold zeros and ones, for M, got 0.3 at row 0, column 1. Binarize it"),
        ("grey", [[0.0], [1.5]], r"must hold numbers in \[0, 1\], for M, got 1.5 at row 1, column 0. Divide it"),
        ("grey", [[-0.5]], r"must hold numbers in \[0, 1\]"),
        ("counts", [[0.5]], "must hold whole numbers from 0 on, for M, got 0.5 .* Round it"),
        ("counts", [[-1.0]], "must hold whole numbers from 0 on"),
        ("symbols", [[-1.0]], "one for each symbol, for M, got -1 .* Number the symbols"),
        ("symbols", [[3.0]], "symbols that it was fitted on, 0 to 2, for M, got 3 .* data with all symbols"),
    ],
)
def test_values_of_another_kind_are_refused(kind, values, message):
    with pytest.raises(ValueError, match=message):
        check_kind(kind, numpy.array(values), "M", 3 if kind == "symbols" else 0)


def test_values_of_the_kind_pass():
    for kind, values in (
        ("binary", [0, 1]),
        ("grey", [0, 0.3, 1]),
        ("real", [-7.5]),
        ("counts", [0, 9]),
        ("symbols", [2]),
    ):
        check_kind(kind, numpy.array([values], dtype=float), "M", 3 if kind == "symbols" else 0)


@pytest.mark.parametrize(
    ("kind", "columns", "message"),
    [
        ("binary", [[0, 0], [0, 1]], r"columns \(0\) that are constant: .* Leave them out"),
        ("real", [[1, 0.5], [2, 0.7]], r"columns \(0\) that are of whole numbers, .* Dequantize them"),
        ("real", [[0.5, 500.5], [0.7, 400.2]], r"columns \(1\) that are far from mean 0 .* Standardize them"),
        ("grey", numpy.zeros((2, 10)), r"columns \(0, 1, 2, 3, 4, 5, 6, 7, ...\) that are constant"),
    ],
)
def test_columns_without_an_optimum_are_warned_of(kind, columns, message):
    with pytest.warns(UserWarning, match=message):
        warn_of_columns(kind, numpy.array(columns, dtype=float))


def test_other_columns_are_not_warned_of():
    warn_of_columns("binary", BITS)
    warn_of_columns("real", BITS + 0.5 * numpy.arange(40)[:, None] / 40)
    warn_of_columns("symbols", numpy.zeros((3, 2)))
    with pytest.warns(UserWarning, match="constant") as said:
        warn_of_columns("real", numpy.array([[1, 0.5], [1, 0.7]]))
    assert len(said) == 1
    warn_of_columns("binary", BITS[:1])


def test_a_gan_says_that_it_has_no_density():
    with pytest.raises(ValueError, match=r"`log_prob` is not there for GAN: .* `divergences\.estimate_divergence`"):
        GAN().log_prob(BITS)


class Mine(FVSBN):
    """A class of a user's own."""


def test_load_model_finds_the_class(tmp_path):
    for made in (model().fit(BITS), Mine(steps=1).fit(BITS), GAN(steps=1, batch_size=4).fit(BITS)):
        made.save(tmp_path / "any.npz")
        loaded = load_model(tmp_path / "any.npz")
        assert type(loaded) is type(made)
        numpy.testing.assert_array_equal(loaded.z_, made.z_)


def test_load_model_says_what_a_file_is(tmp_path):
    passing = type("Passing", (FVSBN,), {})
    passing(steps=0).fit(BITS).save(tmp_path / "own.npz")
    del passing
    gc.collect()
    with pytest.raises(ValueError, match="is a checkpoint of a model Passing, which is not known"):
        load_model(tmp_path / "own.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(ValueError, match="is not a checkpoint of a model that can be read"):
        load_model(tmp_path / "text.npz")
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "none.npz")
