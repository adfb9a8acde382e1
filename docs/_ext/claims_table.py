"""The directive `claims-table`: every claim of the registry, by group, as it is when the site is built."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive

HEADINGS = ("claim", "statement", "source", "expected")
WIDTHS = (22, 45, 25, 8)


def registered() -> list[Any]:
    """All claims, in the order of their ids."""
    from gamedyn.claims import CLAIMS

    return sorted(CLAIMS, key=lambda claim: claim.id)


def cell(*children: Any) -> Any:
    """One entry of a table."""
    return nodes.entry("", nodes.paragraph("", "", *children))


def table(claims: list[Any]) -> Any:
    """A table of `claims`, one row each."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in WIDTHS), cols=len(WIDTHS))
    group += nodes.thead("", nodes.row("", *(cell(nodes.Text(heading)) for heading in HEADINGS)))
    body = nodes.tbody()
    for claim in claims:
        when = f"{claim.expected}, --full only" if claim.full else claim.expected
        body += nodes.row(
            "",
            cell(nodes.literal(text=claim.id)),
            cell(nodes.Text(claim.statement)),
            cell(nodes.Text(claim.source)),
            cell(nodes.Text(when)),
        )
    group += body
    return nodes.table("", group, classes=["claims"])


class ClaimsTable(Directive):
    """One section for each group of claims, the group being the id up to its first dot."""

    def run(self) -> list[Any]:
        """The sections, and above them how many claims there are."""
        claims = registered()
        count = f"{len(claims)} claims, of which {sum(claim.full for claim in claims)} run with --full only."
        out: list[Any] = [nodes.paragraph(text=count)]
        for name, members in groupby(claims, key=lambda claim: claim.id.partition(".")[0]):
            section = nodes.section("", nodes.title(text=f"{name}.*"), ids=[f"claims-{name}"])
            section += table(list(members))
            out.append(section)
        return out


def setup(app: Any) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("claims-table", ClaimsTable)
    return {"parallel_read_safe": True}
