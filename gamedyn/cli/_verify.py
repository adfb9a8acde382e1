"""`gamedyn verify`: checks the theorems and shows the table."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gamedyn.cli._exit import FAILED, OK, UNDECIDED, UsageError

if TYPE_CHECKING:
    from gamedyn.claims import Claim, VerifyResult

__all__ = ["HELP", "configure", "run"]

HELP = "check every theorem against an independent prediction (the main job)"

_SUFFIXES = (".html", ".json")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("ids", nargs="*", metavar="ID", help="claims to run: ids, families (gan), patterns ('ot.*')")
    parser.add_argument("-k", dest="pattern", metavar="PATTERN", help="only ids with this text in them, or this glob")
    parser.add_argument("--list", action="store_true", help="show ids and statements, run nothing")
    parser.add_argument("--full", action="store_true", help="also the longer claims: trained, Monte Carlo")
    parser.add_argument("--cases", type=int, default=1, metavar="N", help="instances drawn per claim (default 1)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="draws the instances (default 0)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout instead of the table")
    parser.add_argument("--out", metavar="FILE", help="write a report, .html with pictures or .json")
    parser.add_argument("--force", action="store_true", help="let --out replace a file")


def run(arguments: argparse.Namespace) -> int:
    """Run the chosen claims and print their table."""
    from gamedyn import claims

    if arguments.cases < 1:
        raise UsageError(f"`--cases` must be at least 1, got {arguments.cases}.")
    if arguments.seed < 0:
        raise UsageError(f"`--seed` must not be negative, got {arguments.seed}.")
    chosen = _choose(arguments, full=arguments.full or arguments.list)
    if arguments.list:
        _print_list(chosen, as_json=arguments.json)
        return OK
    _check_out(arguments)
    progress = _Progress()
    ids = [claim.id for claim in chosen]
    result = claims.verify(ids, cases=arguments.cases, seed=arguments.seed, full=arguments.full, progress=progress.show)
    progress.clear()
    if arguments.json:
        print(json.dumps(result.to_dict(), indent=2, allow_nan=False))
    else:
        print(claims.format_table(result, colour=_wants_colour()))
        left_out = 0 if arguments.full or arguments.ids else len(_choose(arguments, full=True)) - len(chosen)
        if left_out:
            print(f"{left_out} longer claims were left out; --full runs them.")
    if arguments.out:
        _write(arguments, result)
    counts = result.counts
    return FAILED if counts["fails"] else UNDECIDED if counts["undecided"] else OK


def _choose(arguments: argparse.Namespace, *, full: bool) -> tuple[Claim, ...]:
    from gamedyn import claims

    try:
        chosen = claims.select_claims(arguments.ids or None, full=full)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if arguments.pattern:
        pattern = arguments.pattern if any(c in arguments.pattern for c in "*?[") else f"*{arguments.pattern}*"
        try:
            fitting = {claim.id for claim in claims.select_claims(pattern, full=True)}
        except ValueError as error:
            raise UsageError(str(error).replace(repr(pattern), repr(arguments.pattern))) from error
        chosen = tuple(claim for claim in chosen if claim.id in fitting)
    if not chosen:
        raise UsageError("only longer claims fit. Add --full to run them.")
    return chosen


def _print_list(chosen: tuple[Claim, ...], *, as_json: bool) -> None:
    from gamedyn import claims

    if as_json:
        keys = ("id", "statement", "source", "relation", "expected", "full")
        listed = [{key: getattr(claim, key) for key in keys} for claim in chosen]
        print(json.dumps({"schema": "gamedyn.claims/1", "claims": listed}, indent=2))
        return
    heading = None
    for claim in chosen:
        if claims.group_of(claim.id) != heading:
            heading = claims.group_of(claim.id)
            print(f"{heading}")
        notes = (" [refuted]" if claim.expected == "refuted" else "") + (" [--full]" if claim.full else "")
        print(f"  {claim.id:<35}{claim.statement}{notes}")


def _check_out(arguments: argparse.Namespace) -> None:
    if arguments.out is None:
        return
    from gamedyn._files import check_writable

    if Path(arguments.out).suffix.lower() not in _SUFFIXES:
        raise UsageError(f"`--out` must end in {' or '.join(_SUFFIXES)}, got {arguments.out!r}.")
    try:
        check_writable(arguments.out, overwrite=arguments.force)
    except OSError as error:
        raise UsageError(f"`--out`: {error}") from error


def _write(arguments: argparse.Namespace, result: VerifyResult) -> None:
    if Path(arguments.out).suffix.lower() == ".json":
        from gamedyn._files import write_atomically

        text = json.dumps(result.to_dict(), indent=2, allow_nan=False) + "\n"
        write_atomically(arguments.out, lambda file: file.write(text.encode()))
    else:
        from gamedyn import reports

        reports.write_report(result, arguments.out, overwrite=arguments.force)
    print(f"report: {arguments.out}", file=sys.stderr)


def _wants_colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


class _Progress:
    """A line that rewrites itself on a terminal, one line per heading elsewhere; on stderr."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._heading = ""

    def show(self, number: int, total: int, claim: Claim) -> None:
        from gamedyn import claims

        if self._live:
            done = 24 * number // total
            bar = "#" * done + "." * (24 - done)
            print(f"\r\x1b[K[{bar}] {number}/{total} {claim.id}", end="", file=sys.stderr, flush=True)
        elif claims.group_of(claim.id) != self._heading:
            self._heading = claims.group_of(claim.id)
            print(f"verify: {self._heading}, from claim {number} of {total}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
