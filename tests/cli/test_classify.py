"""gamedyn classify: the verdicts on a point, and one line for whatever is wrong with the file."""

import json

import pytest

from gamedyn.cli import main

GAME = """
from gamedyn.games import Game, Quadratic
import neighbour

class Bowl(Game):
    dims = (1,)
    def losses(self, z):
        return neighbour.half * z**2

class Broken(Game):
    dims = (1, 1)
    def losses(self, z):
        return z @ undefined

class Ragged(Game):
    dims = (1, 1)
    def losses(self, z):
        return z[..., 0]

bowl = Bowl()
broken = Broken()
ragged = Ragged()
saddle = Quadratic.from_jacobian([[1.0, 0.0], [0.0, -1.0]], (1, 1))
valley = Quadratic.from_jacobian([[1.0, 1.0], [1.0, 1.0]], (2,))
number = 3
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "neighbour.py").write_text("half = 0.5\n")
    path = tmp_path / "my_game.py"
    path.write_text(GAME)
    return path


@pytest.mark.parametrize(
    ("name", "point", "kind", "code"),
    [
        ("bowl", "0", "nash", 0),
        ("bowl", "0.5", "nonstationary", 0),
        ("saddle", "0,0", "saddle", 0),
        ("valley", "1,-1", "undecided", 3),
        ("valley", "-1,1", "undecided", 3),
    ],
)
def test_prints_the_kind_and_the_verdicts(file, capsys, name, point, kind, code):
    assert main(["classify", f"{file}:{name}", "--point", point]) == code
    out = capsys.readouterr().out.splitlines()
    assert out[0] == kind
    assert any("differential Nash" in line for line in out)


def test_the_document_holds_unrounded_numbers(capsys):
    assert main(["classify", "dirac-gan", "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "gamedyn.classify/1"
    assert document["kind"] == "marginal"
    # Eigenvalues +-i |f'(0)| with f' = sigmoid.
    assert sorted(imag for _, imag in document["eigenvalues"]) == pytest.approx([-0.5, 0.5], rel=1e-15, abs=0.0)
    assert document["verdicts"]["differential_nash"]["answer"] == "no"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("bilinaer", "Did you mean bilinear"),
        ("zzz", "`gamedyn play --list` shows them."),
        ("{folder}/none.py:game", "none.py: no such file."),
        ("{file}:gmae", "has no attribute 'gmae'. Its games are: bowl, broken, ragged, saddle, valley."),
        ("{file}:", "has no attribute ''"),
        ("{file}:number", "must be a gamedyn Game, got int."),
        ("{file}:Bowl", "is a class. Name an instance of it, as in `game = Bowl(...)`."),
        ("{file}:broken", "my_game.py, line 13: NameError: name 'undefined' is not defined"),
    ],
)
def test_bad_targets_are_one_clear_line(file, tmp_path, capsys, target, words):
    assert main(["classify", target.format(file=file, folder=tmp_path)]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\ny = (\n", "other.py, line 2: SyntaxError"),
        ("x = 1\nimport no_such_module_anywhere\n", "other.py, line 2: ModuleNotFoundError"),
        ("import sys\nsys.exit(5)\n", "ended the program (exit 5)"),
    ],
)
def test_a_file_that_does_not_run_is_named_with_its_line(tmp_path, capsys, text, words):
    path = tmp_path / "other.py"
    path.write_text(text)
    assert main(["classify", f"{path}:game"]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--point", "1"], "`--point` must have 2 coordinates for this game, got 1."),
        (["--point", "a,b"], "`--point` must be numbers"),
        (["--tolerance", "-1"], "`tolerance` must be positive"),
    ],
)
def test_bad_arguments(capsys, arguments, words):
    assert main(["classify", "bilinear", *arguments]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("game", "point", "kind"),
    [
        # (intercept - 3 c_i + sum of c) / 3 with costs 5 and 2; and the origin, where it rests.
        ("cournot", [92 / 3, 101 / 3], "nash"),
        ("jin-minimax", [0.0, 0.0], "minimax"),
        ("matching-pennies", [0.5] * 4, "marginal"),
    ],
)
def test_without_a_point_one_is_found(capsys, game, point, kind):
    main(["classify", game, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["point"] == pytest.approx(point, rel=1e-9)
    assert document["kind"] == kind
    main(["classify", game])
    assert f"{point[0]:.6g}, {point[1]:.6g}" in capsys.readouterr().out
