"""Aggregative games: one number per player, and losses of one's own number and of the sum of all."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace, like
from gamedyn.games._base import Game, check_points
from gamedyn.games._box import Box

__all__ = ["AggregativeGame", "KellyAuction", "PublicGoods", "TullockContest"]


class AggregativeGame(Game):
    """L_i(z) = c_i z_i - u_i(w_i, W), W = sum_j w_j: each player pays for its number and meets the others in a sum.

    w_i is z_i, unless a game transforms it. Subclasses give u and its slopes; the gradient follows from them:
    d u_i / d w_j = (d_1 u_i) [i = j] + d_2 u_i. What a unit costs stays apart, so that the gradient is right at z_i = 0
    too, where the transform may have no slope.
    """

    def __init__(self, costs: Sequence[float]) -> None:
        self._unit_costs = tuple(costs)
        self.dims = (1,) * len(self._unit_costs)
        self.domain = Box(0.0, numpy.inf)

    @abstractmethod
    def _worth(self, w: Array, total: Array) -> Array:
        """(..., n): u_i(w_i, W); total is (..., 1)."""

    @abstractmethod
    def _slopes(self, w: Array, total: Array) -> tuple[Array, Array]:
        """(d_1 u_i, d_2 u_i), each (..., n)."""

    def _weights(self, z: Array) -> tuple[Array, Array]:
        """(w, dw/dz), each (..., n)."""
        xp = array_namespace(z)
        return z, xp.ones_like(z)

    def losses(self, z: Array) -> Array:
        """c_i z_i - u_i(w_i, W)."""
        check_points(self, z)
        xp = array_namespace(z)
        w, _ = self._weights(z)
        return like(self._unit_costs, z) * z - self._worth(w, xp.sum(w, axis=-1, keepdims=True))

    def loss_gradients(self, z: Array) -> Array:
        """Row i: -d_2 u_i dw_j/dz_j, and c_i - d_1 u_i dw_i/dz_i more at j = i."""
        check_points(self, z)
        xp = array_namespace(z)
        w, rate = self._weights(z)
        own, common = self._slopes(w, xp.sum(w, axis=-1, keepdims=True))
        eye, costs = like(numpy.eye(len(self.dims)), z), like(self._unit_costs, z)
        return costs[:, None] * eye - (own[..., :, None] * eye + common[..., :, None]) * rate[..., None, :]

    def simultaneous_gradient(self, z: Array) -> Array:
        """c_i - (d_1 u_i + d_2 u_i) dw_i/dz_i."""
        check_points(self, z)
        xp = array_namespace(z)
        w, rate = self._weights(z)
        own, common = self._slopes(w, xp.sum(w, axis=-1, keepdims=True))
        return like(self._unit_costs, z) - (own + common) * rate


class TullockContest(AggregativeGame):
    """n contestants spend z_i >= 0 on a prize V won with probability z_i^r / sum_j z_j^r: L_i = c_i z_i - V z_i^r / W.

    Equal costs c and r <= n / (n - 1): the one symmetric equilibrium is z = r V (n - 1) / (n^2 c). For r = 1 and two
    players, z_i = V c_j / (c_0 + c_1)^2. At z = 0 nobody's chance is defined: losses are nan there.

    Parameters
    ----------
    costs : sequence of n floats
        c_i > 0 of one unit of effort.
    prize, exponent : float
        V > 0 and r > 0.

    References
    ----------
    Tullock (1980), Efficient rent seeking.

    Examples
    --------
    >>> import numpy
    >>> TullockContest((1.0, 1.0), prize=4.0).simultaneous_gradient(numpy.array([1.0, 1.0])).tolist()
    [0.0, 0.0]
    """

    def __init__(self, costs: Sequence[float] = (1.0, 1.0), *, prize: float = 1.0, exponent: float = 1.0) -> None:
        self.costs = _positive("costs", costs)
        check_positive("prize", prize)
        check_positive("exponent", exponent)
        self.prize, self.exponent = prize, exponent
        super().__init__(self.costs)

    def __repr__(self) -> str:
        return f"TullockContest({list(self.costs)}, prize={self.prize!r}, exponent={self.exponent!r})"

    def _weights(self, z: Array) -> tuple[Array, Array]:
        return z**self.exponent, self.exponent * z ** (self.exponent - 1)

    def _worth(self, w: Array, total: Array) -> Array:
        return self.prize * w / total

    def _slopes(self, w: Array, total: Array) -> tuple[Array, Array]:
        each = self.prize / total
        return each + array_namespace(w).zeros_like(w), -each * (w / total)


class KellyAuction(AggregativeGame):
    """n bidders pay z_i >= 0 for shares of Q units, z_i / (Z + sum_j z_j) each: L_i = z_i - G_i Q z_i / (Z + W).

    Z is a reserve: what it takes is not sold. The game is monotone with one equilibrium, where the bidders who bid have
    G_i Q (Z + W - z_i) = (Z + W)^2.

    Parameters
    ----------
    gains : sequence of n floats
        G_i > 0, what one unit is worth to bidder i.
    quantity, reserve : float
        Q > 0 and Z > 0.

    References
    ----------
    Kelly, Maulloo, Tan (1998), Rate control for communication networks: shadow prices, proportional fairness and
    stability.

    Examples
    --------
    One bidder: G Q Z = (Z + z)^2, so that G Q = 400 and Z = 100 give z = 100.

    >>> import numpy
    >>> KellyAuction((2.0,), quantity=200.0, reserve=100.0).simultaneous_gradient(numpy.array([100.0])).tolist()
    [0.0]
    """

    def __init__(
        self, gains: Sequence[float] = (1.8, 2.0, 2.2, 2.4), *, quantity: float = 1000.0, reserve: float = 100.0
    ) -> None:
        self.gains = _positive("gains", gains)
        check_positive("quantity", quantity)
        check_positive("reserve", reserve)
        self.quantity, self.reserve = quantity, reserve
        super().__init__((1.0,) * len(self.gains))

    def __repr__(self) -> str:
        return f"KellyAuction({list(self.gains)}, quantity={self.quantity!r}, reserve={self.reserve!r})"

    def _worth(self, w: Array, total: Array) -> Array:
        return like(self.gains, w) * self.quantity * w / (self.reserve + total)

    def _slopes(self, w: Array, total: Array) -> tuple[Array, Array]:
        bids = self.reserve + total
        each = like(self.gains, w) * self.quantity / bids
        return each, -each * (w / bids)


class PublicGoods(AggregativeGame):
    """n players give z_i >= 0 to a common good worth a_i log(1 + W) to each: L_i = z_i - a_i log(1 + W).

    Only the player who values it most gives, W = max a - 1, and the others ride free; the sum that is best for all
    together is sum_j a_j - 1.

    Parameters
    ----------
    values : sequence of n floats
        a_i > 0.

    References
    ----------
    Bergstrom, Blume, Varian (1986), On the private provision of public goods.

    Examples
    --------
    >>> import numpy
    >>> PublicGoods((3.0, 2.0)).simultaneous_gradient(numpy.array([2.0, 0.0])).round(12).tolist()
    [0.0, 0.333333333333]
    """

    def __init__(self, values: Sequence[float] = (3.0, 2.0)) -> None:
        self.values = _positive("values", values)
        super().__init__((1.0,) * len(self.values))

    def __repr__(self) -> str:
        return f"PublicGoods({list(self.values)})"

    def _worth(self, w: Array, total: Array) -> Array:
        return like(self.values, w) * array_namespace(w).log(1 + total)

    def _slopes(self, w: Array, total: Array) -> tuple[Array, Array]:
        return array_namespace(w).zeros_like(w), like(self.values, w) / (1 + total)


def _positive(name: str, values: Sequence[float]) -> tuple[float, ...]:
    numbers = tuple(float(value) for value in values)
    if not numbers:
        raise ValueError(f"`{name}` must hold one number for each player, got none.")
    for number in numbers:
        check_positive(name, number)
    return numbers
