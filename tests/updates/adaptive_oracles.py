"""Published recurrences of the adaptive rules, one coordinate at a time, at 40 digits."""

import mpmath
import numpy

from gamedyn.games import Quadratic

CONTEXT = mpmath.MPContext()
CONTEXT.dps = 40


class Moments:
    """Adam's averages of one coordinate, corrected as in the paper: m / (1 - b1^t) over sqrt(v / (1 - b2^t)) + eps."""

    def __init__(self, b1, b2, epsilon):
        self.b1, self.b2, self.epsilon = (CONTEXT.mpf(x) for x in (b1, b2, epsilon))
        self.m = self.v = CONTEXT.mpf(0)
        self.t = 0

    def direction(self, gradient):
        self.t += 1
        self.m = self.b1 * self.m + (1 - self.b1) * gradient
        self.v = self.b2 * self.v + (1 - self.b2) * gradient**2
        root = CONTEXT.sqrt(self.v / (1 - self.b2**self.t))
        return self.m / (1 - self.b1**self.t) / (root + self.epsilon)


def bilinear(x, y):
    """xi of x y."""
    return y, -x


def play(start, steps, step):
    """The path of a rule: step(x, y) -> (x, y), at 40 digits, as floats."""
    x, y = (CONTEXT.mpf(float(value)) for value in start)
    path = [(float(x), float(y))]
    for _ in range(steps):
        x, y = step(x, y)
        path.append((float(x), float(y)))
    return path


def moves(rule, gradients):
    """What a rule does to one coordinate whose gradients, one for each step, are given whatever its value."""
    z = numpy.zeros(1)
    games = [Quadratic([[[0.0]]], (1,), [[float(gradient)]]) for gradient in gradients]
    state, found = rule.init(games[0], z), []
    for game in games:
        moved, state = rule.step(game, z, state)
        found.append(float(moved[0] - z[0]))
    return numpy.array(found)


def steepest(b1, b2, count):
    """The largest |m^| / sqrt(v^) of any gradients, after `count` of them, by the inequality of Cauchy and Schwarz."""
    sums = [sum(r**k for k in range(count)) for r in (b1, b2, b1**2 / b2)]
    return sums[0] ** -1 * (sums[1] * sums[2]) ** 0.5
