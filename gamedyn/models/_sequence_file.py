"""Files of fitted laws of sequences: parameters, alphabet and counts as one sealed archive without pickles."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gamedyn._archive import read_archive, write_archive
from gamedyn._files import check_writable
from gamedyn.models._alphabet import Alphabet
from gamedyn.models._checkpoint import checkpoint_file
from gamedyn.models._description import described, restored
from gamedyn.models._ngram_counts import Counts, level_of
from gamedyn.models._sequence_law import SequenceLaw

__all__ = ["SEQUENCE_SCHEMA", "read_law", "write_law"]

SEQUENCE_SCHEMA = "gamedyn.sequences/1"
"""Of the files."""


def write_law(path: str | os.PathLike[str], parameters: dict[str, Any], law: SequenceLaw) -> None:
    """Write the file, whole or not at all, over an older one.

    Parameters
    ----------
    path : path
        A file ending in .npz, or a folder for checkpoint.npz.
    parameters : dict
        Of the model.
    law : SequenceLaw
    """
    file = checkpoint_file(path)
    if file != Path(path):
        file.parent.mkdir(parents=True, exist_ok=True)
    check_writable(file, overwrite=True)
    levels = tuple(vars(level) for level in law.counts.levels)
    values = {
        "parameters": {name: described(value) for name, value in parameters.items()},
        "alphabet": [law.alphabet.kind, list(law.alphabet.symbols), law.alphabet.unknown],
        "made": [law.counts.symbols, law.smoothing, law.k, law.unit, law.ends],
    }
    write_archive(file, SEQUENCE_SCHEMA, {"levels": levels}, values)


def read_law(path: str | os.PathLike[str]) -> tuple[dict[str, Any], SequenceLaw]:
    """(parameters, law) of a file.

    Parameters
    ----------
    path : path

    Raises
    ------
    ValueError
        If the file is none of such a law, was cut or was changed.
    FileNotFoundError
        If there is no such file.
    """
    file = checkpoint_file(path)
    fields, values = read_archive(file, SEQUENCE_SCHEMA, ("levels",), "a fitted law of sequences")
    kind, listed, unknown = values["alphabet"]
    symbols, smoothing, k, unit, ends = values["made"]
    counts = Counts(tuple(level_of(level) for level in fields["levels"]), symbols)
    law = SequenceLaw(Alphabet(kind, tuple(listed), unknown), counts, smoothing, k, unit, ends)
    return {name: restored(form) for name, form in values["parameters"].items()}, law
