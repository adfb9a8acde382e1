"""All verdicts on one point of a game too large for a matrix, from products with J, its transpose and own Hessians."""

from __future__ import annotations

import numpy

from gamedyn.backend import Array
from gamedyn.equilibria._answers import Answers, all_of, answers_of
from gamedyn.equilibria._conditions import Stability, stationary
from gamedyn.equilibria._faces import holds_constraints
from gamedyn.equilibria._judge import Judgement, conclude
from gamedyn.equilibria._large_game import LargeGame, view_large
from gamedyn.equilibria._large_minimax import large_minimax
from gamedyn.equilibria._point import LocalGames
from gamedyn.equilibria._smoothness import find_kinks
from gamedyn.equilibria._spectrum_ends import SpectrumEnds, find_ends
from gamedyn.games import Game
from gamedyn.numerics import ArnoldiResult, arnoldi_eigenvalues

__all__ = ["judge_large"]

_STEPS, _RESTARTS, _TOLERANCE = 40, 12, 1e-8


def judge_large(
    game: Game,
    z: Array,
    tolerance: float,
    zero_sum: tuple[bool, bool],
    rng: numpy.random.Generator,
    *,
    nash_only: bool = False,
) -> Judgement:
    """One point z (d,).

    Parameters
    ----------
    game : Game
    z : array, shape (d,)
    tolerance : float
    zero_sum : pair of bool
        As for `judge`.
    rng : numpy.random.Generator
    nash_only : bool
        Leave all other conditions open.
    """
    large = view_large(game, z, zero_sum, rng)
    rest = _stationary(large, tolerance)
    open_ = _open("not judged")
    if rest.is_undecided[0]:
        none = _open(str(rest.reason[0]))
        return conclude(rest, large.residual, none, _pair(none, zero_sum), _nothing(none), none)
    if rest.is_no[0]:
        return conclude(rest, large.residual, open_, _pair(open_, zero_sum), _nothing(open_), _degenerate(large, None))
    nash, ends = _nash(large, rng)
    if nash_only:
        return conclude(rest, large.residual, nash, (None, None), _nothing(open_), open_)
    first, second = (large_minimax(large, nash, ends, leader, rng) if zero_sum[leader] else None for leader in (0, 1))
    symmetric = _symmetric_part(large, nash, ends, rng)
    found, residuals = _stability(large, symmetric, rng)
    singular = _degenerate(large, symmetric)
    judged = conclude(rest, large.residual, nash, (first, second), found, singular)
    return judged._replace(eigenvalue_residuals=residuals)


def _open(reason: str) -> Answers:
    return answers_of("undecided", numpy.zeros(1), reason)


def _pair(answers: Answers, zero_sum: tuple[bool, bool]) -> tuple[Answers | None, Answers | None]:
    return answers if zero_sum[0] else None, answers if zero_sum[1] else None


def _nothing(answers: Answers) -> Stability:
    return Stability(numpy.zeros((1, 0), dtype=complex), answers, numpy.zeros(1, dtype=bool))


def _stationary(large: LargeGame, tolerance: float) -> Answers:
    """As for small games; open where constraints hold, or where slopes of xi differ on both sides of the point."""
    if holds_constraints(large.game.domain, large.z[None, ...])[0]:
        return _open("constraints of the game's domain hold here, whose faces are not looked at in large games")
    nothing = numpy.zeros((1, 0, 0))
    host, xi, sizes = large.host[None], large.xi[None], large.sizes[None]
    local = LocalGames(host, xi, nothing, large.blocks, large.residual, sizes)
    lengths = numpy.linalg.norm(large.directions, axis=-1, keepdims=True)
    straight = (large.products / lengths)[:, None, :]
    kinks = find_kinks(large.game, large.z, local, large.directions / lengths, straight=straight, sizes=sizes)
    rest = stationary(local, tolerance)
    if kinks.bent[0] and (rest.is_yes[0] or (kinks.jumps[0] and kinks.residual[0] <= tolerance)):
        return _open("not twice differentiable here: slopes of xi differ on both sides along a random direction")
    return rest


def _nash(large: LargeGame, rng: numpy.random.Generator) -> tuple[Answers, list[SpectrumEnds]]:
    """Whether all own Hessians are positive definite, and what is known of the ends of their spectra."""
    parts = []
    for player, block in enumerate(large.blocks):
        product = large.own_product(player)
        name = f"player {player}'s own Hessian"
        parts.append(find_ends(product, block.stop - block.start, float(large.uncertainties[player]), name, rng))
    return all_of(
        [part.positive for part in parts], "every player's own Hessian is positive definite" + _risk(parts)
    ), parts


def _risk(parts: list[SpectrumEnds]) -> str:
    return f", but for a probability of {sum(part.risk for part in parts):.1g}"


def _symmetric_part(
    large: LargeGame, nash: Answers, ends: list[SpectrumEnds], rng: numpy.random.Generator
) -> SpectrumEnds | None:
    """The ends of the spectrum of (J + J^T) / 2; None without products with the transpose."""
    transpose = large.transpose
    if transpose is None:
        return None
    size = float(numpy.linalg.norm(large.uncertainties))
    if large.is_zero_sum:
        # The symmetric part consists of the own Hessians.
        risk = sum(part.risk for part in ends)
        lowest, highest = min(part.lowest for part in ends), max(part.highest for part in ends)
        return SpectrumEnds(nash, lowest, highest, min(p.floor for p in ends), max(p.ceiling for p in ends), risk)
    return find_ends(lambda v: (large.product(v) + transpose(v)) / 2, len(large.host), size, "", rng)


def _stability(
    large: LargeGame, symmetric: SpectrumEnds | None, rng: numpy.random.Generator
) -> tuple[Stability, numpy.ndarray]:
    """The sign of real parts: by the symmetric part, or by an eigenvalue with a negative one."""
    start = rng.standard_normal(len(large.host)).astype(large.host.dtype)
    ends = [_ends(large, start, which) for which in ("SR", "LR")]
    values = numpy.concatenate([end.values for end in ends])
    residuals = numpy.concatenate([end.residuals for end in ends])
    order = numpy.argsort(values)
    values, residuals = values[order], residuals[order]
    fresh = numpy.ones(len(values), dtype=bool)
    for k in range(1, len(values)):
        # Where both ends meet, the same one may have been found twice.
        fresh[k] = abs(values[k] - values[k - 1]) > residuals[k] + residuals[k - 1]
    values, residuals = values[fresh], residuals[fresh]
    error = float(numpy.linalg.norm(large.uncertainties))
    smallest = numpy.array([values[0].real])
    repelling = symmetric is not None and symmetric.ceiling < -error
    if symmetric is not None and symmetric.floor > error:
        reason = f"the symmetric part of J is positive definite, but for a probability of {symmetric.risk:.1g}"
        attracting = answers_of("yes", smallest, reason)
    elif repelling or _certainly_negative(large, ends[0], start, error):
        attracting = answers_of("no", smallest, "an eigenvalue of J has a negative real part")
    else:
        reason = "no eigenvalue with a negative real part was found beyond its error, which proves nothing"
        attracting = answers_of("undecided", smallest, reason)
    return Stability(values[None], attracting, numpy.array([repelling])), residuals[None]


def _ends(large: LargeGame, start: numpy.ndarray, which: str) -> ArnoldiResult:
    return arnoldi_eigenvalues(
        large.product, start, which=which, steps=_STEPS, restarts=_RESTARTS, tolerance=_TOLERANCE
    )


def _certainly_negative(large: LargeGame, end: ArnoldiResult, start: numpy.ndarray, error: float) -> bool:
    """Whether some eigenvalue has a negative real part by four times its error, to first order."""
    candidates = end.converged & (end.values.real < -4 * (end.residuals + error))
    if large.transpose is None or not bool(numpy.any(candidates)):
        return False
    both = arnoldi_eigenvalues(
        large.product,
        start,
        which="SR",
        steps=_STEPS,
        restarts=_RESTARTS,
        tolerance=_TOLERANCE,
        transpose=large.transpose,
    )
    if both.conditions is None:
        return False
    with numpy.errstate(invalid="ignore"):
        return bool(numpy.any(both.converged & (both.values.real < -4 * both.conditions * (both.residuals + error))))


def _degenerate(large: LargeGame, symmetric: SpectrumEnds | None) -> Answers:
    """Whether J is singular: "yes" by a line of zeros, "no" by a definite symmetric part."""
    if large.has_zero_line:
        return answers_of("yes", numpy.zeros(1), "J has a line of zeros")
    error = float(numpy.linalg.norm(large.uncertainties))
    if symmetric is not None and (symmetric.floor > error or symmetric.ceiling < -error):
        margin = -max(symmetric.floor, -symmetric.ceiling)
        reason = f"the symmetric part of J is definite, but for a probability of {symmetric.risk:.1g}"
        return answers_of("no", numpy.array([margin]), reason)
    return _open("small singular values are not looked for in large games")
