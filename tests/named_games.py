"""Games made by functions, and games of functions, for the laws: (game, a point, a stationary point or None)."""

from math import pi, sqrt

import numpy

from gamedyn import games


def coupled(x, y):
    """The first loss of a game of two functions; x has two coordinates."""
    return x[..., 0] ** 2 * y + x[..., 1] * y**2 / 2 + x[..., 1] ** 4 / 4


def opposed(x, y):
    """The second loss."""
    return y**2 - x[..., 0] ** 2 * y


def coupled_gradient(z):
    """xi of `coupled` and `opposed`."""
    a, b, y = z[..., 0], z[..., 1], z[..., 2]
    return numpy.stack([2 * a * y, y**2 / 2 + b**3, 2 * y - a**2], axis=-1)


def rotation(z):
    """x y - x and its opposite, with operators alone, so that every library can run it."""
    f = z[..., 0] * z[..., 1] - z[..., 0]
    return f, -f


def rotation_gradient(z):
    """xi of `rotation`, as a list of coordinates."""
    return [z[..., 1] - 1, -z[..., 0]]


def rotation_jacobian(z):
    """J of `rotation`, for one point at a time."""
    return [[0.0, 1.0], [-1.0, 0.0]]


NAMED_GAMES = [
    (games.FunctionGame(rotation, (1, 1), gradient=rotation_gradient), [0.4, 0.7], [0.0, 1.0]),
    (
        games.FunctionGame(rotation, (1, 1), gradient=rotation_gradient, jacobian=rotation_jacobian),
        [0.4, 0.7],
        [0.0, 1.0],
    ),
    (games.FunctionGame([coupled, opposed], (2, 1)), [0.6, -0.4, 0.8], [0.0, 0.0, 0.0]),
    (games.HiddenBilinear([[4.0]], [-2.0], [-1.0]), [0.3, -0.8], [-numpy.log(3.0), 0.0]),
    (games.HiddenBilinear([[1.0, -2.0], [0.5, 3.0]], [0.4, -0.3]), [0.2, -0.5, 1.0, 0.7], None),
    (games.random_quadratic_game(players=3, rng=2), [0.3, -0.1, 0.7, 1.0, -0.6, 0.2], [0.0] * 6),
    (games.random_quadratic_game([0.5 + 1j], imbalance=0.8, rng=2), [0.3, -0.1], [0.0] * 2),
    (games.random_monotone_game((2, 1, 1), rng=2), [0.3, -0.1, 0.7, 1.0], [0.0] * 4),
    (games.strongly_monotone_game(0.5, 2.0), [0.4, 0.7], [0.0, 0.0]),
    (games.four_player_weak_attractor(), [0.4, 0.7, -0.3, 1.1], [0.0] * 4),
    (games.rosca_rotation(), [0.4, 0.7], [0.0, 0.0]),
    (games.tandem(), [0.4, 0.7], [0.25, 0.75]),
    (games.jin_no_local_minimax(), [0.4, 0.7], [0.0, 0.0]),
    (games.jin_nonstationary_minimax(), [0.4, 0.7], [0.0, 0.0]),
    (games.wang_sixth_order(), [0.8, 1.3], [0.0, 0.0]),
    (games.adolphs_game(), [0.8, 1.3], [-2 - sqrt(2), 2 + sqrt(2)]),
    (games.two_sided_pl(), [0.8, -0.6], [0.0, 0.0]),
    (games.grimmer_quartic(1.0), [1.2, -0.6], [0.0, 0.0]),
    (games.mazumdar_polynomial(), [1.2, -0.6], [0.0, 0.0]),
    (games.torus_location_game(), [1.2, -0.6], [pi / 8, 9 * pi / 8]),
    (games.mertikopoulos_game(), [0.4, 0.7], None),
    (games.forsaken(), [0.4, 0.7], None),
    (games.almost_bilinear(), [0.4, 0.7], [0.0, 0.0]),
    (games.polar_game(), [0.4, 0.7], [0.0, 0.0]),
    (games.global_forsaken(), [0.4, 0.7], [0.0, 0.0]),
    (games.letcher_game(), [0.4, 0.7], [0.0, 0.0]),
    (games.market_game(), [0.7, -0.5], [0.0, 0.0]),
]
