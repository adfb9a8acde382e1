"""Games by name on the command line."""

import json

import pytest

from gamedyn import games
from gamedyn.cli import main
from gamedyn.cli._games import GAMES


def test_every_named_game_has_its_name_on_the_command_line():
    assert {name.replace("_", "-") for name in games.NAMED} <= set(GAMES)


@pytest.mark.parametrize(
    ("name", "point", "kind"),
    [("jin-minimax", "0,0", "minimax"), ("torus-location-game", "1.5687041,-0.3968826", "nash")],
)
def test_named_games_are_classified(capsys, name, point, kind):
    main(["classify", name, "--point", point, "--json", "--tolerance", "1e-6"])
    assert json.loads(capsys.readouterr().out)["kind"] == kind


def test_named_games_are_played_to_where_they_end(capsys):
    arguments = ["play", "adolphs-game", "--rule", "extragradient", "--step-size", "0.05", "--steps", "800"]
    assert main([*arguments, "--start", "-3,3", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    # The Nash equilibrium (-2 - sqrt 2, 2 + sqrt 2).
    assert document["final"] == pytest.approx([-3.414213562373095, 3.414213562373095], rel=1e-9)
    assert document["classification"]["kind"] == "nash"


def test_misspelt_names_are_mended(capsys):
    assert main(["classify", "forsakne"]) == 2
    assert "Did you mean forsaken" in capsys.readouterr().err
