"""The Game protocol: players minimise their own losses over their own slices of one joint point z."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, TypeVar

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace, device_of, like, real_dtype
from gamedyn.games._domain import Domain, Reals

__all__ = [
    "Game",
    "StochasticGame",
    "check_finite",
    "check_game",
    "check_points",
    "named",
    "player_slices",
    "replace_block",
]


def player_slices(dims: tuple[int, ...]) -> tuple[slice, ...]:
    """The slice of z that each player owns.

    Parameters
    ----------
    dims : tuple of int
        Sizes (d_1, ..., d_n).

    Examples
    --------
    >>> player_slices((2, 1))
    (slice(0, 2, None), slice(2, 3, None))
    """
    ends = [sum(dims[: i + 1]) for i in range(len(dims))]
    return tuple(slice(end - size, end) for end, size in zip(ends, dims, strict=True))


def replace_block(z: Array, block: slice, values: Array) -> Array:
    """z with the entries z[..., block] replaced by `values`, as a new array.

    Parameters
    ----------
    z : array, shape (..., d)
    block : slice
        Of the last axis, with both ends given.
    values : array, shape (..., block.stop - block.start)
    """
    xp = array_namespace(z)
    return xp.concat([z[..., : block.start], values, z[..., block.stop :]], axis=-1)


class Game(ABC):
    """n players; player i minimises L_i(z) over its own block of z.

    z (..., d) is one vector with any leading batch axes; complex z is accepted, so that complex step works. A game
    gives `dims` and `losses`; derivatives default to complex step on them and are overridden by closed forms.
    `is_affine` says that xi(z) = J z + b with constant J and b: then linear rules need no steps. `name` is what `repr`
    shows of a game that a function of that name made.
    """

    dims: tuple[int, ...]
    domain: Domain = Reals()
    is_affine: bool = False
    name: str | None = None

    @abstractmethod
    def losses(self, z: Array) -> Array:
        """(..., n): every player's loss at z (..., d)."""

    def loss_gradients(self, z: Array) -> Array:
        """(..., n, d): row i is the gradient of L_i in all of z."""
        columns = _complex_step(self.losses, z, _basis(z))
        return _move_first_to_last(columns)

    def simultaneous_gradient(self, z: Array) -> Array:
        """(..., d): xi(z), each player's gradient of its own loss."""
        xp = array_namespace(z)
        gradients = self.loss_gradients(z)
        return xp.concat([gradients[..., i, block] for i, block in enumerate(player_slices(self.dims))], axis=-1)

    def player_gradient(self, z: Array, player: int) -> Array:
        """(..., d_i): xi's block of one player."""
        return self.simultaneous_gradient(z)[..., player_slices(self.dims)[player]]

    def jvp(self, z: Array, v: Array) -> Array:
        """J v with J = D xi; v may have extra leading axes."""
        return _complex_step(self.simultaneous_gradient, z, v)

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T u; u may have extra leading axes."""
        xp = array_namespace(z)
        return xp.sum(self.jacobian(z) * u[..., :, None], axis=-2)

    def own_hvp(self, z: Array, v: Array) -> Array:
        """H_d v, H_d the block-diagonal part of J: each player's own Hessian times its own block of v."""
        xp = array_namespace(z)
        blocks = []
        for block in player_slices(self.dims):
            alone = replace_block(xp.zeros_like(v), block, v[..., block])
            blocks.append(self.jvp(z, alone)[..., block])
        return xp.concat(blocks, axis=-1)

    def cross_jvp(self, z: Array, v: Array) -> Array:
        """H_o v, H_o = J - H_d."""
        return self.jvp(z, v) - self.own_hvp(z, v)

    def cross_vjp(self, z: Array, u: Array) -> Array:
        """H_o^T u; own Hessians are symmetric."""
        return self.vjp(z, u) - self.own_hvp(z, u)

    def jacobian(self, z: Array) -> Array:
        """(..., d, d): J = D xi, row i the gradient of xi_i."""
        return _move_first_to_last(self.jvp(z, _basis(z)))

    def own_hessian(self, z: Array, player: int) -> Array:
        """(..., d_i, d_i): second derivative of L_i in player i's own block."""
        block = player_slices(self.dims)[player]
        return self.jacobian(z)[..., block, block]

    def loss_hessians(self, z: Array) -> Array:
        """(..., n, d, d): the Hessian of every L_i in all of z, by differences of exact gradients unless overridden."""
        xp = array_namespace(z)
        # Complex step inside complex step is not exact; the cube root of the unit roundoff balances both errors.
        h = 6e-6 if real_dtype(z) == xp.float64 else 5e-3
        steps = h * _basis(z)
        difference = (self.loss_gradients(z + steps) - self.loss_gradients(z - steps)) / (2 * h)
        return _move_first_to_last(difference)

    def redraw(self) -> Game:
        """A game on a fresh sample; a deterministic game returns itself."""
        return self

    def full(self) -> Game:
        """The game on all data; a deterministic game returns itself."""
        return self


_G = TypeVar("_G", bound=Game)


class StochasticGame(ABC):
    """A game whose losses are expectations; `draw` freezes one minibatch."""

    dims: tuple[int, ...]

    @abstractmethod
    def draw(self, rng: Any) -> Game:
        """A deterministic, frozen game on one minibatch, with its own child seed for `redraw`."""

    @abstractmethod
    def full(self) -> Game:
        """The deterministic game on all data."""


def named(game: _G, name: str, **parameters: Any) -> _G:
    """The game, which is new, with the call that makes it as its name.

    Parameters
    ----------
    game : Game
    name : str
        The function.
    **parameters
        Its arguments.
    """
    game.name = f"{name}({', '.join(f'{key}={value!r}' for key, value in parameters.items())})"
    return game


def check_finite(name: str, values: Array) -> None:
    """Refuse infinite and nan entries.

    Parameters
    ----------
    name : str
        The argument, for the error.
    values : array

    Raises
    ------
    ValueError
    """
    xp = array_namespace(values)
    if not bool(xp.all(xp.isfinite(values))):
        raise ValueError(f"{name} must be finite, got infinite or nan entries.")


def check_game(game: Any) -> None:
    """Refuse what a wrapper cannot wrap.

    Parameters
    ----------
    game : object

    Raises
    ------
    TypeError
        If it is no Game; the message says how a class and a stochastic game become one.
    """
    if isinstance(game, Game):
        return
    if isinstance(game, type):
        raise TypeError(f"`game` must be a Game, got the class {game.__name__}. Call it to make one.")
    hint = " Wrap its draws with WrappedDraws." if isinstance(game, StochasticGame) else ""
    raise TypeError(f"`game` must be a Game, got {type(game).__name__}.{hint}")


def check_points(game: Game, z: Any) -> None:
    """Refuse points of another size than the game's, where indexing would read some of their coordinates only.

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)

    Raises
    ------
    ValueError
        Naming the game and both shapes.
    """
    shape = getattr(z, "shape", None)
    d = sum(game.dims)
    if shape is None or not shape or shape[-1] != d:
        given = describe(z) if shape is None else tuple(shape)
        raise ValueError(f"Points of {game!r} must be arrays of shape (..., {d}), got {given}.")


def _basis(z: Array) -> Array:
    """(d, 1, ..., 1, d): unit vectors along a new first axis, to broadcast against z."""
    xp = array_namespace(z)
    d = z.shape[-1]
    identity = xp.eye(d, dtype=real_dtype(z), device=device_of(z))
    return xp.reshape(identity, (d,) + (1,) * (z.ndim - 1) + (d,))


def _move_first_to_last(columns: Array) -> Array:
    xp = array_namespace(columns)
    return xp.moveaxis(columns, 0, -1)


def _complex_step(function: Any, z: Array, v: Array) -> Array:
    """Directional derivative Im f(z + i h v) / h, exact to rounding for analytic f; at complex z by differences."""
    xp = array_namespace(z)
    if xp.isdtype(z.dtype, "complex floating"):
        h = 6e-6 if real_dtype(z) == xp.float64 else 5e-3
        return (function(z + h * v) - function(z - h * v)) / (2 * h)
    # h so small that h^2 vanishes against 1 in float32 and float64 alike.
    h = 1e-20
    shape = xp.broadcast_arrays(z, v)[0].shape
    point = xp.broadcast_to(z, shape)
    return xp.imag(function(point + like(1j * h, z) * v)) / h
