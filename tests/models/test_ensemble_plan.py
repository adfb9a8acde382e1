"""Many runs at once: each must have the bits of the same run alone."""

import numpy
import pytest

from gamedyn.games import Regularized, WrappedDraws
from gamedyn.models import NeuralGAN
from gamedyn.models._ensemble_legs import EnsembleLegs
from gamedyn.models._trained_rule import TrainedRule
from gamedyn.models._training_legs import Legs
from gamedyn.nn import LeakyReLU, ReLU, Softplus, Tanh, mlp
from gamedyn.objectives import Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from gamedyn.updates import Adam, AlternatingGradientDescent, InnerSteps, SimultaneousGradientDescent

ADAM = Adam(0.02, first_decay=0.5, epsilon=0.01, schedule="alternating")
RUNS = [
    (Minimax(), Tanh(), Adam(0.02, epsilon=0.01), {}, {}, {"decay": 0.9}),
    (NonSaturating(), ReLU(), ADAM, {}, {}, {}),
    (Wasserstein(), LeakyReLU(0.3), ADAM, {}, {"gradient_penalty": (20.0, 1.0)}, {}),
    (Wasserstein(), Softplus(), Adam(0.02), {}, {"gradient_penalty": (20.0, 1.0)}, {}),
    (NonSaturating(), Tanh(), ADAM, {}, {"r1": 2.0}, {"decay": 0.5}),
    (Hinge(), ReLU(), AlternatingGradientDescent(0.05), {}, {"dragan": (5.0, 0.3)}, {}),
    (Wasserstein(), ReLU(), InnerSteps(ADAM, (1, 3)), {}, {}, {"clip": 0.1, "decay": 0.9}),
    (LeastSquares(), Softplus(), SimultaneousGradientDescent(0.05), {"instance_noise": 0.2}, {}, {}),
    (Minimax(), Tanh(), InnerSteps(ADAM, (2, 2)), {"instance_noise": 0.2}, {"r2": 1.0}, {}),
]


def game_of(objective, activation, options, penalty, dtype="float32", sizes=(5, 4)):
    data = numpy.random.default_rng(0).standard_normal((11, 2)).astype(dtype)
    networks = mlp((3, *sizes, 2), activation), mlp((2, *sizes, 1), activation)
    model = NeuralGAN(*networks, objective, data, latent_dim=3, **{"batch_size": 6, **options})
    return model, WrappedDraws(model, lambda game: Regularized(game, **penalty)) if penalty else model


def flat(leaves):
    return [x for leaf in leaves for x in (flat(leaf) if isinstance(leaf, tuple) else [leaf])]


def assert_same(leg, other):
    assert (leg.steps, leg.culprits) == (other.steps, other.culprits)
    for a, b in zip(flat([leg.z, leg.state]), flat([other.z, other.state]), strict=True):
        assert a is b is None or (a.dtype == b.dtype and numpy.array_equal(a, b))


def assert_plays(model, game, rule, count, most=None, parts=(70, 5), starts=None):
    """Two legs of `count` members, in groups of `most`, against `Legs` on each of them."""
    starts = starts or [(model.init(k), None) for k in range(count)]
    ensemble, alone = EnsembleLegs(game, model, rule, starts[0][0]), Legs(game, rule, starts[0][0])
    assert alone.plan is not None
    ensemble.most = most or ensemble.most
    rngs, own = ([numpy.random.default_rng(50 + k) for k in range(count)] for _ in range(2))
    expected = starts
    for steps in parts:
        legs = ensemble.play(starts, rngs, steps)
        others = [alone.play(*start, rng, steps, None) for start, rng in zip(expected, own, strict=True)]
        for leg, other, rng, other_rng in zip(legs, others, rngs, own, strict=True):
            assert_same(leg, other)
            assert rng.bit_generator.state == other_rng.bit_generator.state
        starts, expected = ([(leg.z, leg.state) for leg in each] for each in (legs, others))
    return legs


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{type(run[0]).__name__}-{type(run[1]).__name__}")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_member_has_the_bits_of_a_single_run(run, dtype):
    objective, activation, rule, options, penalty, ends = run
    model, game = game_of(objective, activation, options, penalty, dtype)
    legs = assert_plays(model, game, TrainedRule(rule, **ends), 3, parts=(5, 2))
    assert abs(legs[0].z - legs[1].z).max() > 1e-3


def test_groups_and_odd_batches():
    model, game = game_of(NonSaturating(), ReLU(), {"batch_size": 7}, {})
    for most in (1, 2, 4):
        assert_plays(model, game, TrainedRule(ADAM), 5, most, parts=(3, 2))


def test_batches_of_several_parts():
    model, game = game_of(Minimax(), Tanh(), {"batch_size": 600}, {}, sizes=(3,))
    assert_plays(model, game, TrainedRule(ADAM), 2, parts=(2,))


def test_one_row_of_data_needs_no_random_numbers():
    networks = mlp((3, 4, 2), Tanh()), mlp((2, 4, 1), Tanh())
    model = NeuralGAN(*networks, Minimax(), [[1.0, 2.0]], latent_dim=3, batch_size=6)
    assert_plays(model, model, TrainedRule(ADAM), 2, parts=(3, 2))


def test_one_member_that_overflows_with_adam_leaves_the_others_their_counts():
    model, game = game_of(LeastSquares(), ReLU(), {}, {})
    starts = [(model.init(k) * numpy.float32(1e15 if k == 1 else 1), None) for k in range(3)]
    legs = assert_plays(model, game, TrainedRule(ADAM), 3, parts=(70,), starts=starts)
    assert [int(leg.state.inner.steps) for leg in legs] == [70, 0, 70]


@pytest.mark.parametrize("shift", [0, 1], ids=["at once", "later"])
def test_one_member_that_leaves_the_finite_numbers_stops_alone(shift):
    """Member 1 starts at numbers whose products overflow; or it is a run that overflows after some steps."""
    model, game = game_of(LeastSquares(), ReLU(), {}, {})
    z = [model.init(k) for k in range(4)]
    z[1] = z[1] * numpy.float32(1e15 if shift == 0 else 24)
    starts = [(each, None) for each in z]
    legs = assert_plays(model, game, TrainedRule(SimultaneousGradientDescent(0.05)), 4, parts=(200,), starts=starts)
    assert [leg.steps == 200 for leg in legs] == [True, False, True, True]
    assert legs[1].culprits
    assert numpy.isfinite(legs[1].z).all()
    assert bool(legs[1].steps) == bool(shift)
