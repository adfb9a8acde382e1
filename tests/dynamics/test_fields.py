"""Fields of flows: invariants, rest points, and the second order of modified fields."""

import numpy
import pytest
from scipy.special import expit

from gamedyn.dynamics import (
    best_response_field,
    consensus_field,
    flow,
    gradient_field,
    hamiltonian_field,
    modified_field,
    replicator_field,
    simulate,
    timescale_field,
)
from gamedyn.games import Bilinear, DiracGAN, MatrixGame, NormalFormGame, Quadratic, SoftmaxParametrized
from gamedyn.updates import (
    AlternatingGradientDescent,
    Consensus,
    Extragradient,
    HamiltonianDescent,
    MultiplicativeWeights,
    SimultaneousGradientDescent,
    TimescaleSeparation,
)
from tests.dynamics.test_simulate import Rotation
from tests.updates.finite import PENNIES, gap, zero_sum_with_interior_equilibrium


def test_one_player_replicates_logistically(game_library):
    # Log-odds grow at the difference of payoffs, 3 - 1.
    game = NormalFormGame([[3.0, 1.0]])
    times = [0.0, 0.5, 1.5]
    path = flow(game, game_library.asarray([[0.2, 0.8], [0.0, 1.0]]), times, field=replicator_field)
    assert game_library.owns(path)
    expected = expit(numpy.log(0.25) + 2 * numpy.array(times))
    numpy.testing.assert_allclose(game_library.host(path)[:, 0, 0], expected, rtol=1e-9)
    # Faces are invariant.
    assert game_library.host(path)[:, 1].tolist() == [[0.0, 1.0]] * 3


@pytest.mark.parametrize("size", [2, 3, 4])
def test_zero_sum_replicators_keep_the_divergence_from_an_interior_equilibrium(size, rng):
    A, p, q = zero_sum_with_interior_equilibrium(rng, size)
    star = numpy.concatenate([p, q])
    start = numpy.concatenate([rng.dirichlet(numpy.full(size, 3.0), 2), rng.dirichlet(numpy.full(size, 3.0), 2)], -1)
    path = flow(MatrixGame(A), start, numpy.linspace(0, 10, 6), field=replicator_field)
    divergence = (star * numpy.log(star / path)).sum(-1)
    numpy.testing.assert_allclose(divergence, divergence[:1].repeat(6, axis=0), rtol=1e-8)
    assert abs(path[-1] - path[0]).max() > 0.05
    # With common interests the same sum is not kept.
    path = flow(MatrixGame(A, A), start, [0.0, 1.0], field=replicator_field)
    assert abs(numpy.diff((star * numpy.log(star / path)).sum(-1), axis=0)).max() > 1e-3


def test_long_replicator_flows_stay_on_the_simplices():
    # Rock, paper, scissors with ties of 1/2 and -1/2: chaos, in which rounding of the mass would grow like a distance.
    wins = numpy.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    game = MatrixGame(wins + numpy.eye(3) / 2, wins - numpy.eye(3) / 2)
    start = numpy.array([0.5, 0.01, 0.49, 0.5, 0.25, 0.25])
    path = flow(game, start, [0.0, 200.0, 400.0], field=replicator_field)
    assert path.min() > -1e-9
    numpy.testing.assert_allclose(path.reshape(3, 2, 3).sum(-1), 1.0, atol=1e-12)
    # Beside the simplex its mass is kept as it is.
    moved = replicator_field(game, 1.1 * start).reshape(2, 3).sum(-1)
    numpy.testing.assert_allclose(moved, 0.0, atol=1e-15)


def in_logits(game, u):
    """The replicator in the coordinates u of x = softmax(u): d/dt log x, up to a shift of each player's."""
    x = SoftmaxParametrized(game).strategies(u)
    return replicator_field(game, x) / x


def test_the_replicator_keeps_volume_in_log_coordinates(rng):
    # Against fixed others log(x_a / x_b) grows at a constant speed: the trace of the derivative vanishes.
    game = NormalFormGame(rng.standard_normal((3, 2, 3, 2)))
    u = rng.standard_normal((5, 7))
    starts = (0, 2, 5)
    ends = (2, 5, 7)
    traces = numpy.zeros(5)
    for start, end in zip(starts, ends, strict=True):
        for a in range(start, end - 1):
            moved = in_logits(game, u + 1e-30j * numpy.eye(7)[a]).imag / 1e-30
            traces += moved[:, a] - moved[:, end - 1]
    numpy.testing.assert_allclose(traces, 0, atol=1e-13)
    # In the strategies themselves it does not vanish.
    x = SoftmaxParametrized(game).strategies(u)
    plain = sum((replicator_field(game, x + 1e-30j * e).imag / 1e-30)[:, a] for a, e in enumerate(numpy.eye(7)))
    assert abs(plain).min() > 1e-3


def test_the_flow_map_of_matching_pennies_has_determinant_one_in_log_odds():
    centre, h = numpy.array([0.7, -0.4]), 1e-3
    odds = centre + h * numpy.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    z = expit(numpy.stack([odds[:, 0], -odds[:, 0], odds[:, 1], -odds[:, 1]], -1))
    end = flow(PENNIES, z, [0.0, 3.0], field=replicator_field)[-1]
    logits = numpy.log(end[:, 0::2] / end[:, 1::2])
    columns = numpy.stack([logits[0] - logits[1], logits[2] - logits[3]], -1) / (2 * h)
    assert numpy.linalg.det(columns) == pytest.approx(1, abs=1e-5)


def test_the_replicator_is_the_flow_of_multiplicative_weights(rng):
    game = NormalFormGame(rng.standard_normal((2, 3, 2)))
    z = numpy.concatenate([rng.dirichlet(numpy.ones(3)), rng.dirichlet(numpy.ones(2))])
    numpy.testing.assert_allclose(MultiplicativeWeights().flow(game, z), replicator_field(game, z), atol=1e-15)
    end = flow(game, z, [0.0, 1.0], field=replicator_field)[-1]
    errors = [abs(simulate(game, MultiplicativeWeights(1 / n), z, n).final - end).max() for n in (50, 500)]
    assert errors[0] / errors[1] == pytest.approx(10, rel=0.2)


def test_logit_replies_spiral_into_matching_pennies_at_the_rate_one():
    # At the equilibrium the field is -I plus an antisymmetric matrix: distances fall by exp(-t), whatever T is.
    for temperature in (0.5, 2.0):
        z = 0.5 + 1e-5 * numpy.array([1.0, -1.0, 0.5, -0.5])
        path = flow(PENNIES, z, [0.0, 1.0, 3.0], field=best_response_field(temperature))
        distance = numpy.linalg.norm(path - 0.5, axis=-1)
        numpy.testing.assert_allclose(distance / distance[0], numpy.exp([0.0, -1.0, -3.0]), rtol=1e-5)


def test_cold_replies_close_the_gap_at_the_rate_one():
    # Towards best replies the gap of zero-sum strategies is 2 exp(-t); entropies of log 2 blur it by O(T).
    start = numpy.array([1.0, 0.0, 1.0, 0.0])
    temperature = 0.02
    path = flow(PENNIES, start, [0.0, 0.5, 1.0], field=best_response_field(temperature), tolerance=1e-7)
    gaps = gap(numpy.asarray(PENNIES.A), path)
    numpy.testing.assert_allclose(gaps, 2 * numpy.exp([0.0, -0.5, -1.0]), atol=2 * temperature * numpy.log(2))


def test_fields_by_their_definition_and_their_rules(game_library, rng):
    J = rng.standard_normal((3, 3))
    J[:2, :2] = J[:2, :2] + J[:2, :2].T
    game, points = Quadratic.from_jacobian(J, (2, 1)), rng.standard_normal((4, 3))
    z = game_library.asarray(points)
    xi = points @ J.T
    scales, gammas = rng.uniform(0.5, 2, 4), rng.uniform(0.5, 2, 4)
    ones = numpy.ones((4, 2))
    step = 0.1
    cases = [
        (gradient_field, -xi, SimultaneousGradientDescent(step)),
        (timescale_field(3.0), -xi * [1, 1, 3], TimescaleSeparation(SimultaneousGradientDescent(step), 3.0)),
        (timescale_field((2.0, 0.5)), -xi * [2, 2, 0.5], None),
        (timescale_field(game_library.asarray(scales)), -xi * numpy.c_[ones, scales], None),
        (consensus_field(0.7), -xi - 0.7 * xi @ J, Consensus(step, gamma=0.7)),
        (consensus_field(game_library.asarray(gammas)), -xi - gammas[:, None] * (xi @ J), None),
        (hamiltonian_field, -xi @ J, HamiltonianDescent(step)),
    ]
    for field, expected, rule in cases:
        found = field(game, z)
        assert game_library.owns(found)
        numpy.testing.assert_allclose(game_library.host(found), expected, rtol=1e-12, atol=1e-13)
        if rule is not None:
            numpy.testing.assert_allclose(rule.flow(game, points), expected, rtol=1e-12, atol=1e-13)


RULES = [
    SimultaneousGradientDescent,
    Extragradient,
    lambda h: Extragradient(h, extrapolation_step=3 * h),
    AlternatingGradientDescent,
    lambda h: AlternatingGradientDescent(h, inner_steps=(1, 3), player_order=(1, 0)),
]


@pytest.mark.parametrize("rule_of", RULES)
def test_steps_follow_the_modified_flow_to_second_order(rule_of):
    game, z, time = DiracGAN(), numpy.array([0.8, -0.6]), 1.0
    errors, plain = [], []
    for n in (20, 80):
        rule = rule_of(time / n)
        end = simulate(game, rule, z, n).final
        errors.append(numpy.linalg.norm(flow(game, z, [0.0, time], field=modified_field(rule))[-1] - end))
        plain.append(numpy.linalg.norm(flow(game, z, [0.0, time], field=rule.flow)[-1] - end))
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.25)
    assert plain[0] / plain[1] == pytest.approx(4, rel=0.25)


def test_modified_fields_on_a_rotation():
    # J = [[0, 1], [-1, 0]]: J^2 = -1, so that descent spirals out at h / 2, extragradient in at g - h / 2.
    z = numpy.array([1.0, 2.0])
    game = Bilinear([[1.0]])
    assert modified_field(SimultaneousGradientDescent(0.5))(game, z).tolist() == [-2.0 + 0.25, 1.0 + 0.5]
    assert modified_field(Extragradient(0.5))(game, z).tolist() == [-2.0 - 0.25, 1.0 - 0.5]
    # Descent in turn keeps x^2 + y^2 - h x y: its modified field is tangent to these ellipses up to O(h^2).
    h = 1e-4
    velocity = modified_field(AlternatingGradientDescent(h))(game, z)
    slope = numpy.array([2 * z[0] - h * z[1], 2 * z[1] - h * z[0]])
    assert abs(velocity @ slope) < 10 * h**2


def test_step_sizes_of_a_batch_have_fields_of_their_own():
    z = numpy.array([[1.0, 2.0], [1.0, 2.0]])
    spread = numpy.array([0.1, 0.4])
    for rule_of in (SimultaneousGradientDescent, Extragradient, AlternatingGradientDescent):
        together = modified_field(rule_of(spread))(DiracGAN(), z)
        for i, h in enumerate(spread):
            alone = modified_field(rule_of(float(h)))(DiracGAN(), z[i])
            numpy.testing.assert_allclose(together[i], alone, rtol=1e-14)


def test_errors():
    z = numpy.zeros(2)
    with pytest.raises(ValueError, match="`game` must have one simplex per player as its domain for the replicator"):
        replicator_field(Rotation(), z)
    with pytest.raises(ValueError, match="for the best-response field, got Reals"):
        best_response_field(1.0)(Rotation(), z)
    with pytest.raises(ValueError, match="`temperature` must be positive"):
        best_response_field(0.0)
    with pytest.raises(TypeError, match=r"`rule` must be SimultaneousGradientDescent.*got Consensus"):
        modified_field(Consensus(0.1))
    with pytest.raises(ValueError, match="`order` must be one of 1, 2, got 3"):
        modified_field(Extragradient(0.1), order=3)
    with pytest.raises(ValueError, match="`tau` must be positive"):
        timescale_field((1.0, -1.0))
    with pytest.raises(ValueError, match="`gamma` must be non-negative"):
        consensus_field(-1.0)
    with pytest.raises(ValueError, match=r"`field` must return the shape \(2,\) of its points, got \(1,\)"):
        flow(Rotation(), [1.0, 0.0], [0.0, 1.0], field=lambda game, z: z[:1])
