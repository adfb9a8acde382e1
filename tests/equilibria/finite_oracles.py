"""What makes a profile of a bimatrix game an equilibrium, in rationals and from definitions alone."""

from fractions import Fraction

import sympy


def rational(matrix):
    return [[Fraction(int(value)) for value in row] for row in matrix]


def is_nash(x, y, a, b):
    """Whether x and y are probabilities and every action costs nothing to give up, exactly."""
    probabilities = all(sum(s) == 1 and min(s) >= 0 for s in (x, y))
    rows = [sum(value * q for value, q in zip(row, y, strict=True)) for row in a]
    columns = [sum(row[j] * p for row, p in zip(b, x, strict=True)) for j in range(len(y))]
    first = sum(p * r for p, r in zip(x, rows, strict=True))
    second = sum(q * c for q, c in zip(y, columns, strict=True))
    return probabilities and first == max(rows) and second == max(columns)


def index(profile, a, b):
    """Shapley's index of a regular equilibrium: of all of them together it sums to 1."""
    rows, columns = profile.supports
    # Payoffs must be positive; a constant moves no equilibrium.
    low = min(min(map(min, a)), min(map(min, b))) - 1
    blocks = [sympy.Matrix([[matrix[i][j] - low for j in columns] for i in rows]) for matrix in (a, b)]
    return (-1) ** (len(rows) + 1) * sympy.sign(blocks[0].det() * blocks[1].det())
