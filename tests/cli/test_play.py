"""gamedyn play: what the path did beside what theory predicts, and a picture on request."""

import json
import math
import re

import pytest

from gamedyn.cli import main

GAME = """
from gamedyn.games import Game, Quadratic, StochasticGame

class Ragged(Game):
    dims = (1, 1)
    def losses(self, z):
        return z[..., 0]

class Noisy(StochasticGame):
    dims = (1,)
    def draw(self, rng):
        return Quadratic.from_jacobian([[1.0]], (1,), [0.01 * rng.standard_normal()])
    def full(self):
        return Quadratic.from_jacobian([[1.0]], (1,))

ragged = Ragged()
noisy = Noisy()
shifted = Quadratic.from_jacobian([[1.0, 2.0], [-2.0, 1.0]], (1, 1), [1.0, 3.0])
hill = Quadratic.from_jacobian([[-1.0]], (1,), [1.0])
three = Quadratic.from_jacobian([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]], (1, 2))
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "my_game.py"
    path.write_text(GAME)
    return path


def play(capsys, *arguments):
    assert main(["play", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_bilinear_extragradient_contracts_as_predicted(capsys):
    # |1 - h l + h^2 l^2| at l = i: sqrt((1 - h^2)^2 + h^2).
    document = play(capsys, "bilinear", "--rule", "extragradient", "--step-size", "0.5", "--steps", "60")
    rho = math.hypot(1 - 0.25, 0.5)
    assert document["schema"] == "gamedyn.play/1"
    assert document["status"] == "MAX_STEPS"
    assert document["gradient_calls"] == 120
    assert document["predicted_rate"] == pytest.approx(rho, rel=1e-14, abs=0.0)
    assert document["fitted_rate"] == pytest.approx(rho, rel=1e-10, abs=0.0)
    assert document["distance"]["final"] == pytest.approx(2**0.5 * rho**60, rel=1e-10, abs=0.0)
    assert document["classification"]["kind"] == "marginal"


def test_the_limit_of_a_game_of_ones_own_is_found(file, capsys):
    document = play(capsys, f"{file}:shifted", "--start", "-3,4", "--steps", "200")
    # J z = -(1, 3): z = (-1 + 6, -2 - 3) / 5.
    assert document["start"] == [-3.0, 4.0]
    assert document["limit"] == pytest.approx([1.0, -1.0], rel=1e-12, abs=0.0)
    assert document["classification"]["kind"] == "nash"
    assert document["fitted_rate"] == pytest.approx(math.hypot(0.9, 0.2), rel=1e-9, abs=0.0)


def test_a_path_that_leaves_has_no_limit_unless_told(file, capsys):
    document = play(capsys, f"{file}:hill", "--start", "1.5", "--steps", "20000")
    assert document["status"] == "DIVERGED"
    # 1.1^k / 2 overflows after log(2^1024 * 2) / log(1.1) = 7454.9 steps.
    assert document["stop_step"] == 7455
    assert "limit" not in document
    assert "limit" not in play(capsys, f"{file}:hill", "--start", "1.5", "--steps", "50")
    told = play(capsys, f"{file}:hill", "--start", "1.5", "--steps", "20000", "--point", "1")
    assert told["predicted_rate"] == pytest.approx(1.1, rel=1e-14, abs=0.0)
    assert told["fitted_rate"] == pytest.approx(1.1, rel=1e-9, abs=0.0)
    assert told["classification"]["kind"] == "repeller"


def test_the_seed_makes_the_draws(file, capsys):
    first, again, other = (play(capsys, f"{file}:noisy", "--steps", "30", "--seed", s) for s in ("4", "4", "5"))
    assert first["final"] == again["final"] != other["final"]


def test_text_says_what_happened(capsys):
    assert main(["play", "dirac-gan", "--rule", "alternating", "--set", "inner-steps=1,2", "--steps", "30"]) == 0
    out = capsys.readouterr().out
    assert "inner_steps=(1, 2)" in out
    assert "all 30 steps made, 45 gradient evaluations" in out
    assert "predicted (spectral radius)" in out
    assert "fitted" in out
    assert "differential Nash" in out
    assert main(["play", "bilinear", "--steps", "3", "--rule", "proximal-point", "--tolerance", "9"]) == 0
    out = capsys.readouterr().out
    assert "converged at step 0, 0 gradient evaluations" in out
    assert "too few points to fit" in out


def test_finite_games_start_inside_and_tell_what_best_responses_gain(capsys):
    arguments = ["--rule", "fictitious-play", "--steps", "2000", "--seed", "3"]
    document = play(capsys, "matching-pennies", *arguments)
    start, gain = document["start"], document["exploitability"]
    # A best response to (p, 1 - p) wins |2 p - 1|.
    assert gain["start"] == pytest.approx(abs(2 * start[0] - 1) + abs(2 * start[2] - 1), rel=1e-12)
    # Robinson: beliefs come near an equilibrium.
    assert gain["final"] < 0.1 < gain["start"]
    assert document["start"] != play(capsys, "matching-pennies", *arguments[:-1], "4")["start"]
    assert main(["play", "matching-pennies", *arguments]) == 0
    assert "exploitability" in capsys.readouterr().out


def test_the_average_is_told_beside_the_end(capsys):
    # Multiplicative weights leave the equilibrium of a zero-sum game; their average comes to it.
    gain = play(capsys, "rock-paper-scissors", "--rule", "multiplicative-weights", "--steps", "2000")["exploitability"]
    assert gain["average"] < 0.2 < gain["start"] < gain["final"]


def test_on_simplices_the_rate_is_predicted_and_seen(capsys):
    document = play(capsys, "matching-pennies", "--rule", "mirror-prox", "--step-size", "0.5")
    # At 1/2 the mirror map's derivative across the simplex is 1/2, so that l = 2i is h l = i h: |1 - i h - h^2|.
    assert document["limit"] == pytest.approx([0.5] * 4, abs=1e-7)
    assert document["predicted_rate"] == pytest.approx(math.hypot(1 - 0.25, 0.5), rel=1e-9)
    assert document["fitted_rate"] == pytest.approx(math.hypot(1 - 0.25, 0.5), rel=1e-3)
    # Of a wrapped rule a part may lie off the simplices; best responses do not rest at ties.
    for rule in ("lookahead:mirror-prox", "best-response"):
        asked = play(capsys, "matching-pennies", "--rule", rule, "--point", "0.5,0.5,0.5,0.5", "--steps", "20")
        assert asked["predicted_rate"] is None


def test_rules_that_change_with_time_have_no_predicted_rate(capsys):
    document = play(capsys, "bilinear", "--rule", "anchored-extragradient", "--point", "0,0", "--steps", "50")
    assert document["predicted_rate"] is None
    assert document["distance"]["final"] < document["distance"]["start"]
    assert main(["play", "bilinear", "--rule", "adam", "--point", "0,0", "--steps", "5"]) == 0
    assert "not predicted" in capsys.readouterr().out


def test_games_that_do_not_rest_at_zero_are_compared_with_their_own_point(capsys):
    # Cournot: (intercept - 3 c_i + sum of c) / 3 with costs 5 and 2.
    assert play(capsys, "cournot")["limit"] == pytest.approx([92 / 3, 101 / 3], rel=1e-12)
    # Forsaken's path goes around; the box holds it, and the origin is no point of rest.
    assert "limit" not in play(capsys, "forsaken", "--start", "1,1")
    # x y leaves the origin, and is compared with it nevertheless.
    assert play(capsys, "hamiltonian-game")["limit"] == [0.0, 0.0]


def test_wrapped_rules_and_words(capsys):
    arguments = ["--rule", "lookahead:extragradient", "--set", "k=3", "--set", "alpha=1", "--step-size", "0.5"]
    document = play(capsys, "bilinear", *arguments, "--steps", "20")
    # With alpha = 1 three steps are one.
    assert document["predicted_rate"] == pytest.approx(math.hypot(1 - 0.25, 0.5) ** 3, rel=1e-12)
    document = play(capsys, "bilinear", "--rule", "heavy-ball", "--set", "schedule=alternating", "--steps", "3")
    assert "schedule='alternating'" in document["rule"]


def test_long_runs_tell_how_far_they_are(monkeypatch, capsys):
    from gamedyn.cli import _output

    clock = iter([0.0, *[100.0 * k for k in range(1, 10**6)]])
    monkeypatch.setattr(_output.time, "monotonic", lambda: next(clock))
    assert main(["play", "forsaken", "--steps", "300", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["steps"] == 300
    assert re.search(r"^play: step \d+ of 300$", captured.err, re.MULTILINE)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_plots_by_suffix_and_never_over_a_file(file, tmp_path, capsys, suffix):
    picture = tmp_path / f"p.{suffix}"
    command = ["play", f"{file}:three", "--steps", "50", "--plot", str(picture)]
    assert main(command) == 0
    magic = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix]
    before = picture.read_bytes()
    assert before.startswith(magic)
    assert main([*command, "--rule", "extragradient"]) == 2
    assert "--force" in capsys.readouterr().err
    assert picture.read_bytes() == before
    assert main([*command, "--rule", "extragradient", "--force"]) == 0
    assert picture.read_bytes() != before


def test_the_picture_fits_the_game(file, tmp_path):
    plane, distances = tmp_path / "plane.svg", tmp_path / "distances.svg"
    assert main(["play", "dirac-gan", "--rule", "extragradient", "--plot", str(plane)]) == 0
    assert "Phase portrait of the gradient flow" in plane.read_text()
    assert main(["play", f"{file}:three", "--steps", "50", "--plot", str(distances)]) == 0
    assert "Distance to the equilibrium" in distances.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bilinear", "--step-size", "-1"], "`step_size` must be positive and finite, got -1.0."),
        (["bilinear", "--step-size", "fast"], "invalid float value"),
        (["bilinear", "--rule", "extragardient"], "Did you mean extragradient"),
        (["bilinear", "--rule", "zzz"], "`gamedyn play --list` shows them."),
        (["bilinear", "--set", "gamma=1"], "'gamma=1' is no option of simultaneous-gradient-descent"),
        (["bilinear", "--rule", "consensus", "--set", "gamma=big"], "must be a number"),
        (["bilinear", "--set", "step-size=1"], "The step size is `--step-size`."),
        (["matching-pennies", "--rule", "fictitious-play", "--step-size", "1"], "fictitious-play has no step size."),
        (["bilinear", "--steps", "-5"], "`steps` must be at least 0, got -5."),
        (["bilinear", "--start", "1,2,3"], "`--start` must have 2 coordinates for this game, got 3."),
        (["bilinear", "--seed", "-1"], "`--seed` must not be negative"),
        (["bilinear", "--plot", "p.gif"], "`--plot` must end in .png, .svg or .pdf"),
        (["bilinear", "--plot", "no/such/folder/p.svg"], "is not there. Make it first."),
        (["bilinear", "--point", "1,1"], "must be a stationary point of `rule`, got a relative residual"),
        (["{file}:ragged"], "`game.losses` must return one loss per player, shape (2,)"),
    ],
)
def test_bad_arguments_are_one_clear_line(file, capsys, arguments, words):
    assert main(["play", *(a.format(file=file) for a in arguments)]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_on_mixed_strategies_the_rule_is_one_that_stays_there(capsys):
    assert "MirrorProx" in play(capsys, "matching-pennies", "--steps", "5")["rule"]
    assert "MirrorProx" in play(capsys, "kuhn-poker", "--steps", "5")["rule"]
    assert "SimultaneousGradientDescent" in play(capsys, "forsaken", "--steps", "5")["rule"]


def test_an_end_outside_of_the_domain_is_told(capsys):
    arguments = ["matching-pennies", "--rule", "simultaneous", "--step-size", "1"]
    document = play(capsys, *arguments)
    assert not document["inside"]
    assert "limit" not in document
    assert main(["play", *arguments]) == 0
    assert "the end has left the game's domain" in capsys.readouterr().out
    assert play(capsys, "matching-pennies")["inside"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["forsaken", "--start", "9,9"],
            "`--start` must lie in Box(-1.5, 1.5), got 9,9. Next to it there is 1.5, 1.5.",
        ),
        (["matching-pennies", "--start", "0.6,0.6,1,0"], "Next to it there is 0.5, 0.5, 1, 0."),
        (["forsaken", "--point", "9,9"], "`--point` must lie in Box(-1.5, 1.5), got 9,9."),
    ],
)
def test_points_outside_of_the_domain_are_refused_with_the_next_one_inside(capsys, arguments, words):
    assert main(["play", *arguments, "--steps", "3"]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_an_animation_is_written(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    film = tmp_path / "path.gif"
    arguments = ["play", "bilinear", "--steps", "4", "--animate", str(film)]
    assert main(arguments) == 0
    assert film.read_bytes().startswith(b"GIF89a")
    assert f"animation: {film}" in capsys.readouterr().err
    assert main(arguments) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--animate", "path.png"], "`--animate` must end in .gif, got 'path.png'."),
        (["--animate", "nowhere/path.gif"], "`--animate`: the folder nowhere is not there. Make it first."),
        (["--steps", "0", "--animate", "path.gif"], "`--animate` needs steps to show, got `--steps` 0."),
    ],
)
def test_wrong_animations_are_one_sentence(tmp_path, monkeypatch, capsys, arguments, words):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    assert main(["play", "bilinear", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_an_animation_needs_two_coordinates(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    path = tmp_path / "bowl.py"
    path.write_text("from gamedyn.games import Quadratic\nbowl = Quadratic([[[1.0]]], dims=(1,))\n")
    assert main(["play", f"{path}:bowl", "--animate", str(tmp_path / "path.gif")]) == 2
    assert "`--animate` needs a game of two coordinates or more, and this one has 1." in capsys.readouterr().err
