"""verify: runs claims on drawn instances, each beside its negative control."""

from __future__ import annotations

import math
import platform
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import MissingExtraError
from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._registry import group_of, select_claims
from gamedyn.claims._result import ClaimResult, VerifyResult

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["claim_rng", "run_claim", "verify"]


def verify(
    select: str | Iterable[str] | None = None,
    *,
    cases: int = 1,
    seed: int = 0,
    full: bool = False,
    progress: Callable[[int, int, Claim], None] | None = None,
) -> VerifyResult:
    """Check theoretical statements numerically, each against a prediction found without the code under test.

    Parameters
    ----------
    select : str or iterable of str, optional
        Ids ("gan.value-identity"), patterns ("gan.*") or families ("gan"). None runs all.
    cases : int
        Instances drawn per claim; the worst is reported.
    seed : int
        The instance of a claim depends on the seed, its id and the case alone, not on which others run.
    full : bool
        Whether the longer claims (trained, Monte Carlo) run too.
    progress : callable, optional
        Called as progress(number, total, claim) before each claim.

    Returns
    -------
    VerifyResult

    Raises
    ------
    ValueError
        If nothing fits `select`; the message offers the nearest ids.

    Examples
    --------
    >>> import gamedyn
    >>> result = gamedyn.verify("div.gibbs")
    >>> result["div.gibbs"].verdict
    'holds'
    """
    check_integer("cases", cases, minimum=1)
    check_integer("seed", seed, minimum=0)
    started = time.perf_counter()
    chosen = select_claims(select, full=full)
    rows = []
    for number, claim in enumerate(chosen, 1):
        if progress is not None:
            progress(number, len(chosen), claim)
        rows.append(run_claim(claim, cases=cases, seed=seed))
    return VerifyResult(tuple(rows), seed, cases, full, time.perf_counter() - started, _versions())


def claim_rng(id: str, seed: int, case: int) -> Generator:
    """The generator that draws instance number `case` of the claim named `id`."""
    return numpy.random.default_rng(numpy.random.SeedSequence(seed, spawn_key=(zlib.crc32(id.encode()), case)))


def run_claim(claim: Claim, *, cases: int = 1, seed: int = 0) -> ClaimResult:
    """Run one claim and its negative control on `cases` drawn instances; the worst decides.

    Parameters
    ----------
    claim : Claim
        Registered or not.
    cases, seed : int
        As in `verify`.
    """
    started = time.perf_counter()
    trials = [_try(claim, seed, case) for case in range(cases)]
    decisive = max(trials, key=lambda trial: trial.badness)
    predicted, measured, tolerance = decisive.worst
    return ClaimResult(
        id=claim.id,
        group=group_of(claim.id),
        statement=claim.statement,
        source=claim.source,
        relation=claim.relation,
        expected=claim.expected,
        verdict=decisive.verdict,
        predicted=predicted,
        measured=measured,
        tolerance=tolerance,
        tolerance_source=decisive.tolerance_source,
        violation=decisive.violation,
        control=decisive.control,
        case=decisive.case,
        seconds=time.perf_counter() - started,
        reason=decisive.reason,
    )


@dataclass(frozen=True)
class _Trial:
    """One instance: what came out, and how bad that is."""

    case: int
    verdict: str
    control: str
    reason: str
    violation: float = math.nan
    worst: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    tolerance_source: str = ""
    expected: str = "holds"

    @property
    def badness(self) -> tuple[int, float]:
        rank = {"holds": 0, "refuted": 0, "undecided": 1, "fails": 2}[self.verdict]
        size = 0.0 if math.isnan(self.violation) else self.violation
        # The weakest counter-example is the worst instance of a statement that is to be refuted.
        return rank, -size if self.expected == "refuted" else size


def _try(claim: Claim, seed: int, case: int) -> _Trial:
    try:
        # The same generator for both: the control breaks the very instance that was checked.
        evidence = claim.check(claim_rng(claim.id, seed, case))
        control = claim.control(claim_rng(claim.id, seed, case))
        return _judge(claim, case, evidence, control)
    except MissingExtraError as error:
        return _Trial(case, "undecided", "undecided", str(error), expected=claim.expected)
    except Exception as error:
        # One broken claim must not hide what the others found.
        text = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return _Trial(case, "fails", "undecided", text, expected=claim.expected)


def _judge(claim: Claim, case: int, evidence: Evidence, control: Evidence) -> _Trial:
    outcome = _outcome(evidence.violation(claim.relation))
    broken = _outcome(control.violation(claim.relation))
    verdict, reason = outcome, ""
    if broken != "refuted":
        verdict, reason = "fails", "the negative control was not refuted: this experiment could not have failed."
    elif outcome == "undecided":
        reason = "the measurement is not a number."
    elif outcome != claim.expected:
        verdict = "fails"
        reason = f"expected to be {claim.expected}, but the relation {claim.relation} {outcome}."
        if claim.expected == "holds":
            reason = f"off by {evidence.violation(claim.relation):.3g} tolerances."
    return _Trial(
        case,
        verdict,
        {"holds": "not refuted"}.get(broken, broken),
        reason,
        evidence.violation(claim.relation),
        evidence.worst(claim.relation),
        evidence.tolerance_source,
        claim.expected,
    )


def _outcome(violation: float) -> str:
    if math.isnan(violation):
        return "undecided"
    return "holds" if violation <= 1 else "refuted"


def _versions() -> dict[str, str]:
    import scipy

    from gamedyn import __version__

    return {
        "gamedyn": __version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
    }
