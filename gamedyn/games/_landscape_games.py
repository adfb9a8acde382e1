"""Nonlinear games in the plane with several stationary points, of different kinds."""

from __future__ import annotations

from typing import Any

from gamedyn.games._box import Box
from gamedyn.games._symbolic import SymbolicGame
from gamedyn.games._symbolic_plane import exact, general_sum, zero_sum

__all__ = [
    "adolphs_game",
    "grimmer_quartic",
    "mazumdar_polynomial",
    "mertikopoulos_game",
    "torus_location_game",
    "two_sided_pl",
]


def adolphs_game() -> SymbolicGame:
    """f = 2 x^2 + y^2 + 4 x y + 4 y^3/3 - y^4/4.

    Stationary at y = 0, 2 - sqrt(2) and 2 + sqrt(2) with x = -y: an attractor that is no Nash point, a saddle of the
    flow, and the Nash equilibrium.

    References
    ----------
    Adolphs, Daneshmand, Lucchi and Hofmann (2019), Local saddle point optimization: a curvature exploitation approach.

    Examples
    --------
    >>> adolphs_game().jacobian_expressions.subs({"x": 0, "y": 0})
    Matrix([
    [ 4,  4],
    [-4, -2]])
    """

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        return 2 * x**2 + y**2 + 4 * x * y + 4 * y**3 / 3 - y**4 / 4

    return zero_sum("adolphs_game()", formula)


def two_sided_pl() -> SymbolicGame:
    """f = x^2 + 3 sin^2 x sin^2 y - 4 y^2 - 10 sin^2 y.

    Not convex in x nor concave in y, but both sides obey the inequality of Polyak and Lojasiewicz; the origin is its
    only stationary point, a saddle point of f.

    References
    ----------
    Yang, Kiyavash and He (2020), Global convergence and variance reduction for a class of nonconvex-nonconcave minimax
    problems.

    Examples
    --------
    >>> two_sided_pl().jacobian_expressions.subs({"x": 0, "y": 0})
    Matrix([
    [2,  0],
    [0, 28]])
    """

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        sine_x, sine_y = sympy.sin(x) ** 2, sympy.sin(y) ** 2
        return x**2 + 3 * sine_x * sine_y - 4 * y**2 - 10 * sine_y

    return zero_sum("two_sided_pl()", formula)


def grimmer_quartic(coupling: float = 10.0) -> SymbolicGame:
    """f = q(x) + coupling x y - q(y), q(t) = (t + 3)(t + 1)(t - 1)(t - 3) = t^4 - 10 t^2 + 9.

    Nine stationary points where |coupling| < 5 sqrt(2), four of them Nash where it is small; above, the origin alone.
    The origin repels the flow, and the rest of the plane has nowhere to go then: it circles.

    Parameters
    ----------
    coupling : float

    References
    ----------
    Grimmer, Lu, Worah and Mirrokni (2023), The landscape of the proximal point method for nonconvex-nonconcave minimax
    optimization.

    Examples
    --------
    >>> grimmer_quartic(1).jacobian_expressions.subs({"x": 0, "y": 0})
    Matrix([
    [-20,   1],
    [ -1, -20]])
    """
    strength = exact("coupling", coupling)

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        def quartic(t: Any) -> Any:
            return (t + 3) * (t + 1) * (t - 1) * (t - 3)

        return quartic(x) + strength * x * y - quartic(y)

    return zero_sum(f"grimmer_quartic(coupling={coupling})", formula)


def mazumdar_polynomial(a: float = 0.15, b: float = 0.25) -> SymbolicGame:
    """f = -((a x^2 + y)^2 + (b y^2 + x)^2) exp(-(x^2 + y^2)/100).

    The flow has attracting stationary points of which not all are Nash.

    Parameters
    ----------
    a : float
    b : float
        The defaults are those of Fiez et al.; a = 0.3 and b = 0.5 are in use as well.

    References
    ----------
    Mazumdar, Jordan and Sastry (2019), On finding local Nash equilibria (and only local Nash equilibria) in zero-sum
    games.
    Fiez, Chasnov and Ratliff (2020), Implicit learning dynamics in Stackelberg games.

    Examples
    --------
    >>> mazumdar_polynomial().jacobian_expressions.subs({"x": 0, "y": 0})
    Matrix([
    [-2, 0],
    [ 0, 2]])
    """
    first, second = exact("a", a), exact("b", b)

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        squares = (first * x**2 + y) ** 2 + (second * y**2 + x) ** 2
        return -squares * sympy.exp(-(x**2 + y**2) / 100)

    return zero_sum(f"mazumdar_polynomial(a={a}, b={b})", formula)


def torus_location_game(
    weights: tuple[float, float] = (1.0, 1.3), angles: tuple[float, float] | None = None
) -> SymbolicGame:
    """L_i = -a_i cos(t_i - phi_i) + cos(t_1 - t_2): each player likes its own place, and distance to the other.

    z = (t_1, t_2) are angles: the torus is R^2 with period 2 pi in each coordinate. J is symmetric, a potential game.
    With phi_1 = phi_2 the points t_i - phi_i in {0, pi} are stationary, and, where the number lies in (-1, 1), both
    points with cos(t_1 - phi_1) = (a_1^2 + a_1^2 / a_2^2 - 1) a_2 / (2 a_1^2): these are then the Nash equilibria.

    Parameters
    ----------
    weights : pair of float
        a_1, a_2.
    angles : pair of float, optional
        phi_1, phi_2; pi/8 each by default.

    References
    ----------
    Fiez, Chasnov and Ratliff (2019), Convergence of learning dynamics in Stackelberg games.

    Examples
    --------
    >>> torus_location_game(angles=(0, 0)).gradient_expressions.subs({"x": 0, "y": 0}).T
    Matrix([[0, 0]])
    """
    strengths = [exact(f"weights[{i}]", weight) for i, weight in enumerate(weights)]
    places = None if angles is None else [exact(f"angles[{i}]", angle) for i, angle in enumerate(angles)]
    for name, values in (("weights", strengths), ("angles", places)):
        if values is not None and len(values) != 2:
            raise ValueError(f"`{name}` must hold two numbers, got {len(values)}.")

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        own = [sympy.pi / 8] * 2 if places is None else places
        return [-strengths[i] * sympy.cos(t - own[i]) + sympy.cos(x - y) for i, t in enumerate((x, y))]

    shown = "" if angles is None else f", angles={tuple(angles)}"
    return general_sum(f"torus_location_game(weights={tuple(weights)}{shown})", formula)


def mertikopoulos_game() -> SymbolicGame:
    """f = (x - 1/2)(y - 1/2) + exp(-(x - 1/4)^2 - (y - 3/4)^2)/3 on [0, 1]^2.

    Not convex in x nor concave in y. On the line y = 1 - x the field is a multiple of (1, 1), so that its one
    stationary point lies there.

    References
    ----------
    Mertikopoulos, Lecouat, Zenati, Foo, Chandrasekhar and Piliouras (2019), Optimistic mirror descent in saddle-point
    problems: going the extra (gradient) mile.

    Examples
    --------
    >>> import numpy
    >>> xi = mertikopoulos_game().simultaneous_gradient(numpy.array([0.25, 0.75]))
    >>> xi.tolist()
    [0.25, 0.25]
    """

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        half, quarter = sympy.Rational(1, 2), sympy.Rational(1, 4)
        bump = sympy.exp(-((x - quarter) ** 2) - (y - 3 * quarter) ** 2) / 3
        return (x - half) * (y - half) + bump

    return zero_sum("mertikopoulos_game()", formula, Box(0.0, 1.0))
