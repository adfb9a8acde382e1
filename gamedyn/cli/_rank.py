"""`gamedyn rank`: update rules on games, each at its best step size, by cost and by where the starts end."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gamedyn.cli._exit import OK, UsageError
from gamedyn.cli._list import add_list
from gamedyn.cli._output import Progress, check_output, check_plot
from gamedyn.cli._rules import SIMPLEX_RULES, make_rule
from gamedyn.cli._target import GAME_HELP, blame, is_built_in, load_game

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["HELP", "configure", "run"]

HELP = "compare update rules on games, each at its own best step size"

# One with rotation alone, one with curvature, a GAN, and three where what attracts is no equilibrium, or nothing does.
_DEFAULT_GAMES = ("bilinear", "strongly-monotone-game", "dirac-gan", "jin-minimax", "adolphs-game", "forsaken")
_DEFAULT_RULES = (
    "simultaneous",
    "alternating",
    "heavy-ball momentum=-0.3 schedule=alternating",
    "extragradient",
    "optimistic",
    "lookahead:extragradient",
    "adam",
    "consensus",
    "hamiltonian-descent",
    "symplectic-adjustment",
    "competitive",
    "follow-the-ridge",
    "proximal-point",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "games",
        nargs="*",
        default=list(_DEFAULT_GAMES),
        metavar="GAME",
        help=f"{GAME_HELP} (default: {' '.join(_DEFAULT_GAMES)})",
    )
    add_list(parser)
    parser.add_argument(
        "--rules",
        metavar="LIST",
        help="names that --list shows, separated by commas, as extragradient,lookahead:optimistic (default: "
        f"{len(_DEFAULT_RULES)} of them; those on mixed strategies where all games are finite)",
    )
    parser.add_argument(
        "--rule",
        action="append",
        metavar="RULE",
        help="one more, with hyper-parameters, as 'heavy-ball momentum=-0.3'; may be given again",
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
    games = {target: load_game(target) for target in arguments.games}
    rules = {spec: make_rule(spec) for spec in _specs(arguments, games)}
    from gamedyn.experiments import compare_rules

    with blame(next((target for target in games if not is_built_in(target)), "")):
        found = compare_rules(
            games,
            rules,
            starts=arguments.starts,
            spread=arguments.spread,
            steps=arguments.steps,
            tolerance=arguments.tolerance,
            rng=arguments.seed,
            executor=_here(),
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


def _specs(arguments: argparse.Namespace, games: dict[str, Any]) -> list[str]:
    """The rules, as `make_rule` reads them: each once, in the order given."""
    if arguments.rules is None and not arguments.rule:
        from gamedyn.games import on_simplices

        finite = all(on_simplices(game.full(), several=True) for game in games.values())
        return list(SIMPLEX_RULES if finite else _DEFAULT_RULES)
    listed = [] if arguments.rules is None else [word.strip() for word in arguments.rules.split(",")]
    return list(dict.fromkeys([*listed, *(" ".join(spec.split()) for spec in arguments.rule or [])]))


def _here() -> Executor:
    """Runs the pairs in this process, one after the other, and tells how many are done."""
    from concurrent.futures import Executor

    class Here(Executor):
        def map(  # type: ignore[override]
            self, function: Callable[..., Any], *iterables: Iterable[Any]
        ) -> Iterator[Any]:
            tasks = list(zip(*iterables, strict=True))
            progress = Progress("rank", "pair")
            for done, task in enumerate(tasks):
                progress.show(done, len(tasks))
                yield function(*task)
            progress.clear()

    return Here()
