"""The second-order test of a leader in a large zero-sum game: the Schur complement as an operator."""

from __future__ import annotations

import numpy

from gamedyn.equilibria._answers import Answers, answers_of
from gamedyn.equilibria._large_game import LargeGame
from gamedyn.equilibria._spectrum_ends import SpectrumEnds, find_ends
from gamedyn.numerics import conjugate_gradient

__all__ = ["large_minimax"]

_SOLVED = 1e-10


def large_minimax(
    large: LargeGame, nash: Answers, ends: list[SpectrumEnds], leader: int, rng: numpy.random.Generator
) -> Answers:
    """As `local_minimax`, by Lanczos' method on products that solve with the follower's Hessian.

    Parameters
    ----------
    large : LargeGame
    nash : Answers
    ends : list of SpectrumEnds
        Of each player's own Hessian.
    leader : int
    rng : numpy.random.Generator
    """
    follower = ends[1 - leader]
    if nash.is_yes[0]:
        reason = "a differential Nash equilibrium is one"
        return answers_of("yes", numpy.array([ends[leader].lowest]), reason)
    if not follower.positive.is_yes[0]:
        return follower.positive
    x, y = large.blocks[leader], large.blocks[1 - leader]
    own = large.own_product(1 - leader)
    unsolved = [0.0]

    def product(v: numpy.ndarray) -> numpy.ndarray:
        image = large.product(large.padded(v, leader))
        solved = conjugate_gradient(own, image[y], tolerance=_SOLVED / 10, max_iterations=400)
        unsolved.append(float(solved.residual))
        return numpy.asarray(image[x] - large.product(large.padded(solved.solution, 1 - leader))[x])

    # Norms of J_xy and J_yx over the follower's least curvature bound both slopes of the reaction.
    slope = float(large.sizes.max()) / max(follower.floor, 1e-300)
    error = 2 * float(large.uncertainties.sum()) * (1 + slope) ** 2 + _SOLVED * slope * float(large.sizes.max())
    name = "the Schur complement of the leader"
    found = find_ends(product, x.stop - x.start, error, name, rng).positive
    if max(unsolved) > _SOLVED:
        return answers_of("undecided", numpy.zeros(1), "the follower's Hessian is too ill-conditioned to solve with")
    return found
