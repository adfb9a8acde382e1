"""GAN, the estimator: parameters, what it answers, the game underneath, scikit-learn, messages."""

import copy
import pickle

import numpy
import pytest

from gamedyn.divergences import KullbackLeibler
from gamedyn.dynamics import Status
from gamedyn.equilibria import classify
from gamedyn.games import Clipped, Regularized, Unrolled
from gamedyn.models import GAN
from gamedyn.nn import BatchNormalization, Dense, Network, SpectralNormalization, Tanh, mlp
from gamedyn.objectives import FGAN, LeastSquares
from gamedyn.updates import AlternatingGradientDescent, ExtraAdam, SimultaneousGradientDescent
from tests.models.gan_runs import small

DATA = numpy.random.default_rng(0).normal([2.0, -1.0], 1.0, (40, 2))
LABELS = numpy.array(["a", "b"] * 20)


@pytest.fixture(scope="module")
def fitted():
    return small(dtype="float64", ema_decay=0.5).fit(DATA)


@pytest.fixture(scope="module")
def labelled():
    return small(dtype="float64").fit(DATA, LABELS)


def test_parameters_are_stored_as_they_are_and_come_back():
    rule = SimultaneousGradientDescent(0.1)
    gan = GAN("hinge", rule=rule, steps=3)
    assert gan.get_params()["rule"] is rule
    assert next(iter(gan.get_params())) == "objective"
    again = GAN(**gan.get_params())
    assert (
        repr(again) == repr(gan) == "GAN(objective='hinge', rule=SimultaneousGradientDescent(step_size=0.1), steps=3)"
    )
    assert again.set_params(steps=4, latent_dim=7) is again
    assert (again.steps, again.latent_dim) == (4, 7)
    with pytest.raises(ValueError, match=r"`params` must be one of .*'stepz'. Did you mean 'steps'"):
        again.set_params(stepz=1)
    # Nothing is looked at before `fit`.
    assert GAN("nonsense", steps=-3).steps == -3


def test_a_sample_is_the_generators_image_of_the_noise(fitted):
    noise = numpy.random.default_rng(3).standard_normal((5, 2))
    generator = mlp((2, 4, 2), Tanh())
    numpy.testing.assert_array_equal(fitted.sample(5, rng=3), generator(fitted.average_, noise))
    plain = small(dtype="float64").fit(DATA)
    assert plain.average_ is None
    numpy.testing.assert_array_equal(plain.z_, fitted.z_)
    numpy.testing.assert_array_equal(plain.sample(5, rng=3), generator(plain.z_[: generator.size], noise))


def test_probabilities_are_those_of_the_objective(fitted):
    critic = mlp((2, 3, 1), Tanh())
    logits = critic(fitted.z_[-critic.size :], DATA)[:, 0]
    numpy.testing.assert_allclose(fitted.discriminate(DATA, output="logit"), logits, rtol=1e-13)
    numpy.testing.assert_allclose(fitted.discriminate(DATA), 1 / (1 + numpy.exp(-logits)), rtol=1e-13)
    squares = small(objective=LeastSquares(-1.0, 1.0, 0.0), dtype="float64").fit(DATA)
    outputs = squares.discriminate(DATA, output="logit")
    # Labels -1 for real and 1 for fake: the best output is (q - p) / (p + q).
    numpy.testing.assert_allclose(squares.discriminate(DATA), numpy.clip((1 - outputs) / 2, 0, 1), rtol=1e-12)
    with pytest.raises(ValueError, match='`output` must be "logit" for Wasserstein'):
        small(objective="wasserstein").fit(DATA).discriminate(DATA)


def test_labels_stand_beside_noise_and_samples(labelled):
    assert labelled.classes_.tolist() == ["a", "b"]
    generator, critic = mlp((4, 4, 2), Tanh()), mlp((4, 3, 1), Tanh())
    noise = numpy.random.default_rng(3).standard_normal((2, 2))
    theta, phi = labelled.z_[: generator.size], labelled.z_[generator.size :]
    rows = numpy.concatenate([noise, [[0.0, 1.0], [1.0, 0.0]]], axis=1)
    numpy.testing.assert_array_equal(labelled.sample(2, ["b", "a"], rng=3), generator(theta, rows))
    one = labelled.sample(2, "b", rng=3)
    numpy.testing.assert_array_equal(one[0], labelled.sample(2, ["b", "a"], rng=3)[0])
    shown = numpy.concatenate([DATA[:2], [[1.0, 0.0], [0.0, 1.0]]], axis=1)
    logits = labelled.discriminate(DATA[:2], ["a", "b"], output="logit")
    numpy.testing.assert_allclose(logits, critic(phi, shown)[:, 0], rtol=1e-13)


def test_packs_are_judged_together():
    gan = small(packing=2, dtype="float64").fit(DATA)
    critic = mlp((4, 3, 1), Tanh())
    logits = gan.discriminate(DATA[:4], output="logit")
    numpy.testing.assert_allclose(logits, critic(gan.z_[-critic.size :], DATA[:4].reshape(2, 4))[:, 0], rtol=1e-13)
    with pytest.raises(ValueError, match="`X` must have a multiple of `packing` = 2 rows, got 3"):
        gan.discriminate(DATA[:3])


def test_the_game_underneath_is_the_one_that_was_trained():
    gan = small(objective="minimax", dtype="float64", penalty="r1", penalty_weight=0.3).fit(DATA)
    game = gan.as_game()
    assert isinstance(game, Regularized)
    assert (game.r1, game.dims) == (0.3, (22, 13))
    numpy.testing.assert_array_equal(game.real(gan.z_), DATA)
    assert classify(game, gan.z_).kind == "nonstationary"
    assert isinstance(small(penalty="clip").fit(DATA).as_game(), Clipped)
    other = gan.as_game(DATA[:9])
    numpy.testing.assert_array_equal(other.real(gan.z_), DATA[:9])


@pytest.mark.parametrize(
    ("penalty", "options"),
    [
        ("r2", {"r2": 1.0}),
        ("gradient-penalty", {"gradient_penalty": (20.0, 1.0)}),
        ("dragan", {"dragan": (20.0, 0.5 * DATA.std())}),
    ],
)
def test_penalties_are_regularized_games(penalty, options):
    gan = small(dtype="float64", penalty=penalty, steps=2).fit(DATA)
    for name, value in options.items():
        assert getattr(gan.as_game(), name) == pytest.approx(value, rel=1e-12)


def test_an_unrolled_game_looks_ahead():
    gan = small(dtype="float64", unrolled_steps=2, unrolled_step_size=0.3, penalty="r1", steps=2).fit(DATA)
    game = gan.as_game()
    assert isinstance(game, Unrolled)
    assert (game.steps, game.step_size, game.game.r1) == (2, 0.3, 1.0)
    plain = small(dtype="float64", penalty="r1", steps=2).fit(DATA)
    assert not numpy.array_equal(gan.z_, plain.z_)


@pytest.mark.parametrize("rule", [AlternatingGradientDescent(0.3), SimultaneousGradientDescent(0.3)])
def test_the_discriminator_may_take_several_steps(rule):
    gan = small(dtype="float64", discriminator_steps=3, rule=rule, steps=1).fit(DATA)
    rng, model = numpy.random.default_rng(0), gan._fit.model
    z = model.init(rng)
    game = model.draw(rng)
    z[:22] -= 0.3 * game.player_gradient(z, 0)
    for _ in range(3):
        z[22:] -= 0.3 * game.player_gradient(z, 1)
        game = game.redraw()
    numpy.testing.assert_allclose(gan.z_, z, rtol=1e-10, atol=1e-14)


def test_a_sample_does_not_depend_on_its_batch():
    generator = Network((Dense(4, 5), BatchNormalization(5), Tanh(), Dense(5, 2)), input_size=4)
    gan = small(generator=generator, dtype="float64", steps=2).fit(DATA, LABELS)
    many = gan.sample(9, "b", rng=3)
    numpy.testing.assert_allclose(gan.sample(2, "b", rng=3), many[:2], rtol=1e-12)
    # The statistics are those of fresh noise with labels as often as in the data, here half of each: between those of
    # one label alone and of the other.
    rare = small(generator=generator, dtype="float64", steps=0).fit(DATA, numpy.array(["a"] * 39 + ["b"]))
    even = small(generator=generator, dtype="float64", steps=0).fit(DATA, LABELS)
    noise, ones = numpy.random.default_rng(7).standard_normal((200_000, 2)), numpy.eye(2)
    for fitted, share in ((rare, 1 / 40), (even, 1 / 2)):
        chosen = ones[(numpy.arange(200_000) < share * 200_000).astype(int)]
        inputs = numpy.concatenate([noise, chosen], axis=1)
        frozen = generator.frozen(fitted.z_[: generator.size], inputs)
        # A population of 4,096 knows means and deviations to some 2 percent.
        expected = frozen(fitted.z_[: generator.size], numpy.concatenate([noise[:5], ones[[1] * 5]], axis=1))
        measured = fitted._fit.samples(fitted.z_[: generator.size], noise[:5], numpy.ones(5, dtype=int))
        numpy.testing.assert_allclose(measured, expected, atol=0.1)


def test_clipping_bounds_the_discriminator_alone():
    gan = small(penalty="clip", penalty_weight=0.02, dtype="float64", rule=AlternatingGradientDescent(0.5)).fit(DATA)
    assert numpy.abs(gan.z_[22:]).max() == 0.02
    assert numpy.abs(gan.z_[:22]).max() > 0.1


def test_spectral_normalisation_is_in_the_discriminator_alone():
    gan = small(penalty="spectral", steps=2).fit(DATA)
    kinds = [[isinstance(layer, SpectralNormalization) for layer in n.layers] for n in gan._fit.networks]
    assert kinds == [[False] * 3, [True, False, True]]


def test_objectives_come_by_name_or_as_they_are():
    by_name = small(objective="kullback-leibler", steps=3, dtype="float64").fit(DATA)
    for objective in (KullbackLeibler(), FGAN(KullbackLeibler())):
        numpy.testing.assert_array_equal(small(objective=objective, steps=3, dtype="float64").fit(DATA).z_, by_name.z_)


def test_networks_may_be_given():
    networks = {"generator": mlp((3, 5, 2)), "discriminator": mlp((2, 1))}
    gan = small(**networks, latent_dim=3).fit(DATA)
    assert gan.z_.shape == (networks["generator"].size + 3,)
    assert gan.z_.dtype == numpy.float32
    assert gan.sample(3, rng=0).dtype == numpy.float32


def test_the_score_is_minus_the_energy_distance(fitted, labelled):
    fake = fitted.sample(40, rng=0)

    def mean_distance(a, b):
        return numpy.linalg.norm(a[:, None, :] - b[None, :, :], axis=-1).mean()

    distance = 2 * mean_distance(DATA, fake) - mean_distance(DATA, DATA) - mean_distance(fake, fake)
    assert fitted.score(DATA) == pytest.approx(-distance, rel=1e-12)
    assert fitted.score(DATA, LABELS) == fitted.score(DATA)
    # Every label counts: data with labels exchanged are far from samples of the true ones.
    assert labelled.score(DATA, LABELS) != labelled.score(DATA, LABELS[::-1])


def test_partial_fit_goes_on():
    whole = small(steps=8, ema_decay=0.9).fit(DATA)
    parts = small(steps=3, ema_decay=0.9).partial_fit(DATA).partial_fit(DATA)
    parts.set_params(steps=2).partial_fit(DATA)
    assert parts.steps_ == 8
    numpy.testing.assert_array_equal(parts.z_, whole.z_)
    numpy.testing.assert_array_equal(parts.average_, whole.average_)
    with pytest.raises(ValueError, match="`batch_size` must be that of the last fit to go on from there, 8, got 4"):
        parts.set_params(batch_size=4).partial_fit(DATA)


def test_a_generator_of_random_numbers_is_advanced():
    rng = numpy.random.default_rng(0)
    first, second = small(rng=rng).fit(DATA), small(rng=rng).fit(DATA)
    numpy.testing.assert_array_equal(first.z_, small().fit(DATA).z_)
    assert not numpy.array_equal(first.z_, second.z_)


def test_other_libraries_stay_themselves(game_library):
    gan = small(dtype="float64", ema_decay=0.9, steps=3).fit(game_library.asarray(DATA))
    assert game_library.owns(gan.z_)
    assert game_library.owns(gan.sample(3, rng=0))
    assert game_library.owns(gan.discriminate(game_library.asarray(DATA[:3])))
    reference = small(dtype="float64", ema_decay=0.9, steps=3).fit(DATA)
    numpy.testing.assert_allclose(game_library.host(gan.z_), reference.z_, rtol=1e-9, atol=1e-12)
    assert gan.score(game_library.asarray(DATA)) == pytest.approx(reference.score(DATA), rel=1e-7)


def test_progress_is_lines_or_a_function(capsys):
    small(progress=True, steps=70).fit(DATA)
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith("GAN: step 70 of 70, W1 ")
    assert "critic" in line
    assert "|grad|" in line
    told = []
    small(progress=lambda *arguments: told.append(arguments), steps=70, evaluate_every=70).fit(DATA)
    assert [step for step, _, _ in told] == [64, 70]
    assert told[-1][1] == 70
    told.clear()
    # Also where a rule has no plan; the end of a leg is told once, with what was measured there.
    small(progress=lambda *arguments: told.append(arguments), steps=70, evaluate_every=70, rule=ExtraAdam()).fit(DATA)
    assert [step for step, _, _ in told] == [64, 70]
    assert told[0][2] != told[1][2]


def test_a_bar_is_shown_on_a_terminal(capsys, monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    small(progress=True).fit(DATA)
    text = capsys.readouterr().err
    assert "6/6" in text
    assert "W1" in text


def test_scikit_learn_takes_it():
    pytest.importorskip("sklearn")
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.utils.validation import check_is_fitted

    gan = small(rule=SimultaneousGradientDescent(0.1), steps=2)
    copied = clone(gan)
    assert copied is not gan
    assert repr(copied) == repr(gan)
    with pytest.raises(ValueError):
        check_is_fitted(copied)
    pipeline = make_pipeline(StandardScaler(), gan).fit(DATA)
    assert pipeline.score(DATA) == gan.score((DATA - DATA.mean(0)) / DATA.std(0))
    check_is_fitted(gan)
    search = GridSearchCV(small(steps=2), {"latent_dim": [1, 2], "batch_size": [4]}, cv=2).fit(DATA)
    assert set(search.best_params_) == {"latent_dim", "batch_size"}
    assert numpy.isfinite(search.cv_results_["mean_test_score"]).all()
    search = GridSearchCV(small(steps=2), {"latent_dim": [1]}, cv=2).fit(DATA, LABELS)
    assert search.best_estimator_.classes_.tolist() == ["a", "b"]


def test_copies_are_their_own():
    gan = small(steps=2).fit(DATA)
    again = copy.deepcopy(gan).partial_fit(DATA)
    assert (gan.steps_, again.steps_) == (2, 4)
    assert gan.status_ is Status.MAX_STEPS


def test_a_fitted_one_goes_through_a_pickle():
    # As joblib, which scikit-learn's users store estimators with, and processes hand them on.
    for options in ({"penalty": "gradient-penalty", "unrolled_steps": 1}, {"penalty": "clip"}):
        gan = small(steps=2, **options).fit(DATA)
        again = pickle.loads(pickle.dumps(gan))
        numpy.testing.assert_array_equal(again.partial_fit(DATA).z_, gan.partial_fit(DATA).z_)
