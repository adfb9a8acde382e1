"""`gamedyn sample`: draws from a trained model, into a file or a picture."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import Any

from gamedyn.cli._exit import OK, UsageError
from gamedyn.cli._output import check_output, check_plot
from gamedyn.cli._training_data import read_run, run_files, target_of_run

__all__ = ["HELP", "configure", "run"]

HELP = "draw samples of a trained model"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("run", help="the folder of `gamedyn train`, or a checkpoint")
    parser.add_argument("-n", type=int, default=1000, metavar="N", help="how many (default 1000)")
    parser.add_argument("--label", metavar="LABEL", help="of a conditional model: one class for all (default: in turn)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="default 0")
    parser.add_argument("--out", metavar="FILE", help="as .npy or .csv; else rows on stdout")
    parser.add_argument("--plot", metavar="FILE", help="points of a plane, or a sheet of square images")
    parser.add_argument("--force", action="store_true", help="let --out and --plot replace a file")


def run(arguments: argparse.Namespace) -> int:
    """Load, draw, write."""
    from gamedyn.backend import as_generator, to_host
    from gamedyn.models import load_model

    check_output("--out", arguments.out, (".npy", ".csv"), arguments.force)
    check_plot(arguments.plot, arguments.force)
    if arguments.n < 1:
        raise UsageError(f"`-n` must be at least 1, got {arguments.n}.")
    given = Path(arguments.run)
    checkpoint, description = (given, None) if given.suffix == ".npz" else run_files(arguments.run)
    if not checkpoint.is_file():
        raise UsageError(f"{given} is no run: {checkpoint} is not there. Make one by `gamedyn train gan --out FOLDER`.")
    # Not every law can stand in a checkpoint, but a run says which it was.
    known = {"target": target_of_run(read_run(arguments.run))} if description and description.is_file() else {}
    gan: Any = load_model(checkpoint, **known)
    samples = to_host(gan.sample(arguments.n, _labels(gan, arguments), rng=as_generator(arguments.seed)))
    if arguments.out is not None:
        _write(Path(arguments.out), samples)
    elif arguments.plot is None:
        sys.stdout.write(_csv(samples))
    if arguments.plot is not None:
        _draw(arguments.plot, samples, gan)
    return OK


def _labels(gan: Any, arguments: argparse.Namespace) -> Any:
    if gan.classes_ is None:
        if arguments.label is not None:
            raise UsageError("`--label` needs a conditional model, and this one was trained without labels.")
        return None
    names = [str(each) for each in gan.classes_]
    if arguments.label is None:
        return [gan.classes_[i % len(names)] for i in range(arguments.n)]
    # 3 and 3.0 are one class where labels are numbers.
    numbers = {text.removesuffix(".0"): i for i, text in enumerate(names)}
    index = numbers.get(arguments.label.removesuffix(".0"))
    if index is None:
        raise UsageError(f"`--label` must be one of {', '.join(names)}, got {arguments.label!r}.")
    return gan.classes_[index]


def _csv(samples: Any) -> str:
    # The shortest text that gives the same number back.
    return "".join(",".join(map(str, row)) + "\n" for row in samples.tolist())


def _write(path: Path, samples: Any) -> None:
    import numpy

    from gamedyn._files import write_atomically

    if path.suffix.lower() == ".npy":
        buffer = io.BytesIO()
        numpy.save(buffer, samples, allow_pickle=False)
        write_atomically(path, lambda file: file.write(buffer.getvalue()))
    else:
        write_atomically(path, lambda file: file.write(_csv(samples).encode()))


def _draw(path: str, samples: Any, gan: Any) -> None:
    from gamedyn import plotting

    features = samples.shape[1]
    side = round(features**0.5)
    if features == 2:
        ax = plotting.plot_samples(samples, target=gan.target)
    elif side * side == features and features > 4:
        ax = plotting.plot_sample_sheet(samples, (side, side))
    else:
        raise UsageError(f"`--plot` draws points of a plane or square images, and samples have {features} features.")
    plotting.save_figure(ax, path)
    print(f"plot: {path}", file=sys.stderr)
