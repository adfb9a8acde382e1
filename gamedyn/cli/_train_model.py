"""The models beside GANs that `gamedyn train` knows by name: made from options, gone on with, and reported."""

from __future__ import annotations

import argparse
import inspect
import json
import re
from typing import TYPE_CHECKING, Any

from gamedyn.cli._exit import FAILED, OK, UsageError
from gamedyn.cli._rules import make_rule, parse_value
from gamedyn.cli._training_data import TrainingData, data_of_run, finite, read_run, write_run

if TYPE_CHECKING:
    from gamedyn.models import TrainedModel

__all__ = ["GAN_OPTIONS", "MODELS", "MODEL_OPTIONS", "flag_of", "fresh_model", "report_model", "resumed_model"]

MODELS = {"fvsbn": "FVSBN", "made": "MADE"}
"""Name -> class of `models`."""

GAN_OPTIONS = ("objective", "penalty", "penalty_weight", "latent_dim", "packing", "preset")
"""Those that no other model has."""

MODEL_OPTIONS = ("binarize", "validation", "own")
"""Those that a GAN has not."""

_PARAMETERS = ("steps", "batch_size", "validation")


def fresh_model(arguments: argparse.Namespace) -> tuple[TrainedModel, TrainingData]:
    """An unfitted model and its data; what they were is kept in the folder.

    Parameters
    ----------
    arguments : argparse.Namespace
    """
    from gamedyn import models

    if arguments.data is None:
        raise UsageError("`--data` must say what to train on: digits, ring, ..., or a file.")
    changed = {name: getattr(arguments, name) for name in _PARAMETERS if getattr(arguments, name) is not None}
    if arguments.rule is not None:
        changed["rule"] = make_rule(arguments.rule, arguments.step_size, arguments.set)
    elif arguments.step_size is not None or arguments.set:
        raise UsageError("`--step-size` and `--set` belong to a rule. Add --rule.")
    kept = {name: getattr(arguments, name) for name in ("data", "labels", "samples", "seed", "binarize", "model")}
    kept |= {"preset": None, "budget": None}
    data = data_of_run(kept)
    kind = getattr(models, MODELS[arguments.model])
    own = _own_parameters(kind, arguments.own)
    model: TrainedModel = kind(rng=arguments.seed, target=data.target, **changed, **own)
    write_run(arguments.out, kept)
    return model, data


def flag_of(name: str) -> str:
    """The option of that name.

    Parameters
    ----------
    name : str
        As argparse keeps it.
    """
    return "--with" if name == "own" else f"--{name.replace('_', '-')}"


def _own_parameters(kind: type[TrainedModel], options: list[str] | None) -> dict[str, Any]:
    """Values of NAME=VALUE for parameters that the model has beside those of all."""
    from gamedyn.models import TrainedModel

    shared = inspect.signature(TrainedModel).parameters
    known = [name for name in inspect.signature(kind).parameters if name not in shared]
    found: dict[str, Any] = {}
    for option in options or ():
        name, sign, text = option.partition("=")
        if name not in known or not sign:
            raise UsageError(f"`--with` takes NAME=VALUE with a NAME of {', '.join(known)}, got {option!r}.")
        found[name] = parse_value(option, text) if re.match(r"[-+.\d]", text) else text
    return found


def resumed_model(arguments: argparse.Namespace, checkpoint: str) -> tuple[TrainedModel, TrainingData]:
    """The model of a run that goes on, and its data.

    Parameters
    ----------
    arguments : argparse.Namespace
    checkpoint : str
    """
    from gamedyn import models

    kept = read_run(arguments.out)
    if kept.get("model", "gan") != arguments.model:
        raise UsageError(f"the run in {arguments.out} is of {kept.get('model', 'gan')}, not of {arguments.model}.")
    changing = ("data", "labels", "rule", "step_size", "batch_size", *MODEL_OPTIONS)
    for name in changing:
        if getattr(arguments, name) is not None:
            raise UsageError(f"`{flag_of(name)}` must be left out to go on with a run; only --steps may change.")
    data = data_of_run(kept)
    changed = {} if arguments.steps is None else {"steps": arguments.steps}
    return getattr(models, MODELS[arguments.model]).load(checkpoint, target=data.target, **changed), data


def report_model(arguments: argparse.Namespace, model: TrainedModel) -> int:
    """Print what came out.

    Parameters
    ----------
    arguments : argparse.Namespace
    model : TrainedModel
    """
    from gamedyn.dynamics import Status

    history = model.history_
    if arguments.json:
        names = ("loss", "validation_loss", "excess", "gradient_norm")
        last: dict[str, Any] = {name: finite(getattr(history, name)[-1]) for name in names}
        document = {"schema": "gamedyn.train/1", "out": arguments.out, "model": arguments.model}
        document |= {"steps": model.steps_, "status": model.status_.name}
        print(json.dumps({**document, **last}, indent=2, allow_nan=False))
    else:
        print(f"{history}\nin {arguments.out}; samples by: gamedyn sample {arguments.out} -n 1000 --out samples.npy")
        print(f"its nats on data, by: gamedyn score {arguments.out}")
    return OK if model.status_ is not Status.DIVERGED else FAILED
