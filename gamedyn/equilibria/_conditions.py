"""The conditions that make a stationary point an equilibrium of some kind, each with a three-valued answer."""

from __future__ import annotations

from typing import NamedTuple

import numpy

from gamedyn.equilibria._answers import Answers, all_of, answers_of, choose, put, take, worded
from gamedyn.equilibria._lyapunov import has_lyapunov_proof
from gamedyn.equilibria._point import LocalGames, norms_of
from gamedyn.numerics import is_positive_definite

__all__ = ["Stability", "degenerate", "differential_nash", "local_minimax", "stability", "stationary"]


def stationary(local: LocalGames, tolerance: float) -> Answers:
    """Whether xi = 0, by the residual without units."""
    margin = tolerance - local.residual
    reasons = numpy.empty(len(margin), dtype=object)
    reasons[:] = [
        f"the relative residual {residual:.2g} is {'within' if residual <= tolerance else 'above'} the tolerance "
        f"{tolerance:.2g}"
        for residual in local.residual.tolist()
    ]
    return answers_of(numpy.where(margin >= 0, "yes", "no"), margin, reasons)


def differential_nash(local: LocalGames) -> Answers:
    """Whether every player's own Hessian is positive definite; that of a player who cannot move is."""
    movers = [player for player, block in enumerate(local.blocks) if block.stop > block.start and len(local.z)]
    parts = [_own_hessian_is_definite(local, player) for player in movers]
    if not parts:
        return answers_of("yes", numpy.full(len(local.z), numpy.inf), "no player can move")
    return all_of(parts, "every player's own Hessian is positive definite")


def _own_hessian_is_definite(local: LocalGames, player: int) -> Answers:
    block = local.blocks[player]
    raw = local.jacobian[:, block, block]
    mirrored = numpy.swapaxes(raw, -1, -2)
    hessian, skew = (raw + mirrored) / 2, norms_of(raw - mirrored) / 2
    smallest = numpy.linalg.eigvalsh(hessian)[:, 0].astype(float)
    verdict = is_positive_definite(hessian, error_bound=local.uncertainties[:, player] + skew)
    whose = f"player {player}'s own Hessian"
    found = worded(verdict.answer, smallest, _words(whose))
    # Exactly zero curvature along a coordinate is structure (a bilinear game, a dead unit), not rounding.
    flat = numpy.any(numpy.diagonal(hessian, axis1=-2, axis2=-1) == 0, axis=-1)
    return choose(flat, answers_of("no", numpy.minimum(smallest, 0.0), f"{whose} has a zero on its diagonal"), found)


def _words(what: str) -> dict[str, str]:
    return {
        "yes": f"{what} is positive definite",
        "no": f"{what} is not positive definite",
        "undecided": f"{what} is nearly singular",
    }


def local_minimax(local: LocalGames, nash: Answers, leader: int = 0) -> Answers:
    """Whether H_f > 0 and the Schur complement J_ll - J_lf H_f^-1 J_fl > 0, for a zero-sum game and its leader l."""
    x, y = local.blocks[leader], local.blocks[1 - leader]
    if y.stop == y.start or not len(local.z):
        return nash
    follower = _own_hessian_is_definite(local, 1 - leader)
    index = numpy.flatnonzero(follower.is_yes)
    if x.stop == x.start or not len(index):
        return follower
    some = local.at(index)
    # J = [[f_xx, f_xy], [-f_yx, -f_yy]], so that the Schur complement of J is that of f's Hessian.
    j_xx, j_xy = some.jacobian[:, x, x], some.jacobian[:, x, y]
    j_yx, j_yy = some.jacobian[:, y, x], some.jacobian[:, y, y]
    right = numpy.linalg.solve(j_yy, j_yx)
    left = numpy.swapaxes(numpy.linalg.solve(numpy.swapaxes(j_yy, -1, -2), numpy.swapaxes(j_xy, -1, -2)), -1, -2)
    complement = j_xx - numpy.matmul(j_xy, right)
    mirrored = numpy.swapaxes(complement, -1, -2)
    symmetric, skew = (complement + mirrored) / 2, norms_of(complement - mirrored) / 2
    # First order in the errors E of J's blocks: E_xx - E_xy right - left E_yx + left E_yy right.
    error_x, error_y = some.uncertainties[:, leader], some.uncertainties[:, 1 - leader]
    error = (error_x + _spectral_norms(left) * error_y) * (1 + _spectral_norms(right))
    verdict = is_positive_definite(symmetric, error_bound=2 * error.astype(float) + skew)
    smallest = numpy.linalg.eigvalsh(symmetric)[:, 0].astype(float)
    found = worded(verdict.answer, smallest, _words("the Schur complement of the leader"))
    is_nash = take(nash, index).is_yes & ~verdict.is_yes
    found = choose(is_nash, answers_of("yes", smallest, "a differential Nash equilibrium is one"), found)
    return put(follower, index, found)


def _spectral_norms(matrices: numpy.ndarray) -> numpy.ndarray:
    return numpy.linalg.norm(matrices, 2, axis=(-2, -1))  # type: ignore[no-any-return]


class Stability(NamedTuple):
    """Eigenvalues of J, sorted by real part, and how much of their signs is proved."""

    eigenvalues: numpy.ndarray
    """(N, d)"""
    attracting: Answers
    repelling: numpy.ndarray
    """(N,)"""


def stability(local: LocalGames) -> Stability:
    """Whether all eigenvalues of J have positive real part, so that the flow z' = -xi(z) is attracted."""
    count, d = local.z.shape
    if d == 0 or count == 0:
        fixed = answers_of("yes", numpy.full(count, numpy.inf), "no player can move")
        return Stability(numpy.zeros((count, d), dtype=complex), fixed, numpy.zeros(count, dtype=bool))
    matrices = local.jacobian.astype(numpy.float64)
    values, vectors = numpy.linalg.eig(matrices)
    values = numpy.sort(values.astype(numpy.complex128), axis=-1)
    smallest, largest = values[:, 0].real, values[:, -1].real
    error = norms_of(local.uncertainties).astype(float) + d * float(numpy.finfo(float).eps) * norms_of(matrices)
    # Bauer and Fike: every eigenvalue of J + E is within cond(V) |E| of one of J, and they pair up within 2 d - 1 times
    # that. Where J has no basis of eigenvectors, cond(V) is huge and Lyapunov's theorem decides.
    with numpy.errstate(all="ignore"):
        condition = numpy.linalg.cond(vectors)
        # 0 times infinity: without error no basis is needed.
        radius = numpy.where(error > 0, numpy.where(numpy.isnan(condition), numpy.inf, condition) * error, 0.0)
    attracting, repelling = smallest > radius, largest < -radius
    for k in numpy.flatnonzero(~attracting & (smallest > error)):
        attracting[k] = has_lyapunov_proof(matrices[k], float(error[k]))
    for k in numpy.flatnonzero(~repelling & (largest < -error)):
        repelling[k] = has_lyapunov_proof(-matrices[k], float(error[k]))
    leaving = repelling | (smallest < -(2 * d - 1) * radius)
    answer = numpy.where(attracting, "yes", numpy.where(leaving, "no", "undecided"))
    words = {
        "yes": "every eigenvalue of J has a positive real part",
        "no": "an eigenvalue of J has a negative real part",
        "undecided": "the smallest real part of J's eigenvalues is 0 within its error",
    }
    return Stability(values, worded(answer, smallest, words), repelling)


def degenerate(local: LocalGames) -> Answers:
    """Whether J is singular, after scaling every player's rows to norm 1; "no" is proved, "yes" only by a zero line."""
    j = local.jacobian
    count, d = local.z.shape
    if d == 0:
        return answers_of("no", numpy.full(count, -numpy.inf), "no player can move")
    movers = [(i, block) for i, block in enumerate(local.blocks) if block.stop > block.start]
    norms = numpy.stack([norms_of(j[:, block]) for _, block in movers], axis=-1)
    lines = numpy.any(numpy.all(j == 0, axis=1), axis=-1) | numpy.any(numpy.all(j == 0, axis=2), axis=-1)
    norms = numpy.where(norms > 0, norms, 1)
    scales = numpy.repeat(norms, [block.stop - block.start for _, block in movers], axis=-1)
    smallest = numpy.linalg.svd(j / scales[..., None], compute_uv=False)[:, -1].astype(float)
    error = norms_of(local.uncertainties[:, [i for i, _ in movers]] / norms)
    words = {"no": "J is invertible", "undecided": "the smallest singular value of J is 0 within its error"}
    found = worded(numpy.where(smallest > error, "no", "undecided"), -smallest, words)
    return choose(lines, answers_of("yes", numpy.zeros(count), "J has a line of zeros"), found)
