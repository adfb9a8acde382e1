"""Rules beyond Adam and descent in training plans: the rules themselves under `simulate` are their reference."""

import numpy
import pytest

from gamedyn.dynamics import Status, simulate
from gamedyn.games import Regularized, WrappedDraws
from gamedyn.models import GAN, _training_plan
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_plan import NotFinite, plan_training
from gamedyn.nn import ReLU, Softplus, Tanh
from gamedyn.objectives import Hinge, LeastSquares, Minimax, NonSaturating
from gamedyn.updates import (
    DoubleStepExtragradient,
    ExtraAdam,
    Extragradient,
    HeavyBall,
    InnerSteps,
    OptimisticAdam,
    OptimisticGradient,
    RMSProp,
)
from tests.models import test_ensemble_plan, test_plan_normalized, test_plan_packs, test_plan_tied
from tests.models.gan_runs import DATA, LABELS, run, same
from tests.models.test_training_plan import assert_plays, model_of, penalised, start

RULES = {
    "ExtraAdam": ExtraAdam(0.02, epsilon=0.01),
    "ExtraAdam without momentum": ExtraAdam(0.02, first_decay=0, second_decay=0.9, epsilon=0.01),
    "OptimisticAdam": OptimisticAdam(0.02, epsilon=0.01),
    "Extragradient": Extragradient(0.05, extrapolation_step=0.1),
    "Extragradient in turn": Extragradient(0.05, schedule="alternating"),
    "DoubleStepExtragradient": DoubleStepExtragradient(0.1, 0.2, offset=1.5),
    "OptimisticGradient": OptimisticGradient(0.05, optimism=0.08),
    "HeavyBall": HeavyBall(0.05, momentum=-0.4),
    "HeavyBall in turn": HeavyBall(0.05, momentum=0.7, schedule="alternating"),
    "RMSProp": RMSProp(0.02, decay=0.7, epsilon=0.01),
    "RMSProp in turn": RMSProp(0.02, decay=0, epsilon=0.1, schedule="alternating"),
    "RMSProp many times": InnerSteps(RMSProp(0.01, epsilon=0.01), (2, 3), player_order=(1, 0), step_factors=(1.5, 0.5)),
}
# With kinks, penalties, labels, packs, noise, matrices made of parameters and statistics of batches.
GAMES = {
    "plain": model_of(Minimax(), Tanh()),
    "kinks": penalised(model_of(Hinge(), ReLU(), instance_noise=0.2), {"r1": 2.0}),
    "smooth": penalised(model_of(NonSaturating(), Softplus()), {"gradient_penalty": (20.0, 1.0)}),
    "packs": test_plan_packs.model_of(labelled=True, packing=2),
    "pieces": test_plan_normalized.model_of(labelled=True),
    "images": test_plan_tied.images(Tanh()),
    "statistics": test_plan_normalized.model_of(test_plan_normalized.normalized),
}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


@every_rule
def test_plays_what_simulate_plays(rule):
    for game in GAMES.values():
        assert_plays(game, rule, start(game), steps=4)
    assert_plays(model_of(Minimax(), dtype="float32"), rule, start(GAMES["plain"], "float32"), 4, 3e-6)


@every_rule
def test_batches_in_parts_have_the_gradients_of_the_whole(rule, monkeypatch):
    monkeypatch.setattr(_training_plan, "_LARGEST_PART", 3)
    for name in ("plain", "kinks"):
        assert_plays(GAMES[name], rule, start(GAMES[name]), steps=3)


@every_rule
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_runs_continue_bit_by_bit(rule, dtype):
    game = model_of(dtype=dtype)
    z = start(game, dtype)
    plan = plan_training(game, rule, z)
    whole, state = plan.run(z, None, numpy.random.default_rng(5), 70)
    kept = [whole.copy(), *(part.copy() for part in state or ())]
    rng, point, memory = numpy.random.default_rng(5), z, None
    for steps in (0, 1, 65, 0, 4):
        point, memory = plan.run(point, memory, rng, steps)
    for measured, result, expected in zip((point, *(memory or ())), (whole, *(state or ())), kept, strict=True):
        numpy.testing.assert_array_equal(measured, expected)
        numpy.testing.assert_array_equal(result, expected)


@every_rule
def test_goes_on_from_a_state_of_simulate(rule):
    game, rng = GAMES["plain"], numpy.random.default_rng(3)
    path = simulate(game, rule, start(game), 5, rng=3, engine="step")
    for _ in range(2):
        game.draw(rng)
    before = simulate(game, rule, start(game), 2, rng=3, engine="step")
    found, state = plan_training(game, rule, start(game)).run(before.final, before.final_state, rng, 3)
    assert type(state) is type(path.final_state)
    pairs = zip((found, *(state or ())), (path.final, *(path.final_state or ())), strict=True)
    for measured, expected in pairs:
        numpy.testing.assert_allclose(measured, expected, rtol=0, atol=1e-12 * abs(expected).max())
        assert measured.dtype == expected.dtype


@every_rule
def test_clips_and_averages_come_after_the_whole_step(rule):
    game, trained = GAMES["plain"], TrainedRule(rule, 0.3, 0.6)
    z = game.init(1)
    found, state = plan_training(game, trained, z).run(z, None, 3, 6)
    path = simulate(game, trained, z, 6, rng=3, engine="step")
    numpy.testing.assert_allclose(found, path.final, rtol=0, atol=1e-12)
    numpy.testing.assert_allclose(state.average, path.final_state.average, rtol=0, atol=1e-12)
    assert (abs(found[game.dims[0] :]) == 0.3).any()


@every_rule
def test_members_of_an_ensemble_have_the_bits_of_each_alone(rule):
    model = test_plan_packs.model_of(False, 1, dtype="float32")
    game = WrappedDraws(model, lambda drawn: Regularized(drawn, r1=1.0))
    for each in (model, game):
        test_ensemble_plan.assert_plays(model, each, TrainedRule(rule, None, 0.5), 3, parts=(3, 0, 2))


@pytest.mark.parametrize("name", ["OptimisticAdam", "DoubleStepExtragradient", "HeavyBall", "RMSProp many times"])
def test_checkpoints_go_on(name, tmp_path):
    rule = RULES[name]
    run(4, rule=rule, checkpoint=tmp_path / "a.npz").fit(DATA, LABELS)
    whole = run(9, rule=rule).fit(DATA, LABELS)
    assert whole._fit.training().legs.plan is not None
    assert same(GAN.resume(tmp_path / "a.npz", DATA, LABELS, steps=9), whole)


HUGE = [ExtraAdam(1e200), OptimisticAdam(1e200), Extragradient(1e200), DoubleStepExtragradient(30.0), HeavyBall(30.0)]


@pytest.mark.parametrize("rule", [*HUGE, OptimisticGradient(1e100)], ids=lambda rule: type(rule).__name__)
def test_divergence_names_the_step_and_keeps_the_last_good_point(rule):
    game = model_of(LeastSquares(), ReLU())
    path = simulate(game, rule, start(game), 100, rng=3, engine="step")
    assert path.status == Status.DIVERGED
    with pytest.raises(NotFinite) as caught:
        plan_training(game, rule, start(game)).run(start(game), None, 3, 100)
    assert caught.value.step == path.stop_step
    numpy.testing.assert_allclose(caught.value.z, path.final, rtol=1e-9)
    for measured, expected in zip(caught.value.state or (), path.final_state or (), strict=True):
        numpy.testing.assert_allclose(measured, expected, rtol=1e-9)


def test_a_first_gradient_that_is_not_finite_is_told_of_the_first_step():
    game, z = model_of(LeastSquares(), ReLU()), start(GAMES["plain"]).copy()
    z[game.dims[0] - 1] = 1e200
    with pytest.raises(NotFinite) as caught:
        plan_training(game, OptimisticGradient(0.1), z).run(z, None, 0, 5)
    assert (caught.value.step, caught.value.player) == (1, 1)
    numpy.testing.assert_array_equal(caught.value.z, z)


def test_no_plan_for_other_forms():
    game, own = GAMES["plain"], type("Own", (ExtraAdam,), {})
    array = numpy.asarray(0.1)
    for rule in (
        own(0.1),
        ExtraAdam(array),
        HeavyBall(0.1, array),
        DoubleStepExtragradient(0.1, exponents=(0.5, array)),
        InnerSteps(ExtraAdam(0.1), (1, 2)),
        InnerSteps(RMSProp(array), (1, 2)),
        InnerSteps(RMSProp(0.1), (1, 2, 3)),
    ):
        assert plan_training(game, rule, start(game)) is None
        assert plan_training(game, TrainedRule(rule), start(game)) is None
