"""The directive `claims-table`: every claim of the registry, by group, as it is when the site is built."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive

HEADINGS = ("claim", "statement", "source", "expected")
WIDTHS = (22, 45, 25, 8)


def registered() -> dict[str, list[Any]]:
    """{heading: its claims}, in the order in which `gamedyn verify` shows them."""
    from gamedyn import claims

    groups: dict[str, list[Any]] = {}
    for claim in claims.all_claims():
        groups.setdefault(claims.group_of(claim.id), []).append(claim)
    return groups


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
    """One section for each group of claims, and above them how many there are."""

    def run(self) -> list[Any]:
        """The count and the sections."""
        groups = registered()
        claims = [claim for members in groups.values() for claim in members]
        refuted = sum(claim.expected == "refuted" for claim in claims)
        count = (
            f"{len(claims)} claims: {len(claims) - refuted} hold, and {refuted} are expected to be refuted. "
            f"Run with --full only: {sum(claim.full for claim in claims)}."
        )
        out: list[Any] = [nodes.paragraph(text=count)]
        for heading, members in groups.items():
            section = nodes.section("", nodes.title(text=heading), ids=[nodes.make_id(f"claims-{heading}")])
            section += table(members)
            out.append(section)
        return out


def setup(app: Any) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("claims-table", ClaimsTable)
    return {"parallel_read_safe": True}
