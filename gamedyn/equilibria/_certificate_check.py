"""The checks of a certificate: every inclusion and every answer proved again from the stored rationals."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import require
from gamedyn.equilibria._certified_expressions import LeavesDomain, ball_of, fraction_of
from gamedyn.equilibria._certified_game import interval_game
from gamedyn.equilibria._certified_matrices import eigenvalue_discs
from gamedyn.equilibria._certified_proof import balls_of, contract, judge
from gamedyn.numerics import Verdict

__all__ = ["verify"]


def verify(certificate: Any) -> Verdict:
    """Whether all that a certificate says holds: at 64 bits more than it was made with, else with as many.

    Balls at a higher precision are seldom the wider ones, but can be; what holds at one precision is proved.

    Parameters
    ----------
    certificate : Certificate
    """
    if certificate.game is None or certificate.game_text != repr(certificate.game):
        return Verdict("no", 0.0, "the certificate is about another game")
    if certificate.rule_text != (None if certificate.rule is None else repr(certificate.rule)):
        return Verdict("no", 0.0, "the certificate is about another rule")
    problem = ""
    for bits in (certificate.precision + 64, certificate.precision):
        with require("flint").ctx.workprec(bits):
            try:
                problem = _first_problem(certificate)
            except LeavesDomain as leaves:
                problem = f"the game is not defined on the enclosure: {leaves}"
        if not problem:
            return Verdict("yes", 0.0, f"every statement is proved again with {bits} bits")
    return Verdict("no", 0.0, problem)


def _first_problem(certificate: Any) -> str:
    game = interval_game(certificate.game.full())
    steps = certificate.steps
    if steps[0] != certificate.box:
        return "the steps do not start with the box"
    found = "undecided"
    for k, step in enumerate(steps):
        result = contract(game, step)
        if result.answer != "undecided":
            found = result.answer
        if k + 1 == len(steps):
            break
        if result.image is None:
            return f"step {k}: {result.reason}"
        for ball, (low, high), (inner_low, inner_high) in zip(result.image, step, steps[k + 1], strict=True):
            reaches = max(low, fraction_of(ball.lower())), min(high, fraction_of(ball.upper()))
            if not (inner_low <= reaches[0] and reaches[1] <= inner_high and low <= inner_low and inner_high <= high):
                return f"step {k}: K(box) cut with the box does not lie in the next box"
    if certificate.existence != found and certificate.existence != "undecided":
        return f"the existence of {certificate.existence} point is not proved"
    if certificate.existence != "exactly one":
        expected = "nonstationary" if certificate.existence == "none" else "undecided"
        stated = (certificate.differential_nash, certificate.local_minimax, certificate.local_maximin)
        rest = (*stated, certificate.attracting, certificate.rule_converges)
        if certificate.kind != expected or any(v is not None for v in rest) or certificate.eigenvalues:
            return "a kind is stated of a point that is not proved to exist"
        return ""
    return _kind_problem(game, certificate)


def _kind_problem(game: Any, certificate: Any) -> str:
    jacobian = game.jacobian(balls_of(certificate.enclosure))
    tries = []
    for bits in (certificate.precision + 64, certificate.precision, 64):
        with require("flint").ctx.workprec(bits):
            tries.append(eigenvalue_discs(jacobian))
    if not any(_hold(discs, certificate.eigenvalues) for discs in tries):
        return "the eigenvalues of J are not proved to lie in the stated discs"
    domain = certificate.game.domain
    proofs = [judge(game, jacobian, certificate.enclosure, domain, certificate.rule, discs) for discs in tries]
    for name in ("differential_nash", "local_minimax", "local_maximin", "attracting", "rule_converges"):
        stated = getattr(certificate, name)
        if not any(_supports(proof[name], stated) for proof in proofs):
            return f"{name} is not proved as stated"
    if certificate.kind != "undecided" and all(proof["kind"] != certificate.kind for proof in proofs):
        return f"the kind {certificate.kind} is not proved"
    return ""


def _supports(proved: Verdict | None, stated: Verdict | None) -> bool:
    """Whether what is proved implies what is stated."""
    if stated is None or proved is None:
        return stated is None and proved is None
    if stated.is_undecided:
        return True
    if stated.answer != proved.answer:
        return False
    return bool(0 <= stated.margin <= proved.margin if stated.is_yes else proved.margin <= stated.margin <= 0)


def _hold(discs: Any, stated: Any) -> bool:
    """Whether the stated discs hold the proved ones, one for one."""
    left = list(stated)
    if len(left) != len(discs):
        return False
    for disc in discs:
        for candidate in left:
            real, imag, radius = (ball_of(part) for part in candidate)
            x, y, room = disc.real - real, disc.imag - imag, radius - disc.radius
            if room >= 0 and x * x + y * y <= room * room:
                left.remove(candidate)
                break
        else:
            return False
    return True
