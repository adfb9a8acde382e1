"""Finite games through logits."""

import numpy
import pytest
from scipy.special import expit, softmax

from gamedyn.games import (
    Bilinear,
    Counted,
    MatrixGame,
    NormalFormGame,
    Product,
    SigmoidParametrized,
    Simplex,
    SoftmaxParametrized,
    on_simplices,
)

PENNIES = MatrixGame([[1.0, -1.0], [-1.0, 1.0]])


def test_softmax_and_sigmoid_give_the_strategies(rng):
    game = NormalFormGame(rng.standard_normal((3, 2, 4, 3)))
    w = rng.standard_normal((5, 9))
    expected = numpy.concatenate([softmax(part, axis=-1) for part in (w[:, :2], w[:, 2:6], w[:, 6:])], axis=-1)
    by_logits = SoftmaxParametrized(game)
    numpy.testing.assert_allclose(by_logits.strategies(w), expected, rtol=1e-14)
    numpy.testing.assert_allclose(by_logits.losses(w), game.losses(expected), rtol=1e-13, atol=1e-14)
    single = SigmoidParametrized(PENNIES).strategies(w[:, :2])
    expected = numpy.stack([expit(w[:, 0]), expit(-w[:, 0]), expit(w[:, 1]), expit(-w[:, 1])], axis=-1)
    numpy.testing.assert_allclose(single, expected, rtol=1e-14)


def test_two_logits_are_one_logit_apart(rng):
    # softmax(a, b) = sigmoid(a - b): losses agree, and the chain rule makes xi = (g, -g).
    w = rng.standard_normal((6, 4))
    gaps = w[:, 0::2] - w[:, 1::2]
    two, one = SoftmaxParametrized(PENNIES), SigmoidParametrized(PENNIES)
    numpy.testing.assert_allclose(two.losses(w), one.losses(gaps), rtol=1e-13, atol=1e-15)
    xi = two.simultaneous_gradient(w)
    numpy.testing.assert_allclose(xi[:, 0::2], one.simultaneous_gradient(gaps), rtol=1e-13, atol=1e-15)
    numpy.testing.assert_allclose(xi[:, 1::2], -one.simultaneous_gradient(gaps), rtol=1e-13, atol=1e-15)


def test_gradients_vanish_without_overflow_at_pure_strategies():
    far = numpy.array([1e3, -1e3])
    assert SigmoidParametrized(PENNIES).simultaneous_gradient(far).tolist() == [0.0, 0.0]
    assert SoftmaxParametrized(PENNIES).losses(numpy.array([1e3, -1e3, -1e3, 1e3])).tolist() == [1.0, -1.0]


def test_other_domains_are_refused():
    with pytest.raises(ValueError, match="`game` must have one simplex per player as its domain, got Reals"):
        SoftmaxParametrized(Bilinear([[1.0]]))
    with pytest.raises(ValueError, match=r"`game` must have two actions for every player, got \(1, 3\)"):
        SigmoidParametrized(MatrixGame([[1.0, 2.0, 3.0]]))
    assert SoftmaxParametrized(Counted(PENNIES)).dims == (2, 2)
    # One simplex across two players is none of theirs.
    game = Bilinear([[1.0, 2.0], [3.0, 4.0]])
    game.domain = Product([Simplex()], [4])
    assert not on_simplices(game)
    game.domain = Product([Simplex(), Simplex()], [2, 2])
    assert on_simplices(game)


def test_one_player_may_have_a_bare_simplex():
    game = NormalFormGame([[1.0, 2.0, 4.0]])
    game.domain = Simplex()
    assert SoftmaxParametrized(game).losses(numpy.log([1.0, 1.0, 2.0])).tolist() == pytest.approx([-2.75])
