"""Zero-sum games in the plane that tell notions of optimality apart: Nash, local minimax, stable for the flow."""

from __future__ import annotations

import math
from typing import Any

from gamedyn.games._base import named
from gamedyn.games._box import Box
from gamedyn.games._quadratic import Quadratic
from gamedyn.games._symbolic import SymbolicGame
from gamedyn.games._symbolic_plane import zero_sum

__all__ = [
    "daskalakis_center",
    "daskalakis_minimax",
    "jin_minimax",
    "jin_no_local_minimax",
    "jin_nonstationary_minimax",
    "wang_local_minimax",
    "wang_sixth_order",
    "wang_spurious_attractor",
]


def jin_minimax() -> Quadratic:
    """f = -x^2 + 5 x y - y^2: the origin is a local minimax point and no Nash point; the flow circles around it.

    References
    ----------
    Jin, Netrapalli and Jordan (2020), What is local optimality in nonconvex-nonconcave minimax optimization?

    Examples
    --------
    >>> import numpy
    >>> jin_minimax().jacobian(numpy.zeros(2)).tolist()
    [[-2.0, 5.0], [-5.0, 2.0]]
    """
    return _quadratic("jin_minimax", -2.0, 5.0, -2.0)


def jin_nonstationary_minimax() -> SymbolicGame:
    """f = x y / 5 - cos y on [-1, 1] x [-2 pi, 2 pi]: the global minimax points are not stationary.

    max_y f >= 1 with equality at x = 0 alone, so that they are (0, pi) and (0, -pi), where f_x = +- pi/5.

    References
    ----------
    Jin, Netrapalli and Jordan (2020), What is local optimality in nonconvex-nonconcave minimax optimization?

    Examples
    --------
    >>> import numpy
    >>> jin_nonstationary_minimax().simultaneous_gradient(numpy.array([0.0, numpy.pi])).round(12).tolist()
    [0.628318530718, -0.0]
    """
    domain = Box((-1.0, -2 * math.pi), (1.0, 2 * math.pi))
    return zero_sum("jin_nonstationary_minimax()", lambda sympy, x, y: x * y / 5 - sympy.cos(y), domain)


def jin_no_local_minimax() -> Quadratic:
    """f = y^2 - 2 x y on [-1, 1]^2: no point is a local minimax point.

    References
    ----------
    Jin, Netrapalli and Jordan (2020), What is local optimality in nonconvex-nonconcave minimax optimization?

    Examples
    --------
    >>> import numpy
    >>> jin_no_local_minimax().jacobian(numpy.zeros(2)).tolist()
    [[0.0, -2.0], [2.0, -2.0]]
    """
    return _quadratic("jin_no_local_minimax", 0.0, -2.0, 2.0, Box(-1.0, 1.0))


def wang_local_minimax() -> Quadratic:
    """f = -3 x^2 + 4 x y - y^2: the origin is a local minimax point, and repels the flow.

    References
    ----------
    Wang, Zhang and Ba (2020), On solving minimax optimization locally: a follow-the-ridge approach.

    Examples
    --------
    >>> import numpy
    >>> wang_local_minimax().jacobian(numpy.zeros(2)).tolist()
    [[-6.0, 4.0], [-4.0, 2.0]]
    """
    return _quadratic("wang_local_minimax", -6.0, 4.0, -2.0)


def wang_spurious_attractor() -> Quadratic:
    """f = 3 x^2 + 4 x y + y^2: the origin is no local minimax point, and attracts the flow.

    References
    ----------
    Wang, Zhang and Ba (2020), On solving minimax optimization locally: a follow-the-ridge approach.

    Examples
    --------
    >>> import numpy
    >>> wang_spurious_attractor().jacobian(numpy.zeros(2)).tolist()
    [[6.0, 4.0], [-4.0, -2.0]]
    """
    return _quadratic("wang_spurious_attractor", 6.0, 4.0, 2.0)


def wang_sixth_order() -> SymbolicGame:
    """f = (2 x^2/5 - (y - 3 x + x^3/20)^2/10 - y^4/100) exp(-(x^2 + y^2)/100): a local minimax point that repels.

    References
    ----------
    Wang, Zhang and Ba (2020), On solving minimax optimization locally: a follow-the-ridge approach.

    Examples
    --------
    >>> wang_sixth_order().jacobian_expressions.subs({"x": 0, "y": 0})
    Matrix([
    [  -1, 3/5],
    [-3/5, 1/5]])
    """

    def formula(sympy: Any, x: Any, y: Any) -> Any:
        ridge = (y - 3 * x + x**3 / 20) ** 2
        return (2 * x**2 / 5 - ridge / 10 - y**4 / 100) * sympy.exp(-(x**2 + y**2) / 100)

    return zero_sum("wang_sixth_order()", formula)


def daskalakis_minimax() -> Quadratic:
    """f = -x^2/8 - y^2/2 + 3 x y/5: the flow is attracted by the origin, which is no Nash point.

    References
    ----------
    Daskalakis and Panageas (2018), The limit points of (optimistic) gradient descent in min-max optimization.

    Examples
    --------
    >>> import numpy
    >>> daskalakis_minimax().jacobian(numpy.zeros(2)).tolist()
    [[-0.25, 0.6], [-0.6, 1.0]]
    """
    return _quadratic("daskalakis_minimax", -0.25, 0.6, -1.0)


def daskalakis_center() -> Quadratic:
    """f = x^2/2 + y^2/2 + 4 x y: a center of the flow, which gradient descent leaves and the optimistic one finds.

    References
    ----------
    Daskalakis and Panageas (2018), The limit points of (optimistic) gradient descent in min-max optimization.

    Examples
    --------
    >>> import numpy
    >>> daskalakis_center().jacobian(numpy.zeros(2)).tolist()
    [[1.0, 4.0], [-4.0, -1.0]]
    """
    return _quadratic("daskalakis_center", 1.0, 4.0, 1.0)


def _quadratic(name: str, xx: float, xy: float, yy: float, domain: Box | None = None) -> Quadratic:
    """(f, -f) for f with the Hessian [[xx, xy], [xy, yy]]."""
    game = Quadratic([[[xx, xy], [xy, yy]], [[-xx, -xy], [-xy, -yy]]], (1, 1), domain=domain)
    return named(game, name)
