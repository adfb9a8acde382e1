"""Finite games and gaps that the tests of rules on mixed strategies share."""

import numpy

from gamedyn.games import MatrixGame

PENNIES = MatrixGame([[1.0, -1.0], [-1.0, 1.0]])
ROCK_PAPER_SCISSORS = MatrixGame([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
DILEMMA = MatrixGame([[-1.0, -3.0], [0.0, -2.0]], [[-1.0, 0.0], [-3.0, -2.0]])
# The first player wants to match, the second to be one ahead: Shapley's cycle of six profiles.
SHAPLEY = MatrixGame(numpy.eye(3), numpy.roll(numpy.eye(3), 1, axis=1))


def zero_sum_with_interior_equilibrium(rng, size):
    """A with p A = 0 and A q = 0 for strategies p, q of full support: both are equilibria, the value is 0."""
    p, q = rng.dirichlet(numpy.full(size, 5.0), 2)
    A = rng.standard_normal((size, size))
    ones = numpy.ones((size, size))
    A = (numpy.eye(size) - numpy.outer(numpy.ones(size), p)) @ A @ (numpy.eye(size) - q[:, None] * ones)
    return A, p, q


def gap(A, z):
    """max_x x^T A y - min_y x^T A y: how far strategies of the zero-sum game A are from an equilibrium."""
    m = A.shape[0]
    return (z[..., m:] @ A.T).max(-1) - (z[..., :m] @ A).min(-1)


def points(rule, game, z, steps):
    """All points z_0, ..., z_steps."""
    state, path = rule.init(game, z), [z]
    for _ in range(steps):
        z, state = rule.step(game, z, state)
        path.append(z)
    return numpy.stack(path)
