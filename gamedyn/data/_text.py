"""Numbers from comma- and tab-separated text, with the row and column of what is wrong."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy

from gamedyn.data._table import Table, make_table, select_columns

__all__ = ["read_text"]

_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?"})
_LOOKED_AT = 100  # rows that tell a header from data


def read_text(path: Path, columns: Sequence[str | int] | None, missing: str, tab: bool) -> Table:
    """The Table of a text file; rows are counted from 1 in messages, as editors do.

    Parameters
    ----------
    path : Path
    columns : sequence of str or int, optional
    missing : str
        "error" or "drop".
    tab : bool
        Whether cells are separated by tabs; else by commas, or by semicolons where the first line has no comma.

    Notes
    -----
    The first row is a header where some column has a word in it and numbers below.
    """
    where = str(path)
    rows = _rows(path, tab)
    head = []
    for row in rows:
        head.append(row)
        if len(head) > _LOOKED_AT:
            break
    if not head:
        raise ValueError(f"{where}: the file is empty.")
    width = len(head[0][1])
    has_header = _has_header([cells for _, cells in head])
    names = tuple(cell.strip() for cell in head[0][1]) if has_header else tuple(str(i) for i in range(width))
    chosen = select_columns(names, columns, where)
    numbers, lines = array("d"), array("q")
    for line, cells in _chain(head[has_header:], rows):
        if len(cells) != width:
            raise ValueError(f"{where}: row {line} has {len(cells)} cells, and the first row has {width}.")
        lines.append(line)
        numbers.extend(_number(cells[i], where, line, names[i]) for i in chosen)
    if not lines:
        raise ValueError(f"{where}: there is a header and no row of numbers.")
    values = numpy.array(numbers, dtype=numpy.float64).reshape(-1, len(chosen))
    return make_table(values, tuple(names[i] for i in chosen), missing, where, where, lines)


def _rows(path: Path, tab: bool) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of every row that is not blank."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            delimiter = "\t" if tab else ";" if ";" in first and "," not in first else ","
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for cells in reader:
                if any(cell.strip() for cell in cells) or len(cells) > 1:
                    yield reader.line_num, cells
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: the file is not UTF-8 text (byte {error.start}).") from error
    except csv.Error as error:
        raise ValueError(f"{path}: row {reader.line_num}: {error}.") from error


def _has_header(rows: list[list[str]]) -> bool:
    nothing_below = True
    for i, cell in enumerate(rows[0]):
        if not _is_word(cell):
            continue
        below = next((row[i] for row in rows[1:] if i < len(row) and row[i].strip().lower() not in _MISSING), None)
        if below is not None and not _is_word(below):
            return True
        nothing_below = nothing_below and below is None
    # Words over nothing at all are a header without data; words under words are text.
    return nothing_below and all(_is_word(cell) for cell in rows[0])


def _is_word(cell: str) -> bool:
    if cell.strip().lower() in _MISSING:
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False


def _chain(head: list[tuple[int, list[str]]], rest: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    yield from head
    yield from rest


def _number(cell: str, where: str, line: int, name: str) -> float:
    text = cell.strip()
    if text.lower() in _MISSING:
        return math.nan
    try:
        # Python's own digit grouping, 1_000, is no number in a table.
        return float(text) if "_" not in text else float("x")
    except ValueError:
        shown = text if len(text) <= 40 else text[:37] + "..."
        raise ValueError(f"{where}: row {line}, column {name!r}: {shown!r} is not a number.") from None
