"""`gamedyn play`: simulates a game under an update rule, and says what theory predicts for the end."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from gamedyn.cli._classify import describe, finite
from gamedyn.cli._exit import OK, UsageError
from gamedyn.cli._output import check_plot
from gamedyn.cli._target import GAMES, NAMED, RULES, add_point, blame, load_game, make_rule, parse_point

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
    parser.add_argument("game", help=f"FILE.py:NAME (the file is run), or one of {', '.join((*GAMES, *NAMED))}")
    parser.add_argument("--rule", default="simultaneous", metavar="RULE", help=f"one of {', '.join(RULES)}")
    parser.add_argument("--step-size", type=float, default=0.1, metavar="H", help="default 0.1")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="another hyper-parameter, as gamma=0.5"
    )
    parser.add_argument("--steps", type=int, default=500, metavar="N", help="default 500")
    add_point(parser, "--start", "where to start, as 1,-1 (default: 1 in each coordinate)")
    add_point(parser, "--point", "compare with this stationary point (default: the one that the end is near to)")
    parser.add_argument("--tolerance", type=float, metavar="T", help="stop where the gradient's norm is within T")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of a stochastic game's draws (default 0)")
    parser.add_argument("--plot", metavar="FILE", help="draw the path, as .png, .svg or .pdf")
    parser.add_argument("--force", action="store_true", help="let --plot replace a file")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Simulate, compare with the prediction, print and draw."""
    from gamedyn import dynamics, equilibria

    check_plot(arguments.plot, arguments.force)
    if arguments.seed < 0:
        raise UsageError(f"`--seed` must not be negative, got {arguments.seed}.")
    rule = make_rule(arguments.rule, arguments.step_size, arguments.set)
    game = load_game(arguments.game)
    size = sum(game.dims)
    start = parse_point("--start", arguments.start, size) if arguments.start else [1.0] * size
    with blame(arguments.game):
        path = dynamics.simulate(
            game,
            rule,
            start,
            arguments.steps,
            rng=arguments.seed,
            record_every=max(1, arguments.steps // _MOST_RECORDS),
            tolerance=arguments.tolerance,
        )
        full = game.full()
        limit = _limit(arguments, full, path)
        report, found = _report(arguments, rule, path, start), None
        if limit is not None:
            found = equilibria.classify(full, limit)
            report |= _compare(full, rule, path, limit) | {"classification": describe(found)}
    print(json.dumps(report, indent=2, allow_nan=False) if arguments.json else _text(report, found))
    if arguments.plot:
        _draw(arguments, full, path, limit)
    return OK


def _limit(arguments: argparse.Namespace, game: Game, path: Trajectory) -> Any:
    """The stationary point to compare with, or None."""
    from gamedyn import equilibria
    from gamedyn.backend import to_host

    final = to_host(path.final)
    if arguments.point:
        return parse_point("--point", arguments.point, len(final))
    if arguments.game in GAMES:
        return [0.0] * len(final)
    found = equilibria.find_stationary_point(game, final)
    near = to_host(path.distance_to(found.point))
    # Newton's method finds some stationary point; it is the limit only where the path has come towards it.
    if not found.converged or not near[-1] <= max(0.5 * float(near[0]), 1e-8):
        return None
    return [float(x) for x in to_host(found.point)]


def _report(arguments: argparse.Namespace, rule: UpdateRule, path: Trajectory, start: list[float]) -> dict[str, Any]:
    from gamedyn import dynamics
    from gamedyn.backend import to_host

    stop = int(path.stop_step)
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
    }


def _compare(game: Game, rule: UpdateRule, path: Trajectory, limit: list[float]) -> dict[str, Any]:
    """What theory says at the limit point, beside what the path did."""
    from gamedyn import dynamics, equilibria
    from gamedyn.backend import to_host

    distances = to_host(path.distance_to(limit))
    document: dict[str, Any] = {
        "limit": limit,
        "distance": {"start": finite(distances[0]), "final": finite(distances[-1])},
        "predicted_rate": float(equilibria.spectral_radius(rule, game, limit, tolerance=1e-6)),
        "fitted_rate": None,
        "fitted_rate_standard_error": None,
    }
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
    if found is None:
        rows.append(("limit point", "none found near the end; compare with one by --point"))
        return _table(rows)
    rows.append(("compared with", _point(report["limit"])))
    start, final = report["distance"]["start"], report["distance"]["final"]
    rows.append(("distance to it", f"{start:.6g} at the start, {final:.6g} at the end"))
    rows.append(("rate per step", f"{report['predicted_rate']:.8g} predicted (spectral radius){_fitted(report)}"))
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


def _draw(arguments: argparse.Namespace, game: Game, path: Trajectory, limit: Any) -> None:
    from gamedyn import plotting
    from gamedyn.backend import to_host

    named = {arguments.rule: path}
    if sum(game.dims) == 2:
        points = to_host(path.points)
        # Around the limit, far enough to hold the start; a path that diverges leaves the picture.
        centre = points[0] if limit is None else limit
        reach = 1.6 * float(abs(points[0] - centre).max()) or 1.0
        box = [(float(c) - reach, float(c) + reach) for c in centre]
        with blame(arguments.game):
            ax = plotting.plot_phase_portrait(game, box, trajectories=named)
    else:
        ax = plotting.plot_distances(named, path.final if limit is None else limit)
    plotting.save_figure(ax, arguments.plot)
    print(f"plot: {arguments.plot}", file=sys.stderr)
