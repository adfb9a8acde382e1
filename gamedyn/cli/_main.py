"""main: finds the command, builds its parser alone, runs it, and turns errors into one line and an exit code."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from gamedyn import __version__
from gamedyn._checks import nearest
from gamedyn.cli import _exit

__all__ = ["COMMANDS", "main"]

COMMANDS = ("verify", "compare", "play", "classify", "rank", "train", "sample", "score", "inspect", "info")
"""Each is a module `gamedyn/cli/_<command>.py` with HELP, configure(parser) and run(arguments) -> exit code."""

_WELCOME = """\
gamedyn {version}: theorems of generative models and games, checked numerically.

Try
  gamedyn verify                            check every theorem against an independent prediction
  gamedyn verify gan.value-identity         one claim; --list shows them all
  gamedyn verify --out report.html          the same with pictures, as one HTML file
  gamedyn compare real.csv fake.npy         divergences and distances of two samples, with errors
  gamedyn play dirac-gan --rule extragradient --plot path.svg
  gamedyn classify my_game.py:game --point 0,0   is this point an equilibrium, and of which kind?
  gamedyn rank bilinear dirac-gan           update rules on games, each at its best step size
  gamedyn train gan --data ring --out run   a GAN by any update rule; gamedyn sample draws from it, inspect judges it
  gamedyn info                              versions, device, extras
Each command explains itself with --help.
From Python: import gamedyn; print(gamedyn.verify("gan.*"))"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _exit.UsageError(f"{message.rstrip('.')}. See `{self.prog} --help`.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the program's name; those of the process where None.

    Returns
    -------
    int
        See `gamedyn.cli._exit`.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    # Options are recognised anywhere, so that `gamedyn verify --debug` shows the traceback of a parsing error too.
    debug = "--debug" in arguments
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse ends --help and --version this way
        return int(stop.code or 0)
    except KeyboardInterrupt:
        return _report("interrupted.", _exit.INTERRUPTED, debug)
    except BrokenPipeError:
        # The interpreter flushes stdout once more at exit; with a closed pipe that would print a second error.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _exit.BROKEN_PIPE
    except Exception as error:
        code = _exit_code(error)
        text = _one_line(error)
        if code == _exit.BUG:
            text = f"internal error: {type(error).__name__}: {text} Run again with --debug for the traceback."
        return _report(text, code, debug)


def _run(argv: list[str]) -> int:
    command = _find_command(argv)
    if command is None and not any(flag in argv for flag in ("-h", "--help")):
        _top_parser().parse_args(argv)  # answers --version, complains about unknown options
        print(_WELCOME.format(version=__version__))
        return _exit.OK
    if command is not None and command not in COMMANDS:
        close = nearest(command, COMMANDS)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"The commands are {', '.join(COMMANDS)}."
        raise _exit.UsageError(f"there is no command {command!r}. {hint}")
    parser = _top_parser()
    commands = parser.add_subparsers(dest="command", metavar="<command>", title="commands", parser_class=_Parser)
    for name in COMMANDS if command is None else (command,):
        module = _load(name)
        sub = commands.add_parser(
            name, help=module.HELP, description=module.HELP, parents=[_common()], allow_abbrev=False
        )
        if command is not None:
            module.configure(sub)
    arguments = parser.parse_args(argv)
    arguments.debug = getattr(arguments, "debug", False)
    _choose_backend(getattr(arguments, "backend", None))
    return int(_load(arguments.command).run(arguments))


def _load(command: str) -> ModuleType:
    return importlib.import_module(f"gamedyn.cli._{command}")


def _find_command(argv: list[str]) -> str | None:
    """The first word that is neither an option nor the value of one."""
    words = iter(argv)
    for word in words:
        if word == "--backend":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def _common() -> _Parser:
    # SUPPRESS: a subparser's default would overwrite what was given before the command.
    parser = _Parser(add_help=False)
    group = parser.add_argument_group("options of every command")
    group.add_argument(
        "--backend",
        choices=("auto", "numpy", "cupy"),
        default=argparse.SUPPRESS,
        help="array library where nothing is passed in (auto: CuPy where a device is usable, else NumPy)",
    )
    group.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show tracebacks of errors")
    return parser


def _top_parser() -> _Parser:
    parser = _Parser(
        prog="gamedyn",
        description="Numerical game dynamics and divergence analysis.",
        epilog="Exit codes: 0 as expected, 1 a claim fails, 2 usage or bad input, 3 undecided, 4 missing extra or "
        "device, 70 a bug, 130 interrupted.",
        parents=[_common()],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"gamedyn {__version__}")
    return parser


def _choose_backend(name: str | None) -> None:
    if name is None:
        return
    from gamedyn import backend

    try:
        backend.use(name)
    except RuntimeError as error:
        raise _exit.MissingError(str(error)) from error


def _exit_code(error: Exception) -> int:
    if isinstance(error, (_exit.UsageError, OSError)):
        return _exit.USAGE
    if isinstance(error, _exit.MissingError) or type(error).__name__ == "MissingExtraError":
        return _exit.MISSING
    # Our own checks raise ValueError and TypeError at the public border; from any deeper library they are our bug.
    if isinstance(error, (ValueError, TypeError)) and _raised_by_us(error):
        return _exit.USAGE
    return _exit.BUG


def _raised_by_us(error: Exception) -> bool:
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and str(frames[-1].f_globals.get("__name__", "")).partition(".")[0] == "gamedyn"


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}."
    return " ".join(str(error).split()) or type(error).__name__


def _report(text: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(f"gamedyn: {text}", file=sys.stderr)
    return code
