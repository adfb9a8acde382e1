"""Monotone games with a Lipschitz constant of 1, batches of starts, and runs that keep every point."""

import numpy

from gamedyn.games import Quadratic


def games(rng, count=6):
    """Games xi = J z with |J| = 1 and J + J^T >= 0, singular ones and bilinear ones among them, solved by 0."""
    for k in range(count):
        skew = rng.standard_normal((4, 4))
        root = rng.standard_normal((4, k % 3)) * 0.3
        symmetric = numpy.zeros((4, 4))
        symmetric[:2, :2], symmetric[2:, 2:] = (root @ root.T)[:2, :2], (root @ root.T)[2:, 2:]
        jacobian = skew - skew.T
        jacobian[:2, :2] = jacobian[2:, 2:] = 0.0
        jacobian = jacobian + symmetric
        yield Quadratic.from_jacobian(jacobian / numpy.linalg.norm(jacobian, 2), (2, 2))


def rotations(angles, sizes):
    """One game of many players' pairs: xi turns the i-th pair by angles[i] and scales it by sizes[i]."""
    d = 2 * len(sizes)
    jacobian = numpy.zeros((d, d))
    for i, (angle, size) in enumerate(zip(angles, sizes, strict=True)):
        c, s = size * numpy.cos(angle), size * numpy.sin(angle)
        jacobian[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = [[c, s], [-s, c]]
    return Quadratic.from_jacobian(jacobian, (1,) * d)


def path(rule, game, z, steps):
    """(steps + 1, ..., d): every point from z on."""
    state, points = rule.init(game, z), [z]
    for _ in range(steps):
        z, state = rule.step(game, z, state)
        points.append(z)
    return numpy.stack(points)


def sizes(rule, game, z, steps):
    """(steps + 1, ...): |xi| along the path."""
    return numpy.linalg.norm(game.simultaneous_gradient(path(rule, game, z, steps)), axis=-1)
