"""gamedyn verify: selection, output forms, exit codes, files."""

import json

import pytest

from gamedyn.claims import Claim, Evidence, _registry
from gamedyn.cli import main

GOOD, BAD = Evidence(1.0, 1.0, 0.1, "by hand"), Evidence(1.0, 2.0, 0.1, "by hand")


def made(id, check=GOOD, control=BAD, **options):
    return Claim(id, f"statement of {id}", "nobody", "==", lambda rng: check, lambda rng: control, **options)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    groups = {
        "Divergences": (
            made("div.gibbs"),
            made("div.pinsker", expected="refuted", check=BAD),
            made("div.slow", full=True),
        ),
        "GAN theory": (made("gan.value-identity"), made("gan.wrong", check=BAD)),
        "Games": (made("game.unclear", check=Evidence(1.0, float("nan"), 0.1, "x")),),
    }
    monkeypatch.setattr(_registry, "_claims_by_group", lambda: groups)


def verify(capsys, *argv):
    code = main(["verify", *argv])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["div"], 0),
        (["gan"], 1),
        (["game"], 3),
        ([], 1),
        (["game", "div"], 3),
        (["div.slow"], 0),
        (["--full", "div"], 0),
    ],
)
def test_exit_codes(argv, code, capsys):
    assert verify(capsys, *argv)[0] == code


@pytest.mark.parametrize(
    ("argv", "ids"),
    [
        (["-k", "gibbs"], ["div.gibbs"]),
        (["-k", "div*"], ["div.gibbs", "div.pinsker"]),
        (["-k", "i", "gan"], ["gan.value-identity"]),
        (["--full", "-k", "slow"], ["div.slow"]),
        (["gan.value-identity", "div.gibbs"], ["div.gibbs", "gan.value-identity"]),
    ],
)
def test_selection(argv, ids, capsys):
    _, out, _ = verify(capsys, *argv, "--json")
    assert [row["id"] for row in json.loads(out)["claims"]] == ids


@pytest.mark.parametrize("argv", [["div.gibs"], ["-k", "gibsb"], ["-k", "slow"]])
def test_nothing_fits(argv, capsys):
    code, out, err = verify(capsys, *argv)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "--full" in err if "slow" in argv else "div.gibbs" in err


@pytest.mark.parametrize("argv", [["--cases", "0"], ["--seed", "-1"], ["--cases", "many"], ["--out", "report.txt"]])
def test_bad_options_are_one_line(argv, capsys):
    code, out, err = verify(capsys, *argv)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert argv[0] in err


def test_table_on_stdout_and_progress_on_stderr(capsys):
    _, out, err = verify(capsys)
    assert "5 claims: 2 hold, 1 refuted as expected, 1 fail, 1 undecided" in out
    assert "1 longer claims were left out" in out
    assert "reproduce: gamedyn verify gan.wrong --seed 0" in out
    assert err.splitlines() == [
        "verify: Divergences, from claim 1 of 5",
        "verify: GAN theory, from claim 3 of 5",
        "verify: Games, from claim 5 of 5",
    ]


@pytest.mark.parametrize(("pattern", "left_out"), [("s", True), ("gibbs", False)])
def test_longer_claims_that_fit_a_pattern_are_mentioned(pattern, left_out, capsys):
    _, out, _ = verify(capsys, "-k", pattern)
    assert ("1 longer claims were left out" in out) == left_out


def test_list_runs_nothing(capsys, monkeypatch):
    groups = {"One": (Claim("div.x", "the statement", "nobody", "==", None, None, full=True),)}
    monkeypatch.setattr(_registry, "_claims_by_group", lambda: groups)
    code, out, _ = verify(capsys, "--list")
    assert code == 0
    assert "div.x" in out
    assert "the statement [--full]" in out
    listed = json.loads(verify(capsys, "--list", "--json")[1])
    assert listed["claims"][0]["statement"] == "the statement"


def test_seed_and_cases_reach_the_document(capsys):
    document = json.loads(verify(capsys, "div", "--seed", "4", "--cases", "2", "--json")[1])
    assert (document["schema"], document["seed"], document["cases"]) == ("gamedyn.verify/1", 4, 2)


def test_json_file(tmp_path, capsys):
    path = tmp_path / "out.json"
    assert verify(capsys, "div", "--out", str(path))[0] == 0
    assert len(json.loads(path.read_text())["claims"]) == 2


def test_a_file_is_replaced_only_by_force(tmp_path, capsys):
    path = tmp_path / "out.json"
    path.write_text("mine")
    code, out, err = verify(capsys, "div", "--out", str(path))
    assert (code, out) == (2, "")
    assert "--force" in err
    assert path.read_text() == "mine"
    assert verify(capsys, "div", "--out", str(path), "--force")[0] == 0
    assert path.read_text() != "mine"


def test_a_missing_folder_is_said_before_the_work(tmp_path, capsys):
    code, out, err = verify(capsys, "--out", str(tmp_path / "no" / "report.html"))
    assert (code, out) == (2, "")
    assert "is not there" in err
    assert "verify:" not in err
