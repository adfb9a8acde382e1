"""How rules with an inner linear system solve it without a matrix, and what they remember of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gamedyn.backend import Array, array_namespace, device_of, real_dtype
from gamedyn.numerics import conjugate_gradient, gmres
from gamedyn.updates._base import Cost

__all__ = ["DENSE_LIMIT", "SolveState", "cold_solve", "cost_of_solve", "solve_matrix_free"]

# Products overtake a dense solve here in zero-sum games, even if each costs d^2; GMRES does later, in less memory.
DENSE_LIMIT = 256


class SolveState(NamedTuple):
    """The last inner solution of a rule above its `dense_limit`, and how well it was solved."""

    guess: Array
    """(..., k, 1): the next solve starts here. A column: it is no memory that the iteration matrix acts on."""
    residual: Array
    """(...,): |b - A u| / |b| of the last solve; 0 before the first."""


def cost_of_solve(gradients: float, dense_limit: int) -> Cost:
    """The cost of a step with one inner system: of the dense step, unless the limit 0 rules it out.

    Parameters
    ----------
    gradients : float
    dense_limit : int
    """
    return Cost(gradients=gradients, solves=1) if dense_limit else Cost(gradients=gradients, at_least=True)


def cold_solve(z: Array, size: int) -> SolveState:
    """Nothing solved yet: the first solve starts at 0.

    Parameters
    ----------
    z : array, shape (..., d)
    size : int
        k, the number of unknowns.
    """
    xp, batch, device = array_namespace(z), z.shape[:-1], device_of(z)
    return SolveState(
        xp.zeros((*batch, size, 1), dtype=real_dtype(z), device=device),
        xp.zeros(batch, dtype=real_dtype(z), device=device),
    )


def solve_matrix_free(
    operator: Callable[[Array], Array], right: Array, state: SolveState, definite: bool
) -> tuple[Array, SolveState]:
    """u with A u = b, by conjugate gradients where A is symmetric positive definite and by GMRES otherwise.

    Parameters
    ----------
    operator : callable
        v (..., k) -> A v.
    right : array, shape (..., k)
        b.
    state : SolveState
        Of the solve before.
    definite : bool

    Returns
    -------
    (array, SolveState)
        u is nan where the residual stays above the square root of the roundoff: a singular system has no step.
    """
    xp = array_namespace(right)
    roundoff = float(xp.finfo(right.dtype).eps)
    solver = conjugate_gradient if definite else gmres
    found = solver(operator, right, start=state.guess[..., 0], tolerance=64 * roundoff, max_iterations=400)
    # A guess that is not finite would spoil the next solve; its trajectory has ended by then.
    solved = (found.residual <= roundoff**0.5)[..., None]
    return xp.where(solved, found.solution, xp.nan), SolveState(found.solution[..., None], found.residual)
