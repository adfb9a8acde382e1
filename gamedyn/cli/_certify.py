"""`gamedyn classify` with --certify and --all: what is proved about a point, and all points of a box."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from gamedyn.cli._exit import OK, UNDECIDED, UsageError

if TYPE_CHECKING:
    from gamedyn.equilibria import Certificate
    from gamedyn.games import Game
    from gamedyn.updates import UpdateRule

__all__ = ["add_options", "certificate_of", "is_undecided", "list_points", "parse_box", "read_rule"]

_BOX = 3.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """--certify, --all, --box, --rule and --step-size."""
    parser.add_argument("--certify", action="store_true", help="prove it by interval arithmetic, and print the proof")
    parser.add_argument("--all", action="store_true", help="list the stationary points of a box, each with its kind")
    parser.add_argument(
        "--box",
        nargs="+",
        metavar="LOW,HIGH",
        help=f"for --all: one for each coordinate, or one for all (default: the domain, or -{_BOX:g},{_BOX:g})",
    )
    parser.add_argument("--rule", metavar="NAME", help="with --certify: prove whether this rule converges there, too")
    parser.add_argument("--step-size", type=float, metavar="H", help="of the rule")


def read_rule(arguments: argparse.Namespace) -> UpdateRule | None:
    """The rule of --rule."""
    from gamedyn.cli._rules import make_rule

    if arguments.rule is None:
        if arguments.step_size is not None:
            raise UsageError("`--step-size` belongs to a rule: give --rule, too.")
        return None
    if not arguments.certify:
        raise UsageError("`--rule` is looked at by --certify: give it, too.")
    return make_rule(arguments.rule, arguments.step_size)


def parse_box(words: list[str] | None, game: Game) -> list[list[float]]:
    """Rows (low, high): of every coordinate, or one for all; by default the domain's own bounds where it has some."""
    d = sum(game.dims)
    if words is None:
        import numpy

        from gamedyn.backend import to_host
        from gamedyn.games import Box

        rows = [[-_BOX, _BOX]] * d
        if isinstance(game.domain, Box):
            sides = (game.domain.lower, game.domain.upper)
            lower, upper = (numpy.broadcast_to(to_host(side), (d,)) for side in sides)
            # A side without a bound ends where others would.
            rows = [
                [
                    float(a) if a > -numpy.inf else min(-_BOX, b - _BOX),
                    float(b) if b < numpy.inf else max(_BOX, a + _BOX),
                ]
                for a, b in zip(lower.tolist(), upper.tolist(), strict=True)
            ]
        return rows
    rows = []
    for word in " ".join(words).split():
        try:
            row = [float(part) for part in word.split(",")]
        except ValueError:
            row = []
        if len(row) != 2:
            raise UsageError(f"`--box` must be intervals like -2,2, got {word!r}.")
        rows.append(row)
    if len(rows) == 1:
        rows *= d
    if len(rows) != d:
        raise UsageError(f"`--box` must have one interval, or {d} for this game, got {len(rows)}.")
    return rows


def certificate_of(game: Game, point: list[float], rule: UpdateRule | None) -> Certificate:
    """What is proved about the stationary point nearby."""
    from gamedyn.equilibria import certify

    return certify(game, point, rule=rule)


def list_points(arguments: argparse.Namespace, game: Game) -> int:
    """All stationary points of the box, found or proved."""
    from gamedyn import equilibria

    box, rule = parse_box(arguments.box, game), read_rule(arguments)
    if arguments.plot and sum(game.dims) != 2:
        raise UsageError(f"`--plot` draws games of two coordinates, got {sum(game.dims)}.")
    document: dict[str, Any] = {"schema": "gamedyn.classify-all/1", "game": arguments.game, "box": box}
    if arguments.certify:
        proved = equilibria.certify_all(game, box, rule=rule)
        is_open = not proved.complete or any(is_undecided(each) for each in proved.certificates)
        document["points"] = [json.loads(each.to_json()) for each in proved.certificates]
        document["complete"] = proved.complete
        text = str(proved)
    else:
        found = equilibria.find_critical_points(game, box, rng=0, tolerance=arguments.tolerance)
        is_open = found.degenerate or any(kind in ("marginal", "undecided") for kind in found.kinds)
        document["points"] = [
            {"point": [float(x) for x in point], "kind": str(kind), "residual": float(residual)}
            for point, kind, residual in zip(found.points, found.kinds, found.residuals, strict=True)
        ]
        document["complete"] = False
        text = str(found)
    print(json.dumps(document, indent=2, allow_nan=False) if arguments.json else text)
    if arguments.plot:
        points = [point["point"] for point in document["points"]] if not arguments.certify else _centres(proved)
        _draw(arguments.plot, game, box, points)
    return UNDECIDED if is_open else OK


def is_undecided(proved: Certificate) -> bool:
    """Whether existence, the kind or, where one was asked for, the rule's convergence is open."""
    rule = proved.rule_converges
    return proved.kind == "undecided" or (rule is not None and bool(rule.is_undecided))


def _centres(proved: Any) -> list[list[float]]:
    return [[float(x) for x in certificate.point] for certificate in proved.certificates]


def _draw(name: str, game: Game, box: list[list[float]], points: list[list[float]]) -> None:
    from gamedyn import plotting

    plotting.save_figure(plotting.plot_phase_portrait(game, box, points=points), name)
    print(f"plot: {name}", file=sys.stderr)
