"""`gamedyn classify`: what kind of point of a game a point is."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from gamedyn.cli._certify import add_options, certificate_of, is_undecided, list_points, read_rule
from gamedyn.cli._exit import OK, UNDECIDED, UsageError
from gamedyn.cli._list import add_list
from gamedyn.cli._output import check_plot
from gamedyn.cli._start import default_start
from gamedyn.cli._target import GAME_HELP, add_point, blame, load_game, parse_point

if TYPE_CHECKING:
    from gamedyn.games import Game

__all__ = ["HELP", "configure", "finite", "run"]

HELP = "classify a point of a game: Nash, minimax, attracting, saddle"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("game", help=GAME_HELP)
    add_list(parser)
    add_point(
        parser,
        "--point",
        "its coordinates, as 0,0 (default: 0 where it rests, else the point that Newton's method finds)",
    )
    parser.add_argument("--tolerance", type=float, metavar="T", help="largest relative residual of a stationary point")
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--plot", metavar="FILE", help="with --all: the flow with the points, as .png, .svg or .pdf")
    parser.add_argument("--force", action="store_true", help="let --plot replace a file")
    parser.epilog = (
        "Exit code 3 where the answer is open: kind `marginal` or `undecided`, not proved by --certify, or points "
        "that --all --certify may have missed."
    )


def run(arguments: argparse.Namespace) -> int:
    """Classify the point, print the verdicts."""
    from gamedyn import equilibria

    check_plot(arguments.plot, arguments.force)
    game = load_game(arguments.game).full()
    if arguments.all:
        if arguments.point:
            raise UsageError("`--point` names one point, and --all lists those of a box: give one of the two.")
        with blame(arguments.game):
            return list_points(arguments, game)
    for flag in ("box", "plot"):
        if getattr(arguments, flag):
            raise UsageError(f"`--{flag}` belongs to --all: give it, too.")
    rule = read_rule(arguments)
    with blame(arguments.game):
        point = parse_point("--point", arguments.point, game) if arguments.point else _resting(game)
        found = equilibria.classify(game, point, tolerance=arguments.tolerance)
        proved = certificate_of(game, point, rule) if arguments.certify else None
    if arguments.json:
        document = {"schema": "gamedyn.classify/1", "game": arguments.game, "point": point, **found.document()}
        if proved is not None:
            document["certificate"] = json.loads(proved.to_json())
        print(json.dumps(document, indent=2, allow_nan=False))
    else:
        print(found)
        if not arguments.point:
            shown = ", ".join(f"{x:.6g}" for x in point[:8]) + (", ..." if len(point) > 8 else "")
            print(f"  {'point':<21}{shown}; another one by --point")
        if proved is not None:
            print(f"\n{proved}")
    if proved is not None:
        return UNDECIDED if is_undecided(proved) else OK
    return UNDECIDED if found.is_undecided else OK


def _resting(game: Game) -> list[float]:
    """0 where it may be and the field vanishes; else what Newton's method finds; else 0 or where games start."""
    import numpy

    from gamedyn.backend import to_host
    from gamedyn.equilibria import find_stationary_point

    origin = numpy.zeros(sum(game.dims))
    start = origin if bool(game.domain.contains(origin)) else numpy.asarray(default_start(game, 0))
    if to_host(game.simultaneous_gradient(start)).any():
        found = find_stationary_point(game, start)
        if found.converged and bool(game.domain.contains(found.point)):
            return [float(x) for x in to_host(found.point)]
    return [float(x) for x in start]


def finite(number: Any) -> float | None:
    """The number, or None for what JSON cannot hold."""
    value = float(number)
    return value if abs(value) < float("inf") else None
