"""`gamedyn inspect`: a trained GAN as a game and as a sampler, in words and pictures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gamedyn.cli._exit import OK, UsageError
from gamedyn.cli._training_data import TrainingData, data_of_run, load_training_data, read_run, run_files

if TYPE_CHECKING:
    from gamedyn.experiments import GANInspection
    from gamedyn.models import GAN

__all__ = ["HELP", "configure", "run"]

HELP = "spectrum, classification and divergences of a trained GAN"

_PICTURES = ("spectrum", "own-hessians", "samples", "discriminator")
# Points of a picture: more hide each other.
_POINTS = 1000
_IMAGES = 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("run", help="the folder of `gamedyn train`, or a checkpoint with --data")
    parser.add_argument("--data", metavar="DATA", help="other rows than the run's, as of `gamedyn train`")
    parser.add_argument("--labels", metavar="COLUMN", help="of --data, for a conditional model")
    parser.add_argument("--samples", type=int, default=2500, metavar="N", help="generated to compare (default 2500)")
    parser.add_argument("--rows", type=int, default=1000, metavar="N", help="of the data in the game (default 1000)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="default 0")
    parser.add_argument("--pictures", metavar="FOLDER", help="for them (default: inspection, in the run)")
    parser.add_argument("--no-pictures", action="store_true", help="draw none")
    parser.add_argument("--force", action="store_true", help="let pictures replace older ones in --pictures")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Load, inspect, draw, print."""
    for flag, least in (("samples", 10), ("rows", 1), ("seed", 0)):
        if getattr(arguments, flag) < least:
            raise UsageError(f"`--{flag}` must be at least {least}, got {getattr(arguments, flag)}.")
    file = Path(arguments.run)
    is_file = file.suffix == ".npz"
    checkpoint = file if is_file else run_files(arguments.run)[0]
    if not is_file and not file.is_dir():
        raise UsageError(f"{file} is no folder of a run. Make one by `gamedyn train gan --out {file}`.")
    folder = _folder(arguments, checkpoint.parent)

    from gamedyn.experiments import inspect_gan
    from gamedyn.models import GAN

    data = _data(arguments, is_file)
    # Not every law can stand in a checkpoint.
    gan = GAN.load(checkpoint, target=data.target)
    _check_fit(arguments, gan, data)
    found = inspect_gan(
        gan, data.samples, data.labels, samples=arguments.samples, rows=arguments.rows, rng=arguments.seed
    )
    drawn = [] if folder is None else _draw(folder, found, gan, data, arguments.seed)
    if arguments.json:
        document = {"run": arguments.run, **found.document(), "pictures": [str(path) for path in drawn]}
        print(json.dumps(document, indent=2, allow_nan=False))
    else:
        print(found)
    for path in drawn:
        print(f"picture: {path}", file=sys.stderr)
    return OK


def _folder(arguments: argparse.Namespace, run: Path) -> Path | None:
    """Where pictures go, looked at before the work; None for none."""
    if arguments.no_pictures:
        if arguments.pictures is not None:
            raise UsageError("`--pictures` and `--no-pictures` exclude each other. Give one of them.")
        return None
    folder = run / "inspection" if arguments.pictures is None else Path(arguments.pictures)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"`--pictures` must be a folder, and {folder} is a file.")
    there = [folder / f"{name}.png" for name in _PICTURES if (folder / f"{name}.png").exists()]
    # Those in the run's own folder are this command's.
    if there and arguments.pictures is not None and not arguments.force:
        raise UsageError(f"`--pictures`: {there[0]} is there already. Choose another folder, or add --force.")
    from gamedyn.plotting import check_available

    check_available()
    return folder


def _data(arguments: argparse.Namespace, is_file: bool) -> TrainingData:
    """The rows to judge on: those of the run, or of --data."""
    if arguments.data is not None:
        # As many draws of a target as `gamedyn train` makes.
        return load_training_data(arguments.data, labels=arguments.labels, count=10_000, seed=arguments.seed)
    if is_file:
        raise UsageError("`--data` must say on what to judge a checkpoint: it holds no data.")
    if arguments.labels is not None:
        raise UsageError("`--labels` belongs to --data: give it, too.")
    return data_of_run(read_run(arguments.run))


def _check_fit(arguments: argparse.Namespace, gan: GAN, data: TrainingData) -> None:
    if data.samples.shape[1] != gan.n_features_in_:
        raise UsageError(
            f"`--data` must have the {gan.n_features_in_} columns that the model generates, got "
            f"{data.samples.shape[1]}."
        )
    if data.labels is None and gan.classes_ is not None:
        raise UsageError("`--labels` must name the column of the classes, on which this model is conditional.")
    if data.labels is not None and gan.classes_ is None:
        raise UsageError("`--labels` needs a conditional model, and this one was trained without labels.")


def _draw(folder: Path, found: GANInspection, gan: GAN, data: TrainingData, seed: int) -> list[Path]:
    from gamedyn import plotting

    drawings: dict[str, Callable[[], Any]] = {}
    if found.spectrum is not None and len(found.spectrum.values):
        values = found.spectrum.values
        drawings["spectrum"] = lambda: plotting.plot_spectrum(values)
    own = {name: each.values for name, each in found.own_hessians.items() if each is not None and len(each.values)}
    if own:
        only_ends = any(each is not None and each.residuals is not None for each in found.curvatures)
        drawings["own-hessians"] = lambda: plotting.plot_own_curvatures(own, only_ends=only_ends)
    drawings |= _of_samples(gan, data, seed)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in _PICTURES:
        if name in drawings:
            paths.append(folder / f"{name}.png")
            plotting.save_figure(drawings[name](), paths[-1])
        else:
            # An older one would be taken for this run's.
            (folder / f"{name}.png").unlink(missing_ok=True)
    return paths


def _of_samples(gan: GAN, data: TrainingData, seed: int) -> dict[str, Callable[[], Any]]:
    """Pictures of samples beside data, and of the discriminator on the plane, where they can be drawn."""
    import numpy

    from gamedyn import plotting
    from gamedyn.backend import as_generator, to_host

    rng = as_generator(seed)
    features, count = gan.n_features_in_, len(data.samples)
    side = round(features**0.5)
    is_image = side * side == features and features > 4
    if features != 2 and not is_image:
        return {}
    kept = rng.choice(count, size=min(count, _IMAGES if is_image else _POINTS), replace=False)
    real = numpy.asarray(to_host(data.samples))[kept]
    labels = None if gan.classes_ is None else numpy.asarray(data.labels)[kept]
    samples = to_host(gan.sample(len(kept), labels, rng=rng))
    if is_image:
        rows = -(-len(kept) // 10)
        # Black and white are those of the data: a generated extreme would turn all else grey.
        limits = float(real.min()), float(real.max())
        pad = numpy.full((rows * 10 - len(kept), features), limits[0])
        sheet = numpy.concatenate([samples, pad, real, pad])
        titles = ["generated", *[""] * (rows - 1), "data", *[""] * (rows - 1)]
        return {"samples": lambda: plotting.plot_sample_sheet(sheet, (side, side), titles=titles, limits=limits)}
    beside = {"target": gan.target} if gan.target is not None else {"data": real}
    found: dict[str, Callable[[], Any]] = {"samples": lambda: plotting.plot_samples(samples, **beside)}
    if gan.packing == 1 and labels is None:
        # What is drawn of the discriminator is its word on single points.
        found["discriminator"] = lambda: plotting.plot_samples(
            samples, data=real, critic=lambda x: to_host(gan.discriminate(x, output="logit"))
        )
    return found
