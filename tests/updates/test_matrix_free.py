"""Dense and matrix-free steps of the rules with an inner system are the same."""

import numpy
import pytest

from gamedyn.games import Counted
from gamedyn.updates import (
    AdaptiveCompetitive,
    Competitive,
    FollowTheRidge,
    LocalSymplecticSurgery,
    StackelbergGradient,
)
from tests.updates.second_order_games import Wavy, random_jacobian, run

RULES = [
    (Competitive, {}),
    (AdaptiveCompetitive, {"epsilon": 1e-2}),
    (LocalSymplecticSurgery, {}),
    (LocalSymplecticSurgery, {"regularisation": 0.3}),
    (FollowTheRidge, {}),
    (StackelbergGradient, {}),
    (StackelbergGradient, {"leader": 1}),
]


@pytest.mark.parametrize(("kind", "options"), RULES, ids=repr)
@pytest.mark.parametrize("zero_sum", [True, False])
def test_both_paths_lead_to_the_same_points(kind, options, zero_sum, rng):
    dims = (9, 6)
    game = Wavy(random_jacobian(rng, dims, zero_sum), dims)
    z = rng.standard_normal((3, 15))
    step_sizes = numpy.array([0.05, 0.1, 0.2])
    dense, no_state = run(kind(step_sizes, dense_limit=15, **options), game, z, steps=20)
    free, state = run(kind(step_sizes, dense_limit=14, **options), game, z, steps=20)
    numpy.testing.assert_allclose(free, dense, rtol=1e-10, atol=1e-10)
    assert numpy.max(abs(dense - z)) > 0.1
    if kind is AdaptiveCompetitive:
        assert no_state.solve is None
        state = state.solve
    else:
        assert no_state is None
    assert numpy.max(state.residual) < 1e-12
    assert state.guess.shape[0] == 3
    assert state.guess.shape[2] == 1


@pytest.mark.parametrize(("kind", "options"), RULES, ids=repr)
def test_without_a_matrix_no_jacobian_is_formed(kind, options, rng):
    dims = (9, 6)
    game = Counted(Wavy(random_jacobian(rng, dims, True), dims))
    run(kind(0.1, dense_limit=0, **options), game, rng.standard_normal(15), steps=2)
    assert game.jacobians == 0
    assert game.jvps > 4
    assert kind(0.1, dense_limit=0, **options).cost.at_least
    assert not kind(0.1, **options).cost.at_least


@pytest.mark.parametrize(("kind", "options"), RULES, ids=repr)
def test_single_precision_solves_to_its_own_rounding(kind, options, rng):
    dims = (9, 6)
    game = Wavy(random_jacobian(rng, dims, False), dims)
    z = rng.standard_normal((3, 15))
    exact, _ = run(kind(0.1, **options), game, z)
    single, _ = run(kind(0.1, dense_limit=0, **options), game, z.astype("float32"))
    assert single.dtype == "float32"
    numpy.testing.assert_allclose(single, exact, rtol=1e-3, atol=1e-3)
