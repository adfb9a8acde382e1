import numpy
import pytest

from gamedyn.games import NormalFormGame
from gamedyn.updates import BestResponse
from tests.updates.finite import DILEMMA, PENNIES, points


def test_prisoners_defect_at_once():
    path = points(BestResponse(), DILEMMA, numpy.array([0.9, 0.1, 1.0, 0.0]), 2)
    assert path[1:].tolist() == [[0.0, 1.0, 0.0, 1.0]] * 2


def test_simultaneous_replies_go_round_matching_pennies_in_four():
    # The first matches, the second does the opposite: HH, HT, TT, TH.
    path = points(BestResponse(), PENNIES, numpy.array([1.0, 0.0, 1.0, 0.0]), 4)
    assert [(int(z[1]), int(z[3])) for z in path] == [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]


def test_replies_in_turn_answer_the_newest_move():
    # The first matches T by T, then the second flees from T to H.
    path = points(BestResponse(schedule="alternating"), PENNIES, numpy.array([1.0, 0.0, 0.0, 1.0]), 1)
    assert path[1].tolist() == [0.0, 1.0, 1.0, 0.0]


def test_partial_revision():
    path = points(BestResponse(0.25), DILEMMA, numpy.array([1.0, 0.0, 1.0, 0.0]), 3)
    numpy.testing.assert_allclose(path[:, 0], 0.75 ** numpy.arange(4), rtol=1e-15)


def test_ties_go_to_the_first_action():
    tied = numpy.array([0.0, 1.0, 0.5, 0.5])
    assert BestResponse().step(PENNIES, tied, None)[0].tolist() == [1.0, 0.0, 1.0, 0.0]
    # A difference of rounding is a tie, one of a millionth is none.
    for shift, first in ((1e-14, 1.0), (1e-6, 0.0)):
        z = numpy.array([1.0, 0.0, 0.5 - shift, 0.5 + shift])
        assert BestResponse().step(PENNIES, z, None)[0][0] == first


def test_what_ties_grows_with_the_payoffs():
    # 4096 roundoffs of 1e6 are 9e-7: costs 1e-8 apart tie there, and would not among payoffs of size 1.
    game = NormalFormGame([[1e6, 1e6 + 1e-8, 0.0]])
    assert BestResponse().step(game, numpy.ones(3) / 3, None)[0].tolist() == [1.0, 0.0, 0.0]
    game = NormalFormGame([[1.0, 1.0 + 1e-8, 0.0]])
    assert BestResponse().step(game, numpy.ones(3) / 3, None)[0].tolist() == [0.0, 1.0, 0.0]


def test_errors():
    with pytest.raises(ValueError, match=r"`step_size` must lie in \[0, 1\], got 1.5"):
        BestResponse(1.5)
    with pytest.raises(ValueError, match="`step_size` must be positive"):
        BestResponse(0.0)
    with pytest.raises(ValueError, match="`schedule` must be one of 'simultaneous', 'alternating', got 'alternate'"):
        BestResponse(schedule="alternate")
