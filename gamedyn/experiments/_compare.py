"""compare_samples: how far apart two samples are, by every measure, with errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import as_generator
from gamedyn.data import Table, as_table
from gamedyn.experiments._figures import Figure, distance_figures, information_figures, underestimates

__all__ = ["Comparison", "compare_samples"]

_FEWEST = 20  # rows of each sample: below, no estimate has an error that means anything


@dataclass(frozen=True)
class Comparison:
    """What `compare_samples` found.

    Parameters
    ----------
    figures : tuple of Figure
    notes : tuple of str
        What a reader must know: rows dropped or left out, columns without variation, units.
    columns : tuple of str
        The columns compared.
    labels : tuple of str
        What the samples are called.
    rows : tuple of int
        Rows of each sample that were used.
    standardize : str
        "none" or "pooled".
    """

    figures: tuple[Figure, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    labels: tuple[str, str]
    rows: tuple[int, int]
    standardize: str

    def document(self) -> dict[str, Any]:
        """The comparison as plain values for JSON, unrounded; what is not finite, such as an open end, becomes None."""
        return {"schema": "gamedyn.compare/1", **_plain(asdict(self))}


def compare_samples(
    x: Any,
    y: Any,
    *,
    columns: Sequence[str | int] | None = None,
    missing: str = "error",
    standardize: str = "none",
    max_rows: int | None = 2000,
    projections: int = 200,
    permutations: int = 999,
    labels: tuple[str, str] = ("A", "B"),
    rng: Any = None,
) -> Comparison:
    """KL both ways, JS, the GAN value they imply, W_1, sliced W_1 and the energy distance of two samples.

    Parameters
    ----------
    x, y : array_like of shape (n,) or (n, d), data frame, or gamedyn.data.Table
        The real and the fake sample; column names are kept.
    columns : sequence of str or int, optional
        Names, or numbers counted from 0; all where not given.
    missing : str
        "error", or "drop" for leaving rows with missing values out, with a note.
    standardize : str
        "none", or "pooled": every column minus the mean and over the deviation of both samples together. KL, JS and
        the GAN value do not depend on units, but their estimates by nearest neighbours do; so do sliced W_1 and the
        energy distance.
    max_rows : int or None
        Larger samples are cut to this many rows at random, with a note; None takes all.
    projections, permutations : int
        Directions of sliced W_1, and relabellings of the permutation test.
    labels : tuple of str
        What to call the samples.
    rng : None, int or numpy.random.Generator
        Source of subsamples, folds, directions and permutations.

    Returns
    -------
    Comparison
        Figures of information in nats, distances in the unit of the data, each with a standard error, an interval at
        95 % and a sentence.

    Raises
    ------
    ValueError
        For samples of different columns, fewer than 20 rows, missing values, or without any variation.

    Notes
    -----
    Columns that are constant over both samples say nothing and are left out with a note; a column that is constant in
    one sample only makes a true KL infinite, which no estimate shows, and is noted.

    Examples
    --------
    >>> import numpy
    >>> rng = numpy.random.default_rng(0)
    >>> found = compare_samples(rng.normal(size=300), rng.normal(2.0, size=300), permutations=99, rng=0)
    >>> w1 = next(figure for figure in found.figures if figure.name == "w1[0]")
    >>> bool(w1.interval[0] < 2 < w1.interval[1])
    True
    """
    check_choice("standardize", standardize, ("none", "pooled"))
    if max_rows is not None:
        check_integer("max_rows", max_rows, minimum=_FEWEST)
    check_integer("projections", projections, minimum=2)
    check_integer("permutations", permutations, minimum=1)
    tables = [
        as_table(data, columns=columns, missing=missing, name=label) for data, label in zip((x, y), labels, strict=True)
    ]
    names, values = _aligned(tables, labels)
    for label, rows in zip(labels, values, strict=True):
        if len(rows) < _FEWEST:
            raise ValueError(f"{label}: a comparison takes at least {_FEWEST} rows, got {len(rows)}.")
    generator = as_generator(rng)
    notes = [
        f"{table.dropped} rows of {label} with missing values are left out."
        for table, label in zip(tables, labels, strict=True)
        if table.dropped
    ]
    for i, label in enumerate(labels):
        if max_rows is not None and len(values[i]) > max_rows:
            notes.append(f"{max_rows} of {len(values[i])} rows of {label} are used, drawn at random (max_rows).")
            values[i] = values[i][numpy.sort(generator.choice(len(values[i]), max_rows, replace=False))]
    varying, more = _variation(names, values, labels)
    notes += more
    if standardize == "pooled":
        values = _standardized(values)
        notes.append("Every column is in units of its standard deviation over both samples.")
    elif varying.sum() > 1:
        notes.append(
            "Nearest neighbours, sliced W1 and the energy distance weigh the columns by their units; "
            "standardize='pooled' gives all the same weight."
        )
    notes.append(
        "Errors of nearest neighbours are spreads and no biases: KL comes out too small in tails that the other sample "
        "does not reach."
    )
    unit = "pooled standard deviations" if standardize == "pooled" else "units of the data"
    first, second = values
    information = tuple(information_figures(first[:, varying], second[:, varying], labels, generator))
    notes += underestimates(information, int(varying.sum()))
    figures = (
        *information,
        *distance_figures(
            first, second, names, varying, unit, projections=projections, permutations=permutations, rng=generator
        ),
    )
    return Comparison(figures, tuple(notes), names, labels, (len(first), len(second)), standardize)


def _aligned(tables: list[Table], labels: tuple[str, str]) -> tuple[tuple[str, ...], list[numpy.ndarray]]:
    """The common column names and both samples in the order of the first."""
    first, second = tables
    if len(first.names) != len(second.names):
        raise ValueError(
            f"both samples must have the same columns, got {len(first.names)} in {labels[0]} and {len(second.names)} "
            f"in {labels[1]}. Choose with `columns`."
        )
    if first.names == second.names or _numbered(second.names):
        return first.names, [first.values, second.values]
    if _numbered(first.names):
        return second.names, [first.values, second.values]
    if set(first.names) != set(second.names):
        alone = next(name for name in first.names if name not in second.names)
        raise ValueError(f"both samples must have the same columns, got {alone!r} in {labels[0]} only.")
    order = [second.names.index(name) for name in first.names]
    return first.names, [first.values, second.values[:, order]]


def _numbered(names: tuple[str, ...]) -> bool:
    return all(name.isdecimal() for name in names)


def _variation(
    names: tuple[str, ...], values: list[numpy.ndarray], labels: tuple[str, str]
) -> tuple[numpy.ndarray, list[str]]:
    """Which columns vary over both samples, and what to say of the others."""
    spans = [numpy.ptp(sample, axis=0) for sample in values]
    varying = numpy.ptp(numpy.concatenate(values), axis=0) > 0
    if not varying.any():
        raise ValueError("there is nothing to compare: every column is constant, with one value in both samples.")
    notes = []
    if not varying.all():
        flat = [names[i] for i in numpy.flatnonzero(~varying)]
        notes.append(f"{_listed(flat)}: constant, with one value in both samples, and left out.")
    for span, label in zip(spans, labels, strict=True):
        flat = [names[i] for i in numpy.flatnonzero(varying & (span == 0))]
        if flat:
            notes.append(
                f"{_listed(flat)}: constant in {label} only, so that a law with a density there has infinite KL; "
                "estimates of KL and JS are too small."
            )
    return varying, notes


def _standardized(values: list[numpy.ndarray]) -> list[numpy.ndarray]:
    both = numpy.concatenate(values)
    deviation = both.std(axis=0)
    return [(sample - both.mean(axis=0)) / numpy.where(deviation > 0, deviation, 1.0) for sample in values]


def _listed(names: list[str]) -> str:
    kind = "columns" if len(names) > 1 else "column"
    return f"{kind} {', '.join(names[:6])}" + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
