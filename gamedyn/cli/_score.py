"""`gamedyn score`: how likely data are under a trained model, in nats per row and bits per dimension."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from gamedyn.cli._exit import OK, UsageError
from gamedyn.cli._training_data import data_of_run, finite, read_run, run_files

__all__ = ["HELP", "configure", "run"]

HELP = "score data under a trained model, in nats"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("run", help="the folder of `gamedyn train`, or a checkpoint")
    parser.add_argument("--data", metavar="DATA", help="as of `gamedyn train` (default: those of the run)")
    parser.add_argument("--labels", metavar="COLUMN", help="as of `gamedyn train`, for a conditional model")
    parser.add_argument("--samples", type=int, default=10_000, metavar="N", help="drawn of a target (default 10000)")
    parser.add_argument("--binarize", type=float, metavar="T", help="1 where data are above T, 0 elsewhere")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the draws of a target (default 0)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Load, score, print."""
    from gamedyn.models import GAN, load_model

    given = Path(arguments.run)
    checkpoint, description = (given, None) if given.suffix == ".npz" else run_files(arguments.run)
    if not checkpoint.is_file():
        raise UsageError(f"{given} is no run: {checkpoint} is not there. Make one by `gamedyn train gan --out FOLDER`.")
    kept: dict[str, Any] = {"preset": None, "budget": None}
    if arguments.data is not None:
        kept |= {name: getattr(arguments, name) for name in ("data", "labels", "samples", "seed", "binarize")}
    elif description is not None:
        kept = read_run(arguments.run)
    else:
        raise UsageError("`--data` must say what to score, for a checkpoint does not.")
    data = data_of_run(kept)
    # Not every law can stand in a checkpoint, but none is needed.
    model: Any = load_model(checkpoint, target=None)
    labels = data.labels if model.classes_ is not None else None
    score = model.score(data.samples, labels)
    found: dict[str, Any] = {"schema": "gamedyn.score/1", "run": arguments.run, "rows": len(data.samples)}
    if isinstance(model, GAN):
        found |= {"kind": "minus the energy distance", "score": finite(score)}
        text = f"minus the energy distance to {len(data.samples)} rows: {score:.6g}"
    else:
        kind = {"exact": "exact", "bound": "a lower bound"}[model.density]
        bits = model.bits_per_dim(data.samples, labels)
        found |= {"kind": kind, "score": finite(score), "bits_per_dim": finite(bits)}
        text = f"{score:.6g} nats per row, {bits:.6g} bits per dimension, {kind}, on {len(data.samples)} rows"
    print(json.dumps(found, indent=2, allow_nan=False) if arguments.json else text)
    return OK
