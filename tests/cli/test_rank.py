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


def test_rules_with_options_and_around_others_stand_under_what_was_written(capsys):
    rules = ["--rules", "lookahead:extragradient", "--rule", "heavy-ball  momentum=-0.5 schedule=alternating"]
    assert main(["rank", "bilinear", *rules, *FAST, "--json"]) == 0
    pairs = json.loads(capsys.readouterr().out)["games"][0]["rules"]
    assert [pair["rule"] for pair in pairs] == [
        "lookahead:extragradient",
        "heavy-ball momentum=-0.5 schedule=alternating",
    ]
    # Five steps of two gradients.
    assert pairs[0]["evaluations_per_step"] == 10
    assert all(pair["shares"]["0"] == 1 for pair in pairs)


def test_finite_games_get_rules_on_mixed_strategies(capsys):
    assert main(["rank", "prisoners-dilemma", *FAST, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)["games"][0]
    rules = {pair["rule"]: pair for pair in document["rules"]}
    assert {"mirror-prox", "fictitious-play", "regret-matching"} <= set(rules)
    # Both defect, and nowhere else does a rule end that says that it has converged.
    (point,) = document["points"]
    assert point["point"] == pytest.approx([0, 1, 0, 1], abs=1e-4)
    assert rules["multiplicative-weights"]["shares"]["0"] == 1
    # A best response's step is a weight of at most 1, whatever the grid.
    assert max(rules["best-response"]["grid"]["step_size"]) <= 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "'nowhere' is no built-in game and not FILE.py:NAME."),
        (["bilinear", "--rules", "extragradeint"], "there is no rule 'extragradeint'. Did you mean extragradient"),
        (["bilinear", "--rules", "extragradient,"], "a rule must have a name, got none."),
        (["bilinear", "--rule", "consensus gamma=-1"], "`gamma` must be non-negative and finite, got -1."),
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
