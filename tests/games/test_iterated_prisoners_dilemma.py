"""The iterated prisoner's dilemma: policies with a value by hand, a sum over rounds, and best responses."""

from itertools import product

import numpy
import pytest

from gamedyn.games import IteratedPrisonersDilemma

# sigmoid(+-800) is 1 and 0 to the last bit.
SURE = 800.0
ALWAYS_COOPERATE = numpy.full(5, SURE)
ALWAYS_DEFECT = -ALWAYS_COOPERATE
TIT_FOR_TAT = SURE * numpy.array([1, 1, -1, 1, -1])
GRIM = SURE * numpy.array([1, 1, -1, -1, -1])


def payoffs(first, second, discount=0.96, **options):
    return (-IteratedPrisonersDilemma(discount, **options).losses(numpy.concatenate([first, second]))).tolist()


def played_out(first, second, rounds, discount, table=(-1, -3, 0, -2)):
    """Discounted sums of deterministic policies, round by round; actions 0 cooperate and 1 defect."""
    totals, state = [0.0, 0.0], None
    for t in range(rounds):
        mine, yours = state if state else (None, None)
        index = [0, 0] if state is None else [1 + 2 * mine + yours, 1 + 2 * yours + mine]
        actions = [int(policy[k] < 0) for policy, k in zip((first, second), index, strict=True)]
        state = tuple(actions)
        totals[0] += discount**t * table[2 * actions[0] + actions[1]]
        totals[1] += discount**t * table[2 * actions[1] + actions[0]]
    return totals


def test_values_by_hand():
    g = 0.96
    assert payoffs(ALWAYS_COOPERATE, ALWAYS_COOPERATE) == pytest.approx([-1 / (1 - g)] * 2)
    assert payoffs(ALWAYS_DEFECT, ALWAYS_DEFECT) == pytest.approx([-2 / (1 - g)] * 2)
    assert payoffs(ALWAYS_COOPERATE, ALWAYS_DEFECT) == pytest.approx([-3 / (1 - g), 0], abs=1e-12)
    # Tit for tat is exploited once, whichever seat it takes.
    exploited, exploiter = -3 - 2 * g / (1 - g), -2 * g / (1 - g)
    assert payoffs(TIT_FOR_TAT, ALWAYS_DEFECT) == pytest.approx([exploited, exploiter])
    assert payoffs(ALWAYS_DEFECT, TIT_FOR_TAT) == pytest.approx([exploiter, exploited])
    assert payoffs(TIT_FOR_TAT, TIT_FOR_TAT) == pytest.approx([-1 / (1 - g)] * 2)


def test_every_pair_of_deterministic_policies_played_out():
    policies = [SURE * numpy.array(signs) for signs in product((1, -1), repeat=5)]
    game = IteratedPrisonersDilemma(0.5, (3.0, 0.0, 5.0, 1.0))
    pairs = [(p, q) for p in policies[::3] for q in policies]
    values = -game.losses(numpy.array([numpy.concatenate(pair) for pair in pairs]))
    expected = [played_out(p, q, 55, 0.5, (3, 0, 5, 1)) for p, q in pairs]
    numpy.testing.assert_allclose(values, expected, atol=1e-13)


def test_random_policies_by_the_sum_over_rounds(rng):
    z = rng.standard_normal(10)
    p, q = (1 / (1 + numpy.exp(-part)) for part in (z[:5], z[5:]))
    states = [(0, 0), (0, 1), (1, 0), (1, 1)]
    table = {(0, 0): -1, (0, 1): -3, (1, 0): 0, (1, 1): -2}

    def joint(c, e):
        return numpy.array([(c if a == 0 else 1 - c) * (e if b == 0 else 1 - e) for a, b in states])

    share, totals = joint(p[0], q[0]), numpy.zeros(2)
    for t in range(900):
        totals += 0.96**t * share @ numpy.array([[table[a, b], table[b, a]] for a, b in states])
        moves = [joint(p[1 + states.index((a, b))], q[1 + states.index((b, a))]) for a, b in states]
        share = share @ numpy.array(moves)
    numpy.testing.assert_allclose(-IteratedPrisonersDilemma().losses(z), totals, rtol=1e-13)


def test_players_are_exchangeable(rng):
    game, z = IteratedPrisonersDilemma(), rng.standard_normal(10)
    swapped = numpy.roll(z, 5)
    numpy.testing.assert_allclose(game.losses(swapped), game.losses(z)[::-1], rtol=1e-13)
    xi = game.simultaneous_gradient(z)
    numpy.testing.assert_allclose(game.simultaneous_gradient(swapped), numpy.roll(xi, 5), rtol=1e-11)


@pytest.mark.parametrize(("policy", "value"), [(ALWAYS_DEFECT, -50.0), (TIT_FOR_TAT, -25.0), (GRIM, -25.0)])
def test_defection_and_tit_for_tat_are_equilibria(policy, value):
    # Against a memory-one policy some deterministic memory-one policy is best: a Markov decision process.
    answers = [SURE * numpy.array(signs) for signs in product((1, -1), repeat=5)]
    best = max(payoffs(answer, policy)[0] for answer in answers)
    assert best == pytest.approx(value)
    assert payoffs(policy, policy)[0] == pytest.approx(value)


def test_impatient_players_leave_tit_for_tat():
    assert payoffs(ALWAYS_DEFECT, TIT_FOR_TAT, 0.3)[0] > payoffs(TIT_FOR_TAT, TIT_FOR_TAT, 0.3)[0]
    # Only the first round counts at discount 0: the dilemma itself.
    assert payoffs(ALWAYS_DEFECT, ALWAYS_COOPERATE, 0.0) == pytest.approx([0, -3], abs=1e-15)


def test_gradients_vanish_at_pure_policies_and_push_to_defection_at_random_ones():
    game = IteratedPrisonersDilemma()
    numpy.testing.assert_array_equal(game.simultaneous_gradient(numpy.concatenate([GRIM, GRIM])), 0)
    # At the middle no policy answers the other's past, so that each cooperation only costs.
    assert numpy.all(game.simultaneous_gradient(numpy.zeros(10)) > 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"discount": 1.0}, r"`discount` must lie in \[0, 1\), got 1.0"),
        ({"payoffs": (1.0, 2.0, 3.0)}, "`payoffs` must be four finite numbers"),
        ({"payoffs": (1.0, 2.0, 3.0, numpy.inf)}, "`payoffs` must be four finite numbers"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        IteratedPrisonersDilemma(**arguments)
