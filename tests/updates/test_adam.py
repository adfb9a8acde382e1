"""Adam and RMSProp against their published recurrences, at 40 digits and in PyTorch."""

import math
import os

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.games import Bilinear, Counted, DiracGAN, Quadratic
from gamedyn.updates import Adam, ExtraAdam, OptimisticAdam, RMSProp
from tests.updates.adaptive_oracles import CONTEXT, Moments, bilinear, moves, play, steepest

GAME, START = Bilinear([[1.0]]), numpy.array([1.0, -0.5])
PEERS = os.environ.get("GAMEDYN_TEST_PEERS") == "1"


def path_of(rule, steps=60):
    return simulate(GAME, rule, START, steps).points


@pytest.mark.parametrize(("b1", "b2"), [(0.9, 0.999), (0.5, 0.9), (0.0, 0.99), (0.9, 0.0)])
def test_adam_follows_its_paper(b1, b2):
    x_moments, y_moments = (Moments(b1, b2, 1e-8) for _ in range(2))
    h = CONTEXT.mpf(0.05)

    def step(x, y):
        gx, gy = bilinear(x, y)
        return x - h * x_moments.direction(gx), y - h * y_moments.direction(gy)

    path = path_of(Adam(0.05, first_decay=b1, second_decay=b2))
    numpy.testing.assert_allclose(path, play(START, 60, step), rtol=0, atol=1e-11)


def test_alternating_players_see_the_newest_points():
    x_moments, y_moments = (Moments(0.9, 0.999, 1e-8) for _ in range(2))

    def step(x, y):
        x = x - CONTEXT.mpf(0.05) * x_moments.direction(y)
        return x, y - CONTEXT.mpf(0.05) * y_moments.direction(-x)

    path = path_of(Adam(0.05, schedule="alternating"))
    numpy.testing.assert_allclose(path, play(START, 60, step), rtol=0, atol=1e-11)
    assert numpy.max(abs(path - path_of(Adam(0.05)))) > 1e-2


def test_the_first_step_has_the_length_of_the_step_size():
    # Without the correction it would be h (1 - b1) / sqrt(1 - b2), about 3.2 h; with that of m alone, 31.6 h.
    z = numpy.array([1e-3, 5.0])
    for rule in (Adam(0.1, epsilon=1e-30), OptimisticAdam(0.1, epsilon=1e-30)):
        moved, _ = rule.step(GAME, z, rule.init(GAME, z))
        numpy.testing.assert_allclose(abs(moved - z), 0.1, rtol=1e-12)
    single = z.astype("float32")
    rule = Adam(0.125, epsilon=1e-30)
    moved, _ = rule.step(GAME, 0 * single + numpy.float32(0.5), rule.init(GAME, single))
    # 1 - 0.999^t in single precision would be wrong by 1e-5.
    numpy.testing.assert_allclose(moved, [0.375, 0.625], rtol=3e-7)


def test_epsilon_is_added_to_the_root():
    # |xi| = eps halves the first step; inside the root, sqrt(xi^2 + eps) or an uncorrected root, it would not.
    rule, z = Adam(0.1, epsilon=0.25), numpy.array([0.25, -0.25])
    moved, _ = rule.step(GAME, z, rule.init(GAME, z))
    numpy.testing.assert_allclose(moved, [0.3, -0.2], rtol=1e-14)


@pytest.mark.parametrize("schedule", ["simultaneous", "alternating"])
def test_rmsprop_follows_its_lecture(schedule):
    v, h, b, epsilon = [CONTEXT.mpf(0)] * 2, *(CONTEXT.mpf(x) for x in (0.02, 0.9, 1e-8))

    def move(i, value, gradient):
        v[i] = b * v[i] + (1 - b) * gradient**2
        return value - h * gradient / (CONTEXT.sqrt(v[i]) + epsilon)

    def step(x, y):
        new = move(0, x, y)
        return new, move(1, y, -(x if schedule == "simultaneous" else new))

    path = path_of(RMSProp(0.02, decay=0.9, schedule=schedule))
    numpy.testing.assert_allclose(path, play(START, 60, step), rtol=0, atol=1e-11)


def test_optimistic_adam_extrapolates_directions():
    x_moments, y_moments = (Moments(0.5, 0.9, 1e-8) for _ in range(2))
    h, before = CONTEXT.mpf(0.02), []

    def step(x, y):
        gx, gy = bilinear(x, y)
        now = x_moments.direction(gx), y_moments.direction(gy)
        # Cold start: the first direction stands for the one before it.
        old = before[-1] if before else now
        before.append(now)
        return x - 2 * h * now[0] + h * old[0], y - 2 * h * now[1] + h * old[1]

    path = path_of(OptimisticAdam(0.02, first_decay=0.5, second_decay=0.9))
    numpy.testing.assert_allclose(path, play(START, 60, step), rtol=0, atol=1e-11)


def test_extra_adam_counts_both_gradients():
    x_moments, y_moments = (Moments(0.5, 0.9, 1e-8) for _ in range(2))
    h = CONTEXT.mpf(0.02)

    def step(x, y):
        u, w = x, y
        for _ in range(2):
            gx, gy = bilinear(u, w)
            u, w = x - h * x_moments.direction(gx), y - h * y_moments.direction(gy)
        return u, w

    rule = ExtraAdam(0.02, first_decay=0.5, second_decay=0.9)
    numpy.testing.assert_allclose(path_of(rule), play(START, 60, step), rtol=0, atol=1e-11)
    assert simulate(GAME, rule, START, 7).final_state.steps == 14


DECAYS = [(0.9, 0.999), (0.5, 0.9), (0.0, 0.99)]


@pytest.mark.parametrize(("b1", "b2"), DECAYS)
def test_a_gradient_after_long_silence_makes_the_published_longest_step(b1, b2):
    # Kingma, Ba (2015), section 2.1: h (1 - b1) / sqrt(1 - b2), for one gradient after nothing but zeros.
    count = 20_000 if b2 == 0.999 else 2000
    adam = Adam(0.5, first_decay=b1, second_decay=b2, epsilon=1e-300)
    zeros = numpy.zeros(1)
    state = adam.init(GAME, zeros)._replace(steps=numpy.asarray(count))
    moved, _ = adam.step(Quadratic([[[0.0]]], (1,), [[-1e-5]]), zeros, state)
    numpy.testing.assert_allclose(moved, 0.5 * (1 - b1) / math.sqrt(1 - b2), rtol=1e-7)


@pytest.mark.parametrize(("b1", "b2"), DECAYS)
def test_no_gradients_move_adam_further_than_cauchy_and_schwarz_allow(b1, b2, rng):
    # The paper's bound is not one: gradients that grow as (b2 / b1)^t make steps up to 1 / sqrt(1 - b1^2 / b2) as long.
    rule = Adam(0.5, first_decay=b1, second_decay=b2, epsilon=1e-300)
    bound = 0.5 * numpy.array([steepest(b1, b2, count) for count in range(1, 41)])
    for gradients in (rng.standard_normal(40), rng.standard_cauchy(40), numpy.exp(rng.standard_normal(40).cumsum())):
        assert numpy.all(abs(moves(rule, gradients)) <= bound * (1 + 1e-12))
    growing = (b2 / b1) ** numpy.arange(40.0) if b1 else numpy.append(numpy.zeros(39), 1.0)
    numpy.testing.assert_allclose(abs(moves(rule, growing))[-1], bound[-1], rtol=1e-12)


def test_the_published_bound_is_exceeded_by_growing_gradients():
    longest = abs(moves(Adam(1.0, epsilon=1e-300), 1.11 ** numpy.arange(400.0)))[-1]
    assert longest > 1.25 * 0.1 / math.sqrt(1 - 0.999)


def test_rmsprop_moves_no_further_than_at_its_first_step(rng):
    # v >= (1 - b) xi^2, with equality where all gradients before were zero.
    rule = RMSProp(0.5, decay=0.96, epsilon=1e-300)
    numpy.testing.assert_allclose(moves(rule, [0, 0, -3e-7]), [0, 0, 2.5], rtol=1e-13)
    for gradients in (rng.standard_normal(40), rng.standard_cauchy(40)):
        found = abs(moves(rule, gradients))
        numpy.testing.assert_allclose(found[0], 2.5, rtol=1e-13)
        assert numpy.all(found[1:] < 2.5)
    # And constant gradients of any size have steps that shrink to h: 1 / sqrt(1 - b^t) of it.
    expected = 0.5 / numpy.sqrt(1 - 0.96 ** numpy.arange(1.0, 201))
    numpy.testing.assert_allclose(-moves(rule, numpy.full(200, 1e9)), expected, rtol=1e-12)


def test_optimistic_adam_moves_at_most_three_directions():
    # With b1 = b2 = 0 directions are signs: 2 u - u' = 3 u where the gradient turns, u where it does not.
    rule = OptimisticAdam(0.5, first_decay=0.0, second_decay=0.0, epsilon=1e-300)
    numpy.testing.assert_allclose(moves(rule, [2, 3, -1e-9, -7, 5]), [-0.5, -0.5, 1.5, 0.5, -1.5], rtol=1e-14)


@pytest.mark.parametrize("kind", [Adam, RMSProp, OptimisticAdam, ExtraAdam])
def test_the_size_of_gradients_does_not_matter(kind):
    # The game times 2^k has the same path to the last digit, and h and z times 2^k have 2^k times the path.
    rule = kind(0.0625, epsilon=1e-300)
    path = path_of(rule)
    for k in (-40, 40):
        scaled = simulate(Bilinear([[2.0**k]]), rule, START, 60).points
        numpy.testing.assert_array_equal(scaled, path)
        larger = simulate(GAME, rule.with_step_size(2.0**k * 0.0625), 2.0**k * START, 60).points
        numpy.testing.assert_array_equal(larger, 2.0**k * path)


def test_adam_circles_where_its_optimistic_and_extra_forms_come_within_a_step():
    # On x y without momentum, in units of the longest step h / sqrt(1 - b2) of one coordinate.
    unit = 0.02 / math.sqrt(1 - 0.9)
    starts = numpy.array([[1.0, -0.5], [0.3, 0.4]])
    ends = {}
    for kind in (Adam, OptimisticAdam, ExtraAdam):
        rule = kind(0.02, first_decay=0.0, second_decay=0.9, epsilon=1e-300)
        ends[kind] = numpy.linalg.norm(simulate(GAME, rule, starts, 1000).points[-100:], axis=-1) / unit
    assert numpy.all(ends[Adam] > 2)
    assert numpy.all(ends[OptimisticAdam] < 1)
    assert numpy.all(ends[ExtraAdam] < ends[OptimisticAdam].min())
    # With the momentum of its paper, Adam leaves.
    path = numpy.linalg.norm(simulate(GAME, Adam(0.02), starts, 1000).points, axis=-1)
    assert numpy.all(path[-100:] > 2 * path[0])


class Redrawn(Bilinear):
    """x y, and minus ten x y once it is redrawn."""

    def redraw(self):
        return Redrawn(-10.0 * self.matrix)


def test_extra_adam_takes_its_second_gradient_on_a_fresh_sample():
    # With b1 = b2 = 0 the direction is the sign of the last gradient: the fresh one's, which is the opposite.
    rule = ExtraAdam(0.1, first_decay=0.0, second_decay=0.0, epsilon=1e-30)
    z = numpy.array([1.0, 2.0])
    moved, _ = rule.step(Redrawn([[1.0]]), z, rule.init(GAME, z))
    numpy.testing.assert_allclose(moved, [1.1, 1.9], rtol=1e-14)


def test_a_gradient_of_zero_moves_nothing():
    z = numpy.zeros((2, 2))
    for rule in (Adam(0.1), RMSProp(0.1), OptimisticAdam(0.1), ExtraAdam(0.1)):
        assert numpy.all(rule.step(GAME, z, rule.init(GAME, z))[0] == 0)


def test_no_linear_rule_no_flow():
    for rule in (Adam(), RMSProp(), OptimisticAdam(), ExtraAdam()):
        assert not rule.is_linear
        with pytest.raises(NotImplementedError, match=f"{type(rule).__name__} has no flow"):
            rule.flow(GAME, START)
        game = Counted(DiracGAN())
        rule.step(game, START, rule.init(game, START))
        assert game.gradients == rule.cost.gradients


@pytest.mark.parametrize("kind", [Adam, OptimisticAdam, ExtraAdam])
def test_decays_of_adam_lie_below_one(kind):
    with pytest.raises(ValueError, match=r"`first_decay` must lie in \[0, 1\), got 1"):
        kind(0.1, first_decay=1.0)
    with pytest.raises(ValueError, match=r"`second_decay` must lie in \[0, 1\), got -0\.1"):
        kind(0.1, second_decay=-0.1)
    with pytest.raises(ValueError, match="`epsilon` must be positive"):
        kind(0.1, epsilon=0.0)
    with pytest.raises(ValueError, match="`step_size` must be positive"):
        kind(numpy.array([0.1, -1.0]))


def test_arguments_of_rmsprop_are_checked():
    with pytest.raises(ValueError, match=r"`decay` must lie in \[0, 1\), got 1"):
        RMSProp(0.1, decay=1.0)
    with pytest.raises(ValueError, match="`schedule` must be one of"):
        RMSProp(0.1, schedule="both")


@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
@pytest.mark.parametrize(
    ("rule", "name", "options"),
    [
        (Adam(0.05), "Adam", {"lr": 0.05}),
        (Adam(0.05, 0.5, 0.9, 1e-3), "Adam", {"lr": 0.05, "betas": (0.5, 0.9), "eps": 1e-3}),
        (RMSProp(0.02, decay=0.9, epsilon=1e-3), "RMSprop", {"lr": 0.02, "alpha": 0.9, "eps": 1e-3}),
    ],
    ids=repr,
)
@pytest.mark.parametrize("schedule", ["simultaneous", "alternating"])
def test_pytorch_takes_the_same_steps(rule, name, options, schedule):
    import dataclasses

    import torch

    x, y = (torch.tensor(float(value), dtype=torch.float64, requires_grad=True) for value in START)
    optimizers = [getattr(torch.optim, name)([block], **options) for block in (x, y)]
    path = [START]
    for _ in range(200):
        for player, optimizer in enumerate(optimizers):
            if player == 0 or schedule == "alternating":
                x.grad, y.grad = y.detach().clone(), -x.detach().clone()
            optimizer.step()
        path.append([x.item(), y.item()])
    ours = path_of(dataclasses.replace(rule, schedule=schedule), 200)
    numpy.testing.assert_allclose(ours, path, rtol=0, atol=1e-10)
