"""Rules in words on two scalar games, the characteristic polynomials that follow, and when their roots stay inside."""

import numpy
import sympy

# Step size, coupling, curvature; momentum, alpha, relaxation and regularisation of rules that have them.
H, S, MU = sympy.symbols("h s mu", positive=True)
B, ALPHA, C, LAM = sympy.symbols("b alpha c lam", real=True)
X, Y, P, Q = sympy.symbols("x y p q", real=True)
L = sympy.sqrt(MU**2 + S**2)


def xi_x(x, y):
    """x minimises mu x^2 / 2 + s x y - mu y^2 / 2."""
    return MU * x + S * y


def xi_y(x, y):
    """y maximises it."""
    return MU * y - S * x


def descend(x, y, at_x, at_y, step=H):
    return x - step * xi_x(at_x, at_y), y - step * xi_y(at_x, at_y)


def simultaneous(x, y):
    return descend(x, y, x, y)


def alternating(x, y):
    new = x - H * xi_x(x, y)
    return new, y - H * xi_y(new, y)


def extragradient(x, y):
    return descend(x, y, *descend(x, y, x, y))


def extragradient_in_turn(x, y):
    u = x - H * xi_x(x, y)
    v = y - H * xi_y(u, y)
    new = x - H * xi_x(u, v)
    return new, y - H * xi_y(new, v)


def extragradient_plus(x, y):
    return descend(x, y, *descend(x, y, x, y), step=ALPHA * H)


def optimistic(x, y, p, q):
    """(p, q): the last gradient."""
    return x - 2 * H * xi_x(x, y) + H * p, y - 2 * H * xi_y(x, y) + H * q, xi_x(x, y), xi_y(x, y)


def past_extragradient(x, y, p, q):
    """(p, q): the last gradient found ahead."""
    u, v = x - H * p, y - H * q
    return *descend(x, y, u, v), xi_x(u, v), xi_y(u, v)


def reflected(x, y, p, q):
    """(p, q): the last point."""
    return *descend(x, y, 2 * x - p, 2 * y - q), x, y


def forward_backward_forward(x, y):
    u, v = descend(x, y, x, y)
    return u - H * (xi_x(u, v) - xi_x(x, y)), v - H * (xi_y(u, v) - xi_y(x, y))


def primal_dual(x, y):
    new = x - H * xi_x(x, y)
    return new, y - H * xi_y(2 * new - x, y)


def heavy_ball(x, y, p, q):
    return x - H * xi_x(x, y) + B * (x - p), y - H * xi_y(x, y) + B * (y - q), x, y


def heavy_ball_in_turn(x, y, p, q):
    new = x - H * xi_x(x, y) + B * (x - p)
    return new, y - H * xi_y(new, y) + B * (y - q), x, y


def nesterov(x, y, p, q):
    u, v = x + B * (x - p), y + B * (y - q)
    return *descend(u, v, u, v), x, y


def proximal(x, y):
    u, v = sympy.symbols("u v")
    solution = sympy.solve([u - x + H * xi_x(u, v), v - y + H * xi_y(u, v)], [u, v], dict=True)[0]
    return solution[u], solution[v]


def krasnoselskii_mann(x, y):
    u, v = proximal(x, y)
    return x + C * (u - x), y + C * (v - y)


def heun(x, y):
    u, v = descend(x, y, x, y)
    return x - H * (xi_x(x, y) + xi_x(u, v)) / 2, y - H * (xi_y(x, y) + xi_y(u, v)) / 2


def regularised_heun(x, y):
    u, v = heun(x, y)
    return u, v - H * LAM * (xi_x(x, y) ** 2).diff(y)


def runge_kutta(x, y):
    stages = [(x, y)]
    for step in (H / 2, H / 2, H):
        stages.append(descend(x, y, *stages[-1], step=step))
    weights = [sympy.Rational(1, 6), sympy.Rational(1, 3), sympy.Rational(1, 3), sympy.Rational(1, 6)]
    return tuple(
        start - H * sum(w * slope(*at) for w, at in zip(weights, stages, strict=True))
        for start, slope in ((x, xi_x), (y, xi_y))
    )


def matrix_of(words):
    """The matrix of a rule in words on [x, y, memories]."""
    state = [X, Y, P, Q][: words.__code__.co_argcount]
    return sympy.Matrix([sympy.expand(sympy.sympify(entry)) for entry in words(*state)]).jacobian(state)


def characteristic(matrix):
    """The coefficients of det(r I - M), highest power first."""
    return [sympy.together(c) for c in matrix.charpoly().all_coeffs()]


def conditions(coefficients):
    """What must be positive for all roots of a real polynomial to lie inside the unit circle.

    r = (1 + w) / (1 - w) takes the disc to the left half plane, where Hurwitz's determinants decide.
    """
    n = len(coefficients) - 1
    w = sympy.Symbol("w")
    powers = [c * (1 + w) ** (n - i) * (1 - w) ** i for i, c in enumerate(coefficients)]
    hurwitz = sympy.Poly(sympy.expand(sum(powers)), w).all_coeffs()
    padded = lambda i: hurwitz[i] if 0 <= i <= n else sympy.Integer(0)  # noqa: E731
    table = sympy.Matrix(n, n, lambda i, j: padded(2 * j - i + 1))
    return [hurwitz[0], *(table[:k, :k].det() for k in range(1, n + 1))]


def stability_limit(matrix):
    """The largest h below which all roots lie inside; 0 where there is none, infinity where there is no end.

    The entries of the matrix are rational functions of h with numbers as coefficients and positive denominators.
    """
    coefficients = characteristic(matrix)
    scale = sympy.lcm_list([sympy.denom(c) for c in coefficients])
    required = [sympy.Poly(c, H) for c in conditions([sympy.cancel(scale * c) for c in coefficients])]
    ends = set()
    for polynomial in required:
        for root in polynomial.sqf_part().nroots(n=30, maxsteps=200) if polynomial.degree() > 0 else []:
            if abs(sympy.im(root)) < 1e-20 and sympy.re(root) > 1e-12:
                ends.add(sympy.re(root))
    ends = [sympy.Integer(0), *sorted(ends)]
    for left, right in zip(ends, [*ends[1:], ends[-1] + 1], strict=True):
        if not all(polynomial.eval((left + right) / 2) > 0 for polynomial in required):
            return left
    return sympy.oo


def radii(matrix, steps):
    """The largest modulus of a root at every h of `steps`, for a matrix with numbers beside h."""
    evaluate = sympy.lambdify(H, characteristic(matrix), "numpy")
    columns = numpy.stack([numpy.broadcast_to(c, steps.shape) for c in evaluate(steps)], axis=-1)
    return numpy.array([max(abs(numpy.roots(row))) for row in columns])


def best_step(matrix, upper):
    """(h, radius) where the radius is smallest in (0, upper), by sections of ever finer grids."""
    low, high = 0.0, upper
    for _ in range(11):
        grid = numpy.linspace(low, high, 25)[1:-1]
        found = radii(matrix, grid)
        k = int(numpy.argmin(found))
        width = grid[1] - grid[0]
        low, high = max(grid[k] - width, 0.0), grid[k] + width
    return float(grid[k]), float(found[k])
