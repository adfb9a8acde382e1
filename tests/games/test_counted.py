"""Counting evaluations."""

import numpy

from gamedyn.games import Bilinear, Counted, DiracGAN, Game, Quadratic


def counts(game):
    return (game.gradients, game.jvps, game.vjps, game.jacobians, game.loss_calls)


def test_every_question_is_counted_as_what_it_is():
    z, v = numpy.ones((4, 2)), numpy.ones((3, 4, 2))
    questions = {
        "losses": ((z,), (0, 0, 0, 0, 1)),
        "loss_gradients": ((z,), (2, 0, 0, 0, 0)),
        "simultaneous_gradient": ((z,), (1, 0, 0, 0, 0)),
        "player_gradient": ((z, 1), (0.5, 0, 0, 0, 0)),
        "jvp": ((z, v), (0, 3, 0, 0, 0)),
        "own_hvp": ((z, v), (0, 3, 0, 0, 0)),
        "cross_jvp": ((z, z), (0, 1, 0, 0, 0)),
        "vjp": ((z, v), (0, 0, 3, 0, 0)),
        "cross_vjp": ((z, z), (0, 0, 1, 0, 0)),
        "jacobian": ((z,), (0, 0, 0, 1, 0)),
        "own_hessian": ((z, 0), (0, 0, 0, 1, 0)),
        "loss_hessians": ((z,), (0, 0, 0, 1, 0)),
    }
    for name, (arguments, expected) in questions.items():
        game = Counted(DiracGAN())
        getattr(game, name)(*arguments)
        assert counts(game) == expected, name


def test_thirds_add_up_exactly():
    game = Counted(Quadratic.from_jacobian(numpy.eye(3), (1, 1, 1)))
    for _ in range(300):
        game.player_gradient(numpy.zeros(3), 2)
    assert game.gradients == 100.0


def test_redraws_count_on():
    game = Counted(Bilinear([[1.0]]))
    game.redraw().simultaneous_gradient(numpy.zeros(2))
    game.full().simultaneous_gradient(numpy.zeros(2))
    assert game.gradients == 2


def test_nothing_is_left_uncounted():
    # A new method of the protocol must be counted here, or be a question about shapes.
    free = {"redraw", "full"}
    methods = {name for name in vars(Game) if not name.startswith("_") and callable(getattr(Game, name))}
    assert methods - free <= set(vars(Counted))
