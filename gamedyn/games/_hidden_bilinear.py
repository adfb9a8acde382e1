"""Hidden bilinear games: a bilinear game played through sigmoids."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, array_namespace, device_of, like
from gamedyn.games._base import Game, player_slices
from gamedyn.games._bilinear import Bilinear
from gamedyn.numerics import sigmoid

__all__ = ["HiddenBilinear"]


class HiddenBilinear(Game):
    """f = p^T A q + b^T p + c^T q with p = sigmoid(theta), q = sigmoid(phi); z = (theta, phi), losses (f, -f).

    The players move theta and phi in R^d, and the outputs p and q, probabilities, play the bilinear game. For one
    coordinate each, A = a, with the equilibrium p* = -c/a, q* = -b/a, the flow keeps G(theta) + H(phi) with
    G'(theta) = (p - p*)/p' and H'(phi) = (q - q*)/q': it circles.

    Parameters
    ----------
    matrix : array_like, shape (m, k)
        A.
    x_linear : array_like, shape (m,), optional
        b.
    y_linear : array_like, shape (k,), optional
        c.

    References
    ----------
    Vlatakis-Gkaragkounis, Flokas and Piliouras (2019), Poincare recurrence, cycles and spurious equilibria in
    gradient-descent-ascent for non-convex non-concave zero-sum games.

    Examples
    --------
    Matching pennies: f = (2 p - 1)(2 q - 1), less 1, at rest where both toss a fair coin.

    >>> import numpy
    >>> game = HiddenBilinear([[4.0]], [-2.0], [-2.0])
    >>> game.jacobian(numpy.zeros(2)).tolist()
    [[0.0, 0.25], [-0.25, 0.0]]
    """

    def __init__(self, matrix: Any, x_linear: Any = None, y_linear: Any = None) -> None:
        self.bilinear = Bilinear(matrix, x_linear, y_linear)
        self.dims = self.bilinear.dims

    def __repr__(self) -> str:
        return f"HiddenBilinear(dims={self.dims})"

    def losses(self, z: Array) -> Array:
        """(f, -f)."""
        return self.bilinear.losses(sigmoid(z))

    def loss_gradients(self, z: Array) -> Array:
        """Rows: the bilinear game's, times p'."""
        p, slope, _ = _sigmoid_derivatives(z)
        return self.bilinear.loss_gradients(p) * slope[..., None, :]

    def simultaneous_gradient(self, z: Array) -> Array:
        """The bilinear game's, times p'."""
        p, slope, _ = _sigmoid_derivatives(z)
        return self.bilinear.simultaneous_gradient(p) * slope

    def player_gradient(self, z: Array, player: int) -> Array:
        """The bilinear game's, times p'."""
        p, slope, _ = _sigmoid_derivatives(z)
        return self.bilinear.player_gradient(p, player) * slope[..., player_slices(self.dims)[player]]

    def jvp(self, z: Array, v: Array) -> Array:
        """p' J (p' v) + xi p'' v."""
        p, slope, curvature = _sigmoid_derivatives(z)
        return slope * self.bilinear.jvp(p, slope * v) + self.bilinear.simultaneous_gradient(p) * curvature * v

    def vjp(self, z: Array, u: Array) -> Array:
        """p' J^T (p' u) + xi p'' u."""
        p, slope, curvature = _sigmoid_derivatives(z)
        return slope * self.bilinear.vjp(p, slope * u) + self.bilinear.simultaneous_gradient(p) * curvature * u

    def own_hvp(self, z: Array, v: Array) -> Array:
        """xi p'' v: the bilinear game has no curvature of its own."""
        p, _, curvature = _sigmoid_derivatives(z)
        return self.bilinear.simultaneous_gradient(p) * curvature * v

    def loss_hessians(self, z: Array) -> Array:
        """diag(p') Q_i diag(p') + diag(p'' grad L_i), Q_i the bilinear game's."""
        xp = array_namespace(z)
        p, slope, curvature = _sigmoid_derivatives(z)
        scaled = slope[..., None, :, None] * self.bilinear.loss_hessians(p) * slope[..., None, None, :]
        diagonal = self.bilinear.loss_gradients(p) * curvature[..., None, :]
        return scaled + diagonal[..., None] * xp.eye(z.shape[-1], dtype=z.dtype, device=device_of(z))

    def invariant(self, z: Array, outputs: Any) -> Array:
        """(...,): sum of t + e^t - r (e^t - e^-t + 2 t) over coordinates t of z, constant along the flow.

        Parameters
        ----------
        z : array, shape (..., d)
        outputs : array_like, shape (d,)
            r = (p*, q*), an equilibrium of the bilinear game: A q* = -b and A^T p* = -c. Any size of game will do.

        Notes
        -----
        Each term has the derivative (sigmoid(t) - r) / sigmoid'(t), and is least at sigmoid(t) = r.
        """
        xp, r = array_namespace(z), like(outputs, z)
        up, down = xp.exp(z), xp.exp(-z)
        return xp.sum(z + up - r * (up - down + 2 * z), axis=-1)


def _sigmoid_derivatives(z: Array) -> tuple[Array, Array, Array]:
    """p = 1 / (1 + e^-z), p' = p (1 - p) and p'' = p' (1 - 2 p)."""
    p, rest = sigmoid(z), sigmoid(-z)
    return p, p * rest, p * rest * (rest - p)
