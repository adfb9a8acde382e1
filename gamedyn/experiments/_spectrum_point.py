"""The second order of a game at one point: eigenvalues of J, ends of the own Hessians, rotation, size of the field."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.games import Game, player_slices
from gamedyn.models import own_hessian_extremes
from gamedyn.numerics import ArnoldiResult, arnoldi_eigenvalues

__all__ = ["OwnHessianEnds", "SpectrumPoint", "extreme_eigenvalues", "spectrum_point"]

_PROBES = 16
_ARNOLDI: dict[str, Any] = {"k": 6, "steps": 40, "restarts": 12, "tolerance": 1e-8}
_LANCZOS_STEPS = 100


@dataclass(frozen=True)
class OwnHessianEnds:
    """The least and the greatest eigenvalue of one player's own Hessian, as Rayleigh quotients.

    Parameters
    ----------
    smallest, largest : float
        The least eigenvalue is `smallest` at most, the greatest `largest` at least.
    smallest_residual, largest_residual : float
        |H v - value v| for their unit vectors v: some eigenvalue is that near.
    """

    smallest: float
    largest: float
    smallest_residual: float
    largest_residual: float

    @property
    def is_indefinite(self) -> bool:
        """Whether both signs occur beyond the residuals: no minimum and no maximum of the player's loss."""
        return self.smallest < -self.smallest_residual and self.largest > self.largest_residual


@dataclass(frozen=True)
class SpectrumPoint:
    """A game around one point of a path.

    Parameters
    ----------
    step : int
    eigenvalues : complex NumPy array, shape (m,)
        Of J = D xi, sorted by real part: all d of them, or of a large game those of least and greatest real part and of
        greatest modulus that were found.
    eigenvalue_residuals : NumPy array, shape (m,), or None
        |J v - lambda v| for unit vectors v; None where all were computed from the matrix.
    own : tuple of OwnHessianEnds
        One for each player.
    gradient_norms : tuple of float
        Of each player's own gradient.
    residual : float
        max_i |xi_i| / (|J_i| (1 + |z|)), without units, as `equilibria.classify` judges it.
    rotation : float
        |A|^2 / |J|^2, Frobenius norms, A the antisymmetric part of J: 0 for a potential, 1 for a Hamiltonian game; nan
        where J = 0.
    rotation_error : float
        Its standard error; 0 where it comes from the matrix.
    """

    step: int
    eigenvalues: Any
    eigenvalue_residuals: Any
    own: tuple[OwnHessianEnds, ...]
    gradient_norms: tuple[float, ...]
    residual: float
    rotation: float
    rotation_error: float

    @property
    def curvature_deficits(self) -> tuple[float, ...]:
        """max(0, -least eigenvalue of D_i^2 L_i) of each player, as `equilibria.differential_nash_gap` measures it.

        With the gradient norms, how much of gradient and curvature the point lacks for a differential Nash equilibrium.
        """
        return tuple(max(0.0, -ends.smallest) for ends in self.own)

    @property
    def smallest_real(self) -> float:
        """The least real part of those found; negative where the flow leaves."""
        return float(self.eigenvalues.real.min())

    @property
    def largest_imaginary(self) -> float:
        """The greatest imaginary part of those found, of a turn; 0 where none turns."""
        return float(self.eigenvalues.imag.max())

    @property
    def largest_modulus(self) -> float:
        """The spectral radius of J."""
        return float(numpy.abs(self.eigenvalues).max())


def spectrum_point(game: Game, z: Array, step: int, largest_dense: int, rng: numpy.random.Generator) -> SpectrumPoint:
    """Judge one point; the matrix is formed up to `largest_dense` coordinates.

    Parameters
    ----------
    game : Game
    z : array, shape (d,)
    step : int
    largest_dense : int
    rng : Generator
        For random vectors in larger games.
    """
    xi, blocks = numpy.asarray(to_host(game.simultaneous_gradient(z))), player_slices(game.dims)
    norms = tuple(float(numpy.linalg.norm(xi[block])) for block in blocks)
    judge = _from_matrix if z.shape[0] <= largest_dense else _from_products
    values, residuals, own, sizes, rotation, error = judge(game, z, blocks, rng)
    scale = 1 + float(numpy.linalg.norm(to_host(z)))
    shares = [0.0 if norm == 0 else norm / size if size else math.inf for norm, size in zip(norms, sizes, strict=True)]
    return SpectrumPoint(step, values, residuals, own, norms, max(shares) / scale, rotation, error)


_Judged = tuple[Any, Any, tuple[OwnHessianEnds, ...], list[float], float, float]


def _from_matrix(game: Game, z: Array, blocks: tuple[slice, ...], rng: numpy.random.Generator) -> _Judged:
    jacobian = numpy.asarray(to_host(game.jacobian(z)))
    values = numpy.sort_complex(numpy.linalg.eigvals(jacobian).astype(complex))
    own = tuple(_ends_of(jacobian[block, block]) for block in blocks)
    sizes = [float(numpy.linalg.norm(jacobian[block])) for block in blocks]
    total = float(numpy.sum(jacobian**2))
    turned = float(numpy.sum((jacobian - jacobian.T) ** 2)) / 4
    return values, None, own, sizes, turned / total if total else math.nan, 0.0


def _ends_of(hessian: numpy.ndarray) -> OwnHessianEnds:
    values, vectors = numpy.linalg.eigh(hessian)
    # eigh reads one triangle: what is not symmetric shows here.
    errors = [float(numpy.linalg.norm(hessian @ vectors[:, k] - values[k] * vectors[:, k])) for k in (0, -1)]
    return OwnHessianEnds(float(values[0]), float(values[-1]), *errors)


def _from_products(game: Game, z: Array, blocks: tuple[slice, ...], rng: numpy.random.Generator) -> _Judged:
    linearize = getattr(game, "linearize", None)
    at_home: Callable[[Array], Array] = (lambda v: game.jvp(z, v)) if linearize is None else linearize(z)
    xp, options = array_namespace(z), {"dtype": z.dtype, "device": device_of(z)}

    def product(v: numpy.ndarray) -> numpy.ndarray:
        return numpy.asarray(to_host(at_home(to_device(v, xp, **options))))

    start = rng.standard_normal(z.shape[0])
    values, residuals = extreme_eigenvalues(product, start)
    own = []
    for player in range(len(blocks)):
        ends = own_hessian_extremes(game, z, player, steps=_LANCZOS_STEPS, rng=rng)
        own.append(OwnHessianEnds(ends.smallest, ends.largest, ends.smallest_residual, ends.largest_residual))
    probes = rng.standard_normal((_PROBES, z.shape[0]))
    once = numpy.stack([product(v) for v in probes])
    twice = numpy.stack([product(v) for v in once])
    sizes = [float(numpy.sqrt(numpy.mean(numpy.sum(once[:, block] ** 2, axis=-1)))) for block in blocks]
    rotation, error = _rotation(numpy.sum(once**2, axis=-1), numpy.sum(probes * twice, axis=-1))
    return values, residuals, tuple(own), sizes, rotation, error


def extreme_eigenvalues(product: Callable[[Any], Any], start: Any) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Eigenvalues of least and greatest real part and of greatest modulus, and their residuals |J v - lambda v|.

    Parameters
    ----------
    product : callable
        v -> J v.
    start : array, shape (d,)
        A vector with parts along all eigenvectors.

    Returns
    -------
    values, residuals : arrays, shape (m,)
        Each eigenvalue once, sorted by real part; on the host.
    """
    return _joined([arnoldi_eigenvalues(product, start, which=which, **_ARNOLDI) for which in ("SR", "LR", "LM")])


def _joined(found: list[ArnoldiResult]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The eigenvalues of all ends, each once."""
    values = numpy.concatenate([end.values for end in found])
    residuals = numpy.concatenate([end.residuals for end in found])
    order = numpy.lexsort((values.imag, values.real))
    values, residuals = values[order], residuals[order]
    kept: list[int] = []
    for k in range(len(values)):
        # The same one may have been found at several ends, and nearly the same ones need not be neighbours here.
        if all(abs(values[k] - values[j]) > residuals[k] + residuals[j] + 1e-9 * abs(values[k]) for j in kept):
            kept.append(k)
    return values[kept], residuals[kept]


def _rotation(squares: numpy.ndarray, traces: numpy.ndarray) -> tuple[float, float]:
    """(1 - tr J^2 / |J|^2) / 2 from v J J v and |J v|^2 for standard normal v, and its standard error."""
    size = float(squares.mean())
    if size == 0:
        return math.nan, math.nan
    ratio = float(traces.mean()) / size
    spread = float(numpy.std(traces - ratio * squares, ddof=1)) / size
    return (1 - ratio) / 2, spread / 2 / math.sqrt(len(squares))
