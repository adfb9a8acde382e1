"""Games, rules and points as they are named on the command line."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gamedyn._checks import nearest
from gamedyn.cli._exit import UsageError

if TYPE_CHECKING:
    from types import ModuleType

    from gamedyn.games import Game, StochasticGame
    from gamedyn.updates import UpdateRule

__all__ = ["GAMES", "NAMED", "RULES", "add_point", "blame", "load_game", "make_rule", "parse_point"]

GAMES = {
    "bilinear": ("Bilinear", None),
    "dirac-gan": ("DiracGAN", "Minimax"),
    "dirac-gan-nonsaturating": ("DiracGAN", "NonSaturating"),
    "dirac-gan-wasserstein": ("DiracGAN", "Wasserstein"),
    "dirac-gan-least-squares": ("DiracGAN", "LeastSquares"),
}
"""Name -> class of `games`, and class of `objectives` that it takes. All of them rest at 0."""

NAMED = (
    "adolphs-game",
    "almost-bilinear",
    "daskalakis-center",
    "daskalakis-minimax",
    "forsaken",
    "four-player-weak-attractor",
    "global-forsaken",
    "grimmer-quartic",
    "hamiltonian-game",
    "jin-minimax",
    "jin-no-local-minimax",
    "jin-nonstationary-minimax",
    "letcher-game",
    "market-game",
    "maximum-trap",
    "mazumdar-polynomial",
    "mertikopoulos-game",
    "polar-game",
    "potential-saddle",
    "rosca-rotation",
    "strongly-monotone-game",
    "tandem",
    "torus-location-game",
    "two-sided-pl",
    "wang-local-minimax",
    "wang-sixth-order",
    "wang-spurious-attractor",
    "weak-attractor",
)
"""Names of `games.NAMED`, with hyphens: listed here so that `--help` need not import them."""

RULES = {
    "simultaneous": "SimultaneousGradientDescent",
    "alternating": "AlternatingGradientDescent",
    "extragradient": "Extragradient",
    "optimistic": "OptimisticGradient",
    "consensus": "Consensus",
    "proximal-point": "ProximalPoint",
}
"""Name -> class of `updates`."""

_MODULE = "_gamedyn_game_file"


def add_point(parser: argparse.ArgumentParser, flag: str, text: str) -> None:
    """Add an option that takes a point: `1,-2` or `1 -2`."""
    # Without this, argparse takes a point that begins with a minus sign for an option.
    parser._negative_number_matcher = re.compile(r"^-[.\d][-+.,\deE]*$")
    parser.add_argument(flag, nargs="+", metavar="X", help=text)


def parse_point(flag: str, words: list[str], size: int) -> list[float]:
    """The coordinates in `words`, separated by commas or spaces."""
    parts = [part for word in words for part in word.split(",") if part.strip()]
    try:
        point = [float(part) for part in parts]
    except ValueError:
        raise UsageError(f"`{flag}` must be numbers like 1,-2.5, got {' '.join(words)!r}.") from None
    if len(point) != size:
        raise UsageError(f"`{flag}` must have {size} coordinates for this game, got {len(point)}.")
    return point


def load_game(target: str) -> Game | StochasticGame:
    """A built-in game by name, or the attribute NAME of a Python file, as FILE:NAME; the file is run.

    Raises
    ------
    UsageError
        Saying what is missing, with the nearest names.
    """
    from gamedyn import games, objectives

    if target in GAMES:
        kind, objective = GAMES[target]
        if objective is None:
            return games.Bilinear([[1.0]])
        return getattr(games, kind)(getattr(objectives, objective)())  # type: ignore[no-any-return]
    if target in NAMED:
        return games.named_game(target)
    path, colon, name = target.rpartition(":")
    if not colon or not path.endswith(".py"):
        close = nearest(target, (*GAMES, *NAMED), 1)
        hint = f" Did you mean {close[0]}?" if close else f" Built in are {', '.join((*GAMES, *NAMED))}."
        raise UsageError(f"{target!r} is no built-in game and not FILE.py:NAME.{hint}")
    module = _run_file(path)
    if not name or not hasattr(module, name):
        found = [key for key, value in vars(module).items() if isinstance(value, (games.Game, games.StochasticGame))]
        hint = f" Its games are: {', '.join(found)}." if found else " It defines no game."
        raise UsageError(f"{path} has no attribute {name!r}.{hint}")
    game = getattr(module, name)
    if isinstance(game, type) and issubclass(game, (games.Game, games.StochasticGame)):
        raise UsageError(f"{target} is a class. Name an instance of it, as in `game = {name}(...)`.")
    if not isinstance(game, (games.Game, games.StochasticGame)):
        raise UsageError(f"{target} must be a gamedyn Game, got {type(game).__name__}.")
    return game


def make_rule(name: str, step_size: float | None, options: list[str]) -> UpdateRule:
    """The rule of that name; `options` are NAME=VALUE of its other hyper-parameters. None: its own step size."""
    from gamedyn import updates

    known = {**RULES, **{kind: kind for kind in RULES.values()}}
    if name not in known:
        close = nearest(name, RULES)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"The rules are {', '.join(RULES)}."
        raise UsageError(f"there is no rule {name!r}. {hint}")
    kind = getattr(updates, known[name])
    import dataclasses  # brings inspect, which `gamedyn --help` can do without

    fields = [field.name for field in dataclasses.fields(kind)]
    values: dict[str, Any] = {}
    for option in options:
        key, equals, text = option.partition("=")
        key = key.strip().replace("-", "_")
        if not equals or key not in fields or key == "step_size":
            others = ", ".join(f for f in fields if f != "step_size") or "none"
            raise UsageError(f"{option!r} is no option of {name}; NAME=VALUE with one of these names: {others}.")
        values[key] = _parse_value(option, text)
    return kind(**values) if step_size is None else kind(step_size, **values)  # type: ignore[no-any-return]


def _parse_value(option: str, text: str) -> Any:
    """A number, or a tuple of integers like 1,2."""
    try:
        if "," in text:
            return tuple(int(part) for part in text.split(","))
        return float(text) if re.search(r"[.eEn]", text) else int(text)
    except ValueError:
        raise UsageError(f"the value in {option!r} must be a number.") from None


@contextlib.contextmanager
def blame(target: str) -> Iterator[None]:
    """Turn an error out of the user's own file into one line that names the file and the line."""
    path = target.rpartition(":")[0]
    try:
        yield
    except UsageError:
        raise
    except Exception as error:
        line = _line_in(path, error)
        if line is None:
            raise
        raise UsageError(f"{path}, line {line}: {type(error).__name__}: {' '.join(str(error).split())}") from error


def _line_in(path: str, error: BaseException) -> int | None:
    if isinstance(error, SyntaxError) and error.filename and os.path.abspath(error.filename) == os.path.abspath(path):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if path and os.path.abspath(frame.filename) == os.path.abspath(path)]
    return lines[-1] if lines else None


def _run_file(path: str) -> ModuleType:
    if not os.path.isfile(path):
        raise UsageError(f"{path}: no such file.")
    spec = importlib.util.spec_from_file_location(_MODULE, os.path.abspath(path))
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be run as Python.")
    module = importlib.util.module_from_spec(spec)
    # As for a script: the file may import its neighbours, and dataclasses look their module up.
    sys.modules[_MODULE] = module
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    with blame(f"{path}:"):
        try:
            spec.loader.exec_module(module)
        except SystemExit as stop:
            raise UsageError(f"{path} ended the program (exit {stop.code}) instead of defining a game.") from None
    return module
