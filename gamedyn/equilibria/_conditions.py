"""The conditions that make a stationary point an equilibrium of some kind, each with a three-valued answer."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy

from gamedyn.equilibria._point import LocalGame, norm_of
from gamedyn.numerics import Verdict, is_positive_definite

__all__ = ["Stability", "degenerate", "differential_nash", "local_minimax", "stability", "stationary"]


def stationary(local: LocalGame, tolerance: float) -> Verdict:
    """Whether xi = 0, by the residual without units."""
    margin = tolerance - local.residual
    sign = "within" if margin >= 0 else "above"
    reason = f"the relative residual {local.residual:.2g} is {sign} the tolerance {tolerance:.2g}"
    return Verdict("yes" if margin >= 0 else "no", margin, reason)


def differential_nash(local: LocalGame) -> Verdict:
    """Whether every player's own Hessian is positive definite."""
    verdicts = [_own_hessian_is_definite(local, player) for player in range(len(local.blocks))]
    return _all(verdicts)


def _own_hessian_is_definite(local: LocalGame, player: int) -> Verdict:
    block = local.blocks[player]
    raw = local.jacobian[block, block]
    hessian, skew = (raw + raw.T) / 2, norm_of(raw - raw.T) / 2
    smallest = float(numpy.linalg.eigvalsh(hessian)[0])
    if numpy.any(numpy.diagonal(hessian) == 0):
        # Exactly zero curvature along a coordinate is structure (a bilinear game, a dead unit), not rounding.
        return Verdict("no", min(smallest, 0.0), f"player {player}'s own Hessian has a zero on its diagonal")
    verdict = is_positive_definite(hessian, error_bound=float(local.uncertainties[player]) + skew)
    words = {"yes": "is positive definite", "no": "is not positive definite", "undecided": "is nearly singular"}
    return Verdict(verdict.answer, smallest, f"player {player}'s own Hessian {words[verdict.answer]}")


def local_minimax(local: LocalGame, nash: Verdict) -> Verdict:
    """Whether -f_yy > 0 and f_xx - f_xy f_yy^-1 f_yx > 0 for min over x (player 0), max over y of f."""
    follower = _own_hessian_is_definite(local, 1)
    if not follower.is_yes:
        return follower
    x, y = local.blocks
    j = local.jacobian
    # J = [[f_xx, f_xy], [-f_yx, -f_yy]], so that the Schur complement of J is that of f's Hessian.
    right = numpy.linalg.solve(j[y, y], j[y, x])
    left = numpy.linalg.solve(j[y, y].T, j[x, y].T).T
    complement = j[x, x] - j[x, y] @ right
    symmetric, skew = (complement + complement.T) / 2, norm_of(complement - complement.T) / 2
    # First order in the errors E of J's blocks: E_xx - E_xy right - left E_yx + left E_yy right.
    error_x, error_y = local.uncertainties
    error = (error_x + numpy.linalg.norm(left, 2) * error_y) * (1 + numpy.linalg.norm(right, 2))
    verdict = is_positive_definite(symmetric, error_bound=2 * float(error) + skew)
    smallest = float(numpy.linalg.eigvalsh(symmetric)[0])
    if nash.is_yes and not verdict.is_yes:
        return Verdict("yes", smallest, "a differential Nash equilibrium is one")
    words = {"yes": "is positive definite", "no": "is not positive definite", "undecided": "is nearly singular"}
    return Verdict(verdict.answer, smallest, f"the Schur complement of the leader {words[verdict.answer]}")


class Stability(NamedTuple):
    """Eigenvalues of J, sorted by real part, and how much of their signs is proved."""

    eigenvalues: numpy.ndarray
    attracting: Verdict
    repelling: bool


def stability(local: LocalGame) -> Stability:
    """Whether all eigenvalues of J have positive real part, so that the flow z' = -xi(z) is attracted."""
    d = len(local.jacobian)
    values, vectors = numpy.linalg.eig(local.jacobian.astype(numpy.float64))
    values = numpy.sort(values.astype(numpy.complex128))
    smallest, largest = float(values[0].real), float(values[-1].real)
    size = norm_of(local.jacobian)
    error = norm_of(local.uncertainties) + d * float(numpy.finfo(float).eps) * size
    # Bauer and Fike: every eigenvalue of J + E is within cond(V) |E| of one of J, and they pair up within 2 d - 1 times
    # that. Where J has no basis of eigenvectors, cond(V) is huge and Lyapunov's theorem decides.
    radius = float(numpy.linalg.cond(vectors)) * error
    if smallest > radius or (smallest > error and _has_lyapunov_proof(local.jacobian, error)):
        return Stability(values, Verdict("yes", smallest, "every eigenvalue of J has a positive real part"), False)
    repelling = largest < -radius or (largest < -error and _has_lyapunov_proof(-local.jacobian, error))
    if repelling or smallest < -(2 * d - 1) * radius:
        return Stability(values, Verdict("no", smallest, "an eigenvalue of J has a negative real part"), repelling)
    reason = "the smallest real part of J's eigenvalues is 0 within its error"
    return Stability(values, Verdict("undecided", smallest, reason), False)


def _has_lyapunov_proof(j: numpy.ndarray, error: float) -> bool:
    """Whether J^T X + X J and X are both proved positive definite, for all J within `error`; then Re eig J > 0."""
    from scipy.linalg import solve_continuous_lyapunov

    j = j.astype(numpy.float64)
    with warnings.catch_warnings():
        # SciPy warns where the equation is singular within rounding: then there is no proof.
        warnings.simplefilter("error")
        try:
            x = solve_continuous_lyapunov(j.T, numpy.eye(len(j)))
        except RuntimeWarning:
            return False
    x = (x + x.T) / 2
    product = j.T @ x
    if not numpy.all(numpy.isfinite(product)):
        return False
    # Beside the error of J: the product is rounded, d + 2 operations to an entry.
    rounding = 2 * (len(j) + 2) * float(numpy.finfo(float).eps) * norm_of(j) * norm_of(x)
    bound = 2 * error * norm_of(x) + rounding
    decay = is_positive_definite(product + product.T, error_bound=bound)
    return bool(decay.is_yes and is_positive_definite(x).is_yes)


def degenerate(local: LocalGame) -> Verdict:
    """Whether J is singular, after scaling every player's rows to norm 1; "no" is proved, "yes" only by a zero line."""
    j = local.jacobian
    if numpy.any(numpy.all(j == 0, axis=0)) or numpy.any(numpy.all(j == 0, axis=1)):
        return Verdict("yes", 0.0, "J has a line of zeros")
    norms = numpy.asarray([norm_of(j[block]) for block in local.blocks])
    sizes = [block.stop - block.start for block in local.blocks]
    smallest = float(numpy.linalg.svd(j / numpy.repeat(norms, sizes)[:, None], compute_uv=False)[-1])
    error = norm_of(local.uncertainties / norms)
    if smallest > error:
        return Verdict("no", -smallest, "J is invertible")
    return Verdict("undecided", -smallest, "the smallest singular value of J is 0 within its error")


def _all(verdicts: list[Verdict]) -> Verdict:
    """The conjunction: a proved "no" decides, then an "undecided"."""
    for answer in ("no", "undecided"):
        found = [verdict for verdict in verdicts if verdict.answer == answer]
        if found:
            return min(found, key=_margin)
    worst = min(verdicts, key=_margin)
    return Verdict("yes", worst.margin, "every player's own Hessian is positive definite")


def _margin(verdict: Verdict) -> Any:
    return verdict.margin
