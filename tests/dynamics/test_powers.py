"""When simulate takes powers of the matrix, and when it must not."""

import math
from dataclasses import dataclass
from typing import Any

import numpy
import pytest

from gamedyn.dynamics import DistanceTo, Status, simulate
from gamedyn.dynamics._powers import play_by_powers, works_by_powers
from gamedyn.dynamics._request import Request
from gamedyn.games import Bilinear, Box, Counted, DiracGAN, Game, Quadratic, TimescaleSeparated, random_quadratic_game
from gamedyn.updates import (
    Cost,
    Extragradient,
    LinearUpdateRule,
    OptimisticGradient,
    SimultaneousGradientDescent,
    identity_like,
)

ROTATION = Bilinear([[1.0]])


class Steps(Game):
    """A bilinear game that counts its gradients: how many tells which engine played."""

    dims = (1, 1)
    is_affine = True

    def __init__(self):
        self.calls = 0

    def losses(self, z):
        return ROTATION.losses(z)

    def simultaneous_gradient(self, z):
        self.calls += 1
        return ROTATION.simultaneous_gradient(z)

    def jacobian(self, z):
        return ROTATION.jacobian(z)


def calls(**options):
    game = Steps()
    simulate(game, SimultaneousGradientDescent(0.01), [1.0, 0.0], 5000, **options)
    return game.calls


def test_a_long_run_takes_a_handful_of_steps_unless_something_is_to_be_seen_on_the_way():
    assert calls() < 10
    assert calls(observe={"norm": DistanceTo()}, record_points=False) < 10
    assert calls(engine="step") >= 5000
    assert calls(tolerance=1e-300) >= 5000
    assert calls(max_norm=1e300) >= 5000
    assert calls(callback=lambda step, z, state: None) >= 5000


def test_ten_million_steps_of_a_rotation_have_the_known_norm():
    # |z_T| = (1 + h^2)^(T / 2), by powers with T roundoffs.
    steps, h = 10**7, 1e-4
    path = simulate(ROTATION, SimultaneousGradientDescent(h), [3.0, 4.0], steps, record_every=steps)
    assert math.log(numpy.linalg.norm(path.final) / 5) == pytest.approx(steps / 2 * math.log1p(h * h), rel=1e-8)
    # The angle is T atan h.
    angle = math.atan2(4.0, 3.0) + steps * math.atan(h)
    numpy.testing.assert_allclose(path.final / numpy.linalg.norm(path.final), [math.cos(angle), math.sin(angle)], 1e-6)


def test_affine_games_contract_to_their_own_rest():
    # xi = (x - 2 + y, y - x): rest at x = y = 1, and |z - rest| shrinks by |1 - h (1 + i)| a step.
    game = Quadratic.from_jacobian([[1.0, 1.0], [-1.0, 1.0]], (1, 1), [-2.0, 0.0])
    observe = {"d": DistanceTo([1.0, 1.0]), "s": DistanceTo([1.0, 1.0], squared=True)}
    path = simulate(game, SimultaneousGradientDescent(0.1), [4.0, 5.0], 300, observe=observe)
    numpy.testing.assert_allclose(path.observed["d"], 5 * 0.82 ** (numpy.arange(301) / 2), rtol=0, atol=1e-14)
    numpy.testing.assert_allclose(path.observed["s"][:50], 25 * 0.82 ** numpy.arange(50), rtol=1e-10)


def test_a_run_that_overflows_is_stepped_to_its_first_bad_point():
    # |z| grows by sqrt(101) a step from 1: above 1.8e308 at step 308 for one coordinate or the other, or just after.
    fast, slow = (
        simulate(ROTATION, SimultaneousGradientDescent(10.0), [1.0, 0.0], 5000, engine=e) for e in ("auto", "step")
    )
    assert fast.status == slow.status == Status.DIVERGED
    assert fast.stop_step == slow.stop_step
    assert 306 <= fast.stop_step <= 309
    numpy.testing.assert_array_equal(fast.points, slow.points)


@pytest.mark.parametrize(
    ("jacobian", "offset", "start", "step_size"),
    [
        ([[0.0, 1.0], [-1.0, 0.0]], [0.0, 0.0], [-1e300, -1e300], 0.1),
        ([[0.0, 1.0], [-1.0, 0.0]], [1.0, 0.0], [0.0, 0.0], 10.0),
        ([[0.0, 0.0], [0.0, 0.0]], [1e305, 0.0], [0.0, 0.0], 1.0),
    ],
)
def test_negative_starts_and_constant_terms_overflow_too(jacobian, offset, start, step_size):
    # From zero, the constant term alone leads away.
    game, rule = Quadratic.from_jacobian(jacobian, (1, 1), offset), SimultaneousGradientDescent(step_size)
    assert play_by_powers(Request(game=game, rule=rule, z=numpy.array(start), steps=5000)) is None
    assert simulate(game, rule, start, 5000).status == Status.DIVERGED


def test_times_are_shared_and_cannot_be_written_to():
    first, second = (simulate(ROTATION, Extragradient(0.1), [1.0, 0.0], 500, record_every=3) for _ in range(2))
    for name in ("times", "gradient_calls"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(first, name)[0] = 7
        numpy.testing.assert_array_equal(getattr(second, name)[:2], [0, 3 if name == "times" else 6])


def test_it_runs_on_from_a_state():
    game = random_quadratic_game([0.2 + 1j, 0.4 + 0.3j], rng=3)
    rule = OptimisticGradient(0.1)
    z = numpy.random.default_rng(0).standard_normal((5, 4))
    whole = simulate(game, rule, z, 400, engine="step")
    first = play_by_powers(Request(game=game, rule=rule, z=z, steps=150))
    second = play_by_powers(Request(game=game, rule=rule, z=first.final, steps=250, state=first.final_state))
    numpy.testing.assert_allclose(second.points, whole.points[150:], rtol=0, atol=1e-12)
    numpy.testing.assert_allclose(
        second.final_state.previous_gradient, whole.final_state.previous_gradient, rtol=0, atol=1e-12
    )


def test_only_affine_games_on_all_of_space_are_taken():
    z = numpy.ones(2)
    rule = Extragradient(0.1)
    assert works_by_powers(Request(game=ROTATION, rule=rule, z=z, steps=3))
    assert works_by_powers(Request(game=TimescaleSeparated(ROTATION, 2.0), rule=rule, z=z, steps=3))
    boxed = Quadratic.from_jacobian([[0.0, 1.0], [-1.0, 0.0]], (1, 1))
    assert works_by_powers(Request(game=boxed, rule=rule, z=z, steps=3))
    boxed.domain = Box(-2.0, 2.0)
    for game in (DiracGAN(), Counted(ROTATION), TimescaleSeparated(DiracGAN(), 2.0), boxed):
        assert not works_by_powers(Request(game=game, rule=rule, z=z, steps=3))


def test_a_rule_that_is_not_the_map_it_declares_is_stepped():
    @dataclass(frozen=True, eq=False)
    class Normalised(LinearUpdateRule):
        """z - h xi / sqrt(1 + |xi|^2): linear next to rest only."""

        step_size: Any = 0.1
        cost = Cost(gradients=1)

        def step(self, game, z, state):
            xi = game.simultaneous_gradient(z)
            return z - self.step_size * xi / numpy.sqrt(1 + numpy.sum(xi**2, axis=-1, keepdims=True)), None

        def iteration_matrix(self, jacobian, dims, loss_hessians=None):
            return identity_like(jacobian) - self.step_size * jacobian

    z = numpy.array([[3.0, 4.0]])
    for start in (z, 0 * z, 1e-3 * z):
        assert play_by_powers(Request(game=ROTATION, rule=Normalised(), z=start, steps=50)) is None
    fast, slow = (simulate(ROTATION, Normalised(), z, 5000, engine=e) for e in ("auto", "step"))
    numpy.testing.assert_array_equal(fast.points, slow.points)


@pytest.mark.parametrize("rule", [Extragradient(1e-3), OptimisticGradient(1e-3)], ids=repr)
@pytest.mark.parametrize(("batch", "steps", "record_every"), [((), 12_501, 1), ((40,), 1001, 1), ((40,), 2000, 3)])
def test_records_of_several_blocks_are_steps(rule, batch, steps, record_every, rng):
    # Longer than a block, and no multiple of one.
    game = Quadratic.from_jacobian([[0.01, 1.0], [-1.0, 0.02]], (1, 1), [0.3, -0.2])
    z = rng.standard_normal((*batch, 2))
    options = {"observe": {"d": DistanceTo()}, "record_every": record_every}
    fast, slow = (simulate(game, rule, z, steps, engine=e, **options) for e in ("auto", "step"))
    numpy.testing.assert_array_equal(fast.times, slow.times)
    assert fast.times[-1] == steps
    numpy.testing.assert_allclose(fast.points, slow.points, rtol=0, atol=1e-11)
    numpy.testing.assert_allclose(fast.observed["d"], slow.observed["d"], rtol=0, atol=1e-11)
    numpy.testing.assert_array_equal(fast.points[-1], fast.final)


def test_a_pair_of_rule_and_game_is_known_again_by_its_values(monkeypatch):
    taken, step = [], SimultaneousGradientDescent.step
    monkeypatch.setattr(SimultaneousGradientDescent, "step", lambda *args: taken.append(1) or step(*args))

    def steps_of(game, rule):
        before = len(taken)
        path = play_by_powers(Request(game=game, rule=rule, z=numpy.array([1.0, 2.0]), steps=40))
        spent = len(taken) - before
        expected = simulate(game, rule, [1.0, 2.0], 40, engine="step")
        numpy.testing.assert_allclose(path.points, expected.points, rtol=1e-13)
        return spent

    def game():
        return Quadratic.from_jacobian([[0.5, 0.625], [-0.625, 0.25]], (1, 1), [0.5, 0.125])

    first = game()
    assert steps_of(first, SimultaneousGradientDescent(0.0625)) > 0
    assert steps_of(first, SimultaneousGradientDescent(0.0625)) == 0
    assert steps_of(game(), SimultaneousGradientDescent(0.0625)) == 0
    assert steps_of(first, SimultaneousGradientDescent(0.03125)) > 0
    # Whoever writes into a game plays the new one.
    first._jacobian[0, 1] = 2.0
    assert steps_of(first, SimultaneousGradientDescent(0.0625)) > 0
    first._offset[0] = -1.0
    assert steps_of(first, SimultaneousGradientDescent(0.0625)) > 0


def test_games_and_rules_of_other_code_are_compared_every_time():
    game, counts = Steps(), []
    for _ in range(3):
        before = game.calls
        simulate(game, SimultaneousGradientDescent(0.01), [1.0, 0.0], 5000)
        counts.append(game.calls - before)
    assert min(counts) > 0
    assert len(set(counts)) == 1


def test_empty_batches_are_stepped():
    path = simulate(ROTATION, Extragradient(0.1), numpy.zeros((0, 2)), 2000)
    assert path.points.shape == (2001, 0, 2)


def test_observables_that_take_points_one_record_at_a_time():
    seen = []

    def first(game, z):
        seen.append(z.shape)
        return z[..., 0]

    path = play_by_powers(
        Request(game=ROTATION, rule=Extragradient(0.1), z=numpy.ones((3, 2)), steps=9, observe={"x": first})
    )
    numpy.testing.assert_array_equal(path.observed["x"], path.points[..., 0])
    assert set(seen) == {(3, 2)}


def test_progress_is_told():
    ticks = []
    simulate(ROTATION, Extragradient(0.1), [1.0, 0.0], 20_000, progress=lambda step, steps: ticks.append((step, steps)))
    assert ticks[-1] == (20_000, 20_000)
    assert len(ticks) > 1


def test_an_engine_has_a_name():
    with pytest.raises(
        ValueError, match="`engine` must be one of 'auto', 'step', 'python', 'arrays', 'c', got 'powers'"
    ):
        simulate(ROTATION, Extragradient(0.1), [1.0, 0.0], 1, engine="powers")
