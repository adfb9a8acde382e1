"""All verdicts on a batch of points of a game whose Jacobian is formed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.equilibria._answers import Answers, answers_of, choose, negated, put, take
from gamedyn.equilibria._conditions import (
    Stability,
    degenerate,
    differential_nash,
    local_minimax,
    stability,
    stationary,
)
from gamedyn.equilibria._faces import Face, find_face, holds_constraints
from gamedyn.equilibria._point import LocalGames, accuracy_of, norm_of, row_norms, view_locally
from gamedyn.equilibria._smoothness import find_kinks
from gamedyn.equilibria._two_by_two import eigenvalues
from gamedyn.games import Game

__all__ = ["Judgement", "conclude", "judge"]

_NO_RULE = "constraints of the game's domain hold here, and it is none whose faces are known"
_LOOSE = "constraints hold here without strict complementarity: a multiplier is 0 within the tolerance"


class Judgement(NamedTuple):
    """The fields of a Classification at N points."""

    kind: numpy.ndarray
    residual: numpy.ndarray
    stationary: Answers
    differential_nash: Answers
    local_minimax: Answers | None
    other_minimax: Answers | None
    attracting: Answers
    strict_saddle: Answers
    attracting_not_nash: Answers
    degenerate: Answers
    eigenvalues: numpy.ndarray
    eigenvalue_residuals: numpy.ndarray | None = None


def judge(game: Game, z: Array, tolerance: float, zero_sum: tuple[bool, bool]) -> Judgement:
    """All points of z (..., d), in C order of the batch.

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)
    tolerance : float
    zero_sum : pair of bool
        For which of two leaders the Schur complement is the second derivative of its loss along the other's reaction.
    """
    local = view_locally(game, z)
    xp, d = array_namespace(z), z.shape[-1]
    flat = xp.reshape(z, (-1, d))
    held = holds_constraints(game.domain, flat)
    found = _judge_smooth(local, stationary(local, tolerance), zero_sum)
    free = numpy.flatnonzero(~held)
    if len(free):
        part = local.at(free)
        kinks = find_kinks(game, flat, part, numpy.eye(d))
        # However xi jumps, it is 0 on no side where enough of it is left.
        jumps = kinks.jumps & (kinks.residual <= tolerance)
        found = _opened(found, free[kinks.bent], jumps[kinks.bent], kinks.coordinate[kinks.bent])
    for k in numpy.flatnonzero(held):
        found = _replaced(found, int(k), _judge_on_face(game, flat[int(k), :], local.at([k]), tolerance, zero_sum))
    return found


def conclude(
    rest: Answers,
    residual: numpy.ndarray,
    nash: Answers,
    minimax: tuple[Answers | None, Answers | None],
    found: Stability,
    singular: Answers,
) -> Judgement:
    """The fields of a Classification: nothing else holds where nothing rests, and all is open where that is open."""
    moving = answers_of("no", rest.margin, [f"not stationary: {reason}" for reason in rest.reason])
    away, otherwise = ~rest.is_yes, choose(rest.is_no, moving, rest)
    nash, attracting = choose(away, otherwise, nash), choose(away, otherwise, found.attracting)
    first, second = (None if each is None else choose(away, otherwise, each) for each in minimax)
    saddle = choose(away, otherwise, negated(attracting))
    trap = choose(away, otherwise, _attracting_not_nash(attracting, nash))
    kind = _kinds(rest, nash, first, attracting, found.repelling)
    return Judgement(kind, residual, rest, nash, first, second, attracting, saddle, trap, singular, found.eigenvalues)


def _judge_smooth(local: LocalGames, rest: Answers, zero_sum: tuple[bool, bool]) -> Judgement:
    """The second-order conditions, which only points that rest need."""
    count = len(local.z)
    index = numpy.flatnonzero(~rest.is_no)
    part = local if len(index) == count else local.at(index)
    nothing = answers_of("undecided", numpy.zeros(count), "")

    def at_rest(found: Answers) -> Answers:
        return found if len(index) == count else put(nothing, index, found)

    nash = differential_nash(part)
    pair = [at_rest(local_minimax(part, nash, leader)) if zero_sum[leader] else None for leader in (0, 1)]
    found = stability(part)
    if len(index) < count:
        values = numpy.empty(local.z.shape, dtype=complex)
        values[rest.is_no] = eigenvalues(local.jacobian[rest.is_no].astype(float))
        values[index] = found.eigenvalues
        repelling = numpy.zeros(count, dtype=bool)
        repelling[index] = found.repelling
        found = Stability(values, at_rest(found.attracting), repelling)
    return conclude(rest, local.residual, at_rest(nash), (pair[0], pair[1]), found, degenerate(local))


def _judge_on_face(game: Game, z: Array, local: LocalGames, tolerance: float, zero_sum: tuple[bool, bool]) -> Judgement:
    """One point (d,) where constraints hold, by second derivatives within its face."""
    full = stability(local).eigenvalues
    face = find_face(game.domain, game.dims, z, local.xi[0].astype(float))
    if face is None:
        shell = _judge_smooth(local, answers_of("undecided", local.residual, _NO_RULE), zero_sum)
        return _all_open(shell, _NO_RULE, too="stationary")
    sizes = row_norms(local.jacobian, local.blocks)[0].astype(float)
    forces = numpy.array([norm_of(local.xi[0, block]) for block in local.blocks])
    scales = numpy.maximum(sizes * (1 + norm_of(local.z[0])), forces)
    scales = numpy.where(scales > 0, scales, 1.0)
    residual = numpy.max(face.residuals / scales, keepdims=True)
    on_face = _restricted(game, z, local, face)._replace(residual=residual)
    rest = _where_held(stationary(on_face, tolerance))
    found = _judge_smooth(on_face, rest, zero_sum)
    # Eigenvalues shown are those of all of J, so that every point has as many.
    found = found._replace(eigenvalues=full)
    kinks = find_kinks(game, z, local, face.basis.T)
    if kinks.bent[0]:
        return _opened(found, numpy.array([0]), kinks.jumps, kinks.coordinate)
    if rest.is_yes[0] and not numpy.min(face.multipliers / scales) > tolerance:
        return _all_open(found, _LOOSE)
    names = [name for name in found._fields if isinstance(getattr(found, name), Answers) and name != "stationary"]
    held: dict[str, Any] = {name: _where_held(getattr(found, name)) for name in names}
    return found._replace(**held)


def _restricted(game: Game, z: Array, local: LocalGames, face: Face) -> LocalGames:
    """The game on the face of one point: its field and Jacobian in the basis."""
    basis = face.basis
    j = basis.T @ local.jacobian[0].astype(float) @ basis
    xi = basis.T @ local.xi[0].astype(float)
    with numpy.errstate(over="ignore", invalid="ignore"):
        step = basis @ (numpy.linalg.pinv(j) @ xi) if xi.size else numpy.zeros(len(basis))
    nearby = to_device(local.z[0] - step, array_namespace(z), dtype=z.dtype, device=device_of(z))
    with numpy.errstate(over="ignore", invalid="ignore"):
        change = to_host(game.jacobian(nearby)).astype(float) - local.jacobian[0]
    sizes = row_norms(local.jacobian, local.blocks).astype(float)
    known = bool(numpy.all(numpy.isfinite(change)))
    far = 4 * row_norms(change[None], local.blocks) if known else sizes
    return LocalGames(
        z=(basis.T @ local.z[0])[None],
        xi=xi[None],
        jacobian=j[None],
        blocks=face.blocks,
        residual=local.residual,
        uncertainties=accuracy_of(game, z) * sizes + far,
    )


def _where_held(answers: Answers) -> Answers:
    reasons = numpy.empty(len(answers.reason), dtype=object)
    reasons[:] = [f"within the constraints that hold here, {reason}" for reason in answers.reason]
    return answers._replace(reason=reasons)


def _opened(found: Judgement, index: numpy.ndarray, jumps: numpy.ndarray, coordinate: numpy.ndarray) -> Judgement:
    """Undecided where the game is not twice differentiable, but for points that plainly do not rest."""
    if not len(index):
        return found
    reasons = [
        f"not twice differentiable here: slopes of xi differ on both sides along direction {k}" for k in coordinate
    ]
    unclear = numpy.asarray([found.stationary.is_yes[i] or jump for i, jump in zip(index, jumps, strict=True)])
    updated: dict[str, Any] = {}
    for name in found._fields:
        answers = getattr(found, name)
        if isinstance(answers, Answers):
            where = unclear if name != "stationary" else jumps
            if name == "degenerate":
                where = numpy.ones(len(index), dtype=bool)
            at = index[where]
            why = numpy.array(reasons, dtype=object)[where]
            updated[name] = put(answers, at, answers_of("undecided", numpy.zeros(len(at)), why))
    kind = found.kind.copy()
    kind[index[unclear]] = "undecided"
    return found._replace(kind=kind, **updated)


def _all_open(found: Judgement, reason: str, too: str = "") -> Judgement:
    """One point of which nothing but its being stationary is decided, and not even that if named."""
    updated: dict[str, Any] = {}
    for name in found._fields:
        answers = getattr(found, name)
        if isinstance(answers, Answers) and (name != "stationary" or too == name):
            updated[name] = answers_of("undecided", numpy.zeros(1), reason)
    return found._replace(kind=numpy.array(["undecided"], dtype="<U13"), **updated)


def _replaced(found: Judgement, k: int, one: Judgement) -> Judgement:
    updated: dict[str, Any] = {}
    for name in found._fields:
        old, new = getattr(found, name), getattr(one, name)
        if isinstance(old, Answers):
            updated[name] = put(old, [k], take(new, [0]))
        elif old is not None:
            updated[name] = old.copy()
            updated[name][k] = new[0]
    return found._replace(**updated)


def _kinds(
    rest: Answers, nash: Answers, minimax: Answers | None, attracting: Answers, repelling: numpy.ndarray
) -> numpy.ndarray:
    second = numpy.zeros(len(repelling), dtype=bool) if minimax is None else minimax.is_yes
    cases = [
        (rest.is_no, "nonstationary"),
        (rest.is_undecided, "undecided"),
        (nash.is_yes, "nash"),
        (second, "minimax"),
        (nash.is_undecided, "undecided"),
        (attracting.is_undecided, "marginal"),
        (attracting.is_yes, "attractor"),
        (repelling, "repeller"),
    ]
    names = [numpy.array(name, dtype="<U13") for _, name in cases]
    return numpy.select([mask for mask, _ in cases], names, default=numpy.array("saddle", dtype="<U13"))


def _attracting_not_nash(attracting: Answers, nash: Answers) -> Answers:
    margin = numpy.minimum(attracting.margin, -nash.margin)
    no, yes = attracting.is_no | nash.is_yes, attracting.is_yes & nash.is_no
    answer = numpy.where(no, "no", numpy.where(yes, "yes", "undecided"))
    by_stability = numpy.where(no, attracting.is_no, attracting.is_undecided)
    return answers_of(answer, margin, numpy.where(by_stability, attracting.reason, nash.reason))
