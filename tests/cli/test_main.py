"""The frame of the command line: lazy help, one line per error, exit codes."""

import os
import subprocess
import sys
import types

import pytest

import gamedyn
from gamedyn.backend import MissingExtraError
from gamedyn.cli import _exit, _main, main


@pytest.fixture
def command(monkeypatch):
    """Installs a command named `info` whose run does what the test wants."""

    def install(run):
        module = types.SimpleNamespace(
            HELP="help of the stand-in", configure=lambda parser: parser.add_argument("--depth", type=int), run=run
        )
        monkeypatch.setattr(_main, "_load", lambda name: module)

    return install


def raising(error):
    def run(arguments):
        raise error

    return run


def test_bare_call_says_what_to_try_in_a_dozen_lines(capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert "gamedyn verify" in out
    assert "gamedyn compare" in out
    assert 8 <= len(out.splitlines()) <= 14


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"gamedyn {gamedyn.__version__}\n"


@pytest.mark.parametrize("argv", [["--help"], ["verify", "--help"], ["info", "--help"], ["--version"], []])
def test_answers_about_itself_without_a_third_party_module(argv):
    code = (
        "import sys; before = set(sys.modules)\n"
        "from gamedyn.cli import main; main(sys.argv[1:])\n"
        "roots = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "sys.exit(repr(sorted(roots - set(sys.stdlib_module_names))))"
    )
    done = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, text=True, check=False)
    assert done.stderr == "['gamedyn']\n"
    assert done.stdout


def test_only_the_command_that_was_asked_for_is_imported():
    code = "import sys; from gamedyn.cli import main; main(['info', '--help']);"
    code += "sys.exit('gamedyn.cli._verify' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for name in _main.COMMANDS:
        assert f"    {name} " in out


def test_unknown_command_offers_the_nearest(capsys):
    assert main(["verfy"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "gamedyn: there is no command 'verfy'. Did you mean verify?\n"
    assert captured.out == ""


def test_unknown_command_like_none_lists_all(capsys):
    assert main(["xyzzy"]) == 2
    assert "The commands are verify, compare" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["--no-such"], ["info", "--no-such"], ["info", "extra-word"]])
def test_wrong_usage_is_one_line(argv, capsys):
    assert main(argv) == 2
    err = capsys.readouterr().err
    assert err.startswith("gamedyn: unrecognized arguments")
    assert err.count("\n") == 1


@pytest.mark.parametrize("argv", [["info", "--debug", "--depth", "3"], ["--debug", "info", "--depth", "3"]])
def test_options_of_every_command_stand_before_or_after_it(argv, command):
    seen = []
    command(lambda arguments: seen.append((arguments.debug, arguments.depth)) or 3)
    assert main(argv) == 3
    assert seen == [(True, 3)]


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (_exit.UsageError("`x` is wrong."), 2, "`x` is wrong."),
        (FileNotFoundError(2, "No such file or directory", "a.csv"), 2, "a.csv: No such file or directory."),
        (MissingExtraError("install it."), 4, "install it."),
        (_exit.MissingError("no device."), 4, "no device."),
        (KeyboardInterrupt(), 130, "interrupted."),
        (ZeroDivisionError("division"), 70, "internal error: ZeroDivisionError: division Run again"),
        (ValueError("not raised in the package"), 70, "internal error: ValueError"),
        (_exit.UsageError("two\n lines"), 2, "two lines"),
    ],
)
def test_each_error_is_one_line_and_its_exit_code(error, code, text, command, capsys):
    command(raising(error))
    assert main(["info"]) == code
    captured = capsys.readouterr()
    assert captured.err.startswith(f"gamedyn: {text}")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_check_of_the_package_is_bad_input(command, capsys):
    from gamedyn._checks import check_positive

    command(lambda arguments: check_positive("step_size", -1))
    assert main(["info"]) == 2
    assert capsys.readouterr().err == "gamedyn: `step_size` must be positive and finite, got -1.\n"


def test_traceback_only_with_debug(command, capsys):
    command(raising(ZeroDivisionError("x")))
    main(["info", "--debug"])
    assert "Traceback" in capsys.readouterr().err
    main(["info"])
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif("cupy" in sys.modules, reason="a device may serve")
def test_backend_without_a_device_is_missing(capsys):
    assert main(["info", "--backend", "cupy"]) == 4
    err = capsys.readouterr().err
    assert "CuPy" in err
    assert err.count("\n") == 1


def test_backend_is_chosen(command):
    from gamedyn import backend

    command(lambda arguments: 0)
    try:
        assert main(["--backend", "numpy", "info"]) == 0
        assert backend._default._chosen == "numpy"
    finally:
        backend.use("auto")


@pytest.mark.parametrize("options", [["-u"], []], ids=["write fails", "flush fails"])
def test_closed_pipe_ends_quietly(options):
    script = "import sys; from gamedyn.cli import main\nsys.stdin.read()\nsys.exit(main([]))"
    process = subprocess.Popen(
        [sys.executable, *options, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    process.stdin.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 141
    assert err == b""


def test_python_dash_m_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "gamedyn", "nonsense"], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
