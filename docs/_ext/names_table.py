"""The directive `names-table`: the games and rules that go by name, with their equations, as `gamedyn play --list`."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive


def tables() -> list[tuple[str, list[tuple[str, str]]]]:
    """[(heading, [(name, equation), ...]), ...]."""
    from gamedyn.cli._list import tables as listed

    return listed()


def table(rows: list[tuple[str, str]]) -> Any:
    """A table of two columns."""
    group = nodes.tgroup("", nodes.colspec(colwidth=32), nodes.colspec(colwidth=68), cols=2)
    body = nodes.tbody()
    for name, equation in rows:
        first = nodes.entry("", nodes.paragraph("", "", nodes.literal(text=name)))
        body += nodes.row("", first, nodes.entry("", nodes.paragraph(text=equation)))
    group += body
    return nodes.table("", group, classes=["names"])


class NamesTable(Directive):
    """One section for each group."""

    def run(self) -> list[Any]:
        """The sections."""
        listed = tables()
        out: list[Any] = []
        for heading, rows in listed:
            title = heading[:1].upper() + heading[1:]
            section = nodes.section("", nodes.title(text=title), ids=[nodes.make_id(f"names-{heading}")])
            section += table(rows)
            out.append(section)
        return out


def setup(app: Any) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("names-table", NamesTable)
    return {"parallel_read_safe": True}
