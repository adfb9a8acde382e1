"""Published recurrences of the adaptive rules, one coordinate at a time, at 40 digits."""

import mpmath

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
