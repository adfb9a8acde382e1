"""The economic and regression games of `tests/cases.py`, with a point and, where it is known, the equilibrium."""

import numpy

from gamedyn import games


def kelly_equilibrium(gains, quantity, reserve):
    """Where all bid: T = Z + W solves S T^2 - (n - 1) T - Z = 0, S = sum 1 / (G_i Q), and z_i = T - T^2 / (G_i Q)."""
    worth = quantity * numpy.asarray(gains)
    total = numpy.sum(1 / worth)
    t = (len(worth) - 1 + numpy.sqrt((len(worth) - 1) ** 2 + 4 * total * reserve)) / (2 * total)
    return (t - t**2 / worth).tolist()


ROWS = [[1.0, -0.5], [0.3, 2.0], [-1.0, 0.7]]

ECONOMIC_GAMES = [
    # (100 - 3 c_i + c_0 + c_1) / 3
    (games.cournot(), [20.0, 40.0], [92 / 3, 101 / 3]),
    # (100 - 4 c_i + sum c) / (4 * 2)
    (games.cournot((1.0, 2.0, 3.0), slope=2.0), [10.0, 12.0, 14.0], [102 / 8, 98 / 8, 94 / 8]),
    (games.bertrand(), [4.0, 5.0], [14 / 3, 14 / 3]),
    # r V (n - 1) / (n^2 c)
    (games.TullockContest((2.0, 2.0, 2.0), prize=40.0), [3.0, 4.0, 5.0], [40 / 9] * 3),
    (games.TullockContest((1.0, 2.0), prize=9.0, exponent=1.4), [3.0, 2.5], None),
    (games.KellyAuction(), [200.0, 300.0, 400.0, 500.0], kelly_equilibrium((1.8, 2.0, 2.2, 2.4), 1000.0, 100.0)),
    (games.PublicGoods((3.0, 2.0, 4.0)), [1.5, 2.0, 1.0], None),
    (games.robust_least_squares([[1.0], [1.0]], [0.0, 2.0]), [0.3, -0.2, 0.5], [1.0, -1.0, 3.0]),
    (games.RobustRegression(ROWS, [1.0, 0.5, -2.0]), [0.4, -0.6, 0.1, 0.3, -0.2, 0.5, 0.0, 0.2], None),
    (
        games.LinearQuadraticGame([[0.4, 0.2], [0.1, 0.3]], [[0.1], [0.3]], [[0.3], [0.1]], y_cost=[[5.0]]),
        [0.1, 0.2, -0.1, 0.1],
        None,
    ),
]
