"""Exact facts on games in the plane: what a stationary point is by algebra, and where the flow returns to a ray."""

import numpy
import sympy
from scipy.integrate import solve_ivp

X, Y = sympy.symbols("x y")


def zero_sum(f):
    """The losses of min over x, max over y of f."""
    return f, -f


def field(losses):
    return sympy.Matrix([sympy.diff(losses[0], X), sympy.diff(losses[1], Y)])


def exact_kind(losses, at):
    """The kind of the stationary point `at` = (x, y), exact numbers, by the textbook conditions for two by two."""
    at = {X: at[0], Y: at[1]}
    assert all(sympy.simplify(entry.subs(at)) == 0 for entry in field(losses))
    jacobian = field(losses).jacobian([X, Y]).subs(at)
    first, second = sympy.simplify(jacobian[0, 0]), sympy.simplify(jacobian[1, 1])
    trace, determinant = sympy.simplify(jacobian.trace()), sympy.simplify(jacobian.det())
    if first > 0 and second > 0:
        return "nash"
    # For losses f and -f: f_yy < 0 and det D^2 f / f_yy > 0; det J = -det D^2 f.
    if sympy.simplify(losses[0] + losses[1]) == 0 and second > 0 and determinant > 0:
        return "minimax"
    if determinant < 0:
        return "saddle"
    if trace == 0:
        return "marginal"
    return "attractor" if trace > 0 else "repeller"


def return_distance(game, center, distance):
    """Where the flow from center + (distance, 0) crosses that ray again, and its largest coordinate on the way."""

    def flow(t, z):
        return -game.simultaneous_gradient(z)

    def height(t, z):
        return z[1] - center[1]

    tight = {"rtol": 1e-9, "atol": 1e-11}
    start = numpy.array([center[0] + distance, center[1]])
    # Off the ray first: the start is a crossing, too.
    off = solve_ivp(flow, (0.0, 1e-3), start, **tight).y[:, -1]
    height.direction, height.terminal = numpy.sign(height(0.0, off)), True
    solved = solve_ivp(flow, (0.0, 60.0), off, events=height, max_step=0.25, **tight)
    back = solved.y_events[0][0]
    return back[0] - center[0], float(numpy.max(abs(solved.y)))
