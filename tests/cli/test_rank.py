"""gamedyn rank: a table, a document and a picture, and what is refused before the work."""

import json
import math

import pytest

from gamedyn.cli import main

FAST = ["--starts", "3", "--steps", "300"]


def test_the_table_names_the_rates(capsys):
    assert main(["rank", "bilinear", "--rules", "extragradient,simultaneous", *FAST]) == 0
    out = capsys.readouterr().out
    # The best step of extragradient on x y is 1/sqrt(2), with the radius sqrt(3)/2; descent never converges.
    (row,) = [line.split() for line in out.splitlines() if line.startswith("  extragradient") and "0.7071" in line]
    assert row[-2:] == [f"{math.sqrt(0.75):.6f}"] * 2
    assert "point 0: (0, 0), marginal" in out
    assert "simultaneous     0.0%    0.0%" in out


def test_document_file_and_picture(tmp_path, capsys):
    out, plot = tmp_path / "rank.json", tmp_path / "rank.svg"
    arguments = [
        "rank",
        "bilinear",
        "--rules",
        "extragradient",
        *FAST,
        "--json",
        "--out",
        str(out),
        "--plot",
        str(plot),
    ]
    assert main(arguments) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads(out.read_text())
    assert document["games"][0]["rules"][0]["predicted_rate"] == pytest.approx(math.sqrt(0.75), rel=1e-6)
    assert "performance profile" in plot.read_text().lower()
    assert main(arguments) == 2
    assert f"`--out`: {out} is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "'nowhere' is no built-in game and not FILE.py:NAME."),
        (["bilinear", "--rules", "extragradeint"], "there is no rule 'extragradeint'. Did you mean extragradient?"),
        (["bilinear", "--seed", "-1"], "`--seed` must not be negative, got -1."),
        (["bilinear", "--starts", "0"], "`starts` must be at least 1, got 0."),
        (["bilinear", "--plot", "x.gif"], "`--plot` must end in .png, .svg or .pdf, got 'x.gif'."),
        (["bilinear", "--out", "x.txt"], "`--out` must end in .json, got 'x.txt'."),
    ],
)
def test_bad_input_is_one_line(arguments, message, capsys):
    assert main(["rank", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
