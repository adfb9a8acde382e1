"""Games in the plane whose gradient flow circles for ever: limit cycles, and games without an equilibrium to go to."""

from __future__ import annotations

from typing import Any

from gamedyn.games._box import Box
from gamedyn.games._symbolic import SymbolicGame
from gamedyn.games._symbolic_plane import exact, field_in_the_plane, general_sum, zero_sum

__all__ = ["almost_bilinear", "forsaken", "global_forsaken", "letcher_game", "market_game", "polar_game"]


def forsaken(offset: float = 0.45) -> SymbolicGame:
    """f = x (y - offset) + phi(x) - phi(y), phi(t) = t^2/4 - t^4/2 + t^6/6, on |x|, |y| <= 3/2.

    The only stationary point, near (0.08, 0.41), attracts the flow without being a Nash or a minimax point, and an
    unstable cycle around it shields it from the stable cycle outside.

    Parameters
    ----------
    offset : float

    References
    ----------
    Hsieh, Mertikopoulos and Cevher (2021), The limits of min-max optimization algorithms: convergence to spurious
    non-critical sets.

    Examples
    --------
    >>> forsaken().expressions[0].subs({"x": 1, "y": 0})
    -8/15
    """
    shift = exact("offset", offset)

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        def phi(t: Any) -> Any:
            return t**2 / 4 - t**4 / 2 + t**6 / 6

        return x * (y - shift) + phi(x) - phi(y)

    return zero_sum(f"forsaken(offset={offset})", formula, Box(-1.5, 1.5))


def almost_bilinear(eps: float = 0.01) -> SymbolicGame:
    """f = x y + eps (y^2/2 - y^4/4): a bilinear game, perturbed.

    The origin, the only stationary point, repels. For small eps the flow, averaged over a turn, is
    r' = eps (r/2 - 3 r^3/8): a cycle of radius close to 2/sqrt(3) attracts.

    Parameters
    ----------
    eps : float

    References
    ----------
    Hsieh, Mertikopoulos and Cevher (2021), The limits of min-max optimization algorithms: convergence to spurious
    non-critical sets.

    Examples
    --------
    >>> almost_bilinear(0.5).jacobian_expressions.subs({"x": 0, "y": 0})
    Matrix([
    [ 0,    1],
    [-1, -1/2]])
    """
    size = exact("eps", eps)
    return zero_sum(f"almost_bilinear(eps={eps})", lambda sympy, x, y: x * y + size * (y**2 / 2 - y**4 / 4))


def polar_game(a: float = 1 / 3, b: float = 1.0) -> SymbolicGame:
    """xi = (-b y + x g, b x + y g), g = (a/16) (r^2 - 1) (16 r^2 - 9), on |x|, |y| <= 11/10.

    In polar coordinates the flow is r' = -r g(r) and a rotation of angular velocity -b: with a > 0 the origin and the
    cycle r = 1 attract, the cycle r = 3/4 repels. A general-sum game; its losses are the antiderivatives of the field.

    Parameters
    ----------
    a : float
    b : float
        Angular velocity.

    References
    ----------
    Pethick, Latafat, Patrinos, Fercoq and Cevher (2022), Escaping limit cycles: global convergence for constrained
    nonconvex-nonconcave minimax problems.

    Examples
    --------
    On the cycle r = 1 the field is the rotation alone:

    >>> import numpy
    >>> abs(polar_game().simultaneous_gradient(numpy.array([1.0, 0.0]))).round(12).tolist()
    [0.0, 1.0]
    """
    size, speed = exact("a", a), exact("b", b)

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        squared = x**2 + y**2
        pull = size / 16 * (squared - 1) * (16 * squared - 9)
        return -speed * y + x * pull, speed * x + y * pull

    return field_in_the_plane(f"polar_game(a={a}, b={b})", formula, Box(-1.1, 1.1))


def global_forsaken() -> SymbolicGame:
    """f = x y + psi(x) - psi(y), psi(t) = 2 t^6/21 - t^4/3 + t^2/3, on |x|, |y| <= 4/3.

    The origin is the Nash equilibrium; cycles of the flow lie around it.

    References
    ----------
    Pethick, Latafat, Patrinos, Fercoq and Cevher (2022), Escaping limit cycles: global convergence for constrained
    nonconvex-nonconcave minimax problems.

    Examples
    --------
    >>> global_forsaken().jacobian_expressions.subs({"x": 0, "y": 0})
    Matrix([
    [2/3,   1],
    [ -1, 2/3]])
    """

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        def psi(t: Any) -> Any:
            return 2 * t**6 / 21 - t**4 / 3 + t**2 / 3

        return x * y + psi(x) - psi(y)

    return zero_sum("global_forsaken()", formula, Box(-4 / 3, 4 / 3))


def letcher_game() -> SymbolicGame:
    """f = x y - x^2/2 + y^2/2 + x^4/4 - y^4/4.

    Its only stationary point, the origin, is a strict maximum of both players' losses, so that every method that avoids
    strict maxima is bounded and does not converge.

    References
    ----------
    Letcher (2021), On the impossibility of global convergence in multi-loss optimization.

    Examples
    --------
    >>> letcher_game().jacobian_expressions.subs({"x": 0, "y": 0})
    Matrix([
    [-1,  1],
    [-1, -1]])
    """
    return zero_sum("letcher_game()", lambda sympy, x, y: x * y - x**2 / 2 + y**2 / 2 + x**4 / 4 - y**4 / 4)


def market_game() -> SymbolicGame:
    """L_1 = x^6/6 - x^2/2 + x y + g/4, L_2 = y^6/6 - y^2/2 - x y - g/4, g = y^4/(1+x^2) - x^4/(1+y^2).

    Coercive losses with zero-sum interactions, whose only stationary point, the origin, is a strict maximum of both.

    References
    ----------
    Letcher (2021), On the impossibility of global convergence in multi-loss optimization.

    Examples
    --------
    >>> market_game().jacobian_expressions.subs({"x": 0, "y": 0})
    Matrix([
    [-1,  1],
    [-1, -1]])
    """

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        shared = x * y + (y**4 / (1 + x**2) - x**4 / (1 + y**2)) / 4
        return x**6 / 6 - x**2 / 2 + shared, y**6 / 6 - y**2 / 2 - shared

    return general_sum("market_game()", formula)
