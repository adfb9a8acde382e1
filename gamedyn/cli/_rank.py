"""`gamedyn rank`: update rules on games, each at its best step size, by cost and by where the starts end."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from gamedyn.cli._exit import OK, UsageError
from gamedyn.cli._output import check_output, check_plot
from gamedyn.cli._target import GAMES, RULES, blame, load_game, make_rule

__all__ = ["HELP", "configure", "run"]

HELP = "compare update rules on games, each at its own best step size"

_DEFAULT_GAMES = ("bilinear", "dirac-gan")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "games",
        nargs="*",
        default=list(_DEFAULT_GAMES),
        metavar="GAME",
        help=f"FILE.py:NAME (the file is run), or of {', '.join(GAMES)} (default: {' '.join(_DEFAULT_GAMES)})",
    )
    parser.add_argument(
        "--rules", metavar="LIST", help=f"separated by commas, of {', '.join(RULES)} (default: all of them)"
    )
    parser.add_argument("--starts", type=int, default=32, metavar="N", help="starting points of each game (default 32)")
    parser.add_argument("--spread", type=float, default=1.0, metavar="S", help="standard deviation of the starts")
    parser.add_argument("--steps", type=int, default=1000, metavar="N", help="at most this many (default 1000)")
    parser.add_argument("--tolerance", type=float, default=1e-6, metavar="T", help="on the gradient's norm")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of all draws (default 0)")
    parser.add_argument("--plot", metavar="FILE", help="draw the performance profile, as .png, .svg or .pdf")
    parser.add_argument("--out", metavar="FILE", help="write the JSON document, too")
    parser.add_argument("--force", action="store_true", help="let --plot and --out replace files")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Compare, print and draw."""
    check_output("--out", arguments.out, (".json",), arguments.force)
    check_plot(arguments.plot, arguments.force)
    if arguments.seed < 0:
        raise UsageError(f"`--seed` must not be negative, got {arguments.seed}.")
    names = list(RULES) if arguments.rules is None else [word.strip() for word in arguments.rules.split(",")]
    rules = {name: make_rule(name, None, []) for name in names}
    games = {target: load_game(target) for target in arguments.games}
    from gamedyn.experiments import compare_rules

    with blame(next((target for target in games if target not in GAMES), "")):
        found = compare_rules(
            games,
            rules,
            starts=arguments.starts,
            spread=arguments.spread,
            steps=arguments.steps,
            tolerance=arguments.tolerance,
            rng=arguments.seed,
        )
    text = json.dumps(found.document(), indent=2, allow_nan=False)
    print(text if arguments.json else found)
    if arguments.out:
        from gamedyn._files import write_atomically

        write_atomically(Path(arguments.out), lambda file: file.write(f"{text}\n".encode()))
        print(f"written: {arguments.out}", file=sys.stderr)
    if arguments.plot:
        from gamedyn.plotting import plot_performance_profile, save_figure

        save_figure(plot_performance_profile(found), arguments.plot)
        print(f"plot: {arguments.plot}", file=sys.stderr)
    return OK
