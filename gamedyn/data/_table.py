"""Table: rows of numbers with column names, from a file, an array or a data frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, nearest
from gamedyn.backend import to_host

__all__ = ["Table", "as_table", "make_table", "select_columns"]


@dataclass(frozen=True, eq=False)
class Table:
    """n rows of d numbers.

    Parameters
    ----------
    values : array, shape (n, d)
        float64, finite.
    names : tuple of str
        One for each column; "0", "1", ... where the source has none.
    path : str or None
        The file they came from.
    dropped : int
        How many rows were left out for missing values.
    """

    values: numpy.ndarray
    names: tuple[str, ...]
    path: str | None = None
    dropped: int = 0


def as_table(
    data: Any, *, columns: Sequence[str | int] | None = None, missing: str = "error", name: str = "data"
) -> Table:
    """A Table of an array of any library, or of a data frame, whose column names are kept.

    Parameters
    ----------
    data : array_like of shape (n,) or (n, d), data frame, series, or Table
        A data frame is anything with `columns` whose columns have `to_numpy`, such as those of pandas and polars.
    columns : sequence of str or int, optional
        Names, or numbers counted from 0; all where not given.
    missing : str
        "error", or "drop" for leaving rows with nan out.
    name : str
        How messages call the data.

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        For columns that are unknown or hold no numbers, missing values, or no rows.

    Examples
    --------
    >>> as_table([[1.0, 2.0], [3.0, 4.0]], columns=[1]).values
    array([[2.],
           [4.]])
    """
    if isinstance(data, Table):
        chosen = select_columns(data.names, columns, name)
        return Table(data.values[:, chosen], tuple(data.names[i] for i in chosen), data.path, data.dropped)
    if hasattr(data, "columns") and hasattr(data, "to_numpy"):
        names = tuple(str(label) for label in data.columns)
        chosen = select_columns(names, columns, name)
        labels = list(data.columns)
        values = [_numbers(data[labels[i]], f"{name}, column {names[i]!r}") for i in chosen]
        stacked = numpy.stack(values, axis=1)
        return make_table(stacked, tuple(names[i] for i in chosen), missing, name)
    array = _numbers(data, name)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise ValueError(
            f"{name}: samples must have shape (n,) or (n, d), got {array.shape}. Flatten each sample to a row."
        )
    chosen = select_columns(tuple(str(i) for i in range(array.shape[1])), columns, name)
    return make_table(array[:, chosen], tuple(str(i) for i in chosen), missing, name)


def select_columns(names: tuple[str, ...], columns: Sequence[str | int] | None, where: str) -> list[int]:
    """The positions of `columns` among `names`.

    Parameters
    ----------
    names : tuple of str
        What there is; must be distinct.
    columns : sequence of str or int, optional
        Names, or numbers counted from 0, also as text; a name goes before a number. All where None.
    where : str
        The source, for messages.
    """
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise ValueError(f"{where}: column names must be distinct, got {twice[0]!r} more than once.")
    if columns is None:
        return list(range(len(names)))
    if isinstance(columns, (str, int)):
        columns = [columns]
    chosen: list[int] = []
    for column in columns:
        text = str(column)
        if isinstance(column, str) and column in names:
            chosen.append(names.index(column))
        elif text.isdecimal() and int(text) < len(names):
            chosen.append(int(text))
        else:
            close = nearest(text, names, 1)
            hint = f" Did you mean {close[0]!r}?" if close else f" There are {len(names)}: {_listed(names)}."
            raise ValueError(f"{where}: there is no column {column!r}.{hint}")
    if not chosen:
        raise ValueError(f"{where}: `columns` must name at least one column.")
    if len(set(chosen)) < len(chosen):
        raise ValueError(f"{where}: `columns` must name each column once, got {_listed([str(c) for c in columns])}.")
    return chosen


def make_table(
    values: numpy.ndarray,
    names: tuple[str, ...],
    missing: str,
    where: str,
    path: str | None = None,
    rows: Sequence[int] | None = None,
) -> Table:
    """A Table of `values`, with rows that hold nan refused or dropped, and infinite values refused.

    Parameters
    ----------
    values : array, shape (n, d)
    names : tuple of str
    missing : str
        "error" or "drop".
    where : str
        The source, for messages.
    path : str, optional
    rows : sequence of int, optional
        The number of each row in the source, for messages; counted from 0 where not given.
    """
    check_choice("missing", missing, ("error", "drop"))
    if values.size == 0:
        raise ValueError(f"{where}: there are no values, got shape {values.shape}.")
    infinite = numpy.isinf(values)
    if infinite.any():
        row, column = (int(i[0]) for i in infinite.nonzero())
        raise ValueError(
            f"{where}: row {rows[row] if rows else row}, column {names[column]!r}: values must be finite, "
            f"got {values[row, column]:g}."
        )
    absent = numpy.isnan(values)
    if not absent.any():
        return Table(values, names, path)
    if missing == "error":
        row, column = (int(i[0]) for i in absent.nonzero())
        raise ValueError(
            f"{where}: row {rows[row] if rows else row}, column {names[column]!r}: the value is missing. "
            f"With missing='drop', {int(absent.any(axis=1).sum())} of {len(values)} rows are left out."
        )
    kept = values[~absent.any(axis=1)]
    if len(kept) == 0:
        raise ValueError(f"{where}: every one of {len(values)} rows has a missing value.")
    return Table(kept, names, path, len(values) - len(kept))


def _numbers(data: Any, where: str) -> numpy.ndarray:
    """A column, list or array of any library as float64, None and NA as nan."""
    if hasattr(data, "to_numpy"):
        data = data.to_numpy()
    host = data if isinstance(data, numpy.ndarray) else to_host(data)
    if host.dtype.kind in "iuf":
        return numpy.asarray(host, dtype=numpy.float64)
    if host.dtype.kind != "O":
        raise ValueError(f"{where}: values must be real numbers, got {host.dtype}.")
    cells = [_number(cell, where) for cell in host.reshape(-1)]
    return numpy.array(cells, dtype=numpy.float64).reshape(host.shape)


def _number(cell: Any, where: str) -> float:
    # pandas' NA has no float; it is the one value that is not equal to itself without being a number.
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return numpy.nan
    if isinstance(cell, (str, bytes, bool, complex)):
        raise ValueError(f"{where}: values must be real numbers, got {cell!r}.")
    try:
        return float(cell)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: values must be real numbers, got {cell!r}.") from error


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else f"{shown}, ... {names[-1]}"
