"""Fenced code blocks of a Markdown file, run as a reader would: python in one session per page, $ lines in a shell."""

import contextlib
import doctest
import io
import math
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from unittest import mock

from gamedyn.cli import main

FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>[\w{}-]*)[^\n]*\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.M | re.S)
FILE = re.compile(r"# (\w+\.py)\n")
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+(?=e))(?:e[-+]?\d+)?(?!\w)")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# What only a shell understands in a command: lists, pipes, redirections, patterns outside quotes and variables.
SHELL = re.compile(r"[|;&<>$`~]")
# Languages that are shown, not run: output, mathematics, files, and Sphinx directives.
SHOWN = {"", "text", "math", "toml", "bibtex", "make", "csv"}
# The only commands of a `sh` block, which is not run here: the set-up, which has tests of its own.
SETUP = ("make", "git clone", "cd ", "python3 -m venv", ".venv/bin/", "pip install", "apt-get install", "#", "sh ")


def blocks(text):
    """(line, language, body) of every fenced block."""
    for match in FENCE.finditer(text):
        yield text.count("\n", 0, match.start()) + 2, match["language"], match["body"]


def forgetful(text):
    """The text with durations replaced: they are all that differs between two runs."""
    return re.sub(r"\d+(\.\d+)?( ?)(ms|s)\b", "#s", text)


class Checker(doctest.OutputChecker):
    """Texts agree but for durations and the last digits of decimal numbers, which differ between machines."""

    def check_output(self, want, got, optionflags):
        want, got = forgetful(want), forgetful(got)
        if super().check_output(want, got, optionflags):
            return True
        wanted, found = NUMBER.findall(want), NUMBER.findall(got)
        return (
            len(wanted) == len(found)
            and all(map(agree, wanted, found))
            and super().check_output(NUMBER.sub("#", want), NUMBER.sub("#", got), optionflags)
        )


def agree(wanted, found):
    """Whether two decimal numbers are the same to twelve digits; shorter ones must be equal as written."""
    return wanted == found or math.isclose(float(wanted), float(found), rel_tol=1e-12, abs_tol=1e-15)


def run_console(body, folder):
    """Problems of a block of `$ command` lines, each with the output that it must print."""
    # `\` at the end of a line continues the command, as in a shell.
    parts = re.split(r"^\$ ", body.replace("\\\n", ""), flags=re.MULTILINE)[1:]
    environment = {**os.environ, "PATH": f"{shims(folder)}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}
    for part in parts:
        command, _, expected = part.partition("\n")
        if command.startswith("gamedyn ") and not SHELL.search(command):
            result = run_here(command, folder)
        else:
            result = subprocess.run(
                ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
            )
        # A command shown with an error must end with it: what is printed is what a reader sees on a terminal.
        shown = result.stdout if result.returncode == 0 else result.stdout + result.stderr
        if expected.strip() and not Checker().check_output(expected, shown, FLAGS):
            yield f"$ {command}\nexpected:\n{expected}\ngot:\n{shown}\n{result.stderr}"
        elif not expected.strip() and result.returncode != 0:
            yield f"$ {command}\nfailed:\n{shown}"


def run_here(command, folder):
    """The result of `gamedyn ...` in this process, where most of what it loads is loaded already."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, COLUMNS="100"),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(shlex.split(command)[1:])
    return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())


def shims(folder):
    """A folder with the programs `gamedyn` and `python` of this very environment and checkout."""
    place = folder / ".programs"
    place.mkdir(exist_ok=True)
    root = Path(__file__).parents[2]
    for name, arguments in (("gamedyn", "-m gamedyn "), ("python", "")):
        path = f"PYTHONPATH={shlex.quote(str(root))}"
        (place / name).write_text(f'#!/bin/sh\n{path} exec {shlex.quote(sys.executable)} {arguments}"$@"\n')
        (place / name).chmod(0o755)
    return place


def run_python(body, session, line):
    """Problems of a block of Python: examples with >>> must print what they say, plain code must run."""
    if ">>>" in body:
        example = doctest.DocTestParser().get_doctest(body, session, "block", None, line)
        report = []
        runner = doctest.DocTestRunner(Checker(), optionflags=FLAGS)
        # A doctest works on a copy of its names; the next block of the page goes on with them.
        runner.run(example, out=report.append, clear_globs=False)
        session.update(example.globs)
        if report:
            yield "".join(report)
    else:
        try:
            exec(compile(body, "block", "exec"), session)
        except Exception as error:
            yield f"{type(error).__name__}: {error}"


def problems(text, folder):
    """What is wrong with the blocks of one page, run in order in `folder`."""
    session = {"__name__": "__main__"}
    for line, language, body in blocks(text):
        if file := FILE.match(body):
            # A block that starts with its name is a file of the reader's.
            (folder / file[1]).write_text(body, encoding="utf-8")
            found = []
        elif language == "python":
            found = run_python(body, session, line)
        elif language == "console":
            found = run_console(body, folder)
        elif language == "sh":
            found = [f"not a set-up command: {row}" for row in body.splitlines() if row and not row.startswith(SETUP)]
        elif language in SHOWN or language.startswith("{"):
            found = []
        else:
            found = [f"a block of unknown language {language!r}: name one that is run or shown"]
        yield from (f"line {line}: {problem}" for problem in found)


def python_problems(text):
    """The same for the Python of a page alone; the site's builder draws the page's pictures with it."""
    session = {"__name__": "__main__"}
    for line, language, body in blocks(text):
        if language == "python" and not FILE.match(body):
            yield from (f"line {line}: {problem}" for problem in run_python(body, session, line))
