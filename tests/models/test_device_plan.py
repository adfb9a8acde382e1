"""The fused kernels, run on the processor: the same steps as the rules of the library on the same minibatches."""

import numpy
import pytest

from gamedyn.divergences import KullbackLeibler
from gamedyn.dynamics import simulate
from gamedyn.games import StochasticGame
from gamedyn.models import NeuralGAN, NeuralGANGame
from gamedyn.models._device_plan import DevicePlan
from gamedyn.models._step_source import StepShape, slopes_in_c, step_source
from gamedyn.nn import ReLU, Softplus, Tanh, mlp
from gamedyn.objectives import FGAN, Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from gamedyn.updates import Adam, AlternatingGradientDescent, SimultaneousGradientDescent
from tests.models.kernel_shim import ShimModule


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.setattr(ShimModule, "folder", tmp_path)
    monkeypatch.setattr(ShimModule, "recorded", 0)
    return ShimModule


def model_of(objective, activation, *, batch=13, hidden=(5, 70)):
    data = numpy.random.default_rng(0).standard_normal((50, 2))
    networks = mlp((3, *hidden, 2), activation), mlp((2, *hidden, 1), activation)
    return NeuralGAN(*networks, objective, data, latent_dim=3, batch_size=batch)


class Recorded(StochasticGame):
    """A model whose minibatches are kept."""

    def __init__(self, model):
        self.model, self.dims, self.games = model, model.dims, []

    def draw(self, rng):
        self.games.append(self.model.draw(rng))
        return self.games[-1]

    def full(self):
        return self.model.full()


def both(model, rule, schedule, steps, module, *, real="double", dtype="float64"):
    """The library's run and the kernels' run on the same minibatches: [(z, state), (z, state)]."""
    z = model.init(1).astype(dtype)
    recorded = Recorded(model)
    path = simulate(recorded, rule, z, steps, rng=2)
    games = iter(recorded.games)

    def draws(count):
        taken = [next(games) for _ in range(count)]
        return numpy.stack([g.real_samples for g in taken]), numpy.stack([g.latent_samples for g in taken])

    shape = StepShape(model.generator, model.discriminator, model.objective, model.batch_size, real)
    plan = DevicePlan(shape, rule, schedule, module)
    return (path.final, path.final_state), plan.run(z, rule.init(model.full(), z), draws, steps)


def agree(runs, rtol, atol):
    (z, state), (plan_z, plan_state) = runs
    numpy.testing.assert_allclose(plan_z, z, rtol=rtol, atol=atol)
    if state is not None:
        numpy.testing.assert_allclose(plan_state.first, state.first, rtol=rtol, atol=atol)
        numpy.testing.assert_allclose(plan_state.second, state.second, rtol=rtol, atol=atol)
        assert plan_state.steps == state.steps


@pytest.mark.parametrize(
    ("objective", "activation"),
    [
        (Minimax(), Tanh()),
        (NonSaturating(), ReLU()),
        (LeastSquares(1.0, -1.0, 0.25), Softplus()),
        (Hinge(), Tanh()),
        (Wasserstein(), Softplus()),
    ],
)
def test_alternating_adam_is_the_library_s(objective, activation, module):
    rule = Adam(1e-3, first_decay=0.5, schedule="alternating")
    agree(both(model_of(objective, activation), rule, "alternating", 4, module), 1e-9, 1e-12)


def test_simultaneous_adam_with_first_decay_zero(module):
    rule = Adam(1e-2, first_decay=0.0, second_decay=0.9, epsilon=1e-3)
    agree(both(model_of(Minimax(), Tanh()), rule, "simultaneous", 3, module), 1e-10, 1e-13)


@pytest.mark.parametrize(
    ("rule", "schedule"),
    [(SimultaneousGradientDescent(0.1), "simultaneous"), (AlternatingGradientDescent(0.1), "alternating")],
)
def test_plain_descent(rule, schedule, module):
    agree(both(model_of(NonSaturating(), Tanh()), rule, schedule, 5, module), 1e-11, 1e-13)


def test_single_precision(module):
    model = model_of(NonSaturating(), Tanh())
    runs = both(model, SimultaneousGradientDescent(0.1), "simultaneous", 5, module, real="float", dtype="float32")
    assert runs[1][0].dtype == "float32"
    agree(runs, 2e-5, 2e-6)


def test_long_runs_are_recorded_once_and_continue(module):
    # 32 steps make a graph; 70 = 32 + 32 + 6.
    rule = Adam(1e-3, schedule="alternating")
    model = model_of(NonSaturating(), Tanh(), batch=4, hidden=(3,))
    agree(both(model, rule, "alternating", 70, module), 1e-8, 1e-11)
    assert module.recorded == 1


def test_a_run_in_parts_gives_the_same_bits(module):
    rule = Adam(1e-3, schedule="alternating")
    model = model_of(NonSaturating(), Tanh(), batch=4, hidden=(3,))
    z, rng = model.init(1), numpy.random.default_rng(3)
    real, latent = rng.standard_normal((50, 4, 2)), rng.standard_normal((50, 4, 3))
    plan = DevicePlan(
        StepShape(model.generator, model.discriminator, NonSaturating(), 4, "double"), rule, "alternating", module
    )

    def play(parts):
        at, point, state = 0, z, rule.init(model.full(), z)
        for count in parts:

            def draws(k):
                nonlocal at
                at += k
                return real[at - k : at], latent[at - k : at]

            point, state = plan.run(point, state, draws, count)
        return point, state

    whole, parts = play([50]), play([7, 40, 3])
    numpy.testing.assert_array_equal(whole[0], parts[0])
    numpy.testing.assert_array_equal(whole[1].second, parts[1].second)


def test_what_the_kernels_do_not_know():
    networks = mlp((2, 4, 2)), mlp((2, 4, 1))
    assert slopes_in_c(FGAN(KullbackLeibler())) is None
    with pytest.raises(ValueError, match="slopes in C, got FGAN"):
        step_source(StepShape(*networks, FGAN(KullbackLeibler()), 8))
    wide = mlp((2, 30000, 2)), mlp((2, 4, 1))
    with pytest.raises(ValueError, match=r"49152 bytes per sample, got widths \(30000, 4\)"):
        step_source(StepShape(*wide, Minimax(), 8))


@pytest.mark.gpu
@pytest.mark.parametrize("schedule", ["alternating", "simultaneous"])
def test_on_a_device(schedule):
    import cupy

    from gamedyn.backend import KernelModule

    model, rule = model_of(NonSaturating(), Tanh(), batch=64, hidden=(128,)), Adam(1e-3, schedule=schedule)
    z, rng = model.init(1), numpy.random.default_rng(3)
    shape = StepShape(model.generator, model.discriminator, NonSaturating(), 64, "double")
    real, latent = rng.standard_normal((70, 64, 2)), rng.standard_normal((70, 64, 3))
    found = {}
    for name, kind, start in (("device", KernelModule, cupy.asarray(z)), ("library", None, z)):
        state, at = rule.init(model.full(), start), 0
        if kind is None:
            for k in range(70):
                start, state = rule.step(NeuralGANGame(model, real[k], latent[k], None), start, state)
        else:

            def draws(count):
                nonlocal at
                at += count
                return real[at - count : at], latent[at - count : at]

            start, state = DevicePlan(shape, rule, schedule, kind).run(start, state, draws, 70)
        found[name] = start
    numpy.testing.assert_allclose(cupy.asnumpy(found["device"]), found["library"], rtol=1e-8, atol=1e-10)
