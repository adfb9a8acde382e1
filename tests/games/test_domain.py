"""Domains of joint points."""

import numpy

from gamedyn.games import Box, Reals


def test_reals_hold_every_finite_point(game_library):
    points = game_library.asarray([[0.0, 1.0], [numpy.inf, 0.0], [0.0, numpy.nan]])
    assert game_library.host(Reals().contains(points)).tolist() == [True, False, False]
    assert Reals().project(points) is points


def test_boxes_clip(game_library):
    box = Box([0.0, -1.0], [1.0, numpy.inf])
    points = game_library.asarray([[0.5, 3.0], [2.0, -2.0], [1.0, -1.0]])
    assert game_library.host(box.contains(points)).tolist() == [True, False, True]
    projected = box.project(points)
    assert game_library.owns(projected)
    assert game_library.host(projected).tolist() == [[0.5, 3.0], [1.0, -1.0], [1.0, -1.0]]
