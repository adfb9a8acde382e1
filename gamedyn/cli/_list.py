"""`--list`: the games and the rules that have names, each with its equation out of the packages' own tables."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any

from gamedyn.cli._games import GAMES, GROUPS
from gamedyn.cli._rules import ALIASES, RULES, SIMPLEX_RULES, WRAPPERS

__all__ = ["add_list", "listing", "tables"]


class _List(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(listing())
        parser.exit()


def add_list(parser: argparse.ArgumentParser) -> None:
    """Add `--list`, which prints and ends as `--help` does."""
    parser.add_argument("--list", action=_List, nargs=0, help="show the games and rules that have names, and end")


def listing() -> str:
    """All tables as text: games with their losses, rules with their steps."""
    blocks = [_block(heading, rows) for heading, rows in tables()]
    counts = f"{len(GAMES)} games, {len(RULES)} rules, {len(SIMPLEX_RULES)} on mixed strategies"
    return "\n\n".join([*blocks, f"{counts}, {len(WRAPPERS)} around a rule"])


def tables() -> list[tuple[str, list[tuple[str, str]]]]:
    """[(heading, [(name, equation), ...]), ...], the equations as the packages' docstrings have them."""
    from gamedyn import games, updates

    losses, steps = _equations(games.__doc__), _equations(updates.__doc__)
    found = []
    for heading, entries in GROUPS.items():
        rows = [
            (name, (losses.get(attribute) or _line(games, attribute)) + _of_objective(arguments))
            for name, (attribute, arguments, _) in entries.items()
        ]
        found.append((heading, rows))
    for heading, rules in (
        ("rules", RULES),
        ("rules on mixed strategies", SIMPLEX_RULES),
        ("around another rule, as lookahead:extragradient", WRAPPERS),
    ):
        found.append((heading, [(name, steps.get(kind) or _line(updates, kind)) for name, kind in rules.items()]))
    return [*found, ("short names", list(ALIASES.items()))]


def _of_objective(arguments: Sequence[Any]) -> str:
    return f"; here {arguments[0]}" if arguments and isinstance(arguments[0], str) else ""


def _line(package: Any, name: str) -> str:
    """The first line of a docstring, for what has no row of its own."""
    return (getattr(package, name).__doc__ or "").partition("\n")[0]


def _block(heading: str, rows: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows)
    return "\n".join([heading, *(f"  {name:<{width}}  {text}".rstrip() for name, text in rows)])


def _equations(text: str | None) -> dict[str, str]:
    """{name: second column} of all tables in a package's docstring."""
    found: dict[str, str] = {}
    columns: list[tuple[int, int]] = []
    for line in (text or "").splitlines():
        if re.fullmatch(r"=+( +=+)+", line):
            columns = [match.span() for match in re.finditer("=+", line)]
        elif columns and line.strip():
            (_, end), (start, stop) = columns[0], columns[1]
            cell = (line[start:] if len(columns) == 2 else line[start:stop]).replace("`", "")
            found |= {name.strip(): cell.strip() for name in line[:end].split(",")}
        elif not line.strip():
            columns = []
    return found
