"""Games over boxes: enclosures of xi, J and the losses' Hessians in ball arithmetic."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.equilibria._certified_expressions import Program, ball_of, float_as_fraction
from gamedyn.games import ConsensusRegularized, Counted, Game, SymbolicGame, TimescaleSeparated, player_slices

__all__ = ["IntervalGame", "interval_game"]


class IntervalGame(ABC):
    """Enclosures over boxes, each a sequence of d balls (flint.arb), at the precision of work.

    Attributes
    ----------
    dims : tuple of int
    leaders : pair of bool
        Whether player 0, and player 1, is proved to lead a zero-sum game of two players: L_0 + L_1 does not depend on
        the other's block.

    Notes
    -----
    All methods raise LeavesDomain where the losses or their derivatives are not defined everywhere in the box.
    """

    dims: tuple[int, ...]
    leaders: tuple[bool, bool]

    @abstractmethod
    def field(self, box: Sequence[Any]) -> list[Any]:
        """xi, d balls."""

    @abstractmethod
    def field_and_jacobian(self, box: Sequence[Any]) -> tuple[list[Any], list[list[Any]]]:
        """xi and the rows of J; the losses are proved to be defined, too."""

    def jacobian(self, box: Sequence[Any]) -> list[list[Any]]:
        """Rows of J."""
        return self.field_and_jacobian(box)[1]

    @abstractmethod
    def loss_hessians(self, box: Sequence[Any]) -> list[list[list[Any]]]:
        """Rows of every loss's Hessian."""

    @abstractmethod
    def jacobian_slopes(self, box: Sequence[Any]) -> list[list[list[Any]]]:
        """Rows of the derivative of J in every coordinate."""


def interval_game(game: Any) -> IntervalGame:
    """The game over boxes.

    Parameters
    ----------
    game : Game
        A SymbolicGame, an affine game, or TimescaleSeparated, ConsensusRegularized or Counted around one.

    Raises
    ------
    TypeError
        If it is another one.
    """
    if isinstance(game, Counted):
        return interval_game(game.game)
    if isinstance(game, SymbolicGame):
        return _Symbolic(_exact_losses(game), game)
    if isinstance(game, TimescaleSeparated):
        factors = tuple(game.tau) if isinstance(game.tau, Sequence) else (1, game.tau)
        # A batch of factors is a batch of games.
        if all(isinstance(factor, (int, float)) for factor in factors):
            return _Scaled(interval_game(game.game), factors)
    if isinstance(game, ConsensusRegularized) and isinstance(game.game, SymbolicGame):
        return _Symbolic(_with_consensus(game), game.game)
    if isinstance(game, Game) and game.is_affine and not isinstance(game, TimescaleSeparated):
        return _Affine(game)
    raise TypeError(
        "`game` must be a SymbolicGame, an affine game (Quadratic, Bilinear), or TimescaleSeparated, "
        f"ConsensusRegularized or Counted around one, to be certified, got {type(game).__name__}."
    )


class _Symbolic(IntervalGame):
    """Losses as expressions."""

    def __init__(self, losses: Sequence[Any], game: SymbolicGame) -> None:
        self.dims, symbols = game.dims, game.symbols
        owners = [i for i, size in enumerate(self.dims) for _ in range(size)]
        field = [losses[owner].diff(symbol) for owner, symbol in zip(owners, symbols, strict=True)]
        jacobian = [entry.diff(symbol) for entry in field for symbol in symbols]
        self._d = len(symbols)
        self._field = Program(field, symbols)
        self._all = Program([*field, *jacobian, *losses], symbols)
        self._losses, self._symbols = losses, symbols
        self._hessians: Program | None = None
        self._slopes: Program | None = None
        self._jacobian = jacobian
        self.leaders = (False, False)
        if len(self.dims) == 2:
            total = losses[0] + losses[1]
            first, second = (
                all(total.diff(symbol).expand() == 0 for symbol in symbols[block]) for block in player_slices(self.dims)
            )
            self.leaders = (second, first)

    def field(self, box: Sequence[Any]) -> list[Any]:
        return self._field(box)

    def field_and_jacobian(self, box: Sequence[Any]) -> tuple[list[Any], list[list[Any]]]:
        values, d = self._all(box), self._d
        return values[:d], [values[d + d * k : 2 * d + d * k] for k in range(d)]

    def loss_hessians(self, box: Sequence[Any]) -> list[list[list[Any]]]:
        if self._hessians is None:
            second = [loss.diff(a).diff(b) for loss in self._losses for a in self._symbols for b in self._symbols]
            self._hessians = Program(second, self._symbols)
        values, d = self._hessians(box), self._d
        return [[values[(i * d + k) * d : (i * d + k + 1) * d] for k in range(d)] for i in range(len(self._losses))]

    def jacobian_slopes(self, box: Sequence[Any]) -> list[list[list[Any]]]:
        if self._slopes is None:
            self._slopes = Program([e.diff(symbol) for symbol in self._symbols for e in self._jacobian], self._symbols)
        values, d = self._slopes(box), self._d
        return [[values[(k * d + i) * d : (k * d + i + 1) * d] for i in range(d)] for k in range(d)]


class _Affine(IntervalGame):
    """xi(z) = J z + b, all entries the binary rationals that the floats are."""

    def __init__(self, game: Game) -> None:
        self.dims = game.dims
        d = sum(self.dims)
        origin = numpy.zeros(d)
        jacobian = numpy.asarray(to_host(game.jacobian(origin)), dtype=float)
        offset = numpy.asarray(to_host(game.simultaneous_gradient(origin)), dtype=float)
        hessians = numpy.asarray(to_host(game.loss_hessians(origin)), dtype=float)
        gradients = numpy.asarray(to_host(game.loss_gradients(origin)), dtype=float)
        self._jacobian = [[Fraction(float(v)) for v in row] for row in jacobian]
        self._offset = [Fraction(float(v)) for v in offset]
        self._hessians = [[[Fraction(float(v)) for v in row] for row in matrix] for matrix in hessians]
        slices = player_slices(self.dims)
        own = [hessians[i][block] for i, block in enumerate(slices)]
        # Batches of games have other shapes.
        if jacobian.shape != (d, d) or not numpy.array_equal(numpy.concatenate(own), jacobian):
            raise ValueError(
                f"`game` must have J = [Hess L_i] of one game, without rounding, to be certified, got shape "
                f"{jacobian.shape}."
            )
        if not all(
            numpy.array_equal(rows[:, block], rows[:, block].T) for rows, block in zip(own, slices, strict=True)
        ):
            raise ValueError("`game` must have symmetric own Hessians, without rounding, to be certified.")
        self.leaders = (False, False)
        if len(slices) == 2:
            first, second = (
                bool(numpy.all(hessians[0][b] == -hessians[1][b]) and numpy.all(gradients[0][b] == -gradients[1][b]))
                for b in slices
            )
            self.leaders = (second, first)

    def field(self, box: Sequence[Any]) -> list[Any]:
        return [
            sum((ball_of(v) * x for v, x in zip(row, box, strict=True)), ball_of(b))
            for row, b in zip(self._jacobian, self._offset, strict=True)
        ]

    def field_and_jacobian(self, box: Sequence[Any]) -> tuple[list[Any], list[list[Any]]]:
        return self.field(box), [[ball_of(v) for v in row] for row in self._jacobian]

    def loss_hessians(self, box: Sequence[Any]) -> list[list[list[Any]]]:
        return [[[ball_of(v) for v in row] for row in matrix] for matrix in self._hessians]

    def jacobian_slopes(self, box: Sequence[Any]) -> list[list[list[Any]]]:
        d = len(self._jacobian)
        return [[[ball_of(Fraction(0))] * d for _ in range(d)] for _ in range(d)]


class _Scaled(IntervalGame):
    """tau_i L_i."""

    def __init__(self, inner: IntervalGame, factors: Sequence[float]) -> None:
        self.dims = inner.dims
        self._inner = inner
        self._factors = [Fraction(float(factor)) for factor in factors]
        self._weights = [f for f, size in zip(self._factors, self.dims, strict=True) for _ in range(size)]
        self.leaders = inner.leaders if len(set(self._factors)) == 1 else (False, False)

    def field(self, box: Sequence[Any]) -> list[Any]:
        return [ball_of(w) * value for w, value in zip(self._weights, self._inner.field(box), strict=True)]

    def field_and_jacobian(self, box: Sequence[Any]) -> tuple[list[Any], list[list[Any]]]:
        field, rows = self._inner.field_and_jacobian(box)
        weights = [ball_of(w) for w in self._weights]
        scaled = [[w * v for v in row] for w, row in zip(weights, rows, strict=True)]
        return [w * v for w, v in zip(weights, field, strict=True)], scaled

    def loss_hessians(self, box: Sequence[Any]) -> list[list[list[Any]]]:
        matrices = self._inner.loss_hessians(box)
        return [[[ball_of(f) * v for v in row] for row in m] for f, m in zip(self._factors, matrices, strict=True)]

    def jacobian_slopes(self, box: Sequence[Any]) -> list[list[list[Any]]]:
        weights = [ball_of(w) for w in self._weights]
        matrices = self._inner.jacobian_slopes(box)
        return [[[w * v for v in row] for w, row in zip(weights, matrix, strict=True)] for matrix in matrices]


def _exact_losses(game: SymbolicGame) -> list[Any]:
    """The losses with every float replaced by the rational that it is: SymPy rounds products of floats."""
    zero = game.symbols[0] - game.symbols[0]
    exact = []
    for loss in game.expressions:
        floats = [node for node in _nodes(loss) if type(node).__name__ == "Float"]
        values = {node: _as_rational(float_as_fraction(node), zero) for node in floats}
        exact.append(loss.xreplace(values) if values else loss)
    return exact


def _with_consensus(game: ConsensusRegularized) -> list[Any]:
    """L_i + (gamma / 2) |xi|^2 as expressions."""
    inner = game.game
    losses = _exact_losses(inner)  # type: ignore[arg-type]
    symbols, dims = inner.symbols, inner.dims  # type: ignore[attr-defined]
    owners = [i for i, size in enumerate(dims) for _ in range(size)]
    half = _as_rational(Fraction(float(game.gamma)) / 2, symbols[0] - symbols[0])
    size = sum(losses[owner].diff(symbol) ** 2 for owner, symbol in zip(owners, symbols, strict=True))
    return [loss + half * size for loss in losses]


def _as_rational(value: Fraction, zero: Any) -> Any:
    """A SymPy rational, by arithmetic with SymPy's 0."""
    return (zero + value.numerator) / (zero + value.denominator)


def _nodes(expression: Any) -> list[Any]:
    found = [expression]
    for part in expression.args:
        found.extend(_nodes(part))
    return found
