"""`gamedyn play`: simulates a game under an update rule, and says what theory predicts for the end."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from gamedyn.cli._classify import finite
from gamedyn.cli._exit import OK, UsageError
from gamedyn.cli._list import add_list
from gamedyn.cli._output import Progress, check_animation, check_plot
from gamedyn.cli._rules import make_rule
from gamedyn.cli._start import default_start, describe_start
from gamedyn.cli._target import GAME_HELP, add_point, blame, is_built_in, load_game, parse_point

if TYPE_CHECKING:
    from gamedyn.dynamics import Trajectory
    from gamedyn.equilibria import Classification
    from gamedyn.games import Game
    from gamedyn.updates import UpdateRule

__all__ = ["HELP", "configure", "run"]

HELP = "simulate a game under an update rule"

# Enough for a picture and a fit, however many steps.
_MOST_RECORDS = 5000


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("game", help=GAME_HELP)
    add_list(parser)
    parser.add_argument(
        "--rule",
        metavar="RULE",
        help="a name that --list shows, as extragradient, 'heavy-ball momentum=-0.3' or lookahead:extragradient "
        "(default: simultaneous; mirror-prox on mixed strategies)",
    )
    parser.add_argument("--step-size", type=float, metavar="H", help="default: the rule's own, mostly 0.1")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another hyper-parameter, as gamma=0.5 or schedule=alternating; inner.NAME is a wrapped rule's",
    )
    parser.add_argument("--steps", type=int, default=500, metavar="N", help="default 500")
    add_point(parser, "--start", describe_start())
    add_point(parser, "--point", "compare with this stationary point (default: the one that the end is near to)")
    parser.add_argument("--tolerance", type=float, metavar="T", help="stop where the gradient's norm is within T")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of a stochastic game's draws (default 0)")
    parser.add_argument("--plot", metavar="FILE", help="draw the path, as .png, .svg or .pdf")
    parser.add_argument("--animate", metavar="FILE", help="draw it in motion, as .gif")
    parser.add_argument("--force", action="store_true", help="let --plot and --animate replace a file")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Simulate, compare with the prediction, print and draw."""
    from gamedyn import dynamics, equilibria, games

    check_plot(arguments.plot, arguments.force)
    check_animation(arguments.animate, arguments.force)
    if arguments.seed < 0:
        raise UsageError(f"`--seed` must not be negative, got {arguments.seed}.")
    if arguments.rule is not None:
        make_rule(arguments.rule, arguments.step_size, arguments.set)  # complains before a file is run
    game = load_game(arguments.game)
    full = game.full()
    if arguments.animate and sum(full.dims) < 2:
        raise UsageError("`--animate` needs a game of two coordinates or more, and this one has 1.")
    if arguments.animate and arguments.steps < 1:
        raise UsageError(f"`--animate` needs steps to show, got `--steps` {arguments.steps}.")
    if arguments.rule is None:
        arguments.rule = "mirror-prox" if games.on_simplices(full, several=True) else "simultaneous"
    rule = make_rule(arguments.rule, arguments.step_size, arguments.set)
    start = parse_point("--start", arguments.start, full) if arguments.start else default_start(full, arguments.seed)
    progress = Progress("play")
    with blame(arguments.game):
        try:
            path = dynamics.simulate(
                game,
                rule,
                start,
                arguments.steps,
                rng=arguments.seed,
                record_every=max(1, arguments.steps // _MOST_RECORDS),
                tolerance=arguments.tolerance,
                progress=progress.show,
            )
        finally:
            progress.clear()
        report, found = _report(arguments, full, rule, path, start) | _exploitability(full, path), None
        limit = _limit(arguments, full, path)
        if limit is not None:
            found = equilibria.classify(full, limit)
            report |= _compare(arguments, full, rule, path, limit) | {"classification": found.document()}
    print(json.dumps(report, indent=2, allow_nan=False) if arguments.json else _text(report, found))
    if arguments.plot:
        _draw(arguments, full, path, limit)
    if arguments.animate:
        _animate(arguments, full, path, limit)
    return OK


def _limit(arguments: argparse.Namespace, game: Game, path: Trajectory) -> Any:
    """The stationary point to compare with, or None."""
    from gamedyn import equilibria
    from gamedyn.backend import array_namespace, to_host

    if arguments.point:
        return parse_point("--point", arguments.point, game)
    xp = array_namespace(path.final)
    if not bool(game.domain.contains(path.final)):
        return None
    found = equilibria.find_stationary_point(game, path.final)
    point = found.point
    near = to_host(path.distance_to(point))
    # Newton's method finds some stationary point; it is the limit only where the path has come towards it.
    reached = found.converged and near[-1] <= max(0.5 * float(near[0]), 1e-8)
    # Many of our own games rest at the origin: there a path that leaves is compared, too.
    origin = xp.zeros_like(path.final)
    rests = is_built_in(arguments.game) and not bool(xp.any(game.simultaneous_gradient(origin)))
    if rests and (not reached or float(xp.max(xp.abs(point))) < 1e-8):
        point = origin
    elif not reached:
        return None
    # In a corner of a constrained game the field need not vanish, and a zero of it need not be inside.
    return [float(x) for x in to_host(point)] if bool(game.domain.contains(point)) else None


def _exploitability(game: Game, path: Trajectory) -> dict[str, Any]:
    """Of finite games: what the players together would gain from best responses, at the ends and on average."""
    from gamedyn import equilibria, games
    from gamedyn.backend import array_namespace

    if not games.on_simplices(game):
        return {}
    points = path.points
    where = {"start": points[0], "final": path.final, "average": array_namespace(points).mean(points, axis=0)}
    inside = {name: game.domain.project(point) for name, point in where.items()}
    return {"exploitability": {name: float(equilibria.exploitability(game, z)) for name, z in inside.items()}}


def _report(
    arguments: argparse.Namespace, game: Game, rule: UpdateRule, path: Trajectory, start: list[float]
) -> dict[str, Any]:
    from gamedyn import dynamics
    from gamedyn.backend import to_host

    stop, inside = int(path.stop_step), game.domain.contains(path.final)
    return {
        "schema": "gamedyn.play/1",
        "game": arguments.game,
        "rule": repr(rule),
        "steps": arguments.steps,
        "start": start,
        "status": dynamics.Status(int(path.status)).name,
        "stop_step": stop,
        "gradient_calls": stop * float(rule.cost.gradients),
        "final": [float(x) for x in to_host(path.final)],
        "inside": bool(inside),
    }


def _compare(
    arguments: argparse.Namespace, game: Game, rule: UpdateRule, path: Trajectory, limit: list[float]
) -> dict[str, Any]:
    """What theory says at the limit point, beside what the path did."""
    from gamedyn import dynamics, equilibria, games
    from gamedyn.backend import to_host

    distances = to_host(path.distance_to(limit))
    document: dict[str, Any] = {
        "limit": limit,
        "distance": {"start": finite(distances[0]), "final": finite(distances[-1])},
        "predicted_rate": None,
        "fitted_rate": None,
        "fitted_rate_standard_error": None,
    }
    try:
        # What a wrapper does off the simplices is nothing that a path could see.
        if not (games.on_simplices(game, several=True) and hasattr(rule, "rule")):
            radius = equilibria.spectral_radius(rule, game, limit, tolerance=1e-6)
            document["predicted_rate"] = finite(radius)
    except NotImplementedError:
        # A rule whose step changes with time has no such rate.
        pass
    except ValueError:
        # A point that was asked for is an argument; where one was found, a constraint may be about to hold. Rules of
        # mixed strategies need not rest in every equilibrium.
        if arguments.point and not games.on_simplices(game, several=True):
            raise
    try:
        fit = dynamics.fit_rate(distances, path.times)
    except ValueError:
        return document
    return document | {"fitted_rate": float(fit.value), "fitted_rate_standard_error": finite(fit.standard_error)}


def _text(report: dict[str, Any], found: Classification | None) -> str:
    status = {
        "CONVERGED": f"converged at step {report['stop_step']}",
        "MAX_STEPS": f"all {report['stop_step']} steps made",
        "DIVERGED": f"diverged at step {report['stop_step']}; the point before it is shown",
    }[report["status"]]
    rows = [
        ("rule", report["rule"]),
        ("status", f"{status}, {report['gradient_calls']:g} gradient evaluations"),
        ("final point", _point(report["final"])),
    ]
    if not report["inside"]:
        rows.append(("outside", "the end has left the game's domain, which this rule does not heed"))
    if "exploitability" in report:
        gains = "{start:.6g} at the start, {final:.6g} at the end, {average:.6g} on average over the path"
        rows.append(("exploitability", gains.format(**report["exploitability"])))
    if found is None:
        rows.append(("limit point", "none found near the end; compare with one by --point"))
        return _table(rows)
    rows.append(("compared with", _point(report["limit"])))
    start, final = report["distance"]["start"], report["distance"]["final"]
    rows.append(("distance to it", f"{start:.6g} at the start, {final:.6g} at the end"))
    predicted = report["predicted_rate"]
    said = "not predicted" if predicted is None else f"{predicted:.8g} predicted (spectral radius)"
    rows.append(("rate per step", f"{said}{_fitted(report)}"))
    kind, verdicts = str(found).split("\n", 1)
    rows.append(("which is", kind))
    return f"{_table(rows)}\n{verdicts}"


def _fitted(report: dict[str, Any]) -> str:
    if report["fitted_rate"] is None:
        return ", too few points to fit"
    return f", {report['fitted_rate']:.8g} fitted (standard error {report['fitted_rate_standard_error']:.1g})"


def _table(rows: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows) + 2
    return "\n".join(f"{name:<{width}}{text}" for name, text in rows)


def _point(values: list[float]) -> str:
    shown = [f"{value:.6g}" for value in values[:8]]
    rest = f", ... ({len(values)} coordinates)" if len(values) > 8 else ""
    return f"({', '.join(shown)}{rest})"


def _frame(path: Trajectory, limit: Any) -> list[tuple[float, float]]:
    """Around the limit, far enough to hold the start; a path that diverges leaves the picture."""
    from gamedyn.backend import to_host

    start = to_host(path.points)[0]
    centre = start if limit is None else limit
    reach = 1.6 * float(abs(start - centre).max()) or 1.0
    return [(float(c) - reach, float(c) + reach) for c in centre]


def _animate(arguments: argparse.Namespace, game: Game, path: Trajectory, limit: Any) -> None:
    from gamedyn import plotting

    planar, named = sum(game.dims) == 2, {arguments.rule: path}
    with blame(arguments.game):
        if planar:
            plotting.save_animation(named, arguments.animate, game=game, box=_frame(path, limit))
        else:
            plotting.save_animation(named, arguments.animate)
    print(f"animation: {arguments.animate}", file=sys.stderr)


def _draw(arguments: argparse.Namespace, game: Game, path: Trajectory, limit: Any) -> None:
    from gamedyn import plotting

    named = {arguments.rule: path}
    if sum(game.dims) == 2:
        box = _frame(path, limit)
        with blame(arguments.game):
            ax = plotting.plot_phase_portrait(game, box, trajectories=named)
    else:
        ax = plotting.plot_distances(named, path.final if limit is None else limit)
    plotting.save_figure(ax, arguments.plot)
    print(f"plot: {arguments.plot}", file=sys.stderr)
