"""`gamedyn compare A B`: divergences and distances of two sample files, with errors and one sentence each."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from gamedyn.cli._exit import OK, UsageError
from gamedyn.cli._output import check_plot

__all__ = ["HELP", "configure", "run"]

HELP = "divergences and distances of two sample files, with standard errors"

_SHOWN = 8  # columns whose W1 is printed; all are in --json


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("a", metavar="A", help="real sample: a .npy, .npz, .csv or .tsv file, one row per sample")
    parser.add_argument("b", metavar="B", help="fake sample")
    parser.add_argument("--columns", metavar="LIST", help="names or numbers from 0, separated by commas (default: all)")
    parser.add_argument("--key", help="which array of .npz files")
    parser.add_argument(
        "--missing", choices=("error", "drop"), default="error", help="rows with missing values (default: error)"
    )
    parser.add_argument(
        "--standardize",
        choices=("none", "pooled"),
        default="none",
        help="units: nearest neighbours, sliced W1 and the energy distance depend on them (default: none)",
    )
    parser.add_argument(
        "--max-rows", type=int, default=2000, metavar="N", help="rows of each file, drawn at random (default: 2000)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of all draws (default: 0)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--plot", metavar="FILE", help="a picture: .png, .svg or .pdf")
    parser.add_argument("--force", action="store_true", help="let --plot write over a file")


def run(arguments: argparse.Namespace) -> int:
    """Read both files, compare them, print, and draw."""
    # Everything that can be wrong is looked at before anything is computed.
    if arguments.seed < 0:
        raise UsageError(f"`--seed` must be at least 0, got {arguments.seed}.")
    check_plot(arguments.plot, arguments.force)

    from gamedyn.data import read_table
    from gamedyn.experiments import compare_samples

    columns = None if arguments.columns is None else [name.strip() for name in arguments.columns.split(",")]
    tables = [
        read_table(
            path,
            columns=columns,
            missing=arguments.missing,
            key=arguments.key if Path(path).suffix.lower() == ".npz" else None,
        )
        for path in (arguments.a, arguments.b)
    ]
    comparison = compare_samples(
        *tables,
        standardize=arguments.standardize,
        max_rows=arguments.max_rows,
        labels=_labels(arguments.a, arguments.b),
        rng=arguments.seed,
    )
    if arguments.plot is not None:
        from gamedyn.plotting import plot_comparison, save_figure

        save_figure(plot_comparison(comparison.figures), arguments.plot)
    if arguments.json:
        document = comparison.document() | {"files": [arguments.a, arguments.b], "seed": arguments.seed}
        print(json.dumps(document, indent=2, allow_nan=False))
    else:
        _print(comparison)
    if arguments.plot is not None:
        print(f"plot: {arguments.plot}", file=sys.stderr)
    return OK


def _labels(a: str, b: str) -> tuple[str, str]:
    """The files' names, with their folders where these alone tell them apart."""
    first, second = Path(a).name, Path(b).name
    if first != second:
        return first, second
    return (a, b) if a != b else (f"{first} (A)", f"{second} (B)")


def _print(comparison: Any) -> None:
    a, b = comparison.labels
    width = max(len(a), len(b))
    for letter, label, rows in (("A", a, comparison.rows[0]), ("B", b, comparison.rows[1])):
        print(f"{letter}  {label:<{width}}  {rows} rows, {len(comparison.columns)} columns")
    for note in comparison.notes:
        print(f"note: {note}")
    columns = [figure for figure in comparison.figures if figure.name.startswith("w1[")]
    columns.sort(key=lambda figure: figure.value / (figure.under_equality or 1.0), reverse=True)
    hidden = {figure.name for figure in columns[_SHOWN:]}
    for figure in comparison.figures:
        if figure.name in hidden:
            continue
        lower, upper = figure.interval
        spread = f"s.e. {figure.standard_error:.2g}   {100 * figure.level:g} % [{lower:.4g}, {upper:.4g}]"
        print(f"\n{_title(figure.name):<20} {figure.value:10.4g} {figure.unit}   {spread}   ({figure.method})")
        print(f"  {figure.sentence}")
    if hidden:
        print(f"\n{len(hidden)} columns with smaller W1, as multiples of what equal laws would show, are in --json.")


def _title(name: str) -> str:
    titles = {
        "kl_a_b": "KL(A || B)",
        "kl_b_a": "KL(B || A)",
        "js": "JS(A, B)",
        "gan_value": "GAN value",
        "sliced_w1": "sliced W1",
        "energy_distance": "energy distance",
    }
    column = name.removeprefix("w1[").removesuffix("]")
    return titles.get(name, f"W1 of {'column ' if column.isdecimal() else ''}{column}")
