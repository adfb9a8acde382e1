"""differential_nash_gap: how much of gradient and of curvature keeps a point from being a Nash equilibrium."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, as_generator, device_of, to_device, to_host
from gamedyn.equilibria._faces import find_face, holds_constraints
from gamedyn.equilibria._nash_gap_products import LocalProducts, view_products
from gamedyn.equilibria._point import as_game_and_points, norm_of, roundoff_of, row_norms
from gamedyn.equilibria._spectrum import DENSE_LIMIT
from gamedyn.games import Box, Game, StochasticGame, player_slices

__all__ = ["DifferentialNashGap", "differential_nash_gap"]

_TRUSTED = 0.5


@dataclass(frozen=True)
class DifferentialNashGap:
    """What `differential_nash_gap` found; tuples have one entry for each player.

    Parameters
    ----------
    gradient_norms : tuple of float
        |xi_i|, along the face where constraints hold, with the multipliers of the wrong sign.
    relative_gradients : tuple of float
        |xi_i| / (|J_i| (1 + |z|)), J_i the player's rows of J in Frobenius norm: without units.
    smallest_curvatures : tuple of float
        Smallest eigenvalues of D_i^2 L_i; infinite for a player who cannot move.
    curvature_errors : tuple of float
        Bounds on what rounding does to these; by products, |H v - lambda v|: some eigenvalue lies so near.
    newton_step : float
        |J^+ xi|; nan where products did not find it.
    newton_reduction : float
        |xi| after Newton's step over |xi| before it; nan where there is no step, or it leaves the domain.
    rank, dimension : int or None, int
        Of J; None by products, which do not tell.
    method : str
        "dense" or "products".
    """

    gradient_norms: tuple[float, ...]
    relative_gradients: tuple[float, ...]
    smallest_curvatures: tuple[float, ...]
    curvature_errors: tuple[float, ...]
    newton_step: float
    newton_reduction: float
    rank: int | None
    dimension: int
    method: str

    @property
    def curvature_deficits(self) -> tuple[float, ...]:
        """max(0, -smallest curvature) of each player, 0 within its rounding."""
        pairs = zip(self.smallest_curvatures, self.curvature_errors, strict=True)
        if self.method == "products":
            return tuple(max(0.0, -value) for value, _ in pairs)
        return tuple(-value if value < -error else 0.0 for value, error in pairs)

    @property
    def is_newton_trusted(self) -> bool:
        """Whether Newton's step at least halves |xi|, without which its length means nothing."""
        return self.newton_reduction <= _TRUSTED

    def document(self) -> dict[str, Any]:
        """Plain values for JSON; what is not finite becomes None."""
        plain = {name: _plain(value) for name, value in asdict(self).items()}
        return {
            **plain,
            "curvature_deficits": _plain(self.curvature_deficits),
            "is_newton_trusted": self.is_newton_trusted,
        }

    def __str__(self) -> str:
        """A line for each player, and one for Newton's step."""
        lines = ["gap to a differential Nash equilibrium"]
        for i, (gradient, relative, value, error, deficit) in enumerate(
            zip(
                self.gradient_norms,
                self.relative_gradients,
                self.smallest_curvatures,
                self.curvature_errors,
                self.curvature_deficits,
                strict=True,
            )
        ):
            curvature = f"{value:.4g}" + (f" ± {error:.1g}" if math.isfinite(error) else "")
            lines.append(
                f"  player {i}: |gradient| {gradient:.4g} (relative {relative:.2g}), smallest curvature {curvature}, "
                f"deficit {deficit:.4g}"
            )
        return "\n".join([*lines, f"  {self._newton()}"])

    def _newton(self) -> str:
        if math.isnan(self.newton_step):
            return "Newton's step was not found: J is singular, or too ill-conditioned for products"
        length = f"Newton's step has length {self.newton_step:.4g}"
        if math.isnan(self.newton_reduction):
            return f"{length} and leaves the domain: it tells of no rest point"
        after = f"{length} and leaves {self.newton_reduction:.2g} of |xi|"
        if self.is_newton_trusted:
            return f"{after}: to first order, a point of rest is that far away"
        return f"{after}: J changes too much on the way for its length to mean anything"


def differential_nash_gap(game: Game | StochasticGame, z: Any, *, steps: int = 80, rng: Any = 0) -> DifferentialNashGap:
    """How far z is from a differential Nash equilibrium: |xi_i|, max(0, -lambda_min(D_i^2 L_i)), and |J^+ xi|.

    The first two are a distance between games. Add a function P_i of its own block to each player's loss so that z
    meets the necessary conditions of a local Nash equilibrium, D_i (L_i + P_i) = 0 and D_i^2 (L_i + P_i) >= 0. Every
    such P_i has |D_i P_i| = |xi_i| and, by Weyl's inequality, |D_i^2 P_i| >= max(0, -lambda_min) in spectral norm;
    P_i(w) = eps_i |w - z_i|^2 / 2 - xi_i . (w - z_i) with eps_i = max(0, -lambda_min) attains both. For any larger
    eps_i the point is a differential Nash equilibrium of the changed game.

    The third is the distance, to first order, to the nearest point of rest of this game, of whatever kind. It means
    something where xi really falls along that step, which `is_newton_trusted` says; it does not where J is nearly
    singular or changes on the way, as in overparametrised networks.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    z : array_like, shape (d,)
        One point; it need not be stationary. Where constraints of a box or of simplices hold, all is meant along the
        face that it lies on.
    steps : int
        Products with each own Hessian at most, where d > 1000; three times as many for Newton's step.
    rng : None, int or numpy.random.Generator
        For the random vectors of games of more than 1000 coordinates; by default always the same ones.

    Returns
    -------
    DifferentialNashGap

    Raises
    ------
    TypeError
        If `game` is no game.
    ValueError
        If z is no single finite point of the game, derivatives there are not finite, or constraints hold of a domain
        whose faces are not known; in a game of more than 1000 coordinates only those of a Box are.

    Notes
    -----
    Host-only, O(d^3) up to d = 1000. Beyond, no matrix is formed: the smallest curvatures are Rayleigh quotients by
    Lanczos' method, so that deficits are lower bounds; Frobenius norms of J_i are estimated from 8 random products, and
    Newton's step by GMRES.

    Examples
    --------
    Players who pay -x^2 / 2 + 2 x y and -y^2 / 2 - 2 x y, both with curvature -1 of their own, rest at the origin only.

    >>> from gamedyn.games import Quadratic
    >>> import numpy
    >>> game = Quadratic.from_jacobian(numpy.array([[-1.0, 2.0], [-2.0, -1.0]]), (1, 1))
    >>> gap = differential_nash_gap(game, [1.0, 0.0])
    >>> gap.curvature_deficits, gap.gradient_norms
    ((1.0, 1.0), (1.0, 2.0))
    >>> round(gap.newton_step, 12), gap.is_newton_trusted
    (1.0, True)
    """
    full, point = as_game_and_points(game, z)
    if point.ndim != 1:
        raise ValueError(f"`z` must be one point of shape ({point.shape[-1]},), got {tuple(point.shape)}.")
    check_integer("steps", steps, minimum=1)
    held = bool(holds_constraints(full.domain, point[None, :])[0])
    if point.shape[-1] <= DENSE_LIMIT:
        return _dense(full, point, held)
    free = _free(full, point) if held else array_namespace(point).ones_like(point)
    return _by_products(full, point, view_products(full, point, steps, as_generator(rng), free), free)


def _free(game: Game, z: Array) -> Array:
    """1 at coordinates that may move both ways, 0 at those that a bound holds."""
    if not isinstance(game.domain, Box):
        raise ValueError(
            f"`z` must be off the borders of a domain that is no Box where d > {DENSE_LIMIT}, got {game.domain!r}."
        )
    xp = array_namespace(z)
    ones = xp.ones_like(z)
    both = [game.domain.tangent_projection(z, sign * ones) != 0 for sign in (1.0, -1.0)]
    return xp.astype(both[0] & both[1], z.dtype)


def _dense(game: Game, z: Array, held: bool) -> DifferentialNashGap:
    xi, jacobian = (to_host(each).astype(float) for each in (game.simultaneous_gradient(z), game.jacobian(z)))
    _check_finite(xi, jacobian)
    blocks, gradients = player_slices(game.dims), None
    basis = numpy.eye(len(xi))
    if held:
        face = find_face(game.domain, game.dims, z, xi)
        if face is None:
            raise ValueError(f"`z` must be off the borders of {game.domain!r}, whose faces are not known.")
        basis, gradients = face.basis, face.residuals.tolist()
        blocks, xi, jacobian = face.blocks, basis.T @ xi, basis.T @ jacobian @ basis
    if gradients is None:
        gradients = [norm_of(xi[b]) if b.stop > b.start else 0.0 for b in blocks]
    slopes = row_norms(jacobian[None], blocks)[0].tolist()
    curvatures = [_smallest(jacobian[b, b], roundoff_of(z)) for b in blocks]
    step, rank, reduction = numpy.zeros(len(xi)), 0, 0.0
    if len(xi):
        cutoff = len(xi) * roundoff_of(z)
        step, _, rank, _ = numpy.linalg.lstsq(jacobian, xi, rcond=cutoff)
        reduction = _reduction(game, z, basis @ step, xi, lambda xi: basis.T @ xi)
    return DifferentialNashGap(
        gradient_norms=tuple(gradients),
        relative_gradients=_relative(gradients, slopes, z),
        smallest_curvatures=tuple(value for value, _ in curvatures),
        curvature_errors=tuple(error for _, error in curvatures),
        newton_step=float(numpy.linalg.norm(step)),
        newton_reduction=reduction,
        rank=int(rank),
        dimension=len(xi),
        method="dense",
    )


def _by_products(game: Game, z: Array, local: LocalProducts, free: Array) -> DifferentialNashGap:
    mask = to_host(free).astype(float)
    # The steepest way down that stays inside: along the face, and off it where a multiplier has the wrong sign.
    down = to_host(game.domain.tangent_projection(z, -game.simultaneous_gradient(z))).astype(float)
    gradients = [norm_of(down[b]) if b.stop > b.start else 0.0 for b in player_slices(game.dims)]
    step = local.newton_step
    return DifferentialNashGap(
        gradient_norms=tuple(gradients),
        relative_gradients=_relative(gradients, local.slopes, z),
        smallest_curvatures=local.curvatures,
        curvature_errors=local.residuals,
        newton_step=math.nan if step is None else float(numpy.linalg.norm(step)),
        newton_reduction=math.nan if step is None else _reduction(game, z, step, local.xi, lambda xi: mask * xi),
        rank=None,
        dimension=int(mask.sum()),
        method="products",
    )


def _smallest(hessian: numpy.ndarray, roundoff: float) -> tuple[float, float]:
    """(smallest eigenvalue, bound on its rounding) of a player's block of J."""
    if not len(hessian):
        return math.inf, 0.0
    values = numpy.linalg.eigvalsh((hessian + hessian.T) / 2)
    return float(values[0]), len(hessian) * roundoff * float(numpy.max(numpy.abs(values)))


def _relative(gradients: list[float], slopes: Any, z: Array) -> tuple[float, ...]:
    scale = 1 + norm_of(to_host(z))
    pairs = zip(gradients, slopes, strict=True)
    return tuple(0.0 if size == 0 else size / slope / scale if slope > 0 else math.inf for size, slope in pairs)


def _reduction(
    game: Game, z: Array, step: numpy.ndarray, xi: numpy.ndarray, along: Callable[[numpy.ndarray], numpy.ndarray]
) -> float:
    """|xi| after the step over |xi| before, both along the face."""
    before = norm_of(xi)
    if before == 0:
        return 0.0
    xp = array_namespace(z)
    moved = z - to_device(step, xp, dtype=z.dtype, device=device_of(z))
    with numpy.errstate(over="ignore", invalid="ignore"):
        if not bool(game.domain.contains(moved)):
            return math.nan
        after = along(to_host(game.simultaneous_gradient(moved)).astype(float))
    return norm_of(after) / before if bool(numpy.all(numpy.isfinite(after))) else math.inf


def _check_finite(xi: numpy.ndarray, derivatives: numpy.ndarray) -> None:
    if not (numpy.all(numpy.isfinite(xi)) and numpy.all(numpy.isfinite(derivatives))):
        raise ValueError("`game` must have finite first and second derivatives at `z`, got infinite or NaN values.")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value if not isinstance(value, float) or math.isfinite(value) else None
