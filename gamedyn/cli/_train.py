"""`gamedyn train`: fits a model on data, by any update rule, into a folder from which it goes on."""

from __future__ import annotations

import argparse
import json
import re
import sys
import warnings
from typing import TYPE_CHECKING, Any

from gamedyn.cli._exit import FAILED, INTERRUPTED, OK, UsageError
from gamedyn.cli._rules import make_rule
from gamedyn.cli._train_model import (
    GAN_OPTIONS,
    MODEL_OPTIONS,
    MODELS,
    flag_of,
    fresh_model,
    report_model,
    resumed_model,
)
from gamedyn.cli._training_data import TrainingData, data_of_run, finite, read_run, run_files, write_run

if TYPE_CHECKING:
    from gamedyn.models import GAN

__all__ = ["HELP", "configure", "run"]

HELP = "train a model on data"

_OBJECTIVES = "non-saturating (default), minimax, least-squares, hinge, wasserstein, or an f-divergence as pearson"
_WEIGHTS = "of --penalty: default 1 for r1 and r2, 20 for gradient-penalty and dragan; for clip the bound, 0.01"
_PARAMETERS = ("objective", "penalty", "penalty_weight", "steps", "batch_size", "latent_dim", "packing")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("model", choices=("gan", *MODELS), help="which family")
    parser.add_argument("--out", metavar="FOLDER", help="of the run: checkpoint.npz and run.json")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, to the same bits")
    parser.add_argument("--data", metavar="DATA", help="a target as ring, digits, iris, ..., or a .npy/.npz/.csv file")
    parser.add_argument("--labels", metavar="COLUMN", help="condition on a file's column; any word for bundled data")
    parser.add_argument("--preset", metavar="NAME", help="a published setting, with its own data; --preset list")
    parser.add_argument("--budget", choices=("short", "full"), default="short", help="of a preset (default short)")
    parser.add_argument("--samples", type=int, default=10_000, metavar="N", help="drawn of a target (default 10000)")
    parser.add_argument("--objective", metavar="NAME", help=_OBJECTIVES)
    parser.add_argument("--penalty", metavar="NAME", help="r1, r2, gradient-penalty, dragan, clip or spectral")
    parser.add_argument("--penalty-weight", type=float, metavar="W", help=_WEIGHTS)
    parser.add_argument("--rule", metavar="RULE", help="as of `gamedyn play` (default: Adam in turn)")
    parser.add_argument("--step-size", type=float, metavar="H", help="of --rule")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="other options of --rule")
    parser.add_argument("--steps", type=int, metavar="N", help="default 2000, or the preset's")
    parser.add_argument("--batch-size", type=int, metavar="N", help="default 64, or the preset's")
    parser.add_argument("--latent-dim", type=int, metavar="N", help="inputs of the generator (default 2)")
    parser.add_argument("--packing", type=int, metavar="N", help="samples that the discriminator sees at once")
    parser.add_argument("--binarize", type=float, metavar="T", help="1 where data are above T; not of gan")
    parser.add_argument(
        "--with", action="append", dest="own", metavar="NAME=VALUE", help="a parameter of the model's own"
    )
    parser.add_argument("--validation", type=float, metavar="SHARE", help="of rows to hold out; not of gan")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="default 0")
    parser.add_argument("--force", action="store_true", help="replace the run in --out")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Train, with a checkpoint now and then, and say what came out."""
    try:
        return _run(arguments)
    except ValueError as error:
        # The estimator speaks of its parameters, and this user of options.
        words = {
            **{name: f"`--{name.replace('_', '-')}`" for name in (*_PARAMETERS, "validation")},
            "X": "the data",
            "name": "`--preset`",
        }
        raise UsageError(re.sub("`(\\w+)`", lambda found: words.get(found[1], found[0]), str(error))) from error


def _run(arguments: argparse.Namespace) -> int:
    if arguments.preset == "list":
        from gamedyn.experiments import GAN_PRESETS

        print("\n".join(GAN_PRESETS))
        return OK
    if arguments.out is None:
        raise UsageError("`--out` must name the folder of the run, got none. Add `--out run`, for instance.")
    if arguments.seed < 0:
        raise UsageError(f"`--seed` must not be negative, got {arguments.seed}.")
    if arguments.samples < 1:
        raise UsageError(f"`--samples` must be at least 1, got {arguments.samples}.")
    is_gan = arguments.model == "gan"
    for name in MODEL_OPTIONS if is_gan else GAN_OPTIONS:
        if getattr(arguments, name) is not None:
            raise UsageError(f"`{flag_of(name)}` is no option of {arguments.model}. Leave it out.")
    checkpoint, description = run_files(arguments.out)
    gan: Any
    if arguments.resume:
        gan, data = (_resumed if is_gan else resumed_model)(arguments, str(checkpoint))
        resume = checkpoint
    else:
        if description.exists() and not arguments.force:
            raise UsageError(f"`--out`: a run is in {arguments.out} already. Go on with --resume, or add --force.")
        gan, data = (_fresh if is_gan else fresh_model)(arguments)
        checkpoint.unlink(missing_ok=True)
        resume = None
    gan.set_params(checkpoint=str(checkpoint), progress=True)
    try:
        with warnings.catch_warnings(record=True) as said:
            for category in (RuntimeWarning, UserWarning):
                warnings.simplefilter("always", category)
            gan.fit(data.samples, data.labels, resume=resume)
    except KeyboardInterrupt:
        if hasattr(gan, "z_"):
            gan.save(checkpoint)
        command = f"gamedyn train {arguments.model} --out {arguments.out} --resume"
        print(f"gamedyn: interrupted. Go on by: {command}", file=sys.stderr)
        return INTERRUPTED
    except (ValueError, TypeError):
        # What was refused is no run.
        if not arguments.resume:
            description.unlink(missing_ok=True)
        raise
    for warning in said:
        print(f"gamedyn: {warning.message}", file=sys.stderr)
    gan.save(checkpoint)
    return (_report if is_gan else report_model)(arguments, gan)


def _fresh(arguments: argparse.Namespace) -> tuple[GAN, TrainingData]:
    from gamedyn.models import GAN

    given = {name: getattr(arguments, name) for name in _PARAMETERS}
    changed: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if arguments.rule is not None:
        changed["rule"] = make_rule(arguments.rule, arguments.step_size, arguments.set)
    elif arguments.step_size is not None or arguments.set:
        raise UsageError("`--step-size` and `--set` belong to a rule. Add --rule.")
    kept = {"data": arguments.data, "labels": arguments.labels, "samples": arguments.samples, "seed": arguments.seed}
    kept |= {"preset": arguments.preset, "budget": arguments.budget}
    if (arguments.preset is None) == (arguments.data is None):
        raise UsageError("one of `--data` and `--preset` must say what to train on. Targets are ring, grid, ...")
    data = data_of_run(kept)
    if arguments.preset is not None:
        from gamedyn.experiments import gan_preset

        gan = gan_preset(arguments.preset, budget=arguments.budget, rng=arguments.seed).gan
        gan.set_params(**changed)
    else:
        gan = GAN(rng=arguments.seed, target=data.target, **changed)
    if arguments.penalty_weight is not None and gan.penalty is None:
        raise UsageError("`--penalty-weight` belongs to a penalty. Add --penalty.")
    write_run(arguments.out, kept)
    return gan, data


def _resumed(arguments: argparse.Namespace, checkpoint: str) -> tuple[GAN, TrainingData]:
    from gamedyn.models import GAN

    kept = read_run(arguments.out)
    if kept.get("model", "gan") != "gan":
        raise UsageError(f"the run in {arguments.out} is of {kept['model']}, not of gan.")
    data = data_of_run(kept)
    changed = {} if arguments.steps is None else {"steps": arguments.steps}
    # Not every law can stand in a checkpoint.
    gan = GAN.load(checkpoint, target=data.target, **changed)
    if arguments.step_size is not None or arguments.set or arguments.rule is not None:
        if arguments.rule is None:
            raise UsageError("`--step-size` and `--set` belong to a rule. Add --rule.")
        rule = make_rule(arguments.rule, arguments.step_size, arguments.set)
        _check_kept(arguments, "rule", repr(rule), repr(gan.rule))
    for name in ("data", "labels", "preset"):
        _check_kept(arguments, name, getattr(arguments, name), kept[name])
    for name in _PARAMETERS:
        _check_kept(arguments, name, getattr(arguments, name), getattr(gan, name))
    return gan, data


def _check_kept(arguments: argparse.Namespace, name: str, given: Any, kept: Any) -> None:
    """Refuse an option that a run, which goes on as it began, would not heed."""
    if given is not None and given != kept:
        raise UsageError(
            f"`--{name.replace('_', '-')}` must be that of the run in {arguments.out} to go on with it, {kept}, got "
            f"{given}. Leave it out; only --steps may change."
        )


def _report(arguments: argparse.Namespace, gan: GAN) -> int:
    from gamedyn.dynamics import Status

    history = gan.history_
    if arguments.json:
        last = {
            name: finite(getattr(history, name)[-1])
            for name in (
                *("losses", "gradient_norms", "critic_estimate", "critic_optimum", "wasserstein", "wasserstein_2"),
                *("jensen_shannon", "kullback_leibler", "modes", "high_quality"),
            )
        }
        document = {"schema": "gamedyn.train/1", "out": arguments.out, "steps": gan.steps_, "status": gan.status_.name}
        print(json.dumps({**document, **last}, indent=2, allow_nan=False))
    else:
        print(f"{history}\nin {arguments.out}; samples by: gamedyn sample {arguments.out} -n 1000 --out samples.npy")
        print(f"the point that was found, by: gamedyn inspect {arguments.out}")
    return OK if gan.status_ is not Status.DIVERGED else FAILED
