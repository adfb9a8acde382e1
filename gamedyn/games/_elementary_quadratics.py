"""Quadratic games by which papers explain what gradients do in games: rotation, cooperation, weak attraction."""

from __future__ import annotations

from gamedyn._checks import check_in_interval
from gamedyn.games._base import named
from gamedyn.games._bilinear import Bilinear
from gamedyn.games._quadratic import Quadratic

__all__ = [
    "four_player_weak_attractor",
    "hamiltonian_game",
    "maximum_trap",
    "potential_saddle",
    "rosca_rotation",
    "strongly_monotone_game",
    "tandem",
    "weak_attractor",
]


def strongly_monotone_game(mu: float = 1.0, coupling: float = 1.0) -> Quadratic:
    """f = (mu/2) x^2 + coupling x y - (mu/2) y^2, whose J has the eigenvalues mu +- i coupling.

    Parameters
    ----------
    mu : float
        Strong monotonicity where positive; the origin is then the Nash equilibrium.
    coupling : float

    Examples
    --------
    >>> import numpy
    >>> strongly_monotone_game(2.0, 3.0).jacobian(numpy.zeros(2)).tolist()
    [[2.0, 3.0], [-3.0, 2.0]]
    """
    _check_number("mu", mu)
    _check_number("coupling", coupling)
    game = Quadratic([[[mu, coupling], [coupling, -mu]], [[-mu, -coupling], [-coupling, mu]]], (1, 1))
    return named(game, "strongly_monotone_game", mu=mu, coupling=coupling)


def potential_saddle() -> Quadratic:
    """L_1 = L_2 = x y: a common loss, whose saddle at the origin is a saddle of the flow, too.

    References
    ----------
    Letcher, Balduzzi, Racaniere, Martens, Foerster, Tuyls and Graepel (2019), Differentiable game mechanics.

    Examples
    --------
    >>> import numpy
    >>> numpy.linalg.eigvalsh(potential_saddle().jacobian(numpy.zeros(2))).round(12).tolist()
    [-1.0, 1.0]
    """
    return named(Quadratic([[[0.0, 1.0], [1.0, 0.0]]] * 2, (1, 1)), "potential_saddle")


def hamiltonian_game() -> Bilinear:
    """f = x y: xi is a rotation, which keeps x^2 + y^2 along the flow.

    References
    ----------
    Letcher, Balduzzi, Racaniere, Martens, Foerster, Tuyls and Graepel (2019), Differentiable game mechanics.

    Examples
    --------
    >>> import numpy
    >>> hamiltonian_game().simultaneous_gradient(numpy.array([3.0, 4.0])).tolist()
    [4.0, -3.0]
    """
    return named(Bilinear([[1.0]]), "hamiltonian_game")


def maximum_trap() -> Quadratic:
    """L_1 = L_2 = -(x^2 + y^2)/2: stationary at the worst point, where |xi|^2 is least, too.

    Rules that descend on |xi|^2, as consensus does, are attracted by this maximum.

    Examples
    --------
    >>> import numpy
    >>> maximum_trap().simultaneous_gradient(numpy.array([1.0, -2.0])).tolist()
    [-1.0, 2.0]
    """
    return named(Quadratic([[[-1.0, 0.0], [0.0, -1.0]]] * 2, (1, 1)), "maximum_trap")


def weak_attractor(coupling: float = 10.0) -> Quadratic:
    """L_1 = x^2/2 + coupling x y, L_2 = y^2/2 - coupling x y: a Nash equilibrium amid fast rotation.

    J has the eigenvalues 1 +- i coupling: gradient descent needs a step below 2 / (1 + coupling^2).

    Parameters
    ----------
    coupling : float

    References
    ----------
    Balduzzi, Racaniere, Martens, Foerster, Tuyls and Graepel (2018), The mechanics of n-player differentiable games.

    Examples
    --------
    >>> import numpy
    >>> weak_attractor().jacobian(numpy.zeros(2)).tolist()
    [[1.0, 10.0], [-10.0, 1.0]]
    """
    _check_number("coupling", coupling)
    game = Quadratic([[[1.0, coupling], [coupling, 0.0]], [[0.0, -coupling], [-coupling, 1.0]]], (1, 1))
    return named(game, "weak_attractor", coupling=coupling)


def four_player_weak_attractor(eps: float = 0.01) -> Quadratic:
    """L_i = (eps/2) z_i^2 + z_i (sum_{j > i} z_j - sum_{j < i} z_j) for four players.

    J = eps I + A, A antisymmetric with the eigenvalues +- i (sqrt(2) + 1) and +- i (sqrt(2) - 1).

    Parameters
    ----------
    eps : float

    References
    ----------
    Balduzzi, Racaniere, Martens, Foerster, Tuyls and Graepel (2018), The mechanics of n-player differentiable games.

    Examples
    --------
    >>> import numpy
    >>> four_player_weak_attractor(0.5).jacobian(numpy.zeros(4))[1].tolist()
    [-1.0, 0.5, 1.0, 1.0]
    """
    _check_number("eps", eps)
    rows = [[eps if i == j else 1.0 if j > i else -1.0 for j in range(4)] for i in range(4)]
    return named(Quadratic.from_jacobian(rows, (1, 1, 1, 1)), "four_player_weak_attractor", eps=eps)


def rosca_rotation(eps: float = 0.09) -> Quadratic:
    """f = (eps/2) x^2 - x y - (eps/2) y^2, whose flow is x' = -eps x + y, y' = -x - eps y.

    The flow is drawn to the origin; gradient descent with the step h multiplies distances by
    sqrt((1 - h eps)^2 + h^2) and drifts away where h > 2 eps / (1 + eps^2).

    Parameters
    ----------
    eps : float

    References
    ----------
    Rosca, Wu, Dherin and Barrett (2021), Discretization drift in two-player games.

    Examples
    --------
    >>> import numpy
    >>> (-rosca_rotation(0.5).simultaneous_gradient(numpy.array([1.0, 0.0]))).tolist()
    [-0.5, -1.0]
    """
    _check_number("eps", eps)
    game = Quadratic([[[eps, -1.0], [-1.0, -eps]], [[-eps, 1.0], [1.0, eps]]], (1, 1))
    return named(game, "rosca_rotation", eps=eps)


def tandem() -> Quadratic:
    """L_1 = (x + y)^2 - 2 x, L_2 = (x + y)^2 - 2 y: every point with x + y = 1 is an equilibrium.

    Each player's loss is the smaller the more the other one bends; players that count on that end at a worse point.

    References
    ----------
    Letcher, Foerster, Balduzzi, Rocktaschel and Whiteson (2019), Stable opponent shaping in differentiable games.

    Examples
    --------
    >>> import numpy
    >>> tandem().losses(numpy.array([0.5, 0.5])).tolist()
    [0.0, 0.0]
    """
    return named(Quadratic([[[2.0, 2.0], [2.0, 2.0]]] * 2, (1, 1), [[-2.0, 0.0], [0.0, -2.0]]), "tandem")


def _check_number(name: str, value: float) -> None:
    check_in_interval(name, value, -float("inf"), float("inf"), closed="neither")
