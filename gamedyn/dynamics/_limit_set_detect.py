"""detect_limit_set: what a trajectory tends to: a point, a cycle, a torus, chaos, or infinity."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_integer, check_nonnegative, check_positive
from gamedyn.dynamics._limit_set import LimitSet
from gamedyn.dynamics._limit_set_of_flow import limit_of_flow
from gamedyn.dynamics._limit_set_of_map import limit_of_map
from gamedyn.dynamics._orbit import FlowSystem, system_of

__all__ = ["detect_limit_set"]


def detect_limit_set(
    game: Any,
    rule_or_field: Any,
    z0: Any,
    *,
    steps: float | None = None,
    transient: float | None = None,
    tolerance: float = 1e-8,
    max_period: int = 64,
    bound: float | None = None,
) -> LimitSet:
    """What the trajectory from z0 tends to, with the evidence; "undecided" where that does not suffice.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    rule_or_field : UpdateRule, callable or None
        A rule is a map of [z, memories]; field(game, z) gives a velocity; None is the gradient flow -xi.
    z0 : array_like, shape (d,)
    steps : int, or float for a flow, optional
        Steps, or time, that are observed: 4000 steps or time 200 by default. Fewer than 200 steps decide nothing.
    transient : int, or float for a flow, optional
        Steps, or time, that pass before; as many by default.
    tolerance : float
        How close points must recur, over 1 + their size.
    max_period : int
        Longest period, in steps or in returns of a flow.
    bound : float, optional
        A coordinate larger than this means divergence; 10^6 (1 + max |z0|) by default.

    Returns
    -------
    LimitSet

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, shape or range.
    NotImplementedError
        If the rule's step changes with time.

    Notes
    -----
    Host-only. The first period with which all late points recur is refined by Newton's method, and its divisors are
    tried, so that no cycle is counted with a multiple of its period. Orbits that have not arrived count as near a point
    or a cycle where Newton's method finds one that does not repel and their distance to it falls throughout. A flow is
    seen through its returns to a plane across the longest axis of the late trajectory.

    What neither rests nor recurs is a torus or chaos, by two witnesses that must agree: the largest Lyapunov exponent
    with its error, and the digits to which weighted averages over halves of the orbit agree, many on tori and few in
    chaos.

    References
    ----------
    Das, Saiki, Sander, Yorke (2017), Quantitative quasiperiodicity. Benettin, Galgani, Giorgilli, Strelcyn (1980),
    Lyapunov characteristic exponents for smooth dynamical systems and for Hamiltonian systems.

    Examples
    --------
    >>> from gamedyn.games import hamiltonian_game, polar_game
    >>> from gamedyn.updates import AlternatingGradientDescent, SimultaneousGradientDescent
    >>> cycle = detect_limit_set(polar_game(), None, [1.05, 0.0], steps=60.0)
    >>> cycle.kind, round(cycle.period, 6)
    ('cycle', 6.283185)
    >>> detect_limit_set(hamiltonian_game(), SimultaneousGradientDescent(0.1), [1.0, 0.0]).kind
    'divergence'
    >>> detect_limit_set(hamiltonian_game(), AlternatingGradientDescent(0.1), [1.0, 0.0]).kind
    'torus'
    """
    system, u = system_of(game, rule_or_field, z0)
    check_positive("tolerance", tolerance)
    check_integer("max_period", max_period, minimum=1)
    length = (200.0 if system.is_flow else 4000) if steps is None else steps
    before = length if transient is None else transient
    check_positive("steps", length)
    check_nonnegative("transient", before)
    limit = 1e6 * (1 + float(numpy.max(numpy.abs(u)))) if bound is None else bound
    check_positive("bound", limit)
    if isinstance(system, FlowSystem):
        return limit_of_flow(system, u, float(length), float(before), tolerance, max_period, limit)
    check_integer("steps", length, minimum=1)
    check_integer("transient", before)
    if length < 200:
        reason = f"{length} steps are too few: at least 200 are needed"
        return LimitSet("undecided", u[None, : system.d], numpy.nan, None, {}, reason, False)
    return limit_of_map(system, u, int(length), int(before), tolerance, max_period, limit)
