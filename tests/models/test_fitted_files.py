"""Files of models that are fitted at once: what is loaded is what was stored, and says so."""

import numpy
import pytest

from gamedyn.models import PPCA, EmpiricalModel, GaussianMixtureModel, KernelDensityModel, NGram, load_model

ROWS = numpy.random.default_rng(0).normal(size=(40, 3)) * [1.0, 3.0, 0.3]
TEXTS = ["abab", "ba", "aab"]


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (EmpiricalModel(), ()),
        (
            GaussianMixtureModel(2, tolerance=0.01, rng=0),
            ("history_", "steps_", "floored_", "status_"),
        ),
        (KernelDensityModel("silverman"), ("bandwidth_",)),
        (PPCA(2, noise_variance=0.5), ("W_", "noise_variance_", "eigenvalues_", "collapsed_", "log_likelihood_")),
    ],
)
def test_attributes_are_stored(model, names, tmp_path):
    fitted = type(model)(**model.get_params()).fit(ROWS)
    fitted.save(tmp_path)
    loaded = load_model(tmp_path)
    assert type(loaded) is type(model)
    for name in names:
        numpy.testing.assert_array_equal(getattr(loaded, name), getattr(fitted, name))
    numpy.testing.assert_array_equal(loaded.log_prob(ROWS), fitted.log_prob(ROWS))
    with pytest.raises(ValueError, match=f"`y` must be None for {type(model).__name__}, which takes no labels"):
        fitted.fit(ROWS, ROWS[:, 0])


@pytest.mark.parametrize("smoothing", ["none", "add-k", "kneser-ney"])
@pytest.mark.parametrize("kind", ["text", "words", "integers"])
def test_sequences_are_stored(smoothing, kind, tmp_path):
    data, extra = {
        "text": (TEXTS, "dé\U0001f600"),
        "words": ([text.split("b") for text in TEXTS], ["c"]),
        "integers": ([numpy.array([5, 7, 5]), numpy.array([7])], range(5, 9)),
    }[kind]
    model = NGram(3, smoothing, symbols=extra, unknown=True, ends=smoothing != "none").fit(data)
    model.save(tmp_path / "sequences.npz")
    for loaded in (NGram.load(tmp_path / "sequences.npz"), load_model(tmp_path / "sequences.npz", k=2.0)):
        numpy.testing.assert_array_equal(loaded.log_prob(data), model.log_prob(data))
        assert [list(row) for row in loaded.sample(4, rng=0)] == [list(row) for row in model.sample(4, rng=0)]
        assert loaded.symbols_ == model.symbols_
        assert loaded.discounts_ == model.discounts_
        assert loaded.n_predictions_ == model.n_predictions_
        numpy.testing.assert_array_equal(loaded.fit(data).log_prob(data[:1]).shape, (1,))
    assert loaded.k == 2.0


def test_other_files_are_refused(tmp_path):
    EmpiricalModel().fit(ROWS).save(tmp_path / "rows.npz")
    with pytest.raises(ValueError, match="is not a fitted law of sequences that can be read: its schema is"):
        NGram.load(tmp_path / "rows.npz")
    NGram().fit(TEXTS).save(tmp_path / "texts.npz")
    with pytest.raises(ValueError, match="is not a fitted model that can be read: its schema is"):
        PPCA.load(tmp_path / "texts.npz")
    with pytest.raises(ValueError, match="this NGram is not fitted yet"):
        NGram().save(tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError):
        NGram.load(tmp_path / "none.npz")
