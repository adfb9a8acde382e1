"""Domains of joint points."""

import numpy

from gamedyn.games import Box, Reals


def test_reals_hold_every_finite_point(library):
    points = library.asarray([[0.0, 1.0], [numpy.inf, 0.0], [0.0, numpy.nan]])
    assert library.host(Reals().contains(points)).tolist() == [True, False, False]
    assert Reals().project(points) is points


def test_boxes_clip(library):
    box = Box([0.0, -1.0], [1.0, numpy.inf])
    points = library.asarray([[0.5, 3.0], [2.0, -2.0], [1.0, -1.0]])
    assert library.host(box.contains(points)).tolist() == [True, False, True]
    projected = box.project(points)
    assert library.owns(projected)
    assert library.host(projected).tolist() == [[0.5, 3.0], [1.0, -1.0], [1.0, -1.0]]
