"""The fused kernels, run on the processor: the same steps as the rules of the library on the same random numbers."""

import itertools

import numpy
import pytest

from gamedyn.distributions import MultivariateNormal
from gamedyn.divergences import KullbackLeibler
from gamedyn.dynamics import Status, simulate
from gamedyn.games import Regularized, TimescaleSeparated, WrappedDraws
from gamedyn.models import NeuralGAN, _device_plan
from gamedyn.models._device_plan import plan_on_device
from gamedyn.models._step_source import StepShape, step_source
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_plan import NotFinite
from gamedyn.nn import Dense, LeakyReLU, Network, ReLU, Sigmoid, SiLU, Softplus, Tanh, mlp
from gamedyn.objectives import FGAN, Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from gamedyn.updates import (
    Adam,
    AlternatingGradientDescent,
    ExtraAdam,
    Extragradient,
    HeavyBall,
    InnerSteps,
    OptimisticAdam,
    RMSProp,
    SimultaneousGradientDescent,
)
from tests.models.kernel_shim import ShimModule

RULES = {
    "Adam": Adam(0.02, first_decay=0.0, second_decay=0.9, epsilon=0.01),
    "Adam in turn": Adam(0.01, first_decay=0.5, epsilon=0.01, schedule="alternating"),
    "descent": SimultaneousGradientDescent(0.1),
    "descent in turn": AlternatingGradientDescent(0.1, inner_steps=(2, 3), player_order=(1, 0)),
    "Adam many times": InnerSteps(Adam(0.02, epsilon=0.01), (2, 3), player_order=(1, 0), step_factors=(1.5, 0.5)),
}
ADAM = RULES["Adam in turn"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(autouse=True)
def module(folder, monkeypatch):
    monkeypatch.setattr(ShimModule, "folder", folder)
    for name, value in (("recorded", 0), ("launched", 0), ("sources", ())):
        monkeypatch.setattr(ShimModule, name, value)
    monkeypatch.setattr(_device_plan, "KernelModule", ShimModule)
    monkeypatch.setattr(_device_plan, "takes_kernels", lambda array: type(array) is numpy.ndarray)
    return ShimModule


def model_of(objective=None, activation=None, *, batch=133, hidden=(5, 70), dtype="float64", **options):
    data = numpy.random.default_rng(0).standard_normal((50, 2)).astype(dtype)
    networks = mlp((3, *hidden, 2), activation or Tanh()), mlp((2, *hidden, 1), activation or Tanh())
    return NeuralGAN(*networks, objective or NonSaturating(), data, latent_dim=3, batch_size=batch, **options)


def start(model):
    z = (0.3 * numpy.random.default_rng(1).standard_normal(sum(model.dims))).astype(model.data.dtype)
    z.flags.writeable = False
    return z


def assert_plays(model, rule, steps, rtol, atol):
    """The plan's point and averages are those of `simulate` on the same random numbers."""
    z = start(model)
    plan = plan_on_device(model, rule, z)
    # Blocks of several samples, the last of them not full.
    assert model.batch_size < 100 or (plan.shape.tile > 1 and model.batch_size % plan.shape.tile)
    bits, other = numpy.random.default_rng(2), numpy.random.default_rng(2)
    found, state = plan.run(z, None, bits, steps)
    path = simulate(model, rule, z, steps, rng=other, engine="step")
    assert bits.bit_generator.state == other.bit_generator.state
    assert found.dtype == z.dtype
    assert (state is None) == (path.final_state is None)
    for measured, expected in [(found, path.final), *(zip(state, path.final_state, strict=True) if state else [])]:
        assert (measured.shape, measured.dtype) == (expected.shape, expected.dtype)
        numpy.testing.assert_allclose(measured, expected, rtol=rtol, atol=atol)
    assert abs(found - z).max() > 1e-4


@pytest.mark.parametrize(
    ("objective", "activation"),
    [
        (Minimax(), Tanh()),
        (NonSaturating(), ReLU()),
        (LeastSquares(1.0, -1.0, 0.25), Softplus()),
        (Hinge(), LeakyReLU(0.3)),
        (Wasserstein(), Sigmoid()),
    ],
    ids=lambda part: type(part).__name__,
)
def test_every_objective_and_activation(objective, activation):
    assert_plays(model_of(objective, activation), ADAM, 3, 1e-9, 1e-12)


@pytest.mark.full
@pytest.mark.parametrize("activation", [Tanh(), ReLU(), Softplus(), LeakyReLU(0.3), Sigmoid()], ids=repr)
def test_every_objective_with_every_activation(activation):
    for objective, hidden in itertools.product(
        (Minimax(), NonSaturating(), LeastSquares(), Hinge(), Wasserstein()), ((5, 70), (), (1,), (64, 64))
    ):
        for rule in RULES.values():
            # One step: squares of unbounded outputs drive these networks apart, and rounding with them.
            assert_plays(model_of(objective, activation, hidden=hidden), rule, 1, 1e-9, 1e-12)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule(rule):
    assert_plays(model_of(batch=4, hidden=(3,)), rule, 5, 1e-10, 1e-13)


def test_layers_of_one_network_may_have_different_activations():
    critic = Network((Dense(2, 4), LeakyReLU(0.1), Dense(4, 3), Tanh(), Dense(3, 5), LeakyReLU(1.7), Dense(5, 1)), 2)
    data = numpy.random.default_rng(0).standard_normal((9, 2))
    model = NeuralGAN(mlp((3, 4, 2), ReLU()), critic, Minimax(), data, latent_dim=3, batch_size=101)
    assert_plays(model, ADAM, 3, 1e-10, 1e-13)


def test_single_precision():
    model = model_of(batch=4, hidden=(3,), dtype="float32")
    assert_plays(model, RULES["descent"], 5, 2e-5, 2e-6)
    assert_plays(model, ADAM, 5, 2e-5, 2e-6)


@pytest.mark.parametrize("name", ["Adam in turn", "Adam many times"])
def test_long_runs_are_recorded_once_and_continue(name, module):
    # 32 steps make a graph, after as many without: 103 = 32 + 32 + 32 + 7.
    assert_plays(model_of(batch=4, hidden=(3,)), RULES[name], 103, 1e-8, 1e-11)
    assert module.recorded == 1
    assert_plays(model_of(batch=4, hidden=(3,)), RULES[name], 32, 1e-8, 1e-11)
    assert module.recorded == 1


@pytest.mark.parametrize("name", ["Adam many times", "descent"])
def test_a_run_in_parts_gives_the_same_bits(name):
    model, rule = model_of(batch=4, hidden=(3,), dtype="float32"), RULES[name]
    z = start(model)
    whole, state = plan_on_device(model, rule, z).run(z, None, numpy.random.default_rng(5), 100)
    plan, rng, point, memory = plan_on_device(model, rule, z), numpy.random.default_rng(5), z, None
    for steps in (1, 40, 0, 32, 27):
        point, memory = plan.run(point, memory, rng, steps)
    for measured, expected in zip((point, *(memory or ())), (whole, *(state or ())), strict=True):
        numpy.testing.assert_array_equal(measured, expected)


def test_another_run_does_not_change_what_the_last_one_gave():
    model = model_of(batch=4, hidden=(3,))
    plan, z = plan_on_device(model, ADAM, start(model)), start(model)
    point, state = plan.run(z, None, 0, 3)
    kept = [point.copy(), *(part.copy() for part in state)]
    plan.run(point, state, 1, 3)
    model.data[...] = 0
    again, _ = plan.run(z, None, 0, 3)
    for measured, expected in zip((point, *state, again), (*kept, kept[0]), strict=True):
        numpy.testing.assert_array_equal(measured, expected)


@pytest.mark.parametrize("player", [0, 1])
@pytest.mark.parametrize(("objective", "step_size", "late"), [(LeastSquares(), 1.0, 2), (Wasserstein(), 6.0, 130)])
def test_divergence_names_step_and_player_and_keeps_the_last_good_point(player, objective, step_size, late):
    model = model_of(objective, batch=7, hidden=())
    z, rule = start(model), AlternatingGradientDescent(step_size, player_order=(player, 1 - player))
    path = simulate(model, rule, z, 300, rng=3, engine="step")
    assert path.status == Status.DIVERGED
    assert path.stop_step > late
    with pytest.raises(NotFinite, match=rf"^step {path.stop_step} took the \w+'s parameters out of") as caught:
        plan_on_device(model, rule, z).run(z, None, 3, 300)
    assert caught.value.step == path.stop_step
    numpy.testing.assert_allclose(caught.value.z, path.final, rtol=1e-9)
    # One more step from there, on its own: who moved first and left the finite numbers.
    played = numpy.random.default_rng(3)
    for _ in range(path.stop_step):
        drawn = model.draw(played)
    with numpy.errstate(all="ignore"):
        bad = ~numpy.isfinite(rule.step(drawn, caught.value.z, None)[0])
    blocks = {0: bad[: model.dims[0]].any(), 1: bad[model.dims[0] :].any()}
    assert caught.value.player == next(i for i in (player, 1 - player) if blocks[i])


def test_averages_are_watched_too():
    # The square of a gradient of 2e21 overflows in single precision, and its coordinate would stand still for good.
    model = model_of(LeastSquares(), batch=4, hidden=(3,), dtype="float32")
    z = start(model).copy()
    z[-1] = 1e21
    with pytest.raises(NotFinite) as caught:
        plan_on_device(model, Adam(), z).run(z, None, 0, 5)
    assert (caught.value.step, caught.value.player, int(caught.value.state.steps)) == (1, 1, 0)
    numpy.testing.assert_array_equal(caught.value.z, z)
    numpy.testing.assert_array_equal(caught.value.state.second, 0 * z)
    # A step may be too long for the precision while its averages are not.
    with pytest.raises(NotFinite, match=r"^step 1 took the generator"):
        plan_on_device(model, Adam(1e39), start(model)).run(start(model), None, 0, 5)


def test_a_late_divergence_of_adam_has_the_state_before_it():
    # Squares of gradients leave single precision in some hundred steps of this length.
    model = model_of(Wasserstein(), batch=7, hidden=(), dtype="float32")
    rule = TrainedRule(InnerSteps(Adam(1e18, first_decay=0.5), (1, 2), player_order=(1, 0)), decay=0.5)
    plan, z = plan_on_device(model, rule, start(model)), start(model)
    with pytest.raises(NotFinite) as caught:
        plan.run(z, None, 3, 300)
    error, before = caught.value, caught.value.step - 1
    assert before > 64
    point, state = plan.run(z, None, 3, before)
    assert state.inner.steps.tolist() == [[before], [2 * before]]
    pairs = (error.z, point), (error.state.average, state.average), *zip(error.state.inner, state.inner, strict=True)
    for measured, expected in pairs:
        assert numpy.isfinite(expected).all()
        numpy.testing.assert_array_equal(measured, expected)
    rng = numpy.random.default_rng(3)
    for _ in range(before):
        model.draw(rng)
    with pytest.raises(NotFinite, match=r"^step 1 took"):
        plan.run(point, state, rng, 1)


def test_no_plan_for_what_is_not_known(monkeypatch):
    model = model_of(batch=4, hidden=(3,))
    z = start(model)
    assert plan_on_device(model, ADAM, z) is not None
    assert plan_on_device(WrappedDraws(model, lambda drawn: drawn), ADAM, z) is not None
    # Some of them have plans on the host.
    for rule in (
        *(ExtraAdam(), OptimisticAdam(), HeavyBall(0.1), RMSProp(), Extragradient(0.1), Adam(numpy.asarray([0.1]))),
        *(InnerSteps(each, (1, 2)) for each in (RMSProp(), Extragradient(0.1))),
    ):
        assert plan_on_device(model, rule, z) is None
        assert plan_on_device(model, TrainedRule(rule), z) is None
    for point in (z[None], z.astype("float32"), z.astype(complex), z[:-1], z.tolist()):
        assert plan_on_device(model, ADAM, point) is None
    for wrap in (lambda drawn: Regularized(drawn, r1=1.0), lambda drawn: TimescaleSeparated(drawn, (1.0, 2.0))):
        assert plan_on_device(WrappedDraws(model, wrap), ADAM, z) is None
    assert plan_on_device(model.full(), ADAM, z) is None
    for other in (
        model_of(FGAN(KullbackLeibler()), batch=4, hidden=(3,)),
        model_of(activation=SiLU(), batch=4, hidden=(3,)),
        model_of(batch=4, hidden=(3,), instance_noise=0.1),
        NeuralGAN(mlp((3, 2)), mlp((4, 1)), Minimax(), numpy.eye(2), latent_dim=3, batch_size=2, packing=2),
        NeuralGAN(
            mlp((3, 2)),
            mlp((2, 1)),
            Minimax(),
            MultivariateNormal([0.0, 0.0], numpy.eye(2)),
            latent_dim=3,
            batch_size=2,
        ),
        NeuralGAN(mlp((5, 2)), mlp((4, 1)), Minimax(), numpy.eye(2), latent_dim=3, batch_size=2, labels=[0, 1]),
        # 4 samples to a block, 513 blocks for the real ones and as many for the fakes, 66,558 parameters.
        NeuralGAN(mlp((3, 2)), mlp((2, 255, 256, 1)), Minimax(), numpy.eye(2), latent_dim=3, batch_size=2052),
        NeuralGAN(mlp((3, 2)), mlp((2, 7000, 1)), Minimax(), numpy.eye(2), latent_dim=3, batch_size=2),
        NeuralGAN(
            mlp((3, 2)), Network((Dense(2, 1, bias=False),), 2), Minimax(), numpy.eye(2), latent_dim=3, batch_size=2
        ),
        NeuralGAN(mlp((3, 2)), Network((Dense(2, 1), Tanh()), 2), Minimax(), numpy.eye(2), latent_dim=3, batch_size=2),
    ):
        assert plan_on_device(other, ADAM, numpy.zeros(sum(other.dims))) is None
    monkeypatch.setattr(_device_plan, "takes_kernels", lambda array: False)
    assert plan_on_device(model, ADAM, z) is None


def test_what_cannot_be_written_is_refused():
    networks = mlp((2, 4, 2)), mlp((2, 4, 1))
    with pytest.raises(ValueError, match="slopes in C, got FGAN"):
        step_source(StepShape(*networks, FGAN(KullbackLeibler()), 8))
    wide = mlp((2, 30000, 2)), mlp((2, 4, 1))
    with pytest.raises(ValueError, match=r"49152 bytes per sample, got widths \(30000, 4\)"):
        step_source(StepShape(*wide, Minimax(), 8))


def test_a_block_holds_as_many_samples_as_fit_and_leaves_work_for_others():
    # Values of 774 floats for each sample: 15 fit into 48 KiB, and a power of two of them is carried.
    shape = StepShape(mlp((2, 128, 128, 2)), mlp((2, 128, 128, 1)), Minimax(), 2048)
    assert 4 * 774 * 15 <= 48 * 1024 < 4 * 774 * 16
    assert (shape.tile, shape.blocks) == (8, 256)
    # At least 32 blocks, where there are as many samples.
    small = [StepShape(mlp((2, 4, 2)), mlp((2, 4, 1)), Minimax(), batch) for batch in (1, 33, 64, 255, 5000)]
    assert [(each.tile, each.blocks) for each in small] == [(1, 1), (1, 33), (2, 32), (4, 64), (16, 313)]
