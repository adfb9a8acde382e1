"""The table of a `VerifyResult` as text: two lines per claim, numbers aligned, 118 columns at most."""

from __future__ import annotations

from gamedyn.claims._result import ClaimResult, VerifyResult

__all__ = ["closing_line", "format_table"]

_WIDTH = 118
_COLOURS = {"holds": "32", "refuted": "36", "fails": "1;31", "undecided": "33"}


def format_table(result: VerifyResult, *, colour: bool = False) -> str:
    """Headings, one claim per pair of lines, what went wrong and how to reproduce it, and the closing line.

    Parameters
    ----------
    result : VerifyResult
        What `verify` returned.
    colour : bool
        Whether verdicts carry terminal colours.
    """
    lines = []
    heading = None
    for row in result.rows:
        if row.group != heading:
            heading = row.group
            lines += ["", _header(heading), "-" * _WIDTH]
        lines += _claim_lines(row, colour)
        if row.verdict in ("fails", "undecided"):
            lines.append(f"    {row.verdict.upper()}: {row.reason}")
            lines.append(f"    reproduce: {result.reproduce(row.id)}")
    return "\n".join([*lines, "", closing_line(result)]).lstrip("\n")


def closing_line(result: VerifyResult) -> str:
    """Counts of verdicts, time and seed in one line."""
    counts = result.counts
    parts = [f"{len(result)} claims: {counts['holds']} hold"]
    parts.append(f"{counts['refuted']} refuted as expected")
    parts += [f"{counts['fails']} fail", f"{counts['undecided']} undecided"]
    instances = f"{result.cases} instance{'s' if result.cases > 1 else ''} each"
    return f"{', '.join(parts)}; {instances}, seed {result.seed}, {result.seconds:.1f} s."


def _header(heading: str) -> str:
    return f"{heading:<35}{'verdict':<11}{'predicted':>12}    {'measured':>12}  {'tolerance':>9}  source"


def _claim_lines(row: ClaimResult, colour: bool) -> list[str]:
    verdict = f"{row.verdict:<11}"
    if colour:
        verdict = f"\x1b[{_COLOURS[row.verdict]}m{verdict}\x1b[0m"
    # Read as in the claim: measured <relation> predicted, so the sign is turned for "<=" and ">=".
    relation = {"==": "==", "<=": ">=", ">=": "<="}[row.relation]
    numbers = f"{_number(row.predicted):>12} {relation} {_number(row.measured):>12}  {row.tolerance:>9.1e}"
    return [f"{row.id:<35}{verdict}{numbers}  {row.source}", f"    {row.statement}"]


def _number(value: float) -> str:
    return f"{value + 0.0:.6g}"  # + 0.0 turns -0.0 into 0.0
