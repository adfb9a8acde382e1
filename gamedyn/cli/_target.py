"""Games and points as they are named on the command line."""

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
from gamedyn.cli._games import GAMES
from gamedyn.cli._rules import parse_value

if TYPE_CHECKING:
    from types import ModuleType

    from gamedyn.games import Game, StochasticGame

__all__ = ["GAME_HELP", "add_point", "blame", "is_built_in", "load_game", "parse_point"]

GAME_HELP = "a name that --list shows, as forsaken or 'grimmer-quartic coupling=1'; or FILE.py:NAME (the file is run)"
"""What a command says about its argument."""

_MODULE = "_gamedyn_game_file"
_PENALTIES = ("r1", "r2")


def add_point(parser: argparse.ArgumentParser, flag: str, text: str) -> None:
    """Add an option that takes a point: `1,-2` or `1 -2`."""
    # Without this, argparse takes a point that begins with a minus sign for an option.
    parser._negative_number_matcher = re.compile(r"^-[.\d][-+.,\deE]*$")
    parser.add_argument(flag, nargs="+", metavar="X", help=text)


def parse_point(flag: str, words: list[str], game: Game) -> list[float]:
    """The coordinates in `words`, separated by commas or spaces: a point of the game's domain."""
    parts = [part for word in words for part in word.split(",") if part.strip()]
    try:
        point = [float(part) for part in parts]
    except ValueError:
        raise UsageError(f"`{flag}` must be numbers like 1,-2.5, got {' '.join(words)!r}.") from None
    size = sum(game.dims)
    if len(point) != size:
        raise UsageError(f"`{flag}` must have {size} coordinates for this game, got {len(point)}.")
    import numpy

    if numpy.isfinite(point).all() and not game.domain.contains(numpy.asarray(point)):
        inside = ", ".join(f"{x:.4g}" for x in game.domain.project(numpy.asarray(point)))
        raise UsageError(f"`{flag}` must lie in {game.domain!r}, got {' '.join(words)}. Next to it there is {inside}.")
    return point


def is_built_in(target: str) -> bool:
    """Whether `target` names one of our games, and no file."""
    return bool(target.split()) and target.split()[0].replace("_", "-") in GAMES


def load_game(target: str) -> Game | StochasticGame:
    """A built-in game, as NAME OPTION=VALUE ..., or the attribute NAME of a Python file, as FILE:NAME; the file is run.

    Raises
    ------
    UsageError
        Saying what is missing, with the nearest names.
    """
    from gamedyn import games

    if is_built_in(target):
        name, *options = target.split()
        return _make(name.replace("_", "-"), options)
    path, colon, name = target.rpartition(":")
    if not colon or not path.endswith(".py"):
        close = nearest(target.partition(" ")[0], GAMES)
        hint = f" Did you mean {' or '.join(close)}?" if close else " `gamedyn play --list` shows them."
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


def _make(name: str, options: list[str]) -> Game:
    """The built-in game of that name; options of GANs may be the weights of penalties, too."""
    import inspect

    from gamedyn import games, objectives

    attribute, arguments, keywords = GAMES[name]
    kind = getattr(games, attribute)
    penalties: dict[str, Any] = {}
    known = {**{key: p.default for key, p in inspect.signature(kind).parameters.items()}, **keywords}
    known = {key: value for key, value in known.items() if isinstance(value, (int, float, str, tuple))}
    is_gan = isinstance(kind, type) and issubclass(kind, games.GANGame)
    for option in options:
        key, equals, text = option.partition("=")
        key = key.strip().replace("-", "_")
        if equals and is_gan and key in _PENALTIES:
            penalties[key] = parse_value(option, text)
        elif equals and key in known:
            keywords = {**keywords, key: text if isinstance(known[key], str) else parse_value(option, text)}
        else:
            others = [*known, *(_PENALTIES if is_gan else ())]
            names = f"NAME=VALUE with one of these names: {', '.join(others)}" if others else "it has none"
            raise UsageError(f"{option!r} is no option of {name}; {names}.")
    given = [getattr(objectives, each)() if isinstance(each, str) else each for each in arguments]
    game: Game = kind(*given, **keywords)
    return games.Regularized(game, **penalties) if penalties else game  # type: ignore[arg-type]


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
