"""Laws of every density model: what is drawn is of its kind, runs go on and files hold, and bad data are refused."""

import copy
import math

import numpy
import pytest

from gamedyn.models import TrainedModel
from gamedyn.updates import SimultaneousGradientDescent
from tests.density_cases import DENSITY_MODELS, case_names

TRAINED = [case for case in DENSITY_MODELS if isinstance(case.model, TrainedModel)]

every_model = pytest.mark.parametrize("case", DENSITY_MODELS, ids=case_names(DENSITY_MODELS))
every_trained_model = pytest.mark.parametrize("case", TRAINED, ids=case_names(TRAINED))


def fresh(case, **changes):
    """An unfitted copy."""
    return type(case.model)(**{**case.model.get_params(), **changes})


def fitted(case, **changes):
    return fresh(case, **changes).fit(case.X, case.y)


def one_label(case):
    return None if case.y is None else case.y[0]


@every_model
def test_samples_are_of_the_kind_and_a_function_of_the_seed(case):
    model = fitted(case)
    samples = model.sample(30, one_label(case), rng=3)
    assert samples.shape == (30, case.X.shape[1])
    again = fresh(case).fit(samples, None if case.y is None else case.y[:30])
    assert again.n_features_in_ == case.X.shape[1]
    numpy.testing.assert_array_equal(samples, model.sample(30, one_label(case), rng=numpy.random.default_rng(3)))


@every_model
def test_answers_have_a_number_for_each_row(case):
    model = fitted(case)
    if model.density == "none":
        with pytest.raises(ValueError, match=r"its density is unknown, .* Compare its samples"):
            model.log_prob(case.X, case.y)
        return
    bounds = [model.elbo(case.X, case.y, rng=1), model.importance_weighted_bound(case.X, 3, case.y, rng=1)]
    if model.density == "exact":
        exact = model.log_prob(case.X, case.y)
        for bound in bounds:
            numpy.testing.assert_array_equal(bound, exact)
        assert model.score(case.X, case.y) == pytest.approx(float(exact.mean()), rel=1e-12)
        alone = [model.log_prob(case.X[i : i + 1], None if case.y is None else case.y[i : i + 1])[0] for i in range(3)]
        numpy.testing.assert_allclose(exact[:3], alone, rtol=1e-12)
    else:
        with pytest.raises(ValueError, match=r"only bounds its density from below\. Use `elbo`"):
            model.log_prob(case.X, case.y)
    for bound in bounds:
        assert bound.shape == (len(case.X),)
        assert bound.dtype == numpy.float64
    bits = -model.score(case.X, case.y) / (case.X.shape[1] * math.log(2))
    assert model.bits_per_dim(case.X, case.y) == pytest.approx(bits, rel=1e-12)


@every_model
def test_files_hold_the_model(case, tmp_path):
    model = fitted(case)
    model.save(tmp_path / "model.npz")
    loaded = type(case.model).load(tmp_path / "model.npz")
    numpy.testing.assert_array_equal(*(m.sample(5, one_label(case), rng=2) for m in (loaded, model)))
    if model.density != "none":
        assert loaded.score(case.X, case.y) == model.score(case.X, case.y)


@every_trained_model
def test_a_run_in_two_parts_is_the_run(case, tmp_path):
    whole = fitted(case)
    first = fitted(case, steps=case.model.steps // 2, checkpoint=tmp_path / "run.npz")
    second = type(case.model).resume(tmp_path / "run.npz", case.X, case.y, steps=case.model.steps)
    copied = copy.deepcopy(first)
    copied.steps = case.model.steps - first.steps
    for other in (second, copied.partial_fit(case.X, case.y)):
        assert other.steps_ == whole.steps_
        numpy.testing.assert_array_equal(other.z_, whole.z_)
        numpy.testing.assert_array_equal(
            other.sample(4, one_label(case), rng=0), whole.sample(4, one_label(case), rng=0)
        )
    numpy.testing.assert_array_equal(second.history_.loss[[0, -1]], whole.history_.loss[[0, -1]])


@every_trained_model
def test_every_library_trains_and_answers_alike(case, game_library):
    model, expected = fresh(case).fit(game_library.asarray(case.X), case.y), fitted(case)
    assert game_library.owns(model.z_, dtype="float32")
    numpy.testing.assert_allclose(game_library.host(model.z_), expected.z_, rtol=1e-4, atol=1e-5)
    assert game_library.owns(model.sample(5, one_label(case), rng=0), dtype="float32")
    if case.model.density != "none":
        answer = model.elbo(game_library.asarray(case.X), case.y, rng=0)
        assert game_library.owns(answer)
        found = game_library.host(answer)
        numpy.testing.assert_allclose(found, expected.elbo(case.X, case.y, rng=0), rtol=1e-3, atol=1e-4)


@every_trained_model
def test_any_rule_trains_and_the_loss_falls(case):
    model = fitted(case, rule=SimultaneousGradientDescent(0.02), steps=20, batch_size=None, ema_decay=None)
    assert model.history_.loss[-1] < model.history_.loss[0]
    assert model.z_.dtype == numpy.float32
    assert model.as_game().dims == model.z_.shape


@every_model
def test_other_data_are_refused(case):
    name = type(case.model).__name__
    with pytest.raises(ValueError, match=f"this {name} is not fitted yet. Call `fit` first"):
        fresh(case).sample(3)
    model = fitted(case)
    if not math.isnan(case.bad):
        bad = numpy.array(case.X)
        bad[2, 1] = case.bad
        for call in (fresh(case).fit, *([] if model.density == "none" else [model.score])):
            with pytest.raises(ValueError, match=f"`X` must hold .*{name}, got .* at row 2, column 1. "):
                call(bad, case.y)
    if model.density != "none":
        with pytest.raises(ValueError, match=f"features that the {name} was fitted on, got 1"):
            model.score(case.X[:, :1], case.y)


@every_model
def test_scikit_learn_clones_and_searches(case):
    pytest.importorskip("sklearn")
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    copied = clone(case.model)
    assert copied.get_params() == case.model.get_params()
    if case.model.density == "none" or not isinstance(case.model, TrainedModel):
        return
    chain = make_pipeline(FunctionTransformer(), fresh(case, validation=None))
    search = GridSearchCV(chain, {f"{type(case.model).__name__.lower()}__steps": [1, 2]}, cv=2, error_score="raise")
    search.fit(case.X, case.y)
    assert numpy.isfinite(search.cv_results_["mean_test_score"]).all()
