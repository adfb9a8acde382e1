"""What a model is trained on, by one word: a target of the library, bundled data, or a user's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from gamedyn._checks import nearest
from gamedyn.cli._exit import UsageError

__all__ = [
    "BUNDLED",
    "TrainingData",
    "data_of_run",
    "finite",
    "load_training_data",
    "read_run",
    "run_files",
    "target_of_run",
    "write_run",
]

BUNDLED = ("digits", "iris", "wine", "breast_cancer")
"""Functions of `data` with labels, which `--labels` uses."""

_SCHEMA = "gamedyn.run/1"
_SUFFIXES = (".npy", ".npz", ".csv", ".tsv")


class TrainingData(NamedTuple):
    """Rows to train on."""

    samples: Any
    """(n, features)."""
    labels: Any
    """(n,), or None."""
    target: Any
    """Their law, where it is known."""


def load_training_data(name: str, *, labels: str | None, count: int, seed: int) -> TrainingData:
    """The rows that `name` stands for.

    Parameters
    ----------
    name : str
        A target, one of `BUNDLED`, or a file.
    labels : str or None
        A file's column of labels; any word for bundled data, whose labels are known.
    count : int
        Samples to draw of a target.
    seed : int
        Of these draws.
    """
    from gamedyn import data

    key = name.replace("-", "_")
    if Path(name).suffix.lower() in _SUFFIXES:
        table = data.read_table(name)
        if labels is None:
            return TrainingData(table.values, None, None)
        chosen = data.as_table(table, columns=[labels])
        column = table.names.index(chosen.names[0])
        others = [i for i in range(len(table.names)) if i != column]
        if not others:
            raise UsageError(f"`--labels` takes the only column of {name}. There is nothing left to generate.")
        return TrainingData(table.values[:, others], chosen.values[:, 0], None)
    if key in BUNDLED:
        found = getattr(data, key)()
        return TrainingData(found.X, found.y if labels is not None else None, None)
    if key in data.TARGETS:
        if labels is not None:
            raise UsageError(f"`--labels` needs data with labels, and {name} has none.")
        law = data.named_target(name)
        return TrainingData(law.sample(count, rng=seed).reshape(count, -1), None, law)
    close = nearest(key, (*BUNDLED, *data.TARGETS))
    hint = f"Did you mean {' or '.join(close)}?" if close else f"Names are {', '.join((*BUNDLED, *data.TARGETS))}."
    raise UsageError(f"there are no data {name!r}. {hint} A file ends in {', '.join(_SUFFIXES)}.")


def data_of_run(kept: dict[str, Any]) -> TrainingData:
    """The rows that a run was trained on.

    Parameters
    ----------
    kept : dict
        As `read_run` has it.
    """
    if kept["preset"] is not None:
        from gamedyn.experiments import gan_preset

        preset = gan_preset(kept["preset"], budget=kept["budget"])
        return TrainingData(*preset.data(kept["seed"]), preset.target)
    found = load_training_data(kept["data"], labels=kept["labels"], count=kept["samples"], seed=kept["seed"])
    # Runs may be older than this option.
    threshold = kept.get("binarize")
    if threshold is None:
        return found
    return TrainingData((found.samples > threshold).astype(float), found.labels, None)


def finite(value: Any) -> Any:
    """A number, or an array of numbers, as JSON has it: None for those that are not finite.

    Parameters
    ----------
    value : float or array
    """
    import math

    if getattr(value, "shape", ()):
        return [finite(part) for part in value]
    return float(value) if math.isfinite(value) else None


def target_of_run(kept: dict[str, Any]) -> Any:
    """The law that a run's data were drawn of, without drawing any; None where it is not known.

    Parameters
    ----------
    kept : dict
        As `read_run` has it.
    """
    if kept["preset"] is not None:
        from gamedyn.experiments import gan_preset

        return gan_preset(kept["preset"], budget=kept["budget"]).target
    from gamedyn import data

    is_target = kept["data"].replace("-", "_") in data.TARGETS and kept.get("binarize") is None
    return data.named_target(kept["data"]) if is_target else None


def run_files(folder: str) -> tuple[Path, Path]:
    """(checkpoint, description) of a run's folder."""
    return Path(folder) / "checkpoint.npz", Path(folder) / "run.json"


def write_run(folder: str, arguments: dict[str, Any]) -> None:
    """Keep what the data were, so that a run can go on without being told again.

    Parameters
    ----------
    folder : str
        Made where it is not there.
    arguments : dict
        Of JSON's kinds.
    """
    from gamedyn._files import write_atomically

    _, file = run_files(folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"schema": _SCHEMA, **arguments}, indent=2) + "\n"
    write_atomically(file, lambda out: out.write(text.encode()))


def read_run(folder: str) -> dict[str, Any]:
    """What `write_run` kept."""
    _, file = run_files(folder)
    if not file.is_file():
        raise UsageError(f"{folder} is no run: {file} is not there. Make one by `gamedyn train gan --out {folder}`.")
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{file} is not JSON: {error}.") from error
    if not isinstance(found, dict) or found.get("schema") != _SCHEMA:
        raise UsageError(f"{file} is no description of a run: its schema is not {_SCHEMA}.")
    return found
