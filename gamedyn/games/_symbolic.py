"""Games from SymPy losses: gradients and Jacobians by differentiation, evaluated by generated array code."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace, require
from gamedyn.games._base import Game, check_points, player_slices
from gamedyn.games._domain import Domain, as_domain

__all__ = ["SymbolicGame"]

# Analytic functions, closed under differentiation; SymPy, the array-API standard and math agree on these names.
_FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")
_INVERSES = ("asin", "acos", "atan", "asinh", "acosh", "atanh")


class SymbolicGame(Game):
    """L_i given as SymPy expressions; xi, J and the losses' Hessians are derived symbolically.

    For games of up to about eight scalar variables. Needs the `symbolic` extra.

    Parameters
    ----------
    losses : sequence of SymPy expressions
        One loss per player, made of the players' symbols, numbers, powers and exp, log, sin, cos, tan, sinh, cosh, tanh
        and their inverses. Strings are refused: text from a file could run code.
    players : sequence of symbols, or of sequences of symbols
        What each player moves, in the order of z.
    domain : Domain, optional
        Where the points live; all of R^d by default. The losses are defined outside of it, too.
    name : str, optional
        What `repr` shows in the place of the losses.

    Attributes
    ----------
    expressions : tuple of SymPy expressions
        L_1, ..., L_n.
    symbols : tuple of SymPy symbols
        All of z in order.
    gradient_expressions : SymPy Matrix, shape (d, 1)
        xi.
    jacobian_expressions : SymPy Matrix, shape (d, d)
        J.

    Raises
    ------
    TypeError
        If a loss is no SymPy expression, a player holds something that is no symbol, or the domain is none.
    ValueError
        If losses and players disagree in number, the domain has another size, a symbol belongs to two players or to
        none, or a function is not supported.

    Examples
    --------
    >>> import numpy, sympy
    >>> x, y = sympy.symbols("x y")
    >>> game = SymbolicGame([x**2 / 2 + x * y, y**2 / 2 - x * y], [x, y])
    >>> game.jacobian_expressions
    Matrix([
    [ 1, 1],
    [-1, 1]])
    >>> game.simultaneous_gradient(numpy.array([1.0, 2.0])).tolist()
    [3.0, 1.0]
    """

    def __init__(
        self,
        losses: Sequence[Any],
        players: Sequence[Any],
        domain: Domain | None = None,
        name: str | None = None,
    ) -> None:
        sympy = require("sympy")
        self.name = name
        self.players = tuple(_symbols_of(player, sympy) for player in players)
        self.dims = tuple(len(player) for player in self.players)
        self.domain = as_domain(domain, sum(self.dims))
        self.symbols = tuple(symbol for player in self.players for symbol in player)
        if len(set(self.symbols)) != len(self.symbols):
            raise ValueError(f"`players` must not share symbols, got {self.symbols}.")
        self.expressions = tuple(_checked(loss, i, self.symbols, sympy) for i, loss in enumerate(losses))
        if len(self.expressions) != len(self.players):
            raise ValueError(
                f"`losses` must hold one loss per player, got {len(self.expressions)} losses and "
                f"{len(self.players)} players."
            )
        rows = sympy.Matrix([[sympy.diff(loss, symbol) for symbol in self.symbols] for loss in self.expressions])
        self._rows = rows
        owners = [i for i, size in enumerate(self.dims) for _ in range(size)]
        self.gradient_expressions = sympy.Matrix([rows[owner, k] for k, owner in enumerate(owners)])
        self.jacobian_expressions = self.gradient_expressions.jacobian(self.symbols)
        self._compiled: dict[Any, Callable[..., Any]] = {}

    @classmethod
    def from_field(
        cls, field: Sequence[Any], players: Sequence[Any], domain: Domain | None = None, name: str | None = None
    ) -> SymbolicGame:
        """The game whose xi is the given vector field: L_i is an antiderivative of player i's part in its own block.

        Every field in the plane is the field of a game of two players with one coordinate each.

        Parameters
        ----------
        field : sequence of SymPy expressions
            xi, one entry per symbol. The flow is z' = -xi(z).
        players, domain, name
            As for the class.

        Raises
        ------
        ValueError
            If the field has another length than z, a player's part is no gradient in its own block, or SymPy knows no
            antiderivative.

        Examples
        --------
        >>> import sympy
        >>> x, y = sympy.symbols("x y")
        >>> SymbolicGame.from_field([2 * x - y, x], [x, y]).expressions
        (x**2 - x*y, x*y)
        """
        sympy = require("sympy")
        owned = [_symbols_of(player, sympy) for player in players]
        symbols = [symbol for player in owned for symbol in player]
        if len(field) != len(symbols):
            raise ValueError(f"`field` must hold one entry per symbol, got {len(field)} for the {len(symbols)} of z.")
        entries = dict(
            zip(symbols, (_expression_of("field", k, entry, sympy) for k, entry in enumerate(field)), strict=True)
        )
        losses = [_antiderivative(i, player, entries, sympy) for i, player in enumerate(owned)]
        return cls(losses, players, domain, name)

    def __repr__(self) -> str:
        if self.name is not None:
            return self.name
        return f"SymbolicGame({list(self.expressions)}, {[list(player) for player in self.players]})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Generated code is made anew in another process: it cannot travel there.
        return (SymbolicGame, (self.expressions, self.players, self.domain, self.name))

    def losses(self, z: Array) -> Array:
        """(L_1, ..., L_n)."""
        return self._evaluate("losses", lambda: self.expressions, z, ())

    def loss_gradients(self, z: Array) -> Array:
        """Rows: the gradients of L_1, ..., L_n in all of z."""
        return self._evaluate("loss_gradients", lambda: self._rows, z, (len(self.dims),))

    def simultaneous_gradient(self, z: Array) -> Array:
        """xi."""
        return self._evaluate("gradient", lambda: self.gradient_expressions, z, ())

    def player_gradient(self, z: Array, player: int) -> Array:
        """xi's block, by code of its own."""
        block = player_slices(self.dims)[player]
        return self._evaluate(("gradient", player), lambda: self.gradient_expressions[block, :], z, ())

    def jacobian(self, z: Array) -> Array:
        """J."""
        return self._evaluate("jacobian", lambda: self.jacobian_expressions, z, (len(self.symbols),))

    def jvp(self, z: Array, v: Array) -> Array:
        """J v."""
        xp = array_namespace(z)
        return xp.sum(self.jacobian(z) * v[..., None, :], axis=-1)

    def loss_hessians(self, z: Array) -> Array:
        """Hessians of L_1, ..., L_n."""

        def hessians() -> list[Any]:
            sympy = require("sympy")
            return [entry for loss in self.expressions for entry in sympy.hessian(loss, self.symbols)]

        return self._evaluate("loss_hessians", hessians, z, (len(self.dims), len(self.symbols)))

    def _evaluate(self, key: Any, expressions: Callable[[], Any], z: Array, leading: tuple[int, ...]) -> Array:
        """The expressions at z, reshaped to batch + leading + (rest,)."""
        check_points(self, z)
        xp = array_namespace(z)
        if (key, xp) not in self._compiled:
            self._compiled[key, xp] = _compile(self.symbols, expressions(), xp)
        coordinates = [z[..., k] for k in range(len(self.symbols))]
        values = self._compiled[key, xp](*coordinates)
        # Constant entries come out as Python numbers.
        entries = [v if hasattr(v, "dtype") and v.shape else xp.zeros_like(coordinates[0]) + v for v in values]
        if not leading:
            # Coordinate by coordinate: columns are written, and read by the next step, as wholes.
            return xp.moveaxis(xp.stack(entries, axis=0), 0, -1)
        rest = len(entries) // math.prod(leading)
        return xp.reshape(xp.stack(entries, axis=-1), (*z.shape[:-1], *leading, rest))


def _compile(symbols: Sequence[Any], expressions: Any, xp: Any) -> Callable[..., Any]:
    """A function of the symbols' arrays that returns the expressions' values in a list."""
    functions = {name: _for_arrays_and_numbers(xp, name) for name in (*_FUNCTIONS, *_INVERSES, "sqrt")}
    # The tuple of modules names every function that generated code may call: nothing of NumPy slips in.
    return require("sympy").lambdify(list(symbols), list(expressions), modules=[functions], cse=True, dummify=True)  # type: ignore


def _for_arrays_and_numbers(xp: Any, name: str) -> Callable[[Any], Any]:
    of_arrays, of_numbers = getattr(xp, name), getattr(math, name)
    # Constants such as log(2) stay functions of Python numbers in generated code.
    return lambda value: of_arrays(value) if hasattr(value, "dtype") else of_numbers(value)


def _expression_of(name: str, i: int, value: Any, sympy: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return sympy.Number(value)
    if not isinstance(value, sympy.Expr):
        raise TypeError(
            f"`{name}[{i}]` must be a SymPy expression, got {describe(value)} of type {type(value).__name__}."
        )
    return value


def _antiderivative(i: int, player: Sequence[Any], field: dict[Any, Any], sympy: Any) -> Any:
    """A function whose derivative in each of the player's symbols is that entry of the field."""
    loss = sympy.Integer(0)
    for symbol in player:
        loss += sympy.integrate(sympy.expand(field[symbol] - sympy.diff(loss, symbol)), symbol)
    if loss.has(sympy.Integral):
        raise ValueError(f"`field` has an entry of player {i} whose antiderivative is not known. Give the losses.")
    if any(sympy.simplify(sympy.diff(loss, symbol) - field[symbol]) != 0 for symbol in player):
        raise ValueError(f"`field` must be a gradient in each player's own block, which player {i}'s entries are not.")
    return loss


def _symbols_of(player: Any, sympy: Any) -> tuple[Any, ...]:
    members = (player,) if isinstance(player, sympy.Symbol) else player
    if isinstance(members, str) or not all(isinstance(member, sympy.Symbol) for member in members):
        raise TypeError(f"`players` must hold SymPy symbols, or sequences of them, got {describe(player)}.")
    if not members:
        raise ValueError("every player must own at least one symbol, got an empty sequence.")
    return tuple(members)


def _checked(loss: Any, i: int, symbols: tuple[Any, ...], sympy: Any) -> Any:
    loss = _expression_of("losses", i, loss, sympy)
    strangers = sorted(map(str, loss.free_symbols - set(symbols)))
    if strangers:
        raise ValueError(f"`losses[{i}]` holds {', '.join(strangers)}, which no player owns. Substitute a number.")
    if loss.has(sympy.I, sympy.oo, sympy.zoo, sympy.nan):
        raise ValueError(f"`losses[{i}]` must be real and finite, got {describe(loss)}.")
    known = (*_FUNCTIONS, *_INVERSES)
    simple = (sympy.Add, sympy.Mul, sympy.Pow, sympy.Symbol, sympy.Number, sympy.NumberSymbol)
    for node in sympy.preorder_traversal(loss):
        name = type(node).__name__
        if not isinstance(node, simple) and name not in known:
            raise ValueError(
                f"`losses[{i}]` holds {name}, which is not supported. Use {', '.join(known)}, or write a Game."
            )
    return loss
