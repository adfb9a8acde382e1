"""Games of two players with one coordinate each, from formulas in x and y."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import require
from gamedyn.games._domain import Domain
from gamedyn.games._symbolic import SymbolicGame

__all__ = ["exact", "field_in_the_plane", "general_sum", "zero_sum"]

# A formula takes the module sympy and the symbols x and y.
_Formula = Callable[[Any, Any, Any], Any]


def exact(name: str, value: Any) -> Any:
    """The parameter as a rational number, so that expressions stay exact: 1/3 for 1/3, 9/20 for 0.45.

    Parameters
    ----------
    name : str
        The argument's name, for the error.
    value : float
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ValueError(f"`{name}` must be one finite number, got {describe(value)}.")
    rational = require("sympy").Rational
    simple = rational(float(value)).limit_denominator(1000)
    return simple if float(simple) == float(value) else rational(repr(float(value)))


def zero_sum(name: str, formula: _Formula, domain: Domain | None = None) -> SymbolicGame:
    """min over x, max over y of f: the losses are (f, -f).

    Parameters
    ----------
    name : str
    formula : callable
        formula(sympy, x, y) -> f.
    domain : Domain, optional
    """
    f = formula(*_plane())
    return SymbolicGame([f, -f], _plane()[1:], domain, name)


def general_sum(name: str, formula: _Formula, domain: Domain | None = None) -> SymbolicGame:
    """The game of two losses, as `zero_sum` but with formula(sympy, x, y) -> (L_1, L_2).

    Parameters
    ----------
    name : str
    formula : callable
    domain : Domain, optional
    """
    return SymbolicGame(formula(*_plane()), _plane()[1:], domain, name)


def field_in_the_plane(name: str, formula: _Formula, domain: Domain | None = None) -> SymbolicGame:
    """The game whose simultaneous gradient is formula(sympy, x, y) -> (xi_1, xi_2).

    Parameters
    ----------
    name : str
    formula : callable
    domain : Domain, optional
    """
    return SymbolicGame.from_field(formula(*_plane()), _plane()[1:], domain, name)


def _plane() -> tuple[Any, Any, Any]:
    sympy = require("sympy")
    return (sympy, *sympy.symbols("x y"))
