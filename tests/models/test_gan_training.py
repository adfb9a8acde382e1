"""The training of a GAN: the steps of the rule on the draws of the game, averages, records, and the end in NaN."""

import numpy
import pytest

from gamedyn.divergences import GANDivergence
from gamedyn.dynamics import Status, simulate
from gamedyn.models import GAN, NeuralGAN
from gamedyn.models import _training as training
from gamedyn.nn import Tanh, mlp
from gamedyn.objectives import FGAN, NonSaturating
from gamedyn.updates import (
    Adam,
    AlternatingGradientDescent,
    ExtraAdam,
    OptimisticGradient,
    PastExtragradient,
    SimultaneousGradientDescent,
)
from tests.models.gan_runs import DATA, small


def by_hand(rule, steps, clip=None, decay=0.0):
    """(z, average) of so many steps, from the definition."""
    model = NeuralGAN(mlp((2, 4, 2), Tanh()), mlp((2, 3, 1), Tanh()), NonSaturating(), DATA, 2, batch_size=8)
    rng = numpy.random.default_rng(0)
    z = model.init(rng)
    average, state = z[: model.dims[0]], None
    for step in range(steps):
        game = model.draw(rng)
        state = state if step else rule.init(game, z)
        z, state = rule.step(game, z, state)
        if clip is not None:
            z = numpy.concatenate([z[: model.dims[0]], numpy.clip(z[model.dims[0] :], -clip, clip)])
        average = decay * average + (1 - decay) * z[: model.dims[0]]
    return z, average


RULES = [
    Adam(0.01),
    ExtraAdam(0.01),
    OptimisticGradient(0.1),
    SimultaneousGradientDescent(0.1),
    AlternatingGradientDescent(0.1),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_the_steps_are_those_of_the_rule(rule):
    gan = small(rule=rule, dtype="float64", steps=9, ema_decay=0.7, evaluate_every=4).fit(DATA)
    assert gan.history_.steps.tolist() == [0, 4, 8, 9]
    z, average = by_hand(rule, 9, decay=0.7)
    numpy.testing.assert_allclose(gan.z_, z, rtol=1e-11, atol=1e-14)
    numpy.testing.assert_allclose(gan.average_, average, rtol=1e-11, atol=1e-14)


def test_clipping_comes_after_every_step_and_before_the_average():
    rule = AlternatingGradientDescent(0.4)
    gan = small(rule=rule, dtype="float64", penalty="clip", penalty_weight=0.05, ema_decay=0.5).fit(DATA)
    z, average = by_hand(rule, 6, clip=0.05, decay=0.5)
    numpy.testing.assert_allclose(gan.z_, z, rtol=1e-11, atol=1e-14)
    numpy.testing.assert_allclose(gan.average_, average, rtol=1e-11, atol=1e-14)


def test_a_run_is_the_one_of_simulate():
    # One without a plan, whose steps would agree to rounding only.
    rule = PastExtragradient(0.1)
    gan = small(rule=rule, dtype="float64", steps=70).fit(DATA)
    rng = numpy.random.default_rng(0)
    model = NeuralGAN(mlp((2, 4, 2), Tanh()), mlp((2, 3, 1), Tanh()), NonSaturating(), DATA, 2, batch_size=8)
    path = simulate(model, rule, model.init(rng), 70, rng=rng)
    numpy.testing.assert_array_equal(gan.z_, path.final)


class Poisoned(SimultaneousGradientDescent):
    """Descent whose third steps of one player, or of both, are NaN."""

    players_hit = (1,)

    def init(self, game, z):
        return (numpy.zeros(()),)

    def step(self, game, z, state):
        new, _ = super().step(game, z, None)
        size = game.dims[0]
        if state[0] == 2:
            new = new.copy()
            for player in self.players_hit:
                new[slice(size) if player == 0 else slice(size, None)][0] = numpy.nan
        return new, (state[0] + 1,)


@pytest.mark.parametrize(
    ("players", "named"),
    [((0,), r"player 0 \(the generator\) became"), ((1,), r"player 1 \(the discriminator\) became"), ((0, 1), "and")],
)
@pytest.mark.parametrize(("evaluate_every", "checkpoint_every"), [(1, 1), (100, 2), (100, 100)])
def test_nan_stops_the_run_at_the_last_good_point(players, named, evaluate_every, checkpoint_every, tmp_path):
    rule = type("Rule", (Poisoned,), {"players_hit": players})(0.1)
    options = {"dtype": "float64", "ema_decay": 0.5, "checkpoint": tmp_path, "checkpoint_every": checkpoint_every}
    gan = small(rule=rule, evaluate_every=evaluate_every, **options)
    with pytest.warns(RuntimeWarning, match=rf"training diverged at step 3: .*{named}.* after step 2; the last checkp"):
        gan.fit(DATA)
    good = small(rule=type("Rule", (Poisoned,), {"players_hit": ()})(0.1), dtype="float64", ema_decay=0.5, steps=2).fit(
        DATA
    )
    assert gan.status_ is Status.DIVERGED
    assert gan.steps_ == 2
    numpy.testing.assert_array_equal(gan.z_, good.z_)
    numpy.testing.assert_array_equal(gan.average_, good.average_)
    assert gan._fit.point.generator_state == good._fit.point.generator_state
    assert gan.history_.steps[-1] <= 2
    saved = GAN.load(tmp_path, rule=rule)
    # The last one before, at a multiple of what was asked for.
    assert saved.steps_ == (0 if checkpoint_every == 100 else 2)
    if saved.steps_:
        numpy.testing.assert_array_equal(saved.z_, good.z_)


@pytest.mark.parametrize("evaluate_every", [1, 3, 1000])
@pytest.mark.filterwarnings("ignore:overflow")
def test_steps_that_are_too_large_are_told(evaluate_every):
    # Least squares' slope grows with the output: descent with a huge step leaves the numbers within some ten steps,
    # whether that is seen in a point, in a gradient or in a loss at the start of a leg.
    gan = small(objective="least-squares", activation="relu", rule=SimultaneousGradientDescent(1e3), steps=200)
    with pytest.warns(RuntimeWarning, match=r"training diverged at step \d+: player") as seen:
        gan.set_params(evaluate_every=evaluate_every).fit(DATA)
    assert numpy.isfinite(gan.z_).all()
    assert 0 < gan.steps_ < 60
    assert f"after step {gan.steps_}" in str(seen[0].message)
    assert gan.score(DATA) < 0


@pytest.mark.parametrize("ema_decay", [None, 0.5])
@pytest.mark.parametrize("evaluate_every", [1, 1000])
def test_a_planned_run_stops_at_the_last_good_point(ema_decay, evaluate_every):
    # Both runs are planned, and the first one stops where the second one is told to.
    options = {"objective": "least-squares", "activation": "relu", "rule": AlternatingGradientDescent(30.0)}
    options |= {"ema_decay": ema_decay, "evaluate_every": evaluate_every}
    with pytest.warns(RuntimeWarning, match="training diverged"):
        gan = small(**options, steps=200).fit(DATA)
    assert gan.steps_ > 1
    assert gan._fit.training().legs.plan is not None
    good = small(**options, steps=gan.steps_).fit(DATA)
    assert good.status_ is Status.MAX_STEPS
    numpy.testing.assert_array_equal(gan.z_, good.z_)
    numpy.testing.assert_array_equal(gan.average_, good.average_)
    assert gan._fit.point.generator_state == good._fit.point.generator_state
    with pytest.warns(RuntimeWarning, match=rf"diverged at step {gan.steps_ + 1}:.*after step {gan.steps_}\."):
        good.set_params(steps=1).partial_fit(DATA)


def test_a_first_step_into_nan_leaves_the_start():
    for rule in (SimultaneousGradientDescent(1e39), type("Rule", (SimultaneousGradientDescent,), {})(1e39)):
        with pytest.warns(RuntimeWarning, match=r"diverged at step 1: .*; z_ is the point after step 0\."):
            gan = small(rule=rule).fit(DATA)
        numpy.testing.assert_array_equal(gan.z_, small(steps=0).fit(DATA).z_)
        assert gan.steps_ == 0


class Losing(FGAN):
    """An objective whose losses, not its slopes, are NaN as soon as `broken` is set."""

    broken = False

    def generator_loss(self, fake):
        return super().generator_loss(fake) * (numpy.nan if type(self).broken else 1.0)


def test_a_loss_that_turns_nan_is_told_where_a_leg_starts(monkeypatch):
    def breaks(step, steps, note):
        if step == 4:
            monkeypatch.setattr(Losing, "broken", True)

    options = {"objective": Losing(GANDivergence()), "rule": PastExtragradient(0.1), "evaluate_every": 2}
    with pytest.warns(RuntimeWarning, match=r"diverged at step 5: player 0 \(the generator\) became"):
        gan = small(**options, steps=9, progress=breaks).fit(DATA)
    monkeypatch.setattr(Losing, "broken", False)
    good = small(**options, steps=4).fit(DATA)
    numpy.testing.assert_array_equal(gan.z_, good.z_)
    assert gan._fit.point.generator_state == good._fit.point.generator_state


class Failing(SimultaneousGradientDescent):
    """A rule with an error of its own in its third step."""

    def init(self, game, z):
        return (numpy.zeros(()),)

    def step(self, game, z, state):
        if state[0] == 2:
            raise ValueError("its own error")
        return super().step(game, z, None)[0], (state[0] + 1,)


@pytest.mark.parametrize("evaluate_every", [1, 100])
def test_an_error_of_the_rule_is_no_divergence(evaluate_every):
    with pytest.raises(ValueError, match="its own error"):
        small(rule=Failing(0.1), evaluate_every=evaluate_every).fit(DATA)


def test_the_history_keeps_a_bounded_number_of_records(monkeypatch):
    monkeypatch.setattr(training, "MOST_RECORDS", 8)
    gan = small(steps=40, evaluate_every=1).fit(DATA)
    # Doubled after 8 records (step 8) and again: every 8th step, and the last one.
    assert len(gan.history_) <= 9
    assert gan.history_.steps[0] == 0
    assert gan.history_.steps[-1] == 40
    assert set(numpy.diff(gan.history_.steps[:-1])) == {8}
