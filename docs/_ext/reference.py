"""The reference: a page for each package, written from its `__all__`, and a gate that no public name is missing."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import gamedyn

PAGE = """\
{title}
{rule}

.. automodule:: {package}

.. currentmodule:: {package}

.. autosummary::
   :toctree: names/
   :nosignatures:

{names}
"""


def packages() -> dict[str, list[str]]:
    """{package: its public names}, of every package that has some; commands are not for import."""
    found = {}
    for info in pkgutil.iter_modules(gamedyn.__path__):
        if info.ispkg and info.name != "cli":
            names = getattr(importlib.import_module(f"gamedyn.{info.name}"), "__all__", [])
            if names:
                found[f"gamedyn.{info.name}"] = sorted(names, key=str.lower)
    return found


def write_pages(app: Any, config: Any) -> None:
    """Write reference/generated/<package>.rst before the sources are read."""
    folder = Path(app.srcdir) / "reference" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    for package, names in packages().items():
        listed = "\n".join(f"   {name}" for name in names)
        text = PAGE.format(title=package, rule="=" * len(package), package=package, names=listed)
        page = folder / f"{package}.rst"
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def missing(documented: set[str]) -> list[str]:
    """The public names that have no entry among the `documented` ones."""
    expected = {f"{package}.{name}" for package, names in packages().items() for name in names}
    return sorted(expected - documented)


def check_coverage(app: Any, env: Any) -> None:
    """Fail the build, with -W, when a public name has no entry."""
    from sphinx.util import logging

    for name in missing(set(env.get_domain("py").objects)):
        logging.getLogger(__name__).warning("the reference has no entry for %s", name)


# In these docstrings formulas stand in plain text: * multiplies, |x| is an absolute value and p_ an index.
_PLAIN = re.compile(r"(``.*?``|`[^`]+`_?|:\w+:`[^`]+`|\*\*\w+\*\*)|([*|]|(?<=\w)_(?=\W|$))")


def _escape(text: str) -> str:
    return _PLAIN.sub(lambda match: match[1] or f"\\{match[2]}", text)


_BORDER = re.compile(r"=+( +=+)+")


def _tables(lines: list[str]) -> list[range]:
    """The lines of every table: from its first border to its third."""
    borders = [index for index, line in enumerate(lines) if _BORDER.fullmatch(line)]
    return [range(first, last + 1) for first, last in zip(borders[::3], borders[2::3], strict=False)]


def _escape_table(rows: list[str]) -> list[str]:
    """Every cell escaped, and the columns as wide as their cells have become."""
    starts = [match.start() for match in re.finditer("=+", rows[0])]
    ends = [*starts[1:], None]
    cells = [[row[start:end].strip() for start, end in zip(starts, ends, strict=True)] for row in rows]
    cells = [row if set("".join(row)) <= {"="} else [_escape(cell) for cell in row] for row in cells]
    widths = [max(len(row[k]) for row in cells) for k in range(len(starts))]
    return [
        "  ".join(
            "=" * width if cell and set(cell) == {"="} else f"{cell:<{width}}"
            for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def escape_formulas(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keep reStructuredText from reading formulas as markup; doctests and literal blocks stay as they are."""
    literal_from: int | None = None
    done = set()
    for table in _tables(lines):
        lines[table.start : table.stop] = _escape_table(lines[table.start : table.stop])
        done |= set(table)
    for index, line in enumerate(lines):
        if index in done:
            continue
        indent = len(line) - len(line.lstrip())
        if literal_from is not None and line.strip() and indent <= literal_from:
            literal_from = None
        if literal_from is None and not line.lstrip().startswith(">>>") and not set(line) <= set("= "):
            lines[index] = _escape(line)
            if line.rstrip().endswith("::"):
                literal_from = indent
        elif line.lstrip().startswith(">>>"):
            # The example and its output, up to the blank line.
            literal_from = indent - 1
        if literal_from is not None and not line.strip() and literal_from == indent - 1:
            literal_from = None


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("config-inited", write_pages)  # before autosummary lists the pages
    app.connect("env-check-consistency", check_coverage)
    app.connect("autodoc-process-docstring", escape_formulas, priority=100)  # before numpydoc's 500
    return {"parallel_read_safe": True}
