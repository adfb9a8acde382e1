"""compare_rules: update rules on games, each with its own best step size, by what they cost and where they end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive, describe
from gamedyn.backend import as_generator, to_host
from gamedyn.equilibria import classify
from gamedyn.experiments._rule_comparison import ReachedPoint, RuleComparison
from gamedyn.experiments._rule_pair import PairResult, PairTask, run_pair
from gamedyn.games import Box, Domain, Game, Product, Reals, Simplex, StochasticGame
from gamedyn.updates import UpdateRule

__all__ = ["compare_rules"]

# More distinct end points than these are a continuum: they are counted together as "others".
_MOST_POINTS = 8
_ARTICLES = {"games": "a Game", "rules": "an UpdateRule"}


def compare_rules(
    games: Any,
    rules: Any,
    *,
    starts: int | Mapping[str, Any] = 32,
    step_sizes: Any = None,
    steps: int = 2000,
    tolerance: float = 1e-6,
    spread: float = 1.0,
    critical_points: Mapping[str, Any] | None = None,
    rng: Any = 0,
    executor: Executor | None = None,
) -> RuleComparison:
    """Play every game with every rule from the same starts, each rule at the best step size of a grid.

    The unit of cost is one evaluation of xi: a product with J counts as one, a dense solve as d of them, so that a rule
    with two gradients per step is not compared per step with a rule that takes one.

    Parameters
    ----------
    games : Game, sequence of games, or mapping of str to Game
        Without names, what `repr` prints.
    rules : UpdateRule, sequence of rules, or mapping of str to UpdateRule
        Their step sizes do not matter; whatever else they set stays. Without names, the class's, or what `repr` prints
        where two are of one class.
    starts : int, or mapping of str to array_like of shape (B, d)
        How many starting points to draw for each game: uniform in a bounded box or a simplex, else normal with standard
        deviation `spread` about 0, projected onto the game's domain. Or the points themselves, as many for each game.
    step_sizes : array_like, shape (K,), optional
        The grid, in increasing order; by default 23 values from 2^-8 to 2^3 over the median |J| at the starts.
    steps : int
        At most this many for each start.
    tolerance : float
        On the norm of the rule's stationary residual, where a start has converged.
    spread : float
        Of the starts that are drawn.
    critical_points : mapping of str to array_like of shape (m, d), optional
        Known stationary points of games, listed first; those that a rule reaches are found anyway.
    rng : None, int or Generator
        For the starts and for stochastic games. Every pair of one game sees the same draws.
    executor : concurrent.futures.Executor, optional
        Runs the pairs; by default they run here, one after the other. The result is the same.

    Returns
    -------
    RuleComparison

    Raises
    ------
    TypeError
        If a game or a rule is none.
    ValueError
        If there are none, two have one name, or a number is out of its range.

    Notes
    -----
    Every pair is one batched simulation over all starts and step sizes. A rule that cannot play a game (its number of
    players, its domain) is listed with the reason. Host-only at its border: results are NumPy's.

    Examples
    --------
    On x y simultaneous descent leaves, alternating descent stays, and extragradient converges.

    >>> from gamedyn.games import Bilinear
    >>> from gamedyn.updates import Extragradient, SimultaneousGradientDescent
    >>> rules = [SimultaneousGradientDescent(), Extragradient()]
    >>> found = compare_rules({"xy": Bilinear([[1.0]])}, rules, starts=4, steps=400)
    >>> found.shares("xy", "Extragradient")["0"], found.shares("xy", "SimultaneousGradientDescent")["0"]
    (1.0, 0.0)
    """
    named_games = _named(games, "games", (Game, StochasticGame))
    named_rules = _named(rules, "rules", (UpdateRule,))
    check_integer("steps", steps, minimum=1)
    check_positive("tolerance", tolerance)
    check_positive("spread", spread)
    grid = None if step_sizes is None else _checked_grid(step_sizes)
    generator = as_generator(rng)
    seed = int(generator.integers(2**31))
    points = {name: _starts(name, game, starts, spread, generator) for name, game in named_games.items()}
    known = _checked_points(critical_points or {}, named_games)
    counts = {len(each) for each in points.values()}
    if len(counts) > 1:
        raise ValueError(f"`starts` must have as many points for each game, got {sorted(counts)}.")
    tasks = [
        PairTask(
            game_name=game_name,
            rule_name=rule_name,
            game=game,
            rule=rule,
            starts=points[game_name],
            step_sizes=grid,
            steps=steps,
            tolerance=tolerance,
            escape=1e3 * (1 + float(numpy.linalg.norm(points[game_name], axis=-1).max())),
            seed=seed,
        )
        for game_name, game in named_games.items()
        for rule_name, rule in named_rules.items()
    ]
    results = tuple((map if executor is None else executor.map)(run_pair, tasks))
    found = {
        name: _stationary_points(game, known.get(name, ()), [pair for pair in results if pair.game == name])
        for name, game in named_games.items()
    }
    settings = {"starts": counts.pop(), "steps": steps, "tolerance": tolerance, "seed": seed}
    return RuleComparison(tuple(named_games), tuple(named_rules), results, found, settings)


def _named(members: Any, name: str, kinds: tuple[type, ...]) -> dict[str, Any]:
    if isinstance(members, Mapping):
        named = dict(members)
    else:
        listed: list[Any] = [members] if isinstance(members, kinds) else list(members)
        classes = [type(member).__name__ for member in listed]
        short = name == "rules"
        labels = [c if short and classes.count(c) == 1 else repr(m) for c, m in zip(classes, listed, strict=True)]
        named = dict(zip(labels, listed, strict=True))
        if len(named) < len(listed):
            raise ValueError(f"`{name}` must differ, or be a mapping of names, got {labels}.")
    for key, member in named.items():
        if not isinstance(member, kinds):
            given = (
                f"the class {member.__name__}. Call it to make one" if isinstance(member, type) else describe(member)
            )
            raise TypeError(f"`{name}[{key!r}]` must be {_ARTICLES[name]}, got {given}.")
    if not named:
        raise ValueError(f"`{name}` must hold at least one, got none.")
    return named


def _checked_grid(step_sizes: Any) -> numpy.ndarray:
    grid = numpy.asarray(to_host(step_sizes), dtype=float)
    if grid.ndim != 1 or not len(grid) or not numpy.all(grid > 0) or not numpy.all(numpy.isfinite(grid)):
        raise ValueError(f"`step_sizes` must be positive numbers in one row, got {step_sizes!r}.")
    return numpy.sort(grid)


def _checked_points(known: Mapping[str, Any], games: Mapping[str, Any]) -> dict[str, numpy.ndarray]:
    """Name of a game -> points (m, d)."""
    checked = {}
    for name, given in known.items():
        if name not in games:
            raise ValueError(f"`critical_points` must be of games that are compared, got {name!r}.")
        d, points = sum(games[name].dims), numpy.asarray(to_host(given), dtype=float)
        if points.ndim != 2 or points.shape[-1] != d:
            raise ValueError(f"`critical_points[{name!r}]` must have shape (m, {d}), got {points.shape}.")
        checked[name] = points
    return checked


def _starts(name: str, game: Any, starts: Any, spread: float, generator: Any) -> numpy.ndarray:
    """(B, d): given, or drawn."""
    d = sum(game.dims)
    if isinstance(starts, Mapping):
        if name not in starts:
            raise ValueError(f"`starts` must have points for every game, got none for {name!r}.")
        points = numpy.asarray(to_host(starts[name]), dtype=float)
        if points.ndim != 2 or points.shape[-1] != d or not len(points):
            raise ValueError(f"`starts[{name!r}]` must have shape (B, {d}), got {points.shape}.")
        if not numpy.all(numpy.isfinite(points)):
            raise ValueError(f"`starts[{name!r}]` must be finite, got infinite or NaN entries.")
        return points
    check_integer("starts", starts, minimum=1)
    return numpy.asarray(_drawn(game.full().domain, (starts, d), spread, generator))


def _drawn(domain: Domain, shape: tuple[int, int], spread: float, generator: Any) -> Any:
    """Points of the domain, (B, d): inside of it where it is bounded."""
    if isinstance(domain, Product):
        parts = zip(domain.domains, domain.sizes, strict=True)
        return numpy.concatenate([_drawn(part, (shape[0], n), spread, generator) for part, n in parts], axis=-1)
    if isinstance(domain, Simplex):
        return generator.dirichlet(numpy.ones(shape[-1]), shape[0])
    if isinstance(domain, Box):
        lower, upper = (
            numpy.broadcast_to(numpy.asarray(end, dtype=float), shape) for end in (domain.lower, domain.upper)
        )
        if numpy.all(numpy.isfinite(lower)) and numpy.all(numpy.isfinite(upper)):
            return generator.uniform(lower, upper)
    drawn = spread * generator.standard_normal(shape)
    return drawn if isinstance(domain, Reals) else to_host(domain.project(drawn))


def _stationary_points(game: Any, known: Iterable[Any], pairs: Sequence[PairResult]) -> tuple[ReachedPoint, ...]:
    """Those given, then those reached, most often reached first; each once."""
    given = [numpy.asarray(point, dtype=float) for point in known]
    ends = [end for pair in pairs for end, done in zip(pair.final, pair.converged, strict=True) if done]
    groups: list[list[numpy.ndarray]] = [[point] for point in given]
    for end in ends:
        for group in groups:
            if numpy.linalg.norm(group[0] - end) <= 1e-3 * (1 + numpy.linalg.norm(group[0])):
                group.append(end)
                break
        else:
            groups.append([end])
    new = sorted(groups[len(given) :], key=len, reverse=True)
    chosen = groups[: len(given)] + (new if len(new) <= _MOST_POINTS else [])
    return tuple(ReachedPoint(tuple(float(x) for x in group[0]), _kind(game, group[0])) for group in chosen)


def _kind(game: Any, point: numpy.ndarray) -> str:
    full = game.full()
    if not bool(full.domain.contains(point)):
        point = to_host(full.domain.project(point))
    return str(classify(game, point, tolerance=1e-6).kind)
