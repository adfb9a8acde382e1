"""gamedyn classify --certify and --all: proofs, lists of points, pictures, and one line for what is wrong."""

import functools
import json
import sys

import pytest

from gamedyn import equilibria
from gamedyn.cli import main

pytest.importorskip("flint")


def test_a_proof_follows_the_classification(capsys):
    assert main(["classify", "forsaken", "--certify", "--rule", "extragradient", "--step-size", "0.1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("attractor\n")
    assert "exactly one stationary point of forsaken" in out
    assert "rule converges       yes" in out


def test_what_is_not_proved_is_exit_code_three(capsys):
    # A centre: its eigenvalues lie on the axis.
    assert main(["classify", "hamiltonian-game", "--certify"]) == 3
    assert "attracts the flow    undecided" in capsys.readouterr().out
    # Where exactly at the limit of stability, 1 - h = -1, a rule is undecided though the point is not.
    assert (
        main(["classify", "strongly-monotone-game", "--certify", "--rule", "simultaneous", "--step-size", "0.5"]) == 0
    )
    capsys.readouterr()


def test_certificates_in_json_can_be_checked_again(capsys):
    from gamedyn.equilibria import Certificate
    from gamedyn.games import forsaken

    assert main(["classify", "forsaken", "--certify", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "gamedyn.classify/1"
    again = Certificate.from_json(json.dumps(document["certificate"]), forsaken())
    assert again.check().is_yes
    assert again.kind == document["kind"]


@pytest.mark.parametrize("proof", [[], ["--certify"]])
def test_all_points_of_a_box_are_listed(capsys, proof):
    # Adolphs' game has three: 0 and -2 +- sqrt 2 times (1, -1).
    assert main(["classify", "adolphs-game", "--all", "--box", "-5,5", "--json", *proof]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "gamedyn.classify-all/1"
    assert [point["kind"] for point in document["points"]] == ["nash", "saddle", "attractor"]
    assert document["complete"] == bool(proof)
    assert main(["classify", "adolphs-game", "--all", "--box", "-5,5", "-5,5", *proof]) == 0
    out = capsys.readouterr().out
    assert "-3.41421" in out
    assert "(0, 0)" in out


def test_a_line_of_equilibria_is_not_complete(capsys, monkeypatch):
    monkeypatch.setattr(equilibria, "certify_all", functools.partial(equilibria.certify_all, max_boxes=2000))
    assert main(["classify", "tandem", "--all", "--certify", "--box", "0,1"]) == 3
    assert "boxes undecided" in capsys.readouterr().out


def test_the_points_can_be_drawn(tmp_path, capsys):
    picture = tmp_path / "points.svg"
    command = ["classify", "adolphs-game", "--all", "--box=-5,5", "--plot", str(picture)]
    assert main(command) == 0
    assert "saddle" in picture.read_text()
    assert main(command) == 2
    assert main([*command, "--force"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["forsaken", "--all", "--box", "1,1"], "low < high"),
        (["forsaken", "--all", "--box", "1,2", "3,4", "5,6"], "one interval, or 2 for this game, got 3"),
        (["forsaken", "--all", "--box", "a,b"], "intervals like -2,2, got 'a,b'"),
        (["forsaken", "--box", "1,2"], "`--box` belongs to --all"),
        (["forsaken", "--all", "--tolerance", "-1"], "`tolerance` must be positive"),
        (["forsaken", "--all", "--point", "0,0"], "give one of the two"),
        (["forsaken", "--rule", "extragradient"], "looked at by --certify"),
        (["forsaken", "--certify", "--step-size", "0.1"], "give --rule, too"),
        (["dirac-gan", "--certify"], "`game` must be a SymbolicGame"),
    ],
)
def test_what_is_wrong_is_one_line(capsys, words, message):
    assert main(["classify", *words]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1


def test_the_domain_is_the_box_unless_another_is_given(capsys):
    assert main(["classify", "mertikopoulos-game", "--all", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["box"] == [[0.0, 1.0], [0.0, 1.0]]
    assert main(["classify", "adolphs-game", "--all", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["box"] == [[-3.0, 3.0], [-3.0, 3.0]]


def test_open_kinds_in_a_list_are_exit_code_three(capsys):
    # The origin is a centre: one point, whose kind is open.
    assert main(["classify", "hamiltonian-game", "--all"]) == 3
    assert main(["classify", "hamiltonian-game", "--all", "--certify"]) == 3
    assert "complete" in capsys.readouterr().out
    # The point is decided; multipliers 1e-60 from the circle are not, with 128 bits.
    command = ["classify", "strongly-monotone-game", "--all", "--certify", "--rule", "proximal-point"]
    assert main([*command, "--step-size", "0.1"]) == 0
    assert main([*command, "--step-size", "1e-60"]) == 3


def test_a_picture_needs_two_coordinates(tmp_path, capsys):
    command = ["classify", "four-player-weak-attractor", "--all", "--plot", str(tmp_path / "points.svg")]
    assert main(command) == 2
    captured = capsys.readouterr()
    assert "`--plot` draws games of two coordinates, got 4." in captured.err
    assert captured.out == ""


def test_the_extra_that_is_missing_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "flint", None)
    for more in ([], ["--all"]):
        assert main(["classify", "forsaken", "--certify", *more]) == 4
        captured = capsys.readouterr()
        assert "certify" in captured.err
        assert captured.err.count("\n") == 1
