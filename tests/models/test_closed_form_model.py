"""ClosedFormModel: what is fitted at once answers, is stored and is found like what is trained."""

import numpy
import pytest

from gamedyn.models import FVSBN, DensityModel, load_model
from tests.density_cases import BITS, LABELS, Coins


def test_answers_are_of_what_was_learned():
    probs = (BITS.sum(axis=0) + 1) / 42
    expected = numpy.log(numpy.where(BITS == 1, probs, 1 - probs)).sum(axis=1)
    numpy.testing.assert_allclose(Coins().fit(BITS).log_prob(BITS), expected, rtol=1e-13)
    labelled = Coins().fit(BITS, LABELS)
    alone = Coins().fit(BITS[LABELS == "b"])
    numpy.testing.assert_allclose(labelled.log_prob(BITS, "b"), alone.log_prob(BITS), rtol=1e-13)
    assert abs(labelled.sample(4000, "b", rng=0).mean(axis=0) - alone.state_["probs"][0]).max() < 0.04


def test_files_name_their_class(tmp_path):
    model = Coins(0.25).fit(BITS, LABELS)
    for path in (tmp_path / "coins.npz", tmp_path / "folder"):
        model.save(path)
        loaded = load_model(path)
        assert (type(loaded), loaded.count) == (Coins, 0.25)
        numpy.testing.assert_array_equal(loaded.classes_, ["a", "b"])
        numpy.testing.assert_array_equal(loaded.state_["probs"], model.state_["probs"])
    assert Coins.load(path, count=3.0).count == 3.0
    with pytest.raises(ValueError, match=r"is not a checkpoint of a model that can be read: its schema is"):
        FVSBN.load(path)

    class Others(Coins):
        pass

    with pytest.raises(ValueError, match=r"is of a model Coins, not of Others\. Load it by `Coins.load`"):
        Others.load(path)
    with pytest.raises(ValueError, match="`params` must be one of 'count'"):
        Coins.load(path, weight=1)


def test_what_cannot_be_stored_or_used_is_named(tmp_path):
    class Plain(Coins):
        takes_labels = False

    with pytest.raises(ValueError, match="`y` must be None for Plain, which takes no labels"):
        Plain().fit(BITS, LABELS)

    class Bound(Coins):
        density = "bound"

    class Exact(Coins):
        _log_prob = DensityModel._log_prob

    with pytest.raises(TypeError, match="Bound must define `_elbo`, as its `density` is 'bound'"):
        Bound().fit(BITS).score(BITS)
    with pytest.raises(TypeError, match="Bound must define `_importance_weighted_bound`"):
        Bound().fit(BITS).importance_weighted_bound(BITS, 2)
    with pytest.raises(TypeError, match="Exact must define `_log_prob`"):
        Exact().fit(BITS).score(BITS)
    with pytest.raises(ValueError, match="this Coins is not fitted yet"):
        Coins().save(tmp_path / "coins.npz")
    with pytest.raises(ValueError, match="`y` must be None for a Coins that was fitted without labels"):
        Coins().fit(BITS).sample(2, "a")


class Words(Coins):
    """Uniform over the symbols that were there."""

    data_kind = "symbols"

    def _log_prob(self, rows):
        return numpy.full(len(rows), -rows.shape[1] * numpy.log(self._shapes.symbols))


def test_symbols_are_those_that_were_there(tmp_path):
    model = Words().fit([[0, 2, 1, 1]] * 3)
    numpy.testing.assert_allclose(model.log_prob([[2, 2, 0, 0]]), -4 * numpy.log(3), rtol=1e-15)
    model.save(tmp_path / "words.npz")
    for each in (model, load_model(tmp_path / "words.npz")):
        with pytest.raises(
            ValueError, match="symbols that it was fitted on, 0 to 2, for Words, got 3 at row 0, column 1"
        ):
            each.log_prob([[2, 3, 0, 0]])


def test_more_importance_samples_take_fewer_rows_at_once():
    seen = []

    class Wide(Coins):
        density = "bound"

        def _importance_weighted_bound(self, rows, k, rng):
            seen.append(len(rows))
            return self._log_prob(rows)

    model, expected = Wide().fit(BITS), Coins().fit(BITS).log_prob(BITS)
    for k, sizes in ((1, [40]), (100, [10] * 4), (5000, [1] * 40)):
        seen.clear()
        numpy.testing.assert_allclose(model.importance_weighted_bound(BITS, k), expected, rtol=1e-13)
        assert seen == sizes
