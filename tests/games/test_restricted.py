"""Restricted: one player's problem on fresh samples and on all data, and what it refuses."""

import numpy
import pytest

from gamedyn.games import Bilinear, Restricted
from tests.gan_games import neural_gan


def test_samples_are_those_of_the_game():
    model = neural_gan()
    z, drawn = model.init(0), model.draw(0)
    x = z[: model.dims[0]] + 0.1
    alone = Restricted(drawn, z, 0)
    moved = numpy.concatenate([x, z[model.dims[0] :]])
    for game, whole in ((alone, drawn), (alone.redraw(), drawn.redraw()), (alone.full(), model.full())):
        numpy.testing.assert_array_equal(game.simultaneous_gradient(x), whole.player_gradient(moved, 0))
        numpy.testing.assert_array_equal(game.losses(x), whole.losses(moved)[:1])
    still = Restricted(model.full(), z, 0)
    assert still.full() is still
    assert still.redraw() is still


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Restricted(Bilinear([[1.0]]), numpy.zeros(3), 0), r"must be arrays of shape \(..., 2\), got \(3,\)"),
        (lambda: Restricted(Bilinear([[1.0]]), numpy.zeros(2), 2), "`player` must be one of 0, 1, got 2"),
        (
            lambda: Restricted(Bilinear([[1.0]]), numpy.zeros(2), 0).losses(numpy.zeros(2)),
            r"must be arrays of shape \(..., 1\), got \(2,\)",
        ),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
